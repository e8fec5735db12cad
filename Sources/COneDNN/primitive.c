#ifdef CONVNET_ONEDNN
#include <stdlib.h>

#include "internal.h"

// MARK: - Making primitives

static dnnl_alg_kind_t forward_algorithm(enum cdnn_activation activation) {
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

// Compiles an operation's description. The scratchpad is the caller's, so that running allocates none.
static int make(cdnn_context *context, const_dnnl_op_desc_t operation, enum cdnn_activation activation,
                const cdnn_primitive *forward, cdnn_primitive **result) {
    cdnn_primitive *primitive = calloc(1, sizeof *primitive);
    if (!primitive) return dnnl_out_of_memory;
    primitive->context = context;
    dnnl_primitive_attr_t attributes = NULL;
    dnnl_post_ops_t after = NULL;
    dnnl_status_t status = dnnl_primitive_attr_create(&attributes);
    if (status == dnnl_success) status = dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user);
    if (status == dnnl_success && activation != cdnn_no_activation) {
        status = dnnl_post_ops_create(&after);
        if (status == dnnl_success)
            status = dnnl_post_ops_append_eltwise(after, 1, forward_algorithm(activation), 0, 0);
        if (status == dnnl_success) status = dnnl_primitive_attr_set_post_ops(attributes, after);
    }
    if (status == dnnl_success)
        status = dnnl_primitive_desc_create(&primitive->description, operation, attributes, context->engine,
                                            forward ? forward->description : NULL);
    if (status == dnnl_success) status = dnnl_primitive_create(&primitive->primitive, primitive->description);
    if (after) dnnl_post_ops_destroy(after);
    if (attributes) dnnl_primitive_attr_destroy(attributes);
    if (status != dnnl_success) {
        cdnn_primitive_destroy(primitive);
        return status;
    }
    *result = primitive;
    return dnnl_success;
}

static dnnl_memory_desc_t any_layout(int rank, const int64_t *sizes) {
    dnnl_memory_desc_t description;
    dnnl_memory_desc_init_by_tag(&description, rank, sizes, dnnl_f32, dnnl_format_tag_any);
    return description;
}

static dnnl_memory_desc_t output_layout(const cdnn_window_shape *shape) {
    const int64_t sizes[] = {shape->samples, shape->output_channels, shape->output_size[0], shape->output_size[1]};
    return any_layout(4, sizes);
}

static dnnl_memory_desc_t weights_layout(const cdnn_window_shape *shape) {
    const int64_t groups = shape->groups;
    const int64_t sizes[] = {groups, shape->output_channels / groups, shape->input_channels / groups, shape->kernel[0],
                             shape->kernel[1]};
    return groups > 1 ? any_layout(5, sizes) : any_layout(4, sizes + 1);
}

static dnnl_memory_desc_t bias_layout(int64_t count) {
    const int64_t sizes[] = {count};
    return any_layout(1, sizes);
}

// MARK: - Convolution

int cdnn_convolution_forward(cdnn_context *context, const cdnn_window_shape *shape, const cdnn_layout *source,
                             bool bias, bool training, enum cdnn_activation activation, cdnn_primitive **result) {
    const dnnl_memory_desc_t weights = weights_layout(shape), output = output_layout(shape);
    const dnnl_memory_desc_t biases = bias_layout(shape->output_channels);
    const int64_t dilation[] = {shape->dilation[0] - 1, shape->dilation[1] - 1};
    dnnl_convolution_desc_t operation;
    const dnnl_status_t status = dnnl_dilated_convolution_forward_desc_init(
        &operation, training ? dnnl_forward_training : dnnl_forward_inference, dnnl_convolution_direct,
        &source->description, &weights, bias ? &biases : NULL, &output, shape->stride, dilation, shape->padding_before,
        shape->padding_after);
    return status != dnnl_success ? status : make(context, &operation, activation, NULL, result);
}

int cdnn_convolution_backward_data(cdnn_context *context, const cdnn_window_shape *shape,
                                   const cdnn_layout *source_gradient, const cdnn_layout *output_gradient,
                                   const cdnn_primitive *forward, cdnn_primitive **result) {
    const dnnl_memory_desc_t weights = weights_layout(shape);
    const int64_t dilation[] = {shape->dilation[0] - 1, shape->dilation[1] - 1};
    dnnl_convolution_desc_t operation;
    const dnnl_status_t status = dnnl_dilated_convolution_backward_data_desc_init(
        &operation, dnnl_convolution_direct, &source_gradient->description, &weights, &output_gradient->description,
        shape->stride, dilation, shape->padding_before, shape->padding_after);
    return status != dnnl_success ? status : make(context, &operation, cdnn_no_activation, forward, result);
}

int cdnn_convolution_backward_weights(cdnn_context *context, const cdnn_window_shape *shape, const cdnn_layout *source,
                                      const cdnn_layout *output_gradient, bool bias, const cdnn_primitive *forward,
                                      cdnn_primitive **result) {
    const dnnl_memory_desc_t weights = weights_layout(shape), biases = bias_layout(shape->output_channels);
    const int64_t dilation[] = {shape->dilation[0] - 1, shape->dilation[1] - 1};
    dnnl_convolution_desc_t operation;
    const dnnl_status_t status = dnnl_dilated_convolution_backward_weights_desc_init(
        &operation, dnnl_convolution_direct, &source->description, &weights, bias ? &biases : NULL,
        &output_gradient->description, shape->stride, dilation, shape->padding_before, shape->padding_after);
    return status != dnnl_success ? status : make(context, &operation, cdnn_no_activation, forward, result);
}

// MARK: - Dense

struct dense_layouts {
    dnnl_memory_desc_t weights, bias, output;
};

static struct dense_layouts dense_layouts(int rank, const int64_t *source_sizes, int64_t units) {
    int64_t weights[4] = {units};
    for (int i = 1; i < rank; i++) weights[i] = source_sizes[i];
    const int64_t output[] = {source_sizes[0], units};
    return (struct dense_layouts){any_layout(rank, weights), bias_layout(units), any_layout(2, output)};
}

int cdnn_dense_forward(cdnn_context *context, int rank, const int64_t *source_sizes, int64_t units,
                       const cdnn_layout *source, bool bias, bool training, enum cdnn_activation activation,
                       cdnn_primitive **result) {
    const struct dense_layouts layouts = dense_layouts(rank, source_sizes, units);
    dnnl_inner_product_desc_t operation;
    const dnnl_status_t status = dnnl_inner_product_forward_desc_init(
        &operation, training ? dnnl_forward_training : dnnl_forward_inference, &source->description, &layouts.weights,
        bias ? &layouts.bias : NULL, &layouts.output);
    return status != dnnl_success ? status : make(context, &operation, activation, NULL, result);
}

int cdnn_dense_backward_data(cdnn_context *context, int rank, const int64_t *source_sizes, int64_t units,
                             const cdnn_layout *source_gradient, const cdnn_primitive *forward,
                             cdnn_primitive **result) {
    const struct dense_layouts layouts = dense_layouts(rank, source_sizes, units);
    dnnl_inner_product_desc_t operation;
    const dnnl_status_t status = dnnl_inner_product_backward_data_desc_init(
        &operation, &source_gradient->description, &layouts.weights, &layouts.output);
    return status != dnnl_success ? status : make(context, &operation, cdnn_no_activation, forward, result);
}

int cdnn_dense_backward_weights(cdnn_context *context, int rank, const int64_t *source_sizes, int64_t units,
                                const cdnn_layout *source, bool bias, const cdnn_primitive *forward,
                                cdnn_primitive **result) {
    const struct dense_layouts layouts = dense_layouts(rank, source_sizes, units);
    dnnl_inner_product_desc_t operation;
    const dnnl_status_t status = dnnl_inner_product_backward_weights_desc_init(
        &operation, &source->description, &layouts.weights, bias ? &layouts.bias : NULL, &layouts.output);
    return status != dnnl_success ? status : make(context, &operation, cdnn_no_activation, forward, result);
}

// MARK: - Pooling

static dnnl_alg_kind_t pooling_algorithm(enum cdnn_pooling pooling) {
    switch (pooling) {
        case cdnn_average_with_padding: return dnnl_pooling_avg_include_padding;
        case cdnn_average_without_padding: return dnnl_pooling_avg_exclude_padding;
        default: return dnnl_pooling_max;
    }
}

int cdnn_pooling_forward(cdnn_context *context, enum cdnn_pooling pooling, const cdnn_window_shape *shape,
                         const cdnn_layout *source, bool training, cdnn_primitive **result) {
    const dnnl_memory_desc_t output = output_layout(shape);
    dnnl_pooling_desc_t operation;
    const dnnl_status_t status = dnnl_pooling_forward_desc_init(
        &operation, training ? dnnl_forward_training : dnnl_forward_inference, pooling_algorithm(pooling),
        &source->description, &output, shape->stride, shape->kernel, shape->padding_before, shape->padding_after);
    return status != dnnl_success ? status : make(context, &operation, cdnn_no_activation, NULL, result);
}

int cdnn_pooling_backward(cdnn_context *context, enum cdnn_pooling pooling, const cdnn_window_shape *shape,
                          const cdnn_layout *source, const cdnn_layout *output, const cdnn_primitive *forward,
                          cdnn_primitive **result) {
    dnnl_pooling_desc_t operation;
    const dnnl_status_t status = dnnl_pooling_backward_desc_init(
        &operation, pooling_algorithm(pooling), &source->description, &output->description, shape->stride,
        shape->kernel, shape->padding_before, shape->padding_after);
    return status != dnnl_success ? status : make(context, &operation, cdnn_no_activation, forward, result);
}

// MARK: - Activation and reorder

static int activation_forward(cdnn_context *context, dnnl_alg_kind_t algorithm, const cdnn_layout *layout,
                              cdnn_primitive **result) {
    dnnl_eltwise_desc_t operation;
    const dnnl_status_t status =
        dnnl_eltwise_forward_desc_init(&operation, dnnl_forward_training, algorithm, &layout->description, 0, 0);
    return status != dnnl_success ? status : make(context, &operation, cdnn_no_activation, NULL, result);
}

int cdnn_activation_forward(cdnn_context *context, enum cdnn_activation activation, const cdnn_layout *layout,
                            cdnn_primitive **result) {
    return activation_forward(context, forward_algorithm(activation), layout, result);
}

int cdnn_activation_backward(cdnn_context *context, enum cdnn_activation activation, const cdnn_layout *layout,
                             cdnn_primitive **result) {
    const dnnl_alg_kind_t algorithm = backward_algorithm(activation);
    // A backward primitive is made from a forward one of the same algorithm, which may differ from the one that ran.
    cdnn_primitive *forward;
    dnnl_status_t status = activation_forward(context, algorithm, layout, &forward);
    if (status != dnnl_success) return status;
    dnnl_eltwise_desc_t operation;
    status = dnnl_eltwise_backward_desc_init(&operation, algorithm, &layout->description, &layout->description, 0, 0);
    if (status == dnnl_success) status = make(context, &operation, cdnn_no_activation, forward, result);
    cdnn_primitive_destroy(forward);
    return status;
}

int cdnn_reorder(cdnn_context *context, const cdnn_layout *from, const cdnn_layout *to, cdnn_primitive **result) {
    cdnn_primitive *primitive = calloc(1, sizeof *primitive);
    if (!primitive) return dnnl_out_of_memory;
    primitive->context = context;
    dnnl_primitive_attr_t attributes = NULL;
    dnnl_status_t status = dnnl_primitive_attr_create(&attributes);
    if (status == dnnl_success) status = dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user);
    if (status == dnnl_success)
        status = dnnl_reorder_primitive_desc_create(&primitive->description, &from->description, context->engine,
                                                    &to->description, context->engine, attributes);
    if (status == dnnl_success) status = dnnl_primitive_create(&primitive->primitive, primitive->description);
    if (attributes) dnnl_primitive_attr_destroy(attributes);
    if (status != dnnl_success) {
        cdnn_primitive_destroy(primitive);
        return status;
    }
    *result = primitive;
    return dnnl_success;
}

// MARK: - Using primitives

void cdnn_primitive_destroy(cdnn_primitive *primitive) {
    for (int i = 0; i < primitive->argument_count; i++) dnnl_memory_destroy(primitive->arguments[i].memory);
    if (primitive->primitive) dnnl_primitive_destroy(primitive->primitive);
    if (primitive->description) dnnl_primitive_desc_destroy(primitive->description);
    free(primitive);
}

const char *cdnn_primitive_implementation(const cdnn_primitive *primitive) {
    const char *name = "unknown";
    dnnl_primitive_desc_query(primitive->description, dnnl_query_impl_info_str, 0, &name);
    return name;
}

struct role {
    int argument;
    dnnl_query_t query;
    int index;
};

static struct role role_details(enum cdnn_role role) {
    switch (role) {
        case cdnn_source: return (struct role){DNNL_ARG_SRC, dnnl_query_src_md, 0};
        case cdnn_weights: return (struct role){DNNL_ARG_WEIGHTS, dnnl_query_weights_md, 0};
        case cdnn_bias: return (struct role){DNNL_ARG_BIAS, dnnl_query_weights_md, 1};
        case cdnn_output: return (struct role){DNNL_ARG_DST, dnnl_query_dst_md, 0};
        case cdnn_source_gradient: return (struct role){DNNL_ARG_DIFF_SRC, dnnl_query_diff_src_md, 0};
        case cdnn_weights_gradient: return (struct role){DNNL_ARG_DIFF_WEIGHTS, dnnl_query_diff_weights_md, 0};
        case cdnn_bias_gradient: return (struct role){DNNL_ARG_DIFF_BIAS, dnnl_query_diff_weights_md, 1};
        case cdnn_output_gradient: return (struct role){DNNL_ARG_DIFF_DST, dnnl_query_diff_dst_md, 0};
        case cdnn_workspace: return (struct role){DNNL_ARG_WORKSPACE, dnnl_query_workspace_md, 0};
        default: return (struct role){DNNL_ARG_SCRATCHPAD, dnnl_query_scratchpad_md, 0};
    }
}

static const dnnl_memory_desc_t *description(const cdnn_primitive *primitive, enum cdnn_role role) {
    const struct role details = role_details(role);
    const dnnl_memory_desc_t *found =
        dnnl_primitive_desc_query_md(primitive->description, details.query, details.index);
    return found && found->ndims > 0 ? found : NULL;
}

int cdnn_primitive_layout(const cdnn_primitive *primitive, enum cdnn_role role, cdnn_layout **result) {
    *result = NULL;
    const dnnl_memory_desc_t *found = description(primitive, role);
    if (!found) return dnnl_success;
    cdnn_layout *layout = calloc(1, sizeof *layout);
    if (!layout) return dnnl_out_of_memory;
    layout->description = *found;
    *result = layout;
    return dnnl_success;
}

int cdnn_primitive_bind(cdnn_primitive *primitive, enum cdnn_role role, void *memory) {
    const dnnl_memory_desc_t *found = description(primitive, role);
    if (!found || primitive->argument_count == cdnn_maximum_arguments) return dnnl_invalid_arguments;
    dnnl_exec_arg_t *argument = &primitive->arguments[primitive->argument_count];
    argument->arg = role_details(role).argument;
    const dnnl_status_t status = dnnl_memory_create(&argument->memory, found, primitive->context->engine, memory);
    if (status == dnnl_success) primitive->argument_count++;
    return status;
}

int cdnn_primitive_run(cdnn_primitive *primitive) {
    return dnnl_primitive_execute(primitive->primitive, primitive->context->stream, primitive->argument_count,
                                  primitive->arguments);
}
#endif
