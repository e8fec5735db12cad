#define _GNU_SOURCE
#include "CFiles.h"

#include <pthread.h>
#include <stdio.h>

void cfiles_name_thread(const char *name) {
#ifdef __APPLE__
    pthread_setname_np(name);
#else
    // Linux refuses longer ones.
    char start[16];
    snprintf(start, sizeof start, "%s", name);
    pthread_setname_np(pthread_self(), start);
#endif
}
