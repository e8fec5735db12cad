#include <math.h>

#include "pool.h"

#ifdef __x86_64__

static inline cker_map_shape input_shape(const cker_pool_shape *shape) {
    const int64_t area = shape->input_height * shape->input_width;
    return (cker_map_shape){shape->type, shape->samples, shape->channels, area};
}

static inline cker_map_shape output_shape(const cker_pool_shape *shape) {
    const int64_t area = shape->output_height * shape->output_width;
    return (cker_map_shape){shape->type, shape->samples, shape->channels, area};
}

// MARK: Forward

struct pooled {
    __m512 value;
    __m512i place;
};

// A window's taps inside the input.
struct window {
    const char *pixels;  // where its first tap would be, if need be outside the map
    struct range rows, columns;
    int64_t width, pitch;  // of the kernel, of a row of the input in pixels
};

TEMPLATE __m512i tap_place(const struct window *window, int64_t row, int64_t column) {
    return _mm512_set1_epi32((int)(row * window->width + column));
}

// A NaN is the largest, which should not go unnoticed.
TEMPLATE struct pooled largest_with_nan(enum cker_type type, struct window window) {
    __m512 largest = _mm512_set1_ps(-INFINITY);
    __m512i place = tap_place(&window, window.rows.first, window.columns.first);
    for (int64_t i = window.rows.first; i < window.rows.end; i++) {
        for (int64_t j = window.columns.first; j < window.columns.end; j++) {
            const __m512 value = load_pixel(type, window.pixels, i * window.pitch + j);
            // The first NaN stays, as nothing is above it.
            const __mmask16 above = _mm512_cmp_ps_mask(value, largest, _CMP_GT_OQ)
                | _mm512_mask_cmp_ps_mask(
                                        _mm512_cmp_ps_mask(largest, largest, _CMP_ORD_Q), value, value, _CMP_UNORD_Q);
            largest = _mm512_mask_mov_ps(largest, above, value);
            place = _mm512_mask_mov_epi32(place, above, tap_place(&window, i, j));
        }
    }
    return (struct pooled){largest, place};
}

VECTORIZED static __attribute__((noinline)) struct pooled largest_float32_with_nan(struct window window) {
    return largest_with_nan(cker_float32, window);
}

VECTORIZED static __attribute__((noinline)) struct pooled largest_bfloat16_with_nan(struct window window) {
    return largest_with_nan(cker_bfloat16, window);
}

TEMPLATE struct pooled largest_of(enum cker_type type, struct window window, __mmask16 existing) {
    __m512 largest = _mm512_set1_ps(-INFINITY), previous = largest;
    __m512i place = tap_place(&window, window.rows.first, window.columns.first);
    __mmask16 numbers = existing;
    bool is_second = false;
    for (int64_t i = window.rows.first; i < window.rows.end; i++) {
        for (int64_t j = window.columns.first; j < window.columns.end; j++) {
            const __m512 value = load_pixel(type, window.pixels, i * window.pitch + j);
            const __mmask16 above = _mm512_cmp_ps_mask(value, largest, _CMP_GT_OQ);
            largest = _mm512_max_ps(value, largest);
            place = _mm512_mask_mov_epi32(place, above, tap_place(&window, i, j));
            // Whether all are numbers takes half a comparison each; finding the one that isn't would take many.
            if (is_second) numbers = _mm512_mask_cmp_ps_mask(numbers, previous, value, _CMP_ORD_Q);
            previous = value;
            is_second = !is_second;
        }
    }
    if (is_second) numbers = _mm512_mask_cmp_ps_mask(numbers, previous, previous, _CMP_ORD_Q);
    if (__builtin_expect(numbers != existing, 0))
        return type == cker_float32 ? largest_float32_with_nan(window) : largest_bfloat16_with_nan(window);
    return (struct pooled){largest, place};
}

TEMPLATE __m512 sum_of(enum cker_type type, struct window window) {
    __m512 sum = _mm512_setzero_ps();
    for (int64_t i = window.rows.first; i < window.rows.end; i++) {
        // Rows by themselves first: a mean over a whole map is a long sum.
        __m512 row = _mm512_setzero_ps();
        for (int64_t j = window.columns.first; j < window.columns.end; j++)
            row = _mm512_add_ps(row, load_pixel(type, window.pixels, i * window.pitch + j));
        sum = _mm512_add_ps(sum, row);
    }
    return sum;
}

TEMPLATE struct pooled pool_window(
    enum cker_type type, bool is_maximum, struct window window, __mmask16 existing) {
    if (is_maximum) return largest_of(type, window, existing);
    return (struct pooled){sum_of(type, window), _mm512_setzero_si512()};
}

TEMPLATE void pool_rows(
    enum cker_type type, bool is_maximum, struct axis down, struct axis across,
    const cker_pool_forward_arguments *arguments, struct range rows) {
    const cker_pool_shape *shape = &arguments->shape;
    const cker_map_shape larger = input_shape(shape), smaller = output_shape(shape);
    const int64_t blocks = block_count(&larger), pixel_size = cker_block * element_bytes(type);
    const struct range whole_rows = {0, down.kernel}, whole_columns = {0, across.kernel};
    for (int64_t row = rows.first; row < rows.end; row++) {
        const int64_t map = row / down.output, y = row % down.output, sample = map / blocks, block = map % blocks;
        const __mmask16 existing = existing_channels(&larger, block);
        const char *input = pixel_address(&larger, &arguments->input, sample, block, 0);
        void *output = pixel_address(&smaller, &arguments->output, sample, block, y * across.output);
        __m128i *places = arguments->places ? (__m128i *)arguments->places + row * across.output : NULL;
        const struct range tap_rows = taps(down, y);
        const bool is_whole = tap_rows.end - tap_rows.first == down.kernel;
        const int64_t divisor_rows = divisor(shape, down, y);
        for (int64_t x = 0; x < across.output; x++) {
            const int64_t first = (y * down.stride - down.before) * across.input + x * across.stride - across.before;
            const struct range tap_columns = taps(across, x);
            struct window window = {
                input + first * pixel_size, tap_rows, tap_columns, across.kernel, across.input};
            struct pooled pooled;
            if (is_whole && tap_columns.end - tap_columns.first == across.kernel) {
                window.rows = whole_rows;
                window.columns = whole_columns;
                pooled = pool_window(type, is_maximum, window, existing);
            } else {
                pooled = pool_window(type, is_maximum, window, existing);
            }
            if (!is_maximum) {
                const float count = (float)(divisor_rows * divisor(shape, across, x));
                pooled.value = _mm512_div_ps(pooled.value, _mm512_set1_ps(count));
            }
            store_pixel(type, output, x, _mm512_maskz_mov_ps(existing, pooled.value), false);
            if (!places) continue;
            if (arguments->follows_relu)
                pooled.place = _mm512_mask_mov_epi32(
                    _mm512_set1_epi32(cker_no_place), positive(pooled.value), pooled.place);
            _mm_storeu_si128(places + x, _mm512_cvtepi32_epi8(pooled.place));
        }
    }
}

// MARK: Backward

// A row of the input's gradient, and what it is made of.
struct gradient_row {
    const void *output_gradient;
    const __m128i *places;  // of the map's windows
    const void *relu_output;
    void *input_gradient;
    int64_t y;
    struct range windows;  // that the row lies in
    __mmask16 existing;
    bool past_cache;
};

// The pixels from where window `column` begins to where the next one does. Each of them lies in windows `column`,
// `column` − 1 and so on, as far as the kernel reaches; unless `checks`, all of that exists.
TEMPLATE void spread_pixels(
    enum cker_type type, bool is_maximum, bool checks, struct axis down, struct axis across,
    const cker_pool_shape *shape, const struct gradient_row *row, int64_t column) {
    for (int64_t offset = 0; offset < across.stride; offset++) {
        const int64_t x = column * across.stride + offset - across.before;
        if (checks && (x < 0 || x >= across.input)) continue;
        __m512 sum = _mm512_setzero_ps();
        for (int64_t i = row->windows.first; i < row->windows.end; i++) {
            const int64_t tap_row = row->y + down.before - i * down.stride;
            for (int64_t back = 0; offset + back * across.stride < across.kernel; back++) {
                const int64_t j = column - back;
                if (checks && (j < 0 || j >= across.output)) continue;
                const __m512 gradient = load_pixel(type, row->output_gradient, i * across.output + j);
                if (is_maximum) {
                    const int64_t tap = tap_row * across.kernel + offset + back * across.stride;
                    const __m128i places = _mm_loadu_si128(row->places + i * across.output + j);
                    const __mmask16 here = _mm_cmpeq_epi8_mask(places, _mm_set1_epi8((char)tap));
                    sum = _mm512_mask_add_ps(sum, here, sum, gradient);
                } else if (shape->kind == cker_average_with_padding) {
                    sum = _mm512_add_ps(sum, gradient);
                } else {
                    const float count = (float)(divisor(shape, down, i) * divisor(shape, across, j));
                    sum = _mm512_add_ps(sum, _mm512_div_ps(gradient, _mm512_set1_ps(count)));
                }
            }
        }
        if (!is_maximum && shape->kind == cker_average_with_padding)
            sum = _mm512_mul_ps(sum, _mm512_set1_ps(1.0f / (float)(down.kernel * across.kernel)));
        __mmask16 kept = row->existing;
        if (row->relu_output) kept &= positive(load_pixel(type, row->relu_output, x));
        store_pixel(type, row->input_gradient, x, _mm512_maskz_mov_ps(kept, sum), row->past_cache);
    }
}

TEMPLATE void spread_rows(
    enum cker_type type, bool is_maximum, struct axis down, struct axis across,
    const cker_pool_backward_arguments *arguments, struct range rows) {
    const cker_pool_shape *shape = &arguments->shape;
    const cker_map_shape larger = input_shape(shape), smaller = output_shape(shape);
    const int64_t blocks = block_count(&larger);
    const bool past_cache = passes_cache(&larger, &arguments->input_gradient);
    // Columns of windows that reach back to no window and begin with no pixel that does not exist.
    const int64_t reach = (across.kernel - 1) / across.stride;
    const int64_t inner = at_least(reach, (across.before + across.stride - 1) / across.stride);
    const int64_t inner_end = at_most(across.output, (across.before + across.input) / across.stride);
    for (int64_t index = rows.first; index < rows.end; index++) {
        const int64_t map = index / down.input, y = index % down.input, sample = map / blocks, block = map % blocks;
        const int64_t first = y * across.input, position = y + down.before;
        const struct gradient_row row = {
            .output_gradient = pixel_address(&smaller, &arguments->output_gradient, sample, block, 0),
            .places = is_maximum ? (const __m128i *)arguments->places + map * smaller.area : NULL,
            .relu_output = pixel_address(&larger, &arguments->relu_output, sample, block, first),
            .input_gradient = pixel_address(&larger, &arguments->input_gradient, sample, block, first),
            .y = y,
            .windows = {at_least(position - down.kernel + down.stride, 0) / down.stride,
                        at_most(position / down.stride + 1, down.output)},
            .existing = existing_channels(&larger, block),
            .past_cache = past_cache};
        int64_t column = across.before / across.stride;
        const int64_t end = (across.before + across.input - 1) / across.stride + 1;
        for (; column < at_most(inner, end); column++)
            spread_pixels(type, is_maximum, true, down, across, shape, &row, column);
        for (; column < inner_end; column++)
            spread_pixels(type, is_maximum, false, down, across, shape, &row, column);
        for (; column < end; column++) spread_pixels(type, is_maximum, true, down, across, shape, &row, column);
    }
    if (past_cache) _mm_sfence();
}

// MARK: Variants

// Calls `rows` with the most common windows as constants.
#define CKER_WITH_WINDOWS(rows, type, is_maximum, arguments, range)                                  \
    do {                                                                                             \
        struct axis down = vertical(&(arguments)->shape), across = horizontal(&(arguments)->shape);  \
        if (has_windows(down, across, 2, 2)) {                                                       \
            down.kernel = across.kernel = down.stride = across.stride = 2;                           \
            rows(type, is_maximum, down, across, arguments, range);                                  \
        } else if (has_windows(down, across, 3, 2)) {                                                \
            down.kernel = across.kernel = 3;                                                         \
            down.stride = across.stride = 2;                                                         \
            rows(type, is_maximum, down, across, arguments, range);                                  \
        } else if (has_windows(down, across, 3, 1)) {                                                \
            down.kernel = across.kernel = 3;                                                         \
            down.stride = across.stride = 1;                                                         \
            rows(type, is_maximum, down, across, arguments, range);                                  \
        } else {                                                                                     \
            rows(type, is_maximum, down, across, arguments, range);                                  \
        }                                                                                            \
    } while (0)

static inline bool has_windows(struct axis down, struct axis across, int64_t kernel, int64_t stride) {
    return down.kernel == kernel && across.kernel == kernel && down.stride == stride && across.stride == stride;
}

#define CKER_POOL_VARIANT(name, rows, arguments_type, type, is_maximum)                               \
    VECTORIZED static void name(const arguments_type *arguments, struct range range) {               \
        CKER_WITH_WINDOWS(rows, type, is_maximum, arguments, range);                                  \
    }

CKER_POOL_VARIANT(maximum_float32, pool_rows, cker_pool_forward_arguments, cker_float32, true)
CKER_POOL_VARIANT(maximum_bfloat16, pool_rows, cker_pool_forward_arguments, cker_bfloat16, true)
CKER_POOL_VARIANT(average_float32, pool_rows, cker_pool_forward_arguments, cker_float32, false)
CKER_POOL_VARIANT(average_bfloat16, pool_rows, cker_pool_forward_arguments, cker_bfloat16, false)
CKER_POOL_VARIANT(spread_maximum_float32, spread_rows, cker_pool_backward_arguments, cker_float32, true)
CKER_POOL_VARIANT(spread_maximum_bfloat16, spread_rows, cker_pool_backward_arguments, cker_bfloat16, true)
CKER_POOL_VARIANT(spread_average_float32, spread_rows, cker_pool_backward_arguments, cker_float32, false)
CKER_POOL_VARIANT(spread_average_bfloat16, spread_rows, cker_pool_backward_arguments, cker_bfloat16, false)

static inline bool is_full(const cker_pool_shape *shape) { return shape->type == cker_float32; }

static void pool_blocks(const cker_pool_forward_arguments *arguments, int part, int parts) {
    const cker_pool_shape *shape = &arguments->shape;
    const cker_map_shape map = output_shape(shape);
    const struct range rows = range_of_part(map.samples * block_count(&map) * shape->output_height, part, parts);
    if (shape->kind == cker_maximum) (is_full(shape) ? maximum_float32 : maximum_bfloat16)(arguments, rows);
    else (is_full(shape) ? average_float32 : average_bfloat16)(arguments, rows);
}

static void spread_blocks(const cker_pool_backward_arguments *arguments, int part, int parts) {
    const cker_pool_shape *shape = &arguments->shape;
    const cker_map_shape map = input_shape(shape);
    const struct range rows = range_of_part(map.samples * block_count(&map) * shape->input_height, part, parts);
    if (shape->kind == cker_maximum)
        (is_full(shape) ? spread_maximum_float32 : spread_maximum_bfloat16)(arguments, rows);
    else (is_full(shape) ? spread_average_float32 : spread_average_bfloat16)(arguments, rows);
}
#else
static void pool_blocks(const cker_pool_forward_arguments *arguments, int part, int parts) {}
static void spread_blocks(const cker_pool_backward_arguments *arguments, int part, int parts) {}
#endif

void cker_pool_forward(const cker_pool_forward_arguments *arguments, int part, int parts) {
    (arguments->shape.is_plain ? pool_planes : pool_blocks)(arguments, part, parts);
}

void cker_pool_backward(const cker_pool_backward_arguments *arguments, int part, int parts) {
    (arguments->shape.is_plain ? spread_planes : spread_blocks)(arguments, part, parts);
}
