// What the files of Winograd's convolution share. A convolution with m outputs a tile and axis and kernels of r taps,
// m + r − 1 = 6, is Y = Aᵀ [(G w Gᵀ) ⊙ (Bᵀ x B)] A: elementwise products, summed over channels, are a product of matrices
// for each of the 36 points.
//
// Where tiles don't divide an axis its last ones have an output less, and only 5 × 6, 6 × 5 or 5 × 5 points. Those are
// points of the full tiles too, so the transformed weights are the same.
#ifndef CONVNET_WINOGRAD_H
#define CONVNET_WINOGRAD_H

#include "vector.h"

#ifdef __x86_64__

enum {
    winograd_side = 6,     // points of an axis
    winograd_points = 36,
    winograd_panel = 32,   // output channels that are multiplied at a time
    winograd_rows = 14,    // tiles that are multiplied at a time
};

// The points of interpolation are 0, a, −a, b, ∞ and −b, in this order, so that short tiles have the first five. Errors
// are least about 3/4 and 3/2; all constants in B and A are exact.
#define POINT_A 0.75f
#define POINT_B 1.5f
#define POINT_A_POWER_2 (POINT_A * POINT_A)
#define POINT_B_POWER_2 (POINT_B * POINT_B)
#define POINT_A_POWER_3 (POINT_A_POWER_2 * POINT_A)
#define POINT_B_POWER_3 (POINT_B_POWER_2 * POINT_B)

// factor · x and factor · x + y
TEMPLATE __m512 times(float factor, __m512 x) { return _mm512_mul_ps(_mm512_set1_ps(factor), x); }
TEMPLATE __m512 plus(float factor, __m512 x, __m512 y) { return _mm512_fmadd_ps(_mm512_set1_ps(factor), x, y); }

// A convolution, or the one that its derivative for the input is.
struct winograd_convolution {
    int64_t samples, source_channels, target_channels;
    int64_t source_height, source_width, target_height, target_width;
    int64_t kernel, top, left;
    enum cker_type type;
};

struct winograd_convolution winograd_forward_convolution(const cker_winograd_shape *shape);
struct winograd_convolution winograd_data_convolution(const cker_winograd_shape *shape);

// The tiles of an axis: the first `full` of them have `size` outputs, the others one less.
struct winograd_axis {
    int64_t tiles, full, size;
};

struct winograd_tile {
    int32_t sample, row, column;  // of the first output
};

// Some tiles, those with the same points next to each other: first the full ones, then those that are short in columns,
// in both axes, in rows.
struct winograd_tiles {
    struct winograd_tile *tiles;
    int64_t first[5];  // of each kind, and the end
};

struct winograd_axis winograd_axis(int64_t outputs, int64_t kernel);
// Lists tiles begin ..< end of a convolution.
void winograd_list_tiles(struct winograd_tiles *list, const struct winograd_axis *rows,
                         const struct winograd_axis *columns, int64_t begin, int64_t end);
// The tiles begin ..< end of a list that have a point, as up to two ranges. Returns their number.
int winograd_ranges(const struct winograd_tiles *list, int point, int64_t begin, int64_t end, int64_t ranges[2][2]);

static inline int64_t divide_up(int64_t value, int64_t divisor) { return (value + divisor - 1) / divisor; }
static inline int64_t minimum(int64_t a, int64_t b) { return a < b ? a : b; }
static inline int64_t maximum(int64_t a, int64_t b) { return a > b ? a : b; }
// Where part `part` of `parts` of `count` begins; part + 1 gives its end.
static inline int64_t part_begin(int64_t count, int64_t part, int64_t parts) { return count * part / parts; }
// A stride in floats that takes the same element of all points to different sets of a cache.
static inline int64_t spread_stride(int64_t floats) { return (divide_up(floats, 16) | 1) * 16; }

// A map of `blocks` × height × width that transforms read or write one block of channels of.
struct winograd_plane {
    char *elements;         // of the block
    int64_t sample_stride;  // in elements
    int64_t height, width;
};

// The transformed tiles of one block of channels: element (point, tile, channel) lies at point · point_stride + tile ·
// tile_stride + channel.
struct winograd_block {
    float *elements;
    int64_t point_stride, tile_stride;
};

// Bᵀ x B of tiles begin ..< end.
void winograd_transform_source(const struct winograd_convolution *convolution, const struct winograd_plane *source,
                               const struct winograd_tiles *list, int64_t begin, int64_t end,
                               const struct winograd_block *block);
// A y Aᵀ of tiles begin ..< end of an output's gradient. Adds all pixels to `sum`.
void winograd_transform_gradient(const struct winograd_convolution *convolution, const struct winograd_plane *gradient,
                                 const struct winograd_tiles *list, int64_t begin, int64_t end,
                                 const struct winograd_block *block, double sum[16]);

struct winograd_epilogue {
    float bias[16];
    bool relu;
    struct winograd_plane add;  // or without elements
};

// Aᵀ m A of tiles begin ..< end, of which the first is the block's tile 0.
void winograd_transform_target(const struct winograd_convolution *convolution, const struct winograd_block *block,
                               const struct winograd_tiles *list, int64_t begin, int64_t end,
                               const struct winograd_plane *target, const struct winograd_epilogue *epilogue);

// G w Gᵀ of a block of weights for one block of source and target channels each. Element (point, source channel, target
// channel) goes to point · point_stride + source channel · channel_stride + target channel.
void winograd_transform_weights(const float *weights, int64_t kernel, float *transformed, int64_t point_stride,
                                int64_t channel_stride);
// The same of weights that are turned round and whose source channels are the forward convolution's outputs.
void winograd_transform_turned_weights(const float *weights, int64_t kernel, float *transformed, int64_t point_stride,
                                       int64_t channel_stride);
// Gᵀ u G of the sum of `count` gradients, that lie `stride` from each other, elements as above.
void winograd_transform_weights_gradient(const float *transformed, int64_t count, int64_t stride, int64_t point_stride,
                                         int64_t channel_stride, int64_t kernel, float *weights);

// products[tile][k] = Σ tiles[c / 16][tile][c % 16] · weights[c][k] for up to
// winograd_rows tiles, `channels` c and one or two vectors of k.
void winograd_multiply(int64_t rows, int vectors, const float *tiles, int64_t block_stride, int64_t channels,
                       const float *weights, float *products);
// products[c][k] (+)= Σ tiles[t][c] · gradients[t][k] over `count` tiles t, for 16 channels c and one or two vectors of k.
void winograd_multiply_gradients(int vectors, const float *tiles, const float *gradients, int64_t count, float *products,
                                 bool accumulate);

// A map's block of channels, as transforms take it.
static inline struct winograd_plane winograd_plane(const cker_map *map, int64_t block, enum cker_type type, int64_t height,
                                                   int64_t width) {
    if (!map->elements) return (struct winograd_plane){0};
    return (struct winograd_plane){(char *)map->elements + block * map->block_stride * element_bytes(type),
                                   map->sample_stride, height, width};
}

// The convolutions' and the gradients' numbers of phases and bytes of scratch memory.
struct winograd_needs {
    int64_t phases;
    size_t bytes;
};

struct winograd_needs winograd_convolution_needs(const struct winograd_convolution *convolution, int64_t parts);
struct winograd_needs winograd_gradient_needs(const struct winograd_convolution *convolution, int64_t parts);

#endif
#endif
