#include "two_pass.h"

#ifdef __x86_64__
#include <math.h>

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
        .mask = mask_address(shape, arguments->mask, sample, block, pixel),
    };
}

// The gradient of a pixel behind the ReLU, if there is one.
TEMPLATE __m512 masked_gradient(enum cker_type type, const struct addresses *at, int64_t i, __mmask16 existing) {
    __m512 gradient = load_pixel(type, at->gradient, i);
    if (at->second_gradient) gradient = _mm512_add_ps(gradient, load_pixel(type, at->second_gradient, i));
    return _mm512_maskz_mov_ps(at->mask ? at->mask[i] & existing : existing, gradient);
}

// MARK: Sums

// Sums of the masked gradient, and of its products with the source's deviation from the mean.
TEMPLATE void sum_gradients(
    enum cker_type type, const arguments_type *arguments, struct range blocks, struct range pixels,
    struct channel_sums *sums) {
    const cker_map_shape *shape = &arguments->shape;
    for (struct run run; next_run(&pixels, shape->area, &run);) {
        for (int64_t block = blocks.first; block < blocks.end; block++) {
            const __mmask16 existing = existing_channels(shape, block);
            const __m512 mean = _mm512_maskz_loadu_ps(existing, &arguments->mean[block * cker_block]);
            const struct addresses at = addresses(arguments, block, &run);
            struct channel_sums *of_block = &sums[block - blocks.first];
            struct double_vector gradients = load_doubles(of_block->first);
            struct double_vector products = load_doubles(of_block->second);
            for (int64_t i = 0; i < run.count; i++) {
                const __m512 gradient = masked_gradient(type, &at, i, existing);
                if (at.masked_gradient) store_pixel(type, at.masked_gradient, i, gradient, false);
                const __m512 deviation = _mm512_sub_ps(load_pixel(type, at.source, i), mean);
                gradients = add_doubles(gradients, doubles(gradient));
                products = add_doubles(products, doubles(_mm512_mul_ps(gradient, deviation)));
            }
            store_doubles(of_block->first, gradients);
            store_doubles(of_block->second, products);
        }
    }
}

VECTORIZED static void sum(
    const void *context, struct range blocks, struct range pixels, struct channel_sums *sums) {
    const arguments_type *arguments = context;
    if (arguments->shape.type == cker_float32) sum_gradients(cker_float32, arguments, blocks, pixels, sums);
    else sum_gradients(cker_bfloat16, arguments, blocks, pixels, sums);
}

static struct channel_factors conclude(
    const void *context, int64_t block, const struct channel_sums *sums, bool is_first) {
    const arguments_type *arguments = context;
    const int64_t start = block * cker_block, count = channels_in_block(&arguments->shape, block);
    const double values = (double)(arguments->shape.samples * arguments->shape.area);
    struct channel_factors factors = {0};
    for (int64_t i = 0; i < count; i++) {
        const double inverse = 1 / sqrt((double)arguments->variance[start + i] + (double)arguments->epsilon);
        const double factor = arguments->scale ? (double)arguments->scale[start + i] * inverse : inverse;
        factors.mean[i] = arguments->mean[start + i];
        factors.factor[i] = (float)factor;
        if (!arguments->statistics_are_given) {
            factors.deviation_factor[i] = (float)(-factor * inverse * inverse * sums->second[i] / values);
            factors.constant[i] = (float)(-factor * sums->first[i] / values);
        }
        if (!is_first) continue;
        if (arguments->scale_gradient) arguments->scale_gradient[start + i] = (float)(sums->second[i] * inverse);
        if (arguments->shift_gradient) arguments->shift_gradient[start + i] = (float)sums->first[i];
    }
    return factors;
}

// MARK: The source's gradient

TEMPLATE void compute_gradient(
    enum cker_type type, const arguments_type *arguments, struct range blocks, struct range pixels,
    const struct channel_factors *factors) {
    const cker_map_shape *shape = &arguments->shape;
    const bool past_cache = passes_cache(shape, &arguments->source_gradient);
    for (struct run run; next_run(&pixels, shape->area, &run);) {
        for (int64_t block = blocks.first; block < blocks.end; block++) {
            const struct channel_factors *of_block = &factors[block - blocks.first];
            const __m512 mean = _mm512_loadu_ps(of_block->mean), factor = _mm512_loadu_ps(of_block->factor);
            const __m512 deviation_factor = _mm512_loadu_ps(of_block->deviation_factor);
            const __m512 constant = _mm512_loadu_ps(of_block->constant);
            const __mmask16 existing = existing_channels(shape, block);
            struct addresses at = addresses(arguments, block, &run);
            if (at.masked_gradient) {
                at.gradient = at.masked_gradient;
                at.second_gradient = NULL;
                at.mask = NULL;
            }
            for (int64_t i = 0; i < run.count; i++) {
                const __m512 gradient = masked_gradient(type, &at, i, existing);
                const __m512 deviation = _mm512_sub_ps(load_pixel(type, at.source, i), mean);
                const __m512 shift = _mm512_fmadd_ps(deviation, deviation_factor, constant);
                const __m512 value = _mm512_fmadd_ps(gradient, factor, shift);
                store_pixel(type, at.source_gradient, i, _mm512_maskz_mov_ps(existing, value), past_cache);
            }
        }
    }
    if (past_cache) _mm_sfence();
}

VECTORIZED static void apply(
    const void *context, struct range blocks, struct range pixels, const struct channel_factors *factors) {
    const arguments_type *arguments = context;
    if (arguments->shape.type == cker_float32) compute_gradient(cker_float32, arguments, blocks, pixels, factors);
    else compute_gradient(cker_bfloat16, arguments, blocks, pixels, factors);
}

// MARK: Calls

void cker_batch_norm_backward(const arguments_type *arguments, int phase, int part, int parts) {
    const bool adds_again = arguments->second_gradient.elements && !arguments->masked_gradient.elements;
    const struct two_pass work = {
        .arguments = arguments, .shape = &arguments->shape, .maps = adds_again ? 4 : 3,
        .sum = sum, .conclude = conclude, .apply = apply};
    two_pass_run(&work, arguments->scratch, phase, part, parts);
}
#else
void cker_batch_norm_backward(
    const cker_batch_norm_backward_arguments *arguments, int phase, int part, int parts) {}
#endif
