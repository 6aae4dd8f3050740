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

/* The next open link of all sets; NULL: there is none. *at begins with 0. */
static const struct link *next_link(const status_links *sets, size_t n,
                                    size_t *at)
{
    size_t before = 0;

    for (size_t i = 0; i < n; i++) {
        while (*at < before + sets[i].count) {
            const struct link *k = &sets[i].links[*at - before];
            (*at)++;
            if (k->kind != NULL) {
                return k;
            }
        }
        before += sets[i].count;
    }
    return NULL;
}

static json_t *link_json(const struct link *k)
{
    const schc_link *schc = link_schc_of(k);
    char text[LINK_TEXT_MAX];
    json_t *one = json_pack("{s:s, s:I}", "address", link_text(k, text),
                            "messages", (json_int_t)k->received);

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
    json_t *all = json_array();
    const struct link *k;
    size_t at = 0;

    while ((k = next_link(sets, n, &at)) != NULL) {
        json_array_append_new(all, link_json(k));
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
    refused_count sum = { { 0 } };
    const struct link *k;
    size_t at = 0;

    while ((k = next_link(sets, n, &at)) != NULL) {
        refused_add(&sum, &k->refused);
    }
    status_measure_refused(all, &sum);
}

/* Bytes of messages, and what of them was on thin links. */
static void measure_schc(status_figures *all, const status_links *sets,
                         size_t n)
{
    uint64_t message_bytes = 0;
    uint64_t packet_bytes = 0;
    const struct link *k;
    size_t at = 0;

    while ((k = next_link(sets, n, &at)) != NULL) {
        const schc_link *schc = link_schc_of(k);

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
    const struct link *k;
    size_t at = 0;

    while ((k = next_link(sets, n, &at)) != NULL) {
        char text[LINK_TEXT_MAX];

        add(all, "covey_messages_received_total",
            "Messages that have arrived.", link_text(k, text), k->received);
    }
    measure_refusals(all, sets, n);
    measure_schc(all, sets, n);
}
