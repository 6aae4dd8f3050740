/* SPDX-License-Identifier: BSD-2-Clause */
/* Content formats by name. */
#include "request_args.h"

#include <string.h>
#include <strings.h>

struct format {
    uint16_t number;
    const char *name;
};

/* From the registry "CoAP Content-Formats"; those with parameters have them
 * behind the semicolon. */
static const struct format formats[] = {
    { 0, "text/plain" },
    { 16, "application/cose; cose-type=\"cose-encrypt0\"" },
    { 17, "application/cose; cose-type=\"cose-mac0\"" },
    { 18, "application/cose; cose-type=\"cose-sign1\"" },
    { 19, "application/ace+cbor" },
    { 40, "application/link-format" },
    { 41, "application/xml" },
    { 42, "application/octet-stream" },
    { 47, "application/exi" },
    { 50, "application/json" },
    { 51, "application/json-patch+json" },
    { 52, "application/merge-patch+json" },
    { 60, "application/cbor" },
    { 61, "application/cwt" },
    { 62, "application/multipart-core" },
    { 63, "application/cbor-seq" },
    { 96, "application/cose; cose-type=\"cose-encrypt\"" },
    { 97, "application/cose; cose-type=\"cose-mac\"" },
    { 98, "application/cose; cose-type=\"cose-sign\"" },
    { 101, "application/cose-key" },
    { 102, "application/cose-key-set" },
    { 110, "application/senml+json" },
    { 111, "application/sensml+json" },
    { 112, "application/senml+cbor" },
    { 113, "application/sensml+cbor" },
    { 114, "application/senml-exi" },
    { 115, "application/sensml-exi" },
    { 256, "application/coap-group+json" },
    { 272, "application/missing-blocks+cbor-seq" },
    { 310, "application/senml+xml" },
    { 311, "application/sensml+xml" },
    { 11542, "application/vnd.oma.lwm2m+tlv" },
    { 11543, "application/vnd.oma.lwm2m+json" },
    { 11544, "application/vnd.oma.lwm2m+cbor" },
};

bool request_format_find(const char *text, uint32_t *number)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        const char *subtype = strchr(formats[i].name, '/') + 1;
        if (strcasecmp(formats[i].name, text) == 0 ||
            strcasecmp(subtype, text) == 0) {
            *number = formats[i].number;
            return true;
        }
    }
    return coap_parse_number(text, UINT16_MAX, number);
}
