/* SPDX-License-Identifier: BSD-2-Clause */
#include "sandbox.h"

#include <errno.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* Without looking at arguments: they reach nothing outside the process. */
static const int plain[] = {
    SCMP_SYS(brk),          SCMP_SYS(clock_gettime), SCMP_SYS(exit),
    SCMP_SYS(exit_group),   SCMP_SYS(futex),         SCMP_SYS(getrandom),
    SCMP_SYS(getpid), /* libcrypto asks whether it was forked */
    SCMP_SYS(madvise),      SCMP_SYS(mremap),        SCMP_SYS(munmap),
    SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack),
};

static int allow_descriptor(scmp_filter_ctx ctx, int fd)
{
    const int calls[] = { SCMP_SYS(read), SCMP_SYS(write) };
    const struct scmp_arg_cmp this_one = { .arg = 0,
                                           .op = SCMP_CMP_EQ,
                                           .datum_a = (scmp_datum_t)fd };

    for (size_t i = 0; i < COUNT(calls); i++) {
        const int failed =
            seccomp_rule_add(ctx, SCMP_ACT_ALLOW, calls[i], 1, this_one);
        if (failed != 0) {
            return failed;
        }
    }
    return 0;
}

/* Memory that no file is behind and no code can be in. */
static int allow_memory(scmp_filter_ctx ctx)
{
    const scmp_datum_t own = MAP_PRIVATE | MAP_ANONYMOUS;
    const struct scmp_arg_cmp no_code = {
        .arg = 2, .op = SCMP_CMP_MASKED_EQ, .datum_a = PROT_EXEC, .datum_b = 0
    };
    const struct scmp_arg_cmp no_file = { .arg = 3,
                                          .op = SCMP_CMP_MASKED_EQ,
                                          .datum_a = own | MAP_SHARED,
                                          .datum_b = own };
    const int failed = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2,
                                        no_code, no_file);

    return failed != 0 ? failed
                       : seccomp_rule_add(ctx, SCMP_ACT_ALLOW,
                                          SCMP_SYS(mprotect), 1, no_code);
}

bool sandbox_enter(int fd)
{
    scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
    int failed = ctx == NULL ? -ENOMEM : 0;

    for (size_t i = 0; failed == 0 && i < COUNT(plain); i++) {
        failed = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, plain[i], 0);
    }
    if (failed == 0) {
        failed = allow_descriptor(ctx, fd);
    }
    if (failed == 0) {
        failed = allow_memory(ctx);
    }
    if (failed == 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
        failed = -errno;
    }
    if (failed == 0) {
        failed = seccomp_load(ctx); /* sets no_new_privs first */
    }
    if (ctx != NULL) {
        seccomp_release(ctx);
    }
    errno = -failed;
    return failed == 0;
}
