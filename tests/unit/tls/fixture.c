/* SPDX-License-Identifier: BSD-2-Clause */
#include "fixture.h"

covey_scripted scripted;
struct pair p;

static covey_crypto crypto;

int fixture_begin(void **state)
{
    (void)state;
    covey_scripted_open(&scripted, NULL, &crypto);
    pair_open(&p, &crypto);
    return 0;
}

int fixture_end(void **state)
{
    (void)state;
    pair_close(&p);
    return scripted.live == 0 ? 0 : -1;
}

const covey_crypto *fixture_crypto(void)
{
    return &crypto;
}

covey_tls_info info_of(const struct side *s)
{
    covey_tls_info info;

    covey_tls_information(&s->t, &info);
    return info;
}

void connect_pair(void)
{
    pair_stop(&p);
    pair_start(&p);
    pair_run(&p);
    pair_connected(&p);
}

void refuse_pair(const struct side *s, unsigned alert)
{
    pair_stop(&p);
    pair_start(&p);
    pair_run(&p);
    pair_refused(s, alert);
}

void talk(void)
{
    static uint8_t big[40000];
    uint8_t a[40];
    uint8_t b[40];
    covey_writer wa = covey_writer_of(a, sizeof a);
    covey_writer wb = covey_writer_of(b, sizeof b);

    p.client.data_len = p.server.data_len = 0;
    memset(big, 'x', sizeof big);
    pair_send(&p.client, p.now, SPAN("hello, server"));
    pair_run(&p);
    CHECK_SPAN(SPAN("hello, server"),
               covey_bytes_of(p.server.data, p.server.data_len));
    pair_send(&p.server, p.now, covey_bytes_of(big, sizeof big));
    pair_run(&p);
    CHECK_SPAN(covey_bytes_of(big, sizeof big),
               covey_bytes_of(p.client.data, p.client.data_len));
    CHECK_STATUS(COVEY_OK, covey_tls_export(&p.client.t, SPAN("EXPORTER-x"),
                                            SPAN("context"), &wa));
    CHECK_STATUS(COVEY_OK, covey_tls_export(&p.server.t, SPAN("EXPORTER-x"),
                                            SPAN("context"), &wb));
    CHECK_SPAN(covey_written(&wa), covey_written(&wb));
}
