/* SPDX-License-Identifier: BSD-2-Clause */
/* pre_shared_key with its binders (RFC 8446 Section 4.2.11). A client offers
 * one PSK: the session that it resumes, or the first that is configured. */
#include "tls_internal.h"

enum {
    BINDER_MIN = 32,
    AGE_LEN = 4
};

/* The one that a client offers, or that a server has chosen. */
static const uint8_t *secret_of(const covey_tls *t)
{
    if (t->psk) {
        return t->psk->secret.ptr;
    }
    return t->is_server ? t->ticket.secret : t->session->secret;
}

int32_t covey__tls_psk_hash(const covey_tls *t)
{
    return t->psk ? t->psk->hash : covey__tls_suite_find(t->psk_suite)->hash;
}

covey_bytes covey__tls_psk_secret(const covey_tls *t)
{
    size_t len = t->psk ? t->psk->secret.len
                        : covey__tls_suite_find(t->psk_suite)->hash_len;

    return covey_bytes_of(secret_of(t), len);
}

/* Any suite of ours with this hash. */
static const struct tls_suite *suite_with(int32_t hash)
{
    return covey__tls_suite_find(hash == COVEY_SHA_384
                                     ? COVEY_TLS_AES_256_GCM_SHA384
                                     : COVEY_TLS_AES_128_GCM_SHA256);
}

/* The binder over the hello up to the binders. */
static covey_status binder_of(covey_tls *t, covey_bytes truncated,
                              uint8_t *out)
{
    const covey_crypto *c = t->config->crypto;
    const struct tls_suite *s = suite_with(covey__tls_psk_hash(t));
    uint8_t chain[COVEY_TLS_SECRET_MAX];
    uint8_t key[COVEY_TLS_SECRET_MAX];
    uint8_t digest[COVEY_TLS_HASH_MAX];
    covey_status st =
        covey__tls_chain_first(c, s, chain, covey__tls_psk_secret(t));

    if (st == COVEY_OK) {
        st = covey__tls_hash_of(c, s, covey_bytes_of(NULL, 0), digest);
    }
    if (st == COVEY_OK) {
        st = covey__tls_derive(c, s, chain,
                               t->psk ? "ext binder" : "res binder",
                               covey_bytes_of(digest, s->hash_len),
                               tls_room_of(key, s->hash_len));
    }
    if (st == COVEY_OK) {
        st = covey__tls_transcript_digest(t, s->hash, truncated, digest);
    }
    if (st == COVEY_OK) {
        st = covey__tls_finished(c, s, key,
                                 covey_bytes_of(digest, s->hash_len), out);
    }
    covey_wipe(chain, sizeof chain);
    covey_wipe(key, sizeof key);
    return st;
}

/* What a client can still offer: after a HelloRetryRequest the hash of the
 * suite is known (Section 4.1.4). */
static bool choose_offer(covey_tls *t, covey_time now)
{
    const covey_tls_config *c = t->config;

    t->psk = NULL;
    t->psk_suite = 0;
    if (t->session && now.mono < t->session->expires) {
        t->psk_suite = t->session->suite;
    } else if (c->psk_count > 0) {
        t->psk = &c->psks[0];
    } else {
        return false;
    }
    return !t->retried || tls_suite_of(t)->hash == covey__tls_psk_hash(t);
}

covey_status covey__tls_psk_write(covey_tls *t, covey_time now,
                                  covey_writer *w)
{
    size_t at = 0;
    size_t list = 0;
    size_t one = 0;
    uint32_t age = 0;

    if (!choose_offer(t, now)) {
        return COVEY_OK;
    }
    if (!t->psk) {
        age =
            (uint32_t)(now.mono - t->session->received) + t->session->age_add;
    }
    at = covey__tls_extension(t, w, EXT_PRE_SHARED_KEY);
    list = covey__tls_begin(w, 2);
    one = covey__tls_begin(w, 2);
    covey_write_bytes(w, t->psk ? t->psk->identity : t->session->ticket);
    covey__tls_end(w, 2, one);
    covey_write_u32(w, age);
    covey__tls_end(w, 2, list);
    list = covey__tls_begin(w, 2);
    one = covey__tls_begin(w, 1);
    (void)covey_write_reserve(w, suite_with(covey__tls_psk_hash(t))->hash_len);
    covey__tls_end(w, 1, one);
    covey__tls_end(w, 2, list);
    covey__tls_end(w, 2, at);
    return w->failed;
}

covey_status covey__tls_psk_bind(covey_tls *t, struct tls_room message)
{
    size_t len = suite_with(covey__tls_psk_hash(t))->hash_len;

    return binder_of(t, covey_bytes_of(message.ptr, message.len - 3 - len),
                     message.ptr + message.len - len);
}

/* A row that serves: it is not used, not too old, and of this hash. */
static covey_tls_ticket *find_ticket(const covey_tls *t, covey_time now,
                                     covey_bytes identity)
{
    const covey_tls_tickets *all = t->config->tickets;

    for (size_t i = 0;
         all && identity.len == COVEY_TLS_TICKET_ID && i < all->count; i++) {
        covey_tls_ticket *row = &all->rows[i];
        if (row->suite != 0 && now.mono < row->expires &&
            covey__tls_suite_find(row->suite)->hash == tls_suite_of(t)->hash &&
            covey_secret_equal(row->id, identity.ptr, sizeof row->id)) {
            return row;
        }
    }
    return NULL;
}

static const covey_tls_psk *find_psk(const covey_tls *t, covey_bytes identity)
{
    for (size_t i = 0; i < t->config->psk_count; i++) {
        const covey_tls_psk *p = &t->config->psks[i];
        if (p->hash == tls_suite_of(t)->hash &&
            covey_bytes_equal(p->identity, identity)) {
            return p;
        }
    }
    return NULL;
}

static covey_status malformed(covey_tls *t)
{
    return covey__tls_fail(t, COVEY_TLS_DECODE_ERROR,
                           "pre_shared_key is malformed",
                           "RFC 8446 Section 4.2.11");
}

/* The two lists, as long as each other. */
static covey_status split(covey_tls *t, covey_bytes value,
                          covey_bytes *identities, covey_bytes *binders)
{
    covey_reader r = covey_reader_of(value);
    size_t counts[2] = { 0, 0 };

    *identities = covey__tls_vector(&r, 2);
    *binders = covey__tls_vector(&r, 2);
    if (!covey_read_done(&r)) {
        return malformed(t);
    }
    covey_reader a = covey_reader_of(*identities);
    covey_reader b = covey_reader_of(*binders);
    bool good = true;
    while (good && covey_read_left(&a) > 0) {
        good = covey__tls_vector(&a, 2).len > 0;
        (void)covey_read_u32(&a);
        counts[0]++;
    }
    while (good && covey_read_left(&b) > 0) {
        good = covey__tls_vector(&b, 1).len >= BINDER_MIN;
        counts[1]++;
    }
    if (!good || !covey_read_done(&a) || !covey_read_done(&b) ||
        counts[0] == 0) {
        return malformed(t);
    }
    return counts[0] == counts[1]
               ? COVEY_OK
               : covey__tls_fail(t, COVEY_TLS_ILLEGAL_PARAMETER,
                                 "not as many binders as identities",
                                 "RFC 8446 Section 4.2.11");
}

/* The secret moves out of its row once the binder has shown that the client
 * has it, too: the row never serves again. */
static void take_row(covey_tls *t, covey_tls_ticket *row)
{
    t->peer = row->peer;
    t->resumed = true;
    covey_wipe(row, sizeof *row);
}

static covey_status check_binder(covey_tls *t, covey_bytes truncated,
                                 covey_bytes binder)
{
    uint8_t right[COVEY_TLS_HASH_MAX];
    covey_status st = binder_of(t, truncated, right);
    const bool same = st == COVEY_OK &&
                      binder.len == tls_suite_of(t)->hash_len &&
                      covey_secret_equal(right, binder.ptr, binder.len);

    covey_wipe(right, sizeof right);
    if (st != COVEY_OK) {
        return covey__tls_host(t, st);
    }
    return same ? COVEY_OK
                : covey__tls_fail(t, COVEY_TLS_DECRYPT_ERROR,
                                  "a binder is wrong",
                                  "RFC 8446 Section 4.2.11");
}

covey_status covey__tls_psk_choose(covey_tls *t, covey_time now,
                                   covey_bytes value, covey_bytes message)
{
    covey_bytes identities;
    covey_bytes binders;
    covey_status st = split(t, value, &identities, &binders);
    covey_reader a = covey_reader_of(identities);
    covey_reader b = covey_reader_of(binders);
    covey_tls_ticket *row = NULL;

    if (st != COVEY_OK) {
        return st;
    }
    for (uint16_t i = 0; covey_read_left(&a) > 0; i++) {
        covey_bytes identity = covey__tls_vector(&a, 2);
        covey_bytes binder = covey__tls_vector(&b, 1);
        (void)covey_read_bytes(&a, AGE_LEN);
        row = find_ticket(t, now, identity);
        t->psk = row ? NULL : find_psk(t, identity);
        if (!row && !t->psk) {
            continue;
        }
        t->psk_index = i;
        if (row) {
            t->psk_suite = row->suite;
            memcpy(t->ticket.secret, row->secret, sizeof row->secret);
        }
        st = check_binder(
            t, covey_bytes_of(message.ptr, message.len - 2 - binders.len),
            binder);
        if (st == COVEY_OK) {
            t->used_psk = true;
            if (row) {
                take_row(t, row);
            }
        }
        return st;
    }
    return COVEY_OK;
}
