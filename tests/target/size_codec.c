/* SPDX-License-Identifier: BSD-2-Clause */
/* What an image with OSCORE has besides it: base and the C library's memcmp,
 * the CoAP codec, names and lengths of algorithms. The text of
 * size_protection.c less this one is what oscore, group, cbor and cose add
 * (tools/size-report). */
#include <covey/coap_options.h>
#include <covey/crypto.h>

static uint8_t *volatile storage;
static volatile uint32_t number;

static unsigned codec(void)
{
    covey_bytes bytes = covey_bytes_of(storage, number);
    covey_writer out = covey_writer_of(storage, number);
    covey_writer text = covey_writer_of(storage, number);
    covey_coap_message m;
    covey_coap_option_iter it;
    covey_coap_option option;
    covey_coap_composer c;
    unsigned sum =
        covey_coap_parse(&m, bytes) | covey_coap_parse_inner(&m, bytes);

    c = covey_coap_compose(&out, &m);
    c = covey_coap_compose_inner(&out, m.code);
    c = covey_coap_compose_stream(&out, &m);
    it = covey_coap_options_of(&m);
    while (covey_coap_option_next(&it, &option)) {
        covey_coap_put_option(&c, option.number, option.value);
    }
    covey_coap_put_payload(&c, m.payload);
    return sum | covey_coap_finish(&c) | text.failed;
}

static unsigned options(void)
{
    covey_bytes bytes = covey_bytes_of(storage, number);
    covey_writer out = covey_writer_of(storage, number);
    covey_coap_message m = { .options = bytes };
    covey_oscore_option option;
    covey_uri uri;
    covey_uri_segments path;
    uint8_t value[4];
    uint32_t v = 0;
    unsigned sum = covey_option_uint(bytes, &v) | covey_uri_parse(&uri, bytes);

    path = covey_uri_path_segments(&uri);
    path.left = covey_uri_query_segments(&uri).left;
    sum |= covey_uri_next_segment(&path, &out, &bytes);
    sum |= covey_option_get(&m, (uint16_t)number, &bytes);
    sum |= covey_oscore_value_find(&option, &bytes, &m);
    covey_oscore_value_put(&out, &option);
    sum |= covey_bytes_equal(bytes, covey_written(&out));
    return sum | covey_option_uint_encode(v, value).len;
}

static unsigned algorithms(void)
{
    const covey_alg *alg = covey_alg_find((int32_t)number);
    const covey_alg *aead = covey_aead_find((int32_t)number);
    unsigned sum = (unsigned)covey_signature_len((int32_t)number, 1) |
                   covey_alg_is((int32_t)number, COVEY_ALG_HMAC);

    covey_wipe(storage, number);
    return sum + (alg ? alg->key_len : 0u) + (aead ? aead->nonce_len : 0u);
}

int main(void)
{
    return (int)(codec() + options() + algorithms());
}
