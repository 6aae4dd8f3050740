/* SPDX-License-Identifier: BSD-2-Clause */
#include "dossier.h"

#include <crypto/openssl/openssl.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <text.h>

enum {
    NOTES_TEXT_MAX = 1 << 24,
    DOCUMENTS_MAX = 17
};

/* --- files --------------------------------------------------------------- */

static FILE *open_file(const char *folder, const char *name)
{
    char path[AUDIT_PATH_MAX];
    const int n = snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *in = n > 0 && n < AUDIT_PATH_MAX ? fopen(path, "rb") : NULL;

    if (in == NULL) {
        fprintf(stderr, "%s/%s: error: %s\n", folder, name, strerror(errno));
    }
    return in;
}

/* All of a stream, which is closed. */
static uint8_t *slurp(FILE *in, size_t *len)
{
    char *text = in != NULL ? text_slurp(in, NOTES_TEXT_MAX, len) : NULL;

    if (in != NULL) {
        fclose(in);
    }
    if (text != NULL && *len > NOTES_TEXT_MAX) {
        free(text);
        text = NULL;
    }
    return (uint8_t *)text;
}

/* --- checkpoints --------------------------------------------------------- */

static bool add_note(dossier *d, const evidence_note *note)
{
    evidence_note *more =
        realloc(d->notes, (d->note_count + 1) * sizeof *more);

    if (more == NULL) {
        return false;
    }
    d->notes = more;
    d->notes[d->note_count++] = *note;
    return true;
}

/* What is no note ends them: the lines behind are then not covered. */
static bool read_notes(dossier *d)
{
    size_t len = 0;
    evidence_note note = { 0 };

    d->text = slurp(open_file(d->folder, EVIDENCE_CHECKPOINTS), &len);
    if (d->text == NULL) {
        return false;
    }
    covey_bytes rest = covey_bytes_of(d->text, len);
    for (size_t n = evidence_note_read(rest, &note); n > 0;
         n = evidence_note_read(rest, &note)) {
        if (!add_note(d, &note)) {
            return false;
        }
        rest = covey_bytes_of(rest.ptr + n, rest.len - n);
    }
    return true;
}

static bool read_kept(dossier *d, const char *path)
{
    size_t len = 0;
    FILE *in = fopen(path, "rb");

    d->kept_text = slurp(in, &len);
    if (d->kept_text == NULL) {
        fprintf(stderr, "%s: error: %s\n", path, strerror(errno));
        return false;
    }
    if (evidence_note_read(covey_bytes_of(d->kept_text, len), &d->kept) == 0) {
        fprintf(stderr, "%s: error: no checkpoint (covey-evidence(5))\n",
                path);
        errno = 0;
        return false;
    }
    return true;
}

/* --- the copies ---------------------------------------------------------- */

static void check_file(dossier *d, const json_t *file)
{
    const char *name = json_string_value(json_object_get(file, "name"));
    const char *said = json_string_value(json_object_get(file, "sha256"));
    char digest[AUDIT_DIGEST_MAX];
    size_t len = 0;

    if (name == NULL || said == NULL || strchr(name, '/') != NULL) {
        snprintf(d->why, sizeof d->why, "its list of files is malformed");
        return;
    }
    uint8_t *text = slurp(open_file(d->folder, name), &len);
    if (text == NULL ||
        !audit_digest(d->crypto, covey_bytes_of(text, len), digest) ||
        strcmp(digest, said) != 0) {
        snprintf(d->why, sizeof d->why, "the file %.60s is another one", name);
    }
    free(text);
}

static void check_files(dossier *d)
{
    for (size_t i = 0; i < json_array_size(d->files) && d->why[0] == '\0';
         i++) {
        d->wrong = 0;
        check_file(d, json_array_get(d->files, i));
    }
}

/* --- all of it ----------------------------------------------------------- */

bool dossier_open(dossier *d, const audit_args *a, const mandate *m,
                  const covey_crypto *crypto)
{
    memset(d, 0, sizeof *d);
    d->folder = a->evidence;
    d->crypto = crypto;
    d->terms = mandate_read(m);
    d->gate = mandate_gate(m);
    d->sent = json_object();
    d->stages = json_object();
    if (d->sent == NULL || d->stages == NULL) {
        return false;
    }
    FILE *in = open_file(d->folder, EVIDENCE_LOG);
    if (in == NULL) {
        return false;
    }
    const bool scanned =
        evidence_scan(in, crypto, dossier_judge, d, &d->log, stderr);
    fclose(in);
    if (!scanned || !read_notes(d) ||
        (a->kept != NULL && !read_kept(d, a->kept))) {
        return false;
    }
    check_files(d);
    const evidence_notes all = { .notes = d->notes,
                                 .count = d->note_count,
                                 .kept = a->kept != NULL ? &d->kept : NULL,
                                 .run = d->run };
    return evidence_find_fault(crypto, &d->log, &all, &d->terms->auditor.key,
                               &d->fault);
}

void dossier_close(dossier *d)
{
    evidence_log_free(&d->log);
    json_decref(d->sent);
    json_decref(d->stages);
    json_decref(d->files);
    free(d->text);
    free(d->kept_text);
    free(d->notes);
}

bool dossier_is_whole(const dossier *d)
{
    return d->fault.kind == EVIDENCE_WHOLE && d->why[0] == '\0' && d->ended;
}

void dossier_complain(const dossier *d)
{
    const evidence_fault *f = &d->fault;

    if (f->kind != EVIDENCE_WHOLE) {
        fprintf(stderr, "%s: record %llu: %s", d->folder,
                (unsigned long long)f->record, evidence_kind_text(f->kind));
        if (f->from != f->record) {
            fprintf(stderr, " (this one, or one from %llu on)",
                    (unsigned long long)f->from);
        }
        fputc('\n', stderr);
    } else if (d->why[0] != '\0') {
        fprintf(stderr, "%s: record %llu: %s\n", d->folder,
                (unsigned long long)d->wrong, d->why);
    } else if (!d->ended) {
        fprintf(stderr, "%s: record %llu: missing: the run has no end\n",
                d->folder, (unsigned long long)d->log.count);
    }
}

int dossier_with(const audit_args *a, const char *verb, audit_use *use)
{
    static char paths[DOCUMENTS_MAX][AUDIT_PATH_MAX];
    char *files[DOCUMENTS_MAX];
    audit_args found = *a;

    found.evidence = a->files[0];
    found.files = files;
    found.file_count = 0;
    for (int i = 0; i < DOCUMENTS_MAX; i++) {
        const int n = i == 0
                          ? snprintf(paths[i], AUDIT_PATH_MAX,
                                     "%s/mandate.dsse", found.evidence)
                          : snprintf(paths[i], AUDIT_PATH_MAX,
                                     "%s/addition-%d.dsse", found.evidence, i);
        FILE *in = n > 0 && n < AUDIT_PATH_MAX ? fopen(paths[i], "rb") : NULL;
        if (in == NULL && i > 0) {
            break;
        }
        if (in != NULL) {
            fclose(in);
        }
        files[found.file_count++] = paths[i];
    }
    return audit_with_mandate(&found, verb, use, NULL);
}

int dossier_with_whole(const audit_args *a, const mandate *m, const char *verb,
                       dossier_use *use)
{
    covey_crypto crypto;
    dossier d;
    int status = AUDIT_EVIDENCE;

    if (covey_openssl_open(&crypto) != COVEY_OK) {
        return audit_fail(verb, AUDIT_IO, "libcrypto failed");
    }
    errno = 0;
    if (!dossier_open(&d, a, m, &crypto)) {
        status = errno != 0 ? AUDIT_IO : AUDIT_EVIDENCE;
    } else if (!dossier_is_whole(&d)) {
        dossier_complain(&d);
    } else {
        status = use(a, m, &d);
    }
    dossier_close(&d);
    covey_openssl_close(&crypto);
    return status;
}
