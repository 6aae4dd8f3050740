/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

#include "crypto/openssl/openssl.h"

#include <openssl/err.h>

covey_crypto crypto;
size_t contract_curves = 6;

static int leaves_no_error_behind(void **state)
{
    (void)state;
    return ERR_peek_error() == 0 ? 0 : -1;
}

/* Each test once more, with a look into libcrypto's queue afterwards. */
int main(void)
{
    struct CMUnitTest tests[] = { CONTRACT_TESTS };
    int failed = 0;

    if (covey_openssl_open(&crypto) != COVEY_OK) {
        return 1;
    }
    for (size_t i = 0; i < COUNT_OF(tests); i++) {
        tests[i].teardown_func = leaves_no_error_behind;
    }
    failed = KIT_RUN(tests);
    covey_openssl_close(&crypto);
    covey_openssl_close(&crypto);
    return failed;
}
