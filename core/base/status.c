/* SPDX-License-Identifier: BSD-2-Clause */
/* Names and texts of the statuses: one row each. */
#include <covey/status.h>

#include <stddef.h>

struct row {
    covey_status status;
    const char *name;
    const char *text;
};

/* clang-format off */
static const struct row rows[] = {
    { COVEY_OK,            "OK",            "done" },
    { COVEY_E_SHORT,       "E_SHORT",       "ends too early" },
    { COVEY_E_FORMAT,      "E_FORMAT",      "malformed" },
    { COVEY_E_RANGE,       "E_RANGE",       "value not allowed" },
    { COVEY_E_UNSUPPORTED, "E_UNSUPPORTED", "not implemented" },
    { COVEY_E_AUTH,        "E_AUTH",        "authentication failed" },
    { COVEY_E_ROOM,        "E_ROOM",        "not enough room" },
    { COVEY_E_RULE,        "E_RULE",        "rule not usable" },
    { COVEY_E_NO_RULE,     "E_NO_RULE",     "no rule fits" },
    { COVEY_E_ARGUMENT,    "E_ARGUMENT",    "contradictory arguments" },
    { COVEY_E_NOT_STORED,  "E_NOT_STORED",  "state is not stored yet" },
    { COVEY_E_EXHAUSTED,   "E_EXHAUSTED",   "no sequence number left" },
    { COVEY_E_NO_CONTEXT,  "E_NO_CONTEXT",  "no security context fits" },
    { COVEY_E_STATE,       "E_STATE",       "not now, or not any more" },
    { COVEY_E_CRYPTO,      "E_CRYPTO",      "crypto provider failed" },
};
/* clang-format on */

static const struct row *find(covey_status status)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].status == status) {
            return &rows[i];
        }
    }
    return NULL;
}

const char *covey_status_name(covey_status status)
{
    const struct row *r = find(status);
    return r ? r->name : "E_UNKNOWN";
}

const char *covey_status_text(covey_status status)
{
    const struct row *r = find(status);
    return r ? r->text : "unknown status";
}

covey_status_class covey_status_class_of(covey_status status)
{
    return (covey_status_class)((unsigned)status >> 4);
}
