/* SPDX-License-Identifier: BSD-2-Clause */
/* What a service says first: its line is of the input, and is text. */
#include <apps/covey-audit/greeting.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const covey_bytes said = covey_bytes_of(data, size);
    const covey_bytes line = greeting_line(said);

    (void)greeting_service(said);
    if (line.len > size) {
        abort();
    }
    for (size_t i = 0; i < line.len; i++) {
        if (line.ptr[i] < ' ' || line.ptr[i] > '~') {
            abort();
        }
    }
    return 0;
}
