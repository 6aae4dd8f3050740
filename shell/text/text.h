/* SPDX-License-Identifier: BSD-2-Clause */
/* Forms of text that several files and programs read: base64, hex, times and
 * streams. */
#ifndef COVEY_SHELL_TEXT_H
#define COVEY_SHELL_TEXT_H

#include <covey/bytes.h>

#include <stdio.h>

/* RFC 4648 Section 4 with its padding, and as strict as Section 3 lets it be:
 * one text for one sequence of bytes, so that nobody can change a text and not
 * what it says. `out` has room for len / 4 * 3 bytes and may be where the text
 * is. False if it is no base64; *out_len is unchanged then. */
bool text_base64_read(const char *text, size_t len, uint8_t *out,
                      size_t *out_len);
void text_base64_print(FILE *out, covey_bytes bytes);
/* With its end: (bytes.len + 2) / 3 * 4 + 1 bytes of room. */
const char *text_base64(covey_bytes bytes, char *out);

/* Lower case hex without anything between the digits, two per byte; `out` has
 * room for len / 2 bytes. False if it is none; *out may be changed then. */
bool text_hex_read(const char *text, size_t len, uint8_t *out);
/* Two digits per byte and the end: `out` has room for 2 * bytes.len + 1. */
const char *text_hex(covey_bytes bytes, char *out);

/* "2026-11-21T20:00:00Z" (RFC 3339 Section 5.6), in UTC only, from 1970 on; in
 * seconds since then. False if it is no such time, or no such day. */
bool text_time_read(const char *text, size_t len, int64_t *unix_s);

enum {
    TEXT_TIME_MAX = 24 /* with its end */
};
/* The same back; "?" for years that have not four digits. */
const char *text_time(int64_t unix_s, char out[TEXT_TIME_MAX]);

/* The whole of `file`, a zero byte behind it, in memory that the caller frees;
 * of a longer one more than `max` bytes. NULL if reading fails, and then errno
 * says why. */
char *text_slurp(FILE *file, size_t max, size_t *len);
/* A character as text or in an attribute of HTML: & < > " ' as entities. */
void text_put_html(FILE *out, char c);

#endif
