/* SPDX-License-Identifier: BSD-2-Clause */
/* The frame: what came in goes to server.c or client.c, what goes out comes
 * from there or from the message layer. */
#include "endpoint_internal.h"

#include <string.h>

covey_status covey_endpoint_init(covey_endpoint *e,
                                 const covey_endpoint_config *config,
                                 const covey_endpoint_memory *memory,
                                 covey_ms now)
{
    covey_status st;

    memset(e, 0, sizeof *e);
    e->protectors = config->protectors;
    e->protector_count = config->protector_count;
    e->scratch = memory->scratch;
    e->half = memory->scratch_len / 2;
    covey__outer_init(e, memory->outer);
    e->random = ~config->seed;
    e->now = now;
    e->streams = config->streams;
    e->passes_sealed = config->passes_sealed;
    st = covey__endpoint_client_init(e, config, memory, now);
    if (st != COVEY_OK || e->streams) {
        return st;
    }
    return covey_message_init(&e->message, &config->message, &memory->message,
                              config->seed, now);
}

/* SplitMix64. */
uint32_t covey__endpoint_random(covey_endpoint *e)
{
    uint64_t z = e->random += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)(z >> 32);
}

covey_writer covey__endpoint_inward(const covey_endpoint *e)
{
    return covey_writer_of(e->scratch, e->half);
}

covey_writer covey__endpoint_outward(const covey_endpoint *e)
{
    return covey_writer_of(e->scratch == NULL ? NULL : e->scratch + e->half,
                           e->half);
}

bool covey__endpoint_is_sealed(const covey_coap_message *m)
{
    covey_bytes value;

    return covey_option_get(m, COVEY_OPTION_OSCORE, &value);
}

/* --- what carries messages ----------------------------------------------- */

covey_status covey__endpoint_send(covey_endpoint *e, covey_ms now,
                                  const covey_message_letter *letter,
                                  covey_writer *message,
                                  covey_message_sent *sent)
{
    const covey_message_ref none = { 0, 0 };

    if (!e->streams) {
        return covey_message_send(&e->message, now, letter, message, sent);
    }
    if (letter->path.group) {
        return COVEY_E_ARGUMENT;
    }
    sent->ref = none;
    sent->now = true;
    return covey_coap_reframe(message);
}

void covey__endpoint_forget(covey_endpoint *e, covey_message_ref sent)
{
    if (!e->streams) {
        covey_message_cancel(&e->message, sent);
    }
}

void covey__endpoint_acknowledge(covey_endpoint *e, covey_message_ref in)
{
    if (!e->streams) {
        covey_message_acknowledge(&e->message, in);
    }
}

void covey__endpoint_reject(covey_endpoint *e, covey_message_ref in)
{
    if (!e->streams) {
        covey_message_reject(&e->message, in);
    }
}

/* --- receiving ----------------------------------------------------------- */

/* A message that has been taken off what carried it. */
static covey_status take(covey_endpoint *e, covey_ms now,
                         const covey_path *path, const covey_message_in *m,
                         covey_endpoint_in *in)
{
    e->now = now;
    e->owed_len = 0;
    e->unspent = false;
    in->kind = COVEY_ENDPOINT_NOTHING;
    switch (m->kind) {
    case COVEY_MESSAGE_NOTHING:
        break;
    case COVEY_MESSAGE_REQUEST:
        return covey__endpoint_on_request(e, now, path, m, in);
    case COVEY_MESSAGE_RESPONSE:
        return covey__endpoint_on_response(e, path, m, in);
    }
    return COVEY_OK;
}

covey_status covey_endpoint_receive(covey_endpoint *e, covey_ms now,
                                    const covey_path *path,
                                    covey_bytes datagram,
                                    covey_endpoint_in *in)
{
    covey_message_in m;
    covey_status received;
    covey_status taken;

    if (e->streams) {
        in->kind = COVEY_ENDPOINT_NOTHING;
        return COVEY_E_UNSUPPORTED;
    }
    received = covey_message_receive(&e->message, now, path, datagram, &m);
    taken = take(e, now, path, &m, in);
    return received != COVEY_OK ? received : taken;
}

covey_signal_verdict covey_stream_receive(covey_stream *s, covey_endpoint *e,
                                          covey_ms now, covey_bytes bytes,
                                          size_t *used, covey_endpoint_in *in)
{
    covey_message_in m = { .kind = COVEY_MESSAGE_NOTHING };
    covey_signal_verdict verdict =
        covey_signal_receive(&s->signal, bytes, used, &m.message);

    in->kind = COVEY_ENDPOINT_NOTHING;
    in->opened.fault = COVEY_OSCORE_NO_FAULT;
    if (verdict != COVEY_SIGNAL_MESSAGE) {
        return verdict;
    }
    m.kind = m.message.code >> 5 == 0 ? COVEY_MESSAGE_REQUEST
                                      : COVEY_MESSAGE_RESPONSE;
    /* What is wrong with it is counted, and its reaction is owed. */
    (void)take(e, now, &s->path, &m, in);
    return verdict;
}

void covey_stream_init(covey_stream *s, const covey_path *path,
                       const covey_signal_config *config, covey_ms now)
{
    s->path = *path;
    covey_signal_init(&s->signal, config, now);
}

/* --- drafts -------------------------------------------------------------- */

void covey__endpoint_draft(covey_endpoint *e, covey_draft *d,
                           const covey_coap_message *head, bool sealed,
                           covey_writer *out)
{
    d->out = out;
    d->sealed = sealed;
    d->code = head->code;
    d->failed = out->pos == 0 ? COVEY_OK : COVEY_E_ARGUMENT;
    if (sealed) {
        d->plain = covey__endpoint_outward(e);
    }
    d->composer = covey_coap_compose(sealed ? &d->plain : out, head);
}

covey_status covey__endpoint_drafted(covey_draft *d, covey_coap_message *m)
{
    covey_status st = covey_coap_finish(&d->composer);

    if (d->failed != COVEY_OK) {
        st = d->failed;
    }
    if (st == COVEY_OK && m != NULL) {
        st =
            covey_coap_parse(m, covey_written(d->sealed ? &d->plain : d->out));
    }
    return st;
}

covey_status covey_endpoint_ping(covey_endpoint *e, covey_ms now,
                                 const covey_path *path, uint64_t user,
                                 covey_writer *out, covey_endpoint_sent *sent)
{
    const covey_coap_message empty = { .type = COVEY_COAP_CON };
    const covey_message_letter letter = { .path = *path, .user = user };
    const covey_exchange_ref none = { 0, 0 };
    covey_coap_composer c = covey_coap_compose(out, &empty);
    covey_message_sent s;
    covey_status st = covey_coap_finish(&c);

    e->now = now;
    if (e->streams) {
        return COVEY_E_UNSUPPORTED;
    }
    if (st == COVEY_OK) {
        st = covey__endpoint_send(e, now, &letter, out, &s);
    }
    if (st != COVEY_OK) {
        return st;
    }
    sent->now = s.now;
    sent->unwanted = false;
    sent->path = *path;
    sent->message = s.ref;
    sent->exchange = none;
    return COVEY_OK;
}

bool covey_endpoint_transmit(covey_endpoint *e, covey_ms now, covey_path *path,
                             covey_writer *out)
{
    e->now = now;
    if (e->owed_len != 0) {
        *path = e->owed_path;
        covey_write_bytes(out, covey_bytes_of(e->scratch, e->owed_len));
        e->owed_len = 0;
        return true;
    }
    return !e->streams && covey_message_transmit(&e->message, now, path, out);
}

bool covey_endpoint_event(covey_endpoint *e, covey_endpoint_report *event)
{
    covey_message_report r;

    while (!e->streams && covey_message_event(&e->message, &r)) {
        if (covey__endpoint_on_report(e, &r, event)) {
            return true;
        }
    }
    return covey__endpoint_ended(e, event);
}

covey_ms covey_endpoint_deadline(const covey_endpoint *e)
{
    if (e->owed_len != 0) {
        return 0;
    }
    if (e->streams) {
        return covey__endpoint_client_deadline(e);
    }
    return covey_earlier(covey_message_deadline(&e->message),
                         covey__endpoint_client_deadline(e));
}
