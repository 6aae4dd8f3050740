/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared by the files of the resource engine. */
#ifndef COVEY_SERVE_ENGINE_H
#define COVEY_SERVE_ENGINE_H

#include "resource.h"

#define CODE(class_, detail) ((uint8_t)COVEY_COAP_CODE(class_, detail))

/* What the options of a request say, in one place (wish.c). */
struct wish {
    uint8_t key[RESOURCE_KEY_MAX]; /* of the path */
    size_t key_len;
    bool accepts; /* there is an Accept option */
    uint16_t accept;
    bool has_format;
    uint16_t format;
    bool if_match;
    bool if_none_match;
    bool etags;
};

/* 0, or the code of what is wrong with the request. */
uint8_t wish_read(struct wish *w, const covey_coap_message *m);
/* Is this ETag, or for `number` If-Match also "any", in one of the options? */
bool wish_has_tag(const covey_coap_message *m, uint16_t number,
                  covey_bytes etag);

/* kind.c: what the methods do once everything else is settled. */
/* 0, or the code of why not. */
uint8_t kind_get(struct resource *r, const struct resource_request *rq,
                 struct resource_answer *a);
void kind_change(struct resource *r, const struct resource_request *rq,
                 struct resource_answer *a);

/* folder.c: the file behind the segments in `rest`; false if there is none
 * that may be served. Sets body, format and ETag. */
bool folder_open(const struct resource *r, covey_bytes rest,
                 struct resource_answer *a);

/* kind.c */
void tag_write(uint64_t tag, struct resource_answer *a);

/* links.c: the links that the request asks for become the bytes of `links`. */
void links_write(const struct resources *all, struct resource *links,
                 const covey_coap_message *request);

#endif
