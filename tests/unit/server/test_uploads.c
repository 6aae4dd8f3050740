/* SPDX-License-Identifier: BSD-2-Clause */
/* Bodies in blocks: what belongs together, and what has to make room. */
#include <covey/coap_options.h>
#include <kit.h>
#include <uploads.h>

#define POST COVEY_COAP_CODE(0, 2)
#define PUT  COVEY_COAP_CODE(0, 3)

static struct uploads uploads;
static struct resource resources[2];
static covey_ms now;

struct block {
    uint16_t port;   /* of the peer */
    uint8_t code;    /* 0: PUT */
    const char *tag; /* hex of Request-Tag; NULL: none */
    const void *security;
    const void *link;
    unsigned resource;
    uint32_t num;
    bool more;
    char fill; /* of 16 bytes; 0: no payload */
};

static int make(void **state)
{
    (void)state;
    now = 0;
    return uploads_open(&uploads, 2, 40) ? 0 : -1;
}

static int drop(void **state)
{
    (void)state;
    uploads_close(&uploads);
    return 0;
}

static covey_assembly_result add(const struct block *b, covey_bytes *body)
{
    const covey_path path = { .peer = { .family = COVEY_FAMILY_IPV4,
                                        .port = b->port } };
    uint8_t bytes[64];
    uint8_t tag[8];
    uint8_t payload[16];
    covey_writer w = covey_writer_of(bytes, sizeof bytes);
    const covey_coap_message head = { .code = b->code != 0 ? b->code : PUT };
    covey_coap_composer c = covey_coap_compose(&w, &head);
    covey_coap_message m;

    if (b->tag != NULL) {
        covey_coap_put_option(&c, COVEY_OPTION_REQUEST_TAG,
                              kit_hex(b->tag, tag, sizeof tag));
    }
    memset(payload, b->fill, sizeof payload);
    covey_coap_put_payload(
        &c, covey_bytes_of(payload, b->fill != 0 ? sizeof payload : 0));
    CHECK_STATUS(COVEY_OK, covey_coap_finish(&c));
    CHECK_STATUS(COVEY_OK, covey_coap_parse(&m, covey_written(&w)));
    const struct upload_block block = {
        .link = b->link,
        .path = &path,
        .security = b->security,
        .resource = &resources[b->resource],
        .message = &m,
        .block = { b->num, b->more, 0 },
        .now = now,
    };
    now++;
    return uploads_add(&uploads, &block, body);
}

#define ADD(...) add(&(struct block){ __VA_ARGS__ }, &body)

static void blocks_become_a_body(void **state)
{
    covey_bytes body = { NULL, 0 };

    (void)state;
    assert_int_equal(COVEY_ASSEMBLY_MORE,
                     ADD(.num = 0, .more = true, .fill = 'a'));
    assert_int_equal(COVEY_ASSEMBLY_DONE, ADD(.num = 1, .fill = 'b'));
    CHECK_SPAN(SPAN("aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb"), body);
    /* it is over: a further block is none of it */
    assert_int_equal(COVEY_ASSEMBLY_GAP, ADD(.num = 1, .fill = 'b'));
    assert_int_equal(COVEY_ASSEMBLY_DONE, ADD(.num = 0, .fill = 'c'));
    CHECK_SPAN(SPAN("cccccccccccccccc"), body);
}

static void others_do_not_mix(void **state)
{
    static const struct block others[] = {
        { .num = 1, .fill = 'x', .port = 1 },
        { .num = 1, .fill = 'x', .code = POST },
        { .num = 1, .fill = 'x', .tag = "01" },
        { .num = 1, .fill = 'x', .tag = "" },
        { .num = 1, .fill = 'x', .security = &others[0] },
        { .num = 1, .fill = 'x', .link = &others[0] },
        { .num = 1, .fill = 'x', .resource = 1 },
        { .num = 2, .fill = 'x' }, /* not the next */
    };
    covey_bytes body = { NULL, 0 };

    (void)state;
    assert_int_equal(COVEY_ASSEMBLY_MORE,
                     ADD(.num = 0, .more = true, .fill = 'a'));
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        assert_int_equal(COVEY_ASSEMBLY_GAP, add(&others[i], &body));
    }
    assert_int_equal(COVEY_ASSEMBLY_DONE, ADD(.num = 1, .fill = 'b'));
    CHECK_SPAN(SPAN("aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb"), body);
}

static void oldest_makes_room(void **state)
{
    covey_bytes body = { NULL, 0 };

    (void)state;
    for (uint16_t port = 1; port <= 3; port++) {
        assert_int_equal(COVEY_ASSEMBLY_MORE, ADD(.port = port, .num = 0,
                                                  .more = true, .fill = 'a'));
    }
    assert_int_equal(COVEY_ASSEMBLY_GAP,
                     ADD(.port = 1, .num = 1, .fill = 'b'));
    assert_int_equal(COVEY_ASSEMBLY_DONE,
                     ADD(.port = 2, .num = 1, .fill = 'b'));
    /* what has ended goes before what waits */
    assert_int_equal(COVEY_ASSEMBLY_MORE,
                     ADD(.port = 4, .num = 0, .more = true, .fill = 'a'));
    assert_int_equal(COVEY_ASSEMBLY_DONE,
                     ADD(.port = 3, .num = 1, .fill = 'b'));
}

static void connection_that_has_ended_takes_its_bodies_along(void **state)
{
    const covey_path path = { .peer = { .family = COVEY_FAMILY_IPV4,
                                        .port = 1 } };
    covey_bytes body = { NULL, 0 };

    (void)state;
    for (uint16_t port = 1; port <= 2; port++) {
        assert_int_equal(COVEY_ASSEMBLY_MORE, ADD(.port = port, .num = 0,
                                                  .more = true, .fill = 'a'));
    }
    uploads_lost(&uploads, &uploads, &path); /* of another link */
    uploads_lost(&uploads, NULL, &path);
    assert_int_equal(COVEY_ASSEMBLY_GAP,
                     ADD(.port = 1, .num = 1, .fill = 'b'));
    assert_int_equal(COVEY_ASSEMBLY_MORE,
                     ADD(.port = 3, .num = 0, .more = true, .fill = 'a'));
    assert_int_equal(COVEY_ASSEMBLY_DONE,
                     ADD(.port = 2, .num = 1, .fill = 'b'));
}

static void body_that_is_too_long_is_forgotten(void **state)
{
    covey_bytes body = { NULL, 0 };

    (void)state;
    assert_int_equal(COVEY_ASSEMBLY_MORE,
                     ADD(.num = 0, .more = true, .fill = 'a'));
    assert_int_equal(COVEY_ASSEMBLY_MORE,
                     ADD(.num = 1, .more = true, .fill = 'a'));
    assert_int_equal(COVEY_ASSEMBLY_TOO_BIG,
                     ADD(.num = 2, .more = true, .fill = 'a'));
    assert_int_equal(COVEY_ASSEMBLY_GAP, ADD(.num = 2, .fill = 'a'));
}

static void short_block_in_the_middle_is_bad(void **state)
{
    covey_bytes body = { NULL, 0 };

    (void)state;
    assert_int_equal(COVEY_ASSEMBLY_BAD, ADD(.num = 0, .more = true));
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(blocks_become_a_body),
        EACH(others_do_not_mix),
        EACH(oldest_makes_room),
        EACH(connection_that_has_ended_takes_its_bodies_along),
        EACH(body_that_is_too_long_is_forgotten),
        EACH(short_block_in_the_middle_is_bad),
    };

    return KIT_RUN(tests);
}
