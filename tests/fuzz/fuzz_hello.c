/* SPDX-License-Identifier: BSD-2-Clause */
/* The first record of a TLS or DTLS server. First byte: which of the two. What
 * was said of a stream does not change when more of it comes; nothing that is
 * said points beyond the input. */
#include <apps/covey-audit/hello.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
    if (!good) {
        abort();
    }
}

static bool same(const hello_answer *a, const hello_answer *b)
{
    return a->kind == b->kind && a->version == b->version &&
           a->suite == b->suite && a->alert == b->alert;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 || size > 700) {
        return 0;
    }
    const bool dtls = (data[0] & 1) != 0;
    const covey_bytes in = covey_bytes_of(data + 1, size - 1);
    const hello_answer all = hello_read(in, dtls);

    if (all.kind == HELLO_VERIFY) {
        check(dtls && all.cookie.len <= HELLO_COOKIE_MAX);
        check(all.cookie.ptr >= in.ptr &&
              all.cookie.ptr + all.cookie.len <= in.ptr + in.len);
    }
    for (size_t n = 0; n < in.len; n++) {
        const hello_answer some = hello_read(covey_bytes_of(in.ptr, n), dtls);
        check(some.kind == HELLO_MORE || same(&some, &all));
    }
    return 0;
}
