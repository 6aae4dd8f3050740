/* SPDX-License-Identifier: BSD-2-Clause */
/* A group whose keys come from a Group Manager (covey/member.h): joined over
 * an association, followed through rekeyings, with its protection of an
 * endpoint (covey/group_endpoint.h). Other members are looked up when they are
 * first heard.
 *
 * Keys and Sender ID are saved before they are used, and the other members
 * with them, as far as there is room; a member that has saved some takes them
 * up again without asking anybody, and then looks whether there are newer
 * ones. It cannot know which numbers others have been heard with before: they
 * are challenged once, until the next rekeying.
 *
 * A manager that does not answer is asked again, after ever longer pauses, and
 * so is one that refuses to let us join. Whoever was evicted, or is told that
 * it is no member any more, stays out. */
#ifndef COVEY_SHELL_MANAGED_H
#define COVEY_SHELL_MANAGED_H

#include "association.h"

#include <context.h>
#include <covey/group_endpoint.h>

typedef struct managed managed;

enum {
    /* What is saved, at most: keys, and the manager's credential. */
    MANAGED_SAVED_MAX = 16384,
    MANAGED_CREDENTIAL_MAX = 1024 /* of other members and the manager */
};

/* What has to survive. Without functions nothing does. */
typedef struct managed_storage {
    covey_bytes saved; /* as saved last; absent: nothing. Read when opening. */
    uint64_t ssn;      /* as kept last for it */
    /* New keys, or another Sender ID; numbers begin at 0. `sender_key` is what
     * they belong to, absent for a monitor; what was saved before is void.
     * Durable when it returns true, otherwise it is tried again. */
    bool (*save)(void *user, covey_bytes saved, covey_bytes sender_key);
    /* The same keys with their numbers, and other members than before. */
    void (*save_again)(void *user, covey_bytes saved);
    /* All numbers below `ssn` may be used. Likewise. */
    bool (*keep)(void *user, uint64_t ssn);
    /* We are out: nothing is to be taken up again. */
    void (*end)(void *user);
    void *user;
} managed_storage;

typedef enum managed_news {
    MANAGED_JOINED = 1,
    MANAGED_RESUMED, /* with what was saved */
    MANAGED_CURRENT, /* the manager says that these are the newest keys */
    MANAGED_REKEYED,
    MANAGED_RENEWED, /* another Sender ID */
    MANAGED_REFUSED, /* the manager does not let us join: `code`, and
                      * `reason` if it gives one */
    MANAGED_OUT,     /* evicted, or the group is gone: `code` if it said so */
    MANAGED_LEFT,
    MANAGED_SILENT, /* no answer: `reason`; once, until there is one */
    MANAGED_WRONG   /* an answer that is not to be believed: `reason` */
} managed_news;

typedef struct managed_tale {
    managed_news news;
    uint8_t code;
    const char *reason; /* never NULL */
} managed_tale;

typedef struct managed_options {
    const context_managed *context; /* kept */
    const covey_crypto *crypto;     /* kept */
    association *association;       /* kept; closed later */
    managed_storage storage;
    uint32_t ahead;    /* as covey_group_start; 0: the default */
    uint16_t requests; /* of ours in group mode, at a time */
    bool serves;       /* requests of others are opened */
    /* The manager may send news to us: it is there as long as we are. */
    bool follows;
    covey_group_reply reply;
    size_t message_max; /* the longest datagram of the group */
    /* The multicast address that group requests come to; NULL: any. Kept. */
    const covey_address *address;
    /* Something has happened. Nothing may be closed from there. */
    void (*on)(void *user, const managed_tale *tale);
    void *user;
} managed_options;

/* Takes up what was saved, or joins. NULL: `error` says why. */
managed *managed_open(loop *l, const managed_options *options,
                      char error[ASSOCIATION_ERROR_MAX]);
/* Still a member: what was saved is good. NULL is allowed. */
void managed_close(managed *g);
/* Says goodbye to the manager; LEFT is told when that is done, or SILENT. */
void managed_leave(managed *g);
/* Asks for another Sender ID. */
void managed_renew(managed *g);

/* Whether there are keys to work with. */
bool managed_is_in(const managed *g);
const covey_protector *managed_protector(const managed *g);
/* For covey_endpoint_call.context; of no use while we are out. */
covey_group *managed_group(managed *g);
const covey_member *managed_member(const managed *g);
/* The Sender ID of a member that may answer, if there is exactly one. */
covey_bytes managed_only_peer(const managed *g);
/* Where the own number really is, for storage.keep. */
uint64_t managed_exact(const managed *g);

#endif
