/* SPDX-License-Identifier: BSD-2-Clause */
/* What a member of groups got from its managers: put, replaced, and a secret.
 */
#include "lab.h"

#include <crypto/openssl/openssl.h>

#define KEY "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static covey_crypto crypto;

static store *open_as(struct lab *lab, const char *key)
{
    const store_options options = { lab->where, key, &crypto };
    char why[STORE_WHY_MAX] = "";
    store *s = store_open(&options, why, sizeof why);

    if (s == NULL) {
        fail_msg("%s", why);
    }
    return s;
}

struct seen {
    covey_bytes lease;
    covey_bytes saved;
    unsigned count;
};

static void on_membership(void *user, const store_membership *m)
{
    struct seen *seen = user;

    CHECK_SPAN(seen->lease, m->lease);
    CHECK_SPAN(seen->saved, m->saved);
    seen->count++;
}

static void check(store *s, covey_bytes name, covey_bytes lease,
                  covey_bytes saved)
{
    struct seen seen = { lease, saved, 0 };

    CHECK_STORE(STORE_OK, s,
                store_membership_get(s, name, on_membership, &seen));
    assert_int_equal(1, seen.count);
}

static void the_last_one_counts(void **state)
{
    const covey_bytes none = { NULL, 0 };
    const store_membership one = { SPAN("a"), SPAN("first"), SPAN("keys") };
    const store_membership two = { SPAN("a"), none, SPAN("others") };
    const store_membership other = { SPAN("b"), SPAN("x"), SPAN("keys") };
    struct lab lab = lab_begin();
    store *s = open_as(&lab, NULL);
    struct seen seen = { none, none, 0 };
    (void)state;

    CHECK_STORE(STORE_NONE, s,
                store_membership_get(s, SPAN("a"), on_membership, &seen));
    CHECK_STORE(STORE_OK, s, store_membership_put(s, &one));
    CHECK_STORE(STORE_OK, s, store_membership_put(s, &other));
    check(s, SPAN("a"), SPAN("first"), SPAN("keys"));
    CHECK_STORE(STORE_OK, s, store_membership_put(s, &two));
    store_close(s);
    s = open_as(&lab, NULL);
    check(s, SPAN("a"), none, SPAN("others"));
    CHECK_STORE(STORE_OK, s, store_membership_delete(s, SPAN("a")));
    CHECK_STORE(STORE_NONE, s, store_membership_delete(s, SPAN("a")));
    check(s, SPAN("b"), SPAN("x"), SPAN("keys"));
    store_close(s);
    lab_end(&lab);
}

static void what_cannot_be_is_refused(void **state)
{
    static const uint8_t zeros[STORE_SAVED_MAX + 1];
    const covey_bytes none = { NULL, 0 };
    store_membership m = { SPAN(""), none, SPAN("keys") };
    struct lab lab = lab_begin();
    store *s = open_as(&lab, NULL);
    (void)state;

    CHECK_STORE(STORE_REFUSED, s, store_membership_put(s, &m));
    m.name = SPAN("a");
    m.saved = none;
    CHECK_STORE(STORE_REFUSED, s, store_membership_put(s, &m));
    m.saved = covey_bytes_of(zeros, STORE_SAVED_MAX);
    CHECK_STORE(STORE_OK, s, store_membership_put(s, &m));
    check(s, SPAN("a"), none, m.saved);
    store_close(s);
    lab_end(&lab);
}

/* Sealed for its name: another row's opens nowhere else. */
static void keys_belong_to_their_name(void **state)
{
    static const char move[] =
        "UPDATE membership SET saved = (SELECT saved FROM membership"
        " WHERE name = 'b') WHERE name = 'a'";
    const covey_bytes none = { NULL, 0 };
    const store_membership a = { SPAN("a"), none, SPAN("keys") };
    const store_membership b = { SPAN("b"), none, SPAN("others") };
    struct lab lab = lab_begin();
    store *s = open_as(&lab, lab_file(&lab, "key", KEY));
    struct seen seen = { none, SPAN("keys"), 0 };
    (void)state;

    CHECK_STORE(STORE_OK, s, store_membership_put(s, &a));
    CHECK_STORE(STORE_OK, s, store_membership_put(s, &b));
    check(s, SPAN("a"), none, SPAN("keys"));
    CHECK_STORE(STORE_OK, s,
                store__run(s, &(store_query){ move, NULL, 0, NULL, NULL }));
    CHECK_STORE(STORE_BROKEN, s,
                store_membership_get(s, SPAN("a"), on_membership, &seen));
    assert_int_equal(0, seen.count);
    store_close(s);
    lab_end(&lab);
}

static int begin(void **state)
{
    (void)state;
    return covey_openssl_open(&crypto) == COVEY_OK ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    covey_openssl_close(&crypto);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_one_counts),
        cmocka_unit_test(what_cannot_be_is_refused),
        cmocka_unit_test(keys_belong_to_their_name),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
