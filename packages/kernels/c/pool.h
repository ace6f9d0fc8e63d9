/* A few threads that share the tasks of one kernel.
 *
 * Tasks are taken one by one in their order; what a task computes depends on its number
 * alone, never on the thread, so that a result is the same whoever did what. */
#ifndef PEBBLE_POOL_H
#define PEBBLE_POOL_H

#include <stdint.h>

typedef void (*pool_task)(void *context, int64_t task);

/* Run task 0 to count - 1, on this thread and on helpers, and return when all are done.
 * A caller that finds the helpers taken, by another Python thread, does all by itself.
 * Helpers that sleep take part only if they are to be woken, which takes longer than small
 * work does; for some microseconds (0.1 ms on x86) after they had work they are still awake. */
void pool_run(pool_task task, void *context, int64_t count, int wake);

/* How many threads take part, the caller's included; at least 1. */
int pool_threads(void);
void pool_set_threads(int threads);

/* To be called once, before anything else. */
void pool_start(void);

#endif
