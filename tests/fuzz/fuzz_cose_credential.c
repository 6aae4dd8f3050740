/* SPDX-License-Identifier: BSD-2-Clause */
/* An authentication credential, and the same bytes as a COSE_Key. A key that
 * is found lies inside, has the lengths of its curve, and comes back from its
 * deterministic encoding. */
#include <covey/cose.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void oracle(bool ok)
{
    if (!ok) {
        abort();
    }
}

static void check_inside(covey_bytes part, covey_bytes input)
{
    if (part.ptr != NULL) {
        oracle(part.ptr >= input.ptr &&
               part.ptr + part.len <= input.ptr + input.len);
    }
}

static void check_lengths(const covey_cose_key *key)
{
    uint8_t room[COVEY_PUBLIC_MAX];
    covey_writer w = covey_writer_of(room, sizeof room);
    bool ec2 = key->kty == COVEY_KTY_EC2;

    oracle(ec2 || key->kty == COVEY_KTY_OKP);
    oracle(ec2 == (key->curve <= COVEY_P521));
    oracle(key->x.len >= 32 && key->x.len <= COVEY_PRIVATE_MAX);
    oracle(key->y.ptr == NULL || (ec2 && key->y.len == key->x.len));
    oracle(key->d.ptr == NULL || key->d.len == key->x.len);
    covey_cose_key_put_public(&w, key);
    oracle(w.failed == COVEY_OK);
    oracle(w.pos == ec2 + key->x.len + key->y.len);
    oracle(!ec2 || room[0] == (key->y.ptr ? 4 : 2 + key->y_odd));
}

static void check_key(const covey_cose_key *key, covey_bytes input)
{
    static uint8_t storage[1 << 16];
    covey_writer w = covey_writer_of(storage, sizeof storage);
    covey_cbor_reader r;
    covey_cose_key again;

    check_inside(key->kid, input);
    check_inside(key->x, input);
    check_inside(key->y, input);
    check_inside(key->d, input);
    check_lengths(key);
    covey_cose_key_put(&w, key);
    if (w.failed != COVEY_OK) { /* a very long kid */
        return;
    }
    r = covey_cbor_reader_of(covey_written(&w), COVEY_CBOR_DETERMINISTIC);
    covey_cbor_skip(&r);
    oracle(covey_cbor_done(&r));
    oracle(covey_cose_key_parse(&again, covey_written(&w)) == COVEY_OK);
    oracle(again.kty == key->kty && again.curve == key->curve &&
           again.alg == key->alg && again.y_odd == key->y_odd);
    oracle(covey_bytes_equal(again.kid, key->kid) &&
           covey_bytes_equal(again.x, key->x) &&
           covey_bytes_equal(again.y, key->y) &&
           covey_bytes_equal(again.d, key->d));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    covey_bytes input = covey_bytes_of(data, size);
    covey_cose_credential_kind kind = covey_cose_credential_kind_of(input);
    covey_cose_key key;

    if (covey_cose_key_parse(&key, input) == COVEY_OK) {
        check_key(&key, input);
    }
    if (covey_cose_credential_key(&key, input) == COVEY_OK) {
        oracle(kind != COVEY_CREDENTIAL_UNKNOWN &&
               kind != COVEY_CREDENTIAL_C509);
        oracle(key.d.ptr == NULL);
        check_key(&key, input);
        input.len--;
        oracle(covey_cose_credential_key(&key, input) != COVEY_OK);
    }
    return 0;
}
