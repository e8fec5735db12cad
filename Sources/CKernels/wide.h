// Plain C, for any processor, that is compiled for AVX2 too.
#ifndef CONVNET_KERNELS_WIDE_H
#define CONVNET_KERNELS_WIDE_H
#include "CKernels.h"

// By what a processor can, not by its name: "arch=haswell" would be for Haswell only.
#if defined(__x86_64__) && defined(__linux__)
#define WIDE __attribute__((target_clones("arch=x86-64-v3", "default")))
#else
#define WIDE
#endif

// All processors give the same bits: none multiplies and adds at once.
#pragma STDC FP_CONTRACT OFF

#endif
