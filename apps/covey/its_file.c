/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of `covey its`. */
#include "cmd.h"
#include "its_args.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static int loaded(const its_args *args, its_file_result result,
                  const char error[ITS_ERROR_MAX])
{
    return result == ITS_FILE_READ
               ? EXIT_DONE
               : its_fail(args,
                          result == ITS_FILE_SHARED ? EXIT_REFUSED : EXIT_IO,
                          "%s", error);
}

int its_load(const its_args *args, const char *path, uint8_t **bytes,
             size_t *len)
{
    char error[ITS_ERROR_MAX];

    return loaded(args, its_file_read(path, bytes, len, error), error);
}

int its_load_key(const its_args *args, const char *path, uint8_t **bytes,
                 size_t *len)
{
    char error[ITS_ERROR_MAX];

    return loaded(args, its_file_read_key(path, bytes, len, error), error);
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
