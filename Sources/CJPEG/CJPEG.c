#include "CJPEG.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
// After jpeglib.h, which it takes for granted.
#include <jerror.h>

// A picture needs no more scans than this; a small file with thousands of them would decode for hours.
#define MOST_SCANS 500

// The pixels that a block of 8×8 becomes on a side, of the component that is reduced most and of any.
#if JPEG_LIB_VERSION >= 70
#define LEAST_DCT_SIZE(decoder) ((decoder)->min_DCT_h_scaled_size)
#define DCT_SIZE(component) ((component)->DCT_h_scaled_size)
#else
#define LEAST_DCT_SIZE(decoder) ((decoder)->min_DCT_scaled_size)
#define DCT_SIZE(component) ((component)->DCT_scaled_size)
#endif

// What goes wrong, for libjpeg's callbacks. `base` is first, so that the callbacks find the rest behind it.
typedef struct {
    struct jpeg_error_mgr base;
    jmp_buf escape;
    cjpeg_status status;
    char *message;
} failure;

// What a valid file may ask for, and this libjpeg does not do.
static bool is_unsupported(int code) {
    switch (code) {
    case JERR_ARITH_NOTIMPL:
    case JERR_CCIR601_NOTIMPL:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_FRACT_SAMPLE_NOTIMPL:
    case JERR_NOTIMPL:
    case JERR_NOT_COMPILED:
    case JERR_SOF_UNSUPPORTED: return true;
    default: return false;
    }
}

_Noreturn static void fail(j_common_ptr info) {
    failure *failure = (void *)info->err;
    if (failure->status == cjpeg_ok)
        failure->status = is_unsupported(failure->base.msg_code) ? cjpeg_unsupported : cjpeg_corrupt;
    char text[JMSG_LENGTH_MAX];
    failure->base.format_message(info, text);
    strncpy(failure->message, text, CJPEG_MESSAGE_SIZE - 1);
    failure->message[CJPEG_MESSAGE_SIZE - 1] = 0;
    longjmp(failure->escape, 1);
}

// libjpeg fills what is missing with grey and only warns.
static void hear(j_common_ptr info, int level) {
    failure *failure = (void *)info->err;
    if (level >= 0) return;
    if (failure->base.msg_code == JWRN_JPEG_EOF) failure->status = cjpeg_truncated;
    if (failure->base.msg_code == JWRN_JPEG_EOF || failure->base.msg_code == JWRN_HIT_MARKER) fail(info);
}

static void count_scans(j_common_ptr info) {
    j_decompress_ptr decoder = (j_decompress_ptr)info;
    if (decoder->input_scan_number <= MOST_SCANS) return;
    failure *failure = (void *)info->err;
    failure->status = cjpeg_corrupt;
    snprintf(failure->message, CJPEG_MESSAGE_SIZE, "it has more than %d scans", MOST_SCANS);
    longjmp(failure->escape, 1);
}

static void set_up(failure *failure, char *message) {
    jpeg_std_error(&failure->base);
    failure->base.error_exit = fail;
    failure->base.emit_message = hear;
    failure->status = cjpeg_ok;
    failure->message = message;
    message[0] = 0;
}

// Reads the header and decides on the colours of the output.
static void begin(j_decompress_ptr decoder, const uint8_t *data, size_t size) {
    jpeg_mem_src(decoder, data, size);
    jpeg_read_header(decoder, TRUE);
    switch (decoder->jpeg_color_space) {
    case JCS_GRAYSCALE: decoder->out_color_space = JCS_GRAYSCALE; break;
    case JCS_CMYK:
    case JCS_YCCK: decoder->out_color_space = JCS_CMYK; break;
    default: decoder->out_color_space = JCS_RGB;
    }
}

static uint32_t channels(const struct jpeg_decompress_struct *decoder) {
    return decoder->out_color_space == JCS_GRAYSCALE ? 1 : decoder->out_color_space == JCS_CMYK ? 4 : 3;
}

cjpeg_status cjpeg_read_header(
    const uint8_t *data, size_t size, cjpeg_header *header, char message[CJPEG_MESSAGE_SIZE]) {
    struct jpeg_decompress_struct decoder;
    failure failure;
    set_up(&failure, message);
    decoder.err = &failure.base;
    jpeg_create_decompress(&decoder);
    if (setjmp(failure.escape) == 0) {
        begin(&decoder, data, size);
        *header = (cjpeg_header){
            .width = decoder.image_width,
            .height = decoder.image_height,
            .channels = channels(&decoder),
            .is_progressive = jpeg_has_multiple_scans(&decoder),
            .components = (uint32_t)decoder.num_components,
        };
    }
    jpeg_destroy_decompress(&decoder);
    return failure.status;
}

// Whether libjpeg can leave columns out. Of a reduced picture it reduces chroma by less than luma, where its sampling allows
// that, and enlarges it by less afterwards; the width of a cropped row of chroma it computes by the sampling alone. Where the
// two differ, its smooth upsampling stops early and leaves the rest of the row as it was in memory. What is not enlarged at
// all is not affected. (libjpeg-turbo 2.1 and 3.0, jpeg_crop_scanline.)
static bool can_crop(const struct jpeg_decompress_struct *decoder) {
    const int least = LEAST_DCT_SIZE(decoder);
    for (int c = 0; c < decoder->num_components; c++) {
        const jpeg_component_info *component = decoder->comp_info + c;
        const int size = DCT_SIZE(component);
        const bool is_enlarged = component->h_samp_factor * size != decoder->max_h_samp_factor * least
                                 || component->v_samp_factor * size != decoder->max_v_samp_factor * least;
        if (size != least && is_enlarged) return false;
    }
    return true;
}

cjpeg_status cjpeg_decode(
    const uint8_t *data, size_t size, uint32_t reduction, cjpeg_region region, uint8_t *pixels,
    char message[CJPEG_MESSAGE_SIZE]) {
    struct jpeg_decompress_struct decoder;
    struct jpeg_progress_mgr progress = {.progress_monitor = count_scans};
    failure failure;
    // Read after a jump, so that it may not live in a register.
    uint8_t *volatile row = NULL;
    set_up(&failure, message);
    decoder.err = &failure.base;
    jpeg_create_decompress(&decoder);
    decoder.progress = &progress;
    if (setjmp(failure.escape) == 0) {
        begin(&decoder, data, size);
        decoder.dct_method = JDCT_ISLOW;
        decoder.do_fancy_upsampling = TRUE;
        decoder.scale_num = 8 / reduction;
        decoder.scale_denom = 8;
        jpeg_start_decompress(&decoder);

        // The columns from here to there: at the edges smooth upsampling lacks its neighbours, so that a block of chroma
        // on either side is decoded too. libjpeg widens the range to whole blocks.
        const uint32_t margin = 32;
        JDIMENSION first = region.left > margin ? region.left - margin : 0;
        JDIMENSION last = region.left + region.width + margin;
        JDIMENSION width = (last < decoder.output_width ? last : decoder.output_width) - first;
        if (!can_crop(&decoder)) {
            first = 0;
            width = decoder.output_width;
        }
        if (width < decoder.output_width) jpeg_crop_scanline(&decoder, &first, &width);

        const size_t bytes = channels(&decoder);
        row = malloc(width * bytes);
        if (row == NULL) ERREXIT1(&decoder, JERR_OUT_OF_MEMORY, 0);
        uint8_t *rows[1] = {row};
        if (region.top > 0) jpeg_skip_scanlines(&decoder, region.top);
        for (uint32_t y = 0; y < region.height; y++) {
            if (jpeg_read_scanlines(&decoder, rows, 1) != 1) ERREXIT(&decoder, JERR_INPUT_EOF);
            memcpy(
                pixels + y * region.width * bytes, row + (region.left - first) * bytes, region.width * bytes);
        }
        // Nothing is missing, but what comes after the last row may be: a truncated file has to fail.
        if (region.top + region.height == decoder.output_height) jpeg_finish_decompress(&decoder);
    }
    free(row);
    jpeg_destroy_decompress(&decoder);
    return failure.status;
}
