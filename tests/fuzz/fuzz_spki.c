/* SPDX-License-Identifier: BSD-2-Clause */
/* A SubjectPublicKeyInfo or a certificate. What is found lies inside, is the
 * same when parsed on its own, and is not found in anything shorter. */
#include <covey/spki.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void oracle(bool ok)
{
    if (!ok) {
        abort();
    }
}

static void check(const covey_spki *spki, covey_bytes input)
{
    covey_spki again;
    covey_bytes shorter = covey_bytes_of(spki->whole.ptr, spki->whole.len - 1);

    oracle(spki->whole.ptr >= input.ptr);
    oracle(spki->whole.ptr + spki->whole.len <= input.ptr + input.len);
    oracle(spki->key.ptr + spki->key.len == spki->whole.ptr + spki->whole.len);
    oracle(strcmp(covey_spki_name(spki->algorithm), "unknown") != 0);
    oracle(covey_spki_parse(&again, spki->whole) == COVEY_OK);
    oracle(again.algorithm == spki->algorithm);
    oracle(again.key.ptr == spki->key.ptr && again.key.len == spki->key.len);
    oracle(covey_spki_parse(&again, shorter) == COVEY_E_SHORT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    covey_bytes input = covey_bytes_of(data, size);
    covey_spki spki;

    if (covey_spki_parse(&spki, input) == COVEY_OK) {
        oracle(spki.whole.ptr == data && spki.whole.len == size);
        check(&spki, input);
        oracle(covey_spki_of_certificate(&spki, input) != COVEY_OK);
    }
    if (covey_spki_of_certificate(&spki, input) == COVEY_OK) {
        oracle(spki.whole.len < size);
        check(&spki, input);
        input.len--;
        oracle(covey_spki_of_certificate(&spki, input) == COVEY_E_SHORT);
    }
    return 0;
}
