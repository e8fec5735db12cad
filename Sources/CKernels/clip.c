#include <string.h>

#include "wide.h"

WIDE static void clip_floats(const float *input, float *output, int64_t count, float ceiling) {
    for (int64_t i = 0; i < count; i++) {
        // As x86's instructions for maximum and minimum take what is not a number for it: it is passed on. The sum has no
        // negative zero.
        const float above = 0 > input[i] ? 0 : input[i];
        output[i] = (ceiling < above ? ceiling : above) + 0.0f;
    }
}

// Above 0, bfloat16 numbers are in the order of their bits, and what is not a number is above all others.
WIDE static void clip_halves(const uint16_t *input, uint16_t *output, int64_t count, uint16_t ceiling) {
    enum { sign = 0x8000, infinity = 0x7f80 };
    for (int64_t i = 0; i < count; i++) {
        const uint16_t bits = input[i], magnitude = bits & (uint16_t)~sign;
        const uint16_t clipped = bits & sign ? 0 : bits > ceiling ? ceiling : bits;
        output[i] = magnitude > infinity ? bits : clipped;
    }
}

void cker_clip(enum cker_type type, const void *input, void *output, int64_t count, float ceiling) {
    if (type == cker_float32) {
        clip_floats(input, output, count, ceiling);
        return;
    }
    uint32_t bits;
    memcpy(&bits, &ceiling, sizeof bits);
    clip_halves(input, output, count, (uint16_t)(bits >> 16));
}
