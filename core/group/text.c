/* SPDX-License-Identifier: BSD-2-Clause */
/* What sender and receiver of a message compute alike, RFC 10021 Sections 3.3,
 * 3.4 and 4.2. */
#include "group_internal.h"

#include <string.h>

void covey__group_set_peer(covey_group_exchange *x, covey_bytes id)
{
    x->peer_len = (uint8_t)id.len;
    covey_oscore_copy(x->peer, id);
}

void covey__group_exchange_begin(covey_group_exchange *x, const covey_group *g,
                                 covey_bytes kid, covey_bytes piv)
{
    memset(x, 0, sizeof *x);
    x->own_ids = g->own_ids;
    covey_oscore_exchange_begin(&x->request, kid, piv);
    x->group = g;
    x->gid = g->gid;
    x->epoch = g->epoch;
}

void covey__group_bind(covey__group_text *t, const covey_group_exchange *x)
{
    /* Copied from here, both take less code than one from the other. */
    const covey_bytes kid = covey_oscore_request_kid(&x->request);
    const covey_bytes piv = covey_oscore_request_piv(&x->request);

    t->id = kid;
    t->piv = piv;
    t->binding.request_kid = kid;
    t->binding.request_piv = piv;
    t->binding.request_kid_context = x->gid;
}

covey_status covey__group_prepare(const covey_group *g, covey__group_text *t,
                                  const covey_oscore_work *work, size_t len)
{
    /* Section 3.3: the first bytes of the Common IV. */
    const covey_bytes iv = covey_bytes_of(g->common_iv, t->alg->nonce_len);
    covey_status st = covey_oscore_nonce(t->nonce_storage, iv, t->id, t->piv);

    t->nonce = covey_bytes_of(t->nonce_storage, t->alg->nonce_len);
    t->binding.options = covey_bytes_of(NULL, 0);
    t->binding.gm_cred = g->gm_cred;
    if (st == COVEY_OK) {
        st = covey_group_inputs_begin(&t->inputs, work->scratch,
                                      work->scratch_cap, &g->algorithms,
                                      &t->binding);
    }
    if (st == COVEY_OK && COVEY_GROUP_INPUTS_MAX(t->inputs.external_aad.len,
                                                 len) > work->scratch_cap) {
        st = COVEY_E_ROOM;
    }
    return st;
}

covey_bytes covey__group_aad(const covey__group_text *t)
{
    /* RFC 9459 Section 6: AAD with CTR is an error. */
    return t->alg->kind == COVEY_ALG_AEAD
               ? covey_group_enc_structure(&t->inputs)
               : covey_bytes_of(NULL, 0);
}

covey_status covey__group_mask(const covey_group *g,
                               const covey__group_text *t, uint8_t *signature)
{
    const covey_group_mask mask = {
        .sek = covey_bytes_of(g->sek, g->sek_len),
        .id = t->id,
        .piv = t->piv,
        .gid = g->gid,
        .hkdf = g->hkdf,
        .request = t->request,
    };

    return covey_group_mask_apply(&mask, g->crypto, signature,
                                  g->signature_len);
}
