/* SPDX-License-Identifier: BSD-2-Clause */
#include "request_report.h"

#include <jansson.h>
#include <system_address.h>
#include <unistd.h>
#include <weblink.h>

#define CONTENT COVEY_COAP_CODE(2, 5)

const char *request_code_text(uint8_t code, char text[REQUEST_CODE_TEXT])
{
    const char *name = coap_code_name(code);

    snprintf(text, REQUEST_CODE_TEXT, "%u.%02u%s%s", (unsigned)code >> 5,
             code & 0x1fu, name != NULL ? " " : "", name != NULL ? name : "");
    return text;
}

static bool is_success(const covey_coap_message *m)
{
    return m->code >> 5 == 2;
}

/* --- JSON ---------------------------------------------------------------- */

static json_t *span_json(covey_bytes b)
{
    json_t *text = json_stringn((const char *)b.ptr, b.len);

    return text != NULL ? text : json_null(); /* not UTF-8 */
}

static json_t *link_json(const struct text_link *link)
{
    json_t *json = json_object();
    json_t *attributes = json_array();
    covey_bytes left = link->attributes;
    covey_bytes attribute;

    while (text_link_attribute(&left, &attribute)) {
        json_array_append_new(attributes, span_json(attribute));
    }
    json_object_set_new(json, "target", span_json(link->target));
    json_object_set_new(json, "attributes", attributes);
    return json;
}

static json_t *links_json(covey_bytes payload)
{
    json_t *json = json_array();
    struct text_link link;

    while (text_link_next(&payload, &link)) {
        json_array_append_new(json, link_json(&link));
    }
    return json;
}

static void put_json(json_t *json)
{
    json_dumpf(json, stdout, JSON_COMPACT);
    putchar('\n');
    fflush(stdout);
    json_decref(json);
}

static bool is_known(const struct request_answer *answer)
{
    return answer->origin.family != COVEY_FAMILY_NONE;
}

static void set_origin(json_t *json, const char *what,
                       const struct request_answer *answer)
{
    char text[ADDRESS_TEXT_MAX];

    json_object_set_new(json, "what", json_string(what));
    json_object_set_new(json, "origin",
                        is_known(answer)
                            ? json_string(address_text(&answer->origin, text))
                            : json_null());
    if (answer->proxy != NULL) {
        json_object_set_new(json, "proxy",
                            json_string(address_text(answer->proxy, text)));
    }
    json_object_set_new(json, "delay_ms",
                        json_integer((json_int_t)answer->delay));
}

enum {
    SENDER_TEXT = 2 * COVEY_OSCORE_ID_MAX + 1
};

/* The Sender ID of a member. */
static void sender_text(const covey_opened *opened, char text[SENDER_TEXT])
{
    text[0] = '\0';
    for (size_t i = 0; i < opened->sender.len; i++) {
        snprintf(text + 2 * i, 3, "%02x", (unsigned)opened->sender.ptr[i]);
    }
}

static void answer_json(const struct request_args *a,
                        const struct request_answer *answer)
{
    const struct coap_printer how = { .framing = COAP_INNER,
                                      .code = answer->message->code };
    json_t *json = json_object();
    json_t *message = coap_json_of(&how, answer->message);
    const char *with_proxy = a->proxy_keys.context;
    char sender[SENDER_TEXT];

    set_origin(json, "answer", answer);
    json_object_set_new(
        json, "protected",
        json_boolean(answer->opened->kind != COVEY_REPLY_OPEN &&
                     (with_proxy == NULL || answer->opened->layers == 2)));
    if (answer->proxy != NULL) {
        json_object_set_new(json, "proxy_protected",
                            json_boolean(with_proxy != NULL));
    }
    if (answer->opened->member) {
        sender_text(answer->opened, sender);
        json_object_set_new(json, "sender", json_string(sender));
        json_object_set_new(
            json, "mode",
            json_string(answer->opened->kind == COVEY_REPLY_PAIRWISE
                            ? "pairwise"
                            : "group"));
    }
    json_object_del(message, "framing");
    json_object_update(json, message);
    json_decref(message);
    if (a->verb->kind == REQUEST_DISCOVER && is_success(answer->message)) {
        json_object_set_new(json, "links",
                            links_json(answer->message->payload));
    }
    put_json(json);
}

/* --- text ---------------------------------------------------------------- */

static void print_span(covey_bytes b)
{
    if (coap_is_printable(b)) {
        fwrite(b.ptr, 1, b.len, stdout);
    } else {
        printf("h'");
        for (size_t i = 0; i < b.len; i++) {
            printf("%02x", b.ptr[i]);
        }
        putchar('\'');
    }
}

/* In a line: quoted if it is text, else as hex. */
static void print_quoted(covey_bytes b)
{
    json_t *text =
        coap_is_printable(b) ? json_stringn((const char *)b.ptr, b.len) : NULL;

    if (text == NULL) {
        print_span(b);
        return;
    }
    json_dumpf(text, stdout, JSON_ENCODE_ANY);
    json_decref(text);
}

/* A pipe gets the bytes as they are; a person gets lines that do nothing to
 * the terminal. */
static void print_payload(covey_bytes payload, bool lines)
{
    const bool person = isatty(STDOUT_FILENO) != 0;

    if (payload.len == 0) {
        return;
    }
    if (person) {
        print_span(payload);
    } else {
        fwrite(payload.ptr, 1, payload.len, stdout);
    }
    if ((person || lines) && payload.ptr[payload.len - 1] != '\n') {
        putchar('\n');
    }
}

static void print_links(covey_bytes payload, const char *indent)
{
    struct text_link link;
    covey_bytes attribute;

    while (text_link_next(&payload, &link)) {
        fputs(indent, stdout);
        print_span(link.target);
        while (text_link_attribute(&link.attributes, &attribute)) {
            putchar(' ');
            print_span(attribute);
        }
        putchar('\n');
    }
    if (payload.len > 0) {
        fputs(indent, stdout);
        fputs("not in link format (RFC 6690 Section 2): ", stdout);
        print_quoted(payload);
        putchar('\n');
    }
}

/* Where a resource was created, RFC 7252 Section 5.10.7. */
static void print_location(FILE *file, const covey_coap_message *m)
{
    covey_coap_option_iter it = covey_coap_options_of(m);
    covey_coap_option o;
    bool path = false;
    bool query = false;

    while (covey_coap_option_next(&it, &o)) {
        const char *before = NULL;
        if (o.number == COVEY_OPTION_LOCATION_PATH) {
            before = path ? "/" : " /";
            path = true;
        } else if (o.number == COVEY_OPTION_LOCATION_QUERY) {
            before = query ? "&" : path ? "?" : " ?";
            query = true;
        }
        if (before != NULL && coap_is_printable(o.value)) {
            fprintf(file, "%s%.*s", before, (int)o.value.len,
                    (const char *)o.value.ptr);
        }
    }
}

/* What is not plain content has a line on standard error, so that standard
 * output is the payload and nothing else. */
static void print_code(const covey_coap_message *m)
{
    char code[REQUEST_CODE_TEXT];

    fputs(request_code_text(m->code, code), stderr);
    print_location(stderr, m);
    fputc('\n', stderr);
}

static void print_diagnostic(covey_bytes payload)
{
    if (coap_is_printable(payload)) {
        fprintf(stderr, "%.*s\n", (int)payload.len, (const char *)payload.ptr);
    } else {
        fprintf(stderr, "(%zu bytes that are no text)\n", payload.len);
    }
}

static void print_one(const struct request_args *a,
                      const covey_coap_message *m)
{
    if (m->code != CONTENT) {
        print_code(m);
    }
    if (!is_success(m)) {
        if (m->payload.len > 0) {
            print_diagnostic(m->payload); /* RFC 7252 Section 5.5.2 */
        }
    } else if (a->verb->kind == REQUEST_DISCOVER) {
        print_links(m->payload, "");
    } else {
        print_payload(m->payload, a->verb->kind == REQUEST_OBSERVE);
    }
}

/* One line: origin, delay, code, payload; links below it. */
static void print_listed(const struct request_args *a,
                         const struct request_answer *answer)
{
    const covey_coap_message *m = answer->message;
    char origin[ADDRESS_TEXT_MAX];
    char code[REQUEST_CODE_TEXT];
    char sender[SENDER_TEXT];

    printf("%-24s ", is_known(answer) ? address_text(&answer->origin, origin)
                                      : "unknown");
    if (answer->opened->member) {
        sender_text(answer->opened, sender);
        printf("%-6s ", sender[0] != '\0' ? sender : "\"\"");
    }
    printf("%6llu ms  %s", (unsigned long long)answer->delay,
           request_code_text(m->code, code));
    if (a->verb->kind == REQUEST_DISCOVER && is_success(m)) {
        putchar('\n');
        print_links(m->payload, "    ");
        return;
    }
    if (m->payload.len > 0) {
        fputs("  ", stdout);
        print_quoted(m->payload);
    }
    putchar('\n');
}

void request_report_answer(const struct request_args *a,
                           const struct request_answer *answer)
{
    if (a->show != NULL) {
        a->show(a->user, answer->message);
    } else if (a->json) {
        answer_json(a, answer);
    } else if (answer->list) {
        print_listed(a, answer);
    } else {
        print_one(a, answer->message);
    }
    fflush(stdout);
}

void request_report_pong(const struct request_args *a,
                         const struct request_answer *answer)
{
    char origin[ADDRESS_TEXT_MAX];
    json_t *json;

    if (a->json) {
        json = json_object();
        set_origin(json, "pong", answer);
        put_json(json);
        return;
    }
    printf("%s answers, %llu ms\n", address_text(&answer->origin, origin),
           (unsigned long long)answer->delay);
}
