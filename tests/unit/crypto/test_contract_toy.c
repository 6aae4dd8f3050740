/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include "crypto/scripted/scripted.h"

covey_crypto crypto;
size_t contract_curves = 3; /* the toy keeps keys of 32 bytes at most */

static covey_scripted scripted;

/* Every handle that a test makes it must drop. */
static int leaves_no_handle_behind(void **state)
{
    (void)state;
    return scripted.live == 0 ? 0 : -1;
}

int main(void)
{
    struct CMUnitTest tests[] = { CONTRACT_TESTS };

    covey_scripted_open(&scripted, NULL, &crypto);
    for (size_t i = 0; i < COUNT_OF(tests); i++) {
        tests[i].teardown_func = leaves_no_handle_behind;
    }
    return KIT_RUN(tests);
}
