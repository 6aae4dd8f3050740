/* SPDX-License-Identifier: BSD-2-Clause */
/* Who may do what: resources, methods and roles in one table (the profile's
 * Section 6; RFC 9594 Section 4). */
#include "manager_internal.h"

enum {
    GET = COVEY_COAP_CODE(0, 1),
    POST = COVEY_COAP_CODE(0, 2),
    DELETE = COVEY_COAP_CODE(0, 4),
    FETCH = COVEY_COAP_CODE(0, 5)
};

/* What a node is to a group. */
enum {
    MEMBER = 1u << 0, /* requester, responder or both */
    MONITOR = 1u << 1,
    VERIFIER = 1u << 2, /* no member, but may check signatures */
    OTHER = 1u << 3,
    MEMBERS = MEMBER | MONITOR,
    ANYBODY = MEMBERS | VERIFIER | OTHER
};

enum resource {
    ALL_GROUPS,
    GROUP,
    ACTIVE,
    VERIF_DATA,
    CREDS,
    KDC_CRED,
    STALE_SIDS,
    POLICIES,
    NUM,
    NODE,
    NODE_CRED,
    ADMIN,
    NO_RESOURCE
};

#define ANY    COVEY_MANAGER_NO_FORMAT
#define KEYS   COVEY_KEYING_FORMAT
#define CBOR   COVEY_KEYING_FORMAT_CBOR
#define STAGES true
#define READS  false

struct cell {
    uint8_t resource;
    uint8_t method;
    uint8_t who;
    bool stages;     /* may join a batch; others wait for it */
    uint16_t format; /* of the payload */
    covey__manager_handler handler;
};

/* clang-format off */
static const struct cell cells[] = {
    { ALL_GROUPS, FETCH,  ANYBODY, READS,  KEYS, covey__manager_fetch_names },
    { GROUP,      GET,    MEMBERS, READS,  ANY,  covey__manager_get_group },
    { GROUP,      POST,   ANYBODY, STAGES, KEYS, covey__manager_join },
    { ACTIVE,     GET,    MEMBERS, READS,  ANY,  covey__manager_get_active },
    { VERIF_DATA, GET,    VERIFIER, READS, ANY,  covey__manager_get_verif },
    { CREDS,      GET,    MEMBERS | VERIFIER, READS, ANY,
      covey__manager_get_creds },
    { CREDS,      FETCH,  MEMBERS | VERIFIER, READS, KEYS,
      covey__manager_fetch_creds },
    { KDC_CRED,   GET,    MEMBERS, READS,  ANY,  covey__manager_get_kdc },
    { KDC_CRED,   FETCH,  VERIFIER, READS, KEYS, covey__manager_fetch_kdc },
    { STALE_SIDS, FETCH,  MEMBERS, READS,  CBOR, covey__manager_fetch_stale },
    { POLICIES,   GET,    MEMBERS, READS,  ANY,  covey__manager_get_policies },
    { NUM,        GET,    MEMBERS, READS,  ANY,  covey__manager_get_num },
    { NODE,       GET,    MEMBERS, READS,  ANY,  covey__manager_get_node },
    { NODE,       POST,   MEMBER,  STAGES, ANY,  covey__manager_new_id },
    { NODE,       DELETE, MEMBERS, STAGES, ANY,  covey__manager_leave },
    { NODE_CRED,  POST,   MEMBER,  STAGES, KEYS,
      covey__manager_new_credential },
};

static const struct {
    uint8_t resource;
    char name[11];
} below_group[] = {
    { ACTIVE, "active" },
    { VERIF_DATA, "verif-data" },
    { CREDS, "creds" },
    { KDC_CRED, "kdc-cred" },
    { STALE_SIDS, "stale-sids" },
    { POLICIES, "policies" },
    { NUM, "num" },
};
/* clang-format on */

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static bool is(covey_bytes segment, const char *name)
{
    return covey_bytes_equal(segment, covey_bytes_text(name));
}

/* false: longer than any path here. */
static bool read_path(covey__manager_call *c)
{
    covey_coap_option_iter it = covey_coap_options_of(c->request->message);
    covey_coap_option option;

    while (covey_coap_option_next(&it, &option)) {
        if (option.number != COVEY_OPTION_URI_PATH) {
            continue;
        }
        if (c->segments == COUNT(c->segment)) {
            return false;
        }
        c->segment[c->segments++] = option.value;
    }
    return true;
}

static enum resource resource_of(const covey__manager_call *c)
{
    const covey_bytes *s = c->segment;

    if (c->segments == 0) {
        return NO_RESOURCE;
    }
    if (is(s[0], "manage")) {
        return c->segments <= 4 ? ADMIN : NO_RESOURCE;
    }
    if (!is(s[0], "ace-group")) {
        return NO_RESOURCE;
    }
    if (c->segments <= 2) {
        return c->segments == 1 ? ALL_GROUPS : GROUP;
    }
    if (is(s[2], "nodes")) {
        if (c->segments == 5) {
            return is(s[4], "cred") ? NODE_CRED : NO_RESOURCE;
        }
        return c->segments == 4 ? NODE : NO_RESOURCE;
    }
    for (size_t i = 0; c->segments == 3 && i < COUNT(below_group); i++) {
        if (is(s[2], below_group[i].name)) {
            return (enum resource)below_group[i].resource;
        }
    }
    return NO_RESOURCE;
}

static unsigned class_of(const covey__manager_call *c)
{
    if (c->member != NULL && c->member->standing == COVEY_MANAGER_PRESENT) {
        return (c->member->roles & COVEY_KEYING_MONITOR) != 0 ? MONITOR
                                                              : MEMBER;
    }
    return (c->roles & COVEY_KEYING_VERIFIER) != 0 ? VERIFIER : OTHER;
}

/* NULL: *allowed says whether the resource has the method at all. */
static const struct cell *find_cell(enum resource resource, uint8_t method)
{
    for (size_t i = 0; i < COUNT(cells); i++) {
        if (cells[i].resource == resource && cells[i].method == method) {
            return &cells[i];
        }
    }
    return NULL;
}

static covey_status refuse_class(covey__manager_call *c,
                                 const struct cell *cell, unsigned class)
{
    if (class == MONITOR &&
        (cell->resource == NODE || cell->resource == NODE_CRED)) {
        return covey__manager_refuse(c, COVEY_KEYING_BAD_ROLES);
    }
    return covey__manager_refuse(c, cell->who == VERIFIER
                                        ? COVEY_KEYING_VERIFIERS_ONLY
                                        : COVEY_KEYING_NOT_A_MEMBER);
}

static bool has_format(const covey__manager_call *c, uint16_t format)
{
    uint32_t given;

    return format == ANY || c->request->message->payload.len == 0 ||
           (covey_option_sound_uint(c->request->message,
                                    COVEY_OPTION_CONTENT_FORMAT, &given) &&
            given == format);
}

/* The group of the path and what the node is in it; false: answered. */
static bool find_group(covey__manager_call *c, enum resource resource)
{
    covey_manager_group *g = covey__manager_group_by_name(c->m, c->segment[1]);
    const bool joins = resource == GROUP && c->request->message->code == POST;

    if (g == NULL) {
        (void)covey__manager_say(c, COVEY_COAP_CODE(4, 4), NO_GROUP);
        return false;
    }
    if ((g->flags & GROUP_LOST) != 0) {
        (void)covey__manager_code(c, COVEY_COAP_CODE(5, 3));
        return false;
    }
    c->group = g;
    c->member = covey__manager_member_of(c->m, g, c->node->name);
    c->roles = covey_keying_scope_allows(c->node->scope, c->segment[1], false);
    if (g->deleted || (c->member != NULL && !joins &&
                       c->member->standing == COVEY_MANAGER_EVICTED)) {
        (void)covey__manager_refuse(c, g->deleted ? COVEY_KEYING_DELETED
                                                  : COVEY_KEYING_TERMINATED);
        return false;
    }
    return true;
}

covey_status covey__manager_wait(covey_manager *m)
{
    m->urgent = true;
    return COVEY_E_NOT_STORED;
}

static covey_status enter(covey__manager_call *c, const struct cell *cell)
{
    const unsigned class = class_of(c);
    const bool own =
        c->segments < 4 || covey_bytes_equal(c->segment[3], c->node->name);

    if ((cell->who & class) == 0) {
        return refuse_class(c, cell, class);
    }
    if (!own) {
        return covey__manager_refuse(c, COVEY_KEYING_NOT_A_MEMBER);
    }
    if (cell->handler == covey__manager_join &&
        (c->roles & ~(uint32_t)COVEY_KEYING_VERIFIER) == 0) {
        return covey__manager_code(c, COVEY_COAP_CODE(4, 3));
    }
    if (!has_format(c, cell->format)) {
        return covey__manager_code(c, COVEY_COAP_CODE(4, 15));
    }
    if ((c->group->flags & GROUP_STAGED) != 0 &&
        (!cell->stages || c->m->pending_used == c->m->memory.pending_count ||
         (c->member != NULL && (c->member->flags & MEMBER_STAGED) != 0))) {
        return covey__manager_wait(c->m);
    }
    return cell->handler(c);
}

covey_status covey__manager_route(covey__manager_call *c)
{
    const uint8_t method = c->request->message->code;
    const struct cell *cell;
    enum resource resource;

    if (!read_path(c)) {
        return covey__manager_code(c, COVEY_COAP_CODE(4, 4));
    }
    resource = resource_of(c);
    if (resource == NO_RESOURCE) {
        return covey__manager_code(c, COVEY_COAP_CODE(4, 4));
    }
    if (resource == ADMIN) {
        return covey__manager_admin(c);
    }
    if (resource != ALL_GROUPS && !find_group(c, resource)) {
        return COVEY_OK;
    }
    cell = find_cell(resource, method);
    if (cell == NULL) {
        return covey__manager_code(c, COVEY_COAP_CODE(4, 5));
    }
    if (resource != ALL_GROUPS) {
        return enter(c, cell);
    }
    return has_format(c, cell->format)
               ? cell->handler(c)
               : covey__manager_code(c, COVEY_COAP_CODE(4, 15));
}
