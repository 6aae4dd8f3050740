/* SPDX-License-Identifier: BSD-2-Clause */
/* A message as a JSON object; coap_json_in.c reads it back to the same bytes,
 * for "hex" always holds the whole value. */
#include "coap_app.h"

#include <jansson.h>

static json_t *hex_json(covey_bytes bytes)
{
    static const char digits[] = "0123456789abcdef";
    char *text = app_alloc(bytes.len * 2 + 1);

    for (size_t i = 0; i < bytes.len; i++) {
        text[2 * i] = digits[bytes.ptr[i] >> 4];
        text[2 * i + 1] = digits[bytes.ptr[i] & 0xf];
    }
    json_t *json = json_stringn(text, bytes.len * 2);
    free(text);
    return json;
}

static json_t *text_json(covey_bytes text)
{
    return json_stringn((const char *)text.ptr, text.len);
}

static json_t *block_json(const covey_block *block)
{
    json_t *json = json_object();

    json_object_set_new(json, "num", json_integer(block->num));
    json_object_set_new(json, "more", json_boolean(block->more));
    json_object_set_new(json, "szx", json_integer(block->szx));
    return json;
}

/* NULL if the value has no other form than its bytes. */
static json_t *value_json(const covey_option_def *def,
                          const covey_coap_option *o)
{
    struct coap_shown shown = coap_show(def, o->value);

    switch (shown.shape) {
    case COAP_SHAPE_UINT:
        return json_integer(shown.number);
    case COAP_SHAPE_TEXT:
        return text_json(o->value);
    case COAP_SHAPE_BLOCK:
        return block_json(&shown.block);
    case COAP_SHAPE_EMPTY:
    case COAP_SHAPE_HEX:
        break;
    }
    return NULL;
}

static void set_part(json_t *json, const char *key, covey_bytes part)
{
    if (part.ptr != NULL) {
        json_object_set_new(json, key, hex_json(part));
    }
}

/* NULL if the value is malformed, which the warnings say. */
static json_t *oscore_json(covey_bytes value, covey_kudos_layout kudos)
{
    covey_oscore_option o;

    if (covey_oscore_option_parse(&o, value, kudos) != COVEY_OK) {
        return NULL;
    }
    json_t *json = json_object();
    size_t flags_len = value.len > 0 ? 1 + (size_t)(value.ptr[0] >> 7) : 0;
    json_object_set_new(json, "flags",
                        hex_json(covey_bytes_of(value.ptr, flags_len)));
    json_object_set_new(json, "group", json_boolean(o.group));
    set_part(json, "partial_iv", o.partial_iv);
    set_part(json, "kid_context", o.kid_context);
    if (o.kudos) {
        set_part(json, "x", covey_bytes_of(&o.x, 1));
        set_part(json, "nonce", o.nonce);
    }
    if (o.has_y) {
        set_part(json, "y", covey_bytes_of(&o.y, 1));
        set_part(json, "old_nonce", o.old_nonce);
    }
    set_part(json, "kid", o.kid);
    return json;
}

/* What a proxy or OSCORE would do with it signals do not tell. */
static void set_properties(json_t *json, uint8_t code,
                           const covey_option_def *def, uint16_t number)
{
    static const char *const classes[] = { "E", "U", "EU" };

    json_object_set_new(json, "critical",
                        json_boolean(covey_option_critical(number)));
    if (!coap_is_signal(code)) {
        json_object_set_new(json, "unsafe",
                            json_boolean(covey_option_unsafe(number)));
        json_object_set_new(json, "no_cache_key",
                            json_boolean(covey_option_no_cache_key(number)));
        if (def != NULL) {
            json_object_set_new(json, "oscore_class",
                                json_string(classes[def->oscore_class]));
        }
    }
    if (def != NULL) {
        json_object_set_new(json, "spec", json_string(def->spec));
    }
}

static void set_warnings(json_t *json, const struct coap_printer *how,
                         const covey_coap_option *o, bool repeated)
{
    struct app_error remark;
    json_t *warnings = json_array();

    for (size_t n = 0; coap_option_remark(how, o, repeated, n, &remark); n++) {
        json_array_append_new(warnings, json_string(remark.text));
    }
    if (json_array_size(warnings) > 0) {
        json_object_set(json, "warnings", warnings);
    }
    json_decref(warnings);
}

static json_t *option_json(const struct coap_printer *how,
                           const covey_coap_option *o, bool repeated)
{
    const covey_option_def *def = coap_option_def(how->code, o->number);
    json_t *json = json_object();
    json_t *value = value_json(def, o);
    json_t *oscore =
        o->number == COVEY_OPTION_OSCORE && !coap_is_signal(how->code)
            ? oscore_json(o->value, how->kudos)
            : NULL;

    json_object_set_new(json, "number", json_integer(o->number));
    if (def != NULL) {
        json_object_set_new(json, "name", json_string(def->name));
    }
    json_object_set_new(json, "hex", hex_json(o->value));
    if (value != NULL) {
        json_object_set_new(json, "value", value);
    }
    set_properties(json, how->code, def, o->number);
    if (oscore != NULL) {
        json_object_set_new(json, "oscore", oscore);
    }
    set_warnings(json, how, o, repeated);
    return json;
}

static json_t *options_json(const struct coap_printer *how,
                            const covey_coap_message *m)
{
    covey_coap_option_iter it = covey_coap_options_of(m);
    covey_coap_option o;
    json_t *json = json_array();
    uint16_t before = 0;

    while (covey_coap_option_next(&it, &o)) {
        bool repeated = json_array_size(json) > 0 && o.number == before;
        json_array_append_new(json, option_json(how, &o, repeated));
        before = o.number;
    }
    return json;
}

static void set_code(json_t *json, uint8_t code)
{
    const char *name = coap_code_name(code);

    json_object_set_new(json, "code",
                        json_sprintf("%u.%02u", code >> 5, code & 0x1fu));
    if (name != NULL) {
        json_object_set_new(json, "code_name", json_string(name));
    }
}

static void set_payload(json_t *json, covey_bytes payload)
{
    if (payload.ptr == NULL) {
        return;
    }
    json_t *body = json_object();
    json_object_set_new(body, "hex", hex_json(payload));
    if (coap_is_printable(payload)) {
        json_object_set_new(body, "text", text_json(payload));
    }
    json_object_set_new(json, "payload", body);
}

json_t *coap_json_of(const struct coap_printer *how,
                     const covey_coap_message *m)
{
    json_t *json = json_object();

    json_object_set_new(json, "framing",
                        json_string(coap_framing_name(how->framing)));
    if (how->framing == COAP_DATAGRAM) {
        json_object_set_new(json, "version", json_integer(COVEY_COAP_VERSION));
        json_object_set_new(json, "type",
                            json_string(coap_type_name(m->type)));
    }
    set_code(json, m->code);
    if (how->framing == COAP_DATAGRAM) {
        json_object_set_new(json, "message_id", json_integer(m->message_id));
    }
    if (how->framing != COAP_INNER) {
        json_object_set_new(json, "token", hex_json(m->token));
    }
    json_object_set_new(json, "options", options_json(how, m));
    set_payload(json, m->payload);
    return json;
}

void coap_json_print(FILE *file, const struct coap_printer *how,
                     const covey_coap_message *m)
{
    json_t *json = coap_json_of(how, m);

    json_dumpf(json, file, JSON_INDENT(2));
    fputc('\n', file);
    json_decref(json);
}
