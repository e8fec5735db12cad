#ifdef CONVNET_ONEDNN
#include "internal.h"

int cdnn_softmax_forward(cdnn_context *context, int axis, const cdnn_layout *layout, cdnn_primitive **result) {
    struct cdnn_draft draft = cdnn_draft_start(context);
    const dnnl_status_t status = dnnl_softmax_forward_primitive_desc_create(
        &draft.description, context->engine, dnnl_forward_training, dnnl_softmax_accurate, description(layout),
        description(layout), axis, draft.attributes);
    return cdnn_draft_finish(&draft, status, result);
}

int cdnn_softmax_backward(cdnn_context *context, int axis, const cdnn_layout *layout, cdnn_primitive **result) {
    cdnn_primitive *hint;
    const int made = cdnn_softmax_forward(context, axis, layout, &hint);
    if (made != dnnl_success) return made;
    struct cdnn_draft draft = cdnn_draft_start(context);
    const dnnl_status_t status = dnnl_softmax_backward_primitive_desc_create(
        &draft.description, context->engine, dnnl_softmax_accurate, description(layout), description(layout),
        description(layout), axis, hint->description, draft.attributes);
    cdnn_primitive_destroy(hint);
    return cdnn_draft_finish(&draft, status, result);
}
#endif
