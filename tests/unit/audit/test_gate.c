/* SPDX-License-Identifier: BSD-2-Clause */
#include "gate_model.h"

#include "kit.h"

#define V4(a, b, c, d)                                                        \
    {                                                                         \
        .family = COVEY_FAMILY_IPV4, .ip = { a, b, c, d }                     \
    }
#define BIT(t) (1u << (t))

enum {
    NOW = 1000000,
    ALL_STAGES = (1u << COVEY_AUDIT_STAGES) - 1
};

/* Everything that a case may change; it is allowed as it stands. */
typedef struct fixture {
    model_mandate m;
    covey_audit_act act;
    covey_time now;
    covey_audit_counters done;
} fixture;

static fixture fresh(void)
{
    const fixture f = {
        .m = {
            .count = 1,
            .documents = { {
                .scope = {
                    { .net = V4(192, 0, 2, 0), .prefix = 24,
                      .protocol = COVEY_AUDIT_UDP, .first = 5683,
                      .last = 5684 },
                    { .net = V4(224, 0, 1, 187), .prefix = 32,
                      .protocol = COVEY_AUDIT_UDP, .first = 5683,
                      .last = 5683, .responders = 20 },
                    { .net = V4(198, 51, 100, 0), .prefix = 24,
                      .protocol = COVEY_AUDIT_ANY_PROTOCOL, .last = 65535 },
                },
                .scope_count = 3,
                .exclude = {
                    { .net = V4(192, 0, 2, 9), .prefix = 32,
                      .protocol = COVEY_AUDIT_ANY_PROTOCOL, .last = 65535 },
                    { .net = V4(192, 0, 2, 8), .prefix = 32,
                      .protocol = COVEY_AUDIT_UDP, .first = 5684,
                      .last = 5684 },
                },
                .exclude_count = 2,
                .windows = { { NOW - 100, NOW + 100 },
                             { NOW + 50, NOW + 500 } },
                .window_count = 2,
                .techniques = BIT(COVEY_AUDIT_COAP) |
                              BIT(COVEY_AUDIT_MULTICAST) |
                              BIT(COVEY_AUDIT_REPLAY) |
                              BIT(COVEY_AUDIT_VULN) | BIT(COVEY_AUDIT_OS),
                .mode = COVEY_AUDIT_WHITE,
                .limits = { .packets_s = 2, .bytes_s = 200,
                            .packets_per_target = 60, .parallel = 2 },
            } },
        },
        .act = { .technique = COVEY_AUDIT_COAP,
                 .protocol = COVEY_AUDIT_UDP,
                 .target = { .family = COVEY_FAMILY_IPV4,
                             .ip = { 192, 0, 2, 1 }, .port = 5683 },
                 .packets = 12,
                 .duration = 30 },
        .now = { .unix_s = NOW, .unix_known = true },
        .done = { .stages = ALL_STAGES },
    };

    return f;
}

static covey_audit_verdict decide(fixture *f)
{
    model_prepare(&f->m);
    const covey_audit_verdict v =
        covey_audit_decide(&f->m.mandate, &f->act, &f->now, &f->done);

    assert_int_equal(model_allows(&f->m, &f->act, &f->now, &f->done),
                     v.reason == COVEY_AUDIT_ALLOWED);
    return v;
}

static void allows_with_clause_and_end(void **state)
{
    fixture f = fresh();
    covey_audit_verdict v = decide(&f);

    (void)state;
    assert_int_equal(COVEY_AUDIT_ALLOWED, v.reason);
    assert_int_equal(0, v.clause);
    assert_int_equal(NOW + 100, v.until);
    assert_int_equal(0, v.responders);

    f.act.technique = COVEY_AUDIT_MULTICAST;
    f.act.target.ip[0] = 224;
    f.act.target.ip[2] = 1;
    f.act.target.ip[3] = 187;
    v = decide(&f);
    assert_int_equal(COVEY_AUDIT_ALLOWED, v.reason);
    assert_int_equal(1, v.clause);
    assert_int_equal(20, v.responders);
}

/* --- refusals ------------------------------------------------------------ */

static void no_mandate(fixture *f)
{
    f->m.count = 0;
}

static void withdrawn(fixture *f)
{
    f->m.withdrawn = true;
}

static void no_such_technique(fixture *f)
{
    f->act.technique = COVEY_AUDIT_TECHNIQUES;
}

static void no_packets(fixture *f)
{
    f->act.packets = 0;
}

static void no_target(fixture *f)
{
    f->act.target.family = COVEY_FAMILY_NONE;
}

static void any_protocol(fixture *f)
{
    f->act.protocol = COVEY_AUDIT_ANY_PROTOCOL;
}

static void zone_of_ipv4(fixture *f)
{
    f->act.target.zone = 1;
}

static void no_right(fixture *f)
{
    f->act.technique = COVEY_AUDIT_OBSERVE;
}

static void replay_without_account(fixture *f)
{
    f->act.technique = COVEY_AUDIT_REPLAY;
}

static void no_clock(fixture *f)
{
    f->now.unix_known = false;
}

static void a_second_too_early(fixture *f)
{
    f->now.unix_s = NOW - 101;
}

static void the_second_after_the_end(fixture *f)
{
    f->now.unix_s = NOW + 500;
}

static void would_end_a_second_late(fixture *f)
{
    f->act.duration = 101;
}

static void excluded_host(fixture *f)
{
    f->act.target.ip[3] = 9;
}

static void excluded_port(fixture *f)
{
    f->act.target.ip[3] = 8;
    f->act.target.port = 5684;
}

static void next_network(fixture *f)
{
    f->act.target.ip[2] = 3;
}

static void ipv6_spelling_of_no_clause(fixture *f)
{
    f->act.target.family = COVEY_FAMILY_IPV6;
}

static void tcp_where_udp_is_meant(fixture *f)
{
    f->act.protocol = COVEY_AUDIT_TCP;
}

static void a_port_too_low(fixture *f)
{
    f->act.target.port = 5682;
}

static void a_port_too_high(fixture *f)
{
    f->act.target.port = 5685;
}

static void a_host_as_a_group(fixture *f)
{
    f->act.technique = COVEY_AUDIT_MULTICAST;
}

static void a_group_as_a_host(fixture *f)
{
    f->act.target.ip[0] = 224;
    f->act.target.ip[2] = 1;
    f->act.target.ip[3] = 187;
}

static void stage_left_out(fixture *f)
{
    f->done.stages &= ~BIT(COVEY_AUDIT_STAGE_OS);
}

static void silent_target(fixture *f)
{
    f->done.silent = true;
}

static void one_packet_too_many(fixture *f)
{
    f->done.packets = 49;
}

static void far_beyond_the_budget(fixture *f)
{
    f->done.packets = UINT32_MAX;
}

static void a_third_act(fixture *f)
{
    f->done.parallel = 2;
}

static void no_budget_at_all(fixture *f)
{
    f->m.documents[0].limits.packets_per_target = 0;
}

static void refuses_by_name(void **state)
{
    static const struct {
        void (*change)(fixture *f);
        covey_audit_reason reason;
    } cases[] = {
        { no_mandate, COVEY_AUDIT_NO_MANDATE },
        { withdrawn, COVEY_AUDIT_WITHDRAWN },
        { no_such_technique, COVEY_AUDIT_NOT_EXPRESSIBLE },
        { no_packets, COVEY_AUDIT_NOT_EXPRESSIBLE },
        { no_target, COVEY_AUDIT_NOT_EXPRESSIBLE },
        { any_protocol, COVEY_AUDIT_NOT_EXPRESSIBLE },
        { zone_of_ipv4, COVEY_AUDIT_NOT_EXPRESSIBLE },
        { no_right, COVEY_AUDIT_NO_RIGHT },
        { replay_without_account, COVEY_AUDIT_WRONG_MODE },
        { no_clock, COVEY_AUDIT_NO_TIME },
        { a_second_too_early, COVEY_AUDIT_TOO_EARLY },
        { the_second_after_the_end, COVEY_AUDIT_EXPIRED },
        { would_end_a_second_late, COVEY_AUDIT_TOO_LONG },
        { excluded_host, COVEY_AUDIT_EXCLUDED },
        { excluded_port, COVEY_AUDIT_EXCLUDED },
        { next_network, COVEY_AUDIT_OUT_OF_SCOPE },
        { ipv6_spelling_of_no_clause, COVEY_AUDIT_OUT_OF_SCOPE },
        { tcp_where_udp_is_meant, COVEY_AUDIT_WRONG_PROTOCOL },
        { a_port_too_low, COVEY_AUDIT_WRONG_PORT },
        { a_port_too_high, COVEY_AUDIT_WRONG_PORT },
        { a_host_as_a_group, COVEY_AUDIT_WRONG_KIND },
        { a_group_as_a_host, COVEY_AUDIT_WRONG_KIND },
        { stage_left_out, COVEY_AUDIT_STAGE_ORDER },
        { silent_target, COVEY_AUDIT_SILENT },
        { one_packet_too_many, COVEY_AUDIT_BUDGET },
        { far_beyond_the_budget, COVEY_AUDIT_BUDGET },
        { no_budget_at_all, COVEY_AUDIT_BUDGET },
        { a_third_act, COVEY_AUDIT_PARALLEL },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fixture f = fresh();
        cases[i].change(&f);
        const covey_audit_verdict v = decide(&f);

        kit_case(covey_audit_reason_name(cases[i].reason));
        assert_string_equal(covey_audit_reason_name(cases[i].reason),
                            covey_audit_reason_name(v.reason));
        assert_int_equal(0, v.until);
        assert_int_equal(0, v.responders);
    }
    kit_case(NULL);
}

static void names_the_exclusion(void **state)
{
    fixture f = fresh();

    (void)state;
    excluded_port(&f);
    assert_int_equal(1, decide(&f).clause);
}

/* --- edges --------------------------------------------------------------- */

static void the_last_second_and_the_last_packet(void **state)
{
    fixture f = fresh();

    (void)state;
    f.act.duration = 100;
    f.done.packets = 48;
    f.done.parallel = 1;
    assert_int_equal(COVEY_AUDIT_ALLOWED, decide(&f).reason);
    f.now.unix_s = NOW + 499;
    f.act.duration = 1;
    assert_int_equal(COVEY_AUDIT_ALLOWED, decide(&f).reason);
    /* of two windows that hold this second, the one that ends last */
    f.now.unix_s = NOW + 60;
    f.act.duration = 440;
    assert_int_equal(COVEY_AUDIT_ALLOWED, decide(&f).reason);
    assert_int_equal(NOW + 500, decide(&f).until);
}

static void reading_needs_a_right_but_no_target(void **state)
{
    fixture f = fresh();
    const covey_audit_act act = { .technique = COVEY_AUDIT_VULN };

    (void)state;
    f.act = act;
    f.done.silent = true;
    assert_int_equal(COVEY_AUDIT_ALLOWED, decide(&f).reason);
    f.act.technique = COVEY_AUDIT_PUBLIC;
    assert_int_equal(COVEY_AUDIT_NO_RIGHT, decide(&f).reason);
}

static void an_act_without_port_needs_all_ports(void **state)
{
    fixture f = fresh();

    (void)state;
    f.act.technique = COVEY_AUDIT_OS;
    f.act.target.port = 0;
    assert_int_equal(COVEY_AUDIT_WRONG_PORT, decide(&f).reason);
    f.act.target.ip[0] = 198;
    f.act.target.ip[1] = 51;
    f.act.target.ip[2] = 100;
    assert_int_equal(COVEY_AUDIT_ALLOWED, decide(&f).reason);
    assert_int_equal(2, decide(&f).clause);
}

/* It looks after the target of any stage's act, and is no way around them. */
static void a_health_probe_waits_for_no_stage(void **state)
{
    fixture f = fresh();

    (void)state;
    f.done.stages = 0;
    assert_int_equal(COVEY_AUDIT_STAGE_ORDER, decide(&f).reason);
    f.act.health = true;
    assert_int_equal(COVEY_AUDIT_NOT_EXPRESSIBLE, decide(&f).reason);
    f.act.packets = COVEY_AUDIT_HEALTH_PACKETS + 1;
    assert_int_equal(COVEY_AUDIT_NOT_EXPRESSIBLE, decide(&f).reason);
    f.act.packets = COVEY_AUDIT_HEALTH_PACKETS;
    assert_int_equal(COVEY_AUDIT_ALLOWED, decide(&f).reason);
    f.act.technique = COVEY_AUDIT_OS;
    assert_int_equal(COVEY_AUDIT_NOT_EXPRESSIBLE, decide(&f).reason);
    f.act.technique = COVEY_AUDIT_COAP;
    f.done.silent = true;
    assert_int_equal(COVEY_AUDIT_SILENT, decide(&f).reason);
    f.done.silent = false;
    f.done.packets = 59;
    assert_int_equal(COVEY_AUDIT_BUDGET, decide(&f).reason);
    f.done.packets = 0;
    f.act.target.ip[3] = 9;
    assert_int_equal(COVEY_AUDIT_EXCLUDED, decide(&f).reason);
    f.m.documents[0].techniques = BIT(COVEY_AUDIT_OS);
    assert_int_equal(COVEY_AUDIT_NO_RIGHT, decide(&f).reason);
}

static void an_amendment_takes_away_and_never_gives(void **state)
{
    fixture f = fresh();
    model_document *more = &f.m.documents[1];

    (void)state;
    *more = f.m.documents[0];
    f.m.count = 2;
    assert_int_equal(COVEY_AUDIT_ALLOWED, decide(&f).reason);

    more->windows[0].to = NOW + 40;
    covey_audit_verdict v = decide(&f);
    assert_int_equal(COVEY_AUDIT_ALLOWED, v.reason);
    assert_int_equal(NOW + 40, v.until);

    /* gives the next network and all techniques: to no effect */
    more->scope[0].prefix = 16;
    more->scope[0].net.ip[2] = 0;
    more->techniques = UINT32_MAX;
    next_network(&f);
    v = decide(&f);
    assert_int_equal(COVEY_AUDIT_OUT_OF_SCOPE, v.reason);
    assert_int_equal(0, v.document);

    /* takes away the technique */
    f.act.target.ip[2] = 2;
    more->techniques = 0;
    v = decide(&f);
    assert_int_equal(COVEY_AUDIT_NO_RIGHT, v.reason);
    assert_int_equal(1, v.document);
}

/* --- against the model --------------------------------------------------- */

static covey_address some_address(kit_random *r)
{
    static const uint8_t bytes[] = { 0, 1, 2, 3, 192, 224, 255, 254 };
    covey_address a = { .family = kit_next(r) % 4 == 0 ? COVEY_FAMILY_IPV6
                                                       : COVEY_FAMILY_IPV4 };
    const bool mapped = kit_next(r) % 2 == 0;

    for (size_t i = 0; i < (a.family == COVEY_FAMILY_IPV4 ? 4u : 16u); i++) {
        a.ip[i] = i % 3 == 0 ? bytes[kit_next(r) % COUNT_OF(bytes)] : 0;
    }
    if (a.family == COVEY_FAMILY_IPV6 && mapped) {
        memset(a.ip, 0, 10);
        a.ip[10] = a.ip[11] = 0xff;
    }
    a.zone = kit_next(r) % 8 == 0 ? 1 : 0;
    a.port = (uint16_t)(kit_next(r) % 4);
    return a;
}

static covey_audit_range some_range(kit_random *r)
{
    static const uint8_t prefixes[] = { 0, 8, 16, 24, 32, 96, 120, 128 };
    covey_audit_range range = {
        .net = some_address(r),
        .prefix = prefixes[kit_next(r) % COUNT_OF(prefixes)],
        .protocol =
            kit_next(r) % 2 ? COVEY_AUDIT_UDP : COVEY_AUDIT_ANY_PROTOCOL,
        .first = (uint16_t)(kit_next(r) % 3),
        .last = (uint16_t)(kit_next(r) % 5),
        .responders = (uint16_t)(kit_next(r) % 2),
    };
    /* most of what is drawn would have bits behind its prefix */
    const unsigned bytes = range.prefix / 8;

    for (size_t i = bytes; i < 16; i++) {
        range.net.ip[i] = 0;
    }
    return range;
}

static void some_document(kit_random *r, model_document *d)
{
    d->scope_count = MODEL_CLAUSES;
    d->exclude_count = kit_next(r) % 2;
    for (size_t i = 0; i < MODEL_CLAUSES; i++) {
        d->scope[i] = some_range(r);
        d->exclude[i] = some_range(r);
    }
    d->window_count = MODEL_WINDOWS;
    for (size_t i = 0; i < MODEL_WINDOWS; i++) {
        d->windows[i].from = kit_next(r) % 4;
        d->windows[i].to = d->windows[i].from + kit_next(r) % 8;
    }
    d->techniques = kit_next(r);
    d->techniques |= kit_next(r);
    d->mode = (covey_audit_mode)(kit_next(r) % 3);
    d->limits.packets_per_target = kit_next(r) % 8;
    d->limits.parallel = kit_next(r) % 4;
}

static void agrees_with_the_model(void **state)
{
    kit_random r = { 2026 };
    uint32_t allowed = 0;

    (void)state;
    for (int i = 0; i < 60000; i++) {
        fixture f = { .m = { .count = 1 + kit_next(&r) % 2 } };

        for (size_t d = 0; d < f.m.count; d++) {
            some_document(&r, &f.m.documents[d]);
        }
        if (kit_next(&r) % 2 == 0) {
            f.m.documents[1] = f.m.documents[0];
        }
        f.act.technique =
            (covey_audit_technique)(kit_next(&r) % COVEY_AUDIT_TECHNIQUES);
        f.act.protocol = COVEY_AUDIT_UDP;
        f.act.target = kit_next(&r) % 2 ? some_address(&r)
                                        : f.m.documents[0].scope[0].net;
        f.act.packets = kit_next(&r) % 4;
        f.act.health = kit_next(&r) % 8 == 0;
        f.act.duration = kit_next(&r) % 3;
        f.now.unix_s = kit_next(&r) % 8;
        f.now.unix_known = true;
        f.done.stages = kit_next(&r) % 4 ? ALL_STAGES : kit_next(&r);
        f.done.packets = kit_next(&r) % 3;
        allowed += decide(&f).reason == COVEY_AUDIT_ALLOWED;
    }
    /* otherwise little would have been compared */
    assert_true(allowed > 3000);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(allows_with_clause_and_end),
        cmocka_unit_test(refuses_by_name),
        cmocka_unit_test(names_the_exclusion),
        cmocka_unit_test(the_last_second_and_the_last_packet),
        cmocka_unit_test(reading_needs_a_right_but_no_target),
        cmocka_unit_test(an_act_without_port_needs_all_ports),
        cmocka_unit_test(a_health_probe_waits_for_no_stage),
        cmocka_unit_test(an_amendment_takes_away_and_never_gives),
        cmocka_unit_test(agrees_with_the_model),
    };

    return KIT_RUN(tests);
}
