/* SPDX-License-Identifier: BSD-2-Clause */
/* Which secret of a connection is derived when: the transcript (RFC 8446
 * Section 4.4.1) and the stages of Section 7.1. */
#include "tls_internal.h"

enum {
    HASHES = 2
};

static const int32_t hashes[HASHES] = { COVEY_SHA_256, COVEY_SHA_384 };

static size_t hash_len(int32_t hash)
{
    return hash == COVEY_SHA_384 ? 48 : 32;
}

covey_status covey__tls_transcript_begin(covey_tls *t, int32_t hash)
{
    const covey_crypto *c = t->config->crypto;
    size_t i = hash == hashes[0] ? 0 : 1;
    covey_status st = COVEY_OK;

    if (!t->hashing[i]) {
        st = c->hash_begin(c->provider, hash, &t->transcript[i]);
        t->hashing[i] = st == COVEY_OK;
    }
    return st;
}

static void drop(covey_tls *t, size_t i)
{
    const covey_crypto *c = t->config->crypto;

    if (t->hashing[i]) {
        c->hash_drop(c->provider, &t->transcript[i]);
        t->hashing[i] = false;
    }
}

void covey__tls_transcript_only(covey_tls *t, int32_t hash)
{
    for (size_t i = 0; i < HASHES; i++) {
        if (hashes[i] != hash) {
            drop(t, i);
        }
    }
}

void covey__tls_transcript_drop(covey_tls *t)
{
    drop(t, 0);
    drop(t, 1);
}

covey_status covey__tls_transcript_add(covey_tls *t, covey_bytes message)
{
    const covey_crypto *c = t->config->crypto;
    covey_status st = COVEY_OK;

    for (size_t i = 0; i < HASHES && st == COVEY_OK; i++) {
        if (t->hashing[i]) {
            st = c->hash_update(c->provider, &t->transcript[i], message);
        }
    }
    return st;
}

covey_status covey__tls_transcript_digest(covey_tls *t, int32_t hash,
                                          covey_bytes extra, uint8_t *out)
{
    const covey_crypto *c = t->config->crypto;
    size_t i = hash == hashes[0] ? 0 : 1;
    covey_writer w = covey_writer_of(out, hash_len(hash));
    covey_hash copy;
    covey_status st = COVEY_E_STATE;

    if (!t->hashing[i]) {
        return st;
    }
    st = c->hash_clone(c->provider, &t->transcript[i], &copy);
    if (st != COVEY_OK) {
        return st;
    }
    if (extra.len > 0) {
        st = c->hash_update(c->provider, &copy, extra);
    }
    if (st != COVEY_OK) {
        c->hash_drop(c->provider, &copy);
        return st;
    }
    return c->hash_finish(c->provider, &copy, &w);
}

covey_status covey__tls_transcript_retry(covey_tls *t)
{
    int32_t hash = tls_suite_of(t)->hash;
    uint8_t message[4 + COVEY_TLS_HASH_MAX] = { MESSAGE_HASH, 0, 0 };
    covey_status st = COVEY_OK;

    message[3] = (uint8_t)hash_len(hash);
    st = covey__tls_transcript_digest(t, hash, covey_bytes_of(NULL, 0),
                                      message + 4);
    if (st == COVEY_OK) {
        covey__tls_transcript_drop(t);
        st = covey__tls_transcript_begin(t, hash);
    }
    if (st == COVEY_OK) {
        st = covey__tls_transcript_add(
            t, covey_bytes_of(message, 4 + hash_len(hash)));
    }
    return st;
}

struct wanted {
    const char *label;
    uint8_t *to;
};

/* Derive-Secret of each label over the transcript as it stands. */
static covey_status derive_all(covey_tls *t, const struct wanted *wanted,
                               size_t count)
{
    const struct tls_suite *s = tls_suite_of(t);
    uint8_t digest[COVEY_TLS_HASH_MAX];
    covey_status st = covey__tls_transcript_digest(
        t, s->hash, covey_bytes_of(NULL, 0), digest);

    for (size_t i = 0; i < count && st == COVEY_OK; i++) {
        st = covey__tls_derive(t->config->crypto, s, t->chain, wanted[i].label,
                               covey_bytes_of(digest, s->hash_len),
                               tls_room_of(wanted[i].to, s->hash_len));
    }
    return st;
}

covey_status covey__tls_derive_handshake(covey_tls *t)
{
    const covey_crypto *c = t->config->crypto;
    const struct tls_suite *s = tls_suite_of(t);
    const struct wanted wanted[] = {
        { "c hs traffic", t->handshake_secret[CLIENT] },
        { "s hs traffic", t->handshake_secret[SERVER] },
    };
    covey_bytes psk =
        t->used_psk ? covey__tls_psk_secret(t) : covey_bytes_of(NULL, 0);
    covey_status st = covey__tls_chain_first(c, s, t->chain, psk);

    if (st == COVEY_OK) {
        st = covey__tls_chain_next(c, s, t->chain,
                                   covey_bytes_of(t->shared, t->shared_len));
    }
    covey_wipe(t->shared, sizeof t->shared);
    if (st == COVEY_OK) {
        st = derive_all(t, wanted, 2);
    }
    if (st == COVEY_OK && t->config->key_log) {
        t->logged |= LOG_CLIENT_HANDSHAKE | LOG_SERVER_HANDSHAKE;
    }
    return covey__tls_host(t, st);
}

covey_status covey__tls_derive_application(covey_tls *t)
{
    const struct wanted wanted[] = {
        { "c ap traffic", t->traffic_secret[CLIENT] },
        { "s ap traffic", t->traffic_secret[SERVER] },
        { "exp master", t->exporter },
    };
    covey_status st = covey__tls_chain_next(t->config->crypto, tls_suite_of(t),
                                            t->chain, covey_bytes_of(NULL, 0));

    if (st == COVEY_OK) {
        st = derive_all(t, wanted, 3);
    }
    if (st == COVEY_OK && t->config->key_log) {
        t->logged |= LOG_CLIENT_TRAFFIC | LOG_SERVER_TRAFFIC | LOG_EXPORTER;
    }
    return covey__tls_host(t, st);
}

/* The last secret: the Main Secret, the handshake's and the transcript go. */
covey_status covey__tls_derive_resumption(covey_tls *t)
{
    const struct wanted wanted[] = { { "res master", t->resumption } };
    covey_status st = derive_all(t, wanted, 1);

    covey_wipe(t->chain, sizeof t->chain);
    covey__tls_transcript_drop(t);
    return covey__tls_host(t, st);
}

covey_status covey__tls_use(covey_tls *t, covey_tls_half *half,
                            const uint8_t *secret)
{
    return covey__tls_host(
        t,
        covey__tls_half_set(t->config->crypto, tls_suite_of(t), secret, half));
}

covey_status covey__tls_verify_data(covey_tls *t, enum tls_side side,
                                    uint8_t *out)
{
    const struct tls_suite *s = tls_suite_of(t);
    uint8_t digest[COVEY_TLS_HASH_MAX];
    covey_status st = covey__tls_transcript_digest(
        t, s->hash, covey_bytes_of(NULL, 0), digest);

    return st == COVEY_OK
               ? covey__tls_finished(t->config->crypto, s,
                                     t->handshake_secret[side],
                                     covey_bytes_of(digest, s->hash_len), out)
               : st;
}
