// The derivative for the weights.
#include "winograd.h"

#include <string.h>

#ifdef __x86_64__

// The transformed weights' gradient is summed up over chunks of tiles, whose input and output's gradient are transformed
// first. As long as it is small, each part has a gradient of its own, of its own tiles. A large one is common to all
// parts: they transform a chunk together, then each makes some of its panels. In the end blocks of it are transformed back.
struct plan {
    struct winograd_convolution convolution;
    struct winograd_axis rows, columns;
    int64_t tiles, source_blocks, target_blocks, panels;
    bool common;
    int64_t chunk, chunks;  // tiles of a chunk; number of them when they are common to all parts
    int64_t source_stride, target_stride, weights_stride;  // from point to point, in floats
    size_t weights_bytes, source_bytes, target_bytes, bias_bytes, list_bytes;
    size_t source_offset, target_offset, bias_offset, list_offset, bytes;
};

static struct plan make_plan(const struct winograd_convolution *convolution, int64_t parts) {
    struct plan plan = {
        .convolution = *convolution,
        .rows = winograd_axis(convolution->target_height, convolution->kernel),
        .columns = winograd_axis(convolution->target_width, convolution->kernel),
        .source_blocks = divide_up(convolution->source_channels, 16),
        .target_blocks = divide_up(convolution->target_channels, 16),
    };
    plan.tiles = convolution->samples * plan.rows.tiles * plan.columns.tiles;
    plan.panels = divide_up(plan.target_blocks, 2);
    plan.weights_stride = spread_stride(plan.source_blocks * plan.target_blocks * 256);
    plan.weights_bytes = (size_t)(winograd_points * plan.weights_stride) * sizeof(float);

    const int64_t tiles_of_part = divide_up(plan.tiles, parts);
    plan.common = plan.weights_bytes > 4 << 20;
    if (plan.common) {
        const int64_t tile_bytes = winograd_points * 64 * (plan.source_blocks + plan.target_blocks);
        const int64_t most = maximum((24 << 20) / tile_bytes, 64);
        plan.chunks = divide_up(plan.tiles, most);
        plan.chunk = divide_up(plan.tiles, plan.chunks);
    } else {
        plan.chunks = 1;
        plan.chunk = divide_up(tiles_of_part, divide_up(tiles_of_part, 112));
    }
    plan.source_stride = spread_stride(plan.source_blocks * plan.chunk * 16);
    plan.target_stride = spread_stride(plan.target_blocks * plan.chunk * 16);
    plan.source_bytes = (size_t)(winograd_points * plan.source_stride) * sizeof(float);
    plan.target_bytes = (size_t)(winograd_points * plan.target_stride) * sizeof(float);
    plan.bias_bytes = (size_t)plan.target_blocks * 16 * sizeof(double);
    plan.list_bytes = (size_t)divide_up(plan.chunk * (int64_t)sizeof(struct winograd_tile), 64) * 64;

    const size_t copies = plan.common ? 1 : (size_t)parts;
    plan.source_offset = plan.weights_bytes * copies;
    plan.target_offset = plan.source_offset + plan.source_bytes * copies;
    plan.bias_offset = plan.target_offset + plan.target_bytes * copies;
    plan.list_offset = plan.bias_offset + plan.bias_bytes * (size_t)parts;
    plan.bytes = plan.list_offset + plan.list_bytes * (size_t)parts;
    return plan;
}

static int64_t phases_of(const struct plan *plan) { return plan->common ? 2 * plan->chunks + 1 : 2; }

static int vectors_of(const struct plan *plan, int64_t panel) { return panel * 2 + 1 < plan->target_blocks ? 2 : 1; }

// What a part works on.
struct buffers {
    float *weights, *source, *target;
    double *bias;
    struct winograd_tiles list;
};

static struct buffers buffers_of(const struct plan *plan, char *scratch, int64_t part) {
    const size_t own = (size_t)part, copy = plan->common ? 0 : own;
    return (struct buffers){
        .weights = (float *)(scratch + copy * plan->weights_bytes),
        .source = (float *)(scratch + plan->source_offset + copy * plan->source_bytes),
        .target = (float *)(scratch + plan->target_offset + copy * plan->target_bytes),
        .bias = (double *)(scratch + plan->bias_offset + own * plan->bias_bytes),
        .list = {.tiles = (struct winograd_tile *)(scratch + plan->list_offset + own * plan->list_bytes)},
    };
}

static void transform(const cker_winograd_weights_arguments *arguments, const struct plan *plan,
                      const struct buffers *buffers, int64_t begin, int64_t end) {
    const struct winograd_convolution *convolution = &plan->convolution;
    for (int64_t block = 0; block < plan->source_blocks; block++) {
        const struct winograd_plane plane = winograd_plane(&arguments->input, block, convolution->type,
                                                           convolution->source_height, convolution->source_width);
        const struct winograd_block transformed = {buffers->source + block * plan->chunk * 16, plan->source_stride, 16};
        winograd_transform_source(convolution, &plane, &buffers->list, begin, end, &transformed);
    }
    for (int64_t block = 0; block < plan->target_blocks; block++) {
        const struct winograd_plane plane = winograd_plane(&arguments->output_gradient, block, convolution->type,
                                                           convolution->target_height, convolution->target_width);
        const int64_t panel = block / 2;
        const struct winograd_block transformed = {
            buffers->target + panel * plan->chunk * winograd_panel + block % 2 * 16, plan->target_stride,
            vectors_of(plan, panel) * 16};
        winograd_transform_gradient(convolution, &plane, &buffers->list, begin, end, &transformed,
                                    buffers->bias + block * 16);
    }
}

// Adds all tiles of the list to a panel's gradient at a point.
static void multiply(const struct plan *plan, const struct buffers *buffers, int point, int64_t panel, int64_t tiles,
                     bool accumulate) {
    const int vectors = vectors_of(plan, panel);
    const float *source = buffers->source + point * plan->source_stride;
    const float *target = buffers->target + point * plan->target_stride + panel * plan->chunk * winograd_panel;
    float *weights =
        buffers->weights + point * plan->weights_stride + panel * plan->source_blocks * 16 * winograd_panel;
    int64_t ranges[2][2] = {{0}};
    // Without tiles that have the point, the gradient must be set to zero all the same.
    const int64_t count = maximum(winograd_ranges(&buffers->list, point, 0, tiles, ranges), accumulate ? 0 : 1);
    for (int64_t block = 0; block < plan->source_blocks; block++) {
        for (int64_t i = 0; i < count; i++) {
            winograd_multiply_gradients(vectors, source + (block * plan->chunk + ranges[i][0]) * 16,
                                        target + ranges[i][0] * vectors * 16, ranges[i][1] - ranges[i][0],
                                        weights + block * 16 * vectors * 16, accumulate || i > 0);
        }
    }
}

static void accumulate_own_tiles(const cker_winograd_weights_arguments *arguments, const struct plan *plan,
                                 struct buffers *buffers, int64_t part, int64_t parts) {
    const int64_t first = part_begin(plan->tiles, part, parts);
    const int64_t count = part_begin(plan->tiles, part + 1, parts) - first;
    const int64_t chunks = maximum(divide_up(count, plan->chunk), 1);
    memset(buffers->bias, 0, plan->bias_bytes);
    for (int64_t chunk = 0; chunk < chunks; chunk++) {
        const int64_t begin = first + part_begin(count, chunk, chunks);
        const int64_t tiles = first + part_begin(count, chunk + 1, chunks) - begin;
        winograd_list_tiles(&buffers->list, &plan->rows, &plan->columns, begin, begin + tiles);
        transform(arguments, plan, buffers, 0, tiles);
        for (int point = 0; point < winograd_points; point++) {
            for (int64_t panel = 0; panel < plan->panels; panel++) {
                multiply(plan, buffers, point, panel, tiles, chunk > 0);
            }
        }
    }
}

static void accumulate_common_tiles(const cker_winograd_weights_arguments *arguments, const struct plan *plan,
                                    struct buffers *buffers, int64_t phase, int64_t part, int64_t parts) {
    const int64_t chunk = phase / 2, begin = part_begin(plan->tiles, chunk, plan->chunks);
    const int64_t tiles = part_begin(plan->tiles, chunk + 1, plan->chunks) - begin;
    if (phase == 0) memset(buffers->bias, 0, plan->bias_bytes);
    winograd_list_tiles(&buffers->list, &plan->rows, &plan->columns, begin, begin + tiles);
    if (phase % 2 == 0) {
        transform(arguments, plan, buffers, part_begin(tiles, part, parts), part_begin(tiles, part + 1, parts));
        return;
    }
    const int64_t items = winograd_points * plan->panels, end = part_begin(items, part + 1, parts);
    for (int64_t item = part_begin(items, part, parts); item < end; item++) {
        multiply(plan, buffers, (int)(item / plan->panels), item % plan->panels, tiles, chunk > 0);
    }
}

static void finish_bias(const struct plan *plan, const char *scratch, int64_t block, int64_t parts, float *bias) {
    const int64_t channels = minimum(plan->convolution.target_channels - block * 16, 16);
    for (int64_t channel = block * 16; channel < block * 16 + channels; channel++) {
        double sum = 0;
        for (int64_t part = 0; part < parts; part++) {
            const size_t offset = plan->bias_offset + (size_t)part * plan->bias_bytes;
            sum += ((const double *)(scratch + offset))[channel];
        }
        bias[channel] = (float)sum;
    }
}

static void finish(const cker_winograd_weights_arguments *arguments, const struct plan *plan, int64_t part,
                   int64_t parts) {
    const char *scratch = arguments->scratch;
    const int64_t kernel = plan->convolution.kernel, copies = plan->common ? 1 : parts;
    const int64_t blocks = plan->source_blocks * plan->target_blocks, end = part_begin(blocks, part + 1, parts);
    for (int64_t block = part_begin(blocks, part, parts); block < end; block++) {
        const int64_t target_block = block / plan->source_blocks, source_block = block % plan->source_blocks;
        const int64_t panel = target_block / 2, vectors = vectors_of(plan, panel);
        const int64_t channel = panel * plan->source_blocks * 16 * winograd_panel + source_block * 16 * vectors * 16;
        winograd_transform_weights_gradient((const float *)scratch + channel + target_block % 2 * 16, copies,
                                            (int64_t)(plan->weights_bytes / sizeof(float)), plan->weights_stride,
                                            vectors * 16, kernel,
                                            arguments->weights_gradient + block * kernel * kernel * 256);
        if (arguments->bias_gradient && source_block == 0) {
            finish_bias(plan, scratch, target_block, parts, arguments->bias_gradient);
        }
    }
}

struct winograd_needs winograd_gradient_needs(const struct winograd_convolution *convolution, int64_t parts) {
    const struct plan plan = make_plan(convolution, parts);
    return (struct winograd_needs){phases_of(&plan), plan.bytes};
}

void cker_winograd_backward_weights(const cker_winograd_weights_arguments *arguments, int64_t phase, int64_t part,
                                    int64_t parts) {
    const struct winograd_convolution convolution = winograd_forward_convolution(&arguments->shape);
    const struct plan plan = make_plan(&convolution, parts);
    struct buffers buffers = buffers_of(&plan, arguments->scratch, part);
    if (phase == phases_of(&plan) - 1) {
        finish(arguments, &plan, part, parts);
    } else if (plan.common) {
        accumulate_common_tiles(arguments, &plan, &buffers, phase, part, parts);
    } else {
        accumulate_own_tiles(arguments, &plan, &buffers, part, parts);
    }
}

#endif
