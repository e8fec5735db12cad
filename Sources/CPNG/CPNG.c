#include "CPNG.h"

#include <png.h>
#include <string.h>

static void copy_message(const png_image *image, char message[CPNG_MESSAGE_SIZE]) {
    strncpy(message, image->message, CPNG_MESSAGE_SIZE - 1);
    message[CPNG_MESSAGE_SIZE - 1] = 0;
}

static png_image empty_image(void) {
    png_image image;
    memset(&image, 0, sizeof image);
    image.version = PNG_IMAGE_VERSION;
    return image;
}

static png_image image_to_encode(uint32_t width, uint32_t height, uint32_t channels) {
    png_image image = empty_image();
    image.width = width;
    image.height = height;
    image.format = channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
    return image;
}

bool cpng_read_size(
    const uint8_t *data, size_t data_size, uint32_t *width, uint32_t *height, char message[CPNG_MESSAGE_SIZE]) {
    png_image image = empty_image();
    if (!png_image_begin_read_from_memory(&image, data, data_size)) {
        copy_message(&image, message);
        return false;
    }
    *width = image.width;
    *height = image.height;
    png_image_free(&image);
    return true;
}

bool cpng_decode_rgba(
    const uint8_t *data, size_t data_size, uint32_t width, uint32_t height, uint8_t *pixels,
    char message[CPNG_MESSAGE_SIZE]) {
    png_image image = empty_image();
    if (!png_image_begin_read_from_memory(&image, data, data_size)) {
        copy_message(&image, message);
        return false;
    }
    if (image.width != width || image.height != height) {
        strncpy(message, "the size is not the one that was read", CPNG_MESSAGE_SIZE);
        png_image_free(&image);
        return false;
    }
    image.format = PNG_FORMAT_RGBA;
    // Without this flag libpng takes 16-bit samples for linear light and brightens them on the way to 8 bits.
    image.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
    if (!png_image_finish_read(&image, NULL, pixels, 0, NULL)) {
        copy_message(&image, message);
        png_image_free(&image);
        return false;
    }
    return true;
}

size_t cpng_encoded_size_bound(uint32_t width, uint32_t height, uint32_t channels) {
    png_image image = image_to_encode(width, height, channels);
    return PNG_IMAGE_PNG_SIZE_MAX(image);
}

bool cpng_encode(
    const uint8_t *pixels, uint32_t width, uint32_t height, uint32_t channels, uint8_t *png, size_t *png_size,
    char message[CPNG_MESSAGE_SIZE]) {
    png_image image = image_to_encode(width, height, channels);
    png_alloc_size_t size = *png_size;
    if (!png_image_write_to_memory(&image, png, &size, 0, pixels, 0, NULL)) {
        copy_message(&image, message);
        return false;
    }
    *png_size = size;
    return true;
}
