/* SPDX-License-Identifier: BSD-2-Clause */
/* The configuration of the Group Manager, covey-gm.conf(5). */
#ifndef COVEY_GM_CONFIG_H
#define COVEY_GM_CONFIG_H

#include <conf.h>
#include <covey/address.h>
#include <covey/crypto.h>
#include <covey/manager.h>
#include <group_config.h>

enum {
    GM_LISTEN_MAX = 16,
    GM_HEAR_MAX = 64,
    GM_IDENTITIES_MAX = 8,
    GM_GROUPS_MAX = 1024 /* of the configuration */
};

struct gm_identity {
    covey_bytes credential;
    covey_bytes private_key; /* secret */
    covey_curve curve;       /* of the credential */
    int32_t cred_fmt;
};

/* A multicast group whose messages are listened to. */
struct gm_hear {
    covey_address address;
    const char *interface; /* NULL: the routes decide */
};

/* A group that is created if there is none of its name. */
struct gm_group {
    group_config config; /* with a name */
    uint32_t lifetime;   /* s; 0: the manager's */
    bool keep_on_join;   /* no backward security */
};

struct gm_config {
    covey_address *listen;
    size_t listen_count;
    struct gm_hear *hear;
    size_t hear_count;
    const char *store;
    const char *store_key; /* NULL: secrets are stored as they are */
    const char *enrolment; /* NULL: what the store has */
    covey_bytes gid_prefix;
    struct gm_identity *identities;
    size_t identity_count;
    struct gm_group *groups;
    size_t group_count;
    uint64_t commit_window; /* ms */
    uint64_t lifetime;      /* s */
    uint64_t ahead;         /* numbers that are reserved at a time */
    uint64_t tell_max;      /* nodes that are told at a time */
    uint64_t tell_attempts;
    uint64_t tell_pause; /* ms */
    /* Rows. */
    uint64_t group_max;
    uint64_t member_max;
    uint64_t node_max;
    uint64_t credential_max; /* bytes */
    uint64_t requests;       /* in a batch */
    uint64_t observers;
    uint64_t events;      /* that the store keeps */
    covey_address status; /* without a family: nothing is shown */
    conf_memory memory;
};

/* NULL if there is an error, which has been told; errno is 0 if what is in the
 * file was refused. */
struct gm_config *gm_config_load(const char *path, FILE *messages);
struct gm_config *gm_config_load_text(const char *text, size_t len,
                                      const char *name, FILE *messages);
/* The key of an identity, to be dropped. A credential with another one's key
 * would have all nodes refuse the manager: false. */
bool gm_identity_open(const struct gm_identity *id, const covey_crypto *crypto,
                      covey_key *out);
/* What --check-config reads (daemon_check.h). */
extern const conf_kind gm_config_kind;
/* Wipes. NULL is allowed. */
void gm_config_free(struct gm_config *config);

#endif
