#ifndef CWEBP_H
#define CWEBP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// WebP files in memory, through libwebp, where the package was built with it.

// Room for any message with its terminating zero.
#define CWEBP_MESSAGE_SIZE 100

typedef enum {
    cwebp_ok,
    cwebp_truncated,  // the data ends before the picture does
    cwebp_corrupt,    // `message` has the reason
} cwebp_status;

typedef struct {
    uint32_t width, height;
    bool has_alpha;
} cwebp_header;

// Whether WebP files can be decoded at all.
bool cwebp_is_available(void);

// Reads the header of a file. One that is animated is refused.
cwebp_status cwebp_read_header(
    const uint8_t *data, size_t size, cwebp_header *header, char message[CWEBP_MESSAGE_SIZE]);

// Decodes a file into `width * height` pixels of red, green, blue and, where the header says so, alpha, which is not
// premultiplied; row by row from the top.
cwebp_status cwebp_decode(const uint8_t *data, size_t size, uint8_t *pixels, char message[CWEBP_MESSAGE_SIZE]);

#endif
