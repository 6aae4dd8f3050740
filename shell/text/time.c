/* SPDX-License-Identifier: BSD-2-Clause */
#include "text.h"

#include <time.h>

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Days since 1970-01-01 in the Gregorian calendar. */
static int64_t days_of(int64_t year, unsigned month, unsigned day)
{
    static const uint16_t before[] = { 0,   31,  59,  90,  120, 151,
                                       181, 212, 243, 273, 304, 334 };
    const int64_t y = year - 1; /* whole years that are over */

    return y * 365 + y / 4 - y / 100 + y / 400 + before[month - 1] +
           (month > 2 && is_leap(year) ? 1 : 0) + day - 719163;
}

/* The six numbers of "2026-11-21T20:00:00Z" (RFC 3339 Section 5.6), in UTC
 * only. */
static bool split_time(const char *text, size_t len, unsigned n[6])
{
    static const char form[] = "0000-00-00T00:00:00Z";
    size_t field = 0;

    if (len != sizeof form - 1) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        const bool digit = text[i] >= '0' && text[i] <= '9';
        if (form[i] == '0' && digit) {
            n[field] = n[field] * 10 + (unsigned)(text[i] - '0');
        } else if (form[i] == '0' || text[i] != form[i]) {
            return false;
        } else {
            field++;
        }
    }
    return true;
}

bool text_time_read(const char *text, size_t len, int64_t *unix_s)
{
    static const uint8_t month_days[] = { 31, 28, 31, 30, 31, 30,
                                          31, 31, 30, 31, 30, 31 };
    unsigned n[6] = { 0 };

    if (!split_time(text, len, n) || n[0] < 1970 || n[1] < 1 || n[1] > 12) {
        return false;
    }
    const unsigned last =
        month_days[n[1] - 1] + (n[1] == 2 && is_leap(n[0]) ? 1u : 0u);
    if (n[2] < 1 || n[2] > last || n[3] > 23 || n[4] > 59 || n[5] > 59) {
        return false;
    }
    const unsigned seconds = n[3] * 3600 + n[4] * 60 + n[5];
    *unix_s = days_of(n[0], n[1], n[2]) * 86400 + seconds;
    return true;
}

const char *text_time(int64_t unix_s, char out[TEXT_TIME_MAX])
{
    const time_t t = (time_t)unix_s;
    struct tm parts;

    if (gmtime_r(&t, &parts) == NULL ||
        strftime(out, TEXT_TIME_MAX, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0) {
        snprintf(out, TEXT_TIME_MAX, "?");
    }
    return out;
}
