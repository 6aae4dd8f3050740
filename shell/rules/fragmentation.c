/* SPDX-License-Identifier: BSD-2-Clause */
/* Fragmentation rules (RFC 8724 Section 8, RFC 9363 Section 4.9): nothing here
 * uses them; what bounds the memory and the time of a reassembly is read for
 * who judges rule sets. */
#include "internal.h"

#include <string.h>

enum {
    PACKET_DEFAULT = 1280 /* of RFC 9363 */
};

static struct fy_node *member(struct fy_node *object, const char *name)
{
    char full[64];

    if (rules_json_get(object, name) != NULL) {
        return rules_json_get(object, name);
    }
    snprintf(full, sizeof full, "ietf-schc:%s", name);
    return rules_json_get(object, full);
}

static bool says(struct fy_node *object, const char *name, const char *word)
{
    struct fy_node *node = member(object, name);
    const char *text = node != NULL ? rules_json_string(node) : NULL;

    if (text != NULL && strncmp(text, "ietf-schc:", 10) == 0) {
        text += 10;
    }
    return text != NULL && strcmp(text, word) == 0;
}

/* A number above zero; what is none is as good as not there. */
static uint64_t number(struct fy_node *object, const char *name,
                       uint64_t otherwise)
{
    struct fy_node *node = member(object, name);
    uint64_t n = 0;

    if (node == NULL || !rules_json_unsigned(node, UINT32_MAX, &n)) {
        return otherwise;
    }
    return n;
}

/* A timer of zero ticks is switched off. */
static bool has_timer(struct fy_node *object, const char *name)
{
    struct fy_node *timer = member(object, name);

    return timer != NULL && number(timer, "ticks-numbers", 0) > 0;
}

bool rules_fragmentation_read(rules_loader *l, struct fy_node *object)
{
    rules_file *f = l->file;
    unsigned column = 0;

    if (!l->options->fragmentation ||
        !says(object, "rule-nature", "nature-fragmentation")) {
        return false;
    }
    rules_fragmentation *r = &f->fragmentations[f->fragmentation_count++];
    rules_json_position(object, &r->line, &column);
    r->acks = !says(object, "fragmentation-mode", "fragmentation-mode-no-ack");
    r->bytes = number(object, "maximum-packet-size", PACKET_DEFAULT) *
               number(object, "max-interleaved-frames", 1);
    r->inactivity = has_timer(object, "inactivity-timer");
    r->retransmission = has_timer(object, "retransmission-timer");
    r->attempts = number(object, "max-ack-requests", 0) > 0;
    return true;
}

const rules_fragmentation *rules_fragmentations(const rules_file *file,
                                                size_t *count)
{
    *count = file->fragmentation_count;
    return file->fragmentations;
}
