/* SPDX-License-Identifier: BSD-2-Clause */
#include "status_links.h"

#include <coap_link.h>
#include <schc_link.h>

static json_t *count_json(const schc_link_count *c)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I}", "packets",
                     (json_int_t)c->packets, "message_bytes",
                     (json_int_t)c->message_bytes, "packet_bytes",
                     (json_int_t)c->packet_bytes, "whole",
                     (json_int_t)c->whole, "refused", (json_int_t)c->refused);
}

/* Over all links that are open. */
struct walk {
    const status_links *sets; /* those that are left */
    size_t count;
    size_t at; /* in the first of them */
    const struct link *link;
    link_counts counts; /* of it, by all workers */
};

static void sum(struct walk *w, const status_links *set, size_t which)
{
    w->link = &set->links[which];
    w->counts = *w->link->counts;
    for (size_t i = 1; i < set->workers; i++) {
        const link_counts *c = &set->shared[i * set->count + which];
        w->counts.received += c->received;
        refused_add(&w->counts.refused, &c->refused);
    }
}

static bool next(struct walk *w)
{
    while (w->count > 0) {
        const status_links *set = w->sets;
        if (w->at == set->count) {
            w->sets++;
            w->count--;
            w->at = 0;
        } else if (set->links[w->at++].kind != NULL) {
            sum(w, set, w->at - 1);
            return true;
        }
    }
    return false;
}

static json_t *link_json(const struct walk *w)
{
    const struct link *k = w->link;
    const schc_link *schc = link_schc_of(k);
    char text[LINK_TEXT_MAX];
    json_t *one = json_pack("{s:s, s:I}", "address", link_text(k, text),
                            "messages", (json_int_t)w->counts.received);

    if (schc != NULL) {
        const schc_link_count sent = schc_link_sent(schc);
        const schc_link_count received = schc_link_received(schc);
        json_object_set_new(one, "sent", count_json(&sent));
        json_object_set_new(one, "received", count_json(&received));
    }
    return one;
}

void status_describe_links(json_t *root, const status_links *sets, size_t n)
{
    struct walk w = { .sets = sets, .count = n };
    json_t *all = json_array();

    while (next(&w)) {
        json_array_append_new(all, link_json(&w));
    }
    json_object_set_new(root, "links", all);
}

static void add(status_figures *all, const char *name, const char *help,
                const char *link, uint64_t value)
{
    const status_figure named = { .name = name,
                                  .help = help,
                                  .label = link != NULL ? "link" : NULL,
                                  .of = link };

    status_count(all, &named, value);
}

static void measure_refusals(status_figures *all, const status_links *sets,
                             size_t n)
{
    struct walk w = { .sets = sets, .count = n };
    refused_count refused = { { 0 } };

    while (next(&w)) {
        refused_add(&refused, &w.counts.refused);
    }
    status_measure_refused(all, &refused);
}

/* Bytes of messages, and what of them was on thin links. */
static void measure_schc(status_figures *all, const status_links *sets,
                         size_t n)
{
    uint64_t message_bytes = 0;
    uint64_t packet_bytes = 0;
    struct walk w = { .sets = sets, .count = n };

    while (next(&w)) {
        const schc_link *schc = link_schc_of(w.link);

        if (schc != NULL) {
            const schc_link_count sent = schc_link_sent(schc);
            const schc_link_count received = schc_link_received(schc);
            message_bytes += sent.message_bytes + received.message_bytes;
            packet_bytes += sent.packet_bytes + received.packet_bytes;
        }
    }
    add(all, "covey_schc_message_bytes_total",
        "Bytes of messages, as they are without SCHC.", NULL, message_bytes);
    add(all, "covey_schc_packet_bytes_total",
        "Bytes of SCHC packets that stood for them.", NULL, packet_bytes);
}

void status_measure_links(status_figures *all, const status_links *sets,
                          size_t n)
{
    struct walk w = { .sets = sets, .count = n };

    while (next(&w)) {
        char text[LINK_TEXT_MAX];

        add(all, "covey_messages_received_total",
            "Messages that have arrived.", link_text(w.link, text),
            w.counts.received);
    }
    measure_refusals(all, sets, n);
    measure_schc(all, sets, n);
}
