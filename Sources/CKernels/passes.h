// What the passes over feature maps share: reading and writing 16 channels of a pixel as a vector of float32, whatever
// type they are kept in, and dividing the work.
#ifndef CONVNET_KERNELS_PASSES_H
#define CONVNET_KERNELS_PASSES_H
#include "vector.h"

enum { cker_block = 16 };

static inline int64_t block_count(const cker_map_shape *shape) {
    return (shape->channels + cker_block - 1) / cker_block;
}

#ifdef __x86_64__
// How many of a block's 16 channels exist.
static inline int64_t channels_in_block(const cker_map_shape *shape, int64_t block) {
    const int64_t rest = shape->channels - block * cker_block;
    return rest < cker_block ? rest : cker_block;
}

static inline __mmask16 existing_channels(const cker_map_shape *shape, int64_t block) {
    return first_lanes(channels_in_block(shape, block));
}

// A pixel's 16 channels, NULL where there is no map.
static inline void *pixel_address(
    const cker_map_shape *shape, const cker_map *map, int64_t sample, int64_t block, int64_t pixel) {
    if (!map->elements) return NULL;
    const int64_t index = sample * map->sample_stride + block * map->block_stride + pixel * cker_block;
    return (char *)map->elements + index * element_bytes(shape->type);
}

static inline cker_mask *mask_address(
    const cker_map_shape *shape, const cker_mask *mask, int64_t sample, int64_t block, int64_t pixel) {
    if (!mask) return NULL;
    return (cker_mask *)mask + (sample * block_count(shape) + block) * shape->area + pixel;
}

// MARK: Elements

// The type is a constant wherever these are inlined, so that no loop asks for it.

TEMPLATE __m512 load_pixel(enum cker_type type, const void *pixels, int64_t index) {
    return load_vector(type, (const char *)pixels + index * cker_block * element_bytes(type), 0xffff);
}

TEMPLATE void store_pixel(enum cker_type type, void *pixels, int64_t index, __m512 value, bool past_cache) {
    void *target = (char *)pixels + index * cker_block * element_bytes(type);
    if (!past_cache) store_vector(type, target, value);
    else if (type == cker_float32) _mm512_stream_ps(target, value);
    else _mm256_stream_si256(target, bfloat16_vector(value));
}

// Where ReLU passes a value on. It does so with NaN, which should not go unnoticed.
TEMPLATE __mmask16 positive(__m512 value) { return _mm512_cmp_ps_mask(value, _mm512_setzero_ps(), _CMP_NLE_UQ); }

// Whether an output is written past the cache. Then its old content need not be read from memory first; but a small one
// may still be in the cache when it is read next.
static inline bool passes_cache(const cker_map_shape *shape, const cker_map *output) {
    const int64_t bytes =
        shape->samples * block_count(shape) * shape->area * cker_block * element_bytes(shape->type);
    const bool is_aligned = (uintptr_t)output->elements % 64 == 0 && output->sample_stride % cker_block == 0
        && output->block_stride % cker_block == 0;
    return is_aligned && bytes > 4 << 20;
}

#endif

// MARK: Division of work

struct range {
    int64_t first, end;
};

static inline struct range range_of_part(int64_t count, int part, int parts) {
    return (struct range){count * part / parts, count * (part + 1) / parts};
}

// Pixels one after another in memory.
struct run {
    int64_t map, pixel, count;  // of the map'th of many maps: `count` pixels from `pixel` on
};

// Takes the first run from `rest`, a range of the pixels of many maps. False when there is none left.
static inline bool next_run(struct range *rest, int64_t area, struct run *run) {
    if (rest->first >= rest->end) return false;
    run->map = rest->first / area;
    run->pixel = rest->first % area;
    const int64_t in_map = area - run->pixel, left = rest->end - rest->first;
    run->count = in_map < left ? in_map : left;
    rest->first += run->count;
    return true;
}

#endif
