/* SPDX-License-Identifier: BSD-2-Clause */
/* Context files on a disk: who may read them, and values in other files. */
#include "context_text.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "context-test-XXXXXX";

static const char *path_of(const char *name)
{
    static char path[2][200];
    static unsigned turn;

    turn ^= 1u;
    snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
    return path[turn];
}

static void write_file(const char *name, const char *text, mode_t mode)
{
    FILE *out = fopen(path_of(name), "wb");

    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(0, fclose(out));
    assert_int_equal(0, chmod(path_of(name), mode));
}

static struct load load(const char *name)
{
    struct load l = { NULL, "" };
    FILE *out = fmemopen(l.messages, sizeof l.messages, "w");

    assert_non_null(out);
    l.file = context_load(path_of(name), out);
    const int why = errno;
    fclose(out);
    errno = why;
    return l;
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int remove_folder(void **state)
{
    static const char *const names[] = { "c", "secret", "salt", "long" };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        unlink(path_of(names[i]));
    }
    return rmdir(folder);
}

static void private_file_is_read_in_silence(void **state)
{
    (void)state;
    write_file("c", PLAIN, 0600);
    struct load l = load("c");
    assert_string_equal("", l.messages);
    assert_non_null(l.file);
    assert_int_equal(0, errno);
    context_free(l.file);
}

static void file_that_others_can_read_is_warned_about(void **state)
{
    (void)state;
    write_file("c", PLAIN, 0640);
    struct load l = load("c");
    assert_non_null(l.file);
    assert_non_null(
        strstr(l.messages,
               "warning: holds keys, and others can read it (mode 0640)"));
    context_free(l.file);
}

#define APART                                                                 \
    "type: oscore\nmaster_secret: file:secret\nmaster_salt: file:salt\n"      \
    "sender_id: 01\nrecipient_id: 02\n"

static void values_stand_in_files_beside_it(void **state)
{
    (void)state;
    write_file("c", APART, 0644); /* holds no keys, so there is no warning */
    write_file("secret", "01 02\n03\n", 0600);
    write_file("salt", "", 0644);
    struct load l = load("c");
    assert_string_equal("", l.messages);
    assert_non_null(l.file);
    CHECK_HEX("010203", l.file->oscore.parameters.master_secret);
    assert_non_null(l.file->oscore.parameters.master_salt.ptr);
    context_free(l.file);
}

static void secret_that_others_can_read_is_refused(void **state)
{
    (void)state;
    write_file("c", APART, 0644);
    write_file("secret", "01", 0604);
    write_file("salt", "", 0644);
    struct load l = load("c");
    assert_null(l.file);
    assert_int_equal(0, errno);
    assert_non_null(strstr(l.messages,
                           ":2:16: error: master_secret: expected a secret "
                           "that nobody else can read, found a file of mode "
                           "0604"));
}

static void missing_file_of_a_value_is_named(void **state)
{
    (void)state;
    write_file("c", APART, 0644);
    write_file("secret", "01", 0600);
    unlink(path_of("salt"));
    struct load l = load("c");
    assert_null(l.file);
    assert_non_null(strstr(l.messages, "/salt: No such file or directory"));
}

static void long_file_of_a_value_is_refused(void **state)
{
    static char text[20000];

    (void)state;
    memset(text, '0', sizeof text - 1);
    write_file("c", PLAIN "id_context: file:long\n", 0600);
    write_file("long", text, 0600);
    struct load l = load("c");
    assert_null(l.file);
    assert_non_null(
        strstr(l.messages, "expected a file of less than 16384 bytes"));
}

static void folder_is_no_value(void **state)
{
    (void)state;
    write_file("c", PLAIN "id_context: file:.\n", 0600);
    struct load l = load("c");
    assert_null(l.file);
    assert_non_null(strstr(l.messages, "cannot be read: Is a directory"));
}

static void absolute_path_is_taken_as_it_is(void **state)
{
    (void)state;
    write_file("c", PLAIN "id_context: file:/nonexistent/x\n", 0600);
    struct load l = load("c");
    assert_null(l.file);
    assert_non_null(strstr(l.messages, "error: id_context: /nonexistent/x: "));
}

static void missing_context_says_why(void **state)
{
    (void)state;
    struct load l = load("none");
    assert_null(l.file);
    assert_int_equal(ENOENT, errno);
    assert_non_null(strstr(l.messages, "error: No such file or directory"));
}

static void folder_is_no_context(void **state)
{
    (void)state;
    struct load l = load(".");
    assert_null(l.file);
    assert_int_equal(EISDIR, errno);
}

static void long_context_is_refused(void **state)
{
    char *text = malloc(CONF_FILE_MAX + 2);

    (void)state;
    assert_non_null(text);
    memset(text, ' ', CONF_FILE_MAX + 1);
    text[CONF_FILE_MAX + 1] = '\0';
    write_file("c", text, 0600);
    free(text);
    struct load l = load("c");
    assert_null(l.file);
    assert_int_equal(0, errno);
    assert_non_null(strstr(l.messages, "longer than 1048576 bytes"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(private_file_is_read_in_silence),
        cmocka_unit_test(file_that_others_can_read_is_warned_about),
        cmocka_unit_test(values_stand_in_files_beside_it),
        cmocka_unit_test(secret_that_others_can_read_is_refused),
        cmocka_unit_test(missing_file_of_a_value_is_named),
        cmocka_unit_test(long_file_of_a_value_is_refused),
        cmocka_unit_test(folder_is_no_value),
        cmocka_unit_test(absolute_path_is_taken_as_it_is),
        cmocka_unit_test(missing_context_says_why),
        cmocka_unit_test(folder_is_no_context),
        cmocka_unit_test(long_context_is_refused),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
