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

#endif
