/* SPDX-License-Identifier: BSD-2-Clause */
/* What a daemon shows of itself, covey-status(7): a page for people that
 * follows what happens, the same as JSON, figures for Prometheus, and a word
 * for whoever asks whether it lives. The log is where it learns what happens;
 * the rest the daemon describes when somebody looks. On shell/http. */
#ifndef COVEY_SHELL_STATUS_H
#define COVEY_SHELL_STATUS_H

#include <covey/address.h>
#include <log.h>
#include <loop.h>
#include <refused.h>

#include <jansson.h>

enum {
    STATUS_EVENTS = 100, /* of the log that are kept */
    STATUS_RATE = 50,    /* events a second that are told at once */
    STATUS_PORT = 5689
};

/* A figure with a name by the conventions of Prometheus; a counter's ends
 * with "_total". Of the same name, one after the other: those of different
 * labels. The strings live until the figures have been written. */
typedef struct status_figure {
    const char *name;
    const char *help;
    const char *label; /* NULL: none */
    const char *of;    /* the label's value; copied */
    bool counter;
    double value;
} status_figure;

typedef struct status_figures status_figures;
void status_figure_add(status_figures *all, const status_figure *figure);
/* Without a label, and it may become less. */
void status_gauge(status_figures *all, const char *name, const char *help,
                  double value);
/* It counts, and has at most one label. */
void status_count(status_figures *all, const status_figure *named,
                  uint64_t value);
/* covey_messages_refused_total. */
void status_measure_refused(status_figures *all, const refused_count *count);

/* Who is described. All of it is kept. */
typedef struct status_source {
    const char *program; /* "covey-server" */
    const char *version;
    /* Puts members into the object of covey-status(7). */
    void (*describe)(json_t *root, void *user);
    void (*measure)(status_figures *all, void *user);
    void *user;
} status_source;

/* "requester", "responder"...: a list of COVEY_GROUP_* as words. */
json_t *status_roles(uint8_t roles);
/* An ID or a Gid as hex digits. */
json_t *status_hex(covey_bytes bytes);

/* Unix time in seconds, with what is below one. */
double status_now(void);

typedef struct status_page status_page;

/* Serves while the loop runs, and takes the tap of `log`, which is kept; where
 * `local` has no family *page stays NULL, and nobody sees anything. False: the
 * log says why. `page` NULL: there was no memory for it, which is told. */
bool status_open(status_page **page, loop *l, const covey_address *local,
                 log_sink *log, const status_source *source);
/* Of other processes of the daemon: an event as a line (log.h), which is kept
 * and told, and how many there were, told or not. */
void status_tell(status_page *s, const char *line);
void status_add(status_page *s, log_level level, uint64_t count);
/* Gives the tap back. NULL is allowed. */
void status_close(status_page *s);

#endif
