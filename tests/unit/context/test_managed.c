/* SPDX-License-Identifier: BSD-2-Clause */
/* Contexts of type member: what is taken, and what is refused. */
#include "context_text.h"

#include <sys/stat.h>
#include <unistd.h>

#define WHERE                                                                 \
    "type: member\n"                                                          \
    "manager: 'coap://[2001:db8::1]:5700'\n"                                  \
    "group: lights\n"                                                         \
    "node: lamp-7\n"
#define KEYS "private_key: " KEY32 "\ncredential: " CCS_ED25519 "\n"
#define ALL  WHERE "roles: responder\nassociation: a\n" KEYS

static char folder[] = "/tmp/context-member-XXXXXX";

static const char *path_of(const char *name)
{
    static char path[200];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void write_file(const char *name, const char *text)
{
    FILE *out = fopen(path_of(name), "wb");

    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(0, fclose(out));
    assert_int_equal(0, chmod(path_of(name), 0600));
}

static struct load load(const char *text)
{
    struct load l = { NULL, "" };
    FILE *out = fmemopen(l.messages, sizeof l.messages, "w");

    assert_non_null(out);
    write_file("m", text);
    l.file = context_load(path_of("m"), out);
    fclose(out);
    return l;
}

static void says_where_the_manager_is(void **state)
{
    static const uint8_t ip[16] = { 0x20, 1, 0x0d, 0xb8, [15] = 1 };
    const struct load l = load(ALL);

    (void)state;
    assert_string_equal("", l.messages);
    assert_non_null(l.file);
    const context_managed *m = &l.file->managed;
    assert_int_equal(l.file->type, CONTEXT_MANAGED);
    assert_int_equal(m->manager.family, COVEY_FAMILY_IPV6);
    assert_int_equal(m->manager.port, 5700);
    assert_memory_equal(m->manager.ip, ip, sizeof ip);
    CHECK_SPAN(SPAN("lights"), m->group);
    CHECK_SPAN(SPAN("lamp-7"), m->node);
    assert_int_equal(m->roles, COVEY_GROUP_RESPONDER);
    CHECK_HEX("01", m->association->parameters.sender_id);
    CHECK_HEX(CCS_ED25519, m->credential);
    CHECK_HEX(KEY32, m->private_key);
    assert_int_equal(m->curve, COVEY_ED25519);
    assert_null(m->gm_credential.ptr);
    assert_int_equal(m->update, CONTEXT_UPDATE_POST);
    assert_int_equal(m->check_interval, 0);
    assert_int_equal(m->members, 128);
    assert_true(m->windows_invalid);
    context_free(l.file);
}

static void says_how_it_wants_to_work(void **state)
{
    const struct load l =
        load("type: member\nmanager: coap://192.0.2.1\ngroup: g\nnode: n\n"
             "roles: [requester, responder]\nassociation: a\n"
             "private_key: " KEY32 "\ncredential: " CCS_P256 "\n"
             "gm_credential: a0\nupdate: observe\ncheck_interval: 90\n"
             "members: 4096\nreplay_windows: valid\nreplay_window: 128\n"
             "late_joining: manager\nkid: always\n");

    (void)state;
    assert_string_equal("", l.messages);
    assert_non_null(l.file);
    const context_managed *m = &l.file->managed;
    assert_int_equal(m->manager.family, COVEY_FAMILY_IPV4);
    assert_int_equal(m->manager.port, 5683);
    assert_int_equal(m->roles, COVEY_GROUP_REQUESTER | COVEY_GROUP_RESPONDER);
    assert_int_equal(m->curve, COVEY_P256);
    CHECK_HEX("a0", m->gm_credential);
    assert_int_equal(m->update, CONTEXT_UPDATE_OBSERVE);
    assert_int_equal(m->check_interval, 90000);
    assert_int_equal(m->members, 4096);
    assert_false(m->windows_invalid);
    assert_int_equal(m->replay_window.size, 128);
    assert_int_equal(m->replay_window.word_count, 4);
    memset(m->replay_window.words, 0xff, 4097 * 4 * sizeof(uint32_t));
    assert_int_equal(m->late, COVEY_GROUP_LATE_MANAGER);
    assert_true(m->kid_always);
    context_free(l.file);
}

static void a_monitor_has_no_keys(void **state)
{
    const struct load l =
        load(WHERE "roles: monitor\nassociation: a\nupdate: poll\n");

    (void)state;
    assert_non_null(l.file);
    assert_null(l.file->managed.credential.ptr);
    assert_int_equal(l.file->managed.update, CONTEXT_UPDATE_POLL);
    context_free(l.file);
}

/* clang-format off */
static const struct refusal {
    const char *why;
    const char *text;
    const char *message; /* part of what is printed */
} rows[] = {
    { "nothing of it", "type: member\n", "'association' is missing" },
    { "no manager", "type: member\ngroup: g\nnode: n\nroles: monitor\n"
      "association: a\n", ":1:1: error: 'manager' is missing" },
    { "no roles", WHERE "association: a\n" KEYS, "'roles' is missing" },
    { "another scheme", "type: member\nmanager: coaps://[::1]\n",
      ":2:10: error: manager: expected the Group Manager as coap:// and an "
      "address" },
    { "a name", "type: member\nmanager: coap://manager\n",
      "found 'coap://manager'" },
    { "a path", "type: member\nmanager: coap://127.0.0.1/ace-group\n",
      "expected the Group Manager" },
    { "a group's address", "type: member\nmanager: coap://224.0.1.187\n",
      "expected the Group Manager" },
    { "a verifier", WHERE "roles: verifier\nassociation: a\n" KEYS,
      "expected requester, responder, both, or monitor" },
    { "a monitor that answers",
      WHERE "roles: [monitor, responder]\nassociation: a\n" KEYS,
      "expected requester, responder, both, or monitor" },
    { "a monitor with keys", WHERE "roles: monitor\nassociation: a\n" KEYS,
      "a monitor has neither" },
    { "no credential", WHERE "roles: responder\nassociation: a\n"
      "private_key: " KEY32 "\n", "'credential' is missing" },
    { "no private key", WHERE "roles: responder\nassociation: a\n"
      "credential: " CCS_ED25519 "\n", "'private_key' is missing" },
    { "a credential without a key", WHERE "roles: responder\nassociation: a\n"
      "private_key: " KEY32 "\ncredential: a0\n",
      "no public key can be taken" },
    { "a short private key", WHERE "roles: responder\nassociation: a\n"
      "private_key: 11\ncredential: " CCS_ED25519 "\n", "private_key: " },
    { "an association that is not there",
      WHERE "roles: responder\nassociation: b\n" KEYS,
      "expected a file with a context of type oscore, which the Group Manager "
      "has enrolled" },
    { "an association that is this file",
      WHERE "roles: responder\nassociation: m\n" KEYS,
      "expected a context of type oscore for an association" },
    { "an association that is a group",
      WHERE "roles: responder\nassociation: g\n" KEYS,
      "expected a context of type oscore for an association" },
    { "another update", ALL "update: push\n",
      "expected one of post, observe, poll, found 'push'" },
    { "no interval", ALL "check_interval: 0\n", "check_interval: " },
    { "no members", ALL "members: 0\n", "members: " },
    { "too many members", ALL "members: 4097\n", "members: " },
    { "a long name", "type: member\nnode: "
      "123456789012345678901234567890123\n", "node: " },
    { "a number", ALL "sequence_number: 7\n",
      "'sequence_number' is no key of a context of type member" },
};
/* clang-format on */

static void every_refusal_says_why(void **state)
{
    (void)state;
    write_file("g", GROUP);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct load l = load(rows[i].text);

        kit_case(rows[i].why);
        if (l.file != NULL || strstr(l.messages, rows[i].message) == NULL) {
            fail_msg("%s: expected '%s', found '%s'", rows[i].why,
                     rows[i].message, l.messages);
        }
    }
    kit_case(NULL);
}

static void other_files_are_not_taken_from_memory(void **state)
{
    const struct load l = load_text(ALL, strlen(ALL));

    (void)state;
    assert_null(l.file);
    assert_non_null(
        strstr(l.messages, "association: another file is not taken here"));
}

static int begin(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL) {
        return -1;
    }
    write_file("a", PLAIN);
    return 0;
}

static int end(void **state)
{
    static const char *const names[] = { "a", "g", "m" };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        (void)unlink(path_of(names[i]));
    }
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_where_the_manager_is),
        cmocka_unit_test(says_how_it_wants_to_work),
        cmocka_unit_test(a_monitor_has_no_keys),
        cmocka_unit_test(every_refusal_says_why),
        cmocka_unit_test(other_files_are_not_taken_from_memory),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
