/* SPDX-License-Identifier: BSD-2-Clause */
/* What members of a group and its Group Manager say to each other: RFC 9594
 * with the profile for Group OSCORE (draft-ietf-ace-key-groupcomm-oscore).
 * So far: the proof of possession. */
#ifndef COVEY_KEYING_H
#define COVEY_KEYING_H

#include <covey/bytes.h>

/* --- proof of possession: pop.c ------------------------------------------ */

/* What a joining member signs, or computes a MAC over, to show that it has the
 * private key of its credential (client_cred_verify, RFC 9594 Section 4.3):
 * the byte strings of scope, N_S and N_C one behind the other. `scope` is the
 * content of the Join Request's parameter, N_S the Group Manager's challenge
 * and N_C the member's own.
 * COVEY_E_ARGUMENT: one of them is absent or empty: nothing would be proven.
 * COVEY_E_ROOM. */
COVEY_MUST_USE covey_status covey_keying_client_pop(covey_writer *out,
                                                    covey_bytes scope,
                                                    covey_bytes n_s,
                                                    covey_bytes n_c);
/* The same of the Group Manager (kdc_cred_verify, RFC 9594 Section 4.5): over
 * N_C and its own N_KDC. */
COVEY_MUST_USE covey_status covey_keying_kdc_pop(covey_writer *out,
                                                 covey_bytes n_c,
                                                 covey_bytes n_kdc);

#endif
