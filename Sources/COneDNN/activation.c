#ifdef CONVNET_ONEDNN
#include "internal.h"

dnnl_alg_kind_t cdnn_activation_algorithm(enum cdnn_activation_kind kind) {
    switch (kind) {
        case cdnn_relu: return dnnl_eltwise_relu;
        case cdnn_tanh: return dnnl_eltwise_tanh;
        case cdnn_sigmoid: return dnnl_eltwise_logistic;
        case cdnn_elu: return dnnl_eltwise_elu;
        case cdnn_gelu_erf: return dnnl_eltwise_gelu_erf;
        case cdnn_gelu_tanh: return dnnl_eltwise_gelu_tanh;
        case cdnn_swish: return dnnl_eltwise_swish;
        case cdnn_clip: return dnnl_eltwise_clip_v2;
        case cdnn_hard_swish: return dnnl_eltwise_hardswish;
        default: return dnnl_alg_kind_undef;
    }
}

static dnnl_alg_kind_t algorithm_from_output(enum cdnn_activation_kind kind) {
    switch (kind) {
        case cdnn_relu: return dnnl_eltwise_relu_use_dst_for_bwd;
        case cdnn_tanh: return dnnl_eltwise_tanh_use_dst_for_bwd;
        case cdnn_sigmoid: return dnnl_eltwise_logistic_use_dst_for_bwd;
        case cdnn_elu: return dnnl_eltwise_elu_use_dst_for_bwd;
        case cdnn_clip: return dnnl_eltwise_clip_v2_use_dst_for_bwd;
        default: return dnnl_alg_kind_undef;
    }
}

static int forward(cdnn_context *context, dnnl_alg_kind_t algorithm, cdnn_activation activation,
                   const cdnn_layout *layout, cdnn_primitive **result) {
    struct cdnn_draft draft = cdnn_draft_start(context);
    const dnnl_status_t status = dnnl_eltwise_forward_primitive_desc_create(
        &draft.description, context->engine, dnnl_forward_training, algorithm, description(layout),
        description(layout), activation.alpha, activation.beta, draft.attributes);
    return cdnn_draft_finish(&draft, status, result);
}

int cdnn_activation_forward(cdnn_context *context, cdnn_activation activation, const cdnn_layout *layout,
                            cdnn_primitive **result) {
    return forward(context, cdnn_activation_algorithm(activation.kind), activation, layout, result);
}

int cdnn_activation_backward(cdnn_context *context, cdnn_activation activation, const cdnn_layout *layout,
                             bool from_output, cdnn_primitive **result) {
    const dnnl_alg_kind_t algorithm =
        from_output ? algorithm_from_output(activation.kind) : cdnn_activation_algorithm(activation.kind);
    // A backward primitive is made from a forward one of the same algorithm, which may differ from the one that ran.
    cdnn_primitive *hint;
    const int made = forward(context, algorithm, activation, layout, &hint);
    if (made != dnnl_success) return made;
    struct cdnn_draft draft = cdnn_draft_start(context);
    const dnnl_status_t status = dnnl_eltwise_backward_primitive_desc_create(
        &draft.description, context->engine, algorithm, description(layout), description(layout), description(layout),
        activation.alpha, activation.beta, hint->description, draft.attributes);
    cdnn_primitive_destroy(hint);
    return cdnn_draft_finish(&draft, status, result);
}
#endif
