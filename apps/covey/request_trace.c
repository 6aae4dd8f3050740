/* SPDX-License-Identifier: BSD-2-Clause */
/* What went over the wire, for --explain. */
#include "request_report.h"

#include "schc_json.h"

#include <hex.h>
#include <jansson.h>
#include <stdlib.h>
#include <system_address.h>

static void print_head(const struct request_trace *t, const char *more)
{
    char peer[ADDRESS_TEXT_MAX];

    fflush(stdout);
    fprintf(stderr, "# %s %s, %llu ms%s\n", t->what,
            address_text(&t->peer, peer), (unsigned long long)t->at, more);
}

static void print_json(const struct request_trace *t, const char *key,
                       json_t *message)
{
    char peer[ADDRESS_TEXT_MAX];
    json_t *json = json_object();

    json_object_set_new(json, "what", json_string(t->what));
    json_object_set_new(json, "peer",
                        json_string(address_text(&t->peer, peer)));
    json_object_set_new(json, "at_ms", json_integer((json_int_t)t->at));
    json_object_set_new(json, key, message);
    json_dumpf(json, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(json);
}

void request_trace_datagram(const struct request_args *a,
                            const struct request_trace *t, covey_bytes bytes)
{
    struct coap_printer how = { .framing =
                                    t->stream ? COAP_STREAM : COAP_DATAGRAM,
                                .message_len = bytes.len };
    covey_coap_message m;
    size_t used;
    covey_status st = t->stream ? covey_coap_parse_stream(&m, bytes, &used)
                                : covey_coap_parse(&m, bytes);

    how.code = st == COVEY_OK ? m.code : COVEY_COAP_EMPTY;
    if (a->json) {
        print_json(t, t->stream ? "message" : "datagram",
                   st == COVEY_OK ? coap_json_of(&how, &m) : json_null());
        return;
    }
    print_head(t, "");
    if (st == COVEY_OK) {
        coap_text_print(stderr, &how, &m);
    } else {
        fprintf(stderr, "# no CoAP message: %s [%s]\n", covey_status_text(st),
                covey_status_name(st));
    }
    fputc('\n', stderr);
}

/* How long the message is as the plaintext of OSCORE. */
static size_t plaintext_len(const covey_coap_message *m)
{
    const bool payload = m->payload.len > 0;

    return 1 + m->options.len + (payload ? 1 + m->payload.len : 0);
}

void request_trace_plain(const struct request_args *a,
                         const struct request_trace *t,
                         const covey_coap_message *m)
{
    const struct coap_printer how = { .framing = COAP_INNER,
                                      .message_len = plaintext_len(m),
                                      .code = m->code };

    if (a->json) {
        print_json(t, "plain", coap_json_of(&how, m));
        return;
    }
    print_head(t, ", plain");
    coap_text_print(stderr, &how, m);
    fputc('\n', stderr);
}

/* --- thin links ---------------------------------------------------------- */

static json_t *packet_json(const schc_link *k, covey_bytes packet)
{
    json_t *json = json_object();
    uint32_t id;
    unsigned bits;

    if (schc_link_rule_of(k, packet, &id, &bits)) {
        json_object_set_new(json, "rule_id", json_integer(id));
        json_object_set_new(json, "rule_id_length",
                            json_integer((json_int_t)bits));
    }
    json_object_set_new(json, "packet", schc_json_hex(packet));
    return json;
}

void request_trace_packet(const struct request_args *a,
                          const struct request_trace *t, const schc_link *k,
                          covey_bytes packet)
{
    char more[96];
    uint32_t id;
    unsigned bits;

    if (a->json) {
        print_json(t, "schc", packet_json(k, packet));
        return;
    }
    if (schc_link_rule_of(k, packet, &id, &bits)) {
        snprintf(more, sizeof more, ", SCHC packet of %zu bytes, rule %u/%u",
                 packet.len, (unsigned)id, bits);
    } else {
        snprintf(more, sizeof more,
                 ", %zu bytes that begin with no RuleID of ours", packet.len);
    }
    print_head(t, more);
    fputs("# ", stderr);
    hex_print(stderr, packet);
    fputs("\n\n", stderr);
}

static void print_count(const char *way, const schc_link_count *c)
{
    fprintf(stderr,
            "# %s: %llu bytes of messages in %llu of %llu packets, %llu of "
            "them whole\n",
            way, (unsigned long long)c->message_bytes,
            (unsigned long long)c->packet_bytes,
            (unsigned long long)c->packets, (unsigned long long)c->whole);
    if (c->refused > 0) {
        fprintf(stderr, "# %s: %llu refused\n", way,
                (unsigned long long)c->refused);
    }
}

void request_trace_link(const struct request_args *a, const schc_link *k)
{
    if (k != NULL && a->explain && !a->json) {
        const schc_link_count sent = schc_link_sent(k);
        const schc_link_count received = schc_link_received(k);
        print_count("sent", &sent);
        print_count("received", &received);
    }
}
