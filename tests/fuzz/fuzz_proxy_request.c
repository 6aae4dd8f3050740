/* SPDX-License-Identifier: BSD-2-Clause */
/* A message, plain as OSCORE has it (code, options, payload), that a proxy is
 * to send on or to give back. What goes on has no proxy option and no
 * timeout, and is for the next hop itself. */
#include "coap_oracle.h"

#include <covey/proxy.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_onward(const covey_coap_message *m,
                         const covey_proxy_target *t, uint8_t *buf, size_t cap)
{
    covey_writer w = covey_writer_of(buf, cap);
    covey_coap_composer c = covey_coap_compose_inner(&w, m->code);
    const covey_proxy_onward how = { .target = t, .hop_limit = 15 };
    covey_proxy_target next;
    covey_coap_message out;
    covey_proxy_wait wait;
    uint8_t host[COVEY_PROXY_HOST_MAX];
    covey_writer hw = covey_writer_of(host, sizeof host);

    covey_proxy_put_request(&c, m, &how);
    const covey_status st = covey_coap_finish(&c);
    oracle(st == COVEY_OK || st == COVEY_E_ROOM);
    if (st != COVEY_OK) {
        return;
    }
    oracle(covey_coap_parse_inner(&out, covey_written(&w)) == COVEY_OK);
    oracle(covey_proxy_wait_read(&out, &wait) == COVEY_OK);
    oracle(wait.profile == COVEY_PROXY_NONE);
    oracle(covey_proxy_target_read(&next, &out, &hw) == COVEY_OK);
    oracle(!next.forward);
    oracle(out.payload.len == m->payload.len);
}

static void check_homeward(const covey_coap_message *m, uint8_t *buf,
                           size_t cap)
{
    for (unsigned p = COVEY_PROXY_SEED; p <= COVEY_PROXY_07; p++) {
        covey_writer w = covey_writer_of(buf, cap);
        covey_coap_composer c = covey_coap_compose_inner(&w, m->code);
        covey_proxy_homeward how = { .profile = (covey_proxy_profile)p,
                                     .group_port = 5683 };
        covey_coap_message out;
        covey_proxy_origin o;
        how.origin.address = (covey_address){ .ip = { 192, 0, 2, 5 },
                                              .port = 5683,
                                              .family = COVEY_FAMILY_IPV4 };
        covey_proxy_put_response(&c, m, &how);
        oracle(covey_coap_finish(&c) == COVEY_OK);
        oracle(covey_coap_parse_inner(&out, covey_written(&w)) == COVEY_OK);
        oracle(covey_proxy_origin_find(&o, &out, 5683));
        oracle(covey_address_equal(&o.address, &how.origin.address));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const size_t cap = 2 * size + 1024;
    uint8_t host[COVEY_PROXY_HOST_MAX];
    covey_writer hw = covey_writer_of(host, sizeof host);
    covey_proxy_target t;
    covey_coap_message m;
    uint8_t *buf;

    if (covey_coap_parse_inner(&m, covey_bytes_of(data, size)) != COVEY_OK ||
        m.code == COVEY_COAP_EMPTY) {
        return 0;
    }
    buf = malloc(cap);
    oracle(buf != NULL);
    (void)covey_proxy_is_stop(&m);
    if (covey_proxy_screen_request(&m) == 0 &&
        covey_proxy_target_read(&t, &m, &hw) == COVEY_OK && t.forward) {
        check_onward(&m, &t, buf, cap);
    }
    if (covey_proxy_screen_response(&m) == 0) {
        check_homeward(&m, buf, cap);
    }
    free(buf);
    return 0;
}
