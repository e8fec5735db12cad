#define _GNU_SOURCE
#include "CAllocationCounter.h"

// Also defines __GLIBC__, where this is glibc.
#include <stdlib.h>

#ifdef __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED
#endif
#endif

#if defined(__GLIBC__) && !defined(SANITIZED)
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { maximum_callers = 64, described_callers = 16 };

static _Thread_local struct {
    bool counting;
    const char *library;
    allocation_counts counts;
    char first_own[4096];
} state;

bool allocation_counter_is_available(void) { return true; }

void allocation_counter_start(const char *library) {
    state.library = library;
    state.counts = (allocation_counts){0, 0, 0};
    state.first_own[0] = '\0';
    state.counting = true;
}

allocation_counts allocation_counter_stop(void) {
    state.counting = false;
    return state.counts;
}

const char *allocation_counter_first_own(void) { return state.first_own; }

static void describe(void *const *callers, int count) {
    size_t length = 0;
    for (int i = 0; i < count && i < described_callers && length < sizeof state.first_own; i++) {
        Dl_info info;
        const bool known = dladdr(callers[i], &info) != 0;
        const int written = snprintf(
            state.first_own + length, sizeof state.first_own - length, "%s (%s)\n",
            known && info.dli_sname ? info.dli_sname : "?", known ? info.dli_fname : "?");
        length += written > 0 ? (size_t)written : 0;
    }
}

static void count(void) {
    if (!state.counting) return;
    // Looking for the caller may itself allocate.
    state.counting = false;
    void *callers[maximum_callers];
    const int found = backtrace(callers, maximum_callers);
    bool is_library = false;
    for (int i = 0; i < found && !is_library; i++) {
        Dl_info info;
        is_library = dladdr(callers[i], &info) && info.dli_fname && strstr(info.dli_fname, state.library);
    }
    if (is_library) {
        state.counts.library++;
    } else {
        // The first two are this function and the one that took malloc's place.
        if (state.counts.own++ == 0) describe(callers + 2, found - 2);
    }
    state.counting = true;
}

// In the place of the C library's. These names of glibc's are the same functions, out of reach of replacement.

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);
void __libc_free(void *);

void *malloc(size_t size) {
    count();
    return __libc_malloc(size);
}

void *calloc(size_t elements, size_t size) {
    count();
    return __libc_calloc(elements, size);
}

void *realloc(void *memory, size_t size) {
    count();
    if (state.counting && memory) state.counts.freed++;
    return __libc_realloc(memory, size);
}

void *memalign(size_t alignment, size_t size) {
    count();
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    count();
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **result, size_t alignment, size_t size) {
    if (alignment % sizeof(void *) != 0 || (alignment & (alignment - 1)) != 0 || alignment == 0) return EINVAL;
    count();
    void *memory = __libc_memalign(alignment, size);
    if (!memory) return ENOMEM;
    *result = memory;
    return 0;
}

void free(void *memory) {
    if (state.counting && memory) state.counts.freed++;
    __libc_free(memory);
}

#else

bool allocation_counter_is_available(void) { return false; }
void allocation_counter_start(const char *library) { (void)library; }
allocation_counts allocation_counter_stop(void) { return (allocation_counts){0, 0, 0}; }
const char *allocation_counter_first_own(void) { return ""; }

#endif
