/* SPDX-License-Identifier: BSD-2-Clause */
/* A connection of RFC 8323, byte by byte. Signals: e1 CSM, e2 Ping, e3 Pong,
 * e4 Release, e5 Abort. */
#include "kit.h"

#include <covey/exchange.h>

static const covey_signal_config config = { 1152, true, 5000 };
static uint8_t room[512];

/* A connection whose CSM has left and whose peer has sent an empty one. */
static covey_signal ready(void)
{
    covey_signal s;
    covey_writer w = covey_writer_of(room, sizeof room);
    covey_coap_message m;
    size_t used;

    covey_signal_init(&s, &config, 1000);
    assert_true(covey_signal_transmit(&s, &w));
    assert_int_equal(COVEY_SIGNAL_READY,
                     covey_signal_receive(&s, SPAN("\x00\xe1"), &used, &m));
    assert_int_equal(2, used);
    return s;
}

static covey_signal_verdict receive(covey_signal *s, const char *hex,
                                    size_t *used, covey_coap_message *m)
{
    static uint8_t in[256];

    return covey_signal_receive(s, kit_hex(hex, in, sizeof in), used, m);
}

static void sends(covey_signal *s, const char *hex)
{
    covey_writer w = covey_writer_of(room, sizeof room);

    assert_true(covey_signal_transmit(s, &w));
    CHECK_HEX(hex, covey_written(&w));
}

static void sends_nothing(covey_signal *s)
{
    covey_writer w = covey_writer_of(room, sizeof room);

    assert_false(covey_signal_transmit(s, &w));
    assert_int_equal(0, w.pos);
    CHECK_STATUS(COVEY_OK, w.failed);
}

static void begins_with_capabilities(void **state)
{
    covey_signal s;
    covey_signal_config plain = { 300, false, 1 };

    (void)state;
    covey_signal_init(&s, &config, 0);
    /* Max-Message-Size 1152, Block-Wise-Transfer, Extended-Token-Length 32 */
    sends(&s, "60e1 220480 20 2120");
    sends_nothing(&s);
    covey_signal_init(&s, &plain, 0);
    sends(&s, "50e1 22012c 4120");
    sends_nothing(&s);
}

static void learns_what_the_peer_can(void **state)
{
    covey_signal s;
    covey_coap_message m;
    size_t used;

    (void)state;
    covey_signal_init(&s, &config, 0);
    assert_int_equal(1152, covey_signal_peer_size(&s));
    assert_int_equal(8, covey_signal_peer_token(&s));
    /* 8 MiB, block-wise, tokens of 40 bytes, option 8 that nobody knows */
    assert_int_equal(COVEY_SIGNAL_READY,
                     receive(&s, "a0e1 23800000 20 2128 220102", &used, &m));
    assert_int_equal(12, used);
    assert_int_equal(0x800000, covey_signal_peer_size(&s));
    assert_int_equal(40, covey_signal_peer_token(&s));
    assert_true(covey_signal_peer_block_wise(&s));
    assert_true(covey_signal_peer_bert(&s));
    /* Later ones change what they name: size 1152, token 0 which means 8. */
    assert_int_equal(COVEY_SIGNAL_NOTHING,
                     receive(&s, "40e1 220480 40", &used, &m));
    assert_int_equal(1152, covey_signal_peer_size(&s));
    assert_int_equal(8, covey_signal_peer_token(&s));
    assert_true(covey_signal_peer_block_wise(&s));
    assert_false(covey_signal_peer_bert(&s));
    /* A length of five bytes is as if it were not there; tokens have an
     * end. */
    assert_int_equal(COVEY_SIGNAL_NOTHING,
                     receive(&s, "a0e1 250102030405 43ffffff", &used, &m));
    assert_int_equal(1152, covey_signal_peer_size(&s));
    assert_int_equal(COVEY_COAP_TOKEN_MAX, covey_signal_peer_token(&s));
}

static void passes_messages_on(void **state)
{
    covey_signal s = ready();
    covey_coap_message m;
    size_t used;

    (void)state;
    assert_int_equal(COVEY_SIGNAL_MESSAGE,
                     receive(&s, "21 01 7f b161 ffff", &used, &m));
    assert_int_equal(5, used);
    CHECK_SPAN(SPAN("\x7f"), m.token);
    assert_int_equal(COVEY_SIGNAL_MESSAGE, receive(&s, "0045", &used, &m));
    /* Empty messages and reserved classes are nothing to anybody. */
    assert_int_equal(COVEY_SIGNAL_NOTHING, receive(&s, "0000", &used, &m));
    assert_int_equal(2, used);
    assert_int_equal(COVEY_SIGNAL_NOTHING, receive(&s, "0020", &used, &m));
    assert_int_equal(COVEY_SIGNAL_NOTHING, receive(&s, "00c0", &used, &m));
    assert_int_equal(COVEY_SIGNAL_MORE, receive(&s, "", &used, &m));
    assert_int_equal(COVEY_SIGNAL_MORE, receive(&s, "21017fb1", &used, &m));
    assert_int_equal(0, used);
    sends_nothing(&s);
}

static void answers_pings_one_at_a_time(void **state)
{
    covey_signal s = ready();
    covey_coap_message m;
    size_t used;

    (void)state;
    assert_int_equal(COVEY_SIGNAL_NOTHING,
                     receive(&s, "02e2 abcd 02e2 1234", &used, &m));
    assert_int_equal(4, used);
    assert_int_equal(COVEY_SIGNAL_WAIT, receive(&s, "02e2 1234", &used, &m));
    assert_int_equal(0, used);
    sends(&s, "02e3 abcd");
    sends_nothing(&s);
}

static void promises_custody_of_what_is_worked_off(void **state)
{
    covey_signal s = ready();
    covey_coap_message m;
    size_t used;

    (void)state;
    assert_int_equal(COVEY_SIGNAL_NOTHING, receive(&s, "10e2 20", &used, &m));
    sends(&s, "10e3 20");
    /* Nobody has said what became of this one. */
    assert_int_equal(COVEY_SIGNAL_MESSAGE, receive(&s, "0001", &used, &m));
    assert_int_equal(COVEY_SIGNAL_NOTHING, receive(&s, "10e2 20", &used, &m));
    sends(&s, "00e3");
    covey_signal_processed(&s);
    assert_int_equal(COVEY_SIGNAL_NOTHING, receive(&s, "10e2 20", &used, &m));
    sends(&s, "10e3 20");
    /* Who does not ask is not told. */
    assert_int_equal(COVEY_SIGNAL_NOTHING, receive(&s, "00e2", &used, &m));
    sends(&s, "00e3");
    sends_nothing(&s);
}

static void pings_and_knows_its_pong(void **state)
{
    covey_signal s = ready();
    covey_coap_message m;
    size_t used;

    (void)state;
    covey_signal_ping(&s, 2000, 0x01020304);
    covey_signal_ping(&s, 2500, 9); /* one at a time */
    assert_int_equal(7000, covey_signal_deadline(&s));
    sends(&s, "04e2 01020304");
    sends_nothing(&s);
    assert_int_equal(COVEY_SIGNAL_NOTHING,
                     receive(&s, "04e3 01020305", &used, &m));
    assert_int_equal(COVEY_SIGNAL_PONGED,
                     receive(&s, "14e3 01020304 20", &used, &m));
    assert_int_equal(1, m.options.len);
    assert_true(covey_signal_deadline(&s) == COVEY_NEVER);
    assert_int_equal(COVEY_SIGNAL_NOTHING,
                     receive(&s, "04e3 01020304", &used, &m));
    covey_signal_expire(&s, COVEY_NEVER - 1);
    assert_int_equal(COVEY_SIGNAL_OPEN, covey_signal_ended(&s));
}

static void knows_a_pong_without_a_token(void **state)
{
    covey_signal s = ready();
    covey_coap_message m;
    size_t used;

    (void)state;
    assert_int_equal(COVEY_SIGNAL_NOTHING, receive(&s, "00e3", &used, &m));
    covey_signal_ping(&s, 2000, 7);
    sends(&s, "04e2 00000007");
    assert_int_equal(COVEY_SIGNAL_PONGED, receive(&s, "00e3", &used, &m));
    assert_int_equal(COVEY_SIGNAL_NOTHING, receive(&s, "00e3", &used, &m));
    assert_true(covey_signal_deadline(&s) == COVEY_NEVER);
}

static void releases(void **state)
{
    covey_signal s = ready();
    covey_coap_message m;
    size_t used;
    static const uint8_t address[256] = { 'x' };

    (void)state;
    CHECK_STATUS(COVEY_E_ARGUMENT, covey_signal_release(&s, 0, SPAN("")));
    CHECK_STATUS(COVEY_E_ARGUMENT,
                 covey_signal_release(&s, 0, covey_bytes_of(address, 256)));
    CHECK_STATUS(COVEY_E_ARGUMENT,
                 covey_signal_release(&s, 0x1000000, covey_bytes_of(NULL, 0)));
    sends_nothing(&s);
    CHECK_STATUS(COVEY_OK, covey_signal_release(&s, 60, SPAN("a:1")));
    sends(&s, "60e4 23613a31 213c");
    CHECK_STATUS(COVEY_OK,
                 covey_signal_release(&s, 0, covey_bytes_of(NULL, 0)));
    sends(&s, "00e4");
    CHECK_STATUS(COVEY_OK,
                 covey_signal_release(&s, 0, covey_bytes_of(address, 255)));
    assert_true(covey_signal_transmit(
        &s, &(covey_writer){ room, COVEY_SIGNAL_ROOM, 0, COVEY_OK }));
    assert_int_equal(COVEY_SIGNAL_RELEASED,
                     receive(&s, "20e4 4105", &used, &m));
    assert_int_equal(2, m.options.len);
}

static void aborts_and_says_why(void **state)
{
    static const struct {
        const char *why;
        const char *hex;
        bool csm;
        covey_signal_end end;
    } cases[] = {
        { "request before the CSM", "0001", false, COVEY_SIGNAL_END_NO_CSM },
        { "Ping before the CSM", "00e2", false, COVEY_SIGNAL_END_NO_CSM },
        { "critical option in CSM", "10e1 30", false,
          COVEY_SIGNAL_END_OPTION },
        { "critical option in Ping", "10e2 10", true,
          COVEY_SIGNAL_END_OPTION },
        { "critical option in Release", "10e4 30", true,
          COVEY_SIGNAL_END_OPTION },
        { "signal 7.00", "00e0", true, COVEY_SIGNAL_END_CODE },
        { "signal 7.06", "00e6", true, COVEY_SIGNAL_END_CODE },
        { "signal 7.31", "00ff", true, COVEY_SIGNAL_END_CODE },
        { "TKL 15", "0f01", true, COVEY_SIGNAL_END_FORMAT },
        { "option length 15", "1001 0f", true, COVEY_SIGNAL_END_FORMAT },
        { "marker without payload", "1001 ff", true, COVEY_SIGNAL_END_FORMAT },
        { "Empty with a token", "0100 61", true, COVEY_SIGNAL_END_FORMAT },
        /* 1 + 2 + 1 + 1149 = 1153, of which only the head has come */
        { "one byte too long", "e0 0370 01", true,
          COVEY_SIGNAL_END_TOO_LARGE },
        { "4 GiB", "f0 ffffffff 01", true, COVEY_SIGNAL_END_TOO_LARGE },
        { "too long before the CSM", "f0 00000000 e1", false,
          COVEY_SIGNAL_END_TOO_LARGE },
        { "token of 65804 bytes", "0e 01 ffff", true,
          COVEY_SIGNAL_END_TOO_LARGE },
        { "Ping with a token of 33 bytes",
          "0d e2 14 000000000000000000000000000000000000000000000000000000"
          "000000000000",
          true, COVEY_SIGNAL_END_TOKEN },
    };
    covey_coap_message m;
    covey_coap_message said;
    size_t used;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        covey_signal s = ready();
        covey_writer w = covey_writer_of(room, sizeof room);
        kit_case(cases[i].why);
        if (!cases[i].csm) {
            covey_signal_init(&s, &config, 0);
        }
        covey_signal_ping(&s, 1, 1);
        assert_int_equal(COVEY_SIGNAL_CLOSED,
                         receive(&s, cases[i].hex, &used, &m));
        assert_int_equal(cases[i].end, covey_signal_ended(&s));
        assert_true(covey_signal_deadline(&s) == COVEY_NEVER);
        if (!cases[i].csm) {
            assert_true(covey_signal_transmit(&s, &w)); /* our CSM first */
            w.pos = 0;
        }
        assert_true(covey_signal_transmit(&s, &w));
        CHECK_STATUS(COVEY_OK,
                     covey_coap_parse_stream(&said, covey_written(&w), &used));
        assert_int_equal(COVEY_SIGNAL_ABORT, said.code);
        assert_true(said.payload.len > 5);
        sends_nothing(&s);
        assert_int_equal(COVEY_SIGNAL_CLOSED, receive(&s, "0001", &used, &m));
        CHECK_STATUS(COVEY_OK,
                     covey_signal_release(&s, 1, covey_bytes_of(NULL, 0)));
        covey_signal_ping(&s, 1, 1);
        sends_nothing(&s);
    }
    kit_case(NULL);
}

static void names_the_bad_option(void **state)
{
    covey_signal s = ready();
    covey_coap_message m;
    size_t used;

    (void)state;
    assert_int_equal(COVEY_SIGNAL_CLOSED, receive(&s, "10e1 50", &used, &m));
    sends(&s, "d00de5 2105 ff 756e6b6e6f776e20637269746963616c206f7074696f6e");
}

static void accepts_the_largest_message(void **state)
{
    static uint8_t big[1152] = { 0xe0, 0x03, 0x6f, 0x01, 0xff };
    covey_signal s = ready();
    covey_coap_message m;
    size_t used;

    (void)state;
    assert_int_equal(
        COVEY_SIGNAL_MORE,
        covey_signal_receive(&s, covey_bytes_of(big, 1151), &used, &m));
    assert_int_equal(
        COVEY_SIGNAL_MESSAGE,
        covey_signal_receive(&s, covey_bytes_of(big, 1152), &used, &m));
    assert_int_equal(1152, used);
}

static void an_abort_is_not_answered(void **state)
{
    covey_signal s = ready();
    covey_coap_message m;
    size_t used;

    (void)state;
    assert_int_equal(COVEY_SIGNAL_CLOSED, receive(&s, "00e5", &used, &m));
    assert_int_equal(COVEY_SIGNAL_END_PEER, covey_signal_ended(&s));
    sends_nothing(&s);
    covey_signal_init(&s, &config, 0);
    assert_int_equal(COVEY_SIGNAL_CLOSED, receive(&s, "00e5", &used, &m));
    assert_int_equal(COVEY_SIGNAL_END_PEER, covey_signal_ended(&s));
}

static void does_not_wait_for_ever(void **state)
{
    covey_signal s;

    (void)state;
    covey_signal_init(&s, &config, 1000);
    assert_int_equal(6000, covey_signal_deadline(&s));
    covey_signal_ping(&s, 1000, 1); /* nothing before the peer's CSM */
    covey_signal_expire(&s, 5999);
    assert_int_equal(COVEY_SIGNAL_OPEN, covey_signal_ended(&s));
    covey_signal_expire(&s, 6000);
    assert_int_equal(COVEY_SIGNAL_END_NO_CSM, covey_signal_ended(&s));
    s = ready();
    covey_signal_ping(&s, 7000, 1);
    covey_signal_expire(&s, 12000);
    assert_int_equal(COVEY_SIGNAL_END_SILENT, covey_signal_ended(&s));
    sends(&s, "80e5 ff 6e6f20506f6e67");
}

static void keeps_what_finds_no_room(void **state)
{
    covey_signal s;
    covey_writer w = covey_writer_of(room, 7);

    (void)state;
    covey_signal_init(&s, &config, 0);
    assert_false(covey_signal_transmit(&s, &w));
    CHECK_STATUS(COVEY_E_ROOM, w.failed);
    assert_int_equal(0, w.pos);
    sends(&s, "60e1 220480 20 2120");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(begins_with_capabilities),
        cmocka_unit_test(learns_what_the_peer_can),
        cmocka_unit_test(passes_messages_on),
        cmocka_unit_test(answers_pings_one_at_a_time),
        cmocka_unit_test(promises_custody_of_what_is_worked_off),
        cmocka_unit_test(pings_and_knows_its_pong),
        cmocka_unit_test(knows_a_pong_without_a_token),
        cmocka_unit_test(releases),
        cmocka_unit_test(aborts_and_says_why),
        cmocka_unit_test(names_the_bad_option),
        cmocka_unit_test(accepts_the_largest_message),
        cmocka_unit_test(an_abort_is_not_answered),
        cmocka_unit_test(does_not_wait_for_ever),
        cmocka_unit_test(keeps_what_finds_no_room),
    };

    return KIT_RUN(tests);
}
