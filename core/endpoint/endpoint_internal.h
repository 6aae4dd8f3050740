/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared by the files of this module. */
#ifndef COVEY_ENDPOINT_INTERNAL_H
#define COVEY_ENDPOINT_INTERNAL_H

#include <covey/endpoint.h>

#define COVEY__ENDPOINT_NONE UINT32_MAX

/* 32 bits that need not be secret: a part of the leisure. */
uint32_t covey__endpoint_random(covey_endpoint *e);

/* The halves of the scratch, empty: what came in, what goes out. */
covey_writer covey__endpoint_inward(const covey_endpoint *e);
covey_writer covey__endpoint_outward(const covey_endpoint *e);

/* Has it an OSCORE option? */
bool covey__endpoint_is_sealed(const covey_coap_message *m);

/* Composes in `out`, or in the scratch if the message is sealed later. */
void covey__endpoint_draft(covey_endpoint *e, covey_draft *d,
                           const covey_coap_message *head, bool sealed,
                           covey_writer *out);
/* Ends the composing. *m is then the plain message. */
covey_status covey__endpoint_drafted(covey_draft *d, covey_coap_message *m);

/* What carries messages: the message layer, or streams, on which a message
 * leaves at once and nothing has to be known of it afterwards. As
 * covey_message_send, _cancel, _acknowledge and _reject. */
covey_status covey__endpoint_send(covey_endpoint *e, covey_ms now,
                                  const covey_message_letter *letter,
                                  covey_writer *message,
                                  covey_message_sent *sent);
void covey__endpoint_forget(covey_endpoint *e, covey_message_ref sent);
void covey__endpoint_acknowledge(covey_endpoint *e, covey_message_ref in);
void covey__endpoint_reject(covey_endpoint *e, covey_message_ref in);

/* server.c */
covey_status covey__endpoint_on_request(covey_endpoint *e, covey_ms now,
                                        const covey_path *path,
                                        const covey_message_in *m,
                                        covey_endpoint_in *in);

/* client.c */
covey_status covey__endpoint_client_init(covey_endpoint *e,
                                         const covey_endpoint_config *config,
                                         const covey_endpoint_memory *memory,
                                         covey_ms now);
covey_status covey__endpoint_on_response(covey_endpoint *e,
                                         const covey_path *path,
                                         const covey_message_in *m,
                                         covey_endpoint_in *in);
/* What the message layer says: true if *event is to be told. */
bool covey__endpoint_on_report(covey_endpoint *e,
                               const covey_message_report *r,
                               covey_endpoint_report *event);
/* The message layer has no more to do with the request; if the exchange goes
 * on it has a deadline from now on. */
void covey__endpoint_settle(covey_endpoint *e, const covey_exchange_ref *ref);
void covey__endpoint_end(covey_endpoint *e, const covey_exchange_ref *ref,
                         covey_exchange_outcome outcome);
/* Opens a response, or what was put together to one; and hands it up. */
covey_status covey__endpoint_open(covey_endpoint *e, const covey_path *path,
                                  const covey_message_in *m,
                                  const covey_exchange_ref *ref,
                                  covey_endpoint_in *in);
covey_status covey__endpoint_deliver(covey_endpoint *e, const covey_path *path,
                                     const covey_exchange_answer *answer,
                                     covey_endpoint_in *in);
/* By its patience, from now on. */
covey_ms covey__endpoint_until(const covey_endpoint *e,
                               const covey_endpoint_row *row);
/* The next end of an exchange. */
bool covey__endpoint_ended(covey_endpoint *e, covey_endpoint_report *event);
covey_ms covey__endpoint_client_deadline(const covey_endpoint *e);

/* outer.c: what has been cut by somebody on the way. Without memory for it
 * every message is whole. */

void covey__outer_init(covey_endpoint *e, covey_outer *outer);

/* A request, or a block of it. 0: *outer is the whole of it; otherwise the
 * code of what is to be said, with in->request.block1 and *size1, unless 0. */
uint8_t covey__outer_request(covey_endpoint *e, covey_ms now,
                             covey_endpoint_in *in, covey_coap_message *outer,
                             uint32_t *size1);
/* The reply to a request that was cut, as it leaves: names the last block. */
covey_status covey__outer_name(covey_endpoint *e,
                               const covey_endpoint_request *r,
                               covey_writer *out);

/* A request of ours as it leaves, with this row of security. */
void covey__outer_keep(covey_endpoint *e, uint32_t security, covey_bytes sent,
                       covey_coap_type type);
/* What answers a request for a block answers that for the whole. */
void covey__outer_redirect(covey_endpoint *e, covey_exchange_answer *answer);
/* Is this but a part of the response? */
bool covey__outer_is_part(const covey_endpoint *e,
                          const covey_exchange_ref *ref,
                          const covey_coap_message *m);
/* Takes it: asks for the next one, or, if it is the last, opens and delivers
 * the whole. */
covey_status covey__outer_response(covey_endpoint *e, const covey_path *path,
                                   const covey_exchange_answer *answer,
                                   const covey_message_in *m,
                                   covey_endpoint_in *in);
/* The request has its end, or another one its place. */
void covey__outer_ended(covey_endpoint *e, const covey_exchange_ref *ref,
                        covey_exchange_outcome outcome);

#endif
