/* SPDX-License-Identifier: BSD-2-Clause */
/* The pair with certificates of ITS: a root that both trust, an AA, a ticket
 * for each, which they show together with the AA. PSID 38 is used and taken;
 * the tickets permit 36, too, with an SSP. */
#ifndef TLS_ITS_FIXTURE_H
#define TLS_ITS_FIXTURE_H

#include "fixture.h"

#include "make.h"

extern struct made its_root;
extern struct made its_aa;
extern struct made its_at[2]; /* client's, server's; so all that follows */
extern covey_its_signer its_signers[2];
extern covey_tls_its its_taken[2];
extern covey_bytes its_entries[2][4];
extern const covey_tls_its_rule its_rules[1];

int its_begin(void **state);
int its_end(void **state);
#define ITS(f) cmocka_unit_test_setup_teardown(f, its_begin, its_end)

#endif
