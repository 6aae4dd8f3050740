/* SPDX-License-Identifier: BSD-2-Clause */
/* TL-05: an inventory of pre-shared keys, in YAML or JSON. It should hold
 * their hashes; where it holds a key, that is hashed and forgotten. Nothing is
 * ever tried with one. */
#include "lint.h"

#include <conf.h>

#include <stdlib.h>
#include <string.h>
#include <text.h>

#define MANUAL "covey-audit-lint(1)"

enum {
    KEYS_MAX = 100000,
    KEY_MAX = 512, /* bytes */
    BITS_MAX = 8 * KEY_MAX,
    DEVICE_MAX = 64,
    DIGEST = 32
};

enum {
    K_DEVICE,
    K_IDENTITY,
    K_SHA256,
    K_BITS,
    K_KEY,
    K_TEXT,
    K_COUNT
};

struct key {
    const char *device;
    char sha256[2 * DIGEST + 1];
    unsigned line;
    unsigned bits; /* LINT_BITS_WANTED if it is not known */
    const char *why;
    bool clear;
};

struct inventory {
    lint *l;
    conf_reader c;
    struct key *keys;
    size_t count;
};

static struct inventory *inventory_of(conf_reader *c)
{
    return (struct inventory *)(void *)((char *)c -
                                        offsetof(struct inventory, c));
}

/* --- one entry ----------------------------------------------------------- */

static bool read_clear(struct inventory *in, covey_bytes secret, struct key *k)
{
    k->clear = true;
    k->bits = lint_secret_bits(secret, &k->why);
    if (!audit_digest(&in->l->crypto, secret, k->sha256)) {
        in->l->failed = true;
        return false;
    }
    return true;
}

static bool read_hash(conf_reader *c, const conf_value v[K_COUNT],
                      struct key *k)
{
    static const conf_wanted wanted = { DIGEST, DIGEST, false, MANUAL };
    covey_bytes hash = { 0 };
    uint64_t bits = LINT_BITS_WANTED;

    if (!conf_bytes(c, &v[K_SHA256], &wanted, &hash)) {
        return false;
    }
    conf_number(c, &v[K_BITS], 1, BITS_MAX, MANUAL, &bits);
    k->bits = (unsigned)bits;
    text_hex(hash, k->sha256);
    return true;
}

static bool read_entry(conf_reader *c, const conf_value *item, void *out)
{
    static const char *const words[K_COUNT] = { "device", "identity", "sha256",
                                                "bits",   "key",      "text" };
    static const conf_names names = { words, K_COUNT, "a key" };
    static const conf_wanted device = { 1, DEVICE_MAX, false, MANUAL };
    static const conf_wanted identity = { 0, 128, false, MANUAL };
    static const conf_wanted secret = { 0, KEY_MAX, true, MANUAL };
    conf_value v[K_COUNT] = { { NULL, NULL } };
    struct key *k = out;
    const char *text = NULL;
    size_t len = 0;
    covey_bytes bytes = { 0 };

    if (!conf_keys(c, item, &names, v) ||
        !conf_required(c, item, &v[K_DEVICE], words[K_DEVICE], MANUAL) ||
        !conf_text(c, &v[K_DEVICE], &device, &k->device, &len)) {
        return false;
    }
    conf_text(c, &v[K_IDENTITY], &identity, &text, &len);
    k->line = conf_line(&v[K_DEVICE]);
    const int ways = (v[K_SHA256].key != NULL) + (v[K_KEY].key != NULL) +
                     (v[K_TEXT].key != NULL);
    if (ways != 1) {
        conf_error(c, item, MANUAL,
                   "expected one of 'sha256', 'key' and 'text'");
        return false;
    }
    if (v[K_SHA256].key != NULL) {
        return read_hash(c, v, k);
    }
    if (conf_bytes(c, &v[K_KEY], &secret, &bytes)) {
        return read_clear(inventory_of(c), bytes, k);
    }
    return conf_text(c, &v[K_TEXT], &secret, &text, &len) &&
           read_clear(inventory_of(c),
                      covey_bytes_of((const uint8_t *)text, len), k);
}

static void read_root(void *user, const conf_value *root)
{
    static const char *const words[] = { "psks" };
    static const conf_names names = { words, 1, "an inventory of keys" };
    struct inventory *in = user;
    conf_value v = { NULL, NULL };

    if (conf_keys(&in->c, root, &names, &v) &&
        conf_required(&in->c, root, &v, words[0], MANUAL)) {
        in->count = conf_list(&in->c, &v, KEYS_MAX, sizeof *in->keys,
                              read_entry, &in->keys);
    }
}

/* --- all of them --------------------------------------------------------- */

static int by_hash(const void *a, const void *b)
{
    const struct key *const *ka = a;
    const struct key *const *kb = b;
    const int order = strcmp((*ka)->sha256, (*kb)->sha256);

    return order != 0
               ? order
               : ((*ka)->line > (*kb)->line) - ((*ka)->line < (*kb)->line);
}

/* Entries of another device than the first that has the key. */
static void judge_shared(const struct inventory *in)
{
    const struct key **sorted = calloc(in->count + 1, sizeof *sorted);

    if (sorted == NULL) {
        in->l->failed = true;
        return;
    }
    for (size_t i = 0; i < in->count; i++) {
        sorted[i] = &in->keys[i];
    }
    qsort(sorted, in->count, sizeof *sorted, by_hash);
    for (size_t i = 1, first = 0; i < in->count; i++) {
        if (strcmp(sorted[i]->sha256, sorted[first]->sha256) != 0) {
            first = i;
        } else if (strcmp(sorted[i]->device, sorted[first]->device) != 0) {
            lint_found(in->l, LINT_PSK_SHARED, sorted[i]->line,
                       "%s: the key of %s (line %u)", sorted[i]->device,
                       sorted[first]->device, sorted[first]->line);
        }
    }
    free(sorted);
}

static void judge(const struct inventory *in)
{
    bool clear = false;

    for (size_t i = 0; i < in->count; i++) {
        const struct key *k = &in->keys[i];
        const char *where = lint_secret_published(&in->l->crypto, k->sha256);
        clear = clear || k->clear;
        if (where != NULL) {
            lint_found(in->l, LINT_PSK_DEFAULT, k->line, "%s: %s", k->device,
                       where);
        } else if (k->bits < LINT_BITS_WANTED) {
            lint_found(in->l, LINT_PSK_WEAK, k->line,
                       "%s: at most %u bits%s%s", k->device, k->bits,
                       k->why != NULL ? ", " : "",
                       k->why != NULL ? k->why : "");
        }
    }
    judge_shared(in);
    if (clear) {
        lint_found(in->l, LINT_PSK_CLEAR, 0, "'key' or 'text'");
    }
}

/* Duplicates are looked for in each file; one inventory is one file. */
void lint_psk(lint *l)
{
    for (int i = 0; i < l->args->file_count; i++) {
        conf_memory memory = { NULL };
        struct inventory in = { .l = l,
                                .c = { .messages = stderr,
                                       .manual = MANUAL,
                                       .what = "an inventory of keys",
                                       .memory = &memory } };
        if (!lint_open(l, l->args->files[i])) {
            continue;
        }
        if (conf_load_text(&in.c, l->text, l->text_len, l->file, read_root,
                           &in)) {
            judge(&in);
        } else {
            l->failed = true;
        }
        conf_free(&memory);
    }
}
