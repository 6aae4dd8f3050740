/* SPDX-License-Identifier: BSD-2-Clause */
/* Files in three forms, told apart by the first byte: no certificate and no
 * Ieee1609Dot2Data begins with a letter. */
#include "its_trust.h"

#include <errno.h>
#include <fcntl.h>
#include <hex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <text.h>
#include <unistd.h>

enum {
    RAW_256 = 32,
    RAW_384 = 48
};

static its_file_result fail(char error[ITS_ERROR_MAX], const char *path,
                            const char *what)
{
    snprintf(error, ITS_ERROR_MAX, "%s: %s", path, what);
    return ITS_FILE_FAILED;
}

/* In place, over as many lines as it has; false if it is not base64. */
static bool from_base64(char *text, size_t *len)
{
    size_t n = 0;

    for (size_t i = 0; i < *len; i++) {
        if (text[i] != '\n' && text[i] != '\r') {
            text[n++] = text[i];
        }
    }
    return text_base64_read(text, n, (uint8_t *)text, len);
}

static void discard(char *text, size_t len)
{
    covey_wipe(text, len);
    free(text);
}

static its_file_result take(const char *path, char *text, size_t len,
                            uint8_t **bytes, size_t *out_len,
                            char error[ITS_ERROR_MAX])
{
    size_t n = len;
    bool binary = len == 0 || text[0] < ' ';

    if (!binary &&
        hex_parse(text, len, bytes, out_len, error, ITS_ERROR_MAX)) {
        discard(text, len);
        return ITS_FILE_READ;
    }
    if (!binary && !from_base64(text, &n)) {
        discard(text, len);
        return fail(error, path, "neither binary, hex nor base64");
    }
    *bytes = (uint8_t *)text;
    *out_len = n;
    return ITS_FILE_READ;
}

/* The whole of it; NULL with a sentence. */
static char *slurp(FILE *file, const char *path, size_t *len,
                   char error[ITS_ERROR_MAX])
{
    char *text = file != NULL ? text_slurp(file, SIZE_MAX, len) : NULL;

    if (text == NULL) {
        (void)fail(error, path, strerror(errno));
    }
    if (file != NULL && file != stdin) {
        fclose(file);
    }
    return text;
}

its_file_result its_file_read(const char *path, uint8_t **bytes, size_t *len,
                              char error[ITS_ERROR_MAX])
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    char *text = slurp(file, path, len, error);

    return text != NULL ? take(path, text, *len, bytes, len, error)
                        : ITS_FILE_FAILED;
}

/* Opens a private key; -1: it is refused, and *result says how. */
static int open_key(const char *path, its_file_result *result,
                    char error[ITS_ERROR_MAX])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) != 0) {
        *result = fail(error, path, strerror(errno));
    } else if (!S_ISREG(st.st_mode) || (st.st_mode & 077) != 0) {
        snprintf(error, ITS_ERROR_MAX,
                 "%s: a private key with mode %04o; expected a file with 0600",
                 path, (unsigned)(st.st_mode & 07777));
        *result = ITS_FILE_SHARED;
    } else {
        return fd;
    }
    if (fd >= 0) {
        close(fd);
    }
    return -1;
}

its_file_result its_file_read_raw(const char *path, bool secret,
                                  uint8_t **bytes, size_t *len,
                                  char error[ITS_ERROR_MAX])
{
    its_file_result result = ITS_FILE_FAILED;
    int fd = secret ? open_key(path, &result, error) : -1;
    FILE *file = NULL;

    if (secret && fd < 0) {
        return result;
    }
    file = secret ? fdopen(fd, "rb") : fopen(path, "rb");
    if (secret && file == NULL) {
        close(fd);
    }
    *bytes = (uint8_t *)slurp(file, path, len, error);
    return *bytes != NULL ? ITS_FILE_READ : ITS_FILE_FAILED;
}

its_file_result its_file_read_key(const char *path, uint8_t **bytes,
                                  size_t *len, char error[ITS_ERROR_MAX])
{
    its_file_result result = its_file_read_raw(path, true, bytes, len, error);

    return result != ITS_FILE_READ || *len == RAW_256 || *len == RAW_384
               ? result
               : take(path, (char *)*bytes, *len, bytes, len, error);
}

bool its_file_is_pem(const uint8_t *bytes, size_t len)
{
    static const char mark[] = "-----BEGIN";

    for (size_t i = 0; i + sizeof mark - 1 <= len; i++) {
        if (memcmp(bytes + i, mark, sizeof mark - 1) == 0) {
            return true;
        }
    }
    return false;
}
