#ifdef CONVNET_ONEDNN
#include "internal.h"

static const_dnnl_memory_desc_t weights(struct cdnn_draft *draft, int rank, const int64_t *source_sizes,
                                        int64_t units) {
    int64_t sizes[4] = {units};
    for (int i = 1; i < rank; i++) sizes[i] = source_sizes[i];
    return cdnn_draft_layout(draft, rank, sizes);
}

static const_dnnl_memory_desc_t output(struct cdnn_draft *draft, const int64_t *source_sizes, int64_t units) {
    const int64_t sizes[] = {source_sizes[0], units};
    return cdnn_draft_layout(draft, 2, sizes);
}

int cdnn_dense_forward(cdnn_context *context, int rank, const int64_t *source_sizes, int64_t units,
                       const cdnn_layout *source, bool bias, bool training, cdnn_activation activation,
                       cdnn_primitive **result) {
    struct cdnn_draft draft = cdnn_draft_start(context);
    cdnn_draft_activation(&draft, activation);
    const dnnl_status_t status = dnnl_inner_product_forward_primitive_desc_create(
        &draft.description, context->engine, forward_kind(training), description(source),
        weights(&draft, rank, source_sizes, units), cdnn_draft_bias(&draft, bias, units),
        output(&draft, source_sizes, units), draft.attributes);
    return cdnn_draft_finish(&draft, status, result);
}

int cdnn_dense_backward_data(cdnn_context *context, int rank, const int64_t *source_sizes, int64_t units,
                             const cdnn_layout *source_gradient, const cdnn_primitive *forward,
                             cdnn_primitive **result) {
    struct cdnn_draft draft = cdnn_draft_start(context);
    const dnnl_status_t status = dnnl_inner_product_backward_data_primitive_desc_create(
        &draft.description, context->engine, description(source_gradient), weights(&draft, rank, source_sizes, units),
        output(&draft, source_sizes, units), forward->description, draft.attributes);
    return cdnn_draft_finish(&draft, status, result);
}

int cdnn_dense_backward_weights(cdnn_context *context, int rank, const int64_t *source_sizes, int64_t units,
                                const cdnn_layout *source, bool bias, const cdnn_primitive *forward,
                                cdnn_primitive **result) {
    struct cdnn_draft draft = cdnn_draft_start(context);
    const dnnl_status_t status = dnnl_inner_product_backward_weights_primitive_desc_create(
        &draft.description, context->engine, description(source), weights(&draft, rank, source_sizes, units),
        cdnn_draft_bias(&draft, bias, units), output(&draft, source_sizes, units), forward->description,
        draft.attributes);
    return cdnn_draft_finish(&draft, status, result);
}
#endif
