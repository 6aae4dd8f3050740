/* SPDX-License-Identifier: BSD-2-Clause */
/* Trees of certificates: the names are the standard's. */
#include "its_show.h"

#include <stdlib.h>
#include <string.h>

json_t *its_json_hex(covey_bytes bytes)
{
    static const char digits[] = "0123456789abcdef";
    char *text = malloc(2 * bytes.len + 1);
    json_t *value = NULL;

    for (size_t i = 0; text != NULL && i < bytes.len; i++) {
        text[2 * i] = digits[bytes.ptr[i] >> 4];
        text[2 * i + 1] = digits[bytes.ptr[i] & 15];
    }
    if (text != NULL) {
        value = json_stringn(text, 2 * bytes.len);
    }
    free(text);
    return value;
}

static void put(json_t *o, const char *key, json_t *value)
{
    (void)json_object_set_new(o, key, value);
}

static void put_time(json_t *o, const char *key, uint32_t t)
{
    char text[ITS_TIME_TEXT];

    its_time_text(t, text);
    put(o, key, json_string(text));
}

static void put_text(json_t *o, const char *key, covey_bytes text)
{
    put(o, key, json_stringn((const char *)text.ptr, text.len));
}

static json_t *number(uint64_t n)
{
    return json_integer((json_int_t)n);
}

static json_t *json_point(const covey_its_point *p)
{
    static const char *const forms[] = { "x-only", "fill", "compressed-y-0",
                                         "compressed-y-1", "uncompressed" };
    json_t *o = json_object();

    put(o, "form", json_string(forms[p->form]));
    put(o, "x", its_json_hex(p->x));
    if (p->y.ptr) {
        put(o, "y", its_json_hex(p->y));
    }
    return o;
}

static json_t *json_key(const covey_its_public *key)
{
    json_t *o = json_point(&key->point);

    put(o, "curve", json_string(covey_its_alg_name(key->alg)));
    return o;
}

static json_t *json_permissions(covey_bytes list)
{
    covey_its_permission p;
    json_t *a = json_array();

    while (covey_its_permission_next(&list, &p)) {
        json_t *o = json_object();
        put(o, "psid", number(p.psid));
        if (p.ssp.ptr) {
            put(o, p.bitmap ? "bitmapSsp" : "opaque", its_json_hex(p.ssp));
        }
        (void)json_array_append_new(a, o);
    }
    return a;
}

static json_t *json_range(const covey_its_range *r)
{
    covey_bytes left = r->opaques;
    covey_bytes item;
    json_t *o = json_object();
    json_t *strings = NULL;

    put(o, "psid", number(r->psid));
    switch (r->kind) {
    case COVEY_ITS_RANGE_ANY:
        put(o, "ssp", json_string("any"));
        break;
    case COVEY_ITS_RANGE_OPAQUE:
        strings = json_array();
        while (covey_its_opaque_next(&left, &item)) {
            (void)json_array_append_new(strings, its_json_hex(item));
        }
        put(o, "opaque", strings);
        break;
    case COVEY_ITS_RANGE_BITMAP:
        put(o, "sspValue", its_json_hex(r->value));
        put(o, "sspBitmask", its_json_hex(r->mask));
        break;
    }
    return o;
}

static json_t *json_groups(covey_bytes list)
{
    covey_its_group g;
    covey_its_range r;
    json_t *a = json_array();

    while (covey_its_group_next(&list, &g)) {
        json_t *o = json_object();
        json_t *ranges = g.ranges.ptr ? json_array() : json_string("all");
        while (covey_its_range_next(&g.ranges, &r)) {
            (void)json_array_append_new(ranges, json_range(&r));
        }
        put(o, "minChainLength", json_integer(g.min_chain));
        put(o, "chainLengthRange", json_integer(g.chain_range));
        put(o, "eeType",
            json_string(g.ee_type == COVEY_ITS_EE_APP     ? "app"
                        : g.ee_type == COVEY_ITS_EE_ENROL ? "enrol"
                                                          : "app, enrol"));
        put(o, "subjectPermissions", ranges);
        (void)json_array_append_new(a, o);
    }
    return a;
}

static json_t *json_area(covey_its_region_kind kind, const covey_its_area *a)
{
    json_t *o = json_object();

    if (kind == COVEY_ITS_IDENTIFIED) {
        put(o, "country", json_integer(a->country));
        if (a->regions.ptr) {
            put(o, "regions", its_json_hex(a->regions));
        }
        if (a->subregions.ptr) {
            put(o, "subregions", its_json_hex(a->subregions));
        }
        return o;
    }
    put(o, "latitude", json_real(a->lat / 1e7));
    put(o, "longitude", json_real(a->lon / 1e7));
    if (kind == COVEY_ITS_CIRCLE) {
        put(o, "radius", json_integer(a->radius));
    } else if (kind == COVEY_ITS_RECTANGLES) {
        put(o, "latitude2", json_real(a->lat2 / 1e7));
        put(o, "longitude2", json_real(a->lon2 / 1e7));
    }
    return o;
}

static json_t *json_region(covey_bytes region)
{
    static const char *const kinds[] = { "circular", "rectangular",
                                         "polygonal", "identified" };
    covey_its_areas list = covey_its_areas_of(region);
    covey_its_area area;
    json_t *o = json_object();
    json_t *a = json_array();

    while (covey_its_area_next(&list, &area)) {
        (void)json_array_append_new(a, json_area(list.kind, &area));
    }
    put(o, kinds[list.kind], a);
    return o;
}

static json_t *json_id(const covey_its_cert *c)
{
    json_t *o = json_object();

    switch (c->id_kind) {
    case COVEY_ITS_ID_LINKAGE:
        put(o, "linkageData", its_json_hex(c->id));
        break;
    case COVEY_ITS_ID_NAME: { /* not always UTF-8, whatever it says */
        json_t *name = json_stringn((const char *)c->id.ptr, c->id.len);
        put(o, "name", name != NULL ? name : its_json_hex(c->id));
        break;
    }
    case COVEY_ITS_ID_BINARY:
        put(o, "binaryId", its_json_hex(c->id));
        break;
    case COVEY_ITS_ID_NONE:
        put(o, "none", json_null());
        break;
    }
    return o;
}

static json_t *json_signature(const covey_its_signature *s)
{
    json_t *o = json_object();

    put(o, "curve", json_string(covey_its_alg_name(s->alg)));
    put(o, "r", json_point(&s->r));
    put(o, "s", its_json_hex(s->s));
    return o;
}

static void put_identity(json_t *o, const covey_its_cert *c,
                         const covey_crypto *crypto)
{
    covey_its_digest d;

    put(o, "type", json_string(c->implicit ? "implicit" : "explicit"));
    if (covey_its_digest_of(&d, c, crypto) == COVEY_OK) {
        put(o, "hashedId8",
            its_json_hex(covey_its_hashed_id(&d, COVEY_ITS_ID8)));
    }
    put(o, "issuer",
        c->issuer.ptr ? its_json_hex(c->issuer) : json_string("self"));
    put(o, "issuerHash", json_string(covey_its_hash_name(c->issuer_hash)));
    put(o, "id", json_id(c));
    put(o, "cracaId", its_json_hex(c->craca_id));
    put(o, "crlSeries", json_integer(c->crl_series));
    put_time(o, "start", c->start);
    put_time(o, "end", c->end);
}

json_t *its_json_cert(const covey_its_cert *cert, const covey_crypto *crypto)
{
    const covey_its_cert *c = cert;
    json_t *o = json_object();

    put_identity(o, c, crypto);
    if (c->region.ptr) {
        put(o, "region", json_region(c->region));
    }
    if (c->has_assurance) {
        put(o, "assuranceLevel", json_integer(c->assurance >> 5));
        put(o, "confidence", json_integer(c->assurance & 3));
    }
    if (c->app_permissions.ptr) {
        put(o, "appPermissions", json_permissions(c->app_permissions));
    }
    if (c->issue_permissions.ptr) {
        put(o, "certIssuePermissions", json_groups(c->issue_permissions));
    }
    if (c->request_permissions.ptr) {
        put(o, "certRequestPermissions", json_groups(c->request_permissions));
    }
    if (c->can_request_rollover) {
        put(o, "canRequestRollover", json_true());
    }
    if (c->has_encryption) {
        put(o, "encryptionKey", json_key(&c->encryption));
    }
    put(o, c->implicit ? "reconstructionValue" : "verificationKey",
        json_key(&c->verify_key));
    if (c->additions.ptr) {
        put(o, "additions", its_json_hex(c->additions));
    }
    if (!c->implicit) {
        put(o, "signature", json_signature(&c->signature));
    }
    return o;
}

static json_t *json_header(const covey_its_header *h)
{
    json_t *o = json_object();

    put(o, "psid", number(h->psid));
    if (h->generation_time) {
        put_time(o, "generationTime",
                 (uint32_t)(h->generation_time / 1000000));
    }
    if (h->expiry_time) {
        put_time(o, "expiryTime", (uint32_t)(h->expiry_time / 1000000));
    }
    if (h->location.ptr) {
        put(o, "generationLocation", its_json_hex(h->location));
    }
    if (h->has_pdu_type) {
        put(o, "pduFunctionalType", json_integer(h->pdu_type));
    }
    if (h->p2pcd.ptr) {
        put(o, "p2pcdLearningRequest", its_json_hex(h->p2pcd));
    }
    if (h->inline_p2pcd.ptr) {
        put(o, "inlineP2pcdRequest", its_json_hex(h->inline_p2pcd));
    }
    if (h->requested_certificate.ptr) {
        put(o, "requestedCertificate", its_json_hex(h->requested_certificate));
    }
    return o;
}

static json_t *json_signer(const covey_its_signed *d,
                           const covey_crypto *crypto)
{
    covey_reader r = covey_reader_of(d->signer);
    covey_its_cert c;
    json_t *a = NULL;

    if (d->signer_kind == COVEY_ITS_SIGNER_DIGEST) {
        return its_json_hex(d->signer);
    }
    if (d->signer_kind == COVEY_ITS_SIGNER_SELF) {
        return json_string("self");
    }
    a = json_array();
    while (covey_read_left(&r) > 0 &&
           covey_its_cert_read(&c, &r, NULL) == COVEY_OK) {
        (void)json_array_append_new(a, its_json_cert(&c, crypto));
    }
    return a;
}

static json_t *json_entry(const covey_its_entry *e, const covey_crypto *crypto)
{
    static const char *const kinds[] = { "rca", "ea",         "aa",      "dc",
                                         "tlm", "deleteCert", "deleteDc" };
    json_t *o = json_object();
    covey_its_cert c;

    put(o, "entry", json_string(kinds[e->kind]));
    if (e->url.ptr) {
        put_text(o, "url", e->url);
    }
    if (e->url2.ptr) {
        put_text(o, "itsAccessPoint", e->url2);
    }
    if (e->ids.ptr) {
        put(o, "ids", its_json_hex(e->ids));
    }
    if (e->certificate.ptr &&
        covey_its_cert_decode(&c, e->certificate, NULL) == COVEY_OK) {
        put(o, "certificate", its_json_cert(&c, crypto));
    }
    return o;
}

static json_t *json_list(const covey_its_list *list,
                         const covey_crypto *crypto)
{
    static const char *const kinds[] = { "",         "hash CRL", "delta CRL",
                                         "ETSI CRL", "ECTL",     "CTL" };
    json_t *o = json_object();
    json_t *a = json_array();
    covey_bytes left = list->entries;
    covey_its_entry e;

    put(o, "kind", json_string(kinds[list->kind]));
    if (list->this_update != 0) {
        put_time(o, "thisUpdate", list->this_update);
    }
    put_time(o, "nextUpdate", list->next_update);
    put(o, "count", json_integer(list->count));
    for (size_t i = 0; list->stride > 0 && i < left.len; i += list->stride) {
        (void)json_array_append_new(
            a, its_json_hex(covey_bytes_of(left.ptr + i, list->stride)));
    }
    while (list->stride == 0 && covey_its_entry_next(&left, &e)) {
        (void)json_array_append_new(a, json_entry(&e, crypto));
    }
    put(o, "entries", a);
    return o;
}

json_t *its_json_signed(const covey_its_signed *data,
                        const covey_crypto *crypto)
{
    const covey_its_signed *d = data;
    json_t *o = json_object();
    covey_bytes within;

    put(o, "hashId", json_string(covey_its_hash_name(d->hash)));
    put(o, "header", json_header(&d->header));
    if (d->external.ptr) {
        put(o, "extDataHash", its_json_hex(d->external));
    }
    if (d->data.ptr && covey_its_unsecured(&within, d->data) == COVEY_OK) {
        covey_its_list list;
        put(o, "data", its_json_hex(within));
        if (covey_its_list_decode(&list, within, d->header.psid, NULL) ==
            COVEY_OK) {
            put(o, "list", json_list(&list, crypto));
        }
    }
    put(o, "signer", json_signer(d, crypto));
    put(o, "signature", json_signature(&d->signature));
    return o;
}

json_t *its_json_why(const covey_its_finding *why)
{
    json_t *o = json_object();

    put(o, "where",
        why->in_data ? json_string("data") : json_integer(why->cert));
    put(o, "reason", json_string(covey_its_reason_text(why->reason)));
    put(o, "clause", json_string(covey_its_reason_clause(why->reason)));
    put(o, "found", number(why->found));
    put(o, "expected", number(why->expected));
    put(o, "entry", json_integer(why->entry));
    put(o, "offset", json_integer(why->offset));
    put(o, "hashedId8", its_json_hex(covey_bytes_of(why->id, sizeof why->id)));
    return o;
}
