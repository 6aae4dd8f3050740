/* SPDX-License-Identifier: BSD-2-Clause */
/* A mandate with what was added to it. */
#include "mandate.h"

#include "internal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct mandate {
    conf_memory memory; /* of everything that was read */
    mandate_terms terms;
    covey_audit_document documents[MANDATE_DOCUMENTS_MAX];
    size_t count;
    mandate_addition additions[MANDATE_DOCUMENTS_MAX];
    size_t addition_count;
    bool withdrawn;
};

static conf_reader reader_of(conf_memory *memory, const char *path,
                             FILE *messages)
{
    const conf_reader c = { .messages = messages,
                            .manual = MANDATE_MANUAL,
                            .what = "a mandate",
                            .memory = memory,
                            .name = path,
                            .json = true };

    return c;
}

static bool refuse(conf_reader *c, const char *format, ...) CONF_PRINTF(2, 3);

static bool refuse(conf_reader *c, const char *format, ...)
{
    va_list args;

    fprintf(c->messages, "%s: error: ", c->name);
    va_start(args, format);
    vfprintf(c->messages, format, args);
    va_end(args);
    fputc('\n', c->messages);
    c->errors++;
    return false;
}

/* --- signatures ---------------------------------------------------------- */

static bool has_signed(conf_reader *c, const dsse *d,
                       const covey_crypto *crypto, const mandate_party *p)
{
    char text[MANDATE_KEY_TEXT_MAX];

    return dsse_signed_by(d, crypto, &p->key) ||
           refuse(c, "no valid signature of %s (%s, %s) (AUD-051)", p->natural,
                  p->role, mandate_key_text(&p->key, text));
}

static bool all_have_signed(conf_reader *c, const dsse *d,
                            const covey_crypto *crypto, const mandate_terms *t)
{
    bool all = has_signed(c, d, crypto, &t->principal);

    all = has_signed(c, d, crypto, &t->auditor) && all;
    for (size_t i = 0; i < t->third_party_count; i++) {
        all = has_signed(c, d, crypto, &t->third_parties[i]) && all;
    }
    return all;
}

static bool one_has_signed(const dsse *d, const covey_crypto *crypto,
                           const mandate_terms *t)
{
    bool one = dsse_signed_by(d, crypto, &t->principal.key) ||
               dsse_signed_by(d, crypto, &t->auditor.key);

    for (size_t i = 0; i < t->third_party_count && !one; i++) {
        one = dsse_signed_by(d, crypto, &t->third_parties[i].key);
    }
    return one;
}

/* --- the mandate itself -------------------------------------------------- */

mandate *mandate_load(const char *path, const covey_crypto *crypto,
                      const mandate_owners *owners, FILE *messages)
{
    mandate *m = calloc(1, sizeof *m);
    mandate_reading r;
    dsse d = { .payload = NULL };

    if (m == NULL) {
        fprintf(messages, "%s: error: out of memory\n", path);
        return NULL;
    }
    conf_reader c = reader_of(&m->memory, path, messages);
    bool good =
        mandate_open(&c, path, false, &d) &&
        (d.kind == MANDATE_KIND_MANDATE ||
         refuse(&c, "expected a mandate, found another document")) &&
        mandate_payload(&c, &d, &r) &&
        all_have_signed(&c, &d, crypto, &r.terms) &&
        (owners == NULL || owners_cover(owners, &r.terms.principal.key,
                                        &r.document, r.terms.clauses, &c));
    if (!good) {
        mandate_free(m);
        errno = c.io_error;
        return NULL;
    }
    m->terms = r.terms;
    for (size_t i = 0; owners != NULL && i < r.terms.source_count; i++) {
        m->terms.source_inside +=
            owners_hold(owners, &r.terms.principal.key, &r.terms.sources[i])
                ? 1
                : 0;
    }
    m->documents[0] = r.document;
    m->count = 1;
    return m;
}

void mandate_free(mandate *m)
{
    if (m != NULL) {
        conf_free(&m->memory);
        free(m);
    }
}

/* --- what is added ------------------------------------------------------- */

static bool narrows(conf_reader *c, const mandate *m, const mandate_reading *r)
{
    static const char *const what[] = {
        [COVEY_AUDIT_WIDENS_SCOPE] = "clause",
        [COVEY_AUDIT_WIDENS_WINDOW] = "window",
        [COVEY_AUDIT_WIDENS_TECHNIQUE] = "technique",
        [COVEY_AUDIT_WIDENS_MODE] = "mode",
        [COVEY_AUDIT_WIDENS_LIMIT] = "limit",
    };
    size_t which = 0;
    const covey_audit_widening how =
        covey_audit_widens(&m->documents[0], &r->document, &which);

    switch (how) {
    case COVEY_AUDIT_NARROWS:
        return true;
    case COVEY_AUDIT_WIDENS_SCOPE:
        return refuse(c, "clause %s is wider than the mandate (AUD-053)",
                      r->terms.clauses[which]);
    case COVEY_AUDIT_WIDENS_TECHNIQUE:
        return refuse(
            c, "technique %s is not in the mandate (AUD-053)",
            covey_audit_technique_get((covey_audit_technique)which)->name);
    case COVEY_AUDIT_WIDENS_WINDOW:
    case COVEY_AUDIT_WIDENS_MODE:
    case COVEY_AUDIT_WIDENS_LIMIT:
        return refuse(c, "%s %zu is wider than the mandate (AUD-053)",
                      what[how], which + 1);
    }
    return false;
}

static bool add_amendment(mandate *m, conf_reader *c, const dsse *d,
                          const covey_crypto *crypto, mandate_reading *r)
{
    r->document.mode = m->documents[0].mode; /* nothing it could change */
    if (!all_have_signed(c, d, crypto, &m->terms) || !narrows(c, m, r)) {
        return false;
    }
    if (m->count == MANDATE_DOCUMENTS_MAX) {
        return refuse(c, "expected up to %d documents", MANDATE_DOCUMENTS_MAX);
    }
    m->documents[m->count++] = r->document;
    return true;
}

bool mandate_add(mandate *m, const char *path, const covey_crypto *crypto,
                 FILE *messages)
{
    conf_reader c = reader_of(&m->memory, path, messages);
    mandate_reading r;
    dsse d = { .payload = NULL };
    bool good = false;

    if (!mandate_open(&c, path, false, &d) || !mandate_payload(&c, &d, &r)) {
        errno = c.io_error;
        return false;
    }
    if (d.kind == MANDATE_KIND_MANDATE) {
        refuse(&c, "expected an amendment or a withdrawal, found a mandate");
    } else if (strcmp(r.of, m->terms.id) != 0) {
        refuse(&c, "it is for the mandate '%s', not for '%s'", r.of,
               m->terms.id);
    } else if (d.kind == MANDATE_KIND_AMENDMENT) {
        good = add_amendment(m, &c, &d, crypto, &r);
    } else if (one_has_signed(&d, crypto, &m->terms)) {
        good = m->withdrawn = true;
    } else {
        refuse(&c, "no valid signature of any party (AUD-060)");
    }
    if (good && m->addition_count < MANDATE_DOCUMENTS_MAX) {
        m->additions[m->addition_count++] = r.addition;
    }
    errno = 0;
    return good;
}

const mandate_addition *mandate_additions(const mandate *m, size_t *count)
{
    *count = m->addition_count;
    return m->additions;
}

const mandate_terms *mandate_read(const mandate *m)
{
    return &m->terms;
}

covey_audit_mandate mandate_gate(const mandate *m)
{
    const covey_audit_mandate gate = { .documents = m->documents,
                                       .count = m->count,
                                       .withdrawn = m->withdrawn };

    return gate;
}

/* --- signing ------------------------------------------------------------- */

bool mandate_sign(const char *path, const covey_crypto *crypto, covey_key *own,
                  const mandate_key *key, FILE *out, FILE *messages)
{
    conf_memory memory = { NULL };
    conf_reader c = reader_of(&memory, path, messages);
    mandate_reading r;
    dsse d = { .payload = NULL };
    bool good = mandate_open(&c, path, true, &d) &&
                mandate_payload(&c, &d, &r) &&
                (dsse_sign(&d, &c, crypto, own, key) ||
                 refuse(&c, "could not be signed"));
    const int why = c.io_error;

    if (good) {
        dsse_print(&d, out);
    }
    conf_free(&memory);
    errno = why;
    return good;
}
