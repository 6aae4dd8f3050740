/* SPDX-License-Identifier: BSD-2-Clause */
/* What members of a group and its Group Manager say to each other: RFC 9594
 * with the profile for Group OSCORE (draft-ietf-ace-key-groupcomm-oscore, "the
 * profile"), and how groups are administered (draft-ietf-ace-oscore-gm-admin,
 * "the admin draft"). CBOR only, both directions: nothing is decided here.
 *
 * Maps are read whole by one table of labels: each value becomes a span at
 * the place of its label. Unknown labels are passed over. Spans in results
 * point into what was parsed. What is written is deterministic. Writers keep
 * the first failure. */
#ifndef COVEY_KEYING_H
#define COVEY_KEYING_H

#include <covey/bytes.h>
#include <covey/cbor.h>
#include <covey/cose.h>

enum {
    /* Content-Formats of the IANA registry (RFC 9594, RFC 7252, RFC 9290). */
    COVEY_KEYING_FORMAT = 261,        /* application/ace-groupcomm+cbor */
    COVEY_KEYING_FORMAT_CBOR = 60,    /* application/cbor */
    COVEY_KEYING_FORMAT_LINKS = 40,   /* application/link-format */
    COVEY_KEYING_FORMAT_PROBLEM = 257 /* concise-problem-details+cbor */
};

enum {
    COVEY_KEYING_GKTY = 1,      /* Group_OSCORE_Input_Material; suggested */
    COVEY_KEYING_PROFILE = 1,   /* coap_group_oscore_app; suggested */
    COVEY_KEYING_TO_EACH = 0,   /* rekeying scheme: point-to-point */
    COVEY_KEYING_KCCS = 14,     /* cred_fmt: CWT Claims Sets */
    COVEY_KEYING_MAC_LEN = 8,   /* evidence in groups without signatures */
    COVEY_KEYING_NONCE_MAX = 32 /* N_S, N_C and N_KDC that are taken */
};

/* Roles in a scope (Tperm): bits, as COVEY_GROUP_*. */
enum {
    COVEY_KEYING_REQUESTER = 1u << 1,
    COVEY_KEYING_RESPONDER = 1u << 2,
    COVEY_KEYING_MONITOR = 1u << 3,
    COVEY_KEYING_VERIFIER = 1u << 4,
    COVEY_KEYING_ROLES = 0x1e,
    /* Tperm of administrators: the lowest bit tells it from roles. */
    COVEY_KEYING_ADMIN = 1u << 0,
    COVEY_KEYING_LIST = 1u << 1,
    COVEY_KEYING_CREATE = 1u << 2,
    COVEY_KEYING_READ = 1u << 3,
    COVEY_KEYING_WRITE = 1u << 4,
    COVEY_KEYING_DELETE = 1u << 5
};

/* --- labels.c: the one table of labels ----------------------------------- */

typedef enum covey_keying_map {
    COVEY_KEYING_GROUPCOMM, /* ACE Groupcomm Parameters */
    COVEY_KEYING_KEY,       /* the value of `key` */
    COVEY_KEYING_POLICIES,  /* the value of `group_policies` */
    COVEY_KEYING_CONFIG     /* the admin draft's group configuration */
} covey_keying_map;

/* Places of ACE Groupcomm Parameters; up to 34 they are the labels. */
enum {
    COVEY_GC_GID = 0,
    COVEY_GC_GNAME = 1,
    COVEY_GC_GURI = 2,
    COVEY_GC_SCOPE = 3,
    COVEY_GC_GET_CREDS = 4,
    COVEY_GC_CLIENT_CRED = 5,
    COVEY_GC_CNONCE = 6,
    COVEY_GC_GKTY = 7,
    COVEY_GC_KEY = 8,
    COVEY_GC_NUM = 9,
    COVEY_GC_PROFILE = 10,
    COVEY_GC_EXP = 11,
    COVEY_GC_EXI = 12,
    COVEY_GC_CREDS = 13,
    COVEY_GC_PEER_ROLES = 14,
    COVEY_GC_PEER_IDENTIFIERS = 15,
    COVEY_GC_POLICIES = 16,
    COVEY_GC_KDC_CRED = 17,
    COVEY_GC_KDC_NONCE = 18,
    COVEY_GC_KDC_CRED_VERIFY = 19,
    COVEY_GC_REKEYING = 20,
    COVEY_GC_SENDER_ID = 21,
    COVEY_GC_CLIENT_CRED_VERIFY = 24,
    COVEY_GC_CREDS_REPO = 25,
    COVEY_GC_CONTROL_URI = 26,
    COVEY_GC_MGT_KEY_MATERIAL = 27,
    COVEY_GC_CONTROL_GROUP_URI = 28,
    COVEY_GC_SIGN_INFO = 29,
    COVEY_GC_KDCCHALLENGE = 30,
    COVEY_GC_ECDH_INFO = 31,
    COVEY_GC_KDC_DH_CREDS = 32,
    COVEY_GC_SIGN_ENC_KEY = 33,
    COVEY_GC_STALE_NODE_IDS = 34,
    /* Our own, of the private use range: an array of [Sender ID, number] of
     * those who were heard in the group (seed 002 Section 7.2). */
    COVEY_GC_NUMBERS = 35,
    COVEY_GC_COUNT
};

/* In `key`: the label is the place. */
enum {
    COVEY_KEY_ID = 0,
    COVEY_KEY_VERSION = 1,
    COVEY_KEY_MS = 2,
    COVEY_KEY_HKDF = 3,
    COVEY_KEY_ALG = 4,
    COVEY_KEY_SALT = 5,
    COVEY_KEY_CONTEXT_ID = 6,
    COVEY_KEY_SENDER_ID = 7,
    COVEY_KEY_CRED_FMT = 8,
    COVEY_KEY_GP_ENC_ALG = 9,
    COVEY_KEY_SIGN_ALG = 10,
    COVEY_KEY_SIGN_PARAMS = 11,
    COVEY_KEY_ECDH_ALG = 12,
    COVEY_KEY_ECDH_PARAMS = 13,
    COVEY_KEY_COUNT
};

/* In `group_policies`: the label is the place. */
enum {
    COVEY_POLICY_SYNC = 0,
    COVEY_POLICY_CHECK_INTERVAL = 1,   /* s */
    COVEY_POLICY_EXPIRATION_DELTA = 2, /* s */
    COVEY_POLICY_COUNT
};

/* In a configuration: up to 28 the label is the negative place. */
enum {
    COVEY_CONF_HKDF = 1,
    COVEY_CONF_CRED_FMT = 2,
    COVEY_CONF_GROUP_MODE = 3,
    COVEY_CONF_GP_ENC_ALG = 4,
    COVEY_CONF_SIGN_ALG = 5,
    COVEY_CONF_SIGN_PARAMS = 6,
    COVEY_CONF_PAIRWISE_MODE = 7,
    COVEY_CONF_ALG = 8,
    COVEY_CONF_ECDH_ALG = 9,
    COVEY_CONF_ECDH_PARAMS = 10,
    COVEY_CONF_RT = 11,
    COVEY_CONF_ACTIVE = 12,
    COVEY_CONF_GROUP_NAME = 13,
    COVEY_CONF_DESCRIPTION = 14,
    COVEY_CONF_MAX_STALE_SETS = 15,
    COVEY_CONF_GID_REUSE = 16,
    COVEY_CONF_APP_GROUPS = 17,
    COVEY_CONF_JOINING_URI = 18,
    COVEY_CONF_AS_URI = 19,
    COVEY_CONF_DET_REQ = 25,
    COVEY_CONF_DET_HASH_ALG = 26,
    COVEY_CONF_FILTER = 27,
    COVEY_CONF_APP_GROUPS_DIFF = 28,
    COVEY_CONF_PROFILE = 29,  /* 10 */
    COVEY_CONF_EXP = 30,      /* 11 */
    COVEY_CONF_POLICIES = 31, /* 16 */
    COVEY_CONF_COUNT
};

/* Room for the values of any map. */
#define COVEY_KEYING_VALUES 36

typedef struct covey_keying_label {
    const char *name; /* as in the documents */
    int32_t label;
    uint8_t place;
    uint8_t type;   /* of the value: private */
    bool suggested; /* to IANA, not registered yet */
} covey_keying_label;

/* The rows of a map, ascending by label in the order of deterministic CBOR;
 * for tools. Static storage. */
const covey_keying_label *covey_keying_labels(covey_keying_map map,
                                              size_t *count);

/* Reads a map: values[place] is the content of byte and text strings, and the
 * encoded item of all others; absent where there is none. All
 * COVEY_KEYING_VALUES are written, also on failure, when they are absent.
 * COVEY_E_SHORT, COVEY_E_FORMAT: not well formed, no map, a value of another
 *   type than its label has, a known label twice, bytes after the end. */
COVEY_MUST_USE covey_status covey_keying_parse(covey_bytes *values,
                                               covey_keying_map map,
                                               covey_bytes cbor);
/* The label of a place. */
void covey_keying_put_label(covey_writer *w, covey_keying_map map,
                            unsigned place);

/* A value that is an integer, or a boolean: COVEY_E_RANGE if it is absent or
 * not within min to max. *out is written on success. */
COVEY_MUST_USE covey_status covey_keying_int(covey_bytes value, int64_t min,
                                             int64_t max, int64_t *out);
/* A value that is a boolean; false if it is none. */
bool covey_keying_bool(covey_bytes value);

/* --- refusals: labels.c -------------------------------------------------- */

/* ace-groupcomm-error. */
typedef enum covey_keying_error {
    COVEY_KEYING_NOT_A_MEMBER = 0,
    COVEY_KEYING_BAD_ROLES = 1,
    COVEY_KEYING_BAD_CREDENTIAL = 2,
    COVEY_KEYING_BAD_PROOF = 3,
    COVEY_KEYING_NO_SENDER_ID = 4,
    COVEY_KEYING_TERMINATED = 5,
    COVEY_KEYING_DELETED = 6,
    COVEY_KEYING_NO_SIGNATURES = 7,
    COVEY_KEYING_VERIFIERS_ONLY = 8,
    COVEY_KEYING_NOT_ACTIVE = 9,
    COVEY_KEYING_ACTIVE = 10,
    COVEY_KEYING_NO_NAME = 11,
    COVEY_KEYING_BAD_CONFIG = 12,
    COVEY_KEYING_ERRORS
} covey_keying_error;

/* The response code that goes with it. */
uint8_t covey_keying_error_code(covey_keying_error error);
/* A title in English; never NULL. */
const char *covey_keying_error_text(covey_keying_error error);
/* Problem details (RFC 9290): title and { 0: { 0: error } }. */
void covey_keying_put_problem(covey_writer *w, covey_keying_error error);
/* The same for what has no error of its own: what a response code says, and
 * problem details of a title alone. */
const char *covey_keying_code_text(uint8_t code);
void covey_keying_put_title(covey_writer *w, const char *title);
/* The title of problem details, as they have it; absent without one, and of
 * what are none. */
covey_bytes covey_keying_problem_title(covey_bytes cbor);
/* COVEY_E_FORMAT and SHORT; COVEY_E_RANGE: it names no error that we know. */
COVEY_MUST_USE covey_status covey_keying_problem_parse(covey_keying_error *out,
                                                       covey_bytes cbor);

/* --- scopes: scope.c ----------------------------------------------------- */

/* One entry: [ group, Tperm ]. */
typedef struct covey_keying_scope {
    covey_bytes group; /* its name */
    uint32_t tperm;
} covey_keying_scope;

/* A user entry as in a Join Request. COVEY_E_SHORT, COVEY_E_FORMAT;
 * COVEY_E_RANGE: an admin entry, a role that is none, no role at all, an
 * empty name. */
COVEY_MUST_USE covey_status covey_keying_scope_parse(covey_keying_scope *out,
                                                     covey_bytes entry);
void covey_keying_put_scope(covey_writer *w, covey_bytes group,
                            uint32_t tperm);
/* What a whole scope (an array of entries) allows for this group: the roles
 * of user entries that name it, or, for administrators, the permissions of
 * admin entries that name it or are for all groups (true). Patterns (tag
 * 21065) allow nothing. 0 if the scope is not sound. */
uint32_t covey_keying_scope_allows(covey_bytes scope, covey_bytes group,
                                   bool admin);
/* The same whatever the group: the union of its admin entries. */
uint32_t covey_keying_scope_admin(covey_bytes scope);

/* --- the group's algorithms: suite.c ------------------------------------- */

/* COSE numbers; 0 where the group has none. */
typedef struct covey_keying_suite {
    int32_t hkdf;
    int32_t cred_fmt;
    int32_t group_enc; /* with signature: group mode */
    int32_t signature;
    int32_t aead; /* with agreement: pairwise mode */
    int32_t agreement;
    covey_curve curve; /* of the members' keys */
} covey_keying_suite;

/* The profile's defaults, for a group of these modes. */
covey_keying_suite covey_keying_defaults(bool group_mode, bool pairwise_mode);
/* sign_params and ecdh_params: [[capabilities of the algorithm], [of the
 * key]]; Ed25519 keys agree as X25519 ones. */
void covey_keying_put_params(covey_writer *w, covey_curve curve);
/* From the values of a `key` map (or of a configuration: the same names).
 * COVEY_E_FORMAT: an algorithm without its other, neither mode, parameters
 * that contradict each other. COVEY_E_UNSUPPORTED. */
COVEY_MUST_USE covey_status covey_keying_suite_of_key(covey_keying_suite *out,
                                                      const covey_bytes *key);

/* --- keying material: material.c ----------------------------------------- */

/* What a map with keys says: Join Responses, GET of a group or a node, new
 * keys for all, what verifiers get. Absent spans are not written. */
typedef struct covey_keying_material {
    const covey_keying_suite *suite; /* NULL: as before (rekeying) */
    bool verifier;                   /* only what checks signatures */
    bool no_key;                     /* an empty `key`: the group is gone */
    covey_bytes ms;
    covey_bytes salt;
    covey_bytes gid;
    covey_bytes sender_id;
    uint32_t num;
    uint32_t exi; /* s */
    int64_t exp;  /* Unix seconds; 0: not written */
    bool peers;   /* creds, peer_roles and peer_identifiers */
    bool policies;
    uint32_t check_interval;
    uint32_t expiration_delta;
    covey_bytes kdc_cred;
    covey_bytes kdc_nonce;
    covey_bytes kdc_cred_verify;
    covey_bytes sek;
    bool stale;   /* stale_node_ids */
    bool numbers; /* ours */
} covey_keying_material;

/* Begins the map and writes what comes before `creds`. Where peers are to be
 * written there follow by the caller: covey_keying_put_list for creds, roles
 * and identifiers with their items; then the rest by _put_material_rest; then
 * stale IDs and numbers, in this order. */
void covey_keying_put_material(covey_writer *w,
                               const covey_keying_material *m);
void covey_keying_put_material_rest(covey_writer *w,
                                    const covey_keying_material *m);
/* A label and an array of `count` items, which follow. */
void covey_keying_put_list(covey_writer *w, unsigned place, size_t count);
/* Policies as a map. */
void covey_keying_put_policies(covey_writer *w, uint32_t check_interval,
                               uint32_t expiration_delta);

/* The same read. Everything but `key` stays in values. */
typedef struct covey_keying_keys {
    bool has_suite; /* algorithms were there */
    covey_keying_suite suite;
    covey_bytes ms;
    covey_bytes salt; /* absent: empty */
    covey_bytes gid;
    covey_bytes sender_id; /* absent: none */
    uint32_t num;
    uint32_t exi;
    bool empty; /* the group is gone */
} covey_keying_keys;

/* From parsed values with gkty, key, num and profile. COVEY_E_FORMAT: one of
 * them is missing, or key material is; COVEY_E_UNSUPPORTED: another type of
 * keys or profile, as covey_keying_suite_of_key. */
COVEY_MUST_USE covey_status covey_keying_keys_of(covey_keying_keys *out,
                                                 const covey_bytes *values);

/* Members, from three arrays in step. */
typedef struct covey_keying_peer {
    covey_bytes credential;
    covey_bytes id;
    uint8_t roles;
} covey_keying_peer;

typedef struct covey_keying_peers {
    covey_cbor_reader creds;
    covey_cbor_reader roles;
    covey_cbor_reader ids;
    size_t left;
} covey_keying_peers;

/* Checks all of it first: COVEY_E_FORMAT: one array is missing, or longer than
 * another; a role that is none. No array at all: no members. */
COVEY_MUST_USE covey_status covey_keying_peers_of(covey_keying_peers *out,
                                                  const covey_bytes *values);
bool covey_keying_peers_next(covey_keying_peers *it, covey_keying_peer *out);

/* Byte strings in an array; checked first, as above. An absent array is
 * COVEY_E_FORMAT. */
typedef struct covey_keying_list {
    covey_cbor_reader r;
    size_t left;
} covey_keying_list;

COVEY_MUST_USE covey_status covey_keying_list_of(covey_keying_list *out,
                                                 covey_bytes array);
bool covey_keying_list_next(covey_keying_list *it, covey_bytes *out);

/* Ours: numbers of those who were heard. */
void covey_keying_put_number(covey_writer *w, covey_bytes id, uint64_t number);
/* The number of this member in the array; false if there is none. */
bool covey_keying_number_of(covey_bytes array, covey_bytes id,
                            uint64_t *number);

/* --- requests: requests.c ------------------------------------------------ */

/* Which credentials are wanted: null (all that matter to the asker), or
 * [ inclusion flag, roles, Sender IDs ]. */
typedef struct covey_keying_filter {
    bool all;
    bool include;
    covey_bytes roles; /* encoded arrays */
    covey_bytes ids;
} covey_keying_filter;

COVEY_MUST_USE covey_status covey_keying_filter_parse(covey_keying_filter *out,
                                                      covey_bytes item);
/* Whether neither roles nor IDs are given. */
bool covey_keying_filter_is_empty(const covey_keying_filter *f);
/* Included: one of the roles (all of a combination) or one of the IDs; else
 * one of the roles and none of the IDs. No roles: any, where none of the IDs
 * decides. */
bool covey_keying_filter_takes(const covey_keying_filter *f, uint8_t roles,
                               covey_bytes id);

/* A filter as it is asked for. */
typedef struct covey_keying_wish {
    bool all;
    bool include;
    const uint8_t *roles;
    size_t role_count;
    const covey_bytes *ids;
    size_t id_count;
} covey_keying_wish;

void covey_keying_put_wish(covey_writer *w, const covey_keying_wish *wish);

/* Join Request; absent values are not written. */
typedef struct covey_keying_join {
    covey_bytes scope; /* encoded */
    covey_bytes n_c;
    covey_bytes client_cred;
    covey_bytes client_cred_verify;
    const covey_keying_wish *get_creds; /* NULL: none */
    covey_bytes control_uri;
} covey_keying_join;

void covey_keying_put_join(covey_writer *w, const covey_keying_join *join);

/* How a group proves: the answer 4.00 to a Join Request. */
typedef struct covey_keying_info {
    covey_bytes group;
    covey_keying_suite suite;
    covey_bytes kdc_dh_cred;  /* groups without signatures */
    covey_bytes kdcchallenge; /* may be absent */
} covey_keying_info;

void covey_keying_put_info(covey_writer *w, const covey_keying_info *info);
/* Of the first entries. `suite` has signature or agreement, curve and
 * cred_fmt. COVEY_E_FORMAT, COVEY_E_UNSUPPORTED. */
COVEY_MUST_USE covey_status covey_keying_info_parse(covey_keying_info *out,
                                                    covey_bytes cbor);

/* --- proof of possession: pop.c ------------------------------------------ */

/* What a joining member signs, or computes a MAC over, to show that it has the
 * private key of its credential (client_cred_verify, RFC 9594 Section 4.3):
 * the byte strings of scope, N_S and N_C one behind the other. `scope` is the
 * content of the Join Request's parameter, N_S the Group Manager's challenge
 * and N_C the member's own.
 * COVEY_E_ARGUMENT: one of them is absent or empty: nothing would be proven.
 * COVEY_E_ROOM. */
COVEY_MUST_USE covey_status covey_keying_client_pop(covey_writer *out,
                                                    covey_bytes scope,
                                                    covey_bytes n_s,
                                                    covey_bytes n_c);
/* The same of the Group Manager (kdc_cred_verify, RFC 9594 Section 4.5): over
 * N_C and its own N_KDC. */
COVEY_MUST_USE covey_status covey_keying_kdc_pop(covey_writer *out,
                                                 covey_bytes n_c,
                                                 covey_bytes n_kdc);

#endif
