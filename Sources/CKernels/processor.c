#include "CKernels.h"

bool cker_available(void) {
#ifdef __x86_64__
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
#else
    return false;
#endif
}

bool cker_multiplies_bfloat16(void) {
#ifdef __x86_64__
    return cker_available() && __builtin_cpu_supports("avx512bf16");
#else
    return false;
#endif
}
