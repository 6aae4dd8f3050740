/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of OSCORE vectors: finds the cases, and fails everything that is no
 * case of a kind that is run. */
#include "selftest_oscore.h"
#include "selftest_kinds.h"

#include <crypto/openssl/openssl.h>
#include <json.h>
#include <stdlib.h>
#include <string.h>

struct file {
    selftest_report *report;
    const char *path;
    const covey_crypto *crypto;
    struct fy_node *root;
    struct fy_node *common; /* of RFC 8613 Appendix C; NULL elsewhere */
};

#define NEGATIVE "negative"

/* Its "id", or the list's name and a number. */
static void name_of(struct fy_node *node, const char *list, size_t i,
                    char *out, size_t cap)
{
    const char *id = rules_json_string(rules_json_get(node, "id"));

    if (id != NULL && id[0] != '\0') {
        snprintf(out, cap, "%s", id);
    } else {
        snprintf(out, cap, "%s[%zu]", list, i);
    }
}

/* What tells a kind of cases from the others: a member that all have. */
static const struct kind {
    const char *member;
    bool (*run)(struct fy_node *node, const covey_crypto *crypto,
                const selftest_check *k);
} kinds[] = {
    { "exchange", selftest_group_run },
    { "pop_input", selftest_pop_run },
    { "old_master_secret", selftest_kudos_run },
    { "group_mode_response", selftest_bound_response_run },
    { "protected_without_signature", selftest_bare_request_run },
    { "server_public_key_x", selftest_bare_response_run },
    { "examples", selftest_options_run },
    { "sha256", selftest_two_hashes_run },
    { "rikard1", selftest_groups_run },
};

static bool run_exchange(const struct file *f, struct fy_node *node,
                         struct fy_node *list, const selftest_check *k)
{
    oscore_case c = { .pool = { NULL, 0 } };
    const bool understood =
        f->common != NULL
            ? oscore_vector_read(&c, node, f->common, list, k->got)
            : oscore_case_read(&c, node, k->got);
    bool passed = false;

    if (!understood) {
        fputs("a case that this runner understands", k->expected);
    } else {
        passed = oscore_case_run(&c, f->crypto, k->expected, k->got);
    }
    oscore_case_free(&c);
    return passed;
}

/* Says so where a base had to be found in place of the one that is named. */
static bool run_negative(const struct file *f, struct fy_node *node,
                         const selftest_check *k)
{
    struct fy_node *base = selftest_negative_base(f->root, node);
    const char *wanted = rules_json_string(rules_json_get(node, "base"));
    const char *found = rules_json_string(rules_json_get(base, "id"));
    char text[300];

    if (base != NULL && wanted != NULL && found != NULL &&
        strcmp(wanted, found) != 0) {
        snprintf(text, sizeof text,
                 "no case %.100s: its request is that of "
                 "%.100s",
                 wanted, found);
        selftest_note(f->report, f->path, text);
    }
    return selftest_negative_run(base, node, f->crypto, k);
}

static bool run(const struct file *f, const char *list_name,
                struct fy_node *node, struct fy_node *list,
                const selftest_check *k)
{
    if (strcmp(list_name, NEGATIVE) == 0) {
        return run_negative(f, node, k);
    }
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (rules_json_get(node, kinds[i].member) != NULL) {
            return kinds[i].run(node, f->crypto, k);
        }
    }
    return run_exchange(f, node, list, k);
}

static void run_one(const struct file *f, const char *list_name,
                    const char *name, struct fy_node *node,
                    struct fy_node *list)
{
    char *texts[2] = { NULL, NULL };
    size_t len[2];
    const selftest_check k = { open_memstream(&texts[0], &len[0]),
                               open_memstream(&texts[1], &len[1]) };
    bool passed = false;
    bool memory = k.expected != NULL && k.got != NULL;

    if (memory) {
        passed = run(f, list_name, node, list, &k);
    }
    memory = k.expected != NULL && fclose(k.expected) == 0 && memory;
    memory = k.got != NULL && fclose(k.got) == 0 && memory;
    if (!memory) {
        selftest_fail(f->report, f->path, name, "enough memory", "none");
    } else if (passed) {
        selftest_pass(f->report, f->path, name);
    } else {
        selftest_fail(f->report, f->path, name, texts[0], texts[1]);
    }
    free(texts[0]);
    free(texts[1]);
}

/* The deterministic request of draft-ietf-core-cacheable-oscore stands beside
 * its response in one vector. */
static void fail_deterministic(const struct file *f, const char *name,
                               struct fy_node *node)
{
    static const char member[] = "deterministic_request";
    char text[300];

    if (rules_json_get(node, member) != NULL) {
        snprintf(text, sizeof text, "%.200s/%s", name, member);
        selftest_fail(f->report, f->path, text, "a case of a known kind",
                      "deterministic requests (Request-Hash) "
                      "are not supported");
    }
}

/* A list of cases; those of an unknown kind fail one by one. */
static void run_list(const struct file *f, const char *list_name,
                     struct fy_node *list)
{
    const bool known = strcmp(list_name, "vectors") == 0 ||
                       strcmp(list_name, "cases") == 0 ||
                       strcmp(list_name, NEGATIVE) == 0;
    char name[200];
    char kind[300];
    void *at = NULL;
    const char *key;
    struct fy_node *node;

    if (rules_json_count(list) == 0) {
        selftest_fail(f->report, f->path, list_name, "an array of cases",
                      rules_json_kind_name(list));
    }
    snprintf(kind, sizeof kind, "not supported: cases of the kind \"%.200s\"",
             list_name);
    for (size_t i = 0; rules_json_next(list, &at, &key, &node); i++) {
        name_of(node, list_name, i, name, sizeof name);
        if (known) {
            run_one(f, list_name, name, node, list);
            fail_deterministic(f, name, node);
        } else {
            selftest_fail(f->report, f->path, name, "a case of a known kind",
                          kind);
        }
    }
}

static bool is_documentation(const char *key)
{
    static const char *const keys[] = {
        "title",    "source",       "spec",        "common",
        "encoding", "confirmed_by", "open_points", "generator",
    };

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (strcmp(key, keys[i]) == 0) {
            return true;
        }
    }
    return false;
}

static void run_members(const struct file *f, struct fy_node *root)
{
    void *at = NULL;
    const char *key;
    struct fy_node *value;
    size_t lists = 0;

    while (rules_json_next(root, &at, &key, &value)) {
        if (is_documentation(key)) {
            continue;
        }
        if (rules_json_kind_of(value) == RULES_JSON_ARRAY) {
            lists++;
            run_list(f, key, value);
        } else {
            selftest_note(f->report, f->path, key);
        }
    }
    if (lists == 0) {
        selftest_fail(f->report, f->path, f->path,
                      "a member \"vectors\" or \"cases\"", "none");
    }
}

void selftest_oscore_file(selftest_report *report, const char *path)
{
    rules_report problems = { NULL, 0, 0 };
    rules_json *document = rules_json_read(path, &problems);
    covey_crypto crypto;
    char text[500] = "";

    if (document == NULL) {
        if (problems.count > 0) {
            const rules_message *m = &problems.messages[0];
            snprintf(text, sizeof text, "line %u column %u: %s", m->line,
                     m->column, m->text);
        }
        selftest_fail(report, path, path, "a JSON file", text);
    } else if (covey_openssl_open(&crypto) != COVEY_OK) {
        selftest_fail(report, path, path, "libcrypto", "E_CRYPTO");
    } else {
        struct fy_node *root = rules_json_root(document);
        const struct file f = { report, path, &crypto, root,
                                rules_json_get(root, "common") };
        run_members(&f, root);
        covey_openssl_close(&crypto);
    }
    rules_json_free(document);
    rules_report_free(&problems);
}
