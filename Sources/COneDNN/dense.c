#ifdef CONVNET_ONEDNN
#include "internal.h"

// Units × inputs.
static const_dnnl_memory_desc_t weights(struct cdnn_draft *draft, dnnl_data_type_t type, const cdnn_layout *source,
                                        int64_t units) {
    const int64_t sizes[] = {units, get_sizes(description(source))[1]};
    return cdnn_draft_layout(draft, type, 2, sizes);
}

// Samples × units.
static const_dnnl_memory_desc_t output(struct cdnn_draft *draft, dnnl_data_type_t type, const cdnn_layout *source,
                                       int64_t units) {
    const int64_t sizes[] = {get_sizes(description(source))[0], units};
    return cdnn_draft_layout(draft, type, 2, sizes);
}

int cdnn_dense_forward(cdnn_context *context, const cdnn_layout *source, int64_t units, enum cdnn_type output_type,
                       bool bias, bool training, cdnn_activation activation, cdnn_primitive **result) {
    struct cdnn_draft draft = cdnn_draft_start(context);
    cdnn_draft_activation(&draft, activation);
    const dnnl_status_t status = dnnl_inner_product_forward_primitive_desc_create(
        &draft.description, context->engine, forward_kind(training), description(source),
        weights(&draft, element_type(source), source, units), cdnn_draft_bias(&draft, bias, units),
        output(&draft, library_type(output_type), source, units), draft.attributes);
    return cdnn_draft_finish(&draft, status, result);
}

// Whether oneDNN's fastest implementation for data, "brgemm_bwd_d", follows a null pointer here on several threads. Up
// to 3.0 it divides more than 16 blocks of 64 units among the threads, and then, where one block of inputs and one of
// samples make a single piece of work, runs on one thread all the same, which has no buffer for its part of the sum.
// Only a last block of fewer units saves it.
static bool backward_data_crashes(const cdnn_layout *source, int64_t units) {
    const dnnl_version_t *version = dnnl_version();
    if (version->major > 3 || (version->major == 3 && version->minor >= 1)) return false;
    const int64_t samples = get_sizes(description(source))[0], inputs = get_sizes(description(source))[1];
    return units > 1024 && units % 64 == 0 && (inputs <= 16 || inputs == 32) && samples <= 128;
}

int cdnn_dense_backward_data(cdnn_context *context, const cdnn_layout *source_gradient, int64_t units,
                             const cdnn_primitive *forward, cdnn_primitive **result) {
    struct cdnn_draft draft = cdnn_draft_start(context);
    const dnnl_data_type_t type = element_type(source_gradient);
    const_dnnl_memory_desc_t weights_layout = weights(&draft, type, source_gradient, units);
    // That implementation takes its weights in blocks only.
    cdnn_layout *plain = NULL;
    if (backward_data_crashes(source_gradient, units)) {
        const int64_t sizes[] = {units, get_sizes(description(source_gradient))[1]};
        const int made = cdnn_layout_plain(cdnn_layout_type(source_gradient), 2, sizes, &plain);
        if (made == dnnl_success) weights_layout = description(plain);
        else draft.status = made;
    }
    const dnnl_status_t status = dnnl_inner_product_backward_data_primitive_desc_create(
        &draft.description, context->engine, description(source_gradient), weights_layout,
        output(&draft, type, source_gradient, units), forward->description, draft.attributes);
    if (plain) cdnn_layout_destroy(plain);
    return cdnn_draft_finish(&draft, status, result);
}

int cdnn_dense_backward_weights(cdnn_context *context, const cdnn_layout *source, int64_t units,
                                const cdnn_primitive *forward, cdnn_primitive **result) {
    struct cdnn_draft draft = cdnn_draft_start(context);
    const dnnl_status_t status = dnnl_inner_product_backward_weights_primitive_desc_create(
        &draft.description, context->engine, description(source), weights(&draft, dnnl_f32, source, units),
        NULL, output(&draft, element_type(source), source, units), forward->description, draft.attributes);
    return cdnn_draft_finish(&draft, status, result);
}
#endif
