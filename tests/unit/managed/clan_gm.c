/* SPDX-License-Identifier: BSD-2-Clause */
#include "clan_gm.h"

#include <crypto/openssl/openssl.h>
#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <system_address.h>
#include <unistd.h>

static struct clan_gm the_clan;

/* --- the manager --------------------------------------------------------- */

static void put_hex(FILE *out, covey_bytes bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        fprintf(out, "%02x", bytes.ptr[i]);
    }
}

static void enrol(struct clan_gm *c)
{
    char path[128];
    char why[256] = "";
    (void)snprintf(path, sizeof path, "%s/gm.db", c->folder);
    const store_options options = { path, NULL, &c->crypto };
    store *s = store_open(&options, why, sizeof why);

    assert_non_null(s);
    for (unsigned i = 1; i < CLAN_NODES; i++) {
        store_enrolment e = fleet_enrolment(i, "g");
        assert_int_equal(store_enrol(s, &e), STORE_OK);
    }
    store_close(s);
}

static void write_config(const struct clan_gm *c, const char *more, FILE *out)
{
    uint8_t raw_bytes[32];
    uint8_t cred_bytes[FLEET_CRED];
    covey_writer raw = covey_writer_of(raw_bytes, sizeof raw_bytes);
    covey_writer cred = covey_writer_of(cred_bytes, sizeof cred_bytes);
    covey_key key;

    assert_true(fleet_identity(&c->crypto, 9999, &key, &raw, &cred));
    c->crypto.key_drop(c->crypto.provider, &key);
    fprintf(out,
            "listen: ['127.0.0.1:%u']\nstore: '%s/gm.db'\n"
            "groups: [{name: g}]\ncommit_window: 5\n%s"
            "identities: [{credential: '",
            (unsigned)c->address.port, c->folder, more);
    put_hex(out, covey_written(&cred));
    fprintf(out, "', private_key: '");
    put_hex(out, covey_written(&raw));
    fprintf(out, "'}]\n");
}

void clan_gm_start(struct clan_gm *c, const char *more)
{
    char path[128];
    FILE *out;

    (void)snprintf(path, sizeof path, "%s/gm.yaml", c->folder);
    out = fopen(path, "w");
    assert_non_null(out);
    assert_int_equal(chmod(path, 0600), 0);
    write_config(c, more, out);
    assert_int_equal(fclose(out), 0);
    c->config = gm_config_load(path, stderr);
    assert_non_null(c->config);
    c->gm = calloc(1, sizeof *c->gm);
    assert_non_null(c->gm);
    assert_true(gm_open(c->gm, c->config, &c->crypto, &c->log, c->loop));
    c->address = peer_local(c->gm->peers[0]);
}

void clan_gm_stop(struct clan_gm *c)
{
    if (c->gm != NULL) {
        gm_close(c->gm);
        free(c->gm);
        gm_config_free(c->config);
        c->gm = NULL;
    }
}

static covey_manager_group *row_of(const struct clan_gm *c)
{
    return &c->gm->tables.groups[0];
}

uint32_t clan_version(const struct clan_gm *c)
{
    return row_of(c)->version;
}

void clan_evict(struct clan_gm *c, unsigned number)
{
    const covey_time now = loop_now();

    CHECK_STATUS(COVEY_OK, covey_manager_evict(&c->gm->manager, now, SPAN("g"),
                                               c->node[number].member.node));
    gm_settle(c->gm, now);
}

/* --- nodes --------------------------------------------------------------- */

static covey_bytes keep_bytes(struct clan_node *n, size_t *at,
                              covey_bytes bytes)
{
    uint8_t *to = n->storage + *at;

    assert_true(*at + bytes.len <= sizeof n->storage);
    memcpy(to, bytes.ptr, bytes.len);
    *at += bytes.len;
    return covey_bytes_of(to, bytes.len);
}

struct clan_node *clan_node_of(struct clan_gm *c, unsigned number)
{
    struct clan_node *n = &c->node[number];
    const store_enrolment e = fleet_enrolment(number, "g");
    uint8_t raw_bytes[32];
    uint8_t cred_bytes[FLEET_CRED];
    covey_writer raw = covey_writer_of(raw_bytes, sizeof raw_bytes);
    covey_writer cred = covey_writer_of(cred_bytes, sizeof cred_bytes);
    covey_oscore_parameters *p = &n->context.parameters;
    covey_key key;
    size_t at = 0;

    memset(n, 0, sizeof *n);
    n->clan = c;
    n->number = number;
    p->aead = (int32_t)e.aead;
    p->hkdf = (int32_t)e.hkdf;
    p->master_secret = keep_bytes(n, &at, e.master_secret);
    p->sender_id = keep_bytes(n, &at, e.recipient_id);
    p->recipient_id = keep_bytes(n, &at, e.sender_id);
    assert_true(fleet_identity(&c->crypto, number, &key, &raw, &cred));
    c->crypto.key_drop(c->crypto.provider, &key);
    n->member.manager = c->address;
    n->member.group = SPAN("g");
    n->member.node = keep_bytes(n, &at, e.name);
    n->member.roles = COVEY_GROUP_REQUESTER | COVEY_GROUP_RESPONDER;
    n->member.association = &n->context;
    n->member.credential = keep_bytes(n, &at, covey_written(&cred));
    n->member.private_key = keep_bytes(n, &at, covey_written(&raw));
    n->member.curve = COVEY_ED25519;
    n->member.members = CLAN_NODES;
    n->member.windows_invalid = true;
    return n;
}

static bool keep_association(void *user, const covey_oscore_state *state)
{
    struct clan_node *n = user;

    n->number_of_association = state->ssn;
    return true;
}

static bool save(void *user, covey_bytes saved, covey_bytes sender_key)
{
    struct clan_node *n = user;

    n->saves++;
    assert_int_equal(sender_key.len, 16);
    if (n->fails) {
        return false;
    }
    memcpy(n->saved, saved.ptr, saved.len);
    n->saved_len = saved.len;
    n->ssn = 0;
    return true;
}

static void save_again(void *user, covey_bytes saved)
{
    struct clan_node *n = user;

    memcpy(n->saved, saved.ptr, saved.len);
    n->saved_len = saved.len;
}

static bool keep(void *user, uint64_t ssn)
{
    struct clan_node *n = user;

    assert_true(n->saved_len > 0);
    n->ssn = ssn;
    return !n->fails;
}

static void end(void *user)
{
    struct clan_node *n = user;

    n->saved_len = 0;
}

static void on_tale(void *user, const managed_tale *tale)
{
    struct clan_node *n = user;

    n->told[tale->news]++;
    n->code = tale->code;
}

void clan_node_start(struct clan_node *n, bool follows)
{
    const covey_bytes none = { NULL, 0 };
    const association_options a = {
        .context = &n->context,
        .crypto = &n->clan->crypto,
        .manager = n->clan->address,
        .state = { .ssn = n->number_of_association },
        .keep = keep_association,
        .user = n,
    };
    const managed_options m = {
        .context = &n->member,
        .crypto = &n->clan->crypto,
        .storage = { .saved = n->saved_len > 0
                                  ? covey_bytes_of(n->saved, n->saved_len)
                                  : none,
                     .ssn = n->ssn,
                     .save = save,
                     .save_again = save_again,
                     .keep = keep,
                     .end = end,
                     .user = n },
        .serves = true,
        .follows = follows,
        .message_max = 1280,
        .on = on_tale,
        .user = n,
    };
    managed_options options = m;
    char why[ASSOCIATION_ERROR_MAX];

    n->association = association_open(n->clan->loop, &a, why);
    assert_non_null(n->association);
    options.association = n->association;
    n->managed = managed_open(n->clan->loop, &options, why);
    assert_non_null(n->managed);
}

void clan_node_stop(struct clan_node *n)
{
    if (n->managed != NULL) {
        managed_close(n->managed);
        association_close(n->association);
        n->managed = NULL;
    }
}

/* --- running ------------------------------------------------------------- */

static void on_alarm(void *user)
{
    struct clan_gm *c = user;
    const covey_ms now = loop_now().mono;

    c->turns++;
    if (c->done != NULL ? c->done(c)
                        : now >= c->until && c->turns > CLAN_TURNS) {
        loop_stop(c->loop);
        return;
    }
    if (c->done != NULL && now >= c->until) {
        fail_msg("it takes too long");
    }
    loop_alarm_set(c->alarm, now + 2);
}

void clan_wait(struct clan_gm *c, bool (*done)(struct clan_gm *c))
{
    c->done = done;
    c->until = loop_now().mono + CLAN_WAIT;
    loop_alarm_set(c->alarm, 0);
    loop_run(c->loop);
}

void clan_run(struct clan_gm *c, covey_ms ms)
{
    c->done = NULL;
    c->until = loop_now().mono + ms;
    c->turns = 0;
    loop_alarm_set(c->alarm, 0);
    loop_run(c->loop);
}

bool clan_is_level(struct clan_gm *c)
{
    for (unsigned i = 1; i < CLAN_NODES; i++) {
        const managed *m = c->node[i].managed;
        if (m != NULL &&
            (covey_member_state_of(managed_member(m)) != COVEY_MEMBER_IN ||
             covey_member_version(managed_member(m)) != clan_version(c))) {
            return false;
        }
    }
    return true;
}

struct clan_gm *clan_gm_open(void)
{
    struct clan_gm *c = &the_clan;

    memset(c, 0, sizeof *c);
    memcpy(c->folder, "/tmp/covey-managed-XXXXXX", 26);
    assert_non_null(mkdtemp(c->folder));
    CHECK_STATUS(COVEY_OK, covey_openssl_open(&c->crypto));
    c->loop = loop_new();
    assert_non_null(c->loop);
    c->alarm = loop_alarm_new(c->loop, on_alarm, c);
    c->sink = fopen("/dev/null", "w");
    assert_non_null(c->sink);
    c->log = (log_sink){ .out = c->sink, .level = LOG_LEVEL_ERROR };
    assert_true(address_parse("127.0.0.1", 0, &c->address));
    enrol(c);
    return c;
}

void clan_gm_close(struct clan_gm *c)
{
    DIR *folder;
    const struct dirent *e;
    char path[400];

    for (unsigned i = 1; i < CLAN_NODES; i++) {
        clan_node_stop(&c->node[i]);
    }
    clan_gm_stop(c);
    loop_free(c->loop);
    covey_openssl_close(&c->crypto);
    (void)fclose(c->sink);
    folder = opendir(c->folder);
    while (folder != NULL && (e = readdir(folder)) != NULL) {
        (void)snprintf(path, sizeof path, "%s/%s", c->folder, e->d_name);
        (void)unlink(path);
    }
    if (folder != NULL) {
        (void)closedir(folder);
    }
    (void)rmdir(c->folder);
}
