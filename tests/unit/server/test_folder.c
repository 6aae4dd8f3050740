/* SPDX-License-Identifier: BSD-2-Clause */
/* Directories of files: what may be had of them, and what not. */
#include "ask.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "server-test-XXXXXX";
static struct server_config *config;

static const char *path_of(const char *name)
{
    static char path[2][200];
    static unsigned turn;

    turn ^= 1u;
    snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
    return path[turn];
}

static void write_file(const char *name, const char *content)
{
    FILE *out = fopen(path_of(name), "wb");

    assert_non_null(out);
    assert_true(fputs(content, out) >= 0);
    assert_int_equal(0, fclose(out));
}

static int make(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL) {
        return -1;
    }
    mkdir(path_of("d"), 0700);
    mkdir(path_of("d/sub"), 0700);
    write_file("secret", "not served");
    write_file("d/a.txt", "text");
    write_file("d/b.json", "{}");
    write_file("d/c", "");
    write_file("d/.hidden", "h");
    write_file("d/max", "0123456789");
    write_file("d/longer", "0123456789a");
    write_file("d/sub/x.cbor", "\xa0");
    write_file("conf", "resources:\n"
                       "- {path: /f, type: directory, folder: d, max: 10}\n"
                       "- {path: /f/over, type: static, value: o}\n");
    if (symlink("../secret", path_of("d/link")) != 0 ||
        symlink("..", path_of("d/up")) != 0 ||
        mkfifo(path_of("d/pipe"), 0600) != 0) {
        return -1;
    }
    config = server_config_load(path_of("conf"), stderr);
    return config != NULL ? 0 : -1;
}

static int drop(void **state)
{
    static const char *const names[] = {
        "secret",   "d/a.txt", "d/b.json",     "d/c",    "d/.hidden", "d/max",
        "d/longer", "d/link",  "d/sub/x.cbor", "d/pipe", "d/up",      "conf"
    };

    (void)state;
    server_config_free(config);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        unlink(path_of(names[i]));
    }
    rmdir(path_of("d/sub"));
    rmdir(path_of("d"));
    return rmdir(folder);
}

static void files_are_read(void **state)
{
    static const struct {
        const char *path;
        const char *content;
        int32_t format;
    } cases[] = {
        { "f/a.txt", "text", 0 },
        { "f/b.json", "{}", 50 },
        { "f/c", "", 42 },
        { "f/sub/x.cbor", "\xa0", 60 },
        { "f/max", "0123456789", 42 },
        { "f/over", "o", 0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        kit_case(cases[i].path);
        const struct heard h =
            ask(&config->resources,
                &(struct ask){ .code = GET, .path = cases[i].path });
        assert_int_equal(205, h.code);
        assert_int_equal(cases[i].format, h.answer.format);
        assert_true(h.answer.has_etag);
        CHECK_BODY(cases[i].content, h);
    }
    kit_case(NULL);
}

static void nothing_else_is_there(void **state)
{
    static const struct {
        const char *why;
        struct ask_option options[3];
    } cases[] = {
        { "the folder itself", { { 11, "66" } } },
        { "with a slash", { { 11, "66" }, { 11, "" } } },
        { "no such file", { { 11, "66" }, { 11, "7a" } } },
        { "a folder", { { 11, "66" }, { 11, "737562" } } },
        { "itself", { { 11, "66" }, { 11, "2e" } } },
        { "its parent", { { 11, "66" }, { 11, "2e2e" } } },
        { "../secret in one segment",
          { { 11, "66" }, { 11, "2e2e2f736563726574" } } },
        { "sub/x.cbor in one segment",
          { { 11, "66" }, { 11, "7375622f782e63626f72" } } },
        { "/etc/passwd", { { 11, "66" }, { 11, "2f6574632f706173737764" } } },
        { ".hidden", { { 11, "66" }, { 11, "2e68696464656e" } } },
        { "a link", { { 11, "66" }, { 11, "6c696e6b" } } },
        { "a pipe", { { 11, "66" }, { 11, "70697065" } } },
        { "a zero byte", { { 11, "66" }, { 11, "612e74787400" } } },
        { "too long", { { 11, "66" }, { 11, "6c6f6e676572" } } },
        { "behind a file", { { 11, "66" }, { 11, "63" }, { 11, "63" } } },
        { "behind a linked folder",
          { { 11, "66" }, { 11, "7570" }, { 11, "736563726574" } } },
        { "up from below",
          { { 11, "66" }, { 11, "737562" }, { 11, "2e2e" } } },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ask a = { .code = GET };
        kit_case(cases[i].why);
        memcpy(a.options, cases[i].options, sizeof cases[i].options);
        const struct heard h = ask(&config->resources, &a);
        assert_int_equal(404, h.code);
        assert_int_equal(0, h.len);
    }
    kit_case(NULL);
}

static void other_methods_are_refused(void **state)
{
    (void)state;
    for (uint8_t code = POST; code <= DELETE; code++) {
        const struct heard h =
            ask(&config->resources,
                &(struct ask){ .code = code, .path = "f/a.txt" });
        assert_int_equal(405, h.code);
    }
}

static void etag_changes_with_the_file(void **state)
{
    const struct ask a = { .code = GET, .path = "f/b.json" };
    const struct heard before = ask(&config->resources, &a);

    (void)state;
    write_file("d/b.json", "[1]");
    const struct heard after = ask(&config->resources, &a);
    assert_memory_not_equal(before.answer.etag, after.answer.etag,
                            RESOURCE_ETAG);
    CHECK_BODY("[1]", after);
    write_file("d/b.json", "{}");
}

static void file_that_shrinks_ends_early(void **state)
{
    const covey_coap_message none = { .code = 0 };
    uint8_t bytes[64];
    covey_writer w = covey_writer_of(bytes, sizeof bytes);
    const covey_coap_message head = { .code = GET };
    covey_coap_composer c = covey_coap_compose(&w, &head);
    covey_coap_message m = none;
    struct resource_answer a;
    uint8_t out[16];

    (void)state;
    covey_coap_put_option(&c, COVEY_OPTION_URI_PATH, SPAN("f"));
    covey_coap_put_option(&c, COVEY_OPTION_URI_PATH, SPAN("a.txt"));
    CHECK_STATUS(COVEY_OK, covey_coap_finish(&c));
    CHECK_STATUS(COVEY_OK, covey_coap_parse(&m, covey_written(&w)));
    const struct resource_request rq = { .message = &m, .now = ask_now };
    resources_answer(&config->resources, &rq, &a);
    assert_int_equal(4, a.body.size);
    write_file("d/a.txt", "tx");
    assert_int_equal(2, resource_read(&a.body, 0, out, sizeof out));
    resource_end(&a);
    write_file("d/a.txt", "text");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_read),
        cmocka_unit_test(nothing_else_is_there),
        cmocka_unit_test(other_methods_are_refused),
        cmocka_unit_test(etag_changes_with_the_file),
        cmocka_unit_test(file_that_shrinks_ends_early),
    };

    return cmocka_run_group_tests(tests, make, drop);
}
