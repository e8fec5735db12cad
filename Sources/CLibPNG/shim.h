#ifndef CLIBPNG_SHIM_H
#define CLIBPNG_SHIM_H

// This target tells the package manager where libpng is; CPNG depends on it for that. Swift must not import it: libpng
// reports errors with setjmp and longjmp, which may not unwind Swift frames.
#include <png.h>

#endif
