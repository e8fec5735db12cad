#include "CPixels.h"

#include <string.h>

#include "wide.h"

#define FRACTION_BITS 22
#define HALF (1 << (FRACTION_BITS - 1))

static inline uint8_t pixel(int32_t sum) {
    sum >>= FRACTION_BITS;
    return sum < 0 ? 0 : sum > 255 ? 255 : (uint8_t)sum;
}

typedef int32_t int4 __attribute__((vector_size(16)));
typedef uint8_t byte4 __attribute__((vector_size(4)));

// Rows of three channels that go through together: each weight is loaded once for all, and their sums do not wait for one
// another.
#define TOGETHER 4

// Four bytes of a row at a time: the fourth is the next pixel's, and counts for nothing. It must be there to be read.
WIDE static void resize_colour_rows(const uint8_t *input, size_t input_row, cpix_taps taps, uint8_t *output) {
    const size_t output_row = (size_t)taps.outputs * 3;
    for (int32_t x = 0; x < taps.outputs; x++) {
        const uint8_t *from = input + (size_t)taps.first[x] * 3;
        const int32_t *weights = taps.weights + (size_t)x * taps.stride;
        int4 sums[TOGETHER];
        for (int r = 0; r < TOGETHER; r++) sums[r] = (int4){HALF, HALF, HALF, HALF};
        for (int32_t k = 0; k < taps.count[x]; k++) {
            for (int r = 0; r < TOGETHER; r++) {
                byte4 bytes;
                memcpy(&bytes, from + r * input_row + 3 * k, 4);
                sums[r] += __builtin_convertvector(bytes, int4) * weights[k];
            }
        }
        for (int r = 0; r < TOGETHER; r++) {
            int4 sum = sums[r] >> FRACTION_BITS;
            // Between 0 and 255: comparisons give all bits or none.
            sum &= sum >= 0;
            sum |= sum > 255;
            byte4 bytes = __builtin_convertvector(sum & 255, byte4);
            memcpy(output + r * output_row + 3 * x, &bytes, 3);
        }
    }
}

WIDE static void resize_row(const uint8_t *input, size_t channels, cpix_taps taps, uint8_t *output) {
    for (int32_t x = 0; x < taps.outputs; x++) {
        const int32_t *weights = taps.weights + (size_t)x * taps.stride;
        for (size_t c = 0; c < channels; c++) {
            const uint8_t *from = input + (size_t)taps.first[x] * channels + c;
            int32_t sum = HALF;
            for (int32_t k = 0; k < taps.count[x]; k++) sum += from[k * channels] * weights[k];
            output[(size_t)x * channels + c] = pixel(sum);
        }
    }
}

void cpix_resize_width(
    const uint8_t *input, size_t input_width, size_t rows, size_t channels, cpix_taps taps, uint8_t *output) {
    size_t y = 0;
    // Behind the last row there may be nothing to read.
    if (channels == 3)
        for (; y + TOGETHER < rows; y += TOGETHER)
            resize_colour_rows(input + y * input_width * 3, input_width * 3, taps, output + y * taps.outputs * 3);
    for (; y < rows; y++)
        resize_row(input + y * input_width * channels, channels, taps, output + y * taps.outputs * channels);
}

// So many bytes of a row at a time that their sums stay in registers.
#define PIECE 32

WIDE void cpix_resize_height(
    const uint8_t *input, size_t input_row_bytes, size_t row_bytes, cpix_taps taps, uint8_t *output) {
    for (int32_t y = 0; y < taps.outputs; y++) {
        const uint8_t *from = input + (size_t)taps.first[y] * input_row_bytes;
        const int32_t *weights = taps.weights + (size_t)y * taps.stride;
        const int32_t count = taps.count[y];
        uint8_t *to = output + (size_t)y * row_bytes;
        size_t x = 0;
        for (; x + PIECE <= row_bytes; x += PIECE) {
            int32_t sums[PIECE];
            for (int i = 0; i < PIECE; i++) sums[i] = HALF;
            for (int32_t k = 0; k < count; k++) {
                const uint8_t *row = from + k * input_row_bytes + x;
                for (int i = 0; i < PIECE; i++) sums[i] += row[i] * weights[k];
            }
            for (int i = 0; i < PIECE; i++) to[x + i] = pixel(sums[i]);
        }
        for (; x < row_bytes; x++) {
            int32_t sum = HALF;
            for (int32_t k = 0; k < count; k++) sum += from[k * input_row_bytes + x] * weights[k];
            to[x] = pixel(sum);
        }
    }
}
