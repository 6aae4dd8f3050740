/* SPDX-License-Identifier: BSD-2-Clause */
/* Decoding of lists: CrlContents (IEEE 1609.2 clause 7.3) and the trust and
 * revocation lists of ETSI TS 102 941 clause 6.3, with every entry. */
#include <covey/its_list.h>

#include "its_internal.h"

enum {
    VERSION = 1,
    EXTENDED = 0x80,
    HAS_PRIORITY = 0x40, /* CrlPriorityInfo */
    HAS_OPTIONAL = 0x80, /* entries of trust lists */
    ID10 = 10,
    EXPIRY = 4,
    CRL_KINDS = 6, /* the last four are by linkage values */
    /* EtsiTs102941DataContent */
    CONTENTS = 10,
    CONTENT_CRL = 4,
    CONTENT_ECTL = 5,
    CONTENT_CTL = 6,
    URL_MAX = 2048,
    ENTRY_KINDS = 5,
    DELETE_KINDS = 2
};

static void want_version(struct oer *o, int64_t version)
{
    if (covey__oer_fine(o) && version != VERSION) {
        covey__oer_refuse_value(o, COVEY_ITS_R_VERSION, (uint64_t)version,
                                VERSION);
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

static void refuse_kind(struct oer *o, size_t at, uint64_t found)
{
    covey__oer_refuse(o, COVEY_E_UNSUPPORTED, COVEY_ITS_R_LIST_KIND, at);
    o->found = found;
}

/* HashBasedRevocationInfo became extensible in 2022: then each entry has an
 * octet more. How many octets are left says which it is. */
static void read_hash_entries(struct oer *o, covey_its_list *l)
{
    size_t n = covey__oer_quantity(o, 0, COVEY_ITS_LIST_ENTRIES);
    size_t from = o->r.pos;
    size_t old = n * (ID10 + EXPIRY);

    l->count = (uint32_t)n;
    if (n > 0 && covey_read_left(&o->r) == old) {
        l->stride = ID10 + EXPIRY;
        (void)covey__oer_bytes(o, old);
    } else {
        l->stride = 1 + ID10 + EXPIRY;
        for (size_t i = 0; i < n && covey__oer_fine(o); i++) {
            (void)covey__oer_preamble(o, 0);
            (void)covey__oer_bytes(o, ID10 + EXPIRY);
        }
    }
    l->entries = covey__oer_since(o, from);
}

static void read_ieee(struct oer *o, covey_its_list *l)
{
    unsigned preamble;
    unsigned kind;
    size_t at;

    want_version(o, covey__oer_u8(o));
    l->crl_series = covey__oer_u16(o);
    l->craca = covey__oer_bytes(o, COVEY_ITS_ID8);
    l->this_update = covey__oer_u32(o);
    l->next_update = covey__oer_u32(o);
    preamble = covey__oer_preamble(o, EXTENDED | HAS_PRIORITY);
    if (preamble & HAS_PRIORITY) {
        (void)covey__oer_u8(o);
    }
    if (preamble & EXTENDED) {
        skip_additions(o);
    }
    at = o->r.pos;
    kind = covey__oer_choice(o, CRL_KINDS);
    if (covey__oer_fine(o) && kind > 1) {
        refuse_kind(o, at, kind);
    }
    l->kind = kind == 0 ? COVEY_ITS_LIST_HASH_CRL : COVEY_ITS_LIST_DELTA_CRL;
    preamble = covey__oer_preamble(o, EXTENDED);
    l->serial = covey__oer_u32(o);
    read_hash_entries(o, l);
    if (preamble & EXTENDED) {
        skip_additions(o);
    }
}

static void read_etsi_crl(struct oer *o, covey_its_list *l)
{
    unsigned preamble = covey__oer_preamble(o, EXTENDED);
    size_t n;

    want_version(o, covey__oer_integer(o));
    l->this_update = covey__oer_u32(o);
    l->next_update = covey__oer_u32(o);
    n = covey__oer_quantity(o, 0, COVEY_ITS_LIST_ENTRIES);
    l->kind = COVEY_ITS_LIST_ETSI_CRL;
    l->count = (uint32_t)n;
    l->stride = COVEY_ITS_ID8;
    l->entries = covey__oer_bytes(o, n * COVEY_ITS_ID8);
    if (preamble & EXTENDED) {
        skip_additions(o);
    }
}

static covey_bytes read_certificate(struct oer *o)
{
    covey_its_cert c;

    return covey__its_read_cert(o, &c) ? c.whole : covey_bytes_of(NULL, 0);
}

static covey_bytes read_url(struct oer *o)
{
    return covey__oer_octets(o, 0, URL_MAX);
}

static void read_add(struct oer *o, covey_its_entry *e)
{
    unsigned kind = covey__oer_choice(o, ENTRY_KINDS);
    unsigned preamble = 0;
    bool optional;

    if (!covey__oer_fine(o)) {
        return;
    }
    e->kind = (covey_its_entry_kind)kind;
    if (e->kind == COVEY_ITS_ADD_DC) {
        e->url = read_url(o);
        e->ids = covey__oer_bytes(
            o,
            COVEY_ITS_ID8 * covey__oer_quantity(o, 0, COVEY_ITS_LIST_ENTRIES));
        return;
    }
    if (e->kind != COVEY_ITS_ADD_AA) {
        preamble = covey__oer_preamble(o, HAS_OPTIONAL);
    }
    optional = (preamble & HAS_OPTIONAL) != 0;
    e->certificate = read_certificate(o);
    if (optional && e->kind != COVEY_ITS_ADD_EA) {
        e->link = read_certificate(o);
    }
    if (e->kind != COVEY_ITS_ADD_RCA) {
        e->url = read_url(o);
    }
    if (optional && e->kind == COVEY_ITS_ADD_EA) {
        e->url2 = read_url(o);
    }
}

static covey_its_entry read_entry(struct oer *o)
{
    covey_its_entry e = { 0 };

    if (covey__oer_choice(o, 2) == 0) {
        read_add(o, &e);
    } else if (covey__oer_choice(o, DELETE_KINDS) == 0) {
        e.kind = COVEY_ITS_DELETE_CERT;
        e.ids = covey__oer_bytes(o, COVEY_ITS_ID8);
    } else {
        e.kind = COVEY_ITS_DELETE_DC;
        e.url = read_url(o);
    }
    return e;
}

/* TS 102 941: a full list deletes nothing; the TLM knows roots and TLMs, a
 * root knows EAs and AAs. */
static bool may_have(const covey_its_list *l, covey_its_entry_kind kind)
{
    switch (kind) {
    case COVEY_ITS_ADD_RCA:
    case COVEY_ITS_ADD_TLM:
        return l->kind == COVEY_ITS_LIST_ECTL;
    case COVEY_ITS_ADD_EA:
    case COVEY_ITS_ADD_AA:
        return l->kind == COVEY_ITS_LIST_CTL;
    case COVEY_ITS_ADD_DC:
        return true;
    case COVEY_ITS_DELETE_CERT:
    case COVEY_ITS_DELETE_DC:
        break;
    }
    return !l->full;
}

static void read_ctl(struct oer *o, covey_its_list *l)
{
    unsigned preamble = covey__oer_preamble(o, EXTENDED);
    size_t from;
    unsigned full;

    want_version(o, covey__oer_integer(o));
    l->next_update = covey__oer_u32(o);
    full = covey__oer_u8(o);
    if (full != 0 && full != 0xff) {
        covey__oer_refuse(o, COVEY_E_FORMAT, COVEY_ITS_R_CANONICAL,
                          o->r.pos - 1);
    }
    l->full = full != 0;
    l->sequence = covey__oer_u8(o);
    l->count = (uint32_t)covey__oer_quantity(o, 0, COVEY_ITS_LIST_ENTRIES);
    from = o->r.pos;
    for (uint32_t i = 0; i < l->count && covey__oer_fine(o); i++) {
        size_t at = o->r.pos;
        covey_its_entry e = read_entry(o);
        if (!may_have(l, e.kind)) {
            covey__oer_refuse(o, COVEY_E_RANGE, COVEY_ITS_R_LIST_ENTRY, at);
            o->found = e.kind;
        }
    }
    l->entries = covey__oer_since(o, from);
    if (preamble & EXTENDED) {
        skip_additions(o);
    }
}

/* EtsiTs102941Data */
static void read_etsi(struct oer *o, covey_its_list *l, uint64_t psid)
{
    size_t at;
    unsigned content;

    want_version(o, covey__oer_u8(o));
    at = o->r.pos;
    content = covey__oer_choice(o, CONTENTS);
    if (!covey__oer_fine(o)) {
        return;
    }
    if (content == CONTENT_CRL && psid == COVEY_ITS_PSID_ETSI_CRL) {
        read_etsi_crl(o, l);
    } else if ((content == CONTENT_ECTL || content == CONTENT_CTL) &&
               psid == COVEY_ITS_PSID_CTL) {
        l->kind =
            content == CONTENT_ECTL ? COVEY_ITS_LIST_ECTL : COVEY_ITS_LIST_CTL;
        read_ctl(o, l);
    } else {
        refuse_kind(o, at, content);
    }
}

covey_status covey_its_list_decode(covey_its_list *out, covey_bytes content,
                                   uint64_t psid, covey_its_finding *why)
{
    struct oer o = covey__oer_of(content);
    covey_its_list l = { .stride = 0 };
    covey_status st;

    if (psid == COVEY_ITS_PSID_CRL) {
        read_ieee(&o, &l);
    } else if (psid == COVEY_ITS_PSID_ETSI_CRL || psid == COVEY_ITS_PSID_CTL) {
        read_etsi(&o, &l, psid);
    } else {
        refuse_kind(&o, 0, psid);
    }
    st = covey__oer_end(&o, why);
    if (st == COVEY_OK) {
        *out = l;
    } else if (why) {
        why->in_data = true;
    }
    return st;
}

bool covey_its_entry_next(covey_bytes *entries, covey_its_entry *out)
{
    struct oer o = covey__oer_of(*entries);
    covey_its_entry e;

    if (entries->len == 0) {
        return false;
    }
    e = read_entry(&o);
    if (!covey__oer_fine(&o)) {
        return false;
    }
    *entries = covey_read_rest(&o.r);
    *out = e;
    return true;
}

/* CrlSsp, clause 7.4.2: the signer is the CRACA, or issued by it, and may sign
 * this series. */
static bool may_sign_ieee(const covey_its_list *l, covey_bytes ssp,
                          const covey_its_peer *signer)
{
    struct oer o = covey__oer_of(ssp);
    unsigned preamble = covey__oer_preamble(&o, EXTENDED);
    bool found = false;
    unsigned type;
    size_t n;

    want_version(&o, covey__oer_u8(&o));
    type = covey__oer_u8(&o);
    n = covey__oer_quantity(&o, 0, COVEY_ITS_LIST_MAX);
    for (size_t i = 0; i < n; i++) {
        found |= covey__oer_u16(&o) == l->crl_series;
    }
    if (preamble & EXTENDED) {
        skip_additions(&o);
    }
    return covey__oer_end(&o, NULL) == COVEY_OK && found && type <= 1 &&
           covey_bytes_equal(
               l->craca,
               type == 0 ? covey_its_hashed_id(&signer->digest, COVEY_ITS_ID8)
                         : signer->cert.issuer);
}

/* TS 102 941 Annex B.2: a bit for each kind of entry. */
static bool may_sign_ctl(const covey_its_list *l, covey_bytes ssp)
{
    static const uint8_t bits[] = {
        [COVEY_ITS_ADD_RCA] = 0x40, [COVEY_ITS_ADD_EA] = 0x20,
        [COVEY_ITS_ADD_AA] = 0x10,  [COVEY_ITS_ADD_DC] = 0x08,
        [COVEY_ITS_ADD_TLM] = 0x80,
    };
    covey_bytes left = l->entries;
    covey_its_entry e;

    if (ssp.len < 2 || ssp.ptr[0] != VERSION) {
        return false;
    }
    while (covey_its_entry_next(&left, &e)) {
        if (e.kind <= COVEY_ITS_ADD_TLM && (ssp.ptr[1] & bits[e.kind]) == 0) {
            return false;
        }
    }
    return true;
}

bool covey_its_list_signer(const covey_its_list *list,
                           const covey_its_peer *signer,
                           covey_its_finding *why)
{
    bool ieee = list->kind == COVEY_ITS_LIST_HASH_CRL ||
                list->kind == COVEY_ITS_LIST_DELTA_CRL;
    uint64_t psid = ieee ? COVEY_ITS_PSID_CRL
                    : list->kind == COVEY_ITS_LIST_ETSI_CRL
                        ? COVEY_ITS_PSID_ETSI_CRL
                        : COVEY_ITS_PSID_CTL;
    covey_its_permission p;
    bool may = covey_its_permission_find(&signer->cert, psid, &p);

    if (may && ieee) {
        may = may_sign_ieee(list, p.ssp, signer);
    } else if (may && list->kind == COVEY_ITS_LIST_ETSI_CRL) {
        may = p.ssp.len > 0 && p.ssp.ptr[0] == VERSION;
    } else if (may) {
        may = may_sign_ctl(list, p.ssp);
    }
    if (!may) {
        *why = (covey_its_finding){ .reason = COVEY_ITS_R_LIST_SIGNER,
                                    .in_data = true,
                                    .found = psid };
    }
    return may;
}
