/* SPDX-License-Identifier: BSD-2-Clause */
/* Checks where one request makes several packets: CO-03 with a group, CO-04
 * with an observation, CO-05 and CO-06 through a proxy. */
#include "probe.h"

#include <stdio.h>
#include <string.h>

enum {
    LEISURE_MS = 5000, /* RFC 7252 Section 8.2, DEFAULT_LEISURE */
    ANSWERS_MAX = 1000,
    FACTOR_MAX = 3,
    HEADERS = 28,
    NOTIFICATIONS_MAX = 8,
    CONFIRMED_MAX = 6, /* of them, each of which costs an acknowledgement */
    OBSERVE_MS = 15000,
    PROXY_BODY = 300, /* what the canary answers */
    NAME_LEN = 16,
    REGISTER = 0, /* RFC 7641 Section 2 */
    DEREGISTER = 1
};

#define LEN(b) (int)((b).len < 100 ? (b).len : 100)
#define TXT(b) (const char *)(b).ptr

/* --- CO-03 --------------------------------------------------------------- */

typedef struct tally {
    unsigned answers;
    unsigned resets;
    size_t bytes;
    size_t asked;
} tally;

static void judge_group(probe *p, const tally *t)
{
    probe_note(p, "group", "%u answers, %u resets, %zu bytes for %zu",
               t->answers, t->resets, t->bytes, t->asked);
    if (t->resets > 0) {
        probe_finding(p, FINDING_GROUP_RESET, "%u", t->resets);
    }
    if (t->answers == 0) {
        return;
    }
    const size_t with_ip = t->bytes + (size_t)HEADERS * t->answers;
    probe_finding(p, FINDING_GROUP_ANSWERS, "%u members", t->answers);
    if (t->bytes > FACTOR_MAX * t->asked) {
        probe_finding(p, FINDING_GROUP_AMPLIFIES,
                      "one packet of %zu bytes, %u answers of %zu: x%zu.%zu "
                      "in CoAP, x%zu.%zu with IP",
                      t->asked, t->answers, t->bytes, t->bytes / t->asked,
                      t->bytes * 10 / t->asked % 10,
                      with_ip / (t->asked + HEADERS),
                      with_ip * 10 / (t->asked + HEADERS) % 10);
    }
}

/* One request to the group, without any after it. */
enum audit_outcome check_group(probe *p)
{
    const coap_ask ask = { .path = probe_text("/.well-known/core") };
    const uint64_t until = probe_now() + LEISURE_MS + p->patience_ms;
    coap_asked asked;
    tally t = { 0 };

    if (!coap_put(p, &ask, &asked)) {
        return OUTCOME_DENIED;
    }
    t.asked = asked.len;
    while (t.answers + t.resets < ANSWERS_MAX) {
        coap_reply r;
        /* an acknowledgement would be a second packet */
        const probe_result result = coap_take(p, &asked, until, false, &r);
        if (result == PROBE_ANSWER) {
            t.answers++;
            t.bytes += r.answered;
        } else if (result == PROBE_RESET) {
            t.resets++;
        } else {
            break;
        }
    }
    judge_group(p, &t);
    return OUTCOME_DONE;
}

/* --- CO-04 --------------------------------------------------------------- */

typedef struct watching {
    coap_asked asked;
    unsigned count;       /* notifications, the first answer is none */
    unsigned confirmed;   /* of them, by us */
    unsigned unconfirmed; /* in a row, at most */
    unsigned row;
    size_t row_bytes;
    size_t bytes;   /* of the longest row */
    unsigned steps; /* Message IDs that were one more than the last */
    uint16_t last_mid;
} watching;

static void count_notification(watching *w, const coap_reply *r)
{
    if (w->count > 0 && r->m.message_id == (uint16_t)(w->last_mid + 1)) {
        w->steps++;
    }
    w->last_mid = r->m.message_id;
    w->count++;
    if (r->m.type == COVEY_COAP_CON) {
        w->confirmed++;
        w->row = 0;
        w->row_bytes = 0;
        return;
    }
    w->row++;
    w->row_bytes += r->answered;
    if (w->row_bytes > w->bytes) {
        w->bytes = w->row_bytes;
        w->unconfirmed = w->row;
    }
}

static void judge_watching(probe *p, covey_bytes path, const watching *w)
{
    probe_note(p, "observe",
               "%u notifications, %u of %zu bytes in a row "
               "without confirmation, for %zu",
               w->count, w->unconfirmed, w->bytes, w->asked.len);
    if (w->bytes > FACTOR_MAX * w->asked.len) {
        probe_finding(p, FINDING_OBSERVE_AMPLIFIES,
                      "%.*s: %u notifications of %zu bytes before a "
                      "confirmable one, for %zu bytes: x%zu.%zu",
                      LEN(path), TXT(path), w->unconfirmed, w->bytes,
                      w->asked.len, w->bytes / w->asked.len,
                      w->bytes * 10 / w->asked.len % 10);
    }
    if (w->count >= 3 && w->steps == w->count - 1) {
        probe_finding(p, FINDING_OBSERVE_MIDS, "%.*s: %u in their order",
                      LEN(path), TXT(path), w->count);
    }
}

/* The observation is always taken back, so that nothing is left at the target
 * (AUD-043). */
static enum audit_outcome take_back(probe *p, const coap_ask *ask)
{
    coap_ask end = *ask;
    coap_reply r;

    end.observe = DEREGISTER;
    return probe_outcome(coap_get(p, &end, &r));
}

enum audit_outcome check_observe(probe *p)
{
    const uint64_t until = probe_now() + OBSERVE_MS;
    covey_bytes left = p->kept;
    covey_bytes path;
    covey_bytes attributes;
    covey_bytes value;
    watching w = { .count = 0 };
    coap_reply r;

    do {
        if (!coap_next_link(&left, "obs", true, &path, &attributes)) {
            probe_note(p, "obs", "no open link has it");
            return OUTCOME_DONE;
        }
    } while (coap_has_attribute(attributes, "osc", NULL));
    const coap_ask ask = { .path = path,
                           .observes = true,
                           .observe = REGISTER };
    if (!coap_put(p, &ask, &w.asked)) {
        return OUTCOME_DENIED;
    }
    probe_result result =
        coap_take(p, &w.asked, probe_now() + p->patience_ms, true, &r);
    if (result != PROBE_ANSWER ||
        !covey_option_get(&r.m, COVEY_OPTION_OBSERVE, &value)) {
        probe_note(p, "observe", "%.*s is not observed", LEN(path), TXT(path));
        return probe_outcome(result);
    }
    while (w.count < NOTIFICATIONS_MAX && w.confirmed < CONFIRMED_MAX &&
           coap_take(p, &w.asked, until, true, &r) == PROBE_ANSWER) {
        count_notification(&w, &r);
    }
    judge_watching(p, path, &w);
    return take_back(p, &ask);
}

/* --- CO-05, CO-06 -------------------------------------------------------- */

/* Somebody asks the canary for the name that only the target was told. */
static bool is_for_us(covey_bytes packet, const char *name,
                      covey_coap_message *m)
{
    covey_bytes value;

    return covey_coap_parse(m, packet) == COVEY_OK &&
           covey_option_get(m, COVEY_OPTION_URI_PATH, &value) &&
           covey_bytes_equal(value, probe_text(name));
}

/* As a large answer, of an origin that does not ask for Echo. */
static void answer_as_origin(probe *p, const covey_coap_message *request)
{
    static uint8_t body[PROXY_BODY];
    uint8_t token[8] = { 0 };
    uint8_t packet[PROXY_BODY + 32];
    covey_writer w = covey_writer_of(packet, sizeof packet);
    const covey_coap_message head = {
        .type =
            request->type == COVEY_COAP_CON ? COVEY_COAP_ACK : COVEY_COAP_NON,
        .code = COVEY_COAP_CODE(2, 5),
        .message_id = request->message_id,
        .token = covey_bytes_of(token, request->token.len),
    };

    if (request->token.len > sizeof token) {
        return;
    }
    memcpy(token, request->token.ptr, request->token.len);
    memset(body, 'c', sizeof body);
    covey_coap_composer c = covey_coap_compose(&w, &head);
    covey_coap_put_payload(&c, covey_bytes_of(body, sizeof body));
    if (covey_coap_finish(&c) == COVEY_OK) {
        (void)probe_reply(p, covey_written(&w));
    }
}

/* What the target itself says to it, after the canary was asked. */
static void judge_proxy(probe *p, coap_asked *asked, uint64_t until)
{
    coap_reply r;
    covey_bytes echo;

    if (coap_take(p, asked, until, true, &r) != PROBE_ANSWER) {
        return;
    }
    probe_note(p, "proxy", "%u.%02u, %zu bytes asked, %zu answered",
               r.m.code >> 5, r.m.code & 31u, r.asked, r.answered);
    if (r.m.code >> 5 == 2 && r.answered > FACTOR_MAX * r.asked &&
        !covey_option_get(&r.m, COVEY_OPTION_ECHO, &echo)) {
        probe_finding(p, FINDING_PROXY_AMPLIFIES,
                      "%zu bytes asked, %zu answered without Echo", r.asked,
                      r.answered);
    }
}

enum audit_outcome check_proxy(probe *p)
{
    static const char digits[] = "0123456789abcdef";
    const uint64_t until = probe_now() + p->patience_ms;
    char name[NAME_LEN + 1] = "";
    uint8_t random[NAME_LEN];
    char uri[160];
    coap_asked asked;

    probe_random(random, sizeof random);
    for (size_t i = 0; i < NAME_LEN; i++) {
        name[i] = digits[random[i] & 15];
    }
    snprintf(uri, sizeof uri, "coap://%s/%s", p->canary, name);
    const coap_ask ask = { .path = probe_text(""), .proxy_uri = uri };
    if (!coap_put(p, &ask, &asked)) {
        return OUTCOME_DENIED;
    }
    for (uint64_t now = probe_now(); now < until; now = probe_now()) {
        covey_coap_message m;
        covey_bytes packet;
        uint16_t who;
        const probe_result result =
            probe_await(p, (uint32_t)(until - now), &packet, &who);
        if (result != PROBE_ANSWER) {
            return probe_outcome(result);
        }
        if (who == WIRE_CANARY && is_for_us(packet, name, &m)) {
            probe_finding(p, FINDING_OPEN_PROXY, "it asked %s", p->canary);
            answer_as_origin(p, &m);
            judge_proxy(p, &asked, probe_now() + p->patience_ms);
            return OUTCOME_DONE;
        }
        if (who != WIRE_CANARY && covey_coap_parse(&m, packet) == COVEY_OK &&
            m.code >> 5 >= 4) {
            probe_note(p, "proxy", "%u.%02u", m.code >> 5, m.code & 31u);
            return OUTCOME_DONE;
        }
    }
    return OUTCOME_SILENT;
}
