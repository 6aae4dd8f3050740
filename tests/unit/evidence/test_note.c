/* SPDX-License-Identifier: BSD-2-Clause */
/* Checkpoints: written, read, signed, cosigned; and every text that is none.
 */
#include "lab.h"

static covey_bytes text_of(const char *text)
{
    return covey_bytes_of((const uint8_t *)text, strlen(text));
}

static const covey_merkle_head head = { .size = 17, .root = { { 1, 2, 3 } } };

static void make(lab_party *p, char out[EVIDENCE_NOTE_MAX])
{
    assert_true(evidence_note_write("covey-audit/" LAB_RUN, &head,
                                    &the_lab.crypto, &p->own, &p->key, out));
}

static void is_read_as_it_was_written(void **state)
{
    lab_party *both[] = { &the_lab.auditor, &the_lab.client };
    char text[EVIDENCE_NOTE_MAX];
    evidence_note note = { 0 };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(both); i++) {
        make(both[i], text);
        assert_int_equal(strlen(text),
                         evidence_note_read(text_of(text), &note));
        CHECK_SPAN(SPAN("covey-audit/" LAB_RUN), note.origin);
        CHECK_SPAN(SPAN("covey-audit/" LAB_RUN "\n17\n"
                        "AQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"),
                   note.body);
        assert_int_equal(17, note.head.size);
        assert_memory_equal(&head.root, &note.head.root, sizeof head.root);
        assert_int_equal(1, note.signature_count);
        assert_true(
            evidence_note_signed(&note, &the_lab.crypto, &both[i]->key));
        assert_false(
            evidence_note_signed(&note, &the_lab.crypto, &both[1 - i]->key));
    }
}

/* The key id that other implementations of the form compute. */
static void has_the_key_id_of_signed_notes(void **state)
{
    char text[EVIDENCE_NOTE_MAX];
    evidence_note note = { 0 };
    uint8_t id[4];
    covey_writer w = covey_writer_of(id, sizeof id);
    uint8_t digest[32];
    covey_writer d = covey_writer_of(digest, sizeof digest);
    covey_hash h;
    const covey_crypto *c = &the_lab.crypto;

    (void)state;
    make(&the_lab.client, text);
    assert_true(evidence_note_read(text_of(text), &note) > 0);
    CHECK_STATUS(COVEY_OK, c->hash_begin(c->provider, COVEY_SHA_256, &h));
    CHECK_STATUS(COVEY_OK,
                 c->hash_update(c->provider, &h,
                                SPAN("covey-audit/" LAB_RUN "\n\x01")));
    CHECK_STATUS(COVEY_OK,
                 c->hash_update(c->provider, &h,
                                covey_bytes_of(the_lab.client.key.bytes, 32)));
    CHECK_STATUS(COVEY_OK, c->hash_finish(c->provider, &h, &d));
    covey_write_u32(&w, note.signatures[0].key_id);
    assert_memory_equal(digest, id, sizeof id);
}

static void no_byte_of_it_can_be_changed(void **state)
{
    char text[EVIDENCE_NOTE_MAX];

    (void)state;
    make(&the_lab.client, text);
    const size_t len = strlen(text);
    for (size_t i = 0; i < len * 8; i++) {
        evidence_note note = { 0 };
        text[i / 8] = (char)(text[i / 8] ^ (1 << i % 8));
        /* cut after its last line it may be whole as a shorter text */
        if (evidence_note_read(covey_bytes_of((const uint8_t *)text, len),
                               &note) > 0) {
            assert_false(evidence_note_signed(&note, &the_lab.crypto,
                                              &the_lab.client.key));
        }
        text[i / 8] = (char)(text[i / 8] ^ (1 << i % 8));
    }
}

static void a_client_cosigns(void **state)
{
    lab_party *both[] = { &the_lab.auditor, &the_lab.client };
    char text[EVIDENCE_NOTE_MAX];
    char line[EVIDENCE_NOTE_MAX];
    evidence_note note = { 0 };
    uint64_t when = 0;

    (void)state;
    make(&the_lab.auditor, text);
    for (size_t i = 0; i < COUNT_OF(both); i++) {
        assert_true(evidence_note_read(text_of(text), &note) > 0);
        assert_false(evidence_note_cosigned(&note, &the_lab.crypto,
                                            &both[i]->key, &when));
        assert_true(evidence_note_cosign(&note, UINT64_C(0x112345678),
                                         &the_lab.crypto, &both[i]->own,
                                         &both[i]->key, line));
        const size_t len = strlen(text);
        snprintf(text + len, sizeof text - len, "%s", line);
        assert_int_equal(strlen(text),
                         evidence_note_read(text_of(text), &note));
        assert_true(evidence_note_cosigned(&note, &the_lab.crypto,
                                           &both[i]->key, &when));
        assert_int_equal(0x112345678, when);
    }
    assert_int_equal(3, note.signature_count);
    assert_true(
        evidence_note_signed(&note, &the_lab.crypto, &the_lab.auditor.key));
    assert_false(
        evidence_note_signed(&note, &the_lab.crypto, &the_lab.client.key));
}

#define ROOT "AQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define SIG                                                                   \
    "\xe2\x80\x94 a "                                                         \
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" \
    "AAAAA"                                                                   \
    "AAAAAAAAAAAAAAA="

static void refuses_what_is_no_note(void **state)
{
    static const struct {
        const char *why;
        const char *text;
    } cases[] = {
        { "nothing", "" },
        { "no size", "a\n" },
        { "no root", "a\n1\n" },
        { "no end of the body", "a\n1\n" ROOT "\n" },
        { "no signature", "a\n1\n" ROOT "\n\n" },
        { "an empty origin", "\n1\n" ROOT "\n\n" SIG "\n" },
        { "an origin with a space", "a b\n1\n" ROOT "\n\n" SIG "\n" },
        { "an origin with a plus", "a+b\n1\n" ROOT "\n\n" SIG "\n" },
        { "a size with a zero before it", "a\n01\n" ROOT "\n\n" SIG "\n" },
        { "a negative size", "a\n-1\n" ROOT "\n\n" SIG "\n" },
        { "a size of twenty digits",
          "a\n10000000000000000000\n" ROOT "\n\n" SIG "\n" },
        { "a root that is short", "a\n1\nAQID\n\n" SIG "\n" },
        { "a root that is long",
          "a\n1\nAQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n\n" SIG "\n" },
        { "a fourth line", "a\n1\n" ROOT "\nmore\n\n" SIG "\n" },
        { "no dash", "a\n1\n" ROOT "\n\na AAAA\n" },
        { "no name", "a\n1\n" ROOT "\n\n\xe2\x80\x94 AAAA\n" },
        { "a signature that is short",
          "a\n1\n" ROOT "\n\n\xe2\x80\x94 a AAAA\n" },
        { "no end of the last line", "a\n1\n" ROOT "\n\n" SIG },
        { "nine signatures",
          "a\n1\n" ROOT "\n\n" SIG "\n" SIG "\n" SIG "\n" SIG "\n" SIG "\n" SIG
          "\n" SIG "\n" SIG "\n" SIG "\n" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        evidence_note note = { 0 };
        kit_case(cases[i].why);
        assert_int_equal(0, evidence_note_read(text_of(cases[i].text), &note));
    }
    kit_case(NULL);
}

/* The row that the refusals above are made from. */
static void reads_the_least_note(void **state)
{
    static const char text[] = "a\n1\n" ROOT "\n\n" SIG "\n\nnext";
    evidence_note note = { 0 };

    (void)state;
    assert_int_equal(sizeof text - 1 - 4,
                     evidence_note_read(text_of(text), &note));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_read_as_it_was_written),
        cmocka_unit_test(has_the_key_id_of_signed_notes),
        cmocka_unit_test(no_byte_of_it_can_be_changed),
        cmocka_unit_test(a_client_cosigns),
        cmocka_unit_test(refuses_what_is_no_note),
        cmocka_unit_test(reads_the_least_note),
    };

    return cmocka_run_group_tests(tests, lab_set_up, lab_tear_down);
}
