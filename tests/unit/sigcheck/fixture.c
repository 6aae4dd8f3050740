/* SPDX-License-Identifier: BSD-2-Clause */
#include "fixture.h"

#define SHORTEST 9u /* tag and code */

void group_open(struct group *g)
{
    const covey_crypto *toy = &covey_toy;

    memset(g, 0, sizeof *g);
    g->checker = (covey_sigcheck){
        .crypto = toy,
        .algorithms = { COVEY_AES_CCM_16_64_128, COVEY_AES_CCM_16_64_128,
                        COVEY_EDDSA, COVEY_ECDH_SS_HKDF_256 },
        .hkdf = COVEY_HMAC_256_256,
        .curve = COVEY_ED25519,
        .gid = SPAN("\xdd\x11"),
        .gm_cred = SPAN("credential of the Group Manager"),
        .sek = SPAN("0123456789abcdef"),
    };
    g->client = (covey_sigcheck_signer){ SPAN("\x25"), SPAN("the client's"),
                                         &g->client_key };
    g->server = (covey_sigcheck_signer){ SPAN("\x52"), SPAN("the server's"),
                                         &g->server_key };
    CHECK_STATUS(COVEY_OK,
                 toy->private_key(toy->provider, COVEY_ED25519,
                                  SPAN("client client client client clie"),
                                  &g->client_key));
    CHECK_STATUS(COVEY_OK,
                 toy->private_key(toy->provider, COVEY_ED25519,
                                  SPAN("server server server server serv"),
                                  &g->server_key));
}

static void put_signature(const struct group *g, const struct draft *d,
                          const covey_group_binding *b, covey_bytes sealed,
                          covey_writer *payload)
{
    const covey_crypto *crypto = g->checker.crypto;
    const bool own_piv = d->option.partial_iv.ptr != NULL;
    const covey_group_mask mask = {
        .sek = g->checker.sek,
        .id = own_piv ? d->signer->id : b->request_kid,
        .piv = own_piv ? d->option.partial_iv : b->request_piv,
        .gid = g->checker.gid,
        .hkdf = g->checker.hkdf,
        .request = d->code >> 5 == 0,
    };
    uint8_t scratch[1024];
    covey_group_inputs in;
    covey_bytes tbs;
    const size_t start = payload->pos;

    CHECK_STATUS(COVEY_OK,
                 covey_group_inputs_begin(&in, scratch, sizeof scratch,
                                          &g->checker.algorithms, b));
    CHECK_STATUS(COVEY_OK, covey_group_to_be_signed(&in, sealed, &tbs));
    CHECK_STATUS(COVEY_OK,
                 crypto->sign(crypto->provider, d->signer->key,
                              g->checker.algorithms.signature, tbs, payload));
    CHECK_STATUS(COVEY_OK,
                 covey_group_mask_apply(&mask, crypto, payload->base + start,
                                        payload->pos - start));
}

covey_coap_message group_sign(const struct group *g, const struct draft *d)
{
    static uint8_t room[512];
    uint8_t value[64];
    uint8_t content[256];
    covey_writer v = covey_writer_of(value, sizeof value);
    covey_writer payload = covey_writer_of(content, sizeof content);
    covey_writer out = covey_writer_of(room, sizeof room);
    const covey_coap_message head = { .code = d->code, .token = SPAN("tk") };
    covey_group_binding b = {
        .request_kid = covey_bytes_of(d->request->kid, d->request->kid_len),
        .request_piv = covey_bytes_of(d->request->piv, d->request->piv_len),
        .request_kid_context = d->request->gid,
        .sender_cred = d->signer->credential,
        .gm_cred = g->checker.gm_cred,
    };
    covey_coap_composer c;
    covey_coap_message m;

    covey_oscore_value_put(&v, &d->option);
    b.option = covey_written(&v);
    (void)covey_write_reserve(&payload,
                              d->sealed_len ? d->sealed_len : SHORTEST);
    if (d->option.group) {
        put_signature(g, d, &b, covey_written(&payload), &payload);
    }
    c = covey_coap_compose(&out, &head);
    covey_coap_put_option(&c, COVEY_OPTION_OSCORE, b.option);
    covey_coap_put_payload(&c, covey_written(&payload));
    CHECK_STATUS(COVEY_OK, covey_coap_finish(&c));
    CHECK_STATUS(COVEY_OK, covey_coap_parse(&m, covey_written(&out)));
    return m;
}

covey_coap_message group_request(const struct group *g, bool pairwise,
                                 covey_sigcheck_request *request)
{
    const struct draft d = {
        .code = COVEY_COAP_CODE(0, 2),
        .option = { .group = !pairwise,
                    .partial_iv = SPAN("\1"),
                    .kid_context = g->checker.gid,
                    .kid = g->client.id },
        .signer = &g->client,
        .request = request,
    };

    *request = (covey_sigcheck_request){
        .gid = g->checker.gid,
        .pairwise = pairwise,
        .kid_len = 1,
        .piv_len = 1,
        .kid = { 0x25 },
        .piv = { 1 },
    };
    return group_sign(g, &d);
}
