#include "columns.h"
#include "wide.h"

// The lanes of a column whose channels exist.
INLINE words existing_lanes(const cker_channel_shape *shape, const struct column *column) {
    words mask;
    for (int lane = 0; lane < width; lane++)
        mask[lane] = column->is_of_pixels || column->channel + lane < shape->channels ? ~0u : 0;
    return mask;
}

INLINE floats chosen(words mask, floats a, floats b) { return (floats)(((words)a & mask) | ((words)b & ~mask)); }

INLINE void forward_column(
    const cker_clipped_line_arguments *arguments, enum cker_type type, struct column column) {
    const words existing = existing_lanes(&arguments->shape, &column);
    const floats low = (floats){0} + arguments->low, high = (floats){0} + arguments->high;
    for (int64_t i = 0; i < column.count; i++) {
        const int64_t at = column.first + i * column.stride;
        floats values = load(type, arguments->source, at, column.lanes) * arguments->slope + arguments->constant;
        // What is not a number is neither below nor above, and stays so.
        values = chosen((words)(values < low), low, values);
        values = chosen((words)(values > high), high, values);
        store(type, arguments->output, at, column.lanes, (floats)((words)values & existing));
    }
}

INLINE void forward_body(const void *context, struct column column) {
    const cker_clipped_line_arguments *arguments = context;
    if (arguments->shape.type == cker_float32) forward_column(arguments, cker_float32, column);
    else forward_column(arguments, cker_bfloat16, column);
}

WIDE void cker_clipped_line(const cker_clipped_line_arguments *arguments, int part, int parts) {
    for_each_column(&arguments->shape, pixels_of(&arguments->shape, part, parts), arguments, forward_body);
}

// A limit as an output of the type has it.
INLINE floats stored(enum cker_type type, float limit) {
    const floats value = (floats){0} + limit;
    return type == cker_float32 ? value : (floats)(__builtin_convertvector(rounded(value), words) << 16);
}

INLINE void gradient_column(
    const cker_clipped_line_gradient_arguments *arguments, enum cker_type type, struct column column) {
    const floats low = stored(type, arguments->low), high = stored(type, arguments->high);
    for (int64_t i = 0; i < column.count; i++) {
        const int64_t at = column.first + i * column.stride;
        const floats output = load(type, arguments->output, at, column.lanes);
        const words inside = (words)(output > low) & (words)(output < high);
        const floats gradient = load(type, arguments->gradient, at, column.lanes) * arguments->slope;
        store(type, arguments->source_gradient, at, column.lanes, (floats)((words)gradient & inside));
    }
}

INLINE void gradient_body(const void *context, struct column column) {
    const cker_clipped_line_gradient_arguments *arguments = context;
    if (arguments->shape.type == cker_float32) gradient_column(arguments, cker_float32, column);
    else gradient_column(arguments, cker_bfloat16, column);
}

WIDE void cker_clipped_line_gradient(const cker_clipped_line_gradient_arguments *arguments, int part, int parts) {
    for_each_column(&arguments->shape, pixels_of(&arguments->shape, part, parts), arguments, gradient_body);
}
