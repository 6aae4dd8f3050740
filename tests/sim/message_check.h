/* SPDX-License-Identifier: BSD-2-Clause */
/* What always holds in a message layer, looked at row by row: for tests,
 * simulations and fuzz targets. */
#ifndef COVEY_SIM_MESSAGE_CHECK_H
#define COVEY_SIM_MESSAGE_CHECK_H

#include <covey/message.h>

/* NULL, or what is wrong. */
const char *sim_message_fault(const covey_message_layer *l);
/* Chunks that the rows of this layer hold. */
uint32_t sim_message_chunks(const covey_message_layer *l);

#endif
