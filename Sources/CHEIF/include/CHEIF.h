#ifndef CHEIF_H
#define CHEIF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// HEIC files in memory, through libheif, where the package was built with it.

// Room for any message with its terminating zero.
#define CHEIF_MESSAGE_SIZE 200

typedef enum {
    cheif_ok,
    cheif_truncated,    // the data ends before the picture does
    cheif_corrupt,      // `message` has the reason
    cheif_unsupported,  // libheif does not decode files of this kind; `message` says which
} cheif_status;

typedef struct {
    uint32_t width, height;  // upright
    bool has_alpha;
} cheif_header;

// Whether HEIC files can be decoded at all.
bool cheif_is_available(void);

// Reads the header of a file: that of its primary picture.
cheif_status cheif_read_header(
    const uint8_t *data, size_t size, cheif_header *header, char message[CHEIF_MESSAGE_SIZE]);

// Decodes a file's primary picture into `width * height` pixels of red, green, blue and, where the header says so, alpha,
// which is not premultiplied; row by row from the top. It is turned, mirrored and cut as the file says, and samples of more
// than 8 bits are scaled to 8.
cheif_status cheif_decode(
    const uint8_t *data, size_t size, const cheif_header *header, uint8_t *pixels, char message[CHEIF_MESSAGE_SIZE]);

#endif
