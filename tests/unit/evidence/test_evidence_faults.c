/* SPDX-License-Identifier: BSD-2-Clause */
/* The provider fails at each of its calls: the failure comes through, no
 * handle is left, and what could not be recorded is not. */
#include "lab.h"

#include <crypto/scripted/scripted.h>

static covey_scripted script;
static covey_crypto crypto;
static lab_party toy;

static int set_up(void **state)
{
    uint8_t raw[32] = { 7 };
    uint8_t encoded[COVEY_PUBLIC_MAX];
    covey_writer w = covey_writer_of(encoded, sizeof encoded);

    if (lab_set_up(state) != 0) {
        return -1;
    }
    covey_scripted_open(&script, NULL, &crypto);
    CHECK_STATUS(COVEY_OK, crypto.private_key(crypto.provider, COVEY_ED25519,
                                              covey_bytes_of(raw, sizeof raw),
                                              &toy.own));
    CHECK_STATUS(COVEY_OK, crypto.public_of(crypto.provider, &toy.own, &w));
    toy.key.curve = COVEY_ED25519;
    toy.key.len = 32;
    memcpy(toy.key.bytes, encoded, 32);
    return 0;
}

static int tear_down(void **state)
{
    crypto.key_drop(crypto.provider, &toy.own);
    assert_int_equal(0, script.live);
    return lab_tear_down(state);
}

static evidence *create(void)
{
    const evidence_options o = { .folder = the_lab.folder,
                                 .run = LAB_RUN,
                                 .crypto = &crypto,
                                 .own = &toy.own,
                                 .key = &toy.key };

    lab_remove();
    evidence *e = evidence_create(&o, stderr);
    assert_non_null(e);
    return e;
}

/* Three lines and a checkpoint. */
static bool write_some(evidence *e)
{
    for (int i = 0; i < 3; i++) {
        if (!evidence_append(e, SPAN("{\"kind\":\"t\"}"), i, false, NULL)) {
            return false;
        }
    }
    return evidence_checkpoint(e);
}

static void writing_stops_where_it_fails(void **state)
{
    (void)state;
    for (int n = 0;; n++) {
        evidence *e = create();
        covey_scripted_rewind(&script, n);
        const bool good = write_some(e);
        const int live = script.live;
        covey_scripted_rewind(&script, COVEY_SCRIPTED_NEVER);
        assert_int_equal(good, evidence_good(e));
        /* and stays so when the provider is well again */
        assert_int_equal(
            good, evidence_append(e, SPAN("{\"a\":1}"), 9, false, NULL));
        evidence_close(e);
        assert_int_equal(1, live);
        if (good) {
            assert_true(n > 8);
            break;
        }
    }
}

static bool look_for_faults(evidence_fault *f)
{
    static evidence_note note;
    evidence_log log;
    const evidence_notes all = {
        .notes = &note, .count = 1, .kept = &note, .run = LAB_RUN
    };
    FILE *in = fmemopen(the_lab.log, the_lab.log_len, "rb");
    FILE *messages = fopen("/dev/null", "w");

    assert_non_null(in);
    assert_non_null(messages);
    assert_true(
        evidence_note_read(
            covey_bytes_of((const uint8_t *)the_lab.notes, the_lab.notes_len),
            &note) > 0);
    const bool good = evidence_scan(in, &crypto, NULL, NULL, &log, messages) &&
                      evidence_find_fault(&crypto, &log, &all, &toy.key, f);
    evidence_log_free(&log);
    fclose(in);
    fclose(messages);
    return good;
}

/* A failure is no fault of the record; a signature that could not be checked
 * is not believed. */
static void reading_never_calls_a_record_whole(void **state)
{
    (void)state;
    evidence *e = create();
    assert_true(write_some(e));
    evidence_close(e);
    lab_read();
    for (int n = 0;; n++) {
        evidence_fault f = { .kind = EVIDENCE_WHOLE };
        covey_scripted_rewind(&script, n);
        const bool good = look_for_faults(&f);
        const int calls = script.calls;
        covey_scripted_rewind(&script, COVEY_SCRIPTED_NEVER);
        assert_int_equal(1, script.live);
        if (calls <= n) {
            assert_true(good);
            assert_int_equal(EVIDENCE_WHOLE, f.kind);
            break;
        }
        assert_true(!good || f.kind == EVIDENCE_FORGED);
    }
}

static void cosigning_says_so(void **state)
{
    char note_text[EVIDENCE_NOTE_MAX];
    char line[EVIDENCE_NOTE_MAX];
    evidence_note note = { 0 };
    const covey_merkle_head head = { .size = 1 };

    (void)state;
    covey_scripted_rewind(&script, COVEY_SCRIPTED_NEVER);
    assert_true(evidence_note_write("a", &head, &crypto, &toy.own, &toy.key,
                                    note_text));
    assert_true(evidence_note_read(covey_bytes_of((const uint8_t *)note_text,
                                                  strlen(note_text)),
                                   &note) > 0);
    for (int n = 0;; n++) {
        covey_scripted_rewind(&script, n);
        const bool good =
            evidence_note_cosign(&note, 5, &crypto, &toy.own, &toy.key, line);
        assert_int_equal(1, script.live);
        if (good) {
            assert_true(n >= 4);
            break;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writing_stops_where_it_fails),
        cmocka_unit_test(reading_never_calls_a_record_whole),
        cmocka_unit_test(cosigning_says_so),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
