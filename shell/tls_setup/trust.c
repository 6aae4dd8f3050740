/* SPDX-License-Identifier: BSD-2-Clause */
/* Anchors of both kinds, raw public keys, revocation lists. */
#include "internal.h"

#include <covey/spki.h>

#include <loop.h>
#include <stdlib.h>
#include <string.h>

static tls_setup_result add_x509(tls_setup *s, const char *path,
                                 covey_bytes text)
{
    covey_writer w;
    size_t count = 0;
    covey_status st = COVEY_OK;

    if (s->anchor_der == NULL) {
        s->anchor_der = calloc(1, DER_MAX);
    }
    if (s->anchor_der == NULL) {
        return tls_setup__fail(s, path, "out of memory");
    }
    w = covey_writer_of(s->anchor_der + s->anchor_len,
                        DER_MAX - s->anchor_len);
    st = covey_x509_read_pem(text, &w, s->anchors + s->anchor_count,
                             COVEY_X509_ANCHORS_MAX - s->anchor_count, &count);
    if (st != COVEY_OK || count == 0) {
        return tls_setup__fail(s, path,
                               st != COVEY_OK
                                   ? covey_status_text(st)
                                   : "there is no certificate in it");
    }
    s->anchor_len += w.pos;
    s->anchor_count += count;
    return TLS_SETUP_DONE;
}

/* What was refused, as a sentence. */
static tls_setup_result refused(tls_setup *s, const char *path,
                                covey_its_verdict verdict,
                                const covey_its_finding *why)
{
    char text[TLS_SETUP_ERROR_MAX - 100] = "the cryptographic library failed";
    FILE *to = verdict != COVEY_ITS_FAILED
                   ? fmemopen(text, sizeof text - 1, "w")
                   : NULL;

    if (to != NULL) {
        its_why_print(to, why);
        fclose(to);
        text[strcspn(text, "\n")] = '\0';
    }
    return tls_setup__fail(s, path, text);
}

static tls_setup_result add_its(tls_setup *s, const char *path, bool crl)
{
    covey_its_finding why = { .reason = COVEY_ITS_FINE };
    uint64_t now = covey_its_now(loop_now(), COVEY_ITS_LEAP_SECONDS);
    covey_its_verdict verdict = COVEY_ITS_VALID;
    uint8_t *bytes = NULL;
    size_t len = 0;

    if (its_file_read(path, &bytes, &len, s->error) != ITS_FILE_READ) {
        return TLS_SETUP_FAILED;
    }
    if (crl) {
        verdict = its_trust_crl(&s->its, bytes, len, now, &why);
    } else {
        verdict =
            its_trust_anchor(&s->its, covey_bytes_of(bytes, len), now, &why);
        free(bytes);
    }
    return verdict == COVEY_ITS_VALID ? TLS_SETUP_DONE
                                      : refused(s, path, verdict, &why);
}

static tls_setup_result add_anchor(tls_setup *s, const char *path)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    tls_setup_result result = tls_setup__read(s, path, false, &bytes, &len);

    if (result == TLS_SETUP_DONE) {
        result = its_file_is_pem(bytes, len)
                     ? add_x509(s, path, covey_bytes_of(bytes, len))
                     : add_its(s, path, false);
        free(bytes);
    }
    return result;
}

static tls_setup_result add_key(tls_setup *s, const char *path)
{
    uint8_t **bytes = &s->trust_key[s->trust_key_count];
    size_t len = 0;
    covey_spki spki;
    covey_status st;
    tls_setup_result result = tls_setup__read(s, path, false, bytes, &len);

    if (result != TLS_SETUP_DONE) {
        return result;
    }
    s->trust_keys[s->trust_key_count++] = covey_bytes_of(*bytes, len);
    st = covey_spki_parse(&spki, covey_bytes_of(*bytes, len));
    return len > SPKI_MAX || (st != COVEY_OK && st != COVEY_E_UNSUPPORTED)
               ? tls_setup__fail(s, path, "is no public key in DER")
               : TLS_SETUP_DONE;
}

tls_setup_result tls_setup__trust(tls_setup *s, const tls_setup_options *o)
{
    tls_setup_result result = TLS_SETUP_DONE;

    for (size_t i = 0; i < o->trust_count && result == TLS_SETUP_DONE; i++) {
        result = add_anchor(s, o->trust[i]);
    }
    for (size_t i = 0; i < o->crl_count && result == TLS_SETUP_DONE; i++) {
        result = add_its(s, o->crls[i], true);
    }
    for (size_t i = 0; i < o->trust_key_count && result == TLS_SETUP_DONE;
         i++) {
        result = add_key(s, o->trust_keys[i]);
    }
    return result;
}
