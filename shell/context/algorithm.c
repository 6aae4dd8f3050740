/* SPDX-License-Identifier: BSD-2-Clause */
/* Algorithms and curves by the names of the COSE registries or their numbers.
 */
#include "internal.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Where the registry has its numbers. */
static const struct range {
    int32_t from;
    int32_t to;
} ranges[] = { { 1, 64 }, { -260, -1 }, { -65540, -65500 } };

/* A number, in all of the text. */
static bool as_number(const char *text, int32_t *out)
{
    char *end;
    long n = strtol(text, &end, 10);

    if (end == text || *end != '\0' || n < INT32_MIN || n > INT32_MAX) {
        return false;
    }
    *out = (int32_t)n;
    return true;
}

static bool by_name(const char *text, int32_t *out)
{
    for (size_t i = 0; i < COUNT(ranges); i++) {
        for (int32_t id = ranges[i].from; id <= ranges[i].to; id++) {
            if (strcasecmp(covey_alg_name(id), text) == 0) {
                *out = id;
                return true;
            }
        }
    }
    return false;
}

/* The scalar as a string; false without an error if the key is missing. */
static bool word_of(context_loader *l, const conf_value *v, char *out,
                    size_t cap, const char *expected)
{
    size_t len;

    if (conf_is_missing(v)) {
        return false;
    }
    const char *text = conf_scalar(l->conf, v, &len, expected);
    if (text == NULL) {
        return false;
    }
    if (len >= cap || memchr(text, '\0', len) != NULL) {
        conf_error(l->conf, v, "covey-context(5)", "expected %s", expected);
        return false;
    }
    memcpy(out, text, len);
    out[len] = '\0';
    return true;
}

static const char *expected_of(unsigned kinds)
{
    if ((kinds & CONTEXT_KIND(COVEY_ALG_CIPHER)) != 0) {
        return "an algorithm for content encryption such as "
               "AES-CCM-16-64-128 or A128CTR";
    }
    if ((kinds & CONTEXT_KIND(COVEY_ALG_AEAD)) != 0) {
        return "an AEAD algorithm such as AES-CCM-16-64-128";
    }
    if ((kinds & CONTEXT_KIND(COVEY_ALG_SIGNATURE)) != 0) {
        return "a signature algorithm such as EdDSA";
    }
    return "a key agreement algorithm such as ECDH-SS + HKDF-256";
}

bool context_algorithm(context_loader *l, const conf_value *v, unsigned kinds,
                       const char *source, int32_t *out)
{
    const char *expected = expected_of(kinds);
    char text[64];
    int32_t id;

    if (!word_of(l, v, text, sizeof text, expected)) {
        return false;
    }
    if (!as_number(text, &id) && !by_name(text, &id)) {
        conf_error(l->conf, v, source, "expected %s, found '%s'", expected,
                   text);
        return false;
    }
    const covey_alg *alg = covey_alg_find(id);
    if (alg == NULL || (kinds & CONTEXT_KIND(alg->kind)) == 0) {
        conf_error(l->conf, v, source, "expected %s, found %s (%ld)", expected,
                   covey_alg_name(id), (long)id);
        return false;
    }
    *out = id;
    return true;
}

/* HKDF is named after its hash, or, in the registry, as the HMAC that it is
 * made of (RFC 9053 Section 3.1) or as key derivation of a direct recipient
 * (Section 6.1.2). */
static const struct hkdf_name {
    int32_t id;
    const char *name;
} hkdf_names[] = {
    { COVEY_HMAC_256_256, "HKDF SHA-256" },
    { COVEY_HMAC_384_384, "HKDF SHA-384" },
    { COVEY_HMAC_512_512, "HKDF SHA-512" },
    { COVEY_HMAC_256_256, "HMAC 256/256" },
    { COVEY_HMAC_384_384, "HMAC 384/384" },
    { COVEY_HMAC_512_512, "HMAC 512/512" },
    { COVEY_HMAC_256_256, "direct+HKDF-SHA-256" },
    { COVEY_HMAC_512_512, "direct+HKDF-SHA-512" },
    { COVEY_HMAC_256_256, "5" },
    { COVEY_HMAC_384_384, "6" },
    { COVEY_HMAC_512_512, "7" },
    { COVEY_HMAC_256_256, "-10" },
    { COVEY_HMAC_512_512, "-11" },
};

bool context_hkdf(context_loader *l, const conf_value *v, const char *source,
                  int32_t *out)
{
    static const char expected[] = "an HKDF such as HKDF SHA-256 or 5";
    char text[64];

    if (!word_of(l, v, text, sizeof text, expected)) {
        return false;
    }
    for (size_t i = 0; i < COUNT(hkdf_names); i++) {
        if (strcasecmp(text, hkdf_names[i].name) == 0) {
            *out = hkdf_names[i].id;
            return true;
        }
    }
    conf_error(l->conf, v, source, "expected %s, found '%s'", expected, text);
    return false;
}

bool context_curve(context_loader *l, const conf_value *v, const char *source,
                   covey_curve *out)
{
    static const char expected[] = "P-256, X25519 or Ed25519";
    static const covey_curve curves[] = { COVEY_P256, COVEY_X25519,
                                          COVEY_ED25519 };
    char text[64];
    int32_t id = 0;

    if (!word_of(l, v, text, sizeof text, expected)) {
        return false;
    }
    bool number = as_number(text, &id);
    for (size_t i = 0; i < COUNT(curves); i++) {
        if (number ? id == (int32_t)curves[i]
                   : strcasecmp(text, covey_curve_name((int32_t)curves[i])) ==
                         0) {
            *out = curves[i];
            return true;
        }
    }
    conf_error(l->conf, v, source, "expected %s, found '%s'", expected, text);
    return false;
}
