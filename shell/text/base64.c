/* SPDX-License-Identifier: BSD-2-Clause */
#include "text.h"

#include <string.h>

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int digit(char c)
{
    const char *at = c != '\0' ? strchr(alphabet, c) : NULL;

    return at != NULL ? (int)(at - alphabet) : -1;
}

/* Four digits; false if they are none or have bits behind their end. */
static bool decode_four(const char *in, size_t digits, uint8_t out[3])
{
    uint32_t bits = 0;

    for (size_t i = 0; i < 4; i++) {
        const int d = i < digits ? digit(in[i]) : 0;
        if (d < 0) {
            return false;
        }
        bits = bits << 6 | (unsigned)d;
    }
    out[0] = (uint8_t)(bits >> 16);
    out[1] = (uint8_t)(bits >> 8 & 0xff);
    out[2] = (uint8_t)(bits & 0xff);
    return (digits > 2 || out[1] == 0) && (digits > 3 || out[2] == 0);
}

bool text_base64_read(const char *text, size_t len, uint8_t *out,
                      size_t *out_len)
{
    size_t padding = 0;
    size_t n = 0;

    if (len % 4 != 0) {
        return false;
    }
    while (padding < 2 && padding < len && text[len - 1 - padding] == '=') {
        padding++;
    }
    for (size_t i = 0; i < len; i += 4, n += 3) {
        const size_t digits = i + 4 == len ? 4 - padding : 4;
        uint8_t three[3];
        if (!decode_four(text + i, digits, three)) {
            return false;
        }
        memcpy(out + n, three, sizeof three);
    }
    *out_len = n - padding;
    return true;
}

void text_base64_print(FILE *out, covey_bytes bytes)
{
    for (size_t i = 0; i < bytes.len; i += 3) {
        const size_t left = bytes.len - i;
        const uint32_t bits =
            (uint32_t)bytes.ptr[i] << 16 |
            (left > 1 ? (uint32_t)bytes.ptr[i + 1] << 8 : 0) |
            (left > 2 ? bytes.ptr[i + 2] : 0);
        fputc(alphabet[bits >> 18], out);
        fputc(alphabet[bits >> 12 & 63], out);
        fputc(left > 1 ? alphabet[bits >> 6 & 63] : '=', out);
        fputc(left > 2 ? alphabet[bits & 63] : '=', out);
    }
}
