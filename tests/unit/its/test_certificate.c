/* SPDX-License-Identifier: BSD-2-Clause */
/* Decoding of certificates, field by field, on certificates written here. */
#include <covey/its.h>

#include "hex_certificates.h"
#include "kit.h"

#include <stdio.h>

static uint8_t storage[8192];

static covey_bytes hex(const char *text)
{
    return kit_hex(text, storage, sizeof storage);
}

struct sound {
    const char *why;
    const char *hex;
};

/* clang-format off */
static const struct sound sounds[] = {
    { "the smallest: implicit, one PSID", SMALL },
    { "explicit", EXPLICIT "10" HEAD APP_CAM KEY SIGNATURE },
    { "self-signed", "800300" "8100" "10" HEAD APP_CAM KEY SIGNATURE },
    { "self-signed with SHA-384", "800300" "8101" "10" HEAD APP_CAM "80"
      "8331" "83" X48 "8361" "80" X48 Y48 },
    { "brainpoolP384r1, r uncompressed", "800300" "8208" "0102030405060708"
      "10" HEAD APP_CAM "80" "8261" "84" X48 Y48
      "828191" "84" X48 Y48 Y48 },
    { "SM2 is decoded", "800300" "8308" "0102030405060708" "10" HEAD APP_CAM
      "80" "8421" "82" X32 "8440" X32 Y32 },
    { "brainpoolP256r1, key uncompressed, r compressed", EXPLICIT "10" HEAD
      APP_CAM "80" "81" "84" X32 Y32 "81" "83" X32 Y32 },
    { "linkage data", IMPLICIT "10" "80" "00" "0002" "030303030303030303"
      CRACA VALIDITY APP_CAM RECONSTRUCT },
    { "linkage data with group", IMPLICIT "10" "80" "80" "0002"
      "030303030303030303" "04040404" "050505050505050505"
      CRACA VALIDITY APP_CAM RECONSTRUCT },
    { "a name", IMPLICIT "10" "81" "03" "616263" CRACA VALIDITY APP_CAM
      RECONSTRUCT },
    { "a binary id", IMPLICIT "10" "82" "02" "0102" CRACA VALIDITY APP_CAM
      RECONSTRUCT },
    { "circle, assurance, rollover", IMPLICIT "72" HEAD
      "80" "1dcd6500" "ee6b2800" "0064" "c1" APP_CAM RECONSTRUCT },
    { "two rectangles", IMPLICIT "50" HEAD "81" "0102"
      "1dcd6500" "00000000" "00000000" "1dcd6500"
      "1dcd6500" "00000001" "00000000" "1dcd6500" APP_CAM RECONSTRUCT },
    { "polygon", IMPLICIT "50" HEAD "82" "0103" "00000000" "00000000"
      "00000001" "00000000" "00000000" "00000001" APP_CAM RECONSTRUCT },
    { "countries", IMPLICIT "50" HEAD "83" "0103" "80" "0114"
      "81" "00fa" "0102" "0103" "82" "0276" "0101" "05" "0102" "0001" "0002"
      APP_CAM RECONSTRUCT },
    { "SSPs", IMPLICIT "10" HEAD "0103" "80" "0124" "80" "0301ff00"
      "80" "0125" "81" "0403010203" "80" "0202 6f" "80" "00" RECONSTRUCT },
    { "issue permissions", IMPLICIT "08" HEAD "0102"
      "e0" "80" "0104" "00" "0124" "80" "0125" "80" "0102" "00" "0101"
      "80" "0126" "81" "80" "0127" "82" "04" "0101" "01ff"
      "0102" "01ff" "c0"
      "00" "81" RECONSTRUCT },
    { "request permissions, chain length 0", IMPLICIT "04" HEAD "0101"
      "a0" "81" "0100" "40" RECONSTRUCT },
    { "eeType that is the default", IMPLICIT "08" HEAD "0101"
      "20" "81" "80" RECONSTRUCT },
    { "encryption key", IMPLICIT "11" HEAD APP_CAM "00" "80" "82" X32
      RECONSTRUCT },
    { "encryption key SM2 uncompressed", IMPLICIT "11" HEAD APP_CAM
      "01" "82" "41" "84" X32 Y32 RECONSTRUCT },
    { "additions of 2022", IMPLICIT "90" HEAD APP_CAM RECONSTRUCT
      "020480" "01" "80" },
    { "additions nobody knows yet", IMPLICIT "90" HEAD APP_CAM RECONSTRUCT
      "0307 0180" "02" "abcd" "00" },
};
/* clang-format on */

static void comes_back_byte_for_byte(void **state)
{
    uint8_t out[1024];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(sounds); i++) {
        covey_its_cert c;
        covey_its_finding why;
        covey_writer w = covey_writer_of(out, sizeof out);
        covey_bytes in = hex(sounds[i].hex);

        kit_case(sounds[i].why);
        CHECK_STATUS(COVEY_OK, covey_its_cert_decode(&c, in, &why));
        CHECK_STATUS(COVEY_OK, covey_its_cert_encode(&w, &c));
        CHECK_SPAN(in, covey_written(&w));
        for (size_t len = 0; len < in.len; len++) {
            covey_bytes part = covey_bytes_of(in.ptr, len);
            assert_int_not_equal(covey_its_cert_decode(&c, part, &why),
                                 COVEY_OK);
        }
        CHECK_STATUS(COVEY_OK, covey_its_cert_decode(&c, in, NULL));
        w = covey_writer_of(out, in.len - 1);
        CHECK_STATUS(COVEY_E_ROOM, covey_its_cert_encode(&w, &c));
    }
    kit_case(NULL);
}

/* Whatever a flipped bit makes of it: what is accepted comes back. */
static void accepts_nothing_that_it_would_write_differently(void **state)
{
    uint8_t out[1024];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(sounds); i++) {
        covey_bytes in = hex(sounds[i].hex);
        kit_case(sounds[i].why);
        for (size_t bit = 0; bit < 8 * in.len; bit++) {
            covey_its_cert c;
            covey_its_finding why = { .reason = COVEY_ITS_FINE };
            covey_writer w = covey_writer_of(out, sizeof out);
            storage[bit / 8] ^= (uint8_t)(1u << bit % 8);
            if (covey_its_cert_decode(&c, in, &why) == COVEY_OK) {
                CHECK_STATUS(COVEY_OK, covey_its_cert_encode(&w, &c));
                CHECK_SPAN(in, covey_written(&w));
            } else {
                assert_int_not_equal(why.reason, COVEY_ITS_FINE);
                assert_true(why.offset <= in.len);
            }
            storage[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
    }
    kit_case(NULL);
}

struct refusal {
    const char *why;
    const char *hex;
    covey_status status;
    covey_its_reason reason;
};

/* clang-format off */
static const struct refusal refusals[] = {
    { "nothing", "", COVEY_E_SHORT, COVEY_ITS_R_SHORT },
    { "a byte too many", SMALL "00", COVEY_E_FORMAT, COVEY_ITS_R_TRAILING },
    { "version 2", "000201" ISSUER, COVEY_E_RANGE, COVEY_ITS_R_VERSION },
    { "bits in the preamble", "400301", COVEY_E_FORMAT,
      COVEY_ITS_R_CANONICAL },
    { "a type of certificate nobody knows", "000302" ISSUER,
      COVEY_E_UNSUPPORTED, COVEY_ITS_R_CHOICE },
    { "implicit with signature", "800301" ISSUER "10" HEAD APP_CAM
      RECONSTRUCT SIGNATURE, COVEY_E_FORMAT, COVEY_ITS_R_TYPE },
    { "explicit without signature", "000300" ISSUER "10" HEAD APP_CAM KEY,
      COVEY_E_FORMAT, COVEY_ITS_R_TYPE },
    { "implicit with a verification key", IMPLICIT "10" HEAD APP_CAM KEY,
      COVEY_E_FORMAT, COVEY_ITS_R_TYPE },
    { "explicit with a reconstruction value", EXPLICIT "10" HEAD APP_CAM
      RECONSTRUCT SIGNATURE, COVEY_E_FORMAT, COVEY_ITS_R_TYPE },
    { "implicit and self-signed", "000301" "8100" "10" HEAD APP_CAM
      RECONSTRUCT, COVEY_E_FORMAT, COVEY_ITS_R_IMPLICIT_ROOT },
    { "an issuer identifier nobody knows", "000301" "84" "0102030405060708",
      COVEY_E_UNSUPPORTED, COVEY_ITS_R_CHOICE },
    { "a hash nobody knows", "800300" "8103", COVEY_E_UNSUPPORTED,
      COVEY_ITS_R_CHOICE },
    { "issuer of 9 bytes in an open type", "000301" "8209"
      "010203040506070809" "10" HEAD APP_CAM RECONSTRUCT, COVEY_E_FORMAT,
      COVEY_ITS_R_LENGTH },
    { "an id nobody knows", IMPLICIT "10" "84", COVEY_E_UNSUPPORTED,
      COVEY_ITS_R_CHOICE },
    { "a tag in two octets", IMPLICIT "10" "bf83", COVEY_E_UNSUPPORTED,
      COVEY_ITS_R_CHOICE },
    { "an empty binary id", IMPLICIT "10" "82" "00" CRACA VALIDITY APP_CAM
      RECONSTRUCT, COVEY_E_RANGE, COVEY_ITS_R_LENGTH },
    { "a binary id of 65 bytes", IMPLICIT "10" "82" "41" X32 X32 "00" CRACA
      VALIDITY APP_CAM RECONSTRUCT, COVEY_E_RANGE, COVEY_ITS_R_LENGTH },
    { "linkage data with bits that mean nothing", IMPLICIT "10" "80" "40",
      COVEY_E_FORMAT, COVEY_ITS_R_CANONICAL },
    { "a duration nobody knows", IMPLICIT "10" "83" CRACA "20000000" "87"
      "0001", COVEY_E_UNSUPPORTED, COVEY_ITS_R_CHOICE },
    { "a region nobody knows", IMPLICIT "50" HEAD "84", COVEY_E_UNSUPPORTED,
      COVEY_ITS_R_CHOICE },
    { "latitude unknown", IMPLICIT "50" HEAD "80" "35a4e901" "00000000"
      "0001" APP_CAM RECONSTRUCT, COVEY_E_RANGE, COVEY_ITS_R_REGION },
    { "longitude -180", IMPLICIT "50" HEAD "80" "00000000" "94b62e00"
      "0001" APP_CAM RECONSTRUCT, COVEY_E_RANGE, COVEY_ITS_R_REGION },
    { "rectangle inside out", IMPLICIT "50" HEAD "81" "0101"
      "00000000" "00000000" "1dcd6500" "1dcd6500" APP_CAM RECONSTRUCT,
      COVEY_E_RANGE, COVEY_ITS_R_REGION },
    { "rectangle without width", IMPLICIT "50" HEAD "81" "0101"
      "1dcd6500" "00000000" "00000000" "00000000" APP_CAM RECONSTRUCT,
      COVEY_E_RANGE, COVEY_ITS_R_REGION },
    { "polygon of two corners", IMPLICIT "50" HEAD "82" "0102" "00000000"
      "00000000" "00000001" "00000000" APP_CAM RECONSTRUCT, COVEY_E_RANGE,
      COVEY_ITS_R_QUANTITY },
    { "65 countries", IMPLICIT "50" HEAD "83" "0141", COVEY_E_UNSUPPORTED,
      COVEY_ITS_R_QUANTITY },
    { "identified in a way nobody knows", IMPLICIT "50" HEAD "83" "0101" "83",
      COVEY_E_UNSUPPORTED, COVEY_ITS_R_CHOICE },
    { "no permissions", IMPLICIT "00" HEAD RECONSTRUCT, COVEY_E_FORMAT,
      COVEY_ITS_R_NO_PERMISSIONS },
    { "a PSID twice", IMPLICIT "10" HEAD "0102" "00" "0124" "00" "0124"
      RECONSTRUCT, COVEY_E_RANGE, COVEY_ITS_R_PSID_TWICE },
    { "a PSID with a zero first", IMPLICIT "10" HEAD "0101" "00" "020024"
      RECONSTRUCT, COVEY_E_FORMAT, COVEY_ITS_R_CANONICAL },
    { "a PSID of nine octets", IMPLICIT "10" HEAD "0101" "00"
      "09010203040506070809" RECONSTRUCT, COVEY_E_RANGE, COVEY_ITS_R_LENGTH },
    { "a quantity in no octet", IMPLICIT "10" HEAD "00" RECONSTRUCT,
      COVEY_E_RANGE, COVEY_ITS_R_LENGTH },
    { "a quantity with a zero first", IMPLICIT "10" HEAD "020001" "00" "0124"
      RECONSTRUCT, COVEY_E_FORMAT, COVEY_ITS_R_CANONICAL },
    { "65 PSIDs", IMPLICIT "10" HEAD "0141", COVEY_E_UNSUPPORTED,
      COVEY_ITS_R_QUANTITY },
    { "an SSP nobody knows", IMPLICIT "10" HEAD "0101" "80" "0124" "82",
      COVEY_E_UNSUPPORTED, COVEY_ITS_R_CHOICE },
    { "an SSP whose length needs one octet and has two", IMPLICIT "10" HEAD
      "0101" "80" "0124" "80" "810102" RECONSTRUCT, COVEY_E_FORMAT,
      COVEY_ITS_R_CANONICAL },
    { "a bitmap of 32 octets", IMPLICIT "10" HEAD "0101" "80" "0124" "81"
      "21" "20" X32 RECONSTRUCT, COVEY_E_RANGE, COVEY_ITS_R_LENGTH },
    { "a bitmap shorter than its open type", IMPLICIT "10" HEAD "0101" "80"
      "0124" "81" "03" "01" "ff00" RECONSTRUCT, COVEY_E_FORMAT,
      COVEY_ITS_R_LENGTH },
    { "value and mask differ in length", IMPLICIT "08" HEAD "0101" "00" "80"
      "0101" "80" "0124" "82" "05" "0101" "02ffff" RECONSTRUCT, COVEY_E_RANGE,
      COVEY_ITS_R_SSP_MASK },
    { "a range nobody knows", IMPLICIT "08" HEAD "0101" "00" "80" "0101" "80"
      "0124" "83", COVEY_E_UNSUPPORTED, COVEY_ITS_R_CHOICE },
    { "subject permissions nobody knows", IMPLICIT "08" HEAD "0101" "00" "82",
      COVEY_E_UNSUPPORTED, COVEY_ITS_R_CHOICE },
    { "minChainLength 0 in issue permissions", IMPLICIT "08" HEAD "0101"
      "80" "81" "0100" RECONSTRUCT, COVEY_E_RANGE, COVEY_ITS_R_CHAIN_ZERO },
    { "minChainLength 1, the default", IMPLICIT "08" HEAD "0101" "80" "81"
      "0101" RECONSTRUCT, COVEY_E_FORMAT, COVEY_ITS_R_CANONICAL },
    { "chainLengthRange 0, the default", IMPLICIT "08" HEAD "0101" "40" "81"
      "0100" RECONSTRUCT, COVEY_E_FORMAT, COVEY_ITS_R_CANONICAL },
    { "minChainLength -1", IMPLICIT "08" HEAD "0101" "80" "81" "01ff"
      RECONSTRUCT, COVEY_E_RANGE, COVEY_ITS_R_VALUE },
    { "the least minChainLength", IMPLICIT "08" HEAD "0101" "80" "81"
      "0480000000" RECONSTRUCT, COVEY_E_RANGE, COVEY_ITS_R_VALUE },
    { "chainLengthRange -2", IMPLICIT "08" HEAD "0101" "40" "81" "01fe"
      RECONSTRUCT, COVEY_E_RANGE, COVEY_ITS_R_VALUE },
    { "eeType without any", IMPLICIT "08" HEAD "0101" "20" "81" "00"
      RECONSTRUCT, COVEY_E_RANGE, COVEY_ITS_R_VALUE },
    { "eeType nobody knows", IMPLICIT "08" HEAD "0101" "20" "81" "a0"
      RECONSTRUCT, COVEY_E_RANGE, COVEY_ITS_R_VALUE },
    { "all others twice", IMPLICIT "08" HEAD "0102" "00" "81" "00" "81"
      RECONSTRUCT, COVEY_E_RANGE, COVEY_ITS_R_ALL_TWICE },
    { "a key as x only", EXPLICIT "10" HEAD APP_CAM "80" "80" "80" X32
      SIGNATURE, COVEY_E_RANGE, COVEY_ITS_R_POINT },
    { "a fill as key", EXPLICIT "10" HEAD APP_CAM "80" "80" "81" SIGNATURE,
      COVEY_E_RANGE, COVEY_ITS_R_POINT },
    { "a reconstruction value as x only", IMPLICIT "10" HEAD APP_CAM "81" "80"
      X32, COVEY_E_RANGE, COVEY_ITS_R_POINT },
    { "an encryption key as x only", IMPLICIT "11" HEAD APP_CAM "00" "80" "80"
      X32 RECONSTRUCT, COVEY_E_RANGE, COVEY_ITS_R_POINT },
    { "a curve nobody knows", EXPLICIT "10" HEAD APP_CAM "80" "85",
      COVEY_E_UNSUPPORTED, COVEY_ITS_R_CHOICE },
    { "a symmetric algorithm nobody knows", IMPLICIT "11" HEAD APP_CAM "02",
      COVEY_E_UNSUPPORTED, COVEY_ITS_R_CHOICE },
    { "P-384 shorter than its open type", EXPLICIT "10" HEAD APP_CAM "80"
      "8332" "83" X48 "00" SIGNATURE, COVEY_E_FORMAT, COVEY_ITS_R_LENGTH },
    { "r is a fill", EXPLICIT "10" HEAD APP_CAM KEY "80" "81" Y32,
      COVEY_E_RANGE, COVEY_ITS_R_POINT },
    { "a signature nobody knows", EXPLICIT "10" HEAD APP_CAM KEY "85",
      COVEY_E_UNSUPPORTED, COVEY_ITS_R_CHOICE },
    { "additions of which none is there", IMPLICIT "90" HEAD APP_CAM
      RECONSTRUCT "020400", COVEY_E_FORMAT, COVEY_ITS_R_CANONICAL },
    { "an addition beyond the end", IMPLICIT "90" HEAD APP_CAM RECONSTRUCT
      "020480" "05" "80", COVEY_E_SHORT, COVEY_ITS_R_SHORT },
};
/* clang-format on */

static void refuses_with_a_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        covey_its_cert c;
        covey_its_cert before;
        covey_its_finding why = { .reason = COVEY_ITS_FINE };

        memset(&c, 0x5a, sizeof c);
        memcpy(&before, &c, sizeof c);
        kit_case(refusals[i].why);
        CHECK_STATUS(refusals[i].status,
                     covey_its_cert_decode(&c, hex(refusals[i].hex), &why));
        assert_string_equal(covey_its_reason_text(why.reason),
                            covey_its_reason_text(refusals[i].reason));
        assert_memory_equal(&before, &c, sizeof c);
    }
    kit_case(NULL);
}

static void refuses_every_input_of_three_bytes(void **state)
{
    uint8_t in[3];
    covey_its_cert c;

    (void)state;
    for (unsigned v = 0; v < 1u << 24; v += 7) {
        in[0] = (uint8_t)(v >> 16);
        in[1] = (uint8_t)(v >> 8);
        in[2] = (uint8_t)v;
        if (covey_its_cert_decode(&c, covey_bytes_of(in, v % 4), NULL) ==
            COVEY_OK) {
            fail_msg("%06x was accepted", v);
        }
    }
}

static void refuses_more_than_it_may_be_long(void **state)
{
    covey_its_finding why;
    covey_its_cert c;
    /* 6 + 9 + 1 + ... with an SSP of 4,096 bytes */
    covey_bytes head = hex(IMPLICIT "10" HEAD "0101"
                                    "80"
                                    "0124"
                                    "80"
                                    "821000");
    uint8_t *at = storage + head.len;

    (void)state;
    memset(at, 0, 4096);
    (void)kit_hex(RECONSTRUCT, at + 4096, 64);
    CHECK_STATUS(COVEY_E_RANGE,
                 covey_its_cert_decode(
                     &c, covey_bytes_of(storage, head.len + 4096 + 34), &why));
    assert_int_equal(why.reason, COVEY_ITS_R_LENGTH);
    assert_int_equal(why.expected, COVEY_ITS_CERT_MAX);
}

static void says_what_is_in_it(void **state)
{
    covey_its_cert c;
    covey_its_permission p;
    covey_bytes in = hex(EXPLICIT "7b"
                                  "81"
                                  "03"
                                  "616263" CRACA "20000000"
                                  "84"
                                  "000a"
                                  "83"
                                  "0101"
                                  "81"
                                  "00fa"
                                  "0101"
                                  "07"
                                  "c1"
                                  "0102"
                                  "00"
                                  "0124"
                                  "80"
                                  "0125"
                                  "81"
                                  "03020102"
                                  "0101"
                                  "e0"
                                  "80"
                                  "0101"
                                  "80"
                                  "0127"
                                  "82"
                                  "04"
                                  "0101"
                                  "01ff"
                                  "0102"
                                  "01ff"
                                  "c0"
                                  "00"
                                  "81"
                                  "82" X32 KEY SIGNATURE);

    (void)state;
    CHECK_STATUS(COVEY_OK, covey_its_cert_decode(&c, in, NULL));
    CHECK_HEX("0102030405060708", c.issuer);
    CHECK_SPAN(SPAN("abc"), c.id);
    CHECK_HEX("a1a2a3", c.craca_id);
    assert_int_equal(c.crl_series, 7);
    assert_int_equal(c.start, 0x20000000);
    assert_int_equal(c.end, 0x20000000 + 36000);
    assert_int_equal(c.assurance, 0xc1);
    assert_true(c.can_request_rollover && c.has_encryption && !c.implicit);
    assert_true(covey_its_permission_find(&c, 37, &p));
    CHECK_HEX("0102", p.ssp);
    assert_true(p.bitmap);
    assert_true(covey_its_permission_find(&c, 36, &p));
    assert_null(p.ssp.ptr);
    assert_false(covey_its_permission_find(&c, 39, &p));

    covey_its_group g;
    covey_its_range range;
    covey_bytes list = c.issue_permissions;
    assert_true(covey_its_group_next(&list, &g));
    assert_int_equal(g.min_chain, 2);
    assert_int_equal(g.chain_range, -1);
    assert_int_equal(g.ee_type, COVEY_ITS_EE_APP | COVEY_ITS_EE_ENROL);
    assert_true(covey_its_range_next(&g.ranges, &range));
    assert_int_equal(range.psid, 39);
    assert_int_equal(range.kind, COVEY_ITS_RANGE_BITMAP);
    assert_false(covey_its_range_next(&g.ranges, &range));
    assert_false(covey_its_group_next(&list, &g));

    covey_its_areas areas = covey_its_areas_of(c.region);
    covey_its_area area;
    assert_int_equal(areas.kind, COVEY_ITS_IDENTIFIED);
    assert_int_equal(covey_its_region_kind_of(c.region), COVEY_ITS_IDENTIFIED);
    assert_true(covey_its_area_next(&areas, &area));
    assert_int_equal(area.country, 250);
    CHECK_HEX("07", area.regions);
    assert_false(covey_its_area_next(&areas, &area));
}

struct span {
    const char *why;
    const char *duration;
    uint32_t seconds;
};

/* clang-format off */
static const struct span spans[] = {
    { "a microsecond is not nothing", "800001", 1 },
    { "65,535 milliseconds", "81ffff", 66 },
    { "seconds", "82000a", 10 },
    { "minutes", "83000a", 600 },
    { "hours", "84000a", 36000 },
    { "sixty hours", "850002", 432000 },
    { "years of 365.2425 days", "860002", 63113904 },
    { "beyond 2140", "86ffff", UINT32_MAX - 0x20000000 },
};
/* clang-format on */

static void counts_durations_in_seconds(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(spans); i++) {
        char text[300];
        covey_its_cert c;

        kit_case(spans[i].why);
        snprintf(text, sizeof text, "%s%s%s",
                 IMPLICIT "10" ID_NONE CRACA "20000000", spans[i].duration,
                 APP_CAM RECONSTRUCT);
        CHECK_STATUS(COVEY_OK, covey_its_cert_decode(&c, hex(text), NULL));
        assert_int_equal(c.end - c.start, spans[i].seconds);
    }
    kit_case(NULL);
}

static void reads_certificates_one_after_the_other(void **state)
{
    covey_reader r = covey_reader_of(hex(SMALL SMALL "00"));
    covey_its_finding why;
    covey_its_cert c;

    (void)state;
    CHECK_STATUS(COVEY_OK, covey_its_cert_read(&c, &r, NULL));
    assert_int_equal(r.pos * 2 + 1, r.len);
    CHECK_STATUS(COVEY_OK, covey_its_cert_read(&c, &r, NULL));
    CHECK_STATUS(COVEY_E_SHORT, covey_its_cert_read(&c, &r, &why));
    assert_int_equal(covey_read_left(&r), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back_byte_for_byte),
        cmocka_unit_test(accepts_nothing_that_it_would_write_differently),
        cmocka_unit_test(refuses_with_a_reason),
        cmocka_unit_test(refuses_every_input_of_three_bytes),
        cmocka_unit_test(refuses_more_than_it_may_be_long),
        cmocka_unit_test(says_what_is_in_it),
        cmocka_unit_test(counts_durations_in_seconds),
        cmocka_unit_test(reads_certificates_one_after_the_other),
    };
    return KIT_RUN(tests);
}
