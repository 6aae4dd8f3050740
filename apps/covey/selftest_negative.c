/* SPDX-License-Identifier: BSD-2-Clause */
/* Broken and repeated messages in a group: each is refused for the reason that
 * the vector names, leaves no trace, and the good message still passes. */
#include "selftest_kinds.h"

#include "selftest_group.h"

#include <stdlib.h>
#include <string.h>

/* --- what is expected ---------------------------------------------------- */

#define FAULT(name) (1u << COVEY_OSCORE_##name)
/* Any but one that is not the message's. */
#define FAULT_ANY (~(FAULT(NO_FAULT) | FAULT(OURS)))

/* Words of a verdict and the faults that they allow; several in one verdict
 * allow all of theirs. */
static const struct reason {
    const char *words;
    unsigned faults;
} reasons[] = {
    { "signature", FAULT(BAD_SIGNATURE) },
    { "too short", FAULT(BAD_COSE) },
    { "malformed", FAULT(BAD_COSE) },
    { "4.02", FAULT(BAD_COSE) },
    { "mandatory", FAULT(BAD_COSE) },
    { "Partial IV", FAULT(BAD_COSE) },
    { "decrypt", FAULT(NOT_DECRYPTED) },
    { "unknown kid", FAULT(NO_SENDER) },
    { "no context", FAULT(NO_CONTEXT) },
    { "unknown gid", FAULT(NO_CONTEXT) },
    { "own kid", FAULT(OWN) },
    { "own Sender ID", FAULT(OWN) },
    { "mode not set", FAULT(NO_MODE) },
    { "plaintext", FAULT(BAD_PLAINTEXT) },
    { "replay", FAULT(REPLAY) },
    { "not asked", FAULT(UNASKED) },
};

/* Faults that the verdict allows; 0 if it is not understood. */
static unsigned faults_of(const char *verdict)
{
    unsigned faults = 0;

    if (strcmp(verdict, "reject") == 0) {
        return FAULT_ANY;
    }
    for (size_t i = 0; i < SELFTEST_COUNT(reasons); i++) {
        if (strstr(verdict, reasons[i].words) != NULL) {
            faults |= reasons[i].faults;
        }
    }
    return faults;
}

struct negative {
    bool request;
    bool first_accepted;
    unsigned faults;
    uint64_t times;
    covey_bytes message;
    const char *verdict;
};

static bool read_verdict(struct negative *n, FILE *why)
{
    static const char twice[] = "first accepted, second rejected: ";
    static const char once[] = "reject";

    if (n->verdict != NULL && n->times == 2 &&
        strncmp(n->verdict, twice, strlen(twice)) == 0) {
        n->first_accepted = true;
        n->faults = faults_of(n->verdict + strlen(twice));
    } else if (n->verdict != NULL &&
               strncmp(n->verdict, once, strlen(once)) == 0) {
        n->faults = faults_of(n->verdict);
    }
    if (n->faults == 0) {
        fprintf(why, "not supported: \"expect\" of \"%s\"",
                n->verdict != NULL ? n->verdict : "");
        return false;
    }
    return true;
}

static bool read_negative(struct negative *n, selftest_pool *pool,
                          struct fy_node *node, FILE *why)
{
    const selftest_member members[] = { { "protected", &n->message } };
    static const char *const others[] = {
        "id",     "base",  "direction",        "why",
        "expect", "times", "reference_result", "aiocoap_result",
        NULL
    };
    const char *direction =
        rules_json_string(rules_json_get(node, "direction"));

    n->times = 1;
    n->verdict = rules_json_string(rules_json_get(node, "expect"));
    if (!selftest_read(pool, node, members, SELFTEST_COUNT(members), others,
                       why) ||
        (rules_json_get(node, "times") != NULL &&
         (!selftest_read_number(node, "times", 16, &n->times, why) ||
          n->times == 0))) {
        return false;
    }
    if (n->message.ptr == NULL || direction == NULL ||
        (strcmp(direction, "request") != 0 &&
         strcmp(direction, "response") != 0)) {
        fputs("no \"protected\" or \"direction\"", why);
        return false;
    }
    n->request = strcmp(direction, "request") == 0;
    return read_verdict(n, why);
}

struct fy_node *selftest_negative_base(struct fy_node *root,
                                       struct fy_node *node)
{
    const char *wanted = rules_json_string(rules_json_get(node, "base"));
    const char *direction =
        rules_json_string(rules_json_get(node, "direction"));
    const bool request =
        direction != NULL && strcmp(direction, "request") == 0;
    const char *end = request && wanted != NULL ? strrchr(wanted, '-') : NULL;
    struct fy_node *near = NULL;
    struct fy_node *c;
    void *at = NULL;
    const char *key;

    while (wanted != NULL &&
           rules_json_next(rules_json_get(root, "cases"), &at, &key, &c)) {
        const char *id = rules_json_string(rules_json_get(c, "id"));
        if (id != NULL && strcmp(id, wanted) == 0) {
            return c;
        }
        if (near == NULL && id != NULL && end != NULL &&
            strncmp(id, wanted, (size_t)(end - wanted) + 1) == 0) {
            near = c;
        }
    }
    return near;
}

/* --- without a trace ----------------------------------------------------- */

/* The state of the end that refuses. */
struct state {
    covey_group group;
    covey_group_recipient recipient;
    covey_group_exchange exchange;
    covey_group_answer answers[4];
};

/* Keys that are made when first needed, and the count of forgeries, may have
 * changed; nothing else. */
static void forget_keys(covey_group_recipient *r)
{
    memset(&r->key, 0, sizeof r->key);
    memset(&r->pairwise_in, 0, sizeof r->pairwise_in);
    memset(&r->pairwise_out, 0, sizeof r->pairwise_out);
    r->has_key = false;
    r->has_pairwise_in = false;
    r->has_pairwise_out = false;
    r->forged = 0;
}

/* Whole structs are copied, padding included, so that they can be compared as
 * bytes. */
static void take(struct state *s, const group_ends *e, bool request)
{
    const size_t member = request ? GROUP_SERVER : GROUP_CLIENT;

    memset(s, 0, sizeof *s);
    memcpy(&s->group, &e->group[member], sizeof s->group);
    memcpy(&s->recipient, e->recipient[member], sizeof s->recipient);
    memcpy(&s->exchange, request ? &e->heard : &e->asked, sizeof s->exchange);
    memcpy(s->answers, e->answers, sizeof s->answers);
    forget_keys(&s->recipient);
}

static bool same_bytes(const struct state *a, const struct state *b)
{
    return covey_secret_equal((const uint8_t *)a, (const uint8_t *)b,
                              sizeof *a);
}

/* --- running ------------------------------------------------------------- */

static bool is_accepted(group_ends *e, bool request, covey_bytes message,
                        covey_group_received *received)
{
    covey_bytes plaintext;
    covey_bytes opened;
    const covey_unprotect result = group_ends_open_message(
        e, request, message, &plaintext, &opened, received);

    return (result == COVEY_UNPROTECT_FRESH ||
            result == COVEY_UNPROTECT_FRESH_ONCE_STORED) &&
           group_ends_store(e, request ? GROUP_SERVER : GROUP_CLIENT);
}

static bool is_refused(group_ends *e, const struct negative *n)
{
    struct state before;
    struct state after;
    covey_group_received received;
    const covey_group_record none = { .number = 0 };
    covey_group_record due = none;
    bool accepted;

    take(&before, e, n->request);
    accepted = is_accepted(e, n->request, n->message, &received);
    take(&after, e, n->request);
    if (accepted || (n->faults >> received.base.fault & 1u) == 0) {
        fprintf(e->k->expected, "%s", n->verdict);
        fprintf(e->k->got, "%s, fault %d (%s)",
                accepted ? "accepted" : "refused", (int)received.base.fault,
                covey_status_name(received.base.status));
        return false;
    }
    if (!same_bytes(&before, &after) ||
        covey_group_due(&e->group[n->request ? GROUP_SERVER : GROUP_CLIENT],
                        &due)) {
        return selftest_differs(e->k, "a refusal without a trace",
                                "changed state");
    }
    return true;
}

static bool check_accepted(group_ends *e, bool request, covey_bytes message,
                           const char *what)
{
    covey_group_received received;

    if (is_accepted(e, request, message, &received)) {
        return true;
    }
    fprintf(e->k->expected, "%s to be accepted", what);
    fprintf(e->k->got, "fault %d (%s)", (int)received.base.fault,
            covey_status_name(received.base.status));
    return false;
}

/* The message of the case that the broken one was made of. */
static const group_message *good_message(const group_case *c, bool request)
{
    for (size_t i = 0; i < c->count; i++) {
        if (c->messages[i].request == request) {
            return &c->messages[i];
        }
    }
    return NULL;
}

/* For responses the request has to have been sent. */
static bool prepare(group_ends *e, const struct negative *n)
{
    covey_bytes sealed;

    return n->request || group_ends_seal(e, 0, &sealed);
}

static bool run_negative(group_case *c, const struct negative *n,
                         const covey_crypto *crypto, const selftest_check *k)
{
    group_ends e = { .room = NULL };
    group_made made;
    const group_message *good = good_message(c, n->request);
    bool passed = good != NULL && group_keys_check(c, &made, crypto, k) &&
                  group_ends_open(&e, c, crypto, k) && prepare(&e, n);

    if (good == NULL) {
        selftest_differs(k, "a case with a message in this direction", "none");
    }
    if (passed && n->first_accepted) {
        passed = check_accepted(&e, n->request, n->message, "it");
    }
    for (uint64_t i = n->first_accepted; passed && i < n->times; i++) {
        passed = is_refused(&e, n);
    }
    /* What refuses everything proves nothing. */
    if (passed && !n->first_accepted) {
        passed = check_accepted(&e, n->request, good->protected,
                                "the good message");
    }
    group_ends_close(&e);
    covey_wipe(&made, sizeof made);
    return passed;
}

bool selftest_negative_run(struct fy_node *base, struct fy_node *node,
                           const covey_crypto *crypto, const selftest_check *k)
{
    group_case *c = calloc(1, sizeof *c);
    selftest_pool pool = { NULL, 0 };
    struct negative n = { .request = false };
    bool passed = false;

    if (c == NULL) {
        return selftest_differs(k, "enough memory", "none");
    }
    if (base == NULL) {
        selftest_differs(k, "the case that \"base\" names", "none");
    } else if (!read_negative(&n, &pool, node, k->got) ||
               !group_case_read(c, base, k->got)) {
        fputs("a case that this runner understands", k->expected);
    } else {
        passed = run_negative(c, &n, crypto, k);
    }
    group_case_free(c, crypto);
    selftest_pool_free(&pool);
    free(c);
    return passed;
}
