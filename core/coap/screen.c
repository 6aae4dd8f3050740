/* SPDX-License-Identifier: BSD-2-Clause */
/* What a receiver may rely on in the options of a message: values that are as
 * their definition says, and critical options that it understands. RFC 7252
 * Sections 5.4.1, 5.4.3 and 5.4.5. */
#include <covey/coap_options.h>

bool covey_option_sound(const covey_coap_message *m, uint16_t number,
                        covey_bytes *value)
{
    covey_coap_option_iter it = covey_coap_options_of(m);
    covey_coap_option o;

    while (covey_coap_option_next(&it, &o) && o.number <= number) {
        if (o.number == number &&
            covey_option_check(number, o.value, false) == COVEY_OK) {
            *value = o.value;
            return true;
        }
    }
    return false;
}

bool covey_option_sound_uint(const covey_coap_message *m, uint16_t number,
                             uint32_t *value)
{
    covey_bytes bytes;

    return covey_option_sound(m, number, &bytes) &&
           covey_option_uint(bytes, value) == COVEY_OK;
}

bool covey_option_sound_block(const covey_coap_message *m, uint16_t number,
                              covey_block *value)
{
    covey_bytes bytes;

    return covey_option_sound(m, number, &bytes) &&
           covey_block_parse(bytes, value) == COVEY_OK;
}

static bool is_understood(const covey_coap_option *o, bool seen_before,
                          const uint16_t *understood, size_t count)
{
    size_t i = 0;

    while (i < count && understood[i] != o->number) {
        i++;
    }
    return i < count && covey_option_check(o->number, o->value, seen_before) !=
                            COVEY_E_RANGE;
}

covey_status covey_option_screen(const covey_coap_message *m,
                                 const uint16_t *understood, size_t count,
                                 uint16_t *number)
{
    covey_coap_option_iter it = covey_coap_options_of(m);
    covey_coap_option o;
    uint32_t before = COVEY_COAP_OPTION_NUMBER_MAX + 1;

    while (covey_coap_option_next(&it, &o)) {
        if (covey_option_critical(o.number) &&
            !is_understood(&o, o.number == before, understood, count)) {
            *number = o.number;
            return COVEY_E_UNSUPPORTED;
        }
        before = o.number;
    }
    return COVEY_OK;
}
