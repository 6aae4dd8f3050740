/* SPDX-License-Identifier: BSD-2-Clause */
/* A refusal in words: one line, with what a person has to look for next. */
#include "its_trust.h"

#include <hex.h>
#include <inttypes.h>

/* How the numbers of a reason are to be read. */
static bool is_time(covey_its_reason reason)
{
    return reason == COVEY_ITS_R_NOT_YET || reason == COVEY_ITS_R_EXPIRED ||
           reason == COVEY_ITS_R_VALIDITY ||
           reason == COVEY_ITS_R_TIME_SIGNER ||
           reason == COVEY_ITS_R_TIME_WINDOW ||
           reason == COVEY_ITS_R_LIST_OLD ||
           reason == COVEY_ITS_R_DATA_EXPIRED;
}

static void put_time(FILE *file, uint64_t t)
{
    char text[ITS_TIME_TEXT];

    its_time_text((uint32_t)(t > UINT32_MAX ? t / 1000000 : t), text);
    fputs(text, file);
}

static void put_numbers(FILE *file, const covey_its_finding *why)
{
    if (why->found == 0 && why->expected == 0) {
        return;
    }
    fputs(": found ", file);
    if (is_time(why->reason)) {
        put_time(file, why->found);
    } else {
        fprintf(file, "%" PRIu64, why->found);
    }
    if (why->expected == 0) {
        return;
    }
    fputs(", expected ", file);
    if (is_time(why->reason)) {
        put_time(file, why->expected);
    } else {
        fprintf(file, "%" PRIu64, why->expected);
    }
}

void its_why_print(FILE *file, const covey_its_finding *why)
{
    static const uint8_t none[COVEY_ITS_ID8];
    covey_bytes id = covey_bytes_of(why->id, sizeof why->id);

    if (why->in_data) {
        fputs("signed data: ", file);
    } else if (why->cert == 0) {
        fputs("certificate: ", file);
    } else {
        fprintf(file, "issuer %u above: ", why->cert);
    }
    fputs(covey_its_reason_text(why->reason), file);
    put_numbers(file, why);
    if (why->offset > 0) {
        fprintf(file, ", at byte %" PRIu32, why->offset);
    }
    if (!covey_bytes_equal(id, covey_bytes_of(none, sizeof none))) {
        fputs(", HashedId8 ", file);
        hex_print(file, id);
    }
    fprintf(file, " (%s)\n", covey_its_reason_clause(why->reason));
}
