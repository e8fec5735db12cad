// What the passes over feature maps in any layout share: reading and writing up to 8 numbers side by side as a vector of
// float32, whatever type they are kept in, and going through a map by columns of such.
#ifndef CONVNET_KERNELS_COLUMNS_H
#define CONVNET_KERNELS_COLUMNS_H
#include <string.h>

#include "passes.h"

// Vectors of 8 numbers are what the compiler makes of them: two of four on the oldest processors.
// Vectors are passed to functions that are inlined, so that it does not matter how a call would pass them.
#pragma clang diagnostic ignored "-Wpsabi"
#define INLINE static inline __attribute__((always_inline))

enum { width = 8 };
typedef float floats __attribute__((vector_size(4 * width)));
typedef double doubles_type __attribute__((vector_size(8 * width)));
typedef uint32_t words __attribute__((vector_size(4 * width)));
typedef uint16_t halves __attribute__((vector_size(2 * width)));
typedef uint8_t bytes __attribute__((vector_size(width)));

// MARK: Elements

// Up to 8 numbers of a map, the lanes that the count leaves out being zero. The type is a constant wherever this is inlined.
INLINE floats load(enum cker_type type, const void *map, int64_t index, int lanes) {
    if (type == cker_float32) {
        floats values = {0};
        if (lanes == width) memcpy(&values, (const float *)map + index, sizeof values);
        else memcpy(&values, (const float *)map + index, (size_t)lanes * sizeof(float));
        return values;
    }
    halves values = {0};
    if (lanes == width) memcpy(&values, (const uint16_t *)map + index, sizeof values);
    else memcpy(&values, (const uint16_t *)map + index, (size_t)lanes * sizeof(uint16_t));
    return (floats)(__builtin_convertvector(values, words) << 16);
}

// Rounds to the nearest bfloat16, ties to even; what is not a number stays so.
INLINE halves rounded(floats values) {
    const words bits = (words)values, is_number = (words)(values == values);
    const words nearest = bits + ((bits >> 16) & 1) + 0x7fff;
    return __builtin_convertvector(((nearest & is_number) | ((bits | 0x400000) & ~is_number)) >> 16, halves);
}

INLINE void store(enum cker_type type, void *map, int64_t index, int lanes, floats values) {
    if (type == cker_float32) {
        if (lanes == width) memcpy((float *)map + index, &values, sizeof values);
        else memcpy((float *)map + index, &values, (size_t)lanes * sizeof(float));
        return;
    }
    const halves numbers = rounded(values);
    if (lanes == width) memcpy((uint16_t *)map + index, &numbers, sizeof numbers);
    else memcpy((uint16_t *)map + index, &numbers, (size_t)lanes * sizeof(uint16_t));
}

// MARK: Columns

// Every layout falls into columns of up to 8 numbers side by side, the next of which lie `stride` further on: 8 channels of
// a block, pixel after pixel, or 8 pixels of one channel, row-major.
struct column {
    int64_t first, count, stride;
    int lanes;
    int64_t sample;
    int64_t channel;    // of the first lane
    bool is_of_pixels;  // all lanes are of one channel
};

// Calls `body`, which is inlined, with the columns that some pixels of all samples fall into.
INLINE void for_each_column(
    const cker_channel_shape *shape, struct range pixels, const void *context,
    void (*body)(const void *context, struct column column)) {
    const int64_t block = shape->block, blocks = (shape->channels + block - 1) / block;
    for (struct run run; next_run(&pixels, shape->area, &run);) {
        for (int64_t b = 0; b < blocks; b++) {
            const int64_t start = ((run.map * blocks + b) * shape->area + run.pixel) * block;
            if (block == 1) {
                const int64_t whole = run.count / width, rest = run.count % width;
                if (whole) body(context, (struct column){start, whole, width, width, run.map, b, true});
                if (rest)
                    body(context, (struct column){start + whole * width, 1, width, (int)rest, run.map, b, true});
                continue;
            }
            for (int64_t lane = 0; lane < block; lane += width) {
                const int lanes = block - lane < width ? (int)(block - lane) : width;
                const int64_t channel = b * block + lane;
                body(context, (struct column){start + lane, run.count, block, lanes, run.map, channel, false});
            }
        }
    }
}

static inline int64_t padded_channels(const cker_channel_shape *shape) {
    return (shape->channels + shape->block - 1) / shape->block * shape->block;
}

// What is known of the channels, in arrays as long as the blocks that they fill up.

INLINE floats of_channels(const float *values, const struct column *column) {
    floats result = {0};
    if (column->is_of_pixels) return result + values[column->channel];
    memcpy(&result, values + column->channel, (size_t)column->lanes * sizeof(float));
    return result;
}

INLINE void add_to_channels(double *sums, const struct column *column, doubles_type values) {
    for (int lane = 0; lane < column->lanes; lane++) sums[column->channel + (column->is_of_pixels ? 0 : lane)] += values[lane];
}

// MARK: Scratch memory

// Two sums and four factors for each channel, for each part.
struct scratch {
    double *first, *second;
    float *mean, *factor, *deviation_factor, *constant;
};

static inline size_t bytes_of_part(const cker_channel_shape *shape) {
    // Whole cache lines, so that no two parts write to one.
    return ((size_t)padded_channels(shape) * (2 * sizeof(double) + 4 * sizeof(float)) + 63) / 64 * 64;
}

static inline struct scratch scratch_of(const cker_channel_shape *shape, void *memory, int part) {
    const int64_t channels = padded_channels(shape);
    double *sums = (double *)((char *)memory + (size_t)part * bytes_of_part(shape));
    float *factors = (float *)(sums + 2 * channels);
    return (struct scratch){sums, sums + channels, factors, factors + channels, factors + 2 * channels,
                            factors + 3 * channels};
}

static inline struct range pixels_of(const cker_channel_shape *shape, int part, int parts) {
    return range_of_part(shape->samples * shape->area, part, parts);
}

// The sums that all parts have found for a channel.
static inline void total(const cker_channel_shape *shape, void *memory, int parts, int64_t channel, double *first, double *second) {
    *first = *second = 0;
    for (int part = 0; part < parts; part++) {
        const struct scratch scratch = scratch_of(shape, memory, part);
        *first += scratch.first[channel];
        *second += scratch.second[channel];
    }
}

static inline void clear_sums(const cker_channel_shape *shape, const struct scratch *scratch) {
    memset(scratch->first, 0, (size_t)padded_channels(shape) * 2 * sizeof(double));
}

#endif
