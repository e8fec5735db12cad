#ifdef CONVNET_ONEDNN
// Finds the library, its functions and those of its OpenMP.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"
#include "team.h"

// Here, the member of that name.
#undef dnnl_version

static struct cdnn_functions functions;
struct cdnn_team cdnn_team;

static const char *const names[] = {
#define X(name) #name,
    CDNN_FUNCTIONS(X)
#undef X
};
enum { name_count = sizeof names / sizeof *names };
_Static_assert(sizeof functions == name_count * sizeof(void *), "nothing but pointers");

#define TEXT(x) #x
#define VERSION_TEXT(major, minor, patch) TEXT(major) "." TEXT(minor) "." TEXT(patch)

const char *cdnn_header_version(void) {
    return VERSION_TEXT(DNNL_VERSION_MAJOR, DNNL_VERSION_MINOR, DNNL_VERSION_PATCH);
}

#ifdef __APPLE__
#define LIBRARY_NAME "libdnnl.%d.dylib"
// Homebrew's, on either processor, are not where the loader looks.
static const char *const folders[] = {"", "/opt/homebrew/lib/", "/usr/local/lib/"};
#else
#define LIBRARY_NAME "libdnnl.so.%d"
static const char *const folders[] = {""};
#endif

const char *cdnn_library_name(void) {
    static _Thread_local char name[32];
    snprintf(name, sizeof name, LIBRARY_NAME, DNNL_VERSION_MAJOR);
    return name;
}

static enum cdnn_loading loading;
static char problem[512];

const char *cdnn_loading_problem(void) { return problem; }

static void *open_anywhere(const char *name) {
    void *library = NULL;
    for (size_t i = 0; i < sizeof folders / sizeof *folders && !library; i++) {
        char path[256];
        snprintf(path, sizeof path, "%s%s", folders[i], name);
        library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
        const char *reason = library ? NULL : dlerror();
        if (reason && i == 0) snprintf(problem, sizeof problem, "%s", reason);
    }
    return library;
}

// Whether another major version is there, whose functions are others but for the one that tells the version.
static bool find_other_version(void) {
    char reason[sizeof problem];
    memcpy(reason, problem, sizeof problem);
    for (int major = 1; major < 10 && !functions.dnnl_version; major++) {
        char name[32];
        snprintf(name, sizeof name, LIBRARY_NAME, major);
        void *library = major == DNNL_VERSION_MAJOR ? NULL : open_anywhere(name);
        if (library) *(void **)&functions.dnnl_version = dlsym(library, "dnnl_version");
    }
    memcpy(problem, reason, sizeof problem);
    return functions.dnnl_version;
}

// Ours where there is one that the library can use, else the library's own.
static void find_team(void *library) {
#ifdef __linux__
    if (dlsym(library, "GOMP_parallel") && cdnn_team_serve(library)) {
        cdnn_team = (struct cdnn_team){
            cdnn_team_set_meeting, cdnn_team_start, cdnn_team_set_maximum, cdnn_team_parallel, cdnn_team_thread, cdnn_team_size};
        return;
    }
#endif
    *(void **)&cdnn_team.set_size = dlsym(library, "omp_set_num_threads");
    *(void **)&cdnn_team.run = dlsym(library, "GOMP_parallel");
    *(void **)&cdnn_team.thread = dlsym(library, "omp_get_thread_num");
    *(void **)&cdnn_team.size = dlsym(library, "omp_get_num_threads");
}

static void load(void) {
    void *library = open_anywhere(cdnn_library_name());
    if (!library) {
        loading = find_other_version() ? cdnn_wrong_version : cdnn_not_found;
        return;
    }
    void **addresses = (void **)&functions;
    // The version first: another one has other functions.
    for (int i = 0; i < name_count; i++) {
        addresses[i] = dlsym(library, names[i]);
        if (!addresses[i]) {
            snprintf(problem, sizeof problem, "it has no function %s", names[i]);
            loading = cdnn_not_found;
            return;
        }
        if (i == 0 && functions.dnnl_version()->major != DNNL_VERSION_MAJOR) {
            loading = cdnn_wrong_version;
            return;
        }
    }
    find_team(library);
}

enum cdnn_loading cdnn_load(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load);
    return loading;
}

const struct cdnn_functions *cdnn_library(void) {
    cdnn_load();
    return &functions;
}
#endif
