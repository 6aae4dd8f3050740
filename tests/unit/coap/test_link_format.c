/* SPDX-License-Identifier: BSD-2-Clause */
/* /.well-known/core: what is written, and who gets it. */
#include "kit.h"

#include <covey/link_format.h>

static const uint16_t formats[] = { 40, 60 };

/* Everything that a link may have. */
static covey_link full(void)
{
    covey_link l = { SPAN("/s/t"), SPAN("temp core.s"),
                     SPAN("a b"),  SPAN("say \"\\\""),
                     formats,      2,
                     4096,         true,
                     true,         true };
    return l;
}

static covey_link bare(void)
{
    covey_link l = { 0 };

    l.path = SPAN("/");
    return l;
}

static void writes_links(void **state)
{
    uint8_t room[256];
    covey_writer w = covey_writer_of(room, sizeof room);
    covey_link l = full();

    (void)state;
    covey_link_write(&w, &l, true);
    l = bare();
    covey_link_write(&w, &l, false);
    l.ct = formats;
    l.ct_count = 1;
    l.obs = true;
    covey_link_write(&w, &l, false);
    CHECK_SPAN(SPAN("</s/t>;rt=\"temp core.s\";if=\"a b\";"
                    "title=\"say \\\"\\\\\\\"\";obs;osc;gosc;sz=4096;"
                    "ct=\"40 60\",</>,</>;obs;ct=40"),
               covey_written(&w));
    CHECK_STATUS(COVEY_OK, w.failed);
    w = covey_writer_of(room, 20);
    l = full();
    covey_link_write(&w, &l, true);
    CHECK_STATUS(COVEY_E_ROOM, w.failed);
}

static void filters(void **state)
{
    static const struct {
        const char *query;
        bool full;
        bool bare;
    } cases[] = {
        { "href=/s/t", true, false },
        { "href=/s*", true, false },
        { "href=/*", true, true },
        { "href=*", true, true },
        { "href=/s", false, false },
        { "href=/s/t/", false, false },
        { "href", true, true },
        { "href=", false, false },
        { "rt=temp", true, false },
        { "rt=core.s", true, false },
        { "rt=core.*", true, false },
        { "rt=*", true, false },
        { "rt=tem", false, false },
        { "rt=temp core.s", false, false },
        { "rt=", false, false },
        { "rt", true, false },
        { "rt=temp*core", false, false },
        { "if=b", true, false },
        { "if=c", false, false },
        { "title=say*", true, false },
        { "title=say", false, false },
        { "ct=40", true, false },
        { "ct=60", true, false },
        { "ct=4", false, false },
        { "ct=4*", true, false },
        { "ct=40 60", false, false },
        { "ct", true, false },
        { "sz=4096", true, false },
        { "sz=4095", false, false },
        { "sz", true, false },
        { "obs", true, false },
        { "osc", true, false },
        { "gosc", true, false },
        { "obs=1", false, false },
        { "obs=*", false, false },
        { "obs=", false, false },
        { "nonsense", false, false },
        { "nonsense=*", false, false },
        { "RT=temp", false, false },
        { "", false, false },
        { "=", false, false },
        { "*", false, false },
    };
    const covey_link f = full();
    const covey_link b = bare();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const covey_bytes query = covey_bytes_of(
            (const uint8_t *)cases[i].query, strlen(cases[i].query));
        kit_case(cases[i].query);
        assert_int_equal(cases[i].full, covey_link_fits(&f, query));
        assert_int_equal(cases[i].bare, covey_link_fits(&b, query));
    }
    kit_case(NULL);
}

static void every_query_counts(void **state)
{
    uint8_t room[64];
    covey_link l = full();
    covey_coap_message m = { 0 };

    (void)state;
    assert_true(covey_link_is_asked_for(&l, &m));
    /* Uri-Path "x", Uri-Query "obs", "osc" */
    m.options = kit_hex("b178 436f6273 036f7363", room, sizeof room);
    assert_true(covey_link_is_asked_for(&l, &m));
    l.osc = false;
    assert_false(covey_link_is_asked_for(&l, &m));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_links),
        cmocka_unit_test(filters),
        cmocka_unit_test(every_query_counts),
    };

    return KIT_RUN(tests);
}
