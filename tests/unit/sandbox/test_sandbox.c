/* SPDX-License-Identifier: BSD-2-Clause */
/* What a confined process can still do, and what ends it. */
#include "kit.h"

#include <sandbox.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* In the confined process: 0 if it could. `fd` is its own, `other` is not. */
typedef int attempt(int fd, int other);

/* Its wait status. */
static int confined(attempt *what)
{
    int pair[2];
    int other[2];
    int status = 0;

    assert_int_equal(0, socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair));
    assert_int_equal(0, socketpair(AF_UNIX, SOCK_SEQPACKET, 0, other));
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        if (!sandbox_enter(pair[1])) {
            _exit(99);
        }
        _exit(what(pair[1], other[1]));
    }
    assert_int_equal(4, write(pair[0], "data", 4));
    assert_int_equal(pid, waitpid(pid, &status, 0));
    close(pair[0]);
    close(pair[1]);
    close(other[0]);
    close(other[1]);
    return status;
}

static int think(int fd, int other)
{
    char text[8];
    char *memory = malloc(1 << 20);
    bool good = memory != NULL && read(fd, text, sizeof text) == 4;

    (void)other;
    if (good) {
        memset(memory, text[0], 1 << 20);
        good = memory[4096] == 'd' && write(fd, memory, 100) == 100;
    }
    free(memory);
    return good ? 0 : 1;
}

static int open_file(int fd, int other)
{
    (void)fd;
    (void)other;
    return open("/dev/null", O_RDONLY) < 0;
}

static int open_socket(int fd, int other)
{
    (void)fd;
    (void)other;
    return socket(AF_INET, SOCK_DGRAM, 0) < 0;
}

static int send_elsewhere(int fd, int other)
{
    const struct sockaddr_in to = { .sin_family = AF_INET };

    (void)other;
    return sendto(fd, "x", 1, 0, (const struct sockaddr *)&to, sizeof to) < 0;
}

static int write_elsewhere(int fd, int other)
{
    (void)fd;
    return write(other, "x", 1) < 0;
}

static int duplicate(int fd, int other)
{
    return dup2(fd, other) < 0;
}

static int start_another(int fd, int other)
{
    (void)fd;
    (void)other;
    return fork() < 0;
}

static int run_code(int fd, int other)
{
    (void)fd;
    (void)other;
    return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
                -1, 0) == MAP_FAILED;
}

static int share_memory(int fd, int other)
{
    (void)fd;
    (void)other;
    return mmap(NULL, 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0) ==
           MAP_FAILED;
}

static void can_think_and_answer(void **state)
{
    (void)state;
    const int status = confined(think);
    assert_true(WIFEXITED(status));
    assert_int_equal(0, WEXITSTATUS(status));
}

static void everything_else_ends_it(void **state)
{
    static const struct {
        const char *why;
        attempt *what;
    } cases[] = {
        { "opens a file", open_file },
        { "opens a socket", open_socket },
        { "sends to an address", send_elsewhere },
        { "writes to another descriptor", write_elsewhere },
        { "duplicates a descriptor", duplicate },
        { "starts a process", start_another },
        { "makes memory executable", run_code },
        { "shares memory", share_memory },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        kit_case(cases[i].why);
        const int status = confined(cases[i].what);
        assert_true(WIFSIGNALED(status));
        assert_int_equal(SIGSYS, WTERMSIG(status));
    }
    kit_case(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(can_think_and_answer),
        cmocka_unit_test(everything_else_ends_it),
    };

    return KIT_RUN(tests);
}
