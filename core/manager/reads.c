/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests that change nothing. */
#include "manager_internal.h"

static const char path_group[] = "/ace-group/";

/* An answer that was composed by functions that may fail for other reasons
 * than room. */
static covey_status content_if(covey__manager_call *c, covey_status st,
                               size_t start)
{
    if (st != COVEY_OK && st != COVEY_E_ROOM) {
        covey_wipe(c->out->base + start, c->out->pos - start);
        c->out->pos = start;
        return covey__manager_code(c, COVEY_COAP_CODE(5, 3));
    }
    return covey__manager_content(c, COVEY_KEYING_FORMAT, start);
}

static void put_label(covey_writer *w, unsigned place)
{
    covey_keying_put_label(w, COVEY_KEYING_GROUPCOMM, place);
}

/* --- /ace-group ---------------------------------------------------------- */

/* Whether the list, which has been checked, has this Gid. */
static bool is_named(const covey_keying_list *gids, covey_bytes gid)
{
    covey_keying_list it = *gids;
    covey_bytes next;

    while (covey_keying_list_next(&it, &next)) {
        if (covey_bytes_equal(next, gid)) {
            return true;
        }
    }
    return false;
}

/* The next group whose present Gid is in the list, or NULL. */
static const covey_manager_group *
next_named(const covey_manager *m, const covey_keying_list *gids, uint32_t *at)
{
    uint8_t gid[COVEY_MANAGER_GID_MAX];

    while (*at < m->memory.group_count) {
        const covey_manager_group *g = &m->memory.groups[(*at)++];

        if (g->serial != 0 && !g->deleted && (g->flags & GROUP_LOST) == 0 &&
            is_named(gids, covey_manager_gid(m, g, gid))) {
            return g;
        }
    }
    return NULL;
}

static void put_uri(covey_writer *w, const covey_manager_group *g)
{
    const size_t head = sizeof path_group - 1;
    uint8_t uri[sizeof path_group + COVEY_MANAGER_NAME_MAX];
    covey_writer text = covey_writer_of(uri, sizeof uri);

    covey_write_bytes(&text, covey__manager_chars(path_group, head));
    covey_write_bytes(&text, covey__manager_group_name(g));
    covey_cbor_put_text(w, covey_written(&text));
}

static void put_named(const covey_manager *m, const covey_keying_list *gids,
                      unsigned place, covey_writer *w)
{
    const covey_manager_group *g;
    uint8_t gid[COVEY_MANAGER_GID_MAX];
    uint32_t at = 0;

    while ((g = next_named(m, gids, &at)) != NULL) {
        if (place == COVEY_GC_GID) {
            covey_cbor_put_bytes(w, covey_manager_gid(m, g, gid));
        } else if (place == COVEY_GC_GNAME) {
            covey_cbor_put_text(w, covey__manager_group_name(g));
        } else {
            put_uri(w, g);
        }
    }
}

/* Versions that are not stored yet must not be seen in a Gid. */
static bool any_staged(const covey_manager *m)
{
    for (uint32_t i = 0; i < m->memory.group_count; i++) {
        if ((m->memory.groups[i].flags & GROUP_STAGED) != 0) {
            return true;
        }
    }
    return false;
}

covey_status covey__manager_fetch_names(covey__manager_call *c)
{
    const size_t start = c->out->pos;
    covey_bytes values[COVEY_KEYING_VALUES];
    covey_keying_list gids;
    uint32_t at = 0;
    size_t count = 0;

    if (covey_keying_parse(values, COVEY_KEYING_GROUPCOMM,
                           c->request->message->payload) != COVEY_OK ||
        covey_keying_list_of(&gids, values[COVEY_GC_GID]) != COVEY_OK ||
        gids.left == 0) {
        return covey__manager_code(c, COVEY_COAP_CODE(4, 0));
    }
    if (any_staged(c->m)) {
        return covey__manager_wait(c->m);
    }
    while (next_named(c->m, &gids, &at) != NULL) {
        count++;
    }
    if (count == 0) {
        covey_cbor_put_bytes_head(c->out, 0);
        return covey__manager_content(c, COVEY_KEYING_FORMAT, start);
    }
    covey_cbor_put_map(c->out, 3);
    for (unsigned place = COVEY_GC_GID; place <= COVEY_GC_GURI; place++) {
        covey_keying_put_list(c->out, place, count);
        put_named(c->m, &gids, place, c->out);
    }
    return covey__manager_content(c, COVEY_KEYING_FORMAT, start);
}

/* --- /ace-group/G -------------------------------------------------------- */

/* Who is owed them by POST gets that, too, since this may get lost. */
static covey_status keys(covey__manager_call *c,
                         const covey_manager_member *own)
{
    const size_t start = c->out->pos;

    c->answer->observable = true;
    covey__manager_put_keys(c->m, c->group, own, c->out);
    const covey_status st =
        covey__manager_content(c, COVEY_KEYING_FORMAT, start);
    if (c->answer->code == COVEY_COAP_CODE(2, 5)) {
        c->answer->keys = c->group->version;
        if (!c->request->notification && c->member != NULL) {
            (void)covey__manager_got(c->m, c->group, c->member,
                                     c->group->version);
        }
    }
    return st;
}

covey_status covey__manager_get_group(covey__manager_call *c)
{
    return keys(c, NULL);
}

covey_status covey__manager_get_node(covey__manager_call *c)
{
    return keys(c, c->member);
}

covey_status covey__manager_get_active(covey__manager_call *c)
{
    const size_t start = c->out->pos;

    c->answer->observable = true;
    covey_cbor_put_bool(c->out, c->group->active);
    return covey__manager_content(c, COVEY_KEYING_FORMAT_CBOR, start);
}

covey_status covey__manager_get_num(covey__manager_call *c)
{
    const size_t start = c->out->pos;

    c->answer->observable = true;
    covey_cbor_put_uint(c->out, c->group->version);
    return covey__manager_content(c, COVEY_KEYING_FORMAT_CBOR, start);
}

covey_status covey__manager_get_policies(covey__manager_call *c)
{
    const size_t start = c->out->pos;

    covey_cbor_put_map(c->out, 1);
    put_label(c->out, COVEY_GC_POLICIES);
    covey_keying_put_policies(c->out, c->group->check_interval,
                              c->group->expiration_delta);
    return covey__manager_content(c, COVEY_KEYING_FORMAT, start);
}

covey_status covey__manager_get_verif(covey__manager_call *c)
{
    const size_t start = c->out->pos;

    if (c->group->suite.signature == 0) {
        return covey__manager_refuse(c, COVEY_KEYING_NO_SIGNATURES);
    }
    return content_if(c, covey__manager_put_verif(c->m, c->group, c->out),
                      start);
}

covey_status covey__manager_get_creds(covey__manager_call *c)
{
    const covey_keying_filter all = { true, true, { NULL, 0 }, { NULL, 0 } };
    const size_t start = c->out->pos;

    covey__manager_put_creds(c->m, c->group, &all, c->out);
    return covey__manager_content(c, COVEY_KEYING_FORMAT, start);
}

covey_status covey__manager_fetch_creds(covey__manager_call *c)
{
    const size_t start = c->out->pos;
    covey_bytes values[COVEY_KEYING_VALUES];
    covey_keying_filter filter;

    if (covey_keying_parse(values, COVEY_KEYING_GROUPCOMM,
                           c->request->message->payload) != COVEY_OK ||
        covey_keying_filter_parse(&filter, values[COVEY_GC_GET_CREDS]) !=
            COVEY_OK ||
        filter.all || covey_keying_filter_is_empty(&filter)) {
        return covey__manager_code(c, COVEY_COAP_CODE(4, 0));
    }
    covey__manager_put_creds(c->m, c->group, &filter, c->out);
    return covey__manager_content(c, COVEY_KEYING_FORMAT, start);
}

/* --- the manager's credential -------------------------------------------- */

covey_status covey__manager_get_kdc(covey__manager_call *c)
{
    const covey_manager_member *r = c->member;
    const size_t start = c->out->pos;

    if (r->n_c_len == 0) {
        return covey__manager_code(c, COVEY_COAP_CODE(4, 0));
    }
    if (c->group->suite.signature == 0) {
        return covey__manager_refuse(c, COVEY_KEYING_NO_SIGNATURES);
    }
    return content_if(
        c,
        covey__manager_put_kdc(c->m, c->group,
                               covey_bytes_of(r->n_c, r->n_c_len), c->out),
        start);
}

covey_status covey__manager_fetch_kdc(covey__manager_call *c)
{
    const size_t start = c->out->pos;
    covey_bytes values[COVEY_KEYING_VALUES];

    if (covey_keying_parse(values, COVEY_KEYING_GROUPCOMM,
                           c->request->message->payload) != COVEY_OK ||
        values[COVEY_GC_CNONCE].len == 0 ||
        values[COVEY_GC_CNONCE].len > COVEY_KEYING_NONCE_MAX) {
        return covey__manager_code(c, COVEY_COAP_CODE(4, 0));
    }
    if (c->group->suite.signature == 0) {
        return covey__manager_refuse(c, COVEY_KEYING_NO_SIGNATURES);
    }
    return content_if(c,
                      covey__manager_put_kdc(c->m, c->group,
                                             values[COVEY_GC_CNONCE], c->out),
                      start);
}

/* --- stale Sender IDs ---------------------------------------------------- */

/* Without payload: too much has gone, the member is to drop all it knows. */
covey_status covey__manager_fetch_stale(covey__manager_call *c)
{
    const covey_manager_group *g = c->group;
    const size_t start = c->out->pos;
    int64_t from;

    if (covey_keying_int(c->request->message->payload, 0, UINT32_MAX, &from) !=
            COVEY_OK ||
        (uint64_t)from >= g->version) {
        return covey__manager_code(c, COVEY_COAP_CODE(4, 0));
    }
    if ((uint64_t)from < g->stale_from) {
        return covey__manager_code(c, COVEY_COAP_CODE(2, 5));
    }
    covey_cbor_put_array(c->out,
                         covey__manager_stale_count(c->m, g, (uint32_t)from));
    covey__manager_put_stale(c->m, g, (uint32_t)from, c->out);
    return covey__manager_content(c, COVEY_KEYING_FORMAT_CBOR, start);
}
