/* SPDX-License-Identifier: BSD-2-Clause */
/* What a certificate and its issuer have to do with each other, apart from
 * the signature: all that costs no public-key operation. */
#include "its_internal.h"

covey_its_reason covey__its_check_time(const covey_its_cert *cert,
                                       uint32_t now, covey_its_finding *why)
{
    why->found = now;
    if (now < cert->start) {
        why->expected = cert->start;
        return COVEY_ITS_R_NOT_YET;
    }
    if (now >= cert->end) {
        why->expected = cert->end;
        return COVEY_ITS_R_EXPIRED;
    }
    return COVEY_ITS_FINE;
}

static covey_its_reason check_validity(const covey_its_cert *subject,
                                       const covey_its_cert *issuer,
                                       covey_its_finding *why)
{
    bool early = subject->start < issuer->start;

    why->found = early ? subject->start : subject->end;
    why->expected = early ? issuer->start : issuer->end;
    return early || subject->end > issuer->end ? COVEY_ITS_R_VALIDITY
                                               : COVEY_ITS_FINE;
}

static covey_its_reason check_region(covey_bytes region, covey_bytes outer,
                                     covey_its_finding *why)
{
    enum its_within place =
        region.ptr ? covey__its_within(region, outer) : ITS_INSIDE;

    if (place == ITS_INSIDE) {
        return COVEY_ITS_FINE;
    }
    why->found = covey_its_region_kind_of(region);
    why->expected = covey_its_region_kind_of(outer);
    return place == ITS_UNDECIDED ? COVEY_ITS_R_REGION_KIND
                                  : COVEY_ITS_R_REGION_OUTSIDE;
}

/* Clause 5.3.1: the issuer's curve decides
 * on the hash and on the signature. */
static covey_its_reason check_algorithms(const covey_its_cert *subject,
                                         const covey_its_cert *issuer,
                                         covey_its_finding *why)
{
    covey_its_alg alg = issuer->verify_key.alg;

    if (alg == COVEY_ITS_SM2 || subject->verify_key.alg == COVEY_ITS_SM2) {
        return COVEY_ITS_R_SM;
    }
    if (subject->issuer_hash != covey_its_hash_of(alg)) {
        why->found = subject->issuer_hash;
        why->expected = covey_its_hash_of(alg);
        return COVEY_ITS_R_HASH;
    }
    why->found = subject->implicit ? COVEY_ITS_P256 : subject->signature.alg;
    why->expected = alg;
    return why->found != why->expected ? COVEY_ITS_R_CURVE : COVEY_ITS_FINE;
}

covey_its_reason covey__its_check_pair(const covey_its_cert *subject,
                                       const covey_its_cert *issuer,
                                       covey_bytes issuer_region,
                                       covey_its_finding *why)
{
    covey_its_reason reason = check_algorithms(subject, issuer, why);

    if (reason == COVEY_ITS_FINE) {
        reason = check_validity(subject, issuer, why);
    }
    if (reason == COVEY_ITS_FINE) {
        reason = check_region(subject->region, issuer_region, why);
    }
    if (reason == COVEY_ITS_FINE) {
        why->found = 0;
        why->expected = 0;
        reason = covey__its_check_grants(subject, issuer, why);
    }
    return reason;
}
