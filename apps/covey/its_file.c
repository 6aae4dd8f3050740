/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of `covey its`: binary, hex or base64, told apart by the first byte:
 * no certificate and no Ieee1609Dot2Data begins with a letter. */
#include "cmd.h"
#include "hex.h"
#include "its_args.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <text.h>
#include <unistd.h>

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

static int take(const its_args *args, const char *path, char *text, size_t len,
                uint8_t **bytes, size_t *out_len)
{
    char error[160];
    size_t n = len;
    bool binary = len == 0 || text[0] < ' ';

    if (!binary && hex_parse(text, len, bytes, out_len, error, sizeof error)) {
        covey_wipe(text, len);
        free(text);
        return EXIT_DONE;
    }
    if (!binary && !from_base64(text, &n)) {
        free(text);
        return its_fail(args, EXIT_IO, "%s: neither binary, hex nor base64",
                        path);
    }
    *bytes = (uint8_t *)text;
    *out_len = n;
    return EXIT_DONE;
}

int its_load(const its_args *args, const char *path, uint8_t **bytes,
             size_t *len)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    char *text = file != NULL ? hex_slurp(file, len) : NULL;
    int error = errno;

    if (file != NULL && file != stdin) {
        fclose(file);
    }
    if (text == NULL) {
        return its_fail(args, EXIT_IO, "%s: %s", path, strerror(error));
    }
    return take(args, path, text, *len, bytes, len);
}

int its_load_key(const its_args *args, const char *path, uint8_t **bytes,
                 size_t *len)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    FILE *file = NULL;
    char *text = NULL;

    if (fd < 0 || fstat(fd, &st) != 0) {
        int error = errno;
        if (fd >= 0) {
            close(fd);
        }
        return its_fail(args, EXIT_IO, "%s: %s", path, strerror(error));
    }
    if (!S_ISREG(st.st_mode) || (st.st_mode & 077) != 0) {
        close(fd);
        return its_fail(args, EXIT_REFUSED,
                        "%s: a private key with mode %04o; expected a file "
                        "with 0600",
                        path, (unsigned)(st.st_mode & 07777));
    }
    file = fdopen(fd, "rb");
    text = file != NULL ? hex_slurp(file, len) : NULL;
    if (file != NULL) {
        fclose(file);
    }
    if (text == NULL) {
        return its_fail(args, EXIT_IO, "%s: cannot be read", path);
    }
    if (*len == 32 || *len == 48) { /* raw: may begin with anything */
        *bytes = (uint8_t *)text;
        return EXIT_DONE;
    }
    return take(args, path, text, *len, bytes, len);
}

int its_save(const its_args *args, const char *path, covey_bytes bytes,
             bool secret)
{
    int fd = open(path,
                  O_WRONLY | O_CREAT | O_CLOEXEC | (secret ? O_EXCL : O_TRUNC),
                  secret ? 0600 : 0666);
    FILE *file = fd >= 0 ? fdopen(fd, "wb") : NULL;
    bool good =
        file != NULL && fwrite(bytes.ptr, 1, bytes.len, file) == bytes.len;
    int error = errno;

    if (file != NULL) {
        good = fclose(file) == 0 && good;
    } else if (fd >= 0) {
        close(fd);
    }
    return good ? EXIT_DONE
                : its_fail(args, EXIT_IO, "%s: %s", path, strerror(error));
}
