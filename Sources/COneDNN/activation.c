#ifdef CONVNET_ONEDNN
#include "internal.h"

dnnl_alg_kind_t cdnn_forward_algorithm(enum cdnn_activation activation) {
    switch (activation) {
        case cdnn_relu: return dnnl_eltwise_relu;
        case cdnn_tanh: return dnnl_eltwise_tanh;
        case cdnn_sigmoid: return dnnl_eltwise_logistic;
        default: return dnnl_alg_kind_undef;
    }
}

static dnnl_alg_kind_t backward_algorithm(enum cdnn_activation activation) {
    switch (activation) {
        case cdnn_relu: return dnnl_eltwise_relu_use_dst_for_bwd;
        case cdnn_tanh: return dnnl_eltwise_tanh_use_dst_for_bwd;
        case cdnn_sigmoid: return dnnl_eltwise_logistic_use_dst_for_bwd;
        default: return dnnl_alg_kind_undef;
    }
}

static int forward(cdnn_context *context, dnnl_alg_kind_t algorithm, const cdnn_layout *layout,
                   cdnn_primitive **result) {
    struct cdnn_draft draft = cdnn_draft_start(context, cdnn_no_activation);
    const dnnl_status_t status = dnnl_eltwise_forward_primitive_desc_create(
        &draft.description, context->engine, dnnl_forward_training, algorithm, description(layout),
        description(layout), 0, 0, draft.attributes);
    return cdnn_draft_finish(&draft, status, result);
}

int cdnn_activation_forward(cdnn_context *context, enum cdnn_activation activation, const cdnn_layout *layout,
                            cdnn_primitive **result) {
    return forward(context, cdnn_forward_algorithm(activation), layout, result);
}

int cdnn_activation_backward(cdnn_context *context, enum cdnn_activation activation, const cdnn_layout *layout,
                             cdnn_primitive **result) {
    const dnnl_alg_kind_t algorithm = backward_algorithm(activation);
    // A backward primitive is made from a forward one of the same algorithm, which may differ from the one that ran.
    cdnn_primitive *hint;
    const int made = forward(context, algorithm, layout, &hint);
    if (made != dnnl_success) return made;
    struct cdnn_draft draft = cdnn_draft_start(context, cdnn_no_activation);
    const dnnl_status_t status = dnnl_eltwise_backward_primitive_desc_create(
        &draft.description, context->engine, algorithm, description(layout), description(layout), description(layout),
        0, 0, hint->description, draft.attributes);
    cdnn_primitive_destroy(hint);
    return cdnn_draft_finish(&draft, status, result);
}
#endif
