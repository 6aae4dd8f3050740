/* SPDX-License-Identifier: BSD-2-Clause */
/* Answers. What holds keys is written straight into the caller's storage. */
#include "manager_internal.h"

#include <string.h>

#define NEWS_JOINERS_MAX 4u

/* --- refusals ------------------------------------------------------------ */

/* What there is no room for is left out. */
static void put_title(covey_manager_answer *answer, const char *title,
                      covey_writer *out)
{
    const size_t start = out->pos;

    covey_keying_put_title(out, title);
    if (out->failed != COVEY_OK) {
        out->pos = start;
        out->failed = COVEY_OK;
        return;
    }
    answer->format = COVEY_KEYING_FORMAT_PROBLEM;
    answer->payload = covey_bytes_of(out->base + start, out->pos - start);
}

covey_status covey__manager_say(covey__manager_call *c, uint8_t code,
                                const char *title)
{
    c->answer->code = code;
    put_title(c->answer, title, c->out);
    return COVEY_OK;
}

covey_status covey__manager_code(covey__manager_call *c, uint8_t code)
{
    if (code >= COVEY_COAP_CODE(4, 0)) {
        return covey__manager_say(c, code, covey_keying_code_text(code));
    }
    c->answer->code = code;
    return COVEY_OK;
}

covey_status covey__manager_content(covey__manager_call *c, uint16_t format,
                                    size_t start)
{
    if (c->out->failed != COVEY_OK) {
        covey_wipe(c->out->base + start, c->out->pos - start);
        c->out->pos = start;
        c->out->failed = COVEY_OK;
        return covey__manager_code(c, COVEY_COAP_CODE(5, 0));
    }
    if (c->answer->code == 0) {
        c->answer->code = COVEY_COAP_CODE(2, 5);
    }
    c->answer->format = format;
    c->answer->payload =
        covey_bytes_of(c->out->base + start, c->out->pos - start);
    return COVEY_OK;
}

covey_status covey__manager_refuse(covey__manager_call *c,
                                   covey_keying_error error)
{
    const size_t start = c->out->pos;

    covey_keying_put_problem(c->out, error);
    c->answer->code = covey_keying_error_code(error);
    return covey__manager_content(c, COVEY_KEYING_FORMAT_PROBLEM, start);
}

void covey__manager_refuse_later(covey_manager_answer *answer, uint8_t error,
                                 covey_writer *out)
{
    if (error >= COVEY_KEYING_ERRORS) {
        answer->code = error == REFUSE_BUSY ? COVEY_COAP_CODE(5, 3)
                                            : COVEY_COAP_CODE(4, 0);
        put_title(answer, covey_keying_code_text(answer->code), out);
        return;
    }
    answer->code = covey_keying_error_code((covey_keying_error)error);
    answer->format = COVEY_KEYING_FORMAT_PROBLEM;
    covey_keying_put_problem(out, (covey_keying_error)error);
}

/* --- members ------------------------------------------------------------- */

/* Monitors have neither credential nor Sender ID. */
static bool is_listed(const covey_manager_member *r,
                      const covey_keying_filter *f)
{
    return r->standing == COVEY_MANAGER_PRESENT && r->credential.len > 0 &&
           covey_keying_filter_takes(f, r->roles, covey__manager_id(r));
}

static void put_part(const covey_manager_member *r, unsigned place,
                     covey_writer *out)
{
    if (place == COVEY_GC_CREDS) {
        covey_cbor_put_bytes(out, r->credential);
    } else if (place == COVEY_GC_PEER_ROLES) {
        covey_cbor_put_uint(out, r->roles);
    } else {
        covey_cbor_put_bytes(out, covey__manager_id(r));
    }
}

/* The three arrays in step; `self` is left out. */
static void put_peers(const covey_manager *m, const covey_manager_group *g,
                      const covey_keying_filter *f,
                      const covey_manager_member *self, covey_writer *out)
{
    const covey_manager_member *r = NULL;
    size_t count = 0;

    while ((r = covey__manager_next(m, g, r)) != NULL) {
        count += r != self && is_listed(r, f);
    }
    for (unsigned place = COVEY_GC_CREDS; place <= COVEY_GC_PEER_IDENTIFIERS;
         place++) {
        covey_keying_put_list(out, place, count);
        while ((r = covey__manager_next(m, g, r)) != NULL) {
            if (r != self && is_listed(r, f)) {
                put_part(r, place, out);
            }
        }
    }
}

void covey__manager_put_creds(const covey_manager *m,
                              const covey_manager_group *g,
                              const covey_keying_filter *filter,
                              covey_writer *out)
{
    covey_cbor_put_map(out, 4);
    covey_keying_put_label(out, COVEY_KEYING_GROUPCOMM, COVEY_GC_NUM);
    covey_cbor_put_uint(out, g->version);
    put_peers(m, g, filter, NULL, out);
}

/* --- stale Sender IDs ---------------------------------------------------- */

static bool is_stale_since(const covey_manager_stale *s,
                           const covey_manager_group *g, uint32_t from)
{
    return s->serial == g->serial && s->version >= from;
}

size_t covey__manager_stale_count(const covey_manager *m,
                                  const covey_manager_group *g, uint32_t from)
{
    size_t count = 0;

    for (uint32_t i = 0; i < m->memory.stale_count; i++) {
        count += is_stale_since(&m->memory.stale[i], g, from);
    }
    return count;
}

void covey__manager_put_stale(const covey_manager *m,
                              const covey_manager_group *g, uint32_t from,
                              covey_writer *out)
{
    for (uint32_t i = 0; i < m->memory.stale_count; i++) {
        const covey_manager_stale *s = &m->memory.stale[i];

        if (is_stale_since(s, g, from)) {
            covey_cbor_put_bytes(out, covey_bytes_of(s->id, s->id_len));
        }
    }
}

/* --- keys ---------------------------------------------------------------- */

static void fill_keys(const covey_manager *m, const covey_manager_group *g,
                      uint8_t *gid, covey_keying_material *k)
{
    memset(k, 0, sizeof *k);
    k->suite = &g->suite;
    k->ms =
        covey_bytes_of(g->master_secret, covey__manager_secret_len(&g->suite));
    k->salt = covey_bytes_of(g->master_salt, COVEY_MANAGER_SALT_LEN);
    k->gid = covey_manager_gid(m, g, gid);
    k->num = g->version;
    k->exi = g->lifetime;
    if (g->keyed_at != 0 && g->lifetime != 0) {
        k->exp = g->keyed_at + g->lifetime;
    }
}

static void add_sender_id(const covey_manager_member *r,
                          covey_keying_material *k)
{
    if (r != NULL && (r->roles & COVEY_KEYING_MONITOR) == 0) {
        k->sender_id = covey__manager_id(r);
    }
}

void covey__manager_put_keys(const covey_manager *m,
                             const covey_manager_group *g,
                             const covey_manager_member *r, covey_writer *out)
{
    uint8_t gid[COVEY_MANAGER_GID_MAX];
    covey_keying_material k;

    fill_keys(m, g, gid, &k);
    add_sender_id(r, &k);
    covey_keying_put_material(out, &k);
    covey_keying_put_material_rest(out, &k);
}

/* Members that these keys are for the first for: then nobody has to ask for
 * their credentials when they are heard. Many at once are left out, so that
 * news fit into one datagram. */
static bool has_just_joined(const covey_manager_group *g,
                            const covey_manager_member *r)
{
    return r->standing == COVEY_MANAGER_PRESENT && r->joined == g->version &&
           r->credential.len > 0;
}

static void put_joiners(const covey_manager *m, const covey_manager_group *g,
                        size_t count, covey_writer *out)
{
    const covey_manager_member *r = NULL;

    for (unsigned place = COVEY_GC_CREDS; place <= COVEY_GC_PEER_IDENTIFIERS;
         place++) {
        covey_keying_put_list(out, place, count);
        while ((r = covey__manager_next(m, g, r)) != NULL) {
            if (has_just_joined(g, r)) {
                put_part(r, place, out);
            }
        }
    }
}

static size_t count_joiners(const covey_manager *m,
                            const covey_manager_group *g)
{
    const covey_manager_member *r = NULL;
    size_t count = 0;

    while ((r = covey__manager_next(m, g, r)) != NULL) {
        count += has_just_joined(g, r);
    }
    return count;
}

/* Stale IDs are those of the version before; where they are not known any
 * more, the member is told of none and drops all it knows. */
void covey__manager_put_news(const covey_manager *m,
                             const covey_manager_group *g, covey_writer *out)
{
    const uint32_t from = g->version > 0 ? g->version - 1 : 0;
    const size_t joiners = count_joiners(m, g);
    uint8_t gid[COVEY_MANAGER_GID_MAX];
    covey_keying_material k;

    fill_keys(m, g, gid, &k);
    k.suite = NULL;
    k.stale = g->stale_from <= from;
    k.peers = joiners > 0 && joiners <= NEWS_JOINERS_MAX;
    covey_keying_put_material(out, &k);
    if (k.peers) {
        put_joiners(m, g, joiners, out);
    }
    covey_keying_put_material_rest(out, &k);
    if (k.stale) {
        covey_keying_put_list(out, COVEY_GC_STALE_NODE_IDS,
                              covey__manager_stale_count(m, g, from));
        covey__manager_put_stale(m, g, from, out);
    }
}

/* --- proofs of the manager ----------------------------------------------- */

/* N_KDC and the evidence over both nonces. */
struct proof {
    uint8_t nonce[COVEY_MANAGER_CHALLENGE_LEN];
    uint8_t evidence[COVEY_SIGNATURE_MAX];
    covey_bytes n_kdc;
    covey_bytes verify;
};

static covey_status prove(const covey_manager *m, const covey_manager_group *g,
                          covey_bytes credential, covey_bytes n_c,
                          struct proof *proof)
{
    const covey_crypto *crypto = m->config.crypto;
    uint8_t storage[COVEY_KEYING_NONCE_MAX + COVEY_MANAGER_CHALLENGE_LEN + 4];
    covey_writer input = covey_writer_of(storage, sizeof storage);
    covey_writer nonce = covey_writer_of(proof->nonce, sizeof proof->nonce);
    covey_writer w = covey_writer_of(proof->evidence, sizeof proof->evidence);
    covey_status st = crypto->random(crypto->provider, &nonce);

    if (st == COVEY_OK) {
        proof->n_kdc = covey_written(&nonce);
        st = covey_keying_kdc_pop(&input, n_c, proof->n_kdc);
    }
    if (st == COVEY_OK) {
        st = covey__manager_prove(m, g, credential, covey_written(&input), &w);
        proof->verify = covey_written(&w);
    }
    return st;
}

covey_status covey__manager_put_kdc(const covey_manager *m,
                                    const covey_manager_group *g,
                                    covey_bytes n_c, covey_writer *out)
{
    struct proof proof;
    covey_status st = prove(m, g, covey_bytes_of(NULL, 0), n_c, &proof);

    if (st != COVEY_OK) {
        return st;
    }
    covey_cbor_put_map(out, 3);
    covey_keying_put_label(out, COVEY_KEYING_GROUPCOMM, COVEY_GC_KDC_CRED);
    covey_cbor_put_bytes(out,
                         covey__manager_identity(m, &g->suite)->credential);
    covey_keying_put_label(out, COVEY_KEYING_GROUPCOMM, COVEY_GC_KDC_NONCE);
    covey_cbor_put_bytes(out, proof.n_kdc);
    covey_keying_put_label(out, COVEY_KEYING_GROUPCOMM,
                           COVEY_GC_KDC_CRED_VERIFY);
    covey_cbor_put_bytes(out, proof.verify);
    return out->failed;
}

/* --- joined -------------------------------------------------------------- */

/* null: those that a requester or responder has to do with. */
static uint8_t matter_to(uint8_t roles)
{
    return (uint8_t)(((roles & COVEY_KEYING_REQUESTER) != 0
                          ? COVEY_KEYING_RESPONDER
                          : 0) |
                     ((roles &
                       (COVEY_KEYING_RESPONDER | COVEY_KEYING_MONITOR)) != 0
                          ? COVEY_KEYING_REQUESTER
                          : 0));
}

/* The wish as a filter; `storage` of 16 bytes. */
static covey_keying_filter filter_of(const covey_manager_pending *p,
                                     uint8_t roles, uint8_t *storage)
{
    covey_writer w = covey_writer_of(storage, 16);
    covey_keying_filter f = { false, true, { NULL, 0 }, { NULL, 0 } };
    const uint8_t matter = matter_to(roles);
    uint8_t both[2];
    size_t count = 0;

    for (unsigned bit = COVEY_KEYING_REQUESTER; bit <= COVEY_KEYING_RESPONDER;
         bit <<= 1) {
        if ((matter & bit) != 0) {
            both[count++] = (uint8_t)bit;
        }
    }
    covey_cbor_put_array(&w, p->all ? count : p->wish_count);
    for (size_t i = 0; i < (p->all ? count : p->wish_count); i++) {
        covey_cbor_put_uint(&w, p->all ? both[i] : p->wish[i]);
    }
    f.roles = covey_written(&w);
    f.ids = covey_bytes_of((const uint8_t *)"\x80", 1);
    return f;
}

static void put_numbers(const covey_manager *m, const covey_manager_group *g,
                        covey_writer *out)
{
    const covey_manager_member *r = NULL;
    size_t count = 0;

    while ((r = covey__manager_next(m, g, r)) != NULL) {
        count += r->number != 0;
    }
    covey_keying_put_list(out, COVEY_GC_NUMBERS, count);
    while ((r = covey__manager_next(m, g, r)) != NULL) {
        if (r->number != 0) {
            covey_keying_put_number(out, covey__manager_id(r), r->number - 1);
        }
    }
}

covey_status covey__manager_put_joined(covey_manager *m,
                                       const covey_manager_pending *p,
                                       covey_writer *out)
{
    const covey_manager_group *g = &m->memory.groups[p->group];
    const covey_manager_member *r = &m->memory.members[p->member];
    uint8_t gid[COVEY_MANAGER_GID_MAX];
    uint8_t roles[16];
    covey_keying_material k;
    covey_keying_filter filter;
    struct proof proof;
    covey_status st =
        prove(m, g, r->credential, covey_bytes_of(r->n_c, r->n_c_len), &proof);

    if (st != COVEY_OK) {
        return st;
    }
    fill_keys(m, g, gid, &k);
    add_sender_id(r, &k);
    k.peers = p->all || p->wish_count > 0;
    k.policies = true;
    k.check_interval = g->check_interval;
    k.expiration_delta = g->expiration_delta;
    k.kdc_cred = covey__manager_identity(m, &g->suite)->credential;
    k.kdc_nonce = proof.n_kdc;
    k.kdc_cred_verify = proof.verify;
    k.numbers = m->config.numbers;
    covey_keying_put_material(out, &k);
    if (k.peers) {
        filter = filter_of(p, r->roles, roles);
        put_peers(m, g, &filter, r, out);
    }
    covey_keying_put_material_rest(out, &k);
    if (k.numbers) {
        put_numbers(m, g, out);
    }
    return out->failed;
}

covey_status covey__manager_put_verif(const covey_manager *m,
                                      const covey_manager_group *g,
                                      covey_writer *out)
{
    uint8_t gid[COVEY_MANAGER_GID_MAX];
    const covey_group_parameters p = covey__manager_parameters(m, g, gid);
    covey_keying_material k;
    covey_group_keys keys;
    covey_status st = covey_group_derive(&keys, &p, m->config.crypto);

    if (st != COVEY_OK) {
        return st;
    }
    fill_keys(m, g, gid, &k);
    k.verifier = true;
    k.ms = covey_bytes_of(NULL, 0);
    k.salt = covey_bytes_of(NULL, 0);
    k.sek = covey_bytes_of(keys.sek, keys.sek_len);
    covey_keying_put_material(out, &k);
    covey_keying_put_material_rest(out, &k);
    covey_wipe(&keys, sizeof keys);
    return out->failed;
}
