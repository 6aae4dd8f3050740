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
    [LINT_PSK_DEFAULT] =
        { "TL-05.default", "a key that stands in documentation",
          { 2, 3, 3, 1, 2 }, "use", 6,
          "EN 303 645 5.1-1, 5.4-3; RFC 7252 Section 9",
          "replace it by a key of its own for each device",
          "prevention" },
    [LINT_PSK_SHARED] =
        { "TL-05.shared", "several devices have the same key",
          { 1, 3, 3, 2, 1 }, "use", 6,
          "RFC 7252 Section 9; EN 303 645 5.4-3",
          "give each device a key of its own",
          "prevention" },
    [LINT_PSK_WEAK] =
        { "TL-05.weak", "a key that can be found by trying",
          { 1, 2, 3, 1, 1 }, "use", 6,
          "RFC 7252 Section 9.1.3.1; RFC 4086 Section 7",
          "make 16 bytes or more with a generator of random numbers",
          "prevention" },
    [LINT_PSK_CLEAR] =
        { "TL-05.clear", "an inventory that holds the keys themselves",
          { 0, 0, 2, 0, 1 }, "use", 6,
          "EN 303 645 5.4-1",
          "keep their SHA-256 and their length; the keys belong elsewhere",
          "prevention" },
    [LINT_GROUP_CBC] =
        { "CO-13.cbc", "a group that encrypts with CBC",
          { 0, 3, 3, 1, 0 }, "design", 7,
          "RFC 10021 Section 2.1.7; RFC 9459 Section 8",
          "choose an AEAD, or CTR with the signature",
          "prevention" },
    [LINT_GROUP_PREHASH] =
        { "CO-13.prehash", "a signature over a hash of the message",
          { 0, 2, 0, 1, 0 }, "design", 7,
          "RFC 10021 Section 2.1; RFC 8032 Section 8.5",
          "choose EdDSA without a hash before it",
          "prevention" },
    [LINT_GROUP_GID] =
        { "CO-13.gid", "one Gid for two Master Secrets",
          { 1, 2, 3, 1, 0 }, "use", 7,
          "RFC 10021 Section 12.2",
          "give every rekeying a Gid that was not used before",
          "prevention" },
    [LINT_GROUP_SENDER] =
        { "CO-13.sender-id", "one Sender ID for two members",
          { 1, 3, 3, 2, 0 }, "use", 7,
          "RFC 10021 Sections 2.2, 12.2.1",
          "rekey the group, and give each member an ID that was not used "
          "under this Gid", "prevention" },
    [LINT_GROUP_KEY] =
        { "CO-13.key", "two members with the same key pair",
          { 0, 3, 3, 3, 0 }, "use", 7,
          "RFC 10021 Sections 2.3, 2.4",
          "make a key pair on each device",
          "prevention" },
    [LINT_GROUP_EXPIRED] =
        { "CO-13.expired", "keys that are used beyond their time",
          { 2, 1, 1, 1, 0 }, "use", 7,
          "RFC 10021 Section 2.4; RFC 8392 Section 3.1.4",
          "renew the credential, or rekey the group",
          "prevention" },
    [LINT_OSCORE_TWICE] =
        { "CO-13.nonce", "two devices send with the same key and nonces",
          { 1, 3, 3, 2, 0 }, "use", 7,
          "RFC 8613 Sections 3.3, 12.3",
          "give each pair of devices a Master Secret of its own",
          "prevention" },
    [LINT_OSCORE_SECRET] =
        { "CO-13.shared-secret", "one Master Secret for several pairs",
          { 0, 2, 2, 2, 0 }, "use", 7,
          "RFC 8613 Section 12.3",
          "give each pair of devices a Master Secret of its own",
          "prevention" },
    [LINT_OSCORE_WEAK] =
        { "CO-13.weak", "a Master Secret that is published or can be guessed",
          { 1, 3, 3, 2, 1 }, "use", 7,
          "RFC 8613 Section 12.3; RFC 4086 Section 7",
          "make 16 bytes or more with a generator of random numbers",
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
    [LINT_POLICY_OPEN] =
        { "SY-01.open", "a port is open that the policy does not have",
          { 1, 1, 2, 0, 1 }, "use", 4,
          "EN 303 645 5.6-1, 5.6-5; OWASP IoT I2",
          "close it, or write it into the policy of its class",
          "prevention" },
    [LINT_POLICY_SERVICE] =
        { "SY-01.service", "another service than the policy has for its port",
          { 1, 2, 2, 1, 1 }, "use", 7,
          "EN 303 645 5.6-5; OWASP IoT I2",
          "find out who put it there, and take it away",
          "detection" },
    [LINT_POLICY_OLD] =
        { "SY-01.old", "a version that is older than the policy wants",
          { 2, 2, 2, 1, 1 }, "implementation", 7,
          "EN 303 645 5.3; OWASP IoT I5",
          "install a version that the policy permits",
          "prevention" },
    [LINT_POLICY_NO_VERSION] =
        { "SY-01.no-version", "a version that cannot be told",
          { 0, 0, 0, 1, 0 }, "use", 7,
          "EN 303 645 5.3",
          "look the version up on the device",
          "detection" },
};
/* clang-format on */

const audit_finding_row *lint_finding_get(unsigned which)
{
    return which < LINT_COUNT ? &findings[which] : NULL;
}
