/* SPDX-License-Identifier: BSD-2-Clause */
/* Checking the signature of a group-mode message without the keys to read it,
 * RFC 10021 Section 7.5. In scratch: the signature without its mask, then what
 * was signed. */
#include <covey/sigcheck.h>

#include <string.h>

/* Classes of codes, RFC 7252 Section 3. */
enum {
    CLASS_REQUEST = 0,
    CLASS_RESPONSE = 2, /* to CLASS_RESPONSE_LAST */
    CLASS_RESPONSE_LAST = 5
};

static bool is_request(const covey_coap_message *m)
{
    return m->code >> 5 == CLASS_REQUEST && m->code != COVEY_COAP_EMPTY;
}

static bool is_response(const covey_coap_message *m)
{
    return m->code >> 5 >= CLASS_RESPONSE &&
           m->code >> 5 <= CLASS_RESPONSE_LAST;
}

/* One number has one encoding, the shortest (RFC 8613 Section 5). */
static bool is_shortest(covey_bytes piv)
{
    return piv.len <= 1 || piv.ptr[0] != 0;
}

/* Absent or present: identifiers of no bytes are the same. */
static bool is_same(covey_bytes a, covey_bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* 0 if the group has no signature of a fixed length. */
static size_t signature_len(const covey_sigcheck *g)
{
    return covey_signature_len(g->algorithms.signature, g->curve);
}

covey_status covey_sigcheck_ready(const covey_sigcheck *g)
{
    const covey_alg *cipher = covey_aead_find(g->algorithms.group_enc);

    if (cipher == NULL || signature_len(g) == 0) {
        return COVEY_E_UNSUPPORTED;
    }
    return g->sek.len == cipher->key_len ? COVEY_OK : COVEY_E_RANGE;
}

/* Whether the parts are there that a message of its kind has. */
static bool is_complete(const covey_oscore_option *o,
                        const covey_coap_message *outer)
{
    if (!is_request(outer)) {
        return is_response(outer);
    }
    return o->partial_iv.ptr != NULL && o->kid.ptr != NULL &&
           o->kid_context.ptr != NULL;
}

/* The OSCORE option of a message of this group, in either mode. */
static covey_status read_option(const covey_sigcheck *g,
                                const covey_coap_message *outer,
                                covey_oscore_option *option,
                                covey_bytes *value)
{
    covey_status st = covey_oscore_value_find(option, value, outer);

    if (st != COVEY_OK) {
        return st;
    }
    if (!is_shortest(option->partial_iv) || !is_complete(option, outer)) {
        return COVEY_E_FORMAT;
    }
    if (option->kid.len > COVEY_SIGCHECK_KID_MAX) {
        return COVEY_E_RANGE;
    }
    return option->kid_context.ptr == NULL ||
                   is_same(option->kid_context, g->gid)
               ? COVEY_OK
               : COVEY_E_NO_CONTEXT;
}

/* The same in group mode only. */
static covey_status read_signed(const covey_sigcheck *g,
                                const covey_coap_message *outer,
                                covey_oscore_option *option,
                                covey_bytes *value)
{
    covey_status st = read_option(g, outer, option, value);

    return st == COVEY_OK && !option->group ? COVEY_E_UNSUPPORTED : st;
}

covey_status covey_sigcheck_sender(const covey_sigcheck *g,
                                   const covey_coap_message *outer,
                                   covey_oscore_option *option)
{
    covey_oscore_option o;
    covey_bytes value;
    covey_status st = read_signed(g, outer, &o, &value);

    if (st == COVEY_OK) {
        *option = o;
    }
    return st;
}

covey_status covey_sigcheck_note(const covey_sigcheck *g,
                                 const covey_coap_message *outer,
                                 covey_sigcheck_request *request)
{
    covey_oscore_option o;
    covey_bytes value;
    covey_status st = read_option(g, outer, &o, &value);

    if (st == COVEY_OK && !is_request(outer)) {
        st = COVEY_E_ARGUMENT;
    }
    if (st != COVEY_OK) {
        return st;
    }
    *request = (covey_sigcheck_request){
        .gid = g->gid,
        .pairwise = !o.group,
        .kid_len = (uint8_t)o.kid.len,
        .piv_len = (uint8_t)o.partial_iv.len,
    };
    memcpy(request->kid, o.kid.ptr, o.kid.len);
    memcpy(request->piv, o.partial_iv.ptr, o.partial_iv.len);
    return COVEY_OK;
}

/* Whether a message can be of this signer. */
static covey_status attribute(const covey_oscore_option *o,
                              const covey_sigcheck_signer *signer,
                              const covey_sigcheck_request *request)
{
    if (o->kid.ptr == NULL) {
        return request->pairwise ? COVEY_OK : COVEY_E_FORMAT;
    }
    return is_same(o->kid, signer->id) ? COVEY_OK : COVEY_E_ARGUMENT;
}

/* What a message is bound to, and what masks its signature. */
static covey_status bind(const covey_sigcheck *g,
                         const covey_coap_message *outer,
                         const covey_sigcheck_signer *signer,
                         const covey_sigcheck_request *request,
                         covey_group_binding *b, covey_group_mask *mask)
{
    covey_oscore_option o;
    covey_bytes value;
    covey_status st = read_signed(g, outer, &o, &value);

    if (st == COVEY_OK) {
        st = attribute(&o, signer, request);
    }
    if (st != COVEY_OK) {
        return st;
    }
    *b = (covey_group_binding){
        .request_kid = covey_bytes_of(request->kid, request->kid_len),
        .request_piv = covey_bytes_of(request->piv, request->piv_len),
        .request_kid_context = request->gid,
        .option = value,
        .sender_cred = signer->credential,
        .gm_cred = g->gm_cred,
    };
    *mask = (covey_group_mask){ g->sek, b->request_kid, b->request_piv,
                                g->gid, g->hkdf,        is_request(outer) };
    if (o.partial_iv.ptr != NULL) {
        mask->id = signer->id;
        mask->piv = o.partial_iv;
    }
    return COVEY_OK;
}

/* Takes the mask off a copy of the signature. */
static covey_status verify(const covey_sigcheck *g, covey_key *key,
                           const covey_group_mask *mask, covey_bytes tbs,
                           covey_bytes masked, uint8_t *copy)
{
    covey_status st;

    memcpy(copy, masked.ptr, masked.len);
    st = covey_group_mask_apply(mask, g->crypto, copy, masked.len);
    if (st == COVEY_OK) {
        st = g->crypto->verify(g->crypto->provider, key,
                               g->algorithms.signature, tbs,
                               covey_bytes_of(copy, masked.len));
    }
    covey_wipe(copy, masked.len);
    return st;
}

covey_status covey_sigcheck_check(const covey_sigcheck *g,
                                  const covey_coap_message *outer,
                                  const covey_sigcheck_signer *signer,
                                  const covey_sigcheck_request *request,
                                  uint8_t *scratch, size_t scratch_cap)
{
    const covey_alg *cipher = covey_aead_find(g->algorithms.group_enc);
    const size_t len = signature_len(g);
    covey_bytes sealed = outer->payload;
    covey_group_binding binding;
    covey_group_mask mask;
    covey_group_inputs in;
    covey_bytes tbs;
    covey_status st = covey_sigcheck_ready(g);

    if (st == COVEY_OK) {
        st = bind(g, outer, signer, request, &binding, &mask);
    }
    if (st != COVEY_OK) {
        return st;
    }
    if (sealed.len <= len + cipher->out_len) { /* the inner code at least */
        return COVEY_E_SHORT;
    }
    if (scratch_cap < len) {
        return COVEY_E_ROOM;
    }
    st = covey_group_inputs_begin(&in, scratch + len, scratch_cap - len,
                                  &g->algorithms, &binding);
    sealed.len -= len;
    if (st == COVEY_OK) {
        st = covey_group_to_be_signed(&in, sealed, &tbs);
    }
    if (st != COVEY_OK) {
        return st;
    }
    return verify(g, signer->key, &mask, tbs,
                  covey_bytes_of(sealed.ptr + sealed.len, len), scratch);
}
