// The engine's own loops, for passes that oneDNN has no primitive for. Nothing in here starts threads or allocates: a
// function does part `part` of `parts` of its work, on memory that the caller provides, and the caller has all parts done
// by a team of threads before it goes on.
//
// Feature maps lie in blocks of 16 channels, N × ⌈C/16⌉ × H × W × 16, the last block filled up with zeros. They need not
// be dense: a map may be some blocks of a larger one.
#ifndef CONVNET_KERNELS_H
#define CONVNET_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Whether this processor has the instructions that the kernels are written in: AVX-512 F, BW, VL and DQ. Without them
// none of the other functions may be called.
bool cker_available(void);
// Whether it multiplies bfloat16 numbers too (AVX512_BF16). Feature maps of them can be read and written without.
bool cker_multiplies_bfloat16(void);

enum cker_type { cker_float32, cker_bfloat16 };

// A feature map, or some blocks of one. NULL elements stand for a map that is not there.
typedef struct {
    void *elements;
    int64_t sample_stride, block_stride;  // elements from one sample, one block of 16 channels, to the next
} cker_map;

// Winograd's convolution: of stride 1, with square kernels of 3 or 5 taps, computed on overlapping tiles of 6 × 6 pixels.
// The arithmetic is in float32 whatever the maps are made of; rounding errors are a few times those of a direct
// convolution, about 1e-6 of the largest value. A pass is a row of phases, numbered from 0: all parts of a phase must be
// done before any part of the next begins. Results depend on nothing but the arguments and the number of parts.
typedef struct {
    int64_t samples, input_channels, output_channels;
    int64_t input_height, input_width, output_height, output_width;
    int64_t kernel;     // 3 or 5
    int64_t top, left;  // padding, less than the kernel; that at the bottom and right follows from the output's size
    enum cker_type type;
} cker_winograd_shape;

enum cker_winograd_pass { cker_winograd_forward_pass, cker_winograd_data_pass, cker_winograd_weights_pass };

bool cker_winograd_supports(const cker_winograd_shape *shape);
int64_t cker_winograd_phases(const cker_winograd_shape *shape, enum cker_winograd_pass pass, int64_t parts);
size_t cker_winograd_scratch_bytes(const cker_winograd_shape *shape, enum cker_winograd_pass pass, int64_t parts);

// Weights and their gradient are of float32, in blocks of 16 × 16 channels: ⌈O/16⌉ × ⌈I/16⌉ × kernel × kernel × 16 inputs ×
// 16 outputs, filled up with zeros. Scratch memory is aligned to 64 bytes, its contents mean nothing between passes.

// output = convolution(input, weights) + bias + add, rectified if asked for.
typedef struct {
    cker_winograd_shape shape;
    cker_map input, output;
    const float *weights;
    const float *bias;  // of all output channels, or NULL
    cker_map add;       // as large as the output, may be the output itself
    bool relu;
    void *scratch;
} cker_winograd_forward_arguments;

// input_gradient = the convolution's derivative, for output_gradient, + add.
typedef struct {
    cker_winograd_shape shape;
    cker_map output_gradient, input_gradient;
    const float *weights;
    cker_map add;  // as large as the input, may be its gradient itself
    void *scratch;
} cker_winograd_data_arguments;

typedef struct {
    cker_winograd_shape shape;
    cker_map input, output_gradient;
    float *weights_gradient;
    float *bias_gradient;  // of all output channels, or NULL
    void *scratch;
} cker_winograd_weights_arguments;

void cker_winograd_forward(const cker_winograd_forward_arguments *, int64_t phase, int64_t part, int64_t parts);
void cker_winograd_backward_data(const cker_winograd_data_arguments *, int64_t phase, int64_t part, int64_t parts);
void cker_winograd_backward_weights(const cker_winograd_weights_arguments *, int64_t phase, int64_t part, int64_t parts);

#endif
