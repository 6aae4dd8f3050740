/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of this module share. */
#ifndef COVEY_GROUP_INTERNAL_H
#define COVEY_GROUP_INTERNAL_H

#include <covey/group.h>

/* What all derivations under one Gid have in common. */
typedef struct covey__group_kdf {
    const covey_crypto *crypto;
    covey_bytes gid;
    int32_t hkdf;
} covey__group_kdf;

/* What follows from the parameters alone. */
typedef struct covey__group_common {
    covey_group_keys keys;
    uint8_t prk[COVEY_HASH_MAX]; /* HKDF-Extract of the Master Secret */
    uint8_t prk_len;
} covey__group_common;

/* In a group there always is a kid context: empty is not absent. */
covey_bytes covey__group_gid(covey_bytes gid);
/* *c is all zero after a failure. As covey_group_check. */
covey_status covey__group_derive(covey__group_common *c,
                                 const covey_group_parameters *p,
                                 const covey_crypto *crypto);
/* Sender Key or Recipient Key of the member with this ID, raw. */
covey_status covey__group_member_key(const covey_group *g, covey_bytes id,
                                     covey_writer *out);
covey_status covey__group_pairwise(const covey__group_kdf *k, int32_t aead,
                                   const covey_group_pair *pair,
                                   covey_writer *scratch, covey_writer *out);

/* Parameters and own ID, of which nothing has been stored yet: replaces the
 * common part and the Sender Key; *g is unusable after a failure, but keeps no
 * key. */
covey_status covey__group_install(covey_group *g,
                                  const covey_group_parameters *p,
                                  covey_bytes sender_id);
/* A new Sender Key for this ID, all numbers unused. As install. */
covey_status covey__group_become(covey_group *g, covey_bytes sender_id);

/* The keys of a recipient, made when first asked for. */
covey_status covey__group_recipient_key(covey_group *g,
                                        covey_group_recipient *r);
covey_status covey__group_pairwise_in(covey_group *g, covey_group_recipient *r,
                                      const covey_oscore_work *work);
covey_status covey__group_pairwise_out(covey_group *g,
                                       covey_group_recipient *r,
                                       const covey_oscore_work *work);
/* Drops what has been derived for a recipient. */
void covey__group_drop_derived(covey_group *g, covey_group_recipient *r);
/* Wipes a row of the table. */
void covey__group_forget(covey_group *g, covey_group_recipient *r);
/* Gives the window of a recipient a new beginning. */
covey_status covey__group_new_window(const covey_group *g,
                                     covey_group_recipient *r, uint64_t floor);

/* One message between encryption and signature. */
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

/* Section 2.2: the algorithm that Sender and Recipient Keys are for. */
static inline int32_t
covey__group_key_alg(const covey_group_algorithms *algorithms)
{
    return algorithms->group_enc != COVEY_ALG_UNSET ? algorithms->group_enc
                                                    : algorithms->aead;
}

#endif
