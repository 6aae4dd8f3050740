/* SPDX-License-Identifier: BSD-2-Clause */
/* Checks that ask one host for what is in the open: CO-01, CO-02, CO-07 to
 * CO-09, CO-12, SC-02, IN-01, and the health probe. */
#include "probe.h"

#include <string.h>

enum {
    CORE_REQUESTS = 2,
    AMPLIFY_REQUESTS = 2,
    FACTOR_MAX = 3,   /* RFC 7252 Section 11.3, RFC 9175 Section 2.4 */
    ANSWER_MAX = 136, /* RFC 9175 Section 2.4 item 3 */
    HEADERS = 28,     /* IPv4 and UDP */
    NAMED_MAX = 8,    /* links that a finding names */
    CONTENT = COVEY_COAP_CODE(2, 5),
    UNAUTHORIZED = COVEY_COAP_CODE(4, 1),
    BAD_OPTION = COVEY_COAP_CODE(4, 2)
};

static const char core_path[] = "/.well-known/core";

#define LEN(b) (int)((b).len < 100 ? (b).len : 100)
#define TXT(b) (const char *)(b).ptr

/* --- health -------------------------------------------------------------- */

/* Is it the reset that answers one of two pings? */
static bool is_pong(covey_bytes answer, uint16_t before, uint16_t now)
{
    covey_coap_message m;

    return covey_coap_parse(&m, answer) == COVEY_OK &&
           m.code == COVEY_COAP_EMPTY && m.type == COVEY_COAP_RST &&
           (m.message_id == before || m.message_id == now);
}

/* CoAP ping, RFC 7252 Section 4.3. Who answers the one before, late, is alive,
 * too: libcoap 4.3.1 leaves a datagram for later when two come at once. */
static probe_result ping(probe *p, const uint16_t *before, uint16_t *sent)
{
    uint8_t packet[4] = { 0x40 };
    const uint64_t until = probe_now() + p->patience_ms;

    probe_random(packet + 2, 2);
    *sent = (uint16_t)(packet[2] << 8 | packet[3]);
    if (!probe_send(p, covey_bytes_of(packet, sizeof packet))) {
        return PROBE_DENIED;
    }
    for (uint64_t now = probe_now(); now < until; now = probe_now()) {
        covey_bytes answer;
        uint16_t who;
        const probe_result result =
            probe_await(p, (uint32_t)(until - now), &answer, &who);
        if (result != PROBE_ANSWER || is_pong(answer, *before, *sent)) {
            return result;
        }
    }
    return PROBE_SILENT;
}

/* One packet that is lost is no silence yet. */
enum audit_outcome check_health(probe *p)
{
    uint16_t first = 0;
    uint16_t second = 0;
    probe_result result = ping(p, &first, &first);

    if (result == PROBE_SILENT) {
        probe_note(p, "ping", "again");
        result = ping(p, &first, &second);
    }
    return probe_outcome(result);
}

static bool has_echo(const coap_reply *r)
{
    covey_bytes value;

    return covey_option_get(&r->m, COVEY_OPTION_ECHO, &value);
}

/* --- CO-01 --------------------------------------------------------------- */

/* What runs a network is nobody's to see. */
static bool is_management(covey_bytes target, covey_bytes attributes)
{
    static const char *const types[] = { "core.osc.gm", "core.rd", "core.c.",
                                         "core.bs" };
    static const char *const paths[] = { "/bs", "/rd", "/fw", "/firmware" };

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (coap_has_attribute(attributes, "rt", types[i])) {
            return true;
        }
    }
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        const size_t len = strlen(paths[i]);
        if (target.len >= len && memcmp(target.ptr, paths[i], len) == 0 &&
            (target.len == len || target.ptr[len] == '/')) {
            return true;
        }
    }
    return coap_has_attribute(attributes, "sec-gp", NULL);
}

/* `cut`: there was more, which was not asked for. */
static void judge_core(probe *p, covey_writer *w, bool cut)
{
    const covey_bytes document = covey_written(w);
    covey_bytes left = document;
    covey_bytes target;
    covey_bytes attributes;
    unsigned count = 0;
    unsigned named = 0;

    while (coap_next_link(&left, NULL, false, &target, &attributes)) {
        count++;
        if (is_management(target, attributes) && named++ < NAMED_MAX) {
            probe_finding(p, FINDING_OPEN_MANAGEMENT, "%.*s", LEN(target),
                          TXT(target));
        }
    }
    probe_note(p, "links", "%u", count);
    if (left.len > 0) {
        probe_note(p, "malformed", "%zu bytes are no links", left.len);
    }
    if (count > 0) {
        probe_finding(p, FINDING_OPEN_CORE, "%u links", count);
        /* the beginning of another link, so that nobody takes it for whole */
        covey_write_bytes(w, cut ? probe_text("<") : probe_text(""));
        probe_keep(p, covey_written(w));
    }
}

/* One GET, and what is missing of its answer in blocks (RFC 7959), as long as
 * they come in their order. */
enum audit_outcome check_core(probe *p)
{
    static uint8_t document[WIRE_KEPT_MAX];
    covey_writer w = covey_writer_of(document, sizeof document);
    coap_ask ask = { .path = probe_text(core_path) };
    coap_reply r;
    bool cut = false;

    for (uint32_t n = 0; n < CORE_REQUESTS; n++) {
        covey_block block = { 0 };
        const probe_result result = coap_get(p, &ask, &r);
        if (result != PROBE_ANSWER) {
            return n == 0 ? probe_outcome(result) : OUTCOME_DONE;
        }
        probe_note(p, "answer", "%u.%02u, %zu bytes asked, %zu answered",
                   r.m.code >> 5, r.m.code & 31u, r.asked, r.answered);
        if (n == 0 && !has_echo(&r)) {
            probe_size(p, r.asked, r.answered);
        }
        const bool blocks =
            covey_option_sound_block(&r.m, COVEY_OPTION_BLOCK2, &block);
        if (r.m.code != CONTENT || (blocks && block.num != n) ||
            (!blocks && n > 0)) {
            break;
        }
        covey_write_bytes(&w, r.m.payload);
        cut = blocks && block.more;
        if (!blocks || !block.more || block.szx > 6) {
            break;
        }
        ask.blocks = true;
        ask.block2 = (covey_block){ .num = n + 1, .szx = block.szx };
    }
    judge_core(p, &w, cut);
    return OUTCOME_DONE;
}

/* --- IN-01 --------------------------------------------------------------- */

static bool is_said(const probe *p, covey_bytes path)
{
    covey_bytes left = p->facts;
    covey_bytes one;

    while (fact_find(&left, FACT_RESOURCE, &one)) {
        if (covey_bytes_equal(one, path)) {
            return true;
        }
    }
    return false;
}

/* Whether it is listed; *whole: the list has an end. */
static bool is_listed(const probe *p, covey_bytes path, bool *whole)
{
    covey_bytes left = p->kept;
    covey_bytes target;
    covey_bytes attributes;
    bool found = false;

    while (coap_next_link(&left, NULL, false, &target, &attributes)) {
        found = found || covey_bytes_equal(target, path);
    }
    *whole = left.len == 0;
    return found;
}

/* What is listed against what the owner says that there is. */
enum audit_outcome check_inventory(probe *p)
{
    covey_bytes left = p->facts;
    covey_bytes path;
    covey_bytes attributes;
    unsigned named = 0;
    bool whole = true;

    if (!fact_find(&left, FACT_RESOURCE, &path)) {
        probe_note(p, "inventory", "it has no resources of this host");
        return OUTCOME_DONE;
    }
    left = p->kept;
    while (coap_next_link(&left, NULL, false, &path, &attributes)) {
        if (!is_said(p, path) && named++ < NAMED_MAX) {
            probe_finding(p, FINDING_NOT_SAID, "%.*s", LEN(path), TXT(path));
        }
    }
    left = p->facts;
    named = 0;
    while (fact_find(&left, FACT_RESOURCE, &path)) {
        if (!is_listed(p, path, &whole) && whole && named++ < NAMED_MAX) {
            probe_finding(p, FINDING_NOT_THERE, "%.*s", LEN(path), TXT(path));
        }
    }
    if (!whole) {
        probe_note(p, "inventory", "the list has no end; nothing is missed");
    }
    return OUTCOME_DONE;
}

/* --- CO-02 --------------------------------------------------------------- */

/* Of an answer without Echo. */
static void judge_size(probe *p, covey_bytes path, size_t asked,
                       size_t answered)
{
    /* what reaches the victim has its headers */
    if (answered + HEADERS <= FACTOR_MAX * (asked + HEADERS) &&
        answered <= ANSWER_MAX) {
        return;
    }
    probe_finding(
        p, FINDING_AMPLIFIES,
        "%.*s: %zu bytes asked, %zu answered without Echo: x%zu.%zu in "
        "CoAP, x%zu.%zu with IP",
        LEN(path), TXT(path), asked, answered, answered / asked,
        answered * 10 / asked % 10, (answered + HEADERS) / (asked + HEADERS),
        (answered + HEADERS) * 10 / (asked + HEADERS) % 10);
}

/* The list of resources, as CO-01 has got it, or else asked for here; and two
 * of the resources themselves. */
enum audit_outcome check_amplifies(probe *p)
{
    covey_bytes left = p->kept;
    covey_bytes path = probe_text(core_path);
    covey_bytes attributes;

    if (p->core_asked > 0) {
        probe_note(p, "size", "%s %u %u, of CO-01", core_path, p->core_asked,
                   p->core_answered);
        judge_size(p, path, p->core_asked, p->core_answered);
        if (!coap_next_link(&left, "osc", false, &path, &attributes)) {
            return OUTCOME_DONE;
        }
    }
    for (int n = 0; n < AMPLIFY_REQUESTS; n++) {
        const coap_ask ask = { .path = path };
        coap_reply r;
        const probe_result result = coap_get(p, &ask, &r);
        if (result != PROBE_ANSWER) {
            return probe_outcome(result);
        }
        probe_note(p, "size", "%.*s %zu %zu", LEN(path), TXT(path), r.asked,
                   r.answered);
        if (!has_echo(&r)) {
            judge_size(p, path, r.asked, r.answered);
        }
        if (!coap_next_link(&left, "osc", false, &path, &attributes)) {
            break;
        }
    }
    return OUTCOME_DONE;
}

/* --- CO-07 --------------------------------------------------------------- */

typedef struct echo_value {
    uint8_t bytes[40];
    size_t len;
} echo_value;

/* The Echo of a 4.01, if that is what came. */
static bool take_echo(const coap_reply *r, echo_value *out)
{
    covey_bytes value;

    if (r->m.code != UNAUTHORIZED ||
        !covey_option_sound(&r->m, COVEY_OPTION_ECHO, &value) ||
        value.len > sizeof out->bytes) {
        return false;
    }
    memcpy(out->bytes, value.ptr, value.len);
    out->len = value.len;
    return true;
}

/* RFC 9175 Sections 2.3 and 2.6. */
enum audit_outcome check_echo(probe *p)
{
    coap_ask ask = { .path = probe_text(core_path) };
    echo_value first;
    echo_value second;
    coap_reply r;
    probe_result result = coap_get(p, &ask, &r);

    if (result != PROBE_ANSWER) {
        return probe_outcome(result);
    }
    if (!take_echo(&r, &first)) {
        probe_note(p, "echo", "not asked for");
        return OUTCOME_DONE;
    }
    if (r.separate) {
        probe_finding(p, FINDING_ECHO_SEPARATE, "after an acknowledgement");
    }
    ask.echo = covey_bytes_of(first.bytes, first.len);
    result = coap_get(p, &ask, &r);
    if (result != PROBE_ANSWER) {
        return probe_outcome(result);
    }
    probe_note(p, "echo", "answered with %u.%02u", r.m.code >> 5,
               r.m.code & 31u);
    ask.echo = covey_bytes_of(NULL, 0);
    if (!probe_port(p)) {
        return OUTCOME_DENIED;
    }
    result = coap_get(p, &ask, &r);
    if (result == PROBE_ANSWER && take_echo(&r, &second) &&
        first.len == second.len &&
        memcmp(first.bytes, second.bytes, first.len) == 0) {
        probe_finding(p, FINDING_ECHO_SHARED, "%zu bytes", first.len);
    }
    return probe_outcome(result);
}

/* --- CO-08, CO-09 -------------------------------------------------------- */

/* RFC 8613 Section 9: a link with `osc` is accessed with OSCORE only, one with
 * `gosc` with Group OSCORE (RFC 10021). */
enum audit_outcome check_bypass(probe *p)
{
    covey_bytes path;
    coap_reply r;

    if (!coap_secured_link(p->kept, &path)) {
        probe_note(p, "osc", "no link has it");
        return OUTCOME_DONE;
    }
    const coap_ask ask = { .path = path };
    const probe_result result = coap_get(p, &ask, &r);
    if (result == PROBE_ANSWER) {
        probe_note(p, "plain", "%.*s %u.%02u", LEN(path), TXT(path),
                   r.m.code >> 5, r.m.code & 31u);
        if (r.m.code >> 5 == 2) {
            probe_finding(p, FINDING_OSCORE_BYPASSED, "%.*s: %u.%02u",
                          LEN(path), TXT(path), r.m.code >> 5, r.m.code & 31u);
        }
    }
    return probe_outcome(result);
}

/* RFC 8613 Section 8.2 item 2: who is not known hears that and no more. */
enum audit_outcome check_oscore_tells(probe *p)
{
    static const char expected[] = "Security context not found";
    /* flags 09: a Partial IV of one byte, and a kid */
    uint8_t option[10] = { 0x09, 0x00 };
    uint8_t sealed[16];
    coap_ask ask = { .path = probe_text("") };
    coap_reply r;

    probe_random(option + 2, sizeof option - 2);
    probe_random(sealed, sizeof sealed);
    ask.oscore = covey_bytes_of(option, sizeof option);
    ask.payload = covey_bytes_of(sealed, sizeof sealed);
    const probe_result result = coap_get(p, &ask, &r);
    if (result != PROBE_ANSWER) {
        return probe_outcome(result);
    }
    probe_note(p, "answer", "%u.%02u", r.m.code >> 5, r.m.code & 31u);
    const bool same = r.m.payload.len == 0 ||
                      covey_bytes_equal(r.m.payload, probe_text(expected));
    if (r.m.code == BAD_OPTION) {
        probe_note(p, "oscore", "not spoken here");
    } else if (r.m.code != UNAUTHORIZED || !same) {
        probe_finding(p, FINDING_OSCORE_TELLS, "%u.%02u %.*s", r.m.code >> 5,
                      r.m.code & 31u, LEN(r.m.payload), TXT(r.m.payload));
    }
    return OUTCOME_DONE;
}

/* --- CO-12, SC-02 -------------------------------------------------------- */

static bool is_nosec(covey_bytes target)
{
    static const char word[] = "nosec";

    for (size_t i = 0; i + 5 <= target.len; i++) {
        size_t n = 0;
        while (n < 5 && (target.ptr[i + n] | 0x20) == word[n]) {
            n++;
        }
        if (n == 5) {
            return true;
        }
    }
    return false;
}

/* Links only: a group named NoSec, and a Group Manager that is not reached
 * with OSCORE. */
enum audit_outcome check_links(probe *p)
{
    covey_bytes left = p->kept;
    covey_bytes target;
    covey_bytes attributes;
    unsigned named = 0;

    while (coap_next_link(&left, NULL, false, &target, &attributes) &&
           named < NAMED_MAX) {
        if (is_nosec(target) ||
            coap_has_attribute(attributes, "sec-gp", "NoSec") ||
            coap_has_attribute(attributes, "sec-gp", "nosec")) {
            named++;
            probe_finding(p, FINDING_GROUP_NOSEC, "%.*s", LEN(target),
                          TXT(target));
        }
        if (coap_has_attribute(attributes, "rt", "core.osc.gm") &&
            !coap_has_attribute(attributes, "osc", NULL)) {
            named++;
            probe_finding(p, FINDING_GM_OPEN, "%.*s", LEN(target),
                          TXT(target));
        }
    }
    return OUTCOME_DONE;
}

/* Rules of SCHC or other configuration (RFC 9363, CORECONF) in the open. */
enum audit_outcome check_rules(probe *p)
{
    covey_bytes left = p->kept;
    covey_bytes path;
    covey_bytes attributes;
    coap_reply r;

    while (coap_next_link(&left, "osc", false, &path, &attributes)) {
        if (!coap_has_attribute(attributes, "rt", "core.c.") &&
            !(path.len >= 5 && memcmp(path.ptr, "/schc", 5) == 0)) {
            continue;
        }
        const coap_ask ask = { .path = path };
        const probe_result result = coap_get(p, &ask, &r);
        if (result == PROBE_ANSWER && r.m.code == CONTENT) {
            probe_finding(p, FINDING_RULES_OPEN, "%.*s: %zu bytes", LEN(path),
                          TXT(path), r.m.payload.len);
        }
        return probe_outcome(result);
    }
    probe_note(p, "rules", "no link to them");
    return OUTCOME_DONE;
}
