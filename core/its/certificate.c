/* SPDX-License-Identifier: BSD-2-Clause */
/* Decoding of certificates (1609.2 clause 6.4): the structure, and all rules
 * that one certificate can break on its own. The order of fields is that of
 * the standard. */
#include "its_internal.h"

enum {
    VERSION = 3,
    HAS_SIGNATURE = 0x80, /* CertificateBase */
    /* ToBeSignedCertificate */
    EXTENDED = 0x80,
    HAS_REGION = 0x40,
    HAS_ASSURANCE = 0x20,
    HAS_APP = 0x10,
    HAS_ISSUE = 0x08,
    HAS_REQUEST = 0x04,
    CAN_ROLLOVER = 0x02,
    HAS_ENCRYPTION = 0x01,

    ISSUERS = 4,
    HASHES = 3,
    ID_KINDS = 4,
    NAME_MAX = 255,
    BINARY_ID_MAX = 64,
    HAS_GROUP = 0x80, /* LinkageData */
    LINKAGE = 2 + 9,
    GROUP_LINKAGE = 4 + 9,
    DURATION_UNITS = 7,
    ENCRYPTION_CURVES = 3, /* the third is SM2 */
    SYMMETRIC_ALGS = 2
};

/* IssuerIdentifier, clause 6.4.7 */
static void read_issuer(struct oer *o, covey_its_cert *c)
{
    static const uint8_t hash_of_digest[ISSUERS] = {
        COVEY_ITS_SHA256, COVEY_ITS_SHA256, COVEY_ITS_SHA384, COVEY_ITS_SM3
    };
    unsigned kind = covey__oer_choice(o, ISSUERS);
    size_t at = o->r.pos;
    unsigned hash;
    size_t end = 0;

    if (!covey__oer_fine(o)) {
        return;
    }
    c->issuer_kind = (covey_its_issuer)kind;
    c->issuer_hash = (covey_its_hash)hash_of_digest[kind];
    if (c->issuer_kind == COVEY_ITS_ISSUER_SELF) {
        hash = covey__oer_u8(o);
        if (hash >= HASHES) {
            covey__oer_refuse(o, COVEY_E_UNSUPPORTED, COVEY_ITS_R_CHOICE, at);
            o->found = hash;
        }
        c->issuer_hash = (covey_its_hash)hash;
        return;
    }
    if (c->issuer_kind == COVEY_ITS_ISSUER_SHA256) {
        c->issuer = covey__oer_bytes(o, COVEY_ITS_ID8);
        return;
    }
    end = covey__oer_open(o);
    c->issuer = covey__oer_bytes(o, COVEY_ITS_ID8);
    covey__oer_close(o, end);
}

/* CertificateId, clause 6.4.9 */
static void read_id(struct oer *o, covey_its_cert *c)
{
    unsigned kind = covey__oer_choice(o, ID_KINDS);
    size_t from = o->r.pos;

    if (!covey__oer_fine(o)) {
        return;
    }
    c->id_kind = (covey_its_id_kind)kind;
    switch (c->id_kind) {
    case COVEY_ITS_ID_LINKAGE:
        (void)covey__oer_bytes(o, covey__oer_preamble(o, HAS_GROUP) & HAS_GROUP
                                      ? LINKAGE + GROUP_LINKAGE
                                      : LINKAGE);
        c->id = covey__oer_since(o, from);
        break;
    case COVEY_ITS_ID_NAME:
        c->id = covey__oer_octets(o, 0, NAME_MAX);
        break;
    case COVEY_ITS_ID_BINARY:
        c->id = covey__oer_octets(o, 1, BINARY_ID_MAX);
        break;
    case COVEY_ITS_ID_NONE:
        break;
    }
}

/* Duration in seconds, rounded up. A year is that of clause 6.4.16. */
static uint64_t seconds_of(unsigned unit, uint64_t n)
{
    static const uint32_t seconds[DURATION_UNITS] = { 0,       0,    1,
                                                      60,      3600, 216000,
                                                      31556952 };

    switch (unit) {
    case 0:
        return (n + 999999) / 1000000;
    case 1:
        return (n + 999) / 1000;
    default:
        return n * seconds[unit];
    }
}

static void read_validity(struct oer *o, covey_its_cert *c)
{
    uint64_t end;

    c->start = covey__oer_u32(o);
    c->duration_unit = (uint8_t)covey__oer_choice(o, DURATION_UNITS);
    c->duration = covey__oer_u16(o);
    if (!covey__oer_fine(o)) {
        return;
    }
    end = c->start + seconds_of(c->duration_unit, c->duration);
    c->end = end > UINT32_MAX ? UINT32_MAX : (uint32_t)end;
}

/* PublicEncryptionKey, clause 6.4.5: its third curve is SM2. */
static void read_encryption(struct oer *o, covey_its_cert *c)
{
    size_t at = o->r.pos;
    unsigned curve;
    size_t end = 0;

    c->has_encryption = true;
    c->symmetric_alg = covey__oer_u8(o);
    if (c->symmetric_alg >= SYMMETRIC_ALGS) {
        covey__oer_refuse(o, COVEY_E_UNSUPPORTED, COVEY_ITS_R_CHOICE, at);
        o->found = c->symmetric_alg;
    }
    curve = covey__oer_choice(o, ENCRYPTION_CURVES);
    c->encryption.alg =
        curve + 1 == ENCRYPTION_CURVES ? COVEY_ITS_SM2 : (covey_its_alg)curve;
    if (c->encryption.alg == COVEY_ITS_SM2) {
        end = covey__oer_open(o);
    }
    at = o->r.pos;
    c->encryption.point = covey__its_read_key_point(o, 32, at);
    if (c->encryption.alg == COVEY_ITS_SM2) {
        covey__oer_close(o, end);
    }
}

/* VerificationKeyIndicator, clause 6.4.36: which of the two belongs to which
 * type of certificate is part of their definitions. */
static void read_key(struct oer *o, covey_its_cert *c)
{
    size_t at = o->r.pos;
    bool reconstruction = covey__oer_choice(o, 2) == 1;

    if (covey__oer_fine(o) && reconstruction != c->implicit) {
        covey__oer_refuse(o, COVEY_E_FORMAT, COVEY_ITS_R_TYPE, at);
    }
    if (reconstruction) {
        at = o->r.pos;
        c->verify_key.alg = COVEY_ITS_P256;
        c->verify_key.point = covey__its_read_key_point(o, 32, at);
    } else {
        c->verify_key = covey__its_read_public(o);
    }
}

/* What a later edition added: not critical, so skipped, but kept. */
static covey_bytes read_additions(struct oer *o)
{
    size_t from = o->r.pos;
    uint32_t bits = covey__oer_bitmap(o);

    for (; bits != 0; bits <<= 1) {
        if (bits >> 31 != 0) {
            (void)covey__oer_octets(o, 0, COVEY_ITS_CERT_MAX);
        }
    }
    return covey__oer_since(o, from);
}

static void read_lists(struct oer *o, covey_its_cert *c, unsigned preamble)
{
    size_t at = o->r.pos;

    if ((preamble & (HAS_APP | HAS_ISSUE | HAS_REQUEST)) == 0) {
        covey__oer_refuse(o, COVEY_E_FORMAT, COVEY_ITS_R_NO_PERMISSIONS, at);
    }
    if (preamble & HAS_APP) {
        c->app_permissions = covey__its_read_permissions(o);
    }
    if (preamble & HAS_ISSUE) {
        c->issue_permissions = covey__its_read_groups(o, true);
    }
    if (preamble & HAS_REQUEST) {
        c->request_permissions = covey__its_read_groups(o, false);
    }
}

static void read_tbs(struct oer *o, covey_its_cert *c)
{
    size_t from = o->r.pos;
    unsigned preamble = covey__oer_preamble(o, 0xff);

    read_id(o, c);
    c->craca_id = covey__oer_bytes(o, 3);
    c->crl_series = covey__oer_u16(o);
    read_validity(o, c);
    if (preamble & HAS_REGION) {
        c->region = covey__its_read_region(o);
    }
    c->has_assurance = (preamble & HAS_ASSURANCE) != 0;
    if (c->has_assurance) {
        c->assurance = covey__oer_u8(o);
    }
    read_lists(o, c, preamble);
    c->can_request_rollover = (preamble & CAN_ROLLOVER) != 0;
    if (preamble & HAS_ENCRYPTION) {
        read_encryption(o, c);
    }
    read_key(o, c);
    if (preamble & EXTENDED) {
        c->additions = read_additions(o);
    }
    c->tbs = covey__oer_since(o, from);
}

/* The signature is there exactly in an explicit certificate, and an implicit
 * one has somebody else's key in its own: nobody makes it alone. */
static void read_head(struct oer *o, covey_its_cert *c, unsigned *preamble)
{
    size_t at = o->r.pos;
    unsigned version;
    unsigned type;

    *preamble = covey__oer_preamble(o, HAS_SIGNATURE);
    version = covey__oer_u8(o);
    if (version != VERSION) {
        covey__oer_refuse_value(o, COVEY_ITS_R_VERSION, version, VERSION);
    }
    type = covey__oer_u8(o);
    if (type > 1) {
        covey__oer_refuse(o, COVEY_E_UNSUPPORTED, COVEY_ITS_R_CHOICE,
                          o->r.pos - 1);
        o->found = type;
    }
    c->implicit = type == 1;
    if (c->implicit == ((*preamble & HAS_SIGNATURE) != 0)) {
        covey__oer_refuse(o, COVEY_E_FORMAT, COVEY_ITS_R_TYPE, at);
    }
}

bool covey__its_read_cert(struct oer *o, covey_its_cert *out)
{
    covey_its_cert c = { 0 };
    size_t from = o->r.pos;
    unsigned preamble;

    read_head(o, &c, &preamble);
    read_issuer(o, &c);
    if (c.implicit && c.issuer_kind == COVEY_ITS_ISSUER_SELF) {
        covey__oer_refuse(o, COVEY_E_FORMAT, COVEY_ITS_R_IMPLICIT_ROOT, from);
    }
    read_tbs(o, &c);
    if (preamble & HAS_SIGNATURE) {
        c.signature = covey__its_read_signature(o);
    }
    c.whole = covey__oer_since(o, from);
    if (c.whole.len > COVEY_ITS_CERT_MAX) {
        covey__oer_refuse_value(o, COVEY_ITS_R_LENGTH, c.whole.len,
                                COVEY_ITS_CERT_MAX);
    }
    if (!covey__oer_fine(o)) {
        return false;
    }
    *out = c;
    return true;
}

covey_status covey_its_cert_decode(covey_its_cert *out, covey_bytes bytes,
                                   covey_its_finding *why)
{
    struct oer o = covey__oer_of(bytes);
    covey_its_cert c;
    bool good = covey__its_read_cert(&o, &c);
    covey_status st = covey__oer_end(&o, why);

    if (good && st == COVEY_OK) {
        *out = c;
    }
    return st;
}

covey_status covey_its_cert_read(covey_its_cert *out, covey_reader *r,
                                 covey_its_finding *why)
{
    struct oer o = { .r = *r };

    if (covey__its_read_cert(&o, out)) {
        r->pos = o.r.pos;
    }
    return covey__oer_verdict(&o, why);
}
