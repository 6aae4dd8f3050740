/* SPDX-License-Identifier: BSD-2-Clause */
#include "request_progress.h"

#include <stdio.h>
#include <unistd.h>

enum {
    WIDTH = 40,
    PERIOD = 100, /* ms between two drawings */
    CLEAR = 79
};

static void draw(uint64_t done, uint64_t total)
{
    char bar[WIDTH + 1];
    const uint64_t filled = total > 0 ? done * WIDTH / total : 0;

    if (total == 0 || done > total) {
        fprintf(stderr, "\r%llu bytes", (unsigned long long)done);
        return;
    }
    for (unsigned i = 0; i < WIDTH; i++) {
        bar[i] = '.';
        if (i < filled) {
            bar[i] = '#';
        }
    }
    bar[WIDTH] = '\0';
    fprintf(stderr, "\r[%s] %3llu %% of %llu bytes", bar,
            (unsigned long long)(done * 100 / total),
            (unsigned long long)total);
}

void request_progress_show(struct request_progress *p, uint64_t done,
                           uint64_t total, uint64_t now)
{
    if (isatty(STDERR_FILENO) == 0 || (p->shown && now - p->last < PERIOD)) {
        return;
    }
    draw(done, total);
    p->shown = true;
    p->last = now;
}

void request_progress_end(struct request_progress *p)
{
    if (p->shown) {
        fprintf(stderr, "\r%*s\r", CLEAR, "");
    }
    p->shown = false;
}
