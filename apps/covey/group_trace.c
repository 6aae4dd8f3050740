/* SPDX-License-Identifier: BSD-2-Clause */
/* The way from a message to what it protects, step by step, with the parts of
 * the core that groups and their checkers share. */
#include "group_message.h"

#include <stdlib.h>
#include <string.h>

/* What the steps hand on. */
struct steps {
    group_report *report;
    group_session *s;
    const group_trace *t;
    const covey_alg *alg;
    bool group_mode;
    covey_bytes piv;    /* as used */
    covey_bytes piv_id; /* whose Partial IV that is */
    uint8_t nonce[COVEY_NONCE_MAX];
    size_t signature_len;
    covey_bytes ciphertext;
    covey_bytes masked; /* signature */
    covey_group_inputs inputs;
};

static void report_option(struct steps *x)
{
    const covey_oscore_option *o = &x->t->message->option;

    group_report_bytes(x->report, "oscore_option_value", x->t->message->value);
    if (o->partial_iv.ptr != NULL) {
        group_report_bytes(x->report, "partial_iv", o->partial_iv);
    }
    if (o->kid_context.ptr != NULL) {
        group_report_bytes(x->report, "kid_context", o->kid_context);
    }
    if (o->kid.ptr != NULL) {
        group_report_bytes(x->report, "kid", o->kid);
    }
}

/* Section 3.3: the first bytes of the Common IV, as many as the nonce has. */
static bool find_nonce(struct steps *x)
{
    const covey_bytes common_iv =
        covey_bytes_of(x->s->keys.common_iv, x->alg->nonce_len);

    if (x->t->checks) {
        return true;
    }
    if (covey_oscore_nonce(x->nonce, common_iv, x->piv_id, x->piv) !=
        COVEY_OK) {
        return false;
    }
    group_report_bytes(x->report, "nonce",
                       covey_bytes_of(x->nonce, x->alg->nonce_len));
    return true;
}

/* Which bytes of the payload are what. */
static bool cut(struct steps *x)
{
    const covey_bytes payload = x->t->message->coap.payload;
    const size_t tag = x->alg->out_len;

    if (payload.len < x->signature_len ||
        payload.len - x->signature_len < tag + 1) {
        return false;
    }
    x->ciphertext =
        covey_bytes_of(payload.ptr, payload.len - x->signature_len);
    x->masked =
        covey_bytes_of(payload.ptr + x->ciphertext.len, x->signature_len);
    return true;
}

static bool begin(struct steps *x)
{
    const covey_group_parameters *p = &x->s->context->parameters;
    const covey_oscore_option *own = &x->t->message->option;
    const covey_oscore_option *request = &x->t->request->option;

    x->group_mode = own->group;
    x->alg = covey_aead_find(x->group_mode ? p->algorithms.group_enc
                                           : p->algorithms.aead);
    if (x->alg == NULL || x->t->from == NULL || x->t->request == NULL) {
        return false;
    }
    if (x->group_mode) {
        x->signature_len =
            covey_signature_len(p->algorithms.signature, (int32_t)p->curve);
    }
    x->piv =
        own->partial_iv.ptr != NULL ? own->partial_iv : request->partial_iv;
    x->piv_id = own->partial_iv.ptr != NULL ? x->t->from->id : request->kid;
    return cut(x);
}

static bool bind(struct steps *x, uint8_t *scratch, size_t cap)
{
    const covey_group_parameters *p = &x->s->context->parameters;
    const covey_oscore_option *request = &x->t->request->option;
    const covey_group_binding binding = {
        .request_kid = request->kid,
        .request_piv = request->partial_iv,
        .request_kid_context = request->kid_context,
        .option = x->t->message->value,
        .sender_cred = x->t->from->credential,
        .gm_cred = p->gm_cred,
    };
    covey_writer w = covey_writer_of(scratch, cap);

    covey_group_put_external_aad(&w, &p->algorithms, &binding);
    if (w.failed != COVEY_OK) {
        return false;
    }
    group_report_bytes(x->report, "external_aad", covey_written(&w));
    if (covey_group_inputs_begin(&x->inputs, scratch, cap, &p->algorithms,
                                 &binding) != COVEY_OK) {
        return false;
    }
    if (x->alg->kind == COVEY_ALG_AEAD && !x->t->checks) {
        group_report_bytes(x->report, "aad",
                           covey_group_enc_structure(&x->inputs));
    }
    return true;
}

/* The plaintext if the key gives one. */
static void decrypt(struct steps *x, covey_bytes raw)
{
    const covey_crypto *c = &x->s->crypto;
    uint8_t *plain = malloc(x->ciphertext.len);
    covey_writer w = covey_writer_of(plain, x->ciphertext.len);
    const covey_bytes aad = x->alg->kind == COVEY_ALG_AEAD
                                ? covey_group_enc_structure(&x->inputs)
                                : covey_bytes_of(NULL, 0);
    covey_key key;

    if (plain != NULL &&
        c->cipher_key(c->provider, x->alg->id, raw, &key) == COVEY_OK) {
        if (c->open(c->provider, &key,
                    covey_bytes_of(x->nonce, x->alg->nonce_len), aad,
                    x->ciphertext, &w) == COVEY_OK) {
            group_report_bytes(x->report, "plaintext", covey_written(&w));
        }
        c->key_drop(c->provider, &key);
        covey_wipe(plain, x->ciphertext.len);
    }
    free(plain);
}

static void report_key(struct steps *x)
{
    group_pair_keys keys;
    const covey_status st = group_session_pair(
        x->s, x->t->from, x->group_mode ? NULL : x->t->to, &keys);
    const covey_bytes key = x->group_mode
                                ? covey_bytes_of(keys.from_key, keys.from_len)
                                : covey_bytes_of(keys.key, keys.len);

    if (st == COVEY_OK && key.len > 0) {
        group_report_secret(x->report, "encryption_key", key);
        if (!x->t->withheld) {
            decrypt(x, key);
        }
    }
    covey_wipe(&keys, sizeof keys);
}

static void report_signature(struct steps *x, uint8_t *info, size_t cap)
{
    const covey_group_parameters *p = &x->s->context->parameters;
    const covey_group_mask mask = {
        .sek = covey_bytes_of(x->s->keys.sek, x->s->keys.sek_len),
        .id = x->piv_id,
        .piv = x->piv,
        .gid = p->gid,
        .hkdf = p->hkdf,
        .request = x->t->message->request,
    };
    uint8_t keystream[COVEY_SIGNATURE_MAX] = { 0 };
    uint8_t plain[COVEY_SIGNATURE_MAX];
    covey_writer w = covey_writer_of(info, cap);
    covey_bytes tbs;

    if (covey_group_to_be_signed(&x->inputs, x->ciphertext, &tbs) ==
        COVEY_OK) {
        group_report_bytes(x->report, "to_be_signed", tbs);
    }
    if (covey_group_mask_info(&w, &mask, x->signature_len) != COVEY_OK ||
        covey_group_mask_apply(&mask, &x->s->crypto, keystream,
                               x->signature_len) != COVEY_OK) {
        return;
    }
    for (size_t i = 0; i < x->signature_len; i++) {
        plain[i] = x->masked.ptr[i] ^ keystream[i];
    }
    group_report_bytes(x->report, "signature",
                       covey_bytes_of(plain, x->signature_len));
    group_report_bytes(x->report, "keystream_salt", x->piv);
    group_report_bytes(x->report, "keystream_info", covey_written(&w));
    if (x->report->keys) {
        group_report_bytes(x->report, "keystream",
                           covey_bytes_of(keystream, x->signature_len));
    }
    group_report_bytes(x->report, "masked_signature", x->masked);
    covey_wipe(keystream, sizeof keystream);
}

void group_trace_report(group_report *r, group_session *s,
                        const group_trace *t)
{
    struct steps x = { .report = r, .s = s, .t = t };
    const covey_group_parameters *p = &s->context->parameters;
    const size_t aad_max =
        COVEY_GROUP_AAD_MAX(COVEY_OSCORE_ID_CONTEXT_MAX, t->message->value.len,
                            s->cred_max, s->cred_max);
    const size_t cap =
        COVEY_GROUP_INPUTS_MAX(aad_max, t->message->coap.payload.len);
    /* Behind the inputs: info of the keystream, which is shorter. */
    const size_t info = p->gid.len + 32;
    uint8_t *scratch = malloc(cap + info);

    report_option(&x);
    if (scratch != NULL && begin(&x) && find_nonce(&x) &&
        bind(&x, scratch, cap)) {
        if (!t->checks) {
            report_key(&x);
        }
        group_report_bytes(r, "ciphertext", x.ciphertext);
        if (x.group_mode) {
            report_signature(&x, scratch + cap, info);
        }
    }
    free(scratch);
}
