#ifdef CONVNET_ONEDNN
#include "internal.h"

enum { maximum_rank = 4 };

static void weight_sizes(int rank, const int64_t *source_sizes, int64_t units, int64_t *sizes) {
    sizes[0] = units;
    for (int i = 1; i < rank; i++) sizes[i] = source_sizes[i];
}

static const_dnnl_memory_desc_t weights(struct cdnn_draft *draft, dnnl_data_type_t type, int rank,
                                        const int64_t *source_sizes, int64_t units) {
    int64_t sizes[maximum_rank];
    weight_sizes(rank, source_sizes, units, sizes);
    return cdnn_draft_layout(draft, type, rank, sizes);
}

static const_dnnl_memory_desc_t output(struct cdnn_draft *draft, dnnl_data_type_t type, const int64_t *source_sizes,
                                       int64_t units) {
    const int64_t sizes[] = {source_sizes[0], units};
    return cdnn_draft_layout(draft, type, 2, sizes);
}

int cdnn_dense_forward(cdnn_context *context, int rank, const int64_t *source_sizes, int64_t units,
                       const cdnn_layout *source, enum cdnn_type output_type, bool bias, bool training,
                       cdnn_activation activation, cdnn_primitive **result) {
    struct cdnn_draft draft = cdnn_draft_start(context);
    cdnn_draft_activation(&draft, activation);
    const dnnl_status_t status = dnnl_inner_product_forward_primitive_desc_create(
        &draft.description, context->engine, forward_kind(training), description(source),
        weights(&draft, element_type(source), rank, source_sizes, units), cdnn_draft_bias(&draft, bias, units),
        output(&draft, library_type(output_type), source_sizes, units), draft.attributes);
    return cdnn_draft_finish(&draft, status, result);
}

// Whether oneDNN's fastest implementation for data, "brgemm_bwd_d", follows a null pointer here on several threads. Up
// to 3.0 it divides more than 16 blocks of 64 units among the threads, and then, where one block of inputs and one of
// samples make a single piece of work, runs on one thread all the same, which has no buffer for its part of the sum.
// Only a last block of fewer units saves it.
static bool backward_data_crashes(int rank, const int64_t *source_sizes, int64_t units) {
    const dnnl_version_t *version = dnnl_version();
    if (version->major > 3 || (version->major == 3 && version->minor >= 1)) return false;
    for (int i = 2; i < rank; i++)
        if (source_sizes[i] != 1) return false;
    const int64_t samples = source_sizes[0], inputs = source_sizes[1];
    return units > 1024 && units % 64 == 0 && (inputs <= 16 || inputs == 32) && samples <= 128;
}

int cdnn_dense_backward_data(cdnn_context *context, int rank, const int64_t *source_sizes, int64_t units,
                             const cdnn_layout *source_gradient, const cdnn_primitive *forward,
                             cdnn_primitive **result) {
    struct cdnn_draft draft = cdnn_draft_start(context);
    const dnnl_data_type_t type = element_type(source_gradient);
    const_dnnl_memory_desc_t weights_layout = weights(&draft, type, rank, source_sizes, units);
    // That implementation takes its weights in blocks only.
    cdnn_layout *plain = NULL;
    if (backward_data_crashes(rank, source_sizes, units)) {
        int64_t sizes[maximum_rank];
        weight_sizes(rank, source_sizes, units, sizes);
        const int made = cdnn_layout_plain(type == dnnl_bf16 ? cdnn_bfloat16 : cdnn_float32, rank, sizes, &plain);
        if (made == dnnl_success) weights_layout = description(plain);
        else draft.status = made;
    }
    const dnnl_status_t status = dnnl_inner_product_backward_data_primitive_desc_create(
        &draft.description, context->engine, description(source_gradient), weights_layout,
        output(&draft, type, source_sizes, units), forward->description, draft.attributes);
    if (plain) cdnn_layout_destroy(plain);
    return cdnn_draft_finish(&draft, status, result);
}

int cdnn_dense_backward_weights(cdnn_context *context, int rank, const int64_t *source_sizes, int64_t units,
                                const cdnn_layout *source, bool bias, const cdnn_primitive *forward,
                                cdnn_primitive **result) {
    struct cdnn_draft draft = cdnn_draft_start(context);
    const dnnl_status_t status = dnnl_inner_product_backward_weights_primitive_desc_create(
        &draft.description, context->engine, description(source), weights(&draft, dnnl_f32, rank, source_sizes, units),
        cdnn_draft_bias(&draft, bias, units), output(&draft, element_type(source), source_sizes, units),
        forward->description, draft.attributes);
    return cdnn_draft_finish(&draft, status, result);
}
#endif
