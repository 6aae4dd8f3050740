/* SPDX-License-Identifier: BSD-2-Clause */
/* Verification of a chain (1609.2 clause 5.1): from the end entity upwards to
 * a certificate of the store, with all checks that cost little; then the
 * signatures downwards. Work is bounded: so many certificates, so many steps
 * where HashedId8 collide, so many signatures.
 *
 * The search is a walk without recursion: at each level the number of the next
 * candidate, first those of the store, then those that the peer sent. */
#include "its_internal.h"

#include <string.h>

enum {
    STEPS_MAX = 64, /* candidates looked at for one peer */
    SECOND = 1000000
};

struct walk {
    covey_its_store *store;
    const covey_crypto *crypto;
    const covey_its_chain *chain;
    covey_its_finding *why; /* the finding of the walk's first dead end */
    covey_its_digest digests[COVEY_ITS_CHAIN_MAX]; /* of what was sent */
    uint8_t path[COVEY_ITS_CHAIN_MAX]; /* 0: end entity, n: others[n - 1] */
    size_t next[COVEY_ITS_CHAIN_MAX];  /* candidate of each level */
    covey_its_known *top;              /* where the walk ended */
    uint32_t now;                      /* Time32 */
    uint8_t depth;
    uint8_t signatures; /* verified */
    uint8_t steps;
    bool failed; /* by the provider */
};

static covey_bytes bytes_of(const struct walk *w, unsigned number)
{
    return number == 0 ? w->chain->end_entity : w->chain->others[number - 1];
}

static size_t sent_count(const struct walk *w)
{
    size_t n = 1 + w->chain->other_count;

    return n < COVEY_ITS_CHAIN_MAX ? n : COVEY_ITS_CHAIN_MAX;
}

/* Remembers the first thing that was wrong; a missing issuer only if nothing
 * else is known. */
static void blame(struct walk *w, covey_its_finding *what,
                  covey_its_reason reason)
{
    covey_its_reason had = w->why->reason;

    if (had == COVEY_ITS_FINE || (had == COVEY_ITS_R_ISSUER_MISSING &&
                                  reason != COVEY_ITS_R_ISSUER_MISSING)) {
        what->reason = reason;
        *w->why = *what;
    }
}

static covey_its_finding finding_at(const struct walk *w, unsigned level)
{
    covey_its_finding f = { .cert = (uint8_t)level };
    covey_bytes id =
        covey_its_hashed_id(&w->digests[w->path[level]], COVEY_ITS_ID8);

    memcpy(f.id, id.ptr, id.len);
    return f;
}

/* Digests of all that was sent; what does not decode, or that nothing here
 * can hash, has none and is never found. */
static void digest_all(struct walk *w)
{
    covey_its_cert c;

    for (size_t i = 0; i < sent_count(w); i++) {
        if (covey_its_cert_decode(&c, bytes_of(w, (unsigned)i), NULL) ==
                COVEY_OK &&
            covey_its_digest_of(&w->digests[i], &c, w->crypto) ==
                COVEY_E_CRYPTO) {
            w->failed = true;
        }
    }
}

static bool same_digest(const covey_its_digest *a, const covey_its_digest *b)
{
    return a->len == b->len && a->len > 0 &&
           memcmp(a->bytes, b->bytes, a->len) == 0;
}

static bool has_id(const covey_its_digest *d, covey_bytes id8)
{
    return d->len > 0 && id8.ptr &&
           memcmp(covey_its_hashed_id(d, COVEY_ITS_ID8).ptr, id8.ptr,
                  COVEY_ITS_ID8) == 0;
}

static bool known_digest(const struct walk *w, const covey_its_digest *d)
{
    for (size_t i = 0; i < w->store->cap; i++) {
        if (w->store->known[i].filled &&
            same_digest(&w->store->known[i].digest, d)) {
            return true;
        }
    }
    return false;
}

static bool on_path(const struct walk *w, unsigned number)
{
    for (unsigned i = 0; i <= w->depth; i++) {
        if (w->path[i] == number) {
            return true;
        }
    }
    return false;
}

/* The next candidate of this level: a slot of the store (below its size) or a
 * certificate that was sent (above). False when there is none left. */
static bool next_candidate(struct walk *w, covey_bytes id8, size_t *candidate)
{
    size_t known = w->store->cap;
    size_t all = known + sent_count(w);

    while (w->next[w->depth] < all) {
        size_t i = w->next[w->depth]++;
        bool fits = i < known ? w->store->known[i].filled &&
                                    has_id(&w->store->known[i].digest, id8)
                              : has_id(&w->digests[i - known], id8) &&
                                    !on_path(w, (unsigned)(i - known)) &&
                                    !known_digest(w, &w->digests[i - known]);
        if (fits) {
            *candidate = i;
            return true;
        }
    }
    return false;
}

/* What one certificate can be refused for at this time. */
static covey_its_reason check_alone(struct walk *w, const covey_its_cert *c,
                                    covey_its_finding *f)
{
    covey_its_reason reason = covey__its_check_time(c, w->now, f);

    return reason == COVEY_ITS_FINE
               ? covey__its_check_lists(
                     w->store, c, &w->digests[w->path[w->depth]], w->now, f)
               : reason;
}

/* The same for one of the store, and those above it. */
static covey_its_reason check_known(const struct walk *w,
                                    const covey_its_known *k,
                                    covey_its_finding *f)
{
    covey_its_reason reason = COVEY_ITS_FINE;

    for (; k && reason == COVEY_ITS_FINE; k = k->issuer) {
        memcpy(f->id, covey_its_hashed_id(&k->digest, COVEY_ITS_ID8).ptr,
               COVEY_ITS_ID8);
        reason = covey__its_check_time(&k->cert, w->now, f);
        if (reason == COVEY_ITS_FINE) {
            reason = covey__its_check_lists(w->store, &k->cert, &k->digest,
                                            w->now, f);
        }
        f->cert++;
    }
    f->cert--;
    return reason;
}

/* The region of a level: its own, or what it inherits from above. */
static covey_bytes region_from(const struct walk *w, unsigned level)
{
    covey_its_cert c;

    for (; level <= w->depth; level++) {
        if (covey_its_cert_decode(&c, bytes_of(w, w->path[level]), NULL) ==
                COVEY_OK &&
            c.region.ptr) {
            return c.region;
        }
    }
    return w->top->region;
}

static bool decode_level(struct walk *w, unsigned level, covey_its_cert *out)
{
    covey_its_finding f = finding_at(w, level);
    covey_status st =
        covey_its_cert_decode(out, bytes_of(w, w->path[level]), &f);

    f.cert = (uint8_t)level;
    if (st != COVEY_OK) {
        blame(w, &f, f.reason);
    }
    return st == COVEY_OK;
}

/* Cheap checks of the whole path, now that its upper end is known: pair by
 * pair. A region is compared with the effective one of the issuer. */
static bool path_fits(struct walk *w)
{
    covey_its_cert subject;
    covey_its_cert issuer;

    if (w->depth + 1u + w->top->length > COVEY_ITS_CHAIN_MAX) {
        covey_its_finding f = finding_at(w, w->depth);
        f.found = w->depth + 1u + w->top->length;
        f.expected = COVEY_ITS_CHAIN_MAX;
        blame(w, &f, COVEY_ITS_R_CHAIN_LONG);
        return false;
    }
    for (unsigned i = 0; i <= w->depth; i++) {
        bool last = i == w->depth;
        covey_its_finding f = finding_at(w, i);
        covey_its_reason reason;

        if (!decode_level(w, i, &subject) ||
            (!last && !decode_level(w, i + 1, &issuer))) {
            return false;
        }
        reason =
            covey__its_check_pair(&subject, last ? &w->top->cert : &issuer,
                                  region_from(w, i + 1), &f);
        if (reason != COVEY_ITS_FINE) {
            blame(w, &f, reason);
            return false;
        }
    }
    return true;
}

/* An issuer on the way down, with what its subject is verified with. */
struct issuer {
    covey_key temporary; /* its key, if it is in no slot */
    covey_key *key;
    const covey_its_digest *digest;
    covey_its_known *slot; /* NULL: not in the store */
};

static covey_its_reason reason_of(covey_status st, covey_its_reason otherwise)
{
    return st == COVEY_E_RANGE ? COVEY_ITS_R_KEY : otherwise;
}

/* The signature of a subject, and its key if anything below needs it: the end
 * entity's own is imported with its first use, unless it is implicit. */
static covey_status verify_link(struct walk *w, const covey_its_cert *subject,
                                struct issuer *issuer, bool end,
                                covey_key *key)
{
    uint8_t input[2 * COVEY_ITS_DIGEST_MAX];
    covey_writer in = covey_writer_of(input, sizeof input);
    covey_status st;

    w->signatures++;
    if (subject->implicit) {
        return covey__its_reconstruct(key, subject, issuer->digest,
                                      issuer->key, w->crypto);
    }
    st = covey_its_cert_input(&in, subject, issuer->digest, w->crypto);
    if (st == COVEY_OK) {
        st = covey__its_verify(issuer->key, &subject->signature,
                               covey_written(&in), w->crypto);
    }
    if (st == COVEY_OK && !end) {
        st = covey__its_import(key, &subject->verify_key, w->crypto);
    }
    return st;
}

static void drop_temporary(struct walk *w, struct issuer *issuer)
{
    if (!issuer->slot) {
        w->crypto->key_drop(w->crypto->provider, &issuer->temporary);
    }
}

/* A CA that has been verified goes into the store, if the caller wants it,
 * there is room, and its own issuer is there. An implicit certificate has no
 * signature: only those below it show that it is no invention. */
static covey_its_known *keep(struct walk *w, const covey_its_cert *c,
                             const struct issuer *above, const covey_key *key,
                             const covey_its_digest *digest)
{
    covey_its_known *k = NULL;

    if (w->chain->keep && above->slot && !c->implicit) {
        k = covey__its_store_slot(w->store, c->whole, w->now, w->crypto);
    }
    if (!k) {
        return NULL;
    }
    k->key = *key;
    k->digest = *digest;
    k->region = k->cert.region.ptr ? k->cert.region : above->slot->region;
    k->issuer = above->slot;
    k->start = c->start;
    k->end = c->end; /* within its issuer's */
    k->length = (uint8_t)(above->slot->length + 1);
    k->filled = true;
    return k;
}

/* One step down: the certificate at `level`, whose issuer is ready, becomes
 * the issuer, or at the lower end gives its key to *end_key. */
static covey_status step_down(struct walk *w, struct issuer *issuer,
                              unsigned level, covey_key *end_key)
{
    const covey_its_digest *digest = &w->digests[w->path[level]];
    covey_its_known *slot;
    covey_its_cert subject;
    covey_key key = { { 0 } };
    covey_status st;

    if (!decode_level(w, level, &subject)) {
        return COVEY_E_FORMAT;
    }
    st = verify_link(w, &subject, issuer, level == 0, &key);
    if (st != COVEY_OK) {
        return st;
    }
    if (level == 0) {
        *end_key = key;
        return COVEY_OK;
    }
    slot = keep(w, &subject, issuer, &key, digest);
    drop_temporary(w, issuer);
    issuer->slot = slot;
    issuer->temporary = key;
    issuer->key = slot ? &slot->key : &issuer->temporary;
    issuer->digest = digest;
    return COVEY_OK;
}

/* From the top of the path down. */
static bool verify_path(struct walk *w, covey_key *end_key)
{
    struct issuer issuer = { .key = &w->top->key,
                             .digest = &w->top->digest,
                             .slot = w->top };
    unsigned max = w->chain->signatures_max ? w->chain->signatures_max
                                            : COVEY_ITS_CHAIN_MAX;
    covey_status st = COVEY_OK;

    for (unsigned i = w->depth + 1u; i > 0 && st == COVEY_OK; i--) {
        covey_its_finding f = finding_at(w, i - 1);
        if (w->signatures >= max) {
            f.expected = max;
            blame(w, &f, COVEY_ITS_R_WORK);
            st = COVEY_E_EXHAUSTED;
            break;
        }
        st = step_down(w, &issuer, i - 1, end_key);
        if (st == COVEY_E_AUTH || st == COVEY_E_RANGE) {
            blame(w, &f, reason_of(st, COVEY_ITS_R_SIGNATURE));
        }
        w->failed = w->failed || st == COVEY_E_CRYPTO;
    }
    drop_temporary(w, &issuer);
    return st == COVEY_OK;
}

/* The end entity is itself in the store: nothing is left to verify. */
static covey_its_known *find_end(const struct walk *w)
{
    for (size_t i = 0; i < w->store->cap; i++) {
        covey_its_known *k = &w->store->known[i];
        if (k->filled &&
            covey_bytes_equal(k->cert.whole, w->chain->end_entity)) {
            return k;
        }
    }
    return NULL;
}

/* One level of the walk: back when no candidate is left, up with one that was
 * sent, or to the end with one of the store. True: the walk has ended well. */
static bool try_candidate(struct walk *w, const covey_its_cert *subject,
                          covey_key *end_key)
{
    covey_its_finding f = finding_at(w, w->depth);
    size_t i = 0;

    if (!next_candidate(w, subject->issuer, &i)) {
        if (w->next[w->depth] > 0 && subject->issuer.ptr) {
            memcpy(f.id, subject->issuer.ptr, COVEY_ITS_ID8);
        }
        f.cert++;
        blame(w, &f,
              subject->issuer.ptr ? COVEY_ITS_R_ISSUER_MISSING
                                  : COVEY_ITS_R_NOT_ANCHOR);
        w->next[w->depth] = SIZE_MAX; /* back */
        return false;
    }
    if (i < w->store->cap) {
        f.cert++;
        w->top = &w->store->known[i];
        covey_its_reason reason = check_known(w, w->top, &f);
        if (reason != COVEY_ITS_FINE) {
            blame(w, &f, reason);
            return false;
        }
        return path_fits(w) && verify_path(w, end_key);
    }
    if (w->depth + 2u >= COVEY_ITS_CHAIN_MAX) {
        blame(w, &f, COVEY_ITS_R_CHAIN_LONG);
        return false;
    }
    w->depth++;
    w->path[w->depth] = (uint8_t)(i - w->store->cap);
    w->next[w->depth] = 0;
    return false;
}

static bool walk_up(struct walk *w, covey_key *end_key)
{
    covey_its_cert subject;

    while (w->steps++ < STEPS_MAX && !w->failed) {
        bool good = decode_level(w, w->depth, &subject);

        if (good && w->next[w->depth] == 0) {
            covey_its_finding f = finding_at(w, w->depth);
            covey_its_reason reason = check_alone(w, &subject, &f);
            if (reason != COVEY_ITS_FINE) {
                blame(w, &f, reason);
                good = false;
            }
        }
        if (good && try_candidate(w, &subject, end_key)) {
            return true;
        }
        if (!good || w->next[w->depth] == SIZE_MAX) {
            if (w->depth == 0) {
                return false;
            }
            w->depth--;
        }
    }
    return false;
}

static covey_its_verdict refuse(struct walk *w)
{
    if (w->failed) {
        return COVEY_ITS_FAILED;
    }
    if (w->why->reason == COVEY_ITS_FINE) {
        w->why->reason = COVEY_ITS_R_WORK;
    }
    return w->why->reason == COVEY_ITS_R_ISSUER_MISSING ? COVEY_ITS_MISSING
                                                        : COVEY_ITS_REFUSED;
}

static void fill_peer(covey_its_peer *out, const struct walk *w,
                      const covey_its_cert *cert, const covey_key *key)
{
    *out =
        (covey_its_peer){ .cert = *cert,
                          .digest = w->digests[0],
                          .key = *key,
                          .region = cert->region.ptr ? cert->region
                                                     : region_from(w, 0),
                          .start = cert->start,
                          .end = cert->end,
                          .length = (uint8_t)(w->depth + 1 + w->top->length) };
}

/* A certificate of the store signs: an anchor, or a CA. */
static covey_its_verdict accept_known(covey_its_peer *out, struct walk *w,
                                      const covey_its_cert *cert)
{
    covey_its_finding f = { .cert = 0 };
    covey_its_reason reason = check_known(w, w->top, &f);

    if (reason != COVEY_ITS_FINE) {
        blame(w, &f, reason);
        return COVEY_ITS_REFUSED;
    }
    *out = (covey_its_peer){ .cert = *cert,
                             .digest = w->top->digest,
                             .region = w->top->region,
                             .start = w->top->start,
                             .end = w->top->end,
                             .length = w->top->length };
    return COVEY_ITS_VALID;
}

covey_its_verdict covey_its_chain_verify(covey_its_peer *out,
                                         covey_its_store *store,
                                         const covey_crypto *crypto,
                                         const covey_its_chain *chain,
                                         uint64_t now, covey_its_finding *why)
{
    struct walk w = { .store = store,
                      .crypto = crypto,
                      .chain = chain,
                      .why = why,
                      .now = (uint32_t)(now / SECOND) };
    covey_its_cert cert;
    covey_key key = { { 0 } };

    *why = (covey_its_finding){ .reason = COVEY_ITS_FINE };
    if (now == 0 || now / SECOND >= UINT32_MAX) {
        why->reason = COVEY_ITS_R_TIME_UNKNOWN;
        return COVEY_ITS_REFUSED;
    }
    if (covey_its_cert_decode(&cert, chain->end_entity, why) != COVEY_OK) {
        return COVEY_ITS_REFUSED;
    }
    w.top = find_end(&w);
    if (w.top && !cert.implicit) {
        return accept_known(out, &w, &cert);
    }
    if (cert.verify_key.alg == COVEY_ITS_SM2) {
        why->reason = COVEY_ITS_R_SM;
        return COVEY_ITS_REFUSED;
    }
    digest_all(&w);
    if (w.failed || !walk_up(&w, &key)) {
        return refuse(&w);
    }
    *why = (covey_its_finding){ .reason = COVEY_ITS_FINE };
    fill_peer(out, &w, &cert, &key);
    return COVEY_ITS_VALID;
}

void covey_its_peer_drop(covey_its_peer *peer, const covey_crypto *crypto)
{
    crypto->key_drop(crypto->provider, &peer->key);
    *peer = (covey_its_peer){ .length = 0 };
}
