/* SPDX-License-Identifier: BSD-2-Clause */
/* Which PSIDs with which SSPs are taken of peers: covey-tls-policy(5). */
#include "internal.h"

#include <conf.h>
#include <errno.h>
#include <string.h>

#define MANUAL "covey-tls-policy(5)"

struct loader {
    conf_reader conf;
    tls_setup *setup;
};

static bool read_rule(conf_reader *c, const conf_value *item, void *out)
{
    covey_tls_its_rule rule = { .needs_ssp = false };
    bool good = tls_setup__rule(c, item, &rule, NULL);

    memcpy(out, &rule, sizeof rule);
    return good;
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
