#ifndef CPNG_H
#define CPNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// PNG files in memory, through libpng.
//
// libpng reports errors with setjmp and longjmp, which may not unwind Swift frames. The functions here catch their own
// jumps and return a status; this header passes on none of libpng's types.

// Room for any message of libpng with its terminating zero.
#define CPNG_MESSAGE_SIZE 200

typedef enum {
    cpng_ok,
    cpng_truncated,  // the data ends before the picture does
    cpng_corrupt,    // `message` has libpng's reason
} cpng_status;

typedef struct {
    uint32_t width, height;
    uint32_t channels;    // of what is decoded, alpha not counted: 1 for grey, 3 for colour
    bool has_alpha;       // an alpha channel, or a colour that stands for transparency
    uint32_t bit_depth;   // of the file's samples: 1 to 16
    bool is_interlaced;   // decoding keeps the whole picture
} cpng_header;

// Reads all that stands in front of the pixels of a PNG file.
cpng_status cpng_read_header(
    const uint8_t *data, size_t size, cpng_header *header, char message[CPNG_MESSAGE_SIZE]);

// A rectangle of the picture.
typedef struct {
    uint32_t left, top, width, height;
} cpng_region;

// Decodes a rectangle of a PNG file of any kind into `width * height` pixels of as many bytes as the header has channels,
// and one for alpha, which is not premultiplied, where it has that; row by row from the top. Palettes are looked up,
// samples of less than 8 bits widened, those of 16 bits scaled to 8 and rounded. Declared gammas and colour spaces are left
// aside.
cpng_status cpng_decode(
    const uint8_t *data, size_t size, cpng_region region, uint8_t *pixels, char message[CPNG_MESSAGE_SIZE]);

// An upper bound for the size in bytes of an encoded image with 1 or 3 channels.
size_t cpng_encoded_size_bound(uint32_t width, uint32_t height, uint32_t channels);

// Encodes `width * height` pixels of `channels` bytes (1 for grey, 3 for R, G, B), row by row from the top. On entry
// `*png_size` is the room in `png`; on success it is the size of the file. Returns false and writes libpng's reason to
// `message` on failure.
bool cpng_encode(
    const uint8_t *pixels, uint32_t width, uint32_t height, uint32_t channels, uint8_t *png, size_t *png_size,
    char message[CPNG_MESSAGE_SIZE]);

#endif
