/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of this module share. */
#ifndef COVEY_MANAGER_INTERNAL_H
#define COVEY_MANAGER_INTERNAL_H

#include <covey/manager.h>

#define NO_ROW UINT32_MAX

/* Of a group. */
enum {
    GROUP_STAGED = 1u << 0, /* differs from what is stored */
    GROUP_NEW = 1u << 1,
    GROUP_REKEY = 1u << 2, /* new keys with this batch */
    GROUP_CUT = 1u << 3,   /* stale sets below stale_from are to go */
    GROUP_REMOVE = 1u << 4,
    GROUP_NOTIFY = 1u << 5, /* its observers, once told to the shell */
    GROUP_LOST = 1u << 6,   /* not in memory: to be loaded */
    GROUP_REKEYED = 1u << 7 /* within this batch */
};

/* Of a member. */
enum {
    MEMBER_STAGED = 1u << 0,
    MEMBER_REMOVE = 1u << 1,
    MEMBER_TOLD = 1u << 2,    /* `told` is to be stored some time */
    MEMBER_OWED = 1u << 3,    /* to be told */
    MEMBER_TELLING = 1u << 4, /* is being told */
    MEMBER_NEEDS_ID = 1u << 5
};

/* Of a stale Sender ID. */
enum {
    STALE_NEW = 1u << 0
};

/* Answers that wait. */
enum pending_kind {
    PENDING_JOIN,
    PENDING_SENDER_ID,
    PENDING_DONE,   /* a code and no more */
    PENDING_CREATED /* a group */
};

/* Refusals besides covey_keying_error. */
enum {
    REFUSE_NOTHING = 0xff,
    REFUSE_BUSY = 0xfe, /* 5.03, nothing more to say */
    REFUSE_BAD = 0xfd   /* 4.00 */
};

/* What is known of a request while it is worked on. */
typedef struct covey__manager_call {
    covey_manager *m;
    const covey_manager_request *request;
    covey_manager_node *node;
    covey_manager_group *group;
    covey_manager_member *member; /* of the node in the group; or NULL */
    covey_manager_answer *answer;
    covey_writer *out;
    uint32_t roles;         /* that the node may have */
    covey_bytes segment[5]; /* Uri-Path */
    size_t segments;
} covey__manager_call;

typedef covey_status (*covey__manager_handler)(covey__manager_call *c);

/* --- manager.c ----------------------------------------------------------- */

static inline covey_bytes covey__manager_chars(const char *chars, size_t len)
{
    return covey_bytes_of((const uint8_t *)chars, len);
}

static inline covey_bytes
covey__manager_group_name(const covey_manager_group *g)
{
    return covey__manager_chars(g->name, g->name_len);
}

static inline covey_bytes
covey__manager_member_name(const covey_manager_member *r)
{
    return covey__manager_chars(r->name, r->name_len);
}

static inline covey_bytes covey__manager_id(const covey_manager_member *r)
{
    return covey_bytes_of(r->id, r->id_len);
}

covey_manager_group *covey__manager_group_by_name(const covey_manager *m,
                                                  covey_bytes name);
covey_manager_group *covey__manager_group_by_serial(const covey_manager *m,
                                                    uint16_t serial);
/* An empty row; NULL if there is none. */
covey_manager_group *covey__manager_group_row(const covey_manager *m);
covey_manager_member *covey__manager_member_of(const covey_manager *m,
                                               const covey_manager_group *g,
                                               covey_bytes name);
/* The member after this one in its group; from NULL the first. */
covey_manager_member *covey__manager_next(const covey_manager *m,
                                          const covey_manager_group *g,
                                          const covey_manager_member *after);
/* A new row in the group, named; NULL if there is no row. */
covey_manager_member *covey__manager_member_new(covey_manager *m,
                                                covey_manager_group *g,
                                                covey_bytes name);
void covey__manager_member_free(covey_manager *m, covey_manager_group *g,
                                covey_manager_member *r);
/* COVEY_E_ROOM if it is too long. */
covey_status covey__manager_set_credential(covey_manager *m,
                                           covey_manager_member *r,
                                           covey_bytes credential);
void covey__manager_group_free(covey_manager *m, covey_manager_group *g);
const covey_manager_identity *
covey__manager_identity(const covey_manager *m, const covey_keying_suite *s);
covey_group_parameters covey__manager_parameters(const covey_manager *m,
                                                 const covey_manager_group *g,
                                                 uint8_t *gid);
/* How long Master Secrets are. */
size_t covey__manager_secret_len(const covey_keying_suite *s);
/* Whether groups can be like this here, and the Sender IDs so long. */
covey_status covey__manager_check_suite(const covey_manager *m,
                                        const covey_keying_suite *s,
                                        size_t id_len);

/* --- batch.c ------------------------------------------------------------- */

/* The group differs from what is stored from now on. */
void covey__manager_stage(covey_manager *m, covey_manager_group *g);
/* An answer for later; NULL: no row. */
covey_manager_pending *covey__manager_defer(covey__manager_call *c,
                                            enum pending_kind kind,
                                            uint8_t code);
void covey__manager_log(covey_manager *m, covey_manager_deed deed,
                        const covey_manager_group *g,
                        const covey_manager_member *r);

/* --- rekey.c ------------------------------------------------------------- */

void covey__manager_want_rekey(covey_manager *m, covey_manager_group *g,
                               unsigned cause);
/* A Sender ID is not used any more: into the stale set of this version. */
void covey__manager_make_stale(covey_manager *m, covey_manager_group *g,
                               covey_bytes id);
/* A Sender ID nobody has had under these keys; false: none is left. */
bool covey__manager_take_id(covey_manager *m, covey_manager_group *g,
                            covey_manager_member *r);
/* Whether another member can have one, after a rekeying if need be. */
bool covey__manager_has_id(const covey_manager_group *g, uint32_t more);
/* What the batch does to a group is completed: new keys, Sender IDs. */
covey_status covey__manager_settle(covey_manager *m, covey_manager_group *g);
covey_status covey__manager_draw_keys(const covey_manager *m,
                                      covey_manager_group *g);
void covey__manager_set_due(covey_manager *m, covey_manager_group *g);
/* Those whose keys are older than the group's are to be told. */
void covey__manager_owe(covey_manager *m, covey_manager_group *g);
void covey__manager_forgive(covey_manager *m, covey_manager_group *g,
                            covey_manager_member *r);

/* --- tell.c -------------------------------------------------------------- */

/* A member has keys; true: that is news. What it is owed it still is. */
bool covey__manager_got(covey_manager *m, const covey_manager_group *g,
                        covey_manager_member *r, uint32_t version);

/* --- pop.c --------------------------------------------------------------- */

/* The public key of a credential that fits the group; the caller drops it.
 * COVEY_E_RANGE: it does not fit; otherwise what the provider says. */
covey_status covey__manager_public_key(const covey_manager *m,
                                       const covey_manager_group *g,
                                       covey_bytes credential, covey_key *key);
/* COVEY_E_AUTH: the evidence proves nothing. */
covey_status covey__manager_verify(const covey_manager *m,
                                   const covey_manager_group *g,
                                   covey_key *peer, covey_bytes input,
                                   covey_bytes evidence);
/* The manager's own, for a member with this credential (pairwise only). */
covey_status covey__manager_prove(const covey_manager *m,
                                  const covey_manager_group *g,
                                  covey_bytes credential, covey_bytes input,
                                  covey_writer *out);

/* --- membership.c -------------------------------------------------------- */

covey_status covey__manager_join(covey__manager_call *c);
covey_status covey__manager_leave(covey__manager_call *c);
covey_status covey__manager_new_id(covey__manager_call *c);
covey_status covey__manager_new_credential(covey__manager_call *c);
/* Out of the group, by itself or not. */
void covey__manager_remove(covey_manager *m, covey_manager_group *g,
                           covey_manager_member *r, bool evicted);

/* --- compose.c ----------------------------------------------------------- */

#define NO_GROUP "there is no such group"

/* Answers that refuse. */
covey_status covey__manager_refuse(covey__manager_call *c,
                                   covey_keying_error error);
covey_status covey__manager_code(covey__manager_call *c, uint8_t code);
/* The same with a title of its own. */
covey_status covey__manager_say(covey__manager_call *c, uint8_t code,
                                const char *title);
/* What has been written since `start` is the payload. */
covey_status covey__manager_content(covey__manager_call *c, uint16_t format,
                                    size_t start);
/* Of a refusal for later. */
void covey__manager_refuse_later(covey_manager_answer *answer, uint8_t error,
                                 covey_writer *out);
/* Keys as all members have them; a rekeying with `news`. */
void covey__manager_put_keys(const covey_manager *m,
                             const covey_manager_group *g,
                             const covey_manager_member *r, covey_writer *out);
void covey__manager_put_news(const covey_manager *m,
                             const covey_manager_group *g, covey_writer *out);
covey_status covey__manager_put_joined(covey_manager *m,
                                       const covey_manager_pending *p,
                                       covey_writer *out);
/* kdc_cred, nonce and proof, for a challenge. */
covey_status covey__manager_put_kdc(const covey_manager *m,
                                    const covey_manager_group *g,
                                    covey_bytes n_c, covey_writer *out);
void covey__manager_put_creds(const covey_manager *m,
                              const covey_manager_group *g,
                              const covey_keying_filter *filter,
                              covey_writer *out);
covey_status covey__manager_put_verif(const covey_manager *m,
                                      const covey_manager_group *g,
                                      covey_writer *out);
/* Stale Sender IDs since version `from`. */
size_t covey__manager_stale_count(const covey_manager *m,
                                  const covey_manager_group *g, uint32_t from);
void covey__manager_put_stale(const covey_manager *m,
                              const covey_manager_group *g, uint32_t from,
                              covey_writer *out);

/* --- policy.c ------------------------------------------------------------ */

/* Who may do what: finds the resource and works the request off, or refuses
 * it. As covey_manager_receive. */
covey_status covey__manager_route(covey__manager_call *c);
/* Nothing may happen to this group before the batch is stored. */
covey_status covey__manager_wait(covey_manager *m);

/* --- reads.c ------------------------------------------------------------- */

covey_status covey__manager_fetch_names(covey__manager_call *c);
covey_status covey__manager_get_group(covey__manager_call *c);
covey_status covey__manager_get_active(covey__manager_call *c);
covey_status covey__manager_get_verif(covey__manager_call *c);
covey_status covey__manager_get_creds(covey__manager_call *c);
covey_status covey__manager_fetch_creds(covey__manager_call *c);
covey_status covey__manager_get_kdc(covey__manager_call *c);
covey_status covey__manager_fetch_kdc(covey__manager_call *c);
covey_status covey__manager_fetch_stale(covey__manager_call *c);
covey_status covey__manager_get_policies(covey__manager_call *c);
covey_status covey__manager_get_num(covey__manager_call *c);
covey_status covey__manager_get_node(covey__manager_call *c);

/* --- admin.c, operate.c, configure.c ------------------------------------- */

covey_status covey__manager_admin(covey__manager_call *c);
/* Below a configuration (operate.c): NULL if there is no such resource, or,
 * with a permission, no such method. */
covey__manager_handler covey__manager_operation(const covey__manager_call *c,
                                                uint8_t *permission);
/* Takes over a configuration; `values` of COVEY_KEYING_CONFIG. A refusal by
 * covey_keying_error, REFUSE_BAD, or REFUSE_NOTHING. */
uint8_t covey__manager_configure(const covey_manager *m,
                                 covey_manager_group *g,
                                 const covey_bytes *values);
/* The configuration, of it what `wanted` (places) has; NULL: all. */
void covey__manager_put_config(const covey_manager_group *g,
                               const bool *wanted, covey_writer *out);
/* Whether it has all of these values. */
bool covey__manager_config_fits(const covey_manager_group *g,
                                const covey_bytes *values);

#endif
