#include "winograd.h"

#ifdef __x86_64__

static const float a1 = POINT_A, a2 = POINT_A_POWER_2, a3 = POINT_A_POWER_3, a4 = POINT_A_POWER_2 * POINT_A_POWER_2;
static const float b1 = POINT_B, b2 = POINT_B_POWER_2, b3 = POINT_B_POWER_3, b4 = POINT_B_POWER_2 * POINT_B_POWER_2;

// 1 / Π (point i − point j) over j ≠ i, for the points 0, ±a and ±b.
static const float scale_0 = 1 / (POINT_A_POWER_2 * POINT_B_POWER_2);
static const float scale_a = 1 / (2 * POINT_A_POWER_2 * (POINT_A_POWER_2 - POINT_B_POWER_2));
static const float scale_b = 1 / (2 * POINT_B_POWER_2 * (POINT_B_POWER_2 - POINT_A_POWER_2));

// G w: row i has the powers of point i, scaled.
TEMPLATE void transform_axis(const int kernel, const __m512 w[5], __m512 u[6]) {
    __m512 even_a = plus(a2, w[2], w[0]), odd_a = times(a1, w[1]);
    __m512 even_b = plus(b2, w[2], w[0]), odd_b = times(b1, w[1]);
    if (kernel == 5) {
        even_a = plus(a4, w[4], even_a), odd_a = plus(a3, w[3], odd_a);
        even_b = plus(b4, w[4], even_b), odd_b = plus(b3, w[3], odd_b);
    }
    u[0] = times(scale_0, w[0]);
    u[1] = times(scale_a, _mm512_add_ps(even_a, odd_a));
    u[2] = times(scale_a, _mm512_sub_ps(even_a, odd_a));
    u[3] = times(scale_b, _mm512_add_ps(even_b, odd_b));
    u[4] = w[kernel - 1];
    u[5] = times(scale_b, _mm512_sub_ps(even_b, odd_b));
}

// Gᵀ u
TEMPLATE void transform_gradient_axis(const int kernel, const __m512 u[6], __m512 w[5]) {
    const __m512 even_a = times(scale_a, _mm512_add_ps(u[1], u[2])), odd_a = times(scale_a, _mm512_sub_ps(u[1], u[2]));
    const __m512 even_b = times(scale_b, _mm512_add_ps(u[3], u[5])), odd_b = times(scale_b, _mm512_sub_ps(u[3], u[5]));
    w[0] = plus(scale_0, u[0], _mm512_add_ps(even_a, even_b));
    w[1] = plus(b1, odd_b, times(a1, odd_a));
    w[2] = plus(b2, even_b, times(a2, even_a));
    if (kernel == 5) {
        w[3] = plus(b3, odd_b, times(a3, odd_a));
        w[4] = plus(b4, even_b, times(a4, even_a));
    }
    w[kernel - 1] = _mm512_add_ps(w[kernel - 1], u[4]);
}

TEMPLATE void transform_weights(const int kernel, const float *weights, float *transformed, int64_t point_stride,
                                int64_t channel_stride) {
    for (int channel = 0; channel < 16; channel++, weights += 16, transformed += channel_stride) {
        __m512 partial[6][5];
        UNROLL for (int column = 0; column < kernel; column++) {
            __m512 w[5], u[6];
            UNROLL for (int row = 0; row < kernel; row++) {
                w[row] = _mm512_loadu_ps(weights + (row * kernel + column) * 256);
            }
            transform_axis(kernel, w, u);
            UNROLL for (int row = 0; row < winograd_side; row++) partial[row][column] = u[row];
        }
        UNROLL for (int row = 0; row < winograd_side; row++) {
            __m512 u[6];
            transform_axis(kernel, partial[row], u);
            UNROLL for (int column = 0; column < winograd_side; column++) {
                _mm512_store_ps(transformed + (row * winograd_side + column) * point_stride, u[column]);
            }
        }
    }
}

VECTORIZED static void transform_weights_3(const float *weights, float *transformed, int64_t point_stride,
                                           int64_t channel_stride) {
    transform_weights(3, weights, transformed, point_stride, channel_stride);
}

VECTORIZED static void transform_weights_5(const float *weights, float *transformed, int64_t point_stride,
                                           int64_t channel_stride) {
    transform_weights(5, weights, transformed, point_stride, channel_stride);
}

void winograd_transform_weights(const float *weights, int64_t kernel, float *transformed, int64_t point_stride,
                                int64_t channel_stride) {
    (kernel == 5 ? transform_weights_5 : transform_weights_3)(weights, transformed, point_stride, channel_stride);
}

// A matrix of 16 × 16 numbers. Each step exchanges the halves, quarters, … of rows that are 8, 4, … apart.
VECTORIZED static void transpose(const float *matrix, float *transposed) {
    __m512 rows[16], other[16];
    UNROLL for (int i = 0; i < 16; i++) rows[i] = _mm512_loadu_ps(matrix + i * 16);
    UNROLL for (int i = 0; i < 16; i += 2) {
        other[i] = _mm512_unpacklo_ps(rows[i], rows[i + 1]);
        other[i + 1] = _mm512_unpackhi_ps(rows[i], rows[i + 1]);
    }
    UNROLL for (int i = 0; i < 16; i += 4) {
        UNROLL for (int j = 0; j < 2; j++) {
            const __m512d lower = _mm512_castps_pd(other[i + j]), upper = _mm512_castps_pd(other[i + j + 2]);
            rows[i + 2 * j] = _mm512_castpd_ps(_mm512_unpacklo_pd(lower, upper));
            rows[i + 2 * j + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(lower, upper));
        }
    }
    UNROLL for (int i = 0; i < 16; i += 8) {
        UNROLL for (int j = 0; j < 4; j++) {
            other[i + j] = _mm512_shuffle_f32x4(rows[i + j], rows[i + j + 4], 0x88);
            other[i + j + 4] = _mm512_shuffle_f32x4(rows[i + j], rows[i + j + 4], 0xdd);
        }
    }
    UNROLL for (int j = 0; j < 8; j++) {
        _mm512_storeu_ps(transposed + j * 16, _mm512_shuffle_f32x4(other[j], other[j + 8], 0x88));
        _mm512_storeu_ps(transposed + (j + 8) * 16, _mm512_shuffle_f32x4(other[j], other[j + 8], 0xdd));
    }
}

void winograd_transform_turned_weights(const float *weights, int64_t kernel, float *transformed, int64_t point_stride,
                                       int64_t channel_stride) {
    float turned[5 * 5 * 256];
    const int64_t taps = kernel * kernel;
    for (int64_t tap = 0; tap < taps; tap++) transpose(weights + tap * 256, turned + (taps - 1 - tap) * 256);
    winograd_transform_weights(turned, kernel, transformed, point_stride, channel_stride);
}

TEMPLATE void transform_weights_gradient(const int kernel, const float *transformed, int64_t count, int64_t stride,
                                         int64_t point_stride, int64_t channel_stride, float *weights) {
    for (int channel = 0; channel < 16; channel++, weights += 16, transformed += channel_stride) {
        __m512 partial[5][6];
        UNROLL for (int column = 0; column < winograd_side; column++) {
            __m512 u[6], w[5];
            UNROLL for (int row = 0; row < winograd_side; row++) {
                const float *element = transformed + (row * winograd_side + column) * point_stride;
                u[row] = _mm512_load_ps(element);
                for (int64_t other = 1; other < count; other++) {
                    u[row] = _mm512_add_ps(u[row], _mm512_load_ps(element + other * stride));
                }
            }
            transform_gradient_axis(kernel, u, w);
            UNROLL for (int row = 0; row < kernel; row++) partial[row][column] = w[row];
        }
        UNROLL for (int row = 0; row < kernel; row++) {
            __m512 w[5];
            transform_gradient_axis(kernel, partial[row], w);
            UNROLL for (int column = 0; column < kernel; column++) {
                _mm512_storeu_ps(weights + (row * kernel + column) * 256, w[column]);
            }
        }
    }
}

VECTORIZED static void transform_weights_gradient_3(const float *transformed, int64_t count, int64_t stride,
                                                    int64_t point_stride, int64_t channel_stride, float *weights) {
    transform_weights_gradient(3, transformed, count, stride, point_stride, channel_stride, weights);
}

VECTORIZED static void transform_weights_gradient_5(const float *transformed, int64_t count, int64_t stride,
                                                    int64_t point_stride, int64_t channel_stride, float *weights) {
    transform_weights_gradient(5, transformed, count, stride, point_stride, channel_stride, weights);
}

void winograd_transform_weights_gradient(const float *transformed, int64_t count, int64_t stride,
                                         int64_t point_stride, int64_t channel_stride, int64_t kernel,
                                         float *weights) {
    (kernel == 5 ? transform_weights_gradient_5 : transform_weights_gradient_3)(
        transformed, count, stride, point_stride, channel_stride, weights);
}

#endif
