// What Swift's view of the C library lacks for files.
#ifndef CONVNET_FILES_H
#define CONVNET_FILES_H

#include <stdint.h>

// Has the disk begin to write a part of a file, without waiting for it. A hint: what goes wrong comes up again in fsync. Does
// nothing but on Linux.
void cfiles_begin_sync(int file, int64_t offset, int64_t bytes);

#endif
