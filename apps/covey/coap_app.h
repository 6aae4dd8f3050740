/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of `covey coap` share: messages being put together, values
 * as a person reads them, and the explanation of faults. */
#ifndef COVEY_APP_COAP_APP_H
#define COVEY_APP_COAP_APP_H

#include <covey/coap.h>
#include <covey/coap_options.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* An explanation for a person, without a full stop. */
struct app_error {
    char text[400];
};

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
/* Returns false, so that a failing function can end with it. */
bool app_error_set(struct app_error *error, const char *format, ...);

/* Memory or the end of the program with EXIT_IO. */
void *app_alloc(size_t size);
/* The contents of a file, or of standard input for "-", a zero byte behind
 * them; the caller frees them. NULL with the error set. */
char *app_read_file(const char *path, size_t *len, struct app_error *error);

enum coap_framing {
    COAP_DATAGRAM, /* RFC 7252 Section 3 */
    COAP_STREAM,   /* RFC 8323 Section 3.2 */
    COAP_INNER     /* RFC 8613 Section 5.3 */
};

/* "datagram", "stream", "inner". */
const char *coap_framing_name(enum coap_framing framing);
bool coap_framing_find(const char *name, enum coap_framing *framing);

/* How and with what messages are shown. */
struct coap_printer {
    enum coap_framing framing;
    covey_kudos_layout kudos;
    size_t message_len; /* bytes of the message in hand */
    uint8_t code;       /* of it */
};

/* --- coap_value.c: names and values ----------------------------------- */

/* "CON" and so on; without regard to case. */
const char *coap_type_name(covey_coap_type type);
bool coap_type_find(const char *name, covey_coap_type *type);

/* "GET", "Content"; NULL if the code is not registered. */
const char *coap_code_name(uint8_t code);
/* "2.05" or a registered name without regard to case. */
bool coap_code_find(const char *text, uint8_t *code);

/* UTF-8 that does nothing to a terminal but print. */
bool coap_is_printable(covey_bytes bytes);

/* In which form a value can be shown without losing anything. */
enum coap_shape {
    COAP_SHAPE_EMPTY,
    COAP_SHAPE_UINT,
    COAP_SHAPE_TEXT,
    COAP_SHAPE_BLOCK,
    COAP_SHAPE_HEX
};

struct coap_shown {
    enum coap_shape shape;
    uint32_t number;   /* COAP_SHAPE_UINT */
    covey_block block; /* COAP_SHAPE_BLOCK */
};

/* Of an option of this definition; NULL: it is not known. */
struct coap_shown coap_show(const covey_option_def *def, covey_bytes value);

/* Decimal or 0x hexadecimal, at most `max`. */
bool coap_parse_number(const char *text, uint32_t max, uint32_t *out);

/* What is odd about option `o`, in turn for n = 0, 1, ...; false when there is
 * no n-th remark. `repeated`: the previous option had the same number. */
bool coap_option_remark(const struct coap_printer *how,
                        const covey_coap_option *o, bool repeated, size_t n,
                        struct app_error *remark);

/* --- coap_option.c: which options there are ----------------------------- */

/* Of the class of signalling messages, RFC 8323 Section 5. */
bool coap_is_signal(uint8_t code);
/* What this number means in a message of this code; NULL if it is not known.
 */
const covey_option_def *coap_option_def(uint8_t code, uint16_t number);
/* A registered name or a number. */
bool coap_option_number_find(uint8_t code, const char *text, uint16_t *number);

/* --- coap_draft.c: a message being put together ------------------------ */

struct coap_draft_option {
    uint16_t number;
    covey_bytes value;
};

struct coap_draft_block;

struct coap_draft {
    enum coap_framing framing;
    covey_coap_message head; /* type, code, Message ID, token */
    covey_bytes payload;
    struct coap_draft_option *options;
    size_t option_count;
    size_t option_cap;
    struct coap_draft_block *blocks; /* memory of the values */
};

/* A GET of no options: CON, Message ID 0, no token, no payload. */
void coap_draft_init(struct coap_draft *d, enum coap_framing framing);
void coap_draft_free(struct coap_draft *d);
/* Memory that lives as long as the draft. */
uint8_t *coap_draft_room(struct coap_draft *d, size_t len);
covey_bytes coap_draft_copy(struct coap_draft *d, const void *bytes,
                            size_t len);
/* Hex digits as of hex.h. */
bool coap_draft_hex(struct coap_draft *d, const char *text, size_t len,
                    covey_bytes *out, struct app_error *error);
/* A value written as covey-coap(1) describes, for this option. */
bool coap_draft_value(struct coap_draft *d, uint16_t option, const char *text,
                      covey_bytes *out, struct app_error *error);
/* A JSON-like quoted text, or h'...'; false without an error if `text` is
 * neither. */
bool coap_draft_literal(struct coap_draft *d, const char *text,
                        covey_bytes *out, struct app_error *error);
/* The contents of a file, or of standard input for "-". */
bool coap_draft_file(struct coap_draft *d, const char *path, covey_bytes *out,
                     struct app_error *error);
/* NAME=VALUE, or NAME alone for an empty value. */
bool coap_draft_option(struct coap_draft *d, const char *text,
                       struct app_error *error);
void coap_draft_add(struct coap_draft *d, uint16_t number, covey_bytes value);
/* Options of a URI, RFC 7252 Section 6.4. */
bool coap_draft_uri(struct coap_draft *d, const char *uri,
                    struct app_error *error);
/* Puts the options in order. */
void coap_draft_sort(struct coap_draft *d);
/* The message; options are put in order. The caller frees *bytes. */
bool coap_draft_compose(struct coap_draft *d, uint8_t **bytes, size_t *len,
                        struct app_error *error);

/* --- reading and printing ---------------------------------------------- */

/* coap_text.c */
void coap_text_print(FILE *file, const struct coap_printer *how,
                     const covey_coap_message *m);
/* coap_text_in.c: the next message of text[*at ...]; false without an error
 * text if there is none. */
bool coap_text_read(struct coap_draft *d, const char *text, size_t *at,
                    unsigned *line, struct app_error *error);

/* coap_json.c */
struct json_t *coap_json_of(const struct coap_printer *how,
                            const covey_coap_message *m);
void coap_json_print(FILE *file, const struct coap_printer *how,
                     const covey_coap_message *m);
/* coap_json_in.c: as coap_text_read. */
bool coap_json_read(struct coap_draft *d, const char *text, size_t len,
                    size_t *at, struct app_error *error);

/* coap_fault.c: the byte (from 0) at which a message that the core refused
 * goes wrong, what was expected there, and where that is written. */
struct coap_fault {
    size_t at;
    const char *expected;
    const char *section;
};

/* `complete` is false if a stream only needs more bytes. */
struct coap_fault coap_fault_find(enum coap_framing framing, covey_bytes bytes,
                                  bool *complete);

#endif
