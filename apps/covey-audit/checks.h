/* SPDX-License-Identifier: BSD-2-Clause */
/* The checks of an audit, and what they can find: two tables. The broker reads
 * them to know what to plan and what an answer of its worker may be; only the
 * worker runs them. */
#ifndef COVEY_AUDIT_CHECKS_H
#define COVEY_AUDIT_CHECKS_H

#include "wire.h"

#include <covey/audit.h>

#include <jansson.h>

struct probe;

typedef enum audit_outcome audit_check_run(struct probe *p);

typedef struct audit_check {
    const char *id; /* "CO-01" */
    const char *title;
    covey_audit_technique technique;
    uint8_t protocol; /* of IP */
    uint16_t port;    /* 0: each that is open */
    uint16_t asks;    /* packets of ours if each is answered as it should be */
    uint16_t packets; /* at worst, with acknowledgements and repetitions */
    uint16_t seconds; /* at worst, without the pace and the patience */
    uint8_t waits;    /* times the patience, at worst */
    bool needs_alive; /* only where the health probe was answered */
    bool needs_links; /* only where CO-01 has found some */
    bool canary;      /* with an endpoint of our own beside it */
    bool certificate; /* only where its certificate has not been seen */
    audit_check_run *run;
} audit_check;

/* The health probe is the first. */
const audit_check *audit_checks(size_t *count);

/* --- findings ------------------------------------------------------------ */

enum audit_finding {
    FINDING_OPEN_CORE = 0,
    FINDING_OPEN_MANAGEMENT,
    FINDING_AMPLIFIES,
    FINDING_GROUP_ANSWERS,
    FINDING_GROUP_AMPLIFIES,
    FINDING_GROUP_RESET,
    FINDING_OBSERVE_AMPLIFIES,
    FINDING_OBSERVE_MIDS,
    FINDING_OPEN_PROXY,
    FINDING_PROXY_AMPLIFIES,
    FINDING_ECHO_SEPARATE,
    FINDING_ECHO_SHARED,
    FINDING_OSCORE_BYPASSED,
    FINDING_OSCORE_TELLS,
    FINDING_NOSEC_BESIDE_DTLS,
    FINDING_GROUP_NOSEC,
    FINDING_GM_OPEN,
    FINDING_RULES_OPEN,
    FINDING_OLD_VERSION,
    FINDING_WEAK_SUITE,
    FINDING_NO_COOKIE,
    FINDING_CERT_EXPIRED,
    FINDING_CERT_EARLY,
    FINDING_CERT_SOON,
    FINDING_CERT_SELF,
    FINDING_CERT_CHAIN,
    FINDING_CERT_NAME,
    FINDING_CERT_WEAK,
    FINDING_CERT_HASH,
    FINDING_CERT_KIND,
    FINDING_CERT_REGION,
    FINDING_CERT_PERMISSION,
    FINDING_CERT_ALGORITHM,
    FINDING_CERT_TICKET,
    FINDING_CERT_UNPROVED,
    FINDING_ITS_VERSION,
    FINDING_NOT_SAID,
    FINDING_NOT_THERE,
    FINDING_REPLAYED,
    FINDING_SERVICE_CLEAR,
    AUDIT_FINDINGS_COUNT
};

/* Of availability, integrity, confidentiality, proof and regulation (the
 * criteres DICPR, AUD-025): 0 none to 3 high. */
typedef struct audit_rating {
    uint8_t d, i, c, p, r;
} audit_rating;

typedef struct audit_finding_row {
    const char *id;    /* "CO-02.amplifies" */
    const char *title; /* in English */
    audit_rating rating;
    const char *weakness; /* "design", "implementation", "use" (AUD-073) */
    uint8_t layer;        /* of OSI */
    const char *reference;
    const char *remedy;      /* in English */
    const char *remedy_kind; /* "prevention", "detection", "consolidation" */
} audit_finding_row;

/* NULL if the number is none of the above. */
const audit_finding_row *audit_finding_get(unsigned which);

/* A finding as it stands in a record, also without one; NULL for a row that is
 * none. record.c. */
json_t *audit_finding_json(const audit_finding_row *f, const char *detail);
/* Text from outside as it may be printed: ASCII, anything else as '?'. */
void audit_printable(covey_bytes in, char *out, size_t cap);

/* "done", "silent": never NULL. */
const char *audit_outcome_text(enum audit_outcome outcome);

/* --- what the worker runs: check_*.c ------------------------------------- */

audit_check_run check_health;           /* check_coap.c */
audit_check_run check_core;             /* CO-01 */
audit_check_run check_inventory;        /* IN-01 */
audit_check_run check_amplifies;        /* CO-02 */
audit_check_run check_echo;             /* CO-07 */
audit_check_run check_bypass;           /* CO-08 */
audit_check_run check_oscore_tells;     /* CO-09 */
audit_check_run check_links;            /* CO-12 */
audit_check_run check_rules;            /* SC-02 */
audit_check_run check_replay;           /* CO-10, check_replay.c */
audit_check_run check_group;            /* CO-03, check_many.c */
audit_check_run check_observe;          /* CO-04 */
audit_check_run check_proxy;            /* CO-05, CO-06 */
audit_check_run check_dtls_version;     /* TL-01, check_tls.c */
audit_check_run check_tls_version;      /* TL-01 */
audit_check_run check_dtls_suites;      /* TL-02 */
audit_check_run check_tls_suites;       /* TL-02 */
audit_check_run check_cookie;           /* TL-04 */
audit_check_run check_nosec;            /* CO-11 */
audit_check_run check_dtls_certificate; /* TL-03, check_cert.c */
audit_check_run check_tls_certificate;  /* TL-03 */
audit_check_run check_tls_1_3;          /* TL-03, and TL-01 of ITS */
audit_check_run check_service_stream;   /* SV-01, check_service.c */
audit_check_run check_service_datagram; /* SV-01 */

#endif
