/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a field stands in a packet, for messages about packets that no rule
 * fits; the engine's own reading is not asked, as it stops where a rule does.
 */
#ifndef COVEY_APP_SCHC_PACKET_H
#define COVEY_APP_SCHC_PACKET_H

#include "schc_value.h"

/* The bits of the field that a descriptor with this id, option and position
 * means; position 0 is taken as 1. base is NULL if the packet has none. */
schc_span schc_packet_field(const covey_schc_context *ctx,
                            covey_schc_direction direction, covey_bytes packet,
                            const covey_schc_field *field);

#endif
