#ifdef CONVNET_ONEDNN
#include "internal.h"

int cdnn_local_response_norm_forward(cdnn_context *context, cdnn_response_norm norm, const cdnn_layout *layout,
                                     bool training, cdnn_primitive **result) {
    struct cdnn_draft draft = cdnn_draft_start(context);
    const dnnl_status_t status = dnnl_lrn_forward_primitive_desc_create(
        &draft.description, context->engine, forward_kind(training), dnnl_lrn_across_channels, description(layout),
        description(layout), norm.size, norm.alpha, norm.beta, norm.k, draft.attributes);
    return cdnn_draft_finish(&draft, status, result);
}

int cdnn_local_response_norm_backward(cdnn_context *context, cdnn_response_norm norm, const cdnn_layout *layout,
                                      const cdnn_primitive *forward, cdnn_primitive **result) {
    struct cdnn_draft draft = cdnn_draft_start(context);
    const dnnl_status_t status = dnnl_lrn_backward_primitive_desc_create(
        &draft.description, context->engine, dnnl_lrn_across_channels, description(layout), description(layout),
        description(layout), norm.size, norm.alpha, norm.beta, norm.k, forward->description, draft.attributes);
    return cdnn_draft_finish(&draft, status, result);
}
#endif
