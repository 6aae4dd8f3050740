/* SPDX-License-Identifier: BSD-2-Clause */
/* A hundred members that join a real manager by themselves, fifty of them
 * broadcasters (seed 002 Section 3): all hear; one is evicted and hears
 * nothing more, and nobody hears it; who joins later is told nothing that was
 * said before, and challenges whom it hears first. */
#include "clan_gm.h"

enum {
    ALL = 100,
    BROADCASTERS = 50,
    EVICTED = 7,
    LATE = 101,
    WIRE = 300
};

struct wire {
    uint8_t bytes[WIRE];
    size_t len;
};

static uint8_t scratch[COVEY_GROUP_SCRATCH(WIRE, FLEET_CRED, 8)];
static uint8_t plain[WIRE];

/* As the protector does it. */
static void store_numbers_of(covey_group *g)
{
    covey_group_record record;

    while (covey_group_due(g, &record)) {
        CHECK_STATUS(COVEY_OK, covey_group_stored(g, &record));
    }
}

static void send(struct clan_node *n, struct wire *wire)
{
    static const uint8_t get[] = { 0x40, 1, 0, 1, 0xb1, 't' };
    const covey_group_work work = {
        .message = { .scratch = scratch, .scratch_cap = sizeof scratch }
    };
    covey_writer out = covey_writer_of(wire->bytes, sizeof wire->bytes);
    covey_group *g = managed_group(n->managed);
    covey_group_exchange x = { .answers = NULL };
    covey_coap_message m;

    CHECK_STATUS(COVEY_OK,
                 covey_coap_parse(&m, covey_bytes_of(get, sizeof get)));
    store_numbers_of(g);
    CHECK_STATUS(COVEY_OK,
                 covey_group_seal_request(g, &x, &m, covey_bytes_of(NULL, 0),
                                          &work, &out));
    wire->len = out.pos;
}

static covey_unprotect open_it(struct clan_node *n, const struct wire *wire,
                               covey_group_received *r)
{
    const covey_group_work work = {
        .message = { .scratch = scratch, .scratch_cap = sizeof scratch }
    };
    covey_writer out = covey_writer_of(plain, sizeof plain);
    covey_group *g = managed_group(n->managed);
    covey_group_exchange x;
    covey_coap_message m;

    CHECK_STATUS(COVEY_OK,
                 covey_coap_parse(&m, covey_bytes_of(wire->bytes, wire->len)));
    store_numbers_of(g);
    return covey_group_unprotect_request(g, &x, &m, &work, &out, r);
}

static bool hears(struct clan_node *n, const struct wire *wire)
{
    covey_group_received r;
    const covey_unprotect result = open_it(n, wire, &r);

    return result == COVEY_UNPROTECT_FRESH ||
           result == COVEY_UNPROTECT_FRESH_ONCE_STORED;
}

static void check_all_hear(struct clan_gm *c, unsigned from, unsigned except)
{
    static struct wire wire;

    send(&c->node[from], &wire);
    for (unsigned i = 1; i <= ALL; i++) {
        if (i != from && i != except) {
            assert_true(hears(&c->node[i], &wire));
        }
    }
}

static void join(struct clan_gm *c, unsigned i)
{
    struct clan_node *n = clan_node_of(c, i);

    if (i > BROADCASTERS) {
        n->member.roles = COVEY_GROUP_RESPONDER;
    }
    /* There are new keys for each: what was said before cannot come again. */
    n->member.windows_invalid = false;
    clan_node_start(n, i != EVICTED);
}

/* Four at a time, so that news have their credentials. The one that will be
 * evicted comes last, and is not told of anything. */
static void join_all(struct clan_gm *c)
{
    for (unsigned i = 1; i <= ALL; i++) {
        if (i != EVICTED) {
            join(c, i);
        }
        if (i % 4 == 0) {
            clan_wait(c, clan_is_level);
        }
    }
    join(c, EVICTED);
    clan_wait(c, clan_is_level);
}

static bool is_out(struct clan_gm *c)
{
    return c->node[EVICTED].told[MANAGED_OUT] == 1;
}

static uint32_t wanted; /* version */

static bool others_are_level(struct clan_gm *c)
{
    managed *m = c->node[EVICTED].managed;
    bool level;

    if (clan_version(c) < wanted) {
        return false;
    }
    c->node[EVICTED].managed = NULL;
    level = clan_is_level(c);
    c->node[EVICTED].managed = m;
    return level;
}

static void evict(struct clan_gm *c)
{
    wanted = clan_version(c) + 1;
    clan_evict(c, EVICTED);
    clan_wait(c, others_are_level);
    assert_int_equal(clan_version(c), wanted);
}

/* Its first words are a challenge's matter; then it is heard. */
static void check_late(struct clan_gm *c, const struct wire *before)
{
    static struct wire wire;
    struct clan_node *n = clan_node_of(c, LATE);
    covey_group_received r;

    wanted++;
    clan_node_start(n, true);
    clan_wait(c, others_are_level);
    assert_false(hears(n, before));
    send(&c->node[1], &wire);
    assert_int_equal(open_it(n, &wire, &r), COVEY_UNPROTECT_MAYBE_REPLAY);
    assert_int_equal(covey_group_recover(managed_group(n->managed), &r),
                     COVEY_UNPROTECT_FRESH_ONCE_STORED);
    send(&c->node[1], &wire);
    assert_true(hears(n, &wire));
    /* The others know it from the news. */
    send(n, &wire);
    for (unsigned i = 1; i <= ALL; i++) {
        assert_true(i == EVICTED || hears(&c->node[i], &wire));
    }
}

static void forward_and_backward_security(void **state)
{
    struct clan_gm *c = clan_gm_open();
    static struct wire after;
    static struct wire own;

    (void)state;
    clan_gm_start(c, "");
    join_all(c);
    for (unsigned i = 1; i <= BROADCASTERS; i++) {
        check_all_hear(c, i, i);
    }
    evict(c);
    for (unsigned i = 1; i <= BROADCASTERS; i++) {
        if (i != EVICTED) {
            check_all_hear(c, i, EVICTED);
        }
    }
    send(&c->node[1], &after);
    assert_false(hears(&c->node[EVICTED], &after));
    send(&c->node[EVICTED], &own);
    for (unsigned i = 1; i <= ALL; i++) {
        assert_true(i == EVICTED || !hears(&c->node[i], &own));
    }
    check_late(c, &after);
    /* The evicted one asks in vain. */
    managed_renew(c->node[EVICTED].managed);
    clan_wait(c, is_out);
    assert_int_equal(c->node[EVICTED].saved_len, 0);
    clan_gm_close(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forward_and_backward_security),
    };

    return KIT_RUN(tests);
}
