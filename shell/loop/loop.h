/* SPDX-License-Identifier: BSD-2-Clause */
/* The event loop of the programs: file descriptors, deadlines, signals; libuv
 * below. It brings the clock that the engines of the core are told. */
#ifndef COVEY_SHELL_LOOP_H
#define COVEY_SHELL_LOOP_H

#include <covey/time.h>

typedef struct loop loop;
typedef struct loop_watch loop_watch;
typedef struct loop_alarm loop_alarm;

/* NULL: no memory, or no descriptors left. */
loop *loop_new(void);
/* All watches and alarms end with it. What was ended before, TCP connections
 * for instance, is told so here at the latest. */
void loop_free(loop *l);

/* Runs until loop_stop is called, or nothing is left to wait for. */
void loop_run(loop *l);
/* From a callback: loop_run returns after it. */
void loop_stop(loop *l);
/* SIGINT and SIGTERM stop the loop. False: the system refused. */
bool loop_stop_on_signals(loop *l);
/* The signal that stopped it, 0 if none did. */
int loop_signal(const loop *l);

/* Calls `due` whenever this signal has come, until the loop is freed. It keeps
 * nobody running. False: no memory, or the system refused. */
bool loop_on_signal(loop *l, int number, void (*due)(void *user), void *user);

/* The time now, of a clock that also runs while the system sleeps. */
covey_time loop_now(void);

enum {
    LOOP_READ = 1,
    LOOP_WRITE = 2
};

typedef void loop_ready(void *user, int events);

/* Calls `ready` whenever the descriptor is ready for one of `events`, which
 * may be 0 for now. NULL: no memory, or the system refused. The descriptor
 * must outlive the watch. */
loop_watch *loop_watch_new(loop *l, int fd, int events, loop_ready *ready,
                           void *user);
void loop_watch_set(loop_watch *w, int events);
/* NULL is allowed. */
void loop_watch_end(loop_watch *w);

typedef void loop_due(void *user);

/* An alarm that is not set. */
loop_alarm *loop_alarm_new(loop *l, loop_due *due, void *user);
/* Calls `due` once, not before the deadline; COVEY_NEVER: not at all. A
 * deadline that has passed is due as soon as the loop runs. */
void loop_alarm_set(loop_alarm *a, covey_ms deadline);
void loop_alarm_end(loop_alarm *a);

/* libuv's loop, for what has its own handles there (shell/tcp), which have to
 * be ended before loop_free. */
struct uv_loop_s *loop_native(loop *l);

#endif
