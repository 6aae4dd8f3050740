/* SPDX-License-Identifier: BSD-2-Clause */
/* What was found without a run and put beside the record: lint-1.json and its
 * kin. No tree covers them; their hash is in the report, and who has the files
 * that they were made from makes them anew. */
#include "report.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

enum {
    FILES_MAX = 1000,
    RESULT_MAX = 1 << 24
};

/* "lint-12.json". */
static int is_result(const struct dirent *entry)
{
    const char *name = entry->d_name;
    const size_t word = strspn(name, "abcdefghijklmnopqrstuvwxyz");
    const size_t digits =
        name[word] == '-' ? strspn(name + word + 1, "0123456789") : 0;

    return word > 0 && digits > 0 &&
           strcmp(name + word + 1 + digits, ".json") == 0;
}

static json_t *read_result(const dossier *d, const char *name)
{
    char path[AUDIT_PATH_MAX];
    char digest[AUDIT_DIGEST_MAX];
    json_t *result = NULL;
    size_t len = 0;
    const int n = snprintf(path, sizeof path, "%s/%s", d->folder, name);
    FILE *in = n > 0 && n < AUDIT_PATH_MAX ? fopen(path, "rb") : NULL;
    char *text = in != NULL ? malloc(RESULT_MAX) : NULL;

    if (text != NULL) {
        len = fread(text, 1, RESULT_MAX, in);
        result = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    }
    if (!json_is_object(result) ||
        !audit_digest(d->crypto, covey_bytes_of((const uint8_t *)text, len),
                      digest)) {
        fprintf(stderr, "%s: error: no result of covey-audit\n", path);
        json_decref(result);
        result = NULL;
    } else {
        json_object_set_new(result, "name", json_string(name));
        json_object_set_new(result, "sha256", json_string(digest));
    }
    free(text);
    if (in != NULL) {
        fclose(in);
    }
    return result;
}

json_t *report_files(const dossier *d)
{
    struct dirent **entries = NULL;
    json_t *all = json_array();
    bool good = true;
    const int count = scandir(d->folder, &entries, is_result, versionsort);

    for (int i = 0; i < count; i++) {
        json_t *one =
            i < FILES_MAX ? read_result(d, entries[i]->d_name) : NULL;
        good = json_array_append_new(all, one) == 0 && good;
        free(entries[i]);
    }
    free(entries);
    if (!good || count < 0) {
        json_decref(all);
        return NULL;
    }
    return all;
}
