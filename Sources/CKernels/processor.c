#include <stdlib.h>
#include <string.h>

#include "CKernels.h"

#ifdef __x86_64__
// For tests: a processor that stops at AVX2 can be played by one that does not.
static bool is_limited_to_avx2(void) {
    const char *limit = getenv("CONVNET_INSTRUCTIONS");
    return limit && strcmp(limit, "avx2") == 0;
}
#endif

bool cker_available(void) {
#ifdef __x86_64__
    // Asked for in every array of every plan. Threads that find it out at once find the same.
    enum { unknown, no, yes };
    static int answer = unknown;
    int found = __atomic_load_n(&answer, __ATOMIC_RELAXED);
    if (found == unknown) {
        const bool has_instructions = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
                                   && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
        found = has_instructions && !is_limited_to_avx2() ? yes : no;
        __atomic_store_n(&answer, found, __ATOMIC_RELAXED);
    }
    return found == yes;
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
