/* SPDX-License-Identifier: BSD-2-Clause */
/* A query of any bytes: it fits or not, never reads beyond, and one that ends
 * in '*' fits whatever the same without it fits. */
#include "coap_oracle.h"

#include <covey/link_format.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint16_t formats[] = { 0, 40, 65535 };
    static const uint8_t values[] = "/a temp core.a  b";
    const covey_bytes path = { values, 2 };
    const covey_bytes rest = { values + 3, sizeof values - 4 };
    const covey_link link = { path, rest, rest, rest,  formats,
                              3,    77,   true, false, true };
    uint8_t *wide = malloc(size + 1);
    const uint8_t *equals = size > 0 ? memchr(data, '=', size) : NULL;

    oracle(wide != NULL);
    if (size > 0) {
        memcpy(wide, data, size);
    }
    wide[size] = '*';
    if (covey_link_fits(&link, covey_bytes_of(data, size)) && equals != NULL &&
        data[size - 1] != '*') {
        oracle(covey_link_fits(&link, covey_bytes_of(wide, size + 1)));
    }
    free(wide);
    return 0;
}
