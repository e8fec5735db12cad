// The gradient of the weights of a convolution of few channels.
#include "narrow.h"

#ifdef __x86_64__

// The rows of the output for which row `tap` of the kernel meets the input.
static inline struct range rows_of_tap(const struct correlation *of, int64_t tap) {
    const int64_t above = of->top - tap, below = of->input_height + above;
    const struct range rows = {above > 0 ? above : 0, below < of->output_height ? below : of->output_height};
    return rows.end > rows.first ? rows : (struct range){0, 0};
}

// MARK: Of few outputs

// Adds one sample's products of gradients and pixels: for some outputs, one input, one row of taps and some of its columns.
struct products {
    const float *gradient;  // of the first output
    const float *padded;    // what the first tap meets in the output's first row
    float *sums;            // 16 of each weight
    int64_t rows;           // of the output that the taps meet the input in
    int64_t output_stride;  // of the sums, from one output to the next
};

TEMPLATE void add_products(
    const struct correlation *of, struct products products, const int outputs, const int taps) {
    const int64_t pitch = row_pitch(of), map = of->output_height * of->output_width;
    __m512 sums[4][5];
    UNROLL for (int o = 0; o < outputs; o++)
        UNROLL for (int t = 0; t < taps; t++) sums[o][t] = _mm512_setzero_ps();
    for (int64_t y = 0; y < products.rows; y++) {
        for (int64_t x = 0; x < of->output_width; x += vector) {
            const __mmask16 existing = first_lanes(of->output_width - x);
            __m512 gradients[4];
            UNROLL for (int o = 0; o < outputs; o++)
                gradients[o] =
                    _mm512_maskz_loadu_ps(existing, products.gradient + o * map + y * of->output_width + x);
            UNROLL for (int t = 0; t < taps; t++) {
                const __m512 pixels = _mm512_loadu_ps(products.padded + y * pitch + x + t);
                UNROLL for (int o = 0; o < outputs; o++) sums[o][t] = _mm512_fmadd_ps(gradients[o], pixels, sums[o][t]);
            }
        }
    }
    UNROLL for (int o = 0; o < outputs; o++)
        UNROLL for (int t = 0; t < taps; t++) {
            float *sum = products.sums + o * products.output_stride + t * vector;
            _mm512_storeu_ps(sum, _mm512_add_ps(_mm512_loadu_ps(sum), sums[o][t]));
        }
}

#define CKER_PRODUCTS(outputs)                                                                                \
    VECTORIZED static void products_##outputs(const struct correlation *of, struct products of_taps, int taps) {  \
        switch (taps) {                                                                                       \
        case 1: return add_products(of, of_taps, outputs, 1);                                                 \
        case 2: return add_products(of, of_taps, outputs, 2);                                                 \
        case 3: return add_products(of, of_taps, outputs, 3);                                                 \
        case 4: return add_products(of, of_taps, outputs, 4);                                                 \
        default: return add_products(of, of_taps, outputs, 5);                                                \
        }                                                                                                     \
    }
CKER_PRODUCTS(1)
CKER_PRODUCTS(2)
CKER_PRODUCTS(3)
CKER_PRODUCTS(4)

typedef void products_function(const struct correlation *of, struct products products, int taps);
static products_function *const products_functions[] = {products_1, products_2, products_3, products_4};

VECTORIZED static void add_sample(
    const struct correlation *of, const float *padded, const float *gradient, float *sums) {
    const int64_t pitch = row_pitch(of), map = of->output_height * of->output_width;
    const int64_t kernel = of->kernel_height * of->kernel_width, stride = of->inputs * kernel * vector;
    for (int64_t o = 0; o < of->outputs; o += 4) {
        const int64_t outputs = of->outputs - o < 4 ? of->outputs - o : 4;
        for (int64_t input = 0; input < of->inputs; input++) {
            for (int64_t i = 0; i < of->kernel_height; i++) {
                const struct range rows = rows_of_tap(of, i);
                for (int64_t j = 0; j < of->kernel_width; j += 5) {
                    const struct products products = {
                        .gradient = gradient + o * map + rows.first * of->output_width,
                        .padded = padded + (input * of->input_height + rows.first + i - of->top) * pitch + j,
                        .sums = sums + o * stride + (input * kernel + i * of->kernel_width + j) * vector,
                        .rows = rows.end - rows.first,
                        .output_stride = stride};
                    const int64_t taps = of->kernel_width - j < 5 ? of->kernel_width - j : 5;
                    products_functions[outputs - 1](of, products, (int)taps);
                }
            }
        }
    }
}

// Each sample's pixels are summed in double precision: there may be many of them, and but few samples.
VECTORIZED static void add_biases(const struct correlation *of, const float *gradient, float *sums) {
    const int64_t map = of->output_height * of->output_width;
    for (int64_t o = 0; o < of->outputs; o++, gradient += map, sums += vector) {
        struct double_vector sum = doubles(_mm512_loadu_ps(sums));
        for (int64_t i = 0; i < map; i += vector) {
            sum = add_doubles(sum, doubles(_mm512_maskz_loadu_ps(first_lanes(map - i), gradient + i)));
        }
        _mm512_storeu_ps(sums, singles(sum));
    }
}

VECTORIZED static void sum_samples(const cker_narrow_weights_arguments *arguments, int part, int parts) {
    const struct correlation of = forward_correlation(&arguments->shape);
    const int64_t taps = of.inputs * of.kernel_height * of.kernel_width;
    float *padded = (float *)((char *)arguments->scratch
                              + part * narrow_scratch(&arguments->shape, cker_narrow_weights_pass));
    float *sums = padded + padded_floats(&of);
    memset(padded, 0, (size_t)narrow_scratch(&arguments->shape, cker_narrow_weights_pass));
    const struct range samples = range_of_part(of.samples, part, parts);
    for (int64_t sample = samples.first; sample < samples.end; sample++) {
        const float *gradient =
            arguments->output_gradient + sample * of.outputs * of.output_height * of.output_width;
        pad_rows(&of, arguments->input + sample * of.inputs * of.input_height * of.input_width, padded);
        add_sample(&of, padded, gradient, sums);
        if (arguments->bias_gradient) add_biases(&of, gradient, sums + of.outputs * taps * vector);
    }
}

VECTORIZED static void add_up(const cker_narrow_weights_arguments *arguments, int part, int parts) {
    const struct correlation of = forward_correlation(&arguments->shape);
    const int64_t weights = of.outputs * of.inputs * of.kernel_height * of.kernel_width;
    const int64_t stride = narrow_scratch(&arguments->shape, cker_narrow_weights_pass);
    const struct range range = range_of_part(weights + (arguments->bias_gradient ? of.outputs : 0), part, parts);
    for (int64_t i = range.first; i < range.end; i++) {
        __m512 sum = _mm512_setzero_ps();
        for (int of_part = 0; of_part < parts; of_part++) {
            const float *sums = (const float *)((const char *)arguments->scratch + of_part * stride);
            sum = _mm512_add_ps(sum, _mm512_loadu_ps(sums + padded_floats(&of) + i * vector));
        }
        float *target = i < weights ? arguments->weights_gradient + i : arguments->bias_gradient + i - weights;
        *target = _mm512_reduce_add_ps(sum);
    }
}

void cker_narrow_backward_weights(const cker_narrow_weights_arguments *arguments, int phase, int part, int parts) {
    if (phase == 0) sum_samples(arguments, part, parts);
    else add_up(arguments, part, parts);
}

// MARK: Of few inputs

// The 16 outputs of a block are a vector, and what is broadcast to meet it are the pixels of the few inputs.

// For one block of outputs, one input and one row of taps, adds one sample's products for some of the row's columns.
TEMPLATE void add_block_products(
    const struct correlation *of, const float *gradient, const float *padded, int64_t rows, const int taps,
    float *sums) {
    const int64_t pitch = row_pitch(of);
    __m512 totals[5];
    UNROLL for (int t = 0; t < taps; t++) totals[t] = _mm512_loadu_ps(sums + t * cker_block);
    for (int64_t y = 0; y < rows; y++, padded += pitch) {
        for (int64_t x = 0; x < of->output_width; x++, gradient += cker_block) {
            const __m512 gradients = _mm512_loadu_ps(gradient);
            UNROLL for (int t = 0; t < taps; t++)
                totals[t] = _mm512_fmadd_ps(gradients, _mm512_set1_ps(padded[x + t]), totals[t]);
        }
    }
    UNROLL for (int t = 0; t < taps; t++) _mm512_storeu_ps(sums + t * cker_block, totals[t]);
}

VECTORIZED static void add_block_row(
    const struct correlation *of, const float *gradient, const float *padded, int64_t rows, int64_t taps,
    float *sums) {
    switch (taps) {
    case 1: return add_block_products(of, gradient, padded, rows, 1, sums);
    case 2: return add_block_products(of, gradient, padded, rows, 2, sums);
    case 3: return add_block_products(of, gradient, padded, rows, 3, sums);
    case 4: return add_block_products(of, gradient, padded, rows, 4, sums);
    default: return add_block_products(of, gradient, padded, rows, 5, sums);
    }
}

VECTORIZED static void add_block_sample(
    const struct correlation *of, const cker_map *gradient, int64_t sample, const float *padded, float *sums) {
    const int64_t pitch = row_pitch(of), blocks = (of->outputs + cker_block - 1) / cker_block;
    const cker_map_shape shape = {
        cker_float32, of->samples, of->outputs, of->output_height * of->output_width};
    for (int64_t block = 0; block < blocks; block++) {
        for (int64_t input = 0; input < of->inputs; input++) {
            for (int64_t i = 0; i < of->kernel_height; i++, sums += of->kernel_width * cker_block) {
                const struct range rows = rows_of_tap(of, i);
                const float *row =
                    pixel_address(&shape, gradient, sample, block, rows.first * of->output_width);
                const float *met = padded + (input * of->input_height + rows.first + i - of->top) * pitch;
                for (int64_t j = 0; j < of->kernel_width; j += 5)
                    add_block_row(
                        of, row, met + j, rows.end - rows.first, of->kernel_width - j, sums + j * cker_block);
            }
        }
    }
    for (int64_t block = 0; block < blocks; block++, sums += cker_block) {
        const float *pixels = pixel_address(&shape, gradient, sample, block, 0);
        struct double_vector sum = doubles(_mm512_loadu_ps(sums));
        for (int64_t i = 0; i < shape.area; i++)
            sum = add_doubles(sum, doubles(_mm512_loadu_ps(pixels + i * cker_block)));
        _mm512_storeu_ps(sums, singles(sum));
    }
}

VECTORIZED static void sum_block_samples(const cker_narrow_block_arguments *arguments, int part, int parts) {
    const struct correlation of = forward_correlation(&arguments->shape);
    const int64_t size = narrow_scratch(&arguments->shape, cker_narrow_block_pass);
    float *padded = (float *)((char *)arguments->scratch + part * size);
    memset(padded, 0, (size_t)size);
    const struct range samples = range_of_part(of.samples, part, parts);
    for (int64_t sample = samples.first; sample < samples.end; sample++) {
        pad_rows(&of, arguments->input + sample * of.inputs * of.input_height * of.input_width, padded);
        add_block_sample(&of, &arguments->output_gradient, sample, padded, padded + padded_floats(&of));
    }
}

VECTORIZED static void add_up_blocks(const cker_narrow_block_arguments *arguments, int part, int parts) {
    const struct correlation of = forward_correlation(&arguments->shape);
    const int64_t blocks = (of.outputs + cker_block - 1) / cker_block;
    const int64_t weights = blocks * of.inputs * of.kernel_height * of.kernel_width;
    const int64_t size = narrow_scratch(&arguments->shape, cker_narrow_block_pass);
    const struct range range = range_of_part(weights + blocks, part, parts);
    for (int64_t i = range.first; i < range.end; i++) {
        __m512 sum = _mm512_setzero_ps();
        for (int of_part = 0; of_part < parts; of_part++) {
            const float *sums = (const float *)((const char *)arguments->scratch + of_part * size);
            sum = _mm512_add_ps(sum, _mm512_loadu_ps(sums + padded_floats(&of) + i * cker_block));
        }
        if (i < weights) {
            _mm512_storeu_ps(arguments->weights_gradient + i * cker_block, sum);
        } else if (arguments->bias_gradient) {
            const int64_t first = (i - weights) * cker_block;
            _mm512_mask_storeu_ps(arguments->bias_gradient + first, first_lanes(of.outputs - first), sum);
        }
    }
}

void cker_narrow_block_weights(const cker_narrow_block_arguments *arguments, int phase, int part, int parts) {
    if (phase == 0) sum_block_samples(arguments, part, parts);
    else add_up_blocks(arguments, part, parts);
}
#else
void cker_narrow_backward_weights(const cker_narrow_weights_arguments *arguments, int phase, int part, int parts) {}
void cker_narrow_block_weights(const cker_narrow_block_arguments *arguments, int phase, int part, int parts) {}
#endif
