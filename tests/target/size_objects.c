/* SPDX-License-Identifier: BSD-2-Clause */
/* What a caller keeps in memory, one array of that size each: read from the
 * symbols of the object (tools/size-report), never linked. Keys are the
 * provider's, and a slot number may be all there is of one: they are left
 * out. Credentials and window words beyond 64 are the caller's own. */
#include <covey/group.h>
#include <covey/its_data.h>
#include <covey/schc.h>

#define KEYS(n) ((n) * sizeof(covey_key))

/* clang-format off */
extern uint8_t ram_schc_context[];
extern uint8_t ram_oscore_context[];
extern uint8_t ram_oscore_exchange[];
extern uint8_t ram_group_context[];
extern uint8_t ram_group_recipient[];
extern uint8_t ram_group_exchange[];
extern uint8_t ram_group_answer[];
extern uint8_t ram_its_certificate[];
extern uint8_t ram_its_known[];
extern uint8_t ram_its_peer[];

uint8_t ram_schc_context[sizeof(covey_schc_context)];
uint8_t ram_oscore_context[sizeof(covey_oscore_context) - KEYS(2)];
uint8_t ram_oscore_exchange[sizeof(covey_oscore_exchange)];
uint8_t ram_group_context[sizeof(covey_group) - KEYS(1)];
uint8_t ram_group_recipient[sizeof(covey_group_recipient) - KEYS(4)];
uint8_t ram_group_exchange[sizeof(covey_group_exchange)];
uint8_t ram_group_answer[sizeof(covey_group_answer)];
uint8_t ram_its_certificate[sizeof(covey_its_cert)];
uint8_t ram_its_known[sizeof(covey_its_known) - KEYS(1)];
uint8_t ram_its_peer[sizeof(covey_its_peer) - KEYS(1)];
/* clang-format on */
