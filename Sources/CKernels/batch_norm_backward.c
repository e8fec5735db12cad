#ifdef __x86_64__
#include <math.h>

#include "two_pass.h"

typedef cker_batch_norm_backward_arguments arguments_type;

// Where a run of pixels lies in all maps.
struct addresses {
    const void *source, *gradient, *second_gradient;
    void *masked_gradient, *source_gradient;
    const cker_mask *mask;
};

static struct addresses addresses(const arguments_type *arguments, int64_t block, const struct run *run) {
    const cker_map_shape *shape = &arguments->shape;
    const int64_t sample = run->map, pixel = run->pixel;
    return (struct addresses){
        .source = pixel_address(shape, &arguments->source, sample, block, pixel),
        .gradient = pixel_address(shape, &arguments->gradient, sample, block, pixel),
        .second_gradient = pixel_address(shape, &arguments->second_gradient, sample, block, pixel),
        .masked_gradient = pixel_address(shape, &arguments->masked_gradient, sample, block, pixel),
        .source_gradient = pixel_address(shape, &arguments->source_gradient, sample, block, pixel),
        .mask = arguments->mask ? arguments->mask + mask_index(shape, sample, block, pixel) : NULL,
    };
}

// The gradient of a pixel behind the ReLU, if there is one.
CKER_INLINE __m512 masked_gradient(enum cker_type type, const struct addresses *at, int64_t i, __mmask16 existing) {
    __m512 gradient = load_pixel(type, at->gradient, i);
    if (at->second_gradient) gradient = _mm512_add_ps(gradient, load_pixel(type, at->second_gradient, i));
    return _mm512_maskz_mov_ps(at->mask ? at->mask[i] & existing : existing, gradient);
}

// MARK: Sums

CKER_INLINE void add_in_double(__m512d *low, __m512d *high, __m512 value) {
    *low = _mm512_add_pd(*low, _mm512_cvtps_pd(_mm512_castps512_ps256(value)));
    *high = _mm512_add_pd(*high, _mm512_cvtps_pd(_mm512_extractf32x8_ps(value, 1)));
}

// Sums of the masked gradient, and of its products with the source's deviation from the mean.
CKER_INLINE struct channel_sums sum_gradients(
    enum cker_type type, const arguments_type *arguments, int64_t block, struct range pixels) {
    const cker_map_shape *shape = &arguments->shape;
    const __mmask16 existing = existing_channels(shape, block);
    const __m512 mean = _mm512_maskz_loadu_ps(existing, arguments->mean + block * cker_block);
    __m512d sum_low = _mm512_setzero_pd(), sum_high = sum_low, product_low = sum_low, product_high = sum_low;
    for (struct run run; next_run(&pixels, shape->area, &run);) {
        const struct addresses at = addresses(arguments, block, &run);
        for (int64_t i = 0; i < run.count; i++) {
            const __m512 gradient = masked_gradient(type, &at, i, existing);
            if (at.masked_gradient) store_pixel(type, at.masked_gradient, i, gradient, false);
            const __m512 deviation = _mm512_sub_ps(load_pixel(type, at.source, i), mean);
            add_in_double(&sum_low, &sum_high, gradient);
            add_in_double(&product_low, &product_high, _mm512_mul_ps(gradient, deviation));
        }
    }
    struct channel_sums sums;
    _mm512_storeu_pd(sums.first, sum_low);
    _mm512_storeu_pd(sums.first + 8, sum_high);
    _mm512_storeu_pd(sums.second, product_low);
    _mm512_storeu_pd(sums.second + 8, product_high);
    return sums;
}

CKER_AVX512 static struct channel_sums sum(const void *context, int64_t block, struct range pixels) {
    const arguments_type *arguments = context;
    if (arguments->shape.type == cker_float32) return sum_gradients(cker_float32, arguments, block, pixels);
    return sum_gradients(cker_bfloat16, arguments, block, pixels);
}

static double inverse_deviation(const arguments_type *arguments, int64_t channel) {
    return 1 / sqrt((double)arguments->variance[channel] + (double)arguments->epsilon);
}

static void report(const void *context, int64_t block, const struct channel_sums *sums) {
    const arguments_type *arguments = context;
    for (int64_t i = 0, channel = block * cker_block; i < cker_block && channel < arguments->shape.channels;
         i++, channel++) {
        if (arguments->scale_gradient)
            arguments->scale_gradient[channel] =
                (float)(sums->second[i] * inverse_deviation(arguments, channel));
        if (arguments->shift_gradient) arguments->shift_gradient[channel] = (float)sums->first[i];
    }
}

// MARK: The source's gradient

// It is gradient · gradient_factor + (source − mean) · deviation_factor + constant.
struct coefficients {
    float mean[cker_block], gradient_factor[cker_block], deviation_factor[cker_block], constant[cker_block];
};

static struct coefficients coefficients(
    const arguments_type *arguments, int64_t block, const struct channel_sums *sums) {
    const double count = (double)(arguments->shape.samples * arguments->shape.area);
    struct coefficients result = {0};
    for (int64_t i = 0, channel = block * cker_block; i < cker_block && channel < arguments->shape.channels;
         i++, channel++) {
        const double inverse = inverse_deviation(arguments, channel);
        const double factor = arguments->scale ? arguments->scale[channel] * inverse : inverse;
        result.mean[i] = arguments->mean[channel];
        result.gradient_factor[i] = (float)factor;
        if (arguments->statistics_are_given) continue;
        result.deviation_factor[i] = (float)(-factor * inverse * inverse * sums->second[i] / count);
        result.constant[i] = (float)(-factor * sums->first[i] / count);
    }
    return result;
}

CKER_INLINE void apply_sums(
    enum cker_type type, const arguments_type *arguments, int64_t block, struct range pixels,
    const struct channel_sums *sums) {
    const cker_map_shape *shape = &arguments->shape;
    const __mmask16 existing = existing_channels(shape, block);
    const struct coefficients all = coefficients(arguments, block, sums);
    const __m512 mean = _mm512_loadu_ps(all.mean), gradient_factor = _mm512_loadu_ps(all.gradient_factor);
    const __m512 deviation_factor = _mm512_loadu_ps(all.deviation_factor), constant = _mm512_loadu_ps(all.constant);
    const bool past_cache = passes_cache(shape, &arguments->source_gradient);
    for (struct run run; next_run(&pixels, shape->area, &run);) {
        struct addresses at = addresses(arguments, block, &run);
        if (at.masked_gradient) {
            at.gradient = at.masked_gradient;
            at.second_gradient = NULL;
            at.mask = NULL;
        }
        for (int64_t i = 0; i < run.count; i++) {
            const __m512 gradient = masked_gradient(type, &at, i, existing);
            const __m512 deviation = _mm512_sub_ps(load_pixel(type, at.source, i), mean);
            const __m512 value =
                _mm512_fmadd_ps(gradient, gradient_factor, _mm512_fmadd_ps(deviation, deviation_factor, constant));
            store_pixel(type, at.source_gradient, i, _mm512_maskz_mov_ps(existing, value), past_cache);
        }
    }
    if (past_cache) _mm_sfence();
}

CKER_AVX512 static void apply(
    const void *context, int64_t block, struct range pixels, const struct channel_sums *sums) {
    const arguments_type *arguments = context;
    if (arguments->shape.type == cker_float32) apply_sums(cker_float32, arguments, block, pixels, sums);
    else apply_sums(cker_bfloat16, arguments, block, pixels, sums);
}

// MARK: Calls

static struct two_pass work(const arguments_type *arguments) {
    const bool sums_two = arguments->second_gradient.elements && !arguments->masked_gradient.elements;
    return (struct two_pass){
        .arguments = arguments, .shape = &arguments->shape, .maps = sums_two ? 4 : 3, .sum = sum, .apply = apply,
        .report = report};
}

int cker_batch_norm_backward_phases(const arguments_type *arguments, int parts) {
    const struct two_pass passes = work(arguments);
    return two_pass_phases(&passes, parts);
}

size_t cker_batch_norm_backward_scratch(const arguments_type *arguments, int parts) {
    const struct two_pass passes = work(arguments);
    return two_pass_scratch(&passes, parts);
}

void cker_batch_norm_backward(const arguments_type *arguments, int phase, int part, int parts) {
    const struct two_pass passes = work(arguments);
    two_pass_run(&passes, arguments->scratch, phase, part, parts);
}
#endif
