/* SPDX-License-Identifier: BSD-2-Clause */
#include "request_oscore.h"

#include "cmd.h"
#include "oscore_session.h"

#include <errno.h>
#include <string.h>

enum {
    /* Numbers that are stored as used before they are: a transfer of many
     * blocks need not wait for the disk each time. */
    AHEAD = 32,
    WHY_CAP = 1200,
    REQUESTS = 8, /* to groups, with what brings an Echo value */
    MESSAGE_MAX = 65535
};

/* --- the protector's calls ----------------------------------------------- */

/* A client gets no requests. */
static covey_oscore_context *find(void *user, covey_bytes kid,
                                  covey_bytes kid_context)
{
    (void)user;
    (void)kid;
    (void)kid_context;
    return NULL;
}

/* Without a state file the caller answers for the numbers. */
static covey_status store(void *user, const covey_oscore_context *c,
                          const covey_oscore_state *next)
{
    struct request_oscore *o = user;
    const covey_oscore_state kept = { next->ssn, o->state.now.window };
    char why[WHY_CAP];

    (void)c;
    if (o->state.file.path == NULL ||
        oscore_state_store(&o->state, &kept, why, sizeof why)) {
        return COVEY_OK;
    }
    request_fail(o->args, EXIT_IO, "%s", why);
    return COVEY_E_NOT_STORED;
}

/* --- opening ------------------------------------------------------------- */

static int check(const struct request_oscore *o)
{
    const struct request_args *a = o->args;

    const bool by_manager = o->file->type == CONTEXT_MANAGED;
    const bool has_number = o->file->type == CONTEXT_GROUP
                                ? o->file->group.has_sequence_number
                                : o->file->oscore.has_sequence_number;

    if (o->file->type == CONTEXT_GROUP &&
        (o->file->group.parameters.master_secret.ptr == NULL ||
         o->file->group.private_key.ptr == NULL)) {
        return request_fail(a, EXIT_USAGE,
                            "%s: expected a member that can send: with "
                            "master_secret, sender_id and private_key",
                            o->keys->context);
    }
    if (by_manager && o->file->managed.roles == COVEY_GROUP_MONITOR) {
        return request_fail(a, EXIT_USAGE, "%s: a monitor sends nothing",
                            o->keys->context);
    }
    if (by_manager && (o->keys->state == NULL || o->keys->has_number)) {
        return request_fail(a, EXIT_USAGE,
                            "a member with a Group Manager has its keys and "
                            "numbers in --state");
    }
    if (!by_manager && o->keys->state == NULL && !o->keys->has_number &&
        !has_number) {
        return request_fail(a, EXIT_USAGE,
                            "which sequence number? Give --state, --number, "
                            "or sequence_number in the context file: none may "
                            "be used twice (RFC 8613 Section 7.2.1)");
    }
    return EXIT_DONE;
}

static uint64_t first_number(const struct request_oscore *o)
{
    if (o->keys->has_number) {
        return o->keys->number;
    }
    return o->file->type == CONTEXT_GROUP ? o->file->group.sequence_number
                                          : o->file->oscore.sequence_number;
}

/* The state is that of one Sender Key, by its fingerprint. */
static int open_state(struct request_oscore *o, const covey_crypto *crypto)
{
    const covey_oscore_parameters *p = &o->file->oscore.parameters;
    uint8_t fingerprint[OSCORE_FINGERPRINT];
    covey_oscore_keys keys;
    char why[WHY_CAP];
    covey_status st;

    if (o->keys->state == NULL) {
        return EXIT_DONE;
    }
    st = covey_oscore_derive(&keys, p, crypto);
    if (st == COVEY_OK) {
        st = oscore_fingerprint(crypto,
                                covey_bytes_of(keys.sender_key, keys.key_len),
                                fingerprint);
    }
    covey_wipe(&keys, sizeof keys);
    if (st != COVEY_OK) {
        return request_fail(o->args, EXIT_IO, "no keys: %s [%s]",
                            covey_status_text(st), covey_status_name(st));
    }
    if (!oscore_state_open(&o->state, o->keys->state, fingerprint,
                           first_number(o), why, sizeof why)) {
        return request_fail(o->args, EXIT_IO, "%s", why);
    }
    return EXIT_DONE;
}

static int start(struct request_oscore *o, const covey_crypto *crypto)
{
    const bool kept = o->state.file.path != NULL;
    const covey_oscore_start how = {
        .state = { kept ? o->state.now.ssn : first_number(o),
                   COVEY_OSCORE_WINDOW_LOST },
        .ahead = AHEAD,
        .window_in_memory = true,
    };
    covey_status st = covey_oscore_setup(&o->context, crypto,
                                         &o->file->oscore.parameters, &how);

    if (st != COVEY_OK) {
        return request_fail(o->args, EXIT_IO, "no context: %s [%s]",
                            covey_status_text(st), covey_status_name(st));
    }
    covey_oscore_protector_init(&o->protector);
    o->protector.find = find;
    o->protector.store = store;
    o->protector.user = o;
    o->protectors[0] = &o->protector.protector;
    return EXIT_DONE;
}

static uint64_t stored_number(void *user, covey_bytes id)
{
    const struct request_oscore *o = user;

    return group_state_number(&o->group_state, id);
}

static bool keep(void *user, const covey_group_record *record)
{
    struct request_oscore *o = user;
    char why[WHY_CAP];

    if (group_state_store(&o->group_state, record, why, sizeof why)) {
        return true;
    }
    request_fail(o->args, EXIT_IO, "%s", why);
    return false;
}

/* The state is that of one Sender Key, by its fingerprint. */
static int open_group_state(struct request_oscore *o,
                            const covey_crypto *crypto,
                            membership_storage *storage)
{
    const context_group *g = &o->file->group;
    struct group_state_owner owner = { .first = first_number(o),
                                       .member_count = g->member_count };
    uint8_t key[COVEY_KEY_MAX];
    covey_writer w = covey_writer_of(key, sizeof key);
    char why[WHY_CAP];
    covey_status st = membership_key(&w, g, crypto);

    if (st == COVEY_OK) {
        st = oscore_fingerprint(crypto, covey_written(&w), owner.fingerprint);
    }
    covey_wipe(key, sizeof key);
    if (st != COVEY_OK) {
        return request_fail(o->args, EXIT_IO, "no keys: %s [%s]",
                            covey_status_text(st), covey_status_name(st));
    }
    if (!group_state_open(&o->group_state, o->keys->state, &owner, why,
                          sizeof why)) {
        return request_fail(o->args, EXIT_IO, "%s", why);
    }
    storage->ssn = o->group_state.ssn;
    storage->windows_invalid = o->group_state.windows_invalid;
    storage->used = o->group_state.existed;
    storage->number = stored_number;
    storage->keep = keep;
    return EXIT_DONE;
}

static int join(struct request_oscore *o, const covey_crypto *crypto)
{
    membership_options options = {
        .group = &o->file->group,
        .crypto = crypto,
        .storage = { .ssn = first_number(o), .user = o },
        .ahead = AHEAD,
        .requests = REQUESTS,
        .message_max = MESSAGE_MAX,
    };
    char why[WHY_CAP];

    if (o->keys->state != NULL) {
        const int status = open_group_state(o, crypto, &options.storage);
        if (status != EXIT_DONE) {
            return status;
        }
    }
    o->member = membership_open(&options, why, sizeof why);
    if (o->member == NULL) {
        return request_fail(o->args, EXIT_IO, "%s", why);
    }
    o->protectors[0] = membership_protector(o->member);
    return EXIT_DONE;
}

/* With older keys if the manager cannot be reached: others may still have
 * them. */
static int join_managed(struct request_oscore *o, const covey_crypto *crypto)
{
    const struct joined_options options = {
        .context = &o->file->managed,
        .crypto = crypto,
        .state = o->keys->state,
        .first = o->file->managed.association->sequence_number,
        .joins = true,
        .requests = REQUESTS,
        .message_max = MESSAGE_MAX,
    };
    int status;

    o->managed = true;
    if (!joined_open(&o->joined, &options)) {
        return request_fail(o->args, EXIT_IO, "%s", o->joined.why);
    }
    status = joined_settle(&o->joined, o->args->timeout != 0 ? o->args->timeout
                                                             : JOINED_WAIT);
    if (status != EXIT_DONE) {
        request_fail(o->args, status, "%s", o->joined.why);
    }
    if (status == EXIT_IO && managed_is_in(o->joined.group)) {
        status = EXIT_DONE;
    }
    o->protectors[0] = managed_protector(o->joined.group);
    return status;
}

int request_oscore_open(struct request_oscore *o, const struct request_args *a,
                        const struct request_keys *keys,
                        const covey_crypto *crypto)
{
    int status;

    memset(o, 0, sizeof *o);
    o->args = a;
    o->keys = keys;
    if (keys->context == NULL) {
        return EXIT_DONE;
    }
    o->file = context_load(keys->context, stderr);
    if (o->file == NULL) {
        return errno != 0 ? EXIT_IO : EXIT_NEGATIVE;
    }
    status = check(o);
    if (status == EXIT_DONE && o->file->type == CONTEXT_GROUP) {
        return join(o, crypto);
    }
    if (status == EXIT_DONE && o->file->type == CONTEXT_MANAGED) {
        return join_managed(o, crypto);
    }
    if (status == EXIT_DONE) {
        status = open_state(o, crypto);
    }
    return status == EXIT_DONE ? start(o, crypto) : status;
}

/* --- calls --------------------------------------------------------------- */

loop *request_oscore_loop(const struct request_oscore *o)
{
    return o->managed ? o->joined.loop : NULL;
}

bool request_oscore_is_group(const struct request_oscore *o)
{
    return o->member != NULL || o->managed;
}

static covey_group *group_of(struct request_oscore *o)
{
    return o->managed ? managed_group(o->joined.group)
                      : membership_group(o->member);
}

/* The only other member; absent: there is not exactly one. */
static covey_bytes only_peer(const struct request_oscore *o)
{
    const covey_bytes none = { NULL, 0 };

    if (o->managed) {
        return managed_only_peer(o->joined.group);
    }
    return o->file->group.member_count == 1 ? o->file->group.members[0].id
                                            : none;
}

int request_oscore_check(struct request_oscore *o, bool group)
{
    const struct request_args *a = o->args;

    if (o->file == NULL) {
        return EXIT_DONE;
    }
    if (!request_oscore_is_group(o) && a->to.ptr != NULL) {
        return request_fail(a, EXIT_USAGE, "--to is for a context of a group");
    }
    if (group && !request_oscore_is_group(o)) {
        return request_fail(a, EXIT_USAGE,
                            "the key of an OSCORE context is known to one "
                            "peer, not to a group");
    }
    if (group && a->to.ptr != NULL) {
        return request_fail(a, EXIT_USAGE,
                            "--to is for the address of one member");
    }
    if (!group && request_oscore_is_group(o) && a->to.ptr == NULL &&
        only_peer(o).ptr == NULL && covey_group_has_mode(group_of(o), true)) {
        return request_fail(a, EXIT_USAGE,
                            "which member of the group is there? Give --to "
                            "with its Sender ID");
    }
    return EXIT_DONE;
}

void request_oscore_call(struct request_oscore *o, covey_bytes to, bool group,
                         covey_endpoint_call *call)
{
    if (o->file == NULL) {
        return;
    }
    call->protector = o->protectors[0];
    if (!request_oscore_is_group(o)) {
        call->context = &o->context;
        return;
    }
    call->context = group_of(o);
    if (group || !covey_group_has_mode(group_of(o), true)) {
        return;
    }
    call->to = to.ptr != NULL ? to : o->args->to;
    if (call->to.ptr == NULL) {
        call->to = only_peer(o);
    }
}

/* --- closing ------------------------------------------------------------- */

static void tell_next(const struct request_oscore *o, uint64_t number)
{
    fprintf(stderr, "next sequence number%s: %llu\n",
            o->keys == &o->args->proxy_keys ? " for the proxy" : "",
            (unsigned long long)number);
}

/* What was reserved and not used is given back; if that fails, these numbers
 * are lost, which harms nobody. */
static void settle(struct request_oscore *o)
{
    const uint64_t next =
        COVEY_OSCORE_SSN_END - covey_oscore_usage_of(&o->context).left;
    const covey_oscore_state now = { next, o->state.now.window };
    char why[WHY_CAP];

    if (o->state.file.path == NULL) {
        tell_next(o, next);
    } else if (now.ssn != o->state.now.ssn) {
        (void)oscore_state_store(&o->state, &now, why, sizeof why);
    }
}

static void settle_member(struct request_oscore *o)
{
    const covey_group_record exact = membership_exact(o->member);
    char why[WHY_CAP];

    if (o->keys->state == NULL) {
        tell_next(o, exact.number);
    } else if (exact.number != o->group_state.ssn) {
        (void)group_state_store(&o->group_state, &exact, why, sizeof why);
    }
}

void request_oscore_close(struct request_oscore *o)
{
    if (o->managed) {
        joined_close(&o->joined);
    } else if (o->member != NULL) {
        settle_member(o);
        membership_close(o->member);
    } else if (o->protectors[0] != NULL) {
        settle(o);
    }
    covey_oscore_drop(&o->context);
    oscore_state_close(&o->state);
    group_state_close(&o->group_state);
    context_free(o->file);
}
