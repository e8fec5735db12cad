// Vectors of 16 channels, as the kernels read and write them in feature maps.
#ifndef CONVNET_VECTOR_H
#define CONVNET_VECTOR_H

#include "CKernels.h"

#ifdef __x86_64__
#include <immintrin.h>

#define VECTORIZED __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq")))
// Functions that are compiled anew wherever they are called, with the constants among their arguments.
#define TEMPLATE static inline __attribute__((always_inline)) VECTORIZED
#define UNROLL _Pragma("clang loop unroll(full)")

static inline int64_t element_bytes(enum cker_type type) { return type == cker_bfloat16 ? 2 : 4; }

// A mask of the first `count` lanes, of all where there are more.
static inline __mmask16 first_lanes(int64_t count) { return count >= 16 ? 0xffff : (__mmask16)((1 << count) - 1); }

// The lanes that the mask leaves out are zero; their memory is not touched.
TEMPLATE __m512 load_vector(enum cker_type type, const void *elements, __mmask16 mask) {
    if (type == cker_float32) return _mm512_maskz_loadu_ps(mask, elements);
    const __m256i halves = _mm256_maskz_loadu_epi16(mask, elements);
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16));
}

// Rounds to the nearest bfloat16, ties to even; what is not a number stays so.
TEMPLATE __m256i bfloat16_vector(__m512 vector) {
    const __m512i bits = _mm512_castps_si512(vector);
    const __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
    __m512i rounded = _mm512_add_epi32(bits, _mm512_add_epi32(odd, _mm512_set1_epi32(0x7fff)));
    const __mmask16 unordered = _mm512_cmp_ps_mask(vector, vector, _CMP_UNORD_Q);
    rounded = _mm512_mask_or_epi32(rounded, unordered, bits, _mm512_set1_epi32(0x400000));
    return _mm512_cvtepi32_epi16(_mm512_srli_epi32(rounded, 16));
}

TEMPLATE void store_vector(enum cker_type type, void *elements, __m512 vector) {
    if (type == cker_float32) {
        _mm512_storeu_ps(elements, vector);
    } else {
        _mm256_storeu_si256(elements, bfloat16_vector(vector));
    }
}

// MARK: Sums in double precision

struct double_vector {
    __m512d low, high;
};

TEMPLATE struct double_vector doubles(__m512 value) {
    return (struct double_vector){
        _mm512_cvtps_pd(_mm512_castps512_ps256(value)), _mm512_cvtps_pd(_mm512_extractf32x8_ps(value, 1))};
}

TEMPLATE __m512 singles(struct double_vector values) {
    const __m512 low = _mm512_castps256_ps512(_mm512_cvtpd_ps(values.low));
    return _mm512_insertf32x8(low, _mm512_cvtpd_ps(values.high), 1);
}

TEMPLATE struct double_vector load_doubles(const double *values) {
    return (struct double_vector){_mm512_loadu_pd(values), _mm512_loadu_pd(values + 8)};
}

TEMPLATE void store_doubles(double *target, struct double_vector values) {
    _mm512_storeu_pd(target, values.low);
    _mm512_storeu_pd(target + 8, values.high);
}

TEMPLATE struct double_vector add_doubles(struct double_vector a, struct double_vector b) {
    return (struct double_vector){_mm512_add_pd(a.low, b.low), _mm512_add_pd(a.high, b.high)};
}

TEMPLATE struct double_vector add_square(struct double_vector sum, struct double_vector value) {
    return (struct double_vector){
        _mm512_fmadd_pd(value.low, value.low, sum.low), _mm512_fmadd_pd(value.high, value.high, sum.high)};
}

#endif
#endif
