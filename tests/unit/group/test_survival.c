/* SPDX-License-Identifier: BSD-2-Clause */
/* Power may be lost between any two steps, members are forgotten and found
 * again, the group is rekeyed, the provider fails: over a million random
 * operations no nonce is used twice with a key, no request is acted upon
 * twice, and no response taken twice (RFC 10021 Sections 2.6.1, 2.6.3, 9;
 * RFC 8613 Appendix B.1.1). The fixture watches the nonces. */
#include "fixture.h"

#define OPERATIONS 1000000u
#define REKEYS_MAX 250u
#define RECENT     64u
#define NEVER      UINT32_MAX

/* What survives of a member. */
struct disk {
    uint64_t ssn;
    uint64_t number; /* of the other one; NUMBER_UNKNOWN */
    bool windows_invalid;
};

/* A message on its way, and later in the hands of an attacker. */
struct sent {
    struct wire wire;
    uint32_t serial;
    bool pairwise;
    bool used;
};

static struct life {
    struct world *w;
    kit_random random;
    struct disk disk[2];
    struct sent request[RECENT];
    struct sent response[RECENT];
    covey_group_exchange asked;
    covey_group_exchange heard;
    uint32_t requests; /* serial numbers so far */
    uint32_t responses;
    uint32_t rekeys;
    uint8_t gid[REKEYS_MAX][2];
    uint32_t step;
    uint32_t kill_at; /* NEVER: at random */
    unsigned long acted;
    unsigned long taken;
    unsigned long crashes;
    unsigned long challenged;
} l;

static uint8_t acted_on[OPERATIONS / 4];

static bool chance(uint32_t one_of)
{
    return kit_next(&l.random) % one_of == 0;
}

static covey_group_parameters parameters(void)
{
    covey_group_parameters p = world_parameters(COVEY_A128CTR);

    l.gid[l.rekeys][0] = (uint8_t)l.rekeys;
    p.gid = covey_bytes_of(l.gid[l.rekeys], 2);
    p.gm_cred = SPAN("GM");
    return p;
}

static void know_again(size_t who, uint64_t number)
{
    covey_group_member row = row_of(&l.w->member[1 - who]);

    row.number = number;
    row.credential.len = 4;
    CHECK_STATUS(COVEY_OK,
                 covey_group_add(&l.w->member[who].group, &row, NULL));
}

static void boot(size_t who)
{
    const covey_group_parameters p = parameters();
    struct member *m = &l.w->member[who];
    covey_group_start start = world_start(m);

    start.credential.len = 4;
    start.ahead = 16;
    start.ssn = l.disk[who].ssn;
    start.windows_invalid = l.disk[who].windows_invalid;
    CHECK_STATUS(COVEY_OK,
                 covey_group_setup(&m->group, &l.w->crypto, &p, &start));
    know_again(who, l.disk[who].number);
}

static void crash(size_t who)
{
    covey_group_drop(&l.w->member[who].group);
    memset(who == ALICE ? &l.asked : &l.heard, 0, sizeof l.asked);
    l.crashes++;
    boot(who);
}

/* Every place where power may fail asks here; true if it did. */
static bool fails(size_t who)
{
    const bool now = l.kill_at == NEVER ? chance(64) : l.step == l.kill_at;

    l.step++;
    if (now) {
        crash(who);
    }
    return now;
}

/* Stores all that is due; true if power failed meanwhile. */
static bool keep(size_t who)
{
    covey_group *g = &l.w->member[who].group;
    covey_group_record record;

    while (covey_group_due(g, &record)) {
        if (fails(who)) {
            return true;
        }
        if (record.id.ptr == NULL) {
            l.disk[who].ssn = record.number;
            l.disk[who].windows_invalid = record.windows_invalid;
        } else {
            l.disk[who].number = record.number;
        }
        if (fails(who)) {
            return true;
        }
        CHECK_STATUS(COVEY_OK, covey_group_stored(g, &record));
    }
    return false;
}

/* The next call of the provider fails, or one of those after it. */
static void perhaps_fault(void)
{
    covey_scripted_rewind(&l.w->script, chance(32)
                                            ? (int)(kit_next(&l.random) % 6)
                                            : COVEY_SCRIPTED_NEVER);
}

static void no_fault(void)
{
    covey_scripted_rewind(&l.w->script, COVEY_SCRIPTED_NEVER);
}

static void check_failure(size_t who, covey_status st)
{
    if (st == COVEY_E_NOT_STORED) {
        (void)keep(who);
    } else if (st != COVEY_OK) {
        CHECK_STATUS(COVEY_E_CRYPTO, st);
    }
}

/* A new request on its way, or NULL. */
static struct sent *send_request(void)
{
    struct sent *s = &l.request[l.requests % RECENT];
    covey_status st;

    l.asked.answers = l.w->answers;
    l.asked.answer_max = 1;
    s->pairwise = chance(2);
    address(l.w, ALICE, s->pairwise ? BOB : ALICE);
    if (s->pairwise && l.w->work.to == NULL) {
        return NULL; /* forgotten */
    }
    perhaps_fault();
    st = ask(l.w, ALICE, &l.asked, chance(2) ? GET : OBSERVE, &s->wire);
    no_fault();
    check_failure(ALICE, st);
    if (st != COVEY_OK) {
        return NULL;
    }
    s->serial = l.requests++;
    s->used = true;
    return s;
}

/* It has been accepted for good: once. */
static void act(const struct sent *s)
{
    uint8_t *byte = &acted_on[s->serial / 8];
    const uint8_t bit = (uint8_t)(1u << s->serial % 8);

    assert_true(s->serial / 8 < sizeof acted_on);
    assert_int_equal(*byte & bit, 0);
    *byte |= bit;
    l.acted++;
}

static void accept(const struct sent *s, covey_unprotect result)
{
    if (result == COVEY_UNPROTECT_FRESH_ONCE_STORED && keep(BOB)) {
        return; /* lost with the power */
    }
    act(s);
}

/* Echo: what comes now was made after the challenge. */
static void challenge(void)
{
    const struct sent *s = send_request();
    covey_unprotect result;

    l.challenged++;
    if (s == NULL) {
        return;
    }
    result = hear(l.w, BOB, &l.heard, &s->wire);
    if (result == COVEY_UNPROTECT_MAYBE_REPLAY) {
        result = covey_group_recover(&l.w->member[BOB].group, &l.w->r);
    }
    if (result != COVEY_UNPROTECT_REFUSED) {
        accept(s, result);
    }
}

static void receive_request(void)
{
    const uint32_t back = chance(2) ? 1 : 1 + kit_next(&l.random) % RECENT;
    const struct sent *s = &l.request[(l.requests - back) % RECENT];
    covey_unprotect result;

    if (!s->used) {
        return;
    }
    perhaps_fault();
    result = hear(l.w, BOB, &l.heard, &s->wire);
    no_fault();
    if (result == COVEY_UNPROTECT_REFUSED) {
        const covey_oscore_fault fault = l.w->r.base.fault;
        assert_true(fault == COVEY_OSCORE_REPLAY ||
                    fault == COVEY_OSCORE_OURS ||
                    fault == COVEY_OSCORE_NO_CONTEXT ||
                    fault == COVEY_OSCORE_NO_SENDER);
    } else if (result != COVEY_UNPROTECT_MAYBE_REPLAY) {
        accept(s, result);
    } else if (chance(2)) {
        challenge();
    }
}

static void send_response(void)
{
    struct sent *s = &l.response[l.responses % RECENT];
    covey_status st;

    if (l.heard.group == NULL) {
        return;
    }
    address(l.w, BOB,
            chance(2) && l.heard.peer[0] == l.w->member[ALICE].id ? ALICE
                                                                  : BOB);
    l.w->work.message.own_piv = chance(4);
    l.w->work.kid = chance(2);
    perhaps_fault();
    st = answer(l.w, BOB, &l.heard,
                l.heard.request.observe ? NOTIFIED : CONTENT, &s->wire);
    no_fault();
    l.w->work.message.own_piv = false;
    check_failure(BOB, st);
    s->used = false;
    if (st == COVEY_OK) {
        l.responses++;
    }
}

static void receive_response(void)
{
    const uint32_t back = chance(2) ? 1 : 1 + kit_next(&l.random) % 8;
    struct sent *s = &l.response[(l.responses - back) % RECENT];

    if (s->wire.len == 0) {
        return;
    }
    perhaps_fault();
    if (take(l.w, ALICE, &l.asked, &s->wire) == COVEY_UNPROTECT_FRESH) {
        assert_false(s->used);
        s->used = true;
        l.taken++;
    }
    no_fault();
}

/* What was stored of a member goes only when it is known that it has gone. */
static void forget(size_t who)
{
    covey_group *g = &l.w->member[who].group;
    covey_group_recipient *other = peer_of(l.w, who, 1 - who);

    if (other != NULL) {
        covey_group_remove(g, other);
    }
    if (!keep(who)) {
        l.disk[who].number = COVEY_GROUP_NUMBER_UNKNOWN;
        if (chance(2)) {
            know_again(who, COVEY_GROUP_NUMBER_UNKNOWN);
        }
    } else if (peer_of(l.w, who, 1 - who) == NULL) {
        know_again(who, l.disk[who].number);
    }
}

static void come_back(size_t who)
{
    if (peer_of(l.w, who, 1 - who) == NULL) {
        know_again(who, l.disk[who].number);
    }
}

static void rekey(void)
{
    const struct disk fresh = { .number = COVEY_GROUP_NUMBER_UNKNOWN };
    covey_group_parameters p;

    if (l.rekeys + 1 == REKEYS_MAX) {
        return;
    }
    l.rekeys++;
    p = parameters();
    for (size_t i = 0; i < 2; i++) {
        l.disk[i] = fresh;
        CHECK_STATUS(COVEY_OK,
                     covey_group_rekey(&l.w->member[i].group, &p,
                                       covey_bytes_of(NULL, 0), NULL, 0));
    }
}

/* Another Sender ID for the one who asks; Bob hears of it at once. */
static void change_sender(void)
{
    struct member *alice = &l.w->member[ALICE];
    covey_group *bob = &l.w->member[BOB].group;
    covey_group_recipient *old = peer_of(l.w, BOB, ALICE);

    if (alice->id == UINT8_MAX) {
        return;
    }
    if (old != NULL) {
        covey_group_remove(bob, old);
    }
    alice->id++;
    l.disk[ALICE].ssn = 0;
    l.disk[BOB].number = COVEY_GROUP_NUMBER_UNKNOWN;
    CHECK_STATUS(COVEY_OK,
                 covey_group_change_sender(&alice->group, id_of(alice)));
    know_again(BOB, COVEY_GROUP_NUMBER_UNKNOWN);
}

static void operate(void)
{
    const uint32_t r = kit_next(&l.random) % 1024;
    const size_t who = kit_next(&l.random) % 2;

    if (r < 2) {
        crash(who);
    } else if (r < 4) {
        forget(who);
    } else if (r < 12) {
        come_back(who);
    } else if (r < 13 && chance(8)) {
        rekey();
    } else if (r < 14 && chance(8)) {
        change_sender();
    } else if (r < 64) {
        (void)keep(who);
    } else if (r < 300) {
        (void)send_request();
    } else if (r < 680) {
        receive_request();
    } else if (r < 850) {
        send_response();
    } else {
        receive_response();
    }
}

static void be_born(uint32_t kill_at)
{
    memset(&l, 0, sizeof l);
    memset(acted_on, 0, sizeof acted_on);
    l.w = world_open_empty();
    l.w->member[ALICE].id = MEMBERS + 1; /* and so on */
    l.random.state = 10021;
    l.kill_at = kill_at;
    for (size_t i = 0; i < 2; i++) {
        l.disk[i].number = COVEY_GROUP_NUMBER_UNKNOWN;
        boot(i);
    }
}

static void survives_a_million_operations(void **state)
{
    (void)state;
    be_born(NEVER);
    for (uint32_t i = 0; i < OPERATIONS; i++) {
        operate();
    }
    /* That it was not all refusals. */
    assert_true(nonces_used() > 200000);
    assert_true(l.acted > 100000);
    assert_true(l.taken > 5000);
    assert_true(l.crashes > 1000);
    assert_true(l.challenged > 500);
    assert_true(l.rekeys > 50);
    assert_true(l.w->member[ALICE].id > 50);
    world_close(l.w);
}

/* The same few operations, with one loss of power at each possible place. */
static void survives_a_loss_of_power_anywhere(void **state)
{
    uint32_t steps = 1;

    (void)state;
    for (uint32_t at = 0; at < steps; at++) {
        be_born(at);
        for (size_t i = 0; i < 400; i++) {
            operate();
        }
        assert_true(l.crashes > 0);
        steps = l.step > 200 ? 200 : l.step;
        world_close(l.w);
    }
    assert_true(steps > 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(survives_a_million_operations),
        cmocka_unit_test(survives_a_loss_of_power_anywhere),
    };

    return KIT_RUN(tests);
}
