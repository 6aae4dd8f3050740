/* SPDX-License-Identifier: BSD-2-Clause */
/* Certificates in DER or PEM: the first is the anchor, the others the chain of
 * a member with the Sender ID 25 0a. Who is trusted has a key that the core
 * finds, and is no longer trusted with any bit changed, or with
 * another ID. */
#include <covey/spki.h>
#include <covey/x509.h>

#include <stdlib.h>
#include <string.h>

enum {
    CERTIFICATES = 6,
    FILE_MAX = 16384
};

/* The certificates of the corpus are valid then. */
#define NOW 1800000000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void oracle(bool ok)
{
    if (!ok) {
        abort();
    }
}

static covey_x509_verdict ask(const covey_x509_question *q)
{
    covey_x509_answer a;
    const covey_x509_verdict verdict = covey_x509_check(q, &a);

    oracle(verdict == a.verdict && a.at <= q->chain_count);
    oracle(verdict >= COVEY_X509_TRUSTED && verdict <= COVEY_X509_HOST);
    oracle(a.why != NULL && a.why[0] != '\0' && a.source != NULL);
    return verdict;
}

/* `turn` chooses the bit. */
static void check_trusted(covey_x509_question q, covey_bytes *chain,
                          size_t turn)
{
    static uint8_t copy[FILE_MAX];
    static const uint8_t other_id[] = { 0x25, 0x0b };
    const covey_bytes leaf = chain[0];
    covey_spki spki;

    oracle(covey_spki_of_certificate(&spki, leaf) == COVEY_OK);
    oracle(spki.algorithm == COVEY_SPKI_ED25519 ||
           spki.algorithm == COVEY_SPKI_X25519 ||
           spki.algorithm == COVEY_SPKI_P256);
    memcpy(copy, leaf.ptr, leaf.len);
    copy[turn % leaf.len] ^= (uint8_t)(1u << turn % 7);
    chain[0].ptr = copy;
    oracle(ask(&q) != COVEY_X509_TRUSTED);
    chain[0] = leaf;
    q.id = covey_bytes_of(other_id, sizeof other_id);
    oracle(ask(&q) == COVEY_X509_OTHER_ID);
    q.now.unix_known = false;
    oracle(ask(&q) == COVEY_X509_UNKNOWN_TIME);
}

static void check(covey_bytes *certificates, size_t count, size_t turn)
{
    static const uint8_t id[] = { 0x25, 0x0a };
    const covey_x509_question q = {
        .anchors = certificates,
        .anchor_count = 1,
        .chain = certificates + 1,
        .chain_count = count - 1,
        .now = { .unix_s = NOW, .unix_known = true },
        .id = covey_bytes_of(id, sizeof id),
    };

    for (size_t i = 0; i < count; i++) {
        covey_x509_view view = { .key_bits = 0 };
        const covey_status st = covey_x509_view_of(certificates[i], &view);
        oracle(st == COVEY_OK || view.valid_until == 0);
        (void)covey_x509_is_for(certificates[i], "192.0.2.1");
    }
    if (ask(&q) == COVEY_X509_TRUSTED) {
        check_trusted(q, certificates + 1, turn);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t storage[FILE_MAX];
    covey_writer der = covey_writer_of(storage, sizeof storage);
    const covey_bytes file = covey_bytes_of(data, size);
    covey_bytes certificates[CERTIFICATES];
    size_t count = 0;

    if (size > FILE_MAX) {
        return 0;
    }
    if (covey_x509_read_der(file, certificates, CERTIFICATES, &count) ==
            COVEY_OK &&
        count > 0) {
        check(certificates, count, data[size - 1] + size);
    }
    if (covey_x509_read_pem(file, &der, certificates, CERTIFICATES, &count) ==
            COVEY_OK &&
        count > 0) {
        check(certificates, count, der.pos);
    }
    return 0;
}
