/* SPDX-License-Identifier: BSD-2-Clause */
/* What there is here, as links. */
#include "engine.h"

#include <covey/link_format.h>

enum {
    LINK_MAX = 128 /* of a link, besides its texts */
};

struct resource resource_links(void)
{
    static const uint8_t key[] = "\013.well-known\004core";
    const struct resource links = { .kind = RESOURCE_LINKS,
                                    .key = covey_bytes_of(key, sizeof key - 1),
                                    .methods = METHOD_GET,
                                    .tagged = true,
                                    .format = 40 };

    return links;
}

size_t links_room(const struct resource *r)
{
    return r->path.len + r->title.len + r->type.len + r->interface.len +
           LINK_MAX;
}

/* *format is to live as long as the link. */
static covey_link describe(const struct resource *r, uint16_t *format)
{
    covey_link link = { .path = r->path,
                        .rt = r->type,
                        .interface_description = r->interface,
                        .title = r->title,
                        .obs = r->observable,
                        .osc = r->policy.secured,
                        .gosc = r->policy.group };

    *format = (uint16_t)r->format;
    if (r->kind != RESOURCE_DIRECTORY) {
        link.ct = format;
        link.ct_count = 1;
    }
    if (r->kind == RESOURCE_STATIC) {
        link.sz = (uint32_t)r->len;
    } else if (r->kind == RESOURCE_LARGE) {
        link.sz = (uint32_t)r->size;
    }
    return link;
}

void links_write(const struct resources *all, struct resource *links,
                 const covey_coap_message *request)
{
    covey_writer w = covey_writer_of(links->bytes, links->cap);
    uint16_t format;

    for (size_t i = 0; i < all->count; i++) {
        if (all->rows[i].kind == RESOURCE_LINKS) {
            continue;
        }
        const covey_link link = describe(&all->rows[i], &format);
        if (covey_link_is_asked_for(&link, request)) {
            covey_link_write(&w, &link, w.pos == 0);
        }
    }
    links->len = w.pos;
    resource_tag(links);
}
