// The forward pass and the derivative for the input, which is a convolution with the weights turned round.
#include "winograd.h"

#ifdef __x86_64__

// With few weights, all of them are transformed first, then each part makes its tiles on its own, some at a time: it
// transforms their source, multiplies and transforms the products back, one panel of target channels after the other.
// Many weights would have to come from memory again for each of these chunks. Then the parts transform the source of a
// larger chunk together, and after that each makes its own panels of it, whose weights it transforms on the way.
struct plan {
    struct winograd_convolution convolution;
    struct winograd_axis rows, columns;
    int64_t tiles, source_blocks, target_blocks, panels;
    bool by_panel;
    int64_t chunk, chunks;                         // tiles of a chunk; number of them when they are common to all parts
    int64_t group;                                 // tiles that are multiplied and transformed back at a time
    int64_t source_stride, weights_stride, product_stride;  // from point to point, in floats
    size_t panel_bytes;                            // of transformed weights
    size_t weights_offset, source_offset, products_offset, list_offset;
    size_t source_bytes, products_bytes, list_bytes;
    size_t bytes;
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
    plan.weights_stride = spread_stride(plan.source_blocks * 16 * winograd_panel);
    plan.panel_bytes = (size_t)(winograd_points * plan.weights_stride) * sizeof(float);

    const int64_t tiles_of_part = divide_up(plan.tiles, parts);
    const int64_t most_weights = 4 << 20;
    plan.by_panel = (int64_t)plan.panel_bytes * plan.panels > most_weights
        || (tiles_of_part < winograd_rows && plan.panels >= parts);
    if (plan.by_panel) {
        const int64_t tile_bytes = winograd_points * 64 * plan.source_blocks;
        const int64_t most = maximum((16 << 20) / tile_bytes, 64);
        plan.chunks = divide_up(plan.tiles, most);
        plan.chunk = divide_up(plan.tiles, plan.chunks);
        plan.group = divide_up(plan.chunk, divide_up(plan.chunk, 4 * winograd_rows));
    } else {
        plan.chunks = 1;
        plan.chunk = divide_up(tiles_of_part, divide_up(tiles_of_part, 4 * winograd_rows));
        plan.group = plan.chunk;
    }
    plan.source_stride = spread_stride(plan.source_blocks * plan.chunk * 16);
    plan.product_stride = spread_stride(plan.group * winograd_panel);

    plan.source_bytes = (size_t)(winograd_points * plan.source_stride) * sizeof(float);
    plan.products_bytes = (size_t)(winograd_points * plan.product_stride) * sizeof(float);
    plan.list_bytes = (size_t)divide_up(plan.chunk * (int64_t)sizeof(struct winograd_tile), 64) * 64;
    const size_t copies = (size_t)parts;
    plan.weights_offset = 0;
    plan.source_offset = plan.panel_bytes * (plan.by_panel ? copies : (size_t)plan.panels);
    plan.products_offset = plan.source_offset + plan.source_bytes * (plan.by_panel ? 1 : copies);
    plan.list_offset = plan.products_offset + plan.products_bytes * copies;
    plan.bytes = plan.list_offset + plan.list_bytes * copies;
    return plan;
}

// A convolution's plan and operands.
struct task {
    struct plan plan;
    cker_map source, target, add;
    const float *weights, *bias;
    bool turned, relu;
    char *scratch;
};

static int vectors_of(const struct plan *plan, int64_t panel) { return panel * 2 + 1 < plan->target_blocks ? 2 : 1; }

static void transform_weights(const struct task *task, int64_t panel, int64_t source_block, float *transformed) {
    const struct plan *plan = &task->plan;
    const int64_t kernel = plan->convolution.kernel;
    const int vectors = vectors_of(plan, panel);
    for (int vector = 0; vector < vectors; vector++) {
        const int64_t target_block = panel * 2 + vector;
        const int64_t block = task->turned ? source_block * plan->target_blocks + target_block
                                           : target_block * plan->source_blocks + source_block;
        (task->turned ? winograd_transform_turned_weights : winograd_transform_weights)(
            task->weights + block * kernel * kernel * 256, kernel,
            transformed + (source_block * 16 * vectors + vector) * 16, plan->weights_stride, vectors * 16);
    }
}

static void transform_source(const struct task *task, const struct winograd_tiles *list, int64_t begin, int64_t end,
                             float *source) {
    const struct plan *plan = &task->plan;
    const struct winograd_convolution *convolution = &plan->convolution;
    for (int64_t block = 0; block < plan->source_blocks; block++) {
        const struct winograd_plane plane = winograd_plane(&task->source, block, convolution->type,
                                                     convolution->source_height, convolution->source_width);
        const struct winograd_block transformed = {source + block * plan->chunk * 16, plan->source_stride, 16};
        winograd_transform_source(convolution, &plane, list, begin, end, &transformed);
    }
}

static void transform_target(const struct task *task, int64_t panel, const struct winograd_tiles *list, int64_t begin,
                             int64_t end, float *products) {
    const struct plan *plan = &task->plan;
    const struct winograd_convolution *convolution = &plan->convolution;
    const int vectors = vectors_of(plan, panel);
    for (int vector = 0; vector < vectors; vector++) {
        const int64_t block = panel * 2 + vector;
        const struct winograd_plane target = winograd_plane(&task->target, block, convolution->type,
                                                      convolution->target_height, convolution->target_width);
        struct winograd_epilogue epilogue = {
            .relu = task->relu,
            .add = winograd_plane(&task->add, block, convolution->type, convolution->target_height,
                            convolution->target_width),
        };
        for (int64_t channel = 0; task->bias && channel < 16; channel++) {
            if (block * 16 + channel < convolution->target_channels) {
                epilogue.bias[channel] = task->bias[block * 16 + channel];
            }
        }
        const struct winograd_block transformed = {products + vector * 16, plan->product_stride, vectors * 16};
        winograd_transform_target(convolution, &transformed, list, begin, end, &target, &epilogue);
    }
}

// Fetches what step `step` of `steps` is to fetch of the pixels that a panel writes. They come while others are
// multiplied, few at a time, as processors drop what is too much to remember.
static void prefetch_target(const struct task *task, int64_t panel, const struct winograd_tiles *list, int64_t begin,
                            int64_t end, int64_t step, int64_t steps) {
    const struct plan *plan = &task->plan;
    const enum cker_type type = plan->convolution.type;
    const int64_t size = plan->rows.size, width = plan->convolution.target_width, bytes = 16 * element_bytes(type);
    const int64_t tiles = end - begin, items = tiles * vectors_of(plan, panel);
    const int64_t last = minimum(part_begin(items, step + 1, steps), items);
    for (int64_t item = part_begin(items, step, steps); item < last; item++) {
        const struct winograd_tile tile = list->tiles[begin + item % tiles];
        const int64_t elements = tile.sample * task->target.sample_stride
            + (panel * 2 + item / tiles) * task->target.block_stride + (tile.row * width + tile.column) * 16;
        const char *pixels = (const char *)task->target.elements + elements * element_bytes(type);
        for (int64_t row = 0; row < size; row++, pixels += width * bytes) {
            for (int64_t line = 0; line < size * bytes; line += 64) __builtin_prefetch(pixels + line, 1);
        }
    }
}

// Makes a panel of tiles begin ..< end, no more than a group, from their transformed source.
static void convolve(const struct task *task, int64_t panel, const struct winograd_tiles *list, int64_t begin,
                     int64_t end, const float *source, const float *weights, float *products) {
    const struct plan *plan = &task->plan;
    const int vectors = vectors_of(plan, panel);
    const int64_t steps = winograd_points * divide_up(end - begin, winograd_rows);
    int64_t step = 0;
    for (int point = 0; point < winograd_points; point++) {
        int64_t ranges[2][2];
        const int count = winograd_ranges(list, point, begin, end, ranges);
        for (int i = 0; i < count; i++) {
            // In steps of about the same size, as those of few rows are slow.
            int64_t tile = ranges[i][0], rows;
            for (int64_t left = divide_up(ranges[i][1] - tile, winograd_rows); left > 0; left--, tile += rows) {
                rows = divide_up(ranges[i][1] - tile, left);
                prefetch_target(task, panel, list, begin, end, step++, steps);
                winograd_multiply(rows, vectors, source + point * plan->source_stride + tile * 16, plan->chunk * 16,
                                  plan->convolution.source_channels, weights + point * plan->weights_stride,
                                  products + point * plan->product_stride + (tile - begin) * vectors * 16);
            }
        }
    }
    transform_target(task, panel, list, begin, end, products);
}

static float *panel_of(const struct task *task, int64_t panel) {
    return (float *)(task->scratch + task->plan.weights_offset + (size_t)panel * task->plan.panel_bytes);
}

static void run_by_tile(const struct task *task, int64_t phase, int64_t part, int64_t parts, float *source,
                        float *products, struct winograd_tiles *list) {
    const struct plan *plan = &task->plan;
    if (phase == 0) {
        const int64_t blocks = plan->panels * plan->source_blocks, end = part_begin(blocks, part + 1, parts);
        for (int64_t block = part_begin(blocks, part, parts); block < end; block++) {
            const int64_t panel = block / plan->source_blocks;
            transform_weights(task, panel, block % plan->source_blocks, panel_of(task, panel));
        }
        return;
    }
    const int64_t first = part_begin(plan->tiles, part, parts);
    const int64_t count = part_begin(plan->tiles, part + 1, parts) - first;
    const int64_t chunks = divide_up(count, plan->chunk);
    for (int64_t chunk = 0; chunk < chunks; chunk++) {
        const int64_t begin = first + part_begin(count, chunk, chunks);
        const int64_t tiles = first + part_begin(count, chunk + 1, chunks) - begin;
        winograd_list_tiles(list, &plan->rows, &plan->columns, begin, begin + tiles);
        transform_source(task, list, 0, tiles, source);
        for (int64_t panel = 0; panel < plan->panels; panel++) {
            convolve(task, panel, list, 0, tiles, source, panel_of(task, panel), products);
        }
    }
}

static void run_by_panel(const struct task *task, int64_t phase, int64_t part, int64_t parts, float *source,
                         float *products, struct winograd_tiles *list) {
    const struct plan *plan = &task->plan;
    const int64_t chunk = phase / 2, begin = part_begin(plan->tiles, chunk, plan->chunks);
    const int64_t tiles = part_begin(plan->tiles, chunk + 1, plan->chunks) - begin;
    winograd_list_tiles(list, &plan->rows, &plan->columns, begin, begin + tiles);
    if (phase % 2 == 0) {
        transform_source(task, list, part_begin(tiles, part, parts), part_begin(tiles, part + 1, parts), source);
        return;
    }
    const int64_t groups = divide_up(tiles, plan->group);
    const int64_t first = part_begin(plan->panels * groups, part, parts);
    const int64_t last = part_begin(plan->panels * groups, part + 1, parts);
    float *weights = panel_of(task, part);
    for (int64_t item = first; item < last; item++) {
        const int64_t panel = item / groups, group = item % groups;
        if (item == first || group == 0) {
            for (int64_t block = 0; block < plan->source_blocks; block++) {
                transform_weights(task, panel, block, weights);
            }
        }
        convolve(task, panel, list, part_begin(tiles, group, groups), part_begin(tiles, group + 1, groups), source,
                 weights, products);
    }
}

static void run(const struct task *task, int64_t phase, int64_t part, int64_t parts) {
    const struct plan *plan = &task->plan;
    const size_t copy = (size_t)part;
    struct winograd_tiles list = {
        .tiles = (struct winograd_tile *)(task->scratch + plan->list_offset + copy * plan->list_bytes)};
    float *products = (float *)(task->scratch + plan->products_offset + copy * plan->products_bytes);
    char *source = task->scratch + plan->source_offset;
    if (plan->by_panel) {
        run_by_panel(task, phase, part, parts, (float *)source, products, &list);
    } else {
        run_by_tile(task, phase, part, parts, (float *)(source + copy * plan->source_bytes), products, &list);
    }
}

struct winograd_needs winograd_convolution_needs(const struct winograd_convolution *convolution, int64_t parts) {
    const struct plan plan = make_plan(convolution, parts);
    return (struct winograd_needs){2 * plan.chunks, plan.bytes};
}

void cker_winograd_forward(const cker_winograd_forward_arguments *arguments, int64_t phase, int64_t part,
                           int64_t parts) {
    const struct winograd_convolution convolution = winograd_forward_convolution(&arguments->shape);
    const struct task task = {
        .plan = make_plan(&convolution, parts),
        .source = arguments->input,
        .target = arguments->output,
        .add = arguments->add,
        .weights = arguments->weights,
        .bias = arguments->bias,
        .relu = arguments->relu,
        .scratch = arguments->scratch,
    };
    run(&task, phase, part, parts);
}

void cker_winograd_backward_data(const cker_winograd_data_arguments *arguments, int64_t phase, int64_t part,
                                 int64_t parts) {
    const struct winograd_convolution convolution = winograd_data_convolution(&arguments->shape);
    const struct task task = {
        .plan = make_plan(&convolution, parts),
        .source = arguments->output_gradient,
        .target = arguments->input_gradient,
        .weights = arguments->weights,
        .turned = true,
        .scratch = arguments->scratch,
    };
    run(&task, phase, part, parts);
}

#endif
