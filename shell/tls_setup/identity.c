/* SPDX-License-Identifier: BSD-2-Clause */
/* Our own certificates and keys. */
#include "internal.h"

#include <covey/spki.h>
#include <crypto/openssl/pem.h>
#include <stdlib.h>
#include <string.h>

/* SubjectPublicKeyInfo of our own key (RFC 5480, RFC 8410). */
static bool write_spki(const tls_setup *s, struct own *own, int32_t curve)
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
    covey_writer w = covey_writer_of(own->der, DER_MAX);

    covey_write_bytes(
        &w, curve == COVEY_P256   ? covey_bytes_of(p256, sizeof p256)
            : curve == COVEY_P384 ? covey_bytes_of(p384, sizeof p384)
                                  : covey_bytes_of(ed25519, sizeof ed25519));
    if (s->crypto->public_of(s->crypto->provider, &own->key, &w) != COVEY_OK) {
        return false;
    }
    own->entries[0] = covey_written(&w);
    return true;
}

/* Whether the first certificate is this key's; its algorithm is the curve's
 * then, since lengths and forms of points are. */
static bool is_certified(const tls_setup *s, const struct own *own,
                         int32_t curve)
{
    uint8_t bytes[2][COVEY_PUBLIC_MAX];
    covey_writer ours = covey_writer_of(bytes[0], sizeof bytes[0]);
    covey_writer theirs = covey_writer_of(bytes[1], sizeof bytes[1]);
    const covey_crypto *crypto = s->crypto;
    covey_spki spki;
    covey_key key;
    covey_status st = covey_spki_of_certificate(&spki, own->entries[0]);

    if (st == COVEY_OK) {
        st = crypto->public_key(crypto->provider, curve, spki.key, &key);
    }
    if (st != COVEY_OK) {
        return false;
    }
    st = crypto->public_of(crypto->provider, &key, &theirs);
    crypto->key_drop(crypto->provider, &key);
    return st == COVEY_OK &&
           crypto->public_of(crypto->provider, &own->key, &ours) == COVEY_OK &&
           covey_bytes_equal(covey_written(&ours), covey_written(&theirs));
}

static tls_setup_result use_key(tls_setup *s, size_t at, int32_t curve,
                                covey_bytes raw, const char *path)
{
    struct own *own = &s->own[at];
    covey_tls_credential *c = &s->credentials[at];

    c->scheme = curve == COVEY_P256   ? COVEY_TLS_ECDSA_SECP256R1_SHA256
                : curve == COVEY_P384 ? COVEY_TLS_ECDSA_SECP384R1_SHA384
                                      : COVEY_TLS_ED25519;
    if (curve == COVEY_X25519) {
        return tls_setup__fail(s, path, "its key does not sign");
    }
    own->has_key = s->crypto->private_key(s->crypto->provider, curve, raw,
                                          &own->key) == COVEY_OK;
    c->key = &own->key;
    if (!own->has_key) {
        return tls_setup__fail(s, path, "is not a key of its curve");
    }
    if (c->type == COVEY_TLS_RAW_PUBLIC_KEY) {
        c->entry_count = 1;
        return write_spki(s, own, curve)
                   ? TLS_SETUP_DONE
                   : tls_setup__fail(s, path,
                                     "its public key cannot be written");
    }
    return is_certified(s, own, curve)
               ? TLS_SETUP_DONE
               : tls_setup__fail(s, path, "is not the key of the certificate");
}

static tls_setup_result read_key(tls_setup *s, size_t at, const char *path)
{
    uint8_t raw[COVEY_PRIVATE_MAX];
    covey_writer w = covey_writer_of(raw, sizeof raw);
    int32_t curve = 0;
    uint8_t *text = NULL;
    size_t len = 0;
    covey_status st = COVEY_OK;
    tls_setup_result result = tls_setup__read(s, path, true, &text, &len);

    if (result != TLS_SETUP_DONE) {
        return result;
    }
    st = covey_pem_private_key(covey_bytes_of(text, len), &curve, &w);
    covey_wipe(text, len);
    free(text);
    result = st == COVEY_OK ? use_key(s, at, curve, covey_written(&w), path)
                            : tls_setup__fail(s, path, covey_status_text(st));
    covey_wipe(raw, sizeof raw);
    return result;
}

static tls_setup_result read_x509(tls_setup *s, size_t at,
                                  const tls_identity *id)
{
    struct own *own = &s->own[at];
    covey_writer w = covey_writer_of(own->der, DER_MAX);
    uint8_t *text = NULL;
    size_t len = 0;
    covey_status st = COVEY_OK;
    tls_setup_result result = tls_setup__read(s, id->cert, false, &text, &len);

    if (result != TLS_SETUP_DONE) {
        return result;
    }
    st = covey_x509_read_pem(covey_bytes_of(text, len), &w, own->entries,
                             COVEY_TLS_ENTRIES_MAX,
                             &s->credentials[at].entry_count);
    free(text);
    if (st != COVEY_OK || s->credentials[at].entry_count == 0) {
        return tls_setup__fail(s, id->cert,
                               st != COVEY_OK
                                   ? covey_status_text(st)
                                   : "there is no certificate in it");
    }
    return read_key(s, at, id->key);
}

/* --- 1609Dot2 ------------------------------------------------------------ */

static tls_setup_result read_its_file(tls_setup *s, struct own *own,
                                      const char *path)
{
    size_t len = 0;
    uint8_t **bytes = &own->files[own->file_count];

    if (its_file_read(path, bytes, &len, s->error) != ITS_FILE_READ) {
        *bytes = NULL;
        return TLS_SETUP_FAILED;
    }
    own->entries[own->file_count++] = covey_bytes_of(*bytes, len);
    return TLS_SETUP_DONE;
}

/* The scalar, also out of PEM. */
static tls_setup_result read_scalar(tls_setup *s, const char *path,
                                    covey_writer *w)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    int32_t curve = 0;
    covey_status st = COVEY_OK;
    tls_setup_result result = tls_setup__read(s, path, true, &bytes, &len);

    if (result != TLS_SETUP_DONE) {
        return result;
    }
    if (len > 0 && bytes[0] == '-') {
        st = covey_pem_private_key(covey_bytes_of(bytes, len), &curve, w);
    } else {
        covey_wipe(bytes, len);
        free(bytes);
        if (its_file_read_key(path, &bytes, &len, s->error) != ITS_FILE_READ) {
            return TLS_SETUP_FAILED;
        }
        covey_write_bytes(w, covey_bytes_of(bytes, len));
        st = w->failed;
    }
    covey_wipe(bytes, len);
    free(bytes);
    return st == COVEY_OK ? TLS_SETUP_DONE
                          : tls_setup__fail(s, path, covey_status_text(st));
}

/* A certificate that does not permit what it is used for would be refused by
 * every peer. */
static tls_setup_result open_signer(tls_setup *s, size_t at,
                                    const tls_identity *id, covey_bytes raw)
{
    struct own *own = &s->own[at];
    covey_its_finding why = { .reason = COVEY_ITS_FINE };
    covey_its_permission permission;
    covey_status st = covey_its_signer_open(&own->signer, s->crypto,
                                            own->entries[0], raw, NULL, &why);

    if (st != COVEY_OK) {
        return tls_setup__fail(s, id->cert,
                               why.reason != COVEY_ITS_FINE
                                   ? covey_its_reason_text(why.reason)
                                   : covey_status_text(st));
    }
    own->has_signer = true;
    if (!covey_its_permission_find(&own->signer.cert, id->psid, &permission)) {
        return tls_setup__fail(s, id->cert,
                               "it has no permission for the PSID (RFC 8902 "
                               "Section 5)");
    }
    s->credentials[at].signer = &own->signer;
    s->credentials[at].psid = id->psid;
    s->credentials[at].whole_certificate = id->whole;
    return TLS_SETUP_DONE;
}

static tls_setup_result read_its(tls_setup *s, size_t at,
                                 const tls_identity *id)
{
    struct own *own = &s->own[at];
    uint8_t raw[COVEY_PRIVATE_MAX];
    covey_writer w = covey_writer_of(raw, sizeof raw);
    tls_setup_result result = read_its_file(s, own, id->cert);

    for (size_t i = 0; i < id->chain_count && result == TLS_SETUP_DONE; i++) {
        result = read_its_file(s, own, id->chain[i]);
    }
    s->credentials[at].entry_count = own->file_count;
    if (result == TLS_SETUP_DONE) {
        result = read_scalar(s, id->key, &w);
    }
    if (result == TLS_SETUP_DONE) {
        result = open_signer(s, at, id, covey_written(&w));
    }
    covey_wipe(raw, sizeof raw);
    return result;
}

tls_setup_result tls_setup__identity(tls_setup *s, size_t at,
                                     const tls_identity *id)
{
    struct own *own = &s->own[at];
    covey_tls_credential *c = &s->credentials[at];

    c->type = id->type;
    c->entries = own->entries;
    own->der = calloc(1, DER_MAX);
    if (own->der == NULL) {
        return tls_setup__fail(s, id->key, "out of memory");
    }
    switch (id->type) {
    case COVEY_TLS_X509:
        return read_x509(s, at, id);
    case COVEY_TLS_RAW_PUBLIC_KEY:
        return read_key(s, at, id->key);
    case COVEY_TLS_1609DOT2:
        break;
    }
    return read_its(s, at, id);
}

void tls_setup__forget(tls_setup *s, struct own *own)
{
    if (own->has_key) {
        s->crypto->key_drop(s->crypto->provider, &own->key);
    }
    if (own->has_signer) {
        covey_its_signer_drop(&own->signer, s->crypto);
    }
    for (size_t i = 0; i < own->file_count; i++) {
        free(own->files[i]);
    }
    free(own->der);
}
