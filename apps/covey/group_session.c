/* SPDX-License-Identifier: BSD-2-Clause */
#include "group_session.h"

#include "cmd.h"

#include <crypto/openssl/openssl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* --- opening ------------------------------------------------------------- */

static int load(group_session *s)
{
    const char *path = s->args->context;

    s->file = context_load(path, stderr);
    if (s->file == NULL) {
        return errno != 0 ? EXIT_IO : EXIT_NEGATIVE;
    }
    if (s->file->type != CONTEXT_GROUP) {
        return group_fail(s->args, EXIT_USAGE,
                          "%s: expected a context of type group "
                          "(covey-context(5))",
                          path);
    }
    s->context = &s->file->group;
    return EXIT_DONE;
}

static void measure(group_session *s)
{
    s->cred_max = s->context->parameters.gm_cred.len;
    if (s->context->credential.len > s->cred_max) {
        s->cred_max = s->context->credential.len;
    }
    for (size_t i = 0; i < s->context->member_count; i++) {
        if (s->context->members[i].credential.len > s->cred_max) {
            s->cred_max = s->context->members[i].credential.len;
        }
    }
}

/* A checker has its key from the Group Manager, a member derives it. */
static covey_status derive(group_session *s)
{
    const context_group *c = s->context;
    covey_status st = COVEY_OK;

    if (c->parameters.master_secret.ptr != NULL) {
        st = covey_group_derive(&s->keys, &c->parameters, &s->crypto);
    } else {
        memcpy(s->keys.sek, c->signature_encryption_key.ptr,
               c->signature_encryption_key.len);
        s->keys.sek_len = (uint8_t)c->signature_encryption_key.len;
    }
    if (st == COVEY_OK && c->private_key.ptr != NULL) {
        st = s->crypto.private_key(s->crypto.provider,
                                   (int32_t)c->parameters.curve,
                                   c->private_key, &s->private_key);
    }
    return st;
}

int group_session_open(group_session *s, const group_args *args)
{
    covey_status st;
    int rc;

    memset(s, 0, sizeof *s);
    s->args = args;
    rc = load(s);
    if (rc != EXIT_DONE) {
        return rc;
    }
    measure(s);
    if (covey_openssl_open(&s->crypto) != COVEY_OK) {
        return group_fail(args, EXIT_IO, "libcrypto lacks an algorithm");
    }
    st = derive(s);
    if (st != COVEY_OK) {
        return group_fail(
            args, EXIT_NEGATIVE, "%s: no context can be derived: %s [%s]",
            args->context, covey_status_text(st), covey_status_name(st));
    }
    return EXIT_DONE;
}

void group_session_close(group_session *s)
{
    covey_group_drop(&s->group);
    free(s->recipients);
    if (s->crypto.provider != NULL) {
        s->crypto.key_drop(s->crypto.provider, &s->private_key);
    }
    covey_openssl_close(&s->crypto);
    covey_wipe(&s->keys, sizeof s->keys);
    context_free(s->file);
}

/* --- joining ------------------------------------------------------------- */

/* Everything that is due counts as stored: a tool for single messages begins
 * from its file each time. */
static covey_status settle(covey_group *g)
{
    covey_group_record record;
    covey_status st = COVEY_OK;

    while (st == COVEY_OK && covey_group_due(g, &record)) {
        st = covey_group_stored(g, &record);
    }
    return st;
}

static covey_status join(group_session *s, uint64_t number)
{
    const context_group *c = s->context;
    const covey_group_start start = {
        .sender_id = c->sender_id,
        .credential = c->credential,
        .private_key = c->private_key.ptr != NULL ? &s->private_key : NULL,
        .recipients = s->recipients,
        .recipient_max = (uint16_t)(c->member_count + 1),
        .window_size = c->replay_window.size,
        .window_word_count = c->replay_window.word_count,
        .window_words = c->replay_window.words,
        .ssn = number,
        .windows_invalid = c->windows_invalid,
        .late = c->late,
        .kid_always = c->kid_always,
    };
    covey_status st =
        covey_group_setup(&s->group, &s->crypto, &c->parameters, &start);

    for (size_t i = 0; st == COVEY_OK && i < c->member_count; i++) {
        st = covey_group_add(&s->group, &c->members[i], NULL);
    }
    return st == COVEY_OK ? settle(&s->group) : st;
}

int group_session_join(group_session *s, uint64_t number)
{
    covey_status st;

    if (s->context->parameters.master_secret.ptr == NULL) {
        return group_fail(s->args, EXIT_NEGATIVE,
                          "%s: without a Master Secret signatures can be "
                          "verified, and nothing else (RFC 10021 Section 7.5)",
                          s->args->context);
    }
    s->recipients =
        calloc(s->context->member_count + 1, sizeof *s->recipients);
    st = s->recipients != NULL ? join(s, number) : COVEY_E_ROOM;
    if (st != COVEY_OK) {
        return group_fail(s->args, EXIT_NEGATIVE, "%s: %s [%s]",
                          s->args->context, covey_status_text(st),
                          covey_status_name(st));
    }
    return EXIT_DONE;
}

/* --- members ------------------------------------------------------------- */

static bool same(covey_bytes a, covey_bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static group_party party_of(const covey_group_member *m)
{
    const group_party party = { m->id, m->credential, m->public_key };
    return party;
}

static bool find_other(const group_session *s, covey_bytes id,
                       group_party *party)
{
    const context_group *c = s->context;

    for (size_t i = 0; i < c->member_count; i++) {
        if (same(c->members[i].id, id)) {
            *party = party_of(&c->members[i]);
            return true;
        }
    }
    return false;
}

bool group_session_find(const group_session *s, covey_bytes id,
                        group_party *party)
{
    const context_group *c = s->context;

    if (c->sender_id.ptr != NULL && same(c->sender_id, id)) {
        party->id = c->sender_id;
        party->credential = c->credential;
        party->public_key = covey_bytes_of(NULL, 0);
        return true;
    }
    return find_other(s, id, party);
}

bool group_session_to(const group_session *s, group_party *party)
{
    if (s->args->has_to) {
        return find_other(s, covey_bytes_of(s->args->to, s->args->to_len),
                          party);
    }
    if (s->context->member_count != 1) {
        return false;
    }
    *party = party_of(&s->context->members[0]);
    return true;
}

/* --- keys ---------------------------------------------------------------- */

const covey_alg *group_session_alg(const group_session *s)
{
    const covey_group_algorithms *a = &s->context->parameters.algorithms;

    return covey_aead_find(a->group_enc != COVEY_ALG_UNSET ? a->group_enc
                                                           : a->aead);
}

static covey_status agree(group_session *s, const group_party *peer,
                          group_pair_keys *out)
{
    const covey_crypto *crypto = &s->crypto;
    covey_writer w = covey_writer_of(out->shared, sizeof out->shared);
    covey_key key;
    covey_status st = crypto->public_key(crypto->provider,
                                         (int32_t)s->context->parameters.curve,
                                         peer->public_key, &key);

    if (st != COVEY_OK) {
        return st;
    }
    st = crypto->agree(crypto->provider, &s->private_key, &key, &w);
    crypto->key_drop(crypto->provider, &key);
    out->shared_len = w.pos;
    return st;
}

/* RFC 10021 Section 2.5.1. */
static covey_status pairwise(group_session *s, const group_party *from,
                             const group_party *to, group_pair_keys *out)
{
    const covey_group_parameters *p = &s->context->parameters;
    const size_t cap =
        from->credential.len + to->credential.len + COVEY_SHARED_MAX;
    covey_group_pair pair = { from->id,
                              covey_bytes_of(out->from_key, out->from_len),
                              from->credential,
                              to->credential,
                              { NULL, 0 } };
    covey_status st = agree(s, from->public_key.ptr != NULL ? from : to, out);
    uint8_t *storage = malloc(cap);
    covey_writer scratch = covey_writer_of(storage, cap);

    if (st == COVEY_OK && storage == NULL) {
        st = COVEY_E_ROOM;
    }
    if (st == COVEY_OK) {
        out->len = covey_aead_find(p->algorithms.aead)->key_len;
        pair.shared_secret = covey_bytes_of(out->shared, out->shared_len);
        covey_writer key = covey_writer_of(out->key, out->len);
        st = covey_group_derive_pairwise_key(&key, p, &pair, &scratch,
                                             &s->crypto);
    }
    free(storage);
    return st;
}

covey_status group_session_pair(group_session *s, const group_party *from,
                                const group_party *to, group_pair_keys *out)
{
    const covey_group_parameters *p = &s->context->parameters;
    covey_writer key;
    covey_status st;

    memset(out, 0, sizeof *out);
    out->from_len = group_session_alg(s)->key_len;
    key = covey_writer_of(out->from_key, out->from_len);
    st = covey_group_derive_sender_key(&key, p, from->id, &s->crypto);
    if (st == COVEY_OK && to != NULL && s->context->private_key.ptr != NULL &&
        p->algorithms.agreement != COVEY_ALG_UNSET) {
        st = pairwise(s, from, to, out);
    }
    return st;
}
