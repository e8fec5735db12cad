#define _GNU_SOURCE
#include "CFiles.h"

#include <fcntl.h>

void cfiles_begin_sync(int file, int64_t offset, int64_t bytes) {
#ifdef __linux__
    sync_file_range(file, offset, bytes, SYNC_FILE_RANGE_WRITE);
#else
    (void)file;
    (void)offset;
    (void)bytes;
#endif
}
