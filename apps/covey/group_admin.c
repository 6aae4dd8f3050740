/* SPDX-License-Identifier: BSD-2-Clause */
#include "group_admin.h"

#include "cmd.h"
#include "group_admin_refused.h"
#include "group_admin_show.h"
#include "request_run.h"
#include "verb_options.h"

#include <getopt.h>
#include <group_config.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

enum {
    WORDS_MAX = 16,
    URI_MAX = 512
};

struct admin {
    const char *manager;
    const char *context;
    const char *state;
    const char *timeout;
    group_config config;
    uint32_t expected; /* members */
    bool json;
    const char *group;
    const char *node;
};

/* --- verbs --------------------------------------------------------------- */

/* clang-format off */
static const struct admin_verb {
    const char *name;
    const char *full; /* in messages */
    enum request_kind kind;
    uint8_t code;
    int operands; /* group, node */
    bool configures;
    const char *path; /* below the group; NULL: the collection */
    void (*show)(const covey_coap_message *m); /* NULL: nothing to show */
    void (*show_json)(const covey_coap_message *m);
    const char *what;
} verbs[] = {
    { "create", "group create", REQUEST_BODY, COVEY_COAP_CODE(0, 2), 1, true,
      NULL, NULL, NULL, "Makes a group at a Group Manager." },
    { "configure", "group configure", REQUEST_BODY, COVEY_COAP_CODE(0, 7), 1,
      true, "", NULL, NULL, "Changes what is said of it." },
    { "delete", "group delete", REQUEST_PLAIN, COVEY_COAP_CODE(0, 4), 1,
      false, "", NULL, NULL, "Ends it, once it is not active." },
    { "list", "group list", REQUEST_PLAIN, COVEY_COAP_CODE(0, 1), 0, false,
      NULL, group_show_list,
      group_show_list_json, "Names the groups of the manager." },
    { "show", "group show", REQUEST_PLAIN, COVEY_COAP_CODE(0, 1), 1, false,
      "", group_show_config,
      group_show_config_json, "Shows how one is configured." },
    { "members", "group members", REQUEST_PLAIN, COVEY_COAP_CODE(0, 1), 1,
      false, "/members", group_show_members,
      group_show_members_json, "Says who is in it." },
    { "evict", "group evict", REQUEST_PLAIN, COVEY_COAP_CODE(0, 4), 2, false,
      "/members/", NULL, NULL, "Puts a node out of it." },
    { "rekey", "group rekey", REQUEST_BODY, COVEY_COAP_CODE(0, 2), 1, false,
      "/rekey", NULL, NULL, "Gives it new keys." },
};
/* clang-format on */

static const struct admin_verb *find(const char *name)
{
    for (size_t i = 0; i < COUNT(verbs); i++) {
        if (strcmp(verbs[i].name, name) == 0) {
            return &verbs[i];
        }
    }
    return NULL;
}

bool group_admin_has(const char *verb)
{
    return find(verb) != NULL;
}

void group_admin_list(FILE *out)
{
    for (size_t i = 0; i < COUNT(verbs); i++) {
        fprintf(out, "  %-10s %s\n", verbs[i].name, verbs[i].what);
    }
}

/* --- options ------------------------------------------------------------- */

static const char *set_manager(void *args, const char *value)
{
    ((struct admin *)args)->manager = value;
    return NULL;
}

static const char *set_context(void *args, const char *value)
{
    ((struct admin *)args)->context = value;
    return NULL;
}

static const char *set_state(void *args, const char *value)
{
    ((struct admin *)args)->state = value;
    return NULL;
}

static const char *set_timeout(void *args, const char *value)
{
    ((struct admin *)args)->timeout = value;
    return NULL;
}

static const char *set_description(void *args, const char *value)
{
    ((struct admin *)args)->config.description = covey_bytes_text(value);
    return NULL;
}

static const char *set_modes(void *args, const char *value)
{
    group_config *c = &((struct admin *)args)->config;

    c->has_modes = true;
    c->group_mode = strcmp(value, "pairwise") != 0;
    c->pairwise_mode = strcmp(value, "group") != 0;
    return strcmp(value, "both") == 0 || c->group_mode != c->pairwise_mode
               ? NULL
               : "group, pairwise or both";
}

static const char *set_curve(void *args, const char *value)
{
    static const covey_curve curves[] = { COVEY_ED25519, COVEY_P256,
                                          COVEY_X25519 };
    group_config *c = &((struct admin *)args)->config;

    for (size_t i = 0; i < COUNT(curves); i++) {
        if (strcmp(covey_curve_name((int32_t)curves[i]), value) == 0) {
            c->has_curve = true;
            c->curve = curves[i];
            return NULL;
        }
    }
    return "Ed25519, P-256 or X25519";
}

static const char *read_number(const char *value, uint32_t max, uint32_t *out)
{
    return coap_parse_number(value, max, out) && *out != 0
               ? NULL
               : "a number above 0";
}

static const char *set_interval(void *args, const char *value)
{
    return read_number(value, UINT32_MAX,
                       &((struct admin *)args)->config.check_interval);
}

static const char *set_stale(void *args, const char *value)
{
    return read_number(value, 16, &((struct admin *)args)->config.stale_sets);
}

static const char *set_expected(void *args, const char *value)
{
    return read_number(value, UINT32_MAX, &((struct admin *)args)->expected);
}

static const char *set_active(void *args, const char *value)
{
    group_config *c = &((struct admin *)args)->config;

    c->has_active = true;
    c->active = strcmp(value, "yes") == 0;
    return c->active || strcmp(value, "no") == 0 ? NULL : "yes or no";
}

static const char *set_json(void *args, const char *value)
{
    (void)value;
    ((struct admin *)args)->json = true;
    return NULL;
}

#define ALL "manager context state timeout "

static const verb_option options[] = {
    { "manager", 0, "URI", set_manager, "of the Group Manager: coap://host" },
    { "context", 0, "FILE", set_context, "our OSCORE association with it" },
    { "state", 0, "FILE", set_state, "where its sequence numbers are kept" },
    { "timeout", 0, "SECONDS", set_timeout, "how long to wait" },
    { "description", 0, "TEXT", set_description, "of the group" },
    { "modes", 0, "MODES", set_modes, "group, pairwise, both (as created)" },
    { "curve", 0, "NAME", set_curve, "Ed25519, P-256 or X25519" },
    { "check-interval", 0, "SECONDS", set_interval,
      "after which members look for newer keys" },
    { "stale-sets", 0, "N", set_stale, "sets of stale Sender IDs kept" },
    { "active", 0, "yes|no", set_active, "whether nodes can join" },
    { "expect", 0, "N", set_expected, "members: warns above 100" },
    { "json", 0, NULL, set_json, "one line of JSON" },
};

static verb_options options_of(const struct admin_verb *v)
{
    const verb_options o = {
        .command = "group",
        .verb = v->name,
        .rows = options,
        .count = COUNT(options),
        .taken = v->show_json != NULL ? ALL "json "
                 : !v->configures     ? ALL
                 : v->path == NULL
                     ? ALL "description modes curve check-interval "
                           "stale-sets active expect "
                     : ALL "description curve check-interval stale-sets "
                           "active ",
        .width = 26,
    };

    return o;
}

/* EXIT_DONE; -1: help was asked for. */
static int read_args(const struct admin_verb *v, int argc, char **argv,
                     struct admin *a)
{
    const verb_options o = options_of(v);
    int rc;

    /* Created groups are there to be joined. */
    a->config = (group_config){ .has_active = v->path == NULL,
                                .active = true,
                                .group_mode = true,
                                .pairwise_mode = true };
    rc = verb_options_read(&o, argc, argv, a, NULL);
    if (rc < 0) {
        printf("usage: covey group %s [options]%s%s\n\n%s\n\n", v->name,
               v->operands > 0 ? " GROUP" : "", v->operands > 1 ? " NODE" : "",
               v->what);
        verb_options_help(&o);
    }
    if (rc != EXIT_DONE) {
        return rc;
    }
    if (argc - optind != v->operands) {
        return verb_options_usage(&o, "operands", NULL,
                                  v->operands == 0   ? "expected none"
                                  : v->operands == 1 ? "expected a group"
                                                     : "expected a group "
                                                       "and a node");
    }
    if (a->manager == NULL || a->context == NULL) {
        return verb_options_usage(
            &o, a->manager == NULL ? "--manager" : "--context", NULL,
            "is missing");
    }
    a->group = v->operands > 0 ? argv[optind] : "";
    a->node = v->operands > 1 ? argv[optind + 1] : "";
    return EXIT_DONE;
}

/* --- requests ------------------------------------------------------------ */

static bool write_uri(const struct admin_verb *v, const struct admin *a,
                      char uri[URI_MAX])
{
    const bool below = v->path != NULL;
    const int n = snprintf(uri, URI_MAX, "%s/manage%s%s%s%s", a->manager,
                           below ? "/" : "", below ? a->group : "",
                           below ? v->path : "", a->node);

    return n > 0 && n < URI_MAX;
}

static void write_config(const struct admin_verb *v, struct admin *a,
                         struct request_args *r)
{
    uint8_t storage[GROUP_CONFIG_MAX];
    covey_writer w = covey_writer_of(storage, sizeof storage);

    if (v->path == NULL) {
        a->config.name = covey_bytes_text(a->group);
    }
    group_config_put(&w, &a->config);
    r->draft.payload = coap_draft_copy(&r->draft, storage, w.pos);
}

/* The command line of a request to this resource. */
static int words_of(const struct admin *a, bool configures, char *uri,
                    char *words[WORDS_MAX])
{
    static char verb[] = "group";
    static char context[] = "--context";
    static char state[] = "--state";
    static char timeout[] = "--timeout";
    static char format[] = "--content-format";
    static char keys[] = "261";
    const struct {
        char *option;
        const char *value;
    } given[] = {
        { context, a->context },
        { state, a->state },
        { timeout, a->timeout },
        { format, configures ? keys : NULL },
    };
    int count = 0;

    words[count++] = verb;
    for (size_t i = 0; i < COUNT(given); i++) {
        if (given[i].value != NULL) {
            words[count++] = given[i].option;
            memcpy(&words[count++], &given[i].value, sizeof words[0]);
        }
    }
    words[count++] = uri;
    words[count] = NULL;
    return count;
}

struct asking {
    const struct admin_verb *verb;
    const struct admin *admin;
};

static void on_answer(void *user, const covey_coap_message *m)
{
    const struct asking *asking = user;
    const struct admin *a = asking->admin;
    void (*show)(const covey_coap_message *) =
        a->json ? asking->verb->show_json : asking->verb->show;
    const struct group_asked asked = { asking->verb->name, a->manager,
                                       a->group, a->node };

    if (m->code >> 5 != 2) {
        group_explain_refusal(&asked, m);
    } else if (show != NULL) {
        show(m);
    }
}

static int ask(const struct admin_verb *v, struct admin *a)
{
    const struct request_verb verb = { v->full, v->kind, v->code };
    struct asking asking = { v, a };
    struct request_args r;
    char uri[URI_MAX];
    char *words[WORDS_MAX];
    int status;

    if (!write_uri(v, a, uri)) {
        fprintf(stderr, "covey group %s: the names are too long\n", v->name);
        return EXIT_USAGE;
    }
    const int count = words_of(a, v->configures, uri, words);
    if (!request_args_read(&r, &verb, count, words)) {
        status =
            request_fail(&r, r.io ? EXIT_IO : EXIT_USAGE, "%s", r.error.text);
    } else {
        if (v->configures) {
            write_config(v, a, &r);
        }
        r.show = on_answer;
        r.user = &asking;
        r.unopened = "is this context enrolled there? covey-enrol(5), "
                     "covey-ctl(1)";
        status = request_perform(&r);
    }
    request_args_free(&r);
    return status;
}

int group_admin(int argc, char **argv)
{
    const struct admin_verb *v = find(argv[0]);
    struct admin a = { .manager = NULL };
    const int rc = v != NULL ? read_args(v, argc, argv, &a) : EXIT_USAGE;

    if (rc != EXIT_DONE) {
        return rc < 0 ? EXIT_DONE : rc;
    }
    group_warn_many(a.expected);
    return ask(v, &a);
}
