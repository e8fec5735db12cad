// Plain C, for any processor, that is compiled for AVX2 too.
#ifndef CONVNET_KERNELS_WIDE_H
#define CONVNET_KERNELS_WIDE_H
#include "CKernels.h"

#if defined(__x86_64__) && defined(__linux__)
#define WIDE __attribute__((target_clones("arch=haswell", "default")))
#else
#define WIDE
#endif

#endif
