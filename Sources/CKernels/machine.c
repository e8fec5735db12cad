#include "vector.h"

#ifdef __x86_64__

enum { accumulators = 24 };

__attribute__((target("avx512f"))) static float add_up(const __m512 *sums) {
    float total = 0;
    for (int i = 0; i < accumulators; i++) total += _mm512_reduce_add_ps(sums[i]);
    return total;
}

__attribute__((target("avx512f"))) static float multiply_float32(int64_t rounds) {
    __m512 sums[accumulators];
    for (int i = 0; i < accumulators; i++) sums[i] = _mm512_setzero_ps();
    const __m512 factor = _mm512_set1_ps(0.5f), term = _mm512_set1_ps(0.25f);
    for (int64_t round = 0; round < rounds; round++) {
        UNROLL for (int i = 0; i < accumulators; i++) sums[i] = _mm512_fmadd_ps(sums[i], factor, term);
    }
    return add_up(sums);
}

__attribute__((target("avx512f,avx512bf16"))) static float multiply_bfloat16(int64_t rounds) {
    __m512 sums[accumulators];
    for (int i = 0; i < accumulators; i++) sums[i] = _mm512_setzero_ps();
    const __m512bh zero = (__m512bh)_mm512_setzero_si512();
    for (int64_t round = 0; round < rounds; round++) {
        UNROLL for (int i = 0; i < accumulators; i++) sums[i] = _mm512_dpbf16_ps(sums[i], zero, zero);
    }
    return add_up(sums);
}
#endif

double cker_multiply_add(int64_t rounds, enum cker_type type) {
#ifdef __x86_64__
    if (cker_available()) {
        const bool pairs = type == cker_bfloat16 && cker_multiplies_bfloat16();
        volatile float keep = pairs ? multiply_bfloat16(rounds) : multiply_float32(rounds);
        (void)keep;
        return (double)rounds * accumulators * 16 * 2 * (pairs ? 2 : 1);
    }
#endif
    // What the compiler makes of it: four numbers at once on most processors.
    typedef float lanes __attribute__((vector_size(16)));
    lanes sums[8] = {{0}};
    for (int64_t round = 0; round < rounds; round++)
        for (int i = 0; i < 8; i++) sums[i] = sums[i] * 0.5f + 0.25f;
    volatile float keep = 0;
    for (int i = 0; i < 8; i++) keep = keep + sums[i][0];
    (void)type;
    return (double)rounds * 8 * 4 * 2;
}
