/* SPDX-License-Identifier: BSD-2-Clause */
/* Answers of many, of a group or through a proxy of one. */
#ifndef COVEY_APP_REQUEST_MANY_H
#define COVEY_APP_REQUEST_MANY_H

#include "request_exchange.h"

/* One of the answers. */
void request_many_take(struct request_run *r, const covey_path *path,
                       const covey_endpoint_in *in);
/* If this is a proxy that stands for a group and wants to know how long
 * answers are collected, and the caller has said so: asks once more. */
bool request_many_retry(struct request_run *r, const covey_coap_message *m);
/* A proxy that still collects or observes is told that nobody wants it; runs
 * the loop until it knows. */
void request_many_leave(struct request_run *r);

#endif
