/* SPDX-License-Identifier: BSD-2-Clause */
/* From files to rows. Keys of covey-context(5) that nothing is asked of are
 * known and passed over; secrets are hashed and wiped with the file. */
#include "lint_group.h"

#include <covey/cbor.h>
#include <covey/cose.h>
#include <covey/x509.h>

#include <stdlib.h>
#include <string.h>
#include <text.h>

#define MANUAL   "covey-audit-lint(1)"
#define COUNT(a) (sizeof(a) / sizeof(a)[0])

enum {
    CLAIM_EXP = 4, /* RFC 8392 Section 4 */
    CREDENTIAL_MAX = 4096,
    ALGORITHM_MAX = 47
};

/* What is read of one file. */
struct reading {
    lint *l;
    group_rows *all;
    conf_reader c;
};

static struct reading *reading_of(conf_reader *c)
{
    return (struct reading *)(void *)((char *)c - offsetof(struct reading, c));
}

const char *lint_id_text(covey_bytes id, char out[LINT_ID_TEXT])
{
    const size_t most = (LINT_ID_TEXT - 1) / 2;

    if (id.len == 0) {
        return "(empty)";
    }
    return text_hex(covey_bytes_of(id.ptr, id.len < most ? id.len : most),
                    out);
}

/* --- credentials --------------------------------------------------------- */

/* The claim of a map that says when it ends. */
static int64_t end_of_claims(covey_bytes map)
{
    covey_cbor_reader r = covey_cbor_reader_of(map, COVEY_CBOR_WELL_FORMED);
    int64_t end = LINT_NO_END;

    for (size_t n = covey_cbor_get_map(&r); covey_cbor_more(&r, &n);) {
        const covey_cbor_type type = covey_cbor_peek(&r);
        const bool number = type == COVEY_CBOR_UINT || type == COVEY_CBOR_NINT;
        if (!number) {
            covey_cbor_skip(&r);
            covey_cbor_skip(&r);
        } else if (covey_cbor_get_int(&r) == CLAIM_EXP &&
                   covey_cbor_peek(&r) == COVEY_CBOR_UINT) {
            end = covey_cbor_get_int(&r);
        } else {
            covey_cbor_skip(&r);
        }
    }
    return covey_cbor_done(&r) ? end : LINT_NO_END;
}

/* The third of the four items of a CWT. */
static covey_bytes payload_of(covey_bytes cwt)
{
    covey_cbor_reader r = covey_cbor_reader_of(cwt, COVEY_CBOR_WELL_FORMED);

    covey_cbor_get_array(&r);
    covey_cbor_skip(&r);
    covey_cbor_skip(&r);
    return covey_cbor_get_bytes(&r);
}

/* When a credential ends: CCS, CWT and X.509; LINT_NO_END: never, or it does
 * not say so. */
static int64_t end_of(covey_bytes credential)
{
    covey_x509_view view;

    switch (covey_cose_credential_kind_of(credential)) {
    case COVEY_CREDENTIAL_CCS:
        return end_of_claims(credential);
    case COVEY_CREDENTIAL_CWT:
        return end_of_claims(payload_of(credential));
    case COVEY_CREDENTIAL_X509:
        return covey_x509_view_of(credential, &view) == COVEY_OK
                   ? view.valid_until
                   : LINT_NO_END;
    case COVEY_CREDENTIAL_C509:
    case COVEY_CREDENTIAL_UNKNOWN:
        break;
    }
    return LINT_NO_END;
}

/* Two encodings of one key are one key. */
static bool digest_key(struct reading *r, covey_bytes credential,
                       char out[LINT_DIGEST])
{
    covey_cose_key key;
    const bool known = covey_cose_credential_key(&key, credential) == COVEY_OK;

    if (!audit_digest(&r->l->crypto, known ? key.x : credential, out)) {
        r->l->failed = true;
        return false;
    }
    return true;
}

/* --- rows ---------------------------------------------------------------- */

static group_row *add_group(struct reading *r)
{
    group_rows *all = r->all;

    if (all->groups == NULL) {
        all->groups = calloc(LINT_ROWS_MAX, sizeof *all->groups);
    }
    if (all->groups == NULL || all->group_count == LINT_ROWS_MAX) {
        r->l->failed = true;
        return NULL;
    }
    group_row *g = &all->groups[all->group_count];
    g->file = r->l->file;
    g->end = LINT_NO_END;
    return g;
}

static member_row *add_member(struct reading *r, covey_bytes gid)
{
    group_rows *all = r->all;

    if (all->members == NULL) {
        all->members = calloc(LINT_ROWS_MAX, sizeof *all->members);
    }
    if (all->members == NULL || all->member_count == LINT_ROWS_MAX) {
        r->l->failed = true;
        return NULL;
    }
    member_row *m = &all->members[all->member_count++];
    m->file = r->l->file;
    m->gid = gid;
    m->end = LINT_NO_END;
    return m;
}

/* --- members ------------------------------------------------------------- */

static const conf_wanted id_wanted = { 0, 32, false, MANUAL };
static const conf_wanted credential_wanted = { 1, CREDENTIAL_MAX, false,
                                               MANUAL };
static const conf_wanted hash_wanted = { 32, 32, false, MANUAL };

/* The group that is being read is the last one. */
static bool read_member(conf_reader *c, const conf_value *item)
{
    static const char *const words[] = {
        "id",     "credential", "credential_sha256", "public_key", "roles",
        "number", "name"
    };
    static const conf_names names = { words, COUNT(words), "a member" };
    struct reading *r = reading_of(c);
    conf_value v[COUNT(words)] = { { NULL, NULL } };
    covey_bytes bytes = { 0 };

    if (!conf_keys(c, item, &names, v) ||
        !conf_required(c, item, &v[0], words[0], MANUAL)) {
        return false;
    }
    member_row *m = add_member(r, r->all->groups[r->all->group_count].gid);
    if (m == NULL) {
        return false;
    }
    m->line = conf_line(&v[0]);
    conf_bytes(c, &v[0], &id_wanted, &m->id);
    if (conf_bytes(c, &v[1], &credential_wanted, &bytes)) {
        m->end = end_of(bytes);
        return digest_key(r, bytes, m->key);
    }
    if (conf_bytes(c, &v[2], &hash_wanted, &bytes)) {
        text_hex(bytes, m->key);
    }
    return true;
}

static void read_members(conf_reader *c, const conf_value *list)
{
    conf_value item;
    void *at = NULL;

    if (!conf_is_missing(list) && !conf_is_list(list)) {
        conf_error(c, list, MANUAL, "expected a list");
        return;
    }
    while (conf_next(list, &at, &item)) {
        read_member(c, &item);
    }
}

/* --- groups -------------------------------------------------------------- */

enum {
    K_TYPE,
    K_GID,
    K_ENCRYPTION,
    K_SIGNATURE,
    K_SECRET,
    K_SECRET_HASH,
    K_SENDER_ID,
    K_CREDENTIAL,
    K_MEMBERS,
    K_NAME,
    K_VERSION,
    K_EXPIRES,
    K_PASSED_OVER
};

static const char *const group_words[] = {
    "type", "gid", "group_encryption", "signature", "master_secret",
    "master_secret_sha256", "sender_id", "credential", "members", "name",
    "version", "expires",
    /* nothing is asked of these */
    "aead", "pairwise_agreement", "hkdf", "curve", "master_salt",
    "signature_encryption_key", "gm_credential", "private_key",
    "sequence_number", "replay_window", "replay_windows", "late_joining",
    "kid", "member_directory", "anchors"
};
static const conf_names group_names = { group_words, COUNT(group_words),
                                        "a group" };

static void read_algorithm(conf_reader *c, const conf_value *v, char *out)
{
    static const conf_wanted wanted = { 1, ALGORITHM_MAX, false, MANUAL };
    const char *text = NULL;
    size_t len = 0;

    if (conf_text(c, v, &wanted, &text, &len)) {
        memcpy(out, text, len);
        out[len] = '\0';
    }
}

static void read_secret(struct reading *r, const conf_value *v, group_row *g)
{
    static const conf_wanted wanted = { 1, 1024, true, MANUAL };
    covey_bytes bytes = { 0 };

    if (conf_bytes(&r->c, &v[K_SECRET], &wanted, &bytes)) {
        r->l->failed =
            !audit_digest(&r->l->crypto, bytes, g->secret) || r->l->failed;
    } else if (conf_bytes(&r->c, &v[K_SECRET_HASH], &hash_wanted, &bytes)) {
        text_hex(bytes, g->secret);
    }
}

static void read_epoch(conf_reader *c, const conf_value *v, group_row *g)
{
    static const conf_wanted name = { 1, 40, false, MANUAL };
    static const conf_wanted end = { 1, TEXT_TIME_MAX, false, MANUAL };
    const char *text = NULL;
    size_t len = 0;
    uint64_t version = 0;

    if (conf_text(c, &v[K_NAME], &name, &text, &len) &&
        conf_number(c, &v[K_VERSION], 0, UINT32_MAX, MANUAL, &version)) {
        snprintf(g->epoch, sizeof g->epoch, "%s %lu", text,
                 (unsigned long)version);
    }
    if (conf_text(c, &v[K_EXPIRES], &end, &text, &len) &&
        !text_time_read(text, len, &g->end)) {
        conf_error(c, &v[K_EXPIRES], MANUAL,
                   "expected a time such as 2026-11-29T12:00:00Z");
    }
}

/* The member whose context it is. */
static void read_own(struct reading *r, const conf_value *v, covey_bytes gid)
{
    covey_bytes credential = { 0 };
    member_row *m = v[K_SENDER_ID].key != NULL ? add_member(r, gid) : NULL;

    if (m == NULL) {
        return;
    }
    m->line = conf_line(&v[K_SENDER_ID]);
    conf_bytes(&r->c, &v[K_SENDER_ID], &id_wanted, &m->id);
    if (conf_bytes(&r->c, &v[K_CREDENTIAL], &credential_wanted, &credential)) {
        m->end = end_of(credential);
        digest_key(r, credential, m->key);
    }
}

static void read_group(struct reading *r, const conf_value *item)
{
    static const conf_wanted gid = { 0, 255, false, MANUAL };
    conf_value v[COUNT(group_words)] = { { NULL, NULL } };
    conf_reader *c = &r->c;

    if (!conf_keys(c, item, &group_names, v) ||
        !conf_required(c, item, &v[K_GID], group_words[K_GID], MANUAL)) {
        return;
    }
    group_row *g = add_group(r);
    if (g == NULL) {
        return;
    }
    g->line = conf_line(&v[K_GID]);
    conf_bytes(c, &v[K_GID], &gid, &g->gid);
    read_algorithm(c, &v[K_ENCRYPTION], g->encryption);
    read_algorithm(c, &v[K_SIGNATURE], g->signature);
    read_secret(r, v, g);
    read_epoch(c, v, g);
    read_own(r, v, g->gid);
    read_members(c, &v[K_MEMBERS]);
    r->all->group_count++;
}

/* A list of groups, or one group, as a context is. */
static void read_root(void *user, const conf_value *root)
{
    static const char *const words[] = { "groups" };
    static const conf_names names = { words, 1, "a list of groups" };
    struct reading *r = user;
    conf_value v = { NULL, NULL };
    conf_value item;
    void *at = NULL;
    bool one = false;

    while (conf_next(root, &at, &item)) {
        const conf_value key = { NULL, item.key };
        size_t len = 0;
        const char *text =
            item.key != NULL ? conf_scalar(&r->c, &key, &len, "a key") : "";
        one = one || (len == 3 && memcmp(text, "gid", 3) == 0);
    }
    if (one) {
        read_group(r, root);
        return;
    }
    if (!conf_keys(&r->c, root, &names, &v) ||
        !conf_required(&r->c, root, &v, words[0], MANUAL)) {
        return;
    }
    for (at = NULL; conf_next(&v, &at, &item);) {
        read_group(r, &item);
    }
}

bool lint_group_read(lint *l, group_rows *all)
{
    struct reading r = { .l = l,
                         .all = all,
                         .c = { .messages = stderr,
                                .manual = MANUAL,
                                .what = "a group",
                                .memory = &all->memory } };

    /* values in other files are not there in memory */
    return strcmp(l->file, "-") == 0
               ? conf_load_text(&r.c, l->text, l->text_len, l->file, read_root,
                                &r)
               : conf_load(&r.c, l->file, read_root, &r);
}

void lint_group_free(group_rows *all)
{
    conf_free(&all->memory);
    free(all->groups);
    free(all->members);
}
