/* SPDX-License-Identifier: BSD-2-Clause */
/* Signed data. What is accepted consists of its parts, in order; nothing
 * shorter is accepted; a verdict against its signer has a reason. */
#include <covey/its_data.h>

#include "crypto/scripted/scripted.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void oracle(bool ok)
{
    if (!ok) {
        abort();
    }
}

static bool inside(covey_bytes part, covey_bytes whole)
{
    return !part.ptr || (part.ptr >= whole.ptr &&
                         part.ptr + part.len <= whole.ptr + whole.len);
}

static void check_certificates(const covey_its_signed *d)
{
    covey_reader r = covey_reader_of(d->signer);
    covey_its_cert c;

    for (unsigned i = 0; i < d->signer_count; i++) {
        oracle(covey_its_cert_read(&c, &r, NULL) == COVEY_OK);
    }
    oracle(covey_read_done(&r));
}

static void check_peer(const covey_its_signed *d)
{
    covey_its_peer peer = { .end = UINT32_MAX };
    covey_its_expect e = { .now = 1,
                           .any_psid = true,
                           .pdu_type = d->header.pdu_type };
    covey_its_finding why = { .reason = COVEY_ITS_FINE };
    covey_its_verdict verdict;
    covey_reader r = covey_reader_of(d->signer);

    if (d->signer_kind == COVEY_ITS_SIGNER_CERTIFICATE) {
        oracle(covey_its_cert_read(&peer.cert, &r, NULL) == COVEY_OK);
    }
    if (d->data.ptr == NULL) {
        e.external = d->external;
    }
    verdict = covey_its_signed_verify(&peer, d, &e, &covey_toy, &why);
    oracle(verdict == COVEY_ITS_FAILED ||
           (verdict == COVEY_ITS_VALID) == (why.reason == COVEY_ITS_FINE));
    oracle(covey_its_reason_text(why.reason) != NULL);
    covey_its_peer_drop(&peer, &covey_toy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    covey_bytes input = covey_bytes_of(data, size);
    covey_its_finding why = { .reason = COVEY_ITS_FINE };
    covey_its_signed d;
    covey_its_content content;
    covey_bytes within;

    if (covey_its_signed_decode(&d, input, &why) != COVEY_OK) {
        oracle(why.reason != COVEY_ITS_FINE && why.in_data);
        return 0;
    }
    oracle(covey_its_content_of(&content, input) == COVEY_OK);
    oracle(content == COVEY_ITS_SIGNED);
    oracle(d.tbs.ptr == data + 3 && inside(d.tbs, input));
    oracle(inside(d.data, d.tbs) && inside(d.external, d.tbs));
    oracle(inside(d.header.location, d.tbs) && inside(d.signer, input));
    oracle(d.signature.s.ptr + d.signature.s.len == data + size);
    if (d.data.ptr) {
        oracle(covey_its_content_of(&content, d.data) == COVEY_OK);
        oracle(content == COVEY_ITS_SIGNED ||
               covey_its_unsecured(&within, d.data) == COVEY_OK);
    }
    if (d.signer_kind == COVEY_ITS_SIGNER_CERTIFICATE) {
        check_certificates(&d);
    }
    check_peer(&d);
    oracle(covey_its_signed_decode(&d, covey_bytes_of(data, size - 1), &why) ==
           COVEY_E_SHORT);
    return 0;
}
