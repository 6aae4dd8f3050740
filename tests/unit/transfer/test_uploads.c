/* SPDX-License-Identifier: BSD-2-Clause */
/* Bodies of several clients at once, and what keeps them apart. */
#include "kit.h"

#include <covey/transfer.h>

static covey_upload_row rows[2];
static uint8_t storage[2 * 64];
static covey_uploads uploads;
static covey_upload got;

static void init(void)
{
    memset(rows, 0, sizeof rows);
    uploads = (covey_uploads){ rows, storage, 2, 64, 1000, 2, 5 };
}

static covey_path peer(uint8_t n)
{
    covey_path p;

    memset(&p, 0, sizeof p);
    p.peer.family = COVEY_FAMILY_IPV4;
    p.peer.ip[3] = n;
    return p;
}

/* A PUT with these options and `len` bytes of payload, all `fill`. */
static uint8_t put(covey_ms now, uint8_t from, const char *options, int fill,
                   size_t len)
{
    static uint8_t room[32];
    static uint8_t payload[128];
    covey_coap_message m = { 0 };
    covey_path path = peer(from);

    memset(payload, fill, sizeof payload);
    m.code = 3;
    m.options = kit_hex(options, room, sizeof room);
    m.payload = covey_bytes_of(payload, len);
    return covey_uploads_receive(&uploads, now, &path, 0, &m, &got);
}

/* Block1 0/1/16, 1/1/16, 1/0/16 behind Uri-Path "a". */
#define FIRST  "b161 d10308"
#define SECOND "b161 d10318"
#define LAST   "b161 d10310"

static void puts_bodies_together(void **state)
{
    (void)state;
    init();
    assert_int_equal(0, put(0, 1, "b161", 'x', 3));
    assert_false(got.has_block1);
    CHECK_SPAN(SPAN("xxx"), got.body);
    assert_int_equal(0x5f, put(0, 1, FIRST, 'a', 16));
    assert_true(got.has_block1 && got.block1.more && got.block1.num == 0);
    assert_int_equal(0x5f, put(0, 2, FIRST, 'b', 16));
    assert_int_equal(0, put(0, 1, LAST, 'a', 4));
    CHECK_SPAN(SPAN("aaaaaaaaaaaaaaaaaaaa"), got.body);
    assert_true(got.has_block1 && !got.block1.more);
    assert_int_equal(0, put(0, 2, LAST, 'b', 4));
    CHECK_SPAN(SPAN("bbbbbbbbbbbbbbbbbbbb"), got.body);
    assert_int_equal(0x88, put(0, 2, LAST, 'b', 4)); /* it is over */
}

static void keeps_apart_what_is_not_one_request(void **state)
{
    static const char *const others[] = {
        "b162 d10310",        /* another path */
        "b161 4178 c110",     /* with a query */
        "b161 d10310 d0fc",   /* Request-Tag, empty */
        "b161 d10310 d1fc01", /* Request-Tag 01 */
        "920900 2161 d10310", /* protected: another message for each PIV */
    };
    covey_path path = peer(1);
    covey_coap_message m = { 0 };
    uint8_t room[16];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        kit_case(others[i]);
        init();
        assert_int_equal(0x5f, put(0, 1, FIRST, 'a', 16));
        assert_int_equal(0x88, put(0, 1, others[i], 'a', 4));
    }
    kit_case(NULL);
    init();
    assert_int_equal(0x5f, put(0, 1, FIRST, 'a', 16));
    m.code = 3;
    m.options = kit_hex(LAST, room, sizeof room);
    assert_int_equal(0x88, covey_uploads_receive(&uploads, 0, &path, 1, &m,
                                                 &got)); /* scope */
    m.code = 2;
    assert_int_equal(0x88, covey_uploads_receive(&uploads, 0, &path, 0, &m,
                                                 &got)); /* method */
    path = peer(2);
    m.code = 3;
    assert_int_equal(0x88, covey_uploads_receive(&uploads, 0, &path, 0, &m,
                                                 &got)); /* peer */
    /* Size1 and Echo do not matter. */
    assert_int_equal(0, put(0, 1, "b161 d10310 d11414 d1b301", 'a', 4));
}

static void refuses_and_says_why(void **state)
{
    covey_path group = peer(1);
    covey_coap_message m = { 0 };
    uint8_t room[16];

    (void)state;
    init();
    assert_int_equal(0x88, put(0, 1, SECOND, 'a', 16));
    assert_int_equal(0x80, put(0, 1, FIRST, 'a', 15));
    assert_int_equal(0x5f, put(0, 1, FIRST, 'a', 16));
    assert_int_equal(0x5f, put(0, 1, SECOND, 'a', 16));
    assert_int_equal(0x5f, put(0, 1, SECOND, 'a', 16)); /* once more */
    assert_int_equal(0x88, put(0, 1, SECOND, 'b', 16)); /* not the same */
    assert_int_equal(0x88, put(0, 1, "b161 d10338", 'a', 16));
    assert_int_equal(0x80, put(0, 1, "b161 d1030f", 'a', 64)); /* BERT */
    assert_int_equal(0x8d, put(0, 1, "b161 d1030b", 'a', 128));
    assert_int_equal(64, got.size1);
    assert_int_equal(2, got.block1.szx); /* and what size would do */
    group.group = true;
    m.options = kit_hex(FIRST, room, sizeof room);
    assert_int_equal(0xa3,
                     covey_uploads_receive(&uploads, 0, &group, 0, &m, &got));
}

static void rows_are_given_to_others_when_they_expire(void **state)
{
    (void)state;
    init();
    assert_int_equal(0x5f, put(0, 1, FIRST, 'a', 16));
    assert_int_equal(0x5f, put(500, 2, FIRST, 'b', 16));
    assert_int_equal(0xa3, put(1000, 3, FIRST, 'c', 16));
    assert_int_equal(0x5f, put(1001, 3, FIRST, 'c', 16));
    assert_int_equal(0x88, put(1001, 1, LAST, 'a', 4));
    assert_int_equal(0x5f, put(1001, 2, SECOND, 'b', 16));
    /* One's own oldest goes before others' do. */
    assert_int_equal(0x5f, put(1001, 3, "b162 d10308", 'd', 16));
    assert_int_equal(0x88, put(1001, 3, LAST, 'c', 4));
    assert_int_equal(0, put(2001, 2, "b161 d10320", 'b', 4));
    assert_int_equal(36, got.body.len);
    /* Nothing is served by a row whose time is over. */
    assert_int_equal(0x88, put(2002, 3, "b162 d10310", 'd', 4));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(puts_bodies_together),
        cmocka_unit_test(keeps_apart_what_is_not_one_request),
        cmocka_unit_test(refuses_and_says_why),
        cmocka_unit_test(rows_are_given_to_others_when_they_expire),
    };

    return KIT_RUN(tests);
}
