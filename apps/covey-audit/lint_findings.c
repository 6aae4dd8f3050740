/* SPDX-License-Identifier: BSD-2-Clause */
/* What lints find: the same columns as in checks.c. */
#include "lint.h"

#define RULES_8724 "RFC 8724 Section 12"

/* clang-format off */
static const audit_finding_row findings[LINT_COUNT] = {
    /* id, title, D I C P R, weakness, layer, reference, remedy, its kind    */
    [LINT_SCHC_UNUSABLE] =
        { "SC-01.unusable", "the rule set cannot be used",
          { 2, 0, 0, 0, 0 }, "use", 3, "RFC 8724 Section 7",
          "correct it: both ends have to have the same sound rules",
          "prevention" },
    [LINT_SCHC_AMBIGUOUS] =
        { "SC-01.ambiguous", "a packet may be taken for that of another rule",
          { 2, 2, 0, 0, 0 }, "use", 3, "RFC 8724 Section 6",
          "give each rule a RuleID that begins no other one",
          "prevention" },
    [LINT_SCHC_LOSSY] =
        { "SC-01.lossy", "a field that security needs does not come back",
          { 2, 3, 0, 1, 0 }, "use", 7,
          "RFC 8724 Section 12; RFC 8824 Section 9; RFC 8613 Section 7",
          "send the value (ignore, value-sent), or match it (equal)",
          "prevention" },
    [LINT_SCHC_SECRET] =
        { "SC-01.secret", "a target value that looks like a secret",
          { 0, 1, 3, 0, 1 }, "use", 7,
          RULES_8724 "; EN 303 645 5.4-1",
          "take it out of the rules, replace it on the devices, and send it "
          "protected by OSCORE", "prevention" },
    [LINT_SCHC_IDENTIFIER] =
        { "SC-01.identifier", "a target value that names a device or a person",
          { 0, 0, 2, 0, 1 }, "use", 7,
          RULES_8724 "; RFC 7721 Section 3; EN 303 645 6.1",
          "take it from the link (DevIID), or use an opaque identifier",
          "prevention" },
    [LINT_SCHC_NO_WAY_OUT] =
        { "SC-01.no-compression", "a packet that no rule fits cannot be sent",
          { 2, 0, 0, 0, 0 }, "use", 3, "RFC 8724 Section 6",
          "add a no-compression rule, or filter before the compressor",
          "prevention" },
    [LINT_SCHC_EXPANSION] =
        { "SC-01.expansion", "few bits become a very large header",
          { 2, 0, 0, 0, 0 }, "use", 3, RULES_8724,
          "shorten the target values, and bound what the decompressor makes",
          "prevention" },
    [LINT_SCHC_SHARED] =
        { "SC-01.shared", "two parties have the same rule set",
          { 0, 1, 2, 0, 1 }, "use", 3, RULES_8724,
          "give each tenant a context of its own",
          "prevention" },
    [LINT_SCHC_FRAGMENT_TIMER] =
        { "SC-01.reassembly-timer", "a packet of which a fragment is missing "
          "is kept for ever",
          { 2, 0, 0, 0, 0 }, "use", 3,
          "RFC 8724 Section 8.2.2.4; " RULES_8724,
          "set the inactivity timer",
          "prevention" },
    [LINT_SCHC_FRAGMENT_RETRY] =
        { "SC-01.fragment-retries", "fragments are asked for without an end",
          { 2, 0, 0, 0, 0 }, "use", 3, "RFC 8724 Section 8.2.2.4",
          "set the retransmission timer and MAX_ACK_REQUESTS",
          "prevention" },
    [LINT_SCHC_FRAGMENT_ROOM] =
        { "SC-01.reassembly-room", "reassembly may take more memory than a "
          "device has",
          { 2, 0, 0, 0, 0 }, "use", 3, RULES_8724,
          "lower maximum-packet-size or max-interleaved-frames",
          "prevention" },
    [LINT_SCHC_PROFILE] =
        { "SC-01.profile", "a rule contradicts the document it follows",
          { 1, 1, 0, 0, 0 }, "use", 7, "RFC 8824",
          "do as `covey schc lint` says",
          "prevention" },
    [LINT_VULN_AFFECTED] =
        { "VU-01.affected", "a version with a known vulnerability",
          { 2, 2, 2, 1, 1 }, "implementation", 7,
          "EN 303 645 5.3; OWASP IoT I5",
          "install the version that has it fixed, or take the service away",
          "prevention" },
    [LINT_VULN_CANNOT_TELL] =
        { "VU-01.cannot-tell", "a version that may have a known vulnerability",
          { 1, 1, 1, 0, 0 }, "implementation", 7,
          "EN 303 645 5.3; OWASP IoT I5",
          "ask who built it whether it is fixed there (VEX)",
          "detection" },
};
/* clang-format on */

const audit_finding_row *lint_finding_get(unsigned which)
{
    return which < LINT_COUNT ? &findings[which] : NULL;
}
