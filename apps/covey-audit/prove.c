/* SPDX-License-Identifier: BSD-2-Clause */
/* covey-audit prove: one record for somebody who may not see the others.
 * covey-audit cosign: a checkpoint that another party stands for, too. Both
 * look at the whole record first. */
#include "dossier.h"

#include <errno.h>
#include <string.h>
#include <text.h>
#include <time.h>

static FILE *create(const audit_args *a, const char *suffix)
{
    char path[AUDIT_PATH_MAX];
    const int n = snprintf(path, sizeof path, "%s%s", a->output, suffix);
    FILE *out = n > 0 && n < AUDIT_PATH_MAX ? fopen(path, "wb") : NULL;

    if (out == NULL) {
        fprintf(stderr, "%s%s: error: %s\n", a->output, suffix,
                strerror(errno));
    }
    return out;
}

/* --- prove --------------------------------------------------------------- */

/* The line itself, without its end, as it was hashed. */
static bool write_line(const audit_args *a, const dossier *d, uint64_t record)
{
    char path[AUDIT_PATH_MAX];
    FILE *in;
    FILE *out = create(a, ".line");
    uint64_t n = 0;
    int c = 0;

    snprintf(path, sizeof path, "%s/" EVIDENCE_LOG, d->folder);
    in = fopen(path, "rb");
    while (in != NULL && out != NULL && n <= record && (c = getc(in)) != EOF) {
        if (c == '\n') {
            n++;
        } else if (n == record) {
            putc(c, out);
        }
    }
    const bool good = in != NULL && out != NULL && n == record + 1;
    if (in != NULL) {
        fclose(in);
    }
    return out != NULL && fclose(out) == 0 && good;
}

static bool write_proof(const audit_args *a, const dossier *d, uint64_t record)
{
    const covey_merkle_leaves all = { d->log.leaves, d->log.count };
    char hex[2 * COVEY_MERKLE_HASH + 1];
    covey_merkle_proof proof;
    FILE *out = create(a, ".proof");

    if (out == NULL || covey_merkle_prove_inclusion(d->crypto, &all, record,
                                                    &proof) != COVEY_OK) {
        if (out != NULL) {
            fclose(out);
        }
        return false;
    }
    fprintf(out, "index %llu\nsize %llu\n", (unsigned long long)record,
            (unsigned long long)d->log.count);
    for (uint32_t i = 0; i < proof.count; i++) {
        fprintf(out, "node %s\n",
                text_hex(covey_bytes_of(proof.nodes[i].bytes,
                                        sizeof proof.nodes[i].bytes),
                         hex));
    }
    return fclose(out) == 0;
}

/* The last checkpoint, which covers all of it. */
static void print_note(const dossier *d, FILE *out)
{
    const evidence_note *n = &d->notes[d->note_count - 1];
    const uint8_t *end =
        memchr(n->body.ptr + n->body.len + 1, '\n', EVIDENCE_NOTE_MAX);
    const size_t len =
        end != NULL ? (size_t)(end - n->body.ptr) + 1 : n->body.len;

    fwrite(n->body.ptr, 1, len, out);
}

static bool write_note(const audit_args *a, const dossier *d)
{
    FILE *out = create(a, ".checkpoint");

    if (out == NULL) {
        return false;
    }
    print_note(d, out);
    return fclose(out) == 0;
}

static int write_files(const audit_args *a, const mandate *m, dossier *d)
{
    uint64_t record = 0;

    (void)m;
    if (!audit_number(a->record, UINT64_MAX / 2, &record) ||
        record >= d->log.count) {
        return audit_fail("prove", AUDIT_USAGE,
                          "--record: expected a number up to %llu",
                          (unsigned long long)d->log.count - 1);
    }
    return write_line(a, d, record) && write_proof(a, d, record) &&
                   write_note(a, d)
               ? AUDIT_DONE
               : AUDIT_IO;
}

static int prove(const audit_args *a, const mandate *m, void *user)
{
    (void)user;
    return dossier_with_whole(a, m, "prove", write_files);
}

int cmd_prove(int argc, char **argv)
{
    static const audit_usage usage = { "prove", "--record --output -o ",
                                       "--record N -o NAME FOLDER" };
    audit_args a;
    const int status = audit_args_read(argc, argv, &usage, &a);

    if (status != AUDIT_DONE || a.help) {
        return status;
    }
    if (a.file_count != 1 || a.record == NULL || a.output == NULL) {
        return audit_fail("prove", AUDIT_USAGE,
                          "expected --record N, -o NAME and a folder of "
                          "evidence");
    }
    return dossier_with(&a, usage.verb, prove);
}

/* --- cosign -------------------------------------------------------------- */

static int write_cosignature(const audit_args *a, const mandate *m, dossier *d)
{
    char line[EVIDENCE_NOTE_MAX];
    covey_key own;
    mandate_key key;

    (void)m;
    if (!mandate_key_load(a->key, d->crypto, &own, &key, stderr)) {
        return AUDIT_IO;
    }
    const bool good = evidence_note_cosign(&d->notes[d->note_count - 1],
                                           (uint64_t)time(NULL), d->crypto,
                                           &own, &key, line);
    d->crypto->key_drop(d->crypto->provider, &own);
    if (!good) {
        return audit_fail("cosign", AUDIT_IO, "it could not be signed");
    }
    print_note(d, stdout);
    fputs(line, stdout);
    return AUDIT_DONE;
}

static int cosign(const audit_args *a, const mandate *m, void *user)
{
    (void)user;
    return dossier_with_whole(a, m, "cosign", write_cosignature);
}

int cmd_cosign(int argc, char **argv)
{
    static const audit_usage usage = {
        "cosign", "--key --checkpoint ",
        "--key FILE [--checkpoint FILE] FOLDER"
    };
    audit_args a;
    const int status = audit_args_read(argc, argv, &usage, &a);

    if (status != AUDIT_DONE || a.help) {
        return status;
    }
    if (a.file_count != 1 || a.key == NULL) {
        return audit_fail("cosign", AUDIT_USAGE,
                          "expected --key FILE and a folder of evidence");
    }
    return dossier_with(&a, usage.verb, cosign);
}
