#ifndef CLIBJPEG_SHIM_H
#define CLIBJPEG_SHIM_H

// This target tells the package manager where libjpeg is; CJPEG depends on it for that. Swift must not import it: libjpeg
// reports errors with a callback that may not return, which means longjmp, which may not unwind Swift frames.
#include <stdio.h>
// After stdio.h, which it takes for granted.
#include <jpeglib.h>

#endif
