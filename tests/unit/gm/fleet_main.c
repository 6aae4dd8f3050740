/* SPDX-License-Identifier: BSD-2-Clause */
/* A fleet that does what lines of standard input say, for scripts:
 *     fleet enrol STORE COUNT GROUP    writes enrolments and ends
 *     fleet identity NUMBER            a key pair for a configuration
 *     fleet run PORT COUNT             reads lines:
 *   join FIRST LAST GROUP ROLES   leave FIRST LAST   deaf FIRST LAST 0|1
 *   ask NODE CODE PATH FORMAT HEX (- for none; PATH stays in use until the
 *       answer)   last NODE   port PORT   creds 0|1   paths 0|1   quit
 * and tells, one line each:
 *   joined|rekeyed|renewed|found|refused|ended NODE VERSION CODE
 *   keys NODE NUM GID SECRET-HASH SENDER-ID
 *   answer NODE CODE HEX   last NODE HEX */
#include "fleet.h"

#include <covey/keying.h>
#include <crypto/openssl/openssl.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <system_address.h>
#include <unistd.h>

enum {
    LINE_MAX_LEN = 1200,
    WHY_MAX = 512,
    WORDS_MAX = 8
};

static struct fleet fleet;
static char lines[LINE_MAX_LEN];
static size_t filled;
static char paths[1024][80];

/* --- telling ------------------------------------------------------------- */

static void print_hex(covey_bytes b)
{
    if (b.len == 0) {
        putchar('-');
    }
    for (size_t i = 0; i < b.len; i++) {
        printf("%02x", b.ptr[i]);
    }
}

static void on_event(void *user, struct fleet_node *n,
                     const covey_member_event *event)
{
    static const char *const names[] = {
        [COVEY_MEMBER_NOTHING] = "nothing", [COVEY_MEMBER_JOINED] = "joined",
        [COVEY_MEMBER_REKEYED] = "rekeyed", [COVEY_MEMBER_RENEWED] = "renewed",
        [COVEY_MEMBER_FOUND] = "found",     [COVEY_MEMBER_REFUSED] = "refused",
        [COVEY_MEMBER_ENDED] = "ended",
    };

    (void)user;
    printf("%s %u %u %u.%02u\n", names[event->kind], n->number,
           (unsigned)covey_member_version(&n->member),
           (unsigned)event->code >> 5, event->code & 31u);
    fflush(stdout);
}

/* Enough to see whether two secrets are the same. */
static uint64_t hash(covey_bytes b)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < b.len; i++) {
        h = (h ^ b.ptr[i]) * UINT64_C(0x100000001b3);
    }
    return h;
}

static void on_keys(void *user, struct fleet_node *n, covey_bytes map)
{
    covey_bytes v[COVEY_KEYING_VALUES];
    covey_keying_keys k;

    (void)user;
    if (covey_keying_parse(v, COVEY_KEYING_GROUPCOMM, map) != COVEY_OK ||
        covey_keying_keys_of(&k, v) != COVEY_OK || k.empty) {
        return;
    }
    printf("keys %u %u ", n->number, (unsigned)k.num);
    print_hex(k.gid);
    printf(" %016llx ", (unsigned long long)hash(k.ms));
    print_hex(k.sender_id);
    putchar('\n');
    fflush(stdout);
}

static void on_answer(void *user, struct fleet_node *n, uint8_t code,
                      covey_bytes payload)
{
    (void)user;
    printf("answer %u %u.%02u ", n->number, (unsigned)code >> 5, code & 31u);
    print_hex(payload);
    putchar('\n');
    fflush(stdout);
}

/* --- lines --------------------------------------------------------------- */

static unsigned digit(char c)
{
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a' + 10);
}

/* Scripts write hex digits only. */
static size_t read_hex(const char *text, uint8_t *out, size_t cap)
{
    size_t len = 0;

    while (len < cap && text[2 * len] != '\0' && text[2 * len + 1] != '\0') {
        out[len] =
            (uint8_t)(digit(text[2 * len]) << 4 | digit(text[2 * len + 1]));
        len++;
    }
    return len;
}

struct words {
    char *at[WORDS_MAX];
    size_t count;
};

static unsigned number(const struct words *w, size_t i)
{
    return i < w->count ? (unsigned)strtoul(w->at[i], NULL, 10) : 0;
}

static struct fleet_node *node_of(const struct words *w)
{
    const unsigned n = number(w, 1);

    return &fleet.nodes[n <= fleet.count ? n : 0];
}

static void do_ask(const struct words *w)
{
    uint8_t payload[512];
    struct fleet_node *n = node_of(w);
    size_t len;

    if (w->count != 6 || n->number >= sizeof paths / sizeof paths[0]) {
        return;
    }
    (void)snprintf(paths[n->number], sizeof paths[0], "%s", w->at[3]);
    len = w->at[5][0] == '-' ? 0 : read_hex(w->at[5], payload, sizeof payload);
    if (!fleet_ask(n, (uint8_t)number(w, 2), paths[n->number],
                   (uint16_t)number(w, 4), covey_bytes_of(payload, len))) {
        printf("answer %u busy -\n", n->number);
    }
}

static void do_range(const struct words *w)
{
    static char group[64];

    for (unsigned i = number(w, 1); i <= number(w, 2) && i <= fleet.count;
         i++) {
        struct fleet_node *n = &fleet.nodes[i];
        if (strcmp(w->at[0], "join") == 0 && w->count == 5) {
            (void)snprintf(group, sizeof group, "%s", w->at[3]);
            fleet_join(n, group, (uint8_t)number(w, 4));
        } else if (strcmp(w->at[0], "leave") == 0) {
            fleet_leave(n);
        } else if (strcmp(w->at[0], "deaf") == 0) {
            n->deaf = number(w, 3) != 0;
        }
    }
}

static void do_last(const struct words *w)
{
    const struct fleet_node *n = node_of(w);

    printf("last %u ", n->number);
    print_hex(covey_bytes_of(n->last, n->last_len));
    putchar('\n');
}

static void do_line(char *line)
{
    struct words w = { { NULL }, 0 };
    char *rest = NULL;

    for (char *at = strtok_r(line, " ", &rest);
         at != NULL && w.count < WORDS_MAX; at = strtok_r(NULL, " ", &rest)) {
        w.at[w.count++] = at;
    }
    if (w.count == 0) {
        return;
    }
    if (strcmp(w.at[0], "ask") == 0) {
        do_ask(&w);
    } else if (strcmp(w.at[0], "last") == 0) {
        do_last(&w);
    } else if (strcmp(w.at[0], "port") == 0) {
        fleet.manager.port = (uint16_t)number(&w, 1);
    } else if (strcmp(w.at[0], "creds") == 0) {
        fleet.creds = number(&w, 1) != 0;
    } else if (strcmp(w.at[0], "paths") == 0) {
        fleet.paths = number(&w, 1) != 0;
    } else if (strcmp(w.at[0], "quit") == 0) {
        loop_stop(fleet.loop);
    } else {
        do_range(&w);
    }
    fflush(stdout);
}

static void on_input(void *user, int events)
{
    const ssize_t n =
        read(STDIN_FILENO, lines + filled, sizeof lines - 1 - filled);
    char *end;

    (void)user;
    (void)events;
    if (n <= 0) {
        loop_stop(fleet.loop);
        return;
    }
    filled += (size_t)n;
    lines[filled] = '\0';
    while ((end = strchr(lines, '\n')) != NULL) {
        *end = '\0';
        do_line(lines);
        filled -= (size_t)(end + 1 - lines);
        memmove(lines, end + 1, filled + 1);
    }
}

/* --- the two ways to run it ---------------------------------------------- */

static int enrol(const char *where, unsigned count, const char *group)
{
    covey_crypto crypto;
    char why[WHY_MAX];

    if (covey_openssl_open(&crypto) != COVEY_OK) {
        return 1;
    }
    const store_options options = { where, NULL, &crypto };
    store *s = store_open(&options, why, sizeof why);
    store_result r = s == NULL ? STORE_BROKEN : store_begin(s);
    for (unsigned i = 0; r == STORE_OK && i <= count; i++) {
        const store_enrolment e = fleet_enrolment(i, group);
        r = store_enrol(s, &e);
    }
    if (r == STORE_OK) {
        r = store_wake(s);
    }
    if (r == STORE_OK) {
        r = store_commit(s);
    }
    if (r != STORE_OK) {
        fprintf(stderr, "fleet: %s\n", s == NULL ? why : store_error(s));
    }
    store_close(s);
    covey_openssl_close(&crypto);
    return r == STORE_OK ? 0 : 1;
}

/* Of a manager, as a line of its configuration. */
static int identity(unsigned number)
{
    uint8_t storage[32 + FLEET_CRED];
    covey_writer raw = covey_writer_of(storage, 32);
    covey_writer cred = covey_writer_of(storage + 32, FLEET_CRED);
    covey_crypto crypto;
    covey_key key;

    if (covey_openssl_open(&crypto) != COVEY_OK) {
        return 1;
    }
    const bool made = fleet_identity(&crypto, number, &key, &raw, &cred);
    if (made) {
        printf("{credential: '");
        print_hex(covey_written(&cred));
        printf("', private_key: '");
        print_hex(covey_written(&raw));
        printf("'}\n");
        crypto.key_drop(crypto.provider, &key);
    }
    covey_openssl_close(&crypto);
    return made ? 0 : 1;
}

static int run(unsigned port, unsigned count)
{
    struct rlimit files = { 0, 0 };
    covey_address manager;
    loop *l = loop_new();

    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
    if (l == NULL || !address_parse("127.0.0.1", (uint16_t)port, &manager)) {
        return 1;
    }
    fleet.on.event = on_event;
    fleet.on.keys = on_keys;
    fleet.on.answer = on_answer;
    const bool opened =
        fleet_open(&fleet, l, &manager, count) &&
        loop_watch_new(l, STDIN_FILENO, LOOP_READ, on_input, NULL) != NULL;
    if (opened) {
        puts("ready");
        fflush(stdout);
        loop_run(l);
    }
    fleet_close(&fleet);
    loop_free(l);
    return opened ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc == 5 && strcmp(argv[1], "enrol") == 0) {
        return enrol(argv[2], (unsigned)strtoul(argv[3], NULL, 10), argv[4]);
    }
    if (argc == 4 && strcmp(argv[1], "run") == 0) {
        return run((unsigned)strtoul(argv[2], NULL, 10),
                   (unsigned)strtoul(argv[3], NULL, 10));
    }
    if (argc == 3 && strcmp(argv[1], "identity") == 0) {
        return identity((unsigned)strtoul(argv[2], NULL, 10));
    }
    fprintf(stderr, "usage: fleet enrol STORE COUNT GROUP | run PORT COUNT |"
                    " identity NUMBER\n");
    return 2;
}
