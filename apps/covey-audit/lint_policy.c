/* SPDX-License-Identifier: BSD-2-Clause */
/* SY-01: what a scan has found, against what may be open on a class of
 * devices. The policy is a file of the owner or the auditor; the record of a
 * run says what there is. Versions are ordered as their numbers say, which is
 * not what distributions mean that mend old ones: `covey audit vuln` knows. */
#include "lint.h"
#include "object.h"
#include "run.h"

#include <conf.h>
#include <vuln.h>

#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define MANUAL   "covey-audit-lint(1)"

enum {
    CLASSES_MAX = 256,
    HOSTS_MAX = 256,
    PORTS_MAX = 256,
    TEXT_MAX = 200
};

/* What may be open. */
typedef struct allowed {
    uint8_t protocol;
    const char *ports;
    const char *service; /* NULL: any */
    const char *least;   /* version; NULL: any */
} allowed;

typedef struct device_class {
    const char *name;
    covey_audit_range *hosts;
    size_t host_count; /* 0: all */
    allowed *open;
    size_t open_count;
} device_class;

typedef struct policy {
    conf_memory memory;
    device_class *classes;
    size_t count;
} policy;

/* --- the policy ---------------------------------------------------------- */

static const char *read_text(conf_reader *c, const conf_value *v)
{
    static const conf_wanted wanted = { 1, TEXT_MAX, false, MANUAL };
    const char *text = NULL;
    size_t len = 0;

    return conf_text(c, v, &wanted, &text, &len) ? text : NULL;
}

static bool read_ports(conf_reader *c, const conf_value *v, allowed *out)
{
    size_t len = 0;
    const char *text = conf_scalar(c, v, &len, "ports");
    char *copy = text != NULL ? conf_alloc(c, len + 1) : NULL;

    if (copy == NULL) {
        return false;
    }
    memcpy(copy, text, len);
    if (!scan_ports_good(copy)) {
        conf_error(c, v, MANUAL, "expected ports, such as 22,5683-5684");
        return false;
    }
    out->ports = copy;
    return true;
}

static bool read_allowed(conf_reader *c, const conf_value *item, void *out)
{
    static const char *const words[] = { "proto", "ports", "service",
                                         "least" };
    static const conf_names known = { words, COUNT(words), "what is open" };
    static const char *const protocols[] = { "tcp", "udp" };
    static const conf_names names = { protocols, 2, MANUAL };
    allowed *a = out;
    conf_value v[COUNT(words)] = { { NULL, NULL } };
    unsigned which = 0;

    if (!conf_keys(c, item, &known, v) ||
        !conf_required(c, item, &v[0], "proto", MANUAL) ||
        !conf_word(c, &v[0], &names, &which) ||
        !conf_required(c, item, &v[1], "ports", MANUAL) ||
        !read_ports(c, &v[1], a)) {
        return false;
    }
    a->protocol = which == 0 ? COVEY_AUDIT_TCP : COVEY_AUDIT_UDP;
    a->service = conf_is_missing(&v[2]) ? NULL : read_text(c, &v[2]);
    a->least = conf_is_missing(&v[3]) ? NULL : read_text(c, &v[3]);
    return true;
}

static bool read_host(conf_reader *c, const conf_value *item, void *out)
{
    covey_audit_range *range = out;
    char text[ADDRESS_TEXT_MAX];
    size_t len = 0;
    const char *scalar = conf_scalar(c, item, &len, "an address");

    if (scalar == NULL || len >= sizeof text) {
        return false;
    }
    memcpy(text, scalar, len);
    text[len] = '\0';
    if (!address_parse_prefix(text, &range->net, &range->prefix)) {
        conf_error(c, item, MANUAL,
                   "expected an address, with /BITS behind it for a network");
        return false;
    }
    return true;
}

static bool read_class(conf_reader *c, const conf_value *item, void *out)
{
    static const char *const words[] = { "class", "hosts", "open" };
    static const conf_names known = { words, COUNT(words), "a class" };
    device_class *d = out;
    conf_value v[COUNT(words)] = { { NULL, NULL } };

    if (!conf_keys(c, item, &known, v) ||
        !conf_required(c, item, &v[0], "class", MANUAL) ||
        !conf_required(c, item, &v[2], "open", MANUAL)) {
        return false;
    }
    d->name = read_text(c, &v[0]);
    if (!conf_is_missing(&v[1])) {
        d->host_count = conf_list(c, &v[1], HOSTS_MAX, sizeof *d->hosts,
                                  read_host, &d->hosts);
    }
    d->open_count = conf_list(c, &v[2], PORTS_MAX, sizeof *d->open,
                              read_allowed, &d->open);
    return d->name != NULL;
}

static void read_policy(conf_reader *c, const conf_value *root, void *object)
{
    static const char *const words[] = { "classes" };
    static const conf_names known = { words, 1, "a policy" };
    policy *p = object;
    conf_value v = { NULL, NULL };

    if (conf_keys(c, root, &known, &v) &&
        conf_required(c, root, &v, "classes", MANUAL)) {
        p->count = conf_list(c, &v, CLASSES_MAX, sizeof *p->classes,
                             read_class, &p->classes);
    }
}

static void drop_policy(void *object)
{
    policy *p = object;

    conf_free(&p->memory);
    free(p);
}

static policy *open_policy(lint *l, const char *path)
{
    static const conf_kind kind = { .manual = MANUAL,
                                    .what = "a policy",
                                    .size = sizeof(policy),
                                    .memory = offsetof(policy, memory),
                                    .read = read_policy,
                                    .drop = drop_policy };
    policy *p = lint_open(l, path)
                    ? conf_open_text(&kind, l->text, l->text_len, path, stderr)
                    : NULL;

    l->failed = l->failed || p == NULL;
    return p;
}

/* The first class that has this host. */
static const device_class *class_of(const policy *p, const covey_address *host)
{
    for (size_t i = 0; i < p->count; i++) {
        const device_class *d = &p->classes[i];
        bool has = d->host_count == 0;
        for (size_t h = 0; h < d->host_count && !has; h++) {
            has = audit_host_in(&d->hosts[h], host);
        }
        if (has) {
            return d;
        }
    }
    return NULL;
}

static const allowed *find_allowed(const device_class *d, uint8_t protocol,
                                   uint16_t port)
{
    for (size_t i = 0; d != NULL && i < d->open_count; i++) {
        if (d->open[i].protocol == protocol &&
            scan_ports_have(d->open[i].ports, port)) {
            return &d->open[i];
        }
    }
    return NULL;
}

/* --- the record ---------------------------------------------------------- */

typedef struct reading {
    lint *l;
    const policy *policy;
    json_t *intent; /* of the result that comes */
    json_t *seen;   /* ports that were judged */
    unsigned line;
} reading;

/* A port that is open, or a service at one. */
typedef struct spot {
    const char *target;
    const char *protocol;
    const device_class *class;
    const allowed *allowed;
} spot;

static bool locate(const reading *r, const char *target, const char *protocol,
                   spot *out)
{
    covey_address at;

    if (!address_parse_port(target, 0, &at) || at.port == 0) {
        return false;
    }
    out->target = target;
    out->protocol = protocol;
    out->class = class_of(r->policy, &at);
    out->allowed =
        find_allowed(out->class, audit_protocol_number(protocol), at.port);
    return true;
}

static void judge_port(reading *r, const spot *s)
{
    char key[ADDRESS_TEXT_MAX + 8];

    snprintf(key, sizeof key, "%s %s", s->protocol, s->target);
    if (json_object_get(r->seen, key) != NULL) {
        return;
    }
    json_object_set_new(r->seen, key, json_true());
    if (s->class == NULL) {
        lint_found(r->l, LINT_POLICY_OPEN, r->line,
                   "%s is open, and no class of the policy has this host",
                   key);
    } else if (s->allowed == NULL) {
        lint_found(r->l, LINT_POLICY_OPEN, r->line,
                   "%s is open, and not in the class %.60s", key,
                   s->class->name);
    }
}

/* Whether what it says of itself is older than it may be. */
static void judge_version(reading *r, const spot *s, const char *banner)
{
    vuln_service said = { .label = "" };

    if (!vuln_service_guess(&said, banner) || said.cpe.version[0] == '\0') {
        lint_found(r->l, LINT_POLICY_NO_VERSION, r->line,
                   "%s %s: %.100s, at least %.40s wanted", s->protocol,
                   s->target, banner[0] != '\0' ? banner : "says nothing",
                   s->allowed->least);
    } else if (vuln_plain_compare(said.cpe.version, s->allowed->least) < 0) {
        lint_found(r->l, LINT_POLICY_OLD, r->line,
                   "%s %s: %.60s %.40s, at least %.40s wanted", s->protocol,
                   s->target, said.cpe.product, said.cpe.version,
                   s->allowed->least);
    }
}

static void judge_service(reading *r, const json_t *service)
{
    const char *name = object_text(service, "service");
    spot s;

    if (!locate(r, object_text(service, "target"),
                object_text(service, "protocol"), &s) ||
        s.allowed == NULL) {
        return;
    }
    if (s.allowed->service != NULL && strcmp(s.allowed->service, name) != 0) {
        lint_found(r->l, LINT_POLICY_SERVICE, r->line,
                   "%s %s: %.40s instead of %.40s", s.protocol, s.target, name,
                   s.allowed->service);
    } else if (s.allowed->least != NULL) {
        judge_version(r, &s, object_text(service, "banner"));
    }
}

static void judge_line(reading *r, json_t *line)
{
    const char *kind = object_text(line, "kind");
    const json_t *services = json_object_get(line, "services");
    spot s;

    if (strcmp(kind, "intent") == 0) {
        json_decref(r->intent);
        r->intent = json_incref(line);
        return;
    }
    if (strcmp(kind, "result") != 0) {
        return;
    }
    if (strcmp(object_text(line, "state"), "open") == 0 &&
        locate(r, object_text(r->intent, "target"),
               object_text(r->intent, "protocol"), &s)) {
        judge_port(r, &s);
    }
    for (size_t i = 0; i < json_array_size(services); i++) {
        judge_service(r, json_array_get(services, i));
    }
}

static void judge_record(reading *r)
{
    const char *at = r->l->text;
    const char *end = at + r->l->text_len;

    r->line = 0;
    while (at < end) {
        const char *feed = memchr(at, '\n', (size_t)(end - at));
        const size_t len = (size_t)((feed != NULL ? feed : end) - at);
        json_t *line = json_loadb(at, len, JSON_REJECT_DUPLICATES, NULL);

        r->line++;
        if (!json_is_object(line)) {
            fprintf(stderr, "%s:%u: error: no line of a record\n", r->l->file,
                    r->line);
            r->l->failed = true;
        } else {
            judge_line(r, line);
        }
        json_decref(line);
        at += len + 1;
    }
    json_decref(r->intent);
    r->intent = NULL;
}

void lint_policy(lint *l)
{
    policy *p = open_policy(l, l->args->files[0]);
    reading r = { .l = l, .policy = p, .seen = json_object() };

    if (l->args->file_count < 2) {
        fputs("covey-audit lint: expected a policy and the records "
              "(acts.log) of runs\n",
              stderr);
        l->failed = true;
    }
    for (int i = 1; p != NULL && i < l->args->file_count; i++) {
        if (lint_open(l, l->args->files[i])) {
            judge_record(&r);
        }
    }
    json_decref(r.seen);
    if (p != NULL) {
        drop_policy(p);
    }
}
