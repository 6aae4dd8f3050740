/* SPDX-License-Identifier: BSD-2-Clause */
/* Certificates, signed data and lists as JSON trees, and trees as text. */
#ifndef COVEY_APP_ITS_SHOW_H
#define COVEY_APP_ITS_SHOW_H

#include "its_args.h"

#include <jansson.h>

/* New references. Hex where there are bytes; names where there are numbers. */
json_t *its_json_cert(const covey_its_cert *cert, const covey_crypto *crypto);
json_t *its_json_signed(const covey_its_signed *data,
                        const covey_crypto *crypto);
json_t *its_json_hex(covey_bytes bytes);
json_t *its_json_why(const covey_its_finding *why);

/* Indented lines "key: value"; or JSON. Takes the reference. */
void its_print(const its_args *args, json_t *tree);

#endif
