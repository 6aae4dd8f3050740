/* SPDX-License-Identifier: BSD-2-Clause */
/* A certificate. What is accepted comes back byte for byte when it is written
 * item by item, nothing shorter is accepted, and its canonical form is one. */
#include <covey/its.h>

#include "crypto/scripted/scripted.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t storage[COVEY_ITS_CERT_MAX];

static void oracle(bool ok)
{
    if (!ok) {
        abort();
    }
}

static void check(const covey_its_cert *c, covey_bytes input)
{
    covey_writer w = covey_writer_of(storage, sizeof storage);
    covey_its_cert canonical;
    covey_its_digest one;
    covey_its_digest two;

    oracle(covey_its_cert_encode(&w, c) == COVEY_OK);
    oracle(covey_bytes_equal(covey_written(&w), input));
    w = covey_writer_of(storage, sizeof storage);
    oracle(covey_its_tbs_encode(&w, c) == COVEY_OK);
    oracle(covey_bytes_equal(covey_written(&w), c->tbs));
    w = covey_writer_of(storage, sizeof storage);
    oracle(covey_its_cert_canonical(&w, c) == COVEY_OK);
    oracle(covey_its_cert_decode(&canonical, covey_written(&w), NULL) ==
           COVEY_OK);
    oracle(covey_its_cert_is_canonical(&canonical));
    oracle(covey_its_digest_of(&one, c, &covey_toy) ==
           covey_its_digest_of(&two, &canonical, &covey_toy));
    if (c->verify_key.alg != COVEY_ITS_SM2) {
        oracle(memcmp(&one, &two, sizeof one) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    covey_bytes input = covey_bytes_of(data, size);
    covey_its_finding why = { .reason = COVEY_ITS_FINE };
    covey_reader r = covey_reader_of(input);
    covey_its_cert c;
    covey_status st = covey_its_cert_decode(&c, input, &why);

    oracle((st == COVEY_OK) == (why.reason == COVEY_ITS_FINE));
    if (st == COVEY_OK) {
        check(&c, input);
        oracle(covey_its_cert_decode(&c, covey_bytes_of(data, size - 1),
                                     &why) == COVEY_E_SHORT);
    } else if (covey_its_cert_read(&c, &r, NULL) == COVEY_OK) {
        check(&c, covey_bytes_of(data, r.pos));
        oracle(r.pos < size && why.reason == COVEY_ITS_R_TRAILING);
    }
    return 0;
}
