/* SPDX-License-Identifier: BSD-2-Clause */
/* The mask over a signature: its refusals, what it depends on, and a provider
 * that fails. */
#include "kit.h"

#include <covey/group_aad.h>
#include <crypto/scripted/scripted.h>

static covey_group_mask mask_with(covey_bytes id, covey_bytes gid)
{
    const covey_group_mask m = {
        .sek = SPAN("0123456789abcdef"),
        .id = id,
        .piv = SPAN("\1"),
        .gid = gid,
        .hkdf = COVEY_HMAC_256_256,
        .request = true,
    };

    return m;
}

static void writes_info_to_its_greatest_length(void **state)
{
    static const uint8_t gid[255] = { 7 };
    const covey_group_mask m =
        mask_with(SPAN("1234567"), covey_bytes_of(gid, sizeof gid));
    uint8_t signature[COVEY_SIGNATURE_MAX] = { 0 };
    uint8_t storage[512];
    covey_writer w = covey_writer_of(storage, sizeof storage);

    (void)state;
    CHECK_STATUS(COVEY_OK, covey_group_mask_info(&w, &m, COVEY_SIGNATURE_MAX));
    CHECK_HEX("84 47 31323334353637 58ff 07", covey_bytes_of(storage, 12));
    CHECK_HEX("00 f5 1884", covey_bytes_of(storage + w.pos - 4, 4));
    CHECK_STATUS(COVEY_OK, covey_group_mask_apply(&m, &covey_toy, signature,
                                                  sizeof signature));
    for (size_t cap = 0; cap < w.pos; cap++) {
        covey_writer less = covey_writer_of(storage, cap);
        CHECK_STATUS(COVEY_E_ROOM,
                     covey_group_mask_info(&less, &m, COVEY_SIGNATURE_MAX));
    }
}

static void refuses_what_no_group_has(void **state)
{
    static const uint8_t gid[257] = { 0 };
    const struct {
        const char *why;
        covey_bytes id;
        size_t gid_len;
        size_t signature_len;
        int32_t hkdf;
        covey_status status;
    } cases[] = {
        { "one byte more than ES512's", SPAN("i"), 3, COVEY_SIGNATURE_MAX + 1,
          COVEY_HMAC_256_256, COVEY_E_RANGE },
        { "more than memory has", SPAN("i"), 3, SIZE_MAX, COVEY_HMAC_256_256,
          COVEY_E_RANGE },
        { "no signature", SPAN("i"), 3, 0, COVEY_HMAC_256_256, COVEY_E_RANGE },
        { "a Gid that is too long", SPAN("1234567"), 256, 64,
          COVEY_HMAC_256_256, COVEY_E_ROOM },
        { "a Sender ID that is too long", SPAN("12345678"), 255, 64,
          COVEY_HMAC_256_256, COVEY_E_ROOM },
        { "no HKDF", SPAN("i"), 3, 64, COVEY_SHA_256, COVEY_E_UNSUPPORTED },
    };
    uint8_t signature[COVEY_SIGNATURE_MAX + 1];
    uint8_t before[sizeof signature];

    (void)state;
    memset(signature, 0x5a, sizeof signature);
    memcpy(before, signature, sizeof signature);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        covey_group_mask m =
            mask_with(cases[i].id, covey_bytes_of(gid, cases[i].gid_len));

        kit_case(cases[i].why);
        m.hkdf = cases[i].hkdf;
        CHECK_STATUS(cases[i].status,
                     covey_group_mask_apply(&m, &covey_toy, signature,
                                            cases[i].signature_len));
        assert_memory_equal(signature, before, sizeof signature);
    }
    kit_case(NULL);
}

/* Any other member of the mask gives another keystream; so does another
 * length, which is in the info. */
static void depends_on_everything(void **state)
{
    enum {
        OTHERS = 6
    };
    const covey_group_mask m = mask_with(SPAN("id"), SPAN("gid"));
    covey_group_mask others[OTHERS] = { m, m, m, m, m, m };
    uint8_t first[64] = { 0 };
    uint8_t shorter[63] = { 0 };

    (void)state;
    others[0].sek = SPAN("0123456789abcdeF");
    others[1].id = SPAN("iD");
    others[2].piv = SPAN("\2");
    others[3].gid = SPAN("giD");
    others[4].hkdf = COVEY_HMAC_512_512;
    others[5].request = false;
    CHECK_STATUS(COVEY_OK, covey_group_mask_apply(&m, &covey_toy, first, 64));
    for (size_t i = 0; i < OTHERS; i++) {
        uint8_t other[64] = { 0 };

        CHECK_STATUS(COVEY_OK, covey_group_mask_apply(&others[i], &covey_toy,
                                                      other, 64));
        assert_memory_not_equal(first, other, 64);
    }
    CHECK_STATUS(COVEY_OK,
                 covey_group_mask_apply(&m, &covey_toy, shorter, 63));
    assert_memory_not_equal(first, shorter, 63);
}

static void leaves_the_signature_if_the_provider_fails(void **state)
{
    const covey_group_mask m = mask_with(SPAN("id"), SPAN("gid"));
    uint8_t signature[64];
    uint8_t before[64];
    covey_scripted s;
    covey_crypto crypto;
    covey_status st = COVEY_E_CRYPTO;
    int n = 0;

    (void)state;
    memset(signature, 0x5a, sizeof signature);
    memcpy(before, signature, sizeof before);
    covey_scripted_open(&s, NULL, &crypto);
    for (; st != COVEY_OK; n++) {
        assert_memory_equal(signature, before, sizeof before);
        covey_scripted_rewind(&s, n);
        st = covey_group_mask_apply(&m, &crypto, signature, 64);
        CHECK_STATUS(n == 0 ? COVEY_E_CRYPTO : COVEY_OK, st);
    }
    assert_int_equal(n, 2); /* one call, and success */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_info_to_its_greatest_length),
        cmocka_unit_test(refuses_what_no_group_has),
        cmocka_unit_test(depends_on_everything),
        cmocka_unit_test(leaves_the_signature_if_the_provider_fails),
    };

    return KIT_RUN(tests);
}
