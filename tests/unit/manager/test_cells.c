/* SPDX-License-Identifier: BSD-2-Clause */
/* Every resource, method and role: who gets what. */
#include "fixture.h"

#include <stdio.h>

#define C(c, d)  COVEY_COAP_CODE(c, d)
#define KEYS     COVEY_KEYING_FORMAT
#define CBOR     COVEY_KEYING_FORMAT_CBOR
#define NO_ERROR COVEY_KEYING_ERRORS
#define NOT_IN   COVEY_KEYING_NOT_A_MEMBER
#define CHECKERS COVEY_KEYING_VERIFIERS_ONLY
#define ROLES    COVEY_KEYING_BAD_ROLES

enum {
    REQUESTER,
    RESPONDER,
    MONITOR,
    VERIFIER,
    OTHER,
    CLASSES
};

struct cell {
    uint8_t method;
    const char *path; /* %: the node's own name */
    uint16_t format;
    const char *payload;
    uint8_t code[CLASSES];
    covey_keying_error error[CLASSES];
};

/* clang-format off */
#define ALL(c)        { c, c, c, c, c }
#define NO_ERRORS     ALL(NO_ERROR)
#define IN(c)         { c, c, c, C(4, 3), C(4, 3) }
#define IN_ERRORS     { NO_ERROR, NO_ERROR, NO_ERROR, NOT_IN, NOT_IN }
#define WITH_V(c)     { c, c, c, c, C(4, 3) }
#define WITH_V_ERRORS { NO_ERROR, NO_ERROR, NO_ERROR, NO_ERROR, NOT_IN }
#define ONLY_V(c)     { C(4, 3), C(4, 3), C(4, 3), c, C(4, 3) }
#define ONLY_V_ERRORS { CHECKERS, CHECKERS, CHECKERS, NO_ERROR, CHECKERS }
#define NOT_M(c)      { c, c, C(4, 0), C(4, 3), C(4, 3) }
#define NOT_M_ERRORS  { NO_ERROR, NO_ERROR, ROLES, NOT_IN, NOT_IN }

static const struct cell cells[] = {
    { FETCH, "ace-group", KEYS, "a1 00 81 41ff", ALL(C(2, 5)), NO_ERRORS },
    { GET, "ace-group", NONE, "", ALL(C(4, 5)), NO_ERRORS },
    { GET, "ace-group/g", NONE, "", IN(C(2, 5)), IN_ERRORS },
    /* an empty Join Request asks for a challenge */
    { POST, "ace-group/g", NONE, "",
      { C(4, 0), C(4, 0), C(4, 0), C(4, 3), C(4, 3) }, NO_ERRORS },
    { DELETE, "ace-group/g", NONE, "", ALL(C(4, 5)), NO_ERRORS },
    { GET, "ace-group/g/active", NONE, "", IN(C(2, 5)), IN_ERRORS },
    { GET, "ace-group/g/verif-data", NONE, "", ONLY_V(C(2, 5)),
      ONLY_V_ERRORS },
    { GET, "ace-group/g/creds", NONE, "", WITH_V(C(2, 5)), WITH_V_ERRORS },
    { FETCH, "ace-group/g/creds", KEYS, "a1 04 83 f5 81 02 80",
      WITH_V(C(2, 5)), WITH_V_ERRORS },
    { POST, "ace-group/g/creds", KEYS, "a0", ALL(C(4, 5)), NO_ERRORS },
    { GET, "ace-group/g/kdc-cred", NONE, "", IN(C(2, 5)), IN_ERRORS },
    { FETCH, "ace-group/g/kdc-cred", KEYS, "a1 06 48 0102030405060708",
      ONLY_V(C(2, 5)), ONLY_V_ERRORS },
    { FETCH, "ace-group/g/stale-sids", CBOR, "00", IN(C(2, 5)), IN_ERRORS },
    { GET, "ace-group/g/stale-sids", NONE, "", ALL(C(4, 5)), NO_ERRORS },
    { GET, "ace-group/g/policies", NONE, "", IN(C(2, 5)), IN_ERRORS },
    { GET, "ace-group/g/num", NONE, "", IN(C(2, 5)), IN_ERRORS },
    { POST, "ace-group/g/num", NONE, "", ALL(C(4, 5)), NO_ERRORS },
    { GET, "ace-group/g/nodes/%", NONE, "", IN(C(2, 5)), IN_ERRORS },
    { GET, "ace-group/g/nodes/n90", NONE, "", ALL(C(4, 3)), ALL(NOT_IN) },
    { POST, "ace-group/g/nodes/%", NONE, "", NOT_M(C(2, 4)), NOT_M_ERRORS },
    { POST, "ace-group/g/nodes/%/cred", KEYS, "a0", NOT_M(C(4, 0)),
      NOT_M_ERRORS },
    { GET, "ace-group/g/nodes/%/cred", NONE, "", ALL(C(4, 5)), NO_ERRORS },
    { GET, "ace-group/g/nodes", NONE, "", ALL(C(4, 4)), NO_ERRORS },
    { GET, "ace-group/g/other", NONE, "", ALL(C(4, 4)), NO_ERRORS },
    { GET, "ace-group/g/num/x", NONE, "", ALL(C(4, 4)), NO_ERRORS },
    { GET, "ace-group/g/nodes/%/x", NONE, "", ALL(C(4, 4)), NO_ERRORS },
    { GET, "ace-group/g/nodes/%/cred/x", NONE, "", ALL(C(4, 4)), NO_ERRORS },
    { GET, "ace-group/h", NONE, "", ALL(C(4, 4)), NO_ERRORS },
    { GET, "", NONE, "", ALL(C(4, 4)), NO_ERRORS },
    { GET, "manage", NONE, "", ALL(C(4, 3)), NO_ERRORS },
    { DELETE, "manage/g", NONE, "", ALL(C(4, 3)), NO_ERRORS },
    { GET, "manage/g/x", NONE, "", ALL(C(4, 4)), NO_ERRORS },
    /* last: they leave */
    { DELETE, "ace-group/g/nodes/%", NONE, "", IN(C(2, 2)), IN_ERRORS },
};
/* clang-format on */

static struct world *open_classes(void)
{
    struct world *w = world_with(true, true);

    world_allow(w, MONITOR, "81 82 6167 08");
    world_allow(w, VERIFIER, "81 82 6167 10");
    world_allow(w, OTHER, "81 82 6168 06");
    assert_int_equal(member_join(w, REQUESTER, COVEY_KEYING_REQUESTER),
                     COVEY_MEMBER_IN);
    assert_int_equal(member_join(w, RESPONDER, COVEY_KEYING_RESPONDER),
                     COVEY_MEMBER_IN);
    assert_int_equal(member_join(w, MONITOR, COVEY_KEYING_MONITOR),
                     COVEY_MEMBER_IN);
    return w;
}

static void own_path(char *to, const char *path, const char *name)
{
    while (*path != '\0') {
        if (*path == '%') {
            memcpy(to, name, strlen(name));
            to += strlen(name);
        } else {
            *to++ = *path;
        }
        path++;
    }
    *to = '\0';
}

static void gives_each_role_what_is_its(void **state)
{
    struct world *w = open_classes();
    uint8_t storage[64];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cells); i++) {
        const struct cell *c = &cells[i];

        for (size_t who = 0; who < CLASSES; who++) {
            char path[64];
            char why[96];

            own_path(path, c->path, w->nodes[who].name);
            (void)snprintf(why, sizeof why, "%u %s, role %zu", c->method,
                           c->path, who);
            kit_case(why);
            assert_int_equal(ask(w, who, c->method, path, c->format,
                                 kit_hex(c->payload, storage, sizeof storage)),
                             c->code[who]);
            assert_int_equal(error_of(w), c->error[who]);
        }
    }
    kit_case(NULL);
    world_close(w);
}

static void knows_nobody_without_association(void **state)
{
    struct world *w = open_classes();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cells); i++) {
        assert_int_equal(ask(w, NODES + 1, cells[i].method, cells[i].path,
                             cells[i].format, SPAN("\xa0")),
                         C(4, 1));
    }
    world_close(w);
}

static void wants_the_right_content_format(void **state)
{
    static const struct {
        uint8_t method;
        const char *path;
        size_t who;
    } cases[] = {
        { FETCH, "ace-group", OTHER },
        { POST, "ace-group/g", REQUESTER },
        { FETCH, "ace-group/g/creds", REQUESTER },
        { FETCH, "ace-group/g/kdc-cred", VERIFIER },
        { FETCH, "ace-group/g/stale-sids", REQUESTER },
        { POST, "ace-group/g/nodes/n0/cred", REQUESTER },
    };
    struct world *w = open_classes();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        kit_case(cases[i].path);
        assert_int_equal(ask(w, cases[i].who, cases[i].method, cases[i].path,
                             50, SPAN("\xa0")),
                         C(4, 15));
        assert_int_equal(ask(w, cases[i].who, cases[i].method, cases[i].path,
                             NONE, SPAN("\xa0")),
                         C(4, 15));
    }
    kit_case(NULL);
    world_close(w);
}

static void refuses_malformed_payloads(void **state)
{
    static const struct {
        uint8_t method;
        const char *path;
        size_t who;
        uint16_t format;
        const char *payload;
    } cases[] = {
        { FETCH, "ace-group", OTHER, KEYS, "80" },
        { FETCH, "ace-group", OTHER, KEYS, "a0" },
        { FETCH, "ace-group", OTHER, KEYS, "a1 00 80" },
        { FETCH, "ace-group", OTHER, KEYS, "a1 00 81 01" },
        { POST, "ace-group/g", REQUESTER, KEYS, "80" },
        { POST, "ace-group/g", REQUESTER, KEYS, "a0" },
        { POST, "ace-group/g", REQUESTER, KEYS, "a1 03 44 82616702" },
        { POST, "ace-group/g", REQUESTER, KEYS, "a2 03 44 82616802 06 4101" },
        { POST, "ace-group/g", REQUESTER, KEYS, "a2 03 44 82616703 06 4101" },
        { POST, "ace-group/g", REQUESTER, KEYS, "a2 03 44 82616702 06 40" },
        { POST, "ace-group/g", REQUESTER, KEYS,
          "a3 03 44 82616702 06 4101 04 80" },
        { FETCH, "ace-group/g/creds", REQUESTER, KEYS, "a0" },
        { FETCH, "ace-group/g/creds", REQUESTER, KEYS, "a1 04 f6" },
        { FETCH, "ace-group/g/creds", REQUESTER, KEYS, "a1 04 83 f5 80 80" },
        { FETCH, "ace-group/g/creds", REQUESTER, KEYS, "a1 04 82 f5 80" },
        { FETCH, "ace-group/g/kdc-cred", VERIFIER, KEYS, "a0" },
        { FETCH, "ace-group/g/kdc-cred", VERIFIER, KEYS, "a1 06 40" },
        { FETCH, "ace-group/g/stale-sids", REQUESTER, CBOR, "20" },
        { FETCH, "ace-group/g/stale-sids", REQUESTER, CBOR, "40" },
        { FETCH, "ace-group/g/stale-sids", REQUESTER, CBOR, "1864" },
        { POST, "ace-group/g/nodes/n0", REQUESTER, NONE, "a0" },
        { POST, "ace-group/g/nodes/n0/cred", REQUESTER, KEYS,
          "a2 05 4101 06 4101" },
    };
    struct world *w = open_classes();
    uint8_t storage[64];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        kit_case(cases[i].payload);
        assert_int_equal(
            ask(w, cases[i].who, cases[i].method, cases[i].path,
                cases[i].format,
                kit_hex(cases[i].payload, storage, sizeof storage)),
            C(4, 0));
    }
    kit_case(NULL);
    world_close(w);
}

static void answers_what_was_asked(void **state)
{
    struct world *w = open_classes();

    (void)state;
    (void)ask(w, REQUESTER, GET, "ace-group/g/active", NONE, SPAN(""));
    CHECK_HEX("f5", w->reply.payload);
    assert_true(w->reply.observable);
    (void)ask(w, REQUESTER, GET, "ace-group/g/num", NONE, SPAN(""));
    CHECK_HEX("03", w->reply.payload);
    (void)ask(w, MONITOR, GET, "ace-group/g/policies", NONE, SPAN(""));
    CHECK_HEX("a1 10 a2 01 190e10 02 00", w->reply.payload);
    /* Gid: prefix, serial, version; an old one names nothing */
    (void)ask(w, OTHER, FETCH, "ace-group", KEYS,
              SPAN("\xa1\x00\x81\x46\xc0\x00\x01\x00\x00\x03"));
    CHECK_HEX("a3 00 81 46 c00001000003 01 81 6167 02 81 6c"
              "2f6163652d67726f75702f67",
              w->reply.payload);
    (void)ask(w, OTHER, FETCH, "ace-group", KEYS,
              SPAN("\xa1\x00\x81\x46\xc0\x00\x01\x00\x00\x02"));
    CHECK_HEX("40", w->reply.payload);
    (void)ask(w, REQUESTER, FETCH, "ace-group/g/creds", KEYS,
              SPAN("\xa1\x04\x83\xf5\x80\x81\x42\x77\x77"));
    CHECK_HEX("a4 09 03 0d 80 0e 80 0f 80", w->reply.payload);
    world_close(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_each_role_what_is_its),
        cmocka_unit_test(knows_nobody_without_association),
        cmocka_unit_test(wants_the_right_content_format),
        cmocka_unit_test(refuses_malformed_payloads),
        cmocka_unit_test(answers_what_was_asked),
    };

    return KIT_RUN(tests);
}
