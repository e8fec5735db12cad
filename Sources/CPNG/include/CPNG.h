#ifndef CPNG_H
#define CPNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// PNG files in memory, through libpng's simplified interface.
//
// libpng reports errors with setjmp and longjmp, which may not unwind Swift frames. The functions of its simplified
// interface catch their own jumps and return a flag; this header passes on that flag and none of libpng's types.

// Room for any message of libpng with its terminating zero.
#define CPNG_MESSAGE_SIZE 64

// Reads the header of a PNG file. Returns false and writes libpng's reason to `message` where it is unusable.
bool cpng_read_size(
    const uint8_t *data, size_t data_size, uint32_t *width, uint32_t *height, char message[CPNG_MESSAGE_SIZE]);

// Decodes a PNG file of any kind into `width * height` pixels of four bytes R, G, B, A, row by row from the top; alpha
// is not premultiplied. `width` and `height` are those of cpng_read_size. Returns false and writes libpng's reason to
// `message` on failure; the pixels are then undefined.
bool cpng_decode_rgba(
    const uint8_t *data, size_t data_size, uint32_t width, uint32_t height, uint8_t *pixels,
    char message[CPNG_MESSAGE_SIZE]);

// An upper bound for the size in bytes of an encoded image with 1 or 3 channels.
size_t cpng_encoded_size_bound(uint32_t width, uint32_t height, uint32_t channels);

// Encodes `width * height` pixels of `channels` bytes (1 for grey, 3 for R, G, B), row by row from the top. On entry
// `*png_size` is the room in `png`; on success it is the size of the file. Returns false and writes libpng's reason to
// `message` on failure.
bool cpng_encode(
    const uint8_t *pixels, uint32_t width, uint32_t height, uint32_t channels, uint8_t *png, size_t *png_size,
    char message[CPNG_MESSAGE_SIZE]);

#endif
