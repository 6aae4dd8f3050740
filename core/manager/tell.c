/* SPDX-License-Identifier: BSD-2-Clause */
/* What leaves: news of keys to each member, those that answer requests first,
 * and answers to requests that are stored. Who joins is answered when as many
 * others have been told as may be at a time: so few requests meet a server
 * that has not the keys yet. Who cannot be reached is given up after some
 * attempts and finds out by itself. */
#include "manager_internal.h"

#include <string.h>

#define LAZY_MS   1000u
#define SHIFT_MAX 6u

/* --- answers ------------------------------------------------------------- */

static const char path_group[] = "ace-group";
static const char path_nodes[] = "nodes";
static const char path_manage[] = "manage";

static void locate(covey_manager_answer *a, const covey_manager_group *g,
                   const covey_manager_member *r)
{
    a->location[0] = covey_bytes_text(r != NULL ? path_group : path_manage);
    a->location[1] = covey__manager_group_name(g);
    a->location_count = 2;
    if (r != NULL) {
        a->location[2] = covey_bytes_text(path_nodes);
        a->location[3] = covey__manager_member_name(r);
        a->location_count = 4;
    }
}

static void put_sender_id(const covey_manager_member *r, covey_writer *out)
{
    covey_cbor_put_map(out, 1);
    covey_keying_put_label(out, COVEY_KEYING_GROUPCOMM, COVEY_GC_SENDER_ID);
    covey_cbor_put_bytes(out, covey__manager_id(r));
}

static covey_status compose(covey_manager *m, const covey_manager_pending *p,
                            covey_manager_answer *a, covey_writer *out)
{
    const covey_manager_group *g = &m->memory.groups[p->group];
    /* Those without a member do not look at it. */
    const covey_manager_member *r =
        &m->memory.members[p->member != NO_ROW ? p->member : 0];

    switch ((enum pending_kind)p->kind) {
    case PENDING_JOIN:
        locate(a, g, r);
        a->format = COVEY_KEYING_FORMAT;
        return covey__manager_put_joined(m, p, out);
    case PENDING_SENDER_ID:
        a->format = COVEY_KEYING_FORMAT;
        put_sender_id(r, out);
        return out->failed;
    case PENDING_CREATED:
        locate(a, g, NULL);
        a->format = COVEY_KEYING_FORMAT;
        covey__manager_put_config(g, NULL, out);
        return out->failed;
    case PENDING_DONE:
        break;
    }
    return COVEY_OK;
}

static void answer(covey_manager *m, const covey_manager_pending *p,
                   covey_manager_departure *to, covey_writer *out)
{
    const size_t start = out->pos;
    covey_manager_answer *a = &to->answer;
    covey_status st = COVEY_OK;

    to->kind = COVEY_MANAGER_ANSWER;
    a->user = p->user;
    a->code = p->code;
    a->format = COVEY_MANAGER_NO_FORMAT;
    if (p->error == REFUSE_NOTHING) {
        st = compose(m, p, a, out);
    } else {
        covey__manager_refuse_later(a, p->error, out);
    }
    if (st != COVEY_OK) {
        /* The change is stored; the node asks again. */
        covey_wipe(out->base + start, out->pos - start);
        out->pos = start;
        out->failed = COVEY_OK;
        memset(a, 0, sizeof *a);
        a->user = p->user;
        a->code =
            st == COVEY_E_ROOM ? COVEY_COAP_CODE(5, 0) : COVEY_COAP_CODE(5, 3);
        a->format = COVEY_KEYING_FORMAT_PROBLEM;
        covey_keying_put_title(out, covey_keying_code_text(a->code));
    }
    if (out->pos > start) {
        a->payload = covey_bytes_of(out->base + start, out->pos - start);
    }
    if (a->code >= COVEY_COAP_CODE(4, 0)) {
        m->counters.refused++;
    }
}

void covey_manager_put_answer(const covey_manager_answer *answer,
                              covey_coap_composer *c)
{
    for (size_t i = 0; i < answer->location_count; i++) {
        covey_coap_put_option(c, COVEY_OPTION_LOCATION_PATH,
                              answer->location[i]);
    }
    if (answer->format != COVEY_MANAGER_NO_FORMAT) {
        covey_coap_put_uint(c, COVEY_OPTION_CONTENT_FORMAT, answer->format);
    }
    covey_coap_put_payload(c, answer->payload);
}

/* --- news ---------------------------------------------------------------- */

static bool is_due(const covey_manager *m, const covey_manager_member *r)
{
    const covey_manager_group *g;

    if ((r->flags & (MEMBER_OWED | MEMBER_TELLING)) != MEMBER_OWED ||
        r->tell_at > m->now.mono) {
        return false;
    }
    g = covey__manager_group_by_serial(m, r->serial);
    return (g->flags & GROUP_STAGED) == 0;
}

static bool is_server(const covey_manager_member *r)
{
    return (r->roles & (COVEY_KEYING_RESPONDER | COVEY_KEYING_MONITOR)) != 0;
}

static covey_manager_member *next_due(const covey_manager *m)
{
    covey_manager_member *found = NULL;

    if (m->owing == 0 || m->telling >= m->config.tell_max) {
        return NULL;
    }
    for (uint32_t i = 0; i < m->memory.member_count; i++) {
        covey_manager_member *r = &m->memory.members[i];

        if (is_due(m, r)) {
            if (is_server(r)) {
                return r;
            }
            found = found != NULL ? found : r;
        }
    }
    return found;
}

static uint64_t ref_of(const covey_manager *m, const covey_manager_member *r,
                       const covey_manager_group *g)
{
    return (uint64_t)g->version << 32 | (uint32_t)(r - m->memory.members);
}

static void tell(covey_manager *m, covey_manager_member *r,
                 covey_manager_departure *to, covey_writer *out)
{
    const covey_manager_group *g =
        covey__manager_group_by_serial(m, r->serial);
    const size_t start = out->pos;

    to->kind = COVEY_MANAGER_EVICT;
    to->node = covey__manager_member_name(r);
    to->uri = covey__manager_chars(r->uri, r->uri_len);
    to->ref = ref_of(m, r, g);
    to->answer.format = COVEY_MANAGER_NO_FORMAT;
    if (r->standing == COVEY_MANAGER_PRESENT) {
        to->kind = COVEY_MANAGER_TELL;
        to->answer.format = COVEY_KEYING_FORMAT;
        covey__manager_put_news(m, g, out);
        to->answer.payload =
            covey_bytes_of(out->base + start, out->pos - start);
    }
    r->flags |= MEMBER_TELLING;
    r->attempts++;
    m->telling++;
}

bool covey_manager_transmit(covey_manager *m, covey_time now,
                            covey_manager_departure *to, covey_writer *out)
{
    covey_manager_member *r;

    m->now = now;
    if (m->in_flight) {
        return false;
    }
    memset(to, 0, sizeof *to);
    r = next_due(m);
    if (m->pending_next < m->pending_released &&
        (r == NULL ||
         m->memory.pending[m->pending_next].kind != PENDING_JOIN)) {
        answer(m, &m->memory.pending[m->pending_next++], to, out);
        if (m->pending_next == m->pending_used) {
            m->pending_next = 0;
            m->pending_released = 0;
            m->pending_used = 0;
        }
        return true;
    }
    if (r == NULL) {
        return false;
    }
    tell(m, r, to, out);
    if (out->failed != COVEY_OK) { /* no room even for this */
        covey_manager_told(m, now, to->ref, false);
        return false;
    }
    return true;
}

/* --- how it went --------------------------------------------------------- */

static void finish(covey_manager *m, covey_manager_group *g)
{
    if (g->owing == 0) {
        covey__manager_log(m, COVEY_MANAGER_DID_FINISH, g, NULL);
        if (m->staged_at == COVEY_NEVER) {
            m->log_released = m->log_used;
        }
    }
}

/* An evicted member leaves the table, and the group with the last of them. */
static void dismiss(covey_manager *m, covey_manager_group *g,
                    covey_manager_member *r)
{
    r->flags |= MEMBER_REMOVE;
    if (g->deleted && g->owing == 0) {
        g->flags |= GROUP_REMOVE;
        covey__manager_stage(m, g);
    }
}

static void retry_later(covey_manager *m, covey_manager_member *r)
{
    const unsigned shift =
        r->attempts > SHIFT_MAX ? SHIFT_MAX : r->attempts - 1u;

    r->tell_at = m->now.mono + ((covey_ms)m->config.tell_pause << shift);
}

void covey_manager_told(covey_manager *m, covey_time now, uint64_t ref,
                        bool confirmed)
{
    const uint32_t at = (uint32_t)(ref & UINT32_MAX);
    const uint32_t version = (uint32_t)(ref >> 32);
    covey_manager_group *g;
    covey_manager_member *r;

    m->now = now;
    if (at >= m->memory.member_count) {
        return;
    }
    r = &m->memory.members[at];
    if ((r->flags & MEMBER_TELLING) == 0) {
        return;
    }
    g = covey__manager_group_by_serial(m, r->serial);
    r->flags &= (uint8_t)~MEMBER_TELLING;
    m->telling--;
    if (confirmed && r->standing == COVEY_MANAGER_PRESENT) {
        r->told = version > r->told ? version : r->told;
        r->flags |= MEMBER_TOLD;
    } else if (!confirmed && r->attempts < m->config.tell_attempts) {
        retry_later(m, r);
        return;
    } else if (!confirmed) {
        m->counters.given_up++;
    }
    g->reached += confirmed;
    if (confirmed && r->standing == COVEY_MANAGER_PRESENT &&
        r->told < g->version) {
        r->attempts = 0; /* there are newer keys meanwhile */
        r->tell_at = now.mono;
    } else {
        covey__manager_forgive(m, g, r);
        if (r->standing == COVEY_MANAGER_EVICTED) {
            dismiss(m, g, r);
        }
        finish(m, g);
    }
    m->lazy_at = covey_earlier(m->lazy_at, now.mono + LAZY_MS);
}

/* False: that is no news. */
static bool raise_told(const covey_manager_group *g, covey_manager_member *r,
                       uint32_t version)
{
    if (r->standing != COVEY_MANAGER_PRESENT || version <= r->told ||
        version > g->version) {
        return false;
    }
    r->told = version;
    return true;
}

bool covey__manager_got(covey_manager *m, const covey_manager_group *g,
                        covey_manager_member *r, uint32_t version)
{
    if (!raise_told(g, r, version)) {
        return false;
    }
    r->flags |= MEMBER_TOLD;
    m->lazy_at = covey_earlier(m->lazy_at, m->now.mono + LAZY_MS);
    return true;
}

/* NULL: there is none; *g is its group. */
static covey_manager_member *find(const covey_manager *m, uint16_t serial,
                                  covey_bytes node, covey_manager_group **g)
{
    *g = covey__manager_group_by_serial(m, serial);
    return *g != NULL ? covey__manager_member_of(m, *g, node) : NULL;
}

void covey_manager_got(covey_manager *m, covey_time now, uint16_t serial,
                       covey_bytes node, uint32_t version)
{
    covey_manager_group *g;
    covey_manager_member *r = find(m, serial, node, &g);

    if (r == NULL) {
        return;
    }
    m->now = now;
    /* If it is being told now, how that ends does not matter any more. */
    if (covey__manager_got(m, g, r, version) && version == g->version &&
        (r->flags & MEMBER_OWED) != 0) {
        g->reached++;
        covey__manager_forgive(m, g, r);
        finish(m, g);
    }
}

void covey_manager_heed(covey_manager *m, uint16_t serial, covey_bytes node,
                        uint32_t version)
{
    covey_manager_group *g;
    covey_manager_member *r = find(m, serial, node, &g);

    if (r != NULL) {
        (void)raise_told(g, r, version);
    }
}
