#ifdef CONVNET_ONEDNN
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include <string.h>

#include "internal.h"
#include <dnnl_debug.h>

#define TEXT(x) #x
#define VERSION_TEXT(major, minor, patch) TEXT(major) "." TEXT(minor) "." TEXT(patch)

const char *cdnn_header_version(void) {
    return VERSION_TEXT(DNNL_VERSION_MAJOR, DNNL_VERSION_MINOR, DNNL_VERSION_PATCH);
}

const char *cdnn_library_version(void) {
    static _Thread_local char text[32];
    const dnnl_version_t *version = dnnl_version();
    snprintf(text, sizeof text, "%d.%d.%d", version->major, version->minor, version->patch);
    return text;
}

bool cdnn_versions_match(void) { return dnnl_version()->major == DNNL_VERSION_MAJOR; }

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

// OpenMP's functions are looked up rather than linked: they are there exactly when the library uses them.
void cdnn_set_threads(int threads) {
    void (*set)(int) = (void (*)(int))dlsym(RTLD_DEFAULT, "omp_set_num_threads");
    if (set) set(threads);
}

struct team_work {
    void (*body)(void *, int, int);
    void *argument;
    int parts;
    int (*thread)(void);
    int (*team_size)(void);
};

// The team may be smaller than what was asked for.
static void run_parts(void *pointer) {
    const struct team_work *work = pointer;
    for (int part = work->thread(); part < work->parts; part += work->team_size())
        work->body(work->argument, part, work->parts);
}

void cdnn_parallel(int parts, void (*body)(void *, int, int), void *argument) {
    static void (*parallel)(void (*)(void *), void *, unsigned, unsigned);
    static int (*thread)(void);
    static int (*team_size)(void);
    static bool looked_up;
    if (!looked_up) {
        parallel = (void (*)(void (*)(void *), void *, unsigned, unsigned))dlsym(RTLD_DEFAULT, "GOMP_parallel");
        thread = (int (*)(void))dlsym(RTLD_DEFAULT, "omp_get_thread_num");
        team_size = (int (*)(void))dlsym(RTLD_DEFAULT, "omp_get_num_threads");
        __atomic_store_n(&looked_up, true, __ATOMIC_RELEASE);
    }
    if (parts > 1 && parallel && thread && team_size) {
        struct team_work work = {body, argument, parts, thread, team_size};
        parallel(run_parts, &work, (unsigned)parts, 0);
    } else {
        for (int part = 0; part < parts; part++) body(argument, part, parts);
    }
}
#endif
