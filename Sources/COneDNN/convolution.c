#ifdef CONVNET_ONEDNN
#include "internal.h"

// oneDNN counts the pixels that dilation skips.
#define SKIPPED(shape) ((const int64_t[]){(shape)->dilation[0] - 1, (shape)->dilation[1] - 1})

static const_dnnl_memory_desc_t weights(struct cdnn_draft *draft, dnnl_data_type_t type,
                                        const cdnn_window_shape *shape) {
    const int64_t groups = shape->groups;
    const int64_t sizes[] = {groups, shape->output_channels / groups, shape->input_channels / groups, shape->kernel[0],
                             shape->kernel[1]};
    return groups > 1 ? cdnn_draft_layout(draft, type, 5, sizes) : cdnn_draft_layout(draft, type, 4, sizes + 1);
}

int cdnn_convolution_forward(cdnn_context *context, const cdnn_window_shape *shape, const cdnn_layout *source,
                             const cdnn_layout *output, bool bias, bool training, bool adds, cdnn_activation activation,
                             cdnn_primitive **result) {
    struct cdnn_draft draft = cdnn_draft_start(context);
    cdnn_draft_operations(&draft, adds, activation);
    const dnnl_status_t status = dnnl_convolution_forward_primitive_desc_create(
        &draft.description, context->engine, forward_kind(training), dnnl_convolution_direct, description(source),
        weights(&draft, element_type(source), shape), cdnn_draft_bias(&draft, bias, shape->output_channels),
        description(output), shape->stride, SKIPPED(shape), shape->padding_before,
        shape->padding_after, draft.attributes);
    return cdnn_draft_finish(&draft, status, result);
}

int cdnn_convolution_backward_data(cdnn_context *context, const cdnn_window_shape *shape,
                                   const cdnn_layout *source_gradient, const cdnn_layout *output_gradient,
                                   const cdnn_primitive *forward, cdnn_primitive **result) {
    struct cdnn_draft draft = cdnn_draft_start(context);
    const dnnl_status_t status = dnnl_convolution_backward_data_primitive_desc_create(
        &draft.description, context->engine, dnnl_convolution_direct, description(source_gradient),
        weights(&draft, element_type(source_gradient), shape), description(output_gradient), shape->stride, SKIPPED(shape), shape->padding_before,
        shape->padding_after, forward->description, draft.attributes);
    return cdnn_draft_finish(&draft, status, result);
}

int cdnn_convolution_backward_weights(cdnn_context *context, const cdnn_window_shape *shape, const cdnn_layout *source,
                                      const cdnn_layout *output_gradient, const cdnn_primitive *forward,
                                      cdnn_primitive **result) {
    struct cdnn_draft draft = cdnn_draft_start(context);
    const dnnl_status_t status = dnnl_convolution_backward_weights_primitive_desc_create(
        &draft.description, context->engine, dnnl_convolution_direct, description(source),
        weights(&draft, dnnl_f32, shape), NULL, description(output_gradient), shape->stride, SKIPPED(shape),
        shape->padding_before, shape->padding_after, forward->description, draft.attributes);
    return cdnn_draft_finish(&draft, status, result);
}
#endif
