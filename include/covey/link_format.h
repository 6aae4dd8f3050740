/* SPDX-License-Identifier: BSD-2-Clause */
/* /.well-known/core of a server (RFC 6690, RFC 7252 Section 7.2): links are
 * written one by one, those that a request's queries ask for. */
#ifndef COVEY_LINK_FORMAT_H
#define COVEY_LINK_FORMAT_H

#include <covey/coap.h>

/* A resource as a link. What is absent, or 0 for numbers, is not written. */
typedef struct covey_link {
    covey_bytes path; /* with its leading slash, percent-encoded */
    covey_bytes rt;   /* values with spaces between them, as is */
    covey_bytes interface_description; /* "if", the same */
    covey_bytes title;
    const uint16_t *ct; /* content formats */
    uint16_t ct_count;
    uint32_t sz;
    bool obs;  /* RFC 7641 Section 6 */
    bool osc;  /* only with OSCORE, RFC 8613 Section 9 */
    bool gosc; /* only with Group OSCORE, RFC 10021 */
} covey_link;

/* The link, after a comma unless it is the first. */
void covey_link_write(covey_writer *out, const covey_link *link, bool first);

/* Whether the link fits one query (RFC 6690 Section 4.1): name=value, where
 * the value may end in '*' and stands for one of several values with spaces
 * between them, or a name alone for an attribute that is there. "href" is the
 * path. Names that are not in covey_link fit nothing. */
bool covey_link_fits(const covey_link *link, covey_bytes query);
/* Whether it fits every Uri-Query of the request. */
bool covey_link_is_asked_for(const covey_link *link,
                             const covey_coap_message *request);

#endif
