/* SPDX-License-Identifier: BSD-2-Clause */
/* Resources that several processes change, one of which dies. */
#include "ask.h"

#include <shared.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const text =
    "resources:\n"
    "- {path: /v, type: value, value: first, max: 16,\n"
    "   methods: [get, put, delete]}\n"
    "- {path: /n, type: counter}\n"
    "- {path: /s, type: static, value: same}\n";

static struct resource *find(struct resources *all, const char *path)
{
    for (size_t i = 0; i < all->count; i++) {
        if (covey_bytes_equal(
                all->rows[i].path,
                covey_bytes_of((const uint8_t *)path, strlen(path)))) {
            return &all->rows[i];
        }
    }
    fail_msg("no resource %s", path);
    return NULL;
}

static void check_value(struct resources *all, const char *path,
                        const char *value)
{
    const struct ask a = { .code = GET, .path = path + 1 };
    const struct heard h = ask(all, &a);

    assert_int_equal(205, h.code);
    assert_int_equal(strlen(value), h.len);
    assert_memory_equal(value, h.body, h.len);
}

/* What a process did that ended by itself, or in the midst of something. */
static void in_a_process(void (*what)(struct shared *s, struct resources *all),
                         struct shared *s, struct resources *all)
{
    const pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        what(s, all);
        _exit(0);
    }
    assert_int_equal(pid, waitpid(pid, NULL, 0));
}

static void change_all(struct shared *s, struct resources *all)
{
    const struct ask put = { .code = PUT, .path = "v", .body = "second" };
    const struct ask post = { .code = POST, .path = "n" };

    shared_lock(s);
    (void)ask(all, &put);
    (void)ask(all, &post);
    shared_unlock(s);
}

static void others_see_what_was_changed(void **state)
{
    struct server_config *config = configured(text);
    struct resources *all = &config->resources;
    struct shared *s = shared_open(all);

    (void)state;
    assert_non_null(s);
    const size_t v = (size_t)(find(all, "/v") - all->rows);
    check_value(all, "/v", "first");
    check_value(all, "/s", "same");
    assert_int_equal(0, shared_version(s, v));
    in_a_process(change_all, s, all);
    check_value(all, "/v", "second");
    check_value(all, "/n", "1");
    check_value(all, "/s", "same");
    assert_int_equal(1, shared_version(s, v));
    shared_close(s, all);
    check_value(all, "/v", "first");
    server_config_free(config);
}

static void die_inside(struct shared *s, struct resources *all)
{
    struct resource *r = find(all, "/v");

    shared_lock(s);
    shared_change(s, r);
    memcpy(r->bytes, "tor", 3);
    r->len = 16;
    r->deleted = true;
}

static void who_dies_in_a_change_has_changed_nothing(void **state)
{
    struct server_config *config = configured(text);
    struct resources *all = &config->resources;
    struct shared *s = shared_open(all);

    (void)state;
    in_a_process(die_inside, s, all);
    shared_lock(s);
    check_value(all, "/v", "first");
    assert_int_equal(0,
                     shared_version(s, (size_t)(find(all, "/v") - all->rows)));
    shared_unlock(s);
    in_a_process(change_all, s, all);
    check_value(all, "/v", "second");
    shared_close(s, all);
    server_config_free(config);
}

static void die_outside(struct shared *s, struct resources *all)
{
    (void)all;
    shared_lock(s);
}

static void who_dies_with_the_lock_alone_leaves_it(void **state)
{
    struct server_config *config = configured(text);
    struct resources *all = &config->resources;
    struct shared *s = shared_open(all);

    (void)state;
    change_all(s, all);
    in_a_process(die_outside, s, all);
    shared_lock(s);
    check_value(all, "/v", "second");
    shared_unlock(s);
    shared_close(s, all);
    server_config_free(config);
}

static void one_process_alone_has_none(void **state)
{
    const struct resource r = { .kind = RESOURCE_VALUE };

    (void)state;
    shared_lock(NULL);
    shared_change(NULL, &r);
    shared_changed(NULL, &r);
    shared_unlock(NULL);
    shared_close(NULL, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(others_see_what_was_changed),
        cmocka_unit_test(who_dies_in_a_change_has_changed_nothing),
        cmocka_unit_test(who_dies_with_the_lock_alone_leaves_it),
        cmocka_unit_test(one_process_alone_has_none),
    };

    return KIT_RUN(tests);
}
