// A thin cover over oneDNN: the few primitives that the engine uses, without oneDNN's own types, which differ between
// its versions 2 and 3. Functions return 0, or oneDNN's status, which cdnn_status_name puts into words.
//
// Declared always, defined only where CONVNET_ONEDNN is: Swift reads this header without the macro.
#ifndef CONVNET_ONEDNN_SHIM_H
#define CONVNET_ONEDNN_SHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct cdnn_context cdnn_context;      // the processor and its command stream
typedef struct cdnn_layout cdnn_layout;        // how an array of given sizes lies in memory
typedef struct cdnn_primitive cdnn_primitive;  // a computation, compiled, with the memory it works on

// The library is loaded when it is first asked for. Where it is not found, nothing else may be called.
enum cdnn_loading { cdnn_loaded, cdnn_not_found, cdnn_wrong_version };
enum cdnn_loading cdnn_load(void);
// The file that is looked for, and why it cannot be used where it is cdnn_not_found.
const char *cdnn_library_name(void);
const char *cdnn_loading_problem(void);

// Version numbers of the header that this was compiled with, and of the library that was found at run time.
const char *cdnn_header_version(void);
const char *cdnn_library_version(void);
const char *cdnn_status_name(int status);

int cdnn_context_create(cdnn_context **context);
void cdnn_context_destroy(cdnn_context *context);

// The instructions that the library uses, which the environment variable ONEDNN_MAX_CPU_ISA may limit: "sse41", say, or
// "avx512_core_bf16". It has fast code for AVX2 and newer ones; without, on x86-64, it works but slowly.
const char *cdnn_instruction_set(void);
bool cdnn_lacks_avx2(void);
// Whether it uses AVX-512, without which it does not compute with bfloat16 numbers.
bool cdnn_uses_avx512(void);

// What the library divides its work with: "OpenMP", "TBB", "SYCL", or "one thread".
const char *cdnn_runtime(void);
// How many threads the library computes with where `wanted` are asked for on a machine that grants `granted`. Only on
// OpenMP does it do as it is told; on TBB or SYCL it takes what there is.
int cdnn_thread_count(int wanted, int granted);
// Sets the size of the calling thread's team, and starts its threads where it is the shim's own. Returns how many it has, the
// calling one included, if the system grants fewer; else `threads`. Does nothing where the library does not use OpenMP.
int cdnn_set_threads(int threads);

// Calls body(argument, part, parts) for every part in 0 ..< parts, in the team of threads of a library on OpenMP, else one after the other. Primitives that run within take one thread each.
void cdnn_parallel(int parts, void (*body)(void *argument, int part, int parts), void *argument);
// Whether it is a team that divides them.
bool cdnn_has_team(void);

// The numbers in an array.
enum cdnn_type { cdnn_float32, cdnn_bfloat16 };

// Layouts. `any` leaves the choice to the primitive that it is given to; `plain` is row-major.
int cdnn_layout_any(enum cdnn_type, int rank, const int64_t *sizes, cdnn_layout **layout);
int cdnn_layout_plain(enum cdnn_type, int rank, const int64_t *sizes, cdnn_layout **layout);
// N×C×H×W as N × C/block × H × W × block: 1 (plain), 4, 8, 16 or C (channels last).
int cdnn_layout_blocked(enum cdnn_type, const int64_t *sizes, int64_t block, cdnn_layout **layout);
// A convolution's weight O×I×kH×kW as ⌈O/16⌉ × ⌈I/16⌉ × kH × kW × 16 inputs × 16 outputs.
int cdnn_layout_weights(int64_t outputs, int64_t inputs, const int64_t kernel[2], cdnn_layout **layout);
// The same with blocks of outputs only, ⌈O/16⌉ × I × kH × kW × 16.
int cdnn_layout_output_blocks(const int64_t sizes[4], cdnn_layout **layout);
void cdnn_layout_destroy(cdnn_layout *layout);
bool cdnn_layout_equal(const cdnn_layout *a, const cdnn_layout *b);
enum cdnn_type cdnn_layout_type(const cdnn_layout *layout);
size_t cdnn_layout_bytes(const cdnn_layout *layout);
// B where the layout of N×C×H×W is N × C/B × H × W × B (1: plain, C: channels last), 0 for any other.
int64_t cdnn_layout_channel_block(const cdnn_layout *layout);
// Where the rows of pixels of N × ⌈C/16⌉ × H × W × 16 lie, the array being part of a larger one perhaps: in elements, the
// first one's offset and the steps from one sample, one block of channels, to the next. False for any other layout.
bool cdnn_layout_map(const cdnn_layout *layout, int64_t *offset, int64_t *sample_stride, int64_t *block_stride);

// The part of `sizes` elements that begins at `offsets`, for a reorder that is bound to the whole array's memory.
// Fails where a border falls within one of the layout's blocks. Its cdnn_layout_bytes mean nothing.
int cdnn_layout_slice(const cdnn_layout *whole, const int64_t *sizes, const int64_t *offsets, cdnn_layout **slice);

enum cdnn_activation_kind {
    cdnn_no_activation,
    cdnn_relu,  // alpha·x below zero
    cdnn_tanh,
    cdnn_sigmoid,
    cdnn_elu,  // alpha·(exp x − 1) below zero
    cdnn_gelu_erf,
    cdnn_gelu_tanh,
    cdnn_swish,  // x·sigmoid(alpha·x)
    cdnn_clip,       // at least alpha, at most beta
    cdnn_hard_swish  // x·clip(alpha·x + beta, 0, 1); oneDNN 2 knows 1/6 and 1/2 only
};
typedef struct {
    enum cdnn_activation_kind kind;
    float alpha, beta;
} cdnn_activation;

enum cdnn_pooling { cdnn_max, cdnn_average_with_padding, cdnn_average_without_padding };

typedef struct {
    int64_t samples, groups, input_channels, output_channels;
    int64_t input_size[2], output_size[2], kernel[2], stride[2], dilation[2];
    int64_t padding_before[2], padding_after[2];  // top and left, bottom and right
} cdnn_window_shape;

// Primitives. Layouts passed in may be `any`; cdnn_primitive_layout tells what was chosen. Those left to oneDNN have the
// source's type, biases and gradients of weights single precision. Backward primitives take the
// forward one they belong to.
// A forward convolution can add to what its output holds, before the activation.
int cdnn_convolution_forward(cdnn_context *, const cdnn_window_shape *, const cdnn_layout *source,
                             const cdnn_layout *output, bool bias, bool training, bool adds, cdnn_activation,
                             cdnn_primitive **);
int cdnn_convolution_backward_data(cdnn_context *, const cdnn_window_shape *, const cdnn_layout *source_gradient,
                                   const cdnn_layout *output_gradient, const cdnn_primitive *forward,
                                   cdnn_primitive **);
int cdnn_convolution_backward_weights(cdnn_context *, const cdnn_window_shape *, const cdnn_layout *source,
                                      const cdnn_layout *output_gradient, const cdnn_primitive *forward,
                                      cdnn_primitive **);

// A dense layer from N×inputs to N×units.
int cdnn_dense_forward(cdnn_context *, const cdnn_layout *source, int64_t units, enum cdnn_type output, bool bias,
                       bool training, cdnn_activation, cdnn_primitive **);
int cdnn_dense_backward_data(cdnn_context *, const cdnn_layout *source_gradient, int64_t units,
                             const cdnn_primitive *forward, cdnn_primitive **);
int cdnn_dense_backward_weights(cdnn_context *, const cdnn_layout *source, int64_t units,
                                const cdnn_primitive *forward, cdnn_primitive **);

int cdnn_pooling_forward(cdnn_context *, enum cdnn_pooling, const cdnn_window_shape *, const cdnn_layout *source,
                         bool training, cdnn_primitive **);
int cdnn_pooling_backward(cdnn_context *, enum cdnn_pooling, const cdnn_window_shape *, const cdnn_layout *source,
                          const cdnn_layout *output, const cdnn_primitive *forward, cdnn_primitive **);

int cdnn_activation_forward(cdnn_context *, cdnn_activation, const cdnn_layout *, cdnn_primitive **);
// The gradient from the activation's output, which only relu, tanh, sigmoid and elu with alpha ≥ 0 can do, or from its
// source. The gradients of source and output may be the same memory.
int cdnn_activation_backward(cdnn_context *, cdnn_activation, const cdnn_layout *, bool from_output,
                             cdnn_primitive **);

// Normalization of N×C×… by a given mean and (biased) variance of each channel, and relu after it where asked for.
int cdnn_batch_norm(cdnn_context *, const cdnn_layout *, float epsilon, bool scale_and_shift, bool relu,
                    cdnn_primitive **);

// y = x / (k + alpha / size · Σ x²)^beta, the sum being over (size − 1) / 2 channels on either side.
typedef struct {
    int64_t size;
    float alpha, beta, k;
} cdnn_response_norm;
int cdnn_local_response_norm_forward(cdnn_context *, cdnn_response_norm, const cdnn_layout *, bool training,
                                     cdnn_primitive **);
int cdnn_local_response_norm_backward(cdnn_context *, cdnn_response_norm, const cdnn_layout *,
                                      const cdnn_primitive *forward, cdnn_primitive **);

// Softmax along an axis, and its gradient from output and output gradient.
int cdnn_softmax_forward(cdnn_context *, int axis, const cdnn_layout *, cdnn_primitive **);
int cdnn_softmax_backward(cdnn_context *, int axis, const cdnn_layout *, cdnn_primitive **);

// source + second source, and relu after it where asked for. The output may be the memory of the (first) source.
int cdnn_add(cdnn_context *, const cdnn_layout *source, const cdnn_layout *second_source, const cdnn_layout *output,
             bool relu, cdnn_primitive **);

int cdnn_reorder(cdnn_context *, const cdnn_layout *from, const cdnn_layout *to, cdnn_primitive **);
// The row-major layout to reorder to first, where the direct way would write behind the output; else NULL in *layout.
int cdnn_reorder_detour(const cdnn_layout *from, const cdnn_layout *to, cdnn_layout **layout);

void cdnn_primitive_destroy(cdnn_primitive *primitive);
// The implementation that was chosen, e.g. "jit:avx512_core".
const char *cdnn_primitive_implementation(const cdnn_primitive *primitive);

enum cdnn_role {
    cdnn_source, cdnn_second_source, cdnn_weights, cdnn_bias, cdnn_output,
    cdnn_source_gradient, cdnn_weights_gradient, cdnn_output_gradient,
    // Vectors of as many floats as there are channels.
    cdnn_scale, cdnn_shift, cdnn_mean, cdnn_variance, cdnn_workspace, cdnn_scratchpad
};

// The layout of one of the primitive's arrays; NULL in *layout where the primitive does not have it.
int cdnn_primitive_layout(const cdnn_primitive *primitive, enum cdnn_role role, cdnn_layout **layout);
// Tells the primitive where one of its arrays lies.
int cdnn_primitive_bind(cdnn_primitive *primitive, enum cdnn_role role, void *memory);
int cdnn_primitive_run(cdnn_primitive *primitive);

// A row-major matrix, to be read as it lies or transposed; a row begins `stride` elements behind the one before it.
typedef struct {
    const float *elements;
    int64_t stride;
    bool transposed;
} cdnn_matrix;

// result (rows × columns, no gaps) = first (rows × inner) · second (inner × columns), at once. Within cdnn_parallel the
// calling thread does it alone.
int cdnn_matrix_product(int64_t rows, int64_t columns, int64_t inner, cdnn_matrix first, cdnn_matrix second,
                        float *result);

#endif
