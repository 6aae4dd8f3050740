/* SPDX-License-Identifier: BSD-2-Clause */
/* The value of an option that says who answered, in either form: what is read
 * is written and read as the same again. The first byte is the group's port.
 */
#include "coap_oracle.h"

#include <covey/proxy.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const covey_proxy_origin *o, uint16_t group_port)
{
    uint8_t buf[COVEY_PROXY_ORIGIN_MAX];

    for (unsigned uri = 0; uri < 2; uri++) {
        covey_writer w = covey_writer_of(buf, sizeof buf);
        covey_proxy_origin back;
        if (uri == 1) {
            covey_proxy_origin_put_uri(&w, o, group_port);
            oracle(covey_proxy_origin_get_uri(&back, covey_written(&w),
                                              group_port) == COVEY_OK);
        } else {
            covey_proxy_origin_put_cri(&w, o);
            oracle(covey_proxy_origin_get_cri(&back, covey_written(&w)) ==
                   COVEY_OK);
        }
        oracle(w.failed == COVEY_OK);
        oracle(back.scheme == o->scheme &&
               covey_address_equal(&back.address, &o->address));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    covey_proxy_origin o;

    if (size == 0) {
        return 0;
    }
    const covey_bytes value = covey_bytes_of(data + 1, size - 1);
    const uint16_t group_port = (uint16_t)(5600 + data[0]);
    if (covey_proxy_origin_get_uri(&o, value, group_port) == COVEY_OK) {
        check(&o, group_port);
    }
    if (covey_proxy_origin_get_cri(&o, value) == COVEY_OK) {
        check(&o, group_port);
    }
    return 0;
}
