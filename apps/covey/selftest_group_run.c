/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs an exchange between two members of a group: each message is protected
 * by one and compared, the vector's is unprotected by the other, and, if it is
 * signed, checked by somebody who can only do that. */
#include "selftest_kinds.h"

#include "selftest_group.h"

#include <covey/sigcheck.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROOM_PLAINTEXT,
    ROOM_SEALED,
    ROOM_SCRATCH,
    ROOM_OPENED,
    ROOMS,
    SLACK = 64,        /* by which broken messages may be longer */
    SKIPPED_MAX = 4096 /* sequence numbers */
};

static uint8_t *room(const group_ends *e, size_t which)
{
    return e->room + which * e->cap;
}

bool group_ends_store(group_ends *e, size_t member)
{
    covey_group_record record;

    while (covey_group_due(&e->group[member], &record)) {
        if (!selftest_done(e->k, "a stored number",
                           covey_group_stored(&e->group[member], &record))) {
            return false;
        }
    }
    return true;
}

static bool open_end(group_ends *e, size_t i)
{
    group_member *own = &e->c->members[i];
    const group_member *peer = &e->c->members[1 - i];
    uint8_t storage[COVEY_PUBLIC_MAX];
    const covey_group_start start = {
        .sender_id = own->id,
        .credential = own->credential,
        .private_key = &own->keys.private_key,
        .recipients = e->recipient[i],
        .recipient_max = 1,
        .ssn = own->ssn,
    };
    const covey_group_member member = {
        .id = peer->id,
        .credential = peer->credential,
        .public_key = selftest_public_encoded(peer->keys.public_raw,
                                              e->c->p.curve, storage),
        .number = COVEY_GROUP_NUMBER_UNKNOWN,
    };

    return selftest_done(
               e->k, "a context",
               covey_group_setup(&e->group[i], e->crypto, &e->c->p, &start)) &&
           selftest_done(e->k, "a member",
                         covey_group_add(&e->group[i], &member, NULL)) &&
           group_ends_store(e, i);
}

static size_t max(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t room_for(const group_case *c)
{
    size_t message = 0;
    size_t cred = c->p.gm_cred.len;

    for (size_t i = 0; i < c->count; i++) {
        message = max(message, c->messages[i].plain.len);
        message = max(message, c->messages[i].protected.len);
    }
    message = COVEY_OSCORE_PLAINTEXT_MAX(message) + COVEY_GROUP_OVERHEAD_MAX +
              c->p.gid.len + SLACK;
    for (size_t i = 0; i < GROUP_MEMBERS; i++) {
        cred = max(cred, c->members[i].credential.len);
    }
    return COVEY_GROUP_SCRATCH(message, cred, c->p.gid.len);
}

bool group_ends_open(group_ends *e, group_case *c, const covey_crypto *crypto,
                     const selftest_check *k)
{
    e->c = c;
    e->crypto = crypto;
    e->k = k;
    e->cap = room_for(c);
    e->room = malloc(ROOMS * e->cap);
    if (e->room == NULL) {
        return selftest_differs(k, "enough memory", "none");
    }
    return open_end(e, GROUP_CLIENT) && open_end(e, GROUP_SERVER);
}

void group_ends_close(group_ends *e)
{
    covey_group_drop(&e->group[GROUP_CLIENT]);
    covey_group_drop(&e->group[GROUP_SERVER]);
    free(e->room);
}

static uint64_t next_number(const group_ends *e, size_t member)
{
    return COVEY_OSCORE_SSN_END - covey_group_usage_of(&e->group[member]).left;
}

/* Numbers that the exchange leaves out go into requests that nobody gets. */
static bool skip_to(group_ends *e, size_t member, uint64_t number)
{
    static const uint8_t get[4] = { 0x40, 0x01, 0x00, 0x00 };
    const covey_group_work work = {
        .message = { .scratch = room(e, ROOM_SCRATCH), .scratch_cap = e->cap },
        .to = e->c->p.algorithms.group_enc != COVEY_ALG_UNSET
                  ? NULL
                  : e->recipient[member],
    };
    covey_coap_message m;

    if (covey_coap_parse(&m, covey_bytes_of(get, sizeof get)) != COVEY_OK ||
        number < next_number(e, member) ||
        number - next_number(e, member) > SKIPPED_MAX) {
        return false;
    }
    while (next_number(e, member) < number) {
        covey_group_exchange nobody = { .answers = NULL };
        covey_writer out = covey_writer_of(room(e, ROOM_SEALED), e->cap);
        const covey_bytes none = { NULL, 0 };
        if (covey_group_seal_request(&e->group[member], &nobody, &m, none,
                                     &work, &out) != COVEY_OK ||
            !group_ends_store(e, member)) {
            return false;
        }
    }
    return true;
}

/* Is this the first message of its sender with a number of its own? */
static bool is_first(const group_case *c, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (c->messages[i].own_piv &&
            c->messages[i].request == c->messages[at].request) {
            return false;
        }
    }
    return true;
}

static bool prepare_number(group_ends *e, size_t at, size_t member)
{
    const group_message *m = &e->c->messages[at];

    if (!m->own_piv || next_number(e, member) == m->ssn) {
        return true;
    }
    if (is_first(e->c, at) || !skip_to(e, member, m->ssn)) {
        fprintf(e->k->expected, "sequence number %llu",
                (unsigned long long)m->ssn);
        fprintf(e->k->got, "%llu", (unsigned long long)next_number(e, member));
        return false;
    }
    return true;
}

/* Wishes that a vector's sender had: they show in the option only. */
static void note_wishes(covey_group_work *work, const group_message *m)
{
    covey_oscore_option option;

    if (m->option.ptr != NULL &&
        covey_oscore_value_get(&option, m->option) == COVEY_OK) {
        work->kid = option.kid.ptr != NULL;
        work->kid_context = option.kid_context.ptr != NULL;
    }
}

bool group_ends_seal(group_ends *e, size_t at, covey_bytes *sealed)
{
    const group_message *m = &e->c->messages[at];
    const size_t member = m->request ? GROUP_CLIENT : GROUP_SERVER;
    covey_group_work work = {
        .message = { .own_piv = m->own_piv,
                     .scratch = room(e, ROOM_SCRATCH),
                     .scratch_cap = e->cap },
        .to = m->pairwise ? e->recipient[member] : NULL,
    };
    covey_writer plaintext = covey_writer_of(room(e, ROOM_PLAINTEXT), e->cap);
    covey_writer out = covey_writer_of(room(e, ROOM_SEALED), e->cap);
    covey_coap_message original;
    covey_status st;

    if (!prepare_number(e, at, member) ||
        !selftest_done(e->k, "a message",
                       covey_coap_parse(&original, m->plain)) ||
        !selftest_done(
            e->k, "a plaintext",
            covey_oscore_compose(&plaintext, &original, &work.message)) ||
        !selftest_same(e->k, "plaintext", m->plaintext,
                       covey_written(&plaintext))) {
        return false;
    }
    if (m->request) {
        memset(&e->asked, 0, sizeof e->asked);
        e->asked.answers = e->answers;
        e->asked.answer_max = SELFTEST_COUNT(e->answers);
        st = covey_group_seal_request(&e->group[member], &e->asked, &original,
                                      covey_written(&plaintext), &work, &out);
    } else {
        note_wishes(&work, m);
        st = covey_group_seal_response(&e->group[member], &e->heard, &original,
                                       covey_written(&plaintext), &work, &out);
    }
    *sealed = covey_written(&out);
    return selftest_done(e->k, "a protected message", st) &&
           group_ends_store(e, member);
}

covey_unprotect group_ends_open_message(group_ends *e, bool request,
                                        covey_bytes sealed,
                                        covey_bytes *plaintext,
                                        covey_bytes *message,
                                        covey_group_received *received)
{
    covey_group *g = &e->group[request ? GROUP_SERVER : GROUP_CLIENT];
    const covey_group_work work = {
        .message = { .scratch = room(e, ROOM_SCRATCH), .scratch_cap = e->cap },
    };
    covey_writer plain = covey_writer_of(room(e, ROOM_PLAINTEXT), e->cap);
    covey_writer out = covey_writer_of(room(e, ROOM_OPENED), e->cap);
    covey_coap_message outer;
    covey_unprotect result;

    memset(received, 0, sizeof *received);
    received->base.status = covey_coap_parse(&outer, sealed);
    if (received->base.status != COVEY_OK) {
        received->base.fault = COVEY_OSCORE_BAD_COSE;
        return COVEY_UNPROTECT_REFUSED;
    }
    if (request) {
        result = covey_group_open_request(g, &e->heard, &outer, &work, &plain,
                                          received);
    } else {
        result = covey_group_open_response(g, &e->asked, &outer, &work, &plain,
                                           received);
    }
    if (result == COVEY_UNPROTECT_REFUSED) {
        return result;
    }
    *plaintext = received->base.plaintext;
    if (!request) {
        result = covey_group_assemble_response(g, &e->asked, &outer, received,
                                               &work, &out);
    } else if (covey_group_assemble_request(&e->heard, &outer, *plaintext,
                                            &work, &out) != COVEY_OK) {
        received->base.fault = COVEY_OSCORE_BAD_PLAINTEXT;
        result = COVEY_UNPROTECT_REFUSED;
    }
    *message = covey_written(&out);
    return result;
}

/* --- one message of the exchange ----------------------------------------- */

/* Things that the exchange leaves behind. */
struct progress {
    group_case *c;
    group_ends ends;
    group_made made;
    covey_sigcheck checker;
    covey_sigcheck_request noted;
    uint64_t request_number;
};

static bool check_opened(struct progress *p, const group_message *m)
{
    group_ends *e = &p->ends;
    const size_t member = m->request ? GROUP_SERVER : GROUP_CLIENT;
    covey_bytes plaintext = { NULL, 0 };
    covey_bytes message = { NULL, 0 };
    covey_group_received received;
    const covey_unprotect result = group_ends_open_message(
        e, m->request, m->protected, &plaintext, &message, &received);

    if (result != COVEY_UNPROTECT_FRESH &&
        result != COVEY_UNPROTECT_FRESH_ONCE_STORED) {
        fputs("a message that is accepted", e->k->expected);
        fprintf(e->k->got, "fault %d (%s)", (int)received.base.fault,
                covey_status_name(received.base.status));
        return false;
    }
    if (received.pairwise != m->pairwise) {
        return selftest_differs(e->k, "a message in its mode", "in another");
    }
    return group_ends_store(e, member) &&
           (received.base.has_piv == m->own_piv ||
            selftest_differs(e->k, "a Partial IV as told", "another")) &&
           selftest_same(e->k, "plaintext that was opened", m->plaintext,
                         plaintext) &&
           selftest_same_message(e->k, m->plain, message, m->request);
}

/* Who can only check signatures comes to the same result. */
static bool check_signed(struct progress *p, const group_message *m)
{
    group_ends *e = &p->ends;
    group_case *c = p->c;
    group_member *from = &c->members[m->request ? GROUP_CLIENT : GROUP_SERVER];
    const covey_sigcheck_signer signer = {
        .id = from->id,
        .credential = from->credential,
        .key = &from->keys.public_key,
    };
    covey_coap_message outer;

    if (c->p.algorithms.group_enc == COVEY_ALG_UNSET) {
        return true;
    }
    if (!selftest_done(e->k, "a message",
                       covey_coap_parse(&outer, m->protected)) ||
        (m->request && !selftest_done(e->k, "a request to be noted",
                                      covey_sigcheck_note(&p->checker, &outer,
                                                          &p->noted)))) {
        return false;
    }
    return m->pairwise ||
           selftest_done(e->k, "a signature that is right to a checker",
                         covey_sigcheck_check(&p->checker, &outer, &signer,
                                              &p->noted, room(e, ROOM_SCRATCH),
                                              e->cap));
}

static bool run_message(struct progress *p, size_t at)
{
    const group_message *m = &p->c->messages[at];
    uint8_t piv[COVEY_OSCORE_PIV_MAX];
    group_sealed sealed = { .own_piv = m->own_piv };

    if (!group_ends_seal(&p->ends, at, &sealed.bytes)) {
        return false;
    }
    if (m->request) {
        p->request_number = m->ssn;
    }
    sealed.number = m->own_piv ? m->ssn : p->request_number;
    sealed.request_piv = covey_oscore_piv(p->request_number, piv);
    return group_inputs_check(p->c, &p->made, m, &sealed, p->ends.crypto,
                              p->ends.k) &&
           check_signed(p, m) && check_opened(p, m);
}

static bool run_exchange(struct progress *p, const covey_crypto *crypto,
                         const selftest_check *k)
{
    if (!group_keys_check(p->c, &p->made, crypto, k) ||
        !group_ends_open(&p->ends, p->c, crypto, k)) {
        return false;
    }
    p->checker = (covey_sigcheck){
        .crypto = crypto,
        .algorithms = p->c->p.algorithms,
        .hkdf = p->c->p.hkdf,
        .curve = (int32_t)p->c->p.curve,
        .gid = p->c->p.gid,
        .gm_cred = p->c->p.gm_cred,
        .sek = covey_bytes_of(p->made.common.sek, p->made.common.sek_len),
    };
    for (size_t i = 0; i < p->c->count; i++) {
        if (!run_message(p, i)) {
            fprintf(k->expected, " (message %zu)", i);
            return false;
        }
    }
    return true;
}

bool selftest_group_run(struct fy_node *node, const covey_crypto *crypto,
                        const selftest_check *k)
{
    group_case *c = calloc(1, sizeof *c);
    struct progress *p = calloc(1, sizeof *p);
    bool good = false;

    if (c == NULL || p == NULL) {
        selftest_differs(k, "enough memory", "none");
    } else if (!group_case_read(c, node, k->got)) {
        fputs("a case that this runner understands", k->expected);
    } else {
        p->c = c;
        good = run_exchange(p, crypto, k);
    }
    if (p != NULL) {
        group_ends_close(&p->ends);
        covey_wipe(&p->made, sizeof p->made);
    }
    if (c != NULL) {
        group_case_free(c, crypto);
    }
    free(p);
    free(c);
    return good;
}
