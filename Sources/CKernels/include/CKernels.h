// The engine's own loops, for passes that oneDNN has no primitive for. Nothing in here starts threads or allocates: a
// function does part `part` of `parts` of its work, on memory that the caller provides, and the caller has all parts done
// by a team of threads before it goes on.
//
// Feature maps lie in blocks of 16 channels, N × ⌈C/16⌉ × H × W × 16, the last block filled up with zeros. They need not
// be dense: a map may be some blocks of a larger one.
#ifndef CONVNET_KERNELS_H
#define CONVNET_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Whether this processor has the instructions that the kernels are written in: AVX-512 F, BW, VL and DQ. Without them
// none of the other functions may be called.
bool cker_available(void);
// Whether it multiplies bfloat16 numbers too (AVX512_BF16). Feature maps of them can be read and written without.
bool cker_multiplies_bfloat16(void);

enum cker_type { cker_float32, cker_bfloat16 };

// A feature map, or some blocks of one. NULL elements stand for a map that is not there.
typedef struct {
    void *elements;
    int64_t sample_stride, block_stride;  // elements from one sample, one block of 16 channels, to the next
} cker_map;

#endif
