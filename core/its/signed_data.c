/* SPDX-License-Identifier: BSD-2-Clause */
/* Ieee1609Dot2Data and SignedData (1609.2 clauses 6.3.2 to 6.3.20). Data may
 * be within data: the heads are read on the way in, the tails on the way out,
 * with one octet remembered per level. */
#include "its_internal.h"

enum {
    VERSION = 3,
    CONTENTS = 5,
    HASHES = 3,
    SIGNERS = 3,
    /* SignedDataPayload */
    PAYLOAD_EXTENDED = 0x80,
    HAS_DATA = 0x40,
    HAS_EXTERNAL = 0x20,
    PAYLOAD_BITS = 0xe0,
    /* HeaderInfo */
    EXTENDED = 0x80,
    HAS_GENERATION = 0x40,
    HAS_EXPIRY = 0x20,
    HAS_LOCATION = 0x10,
    HAS_P2PCD = 0x08,
    HAS_MISSING_CRL = 0x04,
    HAS_ENCRYPTION_KEY = 0x02,
    HEADER_BITS = 0xfe,
    LOCATION = 4 + 4 + 2
};

/* The additions to HeaderInfo, in order. */
enum {
    INLINE_P2PCD,
    REQUESTED_CERTIFICATE,
    PDU_TYPE,
    CONTRIBUTED
};

static unsigned read_content(struct oer *o)
{
    unsigned version = covey__oer_u8(o);

    if (version != VERSION) {
        covey__oer_refuse_value(o, COVEY_ITS_R_VERSION, version, VERSION);
    }
    return covey__oer_choice(o, CONTENTS);
}

covey_status covey_its_content_of(covey_its_content *out, covey_bytes bytes)
{
    struct oer o = covey__oer_of(bytes);
    unsigned content = read_content(&o);
    covey_status st = covey__oer_verdict(&o, NULL);

    if (st == COVEY_OK) {
        *out = (covey_its_content)content;
    }
    return st;
}

covey_status covey_its_unsecured(covey_bytes *out, covey_bytes bytes)
{
    struct oer o = covey__oer_of(bytes);
    unsigned content = read_content(&o);
    covey_bytes data;
    covey_status st;

    if (covey__oer_fine(&o) && content != COVEY_ITS_UNSECURED) {
        return COVEY_E_FORMAT;
    }
    data = covey__oer_octets(&o, 0, SIZE_MAX);
    st = covey__oer_end(&o, NULL);
    if (st == COVEY_OK) {
        *out = data;
    }
    return st;
}

static covey_its_hash read_hash_id(struct oer *o)
{
    size_t at = o->r.pos;
    unsigned hash = covey__oer_u8(o);

    if (hash >= HASHES) {
        covey__oer_refuse(o, COVEY_E_UNSUPPORTED, COVEY_ITS_R_CHOICE, at);
        o->found = hash;
        return COVEY_ITS_SHA256;
    }
    return (covey_its_hash)hash;
}

/* HashedData, clause 6.3.8 */
static void read_external(struct oer *o, covey_its_signed *s)
{
    unsigned hash = covey__oer_choice(o, HASHES);
    size_t end = 0;

    if (!covey__oer_fine(o)) {
        return;
    }
    s->external_hash = (covey_its_hash)hash;
    if (hash != COVEY_ITS_SHA256) {
        end = covey__oer_open(o);
    }
    s->external = covey__oer_bytes(o, covey__its_hash_len(s->external_hash));
    if (hash != COVEY_ITS_SHA256) {
        covey__oer_close(o, end);
    }
}

static void skip_additions(struct oer *o)
{
    for (uint32_t bits = covey__oer_bitmap(o); bits != 0; bits <<= 1) {
        if (bits >> 31 != 0) {
            (void)covey__oer_octets(o, 0, SIZE_MAX);
        }
    }
}

/* The additions to the payload: the first is `omitted`, a NULL. */
static bool read_omitted(struct oer *o)
{
    uint32_t bits = covey__oer_bitmap(o);
    bool omitted = bits >> 31 != 0;

    if (omitted) {
        (void)covey__oer_octets(o, 0, 0);
    }
    for (bits <<= 1; bits != 0; bits <<= 1) {
        if (bits >> 31 != 0) {
            (void)covey__oer_octets(o, 0, SIZE_MAX);
        }
    }
    return omitted;
}

/* MissingCrlIdentifier, clause 6.3.16 */
static covey_bytes read_missing_crl(struct oer *o)
{
    size_t from = o->r.pos;
    unsigned preamble = covey__oer_preamble(o, EXTENDED);

    (void)covey__oer_bytes(o, 3 + 2);
    if (preamble & EXTENDED) {
        skip_additions(o);
    }
    return covey__oer_since(o, from);
}

/* EncryptionKey, clause 6.3.18: a public one, or 16 bytes of AES. */
static covey_bytes read_encryption_key(struct oer *o)
{
    size_t from = o->r.pos;

    if (covey__oer_choice(o, 2) == 0) {
        (void)covey__oer_u8(o);
        if (covey__oer_choice(o, 2) < 2) {
            (void)covey__its_read_key_point(o, 32, o->r.pos);
        }
    } else if (covey__oer_choice(o, 1) == 0) {
        (void)covey__oer_bytes(o, 16);
    }
    return covey__oer_since(o, from);
}

static void read_header_additions(struct oer *o, covey_its_header *h)
{
    uint32_t bits = covey__oer_bitmap(o);

    for (unsigned i = 0; bits != 0; i++, bits <<= 1) {
        covey_bytes addition;
        if (bits >> 31 == 0) {
            continue;
        }
        addition =
            covey__oer_octets(o, i == PDU_TYPE, i == PDU_TYPE ? 1 : SIZE_MAX);
        if (i == PDU_TYPE && addition.len == 1) {
            h->has_pdu_type = true;
            h->pdu_type = addition.ptr[0];
        } else if (i == INLINE_P2PCD) {
            h->inline_p2pcd = addition;
        } else if (i == REQUESTED_CERTIFICATE) {
            h->requested_certificate = addition;
        } else if (i == CONTRIBUTED) {
            h->contributed = addition;
        } else {
            h->strangers = true;
        }
    }
}

/* HeaderInfo, clause 6.3.9 */
static covey_its_header read_header(struct oer *o)
{
    covey_its_header h = { 0 };
    unsigned preamble = covey__oer_preamble(o, HEADER_BITS);
    bool both = (preamble & HAS_GENERATION) && (preamble & HAS_EXPIRY);

    h.psid = covey__oer_unsigned(o);
    if (preamble & HAS_GENERATION) {
        h.generation_time = covey__oer_u64(o);
    }
    if (preamble & HAS_EXPIRY) {
        h.expiry_time = covey__oer_u64(o);
    }
    if (both && h.expiry_time <= h.generation_time) {
        covey__oer_refuse_value(o, COVEY_ITS_R_VALUE, h.expiry_time,
                                h.generation_time);
    }
    if (preamble & HAS_LOCATION) {
        h.location = covey__oer_bytes(o, LOCATION);
    }
    if (preamble & HAS_P2PCD) {
        h.p2pcd = covey__oer_bytes(o, 3);
    }
    if (preamble & HAS_MISSING_CRL) {
        h.missing_crl = read_missing_crl(o);
    }
    if (preamble & HAS_ENCRYPTION_KEY) {
        h.encryption_key = read_encryption_key(o);
    }
    if (preamble & EXTENDED) {
        read_header_additions(o, &h);
    }
    return h;
}

/* SignerIdentifier, clause 6.3.31 */
static void read_signer(struct oer *o, covey_its_signed *s)
{
    unsigned kind = covey__oer_choice(o, SIGNERS);
    covey_its_cert cert;
    size_t from;

    if (!covey__oer_fine(o)) {
        return;
    }
    s->signer_kind = (covey_its_signer_kind)kind;
    switch (s->signer_kind) {
    case COVEY_ITS_SIGNER_DIGEST:
        s->signer = covey__oer_bytes(o, COVEY_ITS_ID8);
        break;
    case COVEY_ITS_SIGNER_CERTIFICATE:
        s->signer_count =
            (uint8_t)covey__oer_quantity(o, 1, COVEY_ITS_CHAIN_MAX);
        from = o->r.pos;
        for (unsigned i = 0; i < s->signer_count; i++) {
            (void)covey__its_read_cert(o, &cert);
        }
        s->signer = covey__oer_since(o, from);
        break;
    case COVEY_ITS_SIGNER_SELF:
        break;
    }
}

/* The way in: heads of signed data, until something is not signed data or
 * holds none. The number of levels that are open, each with its preamble. */
static unsigned read_heads(struct oer *o, covey_its_signed *s,
                           uint8_t *preambles, size_t *tbs)
{
    unsigned level = 0;
    unsigned content;

    for (;;) {
        size_t at = o->r.pos;
        content = read_content(o);
        if (!covey__oer_fine(o)) {
            return level;
        }
        if (content == COVEY_ITS_UNSECURED && level > 0) {
            (void)covey__oer_octets(o, 0, SIZE_MAX);
            return level;
        }
        if (content != COVEY_ITS_SIGNED) {
            covey__oer_refuse(o, COVEY_E_UNSUPPORTED, COVEY_ITS_R_CONTENT, at);
            o->found = content;
            return level;
        }
        if (level == COVEY_ITS_DEPTH_MAX) {
            covey__oer_refuse(o, COVEY_E_UNSUPPORTED, COVEY_ITS_R_DEPTH, at);
            return level;
        }
        if (level == 0) {
            s->hash = read_hash_id(o);
            *tbs = o->r.pos;
        } else {
            (void)read_hash_id(o);
        }
        preambles[level] = (uint8_t)covey__oer_preamble(o, PAYLOAD_BITS);
        level++;
        if ((preambles[level - 1] & HAS_DATA) == 0) {
            return level;
        }
    }
}

/* The way out: what follows the data that is within. */
static void read_tail(struct oer *o, covey_its_signed *s, unsigned preamble,
                      size_t tbs)
{
    size_t at = o->r.pos;

    if (preamble & HAS_EXTERNAL) {
        read_external(o, s);
    }
    if (preamble & PAYLOAD_EXTENDED) {
        s->omitted = read_omitted(o);
    }
    if ((preamble & (HAS_DATA | HAS_EXTERNAL)) == 0 && !s->omitted) {
        covey__oer_refuse(o, COVEY_E_FORMAT, COVEY_ITS_R_PAYLOAD, at);
    }
    s->header = read_header(o);
    s->tbs = covey__oer_since(o, tbs);
    read_signer(o, s);
    s->signature = covey__its_read_signature(o);
}

covey_status covey_its_signed_decode(covey_its_signed *out, covey_bytes bytes,
                                     covey_its_finding *why)
{
    struct oer o = covey__oer_of(bytes);
    covey_its_signed s = { .whole = bytes };
    uint8_t preambles[COVEY_ITS_DEPTH_MAX] = { 0 };
    size_t tbs = 0;
    unsigned level = read_heads(&o, &s, preambles, &tbs);
    covey_status st;

    for (; level > 1 && covey__oer_fine(&o); level--) {
        covey_its_signed within = { .whole = bytes };
        read_tail(&o, &within, preambles[level - 1], o.r.pos);
    }
    if (preambles[0] & HAS_DATA) {
        s.data = covey__oer_since(&o, tbs + 1);
    }
    if (covey__oer_fine(&o)) {
        read_tail(&o, &s, preambles[0], tbs);
    }
    st = covey__oer_end(&o, why);
    if (st == COVEY_OK) {
        *out = s;
    } else if (why) {
        why->in_data = true;
    }
    return st;
}
