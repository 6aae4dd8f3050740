/* SPDX-License-Identifier: BSD-2-Clause */
/* Every intermediate value of the vectors, byte for byte. */
#include "kit.h"
#include "vectors.h"

#include <crypto/openssl/openssl.h>

/* Bytes of a vector, in a buffer that the next case begins anew. */
static uint8_t pool[8192];
static size_t used;

static covey_bytes bytes(const char *hex)
{
    covey_bytes b = { NULL, 0 };

    if (hex != NULL) {
        b = kit_hex(hex, pool + used, sizeof pool - used);
        used += b.len;
    }
    return b;
}

static covey_group_binding binding_of(const struct vector *v)
{
    const covey_group_binding b = {
        .request_kid = bytes(v->request_kid),
        .request_piv = bytes(v->request_piv),
        .request_kid_context = bytes(v->gid),
        .option = bytes(v->option),
        .sender_cred = bytes(v->sender_cred),
        .gm_cred = bytes(v->gm_cred),
    };

    used = used > sizeof pool / 2 ? 0 : used;
    return b;
}

static covey_group_mask mask_of(const struct vector *v)
{
    const covey_group_mask m = {
        .sek = bytes(v->sek),
        .id = bytes(v->piv_id),
        .piv = bytes(v->piv),
        .gid = bytes(v->gid),
        .hkdf = v->hkdf,
        .request = v->request,
    };

    return m;
}

static void gives_the_external_aads(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        const struct vector *v = &vectors[i];
        const covey_group_binding b = binding_of(v);
        uint8_t storage[1024];
        covey_writer w = covey_writer_of(storage, sizeof storage);

        kit_case(v->name);
        covey_group_put_external_aad(&w, &v->algorithms, &b);
        CHECK_STATUS(COVEY_OK, w.failed);
        CHECK_HEX(v->external_aad, covey_written(&w));
        assert_true(w.pos <= COVEY_GROUP_AAD_MAX(
                                 b.request_kid_context.len, b.option.len,
                                 b.sender_cred.len, b.gm_cred.len));
    }
    kit_case(NULL);
}

/* Where there is no AAD (CTR), the structure is the same and not handed
 * over. */
static void gives_the_aads_and_what_is_signed(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        const struct vector *v = &vectors[i];
        const covey_group_binding b = binding_of(v);
        uint8_t scratch[1024];
        covey_group_inputs in;
        covey_bytes tbs;

        kit_case(v->name);
        CHECK_STATUS(COVEY_OK,
                     covey_group_inputs_begin(&in, scratch, sizeof scratch,
                                              &v->algorithms, &b));
        for (int round = 0; round < 2; round++) { /* in either order */
            if (v->aad != NULL) {
                CHECK_HEX(v->aad, covey_group_enc_structure(&in));
            }
            if (v->countersign_tbs != NULL) {
                CHECK_STATUS(COVEY_OK, covey_group_to_be_signed(
                                           &in, bytes(v->ciphertext), &tbs));
                CHECK_HEX(v->countersign_tbs, tbs);
            }
        }
    }
    kit_case(NULL);
}

static void masks_and_unmasks_the_signatures(void **state)
{
    covey_crypto crypto;

    (void)state;
    CHECK_STATUS(COVEY_OK, covey_openssl_open(&crypto));
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        const struct vector *v = &vectors[i];
        const covey_group_mask mask = mask_of(v);
        uint8_t info[64];
        uint8_t zeros[64] = { 0 };
        uint8_t signature[64];
        covey_writer w = covey_writer_of(info, sizeof info);
        const covey_bytes whole = covey_bytes_of(signature, sizeof signature);

        if (v->signature == NULL) {
            continue; /* pairwise mode */
        }
        kit_case(v->name);
        if (mask.gid.len < sizeof info) {
            CHECK_STATUS(COVEY_OK, covey_group_mask_info(&w, &mask, 64));
            CHECK_HEX(v->keystream_info, covey_written(&w));
        }
        CHECK_STATUS(COVEY_OK,
                     covey_group_mask_apply(&mask, &crypto, zeros, 64));
        CHECK_HEX(v->keystream, covey_bytes_of(zeros, 64));
        (void)kit_hex(v->signature, signature, sizeof signature);
        CHECK_STATUS(COVEY_OK,
                     covey_group_mask_apply(&mask, &crypto, signature, 64));
        CHECK_HEX(v->encrypted_signature, whole);
        CHECK_STATUS(COVEY_OK,
                     covey_group_mask_apply(&mask, &crypto, signature, 64));
        CHECK_HEX(v->signature, whole);
    }
    kit_case(NULL);
    covey_openssl_close(&crypto);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_external_aads),
        cmocka_unit_test(gives_the_aads_and_what_is_signed),
        cmocka_unit_test(masks_and_unmasks_the_signatures),
    };

    return KIT_RUN(tests);
}
