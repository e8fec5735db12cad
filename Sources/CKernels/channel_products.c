#include "columns.h"
#include "wide.h"

// MARK: Forward

INLINE void product_column(
    const cker_channel_product_arguments *arguments, enum cker_type type, struct column column) {
    const int64_t gates = column.sample * padded_channels(&arguments->shape) + column.channel;
    floats gate = load(type, arguments->gates, gates, column.is_of_pixels ? 1 : column.lanes);
    if (column.is_of_pixels) gate = (floats){0} + gate[0];
    for (int64_t i = 0; i < column.count; i++) {
        const int64_t at = column.first + i * column.stride;
        store(type, arguments->output, at, column.lanes, load(type, arguments->map, at, column.lanes) * gate);
    }
}

INLINE void product_body(const void *context, struct column column) {
    const cker_channel_product_arguments *arguments = context;
    if (arguments->shape.type == cker_float32) product_column(arguments, cker_float32, column);
    else product_column(arguments, cker_bfloat16, column);
}

WIDE void cker_channel_product(const cker_channel_product_arguments *arguments, int part, int parts) {
    for_each_column(&arguments->shape, pixels_of(&arguments->shape, part, parts), arguments, product_body);
}

// MARK: Backward

// Numbers of a map and of the gradient, and what they contribute to the gradients.
INLINE doubles_type gradients_at(
    const cker_channel_product_gradient_arguments *arguments, enum cker_type type, int64_t at, int lanes, floats gate) {
    const floats gradient = load(type, arguments->gradient, at, lanes);
    const doubles_type product = __builtin_convertvector(gradient, doubles_type)
        * __builtin_convertvector(load(type, arguments->map, at, lanes), doubles_type);
    if (arguments->map_gradient) store(type, arguments->map_gradient, at, lanes, gradient * gate);
    return product;
}

// All pixels of one sample's channel, row-major.
INLINE void gradients_of_channel(
    const cker_channel_product_gradient_arguments *arguments, enum cker_type type, int64_t plane) {
    const int64_t area = arguments->shape.area, start = plane * area, whole = area / width * width;
    const floats gate = (floats){0} + load(type, arguments->gates, plane, 1)[0];
    doubles_type sums = {0};
    for (int64_t i = 0; i < whole; i += width) sums += gradients_at(arguments, type, start + i, width, gate);
    if (whole < area) sums += gradients_at(arguments, type, start + whole, (int)(area - whole), gate);
    floats sum = {0};
    double total = 0;
    for (int lane = 0; lane < width; lane++) total += sums[lane];
    sum[0] = (float)total;
    if (arguments->gate_gradients) store(type, arguments->gate_gradients, plane, 1, sum);
}

// All pixels of one sample's block of channels.
INLINE void gradients_of_block(
    const cker_channel_product_gradient_arguments *arguments, enum cker_type type, int64_t plane) {
    const int64_t block = arguments->shape.block, area = arguments->shape.area;
    for (int64_t lane = 0; lane < block; lane += width) {
        const int lanes = block - lane < width ? (int)(block - lane) : width;
        const floats gate = load(type, arguments->gates, plane * block + lane, lanes);
        doubles_type sums = {0};
        for (int64_t i = 0; i < area; i++)
            sums += gradients_at(arguments, type, (plane * area + i) * block + lane, lanes, gate);
        if (arguments->gate_gradients)
            store(type, arguments->gate_gradients, plane * block + lane, lanes, __builtin_convertvector(sums, floats));
    }
}

INLINE void gradients_of_planes(
    const cker_channel_product_gradient_arguments *arguments, enum cker_type type, struct range planes) {
    for (int64_t plane = planes.first; plane < planes.end; plane++) {
        if (arguments->shape.block == 1) gradients_of_channel(arguments, type, plane);
        else gradients_of_block(arguments, type, plane);
    }
}

WIDE void cker_channel_product_gradients(
    const cker_channel_product_gradient_arguments *arguments, int part, int parts) {
    const cker_channel_shape *shape = &arguments->shape;
    const struct range planes =
        range_of_part(shape->samples * (padded_channels(shape) / shape->block), part, parts);
    if (shape->type == cker_float32) gradients_of_planes(arguments, cker_float32, planes);
    else gradients_of_planes(arguments, cker_bfloat16, planes);
}
