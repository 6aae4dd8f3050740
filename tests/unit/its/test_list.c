/* SPDX-License-Identifier: BSD-2-Clause */
/* Revocation and trust lists: decoded, refused, and revoking. */
#include <covey/its_list.h>

#include "hex_certificates.h"
#include "kit.h"
#include "make.h"

#include "crypto/scripted/scripted.h"

static covey_scripted s;
static covey_crypto crypto;
static uint8_t storage[8192];

static covey_bytes hex(const char *text)
{
    return kit_hex(text, storage, sizeof storage);
}

#define TIMES                                                                 \
    "20000000"                                                                \
    "20010000"
#define CRACA8 "0001020304050607"
/* CrlContents up to the kind, and the head of a hash CRL */
#define IEEE                                                                  \
    "01"                                                                      \
    "0007" CRACA8 TIMES "00"
#define SERIAL                                                                \
    "00"                                                                      \
    "00000005"
#define ENTRY                                                                 \
    "0102030405060708090a"                                                    \
    "21000000"
#define ECTL                                                                  \
    "01"                                                                      \
    "85"                                                                      \
    "00"                                                                      \
    "0101"                                                                    \
    "20010000"                                                                \
    "ff"                                                                      \
    "03"
#define CTL                                                                   \
    "01"                                                                      \
    "86"                                                                      \
    "00"                                                                      \
    "0101"                                                                    \
    "20010000"

struct row {
    const char *why;
    uint64_t psid;
    const char *hex;
    uint32_t count; /* if it is accepted */
    covey_its_reason reason;
};

/* clang-format off */
static const struct row rows[] = {
    { "hash CRL of 2016", 256, IEEE "80" SERIAL "0102" ENTRY ENTRY, 2, 0 },
    { "hash CRL of 2022", 256, IEEE "80" SERIAL "0102" "00" ENTRY "00" ENTRY,
      2, 0 },
    { "delta CRL, empty", 256, IEEE "81" SERIAL "0100", 0, 0 },
    { "with priority and additions", 256, "01" "0007" CRACA8 TIMES "c0" "03"
      "020780" "0101" "80" "80" "00000005" "0101" "00" ENTRY "020780" "00",
      1, 0 },
    { "ETSI CRL", 622, "01" "84" "00" "0101" TIMES "0102" CRACA8 CRACA8, 2,
      0 },
    { "ETSI CRL, empty, with additions", 622, "01" "84" "80" "0101" TIMES
      "0100" "020780" "00", 0, 0 },
    { "ECTL", 624, ECTL "0103" "80" "80" "80" SMALL SMALL "80" "84" "00" SMALL
      "0161" "80" "83" "0162" "0101" CRACA8, 3, 0 },
    { "CTL", 624, CTL "ff" "01" "0102" "80" "81" "80" SMALL "0161" "0162"
      "80" "82" SMALL "0163", 2, 0 },
    { "CTL, delta", 624, CTL "00" "01" "0102" "81" "80" CRACA8
      "81" "81" "0164", 2, 0 },
    { "another version", 256, "02" "0007", 0, COVEY_ITS_R_VERSION },
    { "another version of TS 102 941", 622, "02", 0, COVEY_ITS_R_VERSION },
    { "another version of the list", 622, "01" "84" "00" "0102", 0,
      COVEY_ITS_R_VERSION },
    { "linked CRL", 256, IEEE "82", 0, COVEY_ITS_R_LIST_KIND },
    { "CRL nobody knows", 256, IEEE "86", 0, COVEY_ITS_R_CHOICE },
    { "PSID of no list", 36, "01", 0, COVEY_ITS_R_LIST_KIND },
    { "trust list under the PSID of a CRL", 622, ECTL "0100", 0,
      COVEY_ITS_R_LIST_KIND },
    { "CRL under the PSID of a trust list", 624, "01" "84" "00" "0101" TIMES
      "0100", 0, COVEY_ITS_R_LIST_KIND },
    { "enrolment request", 624, "01" "80", 0, COVEY_ITS_R_LIST_KIND },
    { "an entry too few", 256, IEEE "80" SERIAL "0102" "00" ENTRY, 0,
      COVEY_ITS_R_SHORT },
    { "an entry with additions", 256, IEEE "80" SERIAL "0101" "80" ENTRY "00",
      0, COVEY_ITS_R_CANONICAL },
    { "a byte too many", 622, "01" "84" "00" "0101" TIMES "0100" "00", 0,
      COVEY_ITS_R_TRAILING },
    { "isFullCtl 1", 624, CTL "01" "01" "0100", 0, COVEY_ITS_R_CANONICAL },
    { "root in a list of a root", 624, CTL "ff" "01" "0101" "80" "80" "00"
      SMALL, 0, COVEY_ITS_R_LIST_ENTRY },
    { "AA in the list of the TLM", 624, ECTL "0101" "80" "82" SMALL "0163", 0,
      COVEY_ITS_R_LIST_ENTRY },
    { "deletion in a full list", 624, CTL "ff" "01" "0101" "81" "80" CRACA8,
      0, COVEY_ITS_R_LIST_ENTRY },
    { "entry nobody knows", 624, CTL "00" "01" "0101" "80" "85", 0,
      COVEY_ITS_R_CHOICE },
    { "command nobody knows", 624, CTL "00" "01" "0101" "82", 0,
      COVEY_ITS_R_CHOICE },
    { "certificate that is none", 624, CTL "ff" "01" "0101" "80" "82" "80"
      "04", 0, COVEY_ITS_R_VERSION },
};
/* clang-format on */

static void decodes_lists_or_says_why_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        covey_bytes in = hex(rows[i].hex);
        covey_its_finding why = { .reason = COVEY_ITS_FINE };
        covey_its_list list;
        covey_status st = covey_its_list_decode(&list, in, rows[i].psid, &why);

        kit_case(rows[i].why);
        assert_string_equal(covey_its_reason_text(why.reason),
                            covey_its_reason_text(rows[i].reason));
        if (rows[i].reason != COVEY_ITS_FINE) {
            assert_true(why.in_data);
            continue;
        }
        CHECK_STATUS(COVEY_OK, st);
        assert_int_equal(list.count, rows[i].count);
        /* Two entries of 2022 without their last two bytes are two of 2016. */
        for (size_t len = 0; len < in.len && rows[i].psid != 256; len++) {
            assert_int_not_equal(
                covey_its_list_decode(&list, covey_bytes_of(in.ptr, len),
                                      rows[i].psid, NULL),
                COVEY_OK);
        }
    }
    kit_case(NULL);
}

static void walks_over_the_entries_of_a_trust_list(void **state)
{
    covey_its_list list;
    covey_its_entry e;
    covey_bytes left;

    (void)state;
    CHECK_STATUS(COVEY_OK, covey_its_list_decode(&list,
                                                 hex(CTL "ff"
                                                         "01"
                                                         "0102"
                                                         "80"
                                                         "81"
                                                         "80" SMALL "0161"
                                                         "0162"
                                                         "80"
                                                         "83"
                                                         "0164"
                                                         "0101" CRACA8),
                                                 624, NULL));
    assert_int_equal(list.sequence, 1);
    assert_true(list.full);
    left = list.entries;
    assert_true(covey_its_entry_next(&left, &e));
    assert_int_equal(e.kind, COVEY_ITS_ADD_EA);
    CHECK_SPAN(SPAN("a"), e.url);
    CHECK_SPAN(SPAN("b"), e.url2);
    assert_true(e.certificate.len > 60);
    assert_true(covey_its_entry_next(&left, &e));
    assert_int_equal(e.kind, COVEY_ITS_ADD_DC);
    CHECK_HEX(CRACA8, e.ids);
    assert_false(covey_its_entry_next(&left, &e));
}

static struct made root;
static struct made aa;
static struct made at;
static covey_its_known slots[4];
static covey_its_store store;

static void build(const struct make_spec *r, const struct make_spec *a,
                  const struct make_spec *t)
{
    make_cert(&root, r, NULL, 1, &crypto);
    make_cert(&aa, a, &root, 2, &crypto);
    make_cert(&at, t, &aa, 3, &crypto);
    covey_its_store_init(&store, slots, COUNT_OF(slots));
    CHECK_STATUS(COVEY_OK, covey_its_store_anchor(&store, &crypto,
                                                  root.cert.whole, NULL));
}

static covey_its_reason judge(const struct made *end, uint8_t *cert)
{
    covey_its_finding why;
    covey_its_peer peer;
    covey_its_chain chain = { .end_entity = end->cert.whole,
                              .others = &aa.cert.whole,
                              .other_count = 1,
                              .keep = true };
    if (covey_its_chain_verify(&peer, &store, &crypto, &chain, MAKE_NOW,
                               &why) == COVEY_ITS_VALID) {
        covey_its_peer_drop(&peer, &crypto);
    }
    *cert = why.cert;
    return why.reason;
}

static covey_its_peer peer_of(const struct made *m)
{
    covey_its_peer p = { .cert = m->cert, .digest = m->digest };

    return p;
}

/* An ETSI CRL of the root has the AA, also when the AA is known already. */
static void revokes_by_the_list_of_the_issuer(void **state)
{
    uint8_t content[64];
    covey_writer w = covey_writer_of(content, sizeof content);
    covey_its_crl crl;
    covey_its_crl foreign;
    covey_its_list list;
    covey_its_peer signer;
    covey_its_finding why;
    uint8_t cert;

    (void)state;
    build(&make_root, &make_aa, &make_at);
    assert_int_equal(judge(&at, &cert), COVEY_ITS_FINE); /* AA is known */
    covey_write_bytes(&w, hex("01"
                              "84"
                              "00"
                              "0101" TIMES "0101"));
    covey_write_bytes(&w, covey_its_hashed_id(&aa.digest, 8));
    CHECK_STATUS(COVEY_OK,
                 covey_its_list_decode(&list, covey_written(&w), 622, &why));
    assert_true(covey_its_list_has(&list, &aa.digest));
    assert_false(covey_its_list_has(&list, &at.digest));
    signer = peer_of(&at); /* a list of somebody else changes nothing */
    assert_false(covey_its_list_signer(&list, &signer, &why));
    assert_int_equal(why.reason, COVEY_ITS_R_LIST_SIGNER);
    CHECK_STATUS(COVEY_OK,
                 covey_its_store_crl(&store, &foreign, &list, &signer));
    assert_int_equal(judge(&at, &cert), COVEY_ITS_FINE);
    signer = peer_of(&root);
    assert_true(covey_its_list_signer(&list, &signer, &why));
    CHECK_STATUS(COVEY_OK, covey_its_store_crl(&store, &crl, &list, &signer));
    assert_int_equal(judge(&at, &cert), COVEY_ITS_R_REVOKED);
    assert_int_equal(cert, 1);
    assert_int_equal(judge(&aa, &cert), COVEY_ITS_R_REVOKED);
    assert_int_equal(cert, 0);
    list.kind = COVEY_ITS_LIST_CTL;
    CHECK_STATUS(COVEY_E_ARGUMENT,
                 covey_its_store_crl(&store, &crl, &list, &signer));
    covey_its_store_clear(&store, &crypto);
}

/* A hash CRL of CRACA and series that the AT names. */
static void revokes_by_craca_and_series(void **state)
{
    struct make_spec t = make_at;
    uint8_t content[64];
    covey_its_list list;
    covey_its_crl crl;
    covey_its_peer signer;
    uint8_t cert;

    (void)state;
    for (int matches = 0; matches < 3; matches++) {
        for (int edition = 0; edition < 2; edition++) {
            covey_writer w = covey_writer_of(content, sizeof content);
            t.craca_id = matches == 1 ? "050608" : "050607";
            t.crl_series = matches == 2 ? 8 : 7;
            build(&make_root, &make_aa, &t);
            covey_write_bytes(&w, hex(IEEE "80" SERIAL "0101"));
            covey_write_bytes(&w, edition ? hex("00") : covey_bytes_of(0, 0));
            covey_write_bytes(&w, covey_its_hashed_id(&at.digest, 10));
            covey_write_bytes(&w, hex("21000000"));
            CHECK_STATUS(COVEY_OK, covey_its_list_decode(
                                       &list, covey_written(&w), 256, NULL));
            signer = peer_of(&root);
            CHECK_STATUS(COVEY_OK,
                         covey_its_store_crl(&store, &crl, &list, &signer));
            assert_int_equal(judge(&at, &cert), matches == 0
                                                    ? COVEY_ITS_R_REVOKED
                                                    : COVEY_ITS_FINE);
            covey_its_store_clear(&store, &crypto);
        }
    }
}

/* Of the two lists of the root one ends before now: what neither has is
 * refused as soon as both do, but what one has is revoked either way. */
static void refuses_what_an_old_list_is_about(void **state)
{
    covey_its_crl crl[2];
    covey_its_list list;
    covey_its_peer signer;
    covey_its_finding why;
    uint8_t cert;

    (void)state;
    build(&make_root, &make_aa, &make_at);
    CHECK_STATUS(COVEY_OK, covey_its_list_decode(&list,
                                                 hex("01"
                                                     "84"
                                                     "00"
                                                     "0101" TIMES "0100"),
                                                 622, &why));
    signer = peer_of(&root);
    list.next_update = (uint32_t)(MAKE_NOW / 1000000) - 1;
    CHECK_STATUS(COVEY_OK,
                 covey_its_store_crl(&store, &crl[0], &list, &signer));
    assert_int_equal(judge(&at, &cert), COVEY_ITS_R_LIST_OLD);
    assert_int_equal(cert, 1); /* the AA, which the root issued */
    assert_int_equal(judge(&aa, &cert), COVEY_ITS_R_LIST_OLD);
    assert_int_equal(judge(&root, &cert), COVEY_ITS_FINE);
    store.overdue_s = 1;
    assert_int_equal(judge(&at, &cert), COVEY_ITS_FINE);
    store.overdue_s = 0;
    assert_int_equal(judge(&at, &cert), COVEY_ITS_R_LIST_OLD); /* known now */
    crl[0].list.next_update -= 10;
    store.overdue_s = 9;
    assert_int_equal(judge(&at, &cert), COVEY_ITS_R_LIST_OLD);
    store.overdue_s = UINT32_MAX;
    assert_int_equal(judge(&at, &cert), COVEY_ITS_FINE);
    store.overdue_s = 0;
    list.next_update++;
    CHECK_STATUS(COVEY_OK,
                 covey_its_store_crl(&store, &crl[1], &list, &signer));
    assert_int_equal(judge(&at, &cert), COVEY_ITS_FINE);
    covey_its_list *known = &crl[0].list;
    known->entries = covey_its_hashed_id(&aa.digest, 8);
    known->count = 1;
    assert_int_equal(judge(&at, &cert), COVEY_ITS_R_REVOKED);
    covey_its_store_clear(&store, &crypto);
}

struct signer_row {
    const char *why;
    const char *app;
    bool may;
    bool issuer_is_craca;
};

/* clang-format off */
static const struct signer_row signer_rows[] = {
    { "isCraca, this series",
      "80" "020100" "80" "07" "00" "01" "00" "0101" "0007", true, false },
    { "issuerIsCraca", "80" "020100" "80" "07" "00" "01" "01" "0101" "0007",
      true, true },
    { "is the issuer, but not the CRACA",
      "80" "020100" "80" "07" "00" "01" "00" "0101" "0007", false, true },
    { "another series", "80" "020100" "80" "07" "00" "01" "00" "0101" "0008",
      false, false },
    { "no series", "80" "020100" "80" "05" "00" "01" "00" "0100", false,
      false },
    { "another version of the SSP",
      "80" "020100" "80" "07" "00" "02" "00" "0101" "0007", false, false },
    { "no SSP", "00" "020100", false, false },
    { "another PSID", "00" "0124", false, false },
};
/* clang-format on */

static void asks_who_may_sign_a_hash_crl(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(signer_rows); i++) {
        struct make_spec spec = make_aa;
        uint8_t content[64];
        covey_writer w = covey_writer_of(content, sizeof content);
        covey_its_finding why;
        covey_its_list list;
        covey_its_peer signer;

        kit_case(signer_rows[i].why);
        spec.app = signer_rows[i].app;
        build(&make_root, &spec, &make_at);
        covey_write_bytes(&w, hex("01"
                                  "0007"));
        covey_write_bytes(
            &w, covey_its_hashed_id(
                    signer_rows[i].issuer_is_craca ? &root.digest : &aa.digest,
                    8));
        covey_write_bytes(&w, hex(TIMES "00"
                                        "80" SERIAL "0100"));
        CHECK_STATUS(COVEY_OK, covey_its_list_decode(&list, covey_written(&w),
                                                     256, NULL));
        signer = peer_of(&aa);
        assert_int_equal(covey_its_list_signer(&list, &signer, &why),
                         signer_rows[i].may);
        covey_its_store_clear(&store, &crypto);
    }
    kit_case(NULL);
}

/* TS 102 941 Annex B: the SSP 0138 is for EA, AA and DC. */
static void asks_who_may_sign_a_trust_list(void **state)
{
    static const struct {
        const char *ssp;
        bool may;
    } ssps[] = { { "0138", true },  { "0118", false }, { "0128", false },
                 { "0130", false }, { "0238", false }, { "01ff", true },
                 { "01", false } };

    (void)state;
    build(&make_root, &make_aa, &make_at);
    for (size_t i = 0; i < COUNT_OF(ssps); i++) {
        uint8_t ssp[2];
        uint8_t app[16];
        covey_its_finding why;
        covey_its_list list;
        covey_its_peer signer = peer_of(&root);
        covey_writer w = covey_writer_of(app, sizeof app);
        covey_its_permission p = { .psid = 624, .bitmap = true };

        p.ssp = kit_hex(ssps[i].ssp, ssp, sizeof ssp);
        covey_its_permission_put(&w, &p);
        signer.cert.app_permissions = covey_written(&w);
        CHECK_STATUS(COVEY_OK, covey_its_list_decode(&list,
                                                     hex(CTL "00"
                                                             "01"
                                                             "0104"
                                                             "80"
                                                             "81"
                                                             "00" SMALL "0161"
                                                             "80"
                                                             "82" SMALL "0163"
                                                             "80"
                                                             "83"
                                                             "0164"
                                                             "0100"
                                                             "81"
                                                             "80" CRACA8),
                                                     624, NULL));
        assert_int_equal(covey_its_list_signer(&list, &signer, &why),
                         ssps[i].may);
    }
    covey_its_store_clear(&store, &crypto);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_lists_or_says_why_not),
        cmocka_unit_test(walks_over_the_entries_of_a_trust_list),
        cmocka_unit_test(revokes_by_the_list_of_the_issuer),
        cmocka_unit_test(revokes_by_craca_and_series),
        cmocka_unit_test(refuses_what_an_old_list_is_about),
        cmocka_unit_test(asks_who_may_sign_a_hash_crl),
        cmocka_unit_test(asks_who_may_sign_a_trust_list),
    };

    covey_scripted_open(&s, NULL, &crypto);
    return KIT_RUN(tests);
}
