/* SPDX-License-Identifier: BSD-2-Clause */
/* covey its show, id, convert; and trees as text. Jansson's trees are as deep
 * as certificates are, so a stack of positions is enough. */
#include "its_show.h"

#include "cmd.h"
#include "its_verbs.h"

#include <hex.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <text.h>

enum {
    DEPTH_MAX = 16
};

static void print_scalar(const json_t *v)
{
    if (json_is_string(v)) {
        fwrite(json_string_value(v), 1, json_string_length(v), stdout);
    } else if (json_is_integer(v)) {
        printf("%" JSON_INTEGER_FORMAT, json_integer_value(v));
    } else if (json_is_real(v)) {
        printf("%.7f", json_real_value(v));
    } else if (json_is_boolean(v)) {
        fputs(json_is_true(v) ? "yes" : "no", stdout);
    }
    putchar('\n');
}

struct level {
    json_t *tree;
    void *at;     /* of an object */
    size_t index; /* of an array */
};

/* The next child of a level and its name; NULL at the end. */
static json_t *next_child(struct level *l, const char **name)
{
    json_t *child = NULL;

    if (json_is_array(l->tree)) {
        *name = "-";
        return json_array_get(l->tree, l->index++);
    }
    l->at = l->index++ == 0 ? json_object_iter(l->tree)
                            : json_object_iter_next(l->tree, l->at);
    if (l->at != NULL) {
        *name = json_object_iter_key(l->at);
        child = json_object_iter_value(l->at);
    }
    return child;
}

static void print_text(json_t *tree)
{
    struct level levels[DEPTH_MAX] = { { tree, NULL, 0 } };
    unsigned depth = 0;

    for (;;) {
        const char *name = NULL;
        json_t *child = next_child(&levels[depth], &name);
        if (child == NULL) {
            if (depth-- == 0) {
                return;
            }
            continue;
        }
        printf("%*s%s%s", (int)(2 * depth), "", name,
               name[0] == '-' ? "" : ":");
        if ((json_is_object(child) || json_is_array(child)) &&
            depth + 1 < DEPTH_MAX) {
            putchar('\n');
            levels[++depth] = (struct level){ child, NULL, 0 };
        } else {
            putchar(' ');
            print_scalar(child);
        }
    }
}

void its_print(const its_args *args, json_t *tree)
{
    if (args->json) {
        json_dumpf(tree, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
        putchar('\n');
    } else {
        print_text(tree);
    }
    json_decref(tree);
}

/* What a file holds: a certificate begins with 80 or 00, data with 03. */
static int show(const its_args *args, covey_bytes bytes, const char *path,
                const covey_crypto *crypto)
{
    covey_its_finding why = { .reason = COVEY_ITS_FINE };
    covey_its_signed d;
    covey_its_cert c;

    if (bytes.len > 0 && bytes.ptr[0] == 3) {
        if (covey_its_signed_decode(&d, bytes, &why) == COVEY_OK) {
            its_print(args, its_json_signed(&d, crypto));
            return EXIT_DONE;
        }
    } else if (covey_its_cert_decode(&c, bytes, &why) == COVEY_OK) {
        its_print(args, its_json_cert(&c, crypto));
        return EXIT_DONE;
    }
    fflush(stdout);
    fprintf(stderr, "covey its %s: %s: ", args->verb, path);
    its_why_print(stderr, &why);
    return EXIT_NEGATIVE;
}

static int identify(const its_args *args, covey_bytes bytes, const char *path,
                    const covey_crypto *crypto)
{
    covey_its_finding why = { .reason = COVEY_ITS_R_SM };
    covey_its_cert c;
    covey_its_digest d;
    covey_bytes all;
    json_t *o;

    if (covey_its_cert_decode(&c, bytes, &why) != COVEY_OK ||
        covey_its_digest_of(&d, &c, crypto) != COVEY_OK) {
        fprintf(stderr, "covey its %s: %s: ", args->verb, path);
        its_why_print(stderr, &why);
        return EXIT_NEGATIVE;
    }
    all = covey_bytes_of(d.bytes, d.len);
    if (!args->json) {
        hex_print(stdout, covey_its_hashed_id(&d, COVEY_ITS_ID8));
        printf("  %s\n", path);
        return EXIT_DONE;
    }
    o = json_object();
    (void)json_object_set_new(o, "file", json_string(path));
    (void)json_object_set_new(
        o, "hash", json_string(d.len == 32 ? "SHA-256" : "SHA-384"));
    (void)json_object_set_new(o, "digest", its_json_hex(all));
    (void)json_object_set_new(o, "hashedId3",
                              its_json_hex(covey_its_hashed_id(&d, 3)));
    (void)json_object_set_new(o, "hashedId8",
                              its_json_hex(covey_its_hashed_id(&d, 8)));
    (void)json_object_set_new(o, "hashedId10",
                              its_json_hex(covey_its_hashed_id(&d, 10)));
    its_print(args, o);
    return EXIT_DONE;
}

static int each(const its_args *args, const covey_crypto *crypto,
                int (*work)(const its_args *, covey_bytes, const char *,
                            const covey_crypto *))
{
    int worst = EXIT_DONE;

    for (size_t i = 0; i < args->operands.count; i++) {
        const char *path = args->operands.path[i];
        uint8_t *bytes = NULL;
        size_t len = 0;
        int status = its_load(args, path, &bytes, &len);
        if (status == EXIT_DONE) {
            status = work(args, covey_bytes_of(bytes, len), path, crypto);
        }
        free(bytes);
        worst = status > worst ? status : worst;
    }
    return worst;
}

int its_verb_show(const its_args *args, const covey_crypto *crypto)
{
    return each(args, crypto, show);
}

int its_verb_id(const its_args *args, const covey_crypto *crypto)
{
    return each(args, crypto, identify);
}

int its_verb_convert(const its_args *args, const covey_crypto *crypto)
{
    FILE *file = stdout;
    uint8_t *bytes = NULL;
    size_t len = 0;
    int status = its_load(args, args->operands.path[0], &bytes, &len);
    covey_bytes b = covey_bytes_of(bytes, len);

    (void)crypto;
    if (status == EXIT_DONE && args->out != NULL) {
        file = fopen(args->out, "wb");
        if (file == NULL) {
            status =
                its_fail(args, EXIT_IO, "%s: cannot be written", args->out);
        }
    }
    if (status == EXIT_DONE) {
        if (args->to != NULL && strcmp(args->to, "binary") == 0) {
            fwrite(b.ptr, 1, b.len, file);
        } else if (args->to != NULL && strcmp(args->to, "base64") == 0) {
            text_base64_print(file, b);
            fputc('\n', file);
        } else {
            hex_print(file, b);
            fputc('\n', file);
        }
        if (file != stdout && fclose(file) != 0) {
            status =
                its_fail(args, EXIT_IO, "%s: cannot be written", args->out);
        }
    }
    free(bytes);
    return status;
}
