/* SPDX-License-Identifier: BSD-2-Clause */
/* Which PSIDs with which SSPs are taken of peers: covey-tls-policy(5). */
#include "internal.h"

#include <conf.h>
#include <errno.h>
#include <string.h>

#define MANUAL "covey-tls-policy(5)"

enum {
    K_PSID,
    K_SSP,
    K_MASK,
    K_COUNT
};
static const char *const keys[K_COUNT] = { "psid", "ssp", "mask" };
static const conf_names names = { keys, K_COUNT, "a permission" };

struct loader {
    conf_reader conf;
    tls_setup *setup;
};

/* Where a mask is missing, all of the SSP counts. */
static bool read_ssp(conf_reader *c, const conf_value v[K_COUNT],
                     covey_tls_its_rule *rule)
{
    static const conf_wanted wanted = { 1, COVEY_TLS_SSP_MAX, false,
                                        "1609.2 6.4.31" };
    static const uint8_t all[COVEY_TLS_SSP_MAX] = {
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff
    };

    rule->needs_ssp = !conf_is_missing(&v[K_SSP]);
    if (!rule->needs_ssp) {
        if (!conf_is_missing(&v[K_MASK])) {
            conf_error(c, &v[K_MASK], MANUAL, "expected 'ssp' beside it");
        }
        return conf_is_missing(&v[K_MASK]);
    }
    if (!conf_bytes(c, &v[K_SSP], &wanted, &rule->ssp_value)) {
        return false;
    }
    rule->ssp_mask = covey_bytes_of(all, rule->ssp_value.len);
    if (!conf_is_missing(&v[K_MASK]) &&
        !conf_bytes(c, &v[K_MASK], &wanted, &rule->ssp_mask)) {
        return false;
    }
    if (rule->ssp_mask.len != rule->ssp_value.len) {
        conf_error(c, &v[K_MASK], MANUAL, "expected a mask as long as 'ssp'");
        return false;
    }
    for (size_t i = 0; i < rule->ssp_mask.len; i++) {
        if ((rule->ssp_value.ptr[i] & ~rule->ssp_mask.ptr[i]) != 0) {
            conf_error(c, &v[K_SSP], MANUAL,
                       "expected no bit outside of the mask");
            return false;
        }
    }
    return true;
}

static bool read_rule(conf_reader *c, const conf_value *item, void *out)
{
    covey_tls_its_rule *rule = out;
    conf_value v[K_COUNT] = { { NULL, NULL } };

    return conf_keys(c, item, &names, v) &&
           conf_required(c, item, &v[K_PSID], keys[K_PSID],
                         "RFC 8902 Section 5") &&
           conf_number(c, &v[K_PSID], 0, UINT32_MAX, "1609.2 6.3.18",
                       &rule->psid) &&
           read_ssp(c, v, rule);
}

/* The rules outlive the memory of the reader. */
static void keep(tls_setup *s, const covey_tls_its_rule *rules, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        covey_tls_its_rule *r = &s->rules[i];
        struct rule_bytes *b = &s->rule_bytes[i];
        *r = rules[i];
        if (r->needs_ssp) {
            memcpy(b->value, r->ssp_value.ptr, r->ssp_value.len);
            memcpy(b->mask, r->ssp_mask.ptr, r->ssp_mask.len);
            r->ssp_value.ptr = b->value;
            r->ssp_mask.ptr = b->mask;
        }
    }
    s->taken.rule_count = count;
}

static void read_root(void *user, const conf_value *root)
{
    static const char *const words[] = { "permissions" };
    static const conf_names of_root = { words, 1, "a policy" };
    struct loader *l = user;
    conf_reader *c = &l->conf;
    conf_value v[1] = { { NULL, NULL } };
    covey_tls_its_rule *rules = NULL;

    if (conf_keys(c, root, &of_root, v) &&
        conf_required(c, root, &v[0], words[0], MANUAL)) {
        size_t count =
            conf_list(c, &v[0], RULES_MAX, sizeof *rules, read_rule, &rules);
        if (c->errors == 0) {
            keep(l->setup, rules, count);
        }
    }
}

static tls_setup_result read_file(tls_setup *s, const char *path)
{
    char text[TLS_SETUP_ERROR_MAX - 100] = "";
    FILE *messages = fmemopen(text, sizeof text - 1, "w");
    conf_memory memory = { NULL };
    struct loader l = { .conf = { .messages = messages,
                                  .manual = MANUAL,
                                  .what = "a policy",
                                  .memory = &memory },
                        .setup = s };
    bool good = messages != NULL && conf_load(&l.conf, path, read_root, &l);
    int why = errno;

    if (messages != NULL) {
        fclose(messages);
    }
    conf_free(&memory);
    text[strcspn(text, "\n")] = '\0';
    if (!good && text[0] != '\0') { /* it begins with the path */
        memcpy(s->error, text, sizeof text);
        return TLS_SETUP_FAILED;
    }
    return good ? TLS_SETUP_DONE : tls_setup__fail(s, path, strerror(why));
}

tls_setup_result tls_setup__policy(tls_setup *s, const tls_setup_options *o)
{
    s->taken.store = &s->its.store;
    s->taken.leap_seconds = COVEY_ITS_LEAP_SECONDS;
    s->taken.rules = s->rules;
    s->taken.accept_wrapped = o->accept_wrapped;
    s->config.its = &s->taken;
    if (o->policy != NULL) {
        return read_file(s, o->policy);
    }
    for (size_t i = 0; i < o->own_count; i++) {
        if (o->own[i].type == COVEY_TLS_1609DOT2) {
            s->rules[s->taken.rule_count++].psid = o->own[i].psid;
        }
    }
    return TLS_SETUP_DONE;
}
