/* SPDX-License-Identifier: BSD-2-Clause */
/* Members of a group from a directory, the trusted key repository of seed 002
 * Section 7.3: a file for each, called after its Sender ID. Who vouches for
 * the binding of ID and key is, for bare credentials, who may write there,
 * and for X.509 the issuer (covey/x509.h). */
#include "internal.h"

#include <covey/cose.h>
#include <covey/x509.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MANUAL      "covey-context(5)"
#define CREDENTIALS "RFC 10021 Section 2.4"

enum {
    FILE_LONGEST = 65536,
    NAME_LONGEST = 255
};

typedef struct directory {
    context_loader *l;
    const conf_value *v; /* anchors or member_directory: where errors are */
    int fd;
    const char **names;
    size_t count;
    covey_bytes anchors[COVEY_X509_ANCHORS_MAX];
    size_t anchor_count;
    covey_time now;
    uint8_t *file; /* FILE_LONGEST + 1 bytes, for one file after the other */
    uint8_t *der;  /* FILE_LONGEST bytes, of what is PEM in it */
    char where[NAME_LONGEST + 3]; /* "25.ccs: " */
} directory;

/* --- files -------------------------------------------------------------- */

/* A file that is one, and that nobody has put there whom neither owner nor
 * group know. Does not wait for a writer, should it be a pipe. */
static int open_file(directory *d, int at, const char *path)
{
    conf_reader *c = d->l->conf;
    struct stat about;
    const int fd = openat(at, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0 || fstat(fd, &about) != 0) {
        conf_error(c, d->v, "", "%s%s", d->where, strerror(errno));
    } else if (!S_ISREG(about.st_mode)) {
        conf_error(c, d->v, MANUAL, "%sexpected a file", d->where);
    } else if ((about.st_mode & S_IWOTH) != 0) {
        conf_error(c, d->v, MANUAL,
                   "%sexpected a file that others cannot write, found mode "
                   "%04o",
                   d->where, (unsigned)(about.st_mode & 07777u));
    } else {
        return fd;
    }
    if (fd >= 0) {
        close(fd);
    }
    return -1;
}

static bool read_file(directory *d, int fd, covey_bytes *content)
{
    size_t len = 0;
    ssize_t more = 1;

    while (more > 0 && len <= FILE_LONGEST) {
        more = read(fd, d->file + len, FILE_LONGEST + 1 - len);
        len += more > 0 ? (size_t)more : 0;
    }
    if (more < 0) {
        conf_error(d->l->conf, d->v, "", "%s%s", d->where, strerror(errno));
        return false;
    }
    if (len > FILE_LONGEST) {
        conf_error(d->l->conf, d->v, MANUAL, "%sexpected up to %d bytes",
                   d->where, FILE_LONGEST);
        return false;
    }
    *content = covey_bytes_of(d->file, len);
    return true;
}

static bool take_file(directory *d, int at, const char *path,
                      covey_bytes *content)
{
    const int fd = open_file(d, at, path);

    if (fd < 0) {
        return false;
    }
    const bool good = read_file(d, fd, content);
    close(fd);
    return good;
}

/* --- anchors ------------------------------------------------------------ */

static bool read_anchors(directory *d)
{
    conf_reader *c = d->l->conf;
    uint8_t *storage = conf_alloc(c, FILE_LONGEST);
    covey_writer der = covey_writer_of(storage, FILE_LONGEST);
    const char *path;
    covey_bytes text;

    if (storage == NULL || !conf_path(c, d->v, &path) ||
        !take_file(d, AT_FDCWD, path, &text)) {
        return false;
    }
    const covey_status st = covey_x509_read_pem(
        text, &der, d->anchors, COVEY_X509_ANCHORS_MAX, &d->anchor_count);
    if (st != COVEY_OK || d->anchor_count == 0) {
        conf_error(c, d->v, "RFC 7468 Section 5",
                   "expected 1 to %d certificates in PEM: %s",
                   COVEY_X509_ANCHORS_MAX,
                   st != COVEY_OK ? covey_status_text(st) : "found none");
        return false;
    }
    return true;
}

/* --- credentials -------------------------------------------------------- */

typedef bool take_credential(directory *d, covey_bytes file, covey_bytes id,
                             covey_bytes *credential);

static bool expect_kind(directory *d, covey_bytes file,
                        covey_cose_credential_kind kind,
                        covey_bytes *credential)
{
    const covey_cose_credential_kind found =
        covey_cose_credential_kind_of(file);

    if (found != kind) {
        conf_error(d->l->conf, d->v, CREDENTIALS,
                   "%sexpected the bytes of a %s, untagged; found: %s",
                   d->where, covey_cose_credential_name(kind),
                   covey_cose_credential_name(found));
        return false;
    }
    *credential = file;
    return true;
}

static bool take_ccs(directory *d, covey_bytes file, covey_bytes id,
                     covey_bytes *credential)
{
    (void)id;
    return expect_kind(d, file, COVEY_CREDENTIAL_CCS, credential);
}

static bool take_cwt(directory *d, covey_bytes file, covey_bytes id,
                     covey_bytes *credential)
{
    (void)id;
    return expect_kind(d, file, COVEY_CREDENTIAL_CWT, credential);
}

/* What is wrong with which certificate, and which ID it has instead. */
static void refuse_chain(directory *d, const covey_x509_answer *a,
                         size_t count)
{
    char id[2 * COVEY_X509_ID_MAX + 3] = "";
    char which[60] = "an anchor of the path";

    if (a->at < count) {
        snprintf(which, sizeof which, "certificate %zu of %zu", a->at + 1,
                 count);
    }
    for (size_t i = 0; a->verdict == COVEY_X509_OTHER_ID && i < a->id_len;
         i++) {
        snprintf(id + 2 * i, sizeof id - 2 * i, "%02x", a->id[i]);
    }
    conf_error(d->l->conf, d->v, a->source, "%s%s: %s%s%s", d->where, which,
               a->why, id[0] != '\0' ? ": " : "", id);
}

/* The end-entity certificate alone is the credential, once the chain has shown
 * that it is this member's. */
static bool take_chain(directory *d, const covey_bytes *chain, size_t count,
                       covey_bytes id, covey_bytes *credential)
{
    const covey_x509_question q = { .anchors = d->anchors,
                                    .anchor_count = d->anchor_count,
                                    .chain = chain,
                                    .chain_count = count,
                                    .now = d->now,
                                    .id = id };
    covey_x509_answer a;

    if (d->anchor_count == 0) {
        conf_error(d->l->conf, d->v, MANUAL,
                   "%san X.509 certificate needs 'anchors'", d->where);
        return false;
    }
    if (covey_x509_check(&q, &a) != COVEY_X509_TRUSTED) {
        refuse_chain(d, &a, count);
        return false;
    }
    *credential = chain[0];
    return true;
}

static void refuse_file(directory *d, const char *form, covey_status st)
{
    conf_error(d->l->conf, d->v, "RFC 5280 Section 4.1",
               "%sexpected 1 to %d certificates in %s: %s", d->where,
               COVEY_X509_CHAIN_MAX, form,
               st != COVEY_OK ? covey_status_text(st) : "found none");
}

static bool take_der(directory *d, covey_bytes file, covey_bytes id,
                     covey_bytes *credential)
{
    covey_bytes chain[COVEY_X509_CHAIN_MAX];
    size_t count = 0;
    const covey_status st =
        covey_x509_read_der(file, chain, COVEY_X509_CHAIN_MAX, &count);

    if (st != COVEY_OK || count == 0) {
        refuse_file(d, "DER", st);
        return false;
    }
    return take_chain(d, chain, count, id, credential);
}

static bool take_pem(directory *d, covey_bytes file, covey_bytes id,
                     covey_bytes *credential)
{
    covey_writer der = covey_writer_of(d->der, FILE_LONGEST);
    covey_bytes chain[COVEY_X509_CHAIN_MAX];
    size_t count = 0;
    const covey_status st =
        covey_x509_read_pem(file, &der, chain, COVEY_X509_CHAIN_MAX, &count);

    if (st != COVEY_OK || count == 0) {
        refuse_file(d, "PEM", st);
        return false;
    }
    return take_chain(d, chain, count, id, credential);
}

/* --- names -------------------------------------------------------------- */

static const struct kind {
    const char *suffix;
    take_credential *take;
} kinds[] = {
    { ".ccs", take_ccs },
    { ".cwt", take_cwt },
    { ".der", take_der },
    { ".pem", take_pem },
};

static const struct kind *kind_of(const char *suffix)
{
    for (size_t i = 0; suffix != NULL && i < COUNT(kinds); i++) {
        if (strcmp(suffix, kinds[i].suffix) == 0) {
            return &kinds[i];
        }
    }
    return NULL;
}

/* Lower case, so that an ID has one name. */
static int digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool id_of(directory *d, const char *name, size_t len, size_t id_max,
                  covey_bytes *id)
{
    bool good = len % 2 == 0 && len / 2 <= id_max;
    uint8_t *bytes = conf_alloc(d->l->conf, COVEY_OSCORE_ID_MAX);

    if (bytes == NULL) {
        return false;
    }
    for (size_t i = 0; good && i < len; i += 2) {
        const int high = digit(name[i]);
        const int low = digit(name[i + 1]);
        good = high >= 0 && low >= 0;
        bytes[i / 2] = good ? (uint8_t)(high << 4 | low) : 0;
    }
    if (!good) {
        conf_error(d->l->conf, d->v, MANUAL,
                   "%sexpected a Sender ID of 1 to %zu bytes in lower-case "
                   "hex as the name",
                   d->where, id_max);
        return false;
    }
    *id = covey_bytes_of(bytes, len / 2);
    return true;
}

/* --- members ------------------------------------------------------------ */

/* The credential is copied out of the one place for files. */
static bool keep(directory *d, covey_bytes file, covey_bytes *credential)
{
    uint8_t *copy;

    if (file.len > CONTEXT_CREDENTIAL_MAX) {
        conf_error(d->l->conf, d->v, CREDENTIALS,
                   "%sexpected a credential of up to %d bytes, found %zu",
                   d->where, CONTEXT_CREDENTIAL_MAX, file.len);
        return false;
    }
    copy = conf_alloc(d->l->conf, file.len);
    if (copy == NULL) {
        return false;
    }
    memcpy(copy, file.ptr, file.len);
    *credential = covey_bytes_of(copy, file.len);
    return true;
}

/* Everybody may have the same directory. What the others find there is put
 * into their additional data, so it has to be what this member says of itself.
 */
static void check_own(directory *d, covey_bytes credential)
{
    if (!covey_bytes_equal(credential, d->l->file->group.credential)) {
        conf_error(d->l->conf, d->v, CREDENTIALS,
                   "%sexpected the own 'credential', since this is the own "
                   "Sender ID",
                   d->where);
    }
}

static void add(directory *d, covey_bytes id, covey_bytes credential)
{
    context_group *g = &d->l->file->group;
    covey_group_member m = { .id = id,
                             .credential = credential,
                             .number = COVEY_GROUP_NUMBER_UNKNOWN };

    if (covey_bytes_equal(id, g->sender_id)) {
        check_own(d, credential);
    } else if (context_public_key(d->l, d->v, d->where, credential,
                                  &m.public_key)) {
        context_check_unique(d->l, d->v, d->where, id);
        g->members[g->member_count++] = m;
    }
}

static void read_member(directory *d, const char *name, size_t id_max)
{
    const char *suffix = strrchr(name, '.');
    const struct kind *kind = kind_of(suffix);
    covey_bytes file;
    covey_bytes id;
    covey_bytes credential;

    snprintf(d->where, sizeof d->where, "%s: ", name);
    if (kind == NULL) {
        conf_error(d->l->conf, d->v, MANUAL,
                   "%sexpected a name with .ccs, .cwt, .der or .pem at its "
                   "end",
                   d->where);
        return;
    }
    if (id_of(d, name, (size_t)(suffix - name), id_max, &id) &&
        take_file(d, d->fd, name, &file) &&
        kind->take(d, file, id, &credential) &&
        keep(d, credential, &credential)) {
        add(d, id, credential);
    }
}

/* --- the directory ------------------------------------------------------ */

static bool keep_name(directory *d, const char *name)
{
    const size_t len = strlen(name);
    char *copy = NULL;

    if (name[0] == '.') {
        return true;
    }
    if (d->count == CONTEXT_MEMBERS_MAX) {
        conf_error(d->l->conf, d->v, MANUAL, "expected up to %d files",
                   CONTEXT_MEMBERS_MAX);
        return false;
    }
    copy = len <= NAME_LONGEST ? conf_alloc(d->l->conf, len + 1) : NULL;
    if (copy == NULL) {
        return false;
    }
    memcpy(copy, name, len + 1);
    d->names[d->count++] = copy;
    return true;
}

static bool list_names(directory *d, DIR *dir)
{
    const struct dirent *entry;

    errno = 0;
    while ((entry = readdir(dir)) != NULL) {
        if (!keep_name(d, entry->d_name)) {
            return false;
        }
        errno = 0;
    }
    if (errno != 0) {
        conf_error(d->l->conf, d->v, "", "%s", strerror(errno));
        return false;
    }
    return true;
}

static bool is_guarded(const directory *d)
{
    struct stat about;

    if (fstat(d->fd, &about) != 0) {
        conf_error(d->l->conf, d->v, "", "%s", strerror(errno));
        return false;
    }
    if ((about.st_mode & S_IWOTH) != 0) {
        conf_error(d->l->conf, d->v, MANUAL,
                   "expected a directory that others cannot write, found "
                   "mode %04o",
                   (unsigned)(about.st_mode & 07777u));
        return false;
    }
    return true;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Those of the list come first. */
static bool make_room(directory *d)
{
    context_group *g = &d->l->file->group;
    const size_t count = g->member_count + d->count;

    if (count > CONTEXT_MEMBERS_MAX) {
        conf_error(d->l->conf, d->v, MANUAL,
                   "expected up to %d members, found %zu", CONTEXT_MEMBERS_MAX,
                   count);
        return false;
    }
    covey_group_member *members =
        conf_alloc(d->l->conf, count * sizeof *members);
    if (members == NULL) {
        return false;
    }
    if (g->member_count > 0) {
        memcpy(members, g->members, g->member_count * sizeof *members);
    }
    g->members = members;
    return true;
}

static void read_open(directory *d, DIR *dir, size_t id_max)
{
    if (!is_guarded(d) || !list_names(d, dir) || !make_room(d)) {
        return;
    }
    qsort(d->names, d->count, sizeof *d->names, by_name);
    for (size_t i = 0; i < d->count; i++) {
        read_member(d, d->names[i], id_max);
    }
}

static covey_time clock_of(void)
{
    const time_t now = time(NULL);
    const bool known = now != (time_t)-1;

    return (covey_time){ .unix_s = known ? now : 0, .unix_known = known };
}

static void read_path(directory *d, const char *path, size_t id_max)
{
    DIR *dir = opendir(path);

    if (dir == NULL) {
        conf_error(d->l->conf, d->v, "", "%s", strerror(errno));
        return;
    }
    d->fd = dirfd(dir);
    read_open(d, dir, id_max);
    closedir(dir);
}

void context_read_directory(context_loader *l, const conf_value *v,
                            const conf_value *anchors, size_t id_max)
{
    directory d = { .l = l, .v = anchors, .now = clock_of() };
    const char *path;

    if (v->key == NULL && anchors->key != NULL) {
        conf_error(l->conf, anchors, MANUAL,
                   "expected 'member_directory' beside it");
    }
    if (!conf_path(l->conf, v, &path)) {
        return;
    }
    d.file = conf_alloc(l->conf, FILE_LONGEST + 1);
    d.der = conf_alloc(l->conf, FILE_LONGEST);
    d.names = conf_alloc(l->conf, CONTEXT_MEMBERS_MAX * sizeof *d.names);
    if (d.file == NULL || d.der == NULL || d.names == NULL ||
        (anchors->key != NULL && !read_anchors(&d))) {
        return;
    }
    d.v = v;
    read_path(&d, path, id_max);
}
