/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line of all verbs, and the verbs that sign and verify. */
#include "audit.h"

#include <crypto/openssl/openssl.h>

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <text.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

int audit_fail(const char *verb, int status, const char *format, ...)
{
    va_list args;

    fflush(stdout);
    fprintf(stderr, "covey-audit %s: ", verb);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    return status;
}

void audit_print_json(json_t *value)
{
    if (value == NULL || json_dumpf(value, stdout, JSON_COMPACT) != 0) {
        fputs("covey-audit: out of memory\n", stderr);
    }
    putchar('\n');
    json_decref(value);
}

/* --- the command line ---------------------------------------------------- */

static const struct option_row {
    const char *name;
    bool flag; /* bool, otherwise const char * */
    size_t at;
} options[] = {
    { "--owners", false, offsetof(audit_args, owners) },
    { "--key", false, offsetof(audit_args, key) },
    { "--output", false, offsetof(audit_args, output) },
    { "-o", false, offsetof(audit_args, output) },
    { "--lang", false, offsetof(audit_args, language) },
    { "--technique", false, offsetof(audit_args, technique) },
    { "--target", false, offsetof(audit_args, target) },
    { "--protocol", false, offsetof(audit_args, protocol) },
    { "--at", false, offsetof(audit_args, at) },
    { "--packets", false, offsetof(audit_args, packets) },
    { "--seconds", false, offsetof(audit_args, duration) },
    { "--evidence", false, offsetof(audit_args, evidence) },
    { "--state", false, offsetof(audit_args, state) },
    { "--check", false, offsetof(audit_args, checks) },
    { "--stage", false, offsetof(audit_args, stages) },
    { "--ports", false, offsetof(audit_args, ports) },
    { "--public", false, offsetof(audit_args, facts) },
    { "--record", false, offsetof(audit_args, record) },
    { "--checkpoint", false, offsetof(audit_args, kept) },
    { "--tool", false, offsetof(audit_args, tool) },
    { "--fence", false, offsetof(audit_args, fence) },
    { "--into", false, offsetof(audit_args, into) },
    { "--lint", false, offsetof(audit_args, lints) },
    { "--format", false, offsetof(audit_args, format) },
    { "--service", false, offsetof(audit_args, service) },
    { "--services", false, offsetof(audit_args, services) },
    { "--inventory", false, offsetof(audit_args, inventory) },
    { "--credential", false, offsetof(audit_args, credential) },
    { "--dry-run", true, offsetof(audit_args, dry) },
    { "--json", true, offsetof(audit_args, json) },
    { "--help", true, offsetof(audit_args, help) },
};

/* Is `name` one of the words of `taken`? */
static bool takes(const char *taken, const char *name)
{
    const size_t len = strlen(name);

    for (const char *at = strstr(taken, name); at != NULL;
         at = strstr(at + 1, name)) {
        if ((at == taken || at[-1] == ' ') && at[len] == ' ') {
            return true;
        }
    }
    return false;
}

static const struct option_row *find(const char *taken, const char *name)
{
    for (size_t i = 0; i < COUNT(options); i++) {
        if (strcmp(options[i].name, name) == 0 &&
            (takes(taken, name) || strcmp(name, "--help") == 0)) {
            return &options[i];
        }
    }
    return NULL;
}

bool audit_number(const char *text, uint64_t max, uint64_t *out)
{
    char *end;

    errno = 0;
    const unsigned long long n = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 ||
        n > max) {
        return false;
    }
    *out = n;
    return true;
}

/* Options may stand before and behind files, which move to the front. */
int audit_args_read(int argc, char **argv, const audit_usage *u, audit_args *a)
{
    memset(a, 0, sizeof *a);
    a->files = argv + 1;
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] != '-' || argv[i][1] == '\0') {
            argv[1 + a->file_count++] = argv[i];
            continue;
        }
        const struct option_row *o = find(u->taken, argv[i]);
        if (o == NULL) {
            return audit_fail(u->verb, AUDIT_USAGE, "unknown option '%s'",
                              argv[i]);
        }
        void *to = (char *)a + o->at;
        if (o->flag) {
            *(bool *)to = true;
        } else if (i + 1 == argc) {
            return audit_fail(u->verb, AUDIT_USAGE, "%s: a value is missing",
                              argv[i]);
        } else {
            *(const char **)to = argv[++i];
        }
    }
    if (a->help) {
        printf("usage: covey-audit %s %s\n\nMore in covey-audit(1).\n",
               u->verb, u->text);
    }
    return AUDIT_DONE;
}

bool audit_language_is_known(const audit_args *a, const char *verb)
{
    if (a->language == NULL || strcmp(a->language, "fr") == 0 ||
        strcmp(a->language, "en") == 0) {
        return true;
    }
    audit_fail(verb, AUDIT_USAGE, "--lang: expected fr or en, found '%s'",
               a->language);
    return false;
}

bool audit_digest(const covey_crypto *crypto, covey_bytes bytes, char *hex)
{
    uint8_t digest[COVEY_SHA_256_LEN];

    if (covey_crypto_sha256(crypto, &bytes, 1, digest) != COVEY_OK) {
        return false;
    }
    text_hex(covey_bytes_of(digest, sizeof digest), hex);
    return true;
}

/* --- the mandate --------------------------------------------------------- */

static int use_mandate(const audit_args *a, const covey_crypto *crypto,
                       const mandate_owners *owners, audit_use *use,
                       void *user)
{
    mandate *m = mandate_load(a->files[0], crypto, owners, stderr);
    bool good = m != NULL;

    for (int i = 1; good && i < a->file_count; i++) {
        good = mandate_add(m, a->files[i], crypto, stderr);
    }
    const int status = good         ? use(a, m, user)
                       : errno != 0 ? AUDIT_IO
                                    : AUDIT_REFUSED;
    mandate_free(m);
    return status;
}

int audit_with_mandate(const audit_args *a, const char *verb, audit_use *use,
                       void *user)
{
    mandate_owners *owners = NULL;
    covey_crypto crypto;
    int status = AUDIT_DONE;

    if (covey_openssl_open(&crypto) != COVEY_OK) {
        return audit_fail(verb, AUDIT_IO, "libcrypto failed");
    }
    if (a->owners != NULL) {
        owners = mandate_owners_load(a->owners, stderr);
        if (owners == NULL) {
            status = errno != 0 ? AUDIT_IO : AUDIT_REFUSED;
        }
    }
    if (status == AUDIT_DONE) {
        status = use_mandate(a, &crypto, owners, use, user);
    }
    mandate_owners_free(owners);
    covey_openssl_close(&crypto);
    return status;
}

/* --- sign ---------------------------------------------------------------- */

static int sign_to(const audit_args *a, const covey_crypto *crypto,
                   covey_key *own, const mandate_key *key, FILE *out)
{
    if (!mandate_sign(a->files[0], crypto, own, key, out, stderr)) {
        return errno != 0 ? AUDIT_IO : AUDIT_REFUSED;
    }
    return AUDIT_DONE;
}

/* What was there before stays until all of it is written. */
static int sign_file(const audit_args *a, const covey_crypto *crypto,
                     covey_key *own, const mandate_key *key)
{
    char name[1024];
    FILE *out;

    if (a->output == NULL) {
        return sign_to(a, crypto, own, key, stdout);
    }
    const int n = snprintf(name, sizeof name, "%s.new", a->output);
    if (n < 0 || (size_t)n >= sizeof name ||
        (out = fopen(name, "wb")) == NULL) {
        return audit_fail("sign", AUDIT_IO, "%s: %s", a->output,
                          strerror(errno != 0 ? errno : ENAMETOOLONG));
    }
    int status = sign_to(a, crypto, own, key, out);
    const bool written = fclose(out) == 0;
    if (status == AUDIT_DONE && (!written || rename(name, a->output) != 0)) {
        status =
            audit_fail("sign", AUDIT_IO, "%s: %s", a->output, strerror(errno));
    }
    if (status != AUDIT_DONE) {
        remove(name);
    }
    return status;
}

int cmd_mandate_sign(int argc, char **argv)
{
    static const audit_usage usage = { "mandate sign", "--key --output -o ",
                                       "--key FILE [-o FILE] DOCUMENT" };
    audit_args a;
    covey_crypto crypto;
    covey_key own;
    mandate_key key;
    int status = audit_args_read(argc, argv, &usage, &a);

    if (status != AUDIT_DONE || a.help) {
        return status;
    }
    if (a.key == NULL || a.file_count != 1) {
        return audit_fail("mandate sign", AUDIT_USAGE,
                          "expected --key FILE and one document");
    }
    if (covey_openssl_open(&crypto) != COVEY_OK) {
        return audit_fail("mandate sign", AUDIT_IO, "libcrypto failed");
    }
    status = AUDIT_IO;
    if (mandate_key_load(a.key, &crypto, &own, &key, stderr)) {
        status = sign_file(&a, &crypto, &own, &key);
        crypto.key_drop(crypto.provider, &own);
    }
    covey_openssl_close(&crypto);
    return status;
}

/* --- verify -------------------------------------------------------------- */

static int verify(const audit_args *a, const mandate *m, void *user)
{
    const covey_audit_mandate gate = mandate_gate(m);

    (void)user;
    if (a->json) {
        audit_print_json(json_pack(
            "{s:s, s:I, s:b}", "id", mandate_read(m)->id, "amendments",
            (json_int_t)gate.count - 1, "withdrawn", (int)gate.withdrawn));
    } else {
        printf("%s: signatures and owners are right", mandate_read(m)->id);
        printf("; %zu amendments%s\n", gate.count - 1,
               gate.withdrawn ? "; withdrawn" : "");
    }
    return gate.withdrawn ? AUDIT_REFUSED : AUDIT_DONE;
}

int cmd_mandate_verify(int argc, char **argv)
{
    static const audit_usage usage = {
        "mandate verify", "--owners --json ",
        "--owners FILE [--json] MANDATE [AMENDMENT|WITHDRAWAL...]"
    };
    audit_args a;
    const int status = audit_args_read(argc, argv, &usage, &a);

    if (status != AUDIT_DONE || a.help) {
        return status;
    }
    if (a.owners == NULL || a.file_count < 1) {
        return audit_fail("mandate verify", AUDIT_USAGE,
                          "expected --owners FILE, a mandate, and what was "
                          "added to it");
    }
    return audit_with_mandate(&a, usage.verb, verify, NULL);
}
