/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests of three nodes and an administrator to a Group Manager, in any
 * order, with a storage that fails now and then. Records of the input: who and
 * what, how storing goes, the length of the payload, the payload. Rows keep
 * their invariants, versions only rise, every staged request is answered. */
#include <covey/coap_options.h>
#include <covey/manager.h>

#include <crypto/scripted/scripted.h>

#include <stdlib.h>
#include <string.h>

enum {
    GROUPS = 2,
    MEMBERS = 4,
    STALE = 6,
    NODES = 4,
    CRED = 80,
    PENDING = 3,
    LOGS = 4,
    RECORDS = 40
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static covey_manager manager;
static covey_manager_group groups[GROUPS];
static covey_manager_member members[MEMBERS];
static uint8_t credentials[MEMBERS * CRED];
static covey_manager_stale stale[STALE];
static covey_manager_node nodes[NODES];
static covey_manager_pending pending[PENDING];
static covey_manager_log logs[LOGS];
static covey_scripted script;
static covey_crypto crypto;
static covey_key key;
static covey_manager_identity identity;
static covey_time now;
static uint32_t answers;
static uint32_t expected;
static uint32_t versions[65536];

/* Of the group g: requester and responder, all roles, monitor, nothing but
 * administration. */
static const char *const names[NODES] = { "a", "b", "c", "op" };
static const uint8_t scopes[NODES][7] = {
    { 0x81, 0x82, 0x61, 'g', 0x06 },
    { 0x81, 0x82, 0x61, 'g', 0x18, 0x1e },
    { 0x81, 0x82, 0x61, 'g', 0x08 },
    { 0x81, 0x82, 0xf5, 0x18, 0x3f },
};
static const uint8_t scope_lens[NODES] = { 5, 6, 5, 5 };

static const struct {
    uint8_t code;
    uint16_t format;
    const char *path[5];
} requests[] = {
    { 2, 261, { "ace-group", "g" } },
    { 5, 261, { "ace-group" } },
    { 1, 0, { "ace-group", "g" } },
    { 5, 261, { "ace-group", "g", "creds" } },
    { 5, 261, { "ace-group", "g", "kdc-cred" } },
    { 5, 60, { "ace-group", "g", "stale-sids" } },
    { 1, 0, { "ace-group", "g", "verif-data" } },
    { 1, 0, { "ace-group", "g", "kdc-cred" } },
    { 2, 0, { "ace-group", "g", "nodes", "a" } },
    { 4, 0, { "ace-group", "g", "nodes", "a" } },
    { 4, 0, { "ace-group", "g", "nodes", "c" } },
    { 2, 261, { "ace-group", "g", "nodes", "a", "cred" } },
    { 2, 261, { "manage" } },
    { 5, 261, { "manage" } },
    { 1, 0, { "manage" } },
    { 5, 261, { "manage", "g" } },
    { 2, 261, { "manage", "g" } },
    { 4, 0, { "manage", "g" } },
    { 7, 261, { "manage", "g" } },
    { 1, 0, { "manage", "g", "members" } },
    { 4, 0, { "manage", "g", "members", "a" } },
    { 2, 0, { "manage", "g", "rekey" } },
};

static void oracle(bool ok)
{
    if (!ok) {
        abort();
    }
}

static void start(void)
{
    static uint8_t gm_cred[] = { 0xa1, 0x08, 0xa1, 0x01, 0xa3, 0x01,
                                 0x01, 0x20, 0x06, 0x21, 0x41, 0x00 };
    static const uint8_t raw[32] = { 1, 2, 3 };
    const covey_manager_memory memory = {
        groups, GROUPS, members, MEMBERS, credentials, CRED, stale,
        STALE,  nodes,  NODES,   pending, PENDING,     logs, LOGS
    };
    covey_manager_config config = { .crypto = &crypto,
                                    .identities = &identity,
                                    .identity_count = 1 };

    covey_scripted_open(&script, NULL, &crypto);
    covey_scripted_rewind(&script, COVEY_SCRIPTED_NEVER);
    oracle(crypto.private_key(crypto.provider, COVEY_ED25519,
                              covey_bytes_of(raw, sizeof raw),
                              &key) == COVEY_OK);
    identity.curve = COVEY_ED25519;
    identity.cred_fmt = COVEY_KEYING_KCCS;
    identity.credential = covey_bytes_of(gm_cred, sizeof gm_cred);
    identity.key = &key;
    memset(nodes, 0, sizeof nodes);
    memset(versions, 0, sizeof versions);
    for (size_t i = 0; i < NODES; i++) {
        nodes[i].name = covey_bytes_text(names[i]);
        nodes[i].scope = covey_bytes_of(scopes[i], scope_lens[i]);
    }
    now.mono = 1;
    oracle(covey_manager_init(&manager, &config, &memory, now) == COVEY_OK);
}

static void check_rows(void)
{
    for (size_t i = 0; i < MEMBERS; i++) {
        const covey_manager_member *a = &members[i];

        if (a->serial == 0 || a->standing != COVEY_MANAGER_PRESENT) {
            continue;
        }
        oracle(a->id_len > 0 || (a->roles & COVEY_KEYING_MONITOR) != 0);
        for (size_t j = 0; j < i; j++) {
            const covey_manager_member *b = &members[j];

            oracle(b->serial != a->serial ||
                   b->standing != COVEY_MANAGER_PRESENT || a->id_len == 0 ||
                   !covey_bytes_equal(covey_bytes_of(a->id, a->id_len),
                                      covey_bytes_of(b->id, b->id_len)));
        }
    }
    for (size_t i = 0; i < GROUPS; i++) {
        const covey_manager_group *g = &groups[i];

        oracle(g->version >= versions[g->serial] || g->revision == 0);
        if (g->revision != 0) {
            versions[g->serial] = g->version;
        }
    }
}

static void settle(bool stores)
{
    static uint8_t storage[4096];
    covey_manager_event ev;
    covey_manager_departure to;
    covey_writer out = covey_writer_of(storage, sizeof storage);

    while (covey_manager_event_next(&manager, now, &ev)) {
        covey_manager_walk walk = { 0 };
        covey_manager_change change;

        if (ev.kind == COVEY_MANAGER_PERSIST) {
            while (covey_manager_change_next(&manager, &walk, &change)) {
            }
            oracle(covey_manager_stored(&manager, now, ev.batch,
                                        stores ? COVEY_OK : COVEY_E_CRYPTO) ==
                   COVEY_OK);
        } else if (ev.kind == COVEY_MANAGER_RELOAD && ev.serial != 0) {
            oracle(covey_manager_forget(&manager, ev.serial));
        }
    }
    while (covey_manager_transmit(&manager, now, &to, &out)) {
        if (to.kind == COVEY_MANAGER_ANSWER) {
            answers++;
        } else {
            covey_manager_told(&manager, now, to.ref, stores);
        }
        out = covey_writer_of(storage, sizeof storage);
    }
    oracle(answers == expected);
    check_rows();
}

static void request(size_t who, size_t what, covey_bytes payload, bool stores)
{
    static uint8_t bytes[1024];
    static uint8_t storage[4096];
    covey_writer w = covey_writer_of(bytes, sizeof bytes);
    covey_writer out = covey_writer_of(storage, sizeof storage);
    const covey_coap_message head = { .code = requests[what].code };
    covey_coap_composer c = covey_coap_compose(&w, &head);
    covey_coap_message m;
    const covey_manager_request r = { .node = nodes[who].name, .message = &m };
    covey_manager_answer a;
    covey_status st;

    for (size_t i = 0; i < 5 && requests[what].path[i] != NULL; i++) {
        covey_coap_put_option(&c, COVEY_OPTION_URI_PATH,
                              covey_bytes_text(requests[what].path[i]));
    }
    if (requests[what].format != 0) {
        covey_coap_put_uint(&c, COVEY_OPTION_CONTENT_FORMAT,
                            requests[what].format);
    }
    covey_coap_put_payload(&c, payload);
    oracle(covey_coap_finish(&c) == COVEY_OK);
    oracle(covey_coap_parse(&m, covey_written(&w)) == COVEY_OK);
    st = covey_manager_receive(&manager, now, &r, &a, &out);
    if (st == COVEY_E_NOT_STORED) {
        settle(stores);
        st = covey_manager_receive(&manager, now, &r, &a, &out);
    }
    oracle(st == COVEY_OK);
    expected += a.code == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    covey_reader r = covey_reader_of(covey_bytes_of(data, size));

    start();
    answers = 0;
    expected = 0;
    for (size_t n = 0; n < RECORDS && covey_read_left(&r) >= 3; n++) {
        const uint8_t what = covey_read_u8(&r);
        const uint8_t how = covey_read_u8(&r);
        size_t len = covey_read_u8(&r);
        covey_bytes payload;

        if (len > covey_read_left(&r)) {
            len = covey_read_left(&r);
        }
        payload = covey_read_bytes(&r, len);
        request(what >> 6,
                (what & 0x3f) % (sizeof requests / sizeof requests[0]),
                payload, (how & 1) == 0);
        now.mono += how & 0xf0;
        if ((how & 2) == 0) {
            settle((how & 4) == 0);
        }
    }
    settle(true);
    covey_manager_drop(&manager);
    crypto.key_drop(crypto.provider, &key);
    return 0;
}
