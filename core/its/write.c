/* SPDX-License-Identifier: BSD-2-Clause */
/* Encoding of certificates, and their canonical form (1609.2 clause 6.4.3):
 * key points compressed, r of the signature as x-only. Lists and regions are
 * written item by item, so that what was decoded must have been canonical to
 * come back. */
#include "its_internal.h"

enum {
    VERSION = 3
};

static void put_issuer(covey_writer *w, const covey_its_cert *c)
{
    covey__oer_put_choice(w, c->issuer_kind);
    switch (c->issuer_kind) {
    case COVEY_ITS_ISSUER_SELF:
        covey_write_u8(w, (uint8_t)c->issuer_hash);
        break;
    case COVEY_ITS_ISSUER_SHA256:
        covey_write_bytes(w, c->issuer);
        break;
    case COVEY_ITS_ISSUER_SHA384:
    case COVEY_ITS_ISSUER_SM3:
        covey__oer_put_octets(w, c->issuer);
        break;
    }
}

static void put_id(covey_writer *w, const covey_its_cert *c)
{
    covey__oer_put_choice(w, c->id_kind);
    switch (c->id_kind) {
    case COVEY_ITS_ID_LINKAGE:
        covey_write_bytes(w, c->id);
        break;
    case COVEY_ITS_ID_NAME:
    case COVEY_ITS_ID_BINARY:
        covey__oer_put_octets(w, c->id);
        break;
    case COVEY_ITS_ID_NONE:
        break;
    }
}

static void put_encryption(covey_writer *w, const covey_its_cert *c)
{
    const covey_its_public *key = &c->encryption;

    covey_write_u8(w, c->symmetric_alg);
    if (key->alg == COVEY_ITS_SM2) {
        covey__oer_put_choice(w, 2);
        covey__oer_put_length(w, 1 + key->point.x.len + key->point.y.len);
    } else {
        covey__oer_put_choice(w, key->alg);
    }
    covey__its_put_point(w, &key->point);
}

static unsigned preamble_of(const covey_its_cert *c)
{
    return (c->additions.ptr ? 0x80u : 0) | (c->region.ptr ? 0x40u : 0) |
           (c->has_assurance ? 0x20u : 0) |
           (c->app_permissions.ptr ? 0x10u : 0) |
           (c->issue_permissions.ptr ? 0x08u : 0) |
           (c->request_permissions.ptr ? 0x04u : 0) |
           (c->can_request_rollover ? 0x02u : 0) |
           (c->has_encryption ? 0x01u : 0);
}

static void put_lists(covey_writer *w, const covey_its_cert *c)
{
    if (c->app_permissions.ptr) {
        covey__its_put_permissions(w, c->app_permissions);
    }
    if (c->issue_permissions.ptr) {
        covey__its_put_groups(w, c->issue_permissions);
    }
    if (c->request_permissions.ptr) {
        covey__its_put_groups(w, c->request_permissions);
    }
}

void covey__its_put_keys(covey_writer *w, const covey_its_cert *c)
{
    if (c->has_encryption) {
        put_encryption(w, c);
    }
    covey__oer_put_choice(w, c->implicit ? 1 : 0);
    if (c->implicit) {
        covey__its_put_point(w, &c->verify_key.point);
    } else {
        covey__its_put_public(w, &c->verify_key);
    }
}

static void put_tbs(covey_writer *out, const covey_its_cert *cert)
{
    covey_write_u8(out, (uint8_t)preamble_of(cert));
    put_id(out, cert);
    covey_write_bytes(out, cert->craca_id);
    covey_write_u16(out, cert->crl_series);
    covey_write_u32(out, cert->start);
    covey__oer_put_choice(out, cert->duration_unit);
    covey_write_u16(out, cert->duration);
    if (cert->region.ptr) {
        covey__its_put_region(out, cert->region);
    }
    if (cert->has_assurance) {
        covey_write_u8(out, cert->assurance);
    }
    put_lists(out, cert);
    covey__its_put_keys(out, cert);
    covey_write_bytes(out, cert->additions);
}

covey_status covey_its_tbs_encode(covey_writer *out,
                                  const covey_its_cert *cert)
{
    put_tbs(out, cert);
    return out->failed;
}

covey_status covey_its_cert_encode(covey_writer *out,
                                   const covey_its_cert *cert)
{
    covey_write_u8(out, cert->implicit ? 0x00 : 0x80);
    covey_write_u8(out, VERSION);
    covey_write_u8(out, cert->implicit ? 1 : 0);
    put_issuer(out, cert);
    put_tbs(out, cert);
    if (!cert->implicit) {
        covey__its_put_signature(out, &cert->signature);
    }
    return out->failed;
}

/* Everything but the points is as it must be already, or would not have been
 * decoded. */
bool covey_its_cert_is_canonical(const covey_its_cert *cert)
{
    return covey__its_tbs_is_canonical(cert) &&
           (cert->implicit || cert->signature.r.form == COVEY_ITS_X_ONLY);
}

bool covey__its_tbs_is_canonical(const covey_its_cert *cert)
{
    return cert->verify_key.point.form != COVEY_ITS_UNCOMPRESSED &&
           (!cert->has_encryption ||
            cert->encryption.point.form != COVEY_ITS_UNCOMPRESSED);
}

covey_its_cert covey__its_canonical(const covey_its_cert *cert)
{
    covey_its_cert c = *cert;

    c.verify_key.point = covey__its_compressed(&cert->verify_key.point);
    c.encryption.point = covey__its_compressed(&cert->encryption.point);
    c.signature.r.form = COVEY_ITS_X_ONLY;
    c.signature.r.y = covey_bytes_of(NULL, 0);
    return c;
}

covey_status covey_its_cert_canonical(covey_writer *out,
                                      const covey_its_cert *cert)
{
    covey_its_cert c = covey__its_canonical(cert);

    return covey_its_cert_encode(out, &c);
}
