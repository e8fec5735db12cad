#include "passes.h"

#ifdef __x86_64__
TEMPLATE void sum_pixels(enum cker_type type, const cker_sum_arguments *arguments, struct range pixels) {
    const cker_map_shape *shape = &arguments->shape;
    const int64_t blocks = block_count(shape);
    const bool past_cache = passes_cache(shape, &arguments->output), relu = arguments->relu;
    for (struct run run; next_run(&pixels, shape->area, &run);) {
        const int64_t sample = run.map / blocks, block = run.map % blocks;
        const __mmask16 existing = existing_channels(shape, block);
        const void *addends[cker_maximum_addends] = {NULL};
        for (int i = 0; i < arguments->count; i++)
            addends[i] = pixel_address(shape, &arguments->addends[i], sample, block, run.pixel);
        void *output = pixel_address(shape, &arguments->output, sample, block, run.pixel);
        cker_mask *relu_mask = mask_address(shape, arguments->relu_mask, sample, block, run.pixel);
        const cker_mask *gradient_mask = mask_address(shape, arguments->gradient_mask, sample, block, run.pixel);
        for (int64_t i = 0; i < run.count; i++) {
            __m512 value = load_pixel(type, addends[0], i);
            if (addends[1]) value = _mm512_add_ps(value, load_pixel(type, addends[1], i));
            if (addends[2]) value = _mm512_add_ps(value, load_pixel(type, addends[2], i));
            if (addends[3]) value = _mm512_add_ps(value, load_pixel(type, addends[3], i));
            __mmask16 kept = existing;
            if (gradient_mask) kept &= gradient_mask[i];
            if (relu) kept &= positive(value);
            if (relu_mask) relu_mask[i] = kept;
            store_pixel(type, output, i, _mm512_maskz_mov_ps(kept, value), past_cache);
        }
    }
    if (past_cache) _mm_sfence();
}

VECTORIZED void cker_sum(const cker_sum_arguments *arguments, int part, int parts) {
    const cker_map_shape *shape = &arguments->shape;
    const struct range pixels = range_of_part(shape->samples * block_count(shape) * shape->area, part, parts);
    if (shape->type == cker_float32) sum_pixels(cker_float32, arguments, pixels);
    else sum_pixels(cker_bfloat16, arguments, pixels);
}
#else
void cker_sum(const cker_sum_arguments *arguments, int part, int parts) {}
#endif
