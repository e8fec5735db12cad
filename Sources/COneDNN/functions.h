// oneDNN's functions, found in the library when it is loaded (library.c): nothing is linked, so that a program starts without
// the library.
//
// The rest of the shim calls them by their own names, which are macros here. Whatever else is to be called goes into one of the
// lists, and gets a macro.
#ifndef CONVNET_ONEDNN_FUNCTIONS_H
#define CONVNET_ONEDNN_FUNCTIONS_H

#include <dnnl.h>
#include <dnnl_debug.h>

#define CDNN_COMMON_FUNCTIONS(X)               \
    X(dnnl_version)                            \
    X(dnnl_cpu_isa2str)                        \
    X(dnnl_engine_create)                      \
    X(dnnl_engine_destroy)                     \
    X(dnnl_get_effective_cpu_isa)              \
    X(dnnl_memory_create)                      \
    X(dnnl_memory_desc_equal)                  \
    X(dnnl_memory_desc_get_size)               \
    X(dnnl_memory_destroy)                     \
    X(dnnl_post_ops_append_eltwise)            \
    X(dnnl_post_ops_append_sum)                \
    X(dnnl_post_ops_create)                    \
    X(dnnl_post_ops_destroy)                   \
    X(dnnl_primitive_attr_create)              \
    X(dnnl_primitive_attr_destroy)             \
    X(dnnl_primitive_attr_set_post_ops)        \
    X(dnnl_primitive_attr_set_scratchpad_mode) \
    X(dnnl_primitive_create)                   \
    X(dnnl_primitive_desc_destroy)             \
    X(dnnl_primitive_desc_query)               \
    X(dnnl_primitive_desc_query_md)            \
    X(dnnl_primitive_destroy)                  \
    X(dnnl_primitive_execute)                  \
    X(dnnl_reorder_primitive_desc_create)      \
    X(dnnl_sgemm)                              \
    X(dnnl_stream_create)                      \
    X(dnnl_stream_destroy)                     \
    X(dnnl_stream_wait)

#if DNNL_VERSION_MAJOR == 2
#define CDNN_FUNCTIONS(X)                                  \
    CDNN_COMMON_FUNCTIONS(X)                               \
    X(dnnl_batch_normalization_backward_desc_init)         \
    X(dnnl_batch_normalization_forward_desc_init)          \
    X(dnnl_binary_desc_init)                               \
    X(dnnl_dilated_convolution_backward_data_desc_init)    \
    X(dnnl_dilated_convolution_backward_weights_desc_init) \
    X(dnnl_dilated_convolution_forward_desc_init)          \
    X(dnnl_eltwise_backward_desc_init)                     \
    X(dnnl_eltwise_forward_desc_init)                      \
    X(dnnl_inner_product_backward_data_desc_init)          \
    X(dnnl_inner_product_backward_weights_desc_init)       \
    X(dnnl_inner_product_forward_desc_init)                \
    X(dnnl_lrn_backward_desc_init)                         \
    X(dnnl_lrn_forward_desc_init)                          \
    X(dnnl_memory_desc_init_by_tag)                        \
    X(dnnl_memory_desc_init_submemory)                     \
    X(dnnl_pooling_backward_desc_init)                     \
    X(dnnl_pooling_forward_desc_init)                      \
    X(dnnl_primitive_desc_create)                          \
    X(dnnl_softmax_v2_backward_desc_init)                  \
    X(dnnl_softmax_v2_forward_desc_init)
#else
#define CDNN_FUNCTIONS(X)                                        \
    CDNN_COMMON_FUNCTIONS(X)                                     \
    X(dnnl_batch_normalization_backward_primitive_desc_create)   \
    X(dnnl_batch_normalization_forward_primitive_desc_create)    \
    X(dnnl_binary_primitive_desc_create)                         \
    X(dnnl_convolution_backward_data_primitive_desc_create)      \
    X(dnnl_convolution_backward_weights_primitive_desc_create)   \
    X(dnnl_convolution_forward_primitive_desc_create)            \
    X(dnnl_eltwise_backward_primitive_desc_create)               \
    X(dnnl_eltwise_forward_primitive_desc_create)                \
    X(dnnl_inner_product_backward_data_primitive_desc_create)    \
    X(dnnl_inner_product_backward_weights_primitive_desc_create) \
    X(dnnl_inner_product_forward_primitive_desc_create)          \
    X(dnnl_lrn_backward_primitive_desc_create)                   \
    X(dnnl_lrn_forward_primitive_desc_create)                    \
    X(dnnl_memory_desc_clone)                                    \
    X(dnnl_memory_desc_create_submemory)                         \
    X(dnnl_memory_desc_create_with_tag)                          \
    X(dnnl_memory_desc_destroy)                                  \
    X(dnnl_memory_desc_query)                                    \
    X(dnnl_pooling_backward_primitive_desc_create)               \
    X(dnnl_pooling_forward_primitive_desc_create)                \
    X(dnnl_softmax_backward_primitive_desc_create)               \
    X(dnnl_softmax_forward_primitive_desc_create)
#endif

// Nothing but pointers, in the order of the list.
struct cdnn_functions {
#define X(name) __typeof__(&name) name;
    CDNN_FUNCTIONS(X)
#undef X
};

// Loads the library where nobody has. NULL are the functions of one that cannot be: see cdnn_load.
const struct cdnn_functions *cdnn_library(void);

#define dnnl_version cdnn_library()->dnnl_version
#define dnnl_cpu_isa2str cdnn_library()->dnnl_cpu_isa2str
#define dnnl_engine_create cdnn_library()->dnnl_engine_create
#define dnnl_engine_destroy cdnn_library()->dnnl_engine_destroy
#define dnnl_get_effective_cpu_isa cdnn_library()->dnnl_get_effective_cpu_isa
#define dnnl_memory_create cdnn_library()->dnnl_memory_create
#define dnnl_memory_desc_equal cdnn_library()->dnnl_memory_desc_equal
#define dnnl_memory_desc_get_size cdnn_library()->dnnl_memory_desc_get_size
#define dnnl_memory_destroy cdnn_library()->dnnl_memory_destroy
#define dnnl_post_ops_append_eltwise cdnn_library()->dnnl_post_ops_append_eltwise
#define dnnl_post_ops_append_sum cdnn_library()->dnnl_post_ops_append_sum
#define dnnl_post_ops_create cdnn_library()->dnnl_post_ops_create
#define dnnl_post_ops_destroy cdnn_library()->dnnl_post_ops_destroy
#define dnnl_primitive_attr_create cdnn_library()->dnnl_primitive_attr_create
#define dnnl_primitive_attr_destroy cdnn_library()->dnnl_primitive_attr_destroy
#define dnnl_primitive_attr_set_post_ops cdnn_library()->dnnl_primitive_attr_set_post_ops
#define dnnl_primitive_attr_set_scratchpad_mode cdnn_library()->dnnl_primitive_attr_set_scratchpad_mode
#define dnnl_primitive_create cdnn_library()->dnnl_primitive_create
#define dnnl_primitive_desc_destroy cdnn_library()->dnnl_primitive_desc_destroy
#define dnnl_primitive_desc_query cdnn_library()->dnnl_primitive_desc_query
#define dnnl_primitive_desc_query_md cdnn_library()->dnnl_primitive_desc_query_md
#define dnnl_primitive_destroy cdnn_library()->dnnl_primitive_destroy
#define dnnl_primitive_execute cdnn_library()->dnnl_primitive_execute
#define dnnl_reorder_primitive_desc_create cdnn_library()->dnnl_reorder_primitive_desc_create
#define dnnl_sgemm cdnn_library()->dnnl_sgemm
#define dnnl_stream_create cdnn_library()->dnnl_stream_create
#define dnnl_stream_destroy cdnn_library()->dnnl_stream_destroy
#define dnnl_stream_wait cdnn_library()->dnnl_stream_wait
#if DNNL_VERSION_MAJOR == 2
#define dnnl_batch_normalization_backward_desc_init cdnn_library()->dnnl_batch_normalization_backward_desc_init
#define dnnl_batch_normalization_forward_desc_init cdnn_library()->dnnl_batch_normalization_forward_desc_init
#define dnnl_binary_desc_init cdnn_library()->dnnl_binary_desc_init
#define dnnl_dilated_convolution_backward_data_desc_init cdnn_library()->dnnl_dilated_convolution_backward_data_desc_init
#define dnnl_dilated_convolution_backward_weights_desc_init cdnn_library()->dnnl_dilated_convolution_backward_weights_desc_init
#define dnnl_dilated_convolution_forward_desc_init cdnn_library()->dnnl_dilated_convolution_forward_desc_init
#define dnnl_eltwise_backward_desc_init cdnn_library()->dnnl_eltwise_backward_desc_init
#define dnnl_eltwise_forward_desc_init cdnn_library()->dnnl_eltwise_forward_desc_init
#define dnnl_inner_product_backward_data_desc_init cdnn_library()->dnnl_inner_product_backward_data_desc_init
#define dnnl_inner_product_backward_weights_desc_init cdnn_library()->dnnl_inner_product_backward_weights_desc_init
#define dnnl_inner_product_forward_desc_init cdnn_library()->dnnl_inner_product_forward_desc_init
#define dnnl_lrn_backward_desc_init cdnn_library()->dnnl_lrn_backward_desc_init
#define dnnl_lrn_forward_desc_init cdnn_library()->dnnl_lrn_forward_desc_init
#define dnnl_memory_desc_init_by_tag cdnn_library()->dnnl_memory_desc_init_by_tag
#define dnnl_memory_desc_init_submemory cdnn_library()->dnnl_memory_desc_init_submemory
#define dnnl_pooling_backward_desc_init cdnn_library()->dnnl_pooling_backward_desc_init
#define dnnl_pooling_forward_desc_init cdnn_library()->dnnl_pooling_forward_desc_init
#define dnnl_primitive_desc_create cdnn_library()->dnnl_primitive_desc_create
#define dnnl_softmax_v2_backward_desc_init cdnn_library()->dnnl_softmax_v2_backward_desc_init
#define dnnl_softmax_v2_forward_desc_init cdnn_library()->dnnl_softmax_v2_forward_desc_init
#else
#define dnnl_batch_normalization_backward_primitive_desc_create cdnn_library()->dnnl_batch_normalization_backward_primitive_desc_create
#define dnnl_batch_normalization_forward_primitive_desc_create cdnn_library()->dnnl_batch_normalization_forward_primitive_desc_create
#define dnnl_binary_primitive_desc_create cdnn_library()->dnnl_binary_primitive_desc_create
#define dnnl_convolution_backward_data_primitive_desc_create cdnn_library()->dnnl_convolution_backward_data_primitive_desc_create
#define dnnl_convolution_backward_weights_primitive_desc_create cdnn_library()->dnnl_convolution_backward_weights_primitive_desc_create
#define dnnl_convolution_forward_primitive_desc_create cdnn_library()->dnnl_convolution_forward_primitive_desc_create
#define dnnl_eltwise_backward_primitive_desc_create cdnn_library()->dnnl_eltwise_backward_primitive_desc_create
#define dnnl_eltwise_forward_primitive_desc_create cdnn_library()->dnnl_eltwise_forward_primitive_desc_create
#define dnnl_inner_product_backward_data_primitive_desc_create cdnn_library()->dnnl_inner_product_backward_data_primitive_desc_create
#define dnnl_inner_product_backward_weights_primitive_desc_create cdnn_library()->dnnl_inner_product_backward_weights_primitive_desc_create
#define dnnl_inner_product_forward_primitive_desc_create cdnn_library()->dnnl_inner_product_forward_primitive_desc_create
#define dnnl_lrn_backward_primitive_desc_create cdnn_library()->dnnl_lrn_backward_primitive_desc_create
#define dnnl_lrn_forward_primitive_desc_create cdnn_library()->dnnl_lrn_forward_primitive_desc_create
#define dnnl_memory_desc_clone cdnn_library()->dnnl_memory_desc_clone
#define dnnl_memory_desc_create_submemory cdnn_library()->dnnl_memory_desc_create_submemory
#define dnnl_memory_desc_create_with_tag cdnn_library()->dnnl_memory_desc_create_with_tag
#define dnnl_memory_desc_destroy cdnn_library()->dnnl_memory_desc_destroy
#define dnnl_memory_desc_query cdnn_library()->dnnl_memory_desc_query
#define dnnl_pooling_backward_primitive_desc_create cdnn_library()->dnnl_pooling_backward_primitive_desc_create
#define dnnl_pooling_forward_primitive_desc_create cdnn_library()->dnnl_pooling_forward_primitive_desc_create
#define dnnl_softmax_backward_primitive_desc_create cdnn_library()->dnnl_softmax_backward_primitive_desc_create
#define dnnl_softmax_forward_primitive_desc_create cdnn_library()->dnnl_softmax_forward_primitive_desc_create
#endif

#endif
