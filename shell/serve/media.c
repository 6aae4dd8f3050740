/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers of the registry "CoAP Content-Formats". */
#include "media.h"

#include <string.h>

static const struct media {
    int32_t number;
    const char *name;
    const char *suffix; /* "": no file is told by its name */
} registered[] = {
    { 0, "text/plain;charset=utf-8", ".txt" },
    { 0, "text/plain", "" },
    { 21, "image/gif", ".gif" },
    { 22, "image/jpeg", ".jpg" },
    { 22, "image/jpeg", ".jpeg" },
    { 23, "image/png", ".png" },
    { 40, "application/link-format", ".wlnk" },
    { 41, "application/xml", ".xml" },
    { 42, "application/octet-stream", ".bin" },
    { 47, "application/exi", ".exi" },
    { 50, "application/json", ".json" },
    { 60, "application/cbor", ".cbor" },
    { 61, "application/cwt", ".cwt" },
    { 110, "application/senml+json", ".senml" },
    { 112, "application/senml+cbor", ".senmlc" },
    { 10000, "application/vnd.ocf+cbor", "" },
    { 20000, "text/css", ".css" },
    { 30000, "image/svg+xml", ".svg" },
};

#define MEDIA_COUNT (sizeof registered / sizeof registered[0])

static int32_t number_of(const char *text, size_t len)
{
    int32_t n = 0;

    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9' || len > 5) {
            return -1;
        }
        n = n * 10 + (text[i] - '0');
    }
    return len > 0 && n <= UINT16_MAX ? n : -1;
}

int32_t media_of_text(const char *text, size_t len)
{
    for (size_t i = 0; i < MEDIA_COUNT; i++) {
        if (strlen(registered[i].name) == len &&
            memcmp(registered[i].name, text, len) == 0) {
            return registered[i].number;
        }
    }
    return number_of(text, len);
}

int32_t media_of_name(const char *name)
{
    const char *dot = strrchr(name, '.');

    for (size_t i = 0; dot != NULL && i < MEDIA_COUNT; i++) {
        if (strcmp(registered[i].suffix, dot) == 0) {
            return registered[i].number;
        }
    }
    return 42;
}
