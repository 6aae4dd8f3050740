/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs a fuzz target over the files and folders named on the command line,
 * so that every corpus is an ordinary test. Fails if a folder is empty: a
 * test that runs nothing proves nothing. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    uint8_t *data = NULL;
    size_t len = 0;
    size_t cap = 1 << 20;
    int rc = 1;

    if (!f || !(data = malloc(cap))) {
        fprintf(stderr, "%s: cannot read\n", path);
        goto out;
    }
    len = fread(data, 1, cap, f);
    if (ferror(f) || !feof(f)) {
        fprintf(stderr, "%s: unreadable or over 1 MiB\n", path);
        goto out;
    }
    /* An exact-sized copy lets AddressSanitizer see the first byte beyond. */
    uint8_t *exact = malloc(len ? len : 1);
    if (exact) {
        memcpy(exact, data, len);
        LLVMFuzzerTestOneInput(exact, len);
        free(exact);
        rc = 0;
    }
out:
    free(data);
    if (f) {
        fclose(f);
    }
    return rc;
}

static int run_folder(const char *path, int *count)
{
    DIR *dir = opendir(path);
    struct dirent *e;
    int rc = 0;

    if (!dir) {
        fprintf(stderr, "%s: cannot open\n", path);
        return 1;
    }
    while ((e = readdir(dir)) != NULL && rc == 0) {
        char name[4096];
        if (e->d_name[0] == '.') {
            continue;
        }
        snprintf(name, sizeof name, "%s/%s", path, e->d_name);
        rc = run_file(name);
        (*count)++;
    }
    closedir(dir);
    return rc;
}

int main(int argc, char **argv)
{
    int count = 0;

    for (int i = 1; i < argc; i++) {
        struct stat st;
        if (stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode)) {
            if (run_folder(argv[i], &count) != 0) {
                return 1;
            }
        } else if (run_file(argv[i]) == 0) {
            count++;
        } else {
            return 1;
        }
    }
    printf("%d inputs\n", count);
    return count > 0 ? 0 : 1;
}
