/* SPDX-License-Identifier: BSD-2-Clause */
/* Pages for those who look at a daemon with a browser, or count with another
 * program: GET and HEAD only (RFC 9110), and a stream of events for as long as
 * somebody listens. On shell/loop; libmicrohttpd below.
 *
 * Nobody from another site gets an answer: a request must name this host by
 * an address or as localhost, so that a name that is made to point here does
 * not open the pages to the page that made it. Nothing is ever changed by a
 * request. */
#ifndef COVEY_SHELL_HTTP_H
#define COVEY_SHELL_HTTP_H

#include <covey/address.h>
#include <covey/bytes.h>
#include <loop.h>

#include <stdio.h>

enum {
    HTTP_CONNECTIONS = 64,   /* at a time, of them */
    HTTP_LISTENERS = 16,     /* that get events */
    HTTP_EVENT_BACKLOG = 32, /* events that wait for one that does not read:
                                then it is disconnected */
    HTTP_EVENT_MAX = 4096,   /* bytes of one */
    HTTP_ERROR_MAX = 256
};

/* What one path has: a body, or what `write` writes for each request. */
typedef struct http_page {
    const char *path;        /* "/metrics" */
    const char *type;        /* "text/plain; charset=utf-8" */
    const covey_bytes *body; /* NULL: see `write` */
    void (*write)(FILE *out, void *user);
} http_page;

typedef struct http http;

typedef struct http_options {
    covey_address local; /* port 0: the system chooses */
    const http_page *pages;
    size_t count;       /* kept, as the pages are */
    void *user;         /* of write */
    const char *events; /* the path of the stream; NULL: there is none */
} http_options;

/* Answers while the loop runs. NULL with a sentence in `error`. */
http *http_open(loop *l, const http_options *options,
                char error[HTTP_ERROR_MAX]);
/* NULL is allowed. Before the loop is freed. */
void http_close(http *h);
/* As bound. */
covey_address http_local(const http *h);

/* Tells all who listen: `data` is one line, longer ones than HTTP_EVENT_MAX
 * are not sent (HTML, server-sent events). */
void http_event(http *h, const char *name, const char *data);

#endif
