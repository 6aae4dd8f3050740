/* SPDX-License-Identifier: BSD-2-Clause */
/* The public key in an authentication credential, whatever its kind (RFC
 * 10021 Section 2.4). The kinds tell themselves apart by their first bytes,
 * so that nobody has to hand the kind along. */
#include <covey/cose.h>

#include <covey/spki.h>

#include "cose_internal.h"

/* Of a certificate, which is no CBOR map, array or tag. */
#define DER_SEQUENCE 0x30

/* Tags of a CWT, RFC 8392 Section 6, and of the COSE messages that it may be
 * in, RFC 9052 Section 2. */
enum {
    TAG_ENCRYPT0 = 16,
    TAG_MAC0 = 17,
    TAG_SIGN1 = 18,
    TAG_CWT = 61
};

/* COSE_Sign1 has four members (RFC 9052 Section 4.2), a C509Certificate
 * eleven, of which the first is its type
 * (draft-ietf-cose-cbor-encoded-cert). */
enum {
    SIGN1_MEMBERS = 4,
    C509_MEMBERS = 11,
    C509_TYPE_MAX = 3
};

/* cnf, RFC 8747 Section 3.1, and the COSE_Key in it, Section 3.2. */
enum {
    CLAIM_CNF = 8,
    CNF_COSE_KEY = 1
};

static covey_cose_credential_kind kind_of_tag(uint64_t tag)
{
    bool cwt = tag == TAG_CWT || (tag >= TAG_ENCRYPT0 && tag <= TAG_SIGN1);

    return cwt ? COVEY_CREDENTIAL_CWT : COVEY_CREDENTIAL_UNKNOWN;
}

/* A C509 certificate is distributed as an array, or as the sequence of its
 * members. */
static bool starts_c509(covey_cbor_reader *r)
{
    return covey_cbor_peek(r) == COVEY_CBOR_UINT &&
           covey_cbor_get_uint(r) <= C509_TYPE_MAX &&
           covey_cbor_peek(r) == COVEY_CBOR_BYTES;
}

static covey_cose_credential_kind kind_of_array(covey_cbor_reader *r)
{
    size_t count = covey_cbor_get_array(r);

    if (count == SIGN1_MEMBERS && covey_cbor_peek(r) == COVEY_CBOR_BYTES) {
        return COVEY_CREDENTIAL_CWT;
    }
    return count == C509_MEMBERS && starts_c509(r) ? COVEY_CREDENTIAL_C509
                                                   : COVEY_CREDENTIAL_UNKNOWN;
}

covey_cose_credential_kind covey_cose_credential_kind_of(covey_bytes bytes)
{
    covey_cbor_reader r = covey_cbor_reader_of(bytes, COVEY_CBOR_WELL_FORMED);
    covey_cbor_type type = covey_cbor_peek(&r);

    if (type == COVEY_CBOR_MAP) {
        return COVEY_CREDENTIAL_CCS;
    }
    if (type == COVEY_CBOR_TAG) {
        return kind_of_tag(covey_cbor_get_tag(&r));
    }
    if (type == COVEY_CBOR_ARRAY) {
        return kind_of_array(&r);
    }
    if (type != COVEY_CBOR_END && bytes.ptr[0] == DER_SEQUENCE) {
        return COVEY_CREDENTIAL_X509;
    }
    return starts_c509(&r) ? COVEY_CREDENTIAL_C509 : COVEY_CREDENTIAL_UNKNOWN;
}

const char *covey_cose_credential_name(covey_cose_credential_kind kind)
{
    switch (kind) {
    case COVEY_CREDENTIAL_UNKNOWN:
        break;
    case COVEY_CREDENTIAL_CCS:
        return "CCS";
    case COVEY_CREDENTIAL_CWT:
        return "CWT";
    case COVEY_CREDENTIAL_X509:
        return "X.509 certificate";
    case COVEY_CREDENTIAL_C509:
        return "C509 certificate";
    }
    return "unknown credential";
}

/* The value of a label in the map that `map` is; there exactly once. */
static covey_status find(covey_bytes *out, covey_bytes map, int64_t wanted)
{
    covey_cbor_reader r = covey_cbor_reader_of(map, COVEY_CBOR_WELL_FORMED);
    covey_bytes found = { NULL, 0 };
    covey_status st;

    for (size_t n = covey_cbor_get_map(&r); covey_cbor_more(&r, &n);) {
        int64_t label = covey__cose_label(&r);
        covey_bytes value = covey_cbor_get_item(&r);

        if (label == wanted && found.ptr != NULL) {
            covey_cbor_fail(&r, COVEY_E_FORMAT);
        } else if (label == wanted) {
            found = value;
        }
    }
    st = covey_cbor_finish(&r);
    if (st == COVEY_OK && found.ptr == NULL) {
        st = COVEY_E_FORMAT;
    }
    if (st == COVEY_OK) {
        *out = found;
    }
    return st;
}

static covey_status from_claims(covey_cose_key *out, covey_bytes claims)
{
    covey_bytes cnf;
    covey_bytes key;
    covey_status st = find(&cnf, claims, CLAIM_CNF);

    if (st == COVEY_OK) {
        st = find(&key, cnf, CNF_COSE_KEY);
    }
    return st == COVEY_OK ? covey_cose_key_parse(out, key) : st;
}

/* COSE_Sign1, RFC 9052 Section 4.2, without a tag (RFC 10021 Section 2.4);
 * its payload is the claims set. */
static covey_status from_cwt(covey_cose_key *out, covey_bytes cwt)
{
    covey_cbor_reader r = covey_cbor_reader_of(cwt, COVEY_CBOR_WELL_FORMED);
    covey_bytes claims;
    covey_status st;

    if (covey_cbor_peek(&r) == COVEY_CBOR_TAG) {
        return COVEY_E_RANGE;
    }
    (void)covey_cbor_get_array(&r);
    (void)covey_cbor_get_bytes(&r); /* protected */
    if (covey_cbor_peek(&r) != COVEY_CBOR_MAP) {
        covey_cbor_fail(&r, COVEY_E_FORMAT);
    }
    covey_cbor_skip(&r); /* unprotected */
    claims = covey_cbor_get_bytes(&r);
    (void)covey_cbor_get_bytes(&r); /* signature */
    st = covey_cbor_finish(&r);
    return st == COVEY_OK ? from_claims(out, claims) : st;
}

/* RFC 10021 and RFC 9360 leave the certificate as X.509 has it. */
static covey_status from_certificate(covey_cose_key *out, covey_bytes der)
{
    static const uint8_t curve_of[] = {
        [COVEY_SPKI_X25519] = COVEY_X25519,   [COVEY_SPKI_X448] = COVEY_X448,
        [COVEY_SPKI_ED25519] = COVEY_ED25519, [COVEY_SPKI_ED448] = COVEY_ED448,
        [COVEY_SPKI_P256] = COVEY_P256,       [COVEY_SPKI_P384] = COVEY_P384,
        [COVEY_SPKI_P521] = COVEY_P521,       [COVEY_SPKI_RSA] = 0,
    };
    covey_cose_key key = { 0 };
    covey_spki spki;
    covey_status st = covey_spki_of_certificate(&spki, der);

    if (st != COVEY_OK) {
        return st;
    }
    if (curve_of[spki.algorithm] == 0) {
        return COVEY_E_UNSUPPORTED;
    }
    key.curve = (covey_curve)curve_of[spki.algorithm];
    key.kty = COVEY_KTY_OKP;
    key.x = spki.key;
    if (spki.algorithm >= COVEY_SPKI_P256) {
        bool whole = spki.key.ptr[0] == COSE_POINT_WHOLE;

        key.kty = COVEY_KTY_EC2;
        key.y_odd = spki.key.ptr[0] == COSE_POINT_ODD;
        key.x.ptr++;
        key.x.len = (spki.key.len - 1) >> whole;
        if (whole) {
            key.y = covey_bytes_of(key.x.ptr + key.x.len, key.x.len);
        }
    }
    *out = key;
    return COVEY_OK;
}

covey_status covey_cose_credential_key(covey_cose_key *out,
                                       covey_bytes credential)
{
    covey_status st = COVEY_E_UNSUPPORTED;
    covey_cose_key key;

    switch (covey_cose_credential_kind_of(credential)) {
    case COVEY_CREDENTIAL_CCS:
        st = from_claims(&key, credential);
        break;
    case COVEY_CREDENTIAL_CWT:
        st = from_cwt(&key, credential);
        break;
    case COVEY_CREDENTIAL_X509:
        st = from_certificate(&key, credential);
        break;
    case COVEY_CREDENTIAL_C509:
    case COVEY_CREDENTIAL_UNKNOWN:
        break;
    }
    if (st == COVEY_OK && key.d.ptr != NULL) {
        st = COVEY_E_RANGE;
    }
    if (st == COVEY_OK) {
        *out = key;
    }
    return st;
}
