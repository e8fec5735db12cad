#ifdef CONVNET_ONEDNN
#include <stdlib.h>

#include "internal.h"

void cdnn_primitive_destroy(cdnn_primitive *primitive) {
    for (int i = 0; i < primitive->argument_count; i++) dnnl_memory_destroy(primitive->arguments[i].memory);
    if (primitive->primitive) dnnl_primitive_destroy(primitive->primitive);
    if (primitive->description) dnnl_primitive_desc_destroy(primitive->description);
    if (primitive->channels) cdnn_layout_destroy(primitive->channels);
    free(primitive);
}

const char *cdnn_primitive_implementation(const cdnn_primitive *primitive) {
    const char *name = "unknown";
    dnnl_primitive_desc_query(primitive->description, dnnl_query_impl_info_str, 0, &name);
    return name;
}

// What oneDNN calls an array when it is passed in, and when its layout is asked for.
struct role {
    int argument;
    dnnl_query_t query;
    int index;
};

// The vectors with a number a channel are not asked for.
static struct role role_details(enum cdnn_role role) {
    switch (role) {
        case cdnn_source: return (struct role){DNNL_ARG_SRC, dnnl_query_src_md, 0};
        case cdnn_second_source: return (struct role){DNNL_ARG_SRC_1, dnnl_query_src_md, 1};
        case cdnn_weights: return (struct role){DNNL_ARG_WEIGHTS, dnnl_query_weights_md, 0};
        case cdnn_bias: return (struct role){DNNL_ARG_BIAS, dnnl_query_weights_md, 1};
        case cdnn_output: return (struct role){DNNL_ARG_DST, dnnl_query_dst_md, 0};
        case cdnn_source_gradient: return (struct role){DNNL_ARG_DIFF_SRC, dnnl_query_diff_src_md, 0};
        case cdnn_weights_gradient: return (struct role){DNNL_ARG_DIFF_WEIGHTS, dnnl_query_diff_weights_md, 0};
        case cdnn_output_gradient: return (struct role){DNNL_ARG_DIFF_DST, dnnl_query_diff_dst_md, 0};
        case cdnn_scale: return (struct role){DNNL_ARG_SCALE, dnnl_query_undef, 0};
        case cdnn_shift: return (struct role){DNNL_ARG_SHIFT, dnnl_query_undef, 0};
        case cdnn_mean: return (struct role){DNNL_ARG_MEAN, dnnl_query_undef, 0};
        case cdnn_variance: return (struct role){DNNL_ARG_VARIANCE, dnnl_query_undef, 0};
        case cdnn_workspace: return (struct role){DNNL_ARG_WORKSPACE, dnnl_query_workspace_md, 0};
        default: return (struct role){DNNL_ARG_SCRATCHPAD, dnnl_query_scratchpad_md, 0};
    }
}

// NULL where the primitive does not have such an array.
static const_dnnl_memory_desc_t array_description(const cdnn_primitive *primitive, enum cdnn_role role) {
    const struct role details = role_details(role);
    if (details.query == dnnl_query_undef) return primitive->channels ? description(primitive->channels) : NULL;
    const_dnnl_memory_desc_t found =
        dnnl_primitive_desc_query_md(primitive->description, details.query, details.index);
    return found && get_rank(found) > 0 ? found : NULL;
}

int cdnn_primitive_layout(const cdnn_primitive *primitive, enum cdnn_role role, cdnn_layout **result) {
    *result = NULL;
    const_dnnl_memory_desc_t found = array_description(primitive, role);
    return found ? cdnn_layout_copy(found, result) : dnnl_success;
}

int cdnn_primitive_bind(cdnn_primitive *primitive, enum cdnn_role role, void *memory) {
    const_dnnl_memory_desc_t found = array_description(primitive, role);
    if (!found || primitive->argument_count == cdnn_maximum_arguments) return dnnl_invalid_arguments;
    dnnl_exec_arg_t *argument = &primitive->arguments[primitive->argument_count];
    argument->arg = role_details(role).argument;
    const dnnl_status_t status = dnnl_memory_create(&argument->memory, found, primitive->context->engine, memory);
    if (status == dnnl_success) primitive->argument_count++;
    return status;
}

// Waits too: a library on SYCL has only put it into a queue. Where it has not, waiting costs nothing.
int cdnn_primitive_run(cdnn_primitive *primitive) {
    const dnnl_stream_t stream = primitive->context->stream;
    if (cdnn_team.set_meeting) cdnn_team.set_meeting(primitive->parts_meet);
    const dnnl_status_t status =
        dnnl_primitive_execute(primitive->primitive, stream, primitive->argument_count, primitive->arguments);
    if (cdnn_team.set_meeting) cdnn_team.set_meeting(false);
    return status == dnnl_success ? dnnl_stream_wait(stream) : status;
}
#endif
