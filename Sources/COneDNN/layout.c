#ifdef CONVNET_ONEDNN
#include <stdlib.h>

#include "internal.h"

static int make(int rank, const int64_t *sizes, dnnl_format_tag_t tag, cdnn_layout **result) {
    cdnn_layout *layout = calloc(1, sizeof *layout);
    if (!layout) return dnnl_out_of_memory;
    dnnl_status_t status = dnnl_memory_desc_init_by_tag(&layout->description, rank, sizes, dnnl_f32, tag);
    if (status != dnnl_success) {
        free(layout);
        return status;
    }
    *result = layout;
    return dnnl_success;
}

int cdnn_layout_any(int rank, const int64_t *sizes, cdnn_layout **layout) {
    return make(rank, sizes, dnnl_format_tag_any, layout);
}

int cdnn_layout_plain(int rank, const int64_t *sizes, cdnn_layout **layout) {
    static const dnnl_format_tag_t tags[] = {dnnl_format_tag_undef, dnnl_a, dnnl_ab, dnnl_abc, dnnl_abcd, dnnl_abcde};
    if (rank < 1 || rank > 5) return dnnl_invalid_arguments;
    return make(rank, sizes, tags[rank], layout);
}

void cdnn_layout_destroy(cdnn_layout *layout) { free(layout); }

bool cdnn_layout_equal(const cdnn_layout *a, const cdnn_layout *b) {
    return dnnl_memory_desc_equal(&a->description, &b->description);
}

size_t cdnn_layout_bytes(const cdnn_layout *layout) { return dnnl_memory_desc_get_size(&layout->description); }

int64_t cdnn_layout_channel_block(const cdnn_layout *layout) {
    const dnnl_memory_desc_t *d = &layout->description;
    if (d->format_kind != dnnl_blocked || d->ndims != 4) return 0;
    const dnnl_blocking_desc_t *blocking = &d->format_desc.blocking;
    const int64_t height = d->dims[2], width = d->dims[3];
    int64_t block = 1;
    if (blocking->inner_nblks == 1 && blocking->inner_idxs[0] == 1) {
        block = blocking->inner_blks[0];
    } else if (blocking->inner_nblks != 0) {
        return 0;
    } else if (blocking->strides[1] == 1 && height * width > 1) {
        block = d->dims[1];
    }
    const int64_t channels = d->padded_dims[1];
    const bool as_expected = (width == 1 || blocking->strides[3] == block)
                          && (height == 1 || blocking->strides[2] == width * block)
                          && (channels <= block || blocking->strides[1] == height * width * block
                              || block == d->dims[1])
                          && (d->dims[0] == 1 || blocking->strides[0] == channels * height * width);
    return as_expected ? block : 0;
}
#endif
