/* SPDX-License-Identifier: BSD-2-Clause */
/* What was counted, as a resource and as an event of the log. */
#include "proxy.h"

#include <inttypes.h>
#include <status.h>
#include <stdio.h>
#include <string.h>
#include <system_address.h>

#define CODE(class_, detail) ((uint8_t)COVEY_COAP_CODE(class_, detail))

/* Why requests are refused, covey-proxy(8) says which is what. */
/* clang-format off */
static const struct {
    uint8_t code;
    const char *name;
    const char *section;
} reasons[METRICS_REASONS] = {
    { CODE(4, 0),  "refused_4_00",  "draft-tiloca-core-groupcomm-proxy-01" },
    { CODE(4, 1),  "refused_4_01",  "draft-tiloca-core-groupcomm-proxy-01" },
    { CODE(4, 2),  "refused_4_02",  "RFC 7252 Section 5.7.1" },
    { CODE(4, 8),  "refused_4_08",  "RFC 7959 Section 2.9.2" },
    { CODE(4, 13), "refused_4_13",  "RFC 7959 Section 2.9.3" },
    { CODE(4, 29), "refused_4_29",  "RFC 8516 Section 3" },
    { CODE(5, 1),  "refused_5_01",  "RFC 7252 Section 5.9.3.2" },
    { CODE(5, 2),  "refused_5_02",  "RFC 7252 Section 5.9.3.3" },
    { CODE(5, 3),  "refused_5_03",  "RFC 7252 Section 5.9.3.4" },
    { CODE(5, 4),  "refused_5_04",  "RFC 7252 Section 5.9.3.5" },
    { CODE(5, 5),  "refused_5_05",  "RFC 7252 Section 5.9.3.6" },
    { CODE(5, 8),  "refused_5_08",  "RFC 8768 Section 3" },
    { CODE(5, 0),  "refused_5_00",  "RFC 7252 Section 5.9.3.1" },
    { 0,           "refused_other", NULL },
};
/* clang-format on */

enum {
    FIXED = 10,
    ALL = FIXED + METRICS_REASONS
};

static void tell_refused(const struct proxy *p, uint8_t code,
                         const char *section, const covey_address *from,
                         const char *why)
{
    char text[8];
    char address[ADDRESS_TEXT_MAX];

    snprintf(text, sizeof text, "%u.%02u", (unsigned)code >> 5, code & 31u);
    const log_value values[] = {
        log_string("from", address_text(from, address)),
        log_string("code", text),
        log_string("why", why),
    };
    const log_event event = { .level = LOG_LEVEL_INFO,
                              .name = "request.refused",
                              .section = section,
                              .values = values,
                              .count = sizeof values / sizeof values[0] };

    log_write(p->owner.log, &event);
}

void metrics_refused(struct proxy *p, uint8_t code, const covey_address *from,
                     const char *why)
{
    size_t i = 0;

    while (i < METRICS_REASONS - 1 && reasons[i].code != code) {
        i++;
    }
    p->counters.refused++;
    p->counters.reasons[i]++;
    if (log_wants(p->owner.log, LOG_LEVEL_INFO)) {
        tell_refused(p, code, reasons[i].section, from, why);
    }
}

/* Counters with a name each. Requests that did not open or were replays, and
 * answers nobody asked for, are counted where that is seen. */
static const struct {
    const char *name;
    const char *figure; /* of covey-status(7) */
    const char *help;
} counts[FIXED] = {
    { "requests", "covey_proxy_requests_total", "Requests that went on." },
    { "group_requests", "covey_proxy_group_requests_total",
      "Those of them to groups." },
    { "answers", "covey_proxy_answers_total", "Answers that were forwarded." },
    { "refused", NULL, NULL },  /* by code */
    { "unopened", NULL, NULL }, /* by reason, of all daemons */
    { "late", "covey_proxy_late_total", "Answers that came too late." },
    { "unwanted", NULL, NULL },
    { "surplus", "covey_proxy_surplus_total", "Answers beyond the limit." },
    { "dropped", "covey_proxy_dropped_total",
      "Answers that could not leave." },
    { "stopped", "covey_proxy_stopped_total",
      "Requests that their client ended." },
};

static void count(const struct proxy *p, uint64_t values[FIXED])
{
    const struct proxy_counters *c = &p->counters;
    uint64_t unwanted = 0;
    uint64_t unopened = 0;

    for (size_t i = 0; i < PROXY_FAR; i++) {
        unwanted += p->far[i].endpoint.counters.unwanted;
    }
    for (size_t i = 0; i < p->near_count; i++) {
        unwanted += p->near[i].endpoint.counters.unwanted;
        unopened += p->near[i].endpoint.counters.refused;
    }
    const uint64_t all[FIXED] = { c->requests, c->group_requests, c->answers,
                                  c->refused,  unopened,          c->late,
                                  unwanted,    c->surplus,        c->dropped,
                                  c->stopped };
    memcpy(values, all, sizeof all);
}

static void gather(const struct proxy *p, log_value all[ALL])
{
    uint64_t values[FIXED];

    count(p, values);
    for (size_t i = 0; i < FIXED; i++) {
        all[i] = log_number(counts[i].name, values[i]);
    }
    for (size_t i = 0; i < METRICS_REASONS; i++) {
        all[FIXED + i] = log_number(reasons[i].name, p->counters.reasons[i]);
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
    uint64_t values[FIXED];

    count(p, values);
    for (size_t i = 0; i < FIXED; i++) {
        if (counts[i].figure != NULL) {
            const status_figure f = { .name = counts[i].figure,
                                      .help = counts[i].help,
                                      .counter = true,
                                      .value = (double)values[i] };
            status_figure_add(all, &f);
        }
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
