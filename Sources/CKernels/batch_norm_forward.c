#ifdef __x86_64__
#include <math.h>

#include "two_pass.h"

typedef cker_batch_norm_forward_arguments arguments_type;

// MARK: Statistics

// Sums of the values and of their squares. In double precision the squares of float32 numbers are exact, so that one
// reading does: where the mean is a thousand standard deviations, their difference still has more digits than float32.
CKER_INLINE struct channel_sums sum_values(
    enum cker_type type, const arguments_type *arguments, int64_t block, struct range pixels) {
    const cker_map_shape *shape = &arguments->shape;
    __m512d sum_low = _mm512_setzero_pd(), sum_high = sum_low, square_low = sum_low, square_high = sum_low;
    for (struct run run; next_run(&pixels, shape->area, &run);) {
        const void *source = pixel_address(shape, &arguments->source, run.map, block, run.pixel);
        for (int64_t i = 0; i < run.count; i++) {
            const __m512 value = load_pixel(type, source, i);
            const __m512d low = _mm512_cvtps_pd(_mm512_castps512_ps256(value));
            const __m512d high = _mm512_cvtps_pd(_mm512_extractf32x8_ps(value, 1));
            sum_low = _mm512_add_pd(sum_low, low);
            sum_high = _mm512_add_pd(sum_high, high);
            square_low = _mm512_fmadd_pd(low, low, square_low);
            square_high = _mm512_fmadd_pd(high, high, square_high);
        }
    }
    struct channel_sums sums;
    _mm512_storeu_pd(sums.first, sum_low);
    _mm512_storeu_pd(sums.first + 8, sum_high);
    _mm512_storeu_pd(sums.second, square_low);
    _mm512_storeu_pd(sums.second + 8, square_high);
    return sums;
}

CKER_AVX512 static struct channel_sums sum(const void *context, int64_t block, struct range pixels) {
    const arguments_type *arguments = context;
    if (arguments->shape.type == cker_float32) return sum_values(cker_float32, arguments, block, pixels);
    return sum_values(cker_bfloat16, arguments, block, pixels);
}

struct statistics {
    float mean[cker_block], variance[cker_block];
};

static struct statistics statistics_from_sums(const arguments_type *arguments, const struct channel_sums *sums) {
    const double count = (double)(arguments->shape.samples * arguments->shape.area);
    struct statistics statistics;
    for (int channel = 0; channel < cker_block; channel++) {
        const double mean = sums->first[channel] / count;
        const double variance = sums->second[channel] / count - mean * mean;
        statistics.mean[channel] = (float)mean;
        statistics.variance[channel] = (float)(variance < 0 ? 0 : variance);
    }
    return statistics;
}

static void report(const void *context, int64_t block, const struct channel_sums *sums) {
    const arguments_type *arguments = context;
    const struct statistics batch = statistics_from_sums(arguments, sums);
    const float count = (float)(arguments->shape.samples * arguments->shape.area);
    const float unbiased = count / (count > 1 ? count - 1 : 1), momentum = arguments->momentum;
    for (int64_t i = 0, channel = block * cker_block; i < cker_block && channel < arguments->shape.channels;
         i++, channel++) {
        arguments->mean[channel] = batch.mean[i];
        arguments->variance[channel] = batch.variance[i];
        if (!arguments->running_mean) continue;
        float *mean = &arguments->running_mean[channel], *variance = &arguments->running_variance[channel];
        *mean = (1 - momentum) * *mean + momentum * batch.mean[i];
        *variance = (1 - momentum) * *variance + momentum * (unbiased * batch.variance[i]);
    }
}

// MARK: Normalization

CKER_INLINE void normalize_pixels(
    enum cker_type type, const arguments_type *arguments, int64_t block, struct range pixels,
    const struct statistics *statistics) {
    const cker_map_shape *shape = &arguments->shape;
    const __mmask16 existing = existing_channels(shape, block);
    const __m512 mean = _mm512_loadu_ps(statistics->mean);
    const __m512 variance = _mm512_add_ps(_mm512_loadu_ps(statistics->variance), _mm512_set1_ps(arguments->epsilon));
    __m512 factor = _mm512_div_ps(_mm512_set1_ps(1), _mm512_sqrt_ps(variance)), shift = _mm512_setzero_ps();
    if (arguments->scale) {
        factor = _mm512_mul_ps(factor, _mm512_maskz_loadu_ps(existing, arguments->scale + block * cker_block));
        shift = _mm512_maskz_loadu_ps(existing, arguments->shift + block * cker_block);
    }
    const bool past_cache = passes_cache(shape, &arguments->output), relu = arguments->relu;
    for (struct run run; next_run(&pixels, shape->area, &run);) {
        const void *source = pixel_address(shape, &arguments->source, run.map, block, run.pixel);
        const void *addend = pixel_address(shape, &arguments->addend, run.map, block, run.pixel);
        void *output = pixel_address(shape, &arguments->output, run.map, block, run.pixel);
        cker_mask *mask =
            arguments->mask ? arguments->mask + mask_index(shape, run.map, block, run.pixel) : NULL;
        for (int64_t i = 0; i < run.count; i++) {
            const __m512 deviation = _mm512_sub_ps(load_pixel(type, source, i), mean);
            __m512 value = _mm512_fmadd_ps(deviation, factor, shift);
            if (addend) value = _mm512_add_ps(value, load_pixel(type, addend, i));
            const __mmask16 kept = relu ? positive(value) & existing : existing;
            if (mask) mask[i] = kept;
            store_pixel(type, output, i, _mm512_maskz_mov_ps(kept, value), past_cache);
        }
    }
    if (past_cache) _mm_sfence();
}

CKER_AVX512 static void normalize(
    const arguments_type *arguments, int64_t block, struct range pixels, const struct statistics *statistics) {
    if (arguments->shape.type == cker_float32)
        normalize_pixels(cker_float32, arguments, block, pixels, statistics);
    else normalize_pixels(cker_bfloat16, arguments, block, pixels, statistics);
}

static void apply(const void *context, int64_t block, struct range pixels, const struct channel_sums *sums) {
    const struct statistics batch = statistics_from_sums(context, sums);
    normalize(context, block, pixels, &batch);
}

// MARK: Calls

static struct two_pass work(const arguments_type *arguments) {
    return (struct two_pass){
        .arguments = arguments, .shape = &arguments->shape, .maps = arguments->addend.elements ? 3 : 2,
        .sum = sum, .apply = apply, .report = report};
}

int cker_batch_norm_forward_phases(const arguments_type *arguments, int parts) {
    const struct two_pass passes = work(arguments);
    return two_pass_phases(&passes, parts);
}

size_t cker_batch_norm_forward_scratch(const arguments_type *arguments, int parts) {
    const struct two_pass passes = work(arguments);
    return two_pass_scratch(&passes, parts);
}

void cker_batch_norm_forward(const arguments_type *arguments, int phase, int part, int parts) {
    const struct two_pass passes = work(arguments);
    two_pass_run(&passes, arguments->scratch, phase, part, parts);
}

void cker_batch_norm_by_given(const arguments_type *arguments, int part, int parts) {
    const int64_t pixels = arguments->shape.samples * arguments->shape.area;
    struct range rest = range_of_part(block_count(&arguments->shape) * pixels, part, parts);
    for (struct run run; next_run(&rest, pixels, &run);) {
        struct statistics given = {0};
        for (int64_t i = 0, channel = run.map * cker_block; i < cker_block && channel < arguments->shape.channels;
             i++, channel++) {
            given.mean[i] = arguments->mean[channel];
            given.variance[i] = arguments->variance[channel];
        }
        normalize(arguments, run.map, (struct range){run.pixel, run.pixel + run.count}, &given);
    }
}
#endif
