#include "columns.h"
#include "wide.h"

// What the columns of a part work with: the channels' slopes lie where batch norms have their factors.
struct prelu_context {
    const cker_prelu_arguments *arguments;
    struct scratch scratch;
};

static struct prelu_context context_of(const cker_prelu_arguments *arguments, int part) {
    const cker_channel_shape *shape = &arguments->shape;
    const struct prelu_context context = {arguments, scratch_of(shape, arguments->scratch, part)};
    for (int64_t channel = 0; channel < padded_channels(shape); channel++) {
        const int64_t index = arguments->is_shared ? 0 : channel;
        context.scratch.factor[channel] = channel < shape->channels ? arguments->slopes[index] : 0;
    }
    return context;
}

INLINE floats above_zero(floats values, floats otherwise) {
    const words positive = (words)(values > 0);
    return (floats)(((words)values & positive) | ((words)otherwise & ~positive));
}

INLINE void forward_column(const struct prelu_context *context, enum cker_type type, struct column column) {
    const floats slopes = of_channels(context->scratch.factor, &column);
    for (int64_t i = 0; i < column.count; i++) {
        const int64_t at = column.first + i * column.stride;
        const floats values = load(type, context->arguments->source, at, column.lanes);
        store(type, context->arguments->output, at, column.lanes, above_zero(values, values * slopes));
    }
}

INLINE void forward_body(const void *untyped, struct column column) {
    const struct prelu_context *context = untyped;
    if (context->arguments->shape.type == cker_float32) forward_column(context, cker_float32, column);
    else forward_column(context, cker_bfloat16, column);
}

WIDE void cker_prelu_forward(const cker_prelu_arguments *arguments, int part, int parts) {
    const struct prelu_context context = context_of(arguments, part);
    for_each_column(&arguments->shape, pixels_of(&arguments->shape, part, parts), &context, forward_body);
}

INLINE void gradient_column(const struct prelu_context *context, enum cker_type type, struct column column) {
    const cker_prelu_arguments *arguments = context->arguments;
    const floats slopes = of_channels(context->scratch.factor, &column);
    doubles_type sums = {0};
    for (int64_t i = 0; i < column.count; i++) {
        const int64_t at = column.first + i * column.stride;
        const floats values = load(type, arguments->source, at, column.lanes);
        const floats gradient = load(type, arguments->gradient, at, column.lanes), scaled = gradient * slopes;
        const words positive = (words)(values > 0);
        const floats held_back = (floats)((words)values & ~positive);
        sums += __builtin_convertvector(gradient, doubles_type) * __builtin_convertvector(held_back, doubles_type);
        if (!arguments->source_gradient) continue;
        const floats result = (floats)(((words)gradient & positive) | ((words)scaled & ~positive));
        store(type, arguments->source_gradient, at, column.lanes, result);
    }
    add_to_channels(context->scratch.first, &column, sums);
}

INLINE void gradient_body(const void *untyped, struct column column) {
    const struct prelu_context *context = untyped;
    if (context->arguments->shape.type == cker_float32) gradient_column(context, cker_float32, column);
    else gradient_column(context, cker_bfloat16, column);
}

WIDE void cker_prelu_backward(const cker_prelu_arguments *arguments, int phase, int part, int parts) {
    const cker_channel_shape *shape = &arguments->shape;
    if (phase == 0) {
        const struct prelu_context context = context_of(arguments, part);
        clear_sums(shape, &context.scratch);
        for_each_column(shape, pixels_of(shape, part, parts), &context, gradient_body);
        return;
    }
    if (part > 0 || !arguments->slope_gradients) return;
    double all = 0;
    for (int64_t channel = 0; channel < shape->channels; channel++) {
        double sum, unused;
        total(shape, arguments->scratch, parts, channel, &sum, &unused);
        all += sum;
        if (!arguments->is_shared) arguments->slope_gradients[channel] = (float)sum;
    }
    if (arguments->is_shared) arguments->slope_gradients[0] = (float)all;
}
