/* SPDX-License-Identifier: BSD-2-Clause */
/* Compose, seal, open and assemble one by one, with something in between, as
 * SCHC does it; and what each half refuses. */
#include "fixture.h"

#include <stdlib.h>

#define GET_T   "40010001 b174 ff6869"
#define CONTENT "60450001 ff3231"

/* The other half's compression: every byte inverted. */
static void invert(uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        bytes[i] ^= 0xff;
    }
}

static void leaves_the_plaintext_to_others_in_between(void **state)
{
    struct buffers *b = buffers_new();
    const covey_coap_message m = buffers_message(b, GET_T);
    uint8_t storage[64];
    covey_writer plain = covey_writer_of(storage, sizeof storage);
    covey_oscore_exchange asked;
    covey_oscore_exchange heard;
    covey_oscore_received r;
    static struct wire w;
    struct pair p;

    (void)state;
    pair_open(&p);
    CHECK_STATUS(COVEY_OK, covey_oscore_compose(&plain, &m, &b->work));
    CHECK_HEX("01 b174 ff6869", covey_written(&plain));
    invert(storage, plain.pos);
    CHECK_STATUS(COVEY_OK, covey_oscore_seal_request(&p.client, &asked, &m,
                                                     covey_written(&plain),
                                                     &b->work, &b->out));
    w.len = b->out.pos;
    memcpy(w.bytes, b->output, w.len);
    wire_parse(&w);
    plain.pos = 0;
    assert_int_equal(
        covey_oscore_open_request(&p.server, &heard, &w.m, &plain, &r),
        COVEY_UNPROTECT_FRESH);
    assert_ptr_equal(r.plaintext.ptr, storage);
    invert(storage, r.plaintext.len);
    b->out.pos = 0;
    CHECK_STATUS(COVEY_OK, covey_oscore_assemble_request(
                               &heard, &w.m, r.plaintext, &b->work, &b->out));
    CHECK_HEX(GET_T, covey_written(&b->out));
    pair_close(&p);
}

/* A response with this plaintext comes to the client. */
static covey_unprotect respond(struct pair *p, struct buffers *b,
                               const char *plaintext, size_t room,
                               covey_oscore_received *r)
{
    static struct wire w;
    covey_oscore_exchange asked;
    covey_oscore_exchange heard;
    covey_oscore_exchange before;
    covey_unprotect result;
    covey_coap_message m;
    uint8_t plain[16];

    send_request(&w, &p->client, &asked, GET_T);
    assert_int_equal(take_request(b, &p->server, &heard, &w, r),
                     COVEY_UNPROTECT_FRESH);
    buffers_reset(b);
    m = buffers_message(b, CONTENT);
    CHECK_STATUS(COVEY_OK, covey_oscore_seal_response(
                               &p->server, &heard, &m,
                               kit_hex(plaintext, plain, sizeof plain),
                               &b->work, &b->out));
    w.len = b->out.pos;
    memcpy(w.bytes, b->output, w.len);
    wire_parse(&w);
    before = asked;
    b->out = covey_writer_of(b->output, room);
    result = covey_oscore_unprotect_response(&p->client, &asked, &w.m,
                                             &b->work, &b->out, r);
    if (result == COVEY_UNPROTECT_REFUSED) {
        assert_memory_equal(&before, &asked, sizeof before);
        assert_int_equal(b->out.pos, 0);
    }
    return result;
}

static void refuses_plaintexts_that_are_no_responses(void **state)
{
    static const struct {
        const char *why;
        const char *plaintext;
    } cases[] = {
        { "a request", "01" },
        { "Empty", "00" },
        { "a class that is not assigned", "c1" },
        { "an option cut off", "45 b2" },
    };
    struct buffers *b = buffers_new();
    covey_oscore_received r;
    struct pair p;

    (void)state;
    pair_open(&p);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        kit_case(cases[i].why);
        assert_int_equal(respond(&p, b, cases[i].plaintext, 64, &r),
                         COVEY_UNPROTECT_REFUSED);
        assert_int_equal(r.fault, COVEY_OSCORE_BAD_PLAINTEXT);
    }
    kit_case(NULL);
    assert_int_equal(respond(&p, b, "45", 3, &r), COVEY_UNPROTECT_REFUSED);
    assert_int_equal(r.fault, COVEY_OSCORE_OURS);
    CHECK_STATUS(COVEY_E_ROOM, r.status);
    assert_int_equal(respond(&p, b, "45", 64, &r), COVEY_UNPROTECT_FRESH);
    pair_close(&p);
}

static void seals_nothing_that_is_empty(void **state)
{
    const covey_bytes nothing = SPAN("");
    struct buffers *b = buffers_new();
    const covey_coap_message get = buffers_message(b, GET_T);
    covey_coap_message content = get;
    covey_oscore_exchange x;
    covey_oscore_context before;
    struct pair p;

    (void)state;
    pair_open(&p);
    content.code = 0x45;
    before = p.client;
    memset(&x, 0, sizeof x);
    CHECK_STATUS(COVEY_E_ARGUMENT,
                 covey_oscore_seal_request(&p.client, &x, &get, nothing,
                                           &b->work, &b->out));
    CHECK_STATUS(COVEY_E_ARGUMENT,
                 covey_oscore_seal_response(&p.client, &x, &content, nothing,
                                            &b->work, &b->out));
    assert_memory_equal(&before, &p.client, sizeof before);
    pair_close(&p);
}

/* Without a number of its own a response needs none to be stored. */
static void answers_without_storage_only_with_the_nonce_it_got(void **state)
{
    const covey_oscore_start fresh = { .window_in_memory = true };
    struct buffers *b = buffers_new();
    const covey_coap_message m = { .code = 0x44, .token = SPAN("") };
    covey_oscore_exchange asked;
    covey_oscore_exchange heard;
    covey_oscore_received r;
    static struct wire w;
    struct pair p;

    (void)state;
    pair_open_with(&p, &fresh, &fresh);
    pair_store(&p.client);
    send_request(&w, &p.client, &asked, GET_T);
    assert_int_equal(take_request(b, &p.server, &heard, &w, &r),
                     COVEY_UNPROTECT_FRESH);
    b->out.pos = 0;
    CHECK_STATUS(COVEY_OK, covey_oscore_protect_response(&p.server, &heard, &m,
                                                         &b->work, &b->out));
    CHECK_STATUS(COVEY_E_NOT_STORED,
                 covey_oscore_protect_response(&p.server, &heard, &m, &b->work,
                                               &b->out));
    pair_close(&p);
}

/* Section 4.3: a Ping with an option number that elsewhere is Uri-Host. */
static void protects_signalling(void **state)
{
    static const char ping[] = "40e20001 3161";
    struct buffers *b;
    covey_oscore_exchange asked;
    covey_oscore_exchange heard;
    covey_oscore_received r;
    static struct wire w;
    struct pair p;

    (void)state;
    pair_open(&p);
    send_request(&w, &p.client, &asked, ping);
    assert_int_equal(w.m.code, COVEY_COAP_CODE(0, 2));
    CHECK_HEX("920900", w.m.options);
    b = buffers_new();
    assert_int_equal(take_request(b, &p.server, &heard, &w, &r),
                     COVEY_UNPROTECT_FRESH);
    CHECK_HEX(ping, covey_written(&b->out));
    send_response(&w, &p.server, &heard, "40e30001 60", false);
    assert_int_equal(w.m.code, COVEY_COAP_CODE(2, 4));
    b = buffers_new();
    assert_int_equal(take_response(b, &p.client, &asked, &w, &r),
                     COVEY_UNPROTECT_FRESH);
    pair_close(&p);
}

/* Two copies of one response, both opened before either is assembled: only
 * the first becomes a message. */
static void a_response_opened_twice_is_assembled_once(void **state)
{
    uint8_t plain[2][64];
    struct pair p;
    struct buffers *b = buffers_new();
    struct wire *w = malloc(sizeof *w);
    covey_oscore_received received[2];
    covey_oscore_exchange client = { 0 };
    covey_oscore_exchange server = { 0 };

    (void)state;
    assert_non_null(w);
    pair_open(&p);
    send_request(w, &p.client, &client, "44015d1f00003974b474657374");
    assert_int_equal(take_request(b, &p.server, &server, w, &received[0]),
                     COVEY_UNPROTECT_FRESH);
    send_response(w, &p.server, &server, "64455d1f00003974ff6869", false);
    for (size_t i = 0; i < 2; i++) {
        covey_writer out = covey_writer_of(plain[i], sizeof plain[i]);
        assert_int_equal(covey_oscore_open_response(&p.client, &client, &w->m,
                                                    &out, &received[i]),
                         COVEY_UNPROTECT_FRESH);
    }
    for (size_t i = 0; i < 2; i++) {
        buffers_reset(b);
        assert_int_equal(
            covey_oscore_assemble_response(&client, &w->m, &received[i],
                                           &b->work, &b->out),
            i == 0 ? COVEY_UNPROTECT_FRESH : COVEY_UNPROTECT_REFUSED);
    }
    assert_int_equal(received[1].fault, COVEY_OSCORE_REPLAY);
    assert_int_equal(b->out.pos, 0);
    free(w);
    pair_close(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaves_the_plaintext_to_others_in_between),
        cmocka_unit_test(refuses_plaintexts_that_are_no_responses),
        cmocka_unit_test(seals_nothing_that_is_empty),
        cmocka_unit_test(answers_without_storage_only_with_the_nonce_it_got),
        cmocka_unit_test(protects_signalling),
        cmocka_unit_test(a_response_opened_twice_is_assembled_once),
    };

    return KIT_RUN(tests);
}
