/* SPDX-License-Identifier: BSD-2-Clause */
/* OSCORE on the processor itself, with the provider of the tests: what one end
 * protects comes out at the other, and nothing else does. Ends with the depth
 * of the stack, provider included, which docs/performance.md quotes. */
#include "runner.h"

#include <covey/oscore.h>
#include <crypto/scripted/scripted.h>

#include <string.h>

#define SPAN(literal)                                                         \
    covey_bytes_of((const uint8_t *)(literal), sizeof(literal) - 1)

enum {
    ROOM = 160
};

/* PUT with Uri-Host and Uri-Path, and a response with Content-Format. */
static const uint8_t request[] = "\x42\x03\x00\x01\xab\xcd\x34host"
                                 "\x85light\x02on\xff{\"on\": true}";
static const uint8_t response[] = "\x62\x44\x00\x01\xab\xcd\xc1\x32\xff{}";

static covey_oscore_context client;
static covey_oscore_context server;
static covey_oscore_exchange asked;
static covey_oscore_exchange heard;
static uint8_t scratch[ROOM];
static const covey_oscore_work work = { .scratch = scratch,
                                        .scratch_cap = ROOM };

/* One call, run by run_stack_of: from here, to there. */
static covey_oscore_context *own;
static covey_oscore_exchange *exchange;
static covey_coap_message message;
static uint8_t output[ROOM];
static covey_writer out;
static covey_oscore_received received;
static covey_status status;
static covey_unprotect result;

static void setup_one(void)
{
    const bool is_client = own == &client;
    const covey_oscore_parameters p = {
        .aead = COVEY_AES_CCM_16_64_128,
        .hkdf = COVEY_HMAC_256_256,
        .master_secret = SPAN("0123456789abcdef"),
        .master_salt = SPAN("salt"),
        .sender_id = is_client ? SPAN("c") : SPAN("s"),
        .recipient_id = is_client ? SPAN("s") : SPAN("c"),
    };
    const covey_oscore_start start = { .window_in_memory = true };

    status = covey_oscore_setup(own, &covey_toy, &p, &start);
}

static void protect_request(void)
{
    status =
        covey_oscore_protect_request(own, exchange, &message, &work, &out);
}

static void protect_response(void)
{
    status =
        covey_oscore_protect_response(own, exchange, &message, &work, &out);
}

static void unprotect_request(void)
{
    result = covey_oscore_unprotect_request(own, exchange, &message, &work,
                                            &out, &received);
}

static void unprotect_response(void)
{
    result = covey_oscore_unprotect_response(own, exchange, &message, &work,
                                             &out, &received);
}

/* The deepest of its kind so far. */
struct depth {
    uint32_t setup;
    uint32_t protect;
    uint32_t unprotect;
};

static void run(void (*call)(void), uint32_t *deepest)
{
    uint32_t used;

    out = covey_writer_of(output, sizeof output);
    used = run_stack_of(call);
    *deepest = used > *deepest ? used : *deepest;
}

static void set_up(struct depth *d)
{
    covey_oscore_state next;

    run_case("setup");
    own = &client;
    run(setup_one, &d->setup);
    CHECK(status == COVEY_OK);
    own = &server;
    run(setup_one, &d->setup);
    CHECK(status == COVEY_OK);
    CHECK(covey_oscore_due(&client, &next));
    CHECK(covey_oscore_stored(&client, &next) == COVEY_OK);
}

static void parse(covey_bytes bytes)
{
    CHECK(covey_coap_parse(&message, bytes) == COVEY_OK);
}

/* Every byte of the ciphertext changed: nothing comes out of it. */
static void refuses_changes(uint8_t *wire, size_t len)
{
    const size_t begin = len - message.payload.len;

    for (size_t i = begin; i < len; i++) {
        wire[i] ^= 1;
        out = covey_writer_of(output, sizeof output);
        unprotect_request();
        CHECK(result == COVEY_UNPROTECT_REFUSED);
        CHECK(received.fault == COVEY_OSCORE_NOT_DECRYPTED && out.pos == 0);
        wire[i] ^= 1;
    }
}

static void sends_the_request(uint8_t *wire, struct depth *d)
{
    covey_bytes sent = covey_bytes_of(request, sizeof request - 1);
    size_t len;

    run_case("request");
    own = &client;
    exchange = &asked;
    parse(sent);
    run(protect_request, &d->protect);
    CHECK(status == COVEY_OK);
    len = out.pos;
    memcpy(wire, output, len);

    own = &server;
    exchange = &heard;
    parse(covey_bytes_of(wire, len));
    refuses_changes(wire, len);
    run(unprotect_request, &d->unprotect);
    CHECK(result == COVEY_UNPROTECT_FRESH);
    CHECK(covey_bytes_equal(covey_written(&out), sent));
    run(unprotect_request, &d->unprotect);
    CHECK(result == COVEY_UNPROTECT_REFUSED);
    CHECK(received.fault == COVEY_OSCORE_REPLAY);
}

static void sends_the_response(uint8_t *wire, struct depth *d)
{
    covey_bytes sent = covey_bytes_of(response, sizeof response - 1);
    size_t len;

    run_case("response");
    own = &server;
    exchange = &heard;
    parse(sent);
    run(protect_response, &d->protect);
    CHECK(status == COVEY_OK);
    len = out.pos;
    memcpy(wire, output, len);

    own = &client;
    exchange = &asked;
    parse(covey_bytes_of(wire, len));
    run(unprotect_response, &d->unprotect);
    CHECK(result == COVEY_UNPROTECT_FRESH);
    CHECK(covey_bytes_equal(covey_written(&out), sent));
}

int main(void)
{
    static uint8_t wire[ROOM];
    struct depth d = { 0, 0, 0 };

    set_up(&d);
    sends_the_request(wire, &d);
    sends_the_response(wire, &d);
    run_print_number("stack oscore_setup", d.setup, "bytes");
    run_print_number("stack oscore_protect", d.protect, "bytes");
    run_print_number("stack oscore_unprotect", d.unprotect, "bytes");
    return run_result();
}
