/* SPDX-License-Identifier: BSD-2-Clause */
/* Writing a record. A line goes out in one call, so that a program that is
 * killed leaves whole lines or a cut one at the end, and nothing else. */
#include "evidence.h"

#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <state_file.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <text.h>
#include <unistd.h>

enum {
    PATH_CAP = 1024,
    HEAD_CAP = 160 /* seq, prev and ms */
};

struct evidence {
    const covey_crypto *crypto;
    covey_key *own;
    const mandate_key *key;
    uint32_t every;
    char origin[EVIDENCE_ORIGIN_MAX];
    covey_merkle tree;
    covey_merkle_hash last;
    uint64_t covered; /* lines that a checkpoint covers */
    int log;
    int notes;
    bool failed;
    char line[EVIDENCE_LINE_MAX];
};

/* --- files --------------------------------------------------------------- */

static bool name_file(const char *folder, const char *name,
                      char path[PATH_CAP])
{
    const int n = snprintf(path, PATH_CAP, "%s/%s", folder, name);

    if (n < 0 || n >= PATH_CAP) {
        errno = ENAMETOOLONG;
        return false;
    }
    return true;
}

/* Of the files in the folder. */
static bool sync_names(const char *folder)
{
    char path[PATH_CAP];

    return name_file(folder, EVIDENCE_LOG, path) && state_file_sync_name(path);
}

static int open_new(const char *folder, const char *name)
{
    char path[PATH_CAP];

    if (!name_file(folder, name, path)) {
        return -1;
    }
    return open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC,
                0600);
}

static bool write_all(int fd, const char *text, size_t len)
{
    while (len > 0) {
        const ssize_t n = write(fd, text, len);
        if (n > 0) {
            text += n;
            len -= (size_t)n;
        } else if (n == 0 || errno != EINTR) {
            return false;
        }
    }
    return true;
}

evidence *evidence_create(const evidence_options *o, FILE *messages)
{
    evidence *e = calloc(1, sizeof *e);

    if (e == NULL) {
        fprintf(messages, "%s: error: out of memory\n", o->folder);
        return NULL;
    }
    e->crypto = o->crypto;
    e->own = o->own;
    e->key = o->key;
    e->every = o->every;
    snprintf(e->origin, sizeof e->origin, EVIDENCE_ORIGIN "%s", o->run);
    covey_merkle_init(&e->tree);
    e->log = -1;
    e->notes = -1;
    if (mkdir(o->folder, 0700) != 0 ||
        (e->log = open_new(o->folder, EVIDENCE_LOG)) < 0 ||
        (e->notes = open_new(o->folder, EVIDENCE_CHECKPOINTS)) < 0 ||
        !sync_names(o->folder)) {
        fprintf(messages, "%s: error: %s\n", o->folder, strerror(errno));
        evidence_close(e);
        return NULL;
    }
    return e;
}

void evidence_close(evidence *e)
{
    if (e != NULL) {
        if (e->log >= 0) {
            close(e->log);
        }
        if (e->notes >= 0) {
            close(e->notes);
        }
        free(e);
    }
}

/* --- lines --------------------------------------------------------------- */

/* Puts a line together; 0 if it is too long. */
static size_t compose(evidence *e, covey_bytes object, int64_t ms)
{
    char prev[2 * COVEY_MERKLE_HASH + 1];
    const int head = snprintf(
        e->line, HEAD_CAP, "{\"seq\":%llu,\"prev\":\"%s\",\"ms\":%lld,",
        (unsigned long long)e->tree.size,
        text_hex(covey_bytes_of(e->last.bytes, sizeof e->last.bytes), prev),
        (long long)ms);

    if (object.len < 2 || ms < 0 ||
        object.len - 1 > sizeof e->line - 1 - (size_t)head) {
        return 0;
    }
    memcpy(e->line + head, object.ptr + 1, object.len - 1);
    return (size_t)head + object.len - 1;
}

bool evidence_append(evidence *e, covey_bytes object, int64_t ms, bool durable,
                     uint64_t *seq)
{
    const uint64_t mine = e->tree.size;
    const size_t len = e->failed ? 0 : compose(e, object, ms);
    covey_merkle_hash leaf;

    e->failed = len == 0 ||
                covey_merkle_leaf(
                    e->crypto, covey_bytes_of((const uint8_t *)e->line, len),
                    &leaf) != COVEY_OK ||
                covey_merkle_add(&e->tree, e->crypto, &leaf) != COVEY_OK;
    if (!e->failed) {
        e->line[len] = '\n';
        e->last = leaf;
        e->failed = !write_all(e->log, e->line, len + 1) ||
                    (durable && fdatasync(e->log) != 0);
    }
    if (e->failed) {
        return false;
    }
    if (seq != NULL) {
        *seq = mine;
    }
    return e->every == 0 || e->tree.size - e->covered < e->every ||
           evidence_checkpoint(e);
}

bool evidence_checkpoint(evidence *e)
{
    covey_merkle_head head = { .size = e->tree.size };
    char note[EVIDENCE_NOTE_MAX];

    if (e->failed || head.size == e->covered) {
        return !e->failed;
    }
    e->failed =
        covey_merkle_root(&e->tree, e->crypto, &head.root) != COVEY_OK ||
        !evidence_note_write(e->origin, &head, e->crypto, e->own, e->key,
                             note) ||
        fdatasync(e->log) != 0 ||
        (e->covered != 0 && !write_all(e->notes, "\n", 1)) ||
        !write_all(e->notes, note, strlen(note)) || fdatasync(e->notes) != 0;
    e->covered = head.size;
    return !e->failed;
}

bool evidence_good(const evidence *e)
{
    return !e->failed;
}
