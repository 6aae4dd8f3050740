/* SPDX-License-Identifier: BSD-2-Clause */
/* Paths of resources as URIs write them. */
#include "resource.h"

#include <covey/coap_options.h>

#include <string.h>

covey_status resource_key(covey_bytes path, covey_writer *out)
{
    uint8_t text[RESOURCE_KEY_MAX + 8] = "coap://h";
    uint8_t decoded[RESOURCE_KEY_MAX];
    covey_writer storage = covey_writer_of(decoded, sizeof decoded);
    covey_bytes segment;
    covey_uri uri;

    if (path.len < 2 || path.len > RESOURCE_KEY_MAX) {
        return COVEY_E_FORMAT;
    }
    memcpy(text + 8, path.ptr, path.len);
    if (covey_uri_parse(&uri, covey_bytes_of(text, 8 + path.len)) !=
            COVEY_OK ||
        uri.path.len != path.len) {
        return COVEY_E_FORMAT;
    }
    covey_uri_segments it = covey_uri_path_segments(&uri);
    while (covey_uri_next_segment(&it, &storage, &segment)) {
        if (segment.len > UINT8_MAX) {
            return COVEY_E_RANGE;
        }
        covey_write_u8(out, (uint8_t)segment.len);
        covey_write_bytes(out, segment);
    }
    return out->failed;
}
