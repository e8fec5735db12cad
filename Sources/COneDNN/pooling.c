#ifdef CONVNET_ONEDNN
#include "internal.h"

static const int64_t undilated[] = {0, 0};

static dnnl_alg_kind_t algorithm(enum cdnn_pooling pooling) {
    switch (pooling) {
        case cdnn_average_with_padding: return dnnl_pooling_avg_include_padding;
        case cdnn_average_without_padding: return dnnl_pooling_avg_exclude_padding;
        default: return dnnl_pooling_max;
    }
}

int cdnn_pooling_forward(cdnn_context *context, enum cdnn_pooling pooling, const cdnn_window_shape *shape,
                         const cdnn_layout *source, bool training, cdnn_primitive **result) {
    struct cdnn_draft draft = cdnn_draft_start(context);
    const dnnl_status_t status = dnnl_pooling_forward_primitive_desc_create(
        &draft.description, context->engine, forward_kind(training), algorithm(pooling), description(source),
        cdnn_draft_window_output(&draft, element_type(source), shape), shape->stride, shape->kernel, undilated, shape->padding_before,
        shape->padding_after, draft.attributes);
    return cdnn_draft_finish(&draft, status, result);
}

int cdnn_pooling_backward(cdnn_context *context, enum cdnn_pooling pooling, const cdnn_window_shape *shape,
                          const cdnn_layout *source, const cdnn_layout *output, const cdnn_primitive *forward,
                          cdnn_primitive **result) {
    struct cdnn_draft draft = cdnn_draft_start(context);
    const dnnl_status_t status = dnnl_pooling_backward_primitive_desc_create(
        &draft.description, context->engine, algorithm(pooling), description(source), description(output),
        shape->stride, shape->kernel, undilated, shape->padding_before, shape->padding_after, forward->description,
        draft.attributes);
    return cdnn_draft_finish(&draft, status, result);
}
#endif
