/* SPDX-License-Identifier: BSD-2-Clause */
/* Context files, covey-context(5): the security context of OSCORE (RFC 8613)
 * or of a member of an OSCORE group (RFC 10021), or how a Group Manager is
 * asked for one, as YAML or JSON. Reading only: what changes with use is kept
 * elsewhere.
 *
 * Messages go to a stream, one per line: "name:3:12: error: key: what was
 * expected and what was found (the section that says so)". */
#ifndef COVEY_SHELL_CONTEXT_H
#define COVEY_SHELL_CONTEXT_H

#include <conf.h>
#include <covey/address.h>
#include <covey/group.h>
#include <covey/oscore.h>

#include <stdio.h>

typedef enum context_type {
    CONTEXT_OSCORE = 1,
    CONTEXT_GROUP,
    CONTEXT_MANAGED
} context_type;

/* The replay window of a context, or of each member of a group. */
typedef struct context_window {
    uint16_t size;       /* 0: not given */
    uint16_t word_count; /* these as of covey_oscore_start, and of */
    uint32_t *words;     /* covey_group_start with one row to spare */
} context_window;

typedef struct context_oscore {
    covey_oscore_parameters parameters; /* covey_oscore_check likes them */
    uint64_t sequence_number;           /* the first one to be used */
    bool has_sequence_number;           /* the file says so */
    context_window replay_window;
} context_oscore;

typedef struct context_group {
    /* The Master Secret is absent if the file has a Signature Encryption Key
     * instead: one who only checks signatures (Section 7.5 of the RFC). */
    covey_group_parameters parameters;
    covey_bytes signature_encryption_key;
    covey_bytes sender_id;   /* absent: a silent server, or a checker */
    covey_bytes credential;  /* own; absent with the Sender ID */
    covey_bytes private_key; /* absent: messages in group mode can be read */
    covey_group_member *members; /* with their public keys */
    size_t member_count;
    uint64_t sequence_number;
    bool has_sequence_number;
    context_window replay_window;
    covey_group_late late;
    bool windows_invalid;
    bool kid_always;
} context_group;

/* How new keys come. */
typedef enum context_update {
    CONTEXT_UPDATE_POST = 0, /* to a control resource of ours */
    CONTEXT_UPDATE_OBSERVE,
    CONTEXT_UPDATE_POLL
} context_update;

/* A member whose keys come from a Group Manager (RFC 9594 and its profile). */
typedef struct context_managed {
    covey_address manager;
    covey_bytes group; /* its name, as text */
    covey_bytes node;  /* our name there, as text */
    uint8_t roles;     /* COVEY_GROUP_* */
    const context_oscore *association;
    covey_bytes credential;  /* absent with a monitor, as the private key */
    covey_bytes private_key; /* on the curve of the credential */
    covey_curve curve;
    covey_bytes gm_credential; /* absent: the one that comes */
    context_update update;
    uint32_t check_interval;      /* ms; 0: as the manager says */
    uint16_t members;             /* of which credentials are kept */
    context_window replay_window; /* these as in context_group */
    covey_group_late late;
    bool windows_invalid;
    bool kid_always;
} context_managed;

/* Spans live as long as the file. */
typedef struct context_file {
    context_type type;
    context_oscore oscore;            /* of CONTEXT_OSCORE */
    context_group group;              /* of CONTEXT_GROUP */
    context_managed managed;          /* of CONTEXT_MANAGED */
    struct context_file *association; /* of it */
    conf_memory memory;
} context_file;

/* Reads a file, "-" for standard input. NULL if there is an error: errno says
 * why it could not be read, or is 0 if what is in it was refused. A warning if
 * it holds keys and may be read by others. */
context_file *context_load(const char *path, FILE *messages);
/* The same from memory; values in other files are refused. */
context_file *context_load_text(const char *text, size_t len, const char *name,
                                FILE *messages);
/* For other files that name one, under `check` of their reader: the file that
 * `v` is the path of, with an error at `v` if it cannot be used. NULL without
 * `check`. */
context_file *context_look(conf_reader *c, const conf_value *v,
                           const char *path);
/* Wipes and frees. NULL is allowed. */
void context_free(context_file *file);

/* Roles in a group, COVEY_GROUP_*: one or a list of them; 0 without the key.
 * For other files that name them. */
uint8_t context_roles(conf_reader *c, const conf_value *v);

#endif
