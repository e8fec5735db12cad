#if defined(CONVNET_ONEDNN) && defined(__linux__)
// Gives a loaded library the functions of team.h in the place of OpenMP's, by writing them where the loader has written
// the addresses of those: in the library's own table of what it imports. OpenMP itself is not touched, as it would be if this
// program defined functions of these names; who else uses this library in the process shares the team.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "team.h"

static const struct {
    const char *name;
    void *replacement;
} replacements[] = {
    {"GOMP_parallel", (void *)cdnn_team_parallel},      {"GOMP_barrier", (void *)cdnn_team_barrier},
    {"omp_get_thread_num", (void *)cdnn_team_thread},   {"omp_get_num_threads", (void *)cdnn_team_size},
    {"omp_get_max_threads", (void *)cdnn_team_maximum}, {"omp_in_parallel", (void *)cdnn_team_is_parallel},
};
enum { replacement_count = sizeof replacements / sizeof *replacements };

#if defined(__x86_64__)
enum { call_slot = R_X86_64_JUMP_SLOT, data_slot = R_X86_64_GLOB_DAT };
#elif defined(__aarch64__)
enum { call_slot = R_AARCH64_JUMP_SLOT, data_slot = R_AARCH64_GLOB_DAT };
#endif

#if defined(__x86_64__) || defined(__aarch64__)
static void *replacement(const char *name) {
    for (int i = 0; i < replacement_count; i++)
        if (strcmp(name, replacements[i].name) == 0) return replacements[i].replacement;
    return NULL;
}

static bool is_openmp(const char *name) {
    return strncmp(name, "GOMP_", 5) == 0 || strncmp(name, "omp_", 4) == 0 || strncmp(name, "__kmpc_", 7) == 0;
}

struct imports {
    const struct link_map *map;
    const ElfW(Sym) *symbols;
    const char *names;
    struct {
        const ElfW(Rela) *first;
        size_t bytes;
    } tables[2];
};

static struct imports read_imports(const struct link_map *map) {
    struct imports imports = {.map = map};
    for (const ElfW(Dyn) *entry = map->l_ld; entry->d_tag != DT_NULL; entry++) {
        // glibc has made addresses of these offsets, other loaders have not.
        const ElfW(Addr) value = entry->d_un.d_ptr;
        const void *address = (const void *)(value < map->l_addr ? value + map->l_addr : value);
        switch (entry->d_tag) {
            case DT_SYMTAB: imports.symbols = address; break;
            case DT_STRTAB: imports.names = address; break;
            case DT_JMPREL: imports.tables[0].first = address; break;
            case DT_PLTRELSZ: imports.tables[0].bytes = entry->d_un.d_val; break;
            case DT_RELA: imports.tables[1].first = address; break;
            case DT_RELASZ: imports.tables[1].bytes = entry->d_un.d_val; break;
        }
    }
    return imports;
}

struct protection {
    ElfW(Addr) base;
    bool is_done;
};

// Makes read-only again what was so.
static int protect(struct dl_phdr_info *info, size_t size, void *argument) {
    (void)size;
    struct protection *protection = argument;
    if (info->dlpi_addr != protection->base) return 0;
    const uintptr_t page_size = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (int i = 0; i < info->dlpi_phnum; i++) {
        if (info->dlpi_phdr[i].p_type != PT_GNU_RELRO) continue;
        const uintptr_t start = (info->dlpi_addr + info->dlpi_phdr[i].p_vaddr) & ~(page_size - 1);
        const uintptr_t end =
            (info->dlpi_addr + info->dlpi_phdr[i].p_vaddr + info->dlpi_phdr[i].p_memsz) & ~(page_size - 1);
        if (end > start) mprotect((void *)start, end - start, PROT_READ);
    }
    return 1;
}

// Calls for every import of OpenMP's, and stops at a false.
static bool for_each_import(
    const struct imports *imports, bool (*body)(const char *name, unsigned long kind, void **slot)) {
    for (int t = 0; t < 2; t++) {
        const ElfW(Rela) *table = imports->tables[t].first;
        for (size_t i = 0; table && i < imports->tables[t].bytes / sizeof *table; i++) {
            const char *name = imports->names + imports->symbols[ELF64_R_SYM(table[i].r_info)].st_name;
            if (!is_openmp(name)) continue;
            void **slot = (void **)(imports->map->l_addr + table[i].r_offset);
            if (!body(name, ELF64_R_TYPE(table[i].r_info), slot)) return false;
        }
    }
    return true;
}

static bool can_replace(const char *name, unsigned long kind, void **slot) {
    (void)slot;
    return replacement(name) && (kind == call_slot || kind == data_slot);
}

// The loader has made it read-only behind itself, perhaps.
static bool make_writable(const char *name, unsigned long kind, void **slot) {
    (void)name;
    (void)kind;
    const uintptr_t page_size = (uintptr_t)sysconf(_SC_PAGESIZE);
    return mprotect((void *)((uintptr_t)slot & ~(page_size - 1)), page_size, PROT_READ | PROT_WRITE) == 0;
}

static bool calls_regions;

static bool look_for_regions(const char *name, unsigned long kind, void **slot) {
    (void)kind;
    (void)slot;
    calls_regions |= strcmp(name, "GOMP_parallel") == 0;
    return true;
}

static bool replace(const char *name, unsigned long kind, void **slot) {
    (void)kind;
    *slot = replacement(name);
    return true;
}

bool cdnn_team_serve(void *library) {
    struct link_map *map;
    if (dlinfo(library, RTLD_DI_LINKMAP, &map) != 0) return false;
    const struct imports imports = read_imports(map);
    if (!imports.symbols || !imports.names || !for_each_import(&imports, can_replace)) return false;
    for_each_import(&imports, look_for_regions);
    if (!calls_regions) return false;
    // All or none.
    const bool is_served = for_each_import(&imports, make_writable) && for_each_import(&imports, replace);
    struct protection protection = {.base = map->l_addr};
    dl_iterate_phdr(protect, &protection);
    return is_served;
}
#else
bool cdnn_team_serve(void *library) {
    (void)library;
    return false;
}
#endif
#endif
