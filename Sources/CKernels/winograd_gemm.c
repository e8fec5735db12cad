#include "winograd.h"

#ifdef __x86_64__

TEMPLATE void multiply(const int rows, const int vectors, const float *tiles, int64_t block_stride, int64_t channels,
                       const float *weights, float *products) {
    __m512 sums[winograd_rows][2];
    UNROLL for (int row = 0; row < rows; row++) {
        UNROLL for (int vector = 0; vector < vectors; vector++) sums[row][vector] = _mm512_setzero_ps();
    }
    for (; channels > 0; channels -= 16, tiles += block_stride) {
        // The rows of the next block of channels are too far away for the processor to foresee them.
        UNROLL for (int row = 0; row < rows; row++) {
            _mm_prefetch((const char *)(tiles + block_stride + row * 16), _MM_HINT_T0);
        }
        const float *end = tiles + (channels < 16 ? channels : 16);
        for (const float *channel = tiles; channel < end; channel++, weights += vectors * 16) {
            __m512 row_of_weights[2];
            UNROLL for (int vector = 0; vector < vectors; vector++) {
                row_of_weights[vector] = _mm512_loadu_ps(weights + vector * 16);
            }
            UNROLL for (int row = 0; row < rows; row++) {
                const __m512 tile = _mm512_set1_ps(channel[row * 16]);
                UNROLL for (int vector = 0; vector < vectors; vector++) {
                    sums[row][vector] = _mm512_fmadd_ps(tile, row_of_weights[vector], sums[row][vector]);
                }
            }
        }
    }
    UNROLL for (int row = 0; row < rows; row++) {
        UNROLL for (int vector = 0; vector < vectors; vector++) {
            _mm512_storeu_ps(products + (row * vectors + vector) * 16, sums[row][vector]);
        }
    }
}

#define MULTIPLY(rows)                                                                                                 \
    VECTORIZED static void multiply_##rows##_narrow(const float *tiles, int64_t block_stride, int64_t channels,       \
                                                    const float *weights, float *products) {                          \
        multiply(rows, 1, tiles, block_stride, channels, weights, products);                                          \
    }                                                                                                                  \
    VECTORIZED static void multiply_##rows##_wide(const float *tiles, int64_t block_stride, int64_t channels,         \
                                                  const float *weights, float *products) {                            \
        multiply(rows, 2, tiles, block_stride, channels, weights, products);                                          \
    }
MULTIPLY(1) MULTIPLY(2) MULTIPLY(3) MULTIPLY(4) MULTIPLY(5) MULTIPLY(6) MULTIPLY(7)
MULTIPLY(8) MULTIPLY(9) MULTIPLY(10) MULTIPLY(11) MULTIPLY(12) MULTIPLY(13) MULTIPLY(14)

void winograd_multiply(int64_t rows, int vectors, const float *tiles, int64_t block_stride, int64_t channels,
                       const float *weights, float *products) {
    typedef void function(const float *, int64_t, int64_t, const float *, float *);
#define PAIR(rows) {multiply_##rows##_narrow, multiply_##rows##_wide}
    static function *const functions[winograd_rows][2] = {
        PAIR(1), PAIR(2), PAIR(3), PAIR(4), PAIR(5), PAIR(6), PAIR(7),
        PAIR(8), PAIR(9), PAIR(10), PAIR(11), PAIR(12), PAIR(13), PAIR(14),
    };
    functions[rows - 1][vectors - 1](tiles, block_stride, channels, weights, products);
}

TEMPLATE void multiply_gradients(const int channels, const int vectors, const float *tiles, const float *gradients,
                                 int64_t count, float *products, bool accumulate) {
    __m512 sums[8][2];
    UNROLL for (int channel = 0; channel < channels; channel++) {
        UNROLL for (int vector = 0; vector < vectors; vector++) sums[channel][vector] = _mm512_setzero_ps();
    }
    for (int64_t tile = 0; tile < count; tile++, tiles += 16, gradients += vectors * 16) {
        __m512 gradient[2];
        UNROLL for (int vector = 0; vector < vectors; vector++) {
            gradient[vector] = _mm512_loadu_ps(gradients + vector * 16);
        }
        UNROLL for (int channel = 0; channel < channels; channel++) {
            const __m512 factor = _mm512_set1_ps(tiles[channel]);
            UNROLL for (int vector = 0; vector < vectors; vector++) {
                sums[channel][vector] = _mm512_fmadd_ps(factor, gradient[vector], sums[channel][vector]);
            }
        }
    }
    UNROLL for (int channel = 0; channel < channels; channel++) {
        UNROLL for (int vector = 0; vector < vectors; vector++) {
            float *product = products + (channel * vectors + vector) * 16;
            __m512 sum = sums[channel][vector];
            if (accumulate) sum = _mm512_add_ps(sum, _mm512_loadu_ps(product));
            _mm512_storeu_ps(product, sum);
        }
    }
}

VECTORIZED static void multiply_gradients_narrow(const float *tiles, const float *gradients, int64_t count,
                                                 float *products, bool accumulate) {
    multiply_gradients(8, 1, tiles, gradients, count, products, accumulate);
}

VECTORIZED static void multiply_gradients_wide(const float *tiles, const float *gradients, int64_t count,
                                               float *products, bool accumulate) {
    multiply_gradients(8, 2, tiles, gradients, count, products, accumulate);
}

void winograd_multiply_gradients(int vectors, const float *tiles, const float *gradients, int64_t count, float *products,
                                 bool accumulate) {
    for (int channel = 0; channel < 16; channel += 8) {
        (vectors == 1 ? multiply_gradients_narrow : multiply_gradients_wide)(
            tiles + channel, gradients, count, products + channel * vectors * 16, accumulate);
    }
}

#endif
