#ifndef CJPEG_H
#define CJPEG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// JPEG files in memory, through libjpeg-turbo.
//
// libjpeg reports errors through a callback that may not return. The functions here catch their own jumps and return a
// status; this header passes on none of libjpeg's types.

// Room for any message of libjpeg with its terminating zero.
#define CJPEG_MESSAGE_SIZE 200

typedef enum {
    cjpeg_ok,
    cjpeg_truncated,    // the data ends before the picture does
    cjpeg_corrupt,      // `message` has libjpeg's reason
    cjpeg_unsupported,  // libjpeg does not decode files of this kind; `message` says which
} cjpeg_status;

typedef struct {
    uint32_t width, height;
    uint32_t channels;    // of what is decoded: 1 for grey, 3 for colour, 4 for CMYK
    bool is_progressive;  // decoding keeps the coefficients of the whole picture, 2 bytes each
    uint32_t components;  // as the file has them
} cjpeg_header;

// Reads the header of a JPEG file.
cjpeg_status cjpeg_read_header(
    const uint8_t *data, size_t size, cjpeg_header *header, char message[CJPEG_MESSAGE_SIZE]);

// A rectangle of the picture.
typedef struct {
    uint32_t left, top, width, height;
} cjpeg_region;

// Decodes a rectangle of the image at 1/`reduction` of its size (1, 2, 4 or 8), rounded up, into `width * height` pixels of
// as many bytes as the header has channels, row by row from the top: the same bytes that decoding everything would give
// there. CMYK comes as files of Adobe's have it, with 255 for no ink. Uses the slow integer transform and smooth upsampling.
cjpeg_status cjpeg_decode(
    const uint8_t *data, size_t size, uint32_t reduction, cjpeg_region region, uint8_t *pixels,
    char message[CJPEG_MESSAGE_SIZE]);

#endif
