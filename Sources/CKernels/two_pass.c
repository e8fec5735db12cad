#ifdef __x86_64__
#include "two_pass.h"

// Of the cache that all parts share.
#ifndef CACHE
#define CACHE (16 << 20)
#endif
static const int64_t cache_bytes = CACHE;

// How many blocks each part does by itself. The others are shared by all parts: those left over by an equal division, or
// all, where so many blocks at a time would not stay in the cache.
static int64_t blocks_per_part(const struct two_pass *work, int parts) {
    const cker_map_shape *shape = work->shape;
    const int64_t bytes = shape->samples * shape->area * cker_block * element_size(shape->type) * work->maps;
    return parts > 1 && bytes * parts > cache_bytes ? 0 : block_count(shape) / parts;
}

static int64_t shared_blocks(const struct two_pass *work, int parts) {
    return block_count(work->shape) - blocks_per_part(work, parts) * parts;
}

// A phase sums over a shared block, the next one applies the sums.
int two_pass_phases(const struct two_pass *work, int parts) { return 1 + (int)shared_blocks(work, parts); }

size_t two_pass_scratch(const struct two_pass *work, int parts) {
    return (size_t)shared_blocks(work, parts) * (size_t)parts * sizeof(struct channel_sums);
}

static struct channel_sums total(const struct channel_sums *sums, int parts) {
    struct channel_sums total = sums[0];
    for (int part = 1; part < parts; part++) {
        for (int channel = 0; channel < cker_block; channel++) {
            total.first[channel] += sums[part].first[channel];
            total.second[channel] += sums[part].second[channel];
        }
    }
    return total;
}

void two_pass_run(const struct two_pass *work, struct channel_sums *scratch, int phase, int part, int parts) {
    const int64_t pixels = work->shape->samples * work->shape->area, own = blocks_per_part(work, parts);
    const int64_t first_shared = own * parts;
    const struct range all = {0, pixels}, share = range_of_part(pixels, part, parts);
    if (phase == 0) {
        for (int64_t block = part * own; block < (part + 1) * own; block++) {
            const struct channel_sums sums = work->sum(work->arguments, block, all);
            work->report(work->arguments, block, &sums);
            work->apply(work->arguments, block, all, &sums);
        }
    } else {
        const int64_t block = first_shared + phase - 1;
        const struct channel_sums sums = total(&scratch[(phase - 1) * parts], parts);
        if (part == 0) work->report(work->arguments, block, &sums);
        work->apply(work->arguments, block, share, &sums);
    }
    const int64_t next = first_shared + phase;
    if (next < block_count(work->shape))
        scratch[phase * parts + part] = work->sum(work->arguments, next, share);
}
#endif
