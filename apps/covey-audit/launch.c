/* SPDX-License-Identifier: BSD-2-Clause */
/* covey-audit run, before the first act. The documents are looked at where
 * they lie; then they are copied into the folder of the evidence, and it is
 * the copies that are read and obeyed. */
#include "launch.h"
#include "run.h"
#include "tool.h"

#include <crypto/openssl/openssl.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <text.h>

enum {
    DOCUMENT_MAX = 1 << 20,
    EVERY = 64 /* lines between two checkpoints */
};

/* --- may it begin? ------------------------------------------------------- */

/* Internal is within the networks of the principal, as an administrator has
 * written them down, external is beyond them (AUD-022). */
static bool is_at_vantage(const mandate_terms *t)
{
    return t->source_inside ==
           (strcmp(t->vantage, "internal") == 0 ? t->source_count : 0);
}

static int look(const audit_args *a, const mandate *m, void *user)
{
    const audit_launch *l = user;
    const mandate_terms *t = mandate_read(m);
    char path[AUDIT_PATH_MAX];
    struct stat about;

    if (mandate_gate(m).withdrawn ||
        !audit_state_path(l->state, t->id, path) || stat(path, &about) == 0 ||
        errno != ENOENT) {
        return audit_fail(l->verb, AUDIT_REFUSED,
                          "the mandate '%s' was withdrawn or stopped: only a "
                          "new one can go on (AUD-061)",
                          t->id);
    }
    if (!a->dry && !mandate_key_equal(&l->key, &t->auditor.key)) {
        return audit_fail(l->verb, AUDIT_REFUSED,
                          "--key: not the auditor's of the mandate '%s'",
                          t->id);
    }
    if ((a->inventory != NULL || a->lints != NULL) &&
        mandate_gate(m).documents[0].mode == COVEY_AUDIT_BLACK) {
        return audit_fail(
            l->verb, AUDIT_REFUSED,
            "--inventory, --lint: the mode of the mandate '%s' is black, "
            "so the architecture is unknown (AUD-019)",
            t->id);
    }
    if (!is_at_vantage(t)) {
        return audit_fail("run", AUDIT_REFUSED,
                          "the sources of the mandate '%s' are not %s to the "
                          "principal's networks (AUD-022)",
                          t->id, t->vantage);
    }
    if (a->facts != NULL && (mandate_gate(m).documents[0].techniques &
                             1u << COVEY_AUDIT_PUBLIC) == 0) {
        return audit_fail("run", AUDIT_REFUSED,
                          "--public: the mandate '%s' gives no right to what "
                          "is public",
                          t->id);
    }
    return AUDIT_DONE;
}

bool launch_find_credential(const audit_args *a, const mandate_terms *t,
                            const mandate_credential **out)
{
    const char *id = a->credential;
    const size_t len = id != NULL ? strcspn(id, "=") : 0;

    *out = NULL;
    for (size_t i = 0; id != NULL && i < t->credential_count; i++) {
        const mandate_credential *c = &t->credentials[i];
        if (strncmp(c->id, id, len) == 0 && c->id[len] == '\0' &&
            (strcmp(c->kind, "oscore") == 0 ||
             strcmp(c->kind, "group-oscore") == 0)) {
            *out = c;
        }
    }
    if (id != NULL && *out == NULL) {
        audit_fail("run", AUDIT_REFUSED,
                   "--credential: the mandate has none '%.*s' of kind oscore "
                   "or group-oscore (AUD-021)",
                   (int)len, id);
        return false;
    }
    return true;
}

/* Behind "ID="; false with a message. */
static bool take_credential(audit_launch *l, const audit_args *a)
{
    const char *at = a->credential != NULL ? strchr(a->credential, '=') : NULL;

    if (a->credential == NULL) {
        return true;
    }
    if (at == NULL || at == a->credential || at[1] == '\0' ||
        strlen(at + 1) >= sizeof l->credential_file) {
        audit_fail("run", AUDIT_USAGE, "--credential: expected ID=FILE");
        return false;
    }
    memcpy(l->credential_file, at + 1, strlen(at + 1) + 1);
    return true;
}

/* --- copies -------------------------------------------------------------- */

static bool name_copy(const audit_args *a, int n, char path[AUDIT_PATH_MAX],
                      char name[32])
{
    if (n < 0) {
        snprintf(name, 32, "owners");
    } else if (n == 0) {
        snprintf(name, 32, "mandate.dsse");
    } else {
        snprintf(name, 32, "addition-%d.dsse", n);
    }
    const int len = snprintf(path, AUDIT_PATH_MAX, "%s/%s", a->evidence, name);
    return len > 0 && len < AUDIT_PATH_MAX;
}

/* AUDIT_IO: it cannot be read; AUDIT_EVIDENCE: the copy cannot be written. */
static int copy_bytes(FILE *in, FILE *out, uint8_t *bytes, size_t *len)
{
    errno = 0;
    *len = fread(bytes, 1, DOCUMENT_MAX, in);
    if (ferror(in) || getc(in) != EOF) {
        return AUDIT_IO;
    }
    return fwrite(bytes, 1, *len, out) == *len && fflush(out) == 0
               ? AUDIT_DONE
               : AUDIT_EVIDENCE;
}

int launch_copy(audit_launch *l, const char *from, const char *to,
                const char *name)
{
    uint8_t *bytes = malloc(DOCUMENT_MAX);
    FILE *in = fopen(from, "rb");
    FILE *out = in != NULL ? fopen(to, "wbx") : NULL;
    char digest[AUDIT_DIGEST_MAX];
    size_t len = 0;
    int status = in != NULL ? AUDIT_EVIDENCE : AUDIT_IO;

    if (bytes != NULL && out != NULL) {
        status = copy_bytes(in, out, bytes, &len);
    }
    if (status != AUDIT_DONE) {
        fprintf(stderr, "%s: error: %s\n", status == AUDIT_IO ? from : to,
                strerror(errno != 0 ? errno : EFBIG));
    } else if (!audit_digest(&l->crypto, covey_bytes_of(bytes, len), digest) ||
               json_array_append_new(l->files,
                                     json_pack("{s:s, s:s}", "name", name,
                                               "sha256", digest)) != 0) {
        status = AUDIT_IO;
    }
    if (in != NULL) {
        fclose(in);
    }
    if (out != NULL) {
        fclose(out);
    }
    free(bytes);
    return status;
}

static int copy_inventory(audit_launch *l, const audit_args *a)
{
    char path[AUDIT_PATH_MAX];
    const int n = snprintf(path, sizeof path, "%s/inventory", a->evidence);

    return n > 0 && n < AUDIT_PATH_MAX
               ? launch_copy(l, a->inventory, path, "inventory")
               : AUDIT_IO;
}

/* How the tool was to be run. */
static int copy_tool(audit_launch *l, const audit_args *a)
{
    char path[AUDIT_PATH_MAX];
    const int n = snprintf(path, sizeof path, "%s/tool.json", a->evidence);

    return n > 0 && n < AUDIT_PATH_MAX
               ? launch_copy(l, a->tool, path, "tool.json")
               : AUDIT_IO;
}

/* Copies all and runs with them. */
static int run_copies(audit_launch *l, const audit_args *a)
{
    static char paths[18][AUDIT_PATH_MAX];
    char *files[17];
    char name[32];
    audit_args copied = *a;
    int status;

    if (a->file_count > 17) {
        return audit_fail(l->verb, AUDIT_USAGE, "expected up to 17 documents");
    }
    for (int i = 0; i <= a->file_count; i++) {
        const char *from = i == 0 ? a->owners : a->files[i - 1];
        status = name_copy(a, i - 1, paths[i], name)
                     ? launch_copy(l, from, paths[i], name)
                     : AUDIT_IO;
        if (status != AUDIT_DONE) {
            return status;
        }
        if (i > 0) {
            files[i - 1] = paths[i];
        }
    }
    status = a->inventory != NULL ? copy_inventory(l, a) : AUDIT_DONE;
    if (status == AUDIT_DONE && a->facts != NULL) {
        status = public_copy(l, a);
    }
    if (status == AUDIT_DONE && a->tool != NULL) {
        status = copy_tool(l, a);
    }
    if (status != AUDIT_DONE) {
        return status;
    }
    copied.owners = paths[0];
    copied.files = files;
    return audit_with_mandate(&copied, l->verb, l->use, l);
}

/* --- the plan ------------------------------------------------------------ */

#define PLAN "plan"

FILE *launch_create_plan(const audit_args *a)
{
    char path[AUDIT_PATH_MAX];
    const int n = snprintf(path, sizeof path, "%s/" PLAN, a->evidence);
    FILE *out = n > 0 && n < AUDIT_PATH_MAX ? fopen(path, "w+bx") : NULL;

    if (out == NULL) {
        fprintf(stderr, "%s: error: %s\n", path, strerror(errno));
    }
    return out;
}

bool launch_close_plan(const audit_launch *l, FILE *plan)
{
    char digest[AUDIT_DIGEST_MAX];
    bool good = fflush(plan) == 0 && !ferror(plan);
    const long len = good ? ftell(plan) : -1;
    uint8_t *text = len >= 0 ? malloc((size_t)len + 1) : NULL;

    rewind(plan);
    good =
        text != NULL && fread(text, 1, (size_t)len, plan) == (size_t)len &&
        audit_digest(&l->crypto, covey_bytes_of(text, (size_t)len), digest) &&
        json_array_append_new(l->files, json_pack("{s:s, s:s}", "name", PLAN,
                                                  "sha256", digest)) == 0;
    fclose(plan);
    free(text);
    return good;
}

/* --- the folder ---------------------------------------------------------- */

static bool open_record(audit_launch *l, const audit_args *a)
{
    uint8_t random[EVIDENCE_RUN_LEN / 2];
    const evidence_options o = { .folder = a->evidence,
                                 .run = l->run,
                                 .crypto = &l->crypto,
                                 .own = &l->own,
                                 .key = &l->key,
                                 .every = EVERY };

    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random) {
        return false;
    }
    text_hex(covey_bytes_of(random, sizeof random), l->run);
    l->log = evidence_create(&o, stderr);
    l->files = json_array();
    return l->log != NULL && l->files != NULL;
}

/* How much of the packets is kept is the mandate's to say (AUD-089). */
static int open_capture(const audit_args *a, const mandate *m, void *user)
{
    audit_launch *l = user;
    const char *how = mandate_read(m)->data.capture;
    char path[AUDIT_PATH_MAX];
    const int n =
        snprintf(path, sizeof path, "%s/packets.pcapng", a->evidence);

    if (strcmp(how, "none") == 0) {
        return AUDIT_DONE;
    }
    l->capture = n > 0 && n < AUDIT_PATH_MAX
                     ? pcapng_create(path, strcmp(how, "payload") == 0)
                     : NULL;
    return l->capture != NULL ? AUDIT_DONE
                              : audit_fail("run", AUDIT_EVIDENCE, "%s: %s",
                                           path, strerror(errno));
}

static int run_with_key(audit_launch *l, const audit_args *a)
{
    int status = audit_with_mandate(a, l->verb, look, l);

    if (status != AUDIT_DONE) {
        return status;
    }
    if (a->dry) {
        return audit_with_mandate(a, l->verb, l->use, l);
    }
    if (!open_record(l, a)) {
        return AUDIT_EVIDENCE;
    }
    /* only a run sends packets of its own */
    if (l->use == audit_run_all) {
        status = audit_with_mandate(a, l->verb, open_capture, l);
    }
    if (status == AUDIT_DONE) {
        status = run_copies(l, a);
    }
    json_decref(l->files);
    evidence_close(l->log);
    pcapng_close(l->capture);
    return status;
}

static bool open_inventory(audit_launch *l, const audit_args *a)
{
    if (a->inventory != NULL) {
        l->inventory = inventory_load(a->inventory, stderr);
    }
    return a->inventory == NULL || l->inventory != NULL;
}

static int open_tool(audit_launch *l, const audit_args *a)
{
    static audit_tool tool;

    if (a->tool != NULL) {
        l->tool = &tool;
        return tool_load(&tool, a->tool);
    }
    return AUDIT_DONE;
}

static void close_tool(audit_launch *l)
{
    if (l->tool != NULL) {
        tool_free(l->tool);
    }
}

int audit_launch_with(const audit_args *a, const char *verb, audit_use *use,
                      void *more)
{
    static audit_launch l;
    int status;

    l.verb = verb;
    l.use = use;
    l.more = more;
    if (!audit_state_open(a->state, l.state, stderr)) {
        return AUDIT_IO;
    }
    if (!take_credential(&l, a)) {
        return AUDIT_USAGE;
    }
    if (!open_inventory(&l, a)) {
        return errno != 0 ? AUDIT_IO : AUDIT_USAGE;
    }
    status = open_tool(&l, a);
    if (status != AUDIT_DONE) {
        close_tool(&l);
        inventory_free(l.inventory);
        return status;
    }
    status = AUDIT_IO;
    if (covey_openssl_open(&l.crypto) != COVEY_OK) {
        inventory_free(l.inventory);
        return audit_fail(verb, AUDIT_IO, "libcrypto failed");
    }
    if (a->dry ||
        mandate_key_load(a->key, &l.crypto, &l.own, &l.key, stderr)) {
        status = run_with_key(&l, a);
        l.crypto.key_drop(l.crypto.provider, &l.own);
    }
    covey_openssl_close(&l.crypto);
    close_tool(&l);
    inventory_free(l.inventory);
    return status;
}

/* What is named in lists. */
static int check_lists(const audit_args *a)
{
    uint32_t techniques = 0;

    if (a->lints != NULL && !lint_list_good(a->lints)) {
        return audit_fail("run", AUDIT_USAGE,
                          "--lint: expected kinds of covey-audit-lint(1) with "
                          "a file each, such as schc=rules.json");
    }
    if (a->ports != NULL && !scan_ports_good(a->ports)) {
        return audit_fail("run", AUDIT_USAGE,
                          "--ports: expected ports from 1 to 65535, such as "
                          "22,5683-5684");
    }
    if (a->stages != NULL && !audit_stage_read(a->stages, 0, &techniques)) {
        return audit_fail("run", AUDIT_USAGE,
                          "--stage: expected stages or techniques of a run");
    }
    if (a->checks != NULL && !audit_checks_good(a->checks)) {
        return audit_fail("run", AUDIT_USAGE,
                          "--check: expected checks of covey-audit(1), such "
                          "as CO-01,TL-03");
    }
    return AUDIT_DONE;
}

int cmd_run(int argc, char **argv)
{
    static const audit_usage usage = {
        "run",
        "--owners --key --evidence --state --inventory --credential --check "
        "--stage --ports --tool --fence --public --lint --dry-run --json ",
        "--owners FILE --key FILE --evidence FOLDER [--state FOLDER] "
        "[--inventory FILE] [--credential ID=FILE] [--stage NAME,...] "
        "[--check ID,...] [--ports N-N,...] [--tool FILE] [--fence PROGRAM] "
        "[--public FOLDER] [--lint KIND=FILE,...] [--dry-run] [--json] "
        "MANDATE [AMENDMENT...]"
    };
    audit_args a;
    int status = audit_args_read(argc, argv, &usage, &a);

    if (status != AUDIT_DONE || a.help) {
        return status;
    }
    if (a.file_count < 1) {
        return audit_fail("run", AUDIT_REFUSED,
                          "there is no mandate, so nothing may be done "
                          "(AUD-051)");
    }
    if (a.owners == NULL ||
        (!a.dry && (a.key == NULL || a.evidence == NULL))) {
        return audit_fail("run", AUDIT_USAGE,
                          "expected --owners FILE, --key FILE, --evidence "
                          "FOLDER and a mandate");
    }
    status = check_lists(&a);
    return status == AUDIT_DONE
               ? audit_launch_with(&a, usage.verb, audit_run_all, NULL)
               : status;
}
