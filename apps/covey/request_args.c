/* SPDX-License-Identifier: BSD-2-Clause */
#include "request_args.h"

#include "cmd.h"
#include "verb_options.h"

#include <hex.h>
#include <net/if.h>
#include <schc_link.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum {
    WITH_MESSAGE =
        REQUEST_PLAIN | REQUEST_BODY | REQUEST_OBSERVE | REQUEST_DISCOVER,
    WITH_ANY = WITH_MESSAGE | REQUEST_PING,
    /* RFC 8613 Section 7.2.1: sequence numbers are smaller. */
    NUMBER_BITS = 40
};

static const struct request_verb verbs[] = {
    { "get", REQUEST_PLAIN, COVEY_COAP_CODE(0, 1) },
    { "post", REQUEST_BODY, COVEY_COAP_CODE(0, 2) },
    { "put", REQUEST_BODY, COVEY_COAP_CODE(0, 3) },
    { "delete", REQUEST_PLAIN, COVEY_COAP_CODE(0, 4) },
    { "fetch", REQUEST_BODY, COVEY_COAP_CODE(0, 5) },
    { "patch", REQUEST_BODY, COVEY_COAP_CODE(0, 6) },
    { "ipatch", REQUEST_BODY, COVEY_COAP_CODE(0, 7) },
    { "observe", REQUEST_OBSERVE, COVEY_COAP_CODE(0, 1) },
    { "discover", REQUEST_DISCOVER, COVEY_COAP_CODE(0, 1) },
    { "ping", REQUEST_PING, COVEY_COAP_EMPTY },
};

const struct request_verb *request_verb_find(const char *name)
{
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (strcmp(verbs[i].name, name) == 0) {
            return &verbs[i];
        }
    }
    return NULL;
}

int request_fail(const struct request_args *a, int status, const char *format,
                 ...)
{
    va_list args;

    fflush(stdout);
    fprintf(stderr, "covey %s: ", a->verb->name);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    return status;
}

/* --- values -------------------------------------------------------------- */

static bool read_seconds(struct request_args *a, const char *text,
                         uint32_t least, uint32_t *ms)
{
    return verb_options_seconds(text, least, ms) ||
           app_error_set(&a->error,
                         "expected seconds such as 2 or 0.25, found '%s'",
                         text);
}

static bool opt_timeout(struct request_args *a, const char *value)
{
    return read_seconds(a, value, 1, &a->timeout);
}

static bool opt_collect(struct request_args *a, const char *value)
{
    a->has_collect = true;
    return read_seconds(a, value, 0, &a->collect);
}

static bool opt_for(struct request_args *a, const char *value)
{
    return read_seconds(a, value, 1, &a->duration);
}

static bool opt_count(struct request_args *a, const char *value)
{
    return (coap_parse_number(value, UINT32_MAX, &a->count) && a->count > 0) ||
           app_error_set(&a->error,
                         "expected a number of 1 and more, "
                         "found '%s'",
                         value);
}

static bool opt_interface(struct request_args *a, const char *value)
{
    a->interface = if_nametoindex(value);
    return a->interface != 0 ||
           app_error_set(&a->error, "there is no network interface '%s'",
                         value);
}

static bool read_number(struct request_args *a, const char *value,
                        struct request_keys *keys)
{
    const size_t len = strspn(value, "0123456789");

    keys->number = strtoull(value, NULL, 10);
    keys->has_number = true;
    return (len > 0 && len <= 13 && value[len] == '\0' &&
            keys->number >> NUMBER_BITS == 0) ||
           app_error_set(&a->error,
                         "expected a sequence number below 2^40 (RFC 8613 "
                         "Section 7.2.1), found '%s'",
                         value);
}

static bool opt_number(struct request_args *a, const char *value)
{
    return read_number(a, value, &a->keys);
}

static bool opt_proxy_number(struct request_args *a, const char *value)
{
    return read_number(a, value, &a->proxy_keys);
}

static bool opt_option(struct request_args *a, const char *value)
{
    return coap_draft_option(&a->draft, value, &a->error);
}

static bool add_format(struct request_args *a, uint16_t option,
                       const char *text)
{
    uint8_t buf[4];
    uint32_t number;

    if (!request_format_find(text, &number)) {
        return app_error_set(&a->error,
                             "expected a content format such as json, "
                             "application/cbor or 0 to 65535, found '%s'",
                             text);
    }
    const covey_bytes v = covey_option_uint_encode(number, buf);
    coap_draft_add(&a->draft, option,
                   coap_draft_copy(&a->draft, v.ptr, v.len));
    return true;
}

static bool opt_format(struct request_args *a, const char *value)
{
    return add_format(a, COVEY_OPTION_CONTENT_FORMAT, value);
}

static bool opt_accept(struct request_args *a, const char *value)
{
    return add_format(a, COVEY_OPTION_ACCEPT, value);
}

static bool opt_context(struct request_args *a, const char *value)
{
    a->keys.context = value;
    return true;
}

static bool opt_state(struct request_args *a, const char *value)
{
    a->keys.state = value;
    return true;
}

static bool opt_proxy_context(struct request_args *a, const char *value)
{
    a->proxy_keys.context = value;
    return true;
}

static bool opt_proxy_state(struct request_args *a, const char *value)
{
    a->proxy_keys.state = value;
    return true;
}

static bool opt_proxy(struct request_args *a, const char *value)
{
    a->proxy = value;
    return true;
}

static bool opt_profile(struct request_args *a, const char *value)
{
    a->profile = strcmp(value, "07") == 0 ? COVEY_PROXY_07 : COVEY_PROXY_SEED;
    return a->profile == COVEY_PROXY_07 || strcmp(value, "seed") == 0 ||
           app_error_set(&a->error, "expected seed or 07, found '%s'", value);
}

static bool opt_margin(struct request_args *a, const char *value)
{
    return read_seconds(a, value, 1, &a->margin);
}

static bool opt_to(struct request_args *a, const char *value)
{
    char why[160];
    uint8_t *bytes;
    size_t len;

    if (!hex_parse(value, strlen(value), &bytes, &len, why, sizeof why)) {
        return app_error_set(&a->error, "a Sender ID: %s", why);
    }
    const bool fits = len <= sizeof a->to_bytes;
    memcpy(a->to_bytes, bytes, fits ? len : 0);
    a->to = covey_bytes_of(a->to_bytes, len);
    free(bytes);
    return fits || app_error_set(&a->error,
                                 "expected a Sender ID of at most %d bytes, "
                                 "found %zu",
                                 COVEY_OSCORE_ID_MAX, len);
}

static bool opt_schc(struct request_args *a, const char *value)
{
    a->schc = value;
    return true;
}

static bool opt_schc_sends(struct request_args *a, const char *value)
{
    a->schc_more = true;
    a->schc_up = strcmp(value, "up") == 0;
    return a->schc_up || strcmp(value, "down") == 0 ||
           app_error_set(&a->error, "expected up or down, found '%s'", value);
}

static bool opt_message_ids(struct request_args *a, const char *value)
{
    return schc_link_range(value, &a->message_id_first, &a->message_id_bits) ||
           app_error_set(&a->error,
                         "expected Message IDs with leading bits in common "
                         "such as 0-255, found '%s'",
                         value);
}

static bool opt_token_length(struct request_args *a, const char *value)
{
    uint32_t len = 0;

    if (!coap_parse_number(value, 8, &len) || len == 0) {
        return app_error_set(&a->error, "expected 1 to 8 bytes, found '%s'",
                             value);
    }
    a->token_len = (uint8_t)len;
    return true;
}

static bool opt_psk_identity(struct request_args *a, const char *value)
{
    a->psk_identity = value;
    return true;
}

static bool opt_psk_file(struct request_args *a, const char *value)
{
    a->psk_file = value;
    return true;
}

static bool opt_ca(struct request_args *a, const char *value)
{
    a->ca = value;
    return tls_set_trust(&a->tls, value) == NULL ||
           app_error_set(&a->error, "one file too many");
}

static bool opt_cert(struct request_args *a, const char *value)
{
    a->certificate = value;
    (void)tls_set_cert(&a->tls, value);
    return true;
}

static bool opt_key(struct request_args *a, const char *value)
{
    a->key = value;
    (void)tls_set_key(&a->tls, value);
    return true;
}

static bool opt_non(struct request_args *a, const char *value)
{
    (void)value;
    a->non = true;
    return true;
}

static bool opt_json(struct request_args *a, const char *value)
{
    (void)value;
    a->json = true;
    return true;
}

static bool opt_explain(struct request_args *a, const char *value)
{
    (void)value;
    a->explain = true;
    return true;
}

static bool opt_help(struct request_args *a, const char *value)
{
    (void)value;
    a->help = true;
    return true;
}

/* --- options and operands ------------------------------------------------ */

struct option {
    const char *name;
    unsigned kinds; /* of verbs */
    bool has_value;
    bool (*apply)(struct request_args *a, const char *value);
    const char *(*tls)(void *options, const char *value); /* instead */
};

static const struct option options[] = {
    { "-O", WITH_MESSAGE, true, opt_option, NULL },
    { "--accept", WITH_MESSAGE, true, opt_accept, NULL },
    { "--ca", WITH_ANY, true, opt_ca, NULL },
    { "--cert", WITH_ANY, true, opt_cert, NULL },
    { "--cert-type", WITH_ANY, true, NULL, tls_set_cert_type },
    { "--chain", WITH_ANY, true, NULL, tls_set_chain },
    { "--collect", WITH_MESSAGE, true, opt_collect, NULL },
    { "--content-format", REQUEST_BODY, true, opt_format, NULL },
    { "--context", WITH_MESSAGE, true, opt_context, NULL },
    { "--count", REQUEST_OBSERVE, true, opt_count, NULL },
    { "--crl", WITH_ANY, true, NULL, tls_set_crl },
    { "--explain", WITH_ANY, false, opt_explain, NULL },
    { "--for", REQUEST_OBSERVE, true, opt_for, NULL },
    { "--help", WITH_ANY, false, opt_help, NULL },
    { "--interface", WITH_ANY, true, opt_interface, NULL },
    { "--json", WITH_ANY, false, opt_json, NULL },
    { "--key", WITH_ANY, true, opt_key, NULL },
    { "--keylog", WITH_ANY, true, NULL, tls_set_key_log },
    { "--margin", WITH_MESSAGE, true, opt_margin, NULL },
    { "--message-ids", WITH_ANY, true, opt_message_ids, NULL },
    { "--non", WITH_MESSAGE, false, opt_non, NULL },
    { "--number", WITH_MESSAGE, true, opt_number, NULL },
    { "--peer-type", WITH_ANY, true, NULL, tls_set_peer_type },
    { "--policy", WITH_ANY, true, NULL, tls_set_policy },
    { "--profile", WITH_MESSAGE, true, opt_profile, NULL },
    { "--proxy", WITH_MESSAGE, true, opt_proxy, NULL },
    { "--proxy-context", WITH_MESSAGE, true, opt_proxy_context, NULL },
    { "--proxy-number", WITH_MESSAGE, true, opt_proxy_number, NULL },
    { "--proxy-state", WITH_MESSAGE, true, opt_proxy_state, NULL },
    { "--psid", WITH_ANY, true, NULL, tls_set_psid },
    { "--psk-file", WITH_ANY, true, opt_psk_file, NULL },
    { "--psk-identity", WITH_ANY, true, opt_psk_identity, NULL },
    { "--repository", WITH_ANY, true, NULL, tls_set_repository },
    { "--schc", WITH_ANY, true, opt_schc, NULL },
    { "--schc-sends", WITH_ANY, true, opt_schc_sends, NULL },
    { "--state", WITH_MESSAGE, true, opt_state, NULL },
    { "--timeout", WITH_ANY, true, opt_timeout, NULL },
    { "--to", WITH_MESSAGE, true, opt_to, NULL },
    { "--token-length", WITH_ANY, true, opt_token_length, NULL },
    { "--trust", WITH_ANY, true, NULL, tls_set_trust },
    { "--trust-key", WITH_ANY, true, NULL, tls_set_trust_key },
};

static const struct option *find_option(const struct request_args *a,
                                        const char *name)
{
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        if (strcmp(options[i].name, name) == 0 &&
            (options[i].kinds & a->verb->kind) != 0) {
            return &options[i];
        }
    }
    return NULL;
}

static bool read_option(struct request_args *a, int argc, char **argv, int *i)
{
    const char *name = argv[*i];
    const struct option *o = find_option(a, name);

    if (o == NULL) {
        return app_error_set(&a->error, "unknown option '%s'", name);
    }
    if (o->has_value && *i + 1 == argc) {
        return app_error_set(&a->error, "%s: a value is missing", name);
    }
    if (o->tls != NULL) {
        const char *expected = o->tls(&a->tls, argv[++*i]);
        return expected == NULL ||
               app_error_set(&a->error, "%s: expected %s, found '%s'", name,
                             expected, argv[*i]);
    }
    if (!o->apply(a, o->has_value ? argv[++*i] : NULL)) {
        const struct app_error why = a->error;
        return app_error_set(&a->error, "%s: %s", name, why.text);
    }
    return true;
}

/* The payload as text, "@FILE", or "-" for standard input. */
static bool read_payload(struct request_args *a, const char *text)
{
    covey_bytes *payload = &a->draft.payload;

    if (a->verb->kind != REQUEST_BODY) {
        return app_error_set(&a->error, "a payload is not for this verb: '%s'",
                             text);
    }
    if (payload->ptr != NULL) {
        return app_error_set(&a->error, "a second payload: '%s'", text);
    }
    if (text[0] != '@' && strcmp(text, "-") != 0) {
        *payload = coap_draft_copy(&a->draft, text, strlen(text));
        return true;
    }
    a->io = true;
    if (!coap_draft_file(&a->draft, text[0] == '@' ? text + 1 : text, payload,
                         &a->error)) {
        return false;
    }
    a->io = false;
    return true;
}

static bool read_operand(struct request_args *a, const char *text)
{
    if (a->uri != NULL) {
        return read_payload(a, text);
    }
    a->uri = text;
    return true;
}

static bool has_path(const struct request_args *a)
{
    for (size_t i = 0; i < a->draft.option_count; i++) {
        if (a->draft.options[i].number == COVEY_OPTION_URI_PATH) {
            return true;
        }
    }
    return false;
}

static void add_text(struct request_args *a, uint16_t number, const char *text)
{
    coap_draft_add(&a->draft, number,
                   coap_draft_copy(&a->draft, text, strlen(text)));
}

static bool check_dtls(struct request_args *a)
{
    const bool bare = a->tls.own[0].type == COVEY_TLS_RAW_PUBLIC_KEY;

    if ((a->psk_identity == NULL) != (a->psk_file == NULL) ||
        (a->certificate == NULL && !bare) != (a->key == NULL && !bare)) {
        return app_error_set(&a->error,
                             "--psk-identity and --psk-file go together, and "
                             "so do --cert and --key");
    }
    if (a->psk_identity != NULL && (a->ca != NULL || a->key != NULL)) {
        return app_error_set(&a->error, "either a pre-shared key, or "
                                        "certificates");
    }
    return true;
}

static bool check_proxy(struct request_args *a)
{
    const struct request_keys *k = &a->proxy_keys;

    if (k->context == NULL && (k->state != NULL || k->has_number)) {
        return app_error_set(&a->error,
                             "--proxy-state and --proxy-number are for a "
                             "--proxy-context");
    }
    if (a->proxy == NULL && (a->profile != COVEY_PROXY_NONE ||
                             a->margin != 0 || k->context != NULL)) {
        return app_error_set(&a->error,
                             "--profile, --margin and --proxy-context are "
                             "for a --proxy");
    }
    if (a->proxy == NULL && a->has_collect &&
        (a->collect == 0 || a->verb->kind == REQUEST_OBSERVE)) {
        return app_error_set(&a->error,
                             "--collect 0, and with observe, is for a "
                             "--proxy");
    }
    if (a->proxy != NULL && a->collect % 1000 != 0) {
        return app_error_set(&a->error,
                             "--collect: a proxy is told whole seconds");
    }
    return true;
}

/* Where the request goes: options of its own, or Proxy-Uri. */
static bool add_uri(struct request_args *a)
{
    if (a->proxy != NULL) {
        return request_proxy_uri(a);
    }
    if (!coap_draft_uri(&a->draft, a->uri, &a->error)) {
        return false;
    }
    if (a->verb->kind == REQUEST_DISCOVER && !has_path(a)) {
        add_text(a, COVEY_OPTION_URI_PATH, ".well-known");
        add_text(a, COVEY_OPTION_URI_PATH, "core");
    }
    return true;
}

/* What the verb itself says. */
static bool finish(struct request_args *a)
{
    if (a->uri == NULL) {
        return app_error_set(&a->error, "a URI is missing");
    }
    if (a->keys.context == NULL &&
        (a->keys.state != NULL || a->keys.has_number || a->to.ptr != NULL)) {
        return app_error_set(&a->error, "--state, --number and --to are for "
                                        "a --context");
    }
    if (a->schc == NULL && a->schc_more) {
        return app_error_set(&a->error, "--schc-sends is for a --schc link");
    }
    if (!check_dtls(a) || !check_proxy(a) || !add_uri(a)) {
        return false;
    }
    if (a->verb->kind == REQUEST_OBSERVE) {
        add_text(a, COVEY_OPTION_OBSERVE, ""); /* 0: register */
    }
    return true;
}

bool request_args_read(struct request_args *a, const struct request_verb *verb,
                       int argc, char **argv)
{
    memset(a, 0, sizeof *a);
    a->verb = verb;
    coap_draft_init(&a->draft, COAP_DATAGRAM);
    a->draft.head.code = verb->code;
    for (int i = 1; i < argc; i++) {
        const bool is_option = argv[i][0] == '-' && argv[i][1] != '\0';
        if (!(is_option ? read_option(a, argc, argv, &i)
                        : read_operand(a, argv[i]))) {
            return false;
        }
    }
    return a->help || finish(a);
}

void request_args_free(struct request_args *a)
{
    coap_draft_free(&a->draft);
}
