/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines: what is written, and what is read as one. */
#include "lab.h"

#include <stdlib.h>
#include <sys/stat.h>

#define ZEROS                                                                 \
    "0000000000000000000000000000000000000000000000000000000000000000"
#define HEAD "{\"seq\":0,\"prev\":\"" ZEROS "\",\"ms\":1764450000000,"

static void begins_with_number_hash_and_time(void **state)
{
    (void)state;
    lab_write(3, 0);
    assert_ptr_equal(the_lab.log,
                     strstr(the_lab.log, HEAD "\"kind\":\"test\",\"n\":0}\n"
                                              "{\"seq\":1,"));
}

static void nobody_else_may_read_it(void **state)
{
    char path[128];
    struct stat about;

    (void)state;
    lab_write(1, 0);
    assert_int_equal(0, stat(the_lab.folder, &about));
    assert_int_equal(0700, about.st_mode & 07777);
    snprintf(path, sizeof path, "%s/" EVIDENCE_LOG, the_lab.folder);
    assert_int_equal(0, stat(path, &about));
    assert_int_equal(0600, about.st_mode & 07777);
}

static void each_line_knows_the_one_before(void **state)
{
    (void)state;
    lab_write(5, 2);
    for (size_t i = 0; i < 5; i++) {
        const char *line = lab_line(i);
        const size_t len = (size_t)(strchr(line, '\n') - line);
        static covey_merkle_hash before;
        evidence_record r;
        const covey_bytes bytes = covey_bytes_of((const uint8_t *)line, len);
        assert_true(evidence_record_read(bytes, &r));
        assert_int_equal(i, r.seq);
        assert_int_equal(1764450000000 + (int64_t)i, r.ms);
        if (i > 0) {
            assert_memory_equal(&before, &r.prev, sizeof before);
        }
        CHECK_STATUS(COVEY_OK,
                     covey_merkle_leaf(&the_lab.crypto, bytes, &before));
    }
}

static void has_a_checkpoint_as_often_as_asked(void **state)
{
    (void)state;
    lab_write(7, 3); /* 3, 6, and the end */
    size_t count = 0;
    for (const char *at = the_lab.notes; (at = strstr(at, "\n\n")) != NULL;
         at++) {
        count++;
    }
    assert_int_equal(5, count); /* within three, and between them */
    assert_int_equal(EVIDENCE_WHOLE, lab_fault(NULL).kind);
}

static void a_folder_that_exists_is_left_alone(void **state)
{
    char *text = NULL;
    size_t len = 0;
    FILE *messages = open_memstream(&text, &len);
    const evidence_options o = { .folder = the_lab.folder,
                                 .run = LAB_RUN,
                                 .crypto = &the_lab.crypto,
                                 .own = &the_lab.auditor.own,
                                 .key = &the_lab.auditor.key };

    (void)state;
    lab_write(2, 0);
    assert_null(evidence_create(&o, messages));
    assert_int_equal(0, fclose(messages));
    assert_non_null(strstr(text, "File exists"));
    free(text);
    lab_read();
    assert_int_equal(EVIDENCE_WHOLE, lab_fault(NULL).kind);
}

/* What could not be recorded must not be done: nothing is written after. */
static void stops_at_a_line_that_does_not_fit(void **state)
{
    static uint8_t object[EVIDENCE_LINE_MAX];
    const evidence_options o = { .folder = the_lab.folder,
                                 .run = LAB_RUN,
                                 .crypto = &the_lab.crypto,
                                 .own = &the_lab.auditor.own,
                                 .key = &the_lab.auditor.key };

    (void)state;
    lab_remove();
    memset(object, ' ', sizeof object);
    evidence *e = evidence_create(&o, stderr);
    assert_non_null(e);
    assert_true(evidence_append(e, SPAN("{\"a\":1}"), 0, false, NULL));
    assert_false(evidence_append(e, covey_bytes_of(object, sizeof object), 0,
                                 false, NULL));
    assert_false(evidence_good(e));
    assert_false(evidence_append(e, SPAN("{\"a\":1}"), 0, false, NULL));
    assert_false(evidence_checkpoint(e));
    evidence_close(e);
    lab_read();
    assert_null(strchr(strchr(the_lab.log, '\n') + 1, '\n'));
}

static void refuses_what_is_no_line_of_ours(void **state)
{
    static const struct {
        const char *why;
        const char *text;
    } cases[] = {
        { "nothing", "" },
        { "no object", "seq" },
        { "no number", "{\"seq\":,\"prev\":\"" ZEROS "\",\"ms\":1,\"a\":1}" },
        { "a zero before it",
          "{\"seq\":00,\"prev\":\"" ZEROS "\",\"ms\":1,\"a\":1}" },
        { "a sign", "{\"seq\":-1,\"prev\":\"" ZEROS "\",\"ms\":1,\"a\":1}" },
        { "a space", "{\"seq\": 1,\"prev\":\"" ZEROS "\",\"ms\":1,\"a\":1}" },
        { "a short hash", "{\"seq\":1,\"prev\":\"00\",\"ms\":1,\"a\":1}" },
        { "a hash in capitals",
          "{\"seq\":1,\"prev\":\"A0000000000000000000000000000000000000000000"
          "00000000000000000000\",\"ms\":1,\"a\":1}" },
        { "no time", "{\"seq\":1,\"prev\":\"" ZEROS "\",\"a\":1}" },
        { "nothing more", "{\"seq\":1,\"prev\":\"" ZEROS "\",\"ms\":1}" },
        { "no end", "{\"seq\":1,\"prev\":\"" ZEROS "\",\"ms\":1,\"a\":1" },
        { "a number that is too long",
          "{\"seq\":10000000000000000000,\"prev\":\"" ZEROS
          "\",\"ms\":1,\"a\":1}" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        evidence_record r;
        kit_case(cases[i].why);
        assert_false(
            evidence_record_read(covey_bytes_of((const uint8_t *)cases[i].text,
                                                strlen(cases[i].text)),
                                 &r));
    }
    kit_case(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(begins_with_number_hash_and_time),
        cmocka_unit_test(nobody_else_may_read_it),
        cmocka_unit_test(each_line_knows_the_one_before),
        cmocka_unit_test(has_a_checkpoint_as_often_as_asked),
        cmocka_unit_test(a_folder_that_exists_is_left_alone),
        cmocka_unit_test(stops_at_a_line_that_does_not_fit),
        cmocka_unit_test(refuses_what_is_no_line_of_ours),
    };

    return cmocka_run_group_tests(tests, lab_set_up, lab_tear_down);
}
