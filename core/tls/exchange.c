/* SPDX-License-Identifier: BSD-2-Clause */
/* (EC)DHE (RFC 8446 Sections 4.2.8 and 7.4.2) with keys that serve once. */
#include "tls_internal.h"

enum {
    SHARES = 3,
    DRAWS = 4 /* a scalar that is none comes once in 2^32 */
};

struct group {
    uint16_t id;
    int32_t curve;
    uint8_t private_len;
    uint8_t public_len;
};

/* Points are uncompressed (Section 4.2.8.2). */
static const struct group known[] = {
    { COVEY_TLS_SECP256R1, COVEY_P256, 32, 65 },
    { COVEY_TLS_SECP384R1, COVEY_P384, 48, 97 },
    { COVEY_TLS_X25519, COVEY_X25519, 32, 32 },
};

static const struct group *find(unsigned id)
{
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (known[i].id == id) {
            return &known[i];
        }
    }
    return NULL;
}

covey_status covey__tls_share_make(covey_tls *t, size_t at, uint16_t group)
{
    const covey_crypto *c = t->config->crypto;
    const struct group *g = find(group);
    uint8_t raw[COVEY_PRIVATE_MAX];
    covey_status st = g ? COVEY_E_RANGE : COVEY_E_UNSUPPORTED;

    for (int i = 0; i < DRAWS && st == COVEY_E_RANGE; i++) {
        covey_writer w = covey_writer_of(raw, g->private_len);
        st = c->random(c->provider, &w);
        if (st == COVEY_OK) {
            st = c->private_key(c->provider, g->curve,
                                covey_bytes_of(raw, g->private_len),
                                &t->share[at]);
        }
    }
    covey_wipe(raw, sizeof raw);
    t->share_group[at] = st == COVEY_OK ? group : 0;
    return st;
}

covey_status covey__tls_share_write(covey_tls *t, size_t at, covey_writer *w)
{
    const covey_crypto *c = t->config->crypto;
    size_t len = 0;
    covey_status st = COVEY_OK;

    covey_write_u16(w, t->share_group[at]);
    len = covey__tls_begin(w, 2);
    if (w->failed == COVEY_OK) {
        st = c->public_of(c->provider, &t->share[at], w);
    }
    covey__tls_end(w, 2, len);
    return st;
}

void covey__tls_shares_drop(covey_tls *t)
{
    const covey_crypto *c = t->config->crypto;

    for (size_t i = 0; i < SHARES; i++) {
        if (t->share_group[i] != 0) {
            c->key_drop(c->provider, &t->share[i]);
            t->share_group[i] = 0;
        }
    }
}

static covey_status agree(covey_tls *t, const struct group *g, size_t at,
                          covey_bytes encoded)
{
    const covey_crypto *c = t->config->crypto;
    covey_writer w = covey_writer_of(t->shared, sizeof t->shared);
    covey_key peer;
    covey_status st = c->public_key(c->provider, g->curve, encoded, &peer);

    if (st != COVEY_OK) {
        return st;
    }
    st = c->agree(c->provider, &t->share[at], &peer, &w);
    t->shared_len = (uint8_t)w.pos;
    c->key_drop(c->provider, &peer);
    return st;
}

covey_status covey__tls_share_agree(covey_tls *t, size_t at, covey_bytes peer)
{
    const struct group *g = find(t->share_group[at]);
    covey_status st = COVEY_E_RANGE;

    if (g && peer.len == g->public_len) {
        st = agree(t, g, at, peer);
    }
    if (st == COVEY_E_RANGE) {
        return covey__tls_fail(t, COVEY_TLS_ILLEGAL_PARAMETER,
                               "the peer's key share is no key of its group",
                               "RFC 8446 Section 4.2.8");
    }
    return covey__tls_host(t, st);
}
