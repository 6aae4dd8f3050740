/* SPDX-License-Identifier: BSD-2-Clause */
/* A context of type member: what a node has to know to get its keys from a
 * Group Manager, RFC 9594 and draft-ietf-ace-key-groupcomm-oscore. */
#include "internal.h"

#include <covey/coap.h>
#include <covey/cose.h>
#include <covey/keying.h>
#include <covey/manager.h>
#include <string.h>
#include <system_address.h>

#define MANUAL  "covey-context(5)"
#define PROFILE "draft-ietf-ace-key-groupcomm-oscore"

enum {
    MEMBERS = 128, /* unless the file says more, or less */
    MEMBERS_MAX = 4096,
    INTERVAL_MAX = 86400 /* s */
};

enum {
    K_TYPE,
    K_MANAGER,
    K_GROUP,
    K_NODE,
    K_ROLES,
    K_ASSOCIATION,
    K_CREDENTIAL,
    K_PRIVATE_KEY,
    K_GM_CREDENTIAL,
    K_UPDATE,
    K_CHECK_INTERVAL,
    K_MEMBERS,
    K_REPLAY_WINDOW,
    K_REPLAY_WINDOWS,
    K_LATE_JOINING,
    K_KID,
    K_COUNT
};
static const char *const keys[K_COUNT] = {
    "type",          "manager",        "group",          "node",
    "roles",         "association",    "credential",     "private_key",
    "gm_credential", "update",         "check_interval", "members",
    "replay_window", "replay_windows", "late_joining",   "kid",
};
static const conf_names names = { keys, K_COUNT, "a context of type member" };

/* --- where and who ------------------------------------------------------- */

static void read_manager(context_loader *l, const conf_value *v,
                         covey_address *out)
{
    static const conf_wanted wanted = { 1, 128, false, MANUAL };
    static const char scheme[] = "coap://";
    const char *text = NULL;
    size_t len = 0;

    if (!conf_text(l->conf, v, &wanted, &text, &len)) {
        return;
    }
    const char *host =
        strncmp(text, scheme, sizeof scheme - 1) == 0 ? text + 7 : "";
    if (strlen(text) != len ||
        !address_parse_port(host, COVEY_COAP_PORT, out) ||
        covey_address_is_group(out)) {
        conf_error(l->conf, v, MANUAL,
                   "expected the Group Manager as coap:// and an address, "
                   "with a port if it is not 5683, such as "
                   "coap://[2001:db8::1], found '%s'",
                   text);
    }
}

/* A name that is a segment of a path. */
static void read_name(context_loader *l, const conf_value *v, size_t max,
                      covey_bytes *out)
{
    const conf_wanted wanted = { 1, max, false, MANUAL };
    const char *text = NULL;
    size_t len = 0;

    if (conf_text(l->conf, v, &wanted, &text, &len)) {
        *out = covey_bytes_of((const uint8_t *)text, len);
    }
}

/* A scope of the profile, Section 3. */
static void read_roles(context_loader *l, const conf_value *v, uint8_t *out)
{
    const uint8_t roles = context_roles(l->conf, v);
    const bool monitor = (roles & COVEY_GROUP_MONITOR) != 0;

    if ((roles & COVEY_GROUP_VERIFIER) != 0 ||
        (monitor && roles != COVEY_GROUP_MONITOR)) {
        conf_error(l->conf, v, PROFILE,
                   "expected requester, responder, both, or monitor");
    }
    *out = roles;
}

static void read_association(context_loader *l, const conf_value *v,
                             context_managed *m)
{
    const char *path = NULL;
    context_file *file;

    if (!conf_path(l->conf, v, &path)) {
        return;
    }
    file = context_load_inner(path, l->conf->messages);
    if (file == NULL) {
        conf_error(l->conf, v, PROFILE,
                   "expected a file with a context of type oscore, which the "
                   "Group Manager has enrolled");
        return;
    }
    l->file->association = file;
    m->association = &file->oscore;
}

/* --- keys ---------------------------------------------------------------- */

static void read_curve(context_loader *l, const conf_value *v,
                       context_managed *m)
{
    covey_cose_key key;
    const covey_status st = covey_cose_credential_key(&key, m->credential);

    if (st != COVEY_OK) {
        conf_error(l->conf, v, "RFC 10021 Section 2.4",
                   "no public key can be taken from this credential: %s",
                   covey_status_text(st));
        return;
    }
    m->curve = key.curve;
}

static void read_keys(context_loader *l, const conf_value *root,
                      const conf_value *v, context_managed *m)
{
    static const conf_wanted credential = { 1, CONTEXT_CREDENTIAL_MAX, false,
                                            PROFILE };
    static const conf_wanted private_key = { 32, 32, true, PROFILE };

    conf_bytes(l->conf, &v[K_GM_CREDENTIAL], &credential, &m->gm_credential);
    if (m->roles == COVEY_GROUP_MONITOR) {
        if (v[K_CREDENTIAL].key != NULL || v[K_PRIVATE_KEY].key != NULL) {
            conf_error(l->conf, root, PROFILE,
                       "a monitor has neither 'credential' nor "
                       "'private_key'");
        }
        return;
    }
    if (conf_required(l->conf, root, &v[K_CREDENTIAL], keys[K_CREDENTIAL],
                      PROFILE) &&
        conf_bytes(l->conf, &v[K_CREDENTIAL], &credential, &m->credential)) {
        read_curve(l, &v[K_CREDENTIAL], m);
    }
    if (conf_required(l->conf, root, &v[K_PRIVATE_KEY], keys[K_PRIVATE_KEY],
                      PROFILE)) {
        conf_bytes(l->conf, &v[K_PRIVATE_KEY], &private_key, &m->private_key);
    }
}

/* --- how ----------------------------------------------------------------- */

static void read_update(context_loader *l, const conf_value *v,
                        context_managed *m)
{
    static const char *const words[] = { "post", "observe", "poll" };
    static const conf_names update_names = { words, COUNT(words), PROFILE };
    unsigned update = CONTEXT_UPDATE_POST;
    uint64_t interval = 0;
    uint64_t members = MEMBERS;

    conf_word(l->conf, &v[K_UPDATE], &update_names, &update);
    conf_number(l->conf, &v[K_CHECK_INTERVAL], 1, INTERVAL_MAX,
                "RFC 9594 Section 4.3.1", &interval);
    conf_number(l->conf, &v[K_MEMBERS], 1, MEMBERS_MAX, MANUAL, &members);
    m->update = (context_update)update;
    m->check_interval = (uint32_t)interval * 1000;
    m->members = (uint16_t)members;
}

/* Whether the group was rekeyed for who joins is not told: members may have
 * sent before. */
static void read_policies(context_loader *l, const conf_value *v,
                          context_managed *m)
{
    const conf_value policies[CONTEXT_POLICIES] = {
        [CONTEXT_REPLAY_WINDOW] = v[K_REPLAY_WINDOW],
        [CONTEXT_REPLAY_WINDOWS] = v[K_REPLAY_WINDOWS],
        [CONTEXT_LATE_JOINING] = v[K_LATE_JOINING],
        [CONTEXT_KID] = v[K_KID],
    };
    context_group g = { .windows_invalid = true };

    context_read_policies(l, policies, &g);
    m->replay_window = g.replay_window;
    context_make_windows(l, &m->replay_window, (size_t)m->members + 1);
    m->windows_invalid = g.windows_invalid;
    m->late = g.late;
    m->kid_always = g.kid_always;
}

void context_read_managed(context_loader *l, const conf_value *root)
{
    static const struct {
        unsigned key;
        const char *source;
    } needed[] = {
        { K_MANAGER, MANUAL }, { K_GROUP, PROFILE },       { K_NODE, MANUAL },
        { K_ROLES, PROFILE },  { K_ASSOCIATION, PROFILE },
    };
    context_managed *m = &l->file->managed;
    conf_value v[K_COUNT] = { { NULL, NULL } };

    if (!conf_keys(l->conf, root, &names, v)) {
        return;
    }
    for (size_t i = 0; i < COUNT(needed); i++) {
        conf_required(l->conf, root, &v[needed[i].key], keys[needed[i].key],
                      needed[i].source);
    }
    read_manager(l, &v[K_MANAGER], &m->manager);
    read_name(l, &v[K_GROUP], COVEY_MANAGER_NAME_MAX, &m->group);
    read_name(l, &v[K_NODE], COVEY_MANAGER_NODE_MAX, &m->node);
    if (!conf_is_missing(&v[K_ROLES])) {
        read_roles(l, &v[K_ROLES], &m->roles);
    }
    read_keys(l, root, v, m);
    read_association(l, &v[K_ASSOCIATION], m);
    read_update(l, v, m);
    read_policies(l, v, m);
}
