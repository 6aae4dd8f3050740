/* SPDX-License-Identifier: BSD-2-Clause */
/* Joining, leaving, new Sender IDs and credentials. Everything is checked
 * first; then the change is staged, and answered once it is stored. */
#include "manager_internal.h"

#include <string.h>

/* scope, N_S and N_C with their heads. */
#define SCOPE_MAX 64u
#define INPUT_MAX (SCOPE_MAX + COVEY_KEYING_NONCE_MAX + 8u + 8u)

/* A Join Request, or a new credential. */
struct wish {
    covey_bytes scope; /* encoded */
    covey_bytes n_c;
    covey_bytes credential;
    covey_bytes evidence;
    covey_bytes uri;
    covey_keying_filter creds;
    bool wants_creds;
    uint8_t roles;
};

/* --- the challenge ------------------------------------------------------- */

static covey_status challenge(covey__manager_call *c)
{
    const covey_manager *m = c->m;
    covey_manager_node *n = c->node;
    covey_writer w = covey_writer_of(n->n_s, sizeof n->n_s);
    covey_status st = m->config.crypto->random(m->config.crypto->provider, &w);

    n->challenged = st == COVEY_OK;
    n->until = m->now.mono + m->config.challenge_life;
    return st;
}

/* What a joining node has to prove, and a challenge. */
static covey_status tell_how(covey__manager_call *c)
{
    const covey_manager_identity *id =
        covey__manager_identity(c->m, &c->group->suite);
    covey_keying_info info = {
        .group = covey__manager_group_name(c->group),
        .suite = c->group->suite,
    };
    const size_t start = c->out->pos;

    if (challenge(c) != COVEY_OK) {
        return covey__manager_code(c, COVEY_COAP_CODE(5, 3));
    }
    info.kdcchallenge = covey_bytes_of(c->node->n_s, sizeof c->node->n_s);
    if (info.suite.signature == 0) {
        info.kdc_dh_cred = id->credential;
    }
    covey_keying_put_info(c->out, &info);
    c->answer->code = COVEY_COAP_CODE(4, 0);
    return covey__manager_content(c, COVEY_KEYING_FORMAT, start);
}

/* --- the proof ----------------------------------------------------------- */

/* The signature or MAC is right, and the challenge that it answers is ours,
 * this node's, the last one, and not too old. */
static covey_status check_evidence(covey__manager_call *c,
                                   const struct wish *w, covey_key *peer)
{
    covey_manager_node *n = c->node;
    uint8_t storage[INPUT_MAX];
    covey_writer input = covey_writer_of(storage, sizeof storage);
    covey_status st;

    if (w->evidence.ptr != NULL && w->evidence.len == 0) {
        return n->credential.ptr != NULL &&
                       covey_bytes_equal(n->credential, w->credential)
                   ? COVEY_OK
                   : COVEY_E_AUTH;
    }
    if (!n->challenged || c->m->now.mono > n->until) {
        return COVEY_E_AUTH;
    }
    st = covey_keying_client_pop(
        &input, w->scope, covey_bytes_of(n->n_s, sizeof n->n_s), w->n_c);
    return st == COVEY_OK
               ? covey__manager_verify(c->m, c->group, peer,
                                       covey_written(&input), w->evidence)
               : COVEY_E_AUTH;
}

/* *refusal: what is wrong; otherwise a status of the provider, or OK. A
 * challenge has served once it has been met. */
static covey_status check_credential(covey__manager_call *c,
                                     const struct wish *w, uint8_t *refusal)
{
    const covey_crypto *crypto = c->m->config.crypto;
    covey_key peer;
    covey_status st =
        covey__manager_public_key(c->m, c->group, w->credential, &peer);

    *refusal = REFUSE_NOTHING;
    if (st == COVEY_E_RANGE || st == COVEY_E_UNSUPPORTED) {
        *refusal = COVEY_KEYING_BAD_CREDENTIAL;
        return COVEY_OK;
    }
    if (st != COVEY_OK) {
        return st;
    }
    st = check_evidence(c, w, &peer);
    crypto->key_drop(crypto->provider, &peer);
    if (st == COVEY_E_AUTH || st == COVEY_E_RANGE) {
        *refusal = COVEY_KEYING_BAD_PROOF;
        return COVEY_OK;
    }
    c->node->challenged = c->node->challenged && st != COVEY_OK;
    return st;
}

/* --- joining ------------------------------------------------------------- */

/* false: the request is malformed. */
static bool read_scope(const covey__manager_call *c, struct wish *w)
{
    covey_keying_scope scope;

    if (w->scope.len > SCOPE_MAX ||
        covey_keying_scope_parse(&scope, w->scope) != COVEY_OK ||
        !covey_bytes_equal(scope.group, covey__manager_group_name(c->group))) {
        return false;
    }
    w->roles = (uint8_t)scope.tperm;
    return true;
}

static bool read_creds(struct wish *w, covey_bytes item)
{
    w->wants_creds = item.ptr != NULL;
    return !w->wants_creds ||
           covey_keying_filter_parse(&w->creds, item) == COVEY_OK;
}

static bool read_join(const covey__manager_call *c, struct wish *w)
{
    covey_bytes values[COVEY_KEYING_VALUES];

    memset(w, 0, sizeof *w);
    if (covey_keying_parse(values, COVEY_KEYING_GROUPCOMM,
                           c->request->message->payload) != COVEY_OK) {
        return false;
    }
    w->scope = values[COVEY_GC_SCOPE];
    w->n_c = values[COVEY_GC_CNONCE];
    w->credential = values[COVEY_GC_CLIENT_CRED];
    w->evidence = values[COVEY_GC_CLIENT_CRED_VERIFY];
    w->uri = values[COVEY_GC_CONTROL_URI];
    return w->n_c.len > 0 && w->n_c.len <= COVEY_KEYING_NONCE_MAX &&
           w->uri.len <= COVEY_MANAGER_URI_MAX && read_scope(c, w) &&
           read_creds(w, values[COVEY_GC_GET_CREDS]);
}

/* The profile's Section 6.2: who listens only does nothing else, and verifiers
 * do not join. A monitor proves nothing and has no key to agree with, so that
 * groups without signatures have none. */
static bool roles_fit(const covey_manager_group *g, uint8_t roles)
{
    if ((roles & COVEY_KEYING_VERIFIER) != 0) {
        return false;
    }
    if ((roles & COVEY_KEYING_MONITOR) != 0) {
        return roles == COVEY_KEYING_MONITOR && g->suite.signature != 0;
    }
    return true;
}

/* Roles whose credentials go with the answer. */
static bool keep_filter(covey_manager_pending *p, const struct wish *w)
{
    covey_cbor_reader r =
        covey_cbor_reader_of(w->creds.roles, COVEY_CBOR_WELL_FORMED);
    size_t count;

    p->all = w->wants_creds && w->creds.all;
    if (!w->wants_creds || p->all) {
        return true;
    }
    count = covey_cbor_get_array(&r);
    if (!w->creds.include || count > sizeof p->wish) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        p->wish[i] = (uint8_t)covey_cbor_get_uint(&r);
    }
    p->wish_count = (uint8_t)count;
    return true;
}

/* The row of the joining node, new or as it was. */
static bool take_row(covey__manager_call *c)
{
    covey_manager_group *g = c->group;

    if (c->member == NULL) {
        c->member = covey__manager_member_new(c->m, g, c->node->name);
        return c->member != NULL;
    }
    if (c->member->standing == COVEY_MANAGER_EVICTED) {
        g->members++;
        c->member->standing = COVEY_MANAGER_PRESENT;
    }
    covey__manager_forgive(c->m, g, c->member);
    covey__manager_make_stale(c->m, g, covey__manager_id(c->member));
    c->member->id_len = 0;
    return true;
}

static void give_id(covey__manager_call *c)
{
    covey_manager_member *r = c->member;

    if ((r->roles & COVEY_KEYING_MONITOR) == 0 &&
        !covey__manager_take_id(c->m, c->group, r)) {
        r->flags |= MEMBER_NEEDS_ID;
        covey__manager_want_rekey(c->m, c->group, COVEY_MANAGER_BY_EXHAUSTION);
    }
}

static void fill_row(covey__manager_call *c, const struct wish *w)
{
    covey_manager_member *r = c->member;

    r->roles = w->roles;
    r->joined = UINT32_MAX; /* until the batch is settled */
    r->n_c_len = (uint8_t)w->n_c.len;
    memcpy(r->n_c, w->n_c.ptr, w->n_c.len);
    r->uri_len = (uint8_t)w->uri.len;
    if (w->uri.len > 0) {
        memcpy(r->uri, w->uri.ptr, w->uri.len);
    }
    if ((r->roles & COVEY_KEYING_MONITOR) != 0) {
        r->credential = covey_bytes_of(NULL, 0);
    } else {
        (void)covey__manager_set_credential(c->m, r, w->credential);
    }
    r->flags |= MEMBER_STAGED;
}

/* Everything is in order. */
static covey_status admit(covey__manager_call *c, const struct wish *w)
{
    const bool again =
        c->member != NULL && c->member->standing == COVEY_MANAGER_PRESENT;
    covey_manager_pending filter = { 0 };
    covey_manager_pending *p;

    if (!keep_filter(&filter, w)) {
        return covey__manager_code(c, COVEY_COAP_CODE(4, 0));
    }
    if (!take_row(c)) {
        return covey__manager_code(c, COVEY_COAP_CODE(5, 3));
    }
    fill_row(c, w);
    give_id(c);
    p = covey__manager_defer(c, PENDING_JOIN,
                             again ? COVEY_COAP_CODE(2, 4)
                                   : COVEY_COAP_CODE(2, 1));
    p->all = filter.all;
    p->wish_count = filter.wish_count;
    memcpy(p->wish, filter.wish, sizeof p->wish);
    covey__manager_log(
        c->m, again ? COVEY_MANAGER_DID_REJOIN : COVEY_MANAGER_DID_JOIN,
        c->group, c->member);
    if (c->group->rekey_on_join) {
        covey__manager_want_rekey(c->m, c->group, COVEY_MANAGER_BY_JOIN);
    }
    covey__manager_stage(c->m, c->group);
    return COVEY_OK;
}

/* A member that comes again with the credential it has. */
static bool is_known(const covey__manager_call *c, struct wish *w)
{
    const covey_manager_member *r = c->member;

    if (r == NULL || r->standing != COVEY_MANAGER_PRESENT ||
        r->credential.len == 0 ||
        (w->credential.len > 0 &&
         !covey_bytes_equal(w->credential, r->credential))) {
        return false;
    }
    w->credential = r->credential;
    return w->evidence.ptr == NULL;
}

static covey_status prove_and_admit(covey__manager_call *c, struct wish *w)
{
    uint8_t refusal = REFUSE_NOTHING;
    covey_status st = COVEY_OK;

    if ((w->roles & COVEY_KEYING_MONITOR) != 0) {
        return admit(c, w);
    }
    if (is_known(c, w)) {
        return admit(c, w);
    }
    if (w->credential.len == 0 || w->evidence.ptr == NULL) {
        return tell_how(c);
    }
    st = check_credential(c, w, &refusal);
    if (st != COVEY_OK) {
        return covey__manager_code(c, COVEY_COAP_CODE(5, 3));
    }
    if (refusal != REFUSE_NOTHING) {
        return covey__manager_refuse(c, (covey_keying_error)refusal);
    }
    return admit(c, w);
}

covey_status covey__manager_join(covey__manager_call *c)
{
    const bool present =
        c->member != NULL && c->member->standing == COVEY_MANAGER_PRESENT;
    struct wish w;

    if (c->request->message->payload.len == 0) {
        return tell_how(c);
    }
    if (!read_join(c, &w)) {
        return covey__manager_code(c, COVEY_COAP_CODE(4, 0));
    }
    if ((w.roles & ~c->roles) != 0) {
        return covey__manager_code(c, COVEY_COAP_CODE(4, 3));
    }
    if (!c->group->active) {
        return covey__manager_refuse(c, COVEY_KEYING_NOT_ACTIVE);
    }
    if (!roles_fit(c->group, w.roles)) {
        return covey__manager_refuse(c, COVEY_KEYING_BAD_ROLES);
    }
    if (!covey__manager_has_id(c->group, present ? 0 : 1)) {
        return covey__manager_refuse(c, COVEY_KEYING_NO_SENDER_ID);
    }
    return prove_and_admit(c, &w);
}

/* --- members ------------------------------------------------------------- */

void covey__manager_remove(covey_manager *m, covey_manager_group *g,
                           covey_manager_member *r, bool evicted)
{
    covey__manager_forgive(m, g, r);
    covey__manager_make_stale(m, g, covey__manager_id(r));
    r->id_len = 0;
    r->credential = covey_bytes_of(NULL, 0);
    r->standing = COVEY_MANAGER_EVICTED;
    r->flags |= MEMBER_STAGED;
    if (!evicted || r->uri_len == 0) {
        r->flags |= MEMBER_REMOVE;
    }
    g->members--;
    covey__manager_log(
        m, evicted ? COVEY_MANAGER_DID_EVICT : COVEY_MANAGER_DID_LEAVE, g, r);
    covey__manager_stage(m, g);
}

covey_status covey__manager_leave(covey__manager_call *c)
{
    covey__manager_remove(c->m, c->group, c->member, false);
    covey__manager_want_rekey(c->m, c->group, COVEY_MANAGER_BY_LEAVE);
    c->member = NULL;
    (void)covey__manager_defer(c, PENDING_DONE, COVEY_COAP_CODE(2, 2));
    return COVEY_OK;
}

/* Only from what is left under the present keys: under them the node uses the
 * new ID at once. Otherwise new keys come, with which numbers begin anew. */
covey_status covey__manager_new_id(covey__manager_call *c)
{
    const covey_manager_member old = *c->member;

    if (c->request->message->payload.len > 0) {
        return covey__manager_code(c, COVEY_COAP_CODE(4, 0));
    }
    if (!c->group->active) {
        return covey__manager_refuse(c, COVEY_KEYING_NOT_ACTIVE);
    }
    if (!covey__manager_take_id(c->m, c->group, c->member)) {
        covey__manager_want_rekey(c->m, c->group, COVEY_MANAGER_BY_EXHAUSTION);
        covey__manager_defer(c, PENDING_DONE, 0)->error =
            COVEY_KEYING_NO_SENDER_ID;
        return COVEY_OK;
    }
    covey__manager_make_stale(c->m, c->group, covey__manager_id(&old));
    c->member->flags |= MEMBER_STAGED;
    (void)covey__manager_defer(c, PENDING_SENDER_ID, COVEY_COAP_CODE(2, 4));
    covey__manager_log(c->m, COVEY_MANAGER_DID_SENDER_ID, c->group, c->member);
    covey__manager_stage(c->m, c->group);
    return COVEY_OK;
}

/* The scope is that of the last Join Request, which had it in the one
 * deterministic encoding. */
covey_status covey__manager_new_credential(covey__manager_call *c)
{
    covey_bytes values[COVEY_KEYING_VALUES];
    uint8_t storage[SCOPE_MAX];
    covey_writer scope = covey_writer_of(storage, sizeof storage);
    struct wish w = { .roles = c->member->roles };
    uint8_t refusal;

    if (covey_keying_parse(values, COVEY_KEYING_GROUPCOMM,
                           c->request->message->payload) != COVEY_OK ||
        values[COVEY_GC_CLIENT_CRED].len == 0 ||
        values[COVEY_GC_CNONCE].len == 0 ||
        values[COVEY_GC_CNONCE].len > COVEY_KEYING_NONCE_MAX ||
        values[COVEY_GC_CLIENT_CRED_VERIFY].len == 0) {
        return covey__manager_code(c, COVEY_COAP_CODE(4, 0));
    }
    covey_keying_put_scope(&scope, covey__manager_group_name(c->group),
                           w.roles);
    w.scope = covey_written(&scope);
    w.n_c = values[COVEY_GC_CNONCE];
    w.credential = values[COVEY_GC_CLIENT_CRED];
    w.evidence = values[COVEY_GC_CLIENT_CRED_VERIFY];
    if (check_credential(c, &w, &refusal) != COVEY_OK) {
        return covey__manager_code(c, COVEY_COAP_CODE(5, 3));
    }
    if (refusal != REFUSE_NOTHING) {
        return covey__manager_refuse(c, (covey_keying_error)refusal);
    }
    (void)covey__manager_set_credential(c->m, c->member, w.credential);
    c->member->n_c_len = (uint8_t)w.n_c.len;
    memcpy(c->member->n_c, w.n_c.ptr, w.n_c.len);
    c->member->flags |= MEMBER_STAGED;
    (void)covey__manager_defer(c, PENDING_DONE, COVEY_COAP_CODE(2, 4));
    covey__manager_log(c->m, COVEY_MANAGER_DID_CREDENTIAL, c->group,
                       c->member);
    covey__manager_stage(c->m, c->group);
    return COVEY_OK;
}
