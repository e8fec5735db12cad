#ifdef CONVNET_ONEDNN
#include <stdlib.h>

#include "internal.h"

// Hands a new layout over, or gives it up where describing it failed.
static int hand_over(cdnn_layout *layout, dnnl_status_t status, cdnn_layout **result) {
    if (status == dnnl_success) *result = layout;
    else free(layout);
    return status;
}

static int make(enum cdnn_type type, int rank, const int64_t *sizes, dnnl_format_tag_t tag, cdnn_layout **result) {
    cdnn_layout *layout = calloc(1, sizeof *layout);
    if (!layout) return dnnl_out_of_memory;
    return hand_over(
        layout, dnnl_memory_desc_create_with_tag(&layout->description, rank, sizes, library_type(type), tag), result);
}

int cdnn_layout_any(enum cdnn_type type, int rank, const int64_t *sizes, cdnn_layout **layout) {
    return make(type, rank, sizes, dnnl_format_tag_any, layout);
}

int cdnn_layout_plain(enum cdnn_type type, int rank, const int64_t *sizes, cdnn_layout **layout) {
    static const dnnl_format_tag_t tags[] = {dnnl_format_tag_undef, dnnl_a, dnnl_ab, dnnl_abc, dnnl_abcd, dnnl_abcde};
    if (rank < 1 || rank > 5) return dnnl_invalid_arguments;
    return make(type, rank, sizes, tags[rank], layout);
}

int cdnn_layout_blocked(enum cdnn_type type, const int64_t *sizes, int64_t block, cdnn_layout **layout) {
    switch (block) {
        case 1: return make(type, 4, sizes, dnnl_abcd, layout);
        case 4: return make(type, 4, sizes, dnnl_aBcd4b, layout);
        case 8: return make(type, 4, sizes, dnnl_aBcd8b, layout);
        case 16: return make(type, 4, sizes, dnnl_aBcd16b, layout);
        default: return block == sizes[1] ? make(type, 4, sizes, dnnl_acdb, layout) : dnnl_unimplemented;
    }
}

int cdnn_layout_copy(const_dnnl_memory_desc_t original, cdnn_layout **result) {
    cdnn_layout *layout = calloc(1, sizeof *layout);
    if (!layout) return dnnl_out_of_memory;
    return hand_over(layout, dnnl_memory_desc_clone(&layout->description, original), result);
}

int cdnn_layout_slice(const cdnn_layout *whole, const int64_t *sizes, const int64_t *offsets, cdnn_layout **result) {
    cdnn_layout *layout = calloc(1, sizeof *layout);
    if (!layout) return dnnl_out_of_memory;
    return hand_over(
        layout, dnnl_memory_desc_create_submemory(&layout->description, description(whole), sizes, offsets), result);
}

int cdnn_layout_weights(int64_t outputs, int64_t inputs, const int64_t kernel[2], cdnn_layout **layout) {
    const int64_t sizes[] = {outputs, inputs, kernel[0], kernel[1]};
    return make(cdnn_float32, 4, sizes, dnnl_ABcd16b16a, layout);
}

int cdnn_layout_output_blocks(const int64_t sizes[4], cdnn_layout **layout) {
    return make(cdnn_float32, 4, sizes, dnnl_Abcd16a, layout);
}

void cdnn_layout_destroy(cdnn_layout *layout) {
    destroy_description(&layout->description);
    free(layout);
}

bool cdnn_layout_equal(const cdnn_layout *a, const cdnn_layout *b) {
    return dnnl_memory_desc_equal(description(a), description(b));
}

enum cdnn_type cdnn_layout_type(const cdnn_layout *layout) {
    return element_type(layout) == dnnl_bf16 ? cdnn_bfloat16 : cdnn_float32;
}

size_t cdnn_layout_bytes(const cdnn_layout *layout) { return dnnl_memory_desc_get_size(description(layout)); }

int64_t cdnn_layout_channel_block(const cdnn_layout *layout) {
    struct blocking b;
    if (!get_blocking(description(layout), &b) || b.rank != 4 || b.offset != 0) return 0;
    const int64_t height = b.sizes[2], width = b.sizes[3];
    int64_t block = 1;
    if (b.block_count == 1 && b.block_axes[0] == 1) {
        block = b.block_sizes[0];
    } else if (b.block_count != 0) {
        return 0;
    } else if (b.strides[1] == 1 && height * width > 1) {
        block = b.sizes[1];
    }
    const int64_t channels = b.padded_sizes[1];
    const bool as_expected = (width == 1 || b.strides[3] == block)
                          && (height == 1 || b.strides[2] == width * block)
                          && (channels <= block || b.strides[1] == height * width * block || block == b.sizes[1])
                          && (b.sizes[0] == 1 || b.strides[0] == channels * height * width);
    return as_expected ? block : 0;
}

bool cdnn_layout_map(const cdnn_layout *layout, int64_t *offset, int64_t *sample_stride, int64_t *block_stride) {
    struct blocking b;
    if (!get_blocking(description(layout), &b) || b.rank != 4) return false;
    if (b.block_count != 1 || b.block_axes[0] != 1 || b.block_sizes[0] != 16) return false;
    if (b.sizes[3] > 1 && b.strides[3] != 16) return false;
    if (b.sizes[2] > 1 && b.strides[2] != b.sizes[3] * 16) return false;
    *offset = b.offset;
    *sample_stride = b.strides[0];
    *block_stride = b.strides[1];
    return true;
}
#endif
