/* SPDX-License-Identifier: BSD-2-Clause */
#include "oscore_explain.h"

#include <covey/cbor.h>

#include <string.h>

covey_bytes oscore_option_of(const covey_coap_message *m)
{
    const covey_bytes none = { NULL, 0 };
    covey_coap_option_iter it = covey_coap_options_of(m);
    covey_coap_option o;

    while (covey_coap_option_next(&it, &o)) {
        if (o.number == COVEY_OPTION_OSCORE) {
            return o.value;
        }
    }
    return none;
}

void oscore_explain_keys(struct oscore_session *s, bool sender)
{
    const covey_oscore_keys *k = &s->keys;

    oscore_report_hex(&s->report, "common_iv",
                      covey_bytes_of(k->common_iv, k->iv_len));
    if (s->args->keys) {
        oscore_report_hex(
            &s->report, sender ? "sender_key" : "recipient_key",
            covey_bytes_of(sender ? k->sender_key : k->recipient_key,
                           k->key_len));
    }
}

void oscore_explain_option(struct oscore_session *s, covey_bytes value,
                           covey_oscore_option *option)
{
    covey_oscore_option o;

    memset(option, 0, sizeof *option);
    oscore_report_hex(&s->report, "oscore_option_value", value);
    if (value.ptr != NULL &&
        covey_oscore_option_parse(&o, value, COVEY_KUDOS_SEED) == COVEY_OK) {
        *option = o;
        oscore_report_hex(&s->report, "partial_iv", o.partial_iv);
        oscore_report_hex(&s->report, "kid", o.kid);
        oscore_report_hex(&s->report, "kid_context", o.kid_context);
    }
}

/* The aad_array of Section 5.4 is the external_aad in its Enc_structure. */
static void report_aad(struct oscore_report *report, covey_bytes aad)
{
    covey_cbor_reader r = covey_cbor_reader_of(aad, COVEY_CBOR_DETERMINISTIC);

    covey_cbor_get_array(&r);
    covey_cbor_get_text(&r);
    covey_cbor_get_bytes(&r);
    oscore_report_hex(report, "aad_array", covey_cbor_get_bytes(&r));
    oscore_report_hex(report, "aad", aad);
}

void oscore_explain_inputs(struct oscore_session *s,
                           const covey_oscore_exchange *exchange,
                           covey_bytes id, covey_bytes piv)
{
    const covey_bytes common_iv =
        covey_bytes_of(s->keys.common_iv, s->keys.iv_len);
    uint8_t aad_storage[COVEY_OSCORE_AAD_MAX];
    uint8_t nonce[COVEY_NONCE_MAX];
    covey_writer aad = covey_writer_of(aad_storage, sizeof aad_storage);

    if (exchange->piv_len == 0) {
        return; /* the option was malformed */
    }
    if (covey_oscore_aad(&aad, s->parameters->aead,
                         covey_bytes_of(exchange->kid, exchange->kid_len),
                         covey_bytes_of(exchange->piv, exchange->piv_len)) ==
        COVEY_OK) {
        report_aad(&s->report, covey_written(&aad));
    }
    if (covey_oscore_nonce(nonce, common_iv, id, piv) == COVEY_OK) {
        oscore_report_hex(&s->report, "nonce",
                          covey_bytes_of(nonce, s->keys.iv_len));
    }
}
