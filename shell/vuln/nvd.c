/* SPDX-License-Identifier: BSD-2-Clause */
/* One vulnerability of the NVD (API 2.0): which CPE names its configurations
 * match. Which of several products have to come together is not looked at: a
 * match is a question that somebody has to answer, never an answer. */
#include "internal.h"

#include <string.h>
#include <strings.h>

static const char *bound(const json_t *match, const char *name,
                         const char **why)
{
    const char *text = vuln__text(match, name, why);

    return text != NULL && text[0] != '\0' ? text : NULL;
}

/* Whether a version lies in the range that a match has, if it has one. */
static bool in_range(const json_t *match, const char *version,
                     const char **why)
{
    const char *from = bound(match, "versionStartIncluding", why);
    const char *behind = bound(match, "versionStartExcluding", why);
    const char *to = bound(match, "versionEndIncluding", why);
    const char *before = bound(match, "versionEndExcluding", why);

    return (from == NULL || vuln_plain_compare(version, from) >= 0) &&
           (behind == NULL || vuln_plain_compare(version, behind) > 0) &&
           (to == NULL || vuln_plain_compare(version, to) <= 0) &&
           (before == NULL || vuln_plain_compare(version, before) < 0);
}

static bool is_any_or(const char *pattern, const char *text)
{
    return pattern[0] == '\0' || strcasecmp(pattern, text) == 0;
}

static bool matches(const vuln_cpe *cpe, const json_t *match, const char **why)
{
    const char *criteria = vuln__text(match, "criteria", why);
    vuln_cpe pattern;

    if (criteria == NULL || !vuln_cpe_read(criteria, &pattern)) {
        *why = "expected \"criteria\" with a CPE name";
        return false;
    }
    if (!json_is_true(json_object_get(match, "vulnerable")) ||
        pattern.part != cpe->part ||
        strcasecmp(pattern.product, cpe->product) != 0 ||
        (cpe->vendor[0] != '\0' && !is_any_or(pattern.vendor, cpe->vendor))) {
        return false;
    }
    return (pattern.version[0] == '\0' ||
            vuln_plain_compare(pattern.version, cpe->version) == 0) &&
           in_range(match, cpe->version, why);
}

static bool node_matches(const vuln_cpe *cpe, const json_t *node,
                         const char **why)
{
    const json_t *match;
    size_t i;

    json_array_foreach(vuln__list(node, "cpeMatch", why), i, match)
    {
        if (matches(cpe, match, why)) {
            return true;
        }
    }
    return false;
}

static bool cve_matches(const vuln_cpe *cpe, const json_t *cve,
                        const char **why)
{
    const json_t *configuration;
    const json_t *node;
    size_t i;
    size_t k;

    json_array_foreach(vuln__list(cve, "configurations", why), i,
                       configuration)
    {
        json_array_foreach(vuln__list(configuration, "nodes", why), k, node)
        {
            if (node_matches(cpe, node, why)) {
                return true;
            }
        }
    }
    return false;
}

bool vuln__nvd(vuln_lookup *l, const json_t *item, const char **why)
{
    const json_t *cve = json_object_get(item, "cve");
    const char *id = vuln__text(cve, "id", why);
    const char *status = vuln__text(cve, "vulnStatus", why);

    if (*why == NULL && (id == NULL || id[0] == '\0')) {
        *why = "expected \"cve\" with \"id\"";
    }
    if (*why != NULL || strcmp(status, "Rejected") == 0) {
        return *why == NULL;
    }
    for (size_t k = 0; k < l->service_count; k++) {
        const vuln_cpe *cpe = &l->services[k].cpe;
        if (cpe->part == 0 || cpe->version[0] == '\0' ||
            !cve_matches(cpe, cve, why)) {
            continue;
        }
        vuln_match m = { .service = (uint32_t)k,
                         .source = VULN_NVD,
                         .answer = VULN_CANNOT_TELL };
        vuln__copy(m.id, sizeof m.id, id, strlen(id));
        vuln__copy(m.record, sizeof m.record, id, strlen(id));
        snprintf(m.why, sizeof m.why,
                 "%.60s %.60s: the version is in the list, which says "
                 "nothing of back-ports",
                 cpe->product, cpe->version);
        vuln__match(l, &m);
    }
    return *why == NULL;
}
