/* SPDX-License-Identifier: BSD-2-Clause */
#include "make.h"

#include "kit.h"

/* eeType app and enrol, everything, chains of any length */
#define ALL_LONG                                                              \
    "60"                                                                      \
    "81"                                                                      \
    "01ff"                                                                    \
    "c0"
/* CAM with an SSP of which the first octet is 01 and the last two bits 0; CRL
 * service with two SSPs; PSID 38 with any; and for the next chain length 1 */
#define SOME                                                                  \
    "00"                                                                      \
    "80"                                                                      \
    "0103"                                                                    \
    "80"                                                                      \
    "0124"                                                                    \
    "82"                                                                      \
    "08"                                                                      \
    "03"                                                                      \
    "01fffc"                                                                  \
    "03"                                                                      \
    "ff0003"                                                                  \
    "80"                                                                      \
    "02026e"                                                                  \
    "80"                                                                      \
    "0102"                                                                    \
    "0101"                                                                    \
    "0102"                                                                    \
    "00"                                                                      \
    "0126"

/* clang-format off */
const struct make_spec make_root = {
    .app = "80" "02026e" "81" "0201" "01" "80" "020270" "81" "03" "02" "0138",
    .issue = ALL_LONG, .name = "root", .start = MAKE_START, .years = 20,
};
const struct make_spec make_aa = {
    .issue = SOME, .name = "AA", .start = MAKE_START, .years = 10,
};
const struct make_spec make_at = {
    .app = "80" "0124" "81" "04" "03" "01abc0" "00" "0126",
    .start = MAKE_START, .years = 1,
};
/* clang-format on */

static covey_bytes list(struct made *m, unsigned number, const char *hex)
{
    return hex ? kit_hex(hex, m->lists[number], sizeof m->lists[number])
               : covey_bytes_of(NULL, 0);
}

static size_t scalar_len(covey_its_alg alg)
{
    return alg == COVEY_ITS_P384 || alg == COVEY_ITS_BRAINPOOL_P384R1 ? 48
                                                                      : 32;
}

/* The public key in the form that is wanted. */
static covey_its_point point_of(struct made *m, covey_bytes secret,
                                const struct make_spec *spec,
                                const covey_crypto *crypto)
{
    size_t n = scalar_len(spec->alg);
    covey_writer w = covey_writer_of(m->point, sizeof m->point);
    covey_its_point p = { .form = COVEY_ITS_UNCOMPRESSED };
    covey_key key;

    CHECK_STATUS(COVEY_OK, crypto->private_key(crypto->provider,
                                               covey_its_curve(spec->alg),
                                               secret, &key));
    CHECK_STATUS(COVEY_OK, crypto->public_of(crypto->provider, &key, &w));
    crypto->key_drop(crypto->provider, &key);
    p.x = covey_bytes_of(m->point + 1, n);
    p.y = covey_bytes_of(m->point + 1 + n, n);
    if (!spec->uncompressed) {
        p.form = p.y.ptr[n - 1] & 1 ? COVEY_ITS_COMPRESSED_1
                                    : COVEY_ITS_COMPRESSED_0;
        p.y = covey_bytes_of(NULL, 0);
    }
    return p;
}

static void fill(struct made *m, const struct make_spec *s,
                 const struct made *issuer)
{
    covey_its_cert *c = &m->cert;
    static const uint8_t none[3];

    *c = (covey_its_cert){ .start = s->start,
                           .duration_unit = 6,
                           .duration = s->years,
                           .crl_series = s->crl_series,
                           .implicit = s->implicit,
                           .id_kind = s->name ? COVEY_ITS_ID_NAME
                                              : COVEY_ITS_ID_NONE };
    c->id = s->name ? covey_bytes_text(s->name) : covey_bytes_of(NULL, 0);
    c->craca_id =
        s->craca_id ? list(m, 4, s->craca_id) : covey_bytes_of(none, 3);
    c->app_permissions = list(m, 0, s->app);
    c->issue_permissions = list(m, 1, s->issue);
    c->request_permissions = list(m, 2, s->request);
    c->region = list(m, 3, s->region);
    c->issuer_kind = COVEY_ITS_ISSUER_SELF;
    c->issuer_hash =
        covey_its_hash_of(issuer ? issuer->cert.verify_key.alg : s->alg);
    if (s->wrong_hash) {
        c->issuer_hash = s->hash;
    }
    if (issuer) {
        c->issuer = covey_its_hashed_id(&issuer->digest, COVEY_ITS_ID8);
        c->issuer_kind = c->issuer_hash == COVEY_ITS_SHA384
                             ? COVEY_ITS_ISSUER_SHA384
                             : COVEY_ITS_ISSUER_SHA256;
    }
}

static void encode(struct made *m)
{
    covey_writer w = covey_writer_of(m->bytes, sizeof m->bytes);
    covey_its_cert c = m->cert;

    CHECK_STATUS(COVEY_OK, covey_its_cert_encode(&w, &c));
    CHECK_STATUS(COVEY_OK,
                 covey_its_cert_decode(&m->cert, covey_written(&w), NULL));
}

/* The issuer's signature over what was encoded with another. */
static void sign(struct made *m, const struct make_spec *s,
                 const struct made *issuer, const covey_crypto *crypto)
{
    covey_its_alg alg = issuer ? issuer->cert.verify_key.alg : s->alg;
    covey_bytes secret =
        covey_bytes_of(issuer ? issuer->secret : m->secret, scalar_len(alg));
    size_t n = scalar_len(alg);
    uint8_t input[96];
    static uint8_t sig[96];
    covey_writer in = covey_writer_of(input, sizeof input);
    covey_writer out = covey_writer_of(sig, sizeof sig);
    covey_its_digest right;
    covey_key key;

    if (issuer) {
        right = issuer->digest;
        if (s->wrong_hash) {
            right.len = s->hash == COVEY_ITS_SHA384 ? 48 : 32;
        }
    }
    CHECK_STATUS(COVEY_OK, covey_its_cert_input(
                               &in, &m->cert, issuer ? &right : NULL, crypto));
    CHECK_STATUS(COVEY_OK,
                 crypto->private_key(crypto->provider, covey_its_curve(alg),
                                     secret, &key));
    CHECK_STATUS(COVEY_OK,
                 crypto->sign(crypto->provider, &key, covey_its_signs(alg),
                              covey_written(&in), &out));
    crypto->key_drop(crypto->provider, &key);
    sig[5] ^= (uint8_t)s->spoil;
    m->cert.signature.r.x = covey_bytes_of(sig, n);
    m->cert.signature.s = covey_bytes_of(sig + n, n);
    encode(m);
}

/* SEC 4 Section 2.4, with one who is both: P = (kU + k) G, e, then
 * d = e (kU + k) + dCA. */
static void make_implicit(struct made *m, const struct make_spec *s,
                          const struct made *issuer,
                          const covey_crypto *crypto)
{
    uint8_t input[96];
    uint8_t e[48];
    covey_writer in = covey_writer_of(input, sizeof input);
    covey_writer hash = covey_writer_of(e, sizeof e);
    covey_writer d = covey_writer_of(m->secret, 32);
    covey_hash h;
    uint8_t k[32];

    memcpy(k, m->secret, sizeof k);
    m->cert.verify_key.point =
        point_of(m, covey_bytes_of(k, sizeof k), s, crypto);
    encode(m);
    CHECK_STATUS(COVEY_OK,
                 covey_its_cert_input(&in, &m->cert, &issuer->digest, crypto));
    CHECK_STATUS(COVEY_OK,
                 crypto->hash_begin(crypto->provider, COVEY_SHA_256, &h));
    CHECK_STATUS(COVEY_OK, crypto->hash_update(crypto->provider, &h,
                                               covey_written(&in)));
    CHECK_STATUS(COVEY_OK, crypto->hash_finish(crypto->provider, &h, &hash));
    CHECK_STATUS(COVEY_OK,
                 crypto->ecqv_private(crypto->provider, COVEY_P256,
                                      covey_written(&hash),
                                      covey_bytes_of(k, sizeof k),
                                      covey_bytes_of(issuer->secret, 32), &d));
    m->bytes[m->cert.whole.len - 3] ^= (uint8_t)s->spoil;
}

void make_cert(struct made *out, const struct make_spec *spec,
               const struct made *issuer, uint8_t seed,
               const covey_crypto *crypto)
{
    static const uint8_t zeros[48] = { 1 };
    size_t n = scalar_len(spec->alg);
    size_t m = scalar_len(issuer ? issuer->cert.verify_key.alg : spec->alg);
    covey_its_cert *c = &out->cert;

    memset(out, 0, sizeof *out);
    memset(out->secret, seed, n);
    fill(out, spec, issuer);
    c->verify_key.alg = spec->alg;
    if (spec->implicit) {
        make_implicit(out, spec, issuer, crypto);
    } else {
        c->verify_key.point =
            point_of(out, covey_bytes_of(out->secret, n), spec, crypto);
        c->signature.alg = issuer ? issuer->cert.verify_key.alg : spec->alg;
        c->signature.r.form = COVEY_ITS_X_ONLY;
        c->signature.r.x = covey_bytes_of(zeros, m);
        c->signature.s = covey_bytes_of(zeros, m);
        encode(out);
        sign(out, spec, issuer, crypto);
    }
    CHECK_STATUS(COVEY_OK,
                 covey_its_digest_of(&out->digest, &out->cert, crypto));
}
