#ifdef CONVNET_ONEDNN
#include "internal.h"

int cdnn_reorder(cdnn_context *context, const cdnn_layout *from, const cdnn_layout *to, cdnn_primitive **result) {
    struct cdnn_draft draft = cdnn_draft_start(context);
    const dnnl_status_t status =
        dnnl_reorder_primitive_desc_create(&draft.description, description(from), context->engine, description(to),
                                           context->engine, draft.attributes);
    return cdnn_draft_finish(&draft, status, result);
}
#endif
