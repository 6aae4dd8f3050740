/* SPDX-License-Identifier: BSD-2-Clause */
#include "cert.h"

#include <covey/x509.h>
#include <stdio.h>
#include <text.h>

enum {
    DAY = 86400,
    SOON_DAYS = 30,
    STRENGTH_MIN = 112,   /* bits, RFC 9325 Section 4.5 */
    STRENGTH_WANTED = 128 /* RFC 8902 Section 7.3 */
};

#define LEN(b) (int)((b).len < 100 ? (b).len : 100)
#define TXT(b) (const char *)(b).ptr

/* --- one certificate ----------------------------------------------------- */

static void judge_dates(probe *p, const covey_x509_view *v)
{
    char time[TEXT_TIME_MAX];

    if (v->valid_from > p->unix_s) {
        probe_finding(p, FINDING_CERT_EARLY, "not before %s",
                      text_time(v->valid_from, time));
    }
    text_time(v->valid_until, time);
    if (v->valid_until < p->unix_s) {
        probe_finding(p, FINDING_CERT_EXPIRED, "not after %s", time);
    } else if (v->valid_until < p->unix_s + (int64_t)SOON_DAYS * DAY) {
        probe_finding(p, FINDING_CERT_SOON, "not after %s", time);
    }
}

/* `at`: in the chain, from 0. */
static void judge_strength(probe *p, const covey_x509_view *v, size_t at)
{
    if (v->key_bits < STRENGTH_MIN) {
        probe_finding(p, FINDING_CERT_WEAK,
                      "certificate %zu: a key of %u bits of security", at,
                      (unsigned)v->key_bits);
    } else if (v->key_bits < STRENGTH_WANTED) {
        probe_note(p, "strength", "certificate %zu: %u bits", at,
                   (unsigned)v->key_bits);
    }
    /* nobody has to believe the signature of an anchor on itself */
    if (v->old_hash && (at == 0 || !v->self_signed)) {
        probe_finding(p, FINDING_CERT_HASH, "certificate %zu", at);
    }
}

/* --- against the host ---------------------------------------------------- */

/* Its name, if the inventory says one; else its address, if the certificate
 * has any. */
static void judge_name(probe *p, covey_bytes der, const covey_x509_view *v)
{
    covey_bytes left = p->facts;
    covey_bytes name = covey_bytes_of(NULL, 0);
    covey_bytes last = name;

    if (p->target[0] == '\0' || covey_x509_is_for(der, p->target)) {
        return; /* without a target, no name is wrong */
    }
    while (fact_find(&left, FACT_NAME, &name)) {
        char text[256];
        snprintf(text, sizeof text, "%.*s", (int)name.len, TXT(name));
        if (covey_x509_is_for(der, text)) {
            return;
        }
        last = name;
    }
    if (last.ptr != NULL) {
        probe_finding(p, FINDING_CERT_NAME, "neither for %.*s nor for %s",
                      LEN(last), TXT(last), p->target);
    } else if (v->addresses > 0 || v->names == 0) {
        probe_finding(p, FINDING_CERT_NAME, "not for %s", p->target);
    } else {
        probe_note(p, "name", "%u DNS names; the inventory has none",
                   (unsigned)v->names);
    }
}

static size_t read_anchors(probe *p, covey_bytes *anchors)
{
    covey_bytes left = p->facts;
    size_t count = 0;

    while (count < COVEY_X509_ANCHORS_MAX &&
           fact_find(&left, FACT_ANCHOR, &anchors[count])) {
        count++;
    }
    return count;
}

/* What the other judgements have not said already. */
static bool is_of_the_chain(covey_x509_verdict v)
{
    return v != COVEY_X509_TRUSTED && v != COVEY_X509_EXPIRED &&
           v != COVEY_X509_NOT_YET && v != COVEY_X509_WEAK &&
           v != COVEY_X509_HOST;
}

static void judge_chain(probe *p, const covey_bytes *chain, size_t count,
                        const covey_x509_view *leaf)
{
    covey_bytes anchors[COVEY_X509_ANCHORS_MAX];
    const covey_x509_question q = {
        .anchors = anchors,
        .anchor_count = read_anchors(p, anchors),
        .chain = chain,
        .chain_count = count,
        .now = { .unix_s = p->unix_s, .unix_known = true },
    };
    covey_x509_answer a;

    if (q.anchor_count == 0) {
        if (leaf->self_signed) {
            probe_finding(p, FINDING_CERT_SELF, "nobody stands for it");
        }
        return;
    }
    const covey_x509_verdict v = covey_x509_check_peer(&q, true, NULL, &a);
    if (is_of_the_chain(v)) {
        probe_finding(
            p, leaf->self_signed ? FINDING_CERT_SELF : FINDING_CERT_CHAIN,
            "certificate %zu: %s (%s)", a.at, a.why, a.source);
    }
}

/* --- all of it ----------------------------------------------------------- */

void cert_judge_x509(probe *p, const covey_bytes *chain, size_t count)
{
    covey_x509_view view;
    covey_bytes psid;
    covey_bytes left = p->facts;

    if (fact_find(&left, FACT_PSID, &psid)) {
        probe_finding(p, FINDING_CERT_KIND,
                      "X.509, where the inventory has a station of ITS");
    }
    for (size_t i = 0; i < count; i++) {
        if (covey_x509_view_of(chain[i], &view) != COVEY_OK) {
            probe_finding(p, FINDING_CERT_CHAIN,
                          "certificate %zu is none in DER", i);
            return;
        }
        judge_strength(p, &view, i);
    }
    if (count > 0 && covey_x509_view_of(chain[0], &view) == COVEY_OK) {
        judge_dates(p, &view);
        judge_name(p, chain[0], &view);
        judge_chain(p, chain, count, &view);
    }
}
