/* SPDX-License-Identifier: BSD-2-Clause */
/* A message as lines of `key: value`, with what helps a reader behind '#'.
 * coap_text_in.c reads it back to the same bytes; so a value is shown as text
 * or number only where that loses nothing. */
#include "coap_app.h"

#include <hex.h>
#include <string.h>

/* Hex in a remark stops here; the value itself is always whole. */
#define REMARK_BYTES 64u

static void print_hex(FILE *file, covey_bytes bytes)
{
    fputs("h'", file);
    hex_print(file, bytes);
    fputc('\'', file);
}

static void print_quoted(FILE *file, covey_bytes text)
{
    fputc('"', file);
    for (size_t i = 0; i < text.len; i++) {
        switch (text.ptr[i]) {
        case '\n':
            fputs("\\n", file);
            break;
        case '\r':
            fputs("\\r", file);
            break;
        case '\t':
            fputs("\\t", file);
            break;
        case '"':
        case '\\':
            fputc('\\', file);
            fputc(text.ptr[i], file);
            break;
        default:
            fputc(text.ptr[i], file);
            break;
        }
    }
    fputc('"', file);
}

static void print_remark_hex(FILE *file, covey_bytes bytes)
{
    bool cut = bytes.len > REMARK_BYTES;

    hex_print(file, covey_bytes_of(bytes.ptr, cut ? REMARK_BYTES : bytes.len));
    fputs(cut ? "..." : "", file);
}

static void print_code(FILE *file, uint8_t code)
{
    const char *name = coap_code_name(code);

    fprintf(file, "code:       %u.%02u  # %s\n", (unsigned)code >> 5,
            code & 0x1fu, name != NULL ? name : "not registered");
}

static void print_token(FILE *file, covey_bytes token)
{
    fputs("token:      ", file);
    print_hex(file, token);
    if (token.len > 8) {
        fprintf(file, "  # %zu bytes, extended (RFC 8974)", token.len);
    }
    fputc('\n', file);
}

static void print_header(FILE *file, const struct coap_printer *how,
                         const covey_coap_message *m)
{
    fprintf(file, "framing:    %s  # %zu bytes",
            coap_framing_name(how->framing), how->message_len);
    fputs(how->framing == COAP_DATAGRAM ? ", version 1\n" : "\n", file);
    if (how->framing == COAP_DATAGRAM) {
        fprintf(file, "type:       %s\n", coap_type_name(m->type));
    }
    print_code(file, m->code);
    if (how->framing == COAP_DATAGRAM) {
        fprintf(file, "message-id: 0x%04x\n", (unsigned)m->message_id);
    }
    if (how->framing != COAP_INNER) {
        print_token(file, m->token);
    }
}

/* The URI that the options of a request stand for, RFC 7252 Section 6.5. */
static void print_uri(FILE *file, const struct coap_printer *how,
                      const covey_coap_message *m)
{
    static const char host[] = "<destination>";
    const char *scheme = how->framing == COAP_STREAM ? "coap+tcp" : "coap";
    uint8_t storage[2048];
    covey_writer w = covey_writer_of(storage, sizeof storage);
    covey_uri defaults = { 0 };

    defaults.scheme = covey_bytes_of((const uint8_t *)scheme, strlen(scheme));
    defaults.host = covey_bytes_of((const uint8_t *)host, sizeof host - 1);
    defaults.port = COVEY_COAP_PORT;
    if (m->code >> 5 == 0 && m->code != COVEY_COAP_EMPTY &&
        covey_uri_compose(&w, m, &defaults) == COVEY_OK &&
        coap_is_printable(covey_written(&w))) {
        fprintf(file, "# for:      %.*s\n", (int)w.pos, (const char *)storage);
    }
}

static void print_value(FILE *file, const covey_option_def *def,
                        const covey_coap_option *o)
{
    struct coap_shown shown = coap_show(def, o->value);

    switch (shown.shape) {
    case COAP_SHAPE_EMPTY:
        fputs("empty", file);
        break;
    case COAP_SHAPE_UINT:
        fprintf(file, "%lu", (unsigned long)shown.number);
        break;
    case COAP_SHAPE_TEXT:
        print_quoted(file, o->value);
        break;
    case COAP_SHAPE_BLOCK:
        fprintf(file, "%lu/%d/%u", (unsigned long)shown.block.num,
                shown.block.more, (unsigned)shown.block.szx);
        break;
    case COAP_SHAPE_HEX:
        print_hex(file, o->value);
        break;
    }
}

static void print_properties(FILE *file, uint8_t code,
                             const covey_coap_option *o)
{
    fputs(covey_option_critical(o->number) ? "critical" : "elective", file);
    if (!coap_is_signal(code)) {
        fputs(covey_option_unsafe(o->number) ? ", unsafe" : ", safe", file);
        if (covey_option_no_cache_key(o->number)) {
            fputs(", no cache key", file);
        }
    }
    if (coap_option_def(code, o->number) == NULL) {
        fputs(", not known here", file);
    }
}

static void print_part(FILE *file, const char *name, covey_bytes part)
{
    if (part.ptr != NULL) {
        fprintf(file, "#   %-12s ", name);
        print_hex(file, part);
        fputc('\n', file);
    }
}

static void print_oscore(FILE *file, covey_bytes value,
                         covey_kudos_layout kudos)
{
    covey_oscore_option o;

    if (covey_oscore_option_parse(&o, value, kudos) != COVEY_OK) {
        return;
    }
    if (value.len > 0) {
        unsigned flags = value.ptr[0];
        fprintf(file, "#   flags        0x%02x: n=%u k=%u h=%u group=%u",
                flags, flags & COVEY_OSCORE_FLAG_N, flags >> 3 & 1u,
                flags >> 4 & 1u, flags >> 5 & 1u);
        if ((flags & COVEY_OSCORE_FLAG_EXTENDED) != 0) {
            fprintf(file, ", 0x%02x: d=%u", (unsigned)value.ptr[1],
                    (unsigned)value.ptr[1] & COVEY_OSCORE_FLAG2_D);
        }
        fputc('\n', file);
    }
    print_part(file, "partial IV", o.partial_iv);
    print_part(file, "kid context", o.kid_context);
    if (o.kudos) {
        fprintf(file, "#   x            0x%02x\n", (unsigned)o.x);
        print_part(file, "nonce", o.nonce);
    }
    if (o.has_y) {
        fprintf(file, "#   y            0x%02x\n", (unsigned)o.y);
        print_part(file, "old nonce", o.old_nonce);
    }
    print_part(file, "kid", o.kid);
}

/* What a number alone does not tell. */
static void print_meaning(FILE *file, const struct coap_printer *how,
                          const covey_coap_option *o, bool repeated)
{
    struct coap_shown shown =
        coap_show(coap_option_def(how->code, o->number), o->value);
    struct app_error remark;

    if (shown.shape == COAP_SHAPE_BLOCK) {
        fprintf(file, "#   block %lu of %lu bytes, %s\n",
                (unsigned long)shown.block.num,
                (unsigned long)covey_block_size(shown.block.szx),
                shown.block.more ? "more follow" : "the last");
    }
    if (o->number == COVEY_OPTION_OSCORE && !coap_is_signal(how->code)) {
        print_oscore(file, o->value, how->kudos);
    }
    for (size_t n = 0; coap_option_remark(how, o, repeated, n, &remark); n++) {
        fprintf(file, "#   warning: %s\n", remark.text);
    }
}

static void print_options(FILE *file, const struct coap_printer *how,
                          const covey_coap_message *m)
{
    covey_coap_option_iter it = covey_coap_options_of(m);
    covey_coap_option o;
    bool first = true;
    uint16_t before = 0;

    while (covey_coap_option_next(&it, &o)) {
        const covey_option_def *def = coap_option_def(how->code, o.number);
        fprintf(file, "option:     %u %s%s= ", (unsigned)o.number,
                def != NULL ? def->name : "", def != NULL ? " " : "");
        print_value(file, def, &o);
        fputs("  # ", file);
        print_properties(file, how->code, &o);
        fputc('\n', file);
        print_meaning(file, how, &o, !first && o.number == before);
        before = o.number;
        first = false;
    }
}

static void print_payload(FILE *file, covey_bytes payload)
{
    if (payload.ptr == NULL) {
        return;
    }
    fputs("payload:    ", file);
    if (coap_is_printable(payload)) {
        print_quoted(file, payload);
        fprintf(file, "  # %zu bytes, ", payload.len);
        print_remark_hex(file, payload);
    } else {
        print_hex(file, payload);
        fprintf(file, "  # %zu bytes", payload.len);
    }
    fputc('\n', file);
}

void coap_text_print(FILE *file, const struct coap_printer *how,
                     const covey_coap_message *m)
{
    print_header(file, how, m);
    print_uri(file, how, m);
    print_options(file, how, m);
    print_payload(file, m->payload);
}
