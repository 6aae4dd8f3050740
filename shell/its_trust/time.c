/* SPDX-License-Identifier: BSD-2-Clause */
/* Dates of certificates, as text and as seconds since 2004. */
#include "its_trust.h"

#include <string.h>
#include <text.h>

_Static_assert((int)ITS_TIME_TEXT == (int)TEXT_TIME_MAX, "see its_trust.h");

bool its_time_read(const char *text, uint64_t *time64)
{
    covey_time t = { .unix_known = true };

    if (!text_time_read(text, strlen(text), &t.unix_s)) {
        return false;
    }
    *time64 = covey_its_now(t, COVEY_ITS_LEAP_SECONDS);
    return *time64 != 0;
}

void its_time_text(uint32_t time32, char text[ITS_TIME_TEXT])
{
    text_time(covey_its_unix_of(time32, COVEY_ITS_LEAP_SECONDS), text);
}
