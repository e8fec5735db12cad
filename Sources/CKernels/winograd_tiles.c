#include "winograd.h"

bool cker_winograd_supports(const cker_winograd_shape *shape) {
    const int64_t kernel = shape->kernel;
    const int64_t bottom = shape->output_height - shape->input_height + kernel - 1 - shape->top;
    const int64_t right = shape->output_width - shape->input_width + kernel - 1 - shape->left;
    return cker_available() && (kernel == 3 || kernel == 5) && shape->samples > 0 && shape->input_channels > 0
        && shape->output_channels > 0 && shape->input_height > 0 && shape->input_width > 0 && shape->output_height > 0
        && shape->output_width > 0 && shape->top >= 0 && shape->top < kernel && shape->left >= 0
        && shape->left < kernel && bottom >= 0 && bottom < kernel && right >= 0 && right < kernel;
}

#ifdef __x86_64__

static struct winograd_needs needs(const cker_winograd_shape *shape, enum cker_winograd_pass pass, int64_t parts) {
    const struct winograd_convolution convolution =
        pass == cker_winograd_data_pass ? winograd_data_convolution(shape) : winograd_forward_convolution(shape);
    return (pass == cker_winograd_weights_pass ? winograd_gradient_needs : winograd_convolution_needs)(&convolution,
                                                                                                       parts);
}

int64_t cker_winograd_phases(const cker_winograd_shape *shape, enum cker_winograd_pass pass, int64_t parts) {
    return needs(shape, pass, parts).phases;
}

size_t cker_winograd_scratch_bytes(const cker_winograd_shape *shape, enum cker_winograd_pass pass, int64_t parts) {
    return needs(shape, pass, parts).bytes;
}

struct winograd_convolution winograd_forward_convolution(const cker_winograd_shape *shape) {
    return (struct winograd_convolution){
        .samples = shape->samples,
        .source_channels = shape->input_channels,
        .target_channels = shape->output_channels,
        .source_height = shape->input_height,
        .source_width = shape->input_width,
        .target_height = shape->output_height,
        .target_width = shape->output_width,
        .kernel = shape->kernel,
        .top = shape->top,
        .left = shape->left,
        .type = shape->type,
    };
}

struct winograd_convolution winograd_data_convolution(const cker_winograd_shape *shape) {
    return (struct winograd_convolution){
        .samples = shape->samples,
        .source_channels = shape->output_channels,
        .target_channels = shape->input_channels,
        .source_height = shape->output_height,
        .source_width = shape->output_width,
        .target_height = shape->input_height,
        .target_width = shape->input_width,
        .kernel = shape->kernel,
        .top = shape->kernel - 1 - shape->top,
        .left = shape->kernel - 1 - shape->left,
        .type = shape->type,
    };
}

struct winograd_axis winograd_axis(int64_t outputs, int64_t kernel) {
    const int64_t size = winograd_side + 1 - kernel, tiles = divide_up(outputs, size);
    return (struct winograd_axis){tiles, maximum(outputs - tiles * (size - 1), 0), size};
}

static inline int64_t first_output(const struct winograd_axis *axis, int64_t tile) {
    return tile * axis->size - maximum(tile - axis->full, 0);
}

void winograd_list_tiles(struct winograd_tiles *list, const struct winograd_axis *rows,
                         const struct winograd_axis *columns, int64_t begin, int64_t end) {
    // The kinds' numbers by whether tiles are short in rows and columns.
    static const int kinds[2][2] = {{0, 1}, {3, 2}};
    int64_t next[5] = {0};
    for (int pass = 0; pass < 2; pass++) {
        int64_t column = begin % columns->tiles, row = begin / columns->tiles % rows->tiles;
        int64_t sample = begin / columns->tiles / rows->tiles;
        for (int64_t tile = begin; tile < end; tile++) {
            const int kind = kinds[row >= rows->full][column >= columns->full];
            if (pass == 0) {
                next[kind + 1]++;
            } else {
                list->tiles[next[kind]++] = (struct winograd_tile){
                    (int32_t)sample, (int32_t)first_output(rows, row), (int32_t)first_output(columns, column)};
            }
            if (++column < columns->tiles) continue;
            column = 0;
            if (++row < rows->tiles) continue;
            row = 0;
            sample++;
        }
        if (pass == 1) break;
        for (int kind = 0; kind < 4; kind++) next[kind + 1] += next[kind];
        for (int kind = 0; kind < 5; kind++) list->first[kind] = next[kind];
    }
}

int winograd_ranges(const struct winograd_tiles *list, int point, int64_t begin, int64_t end, int64_t ranges[2][2]) {
    const bool full_row = point / winograd_side == winograd_side - 1;
    const bool full_column = point % winograd_side == winograd_side - 1;
    const int64_t *first = list->first;
    int count = 0;
    const int64_t all[2][2] = {{0, full_column ? first[1] : full_row ? first[2] : first[4]},
                               {first[3], full_column && !full_row ? first[4] : first[3]}};
    for (int i = 0; i < 2; i++) {
        ranges[count][0] = maximum(all[i][0], begin);
        ranges[count][1] = minimum(all[i][1], end);
        if (ranges[count][0] < ranges[count][1]) count++;
    }
    return count;
}

#endif
