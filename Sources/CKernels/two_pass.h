// Computations that read each block of 16 channels twice: once for two sums over a channel's pixels, then again to work
// with these. The second time, the block should still be in the processor's cache.
#ifndef CONVNET_KERNELS_TWO_PASS_H
#define CONVNET_KERNELS_TWO_PASS_H
#ifdef __x86_64__
#include "passes.h"

struct channel_sums {
    double first[cker_block], second[cker_block];
};

struct two_pass {
    const void *arguments;
    const cker_map_shape *shape;
    int maps;  // that the second pass reads or writes
    // Both work on some pixels of a block, counted through all samples.
    struct channel_sums (*sum)(const void *arguments, int64_t block, struct range pixels);
    void (*apply)(const void *arguments, int64_t block, struct range pixels, const struct channel_sums *sums);
    // Called once for a block, with the sums over all its pixels.
    void (*report)(const void *arguments, int64_t block, const struct channel_sums *sums);
};

int two_pass_phases(const struct two_pass *work, int parts);
size_t two_pass_scratch(const struct two_pass *work, int parts);
void two_pass_run(const struct two_pass *work, struct channel_sums *scratch, int phase, int part, int parts);

#endif
#endif
