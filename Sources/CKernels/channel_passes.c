#include <math.h>
#include <string.h>

#include "passes.h"
#include "wide.h"

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
    int64_t channel;   // of the first lane
    bool is_of_pixels; // all lanes are of one channel
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
                if (whole) body(context, (struct column){start, whole, width, width, b, true});
                if (rest) body(context, (struct column){start + whole * width, 1, width, (int)rest, b, true});
                continue;
            }
            for (int64_t lane = 0; lane < block; lane += width) {
                const int lanes = block - lane < width ? (int)(block - lane) : width;
                body(context, (struct column){start + lane, run.count, block, lanes, b * block + lane, false});
            }
        }
    }
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

static int64_t padded_channels(const cker_channel_shape *shape) {
    return (shape->channels + shape->block - 1) / shape->block * shape->block;
}

static size_t bytes_of_part(const cker_channel_shape *shape) {
    // Whole cache lines, so that no two parts write to one.
    return ((size_t)padded_channels(shape) * (2 * sizeof(double) + 4 * sizeof(float)) + 63) / 64 * 64;
}

size_t cker_channel_scratch(const cker_channel_shape *shape, int parts) {
    return bytes_of_part(shape) * (size_t)parts;
}

static struct scratch scratch_of(const cker_channel_shape *shape, void *memory, int part) {
    const int64_t channels = padded_channels(shape);
    double *sums = (double *)((char *)memory + (size_t)part * bytes_of_part(shape));
    float *factors = (float *)(sums + 2 * channels);
    return (struct scratch){sums, sums + channels, factors, factors + channels, factors + 2 * channels,
                            factors + 3 * channels};
}

static struct range pixels_of(const cker_channel_shape *shape, int part, int parts) {
    return range_of_part(shape->samples * shape->area, part, parts);
}

// The sums that all parts have found for a channel.
static void total(const cker_channel_shape *shape, void *memory, int parts, int64_t channel, double *first, double *second) {
    *first = *second = 0;
    for (int part = 0; part < parts; part++) {
        const struct scratch scratch = scratch_of(shape, memory, part);
        *first += scratch.first[channel];
        *second += scratch.second[channel];
    }
}

static void clear_sums(const cker_channel_shape *shape, const struct scratch *scratch) {
    memset(scratch->first, 0, (size_t)padded_channels(shape) * 2 * sizeof(double));
}

// MARK: Sums

struct sum_context {
    enum cker_type type;
    const void *values;
    struct scratch scratch;
};

INLINE void sum_column(const struct sum_context *context, enum cker_type type, struct column column) {
    doubles_type sums = {0}, squares = {0};
    for (int64_t i = 0; i < column.count; i++) {
        // The square of a number of single precision is exact in double precision. So one reading does, even where the mean
        // is thousands of deviations.
        const doubles_type values = __builtin_convertvector(
            load(type, context->values, column.first + i * column.stride, column.lanes), doubles_type);
        sums += values;
        squares += values * values;
    }
    add_to_channels(context->scratch.first, &column, sums);
    add_to_channels(context->scratch.second, &column, squares);
}

INLINE void sum_body(const void *context, struct column column) {
    const struct sum_context *sum = context;
    if (sum->type == cker_float32) sum_column(sum, cker_float32, column);
    else sum_column(sum, cker_bfloat16, column);
}

WIDE void cker_channel_sums(const cker_channel_sum_arguments *arguments, int phase, int part, int parts) {
    const cker_channel_shape *shape = &arguments->shape;
    if (phase == 0) {
        const struct sum_context context = {
            shape->type, arguments->values, scratch_of(shape, arguments->scratch, part)};
        clear_sums(shape, &context.scratch);
        for_each_column(shape, pixels_of(shape, part, parts), &context, sum_body);
        return;
    }
    const struct range channels = range_of_part(shape->channels, part, parts);
    for (int64_t channel = channels.first; channel < channels.end; channel++) {
        double sum, squares;
        total(shape, arguments->scratch, parts, channel, &sum, &squares);
        arguments->sums[channel] = (float)sum;
    }
}

// MARK: Batch norm forward

struct normalize_context {
    const cker_channel_norm_arguments *arguments;
    struct scratch scratch;
};

INLINE void normalize_column(const struct normalize_context *context, enum cker_type type, struct column column) {
    const cker_channel_norm_arguments *arguments = context->arguments;
    const floats mean = of_channels(context->scratch.mean, &column);
    const floats factor = of_channels(context->scratch.factor, &column);
    const floats constant = of_channels(context->scratch.constant, &column);
    for (int64_t i = 0; i < column.count; i++) {
        const int64_t at = column.first + i * column.stride;
        floats values = (load(type, arguments->source, at, column.lanes) - mean) * factor + constant;
        if (arguments->relu) {
            // Not "above 0": what is not a number is passed on.
            const words passes = ~(words)(values <= 0);
            values = (floats)((words)values & passes);
            if (arguments->mask) {
                const bytes mask = __builtin_convertvector(passes, bytes);
                memcpy(arguments->mask + at, &mask, (size_t)column.lanes);
            }
        }
        store(type, arguments->output, at, column.lanes, values);
    }
}

INLINE void normalize_body(const void *context, struct column column) {
    const struct normalize_context *normalize = context;
    if (normalize->arguments->shape.type == cker_float32) normalize_column(normalize, cker_float32, column);
    else normalize_column(normalize, cker_bfloat16, column);
}

// What normalizes a channel of this mean and variance.
static void set_factors(
    const cker_channel_norm_arguments *arguments, const struct scratch *scratch, int64_t channel, float mean,
    float variance) {
    scratch->mean[channel] = mean;
    scratch->factor[channel] =
        (arguments->scale ? arguments->scale[channel] : 1) / sqrtf(variance + arguments->epsilon);
    scratch->constant[channel] = arguments->shift ? arguments->shift[channel] : 0;
}

// Channels that fill up a block stay zero.
static void clear_factors(const cker_channel_shape *shape, const struct scratch *scratch) {
    memset(scratch->mean, 0, (size_t)padded_channels(shape) * 4 * sizeof(float));
}

static void follow(float *running, float value, float momentum) {
    *running = (1 - momentum) * *running + momentum * value;
}

// From the batch's sums to its mean and variance, which one of the parts writes down.
static void conclude_statistics(
    const cker_channel_norm_arguments *arguments, const struct scratch *scratch, bool is_first, int parts) {
    const cker_channel_shape *shape = &arguments->shape;
    const double count = (double)(shape->samples * shape->area), unbiased = count / (count > 1 ? count - 1 : 1);
    for (int64_t channel = 0; channel < shape->channels; channel++) {
        double sum, squares;
        total(shape, arguments->scratch, parts, channel, &sum, &squares);
        const double mean = sum / count, difference = squares / count - mean * mean;
        // Not "below 0": what is not a number stays so.
        const double variance = difference < 0 ? 0 : difference;
        set_factors(arguments, scratch, channel, (float)mean, (float)variance);
        if (!is_first) continue;
        arguments->mean[channel] = (float)mean;
        arguments->variance[channel] = (float)variance;
        follow(&arguments->running_mean[channel], (float)mean, arguments->momentum);
        follow(&arguments->running_variance[channel], (float)(unbiased * variance), arguments->momentum);
    }
}

WIDE void cker_channel_norm_forward(const cker_channel_norm_arguments *arguments, int phase, int part, int parts) {
    const cker_channel_shape *shape = &arguments->shape;
    const struct scratch scratch = scratch_of(shape, arguments->scratch, part);
    if (phase == 0) {
        const struct sum_context context = {shape->type, arguments->source, scratch};
        clear_sums(shape, &scratch);
        for_each_column(shape, pixels_of(shape, part, parts), &context, sum_body);
        return;
    }
    clear_factors(shape, &scratch);
    conclude_statistics(arguments, &scratch, part == 0, parts);
    const struct normalize_context context = {arguments, scratch};
    for_each_column(shape, pixels_of(shape, part, parts), &context, normalize_body);
}

WIDE void cker_channel_norm_by_given(const cker_channel_norm_arguments *arguments, int part, int parts) {
    const cker_channel_shape *shape = &arguments->shape;
    const struct scratch scratch = scratch_of(shape, arguments->scratch, part);
    clear_factors(shape, &scratch);
    for (int64_t channel = 0; channel < shape->channels; channel++)
        set_factors(arguments, &scratch, channel, arguments->mean[channel], arguments->variance[channel]);
    const struct normalize_context context = {arguments, scratch};
    for_each_column(shape, pixels_of(shape, part, parts), &context, normalize_body);
}

// MARK: Batch norm backward

struct gradient_context {
    const cker_channel_norm_gradient_arguments *arguments;
    struct scratch scratch;
};

// The gradient behind the ReLU, if there is one.
INLINE floats masked_gradient(
    const cker_channel_norm_gradient_arguments *arguments, enum cker_type type, int64_t at, int lanes) {
    const floats gradient = load(type, arguments->gradient, at, lanes);
    if (!arguments->mask) return gradient;
    bytes mask = {0};
    memcpy(&mask, arguments->mask + at, (size_t)lanes);
    return (floats)((words)gradient & (words)(__builtin_convertvector(mask, words) != 0));
}

INLINE void sum_gradient_column(const struct gradient_context *context, enum cker_type type, struct column column) {
    const cker_channel_norm_gradient_arguments *arguments = context->arguments;
    const doubles_type mean = __builtin_convertvector(of_channels(context->scratch.mean, &column), doubles_type);
    doubles_type sums = {0}, products = {0};
    for (int64_t i = 0; i < column.count; i++) {
        const int64_t at = column.first + i * column.stride;
        const doubles_type gradient =
            __builtin_convertvector(masked_gradient(arguments, type, at, column.lanes), doubles_type);
        const doubles_type source =
            __builtin_convertvector(load(type, arguments->source, at, column.lanes), doubles_type);
        sums += gradient;
        products += gradient * (source - mean);
    }
    add_to_channels(context->scratch.first, &column, sums);
    add_to_channels(context->scratch.second, &column, products);
}

INLINE void sum_gradient_body(const void *context, struct column column) {
    const struct gradient_context *sum = context;
    if (sum->arguments->shape.type == cker_float32) sum_gradient_column(sum, cker_float32, column);
    else sum_gradient_column(sum, cker_bfloat16, column);
}

INLINE void source_gradient_column(const struct gradient_context *context, enum cker_type type, struct column column) {
    const cker_channel_norm_gradient_arguments *arguments = context->arguments;
    const floats mean = of_channels(context->scratch.mean, &column);
    const floats factor = of_channels(context->scratch.factor, &column);
    const floats deviation_factor = of_channels(context->scratch.deviation_factor, &column);
    const floats constant = of_channels(context->scratch.constant, &column);
    for (int64_t i = 0; i < column.count; i++) {
        const int64_t at = column.first + i * column.stride;
        const floats gradient = masked_gradient(arguments, type, at, column.lanes);
        const floats deviation = load(type, arguments->source, at, column.lanes) - mean;
        store(type, arguments->source_gradient, at, column.lanes,
              gradient * factor + (deviation * deviation_factor + constant));
    }
}

INLINE void source_gradient_body(const void *context, struct column column) {
    const struct gradient_context *gradient = context;
    if (gradient->arguments->shape.type == cker_float32) source_gradient_column(gradient, cker_float32, column);
    else source_gradient_column(gradient, cker_bfloat16, column);
}

static void conclude_gradients(
    const cker_channel_norm_gradient_arguments *arguments, const struct scratch *scratch, bool is_first, int parts) {
    const cker_channel_shape *shape = &arguments->shape;
    const double count = (double)(shape->samples * shape->area);
    for (int64_t channel = 0; channel < shape->channels; channel++) {
        double sum, products;
        total(shape, arguments->scratch, parts, channel, &sum, &products);
        const double inverse = 1 / sqrt((double)arguments->variance[channel] + (double)arguments->epsilon);
        const double factor = arguments->scale ? (double)arguments->scale[channel] * inverse : inverse;
        scratch->mean[channel] = arguments->mean[channel];
        scratch->factor[channel] = (float)factor;
        if (!arguments->statistics_are_given) {
            scratch->deviation_factor[channel] = (float)(-factor * inverse * inverse * products / count);
            scratch->constant[channel] = (float)(-factor * sum / count);
        }
        if (!is_first) continue;
        if (arguments->scale_gradient) arguments->scale_gradient[channel] = (float)(products * inverse);
        if (arguments->shift_gradient) arguments->shift_gradient[channel] = (float)sum;
    }
}

WIDE void cker_channel_norm_backward(
    const cker_channel_norm_gradient_arguments *arguments, int phase, int part, int parts) {
    const cker_channel_shape *shape = &arguments->shape;
    const struct gradient_context context = {arguments, scratch_of(shape, arguments->scratch, part)};
    clear_factors(shape, &context.scratch);
    if (phase == 0) {
        clear_sums(shape, &context.scratch);
        memcpy(context.scratch.mean, arguments->mean, (size_t)shape->channels * sizeof(float));
        for_each_column(shape, pixels_of(shape, part, parts), &context, sum_gradient_body);
    } else {
        conclude_gradients(arguments, &context.scratch, part == 0, parts);
        for_each_column(shape, pixels_of(shape, part, parts), &context, source_gradient_body);
    }
}
