/* SPDX-License-Identifier: BSD-2-Clause */
#include "oscore_fault.h"

struct row {
    const char *name;
    const char *text;
    const char *section;
};

/* Those of covey/group.h are in group_fault.c. */
/* clang-format off */
static const struct row rows[] = {
    [COVEY_OSCORE_NO_FAULT] =
        { "none", "nothing is wrong", "" },
    [COVEY_OSCORE_BAD_COSE] =
        { "bad-cose", "the OSCORE option is missing, twice or malformed, or "
          "there is no payload", "RFC 8613 Section 6.1" },
    [COVEY_OSCORE_NO_CONTEXT] =
        { "no-context", "kid or kid context are not those of this context",
          "RFC 8613 Section 8.2" },
    [COVEY_OSCORE_REPLAY] =
        { "replay", "received before, or too old to know",
          "RFC 8613 Section 7.4" },
    [COVEY_OSCORE_NOT_DECRYPTED] =
        { "not-decrypted", "the tag is wrong: another key, nonce or AAD, or a "
          "changed ciphertext", "RFC 8613 Section 8" },
    [COVEY_OSCORE_BAD_PLAINTEXT] =
        { "bad-plaintext", "authentic, but the plaintext is no message",
          "RFC 8613 Section 5.3" },
    [COVEY_OSCORE_UNASKED] =
        { "unasked", "authentic, but not what the request asked for",
          "RFC 8613 Section 4.1.3.5" },
    [COVEY_OSCORE_OURS] =
        { "ours", "nothing is wrong with the message", "" },
};
/* clang-format on */

static const struct row *row_of(covey_oscore_fault fault)
{
    const size_t i = (size_t)fault;

    return &rows[i < sizeof rows / sizeof rows[0] ? i : COVEY_OSCORE_OURS];
}

const char *oscore_fault_name(covey_oscore_fault fault)
{
    return row_of(fault)->name;
}

const char *oscore_fault_text(covey_oscore_fault fault)
{
    return row_of(fault)->text;
}

const char *oscore_fault_section(covey_oscore_fault fault)
{
    return row_of(fault)->section;
}
