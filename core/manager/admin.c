/* SPDX-License-Identifier: BSD-2-Clause */
/* Groups are listed, created, configured and deleted by those whose scope has
 * admin entries: the admin draft, Sections 6 to 8. */
#include "manager_internal.h"

#include <covey/link_format.h>

#include <string.h>

enum {
    GET = COVEY_COAP_CODE(0, 1),
    POST = COVEY_COAP_CODE(0, 2),
    DELETE = COVEY_COAP_CODE(0, 4),
    FETCH = COVEY_COAP_CODE(0, 5),
    PATCH = COVEY_COAP_CODE(0, 6),
    IPATCH = COVEY_COAP_CODE(0, 7)
};

#define CONFIG_MAX 512u

static const char resource_type[] = "core.osc.gconf";
static const char path_manage[] = "/manage/";

/* 4.03 is for who may not. */
static bool may(const covey__manager_call *c, covey_bytes name,
                unsigned permission)
{
    return (covey_keying_scope_allows(c->node->scope, name, true) &
            permission) != 0;
}

static bool read_values(const covey__manager_call *c, covey_bytes *values)
{
    uint32_t format;

    return covey_option_sound_uint(c->request->message,
                                   COVEY_OPTION_CONTENT_FORMAT, &format) &&
           format == COVEY_KEYING_FORMAT &&
           covey_keying_parse(values, COVEY_KEYING_CONFIG,
                              c->request->message->payload) == COVEY_OK;
}

static covey_status refuse(covey__manager_call *c, uint8_t refusal)
{
    return refusal >= COVEY_KEYING_ERRORS
               ? covey__manager_code(c, COVEY_COAP_CODE(4, 0))
               : covey__manager_refuse(c, (covey_keying_error)refusal);
}

/* --- /manage ------------------------------------------------------------- */

static void put_link(const covey_manager_group *g, bool first,
                     covey_writer *out)
{
    uint8_t path[sizeof path_manage + COVEY_MANAGER_NAME_MAX];
    covey_writer w = covey_writer_of(path, sizeof path);
    covey_link link = { .rt = covey_bytes_text(resource_type) };

    covey_write_bytes(
        &w, covey__manager_chars(path_manage, sizeof path_manage - 1));
    covey_write_bytes(&w, covey__manager_group_name(g));
    link.path = covey_written(&w);
    covey_link_write(out, &link, first);
}

/* The groups that this administrator may list; `values`: of these those that
 * have them. */
static covey_status list(covey__manager_call *c, const covey_bytes *values)
{
    const size_t start = c->out->pos;
    bool first = true;

    for (uint32_t i = 0; i < c->m->memory.group_count; i++) {
        const covey_manager_group *g = &c->m->memory.groups[i];

        if (g->serial == 0 || g->deleted || (g->flags & GROUP_LOST) != 0 ||
            !may(c, covey__manager_group_name(g), COVEY_KEYING_LIST) ||
            (values != NULL && !covey__manager_config_fits(g, values))) {
            continue;
        }
        put_link(g, first, c->out);
        first = false;
    }
    if (first) {
        c->answer->format = COVEY_KEYING_FORMAT_LINKS;
        return covey__manager_code(c, COVEY_COAP_CODE(2, 5));
    }
    return covey__manager_content(c, COVEY_KEYING_FORMAT_LINKS, start);
}

static bool is_name(covey_bytes name)
{
    for (size_t i = 0; i < name.len; i++) {
        const uint8_t ch = name.ptr[i];

        if (!((ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
              (ch >= '0' && ch <= '9') || ch == '-' || ch == '_' ||
              ch == '.')) {
            return false;
        }
    }
    return name.len > 0 && name.len <= COVEY_MANAGER_NAME_MAX;
}

/* The row of a new group, not in the table yet. */
static uint8_t plan(covey_manager *m, covey_manager_group *g,
                    const covey_bytes *values)
{
    const covey_bytes name = values[COVEY_CONF_GROUP_NAME];
    uint8_t refusal;

    memset(g, 0, sizeof *g);
    if (!is_name(name) || values[COVEY_CONF_RT].ptr != NULL ||
        values[COVEY_CONF_PROFILE].ptr != NULL ||
        values[COVEY_CONF_JOINING_URI].ptr != NULL) {
        return REFUSE_BAD;
    }
    if (covey__manager_group_by_name(m, name) != NULL) {
        return COVEY_KEYING_NO_NAME;
    }
    refusal = covey__manager_configure(m, g, values);
    g->serial = (uint16_t)m->next_serial;
    g->first = NO_ROW;
    g->name_len = (uint8_t)name.len;
    memcpy(g->name, name.ptr, name.len);
    g->rekey_on_join = !m->config.keep_on_join;
    g->lifetime = m->config.lifetime;
    g->keyed_at = m->now.unix_known ? m->now.unix_s : 0;
    return refusal;
}

static covey_status create(covey__manager_call *c)
{
    covey_manager *m = c->m;
    covey_bytes values[COVEY_KEYING_VALUES];
    covey_manager_group planned;
    uint8_t refusal;

    if (!read_values(c, values)) {
        return covey__manager_code(c, COVEY_COAP_CODE(4, 0));
    }
    if (!may(c, values[COVEY_CONF_GROUP_NAME], COVEY_KEYING_CREATE)) {
        return covey__manager_code(c, COVEY_COAP_CODE(4, 3));
    }
    refusal = plan(m, &planned, values);
    if (refusal != REFUSE_NOTHING) {
        return refuse(c, refusal);
    }
    c->group = covey__manager_group_row(m);
    if (c->group == NULL || m->next_serial > UINT16_MAX ||
        covey__manager_draw_keys(m, &planned) != COVEY_OK) {
        return covey__manager_code(c, COVEY_COAP_CODE(5, 3));
    }
    m->next_serial++;
    m->serial_staged = true;
    *c->group = planned;
    covey_wipe(&planned, sizeof planned);
    c->group->flags = GROUP_NEW;
    covey__manager_set_due(m, c->group);
    (void)covey__manager_defer(c, PENDING_CREATED, COVEY_COAP_CODE(2, 1));
    covey__manager_log(m, COVEY_MANAGER_DID_CREATE, c->group, NULL);
    covey__manager_stage(m, c->group);
    return COVEY_OK;
}

static covey_status collection(covey__manager_call *c)
{
    const uint32_t admin = covey_keying_scope_admin(c->node->scope);
    covey_bytes values[COVEY_KEYING_VALUES];

    if (admin == 0) {
        return covey__manager_code(c, COVEY_COAP_CODE(4, 3));
    }
    switch (c->request->message->code) {
    case GET:
        return list(c, NULL);
    case FETCH:
        return read_values(c, values)
                   ? list(c, values)
                   : covey__manager_code(c, COVEY_COAP_CODE(4, 0));
    case POST:
        return create(c);
    default:
        return covey__manager_code(c, COVEY_COAP_CODE(4, 5));
    }
}

/* --- /manage/G ----------------------------------------------------------- */

static covey_status read_config(covey__manager_call *c, const bool *wanted)
{
    const size_t start = c->out->pos;

    covey__manager_put_config(c->group, wanted, c->out);
    return covey__manager_content(c, COVEY_KEYING_FORMAT, start);
}

/* Labels that are unknown ask for nothing. */
static bool read_wanted(covey_bytes array, bool *wanted)
{
    covey_cbor_reader r = covey_cbor_reader_of(array, COVEY_CBOR_WELL_FORMED);
    size_t rows;
    const covey_keying_label *labels =
        covey_keying_labels(COVEY_KEYING_CONFIG, &rows);

    for (size_t n = covey_cbor_get_array(&r); covey_cbor_more(&r, &n);) {
        const int64_t label = covey_cbor_get_int(&r);

        for (size_t i = 0; i < rows; i++) {
            if (labels[i].label == label) {
                wanted[labels[i].place] = true;
            }
        }
    }
    return covey_cbor_done(&r);
}

static covey_status fetch_config(covey__manager_call *c)
{
    covey_bytes values[COVEY_KEYING_VALUES];
    bool wanted[COVEY_KEYING_VALUES] = { false };

    if (!read_values(c, values) ||
        !read_wanted(values[COVEY_CONF_FILTER], wanted)) {
        return covey__manager_code(c, COVEY_COAP_CODE(4, 0));
    }
    return read_config(c, wanted);
}

static bool same_suite(const covey_keying_suite *a,
                       const covey_keying_suite *b)
{
    return a->hkdf == b->hkdf && a->cred_fmt == b->cred_fmt &&
           a->group_enc == b->group_enc && a->signature == b->signature &&
           a->aead == b->aead && a->agreement == b->agreement &&
           a->curve == b->curve;
}

/* Other algorithms want other credentials or keys: only without members. */
static covey_status take_over(covey__manager_call *c,
                              const covey_bytes *values)
{
    covey_manager_group *g = c->group;
    covey_manager_group planned = *g;
    bool same;
    uint8_t refusal = covey__manager_configure(c->m, &planned, values);

    same = same_suite(&planned.suite, &g->suite);
    if (refusal == REFUSE_NOTHING && (same || g->members == 0)) {
        *g = planned;
    }
    covey_wipe(&planned, sizeof planned);
    if (refusal != REFUSE_NOTHING) {
        return refuse(c, refusal);
    }
    if (!same && g->members > 0) {
        return covey__manager_code(c, COVEY_COAP_CODE(4, 9));
    }
    if (!same) {
        covey__manager_want_rekey(c->m, g, COVEY_MANAGER_BY_OPERATOR);
    }
    covey__manager_set_due(c->m, g);
    (void)covey__manager_defer(c, PENDING_DONE, COVEY_COAP_CODE(2, 4));
    covey__manager_log(c->m, COVEY_MANAGER_DID_CONFIGURE, g, NULL);
    covey__manager_stage(c->m, g);
    return COVEY_OK;
}

/* A configuration of this group; false: malformed, or of another one. */
static bool read_changes(const covey__manager_call *c, covey_bytes *values)
{
    return read_values(c, values) &&
           (values[COVEY_CONF_GROUP_NAME].ptr == NULL ||
            covey_bytes_equal(values[COVEY_CONF_GROUP_NAME],
                              covey__manager_group_name(c->group)));
}

static covey_status overwrite(covey__manager_call *c)
{
    covey_bytes values[COVEY_KEYING_VALUES];

    return read_changes(c, values)
               ? take_over(c, values)
               : covey__manager_code(c, COVEY_COAP_CODE(4, 0));
}

/* PATCH and iPATCH: what is absent stays. Changes of application groups are
 * refused as these groups are. */
static covey_status patch(covey__manager_call *c)
{
    covey_bytes values[COVEY_KEYING_VALUES];
    covey_bytes present[COVEY_KEYING_VALUES];
    uint8_t storage[CONFIG_MAX];
    covey_writer w = covey_writer_of(storage, sizeof storage);

    if (!read_changes(c, values) || values[COVEY_CONF_FILTER].ptr != NULL) {
        return covey__manager_code(c, COVEY_COAP_CODE(4, 0));
    }
    if (values[COVEY_CONF_APP_GROUPS_DIFF].ptr != NULL) {
        return covey__manager_refuse(c, COVEY_KEYING_BAD_CONFIG);
    }
    covey__manager_put_config(c->group, NULL, &w);
    if (w.failed != COVEY_OK ||
        covey_keying_parse(present, COVEY_KEYING_CONFIG, covey_written(&w)) !=
            COVEY_OK) {
        return covey__manager_code(c, COVEY_COAP_CODE(5, 0));
    }
    for (size_t i = 0; i < COVEY_KEYING_VALUES; i++) {
        present[i] = values[i].ptr != NULL ? values[i] : present[i];
    }
    return take_over(c, present);
}

/* Members are told, and with the last of them the row goes. */
static covey_status remove_group(covey__manager_call *c)
{
    covey_manager_group *g = c->group;
    covey_manager_member *r = NULL;
    bool any = false;

    if (g->active) {
        return covey__manager_refuse(c, COVEY_KEYING_ACTIVE);
    }
    while ((r = covey__manager_next(c->m, g, r)) != NULL) {
        if (r->standing == COVEY_MANAGER_PRESENT) {
            covey__manager_remove(c->m, g, r, true);
        }
        any = any || (r->flags & MEMBER_REMOVE) == 0;
    }
    g->deleted = true;
    g->due = COVEY_NEVER;
    g->flags |= any ? 0 : GROUP_REMOVE;
    (void)covey__manager_defer(c, PENDING_DONE, COVEY_COAP_CODE(2, 2));
    covey__manager_log(c->m, COVEY_MANAGER_DID_DELETE, g, NULL);
    covey__manager_stage(c->m, g);
    return COVEY_OK;
}

static covey_status show_config(covey__manager_call *c)
{
    return read_config(c, NULL);
}

/* clang-format off */
static const struct {
    uint8_t method;
    uint8_t permission;
    covey__manager_handler handler;
} methods[] = {
    { GET,    COVEY_KEYING_READ,   show_config },
    { FETCH,  COVEY_KEYING_READ,   fetch_config },
    { POST,   COVEY_KEYING_WRITE,  overwrite },
    { PATCH,  COVEY_KEYING_WRITE,  patch },
    { IPATCH, COVEY_KEYING_WRITE,  patch },
    { DELETE, COVEY_KEYING_DELETE, remove_group },
};
/* clang-format on */

/* NULL: *permission is 0 if there is no such resource at all. */
static covey__manager_handler find_handler(const covey__manager_call *c,
                                           uint8_t *permission)
{
    if (c->segments > 2) {
        return covey__manager_operation(c, permission);
    }
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        *permission = methods[i].permission;
        if (methods[i].method == c->request->message->code) {
            return methods[i].handler;
        }
    }
    return NULL;
}

static covey_status configuration(covey__manager_call *c)
{
    const covey_bytes name = c->segment[1];
    uint8_t permission = 0;
    const covey__manager_handler handler = find_handler(c, &permission);

    if (handler == NULL) {
        return covey__manager_code(c, permission != 0 ? COVEY_COAP_CODE(4, 5)
                                                      : COVEY_COAP_CODE(4, 4));
    }
    if (!may(c, name, permission)) {
        return covey__manager_code(c, COVEY_COAP_CODE(4, 3));
    }
    c->group = covey__manager_group_by_name(c->m, name);
    if (c->group == NULL || c->group->deleted) {
        return covey__manager_say(c, COVEY_COAP_CODE(4, 4), NO_GROUP);
    }
    if ((c->group->flags & GROUP_LOST) != 0) {
        return covey__manager_code(c, COVEY_COAP_CODE(5, 3));
    }
    if ((c->group->flags & GROUP_STAGED) != 0) {
        return covey__manager_wait(c->m);
    }
    return handler(c);
}

covey_status covey__manager_admin(covey__manager_call *c)
{
    for (uint32_t i = 0; c->segments == 1 && i < c->m->memory.group_count;
         i++) {
        if ((c->m->memory.groups[i].flags & GROUP_STAGED) != 0) {
            return covey__manager_wait(c->m);
        }
    }
    return c->segments == 1 ? collection(c) : configuration(c);
}
