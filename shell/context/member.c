/* SPDX-License-Identifier: BSD-2-Clause */
/* The members of a group and their credentials. */
#include "internal.h"

#include <covey/cose.h>
#include <covey/spki.h>

#include <string.h>

#define RECIPIENT "RFC 10021 Section 2.3"

enum {
    K_ID,
    K_CREDENTIAL,
    K_PUBLIC_KEY,
    K_ROLES,
    K_NUMBER,
    K_COUNT
};
static const char *const keys[K_COUNT] = { "id", "credential", "public_key",
                                           "roles", "number" };
static const conf_names names = { keys, K_COUNT, "a member" };

/* --- public keys -------------------------------------------------------- */

static void refuse_credential(context_loader *l, const conf_value *v,
                              const char *where, covey_bytes credential,
                              covey_status st)
{
    const char *kind =
        covey_cose_credential_name(covey_cose_credential_kind_of(credential));

    conf_error(l->conf, v, "RFC 10021 Section 2.4",
               "%sno public key can be taken from this %s: %s; "
               "a member may have a 'public_key' of its own",
               where, kind, covey_status_text(st));
}

bool context_public_key(context_loader *l, const conf_value *v,
                        const char *where, covey_bytes credential,
                        covey_bytes *out)
{
    const covey_curve curve = l->file->group.parameters.curve;
    covey_cose_key key;
    covey_status st = covey_cose_credential_key(&key, credential);

    if (st != COVEY_OK) {
        refuse_credential(l, v, where, credential, st);
        return false;
    }
    /* A curve that is missing or none of a group's has been refused. */
    if (curve != 0 && key.curve != curve) {
        conf_error(l->conf, v, "RFC 10021 Section 2.4",
                   "%sexpected a key on the group's curve %s, found %s", where,
                   covey_curve_name((int32_t)curve),
                   covey_curve_name((int32_t)key.curve));
        return false;
    }
    uint8_t *bytes = conf_alloc(l->conf, COVEY_PUBLIC_MAX);
    if (bytes == NULL) {
        return false;
    }
    covey_writer w = covey_writer_of(bytes, COVEY_PUBLIC_MAX);
    covey_cose_key_put_public(&w, &key);
    *out = covey_written(&w);
    return true;
}

/* --- roles -------------------------------------------------------------- */

static const char *const role_words[] = { "requester", "responder", "monitor",
                                          "verifier" };
static const uint8_t role_bits[] = { COVEY_GROUP_REQUESTER,
                                     COVEY_GROUP_RESPONDER,
                                     COVEY_GROUP_MONITOR,
                                     COVEY_GROUP_VERIFIER };
static const conf_names role_names = { role_words, COUNT(role_words),
                                       "draft-ietf-ace-key-groupcomm-oscore" };

static void read_role(conf_reader *c, const conf_value *v, uint8_t *roles)
{
    unsigned which;

    if (conf_word(c, v, &role_names, &which)) {
        *roles |= role_bits[which];
    }
}

uint8_t context_roles(conf_reader *c, const conf_value *v)
{
    uint8_t roles = 0;
    conf_value item;
    void *at = NULL;

    if (!conf_is_list(v)) {
        read_role(c, v, &roles);
        return roles;
    }
    while (conf_next(v, &at, &item)) {
        read_role(c, &item, &roles);
    }
    return roles;
}

/* --- members ------------------------------------------------------------ */

static bool read_member(context_loader *l, const conf_value *item,
                        size_t id_max, covey_group_member *m)
{
    const conf_wanted id = { 0, id_max, false, RECIPIENT };
    static const conf_wanted credential = { 1, CONTEXT_CREDENTIAL_MAX, false,
                                            RECIPIENT };
    static const conf_wanted public_key = { 32, COVEY_PUBLIC_MAX, false,
                                            RECIPIENT };
    conf_value v[K_COUNT] = { { NULL, NULL } };

    if (!conf_keys(l->conf, item, &names, v)) {
        return false;
    }
    m->number = COVEY_GROUP_NUMBER_UNKNOWN;
    conf_number(l->conf, &v[K_NUMBER], 0, COVEY_OSCORE_SSN_END,
                "RFC 8613 Section 7.4", &m->number);
    m->roles = context_roles(l->conf, &v[K_ROLES]);
    if (!conf_required(l->conf, item, &v[K_ID], keys[K_ID], RECIPIENT) ||
        !conf_required(l->conf, item, &v[K_CREDENTIAL], keys[K_CREDENTIAL],
                       RECIPIENT) ||
        !conf_bytes(l->conf, &v[K_ID], &id, &m->id) ||
        !conf_bytes(l->conf, &v[K_CREDENTIAL], &credential, &m->credential)) {
        return false;
    }
    if (v[K_PUBLIC_KEY].key != NULL) {
        return conf_bytes(l->conf, &v[K_PUBLIC_KEY], &public_key,
                          &m->public_key);
    }
    return context_public_key(l, &v[K_CREDENTIAL], "", m->credential,
                              &m->public_key);
}

void context_check_unique(context_loader *l, const conf_value *v,
                          const char *where, covey_bytes id)
{
    const context_group *g = &l->file->group;
    bool taken = covey_bytes_equal(id, g->sender_id);

    for (size_t i = 0; i < g->member_count && !taken; i++) {
        taken = covey_bytes_equal(id, g->members[i].id);
    }
    if (taken) {
        conf_error(l->conf, v, RECIPIENT,
                   "%sexpected an ID that no other member has", where);
    }
}

void context_read_members(context_loader *l, const conf_value *list,
                          size_t id_max)
{
    context_group *g = &l->file->group;
    conf_value item;
    void *at = NULL;
    if (list->key == NULL) {
        return;
    }
    if (!conf_is_list(list)) {
        conf_error(l->conf, list, "covey-context(5)", "expected a list");
        return;
    }
    const size_t count = conf_count(list);
    if (count > CONTEXT_MEMBERS_MAX) {
        conf_error(l->conf, list, "covey-context(5)",
                   "expected up to %d members, found %zu", CONTEXT_MEMBERS_MAX,
                   count);
        return;
    }
    g->members = conf_alloc(l->conf, count * sizeof *g->members);
    while (g->members != NULL && conf_next(list, &at, &item)) {
        covey_group_member *m = &g->members[g->member_count];
        if (read_member(l, &item, id_max, m)) {
            context_check_unique(l, &item, "", m->id);
            g->member_count++;
        }
    }
}
