/* SPDX-License-Identifier: BSD-2-Clause */
/* CoAP as SCHC sees it: TKL of 4, 12 or 20 bits (RFC 8974), the token, and
 * the options, of which OSCORE falls into subfields
 * (draft-ietf-schc-8824-update-09 Section 6.4). */
#include "schc_internal.h"

#include <string.h>

/* TKL and token. The extension bytes of TKL stand after the Message ID, so an
 * extended TKL is put together in the view. */
static void view_token(struct covey__schc_view *v, uint32_t at,
                       covey_bytes token)
{
    const uint8_t *p = v->packet + at;
    unsigned nibble = p[0] & 0x0f;

    v->tkl.base = v->packet;
    v->tkl.off = at * 8 + 4;
    v->tkl.bits = 4;
    if (nibble > 12) {
        unsigned extension = (nibble - 12) * 8;
        covey_bits_copy(v->tkl_extended, 0, p, 4, 4);
        covey_bits_copy(v->tkl_extended, 4, p + COAP_HEADER, 0, extension);
        v->tkl.base = v->tkl_extended;
        v->tkl.off = 0;
        v->tkl.bits += extension;
    }
    v->token.base = token.ptr;
    v->token.off = 0;
    v->token.bits = (uint32_t)token.len * 8;
}

/* False if there are more options than a view holds, or one is too long for
 * a residue. */
static bool view_options(struct covey__schc_view *v,
                         const covey_coap_message *m, uint8_t kudos)
{
    covey_coap_option_iter it = covey_coap_options_of(m);
    covey_coap_option o;

    while (covey_coap_option_next(&it, &o)) {
        if (v->option_count == COVEY_SCHC_OPTIONS_MAX || o.value.len > 65535) {
            return false;
        }
        struct covey__schc_option *slot = &v->options[v->option_count];
        slot->off = (uint32_t)(o.value.ptr - v->packet);
        slot->len = (uint16_t)o.value.len;
        slot->number = o.number;
        if (o.number == COVEY_OPTION_OSCORE && v->oscore == NO_OPTION &&
            covey_oscore_option_split(v->oscore_len, o.value,
                                      (covey_kudos_layout)kudos) == COVEY_OK) {
            v->oscore = v->option_count;
        }
        v->option_count++;
    }
    return true;
}

bool covey__schc_view_coap(struct covey__schc_view *v, uint32_t at,
                           uint8_t kudos)
{
    bool inner = v->stack == COVEY_SCHC_STACK_COAP_INNER;
    covey_bytes bytes = covey_bytes_of(v->packet + at, v->len - at);
    covey_coap_message m;
    covey_status st = inner ? covey_coap_parse_inner(&m, bytes)
                            : covey_coap_parse(&m, bytes);

    if (st != COVEY_OK || !view_options(v, &m, kudos)) {
        return false;
    }
    if (!inner) {
        view_token(v, at, m.token);
    }
    v->payload = v->len - (uint32_t)m.payload.len;
    return true;
}
