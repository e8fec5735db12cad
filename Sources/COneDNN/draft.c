#ifdef CONVNET_ONEDNN
#include <stdlib.h>
#include <string.h>

#include "internal.h"

// The scratchpad is the caller's, so that running allocates none.
struct cdnn_draft cdnn_draft_start(cdnn_context *context) {
    struct cdnn_draft draft = {.context = context};
    draft.status = dnnl_primitive_attr_create(&draft.attributes);
    if (draft.status == dnnl_success)
        draft.status = dnnl_primitive_attr_set_scratchpad_mode(draft.attributes, dnnl_scratchpad_mode_user);
    return draft;
}

void cdnn_draft_operations(struct cdnn_draft *draft, bool adds, cdnn_activation activation) {
    if (draft->status != dnnl_success || (!adds && activation.kind == cdnn_no_activation)) return;
    dnnl_post_ops_t operations = NULL;
    draft->status = dnnl_post_ops_create(&operations);
    if (draft->status == dnnl_success && adds) draft->status = append_sum(operations);
    if (draft->status == dnnl_success && activation.kind != cdnn_no_activation)
        draft->status = append_eltwise(
            operations, cdnn_activation_algorithm(activation.kind), activation.alpha, activation.beta);
    if (draft->status == dnnl_success)
        draft->status = dnnl_primitive_attr_set_post_ops(draft->attributes, operations);
    if (operations) dnnl_post_ops_destroy(operations);
}

const_dnnl_memory_desc_t cdnn_draft_layout(struct cdnn_draft *draft, dnnl_data_type_t type, int rank,
                                           const int64_t *sizes) {
    dnnl_memory_desc_t *layout = &draft->layouts[draft->layout_count];
    const dnnl_status_t status =
        dnnl_memory_desc_create_with_tag(layout, rank, sizes, type, dnnl_format_tag_any);
    if (status == dnnl_success) draft->layout_count++;
    else if (draft->status == dnnl_success) draft->status = status;
    return view(layout);
}

const_dnnl_memory_desc_t cdnn_draft_bias(struct cdnn_draft *draft, bool bias, int64_t count) {
    return bias ? cdnn_draft_layout(draft, dnnl_f32, 1, &count) : NULL;
}

const_dnnl_memory_desc_t cdnn_draft_window_output(struct cdnn_draft *draft, dnnl_data_type_t type,
                                                  const cdnn_window_shape *shape) {
    const int64_t sizes[] = {shape->samples, shape->output_channels, shape->output_size[0], shape->output_size[1]};
    return cdnn_draft_layout(draft, type, 4, sizes);
}

// As far as oneDNN's sources say: sums over samples are divided among threads that add up what each has, and its own
// matrix products have threads copy a matrix for all.
static bool parts_meet(dnnl_primitive_desc_t description) {
    dnnl_primitive_kind_t kind = dnnl_undefined_primitive;
    dnnl_prop_kind_t direction = dnnl_prop_kind_undef;
    const char *name = "";
    dnnl_primitive_desc_query(description, dnnl_query_primitive_kind, 0, &kind);
    dnnl_primitive_desc_query(description, dnnl_query_prop_kind, 0, &direction);
    dnnl_primitive_desc_query(description, dnnl_query_impl_info_str, 0, &name);
    return kind == dnnl_batch_normalization || direction == dnnl_backward_weights || strncmp(name, "x64:gemm", 8) == 0
        || strncmp(name, "gemm", 4) == 0;
}

int cdnn_draft_finish(struct cdnn_draft *draft, dnnl_status_t status, cdnn_primitive **result) {
    if (draft->status != dnnl_success) status = draft->status;
    cdnn_primitive *primitive = calloc(1, sizeof *primitive);
    if (primitive) {
        primitive->context = draft->context;
        primitive->description = draft->description;
        if (status == dnnl_success) status = dnnl_primitive_create(&primitive->primitive, draft->description);
        if (status == dnnl_success) primitive->parts_meet = parts_meet(draft->description);
    } else {
        if (draft->description) dnnl_primitive_desc_destroy(draft->description);
        status = dnnl_out_of_memory;
    }
    for (int i = 0; i < draft->layout_count; i++) destroy_description(&draft->layouts[i]);
    if (draft->attributes) dnnl_primitive_attr_destroy(draft->attributes);
    if (status == dnnl_success) {
        *result = primitive;
    } else if (primitive) {
        cdnn_primitive_destroy(primitive);
    }
    return status;
}
#endif
