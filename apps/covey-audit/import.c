/* SPDX-License-Identifier: BSD-2-Clause */
/* covey-audit import: the stage of public information (AUD-064), and results
 * that were got elsewhere, which ask what mandate covered them (AUD-092).
 * Nothing is sent. */
#include "import.h"

#include "launch.h"

#include <crypto/openssl/openssl.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <system_address.h>
#include <unistd.h>

enum {
    TEXT_MAX = 1 << 25 /* bytes that a reader may say */
};

/* --- the reader ---------------------------------------------------------- */

/* In the child; see broker.c. */
static void become_reader(int fd, const char *kind)
{
    char name[] = "covey-audit";
    char verb[] = "reader";
    char word[32];
    char *argv[] = { name, verb, word, NULL };
    const int nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);

    snprintf(word, sizeof word, "%s", kind);
    if (nothing >= 0 && dup2(fd, STDIN_FILENO) >= 0 &&
        dup2(nothing, STDOUT_FILENO) >= 0) {
        execv("/proc/self/exe", argv);
    }
    _exit(AUDIT_IO);
}

static bool send_all(int fd, const uint8_t *bytes, size_t len)
{
    size_t at = 0;

    while (at < len) {
        const ssize_t n = send(fd, bytes + at, len - at, MSG_NOSIGNAL);
        if (n <= 0) {
            return false;
        }
        at += (size_t)n;
    }
    return shutdown(fd, SHUT_WR) == 0;
}

/* All that comes, with an end; NULL: too much, or no memory. */
static char *hear_all(int fd)
{
    size_t cap = 1 << 16;
    size_t len = 0;
    char *text = malloc(cap);

    while (text != NULL) {
        const ssize_t n = recv(fd, text + len, cap - len - 1, 0);
        if (n <= 0) {
            text[len] = '\0';
            return text;
        }
        len += (size_t)n;
        if (len + 1 == cap) {
            char *more = cap < TEXT_MAX ? realloc(text, cap * 2) : NULL;
            if (more == NULL) {
                free(text);
            }
            text = more;
            cap *= 2;
        }
    }
    return NULL;
}

/* What a reader says about the bytes; NULL: it did not come to an end. */
static char *ask_reader(const import *i)
{
    int pair[2];
    int status = 0;
    char *text = NULL;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        return NULL;
    }
    const pid_t pid = fork();
    if (pid == 0) {
        become_reader(pair[1], i->kind->name);
    }
    close(pair[1]);
    if (pid > 0 && send_all(pair[0], i->bytes, i->len)) {
        text = hear_all(pair[0]);
    }
    close(pair[0]);
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) {
        /* again */
    }
    if (text != NULL && (pid <= 0 || !WIFEXITED(status) ||
                         WEXITSTATUS(status) != AUDIT_DONE)) {
        free(text);
        text = NULL;
    }
    return text;
}

static bool read_file(import *i, const char *path)
{
    FILE *in = fopen(path, "rb");

    i->bytes = in != NULL ? malloc(READER_FILE_MAX) : NULL;
    if (i->bytes != NULL) {
        i->len = fread(i->bytes, 1, READER_FILE_MAX, in);
    }
    const bool whole = i->bytes != NULL && !ferror(in) && getc(in) == EOF;
    if (!whole) {
        fprintf(stderr, "%s: error: %s\n", path,
                strerror(errno != 0 ? errno : EFBIG));
    }
    if (in != NULL) {
        fclose(in);
    }
    return whole;
}

bool import_read(import *i, const reader_kind *kind, const char *path,
                 const covey_crypto *crypto)
{
    const char *slash = strrchr(path, '/');

    memset(i, 0, sizeof *i);
    i->kind = kind;
    i->name = slash != NULL ? slash + 1 : path;
    errno = 0;
    if (!read_file(i, path)) {
        return false;
    }
    if (!audit_digest(crypto, covey_bytes_of(i->bytes, i->len), i->sha256)) {
        return false;
    }
    i->lines = ask_reader(i);
    if (i->lines == NULL) {
        fprintf(stderr, "%s: error: its reader was stopped\n", path);
    }
    return i->lines != NULL;
}

void import_free(import *i)
{
    free(i->bytes);
    free(i->lines);
    json_decref(i->notes);
    json_decref(i->findings);
}

/* --- the record ---------------------------------------------------------- */

/* A file of which something is out of the mandate is not kept as a whole. */
static bool copy_file(const import *i, const audit_run *r, json_t *files)
{
    char path[AUDIT_PATH_MAX];
    const int n =
        snprintf(path, sizeof path, "%s/%s", r->args->evidence, i->kind->copy);
    FILE *out = n > 0 && n < AUDIT_PATH_MAX ? fopen(path, "wbx") : NULL;
    bool good = out != NULL && fwrite(i->bytes, 1, i->len, out) == i->len;

    if (out != NULL) {
        good = fclose(out) == 0 && good;
    }
    return good && json_array_append_new(
                       files, json_pack("{s:s, s:s}", "name", i->kind->copy,
                                        "sha256", i->sha256)) == 0;
}

/* What is public needs that right; scans and captures are judged line by
 * line. */
static bool is_public(const import *i)
{
    return strcmp(i->kind->name, "shadowserver") == 0 ||
           strcmp(i->kind->name, "security.txt") == 0;
}

static void record_import(const import *i, audit_run *r, bool copied,
                          const covey_audit_verdict *v, int64_t now)
{
    char name[READER_FIELD_MAX + 1];

    audit_printable(covey_bytes_of((const uint8_t *)i->name, strlen(i->name)),
                    name, sizeof name);
    audit_record(
        r,
        json_pack("{s:s, s:I, s:s, s:s, s:s, s:s, s:I, s:b, s:s, s:s, s:I, "
                  "s:s}",
                  "kind", "import", "act", (json_int_t)i->act, "stage",
                  "public", "source", i->kind->name, "file", name, "sha256",
                  i->sha256, "bytes", (json_int_t)i->len, "copied",
                  (int)copied, "program", i->program, "technique",
                  is_public(i) ? "public" : "", "decided", (json_int_t)now,
                  "verdict", covey_audit_reason_name(v->reason)),
        true);
}

static void do_import(import *i, audit_run *r, const audit_launch *launch)
{
    const covey_audit_counters none = { .stages = UINT32_MAX };
    const covey_time now = { .unix_s = guard_unix_ms(&r->guard) / 1000,
                             .unix_known = true };
    const covey_audit_act act = { .technique = COVEY_AUDIT_PUBLIC };
    covey_audit_verdict v = { .reason = COVEY_AUDIT_ALLOWED };

    if (is_public(i)) {
        v = covey_audit_decide(&r->gate, &act, &now, &none);
    }
    const bool allowed = v.reason == COVEY_AUDIT_ALLOWED;
    if (allowed) {
        import_judge(i, r);
    }
    const bool copied = allowed && i->kind->copy != NULL && i->refused == 0 &&
                        i->strangers == 0;
    if (copied && !copy_file(i, r, launch->files)) {
        guard_stop(&r->guard, STOP_EVIDENCE);
        return;
    }
    if (!audit_record_begin(r, launch->run, launch->files)) {
        return;
    }
    i->act = r->acts++;
    record_import(i, r, copied, &v, now.unix_s);
    r->refused += allowed ? 0 : 1;
    if (allowed) {
        r->allowed++;
        i->writing = true;
        import_judge(i, r);
        r->refused += i->refused + i->strangers;
        r->findings += json_array_size(i->findings);
        import_record_end(i, r);
    }
}

static int import_all(const audit_args *a, const mandate *m, void *user)
{
    const audit_launch *launch = user;
    import *i = launch->more;
    audit_run r;

    if (!audit_run_begin(&r, launch, a, m)) {
        return AUDIT_IO;
    }
    do_import(i, &r, launch);
    if (!i->complete && i->why[0] != '\0') {
        fprintf(stderr, "covey-audit import: %s: only in part: %s\n", i->name,
                i->why);
    }
    return audit_run_end(&r, launch);
}

/* --- the verb ------------------------------------------------------------ */

/* A file that was cut off is evidence of what it has; one of another kind is
 * none, and nothing is made of it. */
static bool is_one(const import *i, const char *path)
{
    static const char none[] = "end\tnone\t";
    const size_t len = sizeof none - 1;

    if (strncmp(i->lines, none, len) != 0) {
        return true;
    }
    fprintf(stderr, "%s: error: %.*s; expected %s\n", path,
            (int)strcspn(i->lines + len, "\n"), i->lines + len,
            i->kind->expected);
    return false;
}

static int import_with(const audit_args *a, const covey_crypto *crypto)
{
    const reader_kind *kind = reader_find(a->files[0]);
    audit_args documents = *a;
    static import i;

    documents.files = a->files + 2;
    documents.file_count = a->file_count - 2;
    const int status =
        import_read(&i, kind, a->files[1], crypto) && is_one(&i, a->files[1])
            ? audit_launch_with(&documents, "import", import_all, &i)
            : AUDIT_IO;
    import_free(&i);
    return status;
}

int cmd_import(int argc, char **argv)
{
    static const audit_usage usage = {
        "import", "--owners --key --evidence --state --json ",
        "--owners FILE --key FILE --evidence FOLDER [--state FOLDER] [--json] "
        "nmap|pcap|shadowserver|security.txt FILE MANDATE [AMENDMENT...]"
    };
    audit_args a;
    covey_crypto crypto;
    int status = audit_args_read(argc, argv, &usage, &a);

    if (status != AUDIT_DONE || a.help) {
        return status;
    }
    if (a.file_count < 2 || reader_find(a.files[0]) == NULL) {
        return audit_fail("import", AUDIT_USAGE,
                          "expected nmap, pcap, shadowserver or security.txt, "
                          "a file and a mandate");
    }
    if (a.file_count < 3) {
        return audit_fail("import", AUDIT_REFUSED,
                          "which mandate covered it? Without one nothing is "
                          "taken over (AUD-092)");
    }
    if (a.owners == NULL || a.key == NULL || a.evidence == NULL) {
        return audit_fail("import", AUDIT_USAGE,
                          "expected --owners FILE, --key FILE, --evidence "
                          "FOLDER and a mandate");
    }
    if (covey_openssl_open(&crypto) != COVEY_OK) {
        return audit_fail("import", AUDIT_IO, "libcrypto failed");
    }
    status = import_with(&a, &crypto);
    covey_openssl_close(&crypto);
    return status;
}
