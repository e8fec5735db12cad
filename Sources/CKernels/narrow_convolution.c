// Convolution along the rows of row-major feature maps: 16 neighbouring pixels of a row are a vector, whatever the number
// of channels.
#include "narrow.h"

static inline int64_t packed_floats(const struct correlation *of) {
    return rounded_up(of->outputs, outputs_at_once) * of->inputs * of->kernel_height * of->kernel_width;
}

// Sums of a thread: 16 of each weight and bias that are yet to be added up or, where the gradient is in blocks of channels, one.
static int64_t sum_floats(const cker_narrow_shape *shape, enum cker_narrow_pass pass) {
    const int64_t kernel = shape->kernel_height * shape->kernel_width, outputs = shape->output_channels;
    const int64_t each = shape->input_channels * kernel + 1;
    return pass == cker_narrow_weights_pass ? vector * outputs * each : rounded_up(outputs, cker_block) * each;
}

int64_t narrow_scratch(const cker_narrow_shape *shape, enum cker_narrow_pass pass) {
    const struct correlation forward = forward_correlation(shape), backward = backward_correlation(shape);
    switch (pass) {
    case cker_narrow_forward_pass: return bytes_of_floats(padded_floats(&forward) + packed_floats(&forward));
    case cker_narrow_data_pass: return bytes_of_floats(padded_floats(&backward) + packed_floats(&backward));
    default: return bytes_of_floats(padded_floats(&forward) + sum_floats(shape, pass));
    }
}

size_t cker_narrow_scratch_bytes(const cker_narrow_shape *shape, enum cker_narrow_pass pass, int parts) {
    return (size_t)(narrow_scratch(shape, pass) * parts);
}

#ifdef __x86_64__

// Weights in the order in which they are read: those of 8 outputs side by side, for each input and tap.
static void pack(const struct correlation *of, const float *weights, float *packed) {
    const int64_t taps = of->kernel_height * of->kernel_width;
    memset(packed, 0, (size_t)packed_floats(of) * sizeof(float));
    for (int64_t output = 0; output < of->outputs; output++) {
        float *block = packed + output / outputs_at_once * of->inputs * taps * outputs_at_once;
        for (int64_t input = 0; input < of->inputs; input++) {
            const float *kernel =
                weights + (of->is_turned ? input * of->outputs + output : output * of->inputs + input) * taps;
            for (int64_t tap = 0; tap < taps; tap++)
                block[(input * taps + tap) * outputs_at_once + output % outputs_at_once] =
                    kernel[of->is_turned ? taps - 1 - tap : tap];
        }
    }
}

// A tile of the output: some maps × some vectors of one row.
struct tile {
    const float *padded;  // the first tap's row and column, of the first input
    const float *packed;  // from the first tap that is inside the input on
    const float *bias;    // NULL: none
    float *output;
    int64_t tap_rows;  // of them that are inside the input
    int64_t width;     // pixels that exist
    bool relu;
};

TEMPLATE void correlate_tile(const struct correlation *of, struct tile tile, const int outputs, const int vectors) {
    const int64_t pitch = row_pitch(of);
    __m512 sums[8][2];
    UNROLL for (int o = 0; o < outputs; o++)
        UNROLL for (int v = 0; v < vectors; v++) sums[o][v] = _mm512_set1_ps(tile.bias ? tile.bias[o] : 0);
    for (int64_t input = 0; input < of->inputs; input++) {
        const float *weights = tile.packed + input * of->kernel_height * of->kernel_width * outputs_at_once;
        for (int64_t i = 0; i < tile.tap_rows; i++) {
            const float *row = tile.padded + (input * of->input_height + i) * pitch;
            for (int64_t j = 0; j < of->kernel_width; j++, weights += outputs_at_once) {
                __m512 pixels[2];
                UNROLL for (int v = 0; v < vectors; v++) pixels[v] = _mm512_loadu_ps(row + j + v * vector);
                UNROLL for (int o = 0; o < outputs; o++) {
                    const __m512 weight = _mm512_set1_ps(weights[o]);
                    UNROLL for (int v = 0; v < vectors; v++) sums[o][v] = _mm512_fmadd_ps(pixels[v], weight, sums[o][v]);
                }
            }
        }
    }
    UNROLL for (int o = 0; o < outputs; o++)
        UNROLL for (int v = 0; v < vectors; v++) {
            const __mmask16 existing = first_lanes(tile.width - v * vector);
            __m512 value = sums[o][v];
            if (tile.relu) value = _mm512_maskz_mov_ps(positive(value), value);
            float *target = tile.output + o * of->output_height * of->output_width + v * vector;
            _mm512_mask_storeu_ps(target, existing, value);
        }
}

#define CKER_TILE(outputs)                                                                    \
    VECTORIZED static void tile_##outputs(const struct correlation *of, struct tile tile) {  \
        if (tile.width > vector) correlate_tile(of, tile, outputs, 2);                        \
        else correlate_tile(of, tile, outputs, 1);                                            \
    }
CKER_TILE(1)
CKER_TILE(2)
CKER_TILE(3)
CKER_TILE(4)
CKER_TILE(5)
CKER_TILE(6)
CKER_TILE(7)
CKER_TILE(8)

typedef void tile_function(const struct correlation *of, struct tile tile);
static tile_function *const tile_functions[] = {tile_1, tile_2, tile_3, tile_4, tile_5, tile_6, tile_7, tile_8};

VECTORIZED static void correlate(
    const struct correlation *of, const float *input, const float *weights, const float *bias, bool relu,
    float *output, void *scratch, int part, int parts) {
    const int64_t taps = of->kernel_height * of->kernel_width, pitch = row_pitch(of);
    float *padded = scratch, *packed = padded + padded_floats(of);
    memset(padded, 0, (size_t)padded_floats(of) * sizeof(float));
    pack(of, weights, packed);
    int64_t sample = -1;
    struct range rows = range_of_part(of->samples * of->output_height, part, parts);
    for (; rows.first < rows.end; rows.first++) {
        const int64_t y = rows.first % of->output_height;
        if (rows.first / of->output_height != sample) {
            sample = rows.first / of->output_height;
            pad_rows(of, input + sample * of->inputs * of->input_height * of->input_width, padded);
        }
        const int64_t start = y - of->top, first = start < 0 ? -start : 0;
        const int64_t below = of->input_height - start, end = below < of->kernel_height ? below : of->kernel_height;
        for (int64_t o = 0; o < of->outputs; o += outputs_at_once) {
            const int64_t count = of->outputs - o < outputs_at_once ? of->outputs - o : outputs_at_once;
            for (int64_t x = 0; x < of->output_width; x += 2 * vector) {
                const struct tile tile = {
                    .padded = padded + (start + first) * pitch + x,
                    .packed = packed + o * of->inputs * taps + first * of->kernel_width * outputs_at_once,
                    .bias = bias ? bias + o : NULL,
                    .output = output + ((sample * of->outputs + o) * of->output_height + y) * of->output_width + x,
                    .tap_rows = end > first ? end - first : 0,
                    .width = of->output_width - x < 2 * vector ? of->output_width - x : 2 * vector,
                    .relu = relu};
                tile_functions[count - 1](of, tile);
            }
        }
    }
}

void cker_narrow_forward(const cker_narrow_forward_arguments *arguments, int part, int parts) {
    const struct correlation of = forward_correlation(&arguments->shape);
    char *scratch = (char *)arguments->scratch + part * narrow_scratch(&arguments->shape, cker_narrow_forward_pass);
    correlate(
        &of, arguments->input, arguments->weights, arguments->bias, arguments->relu, arguments->output, scratch, part,
        parts);
}

void cker_narrow_backward_data(const cker_narrow_data_arguments *arguments, int part, int parts) {
    const struct correlation of = backward_correlation(&arguments->shape);
    char *scratch = (char *)arguments->scratch + part * narrow_scratch(&arguments->shape, cker_narrow_data_pass);
    correlate(
        &of, arguments->output_gradient, arguments->weights, NULL, false, arguments->input_gradient, scratch, part,
        parts);
}
#else
void cker_narrow_forward(const cker_narrow_forward_arguments *arguments, int part, int parts) {}
void cker_narrow_backward_data(const cker_narrow_data_arguments *arguments, int part, int parts) {}
#endif
