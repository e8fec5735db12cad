#ifdef CONVNET_ONEDNN
#include "internal.h"

static unsigned flags(bool use_given_statistics, bool scale_and_shift, bool relu) {
    unsigned flags = dnnl_normalization_flags_none;
    if (use_given_statistics) flags |= dnnl_use_global_stats;
    if (scale_and_shift) flags |= dnnl_use_scale | dnnl_use_shift;
    if (relu) flags |= dnnl_fuse_norm_relu;
    return flags;
}

// Finishes a draft and gives the primitive the layout of its vectors. oneDNN's own answers to questions for them depend
// on version, direction and flags.
static int finish(struct cdnn_draft *draft, dnnl_status_t status, const cdnn_layout *source, cdnn_primitive **result) {
    struct blocking blocking;
    if (!get_blocking(description(source), &blocking) && status == dnnl_success) status = dnnl_invalid_arguments;
    cdnn_primitive *primitive;
    int made = cdnn_draft_finish(draft, status, &primitive);
    if (made != dnnl_success) return made;
    made = cdnn_layout_plain(cdnn_float32, 1, &blocking.sizes[1], &primitive->channels);
    if (made == dnnl_success) *result = primitive;
    else cdnn_primitive_destroy(primitive);
    return made;
}

int cdnn_batch_norm_forward(cdnn_context *context, const cdnn_layout *layout, float epsilon, bool training,
                            bool use_given_statistics, bool scale_and_shift, bool relu, cdnn_primitive **result) {
    struct cdnn_draft draft = cdnn_draft_start(context);
    const dnnl_status_t status = dnnl_batch_normalization_forward_primitive_desc_create(
        &draft.description, context->engine, forward_kind(training), description(layout), description(layout),
        epsilon, flags(use_given_statistics, scale_and_shift, relu), draft.attributes);
    return finish(&draft, status, layout, result);
}

int cdnn_batch_norm_backward(cdnn_context *context, const cdnn_layout *source, const cdnn_layout *output_gradient,
                             float epsilon, bool use_given_statistics, bool scale_and_shift, bool relu,
                             const cdnn_primitive *forward, cdnn_primitive **result) {
    struct cdnn_draft draft = cdnn_draft_start(context);
    const dnnl_status_t status = dnnl_batch_normalization_backward_primitive_desc_create(
        &draft.description, context->engine, scale_and_shift ? dnnl_backward : dnnl_backward_data,
        description(output_gradient), description(output_gradient), description(source), epsilon,
        flags(use_given_statistics, scale_and_shift, relu), forward->description, draft.attributes);
    return finish(&draft, status, source, result);
}
#endif
