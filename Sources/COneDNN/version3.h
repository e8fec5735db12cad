// oneDNN 3: what version2.h cannot imitate under the names that version 3 has.
#ifndef CONVNET_ONEDNN_VERSION3_H
#define CONVNET_ONEDNN_VERSION3_H

static inline const_dnnl_memory_desc_t view(const dnnl_memory_desc_t *description) { return *description; }

static inline void destroy_description(dnnl_memory_desc_t *description) {
    if (*description) dnnl_memory_desc_destroy(*description);
}

static inline int get_rank(const_dnnl_memory_desc_t description) {
    int rank = 0;
    return dnnl_memory_desc_query(description, dnnl_query_ndims_s32, &rank) == dnnl_success ? rank : 0;
}

static inline const int64_t *get_sizes(const_dnnl_memory_desc_t description) {
    const dnnl_dims_t *sizes = NULL;
    dnnl_memory_desc_query(description, dnnl_query_dims, &sizes);
    return *sizes;
}

static inline dnnl_data_type_t get_type(const_dnnl_memory_desc_t description) {
    dnnl_data_type_t type = dnnl_data_type_undef;
    dnnl_memory_desc_query(description, dnnl_query_data_type, &type);
    return type;
}

static inline bool get_blocking(const_dnnl_memory_desc_t description, struct blocking *result) {
    dnnl_format_kind_t kind = dnnl_format_kind_undef;
    dnnl_memory_desc_query(description, dnnl_query_format_kind, &kind);
    if (kind != dnnl_blocked) return false;
    const dnnl_dims_t *sizes, *padded_sizes, *strides, *block_sizes, *block_axes;
    int block_count;
    int64_t offset;
    if (dnnl_memory_desc_query(description, dnnl_query_dims, &sizes) != dnnl_success
        || dnnl_memory_desc_query(description, dnnl_query_padded_dims, &padded_sizes) != dnnl_success
        || dnnl_memory_desc_query(description, dnnl_query_strides, &strides) != dnnl_success
        || dnnl_memory_desc_query(description, dnnl_query_submemory_offset_s64, &offset) != dnnl_success
        || dnnl_memory_desc_query(description, dnnl_query_inner_nblks_s32, &block_count) != dnnl_success
        || dnnl_memory_desc_query(description, dnnl_query_inner_blks, &block_sizes) != dnnl_success
        || dnnl_memory_desc_query(description, dnnl_query_inner_idxs, &block_axes) != dnnl_success)
        return false;
    *result = (struct blocking){
        .rank = get_rank(description), .sizes = *sizes, .padded_sizes = *padded_sizes, .strides = *strides,
        .offset = offset, .block_count = block_count, .block_sizes = *block_sizes, .block_axes = *block_axes};
    return true;
}

static inline dnnl_status_t append_sum(dnnl_post_ops_t operations) {
    return dnnl_post_ops_append_sum(operations, 1, 0, dnnl_data_type_undef);
}

static inline dnnl_status_t append_eltwise(
    dnnl_post_ops_t operations, dnnl_alg_kind_t algorithm, float alpha, float beta) {
    return dnnl_post_ops_append_eltwise(operations, algorithm, alpha, beta);
}

#endif
