/* SPDX-License-Identifier: BSD-2-Clause */
/* Resources of a configuration, and requests to them. */
#ifndef COVEY_TEST_SERVER_ASK_H
#define COVEY_TEST_SERVER_ASK_H

#include <config.h>
#include <covey/coap_options.h>
#include <kit.h>
#include <resource.h>

enum {
    ASK_OPTIONS = 12,
    ASK_BODY = 2048
};

#define GET    COVEY_COAP_CODE(0, 1)
#define POST   COVEY_COAP_CODE(0, 2)
#define PUT    COVEY_COAP_CODE(0, 3)
#define DELETE COVEY_COAP_CODE(0, 4)
#define FETCH  COVEY_COAP_CODE(0, 5)
#define PATCH  COVEY_COAP_CODE(0, 6)
#define IPATCH COVEY_COAP_CODE(0, 7)

/* 4.04 is written 404. */
#define AS_NUMBER(code) (((code) >> 5) * 100 + ((code)&31))

struct ask_option {
    uint16_t number;
    const char *hex;
};

struct ask {
    uint8_t code;
    const char *path;                       /* "a/b": plain segments */
    struct ask_option options[ASK_OPTIONS]; /* ends with number 0 */
    const char *body;
    bool secured;
    bool member;
    bool suspicious;
    bool late;
    uint8_t roles;
    const dtls_peer *peer;
};

struct heard {
    int code;
    struct resource_answer answer; /* ended */
    uint8_t body[ASK_BODY];
    size_t len;
};

/* 2026-11-22T05:00:00Z, and ten seconds of another clock. */
static covey_time ask_now = { 10000, 1795323600, true };

static inline void ask_put(covey_coap_composer *c, const struct ask_option *o)
{
    uint8_t value[300];

    covey_coap_put_option(c, o->number, kit_hex(o->hex, value, sizeof value));
}

/* Options below 11, the path, the others. */
static inline void ask_put_all(covey_coap_composer *c, const struct ask *a)
{
    const struct ask_option *o = a->options;
    const char *at = a->path;

    for (; o->number != 0 && o->number < COVEY_OPTION_URI_PATH; o++) {
        ask_put(c, o);
    }
    while (at != NULL && *at != '\0') {
        const size_t len = strcspn(at, "/");
        covey_coap_put_option(c, COVEY_OPTION_URI_PATH,
                              covey_bytes_of((const uint8_t *)at, len));
        at += len + (at[len] == '/' ? 1 : 0);
    }
    for (; o->number != 0; o++) {
        ask_put(c, o);
    }
}

static inline struct heard ask(struct resources *all, const struct ask *a)
{
    uint8_t bytes[1500];
    covey_writer w = covey_writer_of(bytes, sizeof bytes);
    const covey_coap_message head = { .code = a->code };
    covey_coap_composer c = covey_coap_compose(&w, &head);
    covey_coap_message m;
    struct heard h;

    ask_put_all(&c, a);
    CHECK_STATUS(COVEY_OK, covey_coap_finish(&c));
    CHECK_STATUS(COVEY_OK, covey_coap_parse(&m, covey_written(&w)));
    const struct resource_request rq = {
        .message = &m,
        .body = covey_bytes_of((const uint8_t *)a->body,
                               a->body != NULL ? strlen(a->body) : 0),
        .secured = a->secured,
        .member = a->member,
        .suspicious = a->suspicious,
        .late = a->late,
        .roles = a->roles,
        .peer = a->peer,
        .now = ask_now,
    };
    resources_answer(all, &rq, &h.answer);
    h.code = AS_NUMBER(h.answer.code);
    h.len = resource_read(&h.answer.body, 0, h.body, sizeof h.body);
    assert_true(h.len == h.answer.body.size || h.len == sizeof h.body);
    resource_end(&h.answer);
    return h;
}

static inline struct server_config *configured(const char *text)
{
    struct server_config *made =
        server_config_load_text(text, strlen(text), "test", stderr);

    assert_non_null(made);
    resources_start(&made->resources, 0);
    return made;
}

#define CHECK_BODY(text, heard)                                               \
    CHECK_SPAN(covey_bytes_of((const uint8_t *)(text), strlen(text)),         \
               covey_bytes_of((heard).body, (heard).len))

#endif
