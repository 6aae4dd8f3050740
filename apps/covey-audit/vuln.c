/* SPDX-License-Identifier: BSD-2-Clause */
/* covey-audit vuln: the last stage of an audit, which is no access: names and
 * versions are compared with files (AUD-071, AUD-088). */
#include "vuln.h"

#include "lint.h"

#include <crypto/openssl/openssl.h>

#include <stdlib.h>
#include <string.h>

/* --- what was found ------------------------------------------------------ */

json_t *vuln_answer_json(const vuln_found *f, size_t i)
{
    const vuln_match *m = &f->lookup.matches[i];

    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:i}", "service",
                     f->in->services[m->service].label, "id", m->id, "answer",
                     vuln_answer_text(m->answer), "source",
                     vuln_source_text(m->source), "record", m->record, "why",
                     m->why, "base", (int)m->base);
}

json_t *vuln_service_json(const vuln_found *f, size_t i)
{
    const vuln_service *s = &f->in->services[i];

    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "service",
                     s->label, "distribution", s->distribution, "package",
                     s->package, "package_version", s->version, "vendor",
                     s->cpe.vendor, "product", s->cpe.product, "version",
                     s->cpe.version);
}

json_t *vuln_base_json(const vuln_found *f, size_t i)
{
    const vuln_base *base = &f->bases[i];

    return json_pack("{s:s, s:s, s:s, s:I, s:I}", "name", f->args->files[i],
                     "date", base->date, "sha256", base->sha256, "files",
                     (json_int_t)base->files, "records",
                     (json_int_t)base->records);
}

static json_t *all_of(const vuln_found *f, size_t count,
                      json_t *(*one)(const vuln_found *f, size_t i))
{
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++) {
        json_array_append_new(list, one(f, i));
    }
    return list;
}

json_t *vuln_findings(const vuln_found *f)
{
    lint l = { .args = f->args, .findings = json_array() };

    for (size_t i = 0; i < f->lookup.match_count; i++) {
        const vuln_match *m = &f->lookup.matches[i];
        if (m->answer == VULN_FIXED) {
            continue;
        }
        l.file = f->args->files[m->base];
        l.digest = f->bases[m->base].sha256;
        lint_found(&l,
                   m->answer == VULN_AFFECTED ? LINT_VULN_AFFECTED
                                              : LINT_VULN_CANNOT_TELL,
                   0, "%s: %s (%s %s): %s", f->in->services[m->service].label,
                   m->id, vuln_source_text(m->source), m->record, m->why);
    }
    if (l.failed) {
        json_decref(l.findings);
        l.findings = NULL;
    }
    return l.findings;
}

/* --- text ---------------------------------------------------------------- */

void vuln_print(const vuln_found *f)
{
    size_t counts[VULN_ANSWERS] = { 0 };

    for (size_t i = 0; i < f->lookup.match_count; i++) {
        const vuln_match *m = &f->lookup.matches[i];
        counts[m->answer]++;
        printf("%s: %s %s: %s (%s %s)\n", f->in->services[m->service].label,
               m->id, vuln_answer_text(m->answer), m->why,
               vuln_source_text(m->source), m->record);
    }
    for (int i = 0; i < f->args->file_count; i++) {
        const vuln_base *base = &f->bases[i];
        printf("base %s of %s: %zu files, SHA-256 %s\n", f->args->files[i],
               base->date[0] != '\0' ? base->date : "unknown date",
               base->files, base->sha256);
    }
    printf("%zu services", f->in->count);
    if (f->in->unnamed > 0) {
        printf(" (and %zu without a version)", f->in->unnamed);
    }
    for (unsigned i = 0; i < VULN_ANSWERS; i++) {
        printf(", %zu %s", counts[i], vuln_answer_text((vuln_answer)i));
    }
    putchar('\n');
}

/* --- looking up ---------------------------------------------------------- */

bool vuln_look_up(vuln_found *f, const audit_args *a, const vuln_input *in,
                  const covey_crypto *crypto)
{
    memset(f, 0, sizeof *f);
    f->args = a;
    f->in = in;
    f->bases = calloc((size_t)a->file_count, sizeof *f->bases);
    f->lookup.services = in->services;
    f->lookup.service_count = in->count;
    f->lookup.messages = stderr;
    f->complete = f->bases != NULL;
    for (int i = 0; f->bases != NULL && i < a->file_count; i++) {
        f->lookup.base = (uint32_t)i;
        f->complete =
            vuln_base_read(&f->lookup, crypto, a->files[i], &f->bases[i]) &&
            f->complete;
    }
    if (f->lookup.full) {
        audit_fail("vuln", AUDIT_IO, "more than %d answers", VULN_MATCHES_MAX);
    }
    f->complete = f->complete && f->lookup.refused == 0 && !f->lookup.full;
    return f->bases != NULL ||
           audit_fail("vuln", AUDIT_IO, "out of memory") == AUDIT_DONE;
}

void vuln_found_free(vuln_found *f)
{
    vuln_close(&f->lookup);
    free(f->bases);
    f->bases = NULL;
}

static int tell(const vuln_found *f)
{
    const audit_args *a = f->args;
    json_t *findings = vuln_findings(f);

    if (!a->json) {
        vuln_print(f);
    }
    json_t *result =
        json_pack("{s:s, s:o, s:o, s:I, s:o, s:b, s:O}", "program",
                  "covey-audit " COVEY_VERSION, "vuln",
                  all_of(f, f->lookup.match_count, vuln_answer_json),
                  "services", all_of(f, f->in->count, vuln_service_json),
                  "unnamed", (json_int_t)f->in->unnamed, "bases",
                  all_of(f, (size_t)a->file_count, vuln_base_json), "complete",
                  (int)f->complete, "findings", findings);
    const int status =
        result != NULL ? audit_result_tell(a, "vuln", result) : AUDIT_IO;
    const bool found = json_array_size(findings) > 0;
    json_decref(result);
    json_decref(findings);
    return status != AUDIT_DONE || !f->complete ? AUDIT_IO
           : found                              ? AUDIT_FINDINGS
                                                : AUDIT_DONE;
}

/* --- the verb ------------------------------------------------------------ */

static int look_up(const audit_args *a)
{
    covey_crypto crypto;
    vuln_found found;
    vuln_input in;
    int status = vuln_input_read(&in, a);

    if (status == AUDIT_DONE && covey_openssl_open(&crypto) != COVEY_OK) {
        status = audit_fail("vuln", AUDIT_IO, "libcrypto failed");
    } else if (status == AUDIT_DONE) {
        status =
            vuln_look_up(&found, a, &in, &crypto) ? tell(&found) : AUDIT_IO;
        vuln_found_free(&found);
        covey_openssl_close(&crypto);
    }
    vuln_input_free(&in);
    return status;
}

int cmd_vuln(int argc, char **argv)
{
    static const audit_usage usage = {
        "vuln",
        "--service --services --evidence --into --owners --key --state "
        "--json ",
        "[--service TEXT] [--services FILE] [--evidence FOLDER] "
        "[--into FOLDER] [--owners FILE --key FILE [--state FOLDER]] [--json] "
        "BASE..."
    };
    audit_args a;
    const int status = audit_args_read(argc, argv, &usage, &a);

    if (status != AUDIT_DONE || a.help) {
        return status;
    }
    if (a.file_count < 1 ||
        (a.service == NULL && a.services == NULL && a.evidence == NULL)) {
        return audit_fail("vuln", AUDIT_USAGE,
                          "expected services and a base; "
                          "covey-audit-vuln(1)");
    }
    if (a.key == NULL && a.owners == NULL) {
        return look_up(&a);
    }
    if (a.key == NULL || a.owners == NULL || a.evidence == NULL ||
        a.into == NULL) {
        return audit_fail("vuln", AUDIT_USAGE,
                          "under a mandate: expected --owners FILE, --key "
                          "FILE, --evidence FOLDER of a run and --into a "
                          "new one");
    }
    return vuln_under_mandate(&a);
}
