/* SPDX-License-Identifier: BSD-2-Clause */
/* `covey coap decode` and `covey coap encode`: covey-coap(1). */
#include "cmd.h"
#include "coap_app.h"

#include <hex.h>
#include <stdlib.h>
#include <string.h>

/* --- arguments ---------------------------------------------------------- */

/* What the command line says. Options of a message go straight into the
 * draft, in the order in which they come. */
struct args {
    bool json;
    bool text;
    bool help;
    const char *file; /* of --json and --text of encode */
    covey_kudos_layout kudos;
    char *hex; /* decode: all operands, or "-" */
    struct coap_draft draft;
    bool described; /* encode: something of the message was given */
    struct app_error error;
};

struct option {
    const char *name;
    bool has_value;
    bool (*apply)(struct args *a, const char *value);
};

static bool opt_stream(struct args *a, const char *value)
{
    (void)value;
    a->draft.framing = COAP_STREAM;
    return true;
}

static bool opt_inner(struct args *a, const char *value)
{
    (void)value;
    a->draft.framing = COAP_INNER;
    return true;
}

static bool opt_json(struct args *a, const char *value)
{
    (void)value;
    a->json = true;
    return true;
}

static bool opt_help(struct args *a, const char *value)
{
    (void)value;
    a->help = true;
    return true;
}

static bool opt_kudos(struct args *a, const char *value)
{
    if (strcmp(value, "seed") == 0) {
        a->kudos = COVEY_KUDOS_SEED;
    } else if (strcmp(value, "14") == 0) {
        a->kudos = COVEY_KUDOS_14;
    } else {
        return app_error_set(&a->error, "expected seed or 14, found '%s'",
                             value);
    }
    return true;
}

static bool opt_json_file(struct args *a, const char *value)
{
    a->json = true;
    a->file = value;
    return true;
}

static bool opt_text_file(struct args *a, const char *value)
{
    a->text = true;
    a->file = value;
    return true;
}

static bool opt_type(struct args *a, const char *value)
{
    a->described = true;
    return coap_type_find(value, &a->draft.head.type) ||
           app_error_set(&a->error,
                         "expected con, non, ack or rst, found '%s'", value);
}

static bool opt_code(struct args *a, const char *value)
{
    a->described = true;
    return coap_code_find(value, &a->draft.head.code) ||
           app_error_set(&a->error,
                         "expected a code such as 0.01 or GET, found '%s'",
                         value);
}

static bool opt_message_id(struct args *a, const char *value)
{
    uint32_t v;

    if (!coap_parse_number(value, UINT16_MAX, &v)) {
        return app_error_set(&a->error, "expected 0 to 65535, found '%s'",
                             value);
    }
    a->draft.head.message_id = (uint16_t)v;
    a->described = true;
    return true;
}

static bool opt_token(struct args *a, const char *value)
{
    a->described = true;
    return coap_draft_hex(&a->draft, value, strlen(value),
                          &a->draft.head.token, &a->error);
}

static bool opt_option(struct args *a, const char *value)
{
    a->described = true;
    return coap_draft_option(&a->draft, value, &a->error);
}

static bool opt_uri(struct args *a, const char *value)
{
    a->described = true;
    return coap_draft_uri(&a->draft, value, &a->error);
}

static bool opt_payload(struct args *a, const char *value)
{
    a->draft.payload = coap_draft_copy(&a->draft, value, strlen(value));
    a->described = true;
    return true;
}

static bool opt_payload_hex(struct args *a, const char *value)
{
    a->described = true;
    return coap_draft_hex(&a->draft, value, strlen(value), &a->draft.payload,
                          &a->error);
}

static bool opt_payload_file(struct args *a, const char *value)
{
    a->described = true;
    return coap_draft_file(&a->draft, value, &a->draft.payload, &a->error);
}

static const struct option decode_options[] = {
    { "--stream", false, opt_stream }, { "--inner", false, opt_inner },
    { "--json", false, opt_json },     { "--kudos", true, opt_kudos },
    { "--help", false, opt_help },     { NULL, false, NULL },
};

static const struct option encode_options[] = {
    { "--stream", false, opt_stream },
    { "--inner", false, opt_inner },
    { "--kudos", true, opt_kudos },
    { "--json", true, opt_json_file },
    { "--text", true, opt_text_file },
    { "-t", true, opt_type },
    { "-c", true, opt_code },
    { "-m", true, opt_message_id },
    { "-T", true, opt_token },
    { "-o", true, opt_option },
    { "-u", true, opt_uri },
    { "-p", true, opt_payload },
    { "--payload-hex", true, opt_payload_hex },
    { "--payload-file", true, opt_payload_file },
    { "--help", false, opt_help },
    { NULL, false, NULL },
};

/* One operand more of decode; digits may be spread over several. */
static void add_operand(struct args *a, const char *operand)
{
    size_t old = a->hex != NULL ? strlen(a->hex) : 0;
    char *joined = app_alloc(old + strlen(operand) + 2);

    if (a->hex != NULL) {
        memcpy(joined, a->hex, old);
        joined[old++] = ' ';
    }
    memcpy(joined + old, operand, strlen(operand) + 1);
    free(a->hex);
    a->hex = joined;
}

static bool read_arg(struct args *a, const struct option *options, int argc,
                     char **argv, int *i)
{
    const char *arg = argv[*i];

    if (arg[0] != '-' || arg[1] == '\0') {
        add_operand(a, arg);
        return true;
    }
    for (const struct option *o = options; o->name != NULL; o++) {
        if (strcmp(o->name, arg) != 0) {
            continue;
        }
        if (o->has_value && *i + 1 == argc) {
            return app_error_set(&a->error, "%s: a value is missing", arg);
        }
        struct app_error why;
        const char *value = o->has_value ? argv[++*i] : NULL;
        if (!o->apply(a, value)) {
            why = a->error;
            return app_error_set(&a->error, "%s: %s", arg, why.text);
        }
        return true;
    }
    return app_error_set(&a->error, "unknown option '%s'", arg);
}

static bool read_args(struct args *a, const struct option *options, int argc,
                      char **argv)
{
    memset(a, 0, sizeof *a);
    coap_draft_init(&a->draft, COAP_DATAGRAM);
    for (int i = 1; i < argc; i++) {
        if (!read_arg(a, options, argc, argv, &i)) {
            return false;
        }
    }
    return true;
}

static void free_args(struct args *a)
{
    coap_draft_free(&a->draft);
    free(a->hex);
}

static int usage_error(const char *verb, const char *why)
{
    fprintf(stderr, "covey coap %s: %s; see 'covey help coap'\n", verb, why);
    return EXIT_USAGE;
}

static void print_help(FILE *file)
{
    fputs(
        "usage: covey coap decode [--stream|--inner] [--json]\n"
        "                         [--kudos seed|14] HEX|-\n"
        "       covey coap encode [--stream|--inner] [--text FILE|-]\n"
        "       covey coap encode [--stream|--inner] --json FILE|-\n"
        "       covey coap encode [--stream|--inner] [-t con|non|ack|rst]\n"
        "                         [-c CODE] [-m MID] [-T TOKENHEX] [-u URI]\n"
        "                         [-o NAME=VALUE]... [-p PAYLOAD |\n"
        "                         --payload-hex HEX | --payload-file FILE]\n"
        "\n"
        "  --stream  framing of TCP and TLS (RFC 8323)\n"
        "  --inner   plaintext of OSCORE (RFC 8613 Section 5.3)\n"
        "  --json    JSON instead of text; encode reads both back to the\n"
        "            same bytes, text from standard input by default\n"
        "  --kudos   layout of KUDOS in the OSCORE option, for remarks on "
        "it;\n"
        "            encode takes it, too\n"
        "\n"
        "The manual is covey-coap(1).\n",
        file);
}

/* --- decode ------------------------------------------------------------- */

static covey_status parse(enum coap_framing framing, covey_bytes bytes,
                          covey_coap_message *m, size_t *used)
{
    *used = bytes.len;
    switch (framing) {
    case COAP_STREAM:
        return covey_coap_parse_stream(m, bytes, used);
    case COAP_INNER:
        return covey_coap_parse_inner(m, bytes);
    case COAP_DATAGRAM:
        break;
    }
    return covey_coap_parse(m, bytes);
}

/* Which byte of all is wrong; `start` is where this message begins. */
static void print_fault(enum coap_framing framing, covey_bytes all,
                        size_t start, covey_status st)
{
    bool complete;
    struct coap_fault f = coap_fault_find(
        framing, covey_bytes_of(all.ptr + start, all.len - start), &complete);
    size_t at = start + f.at;

    fprintf(stderr, "covey coap decode: byte %zu", at);
    if (at < all.len) {
        fprintf(stderr, " is 0x%02x", (unsigned)all.ptr[at]);
    } else {
        fputs(" is missing", stderr);
    }
    fprintf(stderr, ": expected %s (%s)%s [%s]\n", f.expected, f.section,
            complete ? "" : "; the stream may continue",
            covey_status_name(st));
}

static int decode_all(const struct args *a, covey_bytes all)
{
    struct coap_printer how = { a->draft.framing, a->kudos, 0, 0 };
    size_t at = 0;

    do {
        covey_coap_message m;
        size_t used;
        covey_status st =
            parse(how.framing, covey_bytes_of(all.ptr + at, all.len - at), &m,
                  &used);
        if (st != COVEY_OK) {
            fflush(stdout);
            print_fault(how.framing, all, at, st);
            return EXIT_NEGATIVE;
        }
        how.message_len = used;
        how.code = m.code;
        if (a->json) {
            coap_json_print(stdout, &how, &m);
        } else {
            fputs(at > 0 ? "\n" : "", stdout);
            coap_text_print(stdout, &how, &m);
        }
        at += used;
    } while (at < all.len);
    return EXIT_DONE;
}

static int decode(const struct args *a)
{
    char error[200];
    uint8_t *bytes;
    size_t len;

    if (a->hex == NULL) {
        return usage_error("decode", "hex digits or - are missing");
    }
    if (!hex_read(a->hex, &bytes, &len, error, sizeof error)) {
        int status = usage_error("decode", error);
        return ferror(stdin) ? EXIT_IO : status;
    }
    int status = decode_all(a, covey_bytes_of(bytes, len));
    free(bytes);
    return status;
}

/* --- encode ------------------------------------------------------------- */

static void print_remarks(enum coap_framing framing, covey_kudos_layout kudos,
                          covey_bytes bytes)
{
    struct coap_printer how = { framing, kudos, bytes.len, 0 };
    covey_coap_message m;
    size_t used;
    struct app_error remark;
    uint32_t before = UINT32_MAX;

    if (parse(framing, bytes, &m, &used) != COVEY_OK) {
        return;
    }
    how.code = m.code;
    covey_coap_option_iter it = covey_coap_options_of(&m);
    covey_coap_option o;
    while (covey_coap_option_next(&it, &o)) {
        for (size_t n = 0;
             coap_option_remark(&how, &o, o.number == before, n, &remark);
             n++) {
            fprintf(stderr, "covey coap encode: warning: option %u: %s\n",
                    (unsigned)o.number, remark.text);
        }
        before = o.number;
    }
}

static bool print_encoded(struct coap_draft *d, covey_kudos_layout kudos,
                          struct app_error *error)
{
    uint8_t *bytes;
    size_t len;

    if (!coap_draft_compose(d, &bytes, &len, error)) {
        return false;
    }
    hex_print(stdout, covey_bytes_of(bytes, len));
    putchar('\n');
    print_remarks(d->framing, kudos, covey_bytes_of(bytes, len));
    free(bytes);
    return true;
}

/* A text or JSON document, read message by message. */
struct document {
    const char *content;
    size_t len;
    size_t at;
    unsigned line;
    bool json;
};

static bool read_message(struct document *doc, struct coap_draft *d,
                         struct app_error *error)
{
    if (doc->json) {
        return coap_json_read(d, doc->content, doc->len, &doc->at, error);
    }
    return coap_text_read(d, doc->content, &doc->at, &doc->line, error);
}

static bool encode_document(const struct args *a, struct document *doc,
                            struct app_error *error)
{
    struct coap_draft d;
    unsigned count = 0;
    bool ok = true;

    if (memchr(doc->content, '\0', doc->len) != NULL) {
        return app_error_set(error, "a zero byte is no text");
    }
    while (ok) {
        coap_draft_init(&d, a->draft.framing);
        ok = read_message(doc, &d, error);
        if (ok && count > 0 && d.framing != COAP_STREAM) {
            ok = app_error_set(error, "a second message: only streams hold "
                                      "several");
        }
        ok = ok && print_encoded(&d, a->kudos, error);
        count += ok;
        coap_draft_free(&d);
    }
    if (count == 0 && error->text[0] == '\0') {
        app_error_set(error, "there is no message");
    }
    return error->text[0] == '\0';
}

static int encode_file(struct args *a)
{
    const char *path = a->file != NULL ? a->file : "-";
    struct app_error error = { "" };
    struct document doc = { .json = a->json };
    char *content = app_read_file(path, &doc.len, &error);

    if (content == NULL) {
        fprintf(stderr, "covey coap encode: %s\n", error.text);
        return EXIT_IO;
    }
    doc.content = content;
    bool ok = encode_document(a, &doc, &error);
    free(content);
    if (!ok) {
        fflush(stdout);
        fprintf(stderr, "covey coap encode: %s\n", error.text);
        return EXIT_NEGATIVE;
    }
    return EXIT_DONE;
}

static int encode(struct args *a)
{
    if (a->hex != NULL) {
        return usage_error("encode", "encode takes no operand");
    }
    if (a->described && a->file != NULL) {
        return usage_error("encode", "a file and a description of a message "
                                     "exclude each other");
    }
    if (a->json && a->text) {
        return usage_error("encode", "--json and --text exclude each other");
    }
    if (!a->described) {
        return encode_file(a);
    }
    if (!print_encoded(&a->draft, a->kudos, &a->error)) {
        return usage_error("encode", a->error.text);
    }
    return EXIT_DONE;
}

int cmd_coap(int argc, char **argv)
{
    struct args a;
    int status;

    if (argc < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0) {
        print_help(stdout);
        return EXIT_DONE;
    }
    bool is_decode = strcmp(argv[1], "decode") == 0;
    if (!is_decode && strcmp(argv[1], "encode") != 0) {
        fprintf(stderr, "covey coap: expected decode or encode, found '%s'\n",
                argv[1]);
        return EXIT_USAGE;
    }
    if (!read_args(&a, is_decode ? decode_options : encode_options, argc - 1,
                   argv + 1)) {
        status = usage_error(argv[1], a.error.text);
    } else if (a.help) {
        print_help(stdout);
        status = EXIT_DONE;
    } else {
        status = is_decode ? decode(&a) : encode(&a);
    }
    free_args(&a);
    return status;
}
