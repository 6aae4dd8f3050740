/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes that a person types or pastes: hex digits in pairs, with spaces, tabs,
 * line ends and colons between the bytes and a leading 0x as they like. */
#ifndef COVEY_SHELL_HEX_H
#define COVEY_SHELL_HEX_H

#include <covey/bytes.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* The bytes of `arg`, or of standard input if it is "-", in memory that the
 * caller frees; *bytes is not NULL even for no bytes. false: `error` says what
 * is wrong and at which character, and *bytes and *len are unchanged. */
bool hex_read(const char *arg, uint8_t **bytes, size_t *len, char *error,
              size_t error_cap);

/* The same for a text of which the length is known. */
bool hex_parse(const char *text, size_t text_len, uint8_t **bytes, size_t *len,
               char *error, size_t error_cap);

/* Lower-case digits without separators. */
void hex_print(FILE *file, covey_bytes bytes);

#endif
