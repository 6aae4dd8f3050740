/* SPDX-License-Identifier: BSD-2-Clause */
/* Values of options: bounds, and unsigned integers. */
#include <covey/coap_options.h>

#define UINT_MAX_LEN 4u

covey_status covey_option_check(uint16_t number, covey_bytes value,
                                bool seen_before)
{
    const covey_option_def *def = covey_option_find(number);

    if (def == NULL) {
        return COVEY_E_UNSUPPORTED;
    }
    if (value.len < def->min || value.len > def->max ||
        (seen_before && !def->repeatable)) {
        return COVEY_E_RANGE;
    }
    return COVEY_OK;
}

covey_status covey_option_uint(covey_bytes value, uint32_t *out)
{
    uint32_t v = 0;

    if (value.len > UINT_MAX_LEN) {
        return COVEY_E_RANGE;
    }
    for (size_t i = 0; i < value.len; i++) {
        v = v << 8 | value.ptr[i];
    }
    *out = v;
    return COVEY_OK;
}

covey_bytes covey_option_uint_encode(uint32_t value, uint8_t buf[4])
{
    size_t at = UINT_MAX_LEN;

    while (value != 0) {
        at--;
        buf[at] = (uint8_t)value;
        value >>= 8;
    }
    return covey_bytes_of(buf + at, UINT_MAX_LEN - at);
}

bool covey_option_get(const covey_coap_message *m, uint16_t number,
                      covey_bytes *value)
{
    covey_coap_option_iter it = covey_coap_options_of(m);
    covey_coap_option o;

    while (covey_coap_option_next(&it, &o) && o.number <= number) {
        if (o.number == number) {
            *value = o.value;
            return true;
        }
    }
    return false;
}
