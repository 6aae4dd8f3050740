/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the JSON that coap_json.c prints and people write. Where bytes and
 * their meaning are both there they must agree: an edit that reaches only one
 * of them is an error, not a guess. Keys that only explain are not read. */
#include "coap_app.h"

#include <jansson.h>
#include <string.h>

/* `keys` is a list of names, each with a space before and behind it. */
static bool only_keys(json_t *object, const char *keys, const char *where,
                      struct app_error *error)
{
    const char *key;
    json_t *value;

    json_object_foreach(object, key, value)
    {
        char spaced[64];
        snprintf(spaced, sizeof spaced, " %s ", key);
        if (strchr(key, ' ') != NULL || strstr(keys, spaced) == NULL) {
            return app_error_set(error, "%s: unknown key \"%s\"", where, key);
        }
    }
    return true;
}

static bool read_hex(struct coap_draft *d, const json_t *json,
                     const char *where, covey_bytes *out,
                     struct app_error *error)
{
    struct app_error why;

    if (!json_is_string(json)) {
        return app_error_set(error, "%s: expected a string of hex digits",
                             where);
    }
    return coap_draft_hex(d, json_string_value(json), json_string_length(json),
                          out, &why) ||
           app_error_set(error, "%s: %s", where, why.text);
}

static bool in_range(const json_t *json, json_int_t max)
{
    return json_is_integer(json) && json_integer_value(json) >= 0 &&
           json_integer_value(json) <= max;
}

/* {"num": 1, "more": true, "szx": 2} */
static bool read_block(struct coap_draft *d, const json_t *json,
                       covey_bytes *out)
{
    const json_t *num = json_object_get(json, "num");
    const json_t *more = json_object_get(json, "more");
    const json_t *szx = json_object_get(json, "szx");
    uint8_t buf[3];
    covey_bytes value;

    if (!in_range(num, UINT32_MAX) || !json_is_boolean(more) ||
        !in_range(szx, 7)) {
        return false;
    }
    covey_block block = { (uint32_t)json_integer_value(num),
                          json_is_true(more),
                          (uint8_t)json_integer_value(szx) };
    if (covey_block_encode(&block, buf, &value) != COVEY_OK) {
        return false;
    }
    *out = coap_draft_copy(d, value.ptr, value.len);
    return true;
}

/* "value" of an option, in the form that its format has. */
static bool read_value(struct coap_draft *d, const json_t *json,
                       uint16_t number, covey_bytes *out)
{
    const covey_option_def *def = coap_option_def(d->head.code, number);
    uint8_t buf[4];
    covey_bytes value;

    switch (def != NULL ? def->format : COVEY_FORMAT_OPAQUE) {
    case COVEY_FORMAT_STRING:
        if (!json_is_string(json)) {
            return false;
        }
        *out = coap_draft_copy(d, json_string_value(json),
                               json_string_length(json));
        return true;
    case COVEY_FORMAT_UINT:
        if (!in_range(json, UINT32_MAX)) {
            return false;
        }
        value =
            covey_option_uint_encode((uint32_t)json_integer_value(json), buf);
        *out = coap_draft_copy(d, value.ptr, value.len);
        return true;
    case COVEY_FORMAT_BLOCK:
        return json_is_object(json) && read_block(d, json, out);
    case COVEY_FORMAT_EMPTY:
    case COVEY_FORMAT_OPAQUE:
    case COVEY_FORMAT_OSCORE:
        break;
    }
    return false;
}

/* Bytes from "hex", from a second key, or from both if they agree; what is
 * absent was not there. */
static bool reconcile(covey_bytes hex, covey_bytes value, const char *where,
                      covey_bytes *out, struct app_error *error)
{
    if (hex.ptr != NULL && value.ptr != NULL &&
        !covey_bytes_equal(hex, value)) {
        return app_error_set(error,
                             "%s: \"hex\" contradicts the value beside it; "
                             "remove one of the two",
                             where);
    }
    *out = hex.ptr != NULL ? hex : value;
    return true;
}

static bool read_number(const struct coap_draft *d, const json_t *json,
                        const char *where, uint16_t *number,
                        struct app_error *error)
{
    const json_t *n = json_object_get(json, "number");
    const char *name = json_string_value(json_object_get(json, "name"));
    uint16_t named = 0;

    if (name != NULL && !coap_option_number_find(d->head.code, name, &named)) {
        return app_error_set(error, "%s: no option is called \"%s\"", where,
                             name);
    }
    if (n == NULL && name != NULL) {
        *number = named;
        return true;
    }
    if (!in_range(n, COVEY_COAP_OPTION_NUMBER_MAX)) {
        return app_error_set(error,
                             "%s: expected \"number\" of 0 to 65535 or "
                             "\"name\"",
                             where);
    }
    *number = (uint16_t)json_integer_value(n);
    if (name != NULL && named != *number) {
        return app_error_set(error, "%s: option %u is not called \"%s\"",
                             where, (unsigned)*number, name);
    }
    return true;
}

static bool read_option(struct coap_draft *d, json_t *json, const char *where,
                        struct app_error *error)
{
    const json_t *hex = json_object_get(json, "hex");
    const json_t *value = json_object_get(json, "value");
    covey_bytes from_hex = { NULL, 0 };
    covey_bytes from_value = { NULL, 0 };
    covey_bytes bytes = { NULL, 0 };
    uint16_t number = 0;

    if (!json_is_object(json)) {
        return app_error_set(error, "%s: expected an object", where);
    }
    if (!only_keys(json,
                   " number name hex value critical unsafe no_cache_key "
                   "oscore_class spec oscore warnings ",
                   where, error) ||
        !read_number(d, json, where, &number, error) ||
        (hex != NULL && !read_hex(d, hex, where, &from_hex, error))) {
        return false;
    }
    if (value != NULL && !read_value(d, value, number, &from_value)) {
        return app_error_set(
            error,
            "%s.value: expected a text, a number of 0 to "
            "4294967295, or {\"num\", \"more\", \"szx\"} of a "
            "block, as the option has it; bytes go into "
            "\"hex\"",
            where);
    }
    if (!reconcile(from_hex, from_value, where, &bytes, error)) {
        return false;
    }
    coap_draft_add(d, number, bytes);
    return true;
}

static bool read_options(struct coap_draft *d, const json_t *json,
                         struct app_error *error)
{
    char where[32];

    if (json != NULL && !json_is_array(json)) {
        return app_error_set(error, "options: expected an array");
    }
    for (size_t i = 0; i < json_array_size(json); i++) {
        snprintf(where, sizeof where, "options[%zu]", i);
        if (!read_option(d, json_array_get(json, i), where, error)) {
            return false;
        }
    }
    return true;
}

static bool read_payload(struct coap_draft *d, json_t *json,
                         struct app_error *error)
{
    const json_t *hex = json_object_get(json, "hex");
    const json_t *text = json_object_get(json, "text");
    covey_bytes from_hex = { NULL, 0 };
    covey_bytes from_text = { NULL, 0 };

    if (json == NULL || json_is_null(json)) {
        return true;
    }
    if (!json_is_object(json) || (hex == NULL && text == NULL) ||
        (text != NULL && !json_is_string(text))) {
        return app_error_set(error, "payload: expected {\"hex\": ...} or "
                                    "{\"text\": ...}");
    }
    if (!only_keys(json, " hex text ", "payload", error) ||
        (hex != NULL && !read_hex(d, hex, "payload", &from_hex, error))) {
        return false;
    }
    if (text != NULL) {
        from_text = coap_draft_copy(d, json_string_value(text),
                                    json_string_length(text));
    }
    return reconcile(from_hex, from_text, "payload", &d->payload, error);
}

static bool read_header(struct coap_draft *d, const json_t *json,
                        struct app_error *error)
{
    const json_t *type = json_object_get(json, "type");
    const json_t *code = json_object_get(json, "code");
    const json_t *mid = json_object_get(json, "message_id");
    const json_t *token = json_object_get(json, "token");
    const json_t *version = json_object_get(json, "version");

    if (version != NULL &&
        !(json_is_integer(version) && json_integer_value(version) == 1)) {
        return app_error_set(error, "version: expected 1");
    }
    if (type != NULL &&
        !(json_is_string(type) &&
          coap_type_find(json_string_value(type), &d->head.type))) {
        return app_error_set(error,
                             "type: expected \"CON\", \"NON\", \"ACK\" or "
                             "\"RST\"");
    }
    if (code != NULL &&
        !(json_is_string(code) &&
          coap_code_find(json_string_value(code), &d->head.code))) {
        return app_error_set(error,
                             "code: expected a code such as \"0.01\" or "
                             "\"GET\"");
    }
    if (mid != NULL && !in_range(mid, UINT16_MAX)) {
        return app_error_set(error, "message_id: expected 0 to 65535");
    }
    d->head.message_id = (uint16_t)json_integer_value(mid);
    return token == NULL || read_hex(d, token, "token", &d->head.token, error);
}

static bool read_message(struct coap_draft *d, json_t *json,
                         struct app_error *error)
{
    const json_t *framing = json_object_get(json, "framing");

    if (!json_is_object(json)) {
        return app_error_set(error, "expected a JSON object");
    }
    if (framing != NULL &&
        !(json_is_string(framing) &&
          coap_framing_find(json_string_value(framing), &d->framing))) {
        return app_error_set(error,
                             "framing: expected \"datagram\", \"stream\" or "
                             "\"inner\"");
    }
    return only_keys(json,
                     " framing version type code code_name message_id token "
                     "options payload ",
                     "message", error) &&
           read_header(d, json, error) &&
           read_options(d, json_object_get(json, "options"), error) &&
           read_payload(d, json_object_get(json, "payload"), error);
}

bool coap_json_read(struct coap_draft *d, const char *text, size_t len,
                    size_t *at, struct app_error *error)
{
    json_error_t why;

    error->text[0] = '\0';
    *at += strspn(text + *at, " \t\r\n");
    if (*at >= len) {
        return false;
    }
    json_t *json = json_loadb(text + *at, len - *at,
                              JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES |
                                  JSON_ALLOW_NUL,
                              &why);
    if (json == NULL) {
        return app_error_set(error, "JSON: line %d, column %d: %s", why.line,
                             why.column, why.text);
    }
    *at += (size_t)why.position;
    bool ok = read_message(d, json, error);
    json_decref(json);
    return ok;
}
