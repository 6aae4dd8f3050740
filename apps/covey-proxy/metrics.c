/* SPDX-License-Identifier: BSD-2-Clause */
/* What was counted, as a resource and as an event of the log. */
#include "proxy.h"

#include <inttypes.h>
#include <status.h>
#include <stdio.h>

#define CODE(class_, detail) ((uint8_t)COVEY_COAP_CODE(class_, detail))

/* Why requests are refused, covey-proxy(8) says which is what. */
static const struct {
    uint8_t code;
    const char *name;
} reasons[METRICS_REASONS] = {
    { CODE(4, 0), "refused_4_00" },  { CODE(4, 1), "refused_4_01" },
    { CODE(4, 2), "refused_4_02" },  { CODE(4, 8), "refused_4_08" },
    { CODE(4, 13), "refused_4_13" }, { CODE(4, 29), "refused_4_29" },
    { CODE(5, 1), "refused_5_01" },  { CODE(5, 2), "refused_5_02" },
    { CODE(5, 3), "refused_5_03" },  { CODE(5, 4), "refused_5_04" },
    { CODE(5, 5), "refused_5_05" },  { CODE(5, 8), "refused_5_08" },
    { CODE(5, 0), "refused_5_00" },  { 0, "refused_other" },
};

enum {
    FIXED = 10,
    ALL = FIXED + METRICS_REASONS
};

void metrics_refused(struct proxy *p, uint8_t code)
{
    size_t i = 0;

    while (i < METRICS_REASONS - 1 && reasons[i].code != code) {
        i++;
    }
    p->counters.refused++;
    p->counters.reasons[i]++;
}

/* Requests that did not open or were replays, and answers nobody asked for,
 * are counted where that is seen. */
static void gather(const struct proxy *p, log_value all[ALL])
{
    const struct proxy_counters *c = &p->counters;
    uint64_t unwanted = 0;
    uint64_t unopened = 0;
    size_t n = 0;

    for (size_t i = 0; i < PROXY_FAR; i++) {
        unwanted += p->far[i].endpoint.counters.unwanted;
    }
    for (size_t i = 0; i < p->near_count; i++) {
        unwanted += p->near[i].endpoint.counters.unwanted;
        unopened += p->near[i].endpoint.counters.refused;
    }
    all[n++] = log_number("requests", c->requests);
    all[n++] = log_number("group_requests", c->group_requests);
    all[n++] = log_number("answers", c->answers);
    all[n++] = log_number("refused", c->refused);
    all[n++] = log_number("unopened", unopened);
    all[n++] = log_number("late", c->late);
    all[n++] = log_number("unwanted", unwanted);
    all[n++] = log_number("surplus", c->surplus);
    all[n++] = log_number("dropped", c->dropped);
    all[n++] = log_number("stopped", c->stopped);
    for (size_t i = 0; i < METRICS_REASONS; i++) {
        all[n++] = log_number(reasons[i].name, c->reasons[i]);
    }
}

static void measure_reasons(const struct proxy *p, status_figures *all)
{
    for (size_t i = 0; i < METRICS_REASONS; i++) {
        char code[8] = "other";

        if (reasons[i].code != 0) {
            snprintf(code, sizeof code, "%u.%02u",
                     (unsigned)reasons[i].code >> 5, reasons[i].code & 31u);
        }
        status_figure_add(
            all, &(status_figure){ .name = "covey_proxy_refused_total",
                                   .help = "Requests that were refused.",
                                   .label = "code",
                                   .of = code,
                                   .counter = true,
                                   .value = (double)p->counters.reasons[i] });
    }
}

void metrics_measure(const struct proxy *p, status_figures *all)
{
    const struct proxy_counters *c = &p->counters;
    const struct {
        const char *name;
        const char *help;
        uint64_t value;
    } counts[] = {
        { "covey_proxy_requests_total", "Requests that went on.",
          c->requests },
        { "covey_proxy_group_requests_total", "Those of them to groups.",
          c->group_requests },
        { "covey_proxy_answers_total", "Answers that were forwarded.",
          c->answers },
        { "covey_proxy_late_total", "Answers that came too late.", c->late },
        { "covey_proxy_surplus_total", "Answers beyond the limit.",
          c->surplus },
        { "covey_proxy_dropped_total", "Answers that could not leave.",
          c->dropped },
        { "covey_proxy_stopped_total", "Requests that their client ended.",
          c->stopped },
    };

    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        status_figure_add(
            all, &(status_figure){ .name = counts[i].name,
                                   .help = counts[i].help,
                                   .counter = true,
                                   .value = (double)counts[i].value });
    }
    measure_reasons(p, all);
}

void metrics_write(const struct proxy *p, char text[METRICS_MAX])
{
    log_value all[ALL];
    size_t len = 0;

    gather(p, all);
    text[0] = '\0';
    for (size_t i = 0; i < ALL && len < METRICS_MAX; i++) {
        len +=
            (size_t)snprintf(text + len, METRICS_MAX - len, "%s %" PRIu64 "\n",
                             all[i].name, all[i].number);
    }
}

void metrics_tell(void *user)
{
    const struct proxy *p = user;
    log_value all[ALL];
    const log_event event = { .level = LOG_LEVEL_NOTICE,
                              .name = "proxy.counters",
                              .values = all,
                              .count = ALL };

    gather(p, all);
    log_write(p->owner.log, &event);
}
