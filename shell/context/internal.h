/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared inside shell/context. */
#ifndef COVEY_SHELL_CONTEXT_INTERNAL_H
#define COVEY_SHELL_CONTEXT_INTERNAL_H

#include "context.h"

#include <conf.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

enum {
    CONTEXT_MEMBERS_MAX = 1024,
    CONTEXT_CREDENTIAL_MAX = 4096
};

typedef struct context_loader {
    conf_reader *conf;
    context_file *file;
} context_loader;

/* --- algorithm.c: by registered name or COSE number --------------------- */

/* Whose kind is one of `kinds`, a sum of CONTEXT_KIND. */
#define CONTEXT_KIND(kind) (1u << (kind))
bool context_algorithm(context_loader *l, const conf_value *v, unsigned kinds,
                       const char *source, int32_t *out);
bool context_hkdf(context_loader *l, const conf_value *v, const char *source,
                  int32_t *out);
bool context_curve(context_loader *l, const conf_value *v, const char *source,
                   covey_curve *out);

/* load.c: how many numbers, and the memory of so many windows of them. */
void context_read_window(context_loader *l, const conf_value *v,
                         context_window *out);
void context_make_windows(context_loader *l, context_window *w, size_t count);

/* --- oscore.c, group.c -------------------------------------------------- */

void context_read_oscore(context_loader *l, const conf_value *root);
void context_read_group(context_loader *l, const conf_value *root);
/* How a member works: its values in this order. Windows that are not spoken
 * of stay as they are in *g. */
enum {
    CONTEXT_REPLAY_WINDOW,
    CONTEXT_REPLAY_WINDOWS,
    CONTEXT_LATE_JOINING,
    CONTEXT_KID,
    CONTEXT_POLICIES
};
void context_read_policies(context_loader *l,
                           const conf_value v[CONTEXT_POLICIES],
                           context_group *g);
/* As context_load, but of type oscore, so that no file holds itself. */
context_file *context_load_inner(const char *path, FILE *messages);
/* managed.c */
void context_read_managed(context_loader *l, const conf_value *root);
/* member.c */
void context_read_members(context_loader *l, const conf_value *list,
                          size_t id_max);
/* The public key in a credential, which must be on the group's curve. `where`
 * begins the message: "25.ccs: " or "". */
bool context_public_key(context_loader *l, const conf_value *v,
                        const char *where, covey_bytes credential,
                        covey_bytes *out);
/* A Sender ID belongs to one member: Section 2.2 of the RFC. */
void context_check_unique(context_loader *l, const conf_value *v,
                          const char *where, covey_bytes id);
/* directory.c: adds the members in the files of a directory. */
void context_read_directory(context_loader *l, const conf_value *v,
                            const conf_value *anchors, size_t id_max);

#endif
