/* SPDX-License-Identifier: BSD-2-Clause */
#include "dying.h"

#include <dlfcn.h>
#include <signal.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static unsigned steps;
static unsigned end;
static int half;

void dying_at(unsigned step, int torn)
{
    steps = 0;
    end = step;
    half = torn;
}

unsigned dying_steps(void)
{
    return steps;
}

typedef ssize_t write_at(int, const void *, size_t, off64_t);
typedef int with_fd(int);
typedef int with_len(int, off64_t);
typedef int with_path(const char *);

/* The C library's function, into a pointer to one; ISO C has no other way from
 * an object to a function. */
static void find_real(const char *name, void *out)
{
    void *found = dlsym(RTLD_NEXT, name);

    memcpy(out, &found, sizeof found);
}

static int is_last(void)
{
    steps++;
    return steps == end;
}

/* Only writes can be torn. */
static void step(void)
{
    if (!half && is_last()) {
        (void)raise(SIGKILL);
    }
}

ssize_t pwrite64(int fd, const void *buf, size_t n, off64_t offset)
{
    write_at *real = NULL;

    find_real("pwrite64", &real);
    if (is_last()) {
        if (half) {
            (void)real(fd, buf, n / 2, offset);
        }
        (void)raise(SIGKILL);
    }
    return real(fd, buf, n, offset);
}

int fdatasync(int fildes)
{
    with_fd *real = NULL;

    find_real("fdatasync", &real);
    step();
    return real(fildes);
}

int fsync(int fd)
{
    with_fd *real = NULL;

    find_real("fsync", &real);
    step();
    return real(fd);
}

int ftruncate64(int fd, off64_t length)
{
    with_len *real = NULL;

    find_real("ftruncate64", &real);
    step();
    return real(fd, length);
}

int unlink(const char *name)
{
    with_path *real = NULL;

    find_real("unlink", &real);
    step();
    return real(name);
}
