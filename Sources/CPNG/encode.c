#include "CPNG.h"

#include <png.h>
#include <string.h>

static png_image image_to_encode(uint32_t width, uint32_t height, uint32_t channels) {
    png_image image;
    memset(&image, 0, sizeof image);
    image.version = PNG_IMAGE_VERSION;
    image.width = width;
    image.height = height;
    image.format = channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
    return image;
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
        strncpy(message, image.message, CPNG_MESSAGE_SIZE - 1);
        message[CPNG_MESSAGE_SIZE - 1] = 0;
        return false;
    }
    *png_size = size;
    return true;
}
