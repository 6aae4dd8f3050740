/* SPDX-License-Identifier: BSD-2-Clause */
/* OSCORE as a device uses it: both ends of an exchange, from derivation to the
 * original message, with the state that is stored. What it works on comes from
 * outside as far as the compiler knows. */
#include "use.h"

#include <covey/oscore.h>

static const covey_crypto *volatile crypto;
static const covey_oscore_parameters *volatile parameters;
static const covey_oscore_start *volatile start;
static const covey_oscore_work *volatile work;
static uint8_t *volatile storage;
static volatile size_t length;
static covey_oscore_context context;
static covey_oscore_exchange exchange;

static unsigned send(const covey_coap_message *m)
{
    covey_writer out = covey_writer_of(storage, length);
    unsigned st =
        covey_oscore_protect_request(&context, &exchange, m, work, &out);

    return st |
           covey_oscore_protect_response(&context, &exchange, m, work, &out);
}

static unsigned receive(const covey_coap_message *m)
{
    covey_writer out = covey_writer_of(storage, length);
    covey_oscore_received r;
    unsigned said =
        covey_oscore_unprotect_request(&context, &exchange, m, work, &out, &r);

    if (said == COVEY_UNPROTECT_MAYBE_REPLAY) {
        said = covey_oscore_recover(&context, &r);
    }
    said |= covey_oscore_unprotect_response(&context, &exchange, m, work, &out,
                                            &r);
    return said | covey_oscore_react(r.fault, true).code;
}

int use_oscore(void)
{
    covey_oscore_state state = { 0, 0 };
    covey_coap_message m;
    unsigned all = covey_oscore_setup(&context, crypto, parameters, start);

    if (covey_oscore_due(&context, &state)) {
        all |= covey_oscore_stored(&context, &state);
    }
    all |= covey_coap_parse(&m, covey_bytes_of(storage, length));
    all |= send(&m) | receive(&m);
    covey_oscore_drop(&context);
    return (int)all;
}
