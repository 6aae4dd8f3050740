/* SPDX-License-Identifier: BSD-2-Clause */
#include "schc_link.h"

#include <rules.h>
#include <stdlib.h>

struct schc_link {
    rules_file *file;
    covey_schc_context context;
    covey_schc_index *index;
    void *memory; /* of the index */
    covey_schc_direction sends;
    schc_link_count sent;
    schc_link_count received;
    size_t message_max;
    uint8_t *message;
};

/* --- ranges -------------------------------------------------------------- */

/* Of a 16-bit number; false if there is none. *end is behind it. */
static bool number(const char *text, char **end, uint32_t *out)
{
    if (text[0] < '0' || text[0] > '9') {
        return false;
    }
    const unsigned long value =
        strtoul(text, end, text[1] == 'x' || text[1] == 'X' ? 16 : 10);

    *out = (uint32_t)value;
    return value <= UINT16_MAX;
}

bool schc_link_range(const char *text, uint16_t *first, uint8_t *bits)
{
    uint32_t from = 0;
    uint32_t to = 0;
    char *end = NULL;
    uint8_t free_bits = 0;

    if (!number(text, &end, &from) || *end != '-' ||
        !number(end + 1, &end, &to) || *end != '\0') {
        return false;
    }
    while (free_bits < 16 && (from ^ to) >> free_bits != 0) {
        free_bits++;
    }
    const uint32_t mask = (1u << free_bits) - 1;
    if (free_bits == 0 || (from & mask) != 0 || (to & mask) != mask) {
        return false;
    }
    *first = (uint16_t)from;
    *bits = free_bits;
    return true;
}

/* --- opening ------------------------------------------------------------- */

static rules_file *load(const char *path, FILE *messages)
{
    const rules_options options = rules_default_options();
    rules_report report = { NULL, 0, 0 };
    rules_file *file = rules_load(path, &options, &report);

    rules_report_print(&report, path, messages);
    rules_report_free(&report);
    if (file != NULL && rules_stack(file) != COVEY_SCHC_STACK_COAP) {
        fprintf(messages,
                "%s: error: rules of the stack %s; a link has those of coap "
                "(covey-rules(5))\n",
                path, covey_schc_stack_name(rules_stack(file)));
        rules_free(file);
        return NULL;
    }
    return file;
}

static bool make_index(schc_link *k)
{
    const size_t size = covey_schc_index_size(k->context.rules);

    k->memory = malloc(size);
    k->index = covey_schc_index_build(k->context.rules, k->memory, size);
    return k->index != NULL;
}

schc_link *schc_link_open(const schc_link_options *o, FILE *messages)
{
    schc_link *k = calloc(1, sizeof *k);

    if (k == NULL) {
        fprintf(messages, "%s: error: out of memory\n", o->rules);
        return NULL;
    }
    k->sends = o->sends;
    k->message_max = o->message_max;
    k->file = load(o->rules, messages);
    if (k->file == NULL) {
        schc_link_close(k);
        return NULL;
    }
    k->context.rules = rules_get(k->file);
    k->context.stack = COVEY_SCHC_STACK_COAP;
    k->message = malloc(o->message_max);
    if (k->message == NULL || !make_index(k)) {
        fprintf(messages, "%s: error: out of memory\n", o->rules);
        schc_link_close(k);
        return NULL;
    }
    return k;
}

void schc_link_close(schc_link *k)
{
    if (k == NULL) {
        return;
    }
    free(k->memory);
    free(k->message);
    rules_free(k->file);
    free(k);
}

/* --- packets ------------------------------------------------------------- */

static void count(schc_link *k, schc_link_count *way, size_t message,
                  size_t packet, uint16_t rule)
{
    way->packets++;
    way->message_bytes += message;
    way->packet_bytes += packet;
    way->whole +=
        k->context.rules->rules[rule].nature == COVEY_SCHC_NO_COMPRESSION;
}

covey_status schc_link_compress(schc_link *k, covey_bytes message,
                                covey_writer *out)
{
    covey_bit_writer bits =
        covey_bit_writer_of(out->base + out->pos, out->cap - out->pos);
    covey_schc_outcome outcome;
    const covey_status st = covey_schc_index_compress(
        k->index, &k->context, k->sends, message, &bits, &outcome);
    if (st != COVEY_OK) {
        k->sent.refused++;
        return st;
    }
    const size_t len = covey_bits_written(&bits).len;
    out->pos += len;
    count(k, &k->sent, message.len, len, outcome.rule);
    return COVEY_OK;
}

covey_status schc_link_decompress(schc_link *k, covey_bytes packet,
                                  covey_bytes *message)
{
    const covey_schc_direction comes =
        k->sends == COVEY_SCHC_UP ? COVEY_SCHC_DOWN : COVEY_SCHC_UP;
    covey_writer out = covey_writer_of(k->message, k->message_max);
    covey_schc_outcome outcome;
    const covey_status st = covey_schc_index_decompress(
        k->index, &k->context, comes, packet, &out, &outcome);

    if (st != COVEY_OK) {
        k->received.refused++;
        return st;
    }
    *message = covey_written(&out);
    count(k, &k->received, message->len, packet.len, outcome.rule);
    return COVEY_OK;
}

bool schc_link_rule_of(const schc_link *k, covey_bytes packet, uint32_t *id,
                       unsigned *bits)
{
    const int32_t at = covey_schc_find(k->context.rules, packet);

    if (at < 0) {
        return false;
    }
    *id = k->context.rules->rules[at].id;
    *bits = k->context.rules->rules[at].id_bits;
    return true;
}

schc_link_count schc_link_sent(const schc_link *k)
{
    return k->sent;
}

schc_link_count schc_link_received(const schc_link *k)
{
    return k->received;
}
