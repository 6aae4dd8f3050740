/* SPDX-License-Identifier: BSD-2-Clause */
/* covey-audit vuln: the last stage of an audit, which is no access: names and
 * versions are compared with files (AUD-071, AUD-088). */
#include "vuln.h"

#include "lint.h"

#include <crypto/openssl/openssl.h>

#include <stdlib.h>
#include <string.h>

struct bases {
    vuln_base *all;
    int count;
};

/* --- what was found ------------------------------------------------------ */

static json_t *answers_json(const vuln_lookup *k)
{
    json_t *list = json_array();

    for (size_t i = 0; i < k->match_count; i++) {
        const vuln_match *m = &k->matches[i];
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:i}", "service",
                            k->services[m->service].label, "id", m->id,
                            "answer", vuln_answer_text(m->answer), "source",
                            vuln_source_text(m->source), "record", m->record,
                            "why", m->why, "base", (int)m->base));
    }
    return list;
}

static json_t *services_json(const vuln_input *in)
{
    json_t *list = json_array();

    for (size_t i = 0; i < in->count; i++) {
        const vuln_service *s = &in->services[i];
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "service",
                            s->label, "distribution", s->distribution,
                            "package", s->package, "package_version",
                            s->version, "vendor", s->cpe.vendor, "product",
                            s->cpe.product, "version", s->cpe.version));
    }
    return list;
}

static json_t *bases_json(const audit_args *a, const struct bases *b)
{
    json_t *list = json_array();

    for (int i = 0; i < b->count; i++) {
        const vuln_base *base = &b->all[i];
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:s, s:I, s:I}", "name", a->files[i],
                            "date", base->date, "sha256", base->sha256,
                            "files", (json_int_t)base->files, "records",
                            (json_int_t)base->records));
    }
    return list;
}

static void find(lint *l, const vuln_lookup *k, const struct bases *b)
{
    for (size_t i = 0; i < k->match_count; i++) {
        const vuln_match *m = &k->matches[i];
        if (m->answer == VULN_FIXED) {
            continue;
        }
        l->file = l->args->files[m->base];
        l->digest = b->all[m->base].sha256;
        lint_found(l,
                   m->answer == VULN_AFFECTED ? LINT_VULN_AFFECTED
                                              : LINT_VULN_CANNOT_TELL,
                   0, "%s: %s (%s %s): %s", k->services[m->service].label,
                   m->id, vuln_source_text(m->source), m->record, m->why);
    }
}

/* --- text ---------------------------------------------------------------- */

static void print(const audit_args *a, const vuln_input *in,
                  const vuln_lookup *k, const struct bases *b)
{
    size_t counts[VULN_ANSWERS] = { 0 };

    for (size_t i = 0; i < k->match_count; i++) {
        const vuln_match *m = &k->matches[i];
        counts[m->answer]++;
        printf("%s: %s %s: %s (%s %s)\n", k->services[m->service].label, m->id,
               vuln_answer_text(m->answer), m->why,
               vuln_source_text(m->source), m->record);
    }
    for (int i = 0; i < b->count; i++) {
        printf("base %s of %s: %zu files, SHA-256 %s\n", a->files[i],
               b->all[i].date[0] != '\0' ? b->all[i].date : "unknown date",
               b->all[i].files, b->all[i].sha256);
    }
    printf("%zu services", in->count);
    if (in->unnamed > 0) {
        printf(" (and %zu without a version)", in->unnamed);
    }
    for (unsigned i = 0; i < VULN_ANSWERS; i++) {
        printf(", %zu %s", counts[i], vuln_answer_text((vuln_answer)i));
    }
    putchar('\n');
}

/* --- the verb ------------------------------------------------------------ */

static int tell(const audit_args *a, const vuln_input *in,
                const vuln_lookup *k, const struct bases *b, bool complete)
{
    lint l = { .args = a, .findings = json_array() };

    find(&l, k, b);
    if (!a->json) {
        print(a, in, k, b);
    }
    json_t *result = json_pack(
        "{s:s, s:o, s:o, s:I, s:o, s:b, s:O}", "program",
        "covey-audit " COVEY_VERSION, "vuln", answers_json(k), "services",
        services_json(in), "unnamed", (json_int_t)in->unnamed, "bases",
        bases_json(a, b), "complete", (int)complete, "findings", l.findings);
    const int status = audit_result_tell(a, "vuln", result);
    const bool found = json_array_size(l.findings) > 0;
    json_decref(result);
    json_decref(l.findings);
    return status != AUDIT_DONE || !complete || l.failed ? AUDIT_IO
           : found                                       ? AUDIT_FINDINGS
                                                         : AUDIT_DONE;
}

static int look_up(const audit_args *a, const vuln_input *in,
                   const covey_crypto *crypto)
{
    struct bases b = { calloc((size_t)a->file_count, sizeof(vuln_base)),
                       a->file_count };
    vuln_lookup k = { .services = in->services,
                      .service_count = in->count,
                      .messages = stderr };
    bool complete = b.all != NULL;

    for (int i = 0; b.all != NULL && i < b.count; i++) {
        k.base = (uint32_t)i;
        complete =
            vuln_base_read(&k, crypto, a->files[i], &b.all[i]) && complete;
    }
    if (k.full) {
        audit_fail("vuln", AUDIT_IO, "more than %d answers", VULN_MATCHES_MAX);
    }
    const int status =
        b.all != NULL
            ? tell(a, in, &k, &b, complete && k.refused == 0 && !k.full)
            : AUDIT_IO;
    vuln_close(&k);
    free(b.all);
    return status;
}

int cmd_vuln(int argc, char **argv)
{
    static const audit_usage usage = {
        "vuln", "--service --services --evidence --into --json ",
        "[--service TEXT] [--services FILE] [--evidence FOLDER] "
        "[--into FOLDER] [--json] BASE..."
    };
    covey_crypto crypto;
    vuln_input in;
    audit_args a;
    int status = audit_args_read(argc, argv, &usage, &a);

    if (status != AUDIT_DONE || a.help) {
        return status;
    }
    if (a.file_count < 1 ||
        (a.service == NULL && a.services == NULL && a.evidence == NULL)) {
        return audit_fail("vuln", AUDIT_USAGE,
                          "expected services and a base; "
                          "covey-audit-vuln(1)");
    }
    status = vuln_input_read(&in, &a);
    if (status == AUDIT_DONE && covey_openssl_open(&crypto) != COVEY_OK) {
        status = audit_fail("vuln", AUDIT_IO, "libcrypto failed");
    }
    if (status == AUDIT_DONE) {
        status = look_up(&a, &in, &crypto);
        covey_openssl_close(&crypto);
    }
    vuln_input_free(&in);
    return status;
}
