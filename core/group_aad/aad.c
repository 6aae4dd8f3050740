/* SPDX-License-Identifier: BSD-2-Clause */
/* external_aad, RFC 10021 Section 3.4, and the two structures that hold it as
 * a byte string: what an AEAD authenticates, and what is signed. In scratch:
 *
 *       Countersign_structure's prefix
 *     |           Enc_structure's prefix
 *     |           |          head    external_aad    head    ciphertext
 *     0 .. 4      10 .. 14   21 ..   26
 *
 * The external_aad always begins at 26, its head (1 to 5 bytes) is put right
 * before it, and before that one prefix or the other: nothing is moved, and no
 * length has to be known in advance. */
#include <covey/group_aad.h>

#include <covey/cbor.h>

#include <string.h>

/* Array of three, "Encrypt0", h'' (RFC 9052 Section 5.3). */
static const uint8_t enc[] = { 0x83, 0x68, 'E', 'n', 'c', 'r',
                               'y',  'p',  't', '0', 0x40 };
/* Array of five, "CounterSignature0", h'', h''. RFC 9338 Section 3.3 can be
 * read as four elements for Countersignature0V2, without the second h''; the
 * vectors printed for groups and the implementations sign five. */
static const uint8_t countersign[] = { 0x85, 0x71, 'C', 'o', 'u', 'n',  't',
                                       'e',  'r',  'S', 'i', 'g', 'n',  'a',
                                       't',  'u',  'r', 'e', '0', 0x40, 0x40 };

enum {
    HEAD_MAX = 5, /* of lengths below 2^32 */
    FRONT = sizeof countersign + HEAD_MAX
};

static void put_algorithm(covey_writer *w, int32_t id)
{
    if (id == COVEY_ALG_UNSET) {
        covey_cbor_put_null(w);
    } else {
        covey_cbor_put_int(w, id);
    }
}

void covey_group_put_external_aad(covey_writer *w,
                                  const covey_group_algorithms *algorithms,
                                  const covey_group_binding *binding)
{
    /* Array of nine, version 1, array of four. */
    static const uint8_t begin[] = { 0x89, 0x01, 0x84 };

    covey_write_bytes(w, covey_bytes_of(begin, sizeof begin));
    put_algorithm(w, algorithms->aead);
    put_algorithm(w, algorithms->group_enc);
    put_algorithm(w, algorithms->signature);
    put_algorithm(w, algorithms->agreement);
    covey_cbor_put_bytes(w, binding->request_kid);
    covey_cbor_put_bytes(w, binding->request_piv);
    covey_cbor_put_bytes(w, binding->options);
    covey_cbor_put_bytes(w, binding->request_kid_context);
    covey_cbor_put_bytes(w, binding->option);
    covey_cbor_put_bytes(w, binding->sender_cred);
    covey_cbor_put_bytes(w, binding->gm_cred);
}

covey_status covey_group_inputs_begin(covey_group_inputs *in, uint8_t *scratch,
                                      size_t cap,
                                      const covey_group_algorithms *algorithms,
                                      const covey_group_binding *binding)
{
    /* More would need a head of nine bytes. */
    covey_writer w =
        covey_writer_of(scratch, cap < UINT32_MAX ? cap : UINT32_MAX);
    size_t len;
    size_t head;

    (void)covey_write_reserve(&w, FRONT);
    covey_group_put_external_aad(&w, algorithms, binding);
    if (w.failed != COVEY_OK) {
        return w.failed;
    }
    len = w.pos - FRONT;
    head = covey_cbor_head_size(len);
    w = covey_writer_of(scratch + FRONT - head, head);
    covey_cbor_put_bytes_head(&w, len);
    in->external_aad = covey_bytes_of(w.base, head + len);
    in->scratch = scratch;
    in->cap = cap;
    return w.failed;
}

/* A prefix and the external_aad. */
static covey_bytes join(const covey_group_inputs *in, const uint8_t *prefix,
                        size_t len)
{
    size_t at = (size_t)(in->external_aad.ptr - in->scratch) - len;

    memcpy(in->scratch + at, prefix, len);
    return covey_bytes_of(in->scratch + at, len + in->external_aad.len);
}

covey_bytes covey_group_enc_structure(const covey_group_inputs *in)
{
    return join(in, enc, sizeof enc);
}

covey_status covey_group_to_be_signed(const covey_group_inputs *in,
                                      covey_bytes ciphertext, covey_bytes *tbs)
{
    covey_bytes front = join(in, countersign, sizeof countersign);
    size_t at = (size_t)(front.ptr - in->scratch) + front.len;
    covey_writer w = covey_writer_of(in->scratch + at, in->cap - at);

    covey_cbor_put_bytes(&w, ciphertext);
    if (w.failed == COVEY_OK) {
        *tbs = covey_bytes_of(front.ptr, front.len + w.pos);
    }
    return w.failed;
}
