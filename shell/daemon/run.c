/* SPDX-License-Identifier: BSD-2-Clause */
/* From ready to stopped. */
#include "daemon.h"

#include "internal.h"

#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

static void tell(const log_sink *log, log_level level, const char *name,
                 const log_value *value)
{
    const log_event event = { .level = level,
                              .name = name,
                              .values = value,
                              .count = value != NULL ? 1 : 0 };

    log_write(log, &event);
}

static int crew = -1;

void daemon__join(int fd)
{
    crew = fd;
}

/* One of several: those who asked for it hear that it is ready. */
static int run_in_crew(loop *l)
{
    const char ready = 1;

    if (write(crew, &ready, 1) != 1) {
        return DAEMON_IO;
    }
    (void)close(crew);
    crew = -1;
    loop_run(l);
    return DAEMON_DONE;
}

int daemon_run(const daemon_program *p, const log_sink *log, loop *l)
{
    const log_value version = log_string("version", p->version);

    if (!loop_stop_on_signals(l)) {
        const log_value why = log_string("why", "signals cannot be watched");
        tell(log, LOG_LEVEL_ERROR, "daemon.start", &why);
        return DAEMON_IO;
    }
    if (crew >= 0) {
        return run_in_crew(l);
    }
    tell(log, LOG_LEVEL_NOTICE, "daemon.ready", &version);
    /* Without a service manager these two do nothing. */
    sd_notify(0, "READY=1");
    loop_run(l);
    sd_notify(0, "STOPPING=1");
    const char *name = loop_signal(l) != 0 ? strsignal(loop_signal(l)) : NULL;
    const log_value why = log_string("why", name != NULL ? name : "asked to");
    tell(log, LOG_LEVEL_NOTICE, "daemon.stop", &why);
    return DAEMON_DONE;
}
