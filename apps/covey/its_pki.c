/* SPDX-License-Identifier: BSD-2-Clause */
/* covey its pki: certificates as a description says, each with a fresh key in
 * a file that only its owner may read. What is there already, stays. */
#include "cmd.h"
#include "its_plan.h"
#include "its_trusted.h"
#include "its_verbs.h"

#include <errno.h>
#include <hex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    PATH_MAX_LEN = 1024,
    CRACA_ID = 3,
    SCALAR_MAX = 48,
    LIST_BYTES = 4096
};

/* What a profile has without being told: app permissions, and for a CA what it
 * may grant. TS 102 941 Annex B and TS 103 097; SSPs as bitmaps. */
static const uint8_t ssp_crl[] = { 0x01 };
static const uint8_t ssp_ctl[] = { 0x01, 0x38 };
static const uint8_t ssp_aa[] = { 0x01, 0x32 };
static const uint8_t ssp_ea[] = { 0x01, 0x0e };
static const uint8_t ssp_cam[] = { 0x01, 0x00, 0x00 };
static const uint8_t ssp_denm[] = { 0x01, 0x00, 0x00, 0x00 };

#define BITMAP(bytes)                                                         \
    {                                                                         \
        bytes, sizeof(bytes)                                                  \
    }
/* clang-format off */
static const plan_item root_app[] = {
    { .psid = COVEY_ITS_PSID_ETSI_CRL, .bitmap = BITMAP(ssp_crl) },
    { .psid = COVEY_ITS_PSID_CTL, .bitmap = BITMAP(ssp_ctl) },
};
static const plan_item aa_app[] = {
    { .psid = 623, .bitmap = BITMAP(ssp_aa) } };
static const plan_item ea_app[] = {
    { .psid = 623, .bitmap = BITMAP(ssp_ea) } };
static const plan_item at_app[] = {
    { .psid = 36, .bitmap = BITMAP(ssp_cam) },
    { .psid = 37, .bitmap = BITMAP(ssp_denm) },
};
static const plan_item aa_grants[] = { { .psid = 36 }, { .psid = 37 },
                                       { .psid = 623 } };
static const plan_item ea_grants[] = { { .psid = 623 } };
/* clang-format on */

#define ITEMS(a) a, sizeof(a) / sizeof(a)[0]
static const struct profile {
    const plan_item *app;
    size_t app_count;
    const plan_item *grants;
    size_t grant_count;
    uint8_t ee_type; /* 0: no CA */
} profiles[] = {
    [PLAN_ROOT] = { ITEMS(root_app), NULL, 0,
                    COVEY_ITS_EE_APP | COVEY_ITS_EE_ENROL },
    [PLAN_AA] = { ITEMS(aa_app), ITEMS(aa_grants), COVEY_ITS_EE_APP },
    [PLAN_EA] = { ITEMS(ea_app), ITEMS(ea_grants),
                  COVEY_ITS_EE_APP | COVEY_ITS_EE_ENROL },
    [PLAN_AT] = { ITEMS(at_app), NULL, 0, 0 },
    [PLAN_RSU] = { ITEMS(at_app), NULL, 0, 0 },
};

/* A CA or an end entity while it is made or used. */
struct holder {
    uint8_t *cert_bytes;
    uint8_t *raw;
    size_t cert_len;
    size_t raw_len;
    covey_its_signer signer;
};

struct making {
    const its_args *args;
    const covey_crypto *crypto;
    const plan_cert *plan;
    struct holder issuer;
    uint8_t craca[CRACA_ID];
    covey_its_cert cert;
    uint8_t lists[3][LIST_BYTES];
    uint8_t point[1 + 2 * SCALAR_MAX];
    uint8_t secret[SCALAR_MAX];
    uint8_t out[COVEY_ITS_CERT_MAX];
    uint8_t signature[2 * SCALAR_MAX];
    size_t scalar;
};

static bool path_of(const its_args *args, const char *file, const char *ext,
                    char path[PATH_MAX_LEN])
{
    int n = snprintf(path, PATH_MAX_LEN, "%s/%s.%s", args->operands.path[1],
                     file, ext);

    return n > 0 && n < PATH_MAX_LEN;
}

static int fail(const struct making *m, covey_status st)
{
    return its_fail(m->args, EXIT_IO, "%s: %s", m->plan->file,
                    covey_status_text(st));
}

/* The issuer's certificate and key, from its files. */
static int load_issuer(struct making *m, const char *file)
{
    struct holder *h = &m->issuer;
    char path[PATH_MAX_LEN];
    covey_its_finding why = { .reason = COVEY_ITS_FINE };
    int status;

    if (!path_of(m->args, file, "oer", path)) {
        return its_fail(m->args, EXIT_IO, "%s: name too long", file);
    }
    status = its_load(m->args, path, &h->cert_bytes, &h->cert_len);
    if (status == EXIT_DONE && path_of(m->args, file, "key", path)) {
        status = its_load_key(m->args, path, &h->raw, &h->raw_len);
    }
    if (status == EXIT_DONE &&
        covey_its_signer_open(
            &h->signer, m->crypto, covey_bytes_of(h->cert_bytes, h->cert_len),
            covey_bytes_of(h->raw, h->raw_len), NULL, &why) != COVEY_OK) {
        status = its_trusted_refuse(m->args, path, COVEY_ITS_REFUSED, &why);
    }
    return status;
}

/* The end of the CRACA's HashedId8 (1609.2 clause 6.4.8). */
static int load_craca(struct making *m, const char *file)
{
    char path[PATH_MAX_LEN];
    uint8_t *bytes = NULL;
    size_t len = 0;
    covey_its_cert c;
    covey_its_digest d;
    int status;

    if (!path_of(m->args, file, "oer", path)) {
        return its_fail(m->args, EXIT_IO, "%s: name too long", file);
    }
    status = its_load(m->args, path, &bytes, &len);
    if (status == EXIT_DONE &&
        (covey_its_cert_decode(&c, covey_bytes_of(bytes, len), NULL) !=
             COVEY_OK ||
         covey_its_digest_of(&d, &c, m->crypto) != COVEY_OK)) {
        status = its_fail(m->args, EXIT_NEGATIVE, "%s: no certificate", path);
    }
    if (status == EXIT_DONE) {
        memcpy(m->craca, covey_its_hashed_id(&d, CRACA_ID).ptr, CRACA_ID);
    }
    free(bytes);
    return status;
}

static void drop_issuer(struct making *m)
{
    struct holder *h = &m->issuer;

    covey_its_signer_drop(&h->signer, m->crypto);
    if (h->raw != NULL) {
        covey_wipe(h->raw, h->raw_len);
    }
    free(h->raw);
    free(h->cert_bytes);
}

static covey_bytes put_app(struct making *m, const plan_item *items,
                           size_t count)
{
    covey_writer w = covey_writer_of(m->lists[0], LIST_BYTES);

    for (size_t i = 0; i < count; i++) {
        const plan_item *item = &items[i];
        covey_its_permission p = { .psid = item->psid,
                                   .ssp = item->bitmap.ptr != NULL
                                              ? item->bitmap
                                              : item->opaque,
                                   .bitmap = item->bitmap.ptr != NULL };
        covey_its_permission_put(&w, &p);
    }
    return covey_written(&w);
}

static covey_bytes put_ranges(struct making *m, const plan_item *items,
                              size_t count)
{
    static uint8_t opaque[300];
    covey_writer w =
        covey_writer_of(m->lists[1] + LIST_BYTES / 2, LIST_BYTES / 2);

    for (size_t i = 0; i < count; i++) {
        const plan_item *item = &items[i];
        covey_its_range r = { .psid = item->psid };
        covey_writer o = covey_writer_of(opaque, sizeof opaque);
        if (item->value.ptr != NULL) {
            r.kind = COVEY_ITS_RANGE_BITMAP;
            r.value = item->value;
            r.mask = item->mask;
        } else if (item->opaque.ptr != NULL) {
            covey_its_opaque_put(&o, item->opaque);
            r.kind = COVEY_ITS_RANGE_OPAQUE;
            r.opaques = covey_written(&o);
        }
        covey_its_range_put(&w, &r);
    }
    return covey_written(&w);
}

/* A root without grants grants everything, to chains of any length. */
static covey_bytes put_groups(struct making *m, const struct profile *p)
{
    const plan_cert *plan = m->plan;
    covey_writer w = covey_writer_of(m->lists[1], LIST_BYTES / 2);
    covey_its_group g = { .min_chain = 1, .ee_type = p->ee_type };

    if (plan->grants != NULL) {
        g.ranges = put_ranges(m, plan->grants, plan->grant_count);
    } else if (p->grants != NULL) {
        g.ranges = put_ranges(m, p->grants, p->grant_count);
    }
    if (plan->profile == PLAN_ROOT) {
        g.chain_range = -1;
    }
    covey_its_group_put(&w, &g);
    return covey_written(&w);
}

static covey_bytes put_countries(struct making *m)
{
    covey_writer w = covey_writer_of(m->lists[2], LIST_BYTES);

    covey_its_region_put(&w, COVEY_ITS_IDENTIFIED, m->plan->country_count);
    for (size_t i = 0; i < m->plan->country_count; i++) {
        covey_its_area a = { .country = (uint16_t)m->plan->countries[i] };
        covey_its_area_put(&w, COVEY_ITS_IDENTIFIED, &a);
    }
    return covey_written(&w);
}

static void fill(struct making *m)
{
    const plan_cert *p = m->plan;
    const struct profile *profile = &profiles[p->profile];
    covey_its_cert *c = &m->cert;
    const covey_its_signer *up = &m->issuer.signer;
    uint64_t start = p->start != 0 ? p->start : its_time_now(m->args);

    c->start = (uint32_t)(start / 1000000);
    c->duration_unit = p->years != 0 ? 6 : 4;
    c->duration = (uint16_t)(p->years != 0 ? p->years : p->hours);
    c->implicit = p->implicit;
    c->craca_id = covey_bytes_of(m->craca, sizeof m->craca);
    c->crl_series = (uint16_t)p->crl_series;
    c->id_kind = p->name != NULL ? COVEY_ITS_ID_NAME : COVEY_ITS_ID_NONE;
    if (p->name != NULL) {
        c->id = covey_bytes_text(p->name);
    }
    c->issuer_kind = COVEY_ITS_ISSUER_SELF;
    c->issuer_hash = covey_its_hash_of(
        p->issuer != NULL ? up->cert.verify_key.alg : p->alg);
    if (p->issuer != NULL) {
        c->issuer = covey_its_hashed_id(&up->digest, COVEY_ITS_ID8);
        c->issuer_kind = c->issuer_hash == COVEY_ITS_SHA384
                             ? COVEY_ITS_ISSUER_SHA384
                             : COVEY_ITS_ISSUER_SHA256;
    }
    c->app_permissions = p->permissions != NULL
                             ? put_app(m, p->permissions, p->permission_count)
                             : put_app(m, profile->app, profile->app_count);
    if (profile->ee_type != 0) {
        c->issue_permissions = put_groups(m, profile);
    }
    if (p->country_count > 0) {
        c->region = put_countries(m);
    }
}

/* A fresh scalar and its point. */
static covey_status draw(struct making *m)
{
    covey_status st = COVEY_E_RANGE;
    covey_key key;

    for (int i = 0; i < 8 && st == COVEY_E_RANGE; i++) {
        covey_writer w = covey_writer_of(m->secret, m->scalar);
        st = m->crypto->random(m->crypto->provider, &w);
        if (st == COVEY_OK) {
            st = m->crypto->private_key(m->crypto->provider,
                                        covey_its_curve(m->plan->alg),
                                        covey_written(&w), &key);
        }
    }
    if (st == COVEY_OK) {
        covey_writer p = covey_writer_of(m->point, sizeof m->point);
        st = m->crypto->public_of(m->crypto->provider, &key, &p);
        m->crypto->key_drop(m->crypto->provider, &key);
    }
    m->cert.verify_key.alg = m->plan->alg;
    m->cert.verify_key.point = (covey_its_point){ m->point[2 * m->scalar] & 1
                                                      ? COVEY_ITS_COMPRESSED_1
                                                      : COVEY_ITS_COMPRESSED_0,
                                                  { m->point + 1, m->scalar },
                                                  { NULL, 0 } };
    return st;
}

/* The certificate as bytes, and decoded from them: that it is one. */
static covey_status encode(struct making *m)
{
    covey_writer w = covey_writer_of(m->out, sizeof m->out);
    covey_status st = covey_its_cert_encode(&w, &m->cert);

    return st == COVEY_OK
               ? covey_its_cert_decode(&m->cert, covey_written(&w), NULL)
               : st;
}

static covey_status sign(struct making *m)
{
    bool self = m->plan->issuer == NULL;
    covey_its_alg alg =
        self ? m->plan->alg : m->issuer.signer.cert.verify_key.alg;
    size_t n = covey_its_hash_of(alg) == COVEY_ITS_SHA384 ? 48 : 32;
    uint8_t input[2 * COVEY_ITS_DIGEST_MAX];
    covey_writer in = covey_writer_of(input, sizeof input);
    covey_writer sig = covey_writer_of(m->signature, sizeof m->signature);
    covey_key own = { { 0 } };
    covey_status st;

    memset(m->signature, 1, sizeof m->signature);
    m->cert.signature =
        (covey_its_signature){ .alg = alg,
                               .r = { .form = COVEY_ITS_X_ONLY,
                                      .x = { m->signature, n } },
                               .s = { m->signature + n, n } };
    st = encode(m);
    if (st == COVEY_OK) {
        st = covey_its_cert_input(
            &in, &m->cert, self ? NULL : &m->issuer.signer.digest, m->crypto);
    }
    if (st == COVEY_OK && self) {
        st =
            m->crypto->private_key(m->crypto->provider, covey_its_curve(alg),
                                   covey_bytes_of(m->secret, m->scalar), &own);
    }
    if (st == COVEY_OK) {
        st = m->crypto->sign(m->crypto->provider,
                             self ? &own : &m->issuer.signer.key,
                             covey_its_signs(alg), covey_written(&in), &sig);
    }
    m->crypto->key_drop(m->crypto->provider, &own);
    if (st == COVEY_OK) {
        m->cert.signature.r.x = covey_bytes_of(m->signature, n);
        m->cert.signature.s = covey_bytes_of(m->signature + n, n);
        st = encode(m);
    }
    return st;
}

/* SEC 4 Sections 2.4 and 2.7 in one: requester and CA are the same, so that
 * the reconstruction value is that of the sum of both their scalars. */
static covey_status reconstruct(struct making *m)
{
    uint8_t input[2 * COVEY_ITS_DIGEST_MAX];
    uint8_t e[COVEY_ITS_DIGEST_MAX];
    uint8_t k[SCALAR_MAX];
    covey_writer in = covey_writer_of(input, sizeof input);
    covey_writer hash = covey_writer_of(e, sizeof e);
    covey_writer d = covey_writer_of(m->secret, m->scalar);
    const covey_crypto *crypto = m->crypto;
    covey_hash h = { { 0 } };
    covey_status st = encode(m);

    memcpy(k, m->secret, sizeof k);
    if (st == COVEY_OK) {
        st = covey_its_cert_input(&in, &m->cert, &m->issuer.signer.digest,
                                  crypto);
    }
    if (st == COVEY_OK) {
        st = crypto->hash_begin(crypto->provider, COVEY_SHA_256, &h);
    }
    if (st == COVEY_OK) {
        st = crypto->hash_update(crypto->provider, &h, covey_written(&in));
    }
    if (st == COVEY_OK) {
        st = crypto->hash_finish(crypto->provider, &h, &hash);
    }
    if (st == COVEY_OK) {
        st = crypto->ecqv_private(
            crypto->provider, COVEY_P256, covey_written(&hash),
            covey_bytes_of(k, m->scalar),
            covey_bytes_of(m->issuer.raw, m->issuer.raw_len), &d);
    }
    crypto->hash_drop(crypto->provider, &h);
    covey_wipe(k, sizeof k);
    return st;
}

/* What was made must be what the rest of this program accepts. */
static int check(struct making *m)
{
    covey_its_finding why = { .reason = COVEY_ITS_FINE };
    uint64_t begins = (m->cert.start + UINT64_C(1)) * 1000000;
    its_trust *t = malloc(sizeof *t);
    covey_its_verdict verdict = COVEY_ITS_FAILED;
    covey_its_peer peer;

    if (t == NULL) {
        return its_fail(m->args, EXIT_IO, "out of memory");
    }
    its_trust_open(t, m->crypto);
    verdict = its_trust_anchor(
        t,
        m->plan->issuer != NULL ? m->issuer.signer.cert.whole : m->cert.whole,
        begins, &why);
    if (verdict == COVEY_ITS_VALID) {
        verdict = its_trust_chain(t, &peer, m->cert.whole, begins, &why);
    }
    if (verdict == COVEY_ITS_VALID) {
        covey_its_peer_drop(&peer, m->crypto);
    }
    its_trust_close(t);
    free(t);
    return verdict == COVEY_ITS_VALID
               ? EXIT_DONE
               : its_trusted_refuse(m->args, m->plan->file, verdict, &why);
}

static int save(struct making *m)
{
    char path[PATH_MAX_LEN];
    char text[2 * SCALAR_MAX + 2];
    covey_its_digest d;
    int status = EXIT_IO;

    for (size_t i = 0; i < m->scalar; i++) {
        snprintf(text + 2 * i, 3, "%02x", m->secret[i]);
    }
    text[2 * m->scalar] = '\n';
    if (path_of(m->args, m->plan->file, "key", path)) {
        status = its_save(
            m->args, path,
            covey_bytes_of((const uint8_t *)text, 2 * m->scalar + 1), true);
    }
    covey_wipe(text, sizeof text);
    if (status == EXIT_DONE && path_of(m->args, m->plan->file, "oer", path)) {
        status = its_save(m->args, path, m->cert.whole, false);
    }
    if (status == EXIT_DONE &&
        covey_its_digest_of(&d, &m->cert, m->crypto) == COVEY_OK) {
        hex_print(stdout, covey_its_hashed_id(&d, COVEY_ITS_ID8));
        printf("  %s\n", path);
    }
    return status;
}

static int make(const its_args *args, const plan_cert *plan,
                const covey_crypto *crypto)
{
    struct making *m = calloc(1, sizeof *m);
    covey_status st;
    int status = EXIT_DONE;

    if (m == NULL) {
        return its_fail(args, EXIT_IO, "out of memory");
    }
    m->args = args;
    m->crypto = crypto;
    m->plan = plan;
    m->scalar = covey_its_hash_of(plan->alg) == COVEY_ITS_SHA384 ? 48 : 32;
    if (plan->issuer != NULL) {
        status = load_issuer(m, plan->issuer);
    }
    if (status == EXIT_DONE && plan->craca != NULL) {
        status = load_craca(m, plan->craca);
    }
    if (status == EXIT_DONE) {
        fill(m);
        st = draw(m);
        if (st == COVEY_OK) {
            st = plan->implicit ? reconstruct(m) : sign(m);
        }
        status = st == COVEY_OK ? check(m) : fail(m, st);
    }
    if (status == EXIT_DONE) {
        status = save(m);
    }
    drop_issuer(m);
    covey_wipe(m, sizeof *m);
    free(m);
    return status;
}

static bool exists(const its_args *args, const char *file)
{
    char path[PATH_MAX_LEN];

    return path_of(args, file, "oer", path) && access(path, F_OK) == 0;
}

/* Those that are not there yet, issuers first: the description has them in
 * this order. */
static int make_all(const its_args *args, const its_plan *plan,
                    const covey_crypto *crypto, bool roots)
{
    int status = EXIT_DONE;

    for (size_t i = 0; i < plan->count && status == EXIT_DONE; i++) {
        const plan_cert *p = &plan->certs[i];
        if ((p->profile == PLAN_ROOT) == roots && !exists(args, p->file)) {
            status = make(args, p, crypto);
        }
    }
    return status;
}

int its_verb_pki(const its_args *args, const covey_crypto *crypto)
{
    bool init = strcmp(args->verb, "pki-init") == 0;
    int status = EXIT_DONE;
    its_plan plan;

    if (!its_plan_load(&plan, args->operands.path[0])) {
        its_plan_free(&plan);
        return EXIT_IO;
    }
    /* Where private keys are going to be. */
    if (init && mkdir(args->operands.path[1], 0700) != 0 && errno != EEXIST) {
        status = its_fail(args, EXIT_IO, "%s: %s", args->operands.path[1],
                          strerror(errno));
    } else if (init || args->operands.count == 2) {
        status = make_all(args, &plan, crypto, init);
    }
    for (size_t i = 2; i < args->operands.count && status == EXIT_DONE; i++) {
        const char *file = args->operands.path[i];
        const plan_cert *p = its_plan_find(&plan, file);
        if (p == NULL) {
            status = its_fail(args, EXIT_USAGE, "%s: not in %s", file,
                              args->operands.path[0]);
        } else if (exists(args, file)) {
            status =
                its_fail(args, EXIT_REFUSED, "%s.oer: is there already", file);
        } else {
            status = make(args, p, crypto);
        }
    }
    its_plan_free(&plan);
    return status;
}
