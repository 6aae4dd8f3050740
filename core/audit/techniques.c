/* SPDX-License-Identifier: BSD-2-Clause */
/* The one table of what an audit can do, and the words that it cannot. */
#include <covey/audit.h>

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* clang-format off */
static const covey_audit_technique_row rows[COVEY_AUDIT_TECHNIQUES] = {
    /*                           name, stage, layer, sends, access, group,
     *                           account, packets                           */
    [COVEY_AUDIT_PUBLIC]    = { "public", COVEY_AUDIT_STAGE_PUBLIC,
                                7, false, false, false, false, 0 },
    [COVEY_AUDIT_PROTOCOLS] = { "protocols", COVEY_AUDIT_STAGE_PROTOCOLS,
                                3, true, false, false, false, 6 },
    [COVEY_AUDIT_PORTS_TCP] = { "ports.tcp", COVEY_AUDIT_STAGE_PORTS,
                                4, true, false, false, false, 0 },
    [COVEY_AUDIT_PORTS_UDP] = { "ports.udp", COVEY_AUDIT_STAGE_PORTS,
                                4, true, false, false, false, 0 },
    [COVEY_AUDIT_OS]        = { "os", COVEY_AUDIT_STAGE_OS,
                                3, true, false, false, false, 32 },
    [COVEY_AUDIT_SERVICES]  = { "services", COVEY_AUDIT_STAGE_SERVICES,
                                7, true, true, false, false, 0 },
    [COVEY_AUDIT_COAP]      = { "services.coap", COVEY_AUDIT_STAGE_SERVICES,
                                7, true, true, false, false, 0 },
    [COVEY_AUDIT_OBSERVE]   = { "services.coap.observe",
                                COVEY_AUDIT_STAGE_SERVICES,
                                7, true, true, false, false, 0 },
    [COVEY_AUDIT_MULTICAST] = { "services.coap.multicast",
                                COVEY_AUDIT_STAGE_SERVICES,
                                7, true, true, true, false, 0 },
    [COVEY_AUDIT_PROXY]     = { "services.coap.proxy",
                                COVEY_AUDIT_STAGE_SERVICES,
                                7, true, true, false, false, 0 },
    [COVEY_AUDIT_TLS]       = { "services.tls", COVEY_AUDIT_STAGE_SERVICES,
                                6, true, true, false, false, 0 },
    [COVEY_AUDIT_REPLAY]    = { "services.coap.replay",
                                COVEY_AUDIT_STAGE_SERVICES,
                                7, true, true, false, true, 0 },
    [COVEY_AUDIT_CAPTURE]   = { "capture.passive", COVEY_AUDIT_STAGE_PUBLIC,
                                2, false, false, false, false, 0 },
    [COVEY_AUDIT_VULN]      = { "vuln", COVEY_AUDIT_STAGE_VULNERABILITIES,
                                7, false, false, false, false, 0 },
};

/* What a mandate must not ask for (AUD-011, AUD-056, AUD-091). */
static const char *const forbidden[] = {
    "exploit", "bruteforce", "spoof", "fuzz", "flood", "pivot", "evade",
};

static const char *const stages[COVEY_AUDIT_STAGES] = {
    [COVEY_AUDIT_STAGE_PUBLIC]          = "public",
    [COVEY_AUDIT_STAGE_PROTOCOLS]       = "protocols",
    [COVEY_AUDIT_STAGE_PORTS]           = "ports",
    [COVEY_AUDIT_STAGE_OS]              = "os",
    [COVEY_AUDIT_STAGE_SERVICES]        = "services",
    [COVEY_AUDIT_STAGE_VULNERABILITIES] = "vulnerabilities",
};
/* clang-format on */

const covey_audit_technique_row *
covey_audit_technique_get(covey_audit_technique t)
{
    return (unsigned)t < COVEY_AUDIT_TECHNIQUES ? &rows[t] : NULL;
}

covey_status covey_audit_technique_find(covey_bytes name,
                                        covey_audit_technique *t)
{
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (covey_bytes_equal(covey_bytes_text(rows[i].name), name)) {
            *t = (covey_audit_technique)i;
            return COVEY_OK;
        }
    }
    /* also as the first word of a longer name */
    for (size_t i = 0; i < COUNT(forbidden); i++) {
        const covey_bytes word = covey_bytes_text(forbidden[i]);
        if (name.len >= word.len &&
            memcmp(name.ptr, word.ptr, word.len) == 0 &&
            (name.len == word.len || name.ptr[word.len] == '.')) {
            return COVEY_E_RANGE;
        }
    }
    return COVEY_E_UNSUPPORTED;
}

const char *covey_audit_stage_name(covey_audit_stage stage)
{
    return (unsigned)stage < COVEY_AUDIT_STAGES ? stages[stage] : "unknown";
}
