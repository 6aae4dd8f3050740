/* SPDX-License-Identifier: BSD-2-Clause */
#include "its_args.h"

#include <time.h>

uint64_t its_time_now(const its_args *args)
{
    covey_time t = { .unix_s = (int64_t)time(NULL), .unix_known = true };

    return args->at != 0 ? args->at : covey_its_now(t, COVEY_ITS_LEAP_SECONDS);
}
