/* SPDX-License-Identifier: BSD-2-Clause */
/* Power may be lost between any two steps: over a million random operations
 * no nonce is used twice and no request is acted upon twice, nor once if it
 * was answered with a challenge (RFC 8613 Section 7.5, Appendix B.1). Who is
 * honest goes on after one challenge, however much was reserved. The provider
 * shows the nonces that it is given. */
#include "fake.h"

#define OPERATIONS  1000000u
#define NUMBERS_MAX 4000000u

/* What an endpoint has: a context, and a store that survives. */
struct endpoint {
    struct fake fake;
    covey_oscore_context context;
    covey_oscore_state store;
    uint8_t *used;     /* a bit for each number that was sealed with */
    uint8_t *acted_on; /* a bit for each request that was acted upon */
    uint32_t newest;   /* the peer's highest number so far */
    unsigned long sent;
    unsigned long delivered;
    unsigned long recovered;
    unsigned long crashes;
    uint32_t ahead;
};

static bool test_and_set(uint8_t *bits, uint64_t n)
{
    const uint8_t bit = (uint8_t)(1u << n % 8);
    bool was;

    assert_true(n < NUMBERS_MAX);
    was = (bits[n / 8] & bit) != 0;
    bits[n / 8] |= bit;
    return was;
}

static void boot(struct endpoint *e)
{
    const covey_oscore_parameters p = {
        .aead = COVEY_AES_CCM_16_64_128,
        .hkdf = COVEY_HMAC_256_256,
        .master_secret = SPAN("secret"),
        .sender_id = SPAN("s"),
        .recipient_id = SPAN("c"),
    };
    const covey_oscore_start start = { .state = e->store, .ahead = e->ahead };

    e->fake.fail_at = -1;
    CHECK_STATUS(COVEY_OK,
                 covey_oscore_setup(&e->context, &e->fake.crypto, &p, &start));
}

static void crash(struct endpoint *e)
{
    covey_oscore_drop(&e->context);
    e->crashes++;
    boot(e);
}

/* Power fails before, or after the write, or not at all; true if it did. */
static bool store(struct endpoint *e, kit_random *random)
{
    covey_oscore_state next;
    const uint32_t r = kit_next(random) % 64;

    if (!covey_oscore_due(&e->context, &next)) {
        return false;
    }
    if (r == 0) {
        crash(e);
        return true;
    }
    e->store = next;
    if (r == 1) {
        crash(e);
        return true;
    }
    CHECK_STATUS(COVEY_OK, covey_oscore_stored(&e->context, &next));
    return false;
}

static void send_message(struct endpoint *e, kit_random *random)
{
    const covey_coap_message m = { .code = 1, .token = SPAN("") };
    uint8_t storage[64];
    covey_writer out = covey_writer_of(storage, sizeof storage);
    const covey_oscore_work work = { .inner = NULL };
    covey_oscore_exchange x;
    covey_status st;
    uint64_t number = 0;
    const int calls = e->fake.calls;

    e->fake.fail_at = kit_next(random) % 32 == 0 ? calls : -1;
    st = covey_oscore_seal_request(&e->context, &x, &m, SPAN("\x01"), &work,
                                   &out);
    if (e->fake.calls == calls) {
        CHECK_STATUS(COVEY_E_NOT_STORED, st);
        (void)store(e, random);
        return;
    }
    /* With a Common IV of zeros the number stands at the nonce's end. */
    for (size_t i = 8; i < COVEY_NONCE_MAX; i++) {
        number = number << 8 | e->fake.nonce[i];
    }
    assert_false(test_and_set(e->used, number));
    e->sent++;
}

static void receive_message(struct endpoint *e, kit_random *random)
{
    const uint32_t r = kit_next(random);
    uint8_t value[8] = { 0x0b, 0, 0, 0, 'c' };
    uint8_t options[6] = { 0x95 };
    const covey_coap_message m = {
        .code = 2,
        .token = SPAN(""),
        .options = { options, sizeof options },
        .payload = SPAN("\x01\0\0\0\0\0\0\0\0"),
    };
    uint8_t scratch[16];
    covey_writer plain = covey_writer_of(scratch, sizeof scratch);
    covey_oscore_exchange x;
    covey_oscore_received received;
    covey_unprotect result;
    /* New ones, replays old and young; three bytes are the shortest form of
     * all numbers here. */
    uint32_t number = 0x10000u + e->newest;

    if (r % 2 == 0) {
        number -= (r >> 4) % 100 < e->newest ? (r >> 4) % 100 : 0;
    } else {
        e->newest += 1 + (r >> 4) % 3;
        number = 0x10000u + e->newest;
    }
    value[1] = (uint8_t)(number >> 16);
    value[2] = (uint8_t)(number >> 8);
    value[3] = (uint8_t)number;
    memcpy(options + 1, value, 5);
    e->fake.fail_at = -1;
    result = covey_oscore_open_request(&e->context, &x, &m, &plain, &received);
    if (result == COVEY_UNPROTECT_REFUSED) {
        assert_int_equal(received.fault, COVEY_OSCORE_REPLAY);
        return;
    }
    if (result == COVEY_UNPROTECT_MAYBE_REPLAY) {
        /* Only what is new can bring back an Echo value. */
        if (r % 2 == 0 || r % 16 < 8) {
            (void)test_and_set(e->acted_on, number);
            return;
        }
        result = covey_oscore_recover(&e->context, &received);
        assert_int_not_equal(result, COVEY_UNPROTECT_REFUSED);
        e->recovered++;
    }
    if (result == COVEY_UNPROTECT_FRESH_ONCE_STORED && store(e, random)) {
        return; /* lost with the power, never acted upon */
    }
    assert_false(test_and_set(e->acted_on, number));
    e->delivered++;
}

static void survive(uint32_t operations, uint32_t ahead, uint64_t seed)
{
    static uint8_t used[NUMBERS_MAX / 8];
    static uint8_t acted_on[NUMBERS_MAX / 8];
    static struct endpoint e;
    kit_random random = { seed };

    memset(used, 0, sizeof used);
    memset(acted_on, 0, sizeof acted_on);
    memset(&e, 0, sizeof e);
    fake_open(&e.fake);
    e.used = used;
    e.acted_on = acted_on;
    e.ahead = ahead;
    boot(&e);
    for (uint32_t i = 0; i < operations; i++) {
        const uint32_t r = kit_next(&random) % 256;
        if (r == 0) {
            crash(&e);
        } else if (r < 16) {
            (void)store(&e, &random);
        } else if (r < 136) {
            send_message(&e, &random);
        } else {
            receive_message(&e, &random);
        }
    }
    covey_oscore_drop(&e.context);
    assert_int_equal(e.fake.keys, 0);
    /* That it was not all refusals. */
    assert_true(e.sent > operations / 4 && e.delivered > operations / 8);
    assert_true(e.crashes > operations / 400);
    assert_true(e.recovered > e.crashes / 4);
}

static void survives_a_million_operations(void **state)
{
    (void)state;
    survive(OPERATIONS, 16, 8613);
}

static void survives_with_a_large_reserve(void **state)
{
    (void)state;
    survive(OPERATIONS / 8, 4096, 65536);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(survives_a_million_operations),
        cmocka_unit_test(survives_with_a_large_reserve),
    };

    return KIT_RUN(tests);
}
