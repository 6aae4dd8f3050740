/* SPDX-License-Identifier: BSD-2-Clause */
/* Protected requests that came in outer blocks, RFC 8613 Section 4.1.3.4.2. */
#include "cutter.h"
#include "lab.h"

#define CONTINUE     0x5f
#define BAD_REQUEST  0x80
#define UNAUTHORIZED 0x81
#define INCOMPLETE   0x88
#define TOO_LARGE    0x8d

/* A request of the client that is long enough to be cut. */
static lab *open_with_request(struct cut *c)
{
    static const uint8_t zeros[40];
    lab *l = lab_open(true);

    l->number = COVEY_OPTION_URI_QUERY;
    l->option = covey_bytes_of(zeros, sizeof zeros);
    lab_begin(l);
    cut_begin(c, covey_written(&l->out));
    assert_int_equal(c->count, 4);
    return l;
}

static covey_status give_from(lab *l, const covey_path *path, struct cut *c,
                              unsigned num)
{
    return covey_endpoint_receive(
        &l->server.endpoint, l->now, path,
        cut_block(c, COVEY_OPTION_BLOCK1, num, COVEY_COAP_NON), &l->in);
}

static covey_status give(lab *l, struct cut *c, unsigned num)
{
    return lab_inject(l, true,
                      cut_block(c, COVEY_OPTION_BLOCK1, num, COVEY_COAP_CON));
}

/* All blocks but the last of a request, and what is said to them. */
static void give_most(lab *l, struct cut *c)
{
    for (unsigned num = 0; num + 1 < c->count; num++) {
        CHECK_STATUS(COVEY_OK, give(l, c, num));
        assert_int_equal(l->in.kind, COVEY_ENDPOINT_NOTHING);
        assert_true(lab_transmit(l, true));
        assert_int_equal(l->left.code, CONTINUE);
        assert_int_equal(l->left.type, COVEY_COAP_ACK);
        cut_expect(&l->left, COVEY_OPTION_BLOCK1, num, true);
        assert_int_equal(l->left.payload.len, 0);
    }
}

static void a_request_in_blocks_is_delivered_whole(void **state)
{
    struct cut c;
    lab *l = open_with_request(&c);
    covey_bytes value;

    (void)state;
    give_most(l, &c);
    assert_int_equal(l->server.endpoint.counters.outer, 3);
    assert_int_equal(l->server.stores, 0); /* no context has been touched */
    CHECK_STATUS(COVEY_OK, give(l, &c, 3));
    assert_int_equal(l->in.kind, COVEY_ENDPOINT_REQUEST);
    assert_int_equal(l->in.opened.kind, COVEY_REPLY_PAIRWISE);
    assert_true(
        covey_option_get(&l->in.message, COVEY_OPTION_URI_QUERY, &value));
    CHECK_SPAN(l->option, value);
    assert_false(
        covey_option_get(&l->in.message, COVEY_OPTION_BLOCK1, &value));
    l->number = 0;
    CHECK_STATUS(COVEY_OK, lab_reply(l, &l->in.request, CONTENT, NULL));
    assert_int_equal(l->left.type, COVEY_COAP_ACK);
    cut_expect(&l->left, COVEY_OPTION_BLOCK1, 3, false);
    /* The proxy hands the response on with the client's Message ID. */
    l->bytes[2] = c.bytes[2];
    l->bytes[3] = c.bytes[3];
    lab_answered(l);
    lab_close(l);
}

static void senders_and_messages_are_kept_apart(void **state)
{
    struct cut first;
    struct cut second;
    lab *l = open_with_request(&first);
    covey_path other = lab_path(false);

    (void)state;
    l->client.endpoint.message.parameters.nstart = 2;
    lab_begin(l);
    cut_begin(&second, covey_written(&l->out));
    second.id += 100;
    other.peer.port++;
    /* Two requests of one peer, which the OSCORE option tells apart. */
    CHECK_STATUS(COVEY_OK, give(l, &first, 0));
    CHECK_STATUS(COVEY_OK, give(l, &second, 0));
    CHECK_STATUS(COVEY_OK, give(l, &first, 1));
    CHECK_STATUS(COVEY_OK, give(l, &second, 1));
    /* The right block of somebody else. */
    CHECK_STATUS(COVEY_E_RANGE, give_from(l, &other, &first, 2));
    for (unsigned i = 0; i < 2; i++) {
        struct cut *c = i == 0 ? &second : &first;
        CHECK_STATUS(COVEY_OK, give(l, c, 2));
        assert_int_equal(l->in.kind, COVEY_ENDPOINT_NOTHING);
        CHECK_STATUS(COVEY_OK, give(l, c, 3));
        assert_int_equal(l->in.kind, COVEY_ENDPOINT_REQUEST);
        CHECK_STATUS(COVEY_OK, lab_reply(l, &l->in.request, CONTENT, NULL));
    }
    for (uint32_t row = 0; row < STACK_ROWS; row++) {
        covey_endpoint_cancel(
            &l->client.endpoint,
            (covey_exchange_ref){ row, l->client.rows[row].serial });
    }
    lab_event(l, false, COVEY_ENDPOINT_CANCELLED);
    lab_event(l, false, COVEY_ENDPOINT_CANCELLED);
    lab_close(l);
}

/* The code that a block was met with, without protection. */
static uint8_t met(lab *l, covey_status expected, covey_status st)
{
    CHECK_STATUS(expected, st);
    assert_int_equal(l->in.kind, COVEY_ENDPOINT_NOTHING);
    assert_true(lab_transmit(l, true));
    return l->left.code;
}

static void gaps_and_changes_are_incomplete(void **state)
{
    static const struct {
        const char *why;
        unsigned next;
        uint16_t number; /* of an option that was not there before */
        uint16_t wait;
        uint8_t code;
    } cases[] = {
        { "a block is missing", 2, 0, 0, INCOMPLETE },
        { "another message, by Request-Tag", 1, COVEY_OPTION_REQUEST_TAG, 0,
          INCOMPLETE },
        { "another message, by ETag", 1, COVEY_OPTION_ETAG, 0, INCOMPLETE },
        { "too late", 1, 0, 1001, INCOMPLETE },
        { "what is outside the Cache-Key may change", 1, COVEY_OPTION_SIZE1, 0,
          CONTINUE },
        { "not too late", 1, 0, 1000, CONTINUE },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct cut c;
        lab *l = open_with_request(&c);
        covey_status st = cases[i].code == CONTINUE ? COVEY_OK : COVEY_E_RANGE;

        kit_case(cases[i].why);
        CHECK_STATUS(COVEY_OK, give(l, &c, 0));
        assert_true(lab_transmit(l, true));
        if (cases[i].number != 0) {
            c.tag = SPAN("7");
            c.tag_number = cases[i].number;
        }
        l->now += cases[i].wait;
        assert_int_equal(met(l, st, give(l, &c, cases[i].next)),
                         cases[i].code);
        assert_int_equal(l->server.endpoint.counters.refused, st != COVEY_OK);
        lab_forget(l);
        lab_close(l);
    }
    kit_case(NULL);
}

static void another_oscore_option_is_another_message(void **state)
{
    struct cut c;
    lab *l = open_with_request(&c);
    uint8_t *option;
    covey_bytes value;

    (void)state;
    CHECK_STATUS(COVEY_OK, give(l, &c, 0));
    assert_true(lab_transmit(l, true));
    assert_true(covey_option_get(&c.whole, COVEY_OPTION_OSCORE, &value));
    option = c.bytes + (value.ptr - c.bytes);
    option[1]++; /* the Partial IV */
    assert_int_equal(met(l, COVEY_E_RANGE, give(l, &c, 1)), INCOMPLETE);
    lab_forget(l);
    lab_close(l);
}

static void what_is_no_block_is_bad(void **state)
{
    struct cut c;
    lab *l = open_with_request(&c);

    (void)state;
    c.whole.payload.len = 15; /* more to come, but it is not full */
    assert_int_equal(met(l, COVEY_E_RANGE, give(l, &c, 0)), BAD_REQUEST);
    assert_int_equal(l->left.type, COVEY_COAP_ACK);
    lab_forget(l);
    lab_close(l);
}

static void more_than_a_slot_is_discarded(void **state)
{
    struct cut c;
    lab *l = open_with_request(&c);
    const unsigned fits = STACK_WHOLE / CUT_BLOCK;
    uint32_t size;

    (void)state;
    c.whole.payload = covey_bytes_of(c.bytes, CUT_BLOCK * (fits + 1));
    c.count = fits + 2;
    for (unsigned num = 0; num < fits; num++) {
        assert_int_equal(met(l, COVEY_OK, give(l, &c, num)), CONTINUE);
    }
    assert_int_equal(met(l, COVEY_E_ROOM, give(l, &c, fits)), TOO_LARGE);
    assert_true(covey_option_sound_uint(&l->left, COVEY_OPTION_SIZE1, &size));
    assert_int_equal(size, STACK_WHOLE);
    /* Nothing of it is left. */
    assert_int_equal(met(l, COVEY_E_RANGE, give(l, &c, fits)), INCOMPLETE);
    lab_forget(l);
    lab_close(l);
}

static void tables_are_bounded(void **state)
{
    struct cut c;
    lab *l = open_with_request(&c);
    covey_path path = lab_path(false);
    unsigned refused = 0;

    (void)state;
    for (unsigned i = 0; i < 2 * STACK_OUTER; i++) {
        path.peer.port++;
        refused += give_from(l, &path, &c, 0) == COVEY_E_ROOM;
    }
    assert_int_equal(refused, STACK_OUTER);
    /* The same peer makes room for itself. */
    path = lab_path(false);
    path.peer.port++;
    c.tag = SPAN("7");
    CHECK_STATUS(COVEY_OK, give_from(l, &path, &c, 0));
    l->server.endpoint.owed_len = 0;
    lab_forget(l);
    lab_close(l);
}

static void groups_hear_nothing_about_blocks(void **state)
{
    struct cut c;
    lab *l = open_with_request(&c);
    covey_path group = lab_path(false);

    (void)state;
    group.group = true;
    CHECK_STATUS(COVEY_E_ROOM, give_from(l, &group, &c, 0));
    assert_false(lab_transmit(l, true));
    lab_forget(l);
    lab_close(l);
}

static void forged_and_repeated_blocks_do_not_open(void **state)
{
    struct cut c;
    lab *l = open_with_request(&c);

    (void)state;
    give_most(l, &c);
    CHECK_STATUS(COVEY_OK, give(l, &c, 3));
    CHECK_STATUS(COVEY_OK, lab_reply(l, &l->in.request, CONTENT, NULL));
    give_most(l, &c);
    assert_int_equal(met(l, COVEY_E_AUTH, give(l, &c, 3)), UNAUTHORIZED);
    assert_int_equal(l->in.opened.fault, COVEY_OSCORE_REPLAY);
    cut_expect(&l->left, COVEY_OPTION_BLOCK1, 3, false);
    lab_forget(l);

    lab_begin(l);
    cut_begin(&c, covey_written(&l->out));
    c.id += 50;
    give_most(l, &c);
    c.bytes[c.len - 1] ^= 1;
    assert_int_equal(met(l, COVEY_E_AUTH, give(l, &c, 3)), BAD_REQUEST);
    assert_int_equal(l->in.opened.fault, COVEY_OSCORE_NOT_DECRYPTED);
    c.bytes[c.len - 1] ^= 1;
    /* The true one still may come: nothing has been changed by the other. */
    give_most(l, &c);
    CHECK_STATUS(COVEY_OK, give(l, &c, 3));
    assert_int_equal(l->in.kind, COVEY_ENDPOINT_REQUEST);
    covey_endpoint_reject(&l->server.endpoint, &l->in.request);
    lab_forget(l);
    lab_close(l);
}

static void a_reply_without_room_for_the_option_is_not_sent(void **state)
{
    struct cut c;
    lab *l = open_with_request(&c);
    covey_endpoint_sent sent;
    covey_draft d;
    size_t room;

    (void)state;
    give_most(l, &c);
    CHECK_STATUS(COVEY_OK, give(l, &c, 3));
    l->number = 0;
    CHECK_STATUS(COVEY_OK, lab_reply(l, &l->in.request, CONTENT, NULL));
    room = l->out.pos - 1; /* the first has no Partial IV */
    l->out = covey_writer_of(l->bytes, room);
    covey_endpoint_reply_begin(&l->server.endpoint, &d, &l->in.request,
                               CONTENT, &l->out);
    covey_coap_put_payload(&d.composer, SPAN("x"));
    CHECK_STATUS(COVEY_E_ROOM,
                 covey_endpoint_reply_send(&l->server.endpoint, l->now, &d,
                                           NULL, &sent));
    assert_int_equal(l->out.pos, 0);
    lab_forget(l);
    lab_close(l);
}

static void without_memory_nothing_is_put_together(void **state)
{
    for (unsigned i = 0; i < 2; i++) {
        struct cut c;
        lab *l = open_with_request(&c);

        (void)state;
        if (i == 0) {
            l->server.endpoint.outer = NULL;
        } else {
            l->server.outer.requests.count = 0;
        }
        assert_int_equal(met(l, COVEY_E_AUTH, give(l, &c, 0)), BAD_REQUEST);
        lab_forget(l);
        lab_close(l);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_in_blocks_is_delivered_whole),
        cmocka_unit_test(senders_and_messages_are_kept_apart),
        cmocka_unit_test(gaps_and_changes_are_incomplete),
        cmocka_unit_test(another_oscore_option_is_another_message),
        cmocka_unit_test(what_is_no_block_is_bad),
        cmocka_unit_test(more_than_a_slot_is_discarded),
        cmocka_unit_test(tables_are_bounded),
        cmocka_unit_test(groups_hear_nothing_about_blocks),
        cmocka_unit_test(forged_and_repeated_blocks_do_not_open),
        cmocka_unit_test(a_reply_without_room_for_the_option_is_not_sent),
        cmocka_unit_test(without_memory_nothing_is_put_together),
    };

    return KIT_RUN(tests);
}
