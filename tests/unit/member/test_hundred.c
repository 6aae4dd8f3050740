/* SPDX-License-Identifier: BSD-2-Clause */
/* A hundred members, fifty of them broadcasters (seed 002 Section 3): all
 * join, all hear; one is evicted and hears nothing more, and nobody hears it;
 * who joins later hears nothing that was said before. */
#include "../manager/fixture.h"

enum {
    ALL = 100,
    BROADCASTERS = 50,
    EVICTED = 7,
    LATE = 100,
    WIRE = 300
};

struct wire {
    uint8_t bytes[WIRE];
    size_t len;
};

static uint8_t scratch[COVEY_GROUP_SCRATCH(WIRE, CRED, 8)];
static uint8_t plain[WIRE];

static void store(covey_group *g)
{
    covey_group_record record;

    while (covey_group_due(g, &record)) {
        CHECK_STATUS(COVEY_OK, covey_group_stored(g, &record));
    }
}

static void send(struct world *w, size_t who, struct wire *wire)
{
    static const uint8_t get[] = { 0x40, 1, 0, 1, 0xb1, 't' };
    const covey_group_work work = {
        .message = { .scratch = scratch, .scratch_cap = sizeof scratch }
    };
    covey_writer out = covey_writer_of(wire->bytes, sizeof wire->bytes);
    covey_group *g = &w->nodes[who].group;
    covey_group_exchange x = { .answers = NULL };
    covey_coap_message m;

    CHECK_STATUS(COVEY_OK,
                 covey_coap_parse(&m, covey_bytes_of(get, sizeof get)));
    store(g);
    CHECK_STATUS(COVEY_OK,
                 covey_group_seal_request(g, &x, &m, covey_bytes_of(NULL, 0),
                                          &work, &out));
    wire->len = out.pos;
}

static bool open_once(struct world *w, size_t who, const struct wire *wire,
                      covey_group_received *r)
{
    const covey_group_work work = {
        .message = { .scratch = scratch, .scratch_cap = sizeof scratch }
    };
    covey_writer out = covey_writer_of(plain, sizeof plain);
    covey_group_exchange x;
    covey_coap_message m;
    covey_unprotect result;

    CHECK_STATUS(COVEY_OK,
                 covey_coap_parse(&m, covey_bytes_of(wire->bytes, wire->len)));
    store(&w->nodes[who].group);
    result = covey_group_unprotect_request(&w->nodes[who].group, &x, &m, &work,
                                           &out, r);
    return result == COVEY_UNPROTECT_FRESH ||
           result == COVEY_UNPROTECT_FRESH_ONCE_STORED;
}

/* As an application does it: an unknown sender is looked up. */
static bool hears(struct world *w, size_t who, const struct wire *wire)
{
    covey_group_received r;

    if (open_once(w, who, wire, &r)) {
        return true;
    }
    if (r.base.fault != COVEY_OSCORE_NO_SENDER ||
        !covey_member_look_up(&w->nodes[who].member, r.option.kid)) {
        return false;
    }
    member_pump(w, who);
    return open_once(w, who, wire, &r);
}

static void join(struct world *w, size_t who)
{
    member_open(w, who, who < BROADCASTERS ? BOTH : COVEY_KEYING_RESPONDER,
                NODES);
    covey_member_join(&w->nodes[who].member);
    member_pump(w, who);
    assert_int_equal(covey_member_state_of(&w->nodes[who].member),
                     COVEY_MEMBER_IN);
}

static void check_all_hear(struct world *w, size_t from, size_t except)
{
    static struct wire wire;

    send(w, from, &wire);
    for (size_t i = 0; i < ALL; i++) {
        if (i != from && i != except) {
            assert_true(hears(w, i, &wire));
        }
    }
}

static void forward_and_backward_security(void **state)
{
    struct world *w = world_with(true, true);
    static struct wire before;
    static struct wire after;
    static struct wire own;

    (void)state;
    for (size_t i = 0; i < ALL; i++) {
        join(w, i);
    }
    assert_int_equal(group_row(w)->members, ALL);
    assert_int_equal(group_row(w)->version, ALL);
    for (size_t i = 0; i < BROADCASTERS; i++) {
        check_all_hear(w, i, i);
    }
    send(w, 0, &before);
    /* The evicted one keeps what it has, and is told nothing. */
    w->nodes[EVICTED].deaf = true;
    CHECK_STATUS(COVEY_OK, covey_manager_evict(
                               &w->manager, w->now, SPAN("g"),
                               covey_bytes_text(w->nodes[EVICTED].name)));
    world_settle(w);
    assert_int_equal(group_row(w)->version, ALL + 1);
    for (size_t i = 0; i < BROADCASTERS; i += 7) {
        if (i != EVICTED) {
            check_all_hear(w, i, EVICTED);
        }
    }
    send(w, 1, &after);
    assert_false(hears(w, EVICTED, &after));
    send(w, EVICTED, &own);
    for (size_t i = 0; i < ALL; i++) {
        assert_true(i == EVICTED || !hears(w, i, &own));
    }
    /* The evicted one asks in vain. */
    covey_member_lost(&w->nodes[EVICTED].member);
    assert_int_equal(ask(w, EVICTED, GET, "ace-group/g", NONE, SPAN("")),
                     COVEY_COAP_CODE(4, 4));
    /* The joiner has neither the keys of what was said before, nor of what
     * was said just before it joined. */
    join(w, LATE);
    assert_false(hears(w, LATE, &before));
    assert_false(hears(w, LATE, &after));
    send(w, 1, &after);
    assert_true(hears(w, LATE, &after));
    world_close(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forward_and_backward_security),
    };

    return KIT_RUN(tests);
}
