/* SPDX-License-Identifier: BSD-2-Clause */
/* A record of OSV (the Open Source Vulnerability format 1.x): which versions
 * of which packages. Only distributions that count as dpkg does. */
#include "internal.h"

#include <string.h>

/* The events of one range, beside one version. */
struct range {
    const char *introduced; /* the latest that is not above the version */
    const char *fixed;      /* the same */
    const char *last;       /* the latest last affected one below it */
    const char *next;       /* the first that has it fixed, above it */
};

/* What all ranges of one package say. */
struct verdict {
    const vuln_service *service;
    bool affected;
    const char *fixed; /* since when, by one of the ranges; or NULL */
    const char *next;  /* from when on, by that which is affected; or NULL */
};

/* A version from the base, as comparable as the service's own is. */
static const char *comparable(const vuln_service *s, const char *version)
{
    const char *colon = strchr(version, ':');

    return s->epochless && colon != NULL ? colon + 1 : version;
}

static int compare(const vuln_service *s, const char *a, const char *b)
{
    return vuln_dpkg_compare(comparable(s, a), comparable(s, b));
}

/* Below everything. */
static bool is_beginning(const char *version)
{
    return strcmp(version, "0") == 0;
}

static bool is_above(const vuln_service *s, const char *event)
{
    return !is_beginning(event) && compare(s, event, s->version) > 0;
}

static void later(const vuln_service *s, const char **kept, const char *event)
{
    if (*kept == NULL || is_beginning(*kept) ||
        (!is_beginning(event) && compare(s, event, *kept) > 0)) {
        *kept = event;
    }
}

static bool read_event(const vuln_service *s, struct range *r,
                       const json_t *event, const char **why)
{
    const char *introduced = vuln__text(event, "introduced", why);
    const char *fixed = vuln__text(event, "fixed", why);
    const char *last = vuln__text(event, "last_affected", why);

    if (!json_is_object(event) || introduced == NULL || fixed == NULL ||
        last == NULL) {
        *why = "expected an event";
        return false;
    }
    if (introduced[0] != '\0' && !is_above(s, introduced)) {
        later(s, &r->introduced, introduced);
    }
    if (fixed[0] != '\0' && !is_above(s, fixed)) {
        later(s, &r->fixed, fixed);
    } else if (fixed[0] != '\0' &&
               (r->next == NULL || compare(s, fixed, r->next) < 0)) {
        r->next = fixed;
    }
    if (last[0] != '\0' && compare(s, s->version, last) > 0) {
        later(s, &r->last, last);
    }
    return true;
}

/* Whether one event comes after the range was opened. */
static bool closes(const vuln_service *s, const struct range *r,
                   const char *event)
{
    return event != NULL && (is_beginning(r->introduced) ||
                             compare(s, event, r->introduced) >= 0);
}

static void add_range(struct verdict *v, const struct range *r)
{
    if (r->introduced == NULL) {
        return;
    }
    if (closes(v->service, r, r->fixed)) {
        v->fixed = r->fixed;
    } else if (!closes(v->service, r, r->last)) {
        v->affected = true;
        v->next = r->next;
    }
}

static bool read_ranges(struct verdict *v, const json_t *affected,
                        const char **why)
{
    const json_t *ranges = vuln__list(affected, "ranges", why);
    const json_t *range;
    const json_t *event;
    size_t i;
    size_t k;

    json_array_foreach(ranges, i, range)
    {
        const char *type = vuln__text(range, "type", why);
        const json_t *events = vuln__list(range, "events", why);
        struct range r = { 0 };
        if (*why != NULL || !json_is_object(range)) {
            *why = "expected a range";
            return false;
        }
        if (strcmp(type, "ECOSYSTEM") != 0) {
            continue;
        }
        json_array_foreach(events, k, event)
        {
            if (!read_event(v->service, &r, event, why)) {
                return false;
            }
        }
        add_range(v, &r);
    }
    return *why == NULL;
}

/* Versions may also be named one by one. */
static bool read_versions(struct verdict *v, const json_t *affected,
                          const char **why)
{
    const json_t *versions = vuln__list(affected, "versions", why);
    const json_t *item;
    size_t i;

    json_array_foreach(versions, i, item)
    {
        const char *text = json_string_value(item);
        if (text == NULL) {
            *why = "expected a version";
            return false;
        }
        v->affected =
            v->affected || compare(v->service, text, v->service->version) == 0;
    }
    return *why == NULL;
}

/* --- what it amounts to -------------------------------------------------- */

/* False: the record says nothing about this version. */
static bool conclude(const struct verdict *v, vuln_match *m)
{
    const vuln_service *s = v->service;

    if (v->affected) {
        m->answer = VULN_AFFECTED;
        snprintf(m->why, sizeof m->why, "%.60s %.40s: %s%.80s", s->package,
                 s->version, v->next != NULL ? "fixed in " : "no fix yet",
                 v->next != NULL ? v->next : "");
    } else if (v->fixed != NULL) {
        m->answer = VULN_FIXED;
        snprintf(m->why, sizeof m->why, "%.60s %.40s: fixed since %.80s",
                 s->package, s->version, v->fixed);
    }
    return v->affected || v->fixed != NULL;
}

/* "Debian:12" is of the distribution "Debian:12", and of "Debian". */
static bool is_of(const char *ecosystem, const char *distribution)
{
    const size_t len = strlen(distribution);

    return len > 0 && strncmp(ecosystem, distribution, len) == 0 &&
           (ecosystem[len] == '\0' ||
            (ecosystem[len] == ':' && strchr(distribution, ':') == NULL));
}

static bool counts_as_dpkg(const char *ecosystem)
{
    return strncmp(ecosystem, "Debian", 6) == 0 ||
           strncmp(ecosystem, "Ubuntu", 6) == 0;
}

/* --- names --------------------------------------------------------------- */

/* Every name that begins with CVE; without any, the record's own. */
static void tell_names(vuln_lookup *l, const json_t *record, vuln_match *m)
{
    static const char *const lists[] = { "upstream", "aliases", "related" };
    const char *id = m->record;
    const json_t *item;
    size_t i;
    bool any = false;

    if (strncmp(id, "DEBIAN-", 7) == 0 || strncmp(id, "UBUNTU-", 7) == 0) {
        id += 7;
    }
    if (strncmp(id, "CVE-", 4) == 0) {
        vuln__copy(m->id, sizeof m->id, id, strlen(id));
        vuln__match(l, m);
        return;
    }
    for (size_t k = 0; k < sizeof lists / sizeof lists[0]; k++) {
        json_array_foreach(json_object_get(record, lists[k]), i, item)
        {
            const char *name = json_string_value(item);
            if (name != NULL && strncmp(name, "CVE-", 4) == 0) {
                vuln__copy(m->id, sizeof m->id, name, strlen(name));
                vuln__match(l, m);
                any = true;
            }
        }
    }
    if (!any) {
        memcpy(m->id, m->record, sizeof m->id);
        vuln__match(l, m);
    }
}

/* --- a record ------------------------------------------------------------ */

/* What all entries for one service say: of a distribution whose release is not
 * known, several may differ. */
static void tell(vuln_lookup *l, const json_t *record, vuln_match *m,
                 const unsigned counts[VULN_ANSWERS])
{
    if (counts[VULN_AFFECTED] > 0 && counts[VULN_FIXED] > 0) {
        m->answer = VULN_CANNOT_TELL;
        snprintf(m->why, sizeof m->why,
                 "it depends on the release, which is not known");
    }
    if (counts[VULN_AFFECTED] + counts[VULN_FIXED] > 0) {
        tell_names(l, record, m);
    }
}

static bool judge(const vuln_service *s, const json_t *affected, vuln_match *m,
                  unsigned counts[VULN_ANSWERS], const char **why)
{
    const json_t *package = json_object_get(affected, "package");
    const char *ecosystem = vuln__text(package, "ecosystem", why);
    const char *name = vuln__text(package, "name", why);
    struct verdict v = { .service = s };

    if (ecosystem == NULL || name == NULL) {
        return false;
    }
    if (strcmp(name, s->package) != 0 || !is_of(ecosystem, s->distribution) ||
        !counts_as_dpkg(ecosystem)) {
        return true;
    }
    if (!read_ranges(&v, affected, why) || !read_versions(&v, affected, why)) {
        return false;
    }
    vuln_match found = *m;
    if (conclude(&v, &found)) {
        counts[found.answer]++;
        *m = counts[VULN_AFFECTED] > 0 && found.answer != VULN_AFFECTED
                 ? *m
                 : found;
    }
    return true;
}

static bool is_named(const vuln_service *s)
{
    return s->package[0] != '\0' && s->version[0] != '\0' &&
           s->distribution[0] != '\0';
}

bool vuln__osv(vuln_lookup *l, const json_t *record, const char **why)
{
    const char *id = vuln__text(record, "id", why);
    const json_t *list = vuln__list(record, "affected", why);
    const json_t *affected;
    size_t i;

    if (*why == NULL && (id == NULL || id[0] == '\0')) {
        *why = "expected \"id\"";
    }
    if (*why != NULL || json_object_get(record, "withdrawn") != NULL) {
        return *why == NULL;
    }
    for (size_t k = 0; k < l->service_count; k++) {
        unsigned counts[VULN_ANSWERS] = { 0 };
        vuln_match m = { .service = (uint32_t)k, .source = VULN_OSV };
        vuln__copy(m.record, sizeof m.record, id, strlen(id));
        json_array_foreach(list, i, affected)
        {
            if (!json_is_object(affected)) {
                *why = "expected an object in \"affected\"";
                return false;
            }
            if (is_named(&l->services[k]) &&
                !judge(&l->services[k], affected, &m, counts, why)) {
                return false;
            }
        }
        tell(l, record, &m, counts);
    }
    return true;
}
