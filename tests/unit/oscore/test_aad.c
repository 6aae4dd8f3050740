/* SPDX-License-Identifier: BSD-2-Clause */
/* The AAD, against the example of RFC 8613 Section 5.4 and Appendix C, and its
 * greatest length. */
#include "kit.h"

#include <covey/oscore.h>

static void gives_the_printed_aads(void **state)
{
    static const struct {
        const char *why;
        covey_bytes kid;
        covey_bytes piv;
        const char *aad;
    } cases[] = {
        { "Section 5.4",
          { (const uint8_t *)"\0", 1 },
          { (const uint8_t *)"\x25", 1 },
          "8368456e63727970743040 49 8501810a4100412540" },
        { "Appendix C.4: an empty kid",
          { (const uint8_t *)"", 0 },
          { (const uint8_t *)"\x14", 1 },
          "8368456e63727970743040 48 8501810a40411440" },
        { "Appendix C.5",
          { (const uint8_t *)"\0", 1 },
          { (const uint8_t *)"\x14", 1 },
          "8368456e63727970743040 49 8501810a4100411440" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint8_t storage[COVEY_OSCORE_AAD_MAX];
        covey_writer w = covey_writer_of(storage, sizeof storage);
        kit_case(cases[i].why);
        CHECK_STATUS(COVEY_OK, covey_oscore_aad(&w, COVEY_AES_CCM_16_64_128,
                                                cases[i].kid, cases[i].piv));
        CHECK_HEX(cases[i].aad, covey_written(&w));
    }
    kit_case(NULL);
}

static void never_needs_more_than_its_greatest_length(void **state)
{
    uint8_t storage[COVEY_OSCORE_AAD_MAX];
    covey_writer w = covey_writer_of(storage, sizeof storage);

    (void)state;
    CHECK_STATUS(COVEY_OK,
                 covey_oscore_aad(&w, INT32_MIN, SPAN("\1\2\3\4\5\6\7"),
                                  SPAN("\1\2\3\4\5")));
    assert_int_equal(w.pos, sizeof storage);
}

static void says_when_there_is_no_room(void **state)
{
    uint8_t storage[COVEY_OSCORE_AAD_MAX];

    (void)state;
    for (size_t cap = 0; cap < 20; cap++) {
        covey_writer w = covey_writer_of(storage, cap);
        CHECK_STATUS(COVEY_E_ROOM,
                     covey_oscore_aad(&w, COVEY_AES_CCM_16_64_128, SPAN(""),
                                      SPAN("\x14")));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_printed_aads),
        cmocka_unit_test(never_needs_more_than_its_greatest_length),
        cmocka_unit_test(says_when_there_is_no_room),
    };

    return KIT_RUN(tests);
}
