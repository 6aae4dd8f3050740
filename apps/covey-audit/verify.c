/* SPDX-License-Identifier: BSD-2-Clause */
/* covey-audit verify: is this the record that was written, by this auditor,
 * and did everything in it have its right? */
#include "dossier.h"

#include <crypto/openssl/openssl.h>

#include <errno.h>
#include <text.h>

/* Which parties have cosigned the checkpoint that was kept. */
static void tell_cosignature(const dossier *d, const mandate_party *p)
{
    uint64_t when = 0;
    char text[TEXT_TIME_MAX];

    if (evidence_note_cosigned(&d->kept, d->crypto, &p->key, &when)) {
        printf("cosigned by %s (%s) at %s, up to record %llu\n", p->natural,
               p->role, text_time((int64_t)when, text),
               (unsigned long long)d->kept.head.size - 1);
    }
}

static void tell(const audit_args *a, const dossier *d, bool whole)
{
    if (a->json) {
        audit_print_json(json_pack(
            "{s:s, s:s, s:b, s:I, s:I, s:s, s:I}", "mandate", d->terms->id,
            "run", d->run, "whole", (int)whole, "records",
            (json_int_t)d->log.count, "checkpoints", (json_int_t)d->note_count,
            "fault",
            d->fault.kind != EVIDENCE_WHOLE ? evidence_kind_text(d->fault.kind)
                                            : d->why,
            "record",
            (json_int_t)(d->fault.kind != EVIDENCE_WHOLE ? d->fault.record
                                                         : d->wrong)));
        return;
    }
    if (whole) {
        printf("%s, run %s: %llu records, %zu checkpoints: whole, and each "
               "act had its right\n",
               d->terms->id, d->run, (unsigned long long)d->log.count,
               d->note_count);
    }
    if (whole && a->kept != NULL) {
        tell_cosignature(d, &d->terms->principal);
        tell_cosignature(d, &d->terms->auditor);
        for (size_t i = 0; i < d->terms->third_party_count; i++) {
            tell_cosignature(d, &d->terms->third_parties[i]);
        }
    }
}

static int verify(const audit_args *a, const mandate *m, void *user)
{
    covey_crypto crypto;
    dossier d;
    int status = AUDIT_EVIDENCE;

    (void)user;
    if (covey_openssl_open(&crypto) != COVEY_OK) {
        return audit_fail("verify", AUDIT_IO, "libcrypto failed");
    }
    errno = 0;
    if (dossier_open(&d, a, m, &crypto)) {
        const bool whole = dossier_is_whole(&d);
        tell(a, &d, whole);
        dossier_complain(&d);
        status = whole ? AUDIT_DONE : AUDIT_EVIDENCE;
    } else {
        status = errno != 0 ? AUDIT_IO : AUDIT_EVIDENCE;
    }
    dossier_close(&d);
    covey_openssl_close(&crypto);
    return status;
}

int cmd_verify(int argc, char **argv)
{
    static const audit_usage usage = {
        "verify", "--owners --checkpoint --json ",
        "[--owners FILE] [--checkpoint FILE] [--json] FOLDER"
    };
    audit_args a;
    const int status = audit_args_read(argc, argv, &usage, &a);

    if (status != AUDIT_DONE || a.help) {
        return status;
    }
    if (a.file_count != 1) {
        return audit_fail("verify", AUDIT_USAGE,
                          "expected one folder of evidence");
    }
    return dossier_with(&a, usage.verb, verify);
}
