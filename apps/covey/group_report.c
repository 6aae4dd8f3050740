/* SPDX-License-Identifier: BSD-2-Clause */
/* jansson's constructors give NULL without memory, and its setters pass that
 * on; what is missing then is told at the end. */
#include "group_report.h"

#include "cmd.h"
#include "oscore_session.h"

#include <hex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Values of text stand below each other; this is the longest name. */
#define COLUMN ((int)sizeof "info_for_signature_encryption_key: " - 1)

void group_report_begin(group_report *r, const group_args *args,
                        const covey_crypto *crypto)
{
    r->crypto = crypto;
    r->root = args->json ? json_object() : NULL;
    r->at = r->root;
    r->keys = args->keys;
}

static json_t *hex_json(covey_bytes value)
{
    char *text = malloc(2 * value.len + 1);
    json_t *o = NULL;

    if (text != NULL) {
        text[0] = '\0';
        for (size_t i = 0; i < value.len; i++) {
            snprintf(text + 2 * i, 3, "%02x", value.ptr[i]);
        }
        o = json_string(text);
        covey_wipe(text, 2 * value.len);
    }
    free(text);
    return o;
}

static void put_name(const char *name)
{
    const int len = (int)strlen(name) + 1;

    printf("%s:%*s", name, len < COLUMN ? COLUMN - len : 1, "");
}

void group_report_bytes(group_report *r, const char *name, covey_bytes value)
{
    if (r->root != NULL) {
        json_object_set_new(r->at, name, hex_json(value));
        return;
    }
    put_name(name);
    hex_print(stdout, value);
    puts(value.len == 0 ? "empty" : "");
}

void group_report_secret(group_report *r, const char *name, covey_bytes value)
{
    uint8_t print[OSCORE_FINGERPRINT];
    char print_name[40];

    if (r->keys) {
        group_report_bytes(r, name, value);
    } else if (oscore_fingerprint(r->crypto, value, print) == COVEY_OK) {
        snprintf(print_name, sizeof print_name, "%s_sha256", name);
        group_report_bytes(r, print_name, covey_bytes_of(print, sizeof print));
    }
}

void group_report_text(group_report *r, const char *name, const char *value)
{
    if (r->root != NULL) {
        json_object_set_new(r->at, name, json_string(value));
    } else {
        put_name(name);
        puts(value);
    }
}

void group_report_number(group_report *r, const char *name, uint64_t value)
{
    if (r->root != NULL) {
        json_object_set_new(r->at, name, json_integer((json_int_t)value));
    } else {
        put_name(name);
        printf("%llu\n", (unsigned long long)value);
    }
}

void group_report_member(group_report *r, covey_bytes id)
{
    json_t *list;

    if (r->root == NULL) {
        putchar('\n');
        group_report_bytes(r, "recipient_id", id);
        return;
    }
    list = json_object_get(r->root, "members");
    if (list == NULL) {
        list = json_array();
        json_object_set_new(r->root, "members", list);
    }
    r->at = json_object();
    json_array_append_new(list, r->at);
    group_report_bytes(r, "recipient_id", id);
}

int group_report_end(group_report *r, const group_args *args)
{
    bool ok = true;

    if (args->json) {
        ok = r->root != NULL &&
             json_dumpf(r->root, stdout, JSON_INDENT(2)) == 0 &&
             putchar('\n') != EOF;
        json_decref(r->root);
        r->root = NULL;
    }
    return ok ? EXIT_DONE
              : group_fail(args, EXIT_IO, "JSON could not be written");
}
