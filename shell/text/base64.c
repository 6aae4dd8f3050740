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

/* The four digits of up to three bytes. */
static void encode_three(covey_bytes in, char out[4])
{
    const uint32_t bits = (uint32_t)in.ptr[0] << 16 |
                          (in.len > 1 ? (uint32_t)in.ptr[1] << 8 : 0) |
                          (in.len > 2 ? in.ptr[2] : 0);

    out[0] = alphabet[bits >> 18];
    out[1] = alphabet[bits >> 12 & 63];
    out[2] = '=';
    out[3] = '=';
    if (in.len > 1) {
        out[2] = alphabet[bits >> 6 & 63];
    }
    if (in.len > 2) {
        out[3] = alphabet[bits & 63];
    }
}

const char *text_base64(covey_bytes bytes, char *out)
{
    size_t n = 0;

    for (size_t i = 0; i < bytes.len; i += 3, n += 4) {
        const size_t left = bytes.len - i;
        encode_three(covey_bytes_of(bytes.ptr + i, left < 3 ? left : 3),
                     out + n);
    }
    out[n] = '\0';
    return out;
}

void text_base64_print(FILE *out, covey_bytes bytes)
{
    for (size_t i = 0; i < bytes.len; i += 3) {
        const size_t left = bytes.len - i;
        char four[4];
        encode_three(covey_bytes_of(bytes.ptr + i, left < 3 ? left : 3), four);
        fwrite(four, 1, sizeof four, out);
    }
}
