#include "CHEIF.h"

#include <string.h>

#ifdef CONVNET_HEIF

#include <libheif/heif.h>

bool cheif_is_available(void) { return heif_have_decoder_for_format(heif_compression_HEVC); }

static cheif_status refuse(cheif_status status, const char *reason, char *message) {
    strncpy(message, reason, CHEIF_MESSAGE_SIZE - 1);
    message[CHEIF_MESSAGE_SIZE - 1] = 0;
    return status;
}

static cheif_status fail(struct heif_error error, char *message) {
    const bool is_unsupported = error.code == heif_error_Unsupported_feature
                                || error.code == heif_error_Unsupported_filetype
                                // A film, or a sequence of pictures of which none is the primary one.
                                || error.subcode == heif_suberror_No_meta_box;
    return refuse(
        error.subcode == heif_suberror_End_of_data ? cheif_truncated
        : is_unsupported                           ? cheif_unsupported
                                                   : cheif_corrupt,
        error.message, message);
}

// The file and its primary picture; NULL where they have not been opened.
typedef struct {
    struct heif_context *context;
    struct heif_image_handle *handle;
} opened;

static void close_file(opened *file) {
    heif_image_handle_release(file->handle);
    heif_context_free(file->context);
}

static cheif_status open_file(
    const uint8_t *data, size_t size, opened *file, cheif_header *header, char message[CHEIF_MESSAGE_SIZE]) {
    *file = (opened){.context = heif_context_alloc()};
    if (file->context == NULL) return refuse(cheif_corrupt, "there is not enough memory", message);
    // Whoever decodes many pictures has threads of its own.
    heif_context_set_max_decoding_threads(file->context, 0);
    struct heif_error error = heif_context_read_from_memory_without_copy(file->context, data, size, NULL);
    if (error.code == heif_error_Ok) error = heif_context_get_primary_image_handle(file->context, &file->handle);
    if (error.code != heif_error_Ok) return fail(error, message);
    const int width = heif_image_handle_get_width(file->handle);
    const int height = heif_image_handle_get_height(file->handle);
    if (width < 1 || height < 1) return refuse(cheif_corrupt, "it has no pixels", message);
    *header = (cheif_header){
        .width = (uint32_t)width,
        .height = (uint32_t)height,
        .has_alpha = heif_image_handle_has_alpha_channel(file->handle),
    };
    return cheif_ok;
}

cheif_status cheif_read_header(
    const uint8_t *data, size_t size, cheif_header *header, char message[CHEIF_MESSAGE_SIZE]) {
    opened file;
    const cheif_status status = open_file(data, size, &file, header, message);
    close_file(&file);
    return status;
}

// Red, green and blue as they were before they were multiplied by alpha.
static void divide_by_alpha(uint8_t *pixel) {
    const int alpha = pixel[3];
    for (int c = 0; c < 3; c++) {
        const int sample = alpha > 0 ? (pixel[c] * 255 + alpha / 2) / alpha : 0;
        pixel[c] = (uint8_t)(sample > 255 ? 255 : sample);
    }
}

static cheif_status copy_pixels(
    const struct heif_image *image, const cheif_header *header, bool is_premultiplied, uint8_t *pixels, char *message) {
    int stride = 0;
    const uint8_t *rows = heif_image_get_plane_readonly(image, heif_channel_interleaved, &stride);
    if (rows == NULL || heif_image_get_width(image, heif_channel_interleaved) != (int)header->width
        || heif_image_get_height(image, heif_channel_interleaved) != (int)header->height)
        return refuse(cheif_corrupt, "its pixels are not as many as its header says", message);
    const size_t length = (size_t)header->width * (header->has_alpha ? 4 : 3);
    for (uint32_t y = 0; y < header->height; y++) memcpy(pixels + y * length, rows + (size_t)y * stride, length);
    if (header->has_alpha && is_premultiplied)
        for (size_t i = 0; i < header->height * length; i += 4) divide_by_alpha(pixels + i);
    return cheif_ok;
}

cheif_status cheif_decode(
    const uint8_t *data, size_t size, const cheif_header *header, uint8_t *pixels, char message[CHEIF_MESSAGE_SIZE]) {
    opened file;
    cheif_header found;
    cheif_status status = open_file(data, size, &file, &found, message);
    struct heif_decoding_options *options = heif_decoding_options_alloc();
    struct heif_image *image = NULL;
    if (status == cheif_ok && options == NULL) status = refuse(cheif_corrupt, "there is not enough memory", message);
    if (status == cheif_ok) {
        options->convert_hdr_to_8bit = true;
        const struct heif_error error = heif_decode_image(
            file.handle, &image, heif_colorspace_RGB,
            header->has_alpha ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB, options);
        const bool is_premultiplied = heif_image_handle_is_premultiplied_alpha(file.handle);
        status = error.code == heif_error_Ok ? copy_pixels(image, header, is_premultiplied, pixels, message)
                                             : fail(error, message);
    }
    if (image != NULL) heif_image_release(image);
    if (options != NULL) heif_decoding_options_free(options);
    close_file(&file);
    return status;
}

#else

bool cheif_is_available(void) { return false; }

static cheif_status refuse(char *message) {
    strncpy(message, "this program was built without libheif", CHEIF_MESSAGE_SIZE);
    return cheif_unsupported;
}

cheif_status cheif_read_header(
    const uint8_t *data, size_t size, cheif_header *header, char message[CHEIF_MESSAGE_SIZE]) {
    (void)data, (void)size, (void)header;
    return refuse(message);
}

cheif_status cheif_decode(
    const uint8_t *data, size_t size, const cheif_header *header, uint8_t *pixels, char message[CHEIF_MESSAGE_SIZE]) {
    (void)data, (void)size, (void)header, (void)pixels;
    return refuse(message);
}

#endif
