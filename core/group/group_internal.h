/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of this module share. */
#ifndef COVEY_GROUP_INTERNAL_H
#define COVEY_GROUP_INTERNAL_H

#include <covey/group.h>

/* Sets what parameters say themselves: no key, no length. */
void covey__group_adopt(covey_group *g, const covey_group_parameters *p);
/* What follows from parameters that have been checked and adopted; crypto is
 * set. After a failure *g is to be wiped. */
covey_status covey__group_derive(covey_group *g,
                                 const covey_group_parameters *p);
/* Sender Key or Recipient Key of the member with this ID, raw. */
covey_status covey__group_member_key(const covey_group *g, covey_bytes id,
                                     covey_writer *out);
/* As covey_group_derive_pairwise_key. */
covey_status covey__group_pairwise(const covey_group *g,
                                   const covey_group_pair *pair,
                                   covey_writer *scratch, covey_writer *out);

/* Parameters as for derive and own ID, of which nothing has been stored yet:
 * replaces the common part and the Sender Key. After a failure *g is to be
 * wiped, but keeps no key. */
covey_status covey__group_install(covey_group *g,
                                  const covey_group_parameters *p,
                                  covey_bytes sender_id);
/* A new Sender Key for this ID, all numbers unused. As install. */
covey_status covey__group_become(covey_group *g, covey_bytes sender_id);

/* One message between encryption and signature. Set before prepare are alg and
 * key, all that comes before nonce_storage, and of the binding what is not the
 * same in all messages of the group. */
typedef struct covey__group_text {
    const covey_alg *alg;
    covey_key *key;
    covey_bytes id;  /* who generated the Partial IV */
    covey_bytes piv; /* that the nonce is made of */
    covey_group_binding binding;
    bool request;
    /* After prepare. */
    uint8_t nonce_storage[COVEY_NONCE_MAX];
    covey_bytes nonce;
    covey_group_inputs inputs;
} covey__group_text;

/* Algorithm and key of a mode: for what is sent to `peer`, NULL being all, or
 * for what has come from it. A key is derived when first asked for. */
covey_status covey__group_send_key(covey_group *g, covey__group_text *t,
                                   covey_group_recipient *peer,
                                   const covey_oscore_work *work);
covey_status covey__group_receive_key(covey_group *g, covey__group_text *t,
                                      covey_group_recipient *peer,
                                      bool pairwise,
                                      const covey_oscore_work *work);
/* Drops what has been derived for a recipient. */
void covey__group_drop_derived(covey_group *g, covey_group_recipient *r);
/* Wipes a row of the table, but for its window. */
void covey__group_forget(covey_group *g, covey_group_recipient *r);
/* Gives the window of a recipient a new beginning. */
void covey__group_new_window(covey_group_recipient *r, uint64_t floor);

/* A request under the present context. */
void covey__group_exchange_begin(covey_group_exchange *x, const covey_group *g,
                                 covey_bytes kid, covey_bytes piv);
void covey__group_set_peer(covey_group_exchange *x, covey_bytes id);

/* Binds a message to the request that it is or answers, whose nonce it uses as
 * long as nothing else is said. */
void covey__group_bind(covey__group_text *t, const covey_group_exchange *x);

/* Nonce and external_aad; the scratch must do for `len` bytes of ciphertext,
 * which are signed over. COVEY_E_ROOM. */
covey_status covey__group_prepare(const covey_group *g, covey__group_text *t,
                                  const covey_oscore_work *work, size_t len);
/* Additional data: none without an AEAD. Good until the next call of
 * covey_group_to_be_signed. */
covey_bytes covey__group_aad(const covey__group_text *t);
/* XOR with the keystream of Section 4.2. */
covey_status covey__group_mask(const covey_group *g,
                               const covey__group_text *t, uint8_t *signature);

static inline covey_bytes covey__group_sender_id(const covey_group *g)
{
    return covey_bytes_of(g->sender_id, g->sender_id_len);
}

static inline covey_bytes
covey__group_recipient_id(const covey_group_recipient *r)
{
    return covey_bytes_of(r->id, r->id_len);
}

static inline covey_bytes covey__group_peer(const covey_group_exchange *x)
{
    return covey_bytes_of(x->peer, x->peer_len);
}

/* Has this server answered before? Otherwise its row, if it has one, is the
 * next free one. */
static inline bool covey__group_is_known(const covey_group_exchange *x,
                                         const covey_group_answer *answer)
{
    return answer != NULL && answer < x->answers + x->answer_count;
}

/* Is there a place for this response? Finds out where it is noted. */
covey_unprotect covey__group_check_order(const covey_group *g,
                                         const covey_group_exchange *x,
                                         covey_group_received *r);

/* Section 2.2: the algorithm that Sender and Recipient Keys are for. */
static inline int32_t
covey__group_key_alg(const covey_group_algorithms *algorithms)
{
    return algorithms->group_enc != COVEY_ALG_UNSET ? algorithms->group_enc
                                                    : algorithms->aead;
}

#endif
