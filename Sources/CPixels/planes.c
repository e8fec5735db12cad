#include "CPixels.h"

#include "wide.h"

// A piece of a row of pixels stays in the first cache while its channels are taken apart.
#define PIECE 1024

WIDE void cpix_planes(const uint8_t *input, size_t pixels, size_t channels, float *output) {
    for (size_t start = 0; start < pixels; start += PIECE) {
        const size_t end = start + PIECE < pixels ? start + PIECE : pixels;
        for (size_t c = 0; c < channels; c++) {
            float *plane = output + c * pixels;
            if (channels == 1)
                for (size_t i = start; i < end; i++) plane[i] = (float)input[i] / 255.0f;
            else
                for (size_t i = start; i < end; i++) plane[i] = (float)input[i * 3 + c] / 255.0f;
        }
    }
}
