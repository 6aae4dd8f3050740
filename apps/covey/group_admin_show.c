/* SPDX-License-Identifier: BSD-2-Clause */
#include "group_admin_show.h"

#include "coap_app.h"

#include <covey/keying.h>

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <weblink.h>

static const char path_manage[] = "/manage/";

void group_warn_many(size_t count)
{
    if (count > GROUP_MANY) {
        fprintf(stderr,
                "warning: %zu members; a group of more than %d is better "
                "split (seed 002 Section 3)\n",
                count, GROUP_MANY);
    }
}

static void print_span(covey_bytes text)
{
    if (coap_is_printable(text)) {
        fwrite(text.ptr, 1, text.len, stdout);
        return;
    }
    for (size_t i = 0; i < text.len; i++) {
        printf("%02x", text.ptr[i]);
    }
}

/* --- lists --------------------------------------------------------------- */

static bool next_name(covey_bytes *left, covey_bytes *name)
{
    const size_t head = sizeof path_manage - 1;
    struct text_link link;

    while (text_link_next(left, &link)) {
        if (link.target.len > head &&
            memcmp(link.target.ptr, path_manage, head) == 0) {
            *name =
                covey_bytes_of(link.target.ptr + head, link.target.len - head);
            return true;
        }
    }
    return false;
}

void group_show_list(const covey_coap_message *m)
{
    covey_bytes left = m->payload;
    covey_bytes name;

    while (next_name(&left, &name)) {
        print_span(name);
        putchar('\n');
    }
}

/* --- JSON ---------------------------------------------------------------- */

/* jansson's setters pass on what is missing for want of memory. */
static void print_json(json_t *o)
{
    if (o == NULL || json_dumpf(o, stdout, JSON_COMPACT) != 0) {
        fputs("out of memory\n", stderr);
    }
    putchar('\n');
    json_decref(o);
}

static json_t *json_text(covey_bytes text)
{
    return json_stringn_nocheck((const char *)text.ptr, text.len);
}

static json_t *json_hex(covey_bytes bytes)
{
    char text[2 * COVEY_KEYING_NONCE_MAX + 1] = "";

    for (size_t i = 0; i < bytes.len && 2 * i + 2 < sizeof text; i++) {
        (void)snprintf(text + 2 * i, 3, "%02x", bytes.ptr[i]);
    }
    return json_string(text);
}

void group_show_list_json(const covey_coap_message *m)
{
    covey_bytes left = m->payload;
    json_t *names = json_array();
    covey_bytes name;

    while (next_name(&left, &name)) {
        (void)json_array_append_new(names, json_text(name));
    }
    print_json(json_pack("{s:o}", "groups", names));
}

/* --- configurations ------------------------------------------------------ */

static void print_item(covey_cbor_reader *r)
{
    const covey_cbor_type type = covey_cbor_peek(r);

    if (type == COVEY_CBOR_UINT || type == COVEY_CBOR_NINT) {
        printf("%" PRId64, covey_cbor_get_int(r));
    } else if (type == COVEY_CBOR_TEXT) {
        print_span(covey_cbor_get_text(r));
    } else if (type == COVEY_CBOR_SIMPLE && covey_cbor_at_null(r)) {
        covey_cbor_get_null(r);
        fputs("none", stdout);
    } else if (type == COVEY_CBOR_SIMPLE) {
        fputs(covey_cbor_get_bool(r) ? "true" : "false", stdout);
    } else {
        const covey_bytes item = covey_cbor_get_item(r);
        fputs("h'", stdout);
        for (size_t i = 0; i < item.len; i++) {
            printf("%02x", item.ptr[i]);
        }
        putchar('\'');
    }
}

static bool is_text(unsigned place)
{
    return place == COVEY_CONF_GROUP_NAME || place == COVEY_CONF_RT ||
           place == COVEY_CONF_DESCRIPTION || place == COVEY_CONF_JOINING_URI;
}

static void print_value(unsigned place, covey_bytes value)
{
    covey_cbor_reader r;

    if (is_text(place)) {
        print_span(value);
        return;
    }
    r = covey_cbor_reader_of(value, COVEY_CBOR_WELL_FORMED);
    print_item(&r);
}

static json_t *json_value(unsigned place, covey_bytes value)
{
    covey_cbor_reader r = covey_cbor_reader_of(value, COVEY_CBOR_WELL_FORMED);
    const covey_cbor_type type = covey_cbor_peek(&r);

    if (is_text(place)) {
        return json_text(value);
    }
    if (type == COVEY_CBOR_UINT || type == COVEY_CBOR_NINT) {
        return json_integer(covey_cbor_get_int(&r));
    }
    if (type == COVEY_CBOR_TEXT) {
        return json_text(covey_cbor_get_text(&r));
    }
    if (type == COVEY_CBOR_SIMPLE && covey_cbor_at_null(&r)) {
        return json_null();
    }
    return type == COVEY_CBOR_SIMPLE ? json_boolean(covey_cbor_get_bool(&r))
                                     : json_hex(value);
}

static bool read_config(const covey_coap_message *m, covey_bytes *values)
{
    if (covey_keying_parse(values, COVEY_KEYING_CONFIG, m->payload) !=
        COVEY_OK) {
        fputs("not a group configuration\n", stderr);
        return false;
    }
    return true;
}

void group_show_config(const covey_coap_message *m)
{
    covey_bytes values[COVEY_KEYING_VALUES];
    size_t rows;
    const covey_keying_label *labels =
        covey_keying_labels(COVEY_KEYING_CONFIG, &rows);

    if (!read_config(m, values)) {
        return;
    }
    for (size_t i = 0; i < rows; i++) {
        if (values[labels[i].place].ptr != NULL) {
            printf("%-20s ", labels[i].name);
            print_value(labels[i].place, values[labels[i].place]);
            putchar('\n');
        }
    }
}

void group_show_config_json(const covey_coap_message *m)
{
    covey_bytes values[COVEY_KEYING_VALUES];
    size_t rows;
    const covey_keying_label *labels =
        covey_keying_labels(COVEY_KEYING_CONFIG, &rows);
    json_t *o;

    if (!read_config(m, values)) {
        return;
    }
    o = json_object();
    for (size_t i = 0; i < rows; i++) {
        const unsigned place = labels[i].place;
        if (values[place].ptr != NULL) {
            (void)json_object_set_new(o, labels[i].name,
                                      json_value(place, values[place]));
        }
    }
    print_json(o);
}

/* --- members ------------------------------------------------------------- */

static const char *const role_names[] = { "requester", "responder",
                                          "monitor" };

enum {
    ROLE_NAMES = 3
};

static bool has_role(uint64_t roles, unsigned i)
{
    return (roles >> (i + 1) & 1) != 0;
}

/* [ name, roles, Sender ID or null, version ] */
struct row {
    covey_bytes name;
    uint64_t roles;
    covey_bytes id; /* absent: a monitor */
    uint64_t told;
};

static bool read_row(covey_cbor_reader *r, struct row *row)
{
    memset(row, 0, sizeof *row);
    if (covey_cbor_get_array(r) != 4) {
        covey_cbor_fail(r, COVEY_E_FORMAT);
        return false;
    }
    row->name = covey_cbor_get_text(r);
    row->roles = covey_cbor_get_uint(r);
    if (covey_cbor_at_null(r)) {
        covey_cbor_get_null(r);
    } else {
        row->id = covey_cbor_get_bytes(r);
    }
    row->told = covey_cbor_get_uint(r);
    return true;
}

static void print_row(const struct row *row, uint64_t version)
{
    bool any = false;

    print_span(row->name);
    putchar(' ');
    for (unsigned i = 0; i < ROLE_NAMES; i++) {
        if (has_role(row->roles, i)) {
            printf("%s%s", any ? "," : "", role_names[i]);
            any = true;
        }
    }
    fputs(" id ", stdout);
    for (size_t i = 0; i < row->id.len; i++) {
        printf("%02x", row->id.ptr[i]);
    }
    printf("%s%s\n", row->id.ptr == NULL ? "none" : "",
           row->told < version ? " (has not got the present keys yet)" : "");
}

static json_t *json_row(const struct row *row, uint64_t version)
{
    json_t *roles = json_array();

    for (unsigned i = 0; i < ROLE_NAMES; i++) {
        if (has_role(row->roles, i)) {
            (void)json_array_append_new(roles, json_string(role_names[i]));
        }
    }
    return json_pack("{s:o, s:o, s:o, s:I, s:b}", "name", json_text(row->name),
                     "roles", roles, "sender_id",
                     row->id.ptr != NULL ? json_hex(row->id) : json_null(),
                     "version", (json_int_t)row->told, "current",
                     row->told >= version);
}

/* [ version, [ member, ... ] ]; into `list`, or printed if it is NULL. False:
 * it is none. */
static bool read_members(covey_bytes payload, json_t *list, uint64_t *version,
                         size_t *count)
{
    covey_cbor_reader r =
        covey_cbor_reader_of(payload, COVEY_CBOR_WELL_FORMED);
    const size_t pair = covey_cbor_get_array(&r);
    struct row row;
    size_t left;

    *version = covey_cbor_get_uint(&r);
    left = covey_cbor_get_array(&r);
    *count = left;
    if (pair != 2) {
        covey_cbor_fail(&r, COVEY_E_FORMAT);
    } else if (list == NULL) {
        printf("version %" PRIu64 ", %zu members\n", *version, *count);
    }
    while (covey_cbor_more(&r, &left) && read_row(&r, &row)) {
        if (list == NULL) {
            print_row(&row, *version);
        } else {
            (void)json_array_append_new(list, json_row(&row, *version));
        }
    }
    return covey_cbor_done(&r);
}

static void show_members(const covey_coap_message *m, json_t *list)
{
    uint64_t version;
    size_t count;

    if (!read_members(m->payload, list, &version, &count)) {
        fputs("not a list of members\n", stderr);
        return;
    }
    if (list != NULL) {
        print_json(json_pack("{s:I, s:O}", "version", (json_int_t)version,
                             "members", list));
    }
    group_warn_many(count);
}

void group_show_members(const covey_coap_message *m)
{
    show_members(m, NULL);
}

void group_show_members_json(const covey_coap_message *m)
{
    json_t *list = json_array();

    if (list == NULL) {
        fputs("out of memory\n", stderr);
        return;
    }
    show_members(m, list);
    json_decref(list);
}
