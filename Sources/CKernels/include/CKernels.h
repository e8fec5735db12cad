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
// none of the other functions may be called, where they do not say that they need no more than the language. False too
// where the environment variable CONVNET_INSTRUCTIONS is "avx2".
bool cker_available(void);
// Whether it multiplies bfloat16 numbers too (AVX512_BF16). Feature maps of them can be read and written without.
bool cker_multiplies_bfloat16(void);

enum cker_type { cker_float32, cker_bfloat16 };

// Multiplies and adds in registers, as fast as the processor can; returns how many operations that were. Works without the
// instructions of the others too.
double cker_multiply_add(int64_t rounds, enum cker_type type);

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

// input_gradient = the convolution's derivative, for output_gradient.
typedef struct {
    cker_winograd_shape shape;
    cker_map output_gradient, input_gradient;
    const float *weights;
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

// Convolution of stride 1 along the rows of row-major feature maps of float32, N × C × H × W. For layers of a few channels,
// which blocks of 16 would waste most of. Weights and their gradient are row-major too, O × I × H × W.
typedef struct {
    int64_t samples, input_channels, output_channels;
    int64_t input_height, input_width, output_height, output_width;
    int64_t kernel_height, kernel_width;
    int64_t top, left;  // padding, less than the kernel; that at the bottom and right follows from the output's size
} cker_narrow_shape;

enum cker_narrow_pass {
    cker_narrow_forward_pass,
    cker_narrow_data_pass,
    cker_narrow_weights_pass,
    cker_narrow_block_pass
};

size_t cker_narrow_scratch_bytes(const cker_narrow_shape *shape, enum cker_narrow_pass pass, int parts);

// output = convolution(input, weights) + bias, rectified if asked for.
typedef struct {
    cker_narrow_shape shape;
    const float *input, *weights;
    const float *bias;  // NULL: none
    float *output;
    bool relu;
    void *scratch;
} cker_narrow_forward_arguments;

// input_gradient = the convolution's derivative, for output_gradient.
typedef struct {
    cker_narrow_shape shape;
    const float *output_gradient, *weights;
    float *input_gradient;
    void *scratch;
} cker_narrow_data_arguments;

// The gradient of the weights, in two phases. The last bits depend on `parts`.
typedef struct {
    cker_narrow_shape shape;
    const float *input, *output_gradient;
    float *weights_gradient;
    float *bias_gradient;  // NULL: not wanted
    void *scratch;
} cker_narrow_weights_arguments;

// The same where only the inputs are few: the gradient lies in blocks of 16 channels, and so do the outputs of the
// weights, ⌈O/16⌉ × I × H × W × 16, filled up with zeros.
typedef struct {
    cker_narrow_shape shape;
    const float *input;
    cker_map output_gradient;
    float *weights_gradient;
    float *bias_gradient;  // NULL: not wanted
    void *scratch;
} cker_narrow_block_arguments;

void cker_narrow_forward(const cker_narrow_forward_arguments *arguments, int part, int parts);
void cker_narrow_backward_data(const cker_narrow_data_arguments *arguments, int part, int parts);
void cker_narrow_backward_weights(const cker_narrow_weights_arguments *arguments, int phase, int part, int parts);
void cker_narrow_block_weights(const cker_narrow_block_arguments *arguments, int phase, int part, int parts);

// MARK: Passes over feature maps

// Maps of one shape. Channels that fill up the last block are written as zeros, whatever is read there. An output may
// be the same memory as an input, with the same strides, where nothing else is said.
typedef struct {
    enum cker_type type;  // of all maps' elements; all vectors are float32
    int64_t samples, channels, area;
} cker_map_shape;

// Where ReLU passed a value on, a bit for each of a pixel's 16 channels: masks are N × ⌈C/16⌉ × H·W, dense.
typedef uint16_t cker_mask;

// How many phases batch norms in training have, and how many bytes of scratch memory, where they go by the batch's own
// sums. The last bits of these depend on `parts`.
int cker_batch_norm_phases(const cker_map_shape *shape, int parts);
size_t cker_batch_norm_scratch(const cker_map_shape *shape, int parts);

// output = ReLU?(scale · (source − mean) / √(variance + epsilon) + shift + addend)
typedef struct {
    cker_map_shape shape;
    cker_map source, output;     // different ones by the batch's statistics
    cker_map addend;             // elements NULL: none
    const float *scale, *shift;  // NULL: 1 and 0
    float epsilon;
    float *mean, *variance;  // the variance is the mean square deviation
    // They follow the batch's by `momentum`, its variance multiplied by n/(n − 1). NULL: none.
    float *running_mean, *running_variance;
    float momentum;
    bool relu;
    cker_mask *mask;  // written; NULL: not wanted
    void *scratch;    // aligned for double; unused where the statistics are given
} cker_batch_norm_forward_arguments;

// Writes mean and variance of the batch, and normalizes by them.
void cker_batch_norm_forward(const cker_batch_norm_forward_arguments *arguments, int phase, int part, int parts);
// Normalizes by the given mean and variance, in one phase.
void cker_batch_norm_by_given(const cker_batch_norm_forward_arguments *arguments, int part, int parts);

// With g = gradient + second gradient, zero where the mask says so, and x̂ = (source − mean) / √(variance + epsilon):
// source gradient = scale / √(variance + epsilon) · (g − average of g − x̂ · average of g · x̂)
typedef struct {
    cker_map_shape shape;
    cker_map source, gradient;
    cker_map second_gradient;  // elements NULL: none
    cker_map masked_gradient;  // g, elements NULL: not wanted. Not the source or its gradient
    cker_map source_gradient;  // not the source
    const cker_mask *mask;     // NULL: no ReLU
    const float *scale;        // NULL: 1
    const float *mean, *variance;
    bool statistics_are_given;  // they do not depend on the source, so the averages are left out
    float epsilon;
    float *scale_gradient, *shift_gradient;  // NULL: not wanted
    void *scratch;                           // aligned for double
} cker_batch_norm_backward_arguments;

void cker_batch_norm_backward(const cker_batch_norm_backward_arguments *arguments, int phase, int part, int parts);

// MARK: Passes over feature maps in any layout, on any processor

// Maps of one shape and layout, dense. Channels that fill up a block are read as zeros, and written so.
typedef struct {
    enum cker_type type;  // of all maps' elements; all vectors are float32
    int64_t samples, channels, area;
    int64_t block;  // channels side by side: N × ⌈C/block⌉ × H·W × block; 1 is row-major, all of them "channels last"
} cker_channel_shape;

// Bytes that any of the following needs, aligned to 64. Each has two phases but where it says otherwise, and the last bits
// depend on `parts`. Sums are in double precision, whatever the maps are made of.
size_t cker_channel_scratch(const cker_channel_shape *shape, int parts);

typedef struct {
    cker_channel_shape shape;
    const void *values;
    float *sums;  // of each channel
    void *scratch;
} cker_channel_sum_arguments;

void cker_channel_sums(const cker_channel_sum_arguments *arguments, int phase, int part, int parts);

// As cker_batch_norm_forward_arguments says, without an addend; the mask has a byte for each element of the map.
typedef struct {
    cker_channel_shape shape;
    const void *source;
    void *output;
    const float *scale, *shift;  // NULL: 1 and 0
    float epsilon;
    float *mean, *variance;
    float *running_mean, *running_variance;
    float momentum;
    bool relu;
    uint8_t *mask;  // written where `relu` holds back and where not; NULL: not wanted
    void *scratch;
} cker_channel_norm_arguments;

// Writes mean and variance of the batch, lets the running ones follow, and normalizes.
void cker_channel_norm_forward(const cker_channel_norm_arguments *arguments, int phase, int part, int parts);
// Normalizes by the given mean and variance, in one phase.
void cker_channel_norm_by_given(const cker_channel_norm_arguments *arguments, int part, int parts);

// As cker_batch_norm_backward_arguments says, for one gradient.
typedef struct {
    cker_channel_shape shape;
    const void *source, *gradient;
    void *source_gradient;  // may be the gradient
    const uint8_t *mask;    // NULL: no ReLU
    const float *scale;     // NULL: 1
    const float *mean, *variance;
    bool statistics_are_given;
    float epsilon;
    float *scale_gradient, *shift_gradient;  // NULL: not wanted
    void *scratch;
} cker_channel_norm_gradient_arguments;

void cker_channel_norm_backward(
    const cker_channel_norm_gradient_arguments *arguments, int phase, int part, int parts);

// output = map · gate, with a gate for each sample and channel: N × ⌈C/block⌉ × block numbers of the map's type. One phase, no
// scratch memory. The output may be the map.
typedef struct {
    cker_channel_shape shape;
    const void *map, *gates;
    void *output;
} cker_channel_product_arguments;

void cker_channel_product(const cker_channel_product_arguments *arguments, int part, int parts);

// The gradients of both, each sum by one thread. One phase, no scratch memory.
typedef struct {
    cker_channel_shape shape;
    const void *map, *gates, *gradient;
    void *map_gradient;    // NULL: not wanted; may be the gradient
    void *gate_gradients;  // NULL: not wanted
} cker_channel_product_gradient_arguments;

void cker_channel_product_gradients(const cker_channel_product_gradient_arguments *arguments, int part, int parts);

// output = slope · source + constant, brought to `low` or `high` where it is below or above; what is not a number stays so. One
// phase, no scratch memory. The output may be the source.
typedef struct {
    cker_channel_shape shape;
    const void *source;
    void *output;
    float slope, constant, low, high;
} cker_clipped_line_arguments;

void cker_clipped_line(const cker_clipped_line_arguments *arguments, int part, int parts);

// Told from the output: nothing passes where that is at a limit.
typedef struct {
    cker_channel_shape shape;
    const void *output, *gradient;
    void *source_gradient;  // may be the gradient
    float slope, low, high;
} cker_clipped_line_gradient_arguments;

void cker_clipped_line_gradient(const cker_clipped_line_gradient_arguments *arguments, int part, int parts);

// output = the source where it is above 0, slope · source elsewhere. One phase forward, two backward.
typedef struct {
    cker_channel_shape shape;
    const void *source;
    const float *slopes;  // of each channel, or one for all
    bool is_shared;
    void *output;            // forward; may be the source
    const void *gradient;    // backward, and what it makes:
    void *source_gradient;   // NULL: not wanted; may be the gradient
    float *slope_gradients;  // as many as slopes; NULL: not wanted
    void *scratch;
} cker_prelu_arguments;

void cker_prelu_forward(const cker_prelu_arguments *arguments, int part, int parts);
void cker_prelu_backward(const cker_prelu_arguments *arguments, int phase, int part, int parts);

// Copies whole channels. One phase, no scratch memory.
typedef struct {
    enum cker_type type;
    int64_t samples, area, input_channels, output_channels;
    int64_t input_block, output_block;  // as cker_channel_shape has them
    const void *input;
    void *output;
    const int32_t *sources;  // for each channel of the output the input's, or -1 for zeros
} cker_channel_copy_arguments;

void cker_channel_copy(const cker_channel_copy_arguments *arguments, int part, int parts);

// output = the numbers that are not below 0 nor above a ceiling, which may be infinite, the others being brought there; what is
// not a number stays so. The output may be the input. Runs on any processor.
void cker_clip(enum cker_type type, const void *input, void *output, int64_t count, float ceiling);

enum { cker_maximum_addends = 4 };

// output = the addends' sum, of which either ReLU is taken, or what a mask passes on: its gradient
typedef struct {
    cker_map_shape shape;
    int count;  // at least 1
    cker_map addends[cker_maximum_addends];
    cker_map output;
    bool relu;
    cker_mask *relu_mask;            // written; NULL: not wanted
    const cker_mask *gradient_mask;  // NULL: none
} cker_sum_arguments;

void cker_sum(const cker_sum_arguments *arguments, int part, int parts);

enum cker_pool_kind { cker_maximum, cker_average_with_padding, cker_average_without_padding };

// Pooling, of dilation 1. Each window has a pixel of the input in it. Padding never is the maximum, and counts in an average,
// as zero, where the kind says so.
typedef struct {
    enum cker_pool_kind kind;
    enum cker_type type;
    bool is_plain;  // maps are row-major, of float32: their blocks are single channels. Such run on any processor
    int64_t samples, channels;
    int64_t input_height, input_width, output_height, output_width;
    int64_t kernel_height, kernel_width;  // at most cker_no_place taps where the places of maxima are wanted
    int64_t stride_height, stride_width;
    int64_t top, left;  // padding
} cker_pool_shape;

// The place of a maximum that passes its gradient on to no element of its window.
enum { cker_no_place = 255 };

// Where in its window each maximum was found, counted row by row, the first of equal ones: as the output lies, dense.
typedef uint8_t cker_place;

typedef struct {
    cker_pool_shape shape;
    cker_map input, output;
    cker_place *places;  // written; NULL: not wanted
    bool follows_relu;   // the input is a ReLU's output, and a maximum that it holds back has no place
} cker_pool_forward_arguments;

typedef struct {
    cker_pool_shape shape;
    cker_map output_gradient, input_gradient;  // the latter is written, not added to
    const cker_place *places;                  // of maxima
    cker_map relu_output;  // the pooling's input where the gradient is to go back through a ReLU too; elements NULL: none
} cker_pool_backward_arguments;

void cker_pool_forward(const cker_pool_forward_arguments *arguments, int part, int parts);
void cker_pool_backward(const cker_pool_backward_arguments *arguments, int part, int parts);

#endif
