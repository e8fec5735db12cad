// Computations that read a map twice: once for two sums over each channel's pixels, then again to work with these. They
// go through it some blocks of channels at a time, few enough that the second reading is from the processor's cache.
#ifndef CONVNET_KERNELS_TWO_PASS_H
#define CONVNET_KERNELS_TWO_PASS_H
#include "passes.h"

#ifdef __x86_64__
// What is known of a block's channels after the first pass, and what the second works with.
struct channel_sums {
    double first[cker_block], second[cker_block];
};
struct channel_factors {
    float mean[cker_block], factor[cker_block], deviation_factor[cker_block], constant[cker_block];
};

struct two_pass {
    const void *arguments;
    const cker_map_shape *shape;
    int maps;  // that the second pass reads or writes
    // Adds to the sums of each block those over some pixels, which are counted through all samples.
    void (*sum)(const void *arguments, struct range blocks, struct range pixels, struct channel_sums *sums);
    // From the sums over all pixels of a block. `is_first` for one of the parts that ask for them, which writes down
    // whatever else follows from them.
    struct channel_factors (*conclude)(
        const void *arguments, int64_t block, const struct channel_sums *sums, bool is_first);
    void (*apply)(
        const void *arguments, struct range blocks, struct range pixels, const struct channel_factors *factors);
};

// Of the phases and scratch memory that batch norms tell their callers.
void two_pass_run(const struct two_pass *work, struct channel_sums *scratch, int phase, int part, int parts);

#endif
#endif
