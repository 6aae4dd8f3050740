/* SPDX-License-Identifier: BSD-2-Clause */
/* A report as a security advisory (CSAF 2.0), for who has to be told of a
 * weakness: written on request only (AUD-075), and with no more than findings
 * and answers. Its products are the hosts, files and services as they are
 * called in the report. */
#include "paper.h"
#include "report.h"

#include <string.h>

typedef struct advisory {
    json_t *products;
    json_t *numbers; /* of products, by name */
    json_t *vulnerabilities;
} advisory;

/* The id of a product, perhaps a new one. */
static json_t *product(advisory *a, const char *name)
{
    const char *id = object_text(a->numbers, name);

    if (id[0] == '\0') {
        json_object_set_new(
            a->numbers, name,
            json_sprintf("P-%zu", json_array_size(a->products) + 1));
        id = object_text(a->numbers, name);
        json_array_append_new(a->products, json_pack("{s:s, s:s}", "name",
                                                     name, "product_id", id));
    }
    return json_pack("[s]", id);
}

static json_t *note(const char *category, const char *text)
{
    return json_pack("{s:s, s:s}", "category", category, "text", text);
}

static void add_finding(advisory *a, const json_t *f)
{
    json_t *who = product(a, object_text(f, "target"));

    json_array_append_new(
        a->vulnerabilities,
        json_pack("{s:s, s:[{s:s, s:s}], s:[o], s:{s:O}, s:[{s:s, s:s, s:O}]}",
                  "title", object_text(f, "title"), "ids", "system_name",
                  "covey-audit", "text", object_text(f, "finding"), "notes",
                  note("description", object_text(f, "detail")),
                  "product_status", "known_affected", who, "remediations",
                  "category", "mitigation", "details",
                  object_text(f, "remedy"), "product_ids", who));
    json_decref(who);
}

static void add_answer(advisory *a, const json_t *one)
{
    const char *id = object_text(one, "id");
    const char *answer = object_text(one, "answer");
    const char *status = strcmp(answer, "affected") == 0 ? "known_affected"
                         : strcmp(answer, "fixed by distribution") == 0
                             ? "fixed"
                             : "under_investigation";
    json_t *v = json_pack("{s:[o], s:{s:o}}", "notes",
                          note("description", object_text(one, "why")),
                          "product_status", status,
                          product(a, object_text(one, "service")));

    if (strncmp(id, "CVE-", 4) == 0) {
        json_object_set_new(v, "cve", json_string(id));
    } else {
        json_object_set_new(v, "ids",
                            json_pack("[{s:s, s:s}]", "system_name",
                                      object_text(one, "source"), "text", id));
    }
    json_array_append_new(a->vulnerabilities, v);
}

/* What a look-up has answered is said by its answers. */
static void add_all(advisory *a, const json_t *data)
{
    const json_t *findings = json_object_get(data, "findings");
    const json_t *files = json_object_get(data, "files");

    for (size_t i = 0; i < json_array_size(findings); i++) {
        const json_t *f = json_array_get(findings, i);
        if (strncmp(object_text(f, "finding"), "VU-", 3) != 0) {
            add_finding(a, f);
        }
    }
    for (size_t i = 0; i < json_array_size(files); i++) {
        const json_t *all = json_object_get(json_array_get(files, i), "vuln");
        for (size_t n = 0; n < json_array_size(all); n++) {
            add_answer(a, json_array_get(all, n));
        }
    }
}

/* Those of TLP 1, which is what CSAF 2.0 has. */
static const char *label_of(const char *tlp)
{
    if (strncmp(tlp, "AMBER", 5) == 0) {
        return "AMBER";
    }
    return strcmp(tlp, "CLEAR") == 0 ? "WHITE" : tlp;
}

static json_t *document_of(const paper *p, const json_t *data, bool any)
{
    const json_t *m = json_object_get(data, "mandate");
    const json_t *auditor = json_object_get(m, "auditor");
    const json_t *run = json_object_get(data, "run");
    const char *date = object_text(run, "end");

    return json_pack(
        "{s:s, s:s, s:{s:{s:s}}, s:s, s:s, s:[o], s:{s:s, s:s, s:s}, "
        "s:{s:s, s:s, s:s, s:s, s:s, s:[{s:s, s:s, s:s}], s:{s:{s:s}}}}",
        "category", any ? "csaf_security_advisory" : "csaf_base",
        "csaf_version", "2.0", "distribution", "tlp", "label",
        label_of(object_text(data, "tlp")), "lang",
        object_text(data, "language"), "title", object_text(m, "id"), "notes",
        note("legal_disclaimer", report_in(p, "no_claim")), "publisher",
        "category", "discoverer", "name", object_text(auditor, "legal"),
        "namespace", "urn:covey-audit", "tracking", "id",
        object_text(run, "run"), "status", "draft", "version", "1",
        "initial_release_date", date, "current_release_date", date,
        "revision_history", "date", date, "number", "1", "summary",
        object_text(m, "id"), "generator", "engine", "name",
        object_text(run, "program"));
}

json_t *report_csaf(const paper *p, const json_t *data)
{
    advisory a = { .products = json_array(),
                   .numbers = json_object(),
                   .vulnerabilities = json_array() };

    add_all(&a, data);
    const bool any = json_array_size(a.vulnerabilities) > 0;
    json_t *all = json_pack("{s:o}", "document", document_of(p, data, any));
    if (any) {
        json_object_set(all, "vulnerabilities", a.vulnerabilities);
        json_object_set_new(
            all, "product_tree",
            json_pack("{s:O}", "full_product_names", a.products));
    }
    json_decref(a.products);
    json_decref(a.numbers);
    json_decref(a.vulnerabilities);
    return all;
}
