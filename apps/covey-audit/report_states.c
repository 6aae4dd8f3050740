/* SPDX-License-Identifier: BSD-2-Clause */
/* What scans have found: an act each in the record, a line for each host,
 * protocol and state here. Acts come with rising ports. */
#include "report.h"

#include <stdlib.h>
#include <string.h>

/* "1-3, 80" and one more port. */
static void add_port(json_t *row, int64_t port)
{
    const int64_t first = object_number(row, "first");
    const int64_t last = object_number(row, "last");
    json_t *ranges = json_object_get(row, "ports");
    char text[32];

    const bool any = object_number(row, "count") > 0;

    if (any && port <= last) {
        return; /* asked again, whether it still answers */
    }
    const bool joins = any && port == last + 1;
    const int64_t begin = joins ? first : port;
    if (begin == port) {
        snprintf(text, sizeof text, "%lld", (long long)port);
    } else {
        snprintf(text, sizeof text, "%lld-%lld", (long long)begin,
                 (long long)port);
    }
    if (joins) {
        json_array_set_new(ranges, json_array_size(ranges) - 1,
                           json_string(text));
    } else {
        json_array_append_new(ranges, json_string(text));
    }
    json_object_set_new(row, "first", json_integer(begin));
    json_object_set_new(row, "last", json_integer(port));
    report_add(row, "count", 1);
}

static json_t *row_of(json_t *all, const json_t *act, const char *host)
{
    const char *const values[] = { object_text(act, "check"), host,
                                   object_text(act, "protocol"),
                                   object_text(act, "state") };
    static const char *const names[] = { "check", "target", "protocol",
                                         "state" };

    for (size_t i = 0; i < json_array_size(all); i++) {
        json_t *row = json_array_get(all, i);
        size_t same = 0;
        for (size_t n = 0; n < 4; n++) {
            same += strcmp(object_text(row, names[n]), values[n]) == 0 ? 1 : 0;
        }
        if (same == 4) {
            return row;
        }
    }
    json_t *row =
        json_pack("{s:s, s:s, s:s, s:s, s:i, s:[]}", names[0], values[0],
                  names[1], values[1], names[2], values[2], names[3],
                  values[3], "count", 0, "ports");
    json_array_append_new(all, row);
    return row;
}

json_t *report_states(const json_t *acts)
{
    json_t *all = json_array();
    char host[128];

    for (size_t i = 0; i < json_array_size(acts); i++) {
        const json_t *act = json_array_get(acts, i);
        const char *target = object_text(act, "target");
        const char *colon = strrchr(target, ':');
        if (object_text(act, "state")[0] == '\0' || colon == NULL) {
            continue;
        }
        snprintf(host, sizeof host, "%.*s", (int)(colon - target), target);
        add_port(row_of(all, act, host), strtol(colon + 1, NULL, 10));
    }
    for (size_t i = 0; i < json_array_size(all); i++) {
        json_object_del(json_array_get(all, i), "first");
        json_object_del(json_array_get(all, i), "last");
    }
    return all;
}
