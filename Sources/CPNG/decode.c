#include "CPNG.h"

#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

// What is read, and what went wrong.
typedef struct {
    const uint8_t *data;
    size_t size, position;
    cpng_status status;
    char *message;
    uint8_t *rows;  // given back after a jump too
} reading;

static void fail(png_structp decoder, png_const_charp reason) {
    reading *reading = png_get_error_ptr(decoder);
    if (reading->status == cpng_ok) reading->status = cpng_corrupt;
    strncpy(reading->message, reason, CPNG_MESSAGE_SIZE - 1);
    reading->message[CPNG_MESSAGE_SIZE - 1] = 0;
    png_longjmp(decoder, 1);
}

static void ignore(png_structp decoder, png_const_charp reason) {
    (void)decoder;
    (void)reason;
}

static void read_bytes(png_structp decoder, png_bytep bytes, size_t count) {
    reading *reading = png_get_io_ptr(decoder);
    if (count > reading->size - reading->position) {
        reading->status = cpng_truncated;
        png_error(decoder, "the data ends early");
    }
    memcpy(bytes, reading->data + reading->position, count);
    reading->position += count;
}

// NULL where memory is short.
static png_structp make_decoder(reading *reading, png_infop *info) {
    png_structp decoder = png_create_read_struct(PNG_LIBPNG_VER_STRING, reading, fail, ignore);
    if (decoder == NULL) return NULL;
    *info = png_create_info_struct(decoder);
    if (*info == NULL) png_destroy_read_struct(&decoder, NULL, NULL);
    return decoder;
}

static void read_header(png_structp decoder, png_infop info, reading *reading, cpng_header *header) {
    // A text or a profile may not take more than this, whatever it says of itself.
    png_set_chunk_malloc_max(decoder, 8 << 20);
    // The largest of the format: what is too large for us is for the caller to say.
    png_set_user_limits(decoder, 0x7FFFFFFF, 0x7FFFFFFF);
    png_set_read_fn(decoder, reading, read_bytes);
    png_read_info(decoder, info);
    const int colour = png_get_color_type(decoder, info);
    *header = (cpng_header){
        .width = png_get_image_width(decoder, info),
        .height = png_get_image_height(decoder, info),
        .channels = colour & PNG_COLOR_MASK_COLOR ? 3 : 1,
        .has_alpha = colour & PNG_COLOR_MASK_ALPHA || png_get_valid(decoder, info, PNG_INFO_tRNS),
        .bit_depth = png_get_bit_depth(decoder, info),
        .is_interlaced = png_get_interlace_type(decoder, info) != PNG_INTERLACE_NONE,
    };
}

static void read_pixels(
    png_structp decoder, png_infop info, reading *reading, const cpng_header *header, cpng_region region,
    uint8_t *pixels) {
    png_set_expand(decoder);
    png_set_scale_16(decoder);
    const int passes = png_set_interlace_handling(decoder);
    png_read_update_info(decoder, info);

    const size_t bytes = header->channels + header->has_alpha;
    const size_t stride = png_get_rowbytes(decoder, info);
    if (stride != header->width * bytes) png_error(decoder, "its rows have another size than its header says");
    const bool keeps_all = passes > 1;
    reading->rows = calloc(keeps_all ? header->height : 1, stride);
    if (reading->rows == NULL) png_error(decoder, "out of memory");
    for (int pass = 0; pass < passes; pass++) {
        // Rows below the rectangle need not be read, where no later pass comes back to those above them.
        const uint32_t end = keeps_all ? header->height : region.top + region.height;
        for (uint32_t y = 0; y < end; y++) {
            uint8_t *row = reading->rows + (keeps_all ? y * stride : 0);
            png_read_row(decoder, row, NULL);
            if (pass < passes - 1 || y < region.top || y >= region.top + region.height) continue;
            memcpy(
                pixels + (y - region.top) * region.width * bytes, row + region.left * bytes, region.width * bytes);
        }
    }
    if (keeps_all || region.top + region.height == header->height) png_read_end(decoder, NULL);
}

static cpng_status out_of_memory(char message[CPNG_MESSAGE_SIZE]) {
    strcpy(message, "out of memory");
    return cpng_corrupt;
}

cpng_status cpng_read_header(
    const uint8_t *data, size_t size, cpng_header *header, char message[CPNG_MESSAGE_SIZE]) {
    reading reading = {.data = data, .size = size, .message = message};
    png_infop info = NULL;
    png_structp decoder = make_decoder(&reading, &info);
    if (decoder == NULL) return out_of_memory(message);
    if (setjmp(png_jmpbuf(decoder)) == 0) read_header(decoder, info, &reading, header);
    png_destroy_read_struct(&decoder, &info, NULL);
    return reading.status;
}

cpng_status cpng_decode(
    const uint8_t *data, size_t size, cpng_region region, uint8_t *pixels, char message[CPNG_MESSAGE_SIZE]) {
    reading reading = {.data = data, .size = size, .message = message};
    png_infop info = NULL;
    png_structp decoder = make_decoder(&reading, &info);
    if (decoder == NULL) return out_of_memory(message);
    if (setjmp(png_jmpbuf(decoder)) == 0) {
        cpng_header header;
        read_header(decoder, info, &reading, &header);
        read_pixels(decoder, info, &reading, &header, region, pixels);
    }
    free(reading.rows);
    png_destroy_read_struct(&decoder, &info, NULL);
    return reading.status;
}
