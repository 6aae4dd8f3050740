/* SPDX-License-Identifier: BSD-2-Clause */
/* A table of a few rows, and a source of randomness that tests control. */
#ifndef COVEY_TEST_EXCHANGE_FIXTURE_H
#define COVEY_TEST_EXCHANGE_FIXTURE_H

#include "kit.h"

#include <covey/exchange.h>

#define ROWS       8u
#define RESPONDERS 4u

struct fixture {
    covey_exchange_table table;
    covey_exchange_row rows[ROWS];
    covey_slot slots[COVEY_SLOTS(ROWS)];
    covey_timer timers[ROWS];
    covey_exchange_responder responders[RESPONDERS];
    kit_random random;
    bool fails;
};

static inline covey_status fixture_fill(void *user, covey_writer *out)
{
    struct fixture *f = user;

    if (f->fails) {
        return COVEY_E_CRYPTO;
    }
    while (out->pos < out->cap) {
        covey_write_u8(out, (uint8_t)(kit_next(&f->random) >> 9));
    }
    return COVEY_OK;
}

static inline void fixture_init(struct fixture *f)
{
    covey_exchange_memory m = { f->rows,  f->timers,     ROWS,
                                f->slots, f->responders, RESPONDERS };

    memset(f, 0x5a, sizeof *f);
    f->random.state = 1;
    f->fails = false;
    CHECK_STATUS(COVEY_OK,
                 covey_exchange_init(&f->table, &m,
                                     (covey_random){ fixture_fill, f }, 1000));
}

/* 192.0.2.n, port 5683, from our port 40000. */
static inline covey_path fixture_peer(uint8_t n)
{
    covey_path p;

    memset(&p, 0, sizeof p);
    p.peer.family = COVEY_FAMILY_IPV4;
    p.peer.ip[0] = 192;
    p.peer.ip[2] = 2;
    p.peer.ip[3] = n;
    p.peer.port = 5683;
    p.local.port = 40000;
    return p;
}

static inline covey_path fixture_group(void)
{
    covey_path p = fixture_peer(187);

    p.peer.ip[0] = 224;
    p.group = true;
    return p;
}

static inline covey_exchange_request fixture_request(covey_path path,
                                                     uint8_t token_len)
{
    covey_exchange_request r;

    memset(&r, 0, sizeof r);
    r.path = path;
    r.deadline = 6000;
    r.user = 77;
    r.token_len = token_len;
    r.limit = 5;
    r.server_limit = 2;
    return r;
}

/* A token, its span and the name of its exchange. */
struct begun {
    uint8_t token[COVEY_EXCHANGE_TOKEN_MAX];
    covey_bytes span;
    covey_exchange_ref ref;
};

static inline covey_status fixture_begin(struct fixture *f,
                                         const covey_exchange_request *r,
                                         struct begun *b)
{
    return covey_exchange_begin(&f->table, r, b->token, &b->span, &b->ref);
}

#endif
