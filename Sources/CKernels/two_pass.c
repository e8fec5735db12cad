#ifdef __x86_64__
#include "two_pass.h"

#ifndef SHARED
#define SHARED (16 << 20)
#endif
#ifndef OWN
#define OWN (512 << 10)
#endif
// Of the caches that all parts share, and that a part has for itself, what the maps may take.
static const int64_t shared_cache_bytes = SHARED, own_cache_bytes = OWN;

// Small maps are read some blocks at a time, which lie side by side in each sample: jumping about in memory costs more
// than reading.
enum { maximum_group = 16 };

static int64_t bytes_per_block(const struct two_pass *work) {
    const cker_map_shape *shape = work->shape;
    return shape->samples * shape->area * cker_block * element_size(shape->type) * work->maps;
}

// How many blocks each part does by itself. The others are shared by all parts: those left over by an equal division, or
// all, where so many blocks at a time would not stay in the cache.
static int64_t blocks_per_part(const struct two_pass *work, int parts) {
    if (parts > 1 && bytes_per_block(work) * parts > shared_cache_bytes) return 0;
    return block_count(work->shape) / parts;
}

static int64_t shared_blocks(const struct two_pass *work, int parts) {
    return block_count(work->shape) - blocks_per_part(work, parts) * parts;
}

// A phase sums over a shared block, and the next one goes on with the sums.
int two_pass_phases(const struct two_pass *work, int parts) { return 1 + (int)shared_blocks(work, parts); }

size_t two_pass_scratch(const struct two_pass *work, int parts) {
    return (size_t)shared_blocks(work, parts) * (size_t)parts * sizeof(struct channel_sums);
}

static void run_own(const struct two_pass *work, struct range blocks) {
    const struct range pixels = {0, work->shape->samples * work->shape->area};
    int64_t group = own_cache_bytes / bytes_per_block(work);
    group = group < 1 ? 1 : group > maximum_group ? maximum_group : group;
    while (blocks.first < blocks.end) {
        const int64_t left = blocks.end - blocks.first, count = left < group ? left : group;
        const struct range some = {blocks.first, blocks.first + count};
        struct channel_sums sums[maximum_group] = {0};
        struct channel_factors factors[maximum_group];
        work->sum(work->arguments, some, pixels, sums);
        for (int64_t i = 0; i < count; i++)
            factors[i] = work->conclude(work->arguments, some.first + i, &sums[i], true);
        work->apply(work->arguments, some, pixels, factors);
        blocks.first = some.end;
    }
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
    const int64_t own = blocks_per_part(work, parts), next = own * parts + phase;
    const struct range pixels = range_of_part(work->shape->samples * work->shape->area, part, parts);
    if (phase == 0) {
        run_own(work, (struct range){own * part, own * (part + 1)});
    } else {
        const struct range block = {next - 1, next};
        const struct channel_sums sums = total(&scratch[(phase - 1) * parts], parts);
        const struct channel_factors factors = work->conclude(work->arguments, block.first, &sums, part == 0);
        work->apply(work->arguments, block, pixels, &factors);
    }
    if (next < block_count(work->shape)) {
        struct channel_sums *sums = &scratch[phase * parts + part];
        *sums = (struct channel_sums){0};
        work->sum(work->arguments, (struct range){next, next + 1}, pixels, sums);
    }
}
#endif
