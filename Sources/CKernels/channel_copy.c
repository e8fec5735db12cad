#include <string.h>

#include "passes.h"
#include "wide.h"

#define INLINE static inline __attribute__((always_inline))

enum { lanes_at_once = 16 };

// The element of a sample's first pixel of a channel, and what lies between one pixel and the next.
static int64_t first_pixel(int64_t sample, int64_t channel, int64_t channels, int64_t area, int64_t block) {
    const int64_t blocks = (channels + block - 1) / block;
    return (sample * blocks + channel / block) * area * block + channel % block;
}

INLINE void copy_plane(
    const cker_channel_copy_arguments *arguments, size_t bytes, struct run run, int64_t channel) {
    const int64_t source = arguments->sources[channel];
    char *output = (char *)arguments->output
        + (size_t)(first_pixel(run.map, channel, arguments->output_channels, arguments->area, 1) + run.pixel) * bytes;
    if (source < 0) {
        memset(output, 0, (size_t)run.count * bytes);
        return;
    }
    const int64_t from = first_pixel(run.map, source, arguments->input_channels, arguments->area, 1) + run.pixel;
    memcpy(output, (const char *)arguments->input + (size_t)from * bytes, (size_t)run.count * bytes);
}

// Up to 16 channels side by side, each from where it lies, which costs a little for each of them: all pixels then go by
// these places.
#define COPY_LANES(name, number)                                                                                     \
    INLINE void name(                                                                                                \
        const cker_channel_copy_arguments *arguments, struct run run, int64_t first_channel, int lanes) {            \
        const int64_t block = arguments->output_block, from_block = arguments->input_block;                          \
        const int64_t area = arguments->area;                                                                        \
        const number *input = arguments->input;                                                                      \
        number *output = (number *)arguments->output                                                                 \
            + first_pixel(run.map, first_channel, arguments->output_channels, area, block) + run.pixel * block;      \
        int64_t places[lanes_at_once];                                                                               \
        number kept[lanes_at_once];                                                                                  \
        for (int lane = 0; lane < lanes; lane++) {                                                                   \
            const int64_t channel = first_channel + lane;                                                            \
            const int64_t source = channel < arguments->output_channels ? arguments->sources[channel] : -1;          \
            const int64_t known = source < 0 ? 0 : source;                                                           \
            places[lane] = first_pixel(run.map, known, arguments->input_channels, area, from_block)                  \
                + run.pixel * from_block;                                                                            \
            kept[lane] = source < 0 ? 0 : (number)~(number)0;                                                        \
        }                                                                                                            \
        for (int64_t i = 0; i < run.count; i++)                                                                      \
            for (int lane = 0; lane < lanes; lane++)                                                                 \
                output[i * block + lane] = input[places[lane] + i * from_block] & kept[lane];                        \
    }

COPY_LANES(copy_words, uint32_t)
COPY_LANES(copy_halves, uint16_t)

INLINE void copy_lanes(
    const cker_channel_copy_arguments *arguments, struct run run, int64_t channel, int lanes) {
    if (arguments->type == cker_float32) copy_words(arguments, run, channel, lanes);
    else copy_halves(arguments, run, channel, lanes);
}

INLINE void copy_block(const cker_channel_copy_arguments *arguments, struct run run, int64_t first_channel) {
    for (int64_t lane = 0; lane < arguments->output_block; lane += lanes_at_once) {
        const int64_t rest = arguments->output_block - lane;
        // A constant, so that its loop is unrolled.
        if (rest >= lanes_at_once) copy_lanes(arguments, run, first_channel + lane, lanes_at_once);
        else copy_lanes(arguments, run, first_channel + lane, (int)rest);
    }
}

WIDE void cker_channel_copy(const cker_channel_copy_arguments *arguments, int part, int parts) {
    struct range pixels = range_of_part(arguments->samples * arguments->area, part, parts);
    const int64_t block = arguments->output_block;
    for (struct run run; next_run(&pixels, arguments->area, &run);) {
        for (int64_t channel = 0; channel < arguments->output_channels; channel += block) {
            if (block == 1 && arguments->input_block == 1)
                copy_plane(arguments, arguments->type == cker_float32 ? 4 : 2, run, channel);
            else
                copy_block(arguments, run, channel);
        }
    }
}
