/* SPDX-License-Identifier: BSD-2-Clause */
/* What is told of what has been done: lines of the log, and rows of the audit
 * log in the store. The rows of a batch are part of its transaction: nothing
 * is done that is not there. Never secrets; addresses of nodes only in the
 * log. */
#include "gm.h"
#include "show.h"

#include <covey/keying.h>
#include <stdio.h>
#include <string.h>
#include <system_address.h>

enum {
    TRIM_EVERY = 1024 /* events */
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

const char *audit_causes(uint8_t set, char out[AUDIT_CAUSES_MAX])
{
    size_t at = 0;

    out[0] = '\0';
    for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++) {
        if ((set >> i & 1) != 0) {
            at += (size_t)snprintf(out + at, AUDIT_CAUSES_MAX - at, "%s%s",
                                   at > 0 ? "," : "", causes[i]);
        }
    }
    return out;
}

/* That of a rekeying, or of a new group, as long as there is no newer one. */
static const char *gid_of(const struct gm *g, const covey_manager_log *log,
                          char out[2 * COVEY_MANAGER_GID_MAX + 1])
{
    uint8_t storage[COVEY_MANAGER_GID_MAX];
    covey_bytes gid = { NULL, 0 };

    for (uint32_t i = 0; i < g->tables.group_count; i++) {
        const covey_manager_group *row = &g->tables.groups[i];
        if (row->serial == log->serial && row->version == log->version &&
            (log->deed == COVEY_MANAGER_DID_REKEY ||
             log->deed == COVEY_MANAGER_DID_CREATE)) {
            gid = covey_manager_gid(&g->manager, row, storage);
        }
    }
    out[0] = '\0';
    for (size_t i = 0; i < gid.len; i++) {
        (void)snprintf(out + 2 * i, 3, "%02x", gid.ptr[i]);
    }
    return out;
}

static const char *group_of(const struct gm *g, uint16_t serial,
                            char out[COVEY_MANAGER_NAME_MAX + 1])
{
    const covey_manager_group *row = groups_row(g, serial);

    out[0] = '\0';
    if (row != NULL) {
        memcpy(out, row->name, row->name_len);
        out[row->name_len] = '\0';
    }
    return out;
}

static store_result put(struct gm *g, covey_time now,
                        const covey_manager_log *log)
{
    char why[AUDIT_CAUSES_MAX];
    char detail[2 * AUDIT_CAUSES_MAX + COVEY_MANAGER_NAME_MAX];
    char gid_text[2 * COVEY_MANAGER_GID_MAX + 1];
    const char *gid = gid_of(g, log, gid_text);
    char group[COVEY_MANAGER_NAME_MAX + 1];
    const bool names = log->deed == COVEY_MANAGER_DID_CREATE ||
                       log->deed == COVEY_MANAGER_DID_DELETE;
    const int len = snprintf(
        detail, sizeof detail, "version=%u count=%u%s%s%s%s%s%s",
        (unsigned)log->version, (unsigned)log->count,
        gid[0] != '\0' ? " gid=" : "", gid, log->causes != 0 ? " causes=" : "",
        audit_causes(log->causes, why), names ? " group=" : "",
        names ? group_of(g, log->serial, group) : "");
    const store_event event = {
        .at = now.unix_known ? (uint64_t)now.unix_s : 0,
        .what = covey_bytes_text(deeds[log->deed].what),
        .serial = log->serial,
        .node = log->name_len > 0
                    ? covey_bytes_of((const uint8_t *)log->name, log->name_len)
                    : covey_bytes_of(NULL, 0),
        .detail = covey_bytes_of((const uint8_t *)detail, (size_t)len),
    };

    store_result r = store_event_put(g->store, &event);
    if (r == STORE_OK && g->events++ % TRIM_EVERY == 0) {
        r = store_events_trim(g->store, g->config->events);
    }
    return r;
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

void audit_log(struct gm *g, covey_time now, const covey_manager_log *log)
{
    char group[COVEY_MANAGER_NAME_MAX + 1];
    char node[COVEY_MANAGER_NODE_MAX + 1];
    char why[AUDIT_CAUSES_MAX];
    char gid[2 * COVEY_MANAGER_GID_MAX + 1];
    log_value values[7];
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
    if (gid_of(g, log, gid)[0] != '\0') {
        values[count++] = log_string("gid", gid);
    }
    if (log->causes != 0) {
        values[count++] = log_string("causes", audit_causes(log->causes, why));
    }
    const log_event event = { .level = LOG_LEVEL_NOTICE,
                              .name = deeds[log->deed].event,
                              .values = values,
                              .count = count };
    log_write(g->log, &event);
    show_deed(g->show, now.mono, values[0].string, log);
    if (log->deed == COVEY_MANAGER_DID_FINISH && gm_begin(g) == STORE_OK &&
        put(g, now, log) == STORE_OK) {
        (void)store_wake(g->store); /* others show it, too */
    }
}

/* --- refusals ------------------------------------------------------------ */

enum {
    TITLE_MAX = 80
};

#define RFC9594(section)     "RFC 9594 Section " section
#define CODE(class_, detail) ((uint8_t)COVEY_COAP_CODE(class_, detail))

/* Each document has registered errors of its own. */
static const char *section_of(covey_keying_error error)
{
    if (error >= COVEY_KEYING_ACTIVE) {
        return "draft-ietf-ace-oscore-gm-admin";
    }
    return error >= COVEY_KEYING_NO_SIGNATURES
               ? "draft-ietf-ace-key-groupcomm-oscore"
               : RFC9594("9");
}

static const char *name_of(const struct gm *g, uint32_t node,
                           char out[COVEY_MANAGER_NODE_MAX + 1])
{
    const covey_bytes name = g->nodes[node].enrolment.name;

    memcpy(out, name.ptr, name.len);
    out[name.len] = '\0';
    return out;
}

/* Of an error that is not registered. */
static const char *title_of(const covey_manager_answer *answer,
                            char out[TITLE_MAX])
{
    const covey_bytes title = covey_keying_problem_title(answer->payload);

    if (title.len == 0 || title.len >= TITLE_MAX) {
        return covey_keying_code_text(answer->code);
    }
    memcpy(out, title.ptr, title.len);
    out[title.len] = '\0';
    return out;
}

/* Who is to join is asked for a proof first: that is no refusal, although its
 * code is 4.00. */
static bool is_challenge(const covey_manager_answer *answer)
{
    return answer->code == CODE(4, 0) && answer->payload.len > 0 &&
           answer->format == COVEY_KEYING_FORMAT;
}

static void tell_refusal(const struct gm *g, const covey_path *path,
                         uint32_t node, const covey_manager_answer *answer)
{
    char name[COVEY_MANAGER_NODE_MAX + 1];
    char address[ADDRESS_TEXT_MAX];
    char title[TITLE_MAX];
    char code[8];
    covey_keying_error error;
    const bool known =
        answer->payload.len > 0 &&
        covey_keying_problem_parse(&error, answer->payload) == COVEY_OK;
    log_value values[4];
    log_event event = { .level = LOG_LEVEL_INFO,
                        .name = "gm.refused",
                        .section =
                            known ? section_of(error) : RFC9594("4.1.2") };

    snprintf(code, sizeof code, "%u.%02u", (unsigned)answer->code >> 5,
             answer->code & 31u);
    values[event.count++] = log_string("code", code);
    values[event.count++] =
        log_string("from", address_text(&path->peer, address));
    values[event.count++] =
        log_string("why", known ? covey_keying_error_text(error)
                                : title_of(answer, title));
    if (node != UINT32_MAX) {
        values[event.count++] = log_string("node", name_of(g, node, name));
    }
    event.values = values;
    log_write(g->log, &event);
}

static void tell_challenge(const struct gm *g, uint32_t node)
{
    char name[COVEY_MANAGER_NODE_MAX + 1];
    const log_value value = log_string("node", name_of(g, node, name));
    const log_event event = { .level = LOG_LEVEL_INFO,
                              .name = "gm.challenge",
                              .section = "draft-ietf-ace-key-groupcomm-oscore",
                              .values = &value,
                              .count = 1 };

    log_write(g->log, &event);
}

void audit_refusal(struct gm *g, const covey_path *path, uint32_t node,
                   const covey_manager_answer *answer)
{
    if (is_challenge(answer)) {
        tell_challenge(g, node);
        return;
    }
    g->refusals++;
    tell_refusal(g, path, node, answer);
}
