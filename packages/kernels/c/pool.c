#if defined(__linux__)
#define _GNU_SOURCE /* sched_getaffinity */
#endif
#include "pool.h"

#if defined(_WIN32)

/* One thread there, for now. */
void pool_run(pool_task task, void *context, int64_t count, int wake) {
    (void)wake;
    for (int64_t i = 0; i < count; i++)
        task(context, i);
}
int pool_threads(void) { return 1; }
void pool_set_threads(int threads) { (void)threads; }
void pool_start(void) {}

#else

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

enum { MOST = 64, LOOKS = 8000 }; /* helpers; looks for work before one goes to sleep */

/* What is being done. `lock` guards all but what is atomic, which is read without. */
static struct {
    pthread_mutex_t caller; /* held by whoever's work the helpers do */
    pthread_mutex_t lock;
    pthread_cond_t work, done;
    pool_task task;
    void *context;
    int64_t count;
    atomic_long next;   /* the task to be taken next */
    atomic_long round;  /* grows by one with each call */
    int open;           /* how many helpers may still join */
    atomic_int busy;    /* helpers that have joined */
    int asleep, helpers;
    atomic_int threads;
} pool = {
    .caller = PTHREAD_MUTEX_INITIALIZER,
    .lock = PTHREAD_MUTEX_INITIALIZER,
    .work = PTHREAD_COND_INITIALIZER,
    .done = PTHREAD_COND_INITIALIZER,
    .threads = 1,
};

static inline void wait_a_little(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ __volatile__("yield");
#endif
}

static void take_tasks(pool_task task, void *context, int64_t count) {
    for (;;) {
        int64_t i = atomic_fetch_add(&pool.next, 1);
        if (i >= count)
            return;
        task(context, i);
    }
}

static void *helper(void *unused) {
    long seen = 0;
    (void)unused;
#if defined(__linux__)
    pthread_setname_np(pthread_self(), "pebblegrad");
#endif
    for (;;) {
        for (int i = 0; i < LOOKS && atomic_load(&pool.round) == seen; i++)
            wait_a_little();
        pthread_mutex_lock(&pool.lock);
        while (atomic_load(&pool.round) == seen) {
            pool.asleep++;
            pthread_cond_wait(&pool.work, &pool.lock);
            pool.asleep--;
        }
        seen = atomic_load(&pool.round);
        if (!pool.open) {
            pthread_mutex_unlock(&pool.lock);
            continue;
        }
        pool.open--;
        atomic_fetch_add(&pool.busy, 1);
        pool_task task = pool.task;
        void *context = pool.context;
        int64_t count = pool.count;
        pthread_mutex_unlock(&pool.lock);
        take_tasks(task, context, count);
        pthread_mutex_lock(&pool.lock);
        if (atomic_fetch_sub(&pool.busy, 1) == 1)
            pthread_cond_signal(&pool.done);
        pthread_mutex_unlock(&pool.lock);
    }
    return NULL;
}

/* Start the helpers that are lacking; with `lock` held. */
static void hire(void) {
    while (pool.helpers < pool.threads - 1) {
        pthread_t thread;
        pthread_attr_t detached;
        pthread_attr_init(&detached);
        pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
        int failed = pthread_create(&thread, &detached, helper, NULL);
        pthread_attr_destroy(&detached);
        if (failed)
            return; /* fewer, then */
        pool.helpers++;
    }
}

void pool_run(pool_task task, void *context, int64_t count, int wake) {
    if (count <= 1 || pool.threads == 1 || pthread_mutex_trylock(&pool.caller)) {
        for (int64_t i = 0; i < count; i++)
            task(context, i);
        return;
    }
    pthread_mutex_lock(&pool.lock);
    if (wake)
        hire();
    pool.task = task;
    pool.context = context;
    pool.count = count;
    pool.open = pool.threads - 1;
    atomic_store(&pool.next, 0);
    atomic_fetch_add(&pool.round, 1);
    if (pool.asleep && wake)
        pthread_cond_broadcast(&pool.work);
    pthread_mutex_unlock(&pool.lock);

    take_tasks(task, context, count);

    pthread_mutex_lock(&pool.lock);
    pool.open = 0; /* who comes only now need not be waited for */
    pthread_mutex_unlock(&pool.lock);
    for (int i = 0; i < LOOKS && atomic_load(&pool.busy); i++)
        wait_a_little();
    pthread_mutex_lock(&pool.lock);
    while (atomic_load(&pool.busy))
        pthread_cond_wait(&pool.done, &pool.lock);
    pthread_mutex_unlock(&pool.lock);
    pthread_mutex_unlock(&pool.caller);
}

int pool_threads(void) { return pool.threads; }

void pool_set_threads(int threads) {
    atomic_store(&pool.threads, threads < 1 ? 1 : threads > MOST ? MOST : threads);
}

/* A fork takes no helpers along: the child begins without any. */
static void before_fork(void) {
    pthread_mutex_lock(&pool.caller);
    pthread_mutex_lock(&pool.lock);
}
static void after_fork(void) {
    pthread_mutex_unlock(&pool.lock);
    pthread_mutex_unlock(&pool.caller);
}
static void in_child(void) {
    pthread_mutex_init(&pool.caller, NULL);
    pthread_mutex_init(&pool.lock, NULL);
    pthread_cond_init(&pool.work, NULL);
    pthread_cond_init(&pool.done, NULL);
    pool.helpers = pool.asleep = pool.open = 0;
    atomic_store(&pool.busy, 0);
}

void pool_start(void) {
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
#if defined(__linux__)
    cpu_set_t mine;
    if (!sched_getaffinity(0, sizeof mine, &mine))
        cores = CPU_COUNT(&mine);
#endif
    pool_set_threads(cores < 1 ? 1 : cores > 16 ? 16 : (int)cores);
    pthread_atfork(before_fork, after_fork, in_child);
}

#endif
