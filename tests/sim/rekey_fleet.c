/* SPDX-License-Identifier: BSD-2-Clause */
/* What a rekeying costs in a fleet: a Group Manager with ten thousand members
 * in a hundred groups, one of each evicted at once, on a network that loses
 * datagrams. Prints a row of CSV for each chance of loss.
 *
 * The manager and the members are the library's; the way between them is
 * drawn: each exchange is a Confirmable message with the times of RFC 7252
 * Section 4.8, whose datagrams and acknowledgements are lost or late. Members
 * that could not be told look by themselves. Bytes are those of CoAP with
 * OSCORE, without UDP and IP. In the end everybody has the newest keys, or the
 * program fails.
 *
 * usage: rekey_fleet [GROUPS MEMBERS] */
#include "agenda.h"

#include <covey/manager.h>
#include <covey/member.h>
#include <crypto/scripted/scripted.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CRED = 64,
    NAME = 12,
    DELAY_LEAST = 20, /* ms, one way */
    DELAY_MORE = 180,
    ACK_TIMEOUT = 2000,
    RETRANSMIT = 4,
    POLL = 3600000, /* Key Update Check Interval */
    /* Header 4, token 8, OSCORE option 7 and marker 1; code 1, path and format
     * 14, marker 1 and tag 8 inside. */
    OVERHEAD = 44,
    ACK_BYTES = 23,
    MESSAGE = 1024
};

static void check(bool good, const char *what)
{
    if (!good) {
        fprintf(stderr, "rekey_fleet: %s\n", what);
        exit(1);
    }
}

/* --- chance -------------------------------------------------------------- */

static uint64_t chance = 1;
static double loss;

static double draw(void)
{
    chance ^= chance << 13;
    chance ^= chance >> 7;
    chance ^= chance << 17;
    return (double)(chance >> 11) / 9007199254740992.0;
}

static covey_ms way(void)
{
    return DELAY_LEAST + (covey_ms)(draw() * DELAY_MORE);
}

/* --- what will happen ---------------------------------------------------- */

enum what {
    DELIVER, /* news arrive */
    SETTLED, /* and are confirmed */
    FAILED,  /* or are not */
    ASK,     /* a member looks */
    WAKE     /* the manager */
};

static agenda todo;

static void push(covey_ms at, enum what what, uint32_t who, uint64_t ref)
{
    const agenda_event e = { at, (unsigned)what, who, ref };

    check(agenda_push(&todo, &e), "too many events");
}

/* --- the fleet ----------------------------------------------------------- */

struct node {
    char name[NAME];
    char group_name[NAME];
    uint8_t scope[16];
    uint8_t cred[CRED];
    size_t cred_len;
    covey_key key;
    covey_member member;
    covey_group group;
    covey_group_recipient recipient;
    covey_member_peer peer;
    uint8_t creds[2 * CRED];
    uint8_t news[MESSAGE]; /* on their way */
    size_t news_len;
    bool evict;
    covey_ms level; /* when it had the newest keys; COVEY_NEVER */
};

static struct fleet {
    covey_scripted script;
    covey_crypto crypto;
    covey_time now;
    covey_manager manager;
    covey_manager_memory memory;
    covey_manager_identity identity;
    covey_key key;
    uint8_t cred[CRED];
    struct node *nodes;
    uint32_t groups;
    uint32_t each;
    uint32_t count;
    covey_ms wake;
    covey_ms begin;
    uint64_t datagrams;
    uint64_t bytes;
    uint8_t answer[MESSAGE * 16];
    size_t answer_len;
    uint8_t code;
} fleet;

static void *rows(size_t count, size_t size)
{
    void *p = calloc(count, size);

    check(p != NULL, "out of memory");
    return p;
}

static size_t make_key(covey_key *key, uint8_t *cred, uint32_t number)
{
    const covey_crypto *c = &fleet.crypto;
    uint8_t raw[32] = { 1 };
    uint8_t point[COVEY_PUBLIC_MAX];
    covey_writer p = covey_writer_of(point, sizeof point);
    covey_writer out = covey_writer_of(cred, CRED);
    covey_cose_key cose = { .kty = COVEY_KTY_OKP, .curve = COVEY_ED25519 };

    memcpy(raw + 4, &number, sizeof number);
    check(c->private_key(c->provider, COVEY_ED25519,
                         covey_bytes_of(raw, sizeof raw), key) == COVEY_OK &&
              c->public_of(c->provider, key, &p) == COVEY_OK,
          "no keys");
    cose.x = covey_written(&p);
    covey_cbor_put_map(&out, 1);
    covey_cbor_put_int(&out, 8);
    covey_cbor_put_map(&out, 1);
    covey_cbor_put_int(&out, 1);
    covey_cose_key_put(&out, &cose);
    return out.pos;
}

static covey_bytes text(const char *t)
{
    return covey_bytes_text(t);
}

/* --- the manager --------------------------------------------------------- */

static void persist(const covey_manager_event *ev)
{
    check(covey_manager_stored(&fleet.manager, fleet.now, ev->batch,
                               COVEY_OK) == COVEY_OK,
          "a batch that is none");
}

/* An exchange: when it arrives and when that is known, or not. */
static void exchange(uint32_t who, size_t len, uint64_t ref)
{
    const covey_ms begin = fleet.now.mono;
    covey_ms timeout = ACK_TIMEOUT + (covey_ms)(draw() * ACK_TIMEOUT / 2);
    covey_ms at = begin;
    covey_ms arrives = COVEY_NEVER;
    covey_ms known = COVEY_NEVER;

    for (int i = 0; i <= RETRANSMIT && known > at; i++) {
        fleet.datagrams++;
        fleet.bytes += len + OVERHEAD;
        if (draw() >= loss) {
            const covey_ms there = at + way();
            arrives = covey_earlier(arrives, there);
            fleet.datagrams++;
            fleet.bytes += ACK_BYTES;
            if (draw() >= loss) {
                known = covey_earlier(known, there + way());
            }
        }
        at += timeout;
        timeout *= 2;
    }
    if (arrives != COVEY_NEVER) {
        push(arrives, DELIVER, who, ref);
    }
    push(covey_earlier(known, at), known != COVEY_NEVER ? SETTLED : FAILED,
         who, ref);
}

static struct node *named(covey_bytes name, uint32_t *who)
{
    *who = (uint32_t)strtoul((const char *)name.ptr + 1, NULL, 10);
    return &fleet.nodes[*who];
}

static void depart(const covey_manager_departure *to)
{
    uint32_t who;
    struct node *n;

    if (to->kind == COVEY_MANAGER_ANSWER) {
        fleet.code = to->answer.code;
        fleet.answer_len = to->answer.payload.len;
        if (fleet.answer_len > 0) {
            memcpy(fleet.answer, to->answer.payload.ptr, fleet.answer_len);
        }
        return;
    }
    n = named(to->node, &who);
    n->evict = to->kind == COVEY_MANAGER_EVICT;
    n->news_len = to->answer.payload.len;
    check(n->news_len <= sizeof n->news, "news that are too long");
    if (n->news_len > 0) {
        memcpy(n->news, to->answer.payload.ptr, n->news_len);
    }
    exchange(who, n->news_len, to->ref);
}

static void settle(void)
{
    static uint8_t bytes[MESSAGE * 16];
    covey_manager_departure to;
    covey_manager_event ev;

    for (;;) {
        covey_writer out = covey_writer_of(bytes, sizeof bytes);
        while (covey_manager_event_next(&fleet.manager, fleet.now, &ev)) {
            if (ev.kind == COVEY_MANAGER_PERSIST) {
                persist(&ev);
            }
        }
        if (!covey_manager_transmit(&fleet.manager, fleet.now, &to, &out)) {
            break;
        }
        depart(&to);
    }
    const covey_ms at = covey_manager_deadline(&fleet.manager);
    if (at < fleet.wake && at != COVEY_NEVER) {
        fleet.wake = at > fleet.now.mono ? at : fleet.now.mono + 1;
        push(fleet.wake, WAKE, 0, 0);
    }
}

/* A request whose answer is there at once. */
static void ask(covey_bytes node, const covey_member_request *r)
{
    static uint8_t bytes[MESSAGE * 2];
    covey_writer w = covey_writer_of(bytes, sizeof bytes);
    covey_coap_composer c = covey_coap_compose_inner(&w, r->code);
    covey_coap_message m;
    const covey_manager_request request = { .node = node, .message = &m };
    covey_manager_answer a;
    covey_writer out;

    for (size_t i = 0; i < r->segment_count; i++) {
        covey_coap_put_option(&c, COVEY_OPTION_URI_PATH, r->segment[i]);
    }
    if (r->format != UINT16_MAX) {
        covey_coap_put_uint(&c, COVEY_OPTION_CONTENT_FORMAT, r->format);
    }
    covey_coap_put_payload(&c, r->payload);
    check(covey_coap_finish(&c) == COVEY_OK &&
              covey_coap_parse_inner(&m, covey_written(&w)) == COVEY_OK,
          "a request that is too long");
    do {
        out = covey_writer_of(fleet.answer, sizeof fleet.answer);
        settle();
    } while (covey_manager_receive(&fleet.manager, fleet.now, &request, &a,
                                   &out) != COVEY_OK);
    fleet.code = a.code;
    fleet.answer_len = out.pos;
    settle();
}

/* --- nodes --------------------------------------------------------------- */

static void talk(uint32_t who)
{
    struct node *n = &fleet.nodes[who];
    uint8_t bytes[MESSAGE];
    covey_member_request r;
    covey_status st;

    for (;;) {
        covey_writer out = covey_writer_of(bytes, sizeof bytes);
        if (!covey_member_transmit(&n->member, fleet.now, &r, &out, &st)) {
            return;
        }
        ask(text(n->name), &r);
        check(covey_member_receive(
                  &n->member, fleet.now, fleet.code,
                  covey_bytes_of(fleet.answer, fleet.answer_len)) == COVEY_OK,
              "an answer that is not taken");
    }
}

static void join(uint32_t who)
{
    struct node *n = &fleet.nodes[who];

    covey_member_join(&n->member);
    talk(who);
    check(covey_member_state_of(&n->member) == COVEY_MEMBER_IN,
          "a node that cannot join");
}

static void open_node(uint32_t who)
{
    struct node *n = &fleet.nodes[who];
    covey_manager_node *row = &fleet.memory.nodes[who];
    covey_writer scope = covey_writer_of(n->scope, sizeof n->scope);

    (void)snprintf(n->name, sizeof n->name, "n%u", (unsigned)who);
    (void)snprintf(n->group_name, sizeof n->group_name, "g%u",
                   (unsigned)(who / fleet.each));
    covey_cbor_put_array(&scope, 1);
    covey_keying_put_scope(&scope, text(n->group_name),
                           COVEY_KEYING_REQUESTER | COVEY_KEYING_RESPONDER);
    n->cred_len = make_key(&n->key, n->cred, who + 1);
    row->name = text(n->name);
    row->scope = covey_written(&scope);
    const covey_member_config config = {
        .crypto = &fleet.crypto,
        .group = text(n->group_name),
        .node = text(n->name),
        .roles = COVEY_KEYING_REQUESTER | COVEY_KEYING_RESPONDER,
        .credential = covey_bytes_of(n->cred, n->cred_len),
        .private_key = &n->key,
        .control_uri = text("k"),
        .poll = POLL,
    };
    const covey_member_memory memory = {
        .group = &n->group,
        .start = { .recipients = &n->recipient, .recipient_max = 1 },
        .peers = &n->peer,
        .credentials = n->creds,
        .credential_max = CRED,
    };
    check(covey_member_init(&n->member, &config, &memory) == COVEY_OK,
          "no member");
}

static void create_group(uint32_t group)
{
    char name[NAME];
    uint8_t payload[32];
    covey_writer w = covey_writer_of(payload, sizeof payload);
    covey_member_request r = { .code = COVEY_COAP_CODE(0, 2),
                               .format = COVEY_KEYING_FORMAT,
                               .segment_count = 1,
                               .segment = { text("manage") } };

    (void)snprintf(name, sizeof name, "g%u", (unsigned)group);
    covey_cbor_put_map(&w, 2);
    covey_keying_put_label(&w, COVEY_KEYING_CONFIG, COVEY_CONF_GROUP_NAME);
    covey_cbor_put_text(&w, text(name));
    covey_keying_put_label(&w, COVEY_KEYING_CONFIG, COVEY_CONF_ACTIVE);
    covey_cbor_put_bool(&w, true);
    r.payload = covey_written(&w);
    ask(text("op"), &r);
    check(fleet.code == COVEY_COAP_CODE(2, 1), "a group cannot be created");
}

static void open_fleet(uint32_t groups, uint32_t each)
{
    static const uint8_t all[] = { 0x81, 0x82, 0xf5, 0x18, 0x3f };
    covey_manager_memory *m = &fleet.memory;
    covey_manager_config config = { .crypto = &fleet.crypto,
                                    .identities = &fleet.identity,
                                    .identity_count = 1,
                                    .lifetime = 31536000,
                                    .keep_on_join = true };

    fleet.groups = groups;
    fleet.each = each;
    fleet.count = groups * each;
    fleet.wake = COVEY_NEVER;
    covey_scripted_open(&fleet.script, NULL, &fleet.crypto);
    covey_scripted_rewind(&fleet.script, COVEY_SCRIPTED_NEVER);
    todo.cap = (size_t)fleet.count * 6 + 4096;
    todo.rows = rows(todo.cap, sizeof *todo.rows);
    fleet.nodes = rows(fleet.count, sizeof *fleet.nodes);
    m->group_count = groups;
    m->groups = rows(groups, sizeof *m->groups);
    m->member_count = fleet.count + groups;
    m->members = rows(m->member_count, sizeof *m->members);
    m->credential_max = CRED;
    m->credentials = rows(m->member_count, CRED);
    m->stale_count = groups * 8;
    m->stale = rows(m->stale_count, sizeof *m->stale);
    m->node_count = fleet.count + 1;
    m->nodes = rows(m->node_count, sizeof *m->nodes);
    m->pending_count = 256;
    m->pending = rows(m->pending_count, sizeof *m->pending);
    m->log_count = 1024;
    m->log = rows(m->log_count, sizeof *m->log);
    m->nodes[fleet.count].name = text("op");
    m->nodes[fleet.count].scope = covey_bytes_of(all, sizeof all);
    fleet.identity.curve = COVEY_ED25519;
    fleet.identity.cred_fmt = COVEY_KEYING_KCCS;
    fleet.identity.key = &fleet.key;
    fleet.identity.credential =
        covey_bytes_of(fleet.cred, make_key(&fleet.key, fleet.cred, 0));
    fleet.now.mono = 1000;
    check(covey_manager_init(&fleet.manager, &config, m, fleet.now) ==
              COVEY_OK,
          "no manager");
    for (uint32_t i = 0; i < groups; i++) {
        create_group(i);
    }
    for (uint32_t i = 0; i < fleet.count; i++) {
        open_node(i);
        join(i);
    }
}

/* --- a rekeying ---------------------------------------------------------- */

static uint32_t version_of(const struct node *n)
{
    return covey_member_version(&n->member);
}

static uint32_t wanted;  /* the version after this rekeying */
static uint32_t missing; /* members that are still to have it */

static void note(uint32_t who)
{
    struct node *n = &fleet.nodes[who];

    if (who % fleet.each != 0 && n->level == COVEY_NEVER &&
        version_of(n) == wanted &&
        covey_member_state_of(&n->member) == COVEY_MEMBER_IN) {
        n->level = fleet.now.mono - fleet.begin;
        missing--;
    }
}

static void happen(const agenda_event *e)
{
    struct node *n = &fleet.nodes[e->who];

    switch ((enum what)e->what) {
    case DELIVER:
        if (n->evict) {
            covey_member_evicted(&n->member);
        } else {
            (void)covey_member_news(&n->member, fleet.now,
                                    covey_bytes_of(n->news, n->news_len));
        }
        break;
    case SETTLED:
    case FAILED:
        covey_manager_told(&fleet.manager, fleet.now, e->ref,
                           e->what == SETTLED);
        break;
    case ASK:
        /* One exchange is counted; it comes through in the end. */
        fleet.datagrams += 2;
        fleet.bytes += OVERHEAD + ACK_BYTES;
        covey_member_look(&n->member);
        talk(e->who);
        break;
    case WAKE:
        fleet.wake = COVEY_NEVER;
        break;
    }
    note(e->who);
    settle();
}

static int by_time(const void *a, const void *b)
{
    const covey_ms x = *(const covey_ms *)a;
    const covey_ms y = *(const covey_ms *)b;

    return x < y ? -1 : x > y;
}

static void evict_one_of_each(void)
{
    for (uint32_t g = 0; g < fleet.groups; g++) {
        const struct node *n = &fleet.nodes[g * fleet.each];
        covey_status st;

        do {
            settle();
            st = covey_manager_evict(&fleet.manager, fleet.now,
                                     text(n->group_name), text(n->name));
        } while (st == COVEY_E_NOT_STORED);
        check(st == COVEY_OK, "nobody can be evicted");
    }
    settle();
}

static void report(uint32_t at_a_time, uint64_t given_up)
{
    covey_ms *times = rows(fleet.count, sizeof *times);
    uint32_t count = 0;

    for (uint32_t i = 0; i < fleet.count; i++) {
        if (i % fleet.each != 0) {
            times[count++] = fleet.nodes[i].level;
        }
    }
    qsort(times, count, sizeof *times, by_time);
    printf("%u,%.0f,%llu,%llu,%llu,%.2f,%.0f,%llu\n", (unsigned)at_a_time,
           loss * 100, (unsigned long long)times[count / 2],
           (unsigned long long)times[(size_t)count * 99 / 100],
           (unsigned long long)times[count - 1],
           (double)fleet.datagrams / fleet.count,
           (double)fleet.bytes / fleet.count, (unsigned long long)given_up);
    free(times);
}

/* Everybody has them, and nobody is told any more. */
static void run(uint32_t at_a_time)
{
    const uint64_t given_up = fleet.manager.counters.given_up;

    fleet.manager.config.tell_max = at_a_time;
    fleet.begin = fleet.now.mono;
    fleet.datagrams = 0;
    fleet.bytes = 0;
    wanted++;
    missing = fleet.count - fleet.groups;
    for (uint32_t i = 0; i < fleet.count; i++) {
        fleet.nodes[i].level = COVEY_NEVER;
        if (i % fleet.each != 0) {
            push(fleet.begin + (covey_ms)(draw() * POLL), ASK, i, 0);
        }
    }
    evict_one_of_each();
    while (todo.len > 0 && (missing > 0 || fleet.manager.owing > 0)) {
        const agenda_event e = agenda_pop(&todo);
        fleet.now.mono = e.at > fleet.now.mono ? e.at : fleet.now.mono;
        happen(&e);
    }
    check(missing == 0, "somebody has old keys");
    report(at_a_time, fleet.manager.counters.given_up - given_up);
    todo.len = 0;
    fleet.wake = COVEY_NEVER;
}

/* Who was evicted comes back, without loss and without new keys. */
static void restore(void)
{
    settle();
    for (uint32_t g = 0; g < fleet.groups; g++) {
        covey_member_evicted(&fleet.nodes[g * fleet.each].member);
        join(g * fleet.each);
    }
    todo.len = 0;
    fleet.wake = COVEY_NEVER;
}

int main(int argc, char **argv)
{
    static const uint32_t windows[] = { 32, 256, 4096 };
    static const unsigned chances[] = { 0, 2, 5, 10, 15, 20, 25, 30 };
    const bool told = argc == 3;
    const unsigned long groups = told ? strtoul(argv[1], NULL, 10) : 100;
    const unsigned long each = told ? strtoul(argv[2], NULL, 10) : 100;

    check((argc == 1 || told) && groups > 0 && groups <= 1000 && each > 1 &&
              each <= 1000,
          "usage: rekey_fleet [GROUPS MEMBERS]");
    open_fleet((uint32_t)groups, (uint32_t)each);
    wanted = version_of(&fleet.nodes[0]);
    printf("at_a_time,loss_percent,half_ms,most_ms,all_ms,datagrams,bytes,"
           "given_up\n");
    for (size_t w = 0; w < sizeof windows / sizeof windows[0]; w++) {
        for (size_t i = 0; i < sizeof chances / sizeof chances[0]; i++) {
            loss = chances[i] / 100.0;
            run(windows[w]);
            restore();
        }
    }
    return 0;
}
