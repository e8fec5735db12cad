#ifdef CONVNET_ONEDNN
#include "internal.h"

// oneDNN's own answers to questions for the layout of its vectors depend on version and flags: the primitive gets it here.
int cdnn_batch_norm(cdnn_context *context, const cdnn_layout *layout, float epsilon, bool scale_and_shift, bool relu,
                    cdnn_primitive **result) {
    struct blocking blocking;
    if (!get_blocking(description(layout), &blocking)) return dnnl_invalid_arguments;
    struct cdnn_draft draft = cdnn_draft_start(context);
    unsigned flags = dnnl_use_global_stats;
    if (scale_and_shift) flags |= dnnl_use_scale | dnnl_use_shift;
    if (relu) flags |= dnnl_fuse_norm_relu;
    const dnnl_status_t status = dnnl_batch_normalization_forward_primitive_desc_create(
        &draft.description, context->engine, forward_kind(false), description(layout), description(layout), epsilon,
        flags, draft.attributes);
    cdnn_primitive *primitive;
    int made = cdnn_draft_finish(&draft, status, &primitive);
    if (made != dnnl_success) return made;
    made = cdnn_layout_plain(cdnn_float32, 1, &blocking.sizes[1], &primitive->channels);
    if (made == dnnl_success) *result = primitive;
    else cdnn_primitive_destroy(primitive);
    return made;
}
#endif
