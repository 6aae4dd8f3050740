/* SPDX-License-Identifier: BSD-2-Clause */
#include "keying_world.h"

struct sim sim;

/* --- sending ------------------------------------------------------------- */

void keying_leave(const covey_address *from, const covey_path *path,
                  const covey_writer *out)
{
    assert_int_equal(out->failed, COVEY_OK);
    sim_send(&sim.net, now(), from, path, covey_written(out));
}

bool keying_ask(stack *s, const covey_address *from,
                const covey_endpoint_call *call, const char *control,
                const covey_member_request *r, covey_exchange_ref *ref)
{
    uint8_t bytes[SIM_MTU];
    covey_writer out = covey_writer_of(bytes, sizeof bytes);
    covey_endpoint_sent sent;
    covey_draft d;

    covey_endpoint_request_begin(&s->endpoint, &d, call, &out);
    if (control != NULL) {
        covey_coap_put_option(&d.composer, COVEY_OPTION_URI_PATH,
                              covey_bytes_text(control));
    }
    for (size_t i = 0; i < r->segment_count; i++) {
        covey_coap_put_option(&d.composer, COVEY_OPTION_URI_PATH,
                              r->segment[i]);
    }
    if (r->format != UINT16_MAX) {
        covey_coap_put_uint(&d.composer, COVEY_OPTION_CONTENT_FORMAT,
                            r->format);
    }
    covey_coap_put_payload(&d.composer, r->payload);
    if (covey_endpoint_request_send(&s->endpoint, now(), &d, call, &sent) !=
        COVEY_OK) {
        return false;
    }
    *ref = sent.exchange;
    if (sent.now) {
        keying_leave(from, &sent.path, &out);
    }
    return true;
}

void keying_reply(stack *s, const covey_address *from,
                  const covey_endpoint_request *r, uint8_t code,
                  const covey_manager_answer *a)
{
    uint8_t bytes[SIM_MTU];
    covey_writer out = covey_writer_of(bytes, sizeof bytes);
    covey_endpoint_sent sent;
    covey_draft d;

    covey_endpoint_reply_begin(&s->endpoint, &d, r, code, &out);
    if (a != NULL) {
        covey_manager_put_answer(a, &d.composer);
    }
    CHECK_STATUS(COVEY_OK, covey_endpoint_reply_send(&s->endpoint, now(), &d,
                                                     NULL, &sent));
    if (sent.now) {
        keying_leave(from, &sent.path, &out);
    }
}

/* --- the manager --------------------------------------------------------- */

/* Never the same keys again, and a Sender ID has one owner under them. */
static void check_stored(const struct disk *d)
{
    const covey_manager_group *g = &d->groups[0];

    if (g->serial == 0 || g->version == 0) {
        return;
    }
    assert_true(g->version < VERSIONS);
    memcpy(sim.secret[g->version], g->master_secret, 16);
    for (uint32_t v = 1; v < g->version; v++) {
        assert_memory_not_equal(sim.secret[v], g->master_secret, 16);
    }
    for (size_t i = 0; i < ROWS; i++) {
        const covey_manager_member *m = &d->members[i];
        const unsigned who = (unsigned)m->name[1];
        unsigned k = 0;

        if (m->serial == 0 || m->standing != COVEY_MANAGER_PRESENT) {
            continue;
        }
        while (k < sim.given_count &&
               (sim.given[k].version != g->version ||
                memcmp(sim.given[k].id, m->id, 2) != 0)) {
            k++;
        }
        assert_true(k < COUNT_OF(sim.given));
        assert_true(k == sim.given_count || sim.given[k].who == who);
        sim.given[k].version = g->version;
        sim.given[k].who = who;
        memcpy(sim.given[k].id, m->id, 2);
        sim.given_count += k == sim.given_count;
    }
}

static void persist(const covey_manager_event *ev)
{
    covey_manager_walk walk = { 0 };
    covey_manager_change change;

    while (covey_manager_change_next(&sim.w->manager, &walk, &change)) {
        disk_apply(&sim.w->disk, &change);
    }
    check_stored(&sim.w->disk);
    CHECK_STATUS(COVEY_OK, covey_manager_stored(&sim.w->manager, sim.w->now,
                                                ev->batch, COVEY_OK));
}

static void tell(const covey_manager_departure *to)
{
    const unsigned who = (unsigned)to->node.ptr[1] - '0';
    const covey_endpoint_call call = {
        .path = { .peer = sim.peer[who].address },
        .type = COVEY_COAP_CON,
        .code = to->kind == COVEY_MANAGER_TELL ? POST : DELETE,
        .patience = 5000,
        .user = to->ref,
    };
    const covey_member_request r = { .format = to->answer.format,
                                     .payload = to->answer.payload };
    covey_exchange_ref ref;

    if (!keying_ask(&sim.manager, &sim.address, &call, "control", &r, &ref)) {
        covey_manager_told(&sim.w->manager, sim.w->now, to->ref, false);
    }
}

void keying_settle(void)
{
    static uint8_t bytes[SIM_MTU];
    covey_manager *m = &sim.w->manager;
    covey_manager_departure to;
    covey_manager_event ev;

    for (;;) {
        covey_writer out = covey_writer_of(bytes, sizeof bytes);
        while (covey_manager_event_next(m, sim.w->now, &ev)) {
            assert_int_not_equal(ev.kind, COVEY_MANAGER_RELOAD);
            if (ev.kind == COVEY_MANAGER_PERSIST) {
                persist(&ev);
            }
        }
        if (!covey_manager_transmit(m, sim.w->now, &to, &out)) {
            return;
        }
        if (to.kind == COVEY_MANAGER_ANSWER) {
            struct ticket *t = &sim.ticket[to.answer.user];
            assert_true(t->used);
            t->used = false;
            keying_reply(&sim.manager, &sim.address, &t->request,
                         to.answer.code, &to.answer);
        } else {
            tell(&to);
        }
    }
}

void keying_serve(const covey_endpoint_in *in)
{
    static uint8_t bytes[SIM_MTU];
    const unsigned who = in->request.path.peer.ip[3] - 2u;
    covey_manager_answer answer;
    unsigned t = 0;

    while (sim.ticket[t].used) {
        t++;
    }
    assert_true(t < TICKETS);
    const covey_manager_request request = {
        .user = t,
        .node = covey_bytes_text(sim.w->nodes[who].name),
        .message = &in->message,
    };
    covey_writer out = covey_writer_of(bytes, sizeof bytes);
    while (covey_manager_receive(&sim.w->manager, sim.w->now, &request,
                                 &answer, &out) != COVEY_OK) {
        keying_settle();
        out.pos = 0;
    }
    if (answer.code != 0) {
        keying_reply(&sim.manager, &sim.address, &in->request, answer.code,
                     &answer);
    } else {
        sim.ticket[t].used = true;
        sim.ticket[t].request = in->request;
    }
    keying_settle();
}

void keying_start_manager(uint64_t seed)
{
    memset(sim.ticket, 0, sizeof sim.ticket);
    stack_start(&sim.manager, &sim.watch, NULL, NULL, seed * 100 + sim.life++,
                now());
}
