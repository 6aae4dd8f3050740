/* SPDX-License-Identifier: BSD-2-Clause */
/* A Group Manager over a store, and two of them over one. */
#include "group_manager.h"
#include "groups.h"
#include "lab.h"

#include <covey/cbor.h>
#include <crypto/scripted/scripted.h>

enum {
    GROUPS = 2,
    MEMBERS = 8,
    CRED = 64,
    LOGS = 16
};

#define GROUP SPAN("g")

/* One manager with a connection of its own. */
struct office {
    store *s;
    covey_manager manager;
    covey_manager_group groups[GROUPS];
    covey_manager_member members[MEMBERS];
    uint8_t credentials[MEMBERS * CRED];
    covey_manager_stale stale[MEMBERS];
    covey_manager_node nodes[1];
    covey_manager_pending pending[4];
    covey_manager_log log[LOGS];
    unsigned reloads;
    store_result last; /* of a batch */
};

static covey_scripted script;
static covey_crypto crypto;
static covey_key key;
static covey_manager_identity identity;
static const covey_time now = { .mono = 5000,
                                .unix_s = 1800000000,
                                .unix_known = true };

static int set_up(void **state)
{
    static const uint8_t seed[32] = { 1 };
    (void)state;

    covey_scripted_open(&script, NULL, &crypto);
    covey_scripted_rewind(&script, COVEY_SCRIPTED_NEVER);
    CHECK_STATUS(COVEY_OK, crypto.private_key(crypto.provider, COVEY_ED25519,
                                              covey_bytes_of(seed, 32), &key));
    identity.curve = COVEY_ED25519;
    identity.cred_fmt = COVEY_KEYING_KCCS;
    identity.credential = SPAN("\xa0");
    identity.key = &key;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    crypto.key_drop(crypto.provider, &key);
    return script.live;
}

/* As the head of group_manager.c describes it. */
static covey_bytes settings(uint8_t *storage, size_t cap)
{
    const covey_keying_suite suite = covey_keying_defaults(true, true);
    covey_writer w = covey_writer_of(storage, cap);

    covey_cbor_put_array(&w, 14);
    covey_cbor_put_text(&w, SPAN("lamps"));
    covey_cbor_put_bool(&w, true);
    covey_cbor_put_uint(&w, 2);
    covey_cbor_put_uint(&w, 3);
    covey_cbor_put_int(&w, suite.hkdf);
    covey_cbor_put_int(&w, suite.cred_fmt);
    covey_cbor_put_int(&w, suite.group_enc);
    covey_cbor_put_int(&w, suite.signature);
    covey_cbor_put_int(&w, suite.aead);
    covey_cbor_put_int(&w, suite.agreement);
    covey_cbor_put_int(&w, COVEY_ED25519);
    covey_cbor_put_uint(&w, 86400);
    covey_cbor_put_uint(&w, 3600);
    covey_cbor_put_uint(&w, 0);
    return covey_written(&w);
}

/* A group with two members, as some manager left it. */
static void populate(store *s)
{
    uint8_t storage[128];
    const store_group g = { .serial = 1,
                            .revision = 1,
                            .name = GROUP,
                            .active = true,
                            .version = 3,
                            .stale_from = 3,
                            .sender_next = 2,
                            .keyed_at = 1799999990,
                            .master_secret =
                                SPAN("0123456789abcdef0123456789abcdef"),
                            .master_salt = SPAN("saltsalt"),
                            .settings = settings(storage, sizeof storage) };
    store_member m = { .serial = 1,
                       .name = SPAN("n1"),
                       .standing = COVEY_MANAGER_PRESENT,
                       .roles = 6,
                       .sender_id = SPAN("\x00\x00"),
                       .credential = SPAN("\xa0"),
                       .n_c = SPAN("12345678"),
                       .uri = SPAN("ctl"),
                       .joined = 3,
                       .told = 3 };

    CHECK_STORE(STORE_OK, s, store_serial_put(s, 2));
    CHECK_STORE(STORE_OK, s, store_group_put(s, &g));
    CHECK_STORE(STORE_OK, s, store_member_put(s, &m));
    m.name = SPAN("n2");
    m.sender_id = SPAN("\x00\x01");
    CHECK_STORE(STORE_OK, s, store_member_put(s, &m));
}

static void open_office(struct office *o, const struct lab *lab)
{
    const covey_manager_config config = { .crypto = &crypto,
                                          .identities = &identity,
                                          .identity_count = 1,
                                          .gid_prefix = SPAN("\xc0") };
    const covey_manager_memory memory = { .groups = o->groups,
                                          .group_count = GROUPS,
                                          .members = o->members,
                                          .member_count = MEMBERS,
                                          .credentials = o->credentials,
                                          .credential_max = CRED,
                                          .stale = o->stale,
                                          .stale_count = MEMBERS,
                                          .nodes = o->nodes,
                                          .node_count = 1,
                                          .pending = o->pending,
                                          .pending_count = 4,
                                          .log = o->log,
                                          .log_count = LOGS };

    memset(o, 0, sizeof *o);
    o->nodes[0].name = SPAN("n1");
    o->nodes[0].scope = SPAN("\x80");
    o->s = lab_open(lab);
    CHECK_STATUS(COVEY_OK,
                 covey_manager_init(&o->manager, &config, &memory, now));
}

static void load(struct office *o)
{
    CHECK_STORE(STORE_OK, o->s, store_manager_load(o->s, &o->manager));
}

static void close_office(struct office *o)
{
    covey_manager_drop(&o->manager);
    store_close(o->s);
}

/* Takes all events; what a shell does. */
static void settle(struct office *o)
{
    covey_manager_event ev;

    while (covey_manager_event_next(&o->manager, now, &ev)) {
        if (ev.kind == COVEY_MANAGER_PERSIST) {
            o->last = store_manager_persist(o->s, &o->manager);
            CHECK_STATUS(COVEY_OK,
                         covey_manager_stored(&o->manager, now, ev.batch,
                                              o->last == STORE_OK
                                                  ? COVEY_OK
                                                  : COVEY_E_NOT_STORED));
        } else if (ev.kind == COVEY_MANAGER_RELOAD) {
            o->reloads++;
            CHECK_STORE(STORE_OK, o->s,
                        store_manager_reload(o->s, &o->manager, ev.serial));
        }
    }
}

static void rekey(struct office *o, store_result expected)
{
    CHECK_STATUS(COVEY_OK, covey_manager_rekey(&o->manager, now, GROUP));
    settle(o);
    CHECK_STORE(expected, o->s, o->last);
}

struct view {
    uint64_t version;
    uint64_t revision;
    uint8_t secret[64];
    unsigned present;
    unsigned evicted;
    unsigned behind; /* members that have still to be told */
    unsigned stale;
};

static void on_group(void *user, const store_group *g)
{
    struct view *v = user;

    v->version = g->version;
    v->revision = g->revision;
    memcpy(v->secret, g->master_secret.ptr, g->master_secret.len);
}

static void on_member(void *user, const store_member *m)
{
    struct view *v = user;

    v->present += m->standing == COVEY_MANAGER_PRESENT;
    v->evicted += m->standing == COVEY_MANAGER_EVICTED;
    v->behind += m->told < v->version;
}

static void on_stale(void *user, const store_stale *stale)
{
    struct view *v = user;

    (void)stale;
    v->stale++;
}

static struct view look(store *s)
{
    struct view v = { 0 };

    CHECK_STORE(STORE_OK, s, store_groups(s, 1, on_group, &v));
    CHECK_STORE(STORE_OK, s, store_members(s, 1, on_member, &v));
    CHECK_STORE(STORE_OK, s, store_stales(s, 1, on_stale, &v));
    return v;
}

/* --- tests --------------------------------------------------------------- */

static void a_rekeying_is_stored_and_resumed(void **state)
{
    static struct office a;
    static struct office b;
    struct lab lab = lab_begin();
    covey_manager_departure to;
    uint8_t payload[1024];
    unsigned told = 0;
    (void)state;

    open_office(&a, &lab);
    populate(a.s);
    load(&a);
    const struct view before = look(a.s);
    rekey(&a, STORE_OK);
    const struct view after = look(a.s);
    assert_int_equal(before.version + 1, after.version);
    assert_int_equal(before.revision + 1, after.revision);
    assert_memory_not_equal(before.secret, after.secret, 32);
    assert_int_equal(2, after.behind);
    close_office(&a); /* before anybody was told */
    open_office(&b, &lab);
    load(&b);
    settle(&b);
    for (;; told++) {
        covey_writer out = covey_writer_of(payload, sizeof payload);
        if (!covey_manager_transmit(&b.manager, now, &to, &out)) {
            break;
        }
        assert_int_equal(COVEY_MANAGER_TELL, to.kind);
        covey_manager_told(&b.manager, now, to.ref, true);
    }
    assert_int_equal(2, told);
    close_office(&b);
    lab_end(&lab);
}

static void two_managers_rekey_once(void **state)
{
    static struct office a;
    static struct office b;
    struct lab lab = lab_begin();
    (void)state;

    open_office(&a, &lab);
    populate(a.s);
    load(&a);
    open_office(&b, &lab);
    load(&b);
    rekey(&a, STORE_OK);
    rekey(&b, STORE_TAKEN);
    assert_true(b.reloads > 0);
    assert_int_equal(4, look(b.s).version);
    /* now it knows what the other has done */
    rekey(&b, STORE_OK);
    assert_int_equal(5, look(b.s).version);
    rekey(&a, STORE_TAKEN);
    close_office(&a);
    close_office(&b);
    lab_end(&lab);
}

static void an_eviction_is_one_batch(void **state)
{
    static struct office a;
    static struct office b;
    struct lab lab = lab_begin();
    (void)state;

    open_office(&a, &lab);
    populate(a.s);
    load(&a);
    CHECK_STATUS(COVEY_OK,
                 covey_manager_evict(&a.manager, now, GROUP, SPAN("n1")));
    settle(&a);
    CHECK_STORE(STORE_OK, a.s, a.last);
    const struct view v = look(a.s);
    assert_int_equal(4, v.version);
    assert_int_equal(1, v.present);
    assert_int_equal(1, v.evicted);
    assert_int_equal(1, v.stale);
    /* and comes back as it was */
    open_office(&b, &lab);
    load(&b);
    CHECK_STATUS(COVEY_E_NO_CONTEXT,
                 covey_manager_evict(&b.manager, now, GROUP, SPAN("n1")));
    CHECK_STATUS(COVEY_OK,
                 covey_manager_evict(&b.manager, now, GROUP, SPAN("n2")));
    settle(&b);
    CHECK_STORE(STORE_OK, b.s, b.last);
    assert_int_equal(5, look(b.s).version);
    close_office(&a);
    close_office(&b);
    lab_end(&lab);
}

/* Events belong to the batch: the transaction is the caller's. */
static void a_batch_joins_a_transaction(void **state)
{
    static struct office a;
    struct lab lab = lab_begin();
    covey_manager_event ev;
    (void)state;

    open_office(&a, &lab);
    populate(a.s);
    load(&a);
    CHECK_STATUS(COVEY_OK, covey_manager_rekey(&a.manager, now, GROUP));
    assert_true(covey_manager_event_next(&a.manager, now, &ev));
    assert_int_equal(COVEY_MANAGER_PERSIST, ev.kind);
    CHECK_STORE(STORE_OK, a.s, store_begin(a.s));
    CHECK_STORE(STORE_REFUSED, a.s, store_manager_load(a.s, &a.manager));
    CHECK_STORE(STORE_OK, a.s, store_manager_persist(a.s, &a.manager));
    store_rollback(a.s);
    assert_int_equal(3, look(a.s).version);
    CHECK_STATUS(COVEY_OK, covey_manager_stored(&a.manager, now, ev.batch,
                                                COVEY_E_NOT_STORED));
    settle(&a);
    rekey(&a, STORE_OK);
    assert_int_equal(4, look(a.s).version);
    close_office(&a);
    lab_end(&lab);
}

static void rows_that_are_none_are_refused(void **state)
{
    static const char *const bad[] = {
        "UPDATE grp SET settings = master_salt",
        "UPDATE grp SET version = 16777216",
        "UPDATE grp SET master_salt = settings",
        "UPDATE grp SET master_secret = master_salt",
        "UPDATE member SET sender_id = (SELECT settings FROM grp)",
        "UPDATE member SET standing = 9",
        "UPDATE member SET name = '012345678901234567890123456789012' || name",
        "INSERT INTO stale SELECT 1, 3, settings FROM grp",
    };
    (void)state;

    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        static struct office a;
        struct lab lab = lab_begin();
        kit_case(bad[i]);
        open_office(&a, &lab);
        populate(a.s);
        CHECK_STORE(STORE_OK, a.s, a.s->driver->script(a.s, bad[i]));
        CHECK_STORE(STORE_BROKEN, a.s, store_manager_load(a.s, &a.manager));
        close_office(&a);
        lab_end(&lab);
    }
    kit_case(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rekeying_is_stored_and_resumed),
        cmocka_unit_test(two_managers_rekey_once),
        cmocka_unit_test(an_eviction_is_one_batch),
        cmocka_unit_test(a_batch_joins_a_transaction),
        cmocka_unit_test(rows_that_are_none_are_refused),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
