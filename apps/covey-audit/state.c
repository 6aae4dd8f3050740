/* SPDX-License-Identifier: BSD-2-Clause */
/* Mandates that are over for ever, one file each, and the verbs stop and
 * revoke. To stop needs no signature; nothing takes it back (AUD-061). */
#include "audit.h"
#include "guard.h"

#include <crypto/openssl/openssl.h>

#include <errno.h>
#include <fcntl.h>
#include <state_file.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <text.h>
#include <time.h>
#include <unistd.h>

/* --- the folder ---------------------------------------------------------- */

/* Every folder of a path that is not there yet. */
static bool make_folders(char *path)
{
    for (char *at = path + 1; *at != '\0'; at++) {
        if (*at == '/') {
            *at = '\0';
            const bool good = mkdir(path, 0700) == 0 || errno == EEXIST;
            *at = '/';
            if (!good) {
                return false;
            }
        }
    }
    return mkdir(path, 0700) == 0 || errno == EEXIST;
}

static int usual_folder(char folder[AUDIT_PATH_MAX])
{
    const char *own = getenv("COVEY_AUDIT_STATE");
    const char *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");

    if (own != NULL && own[0] != '\0') {
        return snprintf(folder, AUDIT_PATH_MAX, "%s", own);
    }
    if (state != NULL && state[0] != '\0') {
        return snprintf(folder, AUDIT_PATH_MAX, "%s/covey-audit", state);
    }
    return home == NULL ? -1
                        : snprintf(folder, AUDIT_PATH_MAX,
                                   "%s/.local/state/covey-audit", home);
}

bool audit_state_open(const char *given, char folder[AUDIT_PATH_MAX],
                      FILE *messages)
{
    const int n = given != NULL ? snprintf(folder, AUDIT_PATH_MAX, "%s", given)
                                : usual_folder(folder);

    /* room for a slash and a digest */
    if (n <= 0 || n >= AUDIT_PATH_MAX - AUDIT_DIGEST_MAX - 8) {
        fprintf(messages, "no folder for the state of audits: give --state\n");
        return false;
    }
    if (!make_folders(folder)) {
        fprintf(messages, "%s: error: %s\n", folder, strerror(errno));
        return false;
    }
    return true;
}

/* A name that any mandate's id can have. */
bool audit_state_path(const char *folder, const char *id,
                      char path[AUDIT_PATH_MAX])
{
    char digest[AUDIT_DIGEST_MAX];
    covey_crypto crypto;

    if (covey_openssl_open(&crypto) != COVEY_OK) {
        return false;
    }
    const bool good = audit_digest(
        &crypto, covey_bytes_of((const uint8_t *)id, strlen(id)), digest);
    covey_openssl_close(&crypto);
    const int n = snprintf(path, AUDIT_PATH_MAX, "%s/%s", folder, digest);
    return good && n > 0 && n < AUDIT_PATH_MAX;
}

bool audit_state_withdraw(const char *folder, const char *id, const char *how,
                          FILE *messages)
{
    char path[AUDIT_PATH_MAX];
    char now[TEXT_TIME_MAX];
    char text[512];

    if (!audit_state_path(folder, id, path)) {
        return false;
    }
    const int n = snprintf(text, sizeof text, "%s %s %.200s\n",
                           text_time((int64_t)time(NULL), now), how, id);
    const int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    const bool good = fd >= 0 && write(fd, text, (size_t)n) == n &&
                      fsync(fd) == 0 && state_file_sync_name(path);
    if (!good) {
        fprintf(messages, "%s: error: %s\n", path, strerror(errno));
    }
    if (fd >= 0) {
        close(fd);
    }
    return good;
}

/* --- stop ---------------------------------------------------------------- */

int cmd_stop(int argc, char **argv)
{
    static const audit_usage usage = { "stop", "--state ",
                                       "[--state FOLDER] ID" };
    char folder[AUDIT_PATH_MAX];
    audit_args a;
    const int status = audit_args_read(argc, argv, &usage, &a);

    if (status != AUDIT_DONE || a.help) {
        return status;
    }
    if (a.file_count != 1) {
        return audit_fail("stop", AUDIT_USAGE, "expected the id of a mandate");
    }
    if (!audit_state_open(a.state, folder, stderr) ||
        !audit_state_withdraw(folder, a.files[0], "stop", stderr)) {
        return AUDIT_IO;
    }
    printf("%s: over, for ever\n", a.files[0]);
    return AUDIT_DONE;
}

/* --- revoke -------------------------------------------------------------- */

static int withdraw(const audit_args *a, const mandate *m, void *user)
{
    const char *folder = user;
    const mandate_terms *t = mandate_read(m);

    (void)a;
    if (!mandate_gate(m).withdrawn) {
        return audit_fail("revoke", AUDIT_REFUSED,
                          "none of the documents withdraws '%s'; 'covey-audit "
                          "stop' needs no document",
                          t->id);
    }
    if (!audit_state_withdraw(folder, t->id, "withdrawal", stderr)) {
        return AUDIT_IO;
    }
    printf("%s: withdrawn, for ever\n", t->id);
    return AUDIT_DONE;
}

int cmd_revoke(int argc, char **argv)
{
    static const audit_usage usage = { "revoke", "--state ",
                                       "[--state FOLDER] MANDATE WITHDRAWAL" };
    char folder[AUDIT_PATH_MAX];
    audit_args a;
    const int status = audit_args_read(argc, argv, &usage, &a);

    if (status != AUDIT_DONE || a.help) {
        return status;
    }
    if (a.file_count < 2) {
        return audit_fail("revoke", AUDIT_USAGE,
                          "expected a mandate and its withdrawal");
    }
    if (!audit_state_open(a.state, folder, stderr)) {
        return AUDIT_IO;
    }
    return audit_with_mandate(&a, usage.verb, withdraw, folder);
}
