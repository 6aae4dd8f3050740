/* SPDX-License-Identifier: BSD-2-Clause */
#include "request_rest.h"

#include "cmd.h"
#include "request_compose.h"

#include <stdlib.h>
#include <string.h>
#include <system_address.h>

enum {
    BODY_MAX = 1 << 22, /* bytes of the answer of one member */
    SZX = 6,
    BLOCK = 1024
};

struct request_rest {
    struct request_rest *next;
    covey_path path; /* to the member */
    uint8_t sender[COVEY_OSCORE_ID_MAX];
    uint8_t sender_len;
    covey_fetch fetch;
    covey_fetch_request want;
    covey_exchange_ref sent;
    uint8_t echo[REQUEST_ECHO_MAX];
    size_t echo_len;
    uint8_t *buffer;
};

/* --- one after the other ------------------------------------------------- */

static void drop(struct request_rest *rest)
{
    free(rest->buffer);
    free(rest);
}

static covey_status ask(struct request_run *r, struct request_rest *rest)
{
    const covey_message_parameters p = covey_message_defaults();
    const struct request_parts parts = {
        .want = &rest->want,
        .echo = covey_bytes_of(rest->echo, rest->echo_len),
    };
    covey_endpoint_call call = {
        .path = rest->path,
        .type = r->args->non ? COVEY_COAP_NON : COVEY_COAP_CON,
        .code = r->args->draft.head.code,
        .patience = (uint32_t)covey_message_max_transmit_wait(&p),
    };

    request_layers_call(r->layers,
                        covey_bytes_of(rest->sender, rest->sender_len), false,
                        &call);
    request_compose(r->args, &parts, client_begin(r->client, &call));
    return client_send(r->client, &rest->sent);
}

/* The first of the list is over; the next that can be is asked. */
static void go_on(struct request_run *r)
{
    bool asked;

    do {
        struct request_rest *rest = r->rests;
        r->rests = rest->next;
        drop(rest);
        asked = r->rests != NULL && ask(r, r->rests) == COVEY_OK;
        r->broken |= r->rests != NULL && !asked;
    } while (r->rests != NULL && !asked);
    if (r->rests == NULL && r->collected) {
        request_finish(r, request_verdict(r));
    }
}

static void give_up(struct request_run *r, const char *why)
{
    char peer[ADDRESS_TEXT_MAX];

    request_fail(r->args, EXIT_IO,
                 "the rest of the answer of %s: %s (RFC 7959 Section 2.8)",
                 address_text(&r->rests->path.peer, peer), why);
    r->broken = true;
    go_on(r);
}

/* --- the first block ----------------------------------------------------- */

static bool is_part(const struct request_run *r, const covey_coap_message *m)
{
    covey_block block;

    return r->path.group && !r->many && !r->manual &&
           r->args->verb->kind != REQUEST_OBSERVE && m->code >> 5 == 2 &&
           covey_option_sound_block(m, COVEY_OPTION_BLOCK2, &block) &&
           block.more && block.num == 0;
}

/* As if the group request had been the first one of this transfer. */
static bool start(struct request_run *r, struct request_rest *rest,
                  const covey_endpoint_in *in)
{
    const covey_bytes none = { NULL, 0 };
    const covey_bytes body = r->args->draft.payload;
    const covey_fetch_config config = { .body = body.len > 0 ? body : none,
                                        .buffer = rest->buffer,
                                        .cap = BODY_MAX,
                                        .room = BLOCK,
                                        .szx = SZX };

    return rest->buffer != NULL &&
           covey_fetch_init(&rest->fetch, &config) == COVEY_OK &&
           covey_fetch_next(&rest->fetch, &rest->want) == COVEY_OK &&
           covey_fetch_response(&rest->fetch, &in->message) ==
               COVEY_FETCH_NEXT &&
           covey_fetch_next(&rest->fetch, &rest->want) == COVEY_OK;
}

bool request_rest_begin(struct request_run *r, const covey_path *path,
                        const covey_endpoint_in *in)
{
    const covey_bytes sender = in->opened.sender;
    struct request_rest **end = &r->rests;
    struct request_rest *rest;

    if (!is_part(r, &in->message) || sender.len > sizeof rest->sender) {
        return false;
    }
    rest = calloc(1, sizeof *rest);
    if (rest == NULL) {
        return false;
    }
    rest->buffer = malloc(BODY_MAX);
    rest->path = r->path;
    rest->path.group = false;
    rest->path.peer = path->peer;
    rest->sender_len = (uint8_t)sender.len;
    if (sender.len > 0) {
        memcpy(rest->sender, sender.ptr, sender.len);
    }
    if (!start(r, rest, in) ||
        (r->rests == NULL && ask(r, rest) != COVEY_OK)) {
        drop(rest);
        return false;
    }
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = rest;
    return true;
}

/* --- what follows -------------------------------------------------------- */

/* The member wants to know that we are there: the same once more. */
static bool repeat(struct request_run *r, const covey_endpoint_in *in)
{
    struct request_rest *rest = r->rests;
    covey_bytes value;

    if (!covey_echo_repeat(&in->message, rest->echo_len > 0, &value) ||
        value.len > sizeof rest->echo) {
        rest->echo_len = 0;
        return false;
    }
    memcpy(rest->echo, value.ptr, value.len);
    rest->echo_len = value.len;
    return ask(r, rest) == COVEY_OK;
}

static void take(struct request_run *r, const covey_path *path,
                 covey_coap_message m)
{
    const struct request_peer peer = { path, NULL };
    struct request_rest *rest = r->rests;

    switch (covey_fetch_response(&rest->fetch, &m)) {
    case COVEY_FETCH_NEXT:
        if (covey_fetch_next(&rest->fetch, &rest->want) == COVEY_OK &&
            ask(r, rest) == COVEY_OK) {
            return;
        }
        break;
    case COVEY_FETCH_DONE:
        m.payload = covey_fetch_body(&rest->fetch);
        request_report(r, &peer, &m);
        go_on(r);
        return;
    case COVEY_FETCH_FAILED:
        break;
    }
    give_up(r, "the blocks do not make a body");
}

bool request_rest_take(struct request_run *r, const covey_path *path,
                       const covey_endpoint_in *in)
{
    if (r->rests == NULL || in->exchange.serial != r->rests->sent.serial) {
        return false;
    }
    if (!repeat(r, in)) {
        take(r, path, in->message);
    }
    return true;
}

/* --- ends ---------------------------------------------------------------- */

void request_rest_ended(struct request_run *r,
                        const covey_endpoint_report *report)
{
    if (r->rests == NULL || report->exchange.serial != r->rests->sent.serial) {
        return;
    }
    switch (report->what) {
    case COVEY_ENDPOINT_TIMED_OUT:
        give_up(r, "no answer");
        break;
    case COVEY_ENDPOINT_RESET:
        give_up(r, "rejected by a Reset");
        break;
    case COVEY_ENDPOINT_UNPROTECTED:
        give_up(r, "refused without protection");
        break;
    case COVEY_ENDPOINT_UNDONE:
        give_up(r, "blocks that make no message");
        break;
    case COVEY_ENDPOINT_ANSWERED:
    case COVEY_ENDPOINT_COLLECTED:
    case COVEY_ENDPOINT_CANCELLED:
    case COVEY_ENDPOINT_LOST:
    case COVEY_ENDPOINT_REPLY_ACKNOWLEDGED:
    case COVEY_ENDPOINT_REPLY_RESET:
    case COVEY_ENDPOINT_REPLY_TIMED_OUT:
        break;
    }
}

bool request_rest_waits(struct request_run *r)
{
    r->collected = true;
    return r->rests != NULL;
}

void request_rest_free(struct request_run *r)
{
    while (r->rests != NULL) {
        struct request_rest *rest = r->rests;
        r->rests = rest->next;
        drop(rest);
    }
}
