/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "order.h"

#include <string.h>
#include <system_address.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

enum {
    LINE_MAX_LEN = 120,
    WORDS_MAX = 2
};

/* Protocols that a tool may speak: none that carries other packets. */
static const uint8_t protocols[] = { 1, 2, 6, 17, 33, 58, 132, 136 };

typedef struct line {
    unsigned number;
    char text[LINE_MAX_LEN + 1];
    const char *words[WORDS_MAX]; /* behind the first */
    size_t count;
    FILE *messages;
} line;

bool order_has_ports(uint8_t protocol)
{
    return protocol == 6 || protocol == 17;
}

static bool fault(const line *l, const char *expected)
{
    fprintf(l->messages, "order:%u: error: expected %s\n", l->number,
            expected);
    return false;
}

/* --- words --------------------------------------------------------------- */

/* Digits, without a zero in front, and nothing behind them. */
static bool read_number(const char *text, uint32_t max, uint32_t *out)
{
    uint32_t n = 0;

    if (text[0] == '\0' || (text[0] == '0' && text[1] != '\0')) {
        return false;
    }
    for (const char *p = text; *p != '\0'; p++) {
        const uint32_t digit = (uint32_t)(unsigned char)*p - '0';
        if (digit > 9 || n > (max - digit) / 10) {
            return false;
        }
        n = n * 10 + digit;
    }
    *out = n;
    return true;
}

static bool read_positive(const char *text, uint32_t max, uint32_t *out)
{
    return *out == 0 && read_number(text, max, out) && *out > 0;
}

static bool read_ports(const char *text, order_permit *p)
{
    const char *dash = strchr(text, '-');
    char first[LINE_MAX_LEN + 1];
    uint32_t a = 0;
    uint32_t b = 0;

    if (dash == NULL) {
        return false;
    }
    memcpy(first, text, (size_t)(dash - text));
    first[dash - text] = '\0';
    if (!read_number(first, UINT16_MAX, &a) ||
        !read_number(dash + 1, UINT16_MAX, &b) || a > b) {
        return false;
    }
    p->first = (uint16_t)a;
    p->last = (uint16_t)b;
    return true;
}

static bool is_host(const covey_address *a)
{
    const bool group =
        a->family == COVEY_FAMILY_IPV4 ? a->ip[0] >= 224 : a->ip[0] == 0xff;

    return !group;
}

static bool is_canary(const covey_address *a)
{
    covey_address four;
    covey_address six;

    return !address_parse(ORDER_CANARY4, 0, &four) ||
           !address_parse(ORDER_CANARY6, 0, &six) ||
           covey_address_equal(a, &four) || covey_address_equal(a, &six);
}

/* --- lines --------------------------------------------------------------- */

static bool read_target(const line *l, fence_order *o)
{
    if (o->target.family != COVEY_FAMILY_NONE || l->count != 1 ||
        !address_parse(l->words[0], 0, &o->target) || !is_host(&o->target) ||
        is_canary(&o->target)) {
        return fault(l, "one target, the address of a host");
    }
    return true;
}

static bool read_source(const line *l, fence_order *o)
{
    covey_address *a = &o->sources[o->source_count];

    if (o->source_count == ORDER_SOURCES_MAX - 1 || l->count != 1 ||
        !address_parse(l->words[0], 0, a) || !is_host(a)) {
        return fault(l, "up to 15 sources, addresses of the auditor");
    }
    o->source_count++;
    return true;
}

static bool read_rate(const line *l, fence_order *o)
{
    return (l->count == 2 &&
            read_positive(l->words[0], ORDER_RATE_MAX, &o->packets_s) &&
            read_positive(l->words[1], UINT32_MAX, &o->bytes_s)) ||
           fault(l, "rate PACKETS BYTES, of a second");
}

static bool read_budget(const line *l, fence_order *o)
{
    return (l->count == 1 &&
            read_positive(l->words[0], ORDER_BUDGET_MAX, &o->budget)) ||
           fault(l, "budget PACKETS");
}

static bool read_seconds(const line *l, fence_order *o)
{
    return (l->count == 1 &&
            read_positive(l->words[0], ORDER_SECONDS_MAX, &o->seconds)) ||
           fault(l, "seconds N, less than a day");
}

static bool is_known(uint32_t protocol)
{
    for (size_t i = 0; i < COUNT(protocols); i++) {
        if (protocols[i] == protocol) {
            return true;
        }
    }
    return false;
}

/* In ascending order, so that no two say the same. */
static bool is_behind(const fence_order *o, const order_permit *p)
{
    if (o->permit_count == 0) {
        return true;
    }
    const order_permit *last = &o->permits[o->permit_count - 1];
    return p->protocol > last->protocol ||
           (p->protocol == last->protocol && order_has_ports(p->protocol) &&
            last->last < UINT16_MAX && p->first > last->last + 1);
}

static bool read_permit(const line *l, fence_order *o)
{
    order_permit p = { 0 };
    uint32_t protocol = 0;

    if (l->count == 0 || !read_number(l->words[0], UINT8_MAX, &protocol) ||
        !is_known(protocol)) {
        return fault(l, "permit PROTOCOL, which carries no other packets");
    }
    p.protocol = (uint8_t)protocol;
    if (order_has_ports(p.protocol)
            ? l->count != 2 || !read_ports(l->words[1], &p)
            : l->count != 1) {
        return fault(l, "permit PROTOCOL FIRST-LAST of TCP and UDP, permit "
                        "PROTOCOL of others");
    }
    if (o->permit_count == ORDER_PERMITS_MAX || !is_behind(o, &p)) {
        return fault(l, "permits in ascending order, with gaps");
    }
    o->permits[o->permit_count++] = p;
    return true;
}

static bool read_version(const line *l, fence_order *o)
{
    (void)o;
    return (l->number == 1 && l->count == 1 &&
            strcmp(l->words[0], "1") == 0) ||
           fault(l, "covey-fence 1 in the first line");
}

static bool read_line(const line *l, const char *key, fence_order *o)
{
    static const struct {
        const char *key;
        bool (*read)(const line *l, fence_order *o);
    } rows[] = {
        { "covey-fence", read_version }, { "target", read_target },
        { "source", read_source },       { "rate", read_rate },
        { "budget", read_budget },       { "seconds", read_seconds },
        { "permit", read_permit },
    };

    if (l->number == 1 && strcmp(key, rows[0].key) != 0) {
        return fault(l, "covey-fence 1 in the first line");
    }
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (strcmp(key, rows[i].key) == 0) {
            return rows[i].read(l, o);
        }
    }
    return fault(l, "a word of covey-fence(8)");
}

/* Into words with one space between them; the first, or NULL. */
static const char *split(line *l)
{
    l->count = 0;
    for (char *space = strchr(l->text, ' '); space != NULL;
         space = strchr(space + 1, ' ')) {
        if (l->count == WORDS_MAX || space[1] == '\0' || space[1] == ' ') {
            return NULL;
        }
        *space = '\0';
        l->words[l->count++] = space + 1;
    }
    return l->text;
}

/* The next line into l->text; false: there is none that could be one. */
static bool next_line(line *l, covey_bytes text, size_t *at)
{
    const uint8_t *from = text.ptr + *at;
    const uint8_t *end =
        *at < text.len ? memchr(from, '\n', text.len - *at) : NULL;

    l->number++;
    if (end == NULL || end - from > LINE_MAX_LEN ||
        memchr(from, '\0', (size_t)(end - from)) != NULL) {
        return fault(l, "lines up to 120 bytes, the last of them end");
    }
    memcpy(l->text, from, (size_t)(end - from));
    l->text[end - from] = '\0';
    *at += (size_t)(end - from) + 1;
    return true;
}

static bool is_whole(const line *l, const fence_order *o)
{
    if (o->target.family == COVEY_FAMILY_NONE || o->source_count == 0 ||
        o->packets_s == 0 || o->budget == 0 || o->seconds == 0 ||
        o->permit_count == 0) {
        return fault(l, "target, source, rate, budget, seconds and permit "
                        "before end");
    }
    return true;
}

bool order_read(covey_bytes text, fence_order *out, FILE *messages)
{
    line l = { .messages = messages };
    size_t at = 0;

    memset(out, 0, sizeof *out);
    while (next_line(&l, text, &at)) {
        if (strcmp(l.text, "end") == 0) {
            return at == text.len ? is_whole(&l, out)
                                  : fault(&l, "nothing behind end");
        }
        const char *key = split(&l);
        if (key == NULL) {
            return fault(&l, "up to 3 words, one space between them");
        }
        if (!read_line(&l, key, out)) {
            return false;
        }
    }
    return false;
}

bool order_is_complete(covey_bytes text)
{
    return text.len >= 5 && memcmp(text.ptr + text.len - 5, "\nend\n", 5) == 0;
}
