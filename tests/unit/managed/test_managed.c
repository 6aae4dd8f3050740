/* SPDX-License-Identifier: BSD-2-Clause */
/* What a member does by itself: saves before it uses, comes back, waits for a
 * manager that is silent, follows by each of three ways, and believes nobody
 * but the manager. */
#include "clan_gm.h"

#include <covey/coap_options.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <system_address.h>
#include <unistd.h>

/* Conditions that are waited for. */
static bool first_is_in(struct clan_gm *c)
{
    return c->node[1].told[MANAGED_JOINED] > 0;
}

static bool first_has_tried(struct clan_gm *c)
{
    return c->node[1].saves >= 2;
}

static bool first_is_silent(struct clan_gm *c)
{
    return c->node[1].told[MANAGED_SILENT] > 0;
}

static bool first_is_current(struct clan_gm *c)
{
    return c->node[1].told[MANAGED_CURRENT] > 0;
}

static bool first_is_out(struct clan_gm *c)
{
    return c->node[1].told[MANAGED_OUT] > 0;
}

static bool first_has_left(struct clan_gm *c)
{
    return c->node[1].told[MANAGED_LEFT] > 0;
}

static bool first_has_another_id(struct clan_gm *c)
{
    return c->node[1].told[MANAGED_RENEWED] > 0;
}

static bool first_is_refused(struct clan_gm *c)
{
    return c->node[1].told[MANAGED_REFUSED] > 0;
}

static uint32_t wanted;

static bool is_level(struct clan_gm *c)
{
    return clan_version(c) >= wanted && clan_is_level(c);
}

static const covey_group *group_of(const struct clan_node *n)
{
    return managed_group(n->managed);
}

/* A message with this Gid and kid, and a payload long enough for a signature.
 */
static covey_bytes make(uint8_t bytes[160], covey_bytes gid, covey_bytes kid)
{
    static const uint8_t zeros[80];
    covey_writer w = covey_writer_of(bytes, 160);

    covey_write_bytes(&w, SPAN("\x50\x02\x00\x01"));
    covey_write_u8(&w, (uint8_t)(0x90 | (3 + gid.len + kid.len)));
    covey_write_bytes(&w, SPAN("\x39\x01"));
    covey_write_u8(&w, (uint8_t)gid.len);
    covey_write_bytes(&w, gid);
    covey_write_bytes(&w, kid);
    covey_write_u8(&w, 0xff);
    covey_write_bytes(&w, covey_bytes_of(zeros, sizeof zeros));
    return covey_written(&w);
}

/* What becomes of it. */
static covey_opening hear(const struct clan_node *n, covey_bytes gid,
                          covey_bytes kid)
{
    const covey_protector *p = managed_protector(n->managed);
    const covey_path path = { .group = false };
    uint8_t message[160];
    uint8_t plain_bytes[256];
    uint8_t more[256];
    covey_writer plain = covey_writer_of(plain_bytes, sizeof plain_bytes);
    covey_oscore_option option;
    covey_coap_message outer;
    covey_bytes value;
    covey_security s = { .protector = p };
    covey_opened opened = { .fault = COVEY_OSCORE_NO_FAULT };
    const covey_sealed in = { &path, &outer, &option, &plain,
                              covey_writer_of(more, sizeof more) };

    CHECK_STATUS(COVEY_OK, covey_coap_parse(&outer, make(message, gid, kid)));
    assert_true(covey_option_get(&outer, COVEY_OPTION_OSCORE, &value));
    CHECK_STATUS(COVEY_OK,
                 covey_oscore_option_parse(&option, value, COVEY_KUDOS_SEED));
    return p->open_request(p, &in, &s, &opened);
}

static covey_opening find_it(const struct clan_node *n, covey_bytes gid)
{
    return hear(n, gid, SPAN("zz"));
}

/* --- saving -------------------------------------------------------------- */

static void nothing_is_used_that_is_not_saved(void **state)
{
    struct clan_gm *c = clan_gm_open();
    struct clan_node *n;
    covey_bytes gid;

    (void)state;
    clan_gm_start(c, "");
    n = clan_node_of(c, 1);
    n->fails = true;
    clan_node_start(n, true);
    clan_wait(c, first_is_in);
    assert_true(managed_is_in(n->managed));
    gid = covey_group_gid_of(group_of(n));
    assert_int_equal(find_it(n, gid), COVEY_OPENING_FOREIGN);
    clan_wait(c, first_has_tried);
    assert_int_equal(find_it(n, gid), COVEY_OPENING_FOREIGN);
    assert_int_equal(n->saved_len, 0);
    n->fails = false;
    while (n->saved_len == 0) {
        clan_run(c, 20);
    }
    /* from now on it is ours, but the sender is nobody */
    assert_int_equal(find_it(n, gid), COVEY_OPENING_REFUSE);
    assert_int_equal(find_it(n, SPAN("other")), COVEY_OPENING_FOREIGN);
    clan_gm_close(c);
}

static void comes_back_without_the_manager(void **state)
{
    struct clan_gm *c = clan_gm_open();
    uint8_t gid[COVEY_MEMBER_GID_MAX] = { 0 };
    struct clan_node *n;
    covey_bytes one;

    (void)state;
    clan_gm_start(c, "");
    n = clan_node_of(c, 1);
    clan_node_start(n, true);
    clan_wait(c, clan_is_level);
    wanted = 2;
    clan_node_start(clan_node_of(c, 2), true);
    clan_wait(c, is_level);
    covey_oscore_copy(gid, covey_group_gid_of(group_of(n)));
    clan_node_stop(n);
    clan_gm_stop(c);
    clan_node_start(n, true);
    clan_run(c, 30);
    assert_int_equal(n->told[MANAGED_RESUMED], 1);
    assert_int_equal(n->told[MANAGED_CURRENT], 0);
    assert_memory_equal(gid, covey_group_gid_of(group_of(n)).ptr, 6);
    assert_int_equal(
        covey_member_known(managed_member(n->managed), UINT8_MAX, &one), 1);
    assert_int_equal(find_it(n, covey_group_gid_of(group_of(n))),
                     COVEY_OPENING_REFUSE);
    clan_node_stop(n);
    clan_gm_start(c, "");
    clan_node_start(n, true);
    clan_wait(c, first_is_current);
    assert_int_equal(n->told[MANAGED_JOINED], 1);
    clan_gm_close(c);
}

static void joins_anew_where_nothing_can_be_taken_up(void **state)
{
    struct clan_gm *c = clan_gm_open();
    struct clan_node *n;

    (void)state;
    clan_gm_start(c, "");
    n = clan_node_of(c, 1);
    n->saved[0] = 0xff;
    n->saved_len = 1;
    clan_node_start(n, true);
    clan_wait(c, first_is_in);
    assert_int_equal(n->told[MANAGED_WRONG], 1);
    assert_true(n->saved_len > 1);
    clan_gm_close(c);
}

/* --- the manager --------------------------------------------------------- */

/* A port where nobody is; then somebody is there. */
static void waits_for_a_manager_that_is_silent(void **state)
{
    struct clan_gm *c = clan_gm_open();
    struct clan_node *n;

    (void)state;
    clan_gm_start(c, "");
    n = clan_node_of(c, 1);
    /* an association that the manager does not know */
    n->context.parameters.recipient_id = SPAN("?");
    n->context.parameters.sender_id = SPAN("??");
    clan_node_start(n, true);
    clan_wait(c, first_is_silent);
    clan_run(c, 100);
    assert_int_equal(n->told[MANAGED_SILENT], 1);
    clan_node_stop(n);
    n = clan_node_of(c, 1);
    clan_node_start(n, true);
    clan_wait(c, first_is_in);
    clan_gm_close(c);
}

static void a_refusal_is_told_and_tried_again(void **state)
{
    struct clan_gm *c = clan_gm_open();
    struct clan_node *n;

    (void)state;
    clan_gm_start(c, "");
    n = clan_node_of(c, 1);
    n->member.group = SPAN("another");
    clan_node_start(n, true);
    clan_wait(c, first_is_refused);
    assert_int_equal(n->code >> 5, 4);
    assert_false(managed_is_in(n->managed));
    clan_gm_close(c);
}

static void wants_the_manager_that_it_knows(void **state)
{
    struct clan_gm *c = clan_gm_open();
    struct clan_node *n;

    (void)state;
    clan_gm_start(c, "");
    n = clan_node_of(c, 1);
    n->member.gm_credential = SPAN("another");
    clan_node_start(n, true);
    clan_wait(c, first_is_refused);
    assert_int_equal(n->told[MANAGED_WRONG], 1);
    assert_int_equal(n->saves, 0);
    clan_gm_close(c);
}

/* --- following ----------------------------------------------------------- */

static void follows_by_each_way(void **state)
{
    static const context_update ways[] = { CONTEXT_UPDATE_POST,
                                           CONTEXT_UPDATE_OBSERVE,
                                           CONTEXT_UPDATE_POLL };
    struct clan_gm *c = clan_gm_open();

    (void)state;
    clan_gm_start(c, "");
    for (unsigned i = 0; i < COUNT_OF(ways); i++) {
        struct clan_node *n = clan_node_of(c, i + 1);
        n->member.update = ways[i];
        n->member.check_interval =
            ways[i] == CONTEXT_UPDATE_POLL ? 50 : 3600000;
        wanted = i + 1;
        clan_node_start(n, true);
        clan_wait(c, is_level);
    }
    for (wanted = 4; wanted < 7; wanted++) {
        clan_run(c, 20); /* the registration is there */
        CHECK_STATUS(COVEY_OK, covey_manager_rekey(&c->gm->manager, loop_now(),
                                                   SPAN("g")));
        gm_settle(c->gm, loop_now());
        clan_wait(c, is_level);
    }
    for (unsigned i = 2; i <= COUNT_OF(ways); i++) {
        CHECK_SPAN(covey_group_gid_of(group_of(&c->node[1])),
                   covey_group_gid_of(group_of(&c->node[i])));
    }
    clan_gm_close(c);
}

static bool first_knows_six(struct clan_gm *c)
{
    covey_bytes one;

    return covey_member_known(managed_member(c->node[1].managed), UINT8_MAX,
                              &one) == 6;
}

/* Seven at once are more than news name. */
static void looks_up_whom_it_hears(void **state)
{
    struct clan_gm *c = clan_gm_open();
    struct clan_node *n;

    (void)state;
    clan_gm_start(c, "");
    clan_node_start(clan_node_of(c, 1), true);
    clan_wait(c, first_is_in);
    n = &c->node[1];
    for (unsigned i = 2; i < 8; i++) {
        clan_node_start(clan_node_of(c, i), true);
    }
    wanted = 2;
    clan_wait(c, is_level);
    clan_run(c, 50);
    for (unsigned i = 2; i < 8; i++) {
        assert_int_equal(hear(n, covey_group_gid_of(group_of(n)),
                              covey_group_sender_of(group_of(&c->node[i]))),
                         COVEY_OPENING_REFUSE);
        clan_run(c, 150); /* not all at once */
    }
    clan_wait(c, first_knows_six);
    clan_gm_close(c);
}

static void gets_another_id_and_leaves(void **state)
{
    struct clan_gm *c = clan_gm_open();
    struct clan_node *n;
    uint8_t id[COVEY_OSCORE_ID_MAX] = { 0 };

    (void)state;
    clan_gm_start(c, "");
    n = clan_node_of(c, 1);
    clan_node_start(n, true);
    clan_wait(c, first_is_in);
    covey_oscore_copy(id, covey_group_sender_of(group_of(n)));
    managed_renew(n->managed);
    clan_wait(c, first_has_another_id);
    assert_memory_not_equal(id, covey_group_sender_of(group_of(n)).ptr, 2);
    assert_int_equal(n->ssn, 0);
    managed_leave(n->managed);
    clan_wait(c, first_has_left);
    assert_int_equal(n->saved_len, 0);
    assert_int_equal(find_it(n, SPAN("\0\0")), COVEY_OPENING_FOREIGN);
    /* once more there is nothing to leave */
    managed_leave(n->managed);
    assert_int_equal(n->told[MANAGED_LEFT], 2);
    clan_gm_close(c);
}

static void an_eviction_is_the_end(void **state)
{
    struct clan_gm *c = clan_gm_open();
    struct clan_node *n;

    (void)state;
    clan_gm_start(c, "");
    n = clan_node_of(c, 1);
    clan_node_start(n, true);
    clan_wait(c, first_is_in);
    clan_evict(c, 1);
    clan_wait(c, first_is_out);
    clan_run(c, 50);
    assert_int_equal(n->told[MANAGED_JOINED], 1);
    assert_int_equal(n->saved_len, 0);
    assert_false(managed_is_in(n->managed));
    clan_gm_close(c);
}

/* --- whom it believes ---------------------------------------------------- */

/* DELETE /keys/g, and others, from somebody without the association. */
static void takes_news_from_the_manager_alone(void **state)
{
    static const uint8_t delete[] = { 0x40, 4,   0,   1,    0xb4, 'k',
                                      'e',  'y', 's', 0x01, 'g' };
    struct clan_gm *c = clan_gm_open();
    struct clan_node *n;
    uint8_t answer[64];
    system_address to;

    (void)state;
    clan_gm_start(c, "");
    n = clan_node_of(c, 1);
    clan_node_start(n, true);
    clan_wait(c, first_is_in);
    covey_address a = association_local(n->association);
    assert_true(address_parse("127.0.0.1", a.port, &a));
    const int fd = socket(AF_INET, SOCK_DGRAM, 0);
    const socklen_t len = address_to_system(&a, &to);
    assert_int_equal(connect(fd, &to.any, len), 0);
    assert_int_equal(send(fd, delete, sizeof delete, 0), sizeof delete);
    clan_run(c, 50);
    assert_true(recv(fd, answer, sizeof answer, MSG_DONTWAIT) >= 4);
    assert_int_equal(answer[1], COVEY_COAP_CODE(4, 1));
    assert_true(managed_is_in(n->managed));
    (void)close(fd);
    clan_gm_close(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_used_that_is_not_saved),
        cmocka_unit_test(comes_back_without_the_manager),
        cmocka_unit_test(joins_anew_where_nothing_can_be_taken_up),
        cmocka_unit_test(waits_for_a_manager_that_is_silent),
        cmocka_unit_test(a_refusal_is_told_and_tried_again),
        cmocka_unit_test(wants_the_manager_that_it_knows),
        cmocka_unit_test(follows_by_each_way),
        cmocka_unit_test(looks_up_whom_it_hears),
        cmocka_unit_test(gets_another_id_and_leaves),
        cmocka_unit_test(an_eviction_is_the_end),
        cmocka_unit_test(takes_news_from_the_manager_alone),
    };

    return KIT_RUN(tests);
}
