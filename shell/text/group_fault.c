/* SPDX-License-Identifier: BSD-2-Clause */
#include "group_fault.h"

#include <stddef.h>

typedef struct fault_row {
    covey_oscore_fault fault;
    group_fault what; /* section NULL: the one on verifying such messages */
} fault_row;

/* clang-format off */
static const fault_row rows[] = {
    { COVEY_OSCORE_BAD_COSE,
      { "bad-cose", "option or payload cannot be decoded, or lack what "
        "messages of groups have", "RFC 10021 Sections 3.2 and 4.1" } },
    { COVEY_OSCORE_NO_CONTEXT,
      { "no-context", "it is of another group", "RFC 10021 Section 6" } },
    { COVEY_OSCORE_REPLAY,
      { "replay", "it has been received before, or is too old to know",
        "RFC 10021 Section 5.3" } },
    { COVEY_OSCORE_NOT_DECRYPTED,
      { "not-decrypted", "forged, damaged, or made with another key", NULL } },
    { COVEY_OSCORE_BAD_PLAINTEXT,
      { "bad-plaintext", "authentic, but no message is inside",
        "RFC 8613 Section 5.3" } },
    { COVEY_OSCORE_UNASKED,
      { "unasked", "authentic, but not what was asked for", NULL } },
    { COVEY_OSCORE_NO_SENDER,
      { "no-sender", "the sender is no member that the context file names",
        NULL } },
    { COVEY_OSCORE_OWN,
      { "own", "it has the own Sender ID: a reflection",
        "RFC 10021 Section 7.2" } },
    { COVEY_OSCORE_NO_MODE,
      { "no-mode", "the group has not this mode", "RFC 10021 Section 6" } },
    { COVEY_OSCORE_DETERMINISTIC,
      { "deterministic", "a deterministic request, which is not supported",
        "draft-ietf-core-cacheable-oscore" } },
    { COVEY_OSCORE_BAD_SIGNATURE,
      { "bad-signature", "the signature is not that of the sender over this "
        "message", NULL } },
    { COVEY_OSCORE_BAD_ROLE,
      { "bad-role", "authentic, but the sender has not the role for it",
        "draft-ietf-ace-key-groupcomm-oscore" } },
    { COVEY_OSCORE_BASELINE,
      { "baseline", "authentic; its number has been taken, and it is not to "
        "be delivered", "draft-tiloca-core-multicast-oscoap-00 Section 7.2" } },
};
/* clang-format on */

group_fault group_fault_of(covey_oscore_fault fault, bool request,
                           bool pairwise)
{
    static const char *const verifying[2][2] = {
        { "RFC 10021 Section 7.4", "RFC 10021 Section 8.6" },
        { "RFC 10021 Section 7.2", "RFC 10021 Section 8.4" },
    };
    group_fault what = { "ours", "nothing is wrong with the message", NULL };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].fault == fault) {
            what = rows[i].what;
        }
    }
    if (fault == COVEY_OSCORE_REPLAY && !request) {
        what.section = "RFC 10021 Section 5.3.1";
    }
    if (what.section == NULL) {
        what.section = verifying[request][pairwise];
    }
    return what;
}
