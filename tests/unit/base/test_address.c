/* SPDX-License-Identifier: BSD-2-Clause */
#include "kit.h"

#include <covey/address.h>
#include <covey/time.h>

static covey_address v4(uint8_t last, uint16_t port)
{
    covey_address a = {
        .ip = { 192, 0, 2, last },
        .port = port,
        .family = COVEY_FAMILY_IPV4,
    };
    return a;
}

static void every_field_takes_part(void **state)
{
    const covey_address a = v4(1, 5683);
    covey_address b = a;

    (void)state;
    assert_true(covey_address_equal(&a, &b));
    for (size_t i = 0; i < sizeof b.ip; i++) {
        b.ip[i] ^= 1u;
        assert_false(covey_address_equal(&a, &b));
        b.ip[i] ^= 1u;
    }
    b.port++;
    assert_false(covey_address_equal(&a, &b));
    b = a;
    b.zone = 1;
    assert_false(covey_address_equal(&a, &b));
    b = a;
    b.family = COVEY_FAMILY_IPV6;
    assert_false(covey_address_equal(&a, &b));
}

static bool group(uint8_t family, uint8_t first)
{
    const covey_address a = { .ip = { first }, .family = family };
    return covey_address_is_group(&a);
}

static void groups_are_told_by_their_first_byte(void **state)
{
    (void)state;
    for (unsigned first = 0; first < 256; first++) {
        assert_int_equal(group(COVEY_FAMILY_IPV4, (uint8_t)first),
                         first >= 224 && first < 240);
        assert_int_equal(group(COVEY_FAMILY_IPV6, (uint8_t)first),
                         first == 255);
        assert_false(group(COVEY_FAMILY_NONE, (uint8_t)first));
    }
}

static void loopback_is_a_network_or_one_address(void **state)
{
    covey_address a = { .ip = { [15] = 1 }, .family = COVEY_FAMILY_IPV6 };

    (void)state;
    assert_true(covey_address_is_loopback(&a));
    a.ip[0] = 127;
    assert_false(covey_address_is_loopback(&a));
    a.family = COVEY_FAMILY_NONE;
    assert_false(covey_address_is_loopback(&a));
    for (unsigned first = 0; first < 256; first++) {
        a = v4(0, 1);
        a.ip[0] = (uint8_t)first;
        assert_int_equal(covey_address_is_loopback(&a), first == 127);
    }
}

static void datagrams_have_an_address_for_a_peer(void **state)
{
    covey_path a = { .peer = v4(1, 5683), .local = v4(9, 1), .group = true };
    covey_path b = { .peer = v4(1, 5683), .interface = 3 };

    (void)state;
    assert_true(covey_path_same_peer(&a, &b));
    assert_int_equal(covey_path_hash(&a, 7), covey_path_hash(&b, 7));
    b.peer.port++;
    assert_false(covey_path_same_peer(&a, &b));
    b.peer.port--;
    b.transport = COVEY_DTLS;
    assert_false(covey_path_same_peer(&a, &b));
}

static void streams_have_a_connection_for_a_peer(void **state)
{
    covey_path a = { .peer = v4(1, 1),
                     .connection = 5,
                     .transport = COVEY_TCP };
    covey_path b = { .peer = v4(2, 2),
                     .connection = 5,
                     .transport = COVEY_TCP };

    (void)state;
    assert_true(covey_path_same_peer(&a, &b));
    assert_int_equal(covey_path_hash(&a, 7), covey_path_hash(&b, 7));
    b.connection = 6;
    assert_false(covey_path_same_peer(&a, &b));
    b.connection = 0;
    assert_false(covey_path_same_peer(&a, &b));
}

/* 65,536 ports of one peer into 4,096 chains: none is longer than a random
 * function would make it, but for one in many runs of the universe. */
static void ports_spread_over_chains(void **state)
{
    static uint16_t chain[4096];
    covey_path p = { .peer = v4(1, 0) };
    unsigned longest = 0;

    (void)state;
    for (unsigned port = 0; port < 65536; port++) {
        uint32_t at;
        p.peer.port = (uint16_t)port;
        at = covey_path_hash(&p, 0x1234) & 4095u;
        chain[at] = (uint16_t)(chain[at] + 1);
        longest = chain[at] > longest ? chain[at] : longest;
    }
    assert_in_range(longest, 17, 48);
    assert_int_not_equal(covey_path_hash(&p, 1), covey_path_hash(&p, 2));
}

/* Whatever differs: the compact form says the same as the path. */
static void a_peer_alone_is_compared_like_its_path(void **state)
{
    const covey_path a = { .peer = v4(1, 5683),
                           .local = v4(9, 1),
                           .transport = COVEY_DTLS,
                           .connection = 0 };

    (void)state;
    for (unsigned connection = 0; connection < 2; connection++) {
        for (size_t i = 0; i < sizeof(covey_path); i++) {
            covey_path one = a;
            covey_path other;
            one.connection = connection;
            other = one;
            ((uint8_t *)&other)[i] ^= 2u;
            const covey_peer peer = covey_peer_of(&one);
            const covey_path back = covey_peer_path(&peer);
            assert_true(covey_path_same_peer(&one, &back));
            assert_int_equal(covey_path_hash(&one, 5),
                             covey_path_hash(&back, 5));
            assert_int_equal(back.local.family, COVEY_FAMILY_NONE);
            assert_int_equal(covey_path_same_peer(&one, &other),
                             covey_peer_is(&peer, &other));
        }
    }
}

static void the_earlier_deadline(void **state)
{
    (void)state;
    assert_int_equal(covey_earlier(3, 4), 3);
    assert_int_equal(covey_earlier(4, 3), 3);
    assert_int_equal(covey_earlier(COVEY_NEVER, 4), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_takes_part),
        cmocka_unit_test(groups_are_told_by_their_first_byte),
        cmocka_unit_test(loopback_is_a_network_or_one_address),
        cmocka_unit_test(datagrams_have_an_address_for_a_peer),
        cmocka_unit_test(streams_have_a_connection_for_a_peer),
        cmocka_unit_test(ports_spread_over_chains),
        cmocka_unit_test(a_peer_alone_is_compared_like_its_path),
        cmocka_unit_test(the_earlier_deadline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
