/* SPDX-License-Identifier: BSD-2-Clause */
/* CoAP as an auditor speaks it: one GET at a time, not confirmable, never sent
 * again (RFC 7252 Section 4.7: NSTART is 1). */
#include "probe.h"

#include <string.h>
#include <weblink.h>

enum {
    ASK_MAX = 1200,
    STRAY_MAX = 32 /* packets that are passed over */
};

/* --- asking -------------------------------------------------------------- */

/* "/a/b" as options; escapes stay as they are, nothing here resolves them. */
static void put_path(covey_coap_composer *c, covey_bytes path)
{
    size_t from = path.len > 0 && path.ptr[0] == '/' ? 1 : 0;

    for (size_t i = from; i <= path.len; i++) {
        if (i == path.len || path.ptr[i] == '/') {
            if (i > from) {
                covey_coap_put_option(
                    c, COVEY_OPTION_URI_PATH,
                    covey_bytes_of(path.ptr + from, i - from));
            }
            from = i + 1;
        }
    }
}

static bool compose(const coap_ask *a, const coap_asked *asked,
                    covey_writer *out)
{
    const covey_coap_message head = {
        .type = COVEY_COAP_NON,
        .code = COVEY_COAP_CODE(0, a->post ? 2 : 1),
        .message_id = asked->message_id,
        .token = covey_bytes_of(asked->token, sizeof asked->token),
    };
    covey_coap_composer c = covey_coap_compose(out, &head);

    if (a->observes) {
        covey_coap_put_uint(&c, COVEY_OPTION_OBSERVE, a->observe);
    }
    if (a->oscore.ptr != NULL) {
        covey_coap_put_option(&c, COVEY_OPTION_OSCORE, a->oscore);
    }
    put_path(&c, a->path);
    if (a->blocks) {
        covey_coap_put_block(&c, COVEY_OPTION_BLOCK2, &a->block2);
    }
    if (a->proxy_uri != NULL) {
        covey_coap_put_option(&c, COVEY_OPTION_PROXY_URI,
                              probe_text(a->proxy_uri));
    }
    if (a->echo.ptr != NULL) {
        covey_coap_put_option(&c, COVEY_OPTION_ECHO, a->echo);
    }
    if (a->oscore.ptr != NULL) {
        covey_coap_put_payload(&c, a->payload);
    }
    return covey_coap_finish(&c) == COVEY_OK;
}

bool coap_write(const coap_ask *a, covey_writer *out)
{
    const coap_asked nothing = { .message_id = 0 };

    return compose(a, &nothing, out);
}

bool coap_put(probe *p, const coap_ask *a, coap_asked *asked)
{
    uint8_t packet[ASK_MAX];
    covey_writer w = covey_writer_of(packet, sizeof packet);
    uint8_t mid[2];

    memset(asked, 0, sizeof *asked);
    probe_random(asked->token, sizeof asked->token);
    probe_random(mid, sizeof mid);
    asked->message_id = (uint16_t)(mid[0] << 8 | mid[1]);
    /* a path that does not fit is not asked for */
    if (!compose(a, asked, &w)) {
        return false;
    }
    asked->len = w.pos;
    return probe_send(p, covey_written(&w));
}

/* --- answers ------------------------------------------------------------- */

/* An Empty message (RFC 7252 Section 4.3). */
static void acknowledge(probe *p, uint16_t message_id)
{
    const uint8_t packet[4] = { 0x40 | COVEY_COAP_ACK << 4, 0,
                                (uint8_t)(message_id >> 8),
                                (uint8_t)(message_id & 0xff) };

    (void)probe_send(p, covey_bytes_of(packet, sizeof packet));
}

static bool is_answer(const covey_coap_message *m, const coap_asked *asked)
{
    return m->code >= COVEY_COAP_CODE(2, 0) &&
           m->code < COVEY_COAP_CODE(6, 0) &&
           covey_bytes_equal(
               m->token, covey_bytes_of(asked->token, sizeof asked->token));
}

probe_result coap_take(probe *p, coap_asked *asked, uint64_t until, bool ack,
                       coap_reply *r)
{
    for (int stray = 0; stray < STRAY_MAX; stray++) {
        const uint64_t now = probe_now();
        covey_bytes packet;
        coap_reply got = { .asked = asked->len };
        if (now >= until) {
            return PROBE_SILENT;
        }
        const probe_result result =
            probe_await(p, (uint32_t)(until - now), &packet, &got.who);
        if (result != PROBE_ANSWER) {
            return result;
        }
        if (got.who == WIRE_CANARY ||
            covey_coap_parse(&got.m, packet) != COVEY_OK) {
            continue;
        }
        if (got.m.code == COVEY_COAP_EMPTY &&
            got.m.message_id == asked->message_id) {
            if (got.m.type == COVEY_COAP_RST) {
                *r = got;
                probe_note(p, "answer", "reset");
                return PROBE_RESET;
            }
            asked->acknowledged = true;
        } else if (is_answer(&got.m, asked)) {
            got.answered = packet.len;
            got.separate = asked->acknowledged;
            *r = got;
            if (ack && got.m.type == COVEY_COAP_CON) {
                acknowledge(p, got.m.message_id);
            }
            return PROBE_ANSWER;
        }
    }
    return PROBE_SILENT;
}

probe_result coap_get(probe *p, const coap_ask *a, coap_reply *r)
{
    coap_asked asked;

    if (!coap_put(p, a, &asked)) {
        return PROBE_DENIED;
    }
    return coap_take(p, &asked, probe_now() + p->patience_ms, true, r);
}

/* --- links --------------------------------------------------------------- */

static bool holds(covey_bytes text, const char *word)
{
    const size_t len = strlen(word);

    for (size_t i = 0; i + len <= text.len; i++) {
        if (memcmp(text.ptr + i, word, len) == 0) {
            return true;
        }
    }
    return false;
}

bool coap_has_attribute(covey_bytes attributes, const char *name,
                        const char *word)
{
    const size_t len = strlen(name);
    covey_bytes one;

    while (text_link_attribute(&attributes, &one)) {
        if (one.len < len || memcmp(one.ptr, name, len) != 0 ||
            (one.len > len && one.ptr[len] != '=')) {
            continue;
        }
        if (word == NULL ||
            holds(covey_bytes_of(one.ptr + len, one.len - len), word)) {
            return true;
        }
    }
    return false;
}

bool coap_next_link(covey_bytes *left, const char *attribute, bool has,
                    covey_bytes *target, covey_bytes *attributes)
{
    struct text_link link;

    while (text_link_next(left, &link)) {
        if (attribute == NULL ||
            coap_has_attribute(link.attributes, attribute, NULL) == has) {
            *target = link.target;
            *attributes = link.attributes;
            return true;
        }
    }
    return false;
}

bool coap_secured_link(covey_bytes links, covey_bytes *target)
{
    static const char *const names[] = { "osc", "gosc" };
    covey_bytes attributes;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        covey_bytes left = links;
        if (coap_next_link(&left, names[i], true, target, &attributes)) {
            return true;
        }
    }
    return false;
}
