/* SPDX-License-Identifier: BSD-2-Clause */
/* Group OSCORE as a member uses it: both ends of an exchange, group mode and
 * pairwise mode, with recipients, storage, recovery and rekeying. What it
 * works on comes from outside as far as the compiler knows. */
#include "use.h"

#include <covey/group.h>

static const covey_crypto *volatile crypto;
static const covey_group_parameters *volatile parameters;
static const covey_group_start *volatile start;
static const covey_group_member *volatile member;
static const covey_group_work *volatile work;
static uint8_t *volatile storage;
static volatile size_t length;
static covey_group group;
static covey_group_exchange exchange;

static unsigned manage(void)
{
    covey_group_recipient *r = NULL;
    covey_group_record record;
    unsigned st = covey_group_setup(&group, crypto, parameters, start);

    st |= covey_group_add(&group, member, &r);
    while (covey_group_due(&group, &record)) {
        st |= covey_group_stored(&group, &record);
    }
    st |= covey_group_rekey(&group, parameters, member->id, NULL, 0);
    covey_group_remove(&group, r);
    return st;
}

static unsigned send(const covey_coap_message *m)
{
    const covey_bytes composed = { NULL, 0 };
    covey_writer out = covey_writer_of(storage, length);
    unsigned st =
        covey_group_seal_request(&group, &exchange, m, composed, work, &out);

    return st | covey_group_seal_response(&group, &exchange, m, composed, work,
                                          &out);
}

static unsigned receive(const covey_coap_message *m)
{
    covey_writer out = covey_writer_of(storage, length);
    covey_group_received r;
    unsigned said =
        covey_group_unprotect_request(&group, &exchange, m, work, &out, &r);

    if (said == COVEY_UNPROTECT_MAYBE_REPLAY) {
        said = covey_group_recover(&group, &r);
    }
    said |=
        covey_group_unprotect_response(&group, &exchange, m, work, &out, &r);
    return said | covey_group_react(&r, true).code;
}

int use_group(void)
{
    covey_coap_message m;
    unsigned all = manage();

    all |= covey_coap_parse(&m, covey_bytes_of(storage, length));
    all |= send(&m) | receive(&m);
    covey_group_drop(&group);
    return (int)all;
}
