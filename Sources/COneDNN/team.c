#if defined(CONVNET_ONEDNN) && defined(__linux__)
// A team of threads that is polite. One that has nothing to do looks for work for some microseconds, then sleeps. The caller
// does parts as well, and never waits for a thread that has not begun one. Where it is kept waiting by threads that have
// begun and are not let run, because other programs want the processors, it takes fewer of them for a while.
//
// Every thread that calls has a team of its own, as with OpenMP. A region has parts, numbered as OpenMP numbers threads;
// which thread does which part changes nothing in the results. A barrier among the parts works as long as all threads are
// called, for one takes a second part only after its first has ended, and there are as many threads as parts.
#define _GNU_SOURCE
#include "team.h"

#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// All in nanoseconds.
enum {
    // Alone, what comes between two regions rarely takes longer; beside others, each look that is in vain takes the
    // processor from whoever would end the wait.
    patience = 10000,
    // Waiting for longer than this and than the caller's own parts took is a stall: a thread that began a part has to wait
    // for another program's time slice, of a millisecond or more.
    shortest_stall = 300000,
    // Two stalls so close together say that the machine is shared. Alone they come some ten times a second.
    stalls_apart = 20000000,
    // So does a time in which no thread that was called began a part, where it is of no use that they leave the caller's
    // processor.
    short_absence = 100000,
    longest_absence = 2500000,
    // A thread less is called then for a while, and for four times as long whenever the trouble comes back at once.
    shortest_rest = 4000000,
    longest_rest = 2048000000,
    at_once = 30000000,
    // Those that rest look for work now and then, in case parts meet without a word of it.
    longest_sleep = 200000000,
};

struct team {
    // What comes next of the current region: its number, its parts, and how many of them were begun. In one word, so that
    // a thread that was late does not begin a part of a later region with what it knows of an earlier one.
    _Alignas(64) _Atomic uint64_t next;
    void (*body)(void *);
    void *argument;
    // Increases with each region; idle threads wait for that.
    _Alignas(64) _Atomic uint32_t regions;
    _Atomic uint32_t have_sleepers;
    _Atomic bool is_closing;
    // Of the threads, how many are called to regions; the others rest. Each takes its number when it starts.
    _Alignas(64) _Atomic uint32_t called;
    _Atomic uint32_t started;
    // Parts that have ended; the caller waits for the last.
    _Alignas(64) _Atomic uint32_t ended;
    _Atomic uint32_t caller_sleeps;
    // Of the barrier: parts that have arrived, and how often all have.
    _Alignas(64) _Atomic uint32_t arrived;
    _Atomic uint32_t passed;
    _Atomic uint32_t barrier_has_sleepers;

    pthread_t *threads;
    unsigned thread_count;

    // When there was a stall last; since when nobody who was called has begun a part, 0 where somebody has.
    int64_t last_stall, absent_since;
    bool has_parted;  // since then
    // How long the last rest was, when a thread may be called again, and when one was.
    int64_t rest, next_return, last_return;
};

enum { part_bits = 16, most_parts = (1 << part_bits) - 1 };

// The region that the calling thread is in; team is NULL outside and in one that has a single part.
static _Thread_local struct {
    struct team *team;
    int part, parts;
    bool is_parallel;
} here = {NULL, 0, 1, false};

static _Thread_local int maximum;
static _Thread_local bool parts_meet;
static pthread_key_t own_team;

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static inline void relax(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb" ::: "memory");
#endif
}

static void sleep_while(_Atomic uint32_t *word, uint32_t value, const struct timespec *at_most) {
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, at_most, NULL, 0);
}

static void wake_all(_Atomic uint32_t *word) { syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0); }

// Whether the word has changed, after looking for a while.
static bool changes_soon(_Atomic uint32_t *word, uint32_t value) {
    const int64_t end = now() + patience;
    do {
        for (int look = 0; look < 32; look++) {
            if (atomic_load_explicit(word, memory_order_acquire) != value) return true;
            relax();
        }
    } while (now() < end);
    return false;
}

// Waits until the word has changed. Who changes it must call `changed` then.
static void wait_for_change(_Atomic uint32_t *word, uint32_t value, _Atomic uint32_t *has_sleepers) {
    if (changes_soon(word, value)) return;
    while (atomic_load(word) == value) {
        atomic_store(has_sleepers, 1);
        sleep_while(word, value, NULL);
    }
}

static void changed(_Atomic uint32_t *word, _Atomic uint32_t *has_sleepers) {
    if (atomic_load(has_sleepers) && atomic_exchange(has_sleepers, 0)) wake_all(word);
}

// Has those that are called look for parts.
static void call(struct team *team) {
    atomic_fetch_add(&team->regions, 1);
    changed(&team->regions, &team->have_sleepers);
}

// How many are called from now on; wakes those that have rested and need not any more.
static void set_called(struct team *team, uint32_t count) {
    const uint32_t former = atomic_exchange(&team->called, count);
    if (count > former) wake_all(&team->called);
}

// Waits for all parts to come here.
static void pass_barrier(struct team *team) {
    const uint32_t passed = atomic_load(&team->passed);
    if (atomic_fetch_add(&team->arrived, 1) + 1 == (uint32_t)here.parts) {
        atomic_store(&team->arrived, 0);
        atomic_store(&team->passed, passed + 1);
        changed(&team->passed, &team->barrier_has_sleepers);
    } else {
        wait_for_change(&team->passed, passed, &team->barrier_has_sleepers);
    }
}

// Begins parts of the current region, one after the other, as long as there are any. Returns how many.
static uint32_t work(struct team *team) {
    uint64_t next = atomic_load_explicit(&team->next, memory_order_acquire);
    for (uint32_t count = 0;;) {
        const int part = next & most_parts, parts = next >> part_bits & most_parts;
        if (part >= parts) return count;
        if (!atomic_compare_exchange_weak_explicit(
                &team->next, &next, next + 1, memory_order_acquire, memory_order_acquire))
            continue;
        here.team = team;
        here.part = part;
        here.parts = parts;
        here.is_parallel = true;
        team->body(team->argument);
        count++;
        if (atomic_fetch_add(&team->ended, 1) + 1 == (uint32_t)parts) changed(&team->ended, &team->caller_sleeps);
        next = atomic_load_explicit(&team->next, memory_order_acquire);
    }
}

static void *serve(void *pointer) {
    static const struct timespec at_most = {.tv_nsec = longest_sleep};
    struct team *team = pointer;
    const uint32_t number = atomic_fetch_add(&team->started, 1);
    for (;;) {
        const uint32_t region = atomic_load(&team->regions), called = atomic_load(&team->called);
        if (atomic_load(&team->is_closing)) return NULL;
        work(team);
        if (number >= called) {
            sleep_while(&team->called, called, &at_most);
        } else if (!changes_soon(&team->regions, region)) {
            atomic_store(&team->have_sleepers, 1);
            sleep_while(&team->regions, region, NULL);
        }
    }
}

static void close_team(void *pointer) {
    struct team *team = pointer;
    atomic_store(&team->is_closing, true);
    set_called(team, team->thread_count);
    call(team);
    for (unsigned i = 0; i < team->thread_count; i++) pthread_join(team->threads[i], NULL);
    free(team->threads);
    free(team);
}

static void make_key(void) { pthread_key_create(&own_team, close_team); }

static void fail(const char *what) {
    fprintf(stderr, "convnet: %s; give the engine fewer threads\n", what);
    abort();
}

static struct team *calling_team(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_key);
    struct team *team = pthread_getspecific(own_team);
    if (team) return team;
    team = aligned_alloc(_Alignof(struct team), sizeof *team);
    if (!team) fail("no memory for a team of threads");
    memset(team, 0, sizeof *team);
    pthread_setspecific(own_team, team);
    return team;
}

// Signals are for the threads that the program has made itself.
static void grow(struct team *team, unsigned count) {
    team->threads = realloc(team->threads, count * sizeof *team->threads);
    if (!team->threads) fail("no memory for a team of threads");
    sigset_t all, former;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &former);
    while (team->thread_count < count) {
        if (pthread_create(&team->threads[team->thread_count], NULL, serve, team) != 0)
            fail("the system does not grant another thread");
        // What top and debuggers show.
        pthread_setname_np(team->threads[team->thread_count], "convnet team");
        team->thread_count++;
    }
    pthread_sigmask(SIG_SETMASK, &former, NULL);
    set_called(team, count);
}

// Calls a thread less from now on, for a while.
static void rest_one(struct team *team, int64_t time) {
    const uint32_t called = atomic_load(&team->called);
    if (called == 0) return;
    const bool is_back = team->rest > 0 && time - team->last_return < at_once;
    team->rest = !is_back ? shortest_rest : team->rest < longest_rest / 4 ? 4 * team->rest : longest_rest;
    team->next_return = time + team->rest;
    team->absent_since = 0;
    set_called(team, called - 1);
}

// Calls a thread more where one has rested for long enough, and the next one only if that does well.
static void end_rest(struct team *team, int64_t time) {
    const uint32_t called = atomic_load(&team->called);
    if (called == team->thread_count || time < team->next_return) return;
    team->last_return = time;
    team->next_return = time + stalls_apart;
    set_called(team, called + 1);
}

// Has the threads run on other processors than the caller. Linux wakes a thread where it ran last if it finds no other
// processor idle at that moment; there it waits for the caller, which waits for it, until the next tick.
static void part_ways(struct team *team) {
    cpu_set_t others;
    const int own = sched_getcpu();
    if (own < 0 || sched_getaffinity(0, sizeof others, &others) != 0) return;
    CPU_CLR(own, &others);
    if (CPU_COUNT(&others) == 0) return;
    for (unsigned i = 0; i < team->thread_count; i++) pthread_setaffinity_np(team->threads[i], sizeof others, &others);
}

static void mind_absence(struct team *team, int64_t time) {
    if (team->absent_since == 0) {
        team->absent_since = time;
        team->has_parted = false;
    } else if (time - team->absent_since > longest_absence) {
        rest_one(team, time);
    } else if (!team->has_parted && time - team->absent_since > short_absence) {
        part_ways(team);
        team->has_parted = true;
    }
}

static void mind_stall(struct team *team, int64_t time) {
    const bool is_shared = time - team->last_stall < stalls_apart || time - team->last_return < stalls_apart;
    team->last_stall = time;
    if (is_shared) rest_one(team, time);
}

// Waits until all parts have ended; returns for how long.
static int64_t wait_for_others(struct team *team, uint32_t parts, int64_t start) {
    for (;;) {
        const uint32_t ended = atomic_load(&team->ended);
        if (ended == parts) return now() - start;
        wait_for_change(&team->ended, ended, &team->caller_sleeps);
    }
}

// Does a region, of which the caller does what nobody else begins.
static void run_region(struct team *team, uint32_t parts) {
    const int64_t start = now();
    end_rest(team, start);
    call(team);
    if (work(team) == parts) {
        if (atomic_load(&team->called) > 0) mind_absence(team, start);
        return;
    }
    team->absent_since = 0;
    if (atomic_load(&team->ended) == parts) return;
    const int64_t own_end = now();
    const int64_t wait = wait_for_others(team, parts, own_end);
    if (wait > shortest_stall + (own_end - start)) mind_stall(team, own_end + wait);
}

// The same where parts wait for one another, for which all threads have to come.
static void run_meeting(struct team *team, uint32_t parts) {
    const uint32_t called = atomic_load(&team->called);
    set_called(team, team->thread_count);
    call(team);
    work(team);
    wait_for_others(team, parts, 0);
    set_called(team, called);
}

void cdnn_team_parallel(void (*body)(void *), void *argument, unsigned threads, unsigned flags) {
    (void)flags;
    unsigned parts = threads ? threads : (unsigned)cdnn_team_maximum();
    if (parts > most_parts) parts = most_parts;
    const __typeof__(here) former = here;
    if (parts < 2 || here.is_parallel) {
        // Within a region the calling thread is a team by itself.
        here.team = NULL;
        here.part = 0;
        here.parts = 1;
        body(argument);
        here = former;
        return;
    }
    struct team *team = calling_team();
    if (team->thread_count < parts - 1) grow(team, parts - 1);
    team->body = body;
    team->argument = argument;
    atomic_store_explicit(&team->ended, 0, memory_order_relaxed);
    const uint64_t region = (atomic_load_explicit(&team->next, memory_order_relaxed) >> (2 * part_bits)) + 1;
    atomic_store_explicit(
        &team->next, region << (2 * part_bits) | (uint64_t)parts << part_bits, memory_order_release);
    if (parts_meet) run_meeting(team, parts);
    else run_region(team, parts);
    here = former;
}

void cdnn_team_barrier(void) {
    if (here.team) pass_barrier(here.team);
}

int cdnn_team_thread(void) { return here.part; }
int cdnn_team_size(void) { return here.parts; }
int cdnn_team_is_parallel(void) { return here.is_parallel; }

int cdnn_team_maximum(void) {
    if (maximum > 0) return maximum;
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

void cdnn_team_set_maximum(int threads) { maximum = threads; }
void cdnn_team_set_meeting(bool meet) { parts_meet = meet; }
#endif
