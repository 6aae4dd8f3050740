/* SPDX-License-Identifier: BSD-2-Clause */
/* The one table of labels, maps that are read by it, and refusals. Numbers
 * that are suggested to IANA and not registered yet are marked; should they
 * change, they change here. */
#include "keying_internal.h"

#include <covey/coap.h>

#include <string.h>

enum type {
    T_INT = 1,
    T_UINT,
    T_BOOL,
    T_BYTES,
    T_TEXT,
    T_ARRAY,
    T_MAP,
    T_ANY,
    /* null is taken, too, and then there is no value */
    T_OPTIONAL = 0x80
};

#define YES true
#define NO  false

/* clang-format off */

/* RFC 9594 Section 8; 21 and 31 to 34 the profile. */
static const covey_keying_label groupcomm[] = {
    { "gid",                0, COVEY_GC_GID,                T_ARRAY, NO },
    { "gname",              1, COVEY_GC_GNAME,              T_ARRAY, NO },
    { "guri",               2, COVEY_GC_GURI,               T_ARRAY, NO },
    { "scope",              3, COVEY_GC_SCOPE,              T_BYTES, NO },
    { "get_creds",          4, COVEY_GC_GET_CREDS,          T_ANY,   NO },
    { "client_cred",        5, COVEY_GC_CLIENT_CRED,        T_BYTES, NO },
    { "cnonce",             6, COVEY_GC_CNONCE,             T_BYTES, NO },
    { "gkty",               7, COVEY_GC_GKTY,               T_INT,   NO },
    { "key",                8, COVEY_GC_KEY,                T_MAP,   NO },
    { "num",                9, COVEY_GC_NUM,                T_UINT,  NO },
    { "ace_groupcomm_profile", 10, COVEY_GC_PROFILE,        T_INT,   NO },
    { "exp",               11, COVEY_GC_EXP,                T_UINT,  NO },
    { "exi",               12, COVEY_GC_EXI,                T_UINT,  NO },
    { "creds",             13, COVEY_GC_CREDS,              T_ARRAY, NO },
    { "peer_roles",        14, COVEY_GC_PEER_ROLES,         T_ARRAY, NO },
    { "peer_identifiers",  15, COVEY_GC_PEER_IDENTIFIERS,   T_ARRAY, NO },
    { "group_policies",    16, COVEY_GC_POLICIES,           T_MAP,   NO },
    { "kdc_cred",          17, COVEY_GC_KDC_CRED,           T_BYTES, NO },
    { "kdc_nonce",         18, COVEY_GC_KDC_NONCE,          T_BYTES, NO },
    { "kdc_cred_verify",   19, COVEY_GC_KDC_CRED_VERIFY,    T_BYTES, NO },
    { "group_rekeying",    20, COVEY_GC_REKEYING,           T_INT,   NO },
    { "group_senderId",    21, COVEY_GC_SENDER_ID,          T_BYTES, YES },
    { "client_cred_verify", 24, COVEY_GC_CLIENT_CRED_VERIFY, T_BYTES, NO },
    { "creds_repo",        25, COVEY_GC_CREDS_REPO,         T_TEXT,  NO },
    { "control_uri",       26, COVEY_GC_CONTROL_URI,        T_TEXT,  NO },
    { "mgt_key_material",  27, COVEY_GC_MGT_KEY_MATERIAL,   T_BYTES, NO },
    { "control_group_uri", 28, COVEY_GC_CONTROL_GROUP_URI,  T_TEXT,  NO },
    { "sign_info",         29, COVEY_GC_SIGN_INFO,          T_ARRAY, NO },
    { "kdcchallenge",      30, COVEY_GC_KDCCHALLENGE,       T_BYTES, NO },
    { "ecdh_info",         31, COVEY_GC_ECDH_INFO,          T_ARRAY, YES },
    { "kdc_dh_creds",      32, COVEY_GC_KDC_DH_CREDS,       T_ARRAY, YES },
    { "sign_enc_key",      33, COVEY_GC_SIGN_ENC_KEY,       T_BYTES, YES },
    { "stale_node_ids",    34, COVEY_GC_STALE_NODE_IDS,     T_ARRAY, YES },
    /* private use: below -65536 */
    { "covey_numbers", -65800, COVEY_GC_NUMBERS,            T_ARRAY, NO },
};

/* RFC 9203 Section 3.2.1; from 7 on the profile. */
static const covey_keying_label key[] = {
    { "id",              0, COVEY_KEY_ID,          T_BYTES, NO },
    { "version",         1, COVEY_KEY_VERSION,     T_UINT,  NO },
    { "ms",              2, COVEY_KEY_MS,          T_BYTES, NO },
    { "hkdf",            3, COVEY_KEY_HKDF,        T_INT,   NO },
    { "alg",             4, COVEY_KEY_ALG,         T_INT,   NO },
    { "salt",            5, COVEY_KEY_SALT,        T_BYTES, NO },
    { "contextId",       6, COVEY_KEY_CONTEXT_ID,  T_BYTES, NO },
    { "group_SenderId",  7, COVEY_KEY_SENDER_ID,   T_BYTES, YES },
    { "cred_fmt",        8, COVEY_KEY_CRED_FMT,    T_INT,   YES },
    { "gp_enc_alg",      9, COVEY_KEY_GP_ENC_ALG,  T_INT,   YES },
    { "sign_alg",       10, COVEY_KEY_SIGN_ALG,    T_INT,   YES },
    { "sign_params",    11, COVEY_KEY_SIGN_PARAMS, T_ARRAY, YES },
    { "ecdh_alg",       12, COVEY_KEY_ECDH_ALG,    T_INT,   YES },
    { "ecdh_params",    13, COVEY_KEY_ECDH_PARAMS, T_ARRAY, YES },
};

/* RFC 9594 Section 4.3.1. */
static const covey_keying_label policies[] = {
    { "Sequence Number Synchronization Method", 0, COVEY_POLICY_SYNC,
      T_INT, NO },
    { "Key Update Check Interval", 1, COVEY_POLICY_CHECK_INTERVAL,
      T_UINT, YES },
    { "Expiration Delta", 2, COVEY_POLICY_EXPIRATION_DELTA, T_UINT, YES },
};

/* The admin draft; numbers without sign are those of RFC 9594. */
static const covey_keying_label config[] = {
    { "ace_groupcomm_profile", 10, COVEY_CONF_PROFILE,       T_INT,   NO },
    { "exp",                11, COVEY_CONF_EXP,              T_UINT,  NO },
    { "group_policies",     16, COVEY_CONF_POLICIES,         T_MAP,   NO },
    { "hkdf",               -1, COVEY_CONF_HKDF,             T_INT,   YES },
    { "cred_fmt",           -2, COVEY_CONF_CRED_FMT,         T_INT,   YES },
    { "group_mode",         -3, COVEY_CONF_GROUP_MODE,       T_BOOL,  YES },
    { "gp_enc_alg",         -4, COVEY_CONF_GP_ENC_ALG,
      T_INT | T_OPTIONAL, YES },
    { "sign_alg",           -5, COVEY_CONF_SIGN_ALG,
      T_INT | T_OPTIONAL, YES },
    { "sign_params",        -6, COVEY_CONF_SIGN_PARAMS,
      T_ARRAY | T_OPTIONAL, YES },
    { "pairwise_mode",      -7, COVEY_CONF_PAIRWISE_MODE,    T_BOOL,  YES },
    { "alg",                -8, COVEY_CONF_ALG,
      T_INT | T_OPTIONAL, YES },
    { "ecdh_alg",           -9, COVEY_CONF_ECDH_ALG,
      T_INT | T_OPTIONAL, YES },
    { "ecdh_params",       -10, COVEY_CONF_ECDH_PARAMS,
      T_ARRAY | T_OPTIONAL, YES },
    { "rt",                -11, COVEY_CONF_RT,               T_TEXT,  YES },
    { "active",            -12, COVEY_CONF_ACTIVE,           T_BOOL,  YES },
    { "group_name",        -13, COVEY_CONF_GROUP_NAME,       T_TEXT,  YES },
    { "group_description", -14, COVEY_CONF_DESCRIPTION,
      T_TEXT | T_OPTIONAL, YES },
    { "max_stale_sets",    -15, COVEY_CONF_MAX_STALE_SETS,   T_UINT,  YES },
    { "gid_reuse",         -16, COVEY_CONF_GID_REUSE,        T_BOOL,  YES },
    { "app_groups",        -17, COVEY_CONF_APP_GROUPS,       T_ARRAY, YES },
    { "joining_uri",       -18, COVEY_CONF_JOINING_URI,      T_TEXT,  YES },
    { "as_uri",            -19, COVEY_CONF_AS_URI,
      T_TEXT | T_OPTIONAL, YES },
    { "det_req",           -25, COVEY_CONF_DET_REQ,          T_BOOL,  YES },
    { "det_hash_alg",      -26, COVEY_CONF_DET_HASH_ALG,
      T_INT | T_OPTIONAL, YES },
    { "conf_filter",       -27, COVEY_CONF_FILTER,           T_ARRAY, YES },
    { "app_groups_diff",   -28, COVEY_CONF_APP_GROUPS_DIFF,  T_ARRAY, YES },
};
/* clang-format on */

#define ROWS(table) (sizeof(table) / sizeof(table)[0])

const covey_keying_label *covey_keying_labels(covey_keying_map map,
                                              size_t *count)
{
    static const struct {
        const covey_keying_label *rows;
        size_t count;
    } maps[] = {
        [COVEY_KEYING_GROUPCOMM] = { groupcomm, ROWS(groupcomm) },
        [COVEY_KEYING_KEY] = { key, ROWS(key) },
        [COVEY_KEYING_POLICIES] = { policies, ROWS(policies) },
        [COVEY_KEYING_CONFIG] = { config, ROWS(config) },
    };

    *count = maps[map].count;
    return maps[map].rows;
}

/* NULL: a label that this map does not have. */
static const covey_keying_label *find(covey_keying_map map, int64_t label)
{
    size_t count;
    const covey_keying_label *rows = covey_keying_labels(map, &count);

    for (size_t i = 0; i < count; i++) {
        if (rows[i].label == label) {
            return &rows[i];
        }
    }
    return NULL;
}

void covey_keying_put_label(covey_writer *w, covey_keying_map map,
                            unsigned place)
{
    size_t count;
    const covey_keying_label *rows = covey_keying_labels(map, &count);

    for (size_t i = 0; i < count; i++) {
        if (rows[i].place == place) {
            covey_cbor_put_int(w, rows[i].label);
        }
    }
}

static covey_bytes get_item_of(covey_cbor_reader *r, bool right)
{
    if (!right) {
        covey_cbor_fail(r, COVEY_E_FORMAT);
    }
    return covey_cbor_get_item(r);
}

/* A value of the type that its label has. */
static covey_bytes get_value(covey_cbor_reader *r, uint8_t type)
{
    const covey_cbor_type next = covey_cbor_peek(r);

    if ((type & T_OPTIONAL) != 0 && covey_cbor_at_null(r)) {
        covey_cbor_get_null(r);
        return covey_bytes_of(NULL, 0);
    }
    switch ((enum type)(type & ~T_OPTIONAL)) {
    case T_BYTES:
        return covey_cbor_get_bytes(r);
    case T_TEXT:
        return covey_cbor_get_text(r);
    case T_INT:
        return get_item_of(r,
                           next == COVEY_CBOR_UINT || next == COVEY_CBOR_NINT);
    case T_UINT:
        return get_item_of(r, next == COVEY_CBOR_UINT);
    case T_BOOL: {
        const size_t start = r->in.pos;
        (void)covey_cbor_get_bool(r);
        return covey_bytes_of(r->in.base + start, r->in.pos - start);
    }
    case T_ARRAY:
        return get_item_of(r, next == COVEY_CBOR_ARRAY);
    case T_MAP:
        return get_item_of(r, next == COVEY_CBOR_MAP);
    case T_ANY:
    case T_OPTIONAL:
        break;
    }
    return covey_cbor_get_item(r);
}

static void get_entry(covey_cbor_reader *r, covey_keying_map map,
                      covey_bytes *values, uint64_t *seen)
{
    const covey_keying_label *row;
    covey_cbor_type next = covey_cbor_peek(r);

    if (next != COVEY_CBOR_UINT && next != COVEY_CBOR_NINT) {
        covey_cbor_skip(r); /* a label that is text, or odd */
        covey_cbor_skip(r);
        return;
    }
    row = find(map, covey_cbor_get_int(r));
    if (row == NULL) {
        covey_cbor_skip(r);
        return;
    }
    if ((*seen & (uint64_t)1 << row->place) != 0) {
        covey_cbor_fail(r, COVEY_E_FORMAT);
        return;
    }
    *seen |= (uint64_t)1 << row->place;
    values[row->place] = get_value(r, row->type);
}

covey_status covey_keying_parse(covey_bytes *values, covey_keying_map map,
                                covey_bytes cbor)
{
    covey_cbor_reader r = covey__keying_reader(cbor);
    uint64_t seen = 0;
    covey_status st;

    memset(values, 0, COVEY_KEYING_VALUES * sizeof *values);
    for (size_t n = covey_cbor_get_map(&r); covey_cbor_more(&r, &n);) {
        get_entry(&r, map, values, &seen);
    }
    st = covey_cbor_finish(&r);
    if (st != COVEY_OK) {
        memset(values, 0, COVEY_KEYING_VALUES * sizeof *values);
    }
    return st;
}

covey_status covey_keying_int(covey_bytes value, int64_t min, int64_t max,
                              int64_t *out)
{
    covey_cbor_reader r = covey__keying_reader(value);
    const int64_t n = covey_cbor_get_int(&r);

    if (!covey_cbor_done(&r) || n < min || n > max) {
        return COVEY_E_RANGE;
    }
    *out = n;
    return COVEY_OK;
}

bool covey_keying_bool(covey_bytes value)
{
    covey_cbor_reader r = covey__keying_reader(value);

    return covey_cbor_get_bool(&r);
}

size_t covey__keying_array(covey_cbor_reader *r)
{
    const size_t count = covey_cbor_get_array(r);

    if (count == COVEY_CBOR_INDEFINITE) {
        covey_cbor_fail(r, COVEY_E_FORMAT);
        return 0;
    }
    return count;
}

int32_t covey__keying_int32(covey_cbor_reader *r)
{
    const int64_t n = covey_cbor_get_int(r);

    if (n < INT32_MIN || n > INT32_MAX) {
        covey_cbor_fail(r, COVEY_E_UNSUPPORTED);
        return 0;
    }
    return (int32_t)n;
}

/* --- refusals ------------------------------------------------------------ */

/* Keys of problem details: RFC 9290 Section 2, RFC 9594 Section 4.1.2. */
enum {
    PROBLEM_TITLE = -1,
    PROBLEM_GROUPCOMM = 0,
    GROUPCOMM_ERROR = 0
};

static const struct {
    uint8_t code;
    const char *text;
} errors[] = {
    [COVEY_KEYING_NOT_A_MEMBER] = { COVEY_COAP_CODE(4, 3),
                                    "only for group members" },
    [COVEY_KEYING_BAD_ROLES] = { COVEY_COAP_CODE(4, 0),
                                 "not consistent with the roles" },
    [COVEY_KEYING_BAD_CREDENTIAL] = { COVEY_COAP_CODE(4, 0),
                                      "credential does not fit the group" },
    [COVEY_KEYING_BAD_PROOF] = { COVEY_COAP_CODE(4, 0),
                                 "no valid proof of possession" },
    [COVEY_KEYING_NO_SENDER_ID] = { COVEY_COAP_CODE(5, 3),
                                    "no Sender ID is left" },
    [COVEY_KEYING_TERMINATED] = { COVEY_COAP_CODE(4, 4),
                                  "membership has ended" },
    [COVEY_KEYING_DELETED] = { COVEY_COAP_CODE(4, 4), "group is deleted" },
    [COVEY_KEYING_NO_SIGNATURES] = { COVEY_COAP_CODE(4, 0),
                                     "group does not use signatures" },
    [COVEY_KEYING_VERIFIERS_ONLY] = { COVEY_COAP_CODE(4, 3),
                                      "only for signature verifiers" },
    [COVEY_KEYING_NOT_ACTIVE] = { COVEY_COAP_CODE(5, 3),
                                  "group is not active" },
    [COVEY_KEYING_ACTIVE] = { COVEY_COAP_CODE(4, 0), "group is active" },
    [COVEY_KEYING_NO_NAME] = { COVEY_COAP_CODE(5, 3),
                               "no name for the group" },
    [COVEY_KEYING_BAD_CONFIG] = { COVEY_COAP_CODE(5, 3),
                                  "configuration is not supported" },
};

_Static_assert(sizeof errors / sizeof errors[0] == COVEY_KEYING_ERRORS,
               "every error has its code and text");

uint8_t covey_keying_error_code(covey_keying_error error)
{
    return errors[error].code;
}

const char *covey_keying_error_text(covey_keying_error error)
{
    return errors[error].text;
}

const char *covey_keying_code_text(uint8_t code)
{
    static const struct {
        uint8_t code;
        const char *text;
    } texts[] = {
        { COVEY_COAP_CODE(4, 0), "it is malformed" },
        { COVEY_COAP_CODE(4, 1), "it came under no association" },
        { COVEY_COAP_CODE(4, 3), "the scope of the node does not allow it" },
        { COVEY_COAP_CODE(4, 4), "there is no such resource" },
        { COVEY_COAP_CODE(4, 5), "the resource has not this method" },
        { COVEY_COAP_CODE(4, 8), "the blocks are not one after the other" },
        { COVEY_COAP_CODE(4, 9), "it does not go with the members there are" },
        { COVEY_COAP_CODE(4, 13), "it is too long" },
        { COVEY_COAP_CODE(4, 15), "it has another Content-Format" },
        { COVEY_COAP_CODE(5, 0), "the answer is too long" },
        { COVEY_COAP_CODE(5, 3), "it cannot be done now" },
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (texts[i].code == code) {
            return texts[i].text;
        }
    }
    return "it cannot be done";
}

void covey_keying_put_title(covey_writer *w, const char *title)
{
    covey_cbor_put_map(w, 1);
    covey_cbor_put_int(w, PROBLEM_TITLE);
    covey_cbor_put_text(w, covey_bytes_text(title));
}

void covey_keying_put_problem(covey_writer *w, covey_keying_error error)
{
    covey_cbor_put_map(w, 2);
    covey_cbor_put_int(w, PROBLEM_GROUPCOMM);
    covey_cbor_put_map(w, 1);
    covey_cbor_put_int(w, GROUPCOMM_ERROR);
    covey_cbor_put_int(w, error);
    covey_cbor_put_int(w, PROBLEM_TITLE);
    covey_cbor_put_text(w, covey_bytes_text(errors[error].text));
}

/* The value of an integer label in a map; absent if it is not there. */
static covey_bytes value_of(covey_bytes map, int64_t wanted,
                            covey_status *failed)
{
    covey_cbor_reader r = covey__keying_reader(map);
    covey_bytes found = { NULL, 0 };

    for (size_t n = covey_cbor_get_map(&r); covey_cbor_more(&r, &n);) {
        const covey_cbor_type next = covey_cbor_peek(&r);
        const bool labelled =
            next == COVEY_CBOR_UINT || next == COVEY_CBOR_NINT;
        bool right = false;

        if (labelled) {
            right = covey_cbor_get_int(&r) == wanted;
        } else {
            covey_cbor_skip(&r);
        }
        if (right) {
            found = covey_cbor_get_item(&r);
        } else {
            covey_cbor_skip(&r);
        }
    }
    *failed = covey_cbor_finish(&r);
    return found;
}

covey_bytes covey_keying_problem_title(covey_bytes cbor)
{
    covey_status st;
    const covey_bytes item = value_of(cbor, PROBLEM_TITLE, &st);
    covey_cbor_reader r = covey__keying_reader(item);
    const covey_bytes title = covey_cbor_get_text(&r);

    return st == COVEY_OK && covey_cbor_done(&r) ? title
                                                 : covey_bytes_of(NULL, 0);
}

covey_status covey_keying_problem_parse(covey_keying_error *out,
                                        covey_bytes cbor)
{
    int64_t error = 0;
    covey_status st;
    covey_bytes entry = value_of(cbor, PROBLEM_GROUPCOMM, &st);

    if (st == COVEY_OK) {
        entry = value_of(entry, GROUPCOMM_ERROR, &st);
        st = entry.ptr == NULL
                 ? COVEY_E_RANGE
                 : covey_keying_int(entry, 0, COVEY_KEYING_ERRORS - 1, &error);
    }
    if (st == COVEY_OK) {
        *out = (covey_keying_error)error;
    }
    return st;
}
