// What Swift's view of the C library lacks for files and threads.
#ifndef CONVNET_FILES_H
#define CONVNET_FILES_H

#include <stdint.h>

// Has the disk begin to write a part of a file, without waiting for it. A hint: what goes wrong comes up again in fsync. Does
// nothing but on Linux.
void cfiles_begin_sync(int file, int64_t offset, int64_t bytes);

// Names the calling thread for top and debuggers, which show the first 15 bytes on Linux.
void cfiles_name_thread(const char *name);

#endif
