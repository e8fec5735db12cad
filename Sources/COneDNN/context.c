#ifdef CONVNET_ONEDNN
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

const char *cdnn_library_version(void) {
    static _Thread_local char text[32];
    const dnnl_version_t *version = dnnl_version();
    snprintf(text, sizeof text, "%d.%d.%d", version->major, version->minor, version->patch);
    return text;
}

const char *cdnn_instruction_set(void) {
    static const char prefix[] = "cpu_isa_";
    const char *name = dnnl_cpu_isa2str(dnnl_get_effective_cpu_isa());
    return strncmp(name, prefix, sizeof prefix - 1) == 0 ? name + sizeof prefix - 1 : name;
}

bool cdnn_lacks_avx2(void) {
#ifdef __x86_64__
    return (dnnl_get_effective_cpu_isa() & dnnl_cpu_isa_avx2) != dnnl_cpu_isa_avx2;
#else
    return false;
#endif
}

bool cdnn_uses_avx512(void) {
#ifdef __x86_64__
    return (dnnl_get_effective_cpu_isa() & dnnl_cpu_isa_avx512_core) == dnnl_cpu_isa_avx512_core;
#else
    return false;
#endif
}

const char *cdnn_status_name(int status) {
    switch (status) {
        case dnnl_success: return "success";
        case dnnl_out_of_memory: return "out of memory";
        case dnnl_invalid_arguments: return "invalid arguments";
        case dnnl_unimplemented: return "not implemented for these sizes";
        case dnnl_runtime_error: return "run-time error";
        case dnnl_not_required: return "not required";
        default: return "unknown error";
    }
}

int cdnn_context_create(cdnn_context **result) {
    if (cdnn_load() != cdnn_loaded) return dnnl_runtime_error;
    cdnn_context *context = calloc(1, sizeof *context);
    if (!context) return dnnl_out_of_memory;
    dnnl_status_t status = dnnl_engine_create(&context->engine, dnnl_cpu, 0);
    if (status == dnnl_success)
        status = dnnl_stream_create(&context->stream, context->engine, dnnl_stream_default_flags);
    if (status != dnnl_success) {
        cdnn_context_destroy(context);
        return status;
    }
    *result = context;
    return dnnl_success;
}

void cdnn_context_destroy(cdnn_context *context) {
    if (context->stream) dnnl_stream_destroy(context->stream);
    if (context->engine) dnnl_engine_destroy(context->engine);
    free(context);
}

const char *cdnn_runtime(void) {
    switch (dnnl_version()->cpu_runtime) {
        case DNNL_RUNTIME_OMP: return "OpenMP";
        case DNNL_RUNTIME_TBB: return "TBB";
        case DNNL_RUNTIME_SYCL: return "SYCL";
        // A pool of threads would be ours to provide, and is not.
        default: return "one thread";
    }
}

int cdnn_thread_count(int wanted, int granted) {
    switch (dnnl_version()->cpu_runtime) {
        case DNNL_RUNTIME_OMP: return wanted;
        case DNNL_RUNTIME_TBB:
        case DNNL_RUNTIME_SYCL: return granted;
        default: return 1;
    }
}

int cdnn_set_threads(int threads) {
    cdnn_load();
    if (cdnn_team.set_size) cdnn_team.set_size(threads);
    return cdnn_team.start ? cdnn_team.start(threads) : threads;
}

bool cdnn_has_team(void) {
    cdnn_load();
    return cdnn_team.run && cdnn_team.thread && cdnn_team.size;
}

struct team_work {
    void (*body)(void *, int, int);
    void *argument;
    int parts;
};

// The team may be smaller than what was asked for.
static void run_parts(void *pointer) {
    const struct team_work *work = pointer;
    for (int part = cdnn_team.thread(); part < work->parts; part += cdnn_team.size())
        work->body(work->argument, part, work->parts);
}

void cdnn_parallel(int parts, void (*body)(void *, int, int), void *argument) {
    if (parts > 1 && cdnn_has_team()) {
        struct team_work work = {body, argument, parts};
        cdnn_team.run(run_parts, &work, (unsigned)parts, 0);
    } else {
        for (int part = 0; part < parts; part++) body(argument, part, parts);
    }
}
#endif
