// What the passes over feature maps share: reading and writing 16 channels of a pixel as a vector of float32, whatever
// type they are kept in, and dividing the work.
#ifndef CONVNET_KERNELS_PASSES_H
#define CONVNET_KERNELS_PASSES_H
#include "CKernels.h"

enum { cker_block = 16 };

static inline int64_t block_count(const cker_map_shape *shape) {
    return (shape->channels + cker_block - 1) / cker_block;
}

#ifdef __x86_64__
#include <immintrin.h>

#define CKER_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq")))
#define CKER_INLINE static inline __attribute__((always_inline)) CKER_AVX512

static inline int64_t element_size(enum cker_type type) { return type == cker_float32 ? 4 : 2; }

// How many of a block's 16 channels exist.
static inline int64_t channels_in_block(const cker_map_shape *shape, int64_t block) {
    const int64_t rest = shape->channels - block * cker_block;
    return rest < cker_block ? rest : cker_block;
}

static inline __mmask16 existing_channels(const cker_map_shape *shape, int64_t block) {
    return (__mmask16)((1 << channels_in_block(shape, block)) - 1);
}

// A pixel's 16 channels, NULL where there is no map.
static inline void *pixel_address(
    const cker_map_shape *shape, const cker_map *map, int64_t sample, int64_t block, int64_t pixel) {
    if (!map->elements) return NULL;
    const int64_t index = sample * map->sample_stride + block * map->block_stride + pixel * cker_block;
    return (char *)map->elements + index * element_size(shape->type);
}

static inline cker_mask *mask_address(
    const cker_map_shape *shape, const cker_mask *mask, int64_t sample, int64_t block, int64_t pixel) {
    if (!mask) return NULL;
    return (cker_mask *)mask + (sample * block_count(shape) + block) * shape->area + pixel;
}

// MARK: Elements

// The type is a constant wherever these are inlined, so that no loop asks for it.

CKER_INLINE __m512 load_pixel(enum cker_type type, const void *pixels, int64_t index) {
    if (type == cker_float32) return _mm512_loadu_ps((const float *)pixels + index * cker_block);
    const __m256i upper_halves = _mm256_loadu_si256((const __m256i *)pixels + index);
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(upper_halves), 16));
}

// Rounded to nearest, ties to even. A NaN remains one: rounding could carry it over to infinity.
CKER_INLINE __m256i bfloat16_from_float32(__m512 value) {
    const __m512i bits = _mm512_castps_si512(value);
    const __m512i last_bit = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
    const __m512i half = _mm512_add_epi32(last_bit, _mm512_set1_epi32(0x7fff));
    const __mmask16 is_number = _mm512_cmp_ps_mask(value, value, _CMP_ORD_Q);
    const __m512i quiet = _mm512_or_si512(bits, _mm512_set1_epi32(0x400000));
    return _mm512_cvtepi32_epi16(_mm512_srli_epi32(_mm512_mask_add_epi32(quiet, is_number, bits, half), 16));
}

CKER_INLINE void store_pixel(enum cker_type type, void *pixels, int64_t index, __m512 value, bool past_cache) {
    if (type == cker_float32) {
        float *target = (float *)pixels + index * cker_block;
        if (past_cache) _mm512_stream_ps(target, value);
        else _mm512_storeu_ps(target, value);
    } else {
        __m256i *target = (__m256i *)pixels + index;
        const __m256i rounded = bfloat16_from_float32(value);
        if (past_cache) _mm256_stream_si256(target, rounded);
        else _mm256_storeu_si256(target, rounded);
    }
}

struct double_vector {
    __m512d low, high;
};

CKER_INLINE struct double_vector doubles(__m512 value) {
    return (struct double_vector){
        _mm512_cvtps_pd(_mm512_castps512_ps256(value)), _mm512_cvtps_pd(_mm512_extractf32x8_ps(value, 1))};
}

CKER_INLINE struct double_vector load_doubles(const double *values) {
    return (struct double_vector){_mm512_loadu_pd(values), _mm512_loadu_pd(values + 8)};
}

CKER_INLINE void store_doubles(double *target, struct double_vector values) {
    _mm512_storeu_pd(target, values.low);
    _mm512_storeu_pd(target + 8, values.high);
}

CKER_INLINE struct double_vector add_doubles(struct double_vector a, struct double_vector b) {
    return (struct double_vector){_mm512_add_pd(a.low, b.low), _mm512_add_pd(a.high, b.high)};
}

CKER_INLINE struct double_vector add_square(struct double_vector sum, struct double_vector value) {
    return (struct double_vector){
        _mm512_fmadd_pd(value.low, value.low, sum.low), _mm512_fmadd_pd(value.high, value.high, sum.high)};
}

// Where ReLU passes a value on. It does so with NaN, which should not go unnoticed.
CKER_INLINE __mmask16 positive(__m512 value) { return _mm512_cmp_ps_mask(value, _mm512_setzero_ps(), _CMP_NLE_UQ); }

// Whether an output is written past the cache. Then its old content need not be read from memory first; but a small one
// may still be in the cache when it is read next.
static inline bool passes_cache(const cker_map_shape *shape, const cker_map *output) {
    const int64_t bytes =
        shape->samples * block_count(shape) * shape->area * cker_block * element_size(shape->type);
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
