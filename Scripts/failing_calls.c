// Loaded before a program (LD_PRELOAD), makes one of its calls fail, and counts them all. fail_calls.py uses it.
//
//     FAIL_CALL    the function, FAIL_AT which of its calls, counted from 1 over all threads
//     FAIL_COUNTS  a file that gets a line for each function: its name and how often it was called
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define FUNCTIONS(X) \
    X(open) X(open64) X(openat) X(openat64) X(read) X(pread) X(pread64) X(write) X(pwrite) X(pwrite64) X(fsync) X(fchmod) \
    X(stat) X(stat64) X(lstat) X(fstat) X(fstat64) X(fstatat) X(fstatat64) X(mkdir) X(rename) X(renameat) X(link) X(linkat) \
    X(unlink) X(unlinkat) X(flock) X(opendir) X(readdir) X(readdir64) X(lseek) X(lseek64) X(pthread_create)

enum {
#define X(name) call_##name,
    FUNCTIONS(X)
#undef X
    call_count
};

static const char *const names[] = {
#define X(name) #name,
    FUNCTIONS(X)
#undef X
};
static atomic_int counts[call_count];
static int failing = -1, failing_at;

__attribute__((constructor)) static void begin(void) {
    const char *name = getenv("FAIL_CALL"), *at = getenv("FAIL_AT");
    failing_at = at ? atoi(at) : 0;
    for (int i = 0; name && i < call_count; i++)
        if (!strcmp(name, names[i])) failing = i;
}

__attribute__((destructor)) static void end(void) {
    const char *path = getenv("FAIL_COUNTS");
    FILE *file = path ? fopen(path, "w") : NULL;
    if (!file) return;
    for (int i = 0; i < call_count; i++)
        if (counts[i]) fprintf(file, "%s %d\n", names[i], counts[i]);
    fclose(file);
}

static bool fails(int call) { return atomic_fetch_add(&counts[call], 1) + 1 == failing_at && call == failing; }

static int error_of(int call) {
    switch (call) {
    case call_write: case call_pwrite: case call_pwrite64: case call_mkdir: return ENOSPC;
    case call_pthread_create: return EAGAIN;
    default: return EIO;
    }
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define WRAP(type, failure, name, parameters, ...)                           \
    type name parameters {                                                   \
        if (fails(call_##name)) { errno = error_of(call_##name); return failure; } \
        return NEXT(name)(__VA_ARGS__);                                      \
    }
#define WRAP_OPEN(name, parameters, ...)                                     \
    int name parameters {                                                    \
        if (fails(call_##name)) { errno = EIO; return -1; }                  \
        va_list rest;                                                        \
        va_start(rest, flags);                                               \
        const mode_t mode = va_arg(rest, mode_t);                            \
        va_end(rest);                                                        \
        return NEXT(name)(__VA_ARGS__, mode);                                \
    }

WRAP_OPEN(open, (const char *path, int flags, ...), path, flags)
WRAP_OPEN(open64, (const char *path, int flags, ...), path, flags)
WRAP_OPEN(openat, (int directory, const char *path, int flags, ...), directory, path, flags)
WRAP_OPEN(openat64, (int directory, const char *path, int flags, ...), directory, path, flags)
WRAP(ssize_t, -1, read, (int file, void *to, size_t count), file, to, count)
WRAP(ssize_t, -1, pread, (int file, void *to, size_t count, off_t at), file, to, count, at)
WRAP(ssize_t, -1, pread64, (int file, void *to, size_t count, off64_t at), file, to, count, at)
WRAP(ssize_t, -1, write, (int file, const void *from, size_t count), file, from, count)
WRAP(ssize_t, -1, pwrite, (int file, const void *from, size_t count, off_t at), file, from, count, at)
WRAP(ssize_t, -1, pwrite64, (int file, const void *from, size_t count, off64_t at), file, from, count, at)
WRAP(int, -1, fsync, (int file), file)
WRAP(int, -1, fchmod, (int file, mode_t mode), file, mode)
WRAP(int, -1, stat, (const char *path, struct stat *to), path, to)
WRAP(int, -1, stat64, (const char *path, struct stat64 *to), path, to)
WRAP(int, -1, lstat, (const char *path, struct stat *to), path, to)
WRAP(int, -1, fstat, (int file, struct stat *to), file, to)
WRAP(int, -1, fstat64, (int file, struct stat64 *to), file, to)
WRAP(int, -1, fstatat, (int directory, const char *path, struct stat *to, int flags), directory, path, to, flags)
WRAP(int, -1, fstatat64, (int directory, const char *path, struct stat64 *to, int flags), directory, path, to, flags)
WRAP(int, -1, mkdir, (const char *path, mode_t mode), path, mode)
WRAP(int, -1, rename, (const char *from, const char *to), from, to)
WRAP(int, -1, renameat, (int from_directory, const char *from, int to_directory, const char *to), from_directory, from, to_directory, to)
WRAP(int, -1, link, (const char *from, const char *to), from, to)
WRAP(int, -1, linkat, (int from_directory, const char *from, int to_directory, const char *to, int flags), from_directory, from, to_directory, to, flags)
WRAP(int, -1, unlink, (const char *path), path)
WRAP(int, -1, unlinkat, (int directory, const char *path, int flags), directory, path, flags)
WRAP(int, -1, flock, (int file, int operation), file, operation)
WRAP(DIR *, NULL, opendir, (const char *path), path)
WRAP(struct dirent *, NULL, readdir, (DIR *directory), directory)
WRAP(struct dirent64 *, NULL, readdir64, (DIR *directory), directory)
WRAP(off_t, -1, lseek, (int file, off_t to, int from), file, to, from)
WRAP(off64_t, -1, lseek64, (int file, off64_t to, int from), file, to, from)

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*body)(void *), void *argument) {
    if (fails(call_pthread_create)) return EAGAIN;
    return NEXT(pthread_create)(thread, attributes, body, argument);
}
