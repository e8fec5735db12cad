// Whatever the bytes are, decoding a PNG file ends, keeps to its memory, and gives a rectangle the bytes of the whole.
#include <stdlib.h>
#include <string.h>

#include "CPNG.h"

#define MOST_PIXELS (1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char message[CPNG_MESSAGE_SIZE];
    cpng_header header;
    if (size < 4 || cpng_read_header(data, size, &header, message) != cpng_ok) return 0;
    const uint64_t pixels = (uint64_t)header.width * header.height;
    if (pixels == 0 || pixels > MOST_PIXELS) return 0;
    const uint8_t *choice = data + size - 4;
    const size_t bytes = header.channels + (header.has_alpha ? 1 : 0);
    cpng_region all = {.left = 0, .top = 0, .width = header.width, .height = header.height};
    cpng_region part = {.left = choice[0] % header.width, .top = choice[1] % header.height};
    part.width = 1 + choice[2] % (header.width - part.left);
    part.height = 1 + choice[3] % (header.height - part.top);
    uint8_t *whole = malloc(pixels * bytes);
    uint8_t *piece = malloc((size_t)part.width * part.height * bytes);
    const cpng_status status = cpng_decode(data, size, all, whole, message);
    if (cpng_decode(data, size, part, piece, message) == cpng_ok && status == cpng_ok)
        for (uint32_t y = 0; y < part.height; y++)
            if (memcmp(
                    piece + (size_t)y * part.width * bytes,
                    whole + ((size_t)(part.top + y) * header.width + part.left) * bytes, part.width * bytes) != 0)
                abort();
    free(piece);
    free(whole);
    return 0;
}
