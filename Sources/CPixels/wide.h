#ifndef WIDE_H
#define WIDE_H

// Compiled for newer processors too, and chosen when the program is loaded.
#if defined(__x86_64__) && defined(__linux__)
#define WIDE __attribute__((target_clones("avx2", "default")))
#else
#define WIDE
#endif

#endif
