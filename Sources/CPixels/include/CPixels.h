#ifndef CPIXELS_H
#define CPIXELS_H

#include <stddef.h>
#include <stdint.h>

// Loops over the bytes of pictures, interleaved H×W×C, that are worth the processor's wide instructions.

// The planes C×H×W of an image of `pixels` pixels and `channels` (1 or 3) bytes each: byte / 255.
void cpix_planes(const uint8_t *input, size_t pixels, size_t channels, float *output);

// For each output pixel of one axis, which input pixels it is a weighted sum of. Weights are fixed-point numbers of 22
// binary digits behind the point.
typedef struct {
    const int32_t *first;    // of each output pixel, the first input pixel
    const int32_t *count;    // how many, at most `stride`
    const int32_t *weights;  // `stride` for each output pixel
    int32_t stride;
    int32_t outputs;
} cpix_taps;

// Changes the width of `rows` rows: input rows are `input_width` pixels of `channels` (1 or 3) bytes. Every output byte is
// the weighted sum, rounded and held between 0 and 255.
void cpix_resize_width(
    const uint8_t *input, size_t input_width, size_t rows, size_t channels, cpix_taps taps, uint8_t *output);

// Changes the height: `row_bytes` bytes of each row, which begin `input_row_bytes` apart.
void cpix_resize_height(
    const uint8_t *input, size_t input_row_bytes, size_t row_bytes, cpix_taps taps, uint8_t *output);

#endif
