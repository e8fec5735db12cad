// What the passes of a convolution of few channels share.
#ifndef CONVNET_KERNELS_NARROW_H
#define CONVNET_KERNELS_NARROW_H
#include <string.h>

#include "passes.h"

enum { vector = 16, outputs_at_once = 8 };

static inline int64_t rounded_up(int64_t count, int64_t to) { return (count + to - 1) / to * to; }

// What a pass correlates: `outputs` maps, each the sum of one correlation with every input map. The convolution's own
// forward pass is one; so is the way back to its input, with the kernels turned around.
struct correlation {
    int64_t samples, inputs, outputs;
    int64_t input_height, input_width, output_height, output_width;
    int64_t kernel_height, kernel_width, top, left;
    bool is_turned;
};

static inline struct correlation forward_correlation(const cker_narrow_shape *shape) {
    return (struct correlation){
        .samples = shape->samples,
        .inputs = shape->input_channels,
        .outputs = shape->output_channels,
        .input_height = shape->input_height,
        .input_width = shape->input_width,
        .output_height = shape->output_height,
        .output_width = shape->output_width,
        .kernel_height = shape->kernel_height,
        .kernel_width = shape->kernel_width,
        .top = shape->top,
        .left = shape->left};
}

static inline struct correlation backward_correlation(const cker_narrow_shape *shape) {
    return (struct correlation){
        .samples = shape->samples,
        .inputs = shape->output_channels,
        .outputs = shape->input_channels,
        .input_height = shape->output_height,
        .input_width = shape->output_width,
        .output_height = shape->input_height,
        .output_width = shape->input_width,
        .kernel_height = shape->kernel_height,
        .kernel_width = shape->kernel_width,
        .top = shape->kernel_height - 1 - shape->top,
        .left = shape->kernel_width - 1 - shape->left,
        .is_turned = true};
}

// Floats in a row of an input map with its padding, of which whole vectors can be read from every tap on.
static inline int64_t row_pitch(const struct correlation *of) {
    return rounded_up(rounded_up(of->output_width, vector) + of->kernel_width - 1, vector);
}

static inline int64_t padded_floats(const struct correlation *of) {
    return of->inputs * of->input_height * row_pitch(of);
}

static inline int64_t bytes_of_floats(int64_t floats) { return rounded_up(floats * (int64_t)sizeof(float), 64); }

// Bytes of scratch memory for one part.
int64_t narrow_scratch(const cker_narrow_shape *shape, enum cker_narrow_pass pass);

// Copies a sample's maps to where rows have room for their padding, which is zero already.
static inline void pad_rows(const struct correlation *of, const float *input, float *padded) {
    const int64_t pitch = row_pitch(of);
    for (int64_t row = 0; row < of->inputs * of->input_height; row++)
        memcpy(
            padded + row * pitch + of->left, input + row * of->input_width, (size_t)of->input_width * sizeof(float));
}

#endif
