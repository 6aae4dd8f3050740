/* SPDX-License-Identifier: BSD-2-Clause */
#include "group_admin_show.h"

#include "coap_app.h"
#include "request_report.h"

#include <covey/keying.h>

#include <inttypes.h>
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

/* True if it went well; otherwise the code, and what the manager says. */
static bool went_well(const covey_coap_message *m)
{
    char code[REQUEST_CODE_TEXT];
    covey_keying_error error;

    if (m->code >> 5 == 2) {
        return true;
    }
    fputs(request_code_text(m->code, code), stderr);
    if (m->payload.len > 0 &&
        covey_keying_problem_parse(&error, m->payload) == COVEY_OK) {
        fprintf(stderr, ": %s", covey_keying_error_text(error));
    }
    fputc('\n', stderr);
    return false;
}

void group_show_done(const covey_coap_message *m)
{
    (void)went_well(m);
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

void group_show_list(const covey_coap_message *m)
{
    const size_t head = sizeof path_manage - 1;
    covey_bytes left = m->payload;
    struct text_link link;

    if (!went_well(m)) {
        return;
    }
    while (text_link_next(&left, &link)) {
        if (link.target.len > head &&
            memcmp(link.target.ptr, path_manage, head) == 0) {
            print_span(covey_bytes_of(link.target.ptr + head,
                                      link.target.len - head));
            putchar('\n');
        }
    }
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

static void print_value(unsigned place, covey_bytes value)
{
    covey_cbor_reader r;

    if (place == COVEY_CONF_GROUP_NAME || place == COVEY_CONF_RT ||
        place == COVEY_CONF_DESCRIPTION || place == COVEY_CONF_JOINING_URI) {
        print_span(value);
        return;
    }
    r = covey_cbor_reader_of(value, COVEY_CBOR_WELL_FORMED);
    print_item(&r);
}

void group_show_config(const covey_coap_message *m)
{
    covey_bytes values[COVEY_KEYING_VALUES];
    size_t rows;
    const covey_keying_label *labels =
        covey_keying_labels(COVEY_KEYING_CONFIG, &rows);

    if (!went_well(m)) {
        return;
    }
    if (covey_keying_parse(values, COVEY_KEYING_CONFIG, m->payload) !=
        COVEY_OK) {
        fputs("not a group configuration\n", stderr);
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

/* --- members ------------------------------------------------------------- */

static void print_roles(uint64_t roles)
{
    static const char *const names[] = { "requester", "responder", "monitor" };
    bool any = false;

    for (unsigned i = 0; i < 3; i++) {
        if ((roles >> (i + 1) & 1) != 0) {
            printf("%s%s", any ? "," : "", names[i]);
            any = true;
        }
    }
}

/* [ name, roles, Sender ID or null, version ] */
static void print_member(covey_cbor_reader *r, uint64_t version)
{
    size_t n = covey_cbor_get_array(r);
    covey_bytes id = { NULL, 0 };

    if (n != 4) {
        covey_cbor_fail(r, COVEY_E_FORMAT);
        return;
    }
    const covey_bytes name = covey_cbor_get_text(r);
    const uint64_t roles = covey_cbor_get_uint(r);
    if (covey_cbor_at_null(r)) {
        covey_cbor_get_null(r);
    } else {
        id = covey_cbor_get_bytes(r);
    }
    const uint64_t told = covey_cbor_get_uint(r);
    print_span(name);
    putchar(' ');
    print_roles(roles);
    fputs(" id ", stdout);
    for (size_t i = 0; i < id.len; i++) {
        printf("%02x", id.ptr[i]);
    }
    printf("%s%s\n", id.ptr == NULL ? "none" : "",
           told < version ? " (has not got the present keys yet)" : "");
}

void group_show_members(const covey_coap_message *m)
{
    covey_cbor_reader r;
    size_t pair;
    size_t left;

    if (!went_well(m)) {
        return;
    }
    r = covey_cbor_reader_of(m->payload, COVEY_CBOR_WELL_FORMED);
    pair = covey_cbor_get_array(&r);
    const uint64_t version = covey_cbor_get_uint(&r);
    left = covey_cbor_get_array(&r);
    const size_t count = left;
    if (pair != 2) {
        covey_cbor_fail(&r, COVEY_E_FORMAT);
    } else {
        printf("version %" PRIu64 ", %zu members\n", version, count);
    }
    while (covey_cbor_more(&r, &left)) {
        print_member(&r, version);
    }
    if (!covey_cbor_done(&r)) {
        fputs("not a list of members\n", stderr);
        return;
    }
    group_warn_many(count);
}
