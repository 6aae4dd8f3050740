/* SPDX-License-Identifier: BSD-2-Clause */
#include "fixture.h"

#include <covey/coap_options.h>

#include <stdio.h>
#include <stdlib.h>

static struct world the_world;
static covey_manager_group groups[GROUPS];
static covey_manager_member members[ROWS];
static uint8_t credentials[ROWS * CRED];
static covey_manager_stale stale[ROWS];
static covey_manager_node nodes[NODES + 1];
static covey_manager_pending pending[NODES];
static covey_manager_log logs[LOGS];

static covey_group_recipient recipients[NODES][NODES];
static covey_member_peer peers[NODES][NODES];
static uint8_t peer_creds[NODES][(NODES + 1) * CRED];

const covey_crypto *world_provider;

/* --- keys ---------------------------------------------------------------- */

covey_bytes make_credential(struct world *w, uint8_t *storage,
                            covey_curve curve, covey_key *key)
{
    uint8_t point[COVEY_PUBLIC_MAX];
    covey_writer p = covey_writer_of(point, sizeof point);
    covey_writer out = covey_writer_of(storage, CRED);
    covey_cose_key cose = { .kty = COVEY_KTY_OKP, .curve = curve };

    CHECK_STATUS(COVEY_OK, w->crypto.public_of(w->crypto.provider, key, &p));
    cose.x = covey_written(&p);
    if (curve == COVEY_P256) {
        cose.kty = COVEY_KTY_EC2;
        cose.x = covey_bytes_of(point + 1, 32);
        cose.y = covey_bytes_of(point + 33, 32);
    }
    covey_cbor_put_map(&out, 1);
    covey_cbor_put_int(&out, 8);
    covey_cbor_put_map(&out, 1);
    covey_cbor_put_int(&out, 1);
    covey_cose_key_put(&out, &cose);
    assert_int_equal(out.failed, COVEY_OK);
    return covey_written(&out);
}

static void make_key(struct world *w, covey_curve curve, covey_key *key)
{
    uint8_t raw[32];
    covey_writer r = covey_writer_of(raw, sizeof raw);

    CHECK_STATUS(COVEY_OK, w->crypto.random(w->crypto.provider, &r));
    raw[0] &= 0x7f;
    CHECK_STATUS(COVEY_OK,
                 w->crypto.private_key(w->crypto.provider, (int32_t)curve,
                                       covey_written(&r), key));
}

void world_rekey_node(struct world *w, size_t who, covey_curve curve)
{
    struct node *n = &w->nodes[who];

    w->crypto.key_drop(w->crypto.provider, &n->key);
    make_key(w, curve, &n->key);
    n->credential = make_credential(w, n->cred, curve, &n->key);
}

void world_allow(struct world *w, size_t who, const char *scope)
{
    struct node *n = &w->nodes[who];

    nodes[who].scope = kit_hex(scope, n->scope, sizeof n->scope);
}

/* --- the world ----------------------------------------------------------- */

static void open_manager(struct world *w)
{
    CHECK_STATUS(COVEY_OK, covey_manager_init(&w->manager, &w->config,
                                              &w->memory, w->now));
}

static void set_memory(struct world *w)
{
    w->memory.groups = groups;
    w->memory.group_count = GROUPS;
    w->memory.members = members;
    w->memory.member_count = ROWS;
    w->memory.credentials = credentials;
    w->memory.credential_max = CRED;
    w->memory.stale = stale;
    w->memory.stale_count = ROWS;
    w->memory.nodes = nodes;
    w->memory.node_count = NODES + 1;
    w->memory.pending = pending;
    w->memory.pending_count = NODES;
    w->memory.log = logs;
    w->memory.log_count = LOGS;
}

struct world *world_open(void)
{
    static const covey_curve curves[] = { COVEY_ED25519, COVEY_X25519,
                                          COVEY_P256 };
    struct world *w = &the_world;

    memset(w, 0, sizeof *w);
    memset(nodes, 0, sizeof nodes);
    covey_scripted_open(&w->script, world_provider, &w->crypto);
    covey_scripted_rewind(&w->script, COVEY_SCRIPTED_NEVER);
    w->now.mono = 5000;
    w->now.unix_s = 1800000000;
    w->now.unix_known = true;
    w->trouble_at = -1;
    w->disk.serial = 1;
    for (size_t i = 0; i < COUNT_OF(curves); i++) {
        make_key(w, curves[i], &w->keys[i]);
        w->identities[i].curve = curves[i];
        w->identities[i].cred_fmt = COVEY_KEYING_KCCS;
        w->identities[i].key = &w->keys[i];
        w->identities[i].credential =
            make_credential(w, w->creds[i], curves[i], &w->keys[i]);
    }
    w->config.crypto = &w->crypto;
    w->config.identities = w->identities;
    w->config.identity_count = COUNT_OF(curves);
    w->config.gid_prefix = SPAN("\xc0");
    for (size_t i = 0; i <= NODES; i++) {
        (void)snprintf(w->nodes[i].name, sizeof w->nodes[i].name, "n%zu", i);
        nodes[i].name = covey_bytes_text(w->nodes[i].name);
        world_allow(w, i, i == ADMIN ? "81 82 f5 183f" : "81 82 6167 06");
        if (i < NODES) {
            world_rekey_node(w, i, COVEY_ED25519);
        }
    }
    set_memory(w);
    open_manager(w);
    return w;
}

struct world *world_with(bool group_mode, bool pairwise_mode)
{
    struct world *w = world_open();

    if (!group_mode) {
        for (size_t i = 0; i < NODES; i++) {
            world_rekey_node(w, i, COVEY_X25519);
        }
    }
    /* group_name, active, and the mode that is not wanted */
    assert_int_equal(ask(w, ADMIN, POST, "manage", COVEY_KEYING_FORMAT,
                         group_mode && pairwise_mode
                             ? SPAN("\xa2\x2c\x61g\x2b\xf5")
                         : group_mode ? SPAN("\xa3\x2c\x61g\x2b\xf5\x26\xf4")
                                      : SPAN("\xa3\x2c\x61g\x2b\xf5\x22\xf4")),
                     COVEY_COAP_CODE(2, 1));
    return w;
}

void world_close(struct world *w)
{
    for (size_t i = 0; i < NODES; i++) {
        covey_member_drop(&w->nodes[i].member);
        w->crypto.key_drop(w->crypto.provider, &w->nodes[i].key);
    }
    for (size_t i = 0; i < COUNT_OF(w->keys); i++) {
        w->crypto.key_drop(w->crypto.provider, &w->keys[i]);
    }
    covey_manager_drop(&w->manager);
    assert_int_equal(w->script.live, 0);
}

void world_restart(struct world *w)
{
    covey_manager_drop(&w->manager);
    open_manager(w);
    covey_manager_load_serial(&w->manager, w->disk.serial);
    disk_load(w, 0);
    w->dead = false;
}

/* --- the shell ----------------------------------------------------------- */

static void persist(struct world *w, const covey_manager_event *ev)
{
    const bool trouble = w->trouble_at == (int)w->batches;
    const enum store how = trouble ? w->trouble : STORE_WELL;
    covey_manager_walk walk = { 0 };
    covey_manager_change change;
    const covey_manager_log *log;
    uint32_t deed = 0;

    w->batches++;
    while ((log = covey_manager_deed_next(&w->manager, &deed)) != NULL) {
        w->deeds += log->deed != COVEY_MANAGER_DID_FINISH;
    }
    if (how == STORE_WELL || how == STORE_DIES_AFTER) {
        while (covey_manager_change_next(&w->manager, &walk, &change)) {
            disk_apply(&w->disk, &change);
        }
    }
    if (how == STORE_DIES_BEFORE || how == STORE_DIES_AFTER) {
        w->dead = true;
        return;
    }
    CHECK_STATUS(COVEY_OK, covey_manager_stored(
                               &w->manager, w->now, ev->batch,
                               how == STORE_WELL ? COVEY_OK : COVEY_E_CRYPTO));
}

static void on_event(struct world *w, const covey_manager_event *ev)
{
    switch (ev->kind) {
    case COVEY_MANAGER_PERSIST:
        persist(w, ev);
        break;
    case COVEY_MANAGER_RELOAD:
        w->reloads++;
        if (ev->serial == 0) {
            covey_manager_load_serial(&w->manager, w->disk.serial);
        } else {
            disk_load(w, ev->serial);
        }
        break;
    case COVEY_MANAGER_CHANGED:
        w->changed++;
        break;
    case COVEY_MANAGER_LOG:
        assert_true(w->log_count < LOGS);
        w->log[w->log_count++] = *ev->log;
        break;
    }
}

static struct node *node_named(struct world *w, covey_bytes name)
{
    for (size_t i = 0; i < NODES; i++) {
        if (covey_bytes_equal(covey_bytes_text(w->nodes[i].name), name)) {
            return &w->nodes[i];
        }
    }
    fail_msg("nobody is called that");
    return w->nodes;
}

/* --- nothing is ever used twice ------------------------------------------ */

static void note_id(struct world *w, size_t who, uint32_t version,
                    covey_bytes id)
{
    if (id.len != 2) {
        return;
    }
    for (size_t i = 0; i < w->id_count; i++) {
        if (w->ids[i].version == version &&
            memcmp(w->ids[i].id, id.ptr, 2) == 0) {
            assert_int_equal(w->ids[i].who, who);
            return;
        }
    }
    assert_true(w->id_count < COUNT_OF(w->ids));
    w->ids[w->id_count].version = version;
    memcpy(w->ids[w->id_count].id, id.ptr, 2);
    w->ids[w->id_count++].who = who;
}

static void note_keys(struct world *w, size_t who, covey_bytes payload)
{
    covey_bytes v[COVEY_KEYING_VALUES];
    covey_keying_keys k;

    if (covey_keying_parse(v, COVEY_KEYING_GROUPCOMM, payload) != COVEY_OK ||
        covey_keying_keys_of(&k, v) != COVEY_OK || k.ms.len != 16 ||
        k.num >= COUNT_OF(w->secrets)) {
        return;
    }
    if (w->secret_known[k.num]) {
        assert_memory_equal(w->secrets[k.num], k.ms.ptr, 16);
    }
    for (size_t i = 0; i < k.num; i++) {
        assert_true(!w->secret_known[i] ||
                    memcmp(w->secrets[i], k.ms.ptr, 16) != 0);
    }
    memcpy(w->secrets[k.num], k.ms.ptr, 16);
    w->secret_known[k.num] = true;
    note_id(w, who, k.num, k.sender_id);
}

/* Every refusal says why, unless there is no room for it; 4.00 to who is to
 * join has what a proof is made of instead (RFC 9594 Section 4.3.1). */
static void check_refusal(const struct world *w, const covey_manager_answer *a)
{
    covey_keying_error e;

    if (a->code < COVEY_COAP_CODE(4, 0) || w->room != 0 ||
        (a->code == COVEY_COAP_CODE(4, 0) &&
         a->format == COVEY_KEYING_FORMAT)) {
        return;
    }
    assert_int_equal(COVEY_KEYING_FORMAT_PROBLEM, a->format);
    assert_true(covey_keying_problem_title(a->payload).len > 0);
    assert_true(covey_keying_problem_parse(&e, a->payload) == COVEY_OK ||
                covey_keying_problem_title(a->payload).len < 80);
}

static void keep_reply(struct world *w, const covey_manager_answer *a)
{
    check_refusal(w, a);
    w->answered = true;
    w->reply.code = a->code;
    w->reply.format = a->format;
    w->reply.observable = a->observable;
    w->reply.keys = a->keys;
    w->reply.location_count = a->location_count;
    w->reply.payload = covey_bytes_of(NULL, 0);
    if (a->payload.ptr != NULL) {
        assert_true(a->payload.len <= sizeof w->payload);
        memcpy(w->payload, a->payload.ptr, a->payload.len);
        w->reply.payload = covey_bytes_of(w->payload, a->payload.len);
        note_keys(w, w->asker, w->reply.payload);
    }
}

static void deliver(struct world *w, const covey_manager_departure *to)
{
    struct node *n;
    bool heard = false;

    if (to->kind == COVEY_MANAGER_ANSWER) {
        if (to->answer.user == w->user) {
            keep_reply(w, &to->answer);
        }
        return;
    }
    n = node_named(w, to->node);
    assert_true(to->uri.len > 0);
    note_keys(w, NODES, to->answer.payload);
    if (!n->deaf) {
        heard = true;
        n->order = ++w->tells;
        if (to->kind == COVEY_MANAGER_EVICT) {
            n->evicted++;
            covey_member_evicted(&n->member);
        } else {
            n->told++;
            (void)covey_member_news(&n->member, w->now, to->answer.payload);
        }
    }
    covey_manager_told(&w->manager, w->now, to->ref, heard);
}

static bool transmit(struct world *w)
{
    static uint8_t storage[ANSWER];
    covey_writer out =
        covey_writer_of(storage, w->room != 0 ? w->room : sizeof storage);
    covey_manager_departure to;

    if (!covey_manager_transmit(&w->manager, w->now, &to, &out)) {
        return false;
    }
    deliver(w, &to);
    return true;
}

void world_settle(struct world *w)
{
    covey_manager_event ev;
    bool more = true;

    while (more && !w->dead) {
        more = false;
        while (!w->dead &&
               covey_manager_event_next(&w->manager, w->now, &ev)) {
            on_event(w, &ev);
            more = true;
        }
        while (!w->dead && transmit(w)) {
            more = true;
        }
    }
}

static void put_path(covey_coap_composer *c, const char *path)
{
    while (*path != '\0') {
        const char *end = path;

        while (*end != '\0' && *end != '/') {
            end++;
        }
        covey_coap_put_option(
            c, COVEY_OPTION_URI_PATH,
            covey_bytes_of((const uint8_t *)path, (size_t)(end - path)));
        path = *end == '/' ? end + 1 : end;
    }
}

covey_status offer(struct world *w, size_t who, uint8_t code, const char *path,
                   uint16_t format, covey_bytes payload)
{
    static uint8_t storage[2048];
    static uint8_t answer_storage[ANSWER];
    covey_writer bytes = covey_writer_of(storage, sizeof storage);
    covey_writer out = covey_writer_of(
        answer_storage, w->room != 0 ? w->room : sizeof answer_storage);
    const covey_coap_message head = { .code = code };
    covey_coap_composer c = covey_coap_compose(&bytes, &head);
    covey_coap_message message;
    covey_manager_answer answer;
    const covey_manager_request request = {
        .user = ++w->user,
        .node = who <= NODES ? covey_bytes_text(w->nodes[who].name)
                             : covey_bytes_of(NULL, 0),
        .message = &message,
        .notification = w->notification,
    };
    covey_status st;

    w->asker = who;
    put_path(&c, path);
    if (format != NONE) {
        covey_coap_put_uint(&c, COVEY_OPTION_CONTENT_FORMAT, format);
    }
    covey_coap_put_payload(&c, payload);
    CHECK_STATUS(COVEY_OK, covey_coap_finish(&c));
    CHECK_STATUS(COVEY_OK, covey_coap_parse(&message, covey_written(&bytes)));
    st = covey_manager_receive(&w->manager, w->now, &request, &answer, &out);
    w->answered = false;
    if (st == COVEY_OK && answer.code != 0) {
        assert_int_equal(answer.user, w->user);
        keep_reply(w, &answer);
    }
    return st;
}

uint8_t ask(struct world *w, size_t who, uint8_t code, const char *path,
            uint16_t format, covey_bytes payload)
{
    covey_status st = offer(w, who, code, path, format, payload);

    if (st == COVEY_E_NOT_STORED) {
        world_settle(w);
        if (w->dead) {
            return 0;
        }
        st = offer(w, who, code, path, format, payload);
    }
    CHECK_STATUS(COVEY_OK, st);
    if (!w->answered) {
        w->now.mono += w->manager.config.commit_window;
        world_settle(w);
    }
    assert_true(w->answered || w->dead);
    return w->answered ? w->reply.code : 0;
}

covey_keying_error error_of(const struct world *w)
{
    covey_keying_error e = COVEY_KEYING_ERRORS;

    if (w->reply.format != COVEY_KEYING_FORMAT_PROBLEM ||
        covey_keying_problem_parse(&e, w->reply.payload) != COVEY_OK) {
        return COVEY_KEYING_ERRORS;
    }
    assert_int_equal(covey_keying_error_code(e), w->reply.code);
    return e;
}

/* --- members ------------------------------------------------------------- */

void member_open(struct world *w, size_t who, uint8_t roles, size_t others)
{
    struct node *n = &w->nodes[who];
    const covey_member_config config = {
        .crypto = &w->crypto,
        .group = SPAN("g"),
        .node = covey_bytes_text(n->name),
        .roles = roles,
        .credential = n->credential,
        .private_key = &n->key,
        .control_uri = SPAN("control"),
        .creds = true,
    };
    const covey_member_memory memory = {
        .group = &n->group,
        .start = { .recipients = recipients[who],
                   .recipient_max = (uint16_t)others,
                   .late = w->late },
        .peers = peers[who],
        .credentials = peer_creds[who],
        .credential_max = CRED,
    };

    covey_member_drop(&n->member);
    CHECK_STATUS(COVEY_OK, covey_member_init(&n->member, &config, &memory));
}

static void join_path(char *to, size_t cap, const covey_member_request *r)
{
    size_t at = 0;

    for (size_t i = 0; i < r->segment_count; i++) {
        assert_true(at + r->segment[i].len + 2 < cap);
        if (i > 0) {
            to[at++] = '/';
        }
        memcpy(to + at, r->segment[i].ptr, r->segment[i].len);
        at += r->segment[i].len;
    }
    to[at] = '\0';
}

void member_pump(struct world *w, size_t who)
{
    covey_member *m = &w->nodes[who].member;
    static uint8_t storage[1024];
    covey_member_request request;
    covey_status st;

    for (;;) {
        covey_writer out = covey_writer_of(storage, sizeof storage);
        char path[120];
        uint8_t code;

        if (!covey_member_transmit(m, w->now, &request, &out, &st)) {
            return;
        }
        join_path(path, sizeof path, &request);
        code =
            ask(w, who, request.code, path, request.format, request.payload);
        if (w->dead) {
            covey_member_lost(m);
            return;
        }
        (void)!covey_member_receive(m, w->now, code, w->reply.payload);
    }
}

covey_member_state member_join(struct world *w, size_t who, uint8_t roles)
{
    member_open(w, who, roles, 8);
    covey_member_join(&w->nodes[who].member);
    member_pump(w, who);
    return covey_member_state_of(&w->nodes[who].member);
}

/* --- looking ------------------------------------------------------------- */

const covey_manager_group *group_row(const struct world *w)
{
    for (size_t i = 0; i < GROUPS; i++) {
        if (w->memory.groups[i].name_len == 1 &&
            w->memory.groups[i].name[0] == 'g') {
            return &w->memory.groups[i];
        }
    }
    return NULL;
}

const covey_manager_member *member_row(const struct world *w, size_t who)
{
    for (size_t i = 0; i < ROWS; i++) {
        const covey_manager_member *r = &w->memory.members[i];

        if (r->serial != 0 &&
            covey_bytes_equal(
                covey_bytes_text(w->nodes[who].name),
                covey_bytes_of((const uint8_t *)r->name, r->name_len))) {
            return r;
        }
    }
    return NULL;
}

size_t logged(const struct world *w, covey_manager_deed deed)
{
    size_t count = 0;

    for (size_t i = 0; i < w->log_count; i++) {
        count += w->log[i].deed == deed;
    }
    return count;
}
