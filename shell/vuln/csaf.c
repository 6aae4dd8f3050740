/* SPDX-License-Identifier: BSD-2-Clause */
/* A document of CSAF 2.0, also with the profile VEX: what a supplier says
 * about his products. A product is ours if its CPE name or its package URL
 * says so, with the version, if it has one. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    DEPTH_MAX = 16,
    PRODUCTS_MAX = 4096
};

/* The ids of the products that are this service. */
struct ours {
    const vuln_service *service;
    const char *ids[PRODUCTS_MAX];
    size_t count;
    const char **why;
};

/* --- package URLs -------------------------------------------------------- */

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at =
        c != '\0' ? strchr(digits, c | (c >= 'A' && c <= 'F' ? 0x20 : 0))
                  : NULL;

    return at != NULL ? (int)(at - digits) : -1;
}

/* Up to one of `ends`, with what is behind a percent sign decoded. */
static const char *decode(const char *at, const char *ends, char *out,
                          size_t cap)
{
    size_t n = 0;

    while (*at != '\0' && strchr(ends, *at) == NULL && n + 1 < cap) {
        const int high = *at == '%' ? hex_digit(at[1]) : -1;
        const int low = high >= 0 ? hex_digit(at[2]) : -1;
        out[n++] = low >= 0 ? (char)(high * 16 + low) : *at;
        at += low >= 0 ? 3 : 1;
    }
    out[n] = '\0';
    return at;
}

/* "pkg:deb/debian/openssh@1%3A9.2p1-2?arch=source" */
static bool purl_matches(const vuln_service *s, const char *purl)
{
    static const char deb[] = "pkg:deb/debian/";
    char name[VULN_NAME_MAX];
    char version[VULN_VERSION_MAX] = "";

    if (strncmp(purl, deb, sizeof deb - 1) != 0 ||
        strncmp(s->distribution, "Debian", 6) != 0) {
        return false;
    }
    const char *at = decode(purl + sizeof deb - 1, "@?#", name, sizeof name);
    if (*at == '@') {
        decode(at + 1, "?#", version, sizeof version);
    }
    const char *colon = strchr(version, ':');
    const char *theirs = s->epochless && colon != NULL ? colon + 1 : version;
    return strcmp(name, s->package) == 0 &&
           (version[0] == '\0' || vuln_dpkg_compare(theirs, s->version) == 0);
}

static bool cpe_matches(const vuln_service *s, const char *name)
{
    vuln_cpe cpe;

    return s->cpe.part != 0 && vuln_cpe_read(name, &cpe) &&
           cpe.part == s->cpe.part &&
           strcasecmp(cpe.product, s->cpe.product) == 0 &&
           (cpe.vendor[0] == '\0' || s->cpe.vendor[0] == '\0' ||
            strcasecmp(cpe.vendor, s->cpe.vendor) == 0) &&
           (cpe.version[0] == '\0' ||
            vuln_plain_compare(cpe.version, s->cpe.version) == 0);
}

/* --- the product tree ---------------------------------------------------- */

static void add(struct ours *o, const char *id)
{
    if (id != NULL && id[0] != '\0' && o->count < PRODUCTS_MAX) {
        o->ids[o->count++] = id;
    }
}

static bool has(const struct ours *o, const char *id)
{
    for (size_t i = 0; i < o->count; i++) {
        if (strcmp(o->ids[i], id) == 0) {
            return true;
        }
    }
    return false;
}

static void read_product(struct ours *o, const json_t *product)
{
    const json_t *helper =
        json_object_get(product, "product_identification_helper");
    const char *cpe = vuln__text(helper, "cpe", o->why);
    const char *purl = vuln__text(helper, "purl", o->why);

    if (cpe != NULL && purl != NULL &&
        (cpe_matches(o->service, cpe) || purl_matches(o->service, purl))) {
        add(o, vuln__text(product, "product_id", o->why));
    }
}

/* Branches within branches, with the place in each that is open. */
static void read_branches(struct ours *o, const json_t *tree)
{
    const json_t *lists[DEPTH_MAX] = { vuln__list(tree, "branches", o->why) };
    size_t at[DEPTH_MAX] = { 0 };
    size_t depth = 1;

    while (depth > 0 && *o->why == NULL) {
        const json_t *branch =
            json_array_get(lists[depth - 1], at[depth - 1]++);
        const json_t *inner =
            branch != NULL ? vuln__list(branch, "branches", o->why) : NULL;
        if (branch == NULL) {
            depth--;
            continue;
        }
        read_product(o, json_object_get(branch, "product"));
        if (inner != NULL && depth == DEPTH_MAX) {
            *o->why = "branches within more than 16 branches";
        } else if (inner != NULL) {
            lists[depth] = inner;
            at[depth++] = 0;
        }
    }
}

/* A product as a part of another one has an id of its own. */
static void read_relations(struct ours *o, const json_t *tree)
{
    const json_t *item;
    size_t i;

    json_array_foreach(vuln__list(tree, "relationships", o->why), i, item)
    {
        const char *part = vuln__text(item, "product_reference", o->why);
        if (part != NULL && has(o, part)) {
            add(o, vuln__text(json_object_get(item, "full_product_name"),
                              "product_id", o->why));
        }
    }
}

static void read_tree(struct ours *o, const json_t *tree)
{
    const json_t *item;
    size_t i;

    json_array_foreach(vuln__list(tree, "full_product_names", o->why), i, item)
    {
        read_product(o, item);
    }
    read_branches(o, tree);
    read_relations(o, tree);
}

/* --- what is said -------------------------------------------------------- */

static const struct status {
    const char *name;
    vuln_answer answer;
    const char *text;
} statuses[] = {
    { "known_affected", VULN_AFFECTED, "the supplier says it is affected" },
    { "under_investigation", VULN_CANNOT_TELL,
      "the supplier has not found out yet" },
    { "fixed", VULN_FIXED, "the supplier has fixed it in this version" },
    { "known_not_affected", VULN_FIXED,
      "the supplier says it is not affected" },
};

static bool lists_ours(const struct ours *o, const json_t *ids)
{
    const json_t *item;
    size_t i;

    json_array_foreach(ids, i, item)
    {
        const char *id = json_string_value(item);
        if (id == NULL) {
            *o->why = "expected the id of a product";
            return false;
        }
        if (has(o, id)) {
            return true;
        }
    }
    return false;
}

/* Of several statuses the worst counts. */
static const struct status *status_of(const struct ours *o,
                                      const json_t *vulnerability)
{
    const json_t *all = json_object_get(vulnerability, "product_status");

    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        if (lists_ours(o, vuln__list(all, statuses[i].name, o->why))) {
            return &statuses[i];
        }
    }
    return NULL;
}

static void judge(vuln_lookup *l, uint32_t service, const struct ours *o,
                  const json_t *document)
{
    const json_t *item;
    size_t i;
    const char *id = vuln__text(
        json_object_get(json_object_get(document, "document"), "tracking"),
        "id", o->why);

    json_array_foreach(vuln__list(document, "vulnerabilities", o->why), i,
                       item)
    {
        const struct status *s = status_of(o, item);
        const char *cve = vuln__text(item, "cve", o->why);
        if (s == NULL || cve == NULL || cve[0] == '\0' || id == NULL) {
            continue;
        }
        vuln_match m = { .service = service,
                         .source = VULN_VEX,
                         .answer = s->answer };
        vuln__copy(m.id, sizeof m.id, cve, strlen(cve));
        vuln__copy(m.record, sizeof m.record, id, strlen(id));
        snprintf(m.why, sizeof m.why, "%s", s->text);
        vuln__match(l, &m);
    }
}

bool vuln__csaf(vuln_lookup *l, const json_t *document, const char **why)
{
    struct ours *o = calloc(1, sizeof *o);

    if (o == NULL) {
        *why = "out of memory";
        return false;
    }
    for (size_t k = 0; k < l->service_count && *why == NULL; k++) {
        o->service = &l->services[k];
        o->count = 0;
        o->why = why;
        read_tree(o, json_object_get(document, "product_tree"));
        if (*why == NULL) {
            judge(l, (uint32_t)k, o, document);
        }
    }
    free(o);
    return *why == NULL;
}
