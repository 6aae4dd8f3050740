/* SPDX-License-Identifier: BSD-2-Clause */
/* What is told of what has been done: lines of the log, and rows of the audit
 * log in the store. The rows of a batch are part of its transaction: nothing
 * is done that is not there. Never secrets; addresses of nodes only in the
 * log. */
#include "gm.h"

#include <stdio.h>
#include <string.h>
#include <system_address.h>

enum {
    TEXT_MAX = 96
};

/* clang-format off */
static const struct {
    const char *event; /* in the log */
    const char *what;  /* in the store */
} deeds[] = {
    [COVEY_MANAGER_DID_JOIN] =       { "gm.join",       "join" },
    [COVEY_MANAGER_DID_REJOIN] =     { "gm.rejoin",     "rejoin" },
    [COVEY_MANAGER_DID_LEAVE] =      { "gm.leave",      "leave" },
    [COVEY_MANAGER_DID_EVICT] =      { "gm.evict",      "evict" },
    [COVEY_MANAGER_DID_CREDENTIAL] = { "gm.credential", "credential" },
    [COVEY_MANAGER_DID_SENDER_ID] =  { "gm.sender_id",  "sender_id" },
    [COVEY_MANAGER_DID_REKEY] =      { "gm.rekey",      "rekey" },
    [COVEY_MANAGER_DID_FINISH] =     { "gm.finish",     "finish" },
    [COVEY_MANAGER_DID_CREATE] =     { "gm.create",     "create" },
    [COVEY_MANAGER_DID_CONFIGURE] =  { "gm.configure",  "configure" },
    [COVEY_MANAGER_DID_DELETE] =     { "gm.delete",     "delete" },
};
static const char *const causes[] = { "join", "leave",      "eviction",
                                      "time", "exhaustion", "operator" };
/* clang-format on */

static const char *text_of_causes(uint8_t set, char out[TEXT_MAX])
{
    size_t at = 0;

    out[0] = '\0';
    for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++) {
        if ((set >> i & 1) != 0) {
            at += (size_t)snprintf(out + at, TEXT_MAX - at, "%s%s",
                                   at > 0 ? "," : "", causes[i]);
        }
    }
    return out;
}

static store_result put(struct gm *g, covey_time now,
                        const covey_manager_log *log)
{
    char why[TEXT_MAX];
    char detail[2 * TEXT_MAX];
    const int len = snprintf(detail, sizeof detail, "version=%u count=%u%s%s",
                             (unsigned)log->version, (unsigned)log->count,
                             log->causes != 0 ? " causes=" : "",
                             text_of_causes(log->causes, why));
    const store_event event = {
        .at = now.unix_known ? (uint64_t)now.unix_s : 0,
        .what = covey_bytes_text(deeds[log->deed].what),
        .serial = log->serial,
        .node = log->name_len > 0
                    ? covey_bytes_of((const uint8_t *)log->name, log->name_len)
                    : covey_bytes_of(NULL, 0),
        .detail = covey_bytes_of((const uint8_t *)detail, (size_t)len),
    };

    return store_event_put(g->store, &event);
}

store_result audit_batch(struct gm *g, covey_time now)
{
    store_result r = STORE_OK;
    const covey_manager_log *log;
    uint32_t at = 0;

    while (r == STORE_OK &&
           (log = covey_manager_deed_next(&g->manager, &at)) != NULL) {
        if (log->deed != COVEY_MANAGER_DID_FINISH) {
            r = put(g, now, log);
        }
    }
    return r;
}

static const char *group_of(const struct gm *g, uint16_t serial,
                            char out[COVEY_MANAGER_NAME_MAX + 1])
{
    out[0] = '\0';
    for (uint32_t i = 0; i < g->tables.group_count; i++) {
        const covey_manager_group *row = &g->tables.groups[i];
        if (row->serial == serial) {
            memcpy(out, row->name, row->name_len);
            out[row->name_len] = '\0';
        }
    }
    return out;
}

void audit_log(struct gm *g, covey_time now, const covey_manager_log *log)
{
    char group[COVEY_MANAGER_NAME_MAX + 1];
    char node[COVEY_MANAGER_NODE_MAX + 1];
    char why[TEXT_MAX];
    log_value values[6];
    size_t count = 0;

    memcpy(node, log->name, log->name_len);
    node[log->name_len] = '\0';
    values[count++] = log_string("group", group_of(g, log->serial, group));
    values[count++] = log_number("serial", log->serial);
    if (log->name_len > 0) {
        values[count++] = log_string("node", node);
    }
    values[count++] = log_number("version", log->version);
    values[count++] = log_number("count", log->count);
    if (log->causes != 0) {
        values[count++] =
            log_string("causes", text_of_causes(log->causes, why));
    }
    const log_event event = { .level = LOG_LEVEL_NOTICE,
                              .name = deeds[log->deed].event,
                              .values = values,
                              .count = count };
    log_write(g->log, &event);
    if (log->deed == COVEY_MANAGER_DID_FINISH && gm_begin(g) == STORE_OK) {
        (void)put(g, now, log);
    }
}

void audit_refusal(const struct gm *g, const covey_path *path, uint32_t node,
                   uint8_t code)
{
    char name[COVEY_MANAGER_NODE_MAX + 1] = "";
    char address[ADDRESS_TEXT_MAX];
    char text[8];

    if (node != UINT32_MAX) {
        const covey_bytes n = g->nodes[node].enrolment.name;
        memcpy(name, n.ptr, n.len);
    }
    snprintf(text, sizeof text, "%u.%02u", (unsigned)code >> 5, code & 31u);
    const log_value values[] = {
        log_string("code", text),
        log_string("peer", address_text(&path->peer, address)),
        log_string("node", name),
    };
    const log_event event = { .level = LOG_LEVEL_INFO,
                              .name = "gm.refused",
                              .section = "RFC 9594 4.1.2",
                              .values = values,
                              .count = node != UINT32_MAX ? 3 : 2 };
    log_write(g->log, &event);
}
