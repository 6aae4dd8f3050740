/* SPDX-License-Identifier: BSD-2-Clause */
#include "checks.h"

#include <stddef.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

enum {
    UDP = COVEY_AUDIT_UDP,
    TCP = COVEY_AUDIT_TCP,
    COAP = 5683,
    COAPS = 5684
};

/* clang-format off */
static const audit_check checks[] = {
    /* id, title, technique, protocol, port, asks, packets, seconds, waits,
     *  alive, links, canary, certificate, run                              */
    { "HP-01", "health probe", COVEY_AUDIT_COAP, UDP, COAP,
      1, 2, 0, 2, false, false, false, false, check_health },
    { "CO-01", "resources listed to everybody", COVEY_AUDIT_COAP, UDP, COAP,
      2, 4, 0, 2, true, false, false, false, check_core },
    { "IN-01", "resources and inventory", COVEY_AUDIT_COAP, UDP, COAP,
      0, 1, 0, 0, true, true, false, false, check_inventory },
    { "CO-12", "groups without security", COVEY_AUDIT_COAP, UDP, COAP,
      0, 1, 0, 0, true, true, false, false, check_links },
    { "CO-02", "amplification", COVEY_AUDIT_COAP, UDP, COAP,
      2, 4, 0, 3, true, false, false, false, check_amplifies },
    { "CO-07", "freshness by Echo", COVEY_AUDIT_COAP, UDP, COAP,
      3, 6, 0, 3, true, false, false, false, check_echo },
    { "CO-08", "OSCORE passed by", COVEY_AUDIT_COAP, UDP, COAP,
      1, 2, 0, 1, true, true, false, false, check_bypass },
    { "CO-09", "what an OSCORE error tells", COVEY_AUDIT_COAP, UDP, COAP,
      1, 2, 0, 1, true, false, false, false, check_oscore_tells },
    { "SC-02", "SCHC rules in the open", COVEY_AUDIT_COAP, UDP, COAP,
      1, 2, 0, 1, true, true, false, false, check_rules },
    { "CO-04", "amplification by Observe", COVEY_AUDIT_OBSERVE, UDP, COAP,
      8, 10, 15, 2, true, true, false, false, check_observe },
    { "CO-05", "open forward-proxy", COVEY_AUDIT_PROXY, UDP, COAP,
      2, 3, 0, 2, true, false, true, false, check_proxy },
    { "CO-10", "replayed requests", COVEY_AUDIT_REPLAY, UDP, COAP,
      3, 6, 0, 3, true, false, false, false, check_replay },
    { "CO-03", "answers to a group", COVEY_AUDIT_MULTICAST, UDP, COAP,
      1, 1, 5, 1, false, false, false, false, check_group },
    { "TL-04", "DTLS without cookies", COVEY_AUDIT_TLS, UDP, COAPS,
      1, 2, 0, 1, false, false, false, false, check_cookie },
    { "TL-01", "old versions of DTLS", COVEY_AUDIT_TLS, UDP, COAPS,
      2, 3, 0, 2, false, false, false, false, check_dtls_version },
    { "TL-02", "weak suites of DTLS", COVEY_AUDIT_TLS, UDP, COAPS,
      2, 3, 0, 2, false, false, false, false, check_dtls_suites },
    { "CO-11", "open beside DTLS", COVEY_AUDIT_TLS, UDP, COAPS,
      0, 2, 0, 1, false, true, false, false, check_nosec },
    { "TL-01", "old versions of TLS", COVEY_AUDIT_TLS, TCP, COAPS,
      4, 8, 3, 1, false, false, false, false, check_tls_version },
    { "TL-02", "weak suites of TLS", COVEY_AUDIT_TLS, TCP, COAPS,
      4, 8, 3, 1, false, false, false, false, check_tls_suites },
    { "TL-03", "certificate over DTLS", COVEY_AUDIT_TLS, UDP, COAPS,
      3, 3, 0, 2, false, false, false, false, check_dtls_certificate },
    { "TL-03", "certificate over TLS 1.3", COVEY_AUDIT_TLS, TCP, COAPS,
      4, 10, 3, 1, false, false, false, true, check_tls_1_3 },
    { "TL-03", "certificate over TLS 1.2", COVEY_AUDIT_TLS, TCP, COAPS,
      0, 10, 3, 1, false, false, false, true, check_tls_certificate },
    { "SV-01", "service of a stream", COVEY_AUDIT_SERVICES, TCP, 0,
      5, 10, 3, 2, false, false, false, false, check_service_stream },
    { "SV-01", "service of datagrams", COVEY_AUDIT_SERVICES, UDP, 0,
      2, 4, 0, 3, false, false, false, false, check_service_datagram },
};
/* clang-format on */

const audit_check *audit_checks(size_t *count)
{
    *count = COUNT(checks);
    return checks;
}

/* --- findings ------------------------------------------------------------ */

/* clang-format off */
static const audit_finding_row findings[AUDIT_FINDINGS_COUNT] = {
    /* id, title, D I C P R, weakness, layer, reference, remedy, its kind    */
    [FINDING_OPEN_CORE] =
        { "CO-01.open", "resources are listed to everybody",
          { 0, 0, 2, 0, 1 }, "use", 7,
          "RFC 7252 Section 7.2; RFC 6690 Section 6; EN 303 645 5.6-2",
          "list only what everybody may know; the rest over OSCORE or DTLS",
          "prevention" },
    [FINDING_OPEN_MANAGEMENT] =
        { "CO-01.management", "a management resource is listed to everybody",
          { 1, 1, 2, 0, 1 }, "use", 7,
          "RFC 7252 Section 7.2; EN 303 645 5.6-1",
          "take it out of the open list and protect it with OSCORE",
          "prevention" },
    [FINDING_AMPLIFIES] =
        { "CO-02.amplifies", "answers much more than it is asked",
          { 3, 0, 0, 1, 1 }, "implementation", 7,
          "RFC 7252 Section 11.3; RFC 9175 Sections 2.4, 2.6",
          "ask for Echo before large answers to strangers, or small blocks",
          "prevention" },
    [FINDING_GROUP_ANSWERS] =
        { "CO-03.answers", "members answer a group request of a stranger",
          { 2, 0, 1, 0, 1 }, "use", 7,
          "RFC 7252 Sections 8, 11.3; draft-ietf-core-groupcomm-bis",
          "protect group requests with Group OSCORE, answer no others",
          "prevention" },
    [FINDING_GROUP_AMPLIFIES] =
        { "CO-03.amplifies", "one packet to a group makes many large ones",
          { 3, 0, 0, 1, 1 }, "use", 7,
          "RFC 7252 Section 11.3; draft-ietf-core-groupcomm-bis",
          "protect group requests with Group OSCORE, answer no others",
          "prevention" },
    [FINDING_GROUP_RESET] =
        { "CO-03.reset", "a member rejects a group request with a reset",
          { 1, 0, 0, 0, 0 }, "implementation", 7,
          "RFC 7252 Section 8.1",
          "ignore what was sent to a group and cannot be served",
          "prevention" },
    [FINDING_OBSERVE_AMPLIFIES] =
        { "CO-04.amplifies", "many notifications without a confirmation",
          { 3, 0, 0, 1, 1 }, "implementation", 7,
          "RFC 7641 Section 7; RFC 7252 Section 11.3",
          "send confirmable notifications among the others, sooner",
          "prevention" },
    [FINDING_OBSERVE_MIDS] =
        { "CO-04.message-ids", "Message IDs of notifications follow one another",
          { 1, 1, 0, 0, 0 }, "implementation", 7,
          "RFC 7252 Sections 4.4, 11.4",
          "begin Message IDs at random for each peer",
          "prevention" },
    [FINDING_OPEN_PROXY] =
        { "CO-05.open", "an open forward-proxy",
          { 2, 1, 1, 2, 2 }, "use", 7,
          "RFC 7252 Sections 5.7.2, 11.2, 11.5",
          "serve as a proxy to authenticated clients only, else answer 5.05",
          "prevention" },
    [FINDING_PROXY_AMPLIFIES] =
        { "CO-06.amplifies", "a proxy gives large answers to strangers",
          { 3, 0, 0, 1, 1 }, "implementation", 7,
          "RFC 9175 Section 2.4",
          "ask the client for Echo before a large answer is forwarded",
          "prevention" },
    [FINDING_ECHO_SEPARATE] =
        { "CO-07.separate", "Echo comes in a separate response",
          { 1, 0, 0, 0, 0 }, "implementation", 7,
          "RFC 9175 Section 2.3",
          "send the Echo value in the first packet that answers",
          "prevention" },
    [FINDING_ECHO_SHARED] =
        { "CO-07.shared", "two clients get the same Echo value",
          { 2, 1, 0, 1, 0 }, "implementation", 7,
          "RFC 9175 Sections 2.3, 5",
          "bind the Echo value to the client's address",
          "prevention" },
    [FINDING_OSCORE_BYPASSED] =
        { "CO-08.bypass", "a resource for OSCORE answers without it",
          { 1, 2, 3, 1, 2 }, "implementation", 7,
          "RFC 8613 Section 9; EN 303 645 5.5-1",
          "answer 4.01 to what is not protected",
          "prevention" },
    [FINDING_OSCORE_TELLS] =
        { "CO-09.tells", "an OSCORE error tells more than it has to",
          { 0, 0, 1, 0, 0 }, "implementation", 7,
          "RFC 8613 Section 8.2",
          "answer 4.01 with the sentence of the standard or without payload",
          "prevention" },
    [FINDING_NOSEC_BESIDE_DTLS] =
        { "CO-11.nosec", "the same host is open beside its DTLS port",
          { 1, 2, 2, 1, 2 }, "use", 7,
          "RFC 7252 Section 9; EN 303 645 5.5-1, 5.5-7",
          "close port 5683, or leave on it only what is public",
          "prevention" },
    [FINDING_GROUP_NOSEC] =
        { "CO-12.nosec", "a security group that is named NoSec",
          { 2, 3, 3, 2, 2 }, "design", 7,
          "draft-ietf-core-groupcomm-bis",
          "give every group a security group of its own",
          "prevention" },
    [FINDING_GM_OPEN] =
        { "CO-12.manager", "a Group Manager that is reached without OSCORE",
          { 2, 3, 3, 1, 2 }, "use", 7,
          "draft-ietf-core-oscore-discovery; RFC 8613 Section 9",
          "serve its resources over OSCORE or DTLS only",
          "prevention" },
    [FINDING_RULES_OPEN] =
        { "SC-02.open", "rules or configuration can be read by everybody",
          { 1, 1, 2, 0, 1 }, "use", 7,
          "RFC 9363; EN 303 645 5.5-5",
          "serve them over OSCORE or DTLS only",
          "prevention" },
    [FINDING_OLD_VERSION] =
        { "TL-01.version", "an old version of TLS or DTLS",
          { 0, 2, 3, 1, 2 }, "use", 6,
          "RFC 8996; RFC 9325 Section 3.1",
          "switch versions before 1.2 off",
          "prevention" },
    [FINDING_WEAK_SUITE] =
        { "TL-02.weak", "accepts a weak cipher suite",
          { 0, 2, 3, 1, 2 }, "use", 6,
          "RFC 9325 Section 4.1",
          "leave only suites with forward secrecy and 128 bits or more",
          "prevention" },
    [FINDING_NO_COOKIE] =
        { "TL-04.cookie", "a DTLS server that answers a forged address",
          { 3, 0, 0, 1, 1 }, "implementation", 6,
          "RFC 6347 Section 4.2.1",
          "send HelloVerifyRequest before anything else",
          "prevention" },
    [FINDING_CERT_EXPIRED] =
        { "TL-03.expired", "the certificate has expired",
          { 2, 1, 1, 1, 2 }, "use", 6,
          "RFC 5280 Section 4.1.2.5; IEEE 1609.2 clause 5.1.2.3",
          "renew it, and watch the dates of all certificates",
          "detection" },
    [FINDING_CERT_EARLY] =
        { "TL-03.early", "the certificate is not valid yet",
          { 2, 0, 0, 0, 1 }, "use", 6,
          "RFC 5280 Section 4.1.2.5; IEEE 1609.2 clause 5.1.2.3",
          "look after the clocks of the device and of its CA",
          "prevention" },
    [FINDING_CERT_SOON] =
        { "TL-03.soon", "the certificate ends within thirty days",
          { 1, 0, 0, 0, 1 }, "use", 6,
          "RFC 5280 Section 4.1.2.5",
          "renew it in time, without people where that can be had",
          "consolidation" },
    [FINDING_CERT_SELF] =
        { "TL-03.self-signed", "a self-signed certificate that is no anchor",
          { 0, 2, 2, 1, 1 }, "use", 6,
          "RFC 5280 Section 6; RFC 9325 Section 3.7; EN 303 645 5.5-1",
          "have it issued by a CA of one's own, or pin it at each client",
          "prevention" },
    [FINDING_CERT_CHAIN] =
        { "TL-03.chain", "no chain to an anchor of the inventory",
          { 1, 2, 2, 1, 2 }, "use", 6,
          "RFC 5280 Section 6; IEEE 1609.2 clause 5.1",
          "send the certificates of the issuers, up to the root",
          "prevention" },
    [FINDING_CERT_NAME] =
        { "TL-03.name", "a certificate for another host",
          { 0, 2, 2, 1, 1 }, "use", 6,
          "RFC 6125 Section 6; RFC 7252 Section 9.1.3.3",
          "name the host, or its address, as subjectAltName",
          "prevention" },
    [FINDING_CERT_WEAK] =
        { "TL-03.weak", "a certificate with a weak key",
          { 0, 3, 3, 2, 2 }, "use", 6,
          "RFC 9325 Section 4.5; RFC 8902 Section 7.3",
          "make a new key: P-256, or RSA with 3072 bits",
          "prevention" },
    [FINDING_CERT_HASH] =
        { "TL-03.hash", "a certificate that is signed over SHA-1 or MD5",
          { 0, 2, 2, 2, 2 }, "use", 6,
          "RFC 9155; RFC 9325 Section 4.5",
          "have it issued again, with SHA-256",
          "prevention" },
    [FINDING_CERT_KIND] =
        { "TL-03.kind", "a certificate of another kind than the inventory's",
          { 1, 1, 1, 1, 1 }, "use", 6,
          "RFC 8902 Section 4.2",
          "give it the certificate that it was to have",
          "detection" },
    [FINDING_CERT_REGION] =
        { "TL-03.region", "a certificate of ITS for another place",
          { 1, 2, 0, 1, 2 }, "use", 6,
          "IEEE 1609.2 clause 5.1.2.4; TS 103 097 clause 7.2.1",
          "have one issued for where the station stands",
          "prevention" },
    [FINDING_CERT_PERMISSION] =
        { "TL-03.permission", "a certificate of ITS for another service",
          { 1, 2, 1, 1, 2 }, "use", 6,
          "RFC 8902 Sections 5, 7.4; IEEE 1609.2 clause 6.4.28",
          "have one issued with PSID and SSP of the service",
          "prevention" },
    [FINDING_CERT_ALGORITHM] =
        { "TL-03.algorithm", "a certificate of ITS with another algorithm",
          { 1, 1, 1, 1, 1 }, "use", 6,
          "TS 103 097 clause 6; RFC 8902 Section 7.3",
          "use P-256 or P-384, or Brainpool of the same lengths",
          "prevention" },
    [FINDING_CERT_TICKET] =
        { "TL-03.ticket", "a vehicle's ticket as the identity of a server",
          { 0, 1, 2, 1, 2 }, "use", 6,
          "RFC 8902 Section 8; TS 103 097 clause 7.2.1",
          "use a certificate that names the station",
          "prevention" },
    [FINDING_CERT_UNPROVED] =
        { "TL-03.unproved", "a certificate whose key the server has not got",
          { 1, 3, 3, 3, 2 }, "implementation", 6,
          "RFC 5246 Section 7.4.3; RFC 8446 Section 4.4.3; RFC 8902 Section 5",
          "find out who answers there: somebody shows what is not his",
          "detection" },
    [FINDING_ITS_VERSION] =
        { "TL-01.its", "a station of ITS without TLS 1.3",
          { 1, 2, 2, 1, 2 }, "use", 6,
          "RFC 8902 Section 4; ISO 21177",
          "serve with TLS 1.3 and the certificate of the station",
          "prevention" },
    [FINDING_REPLAYED] =
        { "CO-10.replay", "the same protected request is answered twice",
          { 2, 3, 1, 2, 2 }, "implementation", 7,
          "RFC 8613 Section 7.4; RFC 10021 Sections 7.2, 8.4",
          "keep the replay window, also over restarts (Appendix B.1)",
          "prevention" },
    [FINDING_SERVICE_CLEAR] =
        { "SV-01.clear", "a service that speaks in the clear",
          { 0, 1, 2, 0, 2 }, "use", 7,
          "RFC 9325 Section 3.2; EN 303 645 5.5-1, 5.5-7",
          "offer it over TLS only, or take it away",
          "prevention" },
    [FINDING_NOT_SAID] =
        { "IN-01.unlisted", "a resource that is not in the inventory",
          { 1, 1, 1, 1, 1 }, "use", 7,
          "EN 303 645 5.6-1, 5.6-2; RFC 7252 Section 7.2",
          "find out what it is for; take it away, or into the inventory",
          "detection" },
    [FINDING_NOT_THERE] =
        { "IN-01.missing", "a resource of the inventory that is not listed",
          { 1, 0, 0, 1, 0 }, "use", 7,
          "RFC 7252 Section 7.2",
          "put the inventory right, or the device",
          "detection" },
};
/* clang-format on */

const audit_finding_row *audit_finding_get(unsigned which)
{
    return which < AUDIT_FINDINGS_COUNT ? &findings[which] : NULL;
}

const char *audit_outcome_text(enum audit_outcome outcome)
{
    static const char *const texts[OUTCOMES] = {
        [OUTCOME_DONE] = "done",     [OUTCOME_SILENT] = "silent",
        [OUTCOME_CLOSED] = "closed", [OUTCOME_DENIED] = "denied",
        [OUTCOME_FAILED] = "failed", [OUTCOME_STOPPED] = "stopped",
    };

    return (unsigned)outcome < OUTCOMES ? texts[outcome] : "unknown";
}
