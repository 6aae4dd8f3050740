/* SPDX-License-Identifier: BSD-2-Clause */
/* Which request comes next, and what its answer means. */
#include "member_internal.h"

#include <string.h>

enum {
    GET = COVEY_COAP_CODE(0, 1),
    POST = COVEY_COAP_CODE(0, 2),
    DELETE = COVEY_COAP_CODE(0, 4),
    FETCH = COVEY_COAP_CODE(0, 5),
    CREATED = COVEY_COAP_CODE(2, 1),
    CHANGED = COVEY_COAP_CODE(2, 4),
    BAD = COVEY_COAP_CODE(4, 0),
    UNAUTHORIZED = COVEY_COAP_CODE(4, 1),
    FORBIDDEN = COVEY_COAP_CODE(4, 3),
    NOT_FOUND = COVEY_COAP_CODE(4, 4)
};

#define NO_FORMAT UINT16_MAX
/* In looked_len: not one member, but all. */
#define LOOKED_ALL UINT8_MAX

static bool is_sound(const covey_member_config *c)
{
    const bool monitor = (c->roles & COVEY_KEYING_MONITOR) != 0;

    return c->crypto != NULL && c->group.len > 0 && c->group.len <= 255 &&
           c->node.len > 0 && c->roles != 0 &&
           (c->roles & ~COVEY_KEYING_ROLES) == 0 &&
           (monitor || (c->credential.len > 0 && c->private_key != NULL));
}

covey_status covey_member_init(covey_member *m, const covey_member_config *c,
                               const covey_member_memory *t)
{
    memset(m, 0, sizeof *m);
    if (!is_sound(c) || t->group == NULL || t->peers == NULL ||
        t->credentials == NULL || t->start.recipients == NULL ||
        t->start.recipient_max == 0 || t->credential_max == 0) {
        return COVEY_E_ARGUMENT;
    }
    m->config = *c;
    m->memory = *t;
    memset(t->group, 0, sizeof *t->group);
    memset(t->peers, 0, t->start.recipient_max * sizeof *t->peers);
    m->poll_at = COVEY_NEVER;
    return COVEY_OK;
}

void covey_member_drop(covey_member *m)
{
    if (m->memory.group != NULL) {
        covey_group_drop(m->memory.group);
    }
    covey_wipe(m, sizeof *m);
}

void covey_member_join(covey_member *m)
{
    m->state = COVEY_MEMBER_ASKING;
    m->want = ASK_CHALLENGE;
    m->asked = 0;
}

static bool is_in(const covey_member *m)
{
    return m->state == COVEY_MEMBER_IN;
}

void covey_member_renew(covey_member *m)
{
    if (is_in(m) && (m->config.roles & COVEY_KEYING_MONITOR) == 0) {
        m->want |= ASK_RENEW;
    }
}

void covey_member_look(covey_member *m)
{
    if (is_in(m)) {
        m->want |= ASK_NUM;
    }
}

bool covey_member_look_up_all(covey_member *m)
{
    if (!is_in(m) || ((m->want | m->asked) & ASK_CRED) != 0) {
        return false;
    }
    m->looked_len = LOOKED_ALL;
    m->want |= ASK_CRED;
    return true;
}

bool covey_member_look_up(covey_member *m, covey_bytes id)
{
    if (!is_in(m) || ((m->want | m->asked) & ASK_CRED) != 0 ||
        id.len > sizeof m->looked) {
        return false;
    }
    m->looked_len = (uint8_t)id.len;
    covey_oscore_copy(m->looked, id);
    m->want |= ASK_CRED;
    return true;
}

void covey_member_leave(covey_member *m)
{
    if (m->state != COVEY_MEMBER_OUT) {
        m->state = COVEY_MEMBER_LEAVING;
        m->want = ASK_LEAVE;
    }
}

/* --- requests ------------------------------------------------------------ */

/* clang-format off */
static const struct ask {
    uint8_t bit;
    uint8_t code;
    uint16_t format;
    bool node;          /* below nodes/N */
    char resource[11];
} asks[] = {
    { ASK_CHALLENGE, POST,   NO_FORMAT,                false, "" },
    { ASK_JOIN,      POST,   COVEY_KEYING_FORMAT,      false, "" },
    { ASK_KEYS,      GET,    NO_FORMAT,                true,  "" },
    { ASK_STALE,     FETCH,  COVEY_KEYING_FORMAT_CBOR, false, "stale-sids" },
    { ASK_RENEW,     POST,   NO_FORMAT,                true,  "" },
    { ASK_CRED,      FETCH,  COVEY_KEYING_FORMAT,      false, "creds" },
    { ASK_NUM,       GET,    NO_FORMAT,                false, "num" },
    { ASK_LEAVE,     DELETE, NO_FORMAT,                true,  "" },
};
/* clang-format on */

static void address(const covey_member *m, const struct ask *ask,
                    covey_member_request *r)
{
    memset(r, 0, sizeof *r);
    r->code = ask->code;
    r->format = ask->format;
    r->segment[r->segment_count++] = covey_bytes_text("ace-group");
    r->segment[r->segment_count++] = m->config.group;
    if (ask->node) {
        r->segment[r->segment_count++] = covey_bytes_text("nodes");
        r->segment[r->segment_count++] = m->config.node;
    }
    if (ask->resource[0] != '\0') {
        r->segment[r->segment_count++] = covey_bytes_text(ask->resource);
    }
}

static void put_cred_request(const covey_member *m, covey_writer *out)
{
    static const uint8_t roles[] = { COVEY_KEYING_REQUESTER,
                                     COVEY_KEYING_RESPONDER };
    const bool all = m->looked_len == LOOKED_ALL;
    const covey_bytes id = covey_bytes_of(m->looked, all ? 0 : m->looked_len);
    const covey_keying_wish wish = { .include = true,
                                     .roles = roles,
                                     .role_count = all ? 2 : 0,
                                     .ids = &id,
                                     .id_count = all ? 0 : 1 };

    covey_cbor_put_map(out, 1);
    covey_keying_put_label(out, COVEY_KEYING_GROUPCOMM, COVEY_GC_GET_CREDS);
    covey_keying_put_wish(out, &wish);
}

static covey_status put_payload(covey_member *m, uint8_t bit,
                                covey_writer *out)
{
    if (bit == ASK_JOIN) {
        return covey__member_put_join(m, out);
    }
    if (bit == ASK_STALE) {
        covey_cbor_put_uint(out, m->num);
    } else if (bit == ASK_CRED) {
        put_cred_request(m, out);
    }
    return out->failed;
}

bool covey_member_transmit(covey_member *m, covey_time now,
                           covey_member_request *request, covey_writer *out,
                           covey_status *st)
{
    const size_t start = out->pos;

    *st = COVEY_OK;
    if (now.mono >= m->poll_at) {
        m->want |= is_in(m)                          ? ASK_NUM
                   : m->state == COVEY_MEMBER_BEHIND ? ASK_KEYS
                                                     : 0;
        covey__member_schedule(m, now);
    }
    if (m->asked != 0 || m->want == 0) {
        return false;
    }
    for (size_t i = 0; i < sizeof asks / sizeof asks[0]; i++) {
        if ((m->want & asks[i].bit) == 0) {
            continue;
        }
        address(m, &asks[i], request);
        *st = put_payload(m, asks[i].bit, out);
        if (*st != COVEY_OK) {
            return false;
        }
        if (out->pos > start) {
            request->payload =
                covey_bytes_of(out->base + start, out->pos - start);
        }
        m->asked = asks[i].bit;
        m->want &= (uint8_t)~asks[i].bit;
        return true;
    }
    return false;
}

void covey_member_lost(covey_member *m)
{
    m->want |= m->state == COVEY_MEMBER_LEAVING ? ASK_LEAVE : m->asked;
    m->asked = 0;
}

/* --- answers ------------------------------------------------------------- */

/* The answer does not say which keys the Sender ID is for, and under ours it
 * may have been somebody else's: keys and ID are asked for together. */
static covey_status renewed(covey_member *m, covey_bytes payload)
{
    covey_bytes values[COVEY_KEYING_VALUES];
    covey_status st =
        covey_keying_parse(values, COVEY_KEYING_GROUPCOMM, payload);

    if (st == COVEY_OK && values[COVEY_GC_SENDER_ID].ptr == NULL) {
        st = COVEY_E_FORMAT;
    }
    if (st == COVEY_OK) {
        m->want |= ASK_KEYS;
    }
    return st;
}

/* A version that is not ours says that keys were missed. */
static void note_version(covey_member *m, uint64_t num)
{
    if (num > m->num && is_in(m)) {
        m->state = COVEY_MEMBER_BEHIND;
        m->want |= ASK_KEYS;
    }
}

static covey_status looked_up(covey_member *m, covey_bytes payload)
{
    covey_bytes values[COVEY_KEYING_VALUES];
    int64_t num = 0;
    covey_status st =
        covey_keying_parse(values, COVEY_KEYING_GROUPCOMM, payload);

    if (st == COVEY_OK && covey_keying_int(values[COVEY_GC_NUM], 0, UINT32_MAX,
                                           &num) != COVEY_OK) {
        st = COVEY_E_FORMAT;
    }
    /* Under other keys the ID may be somebody else's. */
    if (st == COVEY_OK && (uint64_t)num == m->num) {
        st = covey__member_add_peers(m, values);
    }
    if (st == COVEY_OK) {
        note_version(m, (uint64_t)num);
        covey__member_tell(m, COVEY_MEMBER_FOUND, 0);
    }
    return st;
}

static covey_status take_num(covey_member *m, covey_bytes payload)
{
    int64_t num = 0;

    if (covey_keying_int(payload, 0, UINT32_MAX, &num) != COVEY_OK) {
        return COVEY_E_FORMAT;
    }
    note_version(m, (uint64_t)num);
    return COVEY_OK;
}

static covey_status take_keys(covey_member *m, covey_time now,
                              covey_bytes payload)
{
    covey_bytes values[COVEY_KEYING_VALUES];
    covey_status st =
        covey_keying_parse(values, COVEY_KEYING_GROUPCOMM, payload);

    return st == COVEY_OK ? covey__member_follow(m, now, values) : st;
}

static covey_status take(covey_member *m, covey_time now, uint8_t asked,
                         covey_bytes payload)
{
    switch (asked) {
    case ASK_JOIN:
        return covey__member_joined(m, now, payload);
    case ASK_KEYS:
        return take_keys(m, now, payload);
    case ASK_STALE:
        return covey__member_catch_up(m, now, payload);
    case ASK_RENEW:
        return renewed(m, payload);
    case ASK_CRED:
        return looked_up(m, payload);
    case ASK_NUM:
        return take_num(m, payload);
    default:
        break;
    }
    return COVEY_OK;
}

/* Keys that are refused mean that the membership has ended; all else that is
 * refused leaves it. */
static void refused(covey_member *m, covey_time now, uint8_t asked,
                    uint8_t code)
{
    const bool ended =
        code == UNAUTHORIZED || code == FORBIDDEN || code == NOT_FOUND;

    if (asked == ASK_CHALLENGE || asked == ASK_JOIN) {
        covey__member_end(m, COVEY_MEMBER_REFUSED, code);
    } else if (asked == ASK_LEAVE || ended) {
        covey__member_end(m, COVEY_MEMBER_ENDED, code);
    } else {
        if (asked == ASK_KEYS || asked == ASK_STALE) {
            covey__member_retry(m, now);
        }
        covey__member_tell(m, COVEY_MEMBER_REFUSED, code);
    }
}

covey_status covey_member_receive(covey_member *m, covey_time now,
                                  uint8_t code, covey_bytes payload)
{
    const uint8_t asked = m->asked;
    covey_status st;

    if (asked == 0) {
        return COVEY_E_ARGUMENT;
    }
    m->asked = 0;
    if (m->state == COVEY_MEMBER_LEAVING && asked != ASK_LEAVE) {
        return COVEY_OK; /* nobody wants to know any more */
    }
    if (asked == ASK_CHALLENGE && code == BAD) {
        st = covey__member_challenged(m, payload);
    } else if (code >> 5 != 2 || asked == ASK_LEAVE ||
               asked == ASK_CHALLENGE) {
        refused(m, now, asked, code);
        return COVEY_OK;
    } else {
        st = take(m, now, asked, payload);
    }
    if (st != COVEY_OK && (asked == ASK_CHALLENGE || asked == ASK_JOIN)) {
        covey__member_end(m, COVEY_MEMBER_REFUSED, code);
    } else if (st != COVEY_OK && (asked == ASK_KEYS || asked == ASK_STALE)) {
        covey__member_retry(m, now);
    }
    return st;
}

/* --- by itself ----------------------------------------------------------- */

uint8_t covey_member_news(covey_member *m, covey_time now, covey_bytes payload)
{
    covey_bytes values[COVEY_KEYING_VALUES];

    if (m->state != COVEY_MEMBER_IN && m->state != COVEY_MEMBER_BEHIND &&
        m->state != COVEY_MEMBER_CATCHING_UP) {
        return NOT_FOUND;
    }
    if (covey_keying_parse(values, COVEY_KEYING_GROUPCOMM, payload) !=
            COVEY_OK ||
        covey__member_follow(m, now, values) != COVEY_OK) {
        return BAD;
    }
    return CHANGED;
}

void covey_member_evicted(covey_member *m)
{
    if (m->state != COVEY_MEMBER_OUT && m->state != COVEY_MEMBER_ASKING &&
        m->state != COVEY_MEMBER_JOINING) {
        covey__member_end(m, COVEY_MEMBER_ENDED, 0);
    }
}

bool covey_member_event_next(covey_member *m, covey_member_event *event)
{
    if (m->event == COVEY_MEMBER_NOTHING) {
        return false;
    }
    event->kind = (covey_member_event_kind)m->event;
    event->code = m->code;
    m->event = COVEY_MEMBER_NOTHING;
    return true;
}

covey_ms covey_member_deadline(const covey_member *m)
{
    return m->asked == 0 && m->want != 0 ? 0 : m->poll_at;
}

covey_member_state covey_member_state_of(const covey_member *m)
{
    return (covey_member_state)m->state;
}

size_t covey_member_known(const covey_member *m, uint8_t roles,
                          covey_bytes *one)
{
    size_t count = 0;

    for (size_t i = 0; i < m->memory.start.recipient_max; i++) {
        const covey_member_peer *p = &m->memory.peers[i];
        const covey_bytes id = covey_bytes_of(p->id, p->id_len);
        const covey_group_recipient *r =
            p->present ? covey_group_find(m->memory.group, id) : NULL;

        if (r != NULL && (covey_group_roles_of(r) == 0 ||
                          (covey_group_roles_of(r) & roles) != 0)) {
            *one = id;
            count++;
        }
    }
    return count;
}

uint32_t covey_member_version(const covey_member *m)
{
    return m->num;
}
