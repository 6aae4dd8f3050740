/* SPDX-License-Identifier: BSD-2-Clause */
#include "tls_files.h"

#include "cmd.h"

#include <crypto/openssl/openssl.h>
#include <crypto/openssl/pem.h>
#include <loop.h>

#include <errno.h>
#include <hex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int complain(const char *file, const char *what)
{
    fprintf(stderr, "covey tls: %s: %s\n", file, what);
    return EXIT_IO;
}

/* The whole file; NULL: a line was printed. */
static uint8_t *read_file(const char *path, size_t *len)
{
    FILE *f = fopen(path, "rb");
    uint8_t *bytes = f != NULL ? malloc(TLS_DER_MAX) : NULL;

    if (bytes == NULL) {
        (void)complain(path, f == NULL ? strerror(errno) : "out of memory");
    } else {
        *len = fread(bytes, 1, TLS_DER_MAX, f);
        if (ferror(f) || *len == TLS_DER_MAX) {
            (void)complain(path, "cannot be read, or is too large");
            free(bytes);
            bytes = NULL;
        }
    }
    if (f != NULL) {
        fclose(f);
    }
    return bytes;
}

static int read_certificates(const char *path, uint8_t *der, covey_bytes *out,
                             size_t max, size_t *count)
{
    size_t len = 0;
    uint8_t *text = read_file(path, &len);
    covey_writer w = covey_writer_of(der, TLS_DER_MAX);
    covey_status st = COVEY_OK;

    if (text == NULL) {
        return EXIT_IO;
    }
    st = covey_x509_read_pem(covey_bytes_of(text, len), &w, out, max, count);
    free(text);
    if (st == COVEY_OK && *count == 0) {
        return complain(path, "there is no certificate in it");
    }
    return st == COVEY_OK ? EXIT_DONE : complain(path, covey_status_text(st));
}

/* A private key that others may read is no private key. */
static bool is_private(const char *path)
{
    struct stat st;

    return stat(path, &st) != 0 || !S_ISREG(st.st_mode) ||
           (st.st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

/* SubjectPublicKeyInfo of our own key (RFC 5480, RFC 8410). */
static bool write_spki(tls_setup *s, int32_t curve)
{
    static const uint8_t p256[] = { 0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a,
                                    0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
                                    0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03,
                                    0x01, 0x07, 0x03, 0x42, 0x00 };
    static const uint8_t p384[] = { 0x30, 0x76, 0x30, 0x10, 0x06, 0x07,
                                    0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02,
                                    0x01, 0x06, 0x05, 0x2b, 0x81, 0x04,
                                    0x00, 0x22, 0x03, 0x62, 0x00 };
    static const uint8_t ed25519[] = { 0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                       0x2b, 0x65, 0x70, 0x03, 0x21, 0x00 };
    covey_writer w = covey_writer_of(s->spki, sizeof s->spki);

    covey_write_bytes(
        &w, curve == COVEY_P256   ? covey_bytes_of(p256, sizeof p256)
            : curve == COVEY_P384 ? covey_bytes_of(p384, sizeof p384)
                                  : covey_bytes_of(ed25519, sizeof ed25519));
    if (s->crypto.public_of(s->crypto.provider, &s->key, &w) != COVEY_OK) {
        return false;
    }
    s->chain[0] = covey_written(&w);
    s->chain_count = 1;
    return true;
}

static int use_key(tls_setup *s, int32_t curve, covey_bytes raw)
{
    const tls_args *a = s->args;

    s->credential.scheme =
        curve == COVEY_P256   ? COVEY_TLS_ECDSA_SECP256R1_SHA256
        : curve == COVEY_P384 ? COVEY_TLS_ECDSA_SECP384R1_SHA384
                              : COVEY_TLS_ED25519;
    if (curve == COVEY_X25519) {
        return complain(a->key, "its key does not sign");
    }
    s->has_key = s->crypto.private_key(s->crypto.provider, curve, raw,
                                       &s->key) == COVEY_OK;
    if (!s->has_key) {
        return complain(a->key, "is not a key of its curve");
    }
    return a->cert_type == COVEY_TLS_X509 || write_spki(s, curve)
               ? EXIT_DONE
               : complain(a->key, "its public key cannot be written");
}

static int read_key(tls_setup *s)
{
    const char *path = s->args->key;
    uint8_t raw[COVEY_PRIVATE_MAX];
    covey_writer w = covey_writer_of(raw, sizeof raw);
    int32_t curve = 0;
    size_t len = 0;
    uint8_t *text = NULL;
    int rc = EXIT_IO;

    if (!is_private(path)) {
        return complain(path,
                        "others may read it; chmod 600 keeps it private");
    }
    text = read_file(path, &len);
    if (text == NULL) {
        return EXIT_IO;
    }
    covey_status st =
        covey_pem_private_key(covey_bytes_of(text, len), &curve, &w);
    covey_wipe(text, len);
    free(text);
    rc = st == COVEY_OK ? use_key(s, curve, covey_written(&w))
                        : complain(path, covey_status_text(st));
    covey_wipe(raw, sizeof raw);
    return rc;
}

static int read_credential(tls_setup *s)
{
    const tls_args *a = s->args;
    int rc = EXIT_DONE;

    if (a->key == NULL) {
        return EXIT_DONE;
    }
    if (a->cert != NULL) {
        rc = read_certificates(a->cert, s->chain_der, s->chain,
                               COVEY_X509_CHAIN_MAX, &s->chain_count);
    }
    if (rc == EXIT_DONE) {
        rc = read_key(s);
    }
    s->credential.type = (covey_tls_cert_type)a->cert_type;
    s->credential.entries = s->chain;
    s->credential.entry_count = s->chain_count;
    s->credential.key = &s->key;
    s->config.credentials = &s->credential;
    s->config.credential_count = 1;
    return rc;
}

static int read_trust(tls_setup *s)
{
    const tls_args *a = s->args;
    int rc = EXIT_DONE;

    if (a->trust != NULL) {
        rc = read_certificates(a->trust, s->anchor_der, s->anchors,
                               COVEY_X509_ANCHORS_MAX, &s->anchor_count);
    }
    for (size_t i = 0; i < a->trust_key_count && rc == EXIT_DONE; i++) {
        size_t len = 0;
        uint8_t *der = read_file(a->trust_keys[i], &len);
        if (der == NULL) {
            return EXIT_IO;
        }
        if (len > sizeof s->key_der[i]) {
            rc = complain(a->trust_keys[i], "is no public key in DER");
        } else {
            memcpy(s->key_der[i], der, len);
            s->trust_keys[i] = covey_bytes_of(s->key_der[i], len);
        }
        free(der);
    }
    return rc;
}

static int read_psk(tls_setup *s)
{
    const tls_args *a = s->args;
    char error[160];
    uint8_t *bytes = NULL;
    size_t len = 0;

    if (a->psk == NULL) {
        return EXIT_DONE;
    }
    if (!hex_parse(a->psk, strlen(a->psk), &bytes, &len, error,
                   sizeof error) ||
        len == 0 || len > sizeof s->psk_secret) {
        free(bytes);
        fputs("covey tls: --psk: expected 1 to 64 bytes in hex\n", stderr);
        return EXIT_USAGE;
    }
    memcpy(s->psk_secret, bytes, len);
    covey_wipe(bytes, len);
    free(bytes);
    s->psk = (covey_tls_psk){
        .identity = covey_bytes_of((const uint8_t *)a->psk_identity,
                                   strlen(a->psk_identity)),
        .secret = covey_bytes_of(s->psk_secret, len),
        .hash = COVEY_SHA_256,
    };
    s->config.psks = &s->psk;
    s->config.psk_count = 1;
    return EXIT_DONE;
}

static void configure(tls_setup *s)
{
    const tls_args *a = s->args;
    covey_tls_config *c = &s->config;

    c->crypto = &s->crypto;
    c->suites = a->suites;
    c->suite_count = a->suite_count;
    c->groups = a->groups;
    c->group_count = a->group_count;
    c->share_count = a->shares;
    c->peer_types = a->peer_types;
    c->peer_type_count = a->peer_type_count;
    c->require_client = a->verify;
    c->alpn = a->alpn;
    c->alpn_count = a->alpn_count;
    c->record_size_limit = a->record_size;
    c->padding = a->padding;
    c->compatible = !a->plain;
    c->cookie = a->cookie;
    c->key_log = a->key_log != NULL;
    s->tickets = (covey_tls_tickets){ s->rows, TLS_TICKETS, 0 };
    c->tickets = &s->tickets;
}

int tls_setup_open(tls_setup *s, const tls_args *args)
{
    int rc = EXIT_DONE;

    s->args = args;
    if (covey_openssl_open(&s->crypto) != COVEY_OK) {
        return complain("libcrypto", "cannot be used");
    }
    configure(s);
    rc = read_credential(s);
    if (rc == EXIT_DONE) {
        rc = read_trust(s);
    }
    if (rc == EXIT_DONE) {
        rc = read_psk(s);
    }
    if (rc == EXIT_DONE && args->key_log != NULL) {
        s->key_log = fopen(args->key_log, "ae");
        if (s->key_log == NULL) {
            rc = complain(args->key_log, strerror(errno));
        }
    }
    return rc;
}

void tls_setup_close(tls_setup *s)
{
    if (s->has_key) {
        s->crypto.key_drop(s->crypto.provider, &s->key);
    }
    if (s->key_log != NULL && fclose(s->key_log) != 0) {
        (void)complain(s->args->key_log, strerror(errno));
    }
    if (s->crypto.provider != NULL) {
        covey_openssl_close(&s->crypto);
    }
    covey_wipe(s->rows, sizeof s->rows);
    covey_wipe(s->psk_secret, sizeof s->psk_secret);
}

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
    covey_x509_verdict v = covey_x509_check_peer(
        &q, !s->args->server, s->args->server ? NULL : s->args->name, &a);

    return (covey_tls_verdict){ alert_of(v), a.why, a.valid_until };
}

covey_tls_verdict tls_setup_judge(const tls_setup *s,
                                  const covey_tls_report *report)
{
    const tls_args *a = s->args;

    if (a->no_verify) {
        return (covey_tls_verdict){ 0, NULL, INT64_MAX };
    }
    if (report->type == COVEY_TLS_X509) {
        return judge_chain(s, report);
    }
    for (size_t i = 0; i < a->trust_key_count; i++) {
        if (covey_bytes_equal(s->trust_keys[i], report->entries[0])) {
            return (covey_tls_verdict){ 0, NULL, INT64_MAX };
        }
    }
    return (covey_tls_verdict){ COVEY_TLS_CERTIFICATE_UNKNOWN,
                                "the raw public key is not a trusted one", 0 };
}
