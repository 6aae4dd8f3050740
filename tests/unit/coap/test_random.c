/* SPDX-License-Identifier: BSD-2-Clause */
/* Random messages: what is composed is parsed, prefixes and mutations are
 * judged as the naive model judges them. */
#include <covey/coap.h>

#include "kit.h"
#include "model.h"

#include <stdlib.h>

#define ROUNDS 3000

static uint8_t room[300000];
static uint8_t filler[70000];

/* Numbers near the bounds of the length codes are as likely as others. */
static uint32_t pick(kit_random *r, uint32_t max)
{
    static const uint32_t bounds[] = { 0, 1, 8, 12, 13, 14, 268, 269, 270 };
    uint32_t v = kit_next(r) % 3 == 0 ? bounds[kit_next(r) % COUNT_OF(bounds)]
                                      : kit_next(r) % 20;

    if (kit_next(r) % 200 == 0) {
        v = kit_next(r) % (max + 1);
    }
    return v <= max ? v : max;
}

static covey_bytes some(kit_random *r, uint32_t max)
{
    uint32_t len = pick(r, max);

    return covey_bytes_of(filler + kit_next(r) % 1000, len);
}

struct option {
    uint16_t number;
    covey_bytes value;
};

struct message {
    covey_coap_message head;
    struct option option[12];
    size_t count;
    covey_bytes payload;
};

static void invent(struct message *m, kit_random *r)
{
    uint32_t number = 0;

    memset(m, 0, sizeof *m);
    m->head.type = (covey_coap_type)(kit_next(r) % 4);
    m->head.code = (uint8_t)(1 + kit_next(r) % 255);
    m->head.message_id = (uint16_t)kit_next(r);
    m->head.token = some(r, COVEY_COAP_TOKEN_MAX);
    m->count = kit_next(r) % COUNT_OF(m->option);
    for (size_t i = 0; i < m->count; i++) {
        number += pick(r, COVEY_COAP_OPTION_NUMBER_MAX - number);
        m->option[i].number = (uint16_t)number;
        m->option[i].value = some(r, 2000);
    }
    if (kit_next(r) % 2) {
        m->payload = some(r, 2000);
        if (m->payload.len == 0) {
            m->payload = covey_bytes_of(NULL, 0);
        }
    }
}

static covey_bytes compose(const struct message *m, char framing)
{
    covey_writer w = covey_writer_of(room, sizeof room);
    covey_coap_composer c =
        framing == 's'   ? covey_coap_compose_stream(&w, &m->head)
        : framing == 'i' ? covey_coap_compose_inner(&w, m->head.code)
                         : covey_coap_compose(&w, &m->head);

    for (size_t i = 0; i < m->count; i++) {
        covey_coap_put_option(&c, m->option[i].number, m->option[i].value);
    }
    covey_coap_put_payload(&c, m->payload);
    CHECK_STATUS(COVEY_OK, covey_coap_finish(&c));
    return covey_written(&w);
}

static void compare(const struct message *want, const covey_coap_message *got)
{
    covey_coap_option_iter it = covey_coap_options_of(got);
    covey_coap_option o;

    assert_int_equal(want->head.code, got->code);
    for (size_t i = 0; i < want->count; i++) {
        assert_true(covey_coap_option_next(&it, &o));
        assert_int_equal(want->option[i].number, o.number);
        CHECK_SPAN(want->option[i].value, o.value);
    }
    assert_false(covey_coap_option_next(&it, &o));
    CHECK_SPAN(want->payload, got->payload);
}

static void what_is_composed_is_parsed(void **state)
{
    kit_random r = { 1 };
    struct message m;

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        covey_coap_message got;
        size_t used;
        invent(&m, &r);

        covey_bytes b = compose(&m, 'd');
        CHECK_STATUS(COVEY_OK, covey_coap_parse(&got, b));
        assert_int_equal(m.head.type, got.type);
        assert_int_equal(m.head.message_id, got.message_id);
        CHECK_SPAN(m.head.token, got.token);
        compare(&m, &got);

        b = compose(&m, 'i');
        CHECK_STATUS(COVEY_OK, covey_coap_parse_inner(&got, b));
        compare(&m, &got);

        b = compose(&m, 's');
        CHECK_STATUS(COVEY_OK, covey_coap_parse_stream(&got, b, &used));
        assert_int_equal(b.len, used);
        CHECK_SPAN(m.head.token, got.token);
        compare(&m, &got);
    }
}

/* The parser's verdict on exactly these bytes, copied so that a sanitizer
 * sees a step beyond them, is the model's. */
static void judge(const uint8_t *b, size_t n)
{
    uint8_t *copy = malloc(n + 1);
    struct model want;
    covey_coap_message m;

    assert_non_null(copy);
    memcpy(copy + 1, b, n);
    CHECK_STATUS(model_datagram(&want, copy + 1, (long)n),
                 covey_coap_parse(&m, covey_bytes_of(copy + 1, n)));
    free(copy);
}

static void every_prefix_is_judged_alike(void **state)
{
    kit_random r = { 2 };
    struct message m;

    (void)state;
    for (int round = 0; round < 300; round++) {
        invent(&m, &r);
        covey_bytes b = compose(&m, 'd');
        for (size_t n = 0; n <= b.len && n < 3000; n++) {
            judge(b.ptr, n);
        }
    }
}

static void mutations_are_judged_alike(void **state)
{
    kit_random r = { 3 };
    struct message m;

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        invent(&m, &r);
        covey_bytes b = compose(&m, 'd');
        for (int i = 0; i < 8; i++) {
            /* Mostly the front, where the structure is. */
            size_t at = kit_next(&r) % (b.len < 40 ? b.len : 40);
            room[at] = (uint8_t)kit_next(&r);
            judge(b.ptr, b.len);
        }
    }
}

static void noise_is_judged_alike(void **state)
{
    kit_random r = { 4 };
    uint8_t b[40];

    (void)state;
    for (int round = 0; round < 200000; round++) {
        size_t n = 4 + kit_next(&r) % (sizeof b - 3);
        for (size_t i = 0; i < n; i++) {
            b[i] = (uint8_t)(kit_next(&r) >> (kit_next(&r) % 8));
        }
        b[0] = (uint8_t)(0x40 | (b[0] & 0x3f));
        judge(b, n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_composed_is_parsed),
        cmocka_unit_test(every_prefix_is_judged_alike),
        cmocka_unit_test(mutations_are_judged_alike),
        cmocka_unit_test(noise_is_judged_alike),
    };
    for (size_t i = 0; i < sizeof filler; i++) {
        filler[i] = (uint8_t)(i * 7);
    }
    return KIT_RUN(tests);
}
