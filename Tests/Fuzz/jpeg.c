// Whatever the bytes are, decoding a JPEG file ends, keeps to its memory, and gives a rectangle the bytes of the whole.
#include <stdlib.h>
#include <string.h>

#include "CJPEG.h"

#define MOST_PIXELS (1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char message[CJPEG_MESSAGE_SIZE];
    cjpeg_header header;
    if (size < 5 || cjpeg_read_header(data, size, &header, message) != cjpeg_ok) return 0;
    const uint64_t pixels = (uint64_t)header.width * header.height;
    if (pixels == 0 || pixels > MOST_PIXELS) return 0;
    // The last bytes choose the rectangle and the reduction.
    const uint8_t *choice = data + size - 5;
    const uint32_t reduction = 1u << (choice[4] % 4);
    const uint32_t width = (header.width + reduction - 1) / reduction;
    const uint32_t height = (header.height + reduction - 1) / reduction;
    cjpeg_region all = {.left = 0, .top = 0, .width = width, .height = height};
    cjpeg_region part = {.left = choice[0] % width, .top = choice[1] % height};
    part.width = 1 + choice[2] % (width - part.left);
    part.height = 1 + choice[3] % (height - part.top);
    uint8_t *whole = malloc((size_t)width * height * header.channels);
    uint8_t *piece = malloc((size_t)part.width * part.height * header.channels);
    const cjpeg_status status = cjpeg_decode(data, size, reduction, all, whole, message);
    if (cjpeg_decode(data, size, reduction, part, piece, message) == cjpeg_ok && status == cjpeg_ok)
        for (uint32_t y = 0; y < part.height; y++)
            if (memcmp(
                    piece + (size_t)y * part.width * header.channels,
                    whole + ((size_t)(part.top + y) * width + part.left) * header.channels,
                    (size_t)part.width * header.channels) != 0)
                abort();
    free(piece);
    free(whole);
    return 0;
}
