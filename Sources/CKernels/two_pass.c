#include "two_pass.h"

#ifdef __x86_64__
// Small maps are read some blocks at a time, which lie side by side in each sample: jumping about in memory costs more
// than reading. As many as these bytes hold stay in the cache until they are read again.
static const int64_t group_bytes = 2 << 20;
enum { maximum_group = 16 };

static int64_t group_size(const struct two_pass *work) {
    const cker_map_shape *shape = work->shape;
    const int64_t bytes = shape->samples * shape->area * cker_block * element_bytes(shape->type) * work->maps;
    const int64_t count = group_bytes / bytes;
    return count < 1 ? 1 : count > maximum_group ? maximum_group : count;
}

// Every part has as many blocks for itself, those left over are shared: each part has a range of their pixels.
static int64_t shared_blocks(const cker_map_shape *shape, int parts) { return block_count(shape) % parts; }

static void run_own(const struct two_pass *work, struct range blocks) {
    const struct range pixels = {0, work->shape->samples * work->shape->area};
    const int64_t group = group_size(work);
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

// A shared block's sums, of what each part found.
static struct channel_sums total(const struct channel_sums *scratch, int64_t index, int64_t shared, int parts) {
    struct channel_sums total = {0};
    for (int part = 0; part < parts; part++) {
        const struct channel_sums *sums = &scratch[part * shared + index];
        for (int channel = 0; channel < cker_block; channel++) {
            total.first[channel] += sums->first[channel];
            total.second[channel] += sums->second[channel];
        }
    }
    return total;
}

void two_pass_run(const struct two_pass *work, struct channel_sums *scratch, int phase, int part, int parts) {
    const int64_t blocks = block_count(work->shape), own = blocks / parts;
    const int64_t shared = shared_blocks(work->shape, parts), first_shared = blocks - shared;
    const struct range pixels = range_of_part(work->shape->samples * work->shape->area, part, parts);
    if (phase == 0) {
        run_own(work, (struct range){own * part, own * (part + 1)});
        for (int64_t i = 0; i < shared; i++) scratch[part * shared + i] = (struct channel_sums){0};
        work->sum(work->arguments, (struct range){first_shared, blocks}, pixels, &scratch[part * shared]);
    } else {
        for (int64_t i = 0; i < shared; i++) {
            const struct range block = {first_shared + i, first_shared + i + 1};
            const struct channel_sums sums = total(scratch, i, shared, parts);
            const struct channel_factors factors = work->conclude(work->arguments, block.first, &sums, part == 0);
            work->apply(work->arguments, block, pixels, &factors);
        }
    }
}

int cker_batch_norm_phases(const cker_map_shape *shape, int parts) { return shared_blocks(shape, parts) ? 2 : 1; }

size_t cker_batch_norm_scratch(const cker_map_shape *shape, int parts) {
    return (size_t)shared_blocks(shape, parts) * (size_t)parts * sizeof(struct channel_sums);
}
#else
int cker_batch_norm_phases(const cker_map_shape *shape, int parts) { return 0; }
size_t cker_batch_norm_scratch(const cker_map_shape *shape, int parts) { return 0; }
#endif
