#include "winograd.h"

#ifdef __x86_64__

static const float a1 = POINT_A, a2 = POINT_A_POWER_2, a3 = POINT_A_POWER_3;
static const float b1 = POINT_B, b2 = POINT_B_POWER_2, b3 = POINT_B_POWER_3;

// Points are transformed in pairs of rows that have most terms in common, as all of them don't fit in the registers.
static const int row_pairs[3][2] = {{0, 4}, {1, 2}, {3, 5}};

// What rows of a tile outside the map are read from.
static const float no_pixels[winograd_side * 16];

// Bᵀ x: row i has the coefficients of Π (p − point j) over j ≠ i. Those of short tiles, that lack the point −b, are
// scaled by point i + b, as the transformed weights are divided by Π (point i − point j) of full ones.
TEMPLATE void transform_source_axis(const bool is_short, const __m512 x[6], __m512 v[6]) {
    if (is_short) {
        const __m512 odd = plus(-a2, x[1], x[3]), even = plus(-a2, x[0], x[2]);
        const __m512 upper = plus(-b1, x[2], x[3]), lower = plus(-b1, x[1], x[2]);
        v[0] = plus(-b2, even, times(b1, odd));
        v[1] = times(b1 + a1, plus(a1, lower, upper));
        v[2] = times(b1 - a1, plus(-a1, lower, upper));
        v[3] = times(2 * b1, odd);
        v[4] = plus(-b1, odd, plus(-a2, x[2], x[4]));
    } else {
        const __m512 even_a = plus(-b2, x[2], x[4]), odd_a = plus(-a1 * b2, x[1], times(a1, x[3]));
        const __m512 even_b = plus(-a2, x[2], x[4]), odd_b = plus(-b1 * a2, x[1], times(b1, x[3]));
        v[0] = plus(-(a2 + b2), x[2], plus(a2 * b2, x[0], x[4]));
        v[1] = _mm512_add_ps(even_a, odd_a);
        v[2] = _mm512_sub_ps(even_a, odd_a);
        v[3] = _mm512_add_ps(even_b, odd_b);
        v[4] = plus(-(a2 + b2), x[3], plus(a2 * b2, x[1], x[5]));
        v[5] = _mm512_sub_ps(even_b, odd_b);
    }
}

// A y: row i has the powers of point i.
TEMPLATE void transform_gradient_axis(const bool is_short, const int outputs, const __m512 y[4], __m512 v[6]) {
    __m512 even_a = y[0], even_b = y[0], odd_a = _mm512_setzero_ps(), odd_b = odd_a;
    if (outputs > 1) odd_a = times(a1, y[1]), odd_b = times(b1, y[1]);
    if (outputs > 2) even_a = plus(a2, y[2], even_a), even_b = plus(b2, y[2], even_b);
    if (outputs > 3) odd_a = plus(a3, y[3], odd_a), odd_b = plus(b3, y[3], odd_b);
    v[0] = y[0];
    v[1] = _mm512_add_ps(even_a, odd_a);
    v[2] = _mm512_sub_ps(even_a, odd_a);
    v[3] = _mm512_add_ps(even_b, odd_b);
    v[4] = y[outputs - 1];
    if (!is_short) v[5] = _mm512_sub_ps(even_b, odd_b);
}

// Aᵀ m
TEMPLATE void transform_target_axis(const bool is_short, const int outputs, const __m512 m[6], __m512 y[4]) {
    const __m512 even_a = _mm512_add_ps(m[1], m[2]), odd_a = _mm512_sub_ps(m[1], m[2]);
    const __m512 even_b = is_short ? m[3] : _mm512_add_ps(m[3], m[5]);
    const __m512 odd_b = is_short ? m[3] : _mm512_sub_ps(m[3], m[5]);
    y[0] = _mm512_add_ps(m[0], _mm512_add_ps(even_a, even_b));
    if (outputs > 1) y[1] = plus(b1, odd_b, times(a1, odd_a));
    if (outputs > 2) y[2] = plus(b2, even_b, times(a2, even_a));
    if (outputs > 3) y[3] = plus(b3, odd_b, times(a3, odd_a));
    y[outputs - 1] = _mm512_add_ps(y[outputs - 1], m[4]);
}

// The pixels of a tile: where they lie, and which columns are inside the map.
struct pixels {
    const char *rows[winograd_side];
    __mmask16 columns[winograd_side];
};

TEMPLATE struct pixels pixels_of(enum cker_type type, const struct winograd_plane *plane, int64_t sample, int64_t top,
                                 int64_t left, const int rows, const int columns) {
    struct pixels pixels;
    const char *elements = plane->elements + sample * plane->sample_stride * element_bytes(type);
    UNROLL for (int row = 0; row < rows; row++) {
        const int64_t pixel = (top + row) * plane->width + left;
        const bool inside = top + row >= 0 && top + row < plane->height;
        pixels.rows[row] = inside ? elements + pixel * 16 * element_bytes(type) : (const char *)no_pixels;
    }
    UNROLL for (int column = 0; column < columns; column++) {
        pixels.columns[column] = left + column >= 0 && left + column < plane->width ? 0xffff : 0;
    }
    return pixels;
}

TEMPLATE __m512 load_pixel(enum cker_type type, const struct pixels *pixels, int row, int column) {
    return load_vector(type, pixels->rows[row] + column * 16 * element_bytes(type), pixels->columns[column]);
}

TEMPLATE void transform_source(const enum cker_type type, const bool short_rows, const bool short_columns,
                               const struct winograd_convolution *convolution, const struct winograd_plane *source,
                               const struct winograd_tile *tile, int64_t count, const struct winograd_block *block) {
    const int rows = winograd_side - short_rows, columns = winograd_side - short_columns;
    const struct winograd_plane plane = *source;
    const int64_t point_stride = block->point_stride, tile_stride = block->tile_stride;
    float *transformed = block->elements;
    for (; count > 0; count--, tile++, transformed += tile_stride) {
        const struct pixels pixels = pixels_of(type, &plane, tile->sample, tile->row - convolution->top,
                                               tile->column - convolution->left, rows, columns);
        UNROLL for (int pair = 0; pair < 3; pair++) {
            __m512 half[2][6];
            UNROLL for (int column = 0; column < columns; column++) {
                __m512 x[6], v[6];
                UNROLL for (int row = 0; row < rows; row++) x[row] = load_pixel(type, &pixels, row, column);
                transform_source_axis(short_rows, x, v);
                half[0][column] = v[row_pairs[pair][0]];
                if (row_pairs[pair][1] < rows) half[1][column] = v[row_pairs[pair][1]];
            }
            UNROLL for (int i = 0; i < 2; i++) {
                const int row = row_pairs[pair][i];
                __m512 v[6];
                if (row >= rows) continue;
                transform_source_axis(short_columns, half[i], v);
                UNROLL for (int column = 0; column < columns; column++) {
                    _mm512_store_ps(transformed + (row * winograd_side + column) * point_stride, v[column]);
                }
            }
        }
    }
}

TEMPLATE void transform_gradient(const enum cker_type type, const int size, const bool short_rows,
                                 const bool short_columns, const struct winograd_plane *gradient,
                                 const struct winograd_tile *tile, int64_t count, const struct winograd_block *block,
                                 double sum[16]) {
    const int rows = size - short_rows, columns = size - short_columns;
    const struct winograd_plane plane = *gradient;
    const int64_t point_stride = block->point_stride, tile_stride = block->tile_stride;
    float *transformed = block->elements;
    struct double_vector total = load_doubles(sum);
    for (; count > 0; count--, tile++, transformed += tile_stride) {
        __m512 tile_total = _mm512_setzero_ps();
        const struct pixels pixels = pixels_of(type, &plane, tile->sample, tile->row, tile->column, rows, columns);
        UNROLL for (int pair = 0; pair < 3; pair++) {
            __m512 half[2][4];
            UNROLL for (int column = 0; column < columns; column++) {
                __m512 y[4], v[6];
                UNROLL for (int row = 0; row < rows; row++) {
                    y[row] = load_pixel(type, &pixels, row, column);
                    if (pair == 1) tile_total = _mm512_add_ps(tile_total, y[row]);
                }
                transform_gradient_axis(short_rows, rows, y, v);
                half[0][column] = v[row_pairs[pair][0]];
                if (row_pairs[pair][1] < winograd_side - short_rows) half[1][column] = v[row_pairs[pair][1]];
            }
            UNROLL for (int i = 0; i < 2; i++) {
                const int row = row_pairs[pair][i];
                __m512 v[6];
                if (row >= winograd_side - short_rows) continue;
                transform_gradient_axis(short_columns, columns, half[i], v);
                UNROLL for (int column = 0; column < winograd_side - short_columns; column++) {
                    _mm512_store_ps(transformed + (row * winograd_side + column) * point_stride, v[column]);
                }
            }
        }
        total = add_doubles(total, doubles(tile_total));
    }
    store_doubles(sum, total);
}

TEMPLATE void transform_target(const enum cker_type type, const int size, const bool short_rows,
                               const bool short_columns, const struct winograd_block *block,
                               const struct winograd_tile *tile, int64_t count, const struct winograd_plane *target,
                               const struct winograd_epilogue *epilogue) {
    const int rows = winograd_side - short_rows, columns = winograd_side - short_columns;
    const int output_rows = size - short_rows, output_columns = size - short_columns;
    const struct winograd_plane plane = *target, add = epilogue->add;
    const int64_t point_stride = block->point_stride, tile_stride = block->tile_stride;
    const float *transformed = block->elements;
    const __m512 bias = _mm512_loadu_ps(epilogue->bias);
    const __m512 floor = _mm512_set1_ps(epilogue->relu ? 0 : -__builtin_inff());
    for (; count > 0; count--, tile++, transformed += tile_stride) {
        const int64_t pixel = tile->row * plane.width + tile->column;
        char *elements = plane.elements + (tile->sample * plane.sample_stride + pixel * 16) * element_bytes(type);
        const char *added = add.elements
            ? add.elements + (tile->sample * add.sample_stride + pixel * 16) * element_bytes(type) : NULL;
        // Even and odd rows one after the other, as not all fit in the registers.
        UNROLL for (int parity = 0; parity < 2; parity++) {
            __m512 partial[4][6];
            UNROLL for (int column = 0; column < columns; column++) {
                __m512 m[6], y[4];
                UNROLL for (int row = 0; row < rows; row++) {
                    m[row] = _mm512_load_ps(transformed + (row * winograd_side + column) * point_stride);
                }
                transform_target_axis(short_rows, output_rows, m, y);
                UNROLL for (int row = parity; row < output_rows; row += 2) partial[row][column] = y[row];
            }
            UNROLL for (int row = parity; row < output_rows; row += 2) {
                __m512 y[4];
                if (tile->row + row >= plane.height) break;
                transform_target_axis(short_columns, output_columns, partial[row], y);
                UNROLL for (int column = 0; column < output_columns; column++) {
                    if (tile->column + column >= plane.width) break;
                    const int64_t offset = (row * plane.width + column) * 16 * element_bytes(type);
                    __m512 result = _mm512_add_ps(y[column], bias);
                    if (added) result = _mm512_add_ps(result, load_vector(type, added + offset, 0xffff));
                    store_vector(type, elements + offset, _mm512_max_ps(floor, result));
                }
            }
        }
    }
}

// The functions above for all types and kinds of tiles, the kinds in the order of a list.
#define FOR_KINDS(DEFINE, ...)                                                                                         \
    DEFINE(0, false, false, __VA_ARGS__)                                                                               \
    DEFINE(1, false, true, __VA_ARGS__)                                                                                \
    DEFINE(2, true, true, __VA_ARGS__)                                                                                 \
    DEFINE(3, true, false, __VA_ARGS__)
#define KINDS(function) {function##_0, function##_1, function##_2, function##_3}

#define SOURCE(kind, short_rows, short_columns, type)                                                                  \
    VECTORIZED static void source_##type##_##kind(                                                                     \
        const struct winograd_convolution *convolution, const struct winograd_plane *source,                           \
        const struct winograd_tile *tile, int64_t count, const struct winograd_block *block) {                         \
        transform_source(cker_##type, short_rows, short_columns, convolution, source, tile, count, block);             \
    }
FOR_KINDS(SOURCE, float32)
FOR_KINDS(SOURCE, bfloat16)

#define GRADIENT(kind, short_rows, short_columns, type, size)                                                          \
    VECTORIZED static void gradient_##type##_##size##_##kind(                                                          \
        const struct winograd_plane *gradient, const struct winograd_tile *tile, int64_t count,                        \
        const struct winograd_block *block, double sum[16]) {                                                          \
        transform_gradient(cker_##type, size, short_rows, short_columns, gradient, tile, count, block, sum);           \
    }
FOR_KINDS(GRADIENT, float32, 4)
FOR_KINDS(GRADIENT, float32, 2)
FOR_KINDS(GRADIENT, bfloat16, 4)
FOR_KINDS(GRADIENT, bfloat16, 2)

#define TARGET(kind, short_rows, short_columns, type, size)                                                            \
    VECTORIZED static void target_##type##_##size##_##kind(                                                            \
        const struct winograd_block *block, const struct winograd_tile *tile, int64_t count,                           \
        const struct winograd_plane *target, const struct winograd_epilogue *epilogue) {                               \
        transform_target(cker_##type, size, short_rows, short_columns, block, tile, count, target, epilogue);          \
    }
FOR_KINDS(TARGET, float32, 4)
FOR_KINDS(TARGET, float32, 2)
FOR_KINDS(TARGET, bfloat16, 4)
FOR_KINDS(TARGET, bfloat16, 2)

// The part of kind `kind` of tiles begin ..< end of a list.
static inline int64_t kind_begin(const struct winograd_tiles *list, int kind, int64_t begin, int64_t end) {
    return minimum(maximum(list->first[kind], begin), end);
}

static inline struct winograd_block block_from(const struct winograd_block *block, int64_t tile) {
    return (struct winograd_block){block->elements + tile * block->tile_stride, block->point_stride,
                                   block->tile_stride};
}

void winograd_transform_source(const struct winograd_convolution *convolution, const struct winograd_plane *source,
                               const struct winograd_tiles *list, int64_t begin, int64_t end,
                               const struct winograd_block *block) {
    typedef void function(const struct winograd_convolution *, const struct winograd_plane *,
                          const struct winograd_tile *, int64_t, const struct winograd_block *);
    static function *const functions[2][4] = {KINDS(source_float32), KINDS(source_bfloat16)};
    for (int kind = 0; kind < 4; kind++) {
        const int64_t first = kind_begin(list, kind, begin, end), last = kind_begin(list, kind + 1, begin, end);
        const struct winograd_block part = block_from(block, first);
        functions[convolution->type == cker_bfloat16][kind](convolution, source, list->tiles + first, last - first,
                                                            &part);
    }
}

void winograd_transform_gradient(const struct winograd_convolution *convolution, const struct winograd_plane *gradient,
                                 const struct winograd_tiles *list, int64_t begin, int64_t end,
                                 const struct winograd_block *block, double sum[16]) {
    typedef void function(const struct winograd_plane *, const struct winograd_tile *, int64_t,
                          const struct winograd_block *, double[16]);
    static function *const functions[2][2][4] = {{KINDS(gradient_float32_4), KINDS(gradient_float32_2)},
                                                 {KINDS(gradient_bfloat16_4), KINDS(gradient_bfloat16_2)}};
    for (int kind = 0; kind < 4; kind++) {
        const int64_t first = kind_begin(list, kind, begin, end), last = kind_begin(list, kind + 1, begin, end);
        const struct winograd_block part = block_from(block, first);
        functions[convolution->type == cker_bfloat16][convolution->kernel == 5][kind](gradient, list->tiles + first,
                                                                                      last - first, &part, sum);
    }
}

void winograd_transform_target(const struct winograd_convolution *convolution, const struct winograd_block *block,
                               const struct winograd_tiles *list, int64_t begin, int64_t end,
                               const struct winograd_plane *target, const struct winograd_epilogue *epilogue) {
    typedef void function(const struct winograd_block *, const struct winograd_tile *, int64_t,
                          const struct winograd_plane *, const struct winograd_epilogue *);
    static function *const functions[2][2][4] = {{KINDS(target_float32_4), KINDS(target_float32_2)},
                                                 {KINDS(target_bfloat16_4), KINDS(target_bfloat16_2)}};
    for (int kind = 0; kind < 4; kind++) {
        const int64_t first = kind_begin(list, kind, begin, end), last = kind_begin(list, kind + 1, begin, end);
        const struct winograd_block part = block_from(block, first - begin);
        functions[convolution->type == cker_bfloat16][convolution->kernel == 5][kind](
            &part, list->tiles + first, last - first, target, epilogue);
    }
}

#endif
