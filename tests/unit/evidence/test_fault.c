/* SPDX-License-Identifier: BSD-2-Clause */
/* Somebody changes a record: the right line is named. */
#include "lab.h"

#include <text.h>

enum {
    LINES = 11,
    EVERY = 4
};

static void expect(evidence_kind kind, uint64_t record, evidence_fault f)
{
    assert_int_equal(kind, f.kind);
    assert_int_equal(record, f.record);
}

static void a_whole_record_has_no_fault(void **state)
{
    (void)state;
    for (uint32_t n = 1; n < 20; n++) {
        lab_write(n, EVERY);
        expect(EVIDENCE_WHOLE, 0, lab_fault(NULL));
    }
}

/* Bits of every byte of every line, its end included. */
static void a_bit_that_flips_is_found_in_its_line(void **state)
{
    (void)state;
    lab_write(LINES, EVERY);
    for (size_t i = 0; i < LINES; i++) {
        char *line = lab_line(i);
        const size_t len = (size_t)(strchr(line, '\n') - line) + 1;
        for (size_t bit = 0; bit < len * 8; bit += bit % 8 == 7 ? 1 : 3) {
            line[bit / 8] = (char)(line[bit / 8] ^ (1 << bit % 8));
            const evidence_fault f = lab_fault(NULL);
            assert_int_not_equal(EVIDENCE_WHOLE, f.kind);
            /* without its end it is one line with the next, which is gone */
            assert_true(f.record == i ||
                        (bit / 8 == len - 1 && f.record == i + 1));
            line[bit / 8] = (char)(line[bit / 8] ^ (1 << bit % 8));
        }
    }
    expect(EVIDENCE_WHOLE, 0, lab_fault(NULL));
}

static void a_line_that_is_taken_out_is_missed(void **state)
{
    (void)state;
    lab_write(LINES, EVERY);
    for (size_t i = 0; i < LINES; i++) {
        lab_again();
        char *from = lab_line(i);
        const char *to = strchr(from, '\n') + 1;
        const size_t gone = (size_t)(to - from);
        memmove(from, to, strlen(to) + 1);
        the_lab.log_len -= gone;
        expect(EVIDENCE_MISSING, i, lab_fault(NULL));
    }
}

static void an_end_that_is_cut_off_is_missed(void **state)
{
    (void)state;
    lab_write(LINES, EVERY);
    for (size_t i = 0; i < LINES; i++) {
        lab_again();
        the_lab.log_len = (size_t)(lab_line(i) - the_lab.log);
        expect(EVIDENCE_MISSING, i, lab_fault(NULL));
        /* within the line */
        the_lab.log_len += 20;
        expect(EVIDENCE_CUT, i, lab_fault(NULL));
    }
}

static void lines_that_change_places_are_found(void **state)
{
    (void)state;
    lab_write(LINES, EVERY);
    for (size_t i = 0; i + 1 < LINES; i++) {
        char first[400];
        lab_again();
        char *a = lab_line(i);
        char *b = lab_line(i + 1);
        const size_t a_len = (size_t)(b - a);
        const size_t b_len = (size_t)(strchr(b, '\n') + 1 - b);
        memcpy(first, a, a_len);
        memmove(a, b, b_len);
        memcpy(a + b_len, first, a_len);
        expect(EVIDENCE_MOVED, i, lab_fault(NULL));
    }
}

/* Who writes all hashes anew is held against the checkpoints. */
static void a_chain_that_is_written_anew_is_found(void **state)
{
    (void)state;
    lab_write(LINES, EVERY);
    for (size_t i = 0; i < LINES; i++) {
        lab_again();
        *strstr(lab_line(i), "test") = 'T';
        for (size_t n = i; n + 1 < LINES; n++) {
            const char *line = lab_line(n);
            char *next = lab_line(n + 1);
            char digits[65];
            covey_merkle_hash leaf;
            CHECK_STATUS(
                COVEY_OK,
                covey_merkle_leaf(&the_lab.crypto,
                                  covey_bytes_of((const uint8_t *)line,
                                                 (size_t)(next - line) - 1),
                                  &leaf));
            text_hex(covey_bytes_of(leaf.bytes, 32), digits);
            memcpy(strstr(next, "\"prev\":\"") + 8, digits, 64);
        }
        const evidence_fault f = lab_fault(NULL);
        assert_int_equal(EVIDENCE_REWRITTEN, f.kind);
        assert_int_equal(i / EVERY * EVERY, f.from);
        assert_int_equal(i < 8 ? i / EVERY * EVERY + 3 : LINES - 1, f.record);
    }
}

static void another_key_is_not_the_auditors(void **state)
{
    const lab_party auditor = the_lab.auditor;

    (void)state;
    the_lab.auditor = the_lab.client;
    lab_write(LINES, EVERY);
    the_lab.auditor = auditor;
    expect(EVIDENCE_FORGED, 3, lab_fault(NULL));
}

static void another_run_is_not_this_one(void **state)
{
    (void)state;
    lab_write(LINES, EVERY);
    memcpy(strstr(the_lab.notes, LAB_RUN), "00000000", 8);
    expect(EVIDENCE_FORGED, 3, lab_fault(NULL));
}

static void checkpoints_in_the_wrong_order_are_none(void **state)
{
    (void)state;
    lab_write(EVERY, EVERY);
    const size_t len = the_lab.notes_len;
    the_lab.notes[len] = '\n';
    memcpy(the_lab.notes + len + 1, the_lab.notes, len);
    the_lab.notes_len = 2 * len + 1;
    expect(EVIDENCE_FORGED, 3, lab_fault(NULL));
}

static void lines_without_a_checkpoint_are_not_covered(void **state)
{
    (void)state;
    lab_write(LINES, EVERY);
    /* the last of three */
    char *last = the_lab.notes;
    for (int i = 0; i < 4; i++) {
        last = strstr(last, "\n\n") + 1;
    }
    the_lab.notes_len = (size_t)(last - the_lab.notes);
    expect(EVIDENCE_UNSIGNED, 8, lab_fault(NULL));
    the_lab.notes_len = 0;
    expect(EVIDENCE_UNSIGNED, 0, lab_fault(NULL));
    the_lab.log_len = 0;
    expect(EVIDENCE_WHOLE, 0, lab_fault(NULL));
}

/* Even the auditor cannot write a record anew against a checkpoint that the
 * client has kept. */
static void a_checkpoint_that_was_kept_holds_the_auditor(void **state)
{
    static char kept[LAB_TEXT_MAX];

    (void)state;
    lab_write(LINES, 0);
    memcpy(kept, the_lab.notes, sizeof kept);
    expect(EVIDENCE_WHOLE, 0, lab_fault(kept));
    lab_write(LINES - 1, 0);
    expect(EVIDENCE_WHOLE, 0, lab_fault(NULL));
    expect(EVIDENCE_MISSING, LINES - 1, lab_fault(kept));
    const lab_party auditor = the_lab.auditor;
    the_lab.auditor = the_lab.client;
    lab_write(LINES, 0);
    memcpy(kept, the_lab.notes, sizeof kept);
    the_lab.auditor = auditor;
    lab_write(LINES, 0);
    expect(EVIDENCE_FORGED, LINES - 1, lab_fault(kept));
}

static void a_kept_checkpoint_of_other_lines_does_not_fit(void **state)
{
    static char kept[EVIDENCE_NOTE_MAX];
    const covey_merkle_head head = { .size = 5 };

    (void)state;
    lab_write(LINES, EVERY);
    assert_true(evidence_note_write("covey-audit/" LAB_RUN, &head,
                                    &the_lab.crypto, &the_lab.auditor.own,
                                    &the_lab.auditor.key, kept));
    expect(EVIDENCE_OLDER, 4, lab_fault(kept));
}

static void every_kind_has_words(void **state)
{
    (void)state;
    for (int i = 0; i < EVIDENCE_KINDS; i++) {
        assert_string_not_equal("unknown",
                                evidence_kind_text((evidence_kind)i));
    }
    assert_string_equal("unknown", evidence_kind_text(EVIDENCE_KINDS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_record_has_no_fault),
        cmocka_unit_test(a_bit_that_flips_is_found_in_its_line),
        cmocka_unit_test(a_line_that_is_taken_out_is_missed),
        cmocka_unit_test(an_end_that_is_cut_off_is_missed),
        cmocka_unit_test(lines_that_change_places_are_found),
        cmocka_unit_test(a_chain_that_is_written_anew_is_found),
        cmocka_unit_test(another_key_is_not_the_auditors),
        cmocka_unit_test(another_run_is_not_this_one),
        cmocka_unit_test(checkpoints_in_the_wrong_order_are_none),
        cmocka_unit_test(lines_without_a_checkpoint_are_not_covered),
        cmocka_unit_test(a_checkpoint_that_was_kept_holds_the_auditor),
        cmocka_unit_test(a_kept_checkpoint_of_other_lines_does_not_fit),
        cmocka_unit_test(every_kind_has_words),
    };

    return cmocka_run_group_tests(tests, lab_set_up, lab_tear_down);
}
