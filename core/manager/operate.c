/* SPDX-License-Identifier: BSD-2-Clause */
/* What operators do with a group and the admin draft has no resource for, of
 * our own below a configuration: who is in (members), out with one (DELETE of
 * members/NAME), new keys (POST to rekey). */
#include "manager_internal.h"

enum {
    GET = COVEY_COAP_CODE(0, 1),
    POST = COVEY_COAP_CODE(0, 2),
    DELETE = COVEY_COAP_CODE(0, 4)
};

/* --- members ------------------------------------------------------------- */

static bool is_present(const covey_manager_member *r)
{
    return r->standing == COVEY_MANAGER_PRESENT;
}

/* [ name, roles, Sender ID or null, version that it has ] */
static void put_member(const covey_manager_member *r, covey_writer *out)
{
    covey_cbor_put_array(out, 4);
    covey_cbor_put_text(out, covey__manager_member_name(r));
    covey_cbor_put_uint(out, r->roles);
    if (r->id_len > 0) {
        covey_cbor_put_bytes(out, covey__manager_id(r));
    } else {
        covey_cbor_put_null(out);
    }
    covey_cbor_put_uint(out, r->told);
}

/* [ version, [ member, ... ] ] */
static covey_status list(covey__manager_call *c)
{
    const size_t start = c->out->pos;
    const covey_manager_member *r = NULL;

    covey_cbor_put_array(c->out, 2);
    covey_cbor_put_uint(c->out, c->group->version);
    covey_cbor_put_array(c->out, c->group->members);
    while ((r = covey__manager_next(c->m, c->group, r)) != NULL) {
        if (is_present(r)) {
            put_member(r, c->out);
        }
    }
    return covey__manager_content(c, COVEY_KEYING_FORMAT_CBOR, start);
}

static covey_status evict(covey__manager_call *c)
{
    c->member = covey__manager_member_of(c->m, c->group, c->segment[3]);
    if (c->member == NULL || !is_present(c->member)) {
        return covey__manager_say(c, COVEY_COAP_CODE(4, 4),
                                  "the node is no member of the group");
    }
    covey__manager_remove(c->m, c->group, c->member, true);
    covey__manager_want_rekey(c->m, c->group, COVEY_MANAGER_BY_EVICTION);
    c->member = NULL;
    (void)covey__manager_defer(c, PENDING_DONE, COVEY_COAP_CODE(2, 2));
    return COVEY_OK;
}

/* --- keys ---------------------------------------------------------------- */

static covey_status rekey(covey__manager_call *c)
{
    if (c->group->version >= COVEY_MANAGER_VERSION_MAX) {
        return covey__manager_refuse(c, COVEY_KEYING_NOT_ACTIVE);
    }
    (void)covey__manager_defer(c, PENDING_DONE, COVEY_COAP_CODE(2, 4));
    covey__manager_want_rekey(c->m, c->group, COVEY_MANAGER_BY_OPERATOR);
    return COVEY_OK;
}

/* clang-format off */
static const struct {
    char name[8];
    uint8_t segments;
    uint8_t method;
    uint8_t permission;
    covey__manager_handler handler;
} acts[] = {
    { "members", 3, GET,    COVEY_KEYING_READ,  list },
    { "members", 4, DELETE, COVEY_KEYING_WRITE, evict },
    { "rekey",   3, POST,   COVEY_KEYING_WRITE, rekey },
};
/* clang-format on */

covey__manager_handler covey__manager_operation(const covey__manager_call *c,
                                                uint8_t *permission)
{
    *permission = 0;
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        if (acts[i].segments != c->segments ||
            !covey_bytes_equal(c->segment[2],
                               covey_bytes_text(acts[i].name))) {
            continue;
        }
        *permission = acts[i].permission;
        if (acts[i].method == c->request->message->code) {
            return acts[i].handler;
        }
    }
    return NULL;
}
