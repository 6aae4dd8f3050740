/* SPDX-License-Identifier: BSD-2-Clause */
/* SubjectPublicKeyInfo by strict DER (X.690 Section 10). An
 * AlgorithmIdentifier is compared whole with those that are known: DER has
 * one encoding of each, parameters included, so that nothing of it needs to
 * be understood. */
#include <covey/spki.h>

#include <string.h>

enum {
    TAG_INTEGER = 0x02,
    TAG_BIT_STRING = 0x03,
    TAG_OID = 0x06,
    TAG_SEQUENCE = 0x30,
    /* in TBSCertificate, RFC 5280 Section 4.1 */
    TAG_VERSION = 0xa0,
    TAG_ISSUER_UNIQUE_ID = 0x81,
    TAG_SUBJECT_UNIQUE_ID = 0x82,
    TAG_EXTENSIONS = 0xa3
};

/* First byte of a point, SEC 1 Section 2.3.3. */
enum {
    POINT_EVEN = 2,
    POINT_ODD = 3,
    POINT_WHOLE = 4
};

enum key_form {
    KEY_RAW,   /* `len` bytes */
    KEY_POINT, /* a point with coordinates of `len` bytes */
    KEY_OPAQUE
};

struct known {
    uint8_t algorithm; /* covey_spki_algorithm */
    uint8_t form;      /* enum key_form */
    uint8_t len;
    uint8_t id_len;
    uint8_t id[19]; /* content of the AlgorithmIdentifier */
    char name[9];
};

/* id-ecPublicKey, RFC 5480 Section 2.1.1; the curve's identifier follows */
#define EC 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01

/* clang-format off */
static const struct known known[] = {
    { COVEY_SPKI_X25519,  KEY_RAW, 32, 5,
      { 0x06, 0x03, 0x2b, 0x65, 0x6e }, "X25519" },
    { COVEY_SPKI_X448,    KEY_RAW, 56, 5,
      { 0x06, 0x03, 0x2b, 0x65, 0x6f }, "X448" },
    { COVEY_SPKI_ED25519, KEY_RAW, 32, 5,
      { 0x06, 0x03, 0x2b, 0x65, 0x70 }, "Ed25519" },
    { COVEY_SPKI_ED448,   KEY_RAW, 57, 5,
      { 0x06, 0x03, 0x2b, 0x65, 0x71 }, "Ed448" },
    { COVEY_SPKI_P256,    KEY_POINT, 32, 19,
      { EC, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 },
      "P-256" },
    { COVEY_SPKI_P384,    KEY_POINT, 48, 16,
      { EC, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22 }, "P-384" },
    { COVEY_SPKI_P521,    KEY_POINT, 66, 16,
      { EC, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23 }, "P-521" },
    { COVEY_SPKI_RSA,     KEY_OPAQUE, 0, 13,
      { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01,
        0x05, 0x00 }, "RSA" },
};
/* clang-format on */

#define KNOWN_COUNT (sizeof known / sizeof known[0])

const char *covey_spki_name(covey_spki_algorithm algorithm)
{
    for (size_t i = 0; i < KNOWN_COUNT; i++) {
        if (known[i].algorithm == algorithm) {
            return known[i].name;
        }
    }
    return "unknown";
}

static void refuse(covey_reader *r)
{
    if (r->failed == COVEY_OK) {
        r->failed = COVEY_E_FORMAT;
    }
}

/* X.690 Sections 8.1.3 and 10.1: definite, in as few bytes as possible. */
static uint32_t take_length(covey_reader *r)
{
    uint32_t len = covey_read_u8(r);
    unsigned more = len & 0x7f;

    if (len < 0x80 || r->failed != COVEY_OK) {
        return len;
    }
    if (more == 0 || more > sizeof len) {
        refuse(r);
        return 0;
    }
    len = 0;
    for (unsigned i = 0; i < more; i++) {
        len = len << 8 | covey_read_u8(r);
    }
    /* The first byte is not zero, a single one not below 128. */
    if (r->failed == COVEY_OK && (len < 0x80 || len >> 8 * (more - 1) == 0)) {
        refuse(r);
    }
    return len;
}

/* The content of the element that is next and has this tag. */
static covey_bytes take(covey_reader *r, unsigned tag)
{
    covey_bytes absent = { NULL, 0 };
    uint32_t len;

    if (r->failed == COVEY_OK && covey_read_u8(r) != tag) {
        refuse(r);
    }
    if (r->failed != COVEY_OK) {
        return absent;
    }
    len = take_length(r);
    return r->failed == COVEY_OK ? covey_read_bytes(r, len) : absent;
}

static void take_if(covey_reader *r, unsigned tag)
{
    if (covey_read_left(r) > 0 && r->base[r->pos] == tag) {
        (void)take(r, tag);
    }
}

/* Nothing may follow; the reader's verdict. */
static covey_status finish(covey_reader *r)
{
    if (covey_read_left(r) > 0) {
        refuse(r);
    }
    return r->failed;
}

/* A SEQUENCE that fills `der`; absent in r if it does not. */
static covey_status enter(covey_reader *r, covey_bytes der)
{
    covey_reader outer = covey_reader_of(der);

    *r = covey_reader_of(take(&outer, TAG_SEQUENCE));
    return finish(&outer);
}

static const struct known *find(covey_bytes id)
{
    for (size_t i = 0; i < KNOWN_COUNT; i++) {
        if (covey_bytes_equal(id,
                              covey_bytes_of(known[i].id, known[i].id_len))) {
            return &known[i];
        }
    }
    return NULL;
}

static bool key_fits(const struct known *k, covey_bytes key)
{
    switch ((enum key_form)k->form) {
    case KEY_RAW:
        return key.len == k->len;
    case KEY_POINT:
        if (key.len == 1 + 2 * (size_t)k->len) {
            return key.ptr[0] == POINT_WHOLE;
        }
        return key.len == 1 + (size_t)k->len &&
               (key.ptr[0] == POINT_EVEN || key.ptr[0] == POINT_ODD);
    case KEY_OPAQUE:
        break;
    }
    return true;
}

covey_status covey_spki_parse(covey_spki *out, covey_bytes der)
{
    covey_reader r;
    covey_reader bits;
    covey_reader oid;
    covey_bytes id;
    covey_bytes key;
    const struct known *k;
    covey_status st = enter(&r, der);

    if (st != COVEY_OK) {
        return st;
    }
    id = take(&r, TAG_SEQUENCE);
    bits = covey_reader_of(take(&r, TAG_BIT_STRING));
    st = finish(&r);
    if (st != COVEY_OK) {
        return st;
    }
    oid = covey_reader_of(id);
    (void)take(&oid, TAG_OID);
    /* The first byte counts the unused bits of the last one. */
    if (covey_read_u8(&bits) != 0 || bits.failed != COVEY_OK ||
        oid.failed != COVEY_OK) {
        return COVEY_E_FORMAT;
    }
    k = find(id);
    if (k == NULL) {
        return COVEY_E_UNSUPPORTED;
    }
    key = covey_read_rest(&bits);
    if (!key_fits(k, key)) {
        return COVEY_E_FORMAT;
    }
    out->algorithm = (covey_spki_algorithm)k->algorithm;
    out->key = key;
    out->whole = der;
    return COVEY_OK;
}

/* RFC 5280 Section 4.1, TBSCertificate up to and with subjectPublicKeyInfo,
 * and what may follow it. */
static covey_bytes find_spki(covey_reader *tbs)
{
    size_t start;
    size_t end;

    take_if(tbs, TAG_VERSION);
    (void)take(tbs, TAG_INTEGER);  /* serialNumber */
    (void)take(tbs, TAG_SEQUENCE); /* signature */
    (void)take(tbs, TAG_SEQUENCE); /* issuer */
    (void)take(tbs, TAG_SEQUENCE); /* validity */
    (void)take(tbs, TAG_SEQUENCE); /* subject */
    start = tbs->pos;
    (void)take(tbs, TAG_SEQUENCE); /* subjectPublicKeyInfo */
    end = tbs->pos;
    take_if(tbs, TAG_ISSUER_UNIQUE_ID);
    take_if(tbs, TAG_SUBJECT_UNIQUE_ID);
    take_if(tbs, TAG_EXTENSIONS);
    return covey_bytes_of(tbs->base + start, end - start);
}

covey_status covey_spki_of_certificate(covey_spki *out,
                                       covey_bytes certificate)
{
    covey_reader r;
    covey_reader tbs;
    covey_bytes spki;
    covey_status st = enter(&r, certificate);

    if (st != COVEY_OK) {
        return st;
    }
    tbs = covey_reader_of(take(&r, TAG_SEQUENCE));
    (void)take(&r, TAG_SEQUENCE);   /* signatureAlgorithm */
    (void)take(&r, TAG_BIT_STRING); /* signatureValue */
    st = finish(&r);
    if (st != COVEY_OK) {
        return st;
    }
    spki = find_spki(&tbs);
    st = finish(&tbs);
    return st == COVEY_OK ? covey_spki_parse(out, spki) : st;
}
