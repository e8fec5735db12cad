#ifdef CONVNET_ONEDNN
#include "internal.h"

int cdnn_add(cdnn_context *context, const cdnn_layout *source, const cdnn_layout *second_source,
             const cdnn_layout *output, bool relu, cdnn_primitive **result) {
    struct cdnn_draft draft = cdnn_draft_start(context);
    cdnn_draft_activation(&draft, (cdnn_activation){relu ? cdnn_relu : cdnn_no_activation, 0, 0});
    const dnnl_status_t status = dnnl_binary_primitive_desc_create(
        &draft.description, context->engine, dnnl_binary_add, description(source), description(second_source),
        description(output), draft.attributes);
    return cdnn_draft_finish(&draft, status, result);
}
#endif
