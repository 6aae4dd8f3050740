/* SPDX-License-Identifier: BSD-2-Clause */
/* The value of the OSCORE option as those write and read it who protect
 * messages: without KUDOS, and beyond the 255 bytes of RFC 8613 Section 2. A
 * kid context of 255 bytes is allowed (Section 6.1), and flags, Partial IV and
 * kid then make the value longer. */
#include <covey/coap_options.h>

#define PIV_MAX 5u

void covey_oscore_value_put(covey_writer *w, const covey_oscore_option *o)
{
    unsigned flags = (unsigned)o->partial_iv.len;

    flags |= o->kid.ptr != NULL ? COVEY_OSCORE_FLAG_K : 0u;
    flags |= o->kid_context.ptr != NULL ? COVEY_OSCORE_FLAG_H : 0u;
    flags |= o->group ? COVEY_OSCORE_FLAG_GROUP : 0u;
    if (flags == 0) {
        return; /* the empty value */
    }
    covey_write_u8(w, (uint8_t)flags);
    covey_write_bytes(w, o->partial_iv);
    if (o->kid_context.ptr != NULL) {
        covey_write_u8(w, (uint8_t)o->kid_context.len);
        covey_write_bytes(w, o->kid_context);
    }
    covey_write_bytes(w, o->kid);
}

covey_status covey_oscore_value_get(covey_oscore_option *out,
                                    covey_bytes value)
{
    const unsigned known = COVEY_OSCORE_FLAG_GROUP | COVEY_OSCORE_FLAG_H |
                           COVEY_OSCORE_FLAG_K | COVEY_OSCORE_FLAG_N;
    covey_reader r = covey_reader_of(value);
    covey_oscore_option o = { 0 };
    unsigned flags = 0;
    unsigned n;

    if (value.len > 0) {
        flags = covey_read_u8(&r);
        if ((flags & ~known) != 0) {
            return COVEY_E_UNSUPPORTED;
        }
    }
    n = flags & COVEY_OSCORE_FLAG_N;
    if ((value.len > 0 && flags == 0) || n > PIV_MAX) {
        return COVEY_E_FORMAT;
    }
    o.group = (flags & COVEY_OSCORE_FLAG_GROUP) != 0;
    if (n > 0) {
        o.partial_iv = covey_read_bytes(&r, n);
    }
    if ((flags & COVEY_OSCORE_FLAG_H) != 0) {
        o.kid_context = covey_read_bytes(&r, covey_read_u8(&r));
    }
    if ((flags & COVEY_OSCORE_FLAG_K) != 0) {
        o.kid = covey_read_rest(&r);
    }
    if (!covey_read_done(&r)) {
        return r.failed != COVEY_OK ? r.failed : COVEY_E_FORMAT;
    }
    *out = o;
    return COVEY_OK;
}

covey_status covey_oscore_value_find(covey_oscore_option *out,
                                     covey_bytes *value,
                                     const covey_coap_message *outer)
{
    covey_coap_option_iter it = covey_coap_options_of(outer);
    covey_coap_option o;
    covey_bytes found = { NULL, 0 };

    while (covey_coap_option_next(&it, &o) &&
           o.number <= COVEY_OPTION_OSCORE) {
        if (o.number == COVEY_OPTION_OSCORE) {
            if (found.ptr != NULL) {
                return COVEY_E_FORMAT;
            }
            found = o.value;
        }
    }
    if (found.ptr == NULL || outer->payload.len == 0) {
        return COVEY_E_FORMAT;
    }
    *value = found;
    return covey_oscore_value_get(out, found);
}
