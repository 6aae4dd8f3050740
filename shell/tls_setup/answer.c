/* SPDX-License-Identifier: BSD-2-Clause */
/* What engines ask, and how it went. */
#include "internal.h"

#include <loop.h>
#include <stdlib.h>
#include <string.h>

/* --- X.509 and raw public keys ------------------------------------------- */

/* The alert for a verdict of X.509 (RFC 8446 Section 6.2). */
static uint8_t alert_of(covey_x509_verdict verdict)
{
    static const uint8_t alerts[] = {
        [COVEY_X509_TRUSTED] = 0,
        [COVEY_X509_COUNT] = COVEY_TLS_BAD_CERTIFICATE,
        [COVEY_X509_ENCODING] = COVEY_TLS_BAD_CERTIFICATE,
        [COVEY_X509_UNKNOWN_TIME] = COVEY_TLS_CERTIFICATE_UNKNOWN,
        [COVEY_X509_NOT_YET] = COVEY_TLS_BAD_CERTIFICATE,
        [COVEY_X509_EXPIRED] = COVEY_TLS_CERTIFICATE_EXPIRED,
        [COVEY_X509_NO_ANCHOR] = COVEY_TLS_UNKNOWN_CA,
        [COVEY_X509_SIGNATURE] = COVEY_TLS_BAD_CERTIFICATE,
        [COVEY_X509_WEAK] = COVEY_TLS_INSUFFICIENT_SECURITY,
        [COVEY_X509_HOST] = COVEY_TLS_INTERNAL_ERROR,
        [COVEY_X509_NAME] = COVEY_TLS_BAD_CERTIFICATE,
        [COVEY_X509_PURPOSE] = COVEY_TLS_UNSUPPORTED_CERTIFICATE,
    };
    uint8_t alert = alerts[verdict];

    return alert != 0 || verdict == COVEY_X509_TRUSTED
               ? alert
               : COVEY_TLS_CERTIFICATE_UNKNOWN;
}

static covey_tls_verdict judge_chain(const tls_setup *s,
                                     const covey_tls_report *r)
{
    const covey_x509_question q = {
        .anchors = s->anchors,
        .anchor_count = s->anchor_count,
        .chain = r->entries,
        .chain_count = r->entry_count,
        .now = loop_now(),
    };
    covey_x509_answer a;
    covey_x509_verdict v =
        covey_x509_check_peer(&q, !s->server, s->server ? NULL : s->name, &a);

    return (covey_tls_verdict){ alert_of(v), a.why, a.valid_until };
}

static covey_tls_verdict judge(const tls_setup *s, const covey_tls_report *r)
{
    if (s->trust_anybody) {
        return (covey_tls_verdict){ 0, NULL, INT64_MAX };
    }
    if (r->type == COVEY_TLS_X509) {
        return judge_chain(s, r);
    }
    for (size_t i = 0; i < s->trust_key_count; i++) {
        if (covey_bytes_equal(s->trust_keys[i], r->entries[0])) {
            return (covey_tls_verdict){ 0, NULL, INT64_MAX };
        }
    }
    return (covey_tls_verdict){ COVEY_TLS_CERTIFICATE_UNKNOWN,
                                "the raw public key is not a trusted one", 0 };
}

/* --- the repository ------------------------------------------------------ */

/* "DIRECTORY/0123456789abcdef.oer"; false: too long. */
static bool path_of(const char *folder, covey_bytes id, char path[PATH_LEN])
{
    int n = snprintf(path, PATH_LEN, "%s/", folder);

    for (size_t i = 0; i < id.len && n > 0 && n < PATH_LEN; i++) {
        n += snprintf(path + n, PATH_LEN - (size_t)n, "%02x", id.ptr[i]);
    }
    if (n > 0 && n < PATH_LEN) {
        n += snprintf(path + n, PATH_LEN - (size_t)n, ".oer");
    }
    return n > 0 && n < PATH_LEN;
}

/* The issuer and those above it, as far as they are there. What a file says is
 * verified like what comes from the peer. */
static size_t look_up(const tls_setup *s, covey_bytes id,
                      uint8_t *files[ISSUERS_MAX],
                      covey_bytes found[ISSUERS_MAX])
{
    char error[ITS_ERROR_MAX];
    char path[PATH_LEN];
    size_t count = 0;
    size_t len = 0;
    covey_its_cert cert;

    while (count < ISSUERS_MAX && id.len == COVEY_ITS_ID8 &&
           path_of(s->repository, id, path) &&
           its_file_read(path, &files[count], &len, error) == ITS_FILE_READ) {
        found[count] = covey_bytes_of(files[count], len);
        count++;
        if (covey_its_cert_decode(&cert, found[count - 1], NULL) != COVEY_OK) {
            break;
        }
        id = cert.issuer;
    }
    return count;
}

static void give_issuers(const tls_setup *s, covey_tls *t, covey_bytes id)
{
    uint8_t *files[ISSUERS_MAX] = { NULL };
    covey_bytes found[ISSUERS_MAX] = { { NULL, 0 } };
    size_t count =
        s->repository != NULL ? look_up(s, id, files, found) : (size_t)0;

    (void)covey_tls_issuers(t, found, count);
    for (size_t i = 0; i < count; i++) {
        free(files[i]);
    }
}

/* --- telling ------------------------------------------------------------- */

static void print_hex(FILE *to, covey_bytes bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        fprintf(to, "%02x", bytes.ptr[i]);
    }
}

/* The format that Wireshark reads. */
static void log_key(FILE *to, const covey_tls_report *r)
{
    fprintf(to, "%s ", r->name);
    print_hex(to, r->client_random);
    fputc(' ', to);
    print_hex(to, r->secret);
    fputc('\n', to);
    fflush(to);
}

void tls_setup_answer(tls_setup *s, covey_tls *t, const covey_tls_report *r)
{
    if (r->kind == COVEY_TLS_KEY_LOG && s->key_log != NULL) {
        log_key(s->key_log, r);
    } else if (r->kind == COVEY_TLS_ASK_CHAIN) {
        const covey_tls_verdict v = judge(s, r);
        (void)covey_tls_chain(t, &v);
    } else if (r->kind == COVEY_TLS_ASK_ISSUER) {
        give_issuers(s, t, r->issuer);
    }
}

void tls_setup_explain(FILE *to, const covey_tls_report *r)
{
    fprintf(to, "%s alert %s", r->from_peer ? "the peer sent the" : "sent the",
            covey_tls_alert_name(r->alert));
    if (r->its.reason != COVEY_ITS_FINE) {
        covey_its_finding why = r->its;
        if (why.cert == 0) {
            memset(why.id, 0, sizeof why.id);
        }
        fputs(": ", to);
        its_why_print(to, &why);
    } else if (r->why != NULL) {
        fprintf(to, ": %s (%s)\n", r->why, r->source);
    } else {
        fputc('\n', to);
    }
}
