/* SPDX-License-Identifier: BSD-2-Clause */
/* SC-01: rule sets of SCHC. What `covey schc lint` asks is whether rules do as
 * the documents say; here it is what they do to security: fields that do not
 * come back, contents that are no secret any more once they are in a rule, and
 * what a packet of a few bits can make a decompressor do (RFC 8724 Section
 * 12). Whether a fragment gets through is nobody's question here. */
#include "lint.h"

#include <rules.h>

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

enum {
    HEADER_MAX = 256, /* bytes that one packet may become */
    ROOM_MAX = 65536, /* bytes of packets under way */
    RANDOM_MIN = 16,  /* characters from which a text may be a key */
    DISTINCT_MIN = 8,
    UUID_LEN = 36,
    EUI_BITS = 64,
    LABEL_MAX = COVEY_SCHC_NAME_MAX + 24
};

struct set {
    lint *l;
    const rules_file *file;
    const covey_schc_rules *rules;
};

/* "rule 5/8: fid-coap-token" */
static const char *label(const struct set *s, uint16_t rule, uint16_t field,
                         char out[LABEL_MAX])
{
    const covey_schc_rule *r = &s->rules->rules[rule];
    char name[COVEY_SCHC_NAME_MAX];
    const covey_schc_field *f =
        field < r->field_count ? &r->fields[field] : NULL;

    snprintf(out, LABEL_MAX, "rule %lu/%u%s%s", (unsigned long)r->id,
             (unsigned)r->id_bits, f != NULL ? ": " : "",
             f != NULL ? covey_schc_field_name(f->id, f->option, name) : "");
    return out;
}

static void found(const struct set *s, unsigned which, uint16_t rule,
                  uint16_t field, const char *text)
{
    char who[LABEL_MAX];

    lint_found(s->l, which, rules_line(s->file, rule, field), "%s: %s",
               label(s, rule, field, who), text);
}

/* --- fields that do not come back ---------------------------------------- */

/* Without its value the other end cannot tell messages apart, or takes one for
 * fresh that is not. */
static bool is_needed(const covey_schc_field *f)
{
    return f->id == COVEY_SCHC_COAP_TOKEN ||
           f->id >= COVEY_SCHC_OSCORE_FLAGS ||
           (f->id == COVEY_SCHC_OPTION &&
            (f->option == COVEY_OPTION_OSCORE ||
             f->option == COVEY_OPTION_ECHO ||
             f->option == COVEY_OPTION_REQUEST_TAG));
}

static bool is_lossy(const covey_schc_field *f)
{
    return is_needed(f) && f->cda == COVEY_SCHC_CDA_NOT_SENT &&
           (f->mo == COVEY_SCHC_MO_IGNORE || f->mo == COVEY_SCHC_MO_MSB);
}

/* --- what target values hold --------------------------------------------- */

static bool names_one_of(covey_bytes name, const char *const *words,
                         size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const size_t len = strlen(words[i]);
        if (name.len == len &&
            strncasecmp((const char *)name.ptr, words[i], len) == 0) {
            return true;
        }
    }
    return false;
}

/* Letters and digits without an order, as keys are written. */
static bool looks_random(covey_bytes text)
{
    bool seen[256] = { false };
    unsigned distinct = 0;
    unsigned letters = 0;
    unsigned digits = 0;

    for (size_t i = 0; i < text.len; i++) {
        const uint8_t c = text.ptr[i];
        if (!isalnum(c) && strchr("+/_=-", c) == NULL) {
            return false;
        }
        distinct += seen[c] ? 0 : 1;
        seen[c] = true;
        letters += isalpha(c) ? 1 : 0;
        digits += isdigit(c) ? 1 : 0;
    }
    return text.len >= RANDOM_MIN && distinct >= DISTINCT_MIN && letters > 0 &&
           digits > 2;
}

static bool is_uuid(covey_bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text.ptr[i] != '-' : !isxdigit(text.ptr[i])) {
            return false;
        }
    }
    return text.len == UUID_LEN;
}

/* A segment of a path, or a query, of which "name=" may be the beginning. */
static void judge_text(const struct set *s, uint16_t rule, uint16_t field,
                       covey_bytes text)
{
    static const char *const secrets[] = { "key",      "psk",         "secret",
                                           "password", "pass",        "pwd",
                                           "token",    "auth",        "apikey",
                                           "api_key",  "access_token" };
    static const char *const persons[] = { "ep",  "imei",   "imsi", "mac",
                                           "sn",  "serial", "vin",  "user",
                                           "uid", "deveui", "iccid" };
    const uint8_t *equals = memchr(text.ptr, '=', text.len);
    const size_t name = equals != NULL ? (size_t)(equals - text.ptr) : 0;
    const covey_bytes value =
        equals != NULL ? covey_bytes_of(equals + 1, text.len - name - 1)
                       : text;
    const covey_bytes word = covey_bytes_of(text.ptr, name);

    if (value.len == 0) {
        return;
    }
    if (names_one_of(word, secrets, COUNT(secrets))) {
        found(s, LINT_SCHC_SECRET, rule, field, "it is called a secret");
    } else if (names_one_of(word, persons, COUNT(persons)) || is_uuid(value)) {
        found(s, LINT_SCHC_IDENTIFIER, rule, field,
              "it is called an identifier, or has the form of one");
    } else if (looks_random(value)) {
        found(s, LINT_SCHC_SECRET, rule, field,
              "it has the form of a key or a token");
    }
}

/* The segments of a grouped path, one by one. */
static void judge_path(const struct set *s, uint16_t rule, uint16_t field,
                       covey_bytes text)
{
    size_t from = 0;

    for (size_t i = 0; i <= text.len; i++) {
        if (i == text.len || text.ptr[i] == '/') {
            judge_text(s, rule, field,
                       covey_bytes_of(text.ptr + from, i - from));
            from = i + 1;
        }
    }
}

static bool is_text(uint16_t option)
{
    return option == COVEY_OPTION_URI_HOST ||
           option == COVEY_OPTION_URI_PATH ||
           option == COVEY_OPTION_URI_QUERY ||
           option == COVEY_OPTION_LOCATION_PATH ||
           option == COVEY_OPTION_LOCATION_QUERY ||
           option == COVEY_OPTION_PROXY_URI;
}

/* An identifier of an interface with its MAC address inside (RFC 4291 Appendix
 * A). */
static bool is_eui64(const covey_schc_field *f, const covey_schc_value *v)
{
    return (f->id == COVEY_SCHC_IPV6_DEV_IID ||
            f->id == COVEY_SCHC_IPV6_APP_IID) &&
           v->bits == EUI_BITS && v->bytes[3] == 0xff && v->bytes[4] == 0xfe;
}

static void judge_values(const struct set *s, uint16_t rule, uint16_t field)
{
    const covey_schc_field *f = &s->rules->rules[rule].fields[field];

    for (uint16_t i = 0; i < f->value_count; i++) {
        const covey_schc_value *v = &f->values[i];
        if (is_eui64(f, v)) {
            found(s, LINT_SCHC_IDENTIFIER, rule, field,
                  "a MAC address is within it");
        } else if (f->id == COVEY_SCHC_OPTION && is_text(f->option) &&
                   v->bits % 8 == 0 && v->bits > 0) {
            judge_path(s, rule, field, covey_bytes_of(v->bytes, v->bits / 8));
        }
    }
}

/* --- how much comes out of how little ------------------------------------ */

struct bound {
    uint32_t in;  /* bits, at least */
    uint32_t out; /* bits, from as many */
};

static unsigned index_bits(uint16_t count)
{
    unsigned bits = 0;

    while (bits < 16 && (1u << bits) < count) {
        bits++;
    }
    return bits;
}

static uint32_t longest(const covey_schc_field *f)
{
    uint32_t bits = f->length == COVEY_SCHC_FL_FIXED
                        ? f->bits
                        : covey_schc_field_bits(f->id);

    for (uint16_t i = 0; i < f->value_count; i++) {
        bits = f->values[i].bits > bits ? f->values[i].bits : bits;
    }
    return bits;
}

static void add_field(const covey_schc_field *f, struct bound *b)
{
    const uint32_t out = longest(f);
    const bool fixed = f->length == COVEY_SCHC_FL_FIXED;
    const uint32_t size =
        f->length == COVEY_SCHC_FL_VAR || f->length == COVEY_SCHC_FL_VAR_BIT
            ? 4
            : 0;

    if (f->cda == COVEY_SCHC_CDA_VALUE_SENT) {
        b->in += fixed ? out : size;
        b->out += fixed ? out : 0;
    } else if (f->cda == COVEY_SCHC_CDA_LSB) {
        b->in += fixed && out > f->msb ? out - f->msb : size;
        b->out += fixed ? out : f->msb;
    } else {
        b->in += f->cda == COVEY_SCHC_CDA_MAPPING_SENT
                     ? index_bits(f->value_count)
                     : 0;
        b->out += out;
    }
    b->out += f->id == COVEY_SCHC_OPTION ? 8 : 0; /* its delta and length */
}

static void judge_expansion(const struct set *s, uint16_t rule)
{
    const covey_schc_rule *r = &s->rules->rules[rule];
    char who[LABEL_MAX];

    for (unsigned d = COVEY_SCHC_UP; d <= COVEY_SCHC_DOWN; d++) {
        struct bound b = { r->id_bits, 0 };
        for (uint16_t i = 0; i < r->field_count; i++) {
            if ((r->fields[i].direction & d) != 0) {
                add_field(&r->fields[i], &b);
            }
        }
        if (b.out > HEADER_MAX * 8u) {
            lint_found(s->l, LINT_SCHC_EXPANSION,
                       rules_line(s->file, rule, r->field_count),
                       "%s: %lu bytes of header from %lu bits, %s",
                       label(s, rule, r->field_count, who),
                       (unsigned long)b.out / 8, (unsigned long)b.in,
                       d == COVEY_SCHC_UP ? "up" : "down");
            return;
        }
    }
}

/* --- one set ------------------------------------------------------------- */

static void judge_profile(const struct set *s)
{
    covey_schc_lint_row row;
    uint32_t at = 0;

    while (covey_schc_lint_next(s->rules, rules_profile(s->file), &at, &row)) {
        const covey_schc_rule *r = &s->rules->rules[row.rule];
        char text[320];
        if (row.severity != COVEY_SCHC_MUST ||
            (row.field < r->field_count && is_lossy(&r->fields[row.field]))) {
            continue;
        }
        snprintf(text, sizeof text, "%s (%s%s%s)", row.text, row.document,
                 row.section[0] != '\0' ? " Section " : "", row.section);
        found(s, LINT_SCHC_PROFILE, row.rule, row.field, text);
    }
}

static void judge_rules(const struct set *s)
{
    bool way_out = false;

    for (uint16_t i = 0; i < s->rules->count; i++) {
        const covey_schc_rule *r = &s->rules->rules[i];
        way_out = way_out || r->nature == COVEY_SCHC_NO_COMPRESSION;
        for (uint16_t k = 0; k < r->field_count; k++) {
            if (is_lossy(&r->fields[k])) {
                found(s, LINT_SCHC_LOSSY, i, k,
                      "other values come back as the target value");
            }
            judge_values(s, i, k);
        }
        judge_expansion(s, i);
    }
    if (!way_out) {
        lint_found(s->l, LINT_SCHC_NO_WAY_OUT, 0,
                   "none of %u rules is a no-compression rule",
                   (unsigned)s->rules->count);
    }
    judge_profile(s);
}

static void judge_fragments(lint *l, const rules_file *file)
{
    size_t count = 0;
    const rules_fragmentation *all = rules_fragmentations(file, &count);

    for (size_t i = 0; i < count; i++) {
        const rules_fragmentation *f = &all[i];
        if (!f->inactivity) {
            lint_found(l, LINT_SCHC_FRAGMENT_TIMER, f->line,
                       "inactivity-timer is missing, or zero");
        }
        if (f->acks && (!f->retransmission || !f->attempts)) {
            lint_found(l, LINT_SCHC_FRAGMENT_RETRY, f->line,
                       "%s is missing, or zero",
                       f->retransmission ? "max-ack-requests"
                                         : "retransmission-timer");
        }
        if (f->bytes > ROOM_MAX) {
            lint_found(l, LINT_SCHC_FRAGMENT_ROOM, f->line,
                       "up to %llu bytes at a time",
                       (unsigned long long)f->bytes);
        }
    }
}

/* What kept a set from being loaded. */
static void judge_errors(lint *l, const rules_report *report)
{
    const char *collision = covey_schc_fault_text(COVEY_SCHC_F_COLLISION);

    for (size_t i = 0; i < report->count; i++) {
        const rules_message *m = &report->messages[i];
        if (m->severity == RULES_ERROR) {
            lint_found(l,
                       strstr(m->text, collision) != NULL ? LINT_SCHC_AMBIGUOUS
                                                          : LINT_SCHC_UNUSABLE,
                       m->line, "%s%s%s", m->text,
                       m->source[0] != '\0' ? "; " : "", m->source);
        }
    }
}

/* --- several sets -------------------------------------------------------- */

/* A set as text that does not depend on how the file was written. */
static char *canonical(const rules_file *file)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    if (out == NULL) {
        return NULL;
    }
    const bool good =
        rules_export_json(rules_get(file), rules_profile(file), out);
    if (fclose(out) != 0 || !good) {
        free(text);
        return NULL;
    }
    return text;
}

static void judge_shared(lint *l, char *const *texts, int at)
{
    for (int i = 0; i < at && texts[at] != NULL; i++) {
        if (texts[i] != NULL && strcmp(texts[i], texts[at]) == 0) {
            lint_found(l, LINT_SCHC_SHARED, 0, "the same rules as in %s",
                       l->args->files[i]);
            return;
        }
    }
}

static char *judge_file(lint *l)
{
    rules_options options = rules_default_options();
    rules_report report;
    char *text = NULL;

    options.check_profile = false;
    options.fragmentation = true;
    rules_file *file =
        rules_load_text(l->text, l->text_len, &options, &report);
    judge_errors(l, &report);
    if (file != NULL) {
        const struct set s = { l, file, rules_get(file) };
        judge_rules(&s);
        judge_fragments(l, file);
        text = canonical(file);
        l->failed = l->failed || text == NULL;
    }
    rules_report_free(&report);
    rules_free(file);
    return text;
}

void lint_schc(lint *l)
{
    char **texts = calloc((size_t)l->args->file_count, sizeof(char *));

    l->failed = texts == NULL;
    for (int i = 0; texts != NULL && i < l->args->file_count; i++) {
        if (lint_open(l, l->args->files[i])) {
            texts[i] = judge_file(l);
            judge_shared(l, texts, i);
        }
    }
    for (int i = 0; texts != NULL && i < l->args->file_count; i++) {
        free(texts[i]);
    }
    free(texts);
}
