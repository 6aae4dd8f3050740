/* SPDX-License-Identifier: BSD-2-Clause */
/* The verbs compress, decompress and explain. */
#include "schc_codec.h"

#include "cmd.h"
#include "schc_html.h"
#include "schc_json.h"
#include "schc_text.h"
#include "schc_verbs.h"

#include <hex.h>
#include <stdlib.h>

/* What a verb prints of a packet that was compressed or decompressed. */
typedef int (*printer)(const schc_session *s, schc_view *v);

/* Rules, operand, view, printer. */
static int run(const schc_args *args, bool compressed, printer print)
{
    schc_session s;
    schc_view v;
    uint8_t *bytes;
    size_t len;
    int rc = schc_session_open(&s, args);

    if (rc != EXIT_DONE) {
        return rc;
    }
    rc = schc_session_input(&s, &bytes, &len);
    if (rc != EXIT_DONE) {
        schc_session_close(&s);
        return rc;
    }
    rc = compressed ? schc_view_decompress(&v, &s, covey_bytes_of(bytes, len))
                    : schc_view_compress(&v, &s, covey_bytes_of(bytes, len));
    if (rc == EXIT_DONE) {
        rc = print(&s, &v);
        schc_view_free(&v);
    }
    free(bytes);
    schc_session_close(&s);
    return rc;
}

static int print_hex(const schc_session *s, const schc_view *v,
                     covey_bytes bytes)
{
    if (s->args->verbose) {
        fprintf(stderr, "rule %s, %lu bits\n", v->rule_name,
                (unsigned long)v->schc_bits);
    }
    hex_print(stdout, bytes);
    putchar('\n');
    return schc_output_close(stdout, NULL);
}

static int print_json(const schc_session *s, schc_view *v)
{
    int rc = schc_view_explain(v, s);

    return rc == EXIT_DONE ? schc_json_print(schc_json_view(s, v)) : rc;
}

static int print_compressed(const schc_session *s, schc_view *v)
{
    return s->args->json ? print_json(s, v) : print_hex(s, v, v->schc);
}

static int print_decompressed(const schc_session *s, schc_view *v)
{
    return s->args->json ? print_json(s, v) : print_hex(s, v, v->packet);
}

int schc_codec_explain(const schc_session *s, schc_view *v)
{
    int rc;

    if (s->args->json) {
        return print_json(s, v);
    }
    rc = schc_view_explain(v, s);
    if (rc != EXIT_DONE) {
        return rc;
    }
    if (s->args->html != NULL) {
        FILE *out = schc_output_open(s->args->html);

        if (out == NULL) {
            return EXIT_IO;
        }
        schc_html_print(s, v, out);
        return schc_output_close(out, s->args->html);
    }
    schc_text_print(s, v, stdout);
    return schc_output_close(stdout, NULL);
}

int schc_verb_compress(const schc_args *args)
{
    return run(args, false, print_compressed);
}

int schc_verb_decompress(const schc_args *args)
{
    return run(args, true, print_decompressed);
}

int schc_verb_explain(const schc_args *args)
{
    if (args->json && args->html != NULL) {
        fputs("covey schc explain: --json and --html: choose one\n", stderr);
        return EXIT_USAGE;
    }
    return run(args, args->compressed, schc_codec_explain);
}
