/* SPDX-License-Identifier: BSD-2-Clause */
/* Dates: the proleptic Gregorian calendar, days counted from 1970-01-01. */
#include "its_args.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    DAY = 86400,
    ERA = 146097 /* days of 400 years */
};

static int64_t days_of(int64_t year, unsigned month, unsigned day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = y / 400;
    unsigned of_era = (unsigned)(y - era * 400);
    unsigned of_year =
        (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    unsigned days = of_era * 365 + of_era / 4 - of_era / 100 + of_year;

    return era * ERA + (int64_t)days - 719468;
}

static bool digits(const char **at, unsigned n, unsigned *out)
{
    *out = 0;
    for (; n > 0; n--, (*at)++) {
        if (**at < '0' || **at > '9') {
            return false;
        }
        *out = *out * 10 + (unsigned)(**at - '0');
    }
    return true;
}

bool its_time_read(const char *text, uint64_t *time64)
{
    /* digits and the sign behind them, least and greatest value */
    static const struct {
        uint8_t digits;
        char sign;
        uint8_t min;
        uint16_t max;
    } parts[] = { { 4, '-', 0, 9999 }, { 2, '-', 1, 12 }, { 2, 'T', 1, 31 },
                  { 2, ':', 0, 23 },   { 2, ':', 0, 59 }, { 2, 'Z', 0, 59 } };
    const char *at = text;
    unsigned v[6] = { 0 };
    covey_time t = { .unix_known = true };

    for (size_t i = 0; i < 6; i++) {
        if (!digits(&at, parts[i].digits, &v[i]) || *at++ != parts[i].sign ||
            v[i] < parts[i].min || v[i] > parts[i].max) {
            return false;
        }
    }
    if (*at != '\0') {
        return false;
    }
    t.unix_s = days_of(v[0], v[1], v[2]) * DAY + (int64_t)v[3] * 3600 +
               (int64_t)v[4] * 60 + v[5];
    *time64 = covey_its_now(t, COVEY_ITS_LEAP_SECONDS);
    return *time64 != 0;
}

void its_time_text(uint32_t time32, char text[ITS_TIME_TEXT])
{
    time_t t = (time_t)covey_its_unix_of(time32, COVEY_ITS_LEAP_SECONDS);
    struct tm parts;

    if (gmtime_r(&t, &parts) == NULL ||
        strftime(text, ITS_TIME_TEXT, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0) {
        text[0] = '\0';
    }
}

uint64_t its_time_now(const its_args *args)
{
    covey_time t = { .unix_s = (int64_t)time(NULL), .unix_known = true };

    return args->at != 0 ? args->at : covey_its_now(t, COVEY_ITS_LEAP_SECONDS);
}
