/* SPDX-License-Identifier: BSD-2-Clause */
/* What ends an audit at once: a withdrawal, an operator who stops it, the end
 * of the window, a clock that was set, a record that cannot be written, a
 * target that fell silent. Everything that waits, waits here. */
#ifndef COVEY_AUDIT_GUARD_H
#define COVEY_AUDIT_GUARD_H

#include <covey/time.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum {
    AUDIT_PATH_MAX = 1024,
    AUDIT_DIGEST_MAX = 65 /* SHA-256 in hex, with its end */
};

/* --- state.c: mandates that are over ------------------------------------- */

/* The folder where it is kept which mandates were withdrawn; `given` is NULL
 * for the usual one. Made if it is not there. False with a message. */
bool audit_state_open(const char *given, char folder[AUDIT_PATH_MAX],
                      FILE *messages);
/* The file whose presence withdraws a mandate for ever (AUD-061). */
bool audit_state_path(const char *folder, const char *id,
                      char path[AUDIT_PATH_MAX]);
/* Durable when it returns true; `how` is "stop", "withdrawal" or "signal". */
bool audit_state_withdraw(const char *folder, const char *id, const char *how,
                          FILE *messages);

/* --- guard.c ------------------------------------------------------------- */

typedef enum audit_stop {
    STOP_NONE = 0,
    STOP_WITHDRAWAL,
    STOP_SIGNAL,
    STOP_EXPIRY,
    STOP_CLOCK,
    STOP_EVIDENCE,
    STOP_SILENCE,
    AUDIT_STOPS
} audit_stop;

typedef struct audit_guard {
    char file[AUDIT_PATH_MAX]; /* see audit_state_path */
    int signals;
    int changes; /* in the folder of that file */
    covey_ms start;
    int64_t start_unix_ms;
    covey_ms deadline; /* the end of the right */
    audit_stop why;
    int64_t when_ms; /* since 1970, when it was noticed */
} audit_guard;

/* False with a message. */
bool guard_open(audit_guard *g, const char *folder, const char *id,
                FILE *messages);
void guard_close(audit_guard *g);

/* Milliseconds of CLOCK_BOOTTIME, and rounded up. */
covey_ms guard_now(void);
covey_ms guard_now_up(void);
/* Since 1970: from the clock at the beginning, and by CLOCK_BOOTTIME from then
 * on, so that a clock that is set back extends no right. */
int64_t guard_unix_ms(const audit_guard *g);
/* The right ends at this second since 1970. */
void guard_until(audit_guard *g, int64_t unix_s);

/* Looks again; STOP_NONE: go on. What once stopped it stays. */
audit_stop guard_check(audit_guard *g);
void guard_stop(audit_guard *g, audit_stop why);
const char *audit_stop_text(audit_stop why);

typedef enum guard_result {
    GUARD_FIRST = 0, /* something to read at the first descriptor */
    GUARD_SECOND,
    GUARD_TIMEOUT,
    GUARD_STOPPED
} guard_result;

/* Waits for either of two descriptors, which may be -1. */
guard_result guard_wait(audit_guard *g, int first, int second, covey_ms until);

#endif
