#include <math.h>

#include "columns.h"
#include "wide.h"

size_t cker_channel_scratch(const cker_channel_shape *shape, int parts) {
    return bytes_of_part(shape) * (size_t)parts;
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
