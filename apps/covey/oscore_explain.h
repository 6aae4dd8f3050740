/* SPDX-License-Identifier: BSD-2-Clause */
/* The intermediate values of one message, as RFC 8613 Appendix C has them. */
#ifndef COVEY_APP_OSCORE_EXPLAIN_H
#define COVEY_APP_OSCORE_EXPLAIN_H

#include "oscore_session.h"

/* The value of the OSCORE option, absent if there is none. */
covey_bytes oscore_option_of(const covey_coap_message *m);

/* Sender or Recipient Key with the Common IV. */
void oscore_explain_keys(struct oscore_session *s, bool sender);
/* Option value and its parts. `option` gets them, all absent if the value is
 * malformed, which is then said by whoever unprotects. */
void oscore_explain_option(struct oscore_session *s, covey_bytes value,
                           covey_oscore_option *option);
/* AAD and nonce. `id` and `piv` are those of the nonce, Section 5.2. */
void oscore_explain_inputs(struct oscore_session *s,
                           const covey_oscore_exchange *exchange,
                           covey_bytes id, covey_bytes piv);

#endif
