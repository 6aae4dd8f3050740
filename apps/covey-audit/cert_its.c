/* SPDX-License-Identifier: BSD-2-Clause */
/* Certificates of ITS: IEEE 1609.2, TS 103 097, over RFC 8902. */
#include "cert.h"

#include <string.h>
#include <text.h>

enum {
    DAY = 86400,
    SOON_DAYS = 30,
    TICKET_DAYS = 14, /* those of vehicles are for a week */
    KNOWN = 12
};

static covey_its_known known[KNOWN];

/* --- one certificate ----------------------------------------------------- */

static void judge_dates(probe *p, const covey_its_cert *c)
{
    const int64_t from = covey_its_unix_of(c->start, COVEY_ITS_LEAP_SECONDS);
    const int64_t until = covey_its_unix_of(c->end, COVEY_ITS_LEAP_SECONDS);
    const bool brief = until - from <= (int64_t)TICKET_DAYS * DAY;
    char time[TEXT_TIME_MAX];

    if (from > p->unix_s) {
        probe_finding(p, FINDING_CERT_EARLY, "from %s on",
                      text_time(from, time));
    }
    text_time(until, time);
    if (until <= p->unix_s) {
        probe_finding(p, FINDING_CERT_EXPIRED, "until %s", time);
    } else if (!brief && until < p->unix_s + (int64_t)SOON_DAYS * DAY) {
        probe_finding(p, FINDING_CERT_SOON, "until %s", time);
    }
    /* a pseudonym says nothing about who it is, and is another tomorrow */
    if (brief && c->id_kind == COVEY_ITS_ID_NONE) {
        probe_finding(p, FINDING_CERT_TICKET,
                      "no name, and valid for %lld days",
                      (long long)((until - from + DAY - 1) / DAY));
    }
}

static void judge_algorithm(probe *p, const covey_its_cert *c)
{
    if (c->verify_key.alg == COVEY_ITS_SM2) {
        probe_finding(p, FINDING_CERT_ALGORITHM, "%s",
                      covey_its_alg_name(c->verify_key.alg));
    } else {
        probe_note(p, "algorithm", "%s%s",
                   covey_its_alg_name(c->verify_key.alg),
                   c->implicit ? ", implicit" : "");
    }
}

/* --- against the host ---------------------------------------------------- */

static uint32_t number_of(covey_bytes value)
{
    covey_reader r = covey_reader_of(value);

    return covey_read_u32(&r);
}

static void judge_permission(probe *p, const covey_its_cert *c)
{
    covey_its_permission permission;
    covey_bytes left = p->facts;
    covey_bytes value;

    if (!fact_find(&left, FACT_PSID, &value)) {
        return;
    }
    const uint32_t psid = number_of(value);
    if (!covey_its_permission_find(c, psid, &permission)) {
        probe_finding(p, FINDING_CERT_PERMISSION, "not for PSID %u",
                      (unsigned)psid);
        return;
    }
    left = p->facts;
    if (fact_find(&left, FACT_SSP, &value) &&
        !covey_bytes_equal(value, permission.ssp)) {
        probe_finding(p, FINDING_CERT_PERMISSION, "another SSP for PSID %u",
                      (unsigned)psid);
    }
}

/* A region of countries. */
static void judge_country(probe *p, covey_bytes region)
{
    covey_bytes left = p->facts;
    covey_its_areas areas = covey_its_areas_of(region);
    covey_its_area area;
    covey_bytes value;

    if (!fact_find(&left, FACT_COUNTRY, &value)) {
        probe_note(p, "region", "countries; the inventory has none");
        return;
    }
    while (covey_its_area_next(&areas, &area)) {
        if (area.country == number_of(value)) {
            return;
        }
    }
    probe_finding(p, FINDING_CERT_REGION, "not for country %u",
                  (unsigned)number_of(value));
}

/* `region` is that of the chain; absent: everywhere. */
static void judge_region(probe *p, covey_bytes region)
{
    covey_bytes left = p->facts;
    covey_bytes value;
    bool decided = true;

    if (region.ptr != NULL &&
        covey_its_region_kind_of(region) == COVEY_ITS_IDENTIFIED) {
        judge_country(p, region);
        return;
    }
    if (!fact_find(&left, FACT_POSITION, &value)) {
        return;
    }
    covey_reader r = covey_reader_of(value);
    const int32_t latitude = (int32_t)covey_read_u32(&r);
    const int32_t longitude = (int32_t)covey_read_u32(&r);
    const bool inside =
        covey_its_region_has(region, latitude, longitude, &decided);
    if (!decided) {
        probe_note(p, "region", "it takes a map to judge it");
    } else if (!inside) {
        probe_finding(p, FINDING_CERT_REGION, "the host is outside of it");
    }
}

/* What the others have not said already. */
static bool is_of_the_chain(covey_its_reason why)
{
    return why != COVEY_ITS_R_EXPIRED && why != COVEY_ITS_R_NOT_YET;
}

bool cert_its_anchors(probe *p, covey_its_store *store, covey_its_known *room,
                      size_t count)
{
    covey_bytes left = p->facts;
    covey_bytes value;
    bool any = false;

    covey_its_store_init(store, room, count);
    while (fact_find(&left, FACT_ITS, &value)) {
        covey_its_finding why;
        any = covey_its_store_anchor(store, p->crypto, value, &why) ==
                  COVEY_OK ||
              any;
    }
    return any;
}

/* To the root, over AA or EA; false: nothing is known of the issuers. */
static bool judge_chain(probe *p, const covey_bytes *chain, size_t count)
{
    const covey_time now = { .unix_s = p->unix_s, .unix_known = true };
    const covey_its_chain all = { .end_entity = chain[0],
                                  .others = chain + 1,
                                  .other_count = count - 1 };
    covey_its_store store;
    covey_its_peer peer;
    covey_its_finding why = { .reason = COVEY_ITS_FINE };

    if (!cert_its_anchors(p, &store, known, KNOWN)) {
        probe_note(p, "chain", "the inventory has no anchor for it");
        return false;
    }
    const covey_its_verdict v = covey_its_chain_verify(
        &peer, &store, p->crypto, &all,
        covey_its_now(now, COVEY_ITS_LEAP_SECONDS), &why);
    if (v == COVEY_ITS_VALID) {
        judge_region(p, peer.region);
        covey_its_peer_drop(&peer, p->crypto);
    } else if (v != COVEY_ITS_FAILED && is_of_the_chain(why.reason)) {
        probe_finding(p, FINDING_CERT_CHAIN, "%s (%s)",
                      covey_its_reason_text(why.reason),
                      covey_its_reason_clause(why.reason));
    }
    covey_its_store_clear(&store, p->crypto);
    return v == COVEY_ITS_VALID;
}

/* --- all of it ----------------------------------------------------------- */

void cert_judge_its(probe *p, const covey_bytes *chain, size_t count)
{
    covey_its_finding why = { .reason = COVEY_ITS_FINE };
    covey_its_cert cert;

    if (count == 0) {
        return;
    }
    if (covey_its_cert_decode(&cert, chain[0], &why) != COVEY_OK) {
        probe_finding(p, FINDING_CERT_CHAIN, "%s (%s)",
                      covey_its_reason_text(why.reason),
                      covey_its_reason_clause(why.reason));
        return;
    }
    judge_dates(p, &cert);
    judge_algorithm(p, &cert);
    judge_permission(p, &cert);
    if (!judge_chain(p, chain, count)) {
        judge_region(p, cert.region);
    }
}
