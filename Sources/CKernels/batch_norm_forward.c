#include "two_pass.h"

#ifdef __x86_64__
#include <math.h>

typedef cker_batch_norm_forward_arguments arguments_type;

// MARK: Statistics

// Sums of the values and of their squares. In double precision the squares of float32 numbers are exact, so that one
// reading does: where the mean is a thousand standard deviations, their difference still has more digits than float32.
TEMPLATE void sum_values(
    enum cker_type type, const arguments_type *arguments, struct range blocks, struct range pixels,
    struct channel_sums *sums) {
    const cker_map_shape *shape = &arguments->shape;
    for (struct run run; next_run(&pixels, shape->area, &run);) {
        for (int64_t block = blocks.first; block < blocks.end; block++) {
            const void *source = pixel_address(shape, &arguments->source, run.map, block, run.pixel);
            struct channel_sums *of_block = &sums[block - blocks.first];
            struct double_vector values = load_doubles(of_block->first), squares = load_doubles(of_block->second);
            for (int64_t i = 0; i < run.count; i++) {
                const struct double_vector value = doubles(load_pixel(type, source, i));
                values = add_doubles(values, value);
                squares = add_square(squares, value);
            }
            store_doubles(of_block->first, values);
            store_doubles(of_block->second, squares);
        }
    }
}

VECTORIZED static void sum(
    const void *context, struct range blocks, struct range pixels, struct channel_sums *sums) {
    const arguments_type *arguments = context;
    if (arguments->shape.type == cker_float32) sum_values(cker_float32, arguments, blocks, pixels, sums);
    else sum_values(cker_bfloat16, arguments, blocks, pixels, sums);
}

// What normalizes the channels of a block that have these means and variances.
static struct channel_factors factors(
    const arguments_type *arguments, int64_t block, const float *mean, const float *variance) {
    const int64_t start = block * cker_block, count = channels_in_block(&arguments->shape, block);
    struct channel_factors factors = {0};
    for (int64_t i = 0; i < count; i++) {
        const float scale = arguments->scale ? arguments->scale[start + i] : 1;
        factors.mean[i] = mean[i];
        factors.factor[i] = scale / sqrtf(variance[i] + arguments->epsilon);
        factors.constant[i] = arguments->shift ? arguments->shift[start + i] : 0;
    }
    return factors;
}

static void follow(float *running, float value, float momentum) {
    *running = (1 - momentum) * *running + momentum * value;
}

static struct channel_factors conclude(
    const void *context, int64_t block, const struct channel_sums *sums, bool is_first) {
    const arguments_type *arguments = context;
    const int64_t start = block * cker_block, count = channels_in_block(&arguments->shape, block);
    const double values = (double)(arguments->shape.samples * arguments->shape.area);
    const double unbiased = values / (values > 1 ? values - 1 : 1);
    float means[cker_block], variances[cker_block];
    for (int64_t i = 0; i < count; i++) {
        const double mean = sums->first[i] / values, difference = sums->second[i] / values - mean * mean;
        const double variance = difference < 0 ? 0 : difference;
        means[i] = (float)mean;
        variances[i] = (float)variance;
        if (!is_first) continue;
        arguments->mean[start + i] = means[i];
        arguments->variance[start + i] = variances[i];
        if (!arguments->running_mean) continue;
        follow(&arguments->running_mean[start + i], means[i], arguments->momentum);
        follow(&arguments->running_variance[start + i], (float)(unbiased * variance), arguments->momentum);
    }
    return factors(arguments, block, means, variances);
}

// MARK: Normalization

TEMPLATE void normalize_values(
    enum cker_type type, const arguments_type *arguments, struct range blocks, struct range pixels,
    const struct channel_factors *factors) {
    const cker_map_shape *shape = &arguments->shape;
    const bool past_cache = passes_cache(shape, &arguments->output), relu = arguments->relu;
    for (struct run run; next_run(&pixels, shape->area, &run);) {
        for (int64_t block = blocks.first; block < blocks.end; block++) {
            const struct channel_factors *of_block = &factors[block - blocks.first];
            const __m512 mean = _mm512_loadu_ps(of_block->mean), factor = _mm512_loadu_ps(of_block->factor);
            const __m512 constant = _mm512_loadu_ps(of_block->constant);
            const __mmask16 existing = existing_channels(shape, block);
            const void *source = pixel_address(shape, &arguments->source, run.map, block, run.pixel);
            const void *addend = pixel_address(shape, &arguments->addend, run.map, block, run.pixel);
            void *output = pixel_address(shape, &arguments->output, run.map, block, run.pixel);
            cker_mask *mask = mask_address(shape, arguments->mask, run.map, block, run.pixel);
            for (int64_t i = 0; i < run.count; i++) {
                const __m512 deviation = _mm512_sub_ps(load_pixel(type, source, i), mean);
                __m512 value = _mm512_fmadd_ps(deviation, factor, constant);
                if (addend) value = _mm512_add_ps(value, load_pixel(type, addend, i));
                const __mmask16 kept = relu ? positive(value) & existing : existing;
                if (mask) mask[i] = kept;
                store_pixel(type, output, i, _mm512_maskz_mov_ps(kept, value), past_cache);
            }
        }
    }
    if (past_cache) _mm_sfence();
}

VECTORIZED static void apply(
    const void *context, struct range blocks, struct range pixels, const struct channel_factors *factors) {
    const arguments_type *arguments = context;
    if (arguments->shape.type == cker_float32) normalize_values(cker_float32, arguments, blocks, pixels, factors);
    else normalize_values(cker_bfloat16, arguments, blocks, pixels, factors);
}

// MARK: Calls

void cker_batch_norm_forward(const arguments_type *arguments, int phase, int part, int parts) {
    const struct two_pass work = {
        .arguments = arguments, .shape = &arguments->shape, .maps = arguments->addend.elements ? 3 : 2,
        .sum = sum, .conclude = conclude, .apply = apply};
    two_pass_run(&work, arguments->scratch, phase, part, parts);
}

void cker_batch_norm_by_given(const arguments_type *arguments, int part, int parts) {
    const cker_map_shape *shape = &arguments->shape;
    const struct range pixels = range_of_part(shape->samples * shape->area, part, parts);
    for (int64_t block = 0; block < block_count(shape); block++) {
        const int64_t start = block * cker_block;
        const struct channel_factors of_block =
            factors(arguments, block, &arguments->mean[start], &arguments->variance[start]);
        apply(arguments, (struct range){block, block + 1}, pixels, &of_block);
    }
}
#else
void cker_batch_norm_forward(const cker_batch_norm_forward_arguments *arguments, int phase, int part, int parts) {}
void cker_batch_norm_by_given(const cker_batch_norm_forward_arguments *arguments, int part, int parts) {}
#endif
