#if defined(CONVNET_ONEDNN) && defined(__linux__)
// A team of threads that is polite. One that has nothing to do looks for work for some microseconds, then sleeps. The caller
// does parts as well, and never waits for a thread that has not begun one. Where it is kept waiting by threads that have
// begun and are not let run, because other programs want the processors, it takes fewer of them for a while.
//
// Every thread that calls has a team of its own, as with OpenMP. A region has parts, numbered as OpenMP numbers threads;
// which thread does which part changes nothing in the results. Where parts wait for one another, each needs a thread of its
// own: all threads are called then, and one takes a second part only after its first has ended.
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
    patience = 50000,
    // A wait that is so much longer than the caller's own parts took is a stall: a thread that began a part has to wait for
    // another program's time slice, of a millisecond or more. What stalls cost is forgotten in some time; so much in it
    // says that the machine is shared. Alone some ten a second come, of about a millisecond.
    shortest_stall = 300000,
    stalls_fade = 20000000,
    most_stalls = 5000000,
    // So does work of that much that nobody else began a part of, where it is of no use that they leave the caller's
    // processor; regions further apart are looked at by themselves.
    short_absence = 100000,
    longest_absence = 2500000,
    longest_pause = 100000,
    // A thread less is called then for a while, and for four times as long whenever the trouble comes again soon.
    shortest_rest = 4000000,
    longest_rest = 2048000000,
    again = 30000000,
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
    _Atomic uint32_t sleepers;
    _Atomic bool is_closing;
    // How many threads are called to regions: those with smaller numbers, which they take when they start. The others rest.
    _Alignas(64) _Atomic uint32_t called;
    _Atomic uint32_t started;
    // Parts that have ended; the caller waits for the last.
    _Alignas(64) _Atomic uint32_t ended;
    _Atomic uint32_t waiting_callers;
    // Of the barrier: parts that have arrived, and how often all have.
    _Alignas(64) _Atomic uint32_t arrived;
    _Atomic uint32_t passed;
    _Atomic uint32_t barrier_sleepers;

    pthread_t *threads;
    unsigned thread_count;

    // What stalls have cost lately, and when the last one was.
    int64_t stalls, last_stall;
    // For how long the caller has worked alone while others were called, and until when.
    int64_t absence, last_absence;
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

static void wake(_Atomic uint32_t *word, int count) { syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0); }

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

// Sleeps until the word has changed. Only who sleeps changes the number of sleepers: a flag that was taken back by who wakes
// could be one that somebody has just set.
static void sleep_until_change(_Atomic uint32_t *word, uint32_t value, _Atomic uint32_t *sleepers) {
    atomic_fetch_add(sleepers, 1);
    while (atomic_load(word) == value) sleep_while(word, value, NULL);
    atomic_fetch_sub(sleepers, 1);
}

// Who changes the word must call `changed` then.
static void wait_for_change(_Atomic uint32_t *word, uint32_t value, _Atomic uint32_t *sleepers) {
    if (!changes_soon(word, value)) sleep_until_change(word, value, sleepers);
}

// Wakes so many of those that wait for it.
static void changed(_Atomic uint32_t *word, _Atomic uint32_t *sleepers, int count) {
    if (atomic_load(sleepers)) wake(word, count);
}

// Has so many of those that are called look for parts.
static void call(struct team *team, int count) {
    atomic_fetch_add(&team->regions, 1);
    changed(&team->regions, &team->sleepers, count);
}

// How many are called from now on; wakes those that have rested and need not any more.
static void set_called(struct team *team, uint32_t count) {
    const uint32_t former = atomic_exchange(&team->called, count);
    if (count > former) wake(&team->called, INT_MAX);
}

// Waits for all parts to come here, those too that nobody has begun.
static void pass_barrier(struct team *team) {
    const uint32_t passed = atomic_load(&team->passed);
    if (atomic_fetch_add(&team->arrived, 1) + 1 == (uint32_t)here.parts) {
        atomic_store(&team->arrived, 0);
        atomic_store(&team->passed, passed + 1);
        changed(&team->passed, &team->barrier_sleepers, INT_MAX);
    } else if (!changes_soon(&team->passed, passed)) {
        set_called(team, team->thread_count);
        wake(&team->regions, INT_MAX);
        sleep_until_change(&team->passed, passed, &team->barrier_sleepers);
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
        if (atomic_fetch_add(&team->ended, 1) + 1 == (uint32_t)parts)
            changed(&team->ended, &team->waiting_callers, 1);
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
            // Once only: after a barrier's wake-up without a new region there may be parts, too.
            atomic_fetch_add(&team->sleepers, 1);
            sleep_while(&team->regions, region, NULL);
            atomic_fetch_sub(&team->sleepers, 1);
        }
    }
}

static void close_team(void *pointer) {
    struct team *team = pointer;
    atomic_store(&team->is_closing, true);
    set_called(team, team->thread_count);
    call(team, INT_MAX);
    for (unsigned i = 0; i < team->thread_count; i++) pthread_join(team->threads[i], NULL);
    free(team->threads);
    free(team);
}

static void fail(const char *what) {
    fprintf(stderr, "convnet: %s\n", what);
    abort();
}

// A child has none of the threads.
static void forget_team(void) { pthread_setspecific(own_team, NULL); }

static void make_key(void) {
    if (pthread_key_create(&own_team, close_team) != 0) fail("the system has no place for a team of threads");
    pthread_atfork(NULL, NULL, forget_team);
}

static struct team *calling_team(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_key);
    struct team *team = pthread_getspecific(own_team);
    if (team) return team;
    team = aligned_alloc(_Alignof(struct team), sizeof *team);
    if (!team) fail("no memory for a team of threads");
    memset(team, 0, sizeof *team);
    if (pthread_setspecific(own_team, team) != 0) fail("no memory for a team of threads");
    return team;
}

// Where the system does not grant as many, those that there are do the work.
static void grow(struct team *team, unsigned count) {
    pthread_t *threads = realloc(team->threads, count * sizeof *team->threads);
    if (!threads) return;
    team->threads = threads;
    // Signals are for the threads that the program has made itself, but for those that a fault raises.
    static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT};
    sigset_t blocked, former;
    sigfillset(&blocked);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) sigdelset(&blocked, faults[i]);
    pthread_sigmask(SIG_SETMASK, &blocked, &former);
    while (team->thread_count < count) {
        pthread_t *thread = &team->threads[team->thread_count];
        if (pthread_create(thread, NULL, serve, team) != 0) break;
        // What top and debuggers show.
        pthread_setname_np(*thread, "convnet team");
        team->thread_count++;
    }
    pthread_sigmask(SIG_SETMASK, &former, NULL);
    set_called(team, team->thread_count);
}

// Calls a thread less from now on, for a while.
static void rest_one(struct team *team, int64_t time) {
    const uint32_t called = atomic_load(&team->called);
    if (called == 0) return;
    const bool is_again = team->rest > 0 && time - team->last_return < again;
    team->rest = !is_again ? shortest_rest : team->rest < longest_rest / 4 ? 4 * team->rest : longest_rest;
    team->next_return = time + team->rest;
    team->absence = team->stalls = 0;
    set_called(team, called - 1);
}

// Calls a thread more where one has rested for long enough, or twice as many, and the next ones only if that does well.
static void end_rest(struct team *team, int64_t time) {
    const uint32_t called = atomic_load(&team->called);
    if (called == team->thread_count || time < team->next_return) return;
    team->last_return = time;
    team->next_return = time + stalls_fade;
    const uint32_t more = called ? 2 * called : 1;
    set_called(team, more < team->thread_count ? more : team->thread_count);
}

// Has the threads leave the caller's processor. Linux wakes a thread where it ran last if it finds no other processor idle at
// that moment; there it waits for the caller, which waits for it, until the next tick.
static void leave_callers_processor(struct team *team) {
    const int own = sched_getcpu();
    if (own < 0) return;
    for (unsigned i = 0; i < team->thread_count; i++) {
        cpu_set_t all, others;
        if (pthread_getaffinity_np(team->threads[i], sizeof all, &all) != 0) continue;
        others = all;
        CPU_CLR(own, &others);
        if (CPU_COUNT(&others) == 0) continue;
        // The first moves it at once, and afterwards it may go where it could before.
        pthread_setaffinity_np(team->threads[i], sizeof others, &others);
        pthread_setaffinity_np(team->threads[i], sizeof all, &all);
    }
}

// What a region that the caller did alone says, which took that long.
static void mind_absence(struct team *team, int64_t start, int64_t end) {
    // Threads that sleep need some time to come, so a region after a pause says nothing of those before it.
    if (start - team->last_absence > longest_pause) team->absence = 0;
    const int64_t before = team->absence;
    team->absence += end - start;
    team->last_absence = end;
    if (team->absence > longest_absence) rest_one(team, end);
    else if (before <= short_absence && team->absence > short_absence) leave_callers_processor(team);
}

// What a wait says that took so much longer than the caller's own parts: with a thread less, it had been that much faster.
static void mind_stall(struct team *team, int64_t loss, int64_t time) {
    const int64_t gap = time - team->last_stall;
    team->stalls = gap < stalls_fade ? team->stalls - team->stalls * gap / stalls_fade : 0;
    team->stalls += loss;
    team->last_stall = time;
    const bool has_just_returned = time - team->last_return < stalls_fade;
    if (team->stalls > (has_just_returned ? most_stalls / 2 : most_stalls)) rest_one(team, time);
}

// Waits until all parts have ended.
static void wait_for_others(struct team *team, uint32_t parts) {
    uint32_t ended;
    while ((ended = atomic_load(&team->ended)) != parts)
        wait_for_change(&team->ended, ended, &team->waiting_callers);
}

// Does a region, of which the caller does what nobody else begins.
static void run_region(struct team *team, uint32_t parts) {
    const int64_t start = now();
    end_rest(team, start);
    call(team, (int)parts - 1);
    if (work(team) == parts) {
        if (atomic_load(&team->called) > 0) mind_absence(team, start, now());
        return;
    }
    team->absence = 0;
    if (atomic_load(&team->ended) == parts) return;
    const int64_t own_end = now();
    wait_for_others(team, parts);
    const int64_t end = now(), loss = (end - own_end) - (own_end - start);
    if (loss > shortest_stall) mind_stall(team, loss, end);
}

// The same where parts wait for one another. There are enough threads: who sets a number has started them, and the library asks
// for no more than were set when a primitive was made.
static void run_meeting(struct team *team, uint32_t parts) {
    if (team->thread_count < parts - 1) fail("parts that wait for one another have too few threads");
    const uint32_t called = atomic_load(&team->called);
    set_called(team, team->thread_count);
    call(team, INT_MAX);
    work(team);
    wait_for_others(team, parts);
    team->absence = 0;
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

int cdnn_team_start(int threads) {
    if (threads < 2) return threads;
    struct team *team = calling_team();
    const unsigned others = (unsigned)(threads > most_parts ? most_parts : threads) - 1;
    if (team->thread_count < others) grow(team, others);
    return team->thread_count < others ? (int)team->thread_count + 1 : threads;
}

void cdnn_team_set_meeting(bool meet) { parts_meet = meet; }
#endif
