#ifdef CONVNET_ONEDNN
#include "internal.h"

int cdnn_reorder(cdnn_context *context, const cdnn_layout *from, const cdnn_layout *to, cdnn_primitive **result) {
    struct cdnn_draft draft = cdnn_draft_start(context);
    const dnnl_status_t status =
        dnnl_reorder_primitive_desc_create(&draft.description, description(from), context->engine, description(to),
                                           context->engine, draft.attributes);
    return cdnn_draft_finish(&draft, status, result);
}

// "jit:uni", the implementation that most pairs of layouts get, steps along an axis as far as the source's padding
// goes, and fills up the output's blocks with zeros, for which it takes what lies inside them to be one piece. A dense
// layer behind blocks of channels may want its weight in a layout with a single block of units, whose stride, which
// then means nothing, oneDNN sets to 1. Where the source pads its units further, they seem to lie inside the output's
// blocks, and the zeros land behind the output, in versions 2.6 and 3.13.
int cdnn_reorder_detour(const cdnn_layout *from, const cdnn_layout *to, cdnn_layout **result) {
    *result = NULL;
    struct blocking source, output;
    if (!get_blocking(description(from), &source) || !get_blocking(description(to), &output)) return dnnl_success;
    int64_t block = 1;
    for (int i = 0; i < output.block_count; i++) block *= output.block_sizes[i];
    for (int i = 0; i < source.rank; i++)
        if (source.padded_sizes[i] > output.padded_sizes[i] && output.strides[i] < block)
            return cdnn_layout_plain(cdnn_layout_type(from), source.rank, source.sizes, result);
    return dnnl_success;
}
#endif
