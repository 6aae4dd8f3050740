/* SPDX-License-Identifier: BSD-2-Clause */
/* Multicast-Signaling (seed Section 2) and Multicast-Timeout
 * (draft-ietf-core-groupcomm-proxy-07 Section 2). */
#include <covey/proxy.h>

#define GET COVEY_COAP_CODE(0, 1)

/* Five bytes may come, which is more than any proxy waits. */
static uint32_t read_seconds(covey_bytes value)
{
    uint64_t v = 0;

    for (size_t i = 0; i < value.len; i++) {
        v = v << 8 | value.ptr[i];
    }
    return v > UINT32_MAX ? UINT32_MAX : (uint32_t)v;
}

covey_status covey_proxy_wait_read(const covey_coap_message *m,
                                   covey_proxy_wait *out)
{
    covey_coap_option_iter it = covey_coap_options_of(m);
    covey_proxy_wait wait = { COVEY_PROXY_NONE, 0 };
    covey_coap_option o;

    while (covey_coap_option_next(&it, &o)) {
        const bool seed = o.number == COVEY_OPTION_MULTICAST_SIGNALING;
        if (!seed && o.number != COVEY_OPTION_MULTICAST_TIMEOUT) {
            continue;
        }
        if (covey_option_check(o.number, o.value,
                               wait.profile != COVEY_PROXY_NONE) != COVEY_OK) {
            return COVEY_E_UNSUPPORTED;
        }
        wait.profile = seed ? COVEY_PROXY_SEED : COVEY_PROXY_07;
        wait.seconds = read_seconds(o.value);
    }
    *out = wait;
    return COVEY_OK;
}

bool covey_proxy_wait_onward(covey_proxy_wait *wait, uint32_t margin)
{
    if (wait->seconds == 0) {
        return true;
    }
    if (wait->seconds <= margin) {
        wait->seconds = margin + 1;
        return false;
    }
    wait->seconds -= margin;
    return true;
}

uint16_t covey_proxy_wait_option(const covey_proxy_wait *wait, uint8_t buf[4],
                                 covey_bytes *value)
{
    *value = covey_option_uint_encode(wait->seconds, buf);
    if (wait->profile == COVEY_PROXY_07) {
        return COVEY_OPTION_MULTICAST_TIMEOUT;
    }
    if (value->len == 0) {
        buf[0] = 0;
        *value = covey_bytes_of(buf, 1);
    }
    return COVEY_OPTION_MULTICAST_SIGNALING;
}

bool covey_proxy_is_stop(const covey_coap_message *m)
{
    static const uint16_t named[] = {
        COVEY_OPTION_URI_HOST,           COVEY_OPTION_URI_PORT,
        COVEY_OPTION_URI_PATH,           COVEY_OPTION_URI_PATH_ABBREV,
        COVEY_OPTION_URI_QUERY,          COVEY_OPTION_PROXY_URI,
        COVEY_OPTION_PROXY_SCHEME,       COVEY_OPTION_PROXY_CRI,
        COVEY_OPTION_PROXY_SCHEME_NUMBER
    };
    covey_proxy_wait wait;
    covey_bytes value;

    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++) {
        if (covey_option_get(m, named[i], &value)) {
            return false;
        }
    }
    return m->code == GET && covey_proxy_wait_read(m, &wait) == COVEY_OK &&
           wait.profile == COVEY_PROXY_07 && wait.seconds == 0;
}
