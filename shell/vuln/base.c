/* SPDX-License-Identifier: BSD-2-Clause */
/* From files to records. One file is in memory at a time, and of a feed of the
 * NVD, which may have gigabytes, one window. A record that names none of the
 * services is passed over as text, since a base has a hundred thousand of
 * them and an audit asks for ten; the hash needs every byte anyway, which is
 * why there is no index. */
#include "internal.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <text.h>

enum {
    WINDOW = VULN__WINDOW,
    DIGEST = 32,
    DATE = 19 /* "2026-11-29T00:00:00" */
};

/* What all files of a base are read with. */
struct reading {
    vuln_lookup *l;
    const covey_crypto *crypto;
    char *window;
    vuln_base *out;
};

/* A file that is being read. */
struct feed {
    vuln_lookup *l;
    vuln_base *base;
    const char *name;
    FILE *in; /* NULL: all of it is in the window */
    const covey_crypto *crypto;
    covey_hash hash;
    char *window;
    size_t len;
    size_t line; /* of the beginning of the window, from 1 */
    bool end;    /* nothing is left to be read */
    bool failed; /* by the system */
};

/* --- messages ------------------------------------------------------------ */

static size_t count_lines(const char *text, size_t len)
{
    size_t lines = 0;

    for (const char *at = memchr(text, '\n', len); at != NULL;
         at = memchr(at + 1, '\n', len - (size_t)(at + 1 - text))) {
        lines++;
    }
    return lines;
}

static bool refuse(const struct feed *f, size_t at, const char *why)
{
    fprintf(f->l->messages, "%s:%zu: error: %s\n", f->name,
            f->line + count_lines(f->window, at), why);
    return false;
}

/* --- what is worth reading ----------------------------------------------- */

/* Names are found as they are unless they are escaped. */
static bool is_plain(const char *name)
{
    return name[strspn(name, "abcdefghijklmnopqrstuvwxyz"
                             "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+-")] ==
           '\0';
}

static bool has_text(covey_bytes text, const char *what, size_t len)
{
    return memmem(text.ptr, text.len, what, len) != NULL;
}

/* A name with a sign before and behind it, in any case of letters that bases
 * use: they write names in small ones. */
static bool has_name(covey_bytes text, const char *name, char quote)
{
    char quoted[VULN_NAME_MAX + 2];
    const int n =
        snprintf(quoted, sizeof quoted, "%c%s%c", quote, name, quote);

    for (char *at = quoted; *at != '\0'; at++) {
        *at = (char)(quote == ':' && *at >= 'A' && *at <= 'Z' ? *at | 0x20
                                                              : *at);
    }
    return !is_plain(name) || has_text(text, quoted, (size_t)n);
}

/* False: no service can be in it. `quote` stands around names: those of
 * packages are texts, those of products parts of a CPE name. */
static bool is_worth_it(const vuln_lookup *l, covey_bytes text, char quote)
{
    if (has_text(text, "\\u00", 4) || has_text(text, "\\/", 2)) {
        return true;
    }
    for (size_t i = 0; i < l->service_count; i++) {
        const vuln_service *s = &l->services[i];
        const char *name = quote == '"' ? s->package : s->cpe.product;
        if (name[0] != '\0' && has_name(text, name, quote)) {
            return true;
        }
    }
    return false;
}

/* --- one record ---------------------------------------------------------- */

typedef bool vuln_reader(vuln_lookup *l, const json_t *record,
                         const char **why);

/* `at` is where in the window it begins. */
static bool read_record(struct feed *f, size_t at, size_t len,
                        vuln_reader *reader)
{
    json_error_t error;
    const char *why = NULL;
    json_t *record =
        json_loadb(f->window + at, len, JSON_REJECT_DUPLICATES, &error);

    if (record == NULL) {
        const size_t place =
            error.position > 0 && (size_t)error.position <= len
                ? (size_t)error.position
                : 0;
        return refuse(f, at + place, error.text);
    }
    f->base->records++;
    const bool good = reader(f->l, record, &why);
    json_decref(record);
    return good || refuse(f, at, why != NULL ? why : "malformed");
}

/* --- the window ---------------------------------------------------------- */

/* Drops what is before `at` and fills the rest. */
static bool advance(struct feed *f, size_t at)
{
    f->line += count_lines(f->window, at);
    memmove(f->window, f->window + at, f->len - at);
    f->len -= at;
    while (!f->end && f->len < WINDOW) {
        const size_t n = fread(f->window + f->len, 1, WINDOW - f->len, f->in);
        if (f->crypto->hash_update(
                f->crypto->provider, &f->hash,
                covey_bytes_of((const uint8_t *)f->window + f->len, n)) !=
            COVEY_OK) {
            f->failed = true;
            return false;
        }
        f->len += n;
        if (n == 0) {
            f->end = true;
            f->failed = ferror(f->in) != 0;
        }
    }
    return !f->failed;
}

#define SPACE " \t\r\n"

static size_t skip(const struct feed *f, size_t at, const char *signs)
{
    while (at < f->len && f->window[at] != '\0' &&
           strchr(signs, f->window[at]) != NULL) {
        at++;
    }
    return at;
}

/* --- feeds of the NVD ---------------------------------------------------- */

/* The end of an object that begins at `at`, by its braces; 0: it is not in the
 * window. Whether it is JSON is for the reader of the record. */
static size_t object_end(const char *text, size_t at, size_t len)
{
    size_t depth = 0;
    bool quoted = false;

    for (size_t i = at; i < len; i++) {
        const char c = text[i];
        if (quoted && c == '\\') {
            i++;
        } else if (c == '"') {
            quoted = !quoted;
        } else if (!quoted && (c == '{' || c == '[')) {
            depth++;
        } else if (!quoted && (c == '}' || c == ']') && --depth == 0) {
            return i + 1;
        }
    }
    return 0;
}

/* Where the next item begins, or the end of the list is. */
static size_t find_item(const struct feed *f, size_t at)
{
    const size_t p = skip(f, at, SPACE);

    return p < f->len && f->window[p] == ',' ? skip(f, p + 1, SPACE) : p;
}

static bool refuse_item(const struct feed *f, size_t at)
{
    return refuse(f, at,
                  f->end ? "the list of vulnerabilities has no end, or "
                           "something else is in it"
                         : "a record of more than 16 MiB");
}

/* The next item of the list: its place, or the end of the list: SIZE_MAX. A
 * window is filled when it has less than a whole one. */
static bool next_item(struct feed *f, size_t *at, size_t *end)
{
    for (;;) {
        const size_t p = find_item(f, *at);
        const char c = p < f->len ? f->window[p] : '\0';
        *end = c == '{' ? object_end(f->window, p, f->len) : 0;
        if (*end > 0 || c == ']') {
            *at = c == ']' ? SIZE_MAX : p;
            return true;
        }
        if (f->end || (p == 0 && f->len == WINDOW)) {
            return refuse_item(f, p);
        }
        if (!advance(f, p)) {
            return false;
        }
        *at = 0;
    }
}

static bool read_feed(struct feed *f)
{
    static const char name[] = "\"vulnerabilities\"";
    const char *list = memmem(f->window, f->len, name, sizeof name - 1);
    size_t at = (size_t)(list - f->window) + sizeof name - 1;
    size_t end = 0;

    while (at < f->len && f->window[at] != '[') {
        at++;
    }
    if (at++ == f->len) {
        return refuse(f, 0, "expected a list of vulnerabilities");
    }
    while (next_item(f, &at, &end)) {
        if (at == SIZE_MAX) {
            return true;
        }
        const covey_bytes text =
            covey_bytes_of((const uint8_t *)f->window + at, end - at);
        if (is_worth_it(f->l, text, ':') &&
            !read_record(f, at, end - at, vuln__nvd)) {
            return false;
        }
        at = end;
    }
    return false;
}

/* --- one file ------------------------------------------------------------ */

/* The first time that a member of this name says, if it is newer than what is
 * known already. */
static void read_date(struct feed *f, const char *name)
{
    const char *found = memmem(f->window, f->len, name, strlen(name));
    size_t at =
        found != NULL ? (size_t)(found - f->window) + strlen(name) : f->len;
    char text[VULN_DATE_MAX];
    int64_t unix_s = 0;

    at = skip(f, at, " :\t\r\n\"");
    if (at + DATE > f->len) {
        return;
    }
    /* without its fraction of a second */
    snprintf(text, sizeof text, "%.*sZ", DATE, f->window + at);
    if (text_time_read(text, strlen(text), &unix_s) &&
        strcmp(text, f->base->date) > 0) {
        memcpy(f->base->date, text, sizeof text);
    }
}

static bool has(const struct feed *f, const char *text)
{
    return has_text(covey_bytes_of((const uint8_t *)f->window, f->len), text,
                    strlen(text));
}

/* What it is shows in names that the others have not. */
static bool read_window(struct feed *f)
{
    const covey_bytes all = covey_bytes_of((const uint8_t *)f->window, f->len);

    if (has(f, "\"NVD_CVE\"") && has(f, "\"vulnerabilities\"")) {
        read_date(f, "\"timestamp\"");
        return read_feed(f);
    }
    if (!f->end) {
        return refuse(f, 0, "a document of more than 16 MiB");
    }
    if (has(f, "\"csaf_version\"")) {
        read_date(f, "\"current_release_date\"");
        return read_record(f, 0, f->len, vuln__csaf);
    }
    if (has(f, "\"id\"") && has(f, "\"modified\"")) {
        read_date(f, "\"modified\"");
        return !is_worth_it(f->l, all, '"') ||
               read_record(f, 0, f->len, vuln__osv);
    }
    return refuse(f, 0, "neither OSV, NVD 2.0 nor CSAF");
}

bool vuln__document(vuln_lookup *l, const char *name, char *window, size_t len,
                    vuln_base *out)
{
    struct feed f = { .l = l,
                      .base = out,
                      .name = name,
                      .window = window,
                      .len = len,
                      .line = 1,
                      .end = true };

    out->files++;
    const bool good = read_window(&f);
    l->refused += good ? 0 : 1;
    return good;
}

bool vuln_text_read(vuln_lookup *l, const char *name, covey_bytes text,
                    vuln_base *out)
{
    char *window = malloc(text.len + 1);

    if (window == NULL) {
        fprintf(l->messages, "%s: error: out of memory\n", name);
        return false;
    }
    memcpy(window, text.ptr, text.len);
    const bool good = vuln__document(l, name, window, text.len, out);
    free(window);
    return good;
}

/* A document first, or the end of an archive without any. */
static bool is_archive(const struct feed *f)
{
    return f->len >= 4 && (memcmp(f->window, "PK\3\4", 4) == 0 ||
                           memcmp(f->window, "PK\5\6", 4) == 0);
}

/* Reads to the end even if it is refused, for its hash; of an archive nothing
 * but that. */
static bool read_stream(struct feed *f, bool *is_zip, uint8_t digest[DIGEST])
{
    covey_writer w = covey_writer_of(digest, DIGEST);

    if (f->crypto->hash_begin(f->crypto->provider, COVEY_SHA_256, &f->hash) !=
        COVEY_OK) {
        return false;
    }
    if (advance(f, 0)) {
        *is_zip = is_archive(f);
        f->base->files += *is_zip ? 0 : 1;
        f->l->refused += *is_zip || read_window(f) ? 0 : 1;
        while (!f->end && advance(f, f->len)) {
        }
    }
    if (f->failed || f->crypto->hash_finish(f->crypto->provider, &f->hash,
                                            &w) != COVEY_OK) {
        f->crypto->hash_drop(f->crypto->provider, &f->hash);
        return false;
    }
    return true;
}

static bool read_file(const struct reading *r, const char *path,
                      char hex[2 * DIGEST + 1])
{
    struct feed f = { .l = r->l,
                      .base = r->out,
                      .name = path,
                      .in = fopen(path, "rb"),
                      .crypto = r->crypto,
                      .window = r->window,
                      .line = 1 };
    bool is_zip = false;
    uint8_t digest[DIGEST];

    const bool good = f.in != NULL && read_stream(&f, &is_zip, digest);
    if (!good) {
        fprintf(r->l->messages, "%s: error: %s\n", path, strerror(errno));
    } else {
        text_hex(covey_bytes_of(digest, sizeof digest), hex);
    }
    if (good && is_zip) {
        return vuln__zip_read(r->l, path, f.in, r->window, r->out);
    }
    if (f.in != NULL) {
        fclose(f.in);
    }
    return good;
}

/* --- folders ------------------------------------------------------------- */

static int is_json(const struct dirent *entry)
{
    const size_t len = strlen(entry->d_name);

    return entry->d_name[0] != '.' && len > 5 &&
           strcmp(entry->d_name + len - 5, ".json") == 0;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* One file, and its line in what is hashed. */
static bool read_entry(const struct reading *r, const char *folder,
                       const char *name, covey_hash *all)
{
    char path[1024];
    char line[2 * DIGEST + 1 + 300];
    char hex[2 * DIGEST + 1];
    const int n = snprintf(path, sizeof path, "%s/%s", folder, name);

    if (n < 0 || (size_t)n >= sizeof path) {
        fprintf(r->l->messages, "%s: error: a path that is too long\n",
                folder);
        return false;
    }
    if (!read_file(r, path, hex)) {
        return false;
    }
    const int len = snprintf(line, sizeof line, "%s  %s\n", hex, name);
    return r->crypto->hash_update(
               r->crypto->provider, all,
               covey_bytes_of((const uint8_t *)line, (size_t)len)) == COVEY_OK;
}

static bool read_entries(const struct reading *r, const char *folder)
{
    const covey_crypto *crypto = r->crypto;
    struct dirent **names = NULL;
    uint8_t digest[DIGEST];
    covey_writer w = covey_writer_of(digest, sizeof digest);
    covey_hash all;
    const int count = scandir(folder, &names, is_json, by_bytes);
    const bool begun =
        count >= 0 &&
        crypto->hash_begin(crypto->provider, COVEY_SHA_256, &all) == COVEY_OK;
    bool good = begun;

    if (!begun) {
        fprintf(r->l->messages, "%s: error: %s\n", folder, strerror(errno));
    }
    for (int i = 0; i < count; i++) {
        good = good && read_entry(r, folder, names[i]->d_name, &all);
        free(names[i]);
    }
    free(names);
    good = good && crypto->hash_finish(crypto->provider, &all, &w) == COVEY_OK;
    if (begun && !good) {
        crypto->hash_drop(crypto->provider, &all);
    }
    if (good) {
        text_hex(covey_bytes_of(digest, sizeof digest), r->out->sha256);
    }
    return good;
}

bool vuln_base_read(vuln_lookup *l, const covey_crypto *crypto,
                    const char *path, vuln_base *out)
{
    const struct reading r = { l, crypto, malloc(WINDOW), out };
    struct stat st;
    bool good = false;

    memset(out, 0, sizeof *out);
    if (r.window == NULL || stat(path, &st) != 0) {
        fprintf(l->messages, "%s: error: %s\n", path, strerror(errno));
    } else if (S_ISDIR(st.st_mode)) {
        good = read_entries(&r, path);
    } else {
        good = read_file(&r, path, out->sha256);
    }
    free(r.window);
    return good;
}
