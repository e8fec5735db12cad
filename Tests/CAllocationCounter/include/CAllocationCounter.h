// Counts what one thread allocates. Linking this target in puts its malloc, free and their kin in the place of the C
// library's, for the whole process; they count nothing until told to.
#ifndef CONVNET_ALLOCATION_COUNTER_H
#define CONVNET_ALLOCATION_COUNTER_H

#include <stdbool.h>

typedef struct {
    long own;      // allocations by this program
    long library;  // allocations by the library that was named, or by others on its behalf
    long freed;    // memory given back, whoever had allocated it
} allocation_counts;

// Whether this platform lets us count: only glibc does, and not under a sanitizer, which replaces malloc itself.
bool allocation_counter_is_available(void);

// Starts counting on the calling thread. An allocation is the library's where a file whose name contains `library` is
// among its callers.
void allocation_counter_start(const char *library);
allocation_counts allocation_counter_stop(void);

// The callers of the first allocation of our own since the last start, innermost first; empty where there was none.
// Valid on the calling thread until the next start.
const char *allocation_counter_first_own(void);

#endif
