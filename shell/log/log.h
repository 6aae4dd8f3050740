/* SPDX-License-Identifier: BSD-2-Clause */
/* What daemons tell: one line per event, with the event's name, the section of
 * the standard that it is about, and its values; as text or as JSON. Values
 * are escaped, so that nobody from outside can write lines of their own;
 * secrets are not given to it. */
#ifndef COVEY_SHELL_LOG_H
#define COVEY_SHELL_LOG_H

#include <covey/bytes.h>

#include <stdio.h>

/* With the numbers of syslog (RFC 5424 Section 6.2.1). */
typedef enum log_level {
    LOG_LEVEL_ERROR = 3,
    LOG_LEVEL_WARNING = 4,
    LOG_LEVEL_NOTICE = 5,
    LOG_LEVEL_INFO = 6,
    LOG_LEVEL_DEBUG = 7
} log_level;

typedef enum log_format {
    LOG_TEXT,    /* 2026-11-22T04:05:06.789Z warning event section k=v */
    LOG_JOURNAL, /* <4>event section k=v: the journal has the time */
    LOG_JSON     /* one object per line */
} log_format;

/* Somebody who also wants to know: `line` is the event in LOG_JSON. */
typedef void log_tap(void *user, log_level level, const char *name,
                     const char *line);

typedef struct log_sink {
    FILE *out;
    log_format format;
    log_level level; /* nothing that is less important */
    log_tap *tap;    /* NULL: nobody; gets all but LOG_LEVEL_DEBUG */
    void *tap_user;
} log_sink;

/* Text to standard error; for the journal if the service manager reads it
 * (JOURNAL_STREAM). */
log_sink log_to_stderr(log_level level);
/* "error", "warning", ... as a word of the command line or a configuration. */
bool log_level_of(const char *word, log_level *out);
const char *log_level_name(log_level level);

/* One value of an event. */
typedef struct log_value {
    const char *name;
    enum {
        LOG_STRING,
        LOG_NUMBER,
        LOG_HEX
    } kind;
    const char *string;
    uint64_t number;
    covey_bytes bytes;
} log_value;

log_value log_string(const char *name, const char *value);
log_value log_number(const char *name, uint64_t value);
log_value log_hex(const char *name, covey_bytes value);

typedef struct log_event {
    log_level level;
    const char *name;    /* "oscore.replay"; a constant */
    const char *section; /* "RFC 8613 7.4"; NULL: none */
    const log_value *values;
    size_t count;
} log_event;

/* Whether anybody wants to know events of this level: what costs more than
 * its line is not worked out otherwise. */
bool log_wants(const log_sink *sink, log_level level);
/* One line, written at once. */
void log_write(const log_sink *sink, const log_event *event);

#endif
