// Pooling of row-major maps, which are small as a rule: their loops are left to the compiler.
#include <math.h>
#include <string.h>

#include "pool.h"

#define INLINE static inline __attribute__((always_inline))

static inline float *plane(const cker_map *map, int64_t sample, int64_t channel) {
    return (float *)map->elements + sample * map->sample_stride + channel * map->block_stride;
}

INLINE void pool_plane(
    const cker_pool_shape *shape, bool is_maximum, struct axis down, struct axis across, const float *input,
    float *output, cker_place *places, bool follows_relu) {
    for (int64_t y = 0; y < down.output; y++) {
        const struct range rows = taps(down, y);
        for (int64_t x = 0; x < across.output; x++, output++) {
            const struct range columns = taps(across, x);
            const float *window =
                input + (y * down.stride - down.before) * across.input + x * across.stride - across.before;
            float result = is_maximum ? -INFINITY : 0;
            int64_t place = rows.first * across.kernel + columns.first;
            for (int64_t i = rows.first; i < rows.end; i++) {
                // Rows by themselves first: a mean over a whole map is a long sum.
                float row = 0;
                for (int64_t j = columns.first; j < columns.end; j++) {
                    const float value = window[i * across.input + j];
                    if (!is_maximum) {
                        row += value;
                    } else if (value > result || (value != value && result == result)) {
                        result = value;
                        place = i * across.kernel + j;
                    }
                }
                if (!is_maximum) result += row;
            }
            *output = is_maximum ? result : result / (float)(divisor(shape, down, y) * divisor(shape, across, x));
            if (places) *places++ = follows_relu && result <= 0 ? cker_no_place : (cker_place)place;
        }
    }
}

INLINE void spread_plane(
    const cker_pool_shape *shape, bool is_maximum, struct axis down, struct axis across, const float *gradient,
    const cker_place *places, float *result) {
    memset(result, 0, (size_t)(down.input * across.input) * sizeof(float));
    for (int64_t y = 0; y < down.output; y++) {
        const struct range rows = taps(down, y);
        for (int64_t x = 0; x < across.output; x++, gradient++) {
            float *window =
                result + (y * down.stride - down.before) * across.input + x * across.stride - across.before;
            if (is_maximum) {
                const int64_t place = *places++;
                if (place != cker_no_place)
                    window[place / across.kernel * across.input + place % across.kernel] += *gradient;
                continue;
            }
            const struct range columns = taps(across, x);
            const float share = *gradient / (float)(divisor(shape, down, y) * divisor(shape, across, x));
            for (int64_t i = rows.first; i < rows.end; i++)
                for (int64_t j = columns.first; j < columns.end; j++) window[i * across.input + j] += share;
        }
    }
}

// Windows that neither overlap nor leave anything out, nor hang over.
static bool halves(const cker_pool_shape *shape) {
    return shape->kernel_height == 2 && shape->kernel_width == 2 && shape->stride_height == 2
        && shape->stride_width == 2 && shape->top == 0 && shape->left == 0
        && shape->input_height == 2 * shape->output_height && shape->input_width == 2 * shape->output_width;
}

INLINE void halve_plane(const cker_pool_shape *shape, const float *input, float *output) {
    const int64_t width = shape->output_width;
    for (int64_t y = 0; y < shape->output_height; y++, output += width, input += 4 * width)
        for (int64_t x = 0; x < width; x++)
            output[x] = (input[2 * x] + input[2 * x + 1] + input[2 * width + 2 * x] + input[2 * width + 2 * x + 1]) / 4;
}

INLINE void double_plane(const cker_pool_shape *shape, const float *gradient, float *result) {
    const int64_t width = shape->output_width;
    for (int64_t y = 0; y < shape->output_height; y++, gradient += width, result += 4 * width)
        for (int64_t x = 0; x < width; x++) {
            const float share = gradient[x] / 4;
            result[2 * x] = result[2 * x + 1] = result[2 * width + 2 * x] = result[2 * width + 2 * x + 1] = share;
        }
}

void pool_planes(const cker_pool_forward_arguments *arguments, int part, int parts) {
    const cker_pool_shape *shape = &arguments->shape;
    const struct axis down = vertical(shape), across = horizontal(shape);
    const struct range planes = range_of_part(shape->samples * shape->channels, part, parts);
    for (int64_t i = planes.first; i < planes.end; i++) {
        const int64_t sample = i / shape->channels, channel = i % shape->channels;
        const float *input = plane(&arguments->input, sample, channel);
        float *output = plane(&arguments->output, sample, channel);
        cker_place *places = arguments->places ? arguments->places + i * down.output * across.output : NULL;
        if (shape->kind == cker_maximum)
            pool_plane(shape, true, down, across, input, output, places, arguments->follows_relu);
        else if (halves(shape)) halve_plane(shape, input, output);
        else pool_plane(shape, false, down, across, input, output, NULL, false);
    }
}

void spread_planes(const cker_pool_backward_arguments *arguments, int part, int parts) {
    const cker_pool_shape *shape = &arguments->shape;
    const struct axis down = vertical(shape), across = horizontal(shape);
    const struct range planes = range_of_part(shape->samples * shape->channels, part, parts);
    for (int64_t i = planes.first; i < planes.end; i++) {
        const int64_t sample = i / shape->channels, channel = i % shape->channels;
        const float *gradient = plane(&arguments->output_gradient, sample, channel);
        float *result = plane(&arguments->input_gradient, sample, channel);
        if (shape->kind == cker_maximum) {
            const cker_place *places = arguments->places + i * down.output * across.output;
            spread_plane(shape, true, down, across, gradient, places, result);
        } else if (halves(shape)) {
            double_plane(shape, gradient, result);
        } else {
            spread_plane(shape, false, down, across, gradient, NULL, result);
        }
        if (!arguments->relu_output.elements) continue;
        const float *relu = plane(&arguments->relu_output, sample, channel);
        for (int64_t pixel = 0; pixel < down.input * across.input; pixel++)
            result[pixel] = relu[pixel] <= 0 ? 0 : result[pixel];
    }
}
