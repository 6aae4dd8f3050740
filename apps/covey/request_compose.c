/* SPDX-License-Identifier: BSD-2-Clause */
#include "request_compose.h"

#include <string.h>

enum {
    EXTRAS = 5
};

/* Options that this program adds, in ascending order. */
struct extras {
    struct coap_draft_option option[EXTRAS];
    size_t count;
    uint8_t bytes[EXTRAS][4];
};

static void add_extra(struct extras *e, uint16_t number, covey_bytes value)
{
    e->option[e->count].number = number;
    e->option[e->count].value = value;
    e->count++;
}

static void add_block(struct extras *e, uint16_t number,
                      const covey_block *block)
{
    covey_bytes value;

    if (covey_block_encode(block, e->bytes[e->count], &value) == COVEY_OK) {
        add_extra(e, number, value);
    }
}

static void add_extras(const struct request_args *a,
                       const struct request_parts *parts, struct extras *e)
{
    const covey_fetch_request *want = parts->want;

    memset(e, 0, sizeof *e);
    if (want->has_block2) {
        add_block(e, COVEY_OPTION_BLOCK2, &want->block2);
    }
    if (want->has_block1) {
        add_block(e, COVEY_OPTION_BLOCK1, &want->block1);
    }
    if (parts->proxy_uri.len > 0) {
        add_extra(e, COVEY_OPTION_PROXY_URI, parts->proxy_uri);
    }
    if (want->has_block1 && want->block1.num == 0) {
        add_extra(e, COVEY_OPTION_SIZE1,
                  covey_option_uint_encode((uint32_t)a->draft.payload.len,
                                           e->bytes[e->count]));
    }
    if (parts->echo.len > 0) {
        add_extra(e, COVEY_OPTION_ECHO, parts->echo);
    }
}

/* Those of ours that come before this number. */
static void put_extras(const struct extras *e, size_t *next, uint32_t number,
                       covey_coap_composer *c)
{
    for (; *next < e->count && e->option[*next].number < number; (*next)++) {
        covey_coap_put_option(c, e->option[*next].number,
                              e->option[*next].value);
    }
}

static bool is_wanted(const struct request_parts *parts, uint16_t number)
{
    switch (number) {
    case COVEY_OPTION_OBSERVE:
        return parts->observe;
    case COVEY_OPTION_PROXY_URI:
    case COVEY_OPTION_MULTICAST_TIMEOUT:
    case COVEY_OPTION_MULTICAST_SIGNALING:
        return parts->proxy_uri.len == 0;
    default:
        return true;
    }
}

void request_compose(const struct request_args *a,
                     const struct request_parts *parts, covey_coap_composer *c)
{
    struct extras e;
    size_t next = 0;

    add_extras(a, parts, &e);
    for (size_t i = 0; i < a->draft.option_count; i++) {
        const struct coap_draft_option *o = &a->draft.options[i];
        put_extras(&e, &next, o->number, c);
        if (is_wanted(parts, o->number)) {
            covey_coap_put_option(c, o->number, o->value);
        }
    }
    put_extras(&e, &next, UINT32_MAX, c);
    covey_coap_put_payload(c, parts->want->payload);
}
