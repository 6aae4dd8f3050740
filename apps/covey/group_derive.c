/* SPDX-License-Identifier: BSD-2-Clause */
/* `covey group derive`: RFC 10021 Sections 2.1.4, 2.1.9, 2.3 and 2.5.1. */
#include "cmd.h"
#include "group_report.h"
#include "group_session.h"
#include "group_verbs.h"

#include <stdio.h>
#include <string.h>

static void report_algorithm(group_report *r, const char *name, int32_t id)
{
    if (id != COVEY_ALG_UNSET) {
        group_report_text(r, name, covey_alg_name(id));
    }
}

static void report_common(group_report *r, const covey_group_parameters *p)
{
    group_report_bytes(r, "gid", p->gid);
    report_algorithm(r, "aead", p->algorithms.aead);
    report_algorithm(r, "group_encryption", p->algorithms.group_enc);
    report_algorithm(r, "signature", p->algorithms.signature);
    report_algorithm(r, "pairwise_agreement", p->algorithms.agreement);
    report_algorithm(r, "hkdf", p->hkdf);
    group_report_number(r, "sender_id_max",
                        covey_group_id_max(&p->algorithms));
}

/* What a key or IV is derived with. */
struct info {
    const char *name; /* of the value */
    int32_t alg;
    covey_bytes id;
    const char *type;
    size_t len;
};

/* info as RFC 8613 Section 3.2.1 has it, with an algorithm of the group. */
static void report_info(group_report *r, const group_session *s,
                        const struct info *info)
{
    const covey_oscore_parameters like = { .aead = info->alg,
                                           .id_context =
                                               s->context->parameters.gid };
    const covey_bytes type = { (const uint8_t *)info->type,
                               strlen(info->type) };
    uint8_t storage[COVEY_OSCORE_INFO_MAX];
    covey_writer w = covey_writer_of(storage, sizeof storage);
    char name[40];

    if (s->args->explain &&
        covey_oscore_info(&w, &like, info->id, type, (uint8_t)info->len) ==
            COVEY_OK) {
        snprintf(name, sizeof name, "info_for_%s", info->name);
        group_report_bytes(r, name, covey_written(&w));
    }
}

static void report_shared(group_report *r, const group_session *s)
{
    const int32_t alg = group_session_alg(s)->id;
    const covey_bytes none = { (const uint8_t *)"", 0 };
    const struct info iv = { "common_iv", alg, none, "IV", s->keys.iv_len };
    const struct info sek = { "signature_encryption_key", alg, none, "SEKey",
                              s->keys.sek_len };

    group_report_number(r, "key_length", group_session_alg(s)->key_len);
    report_info(r, s, &iv);
    group_report_bytes(r, iv.name, covey_bytes_of(s->keys.common_iv, iv.len));
    if (sek.len > 0) {
        report_info(r, s, &sek);
        group_report_secret(r, sek.name, covey_bytes_of(s->keys.sek, sek.len));
    }
}

static void report_sender_key(group_report *r, const group_session *s,
                              const char *name, const group_party *party,
                              const group_pair_keys *keys)
{
    const struct info info = { name, group_session_alg(s)->id, party->id,
                               "Key", keys->from_len };

    report_info(r, s, &info);
    group_report_secret(r, name, covey_bytes_of(keys->from_key, info.len));
}

static void report_pairwise(group_report *r, const group_session *s,
                            const char *name, const group_party *from,
                            const group_pair_keys *keys)
{
    const struct info info = { name, s->context->parameters.algorithms.aead,
                               from->id, "Key", keys->len };

    report_info(r, s, &info);
    group_report_secret(r, name, covey_bytes_of(keys->key, info.len));
}

/* The own member, if the context has one. */
static covey_status report_own(group_report *r, group_session *s)
{
    const group_party own = { s->context->sender_id,
                              s->context->credential,
                              { NULL, 0 } };
    group_pair_keys keys;
    covey_status st;

    if (own.id.ptr == NULL) {
        return COVEY_OK;
    }
    st = group_session_pair(s, &own, NULL, &keys);
    if (st == COVEY_OK) {
        group_report_bytes(r, "sender_id", own.id);
        report_sender_key(r, s, "sender_key", &own, &keys);
    }
    covey_wipe(&keys, sizeof keys);
    return st;
}

static covey_status report_member(group_report *r, group_session *s,
                                  const group_party *member)
{
    const group_party own = { s->context->sender_id,
                              s->context->credential,
                              { NULL, 0 } };
    group_pair_keys in;
    group_pair_keys out;
    covey_status st = group_session_pair(s, member, &own, &in);

    memset(&out, 0, sizeof out);
    if (st == COVEY_OK && in.len > 0) {
        st = group_session_pair(s, &own, member, &out);
    }
    if (st == COVEY_OK) {
        group_report_member(r, member->id);
        report_sender_key(r, s, "recipient_key", member, &in);
        if (in.len > 0) {
            group_report_secret(r, "shared_secret",
                                covey_bytes_of(in.shared, in.shared_len));
            report_pairwise(r, s, "pairwise_sender_key", &own, &out);
            report_pairwise(r, s, "pairwise_recipient_key", member, &in);
        }
    }
    covey_wipe(&in, sizeof in);
    covey_wipe(&out, sizeof out);
    return st;
}

static covey_status report_all(group_report *r, group_session *s)
{
    covey_status st;

    report_common(r, &s->context->parameters);
    report_shared(r, s);
    st = report_own(r, s);
    for (size_t i = 0; st == COVEY_OK && i < s->context->member_count; i++) {
        const covey_group_member *m = &s->context->members[i];
        const group_party party = { m->id, m->credential, m->public_key };

        st = report_member(r, s, &party);
    }
    return st;
}

int group_verb_derive(const group_args *args)
{
    group_session s;
    group_report r;
    covey_status st;
    int rc = group_session_open(&s, args);

    if (rc == EXIT_DONE && s.context->parameters.master_secret.ptr == NULL) {
        rc = group_fail(args, EXIT_NEGATIVE,
                        "%s: there is no Master Secret to derive from "
                        "(RFC 10021 Section 7.5)",
                        args->context);
    }
    if (rc == EXIT_DONE) {
        group_report_begin(&r, args, &s.crypto);
        st = report_all(&r, &s);
        rc = group_report_end(&r, args);
        if (st != COVEY_OK) {
            rc = group_fail(args, EXIT_NEGATIVE, "%s [%s]",
                            covey_status_text(st), covey_status_name(st));
        }
    }
    group_session_close(&s);
    return rc;
}
