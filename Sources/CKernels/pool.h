// What poolings of all layouts share: where windows lie.
#ifndef CONVNET_KERNELS_POOL_H
#define CONVNET_KERNELS_POOL_H
#include "passes.h"

// One axis of the windows: those with constants in it make loops that the compiler unrolls.
struct axis {
    int64_t kernel, stride, before;  // `before` is the padding
    int64_t input, output;           // sizes
};

static inline struct axis vertical(const cker_pool_shape *shape) {
    return (struct axis){
        shape->kernel_height, shape->stride_height, shape->top, shape->input_height, shape->output_height};
}

static inline struct axis horizontal(const cker_pool_shape *shape) {
    return (struct axis){
        shape->kernel_width, shape->stride_width, shape->left, shape->input_width, shape->output_width};
}

static inline int64_t at_least(int64_t value, int64_t limit) { return value < limit ? limit : value; }
static inline int64_t at_most(int64_t value, int64_t limit) { return value > limit ? limit : value; }

// The taps of a window that lie inside the input.
static inline struct range taps(struct axis axis, int64_t window) {
    const int64_t start = window * axis.stride - axis.before;
    return (struct range){at_least(-start, 0), at_most(axis.input - start, axis.kernel)};
}

// What a window's mean is divided by, along one axis.
static inline int64_t divisor(const cker_pool_shape *shape, struct axis axis, int64_t window) {
    const struct range inside = taps(axis, window);
    return shape->kind == cker_average_with_padding ? axis.kernel : inside.end - inside.first;
}

// Of row-major maps.
void pool_planes(const cker_pool_forward_arguments *arguments, int part, int parts);
void spread_planes(const cker_pool_backward_arguments *arguments, int part, int parts);

#endif
