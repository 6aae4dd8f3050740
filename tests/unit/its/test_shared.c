/* SPDX-License-Identifier: BSD-2-Clause */
/* The certificates beside the repository (../shared or $COVEY_SHARED), used
 * where they are: each decodes, comes back byte for byte, has the HashedId8
 * that the list says, and its signature is right or wrong as it says. Without
 * them nothing is tested here, which is said. */
#include <covey/its.h>

#include "kit.h"

#include "crypto/openssl/openssl.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    CERTS_MAX = 128
};

static struct sample {
    char name[128];
    uint8_t bytes[COVEY_ITS_CERT_MAX];
    covey_its_cert cert;
    covey_its_digest digest;
} samples[CERTS_MAX];
static size_t sample_count;
static covey_crypto crypto;

/* Made by a generator that hashed 384-bit subjects twice differently, named
 * the wrong hash, or signed what is not the canonical form; the note in the
 * list counts them. */
static const char *const wrong[] = {
    "CERT_IUT_A_B3_AA",       "CERT_IUT_A_B3_AT",
    "CERT_TS_B1_AT",          "CERT_IUT_A_B33_AT",
    "CERT_IUT_A_B3_N_AT",     "CERT_IUT_A_B_N_AT",
    "CERT_IUT_A_N_AA",        "CERT_IUT_A_N_AT",
    "CERT_IUT_CAM_BO_02_AT",  "CERT_IUT_CAM_BO_03_AT",
    "CERT_IUT_DENM_BO_01_AT", "CERT_IUT_DENM_BO_02_AT",
    "CERT_TS_CAM_BO_02_AT",   "CERT_TS_CAM_BO_03_AT",
    "CERT_TS_DENM_BO_01_AT",  "CERT_TS_DENM_BO_02_AT",
};

static bool is_wrong(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        size_t len = strlen(wrong[i]);
        const char *base = strrchr(name, '/') + 1;
        if (strncmp(base, wrong[i], len) == 0 && base[len] == '.') {
            return true;
        }
    }
    return false;
}

static const char *folder(void)
{
    static char path[400];
    const char *shared = getenv("COVEY_SHARED");

    snprintf(path, sizeof path, "%s/vectors/its",
             shared ? shared : "../shared");
    return path;
}

static covey_bytes load(const char *name, uint8_t *storage, size_t cap)
{
    char path[600];
    FILE *f = NULL;
    size_t n;

    snprintf(path, sizeof path, "%s/%s", folder(), name);
    f = fopen(path, "rb");
    if (f == NULL) {
        fail_msg("%s is in the list, but not there", path);
        return covey_bytes_of(NULL, 0);
    }
    n = fread(storage, 1, cap, f);
    fclose(f);
    return covey_bytes_of(storage, n);
}

static void check(struct sample *s, const json_t *row)
{
    uint8_t storage[COVEY_ITS_CERT_MAX];
    covey_writer w = covey_writer_of(storage, sizeof storage);
    covey_bytes bytes = load(s->name, s->bytes, sizeof s->bytes);

    kit_case(s->name);
    assert_int_equal(bytes.len,
                     json_integer_value(json_object_get(row, "bytes")));
    CHECK_STATUS(COVEY_OK, covey_its_cert_decode(&s->cert, bytes, NULL));
    CHECK_STATUS(COVEY_OK, covey_its_cert_encode(&w, &s->cert));
    CHECK_SPAN(bytes, covey_written(&w));
    w = covey_writer_of(storage, sizeof storage);
    CHECK_STATUS(COVEY_OK, covey_its_tbs_encode(&w, &s->cert));
    CHECK_SPAN(s->cert.tbs, covey_written(&w));
    assert_int_equal(json_is_true(json_object_get(row, "canonical")) ||
                         s->cert.verify_key.point.form !=
                             COVEY_ITS_UNCOMPRESSED,
                     covey_its_cert_is_canonical(&s->cert) ||
                         s->cert.signature.r.form != COVEY_ITS_X_ONLY);
    CHECK_STATUS(COVEY_OK, covey_its_digest_of(&s->digest, &s->cert, &crypto));
    CHECK_HEX(json_string_value(json_object_get(row, "hashedId8")),
              covey_its_hashed_id(&s->digest, COVEY_ITS_ID8));
    /* The hash of the canonical form itself. */
    w = covey_writer_of(storage, sizeof storage);
    CHECK_STATUS(COVEY_OK, covey_its_cert_canonical(&w, &s->cert));
    covey_its_cert canonical;
    covey_its_digest again;
    CHECK_STATUS(COVEY_OK,
                 covey_its_cert_decode(&canonical, covey_written(&w), NULL));
    assert_true(covey_its_cert_is_canonical(&canonical));
    CHECK_STATUS(COVEY_OK, covey_its_digest_of(&again, &canonical, &crypto));
    assert_memory_equal(&again, &s->digest, sizeof again);
}

static void decodes_and_encodes_every_certificate_of_the_list(void **state)
{
    char path[600];
    json_error_t error;
    json_t *list;
    json_t *row;
    size_t i;

    (void)state;
    snprintf(path, sizeof path, "%s/MANIFEST.json", folder());
    list = json_load_file(path, 0, &error);
    if (list == NULL) {
        print_error("NOT TESTED, no vectors: %s: %s\n", path, error.text);
        return;
    }
    json_array_foreach(json_object_get(list, "files"), i, row)
    {
        if (json_object_get(row, "hashedId8") && sample_count < CERTS_MAX) {
            struct sample *s = &samples[sample_count++];
            snprintf(s->name, sizeof s->name, "%s",
                     json_string_value(json_object_get(row, "file")));
            check(s, row);
        }
    }
    kit_case(NULL);
    assert_true(sample_count > 70);
    json_decref(list);
}

static const struct sample *issuer_of(const struct sample *s)
{
    if (s->cert.issuer_kind == COVEY_ITS_ISSUER_SELF) {
        return s;
    }
    for (size_t i = 0; i < sample_count; i++) {
        if (covey_bytes_equal(
                s->cert.issuer,
                covey_its_hashed_id(&samples[i].digest, COVEY_ITS_ID8))) {
            return &samples[i];
        }
    }
    return NULL;
}

static covey_key import(const covey_its_public *p)
{
    uint8_t point[COVEY_PUBLIC_MAX];
    covey_writer w = covey_writer_of(point, sizeof point);
    covey_key key;

    covey_write_u8(&w, (uint8_t)p->point.form);
    covey_write_bytes(&w, p->point.x);
    covey_write_bytes(&w, p->point.y);
    CHECK_STATUS(COVEY_OK,
                 crypto.public_key(crypto.provider, covey_its_curve(p->alg),
                                   covey_written(&w), &key));
    return key;
}

static bool verifies(const struct sample *s, const struct sample *issuer)
{
    bool self = issuer == s;
    uint8_t input[96];
    uint8_t signature[96];
    covey_writer w = covey_writer_of(input, sizeof input);
    covey_writer sig = covey_writer_of(signature, sizeof signature);
    covey_key key = import(&issuer->cert.verify_key);
    covey_status st = covey_its_cert_input(
        &w, &s->cert, self ? NULL : &issuer->digest, &crypto);

    covey_write_bytes(&sig, s->cert.signature.r.x);
    covey_write_bytes(&sig, s->cert.signature.s);
    if (st == COVEY_OK) {
        st = crypto.verify(crypto.provider, &key,
                           covey_its_signs(issuer->cert.verify_key.alg),
                           covey_written(&w), covey_written(&sig));
    }
    crypto.key_drop(crypto.provider, &key);
    return st == COVEY_OK;
}

static void verifies_signatures_as_the_list_says(void **state)
{
    size_t right = 0;
    size_t broken = 0;

    (void)state;
    for (size_t i = 0; i < sample_count; i++) {
        const struct sample *s = &samples[i];
        const struct sample *issuer = issuer_of(s);
        bool etsi = strncmp(s->name, "etsi", 4) == 0;
        if (s->cert.implicit || issuer == NULL) {
            assert_true(!etsi || issuer == NULL);
            continue;
        }
        kit_case(s->name);
        assert_int_equal(verifies(s, issuer), !is_wrong(s->name));
        right += etsi && !is_wrong(s->name);
        broken += etsi && is_wrong(s->name);
    }
    kit_case(NULL);
    if (sample_count > 0) {
        print_message("%zu of %zu certificates of the ETSI set verify\n",
                      right, right + broken);
        assert_int_equal(broken, COUNT_OF(wrong));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_and_encodes_every_certificate_of_the_list),
        cmocka_unit_test(verifies_signatures_as_the_list_says),
    };
    int failed;

    if (covey_openssl_open(&crypto) != COVEY_OK) {
        return 1;
    }
    failed = KIT_RUN(tests);
    covey_openssl_close(&crypto);
    return failed;
}
