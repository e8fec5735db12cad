// oneDNN 2.6 to 2.7, made to look like version 3: its functions for describing memory and primitives, in terms of those
// of version 2. The rest of the shim is written for version 3, and this file goes when version 2 does.
#ifndef CONVNET_ONEDNN_VERSION2_H
#define CONVNET_ONEDNN_VERSION2_H

// MARK: - Layouts: structures in version 2, handles in version 3

typedef const dnnl_memory_desc_t *const_dnnl_memory_desc_t;

static inline const_dnnl_memory_desc_t view(const dnnl_memory_desc_t *description) { return description; }

static inline dnnl_status_t dnnl_memory_desc_create_with_tag(dnnl_memory_desc_t *result, int rank,
                                                             const dnnl_dims_t sizes, dnnl_data_type_t type,
                                                             dnnl_format_tag_t tag) {
    return dnnl_memory_desc_init_by_tag(result, rank, sizes, type, tag);
}

static inline dnnl_status_t dnnl_memory_desc_create_submemory(dnnl_memory_desc_t *result,
                                                              const_dnnl_memory_desc_t whole, const dnnl_dims_t sizes,
                                                              const dnnl_dims_t offsets) {
    return dnnl_memory_desc_init_submemory(result, whole, sizes, offsets);
}

static inline dnnl_status_t dnnl_memory_desc_clone(dnnl_memory_desc_t *result, const_dnnl_memory_desc_t description) {
    *result = *description;
    return dnnl_success;
}

static inline void destroy_description(dnnl_memory_desc_t *description) { (void)description; }

static inline int get_rank(const_dnnl_memory_desc_t description) { return description->ndims; }

static inline const int64_t *get_sizes(const_dnnl_memory_desc_t description) { return description->dims; }

static inline dnnl_data_type_t get_type(const_dnnl_memory_desc_t description) { return description->data_type; }

static inline bool get_blocking(const_dnnl_memory_desc_t description, struct blocking *result) {
    if (description->format_kind != dnnl_blocked) return false;
    const dnnl_blocking_desc_t *blocking = &description->format_desc.blocking;
    *result = (struct blocking){
        .rank = description->ndims, .sizes = description->dims, .padded_sizes = description->padded_dims,
        .strides = blocking->strides, .offset = description->offset0, .block_count = blocking->inner_nblks,
        .block_sizes = blocking->inner_blks, .block_axes = blocking->inner_idxs};
    return true;
}

// MARK: - Primitives: an operation's description and then the primitive's, one step in version 3

static inline dnnl_status_t describe(dnnl_status_t status, const_dnnl_op_desc_t operation,
                                     dnnl_primitive_desc_t *result, dnnl_engine_t engine,
                                     const_dnnl_primitive_desc_t forward, const_dnnl_primitive_attr_t attributes) {
    return status != dnnl_success ? status
                                  : dnnl_primitive_desc_create(result, operation, attributes, engine, forward);
}

static inline dnnl_status_t append_sum(dnnl_post_ops_t operations) {
    return dnnl_post_ops_append_sum(operations, 1);
}

static inline dnnl_status_t append_eltwise(
    dnnl_post_ops_t operations, dnnl_alg_kind_t algorithm, float alpha, float beta) {
    return dnnl_post_ops_append_eltwise(operations, 1, algorithm, alpha, beta);
}

static inline dnnl_status_t dnnl_convolution_forward_primitive_desc_create(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, dnnl_prop_kind_t kind, dnnl_alg_kind_t algorithm,
    const_dnnl_memory_desc_t source, const_dnnl_memory_desc_t weights, const_dnnl_memory_desc_t bias,
    const_dnnl_memory_desc_t output, const dnnl_dims_t stride, const dnnl_dims_t dilation,
    const dnnl_dims_t padding_before, const dnnl_dims_t padding_after, const_dnnl_primitive_attr_t attributes) {
    dnnl_convolution_desc_t operation;
    const dnnl_status_t status = dnnl_dilated_convolution_forward_desc_init(
        &operation, kind, algorithm, source, weights, bias, output, stride, dilation, padding_before, padding_after);
    return describe(status, &operation, result, engine, NULL, attributes);
}

static inline dnnl_status_t dnnl_convolution_backward_data_primitive_desc_create(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, dnnl_alg_kind_t algorithm,
    const_dnnl_memory_desc_t source_gradient, const_dnnl_memory_desc_t weights,
    const_dnnl_memory_desc_t output_gradient, const dnnl_dims_t stride, const dnnl_dims_t dilation,
    const dnnl_dims_t padding_before, const dnnl_dims_t padding_after, const_dnnl_primitive_desc_t forward,
    const_dnnl_primitive_attr_t attributes) {
    dnnl_convolution_desc_t operation;
    const dnnl_status_t status = dnnl_dilated_convolution_backward_data_desc_init(
        &operation, algorithm, source_gradient, weights, output_gradient, stride, dilation, padding_before,
        padding_after);
    return describe(status, &operation, result, engine, forward, attributes);
}

static inline dnnl_status_t dnnl_convolution_backward_weights_primitive_desc_create(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, dnnl_alg_kind_t algorithm, const_dnnl_memory_desc_t source,
    const_dnnl_memory_desc_t weights_gradient, const_dnnl_memory_desc_t bias_gradient,
    const_dnnl_memory_desc_t output_gradient, const dnnl_dims_t stride, const dnnl_dims_t dilation,
    const dnnl_dims_t padding_before, const dnnl_dims_t padding_after, const_dnnl_primitive_desc_t forward,
    const_dnnl_primitive_attr_t attributes) {
    dnnl_convolution_desc_t operation;
    const dnnl_status_t status = dnnl_dilated_convolution_backward_weights_desc_init(
        &operation, algorithm, source, weights_gradient, bias_gradient, output_gradient, stride, dilation,
        padding_before, padding_after);
    return describe(status, &operation, result, engine, forward, attributes);
}

static inline dnnl_status_t dnnl_inner_product_forward_primitive_desc_create(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, dnnl_prop_kind_t kind, const_dnnl_memory_desc_t source,
    const_dnnl_memory_desc_t weights, const_dnnl_memory_desc_t bias, const_dnnl_memory_desc_t output,
    const_dnnl_primitive_attr_t attributes) {
    dnnl_inner_product_desc_t operation;
    const dnnl_status_t status =
        dnnl_inner_product_forward_desc_init(&operation, kind, source, weights, bias, output);
    return describe(status, &operation, result, engine, NULL, attributes);
}

static inline dnnl_status_t dnnl_inner_product_backward_data_primitive_desc_create(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, const_dnnl_memory_desc_t source_gradient,
    const_dnnl_memory_desc_t weights, const_dnnl_memory_desc_t output_gradient, const_dnnl_primitive_desc_t forward,
    const_dnnl_primitive_attr_t attributes) {
    dnnl_inner_product_desc_t operation;
    const dnnl_status_t status =
        dnnl_inner_product_backward_data_desc_init(&operation, source_gradient, weights, output_gradient);
    return describe(status, &operation, result, engine, forward, attributes);
}

static inline dnnl_status_t dnnl_inner_product_backward_weights_primitive_desc_create(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, const_dnnl_memory_desc_t source,
    const_dnnl_memory_desc_t weights_gradient, const_dnnl_memory_desc_t bias_gradient,
    const_dnnl_memory_desc_t output_gradient, const_dnnl_primitive_desc_t forward,
    const_dnnl_primitive_attr_t attributes) {
    dnnl_inner_product_desc_t operation;
    const dnnl_status_t status = dnnl_inner_product_backward_weights_desc_init(
        &operation, source, weights_gradient, bias_gradient, output_gradient);
    return describe(status, &operation, result, engine, forward, attributes);
}

// Version 2's plain pooling knows no dilation, and nothing here asks for one.
static inline dnnl_status_t dnnl_pooling_forward_primitive_desc_create(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, dnnl_prop_kind_t kind, dnnl_alg_kind_t algorithm,
    const_dnnl_memory_desc_t source, const_dnnl_memory_desc_t output, const dnnl_dims_t stride,
    const dnnl_dims_t kernel, const dnnl_dims_t dilation, const dnnl_dims_t padding_before,
    const dnnl_dims_t padding_after, const_dnnl_primitive_attr_t attributes) {
    (void)dilation;
    dnnl_pooling_desc_t operation;
    const dnnl_status_t status = dnnl_pooling_forward_desc_init(
        &operation, kind, algorithm, source, output, stride, kernel, padding_before, padding_after);
    return describe(status, &operation, result, engine, NULL, attributes);
}

static inline dnnl_status_t dnnl_pooling_backward_primitive_desc_create(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, dnnl_alg_kind_t algorithm,
    const_dnnl_memory_desc_t source_gradient, const_dnnl_memory_desc_t output_gradient, const dnnl_dims_t stride,
    const dnnl_dims_t kernel, const dnnl_dims_t dilation, const dnnl_dims_t padding_before,
    const dnnl_dims_t padding_after, const_dnnl_primitive_desc_t forward, const_dnnl_primitive_attr_t attributes) {
    (void)dilation;
    dnnl_pooling_desc_t operation;
    const dnnl_status_t status = dnnl_pooling_backward_desc_init(
        &operation, algorithm, source_gradient, output_gradient, stride, kernel, padding_before, padding_after);
    return describe(status, &operation, result, engine, forward, attributes);
}

// Version 2 lets these write in the layout that they read.
static inline dnnl_status_t dnnl_eltwise_forward_primitive_desc_create(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, dnnl_prop_kind_t kind, dnnl_alg_kind_t algorithm,
    const_dnnl_memory_desc_t source, const_dnnl_memory_desc_t output, float alpha, float beta,
    const_dnnl_primitive_attr_t attributes) {
    (void)output;
    dnnl_eltwise_desc_t operation;
    const dnnl_status_t status = dnnl_eltwise_forward_desc_init(&operation, kind, algorithm, source, alpha, beta);
    return describe(status, &operation, result, engine, NULL, attributes);
}

static inline dnnl_status_t dnnl_eltwise_backward_primitive_desc_create(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, dnnl_alg_kind_t algorithm,
    const_dnnl_memory_desc_t source_gradient, const_dnnl_memory_desc_t output_gradient,
    const_dnnl_memory_desc_t data, float alpha, float beta, const_dnnl_primitive_desc_t forward,
    const_dnnl_primitive_attr_t attributes) {
    (void)source_gradient;
    dnnl_eltwise_desc_t operation;
    const dnnl_status_t status =
        dnnl_eltwise_backward_desc_init(&operation, algorithm, output_gradient, data, alpha, beta);
    return describe(status, &operation, result, engine, forward, attributes);
}

// As for activations.
static inline dnnl_status_t dnnl_batch_normalization_forward_primitive_desc_create(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, dnnl_prop_kind_t kind, const_dnnl_memory_desc_t source,
    const_dnnl_memory_desc_t output, float epsilon, unsigned flags, const_dnnl_primitive_attr_t attributes) {
    (void)output;
    dnnl_batch_normalization_desc_t operation;
    const dnnl_status_t status =
        dnnl_batch_normalization_forward_desc_init(&operation, kind, source, epsilon, flags);
    return describe(status, &operation, result, engine, NULL, attributes);
}

// As for activations.
static inline dnnl_status_t dnnl_lrn_forward_primitive_desc_create(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, dnnl_prop_kind_t kind, dnnl_alg_kind_t algorithm,
    const_dnnl_memory_desc_t source, const_dnnl_memory_desc_t output, dnnl_dim_t size, float alpha, float beta, float k,
    const_dnnl_primitive_attr_t attributes) {
    (void)output;
    dnnl_lrn_desc_t operation;
    const dnnl_status_t status =
        dnnl_lrn_forward_desc_init(&operation, kind, algorithm, source, size, alpha, beta, k);
    return describe(status, &operation, result, engine, NULL, attributes);
}

static inline dnnl_status_t dnnl_lrn_backward_primitive_desc_create(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, dnnl_alg_kind_t algorithm,
    const_dnnl_memory_desc_t source_gradient, const_dnnl_memory_desc_t output_gradient,
    const_dnnl_memory_desc_t source, dnnl_dim_t size, float alpha, float beta, float k,
    const_dnnl_primitive_desc_t forward, const_dnnl_primitive_attr_t attributes) {
    (void)source_gradient;
    dnnl_lrn_desc_t operation;
    const dnnl_status_t status =
        dnnl_lrn_backward_desc_init(&operation, algorithm, output_gradient, source, size, alpha, beta, k);
    return describe(status, &operation, result, engine, forward, attributes);
}

static inline dnnl_status_t dnnl_softmax_forward_primitive_desc_create(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, dnnl_prop_kind_t kind, dnnl_alg_kind_t algorithm,
    const_dnnl_memory_desc_t source, const_dnnl_memory_desc_t output, int axis,
    const_dnnl_primitive_attr_t attributes) {
    dnnl_softmax_v2_desc_t operation;
    const dnnl_status_t status =
        dnnl_softmax_v2_forward_desc_init(&operation, kind, algorithm, source, output, axis);
    return describe(status, &operation, result, engine, NULL, attributes);
}

static inline dnnl_status_t dnnl_softmax_backward_primitive_desc_create(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, dnnl_alg_kind_t algorithm,
    const_dnnl_memory_desc_t source_gradient, const_dnnl_memory_desc_t output_gradient,
    const_dnnl_memory_desc_t output, int axis, const_dnnl_primitive_desc_t forward,
    const_dnnl_primitive_attr_t attributes) {
    dnnl_softmax_v2_desc_t operation;
    const dnnl_status_t status = dnnl_softmax_v2_backward_desc_init(
        &operation, algorithm, source_gradient, output_gradient, output, axis);
    return describe(status, &operation, result, engine, forward, attributes);
}

static inline dnnl_status_t dnnl_binary_primitive_desc_create(
    dnnl_primitive_desc_t *result, dnnl_engine_t engine, dnnl_alg_kind_t algorithm, const_dnnl_memory_desc_t source,
    const_dnnl_memory_desc_t second_source, const_dnnl_memory_desc_t output, const_dnnl_primitive_attr_t attributes) {
    dnnl_binary_desc_t operation;
    const dnnl_status_t status = dnnl_binary_desc_init(&operation, algorithm, source, second_source, output);
    return describe(status, &operation, result, engine, NULL, attributes);
}

#endif
