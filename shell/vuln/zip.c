/* SPDX-License-Identifier: BSD-2-Clause */
/* A base as osv.dev hands it out: an archive whose documents are read one by
 * one, into the window and never to a disk. Names in it are only shown. What
 * is taken apart is bounded by the window for each document, and for all of
 * them by the size of the archive, so that a small file cannot be a large one
 * (documents of JSON shrink to a tenth). */
#include "internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

enum {
    ENTRIES_MAX = 1 << 20,
    RATIO_MAX = 64,
    SHOWN_MAX = 300 /* of names in messages */
};

#define FREE_BYTES ((uint64_t)64 << 20) /* whatever the size of the archive */

typedef struct archive {
    vuln_lookup *l;
    vuln_base *out;
    const char *name;
    zip_t *zip;
    char *window;
    uint64_t left; /* bytes that may still be taken out */
} archive;

static bool is_json(const char *name)
{
    const size_t len = strlen(name);

    return len > 5 && strcmp(name + len - 5, ".json") == 0;
}

/* "all.zip/DSA-1.json", whatever it is called. */
static void show(const archive *a, const char *name, char out[SHOWN_MAX])
{
    snprintf(out, SHOWN_MAX, "%s/%s", a->name, name);
    for (char *p = out; *p != '\0'; p++) {
        *p = (char)(*p >= ' ' && *p <= '~' ? *p : '?');
    }
}

/* The document is passed over, the others go on. */
static bool refuse_entry(const archive *a, const char *shown, const char *why)
{
    fprintf(a->l->messages, "%s: error: %s\n", shown, why);
    a->l->refused++;
    return true;
}

static bool fail(const archive *a, const char *why)
{
    fprintf(a->l->messages, "%s: error: %s\n", a->name, why);
    return false;
}

/* All of a document into the window; *len is more than that if it does not
 * fit, and its checksum is looked at by its end. */
static bool inflate_entry(archive *a, zip_file_t *in, size_t *len)
{
    zip_int64_t n = 1;

    *len = 0;
    while (n > 0 && *len < VULN__WINDOW) {
        n = zip_fread(in, a->window + *len, VULN__WINDOW - *len);
        *len += n > 0 ? (size_t)n : 0;
    }
    if (n > 0) {
        char more;
        n = zip_fread(in, &more, 1);
        *len += n > 0 ? 1u : 0u;
    }
    return n >= 0;
}

/* False: the archive has to be given up. */
static bool read_entry(archive *a, zip_uint64_t i)
{
    const char *name = zip_get_name(a->zip, i, ZIP_FL_ENC_RAW);
    char shown[SHOWN_MAX];
    size_t len = 0;

    if (name == NULL || !is_json(name)) {
        return name != NULL || fail(a, zip_strerror(a->zip));
    }
    show(a, name, shown);
    zip_file_t *in = zip_fopen_index(a->zip, i, 0);
    if (in == NULL) {
        return refuse_entry(a, shown, zip_strerror(a->zip));
    }
    const bool sound = inflate_entry(a, in, &len);
    if (!sound) {
        fprintf(a->l->messages, "%s: error: %s\n", shown,
                zip_file_strerror(in));
    }
    zip_fclose(in);
    if (len > a->left) {
        return fail(a, "much more in it than an archive of this size has");
    }
    a->left -= len;
    if (!sound) {
        a->l->refused++;
        return true;
    }
    if (len > VULN__WINDOW) {
        return refuse_entry(a, shown, "a document of more than 16 MiB");
    }
    vuln__document(a->l, shown, a->window, len, a->out);
    return true;
}

static bool read_entries(archive *a)
{
    const zip_int64_t count = zip_get_num_entries(a->zip, 0);
    bool good = true;

    if (count > ENTRIES_MAX) {
        return fail(a, "more than 1,048,576 documents");
    }
    for (zip_int64_t i = 0; good && i < count; i++) {
        good = read_entry(a, (zip_uint64_t)i);
    }
    return good;
}

/* Takes the source over. */
static bool read_source(archive *a, zip_source_t *source, uint64_t size)
{
    zip_error_t error;

    zip_error_init(&error);
    a->zip = source != NULL ? zip_open_from_source(source, ZIP_RDONLY, &error)
                            : NULL;
    if (a->zip == NULL) {
        (void)fail(a, source != NULL ? zip_error_strerror(&error)
                                     : "out of memory");
        zip_source_free(source);
        zip_error_fini(&error);
        return false;
    }
    a->left = FREE_BYTES + RATIO_MAX * size;
    const bool good = read_entries(a);
    zip_discard(a->zip);
    return good;
}

bool vuln__zip_read(vuln_lookup *l, const char *path, FILE *in, char *window,
                    vuln_base *out)
{
    archive a = { .l = l, .out = out, .name = path, .window = window };
    const long size = fseek(in, 0, SEEK_END) == 0 ? ftell(in) : -1;

    if (size < 0) {
        (void)fail(&a, strerror(errno));
        fclose(in);
        return false;
    }
    /* which closes it */
    zip_source_t *source = zip_source_filep_create(in, 0, -1, NULL);
    if (source == NULL) {
        fclose(in);
    }
    return read_source(&a, source, (uint64_t)size);
}

bool vuln_zip_read(vuln_lookup *l, const char *name, covey_bytes bytes,
                   vuln_base *out)
{
    archive a = {
        .l = l, .out = out, .name = name, .window = malloc(VULN__WINDOW)
    };

    if (a.window == NULL) {
        return fail(&a, "out of memory");
    }
    const bool good = read_source(
        &a, zip_source_buffer_create(bytes.ptr, bytes.len, 0, NULL),
        bytes.len);
    free(a.window);
    return good;
}
