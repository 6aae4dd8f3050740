/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 7252 Section 3 once more, as naively as it can be written, to hold the
 * real parser against. Shares nothing with it. */
#ifndef COVEY_TEST_COAP_MODEL_H
#define COVEY_TEST_COAP_MODEL_H

#include <covey/status.h>

#define MODEL_OPTIONS 64

struct model {
    int code;
    long token;
    long token_len;
    int count;
    struct {
        long number;
        long value;
        long len;
    } option[MODEL_OPTIONS];
    long payload; /* -1: absent */
};

/* The number that a 4-bit field and its extension at b[*i] stand for. */
static covey_status model_extend(const unsigned char *b, long n, long *i,
                                 long *field)
{
    if (*field == 13) {
        if (*i + 1 > n) {
            return COVEY_E_SHORT;
        }
        *field = 13 + b[*i];
        *i = *i + 1;
    } else if (*field == 14) {
        if (*i + 2 > n) {
            return COVEY_E_SHORT;
        }
        *field = 269 + 256 * b[*i] + b[*i + 1];
        *i = *i + 2;
    }
    return COVEY_OK;
}

static covey_status model_body(struct model *m, const unsigned char *b, long n,
                               long i)
{
    long number = 0;

    m->count = 0;
    m->payload = -1;
    while (i < n) {
        long delta = b[i] / 16;
        long len = b[i] % 16;
        if (b[i] == 255) {
            m->payload = i + 1;
            return i + 1 == n ? COVEY_E_FORMAT : COVEY_OK;
        }
        if (delta == 15 || len == 15) {
            return COVEY_E_FORMAT;
        }
        i = i + 1;
        if (model_extend(b, n, &i, &delta) != COVEY_OK) {
            return COVEY_E_SHORT;
        }
        number = number + delta;
        if (number > 65535) {
            return COVEY_E_FORMAT;
        }
        if (model_extend(b, n, &i, &len) != COVEY_OK || i + len > n) {
            return COVEY_E_SHORT;
        }
        if (m->count < MODEL_OPTIONS) {
            m->option[m->count].number = number;
            m->option[m->count].value = i;
            m->option[m->count].len = len;
        }
        m->count = m->count + 1;
        i = i + len;
    }
    return COVEY_OK;
}

static covey_status model_datagram(struct model *m, const unsigned char *b,
                                   long n)
{
    long tkl;
    long i = 4;

    if (n < 4) {
        return COVEY_E_SHORT;
    }
    if (b[0] / 64 != 1) {
        return COVEY_E_UNSUPPORTED;
    }
    tkl = b[0] % 16;
    m->code = b[1];
    if (m->code == 0) {
        m->token = 4;
        m->token_len = 0;
        m->count = 0;
        m->payload = -1;
        return tkl == 0 && n == 4 ? COVEY_OK : COVEY_E_FORMAT;
    }
    if (tkl == 15) {
        return COVEY_E_FORMAT;
    }
    if (model_extend(b, n, &i, &tkl) != COVEY_OK || i + tkl > n) {
        return COVEY_E_SHORT;
    }
    m->token = i;
    m->token_len = tkl;
    return model_body(m, b, n, i + tkl);
}

#endif
