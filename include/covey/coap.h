/* SPDX-License-Identifier: BSD-2-Clause */
/* CoAP messages as bytes: parsing, walking options, composing; over datagrams
 * (RFC 7252 Section 3, tokens of RFC 8974) and over streams (RFC 8323
 * Section 3). No timing, no matching: that is message.h and exchange.h.
 *
 * A parsed message points into the datagram and lives as long as it does. */
#ifndef COVEY_COAP_H
#define COVEY_COAP_H

#include <covey/bytes.h>

/* Type, RFC 7252 Section 3. */
typedef enum covey_coap_type {
    COVEY_COAP_CON = 0,
    COVEY_COAP_NON = 1,
    COVEY_COAP_ACK = 2,
    COVEY_COAP_RST = 3
} covey_coap_type;

/* Code from class and detail, RFC 7252 Section 3: COVEY_COAP_CODE(2, 5) is
 * 2.05 Content. */
#define COVEY_COAP_CODE(class_, detail) (((class_) << 5) | (detail))

#define COVEY_COAP_EMPTY          0
#define COVEY_COAP_VERSION        1
#define COVEY_COAP_PAYLOAD_MARKER 0xff
#define COVEY_COAP_PORT           5683
#define COVEY_COAPS_PORT          5684

/* RFC 8974 Section 2.1: the longest token. */
#define COVEY_COAP_TOKEN_MAX 65804u
/* RFC 7252 Section 3.1: the largest option number and length. */
#define COVEY_COAP_OPTION_NUMBER_MAX 65535u
#define COVEY_COAP_OPTION_LENGTH_MAX 65804u

typedef struct covey_coap_message {
    covey_coap_type type; /* datagrams only; CON over streams */
    uint8_t code;
    uint16_t message_id; /* datagrams only; 0 over streams */
    covey_bytes token;   /* present, possibly empty */
    covey_bytes options; /* the encoded options; walk with option_next */
    covey_bytes payload; /* absent if there is no payload marker */
} covey_coap_message;

/* Parses one datagram and checks the whole option list.
 * COVEY_E_SHORT: shorter than its header, token or an option says.
 * COVEY_E_UNSUPPORTED: the version is not 1; Section 3 wants it ignored.
 * COVEY_E_FORMAT: reserved TKL 15, option delta or length 15 that is no
 *   payload marker, option number above 65535, marker without payload, Empty
 *   message (code 0.00) with anything after the Message ID.
 * *out is written only on success. */
COVEY_MUST_USE covey_status covey_coap_parse(covey_coap_message *out,
                                             covey_bytes datagram);

/* The plaintext of OSCORE (RFC 8613 Section 5.3): code, options, payload. The
 * token is empty, the type CON and the Message ID 0. Errors as above. */
COVEY_MUST_USE covey_status covey_coap_parse_inner(covey_coap_message *out,
                                                   covey_bytes plaintext);

/* One message from the front of a stream (RFC 8323 Section 3.2). *used says
 * how many bytes of the stream it took. COVEY_E_SHORT: more bytes are needed,
 * nothing is wrong yet. COVEY_E_FORMAT as above. */
COVEY_MUST_USE covey_status covey_coap_parse_stream(covey_coap_message *out,
                                                    covey_bytes stream,
                                                    size_t *used);

/* How long the message at the front of a stream is, its header included, as
 * far as that can be said: COVEY_E_SHORT until its lengths have arrived. With
 * it a message that is too long is refused before it is collected. */
COVEY_MUST_USE covey_status covey_coap_stream_length(covey_bytes stream,
                                                     uint64_t *length);

/* Turns a datagram into the same message for a stream: it is what `message`
 * holds, from its start to pos. Type and Message ID are gone; it becomes up to
 * two bytes shorter or longer. COVEY_E_ROOM: not enough for that.
 * COVEY_E_ARGUMENT: it is no datagram. Unchanged then. */
COVEY_MUST_USE covey_status covey_coap_reframe(covey_writer *message);

/* One option in a list. The value points into the message. */
typedef struct covey_coap_option {
    uint16_t number;
    covey_bytes value; /* present, possibly empty */
} covey_coap_option;

/* Walks an encoded option list in order. */
typedef struct covey_coap_option_iter {
    covey_bytes left;
    uint16_t number;
} covey_coap_option_iter;

covey_coap_option_iter covey_coap_options_of(const covey_coap_message *m);

/* The next option, or false at the end. The list of a parsed message is
 * known to be sound; over other bytes, false is also given at the first fault
 * (then `left` is not empty). */
bool covey_coap_option_next(covey_coap_option_iter *it,
                            covey_coap_option *out);

/* Splits one option off the front of *list, adding its delta to *number. For
 * those who walk a list that nobody has checked: COVEY_E_SHORT,
 * COVEY_E_FORMAT (also for a payload marker, which is no option). */
COVEY_MUST_USE covey_status covey_coap_option_take(covey_bytes *list,
                                                   uint32_t *number,
                                                   covey_bytes *value);

/* How many bytes the TKL field and its extension take in the header, for a
 * token of this length: the 4-bit value, and 0, 1 or 2 bytes of extension in
 * *ext (RFC 8974 Section 2.1). The same code is used for option deltas and
 * lengths (RFC 7252 Section 3.1). Lengths above 65804 give 15. */
unsigned covey_coap_nibble(uint32_t value, uint8_t ext[2], size_t *ext_len);

/* Composes a message from front to back into the caller's writer; each step
 * checks what it can, failures stick in the composer and come out at the end.
 * Options must come in ascending order of their numbers. */
typedef struct covey_coap_composer {
    covey_writer *out;
    size_t start;    /* where the message begins in out */
    size_t body;     /* where the options begin; streams only */
    uint16_t number; /* of the last option */
    bool stream;     /* RFC 8323 framing, length patched at the end */
    bool empty;      /* code 0.00, which carries nothing */
    bool has_payload;
    covey_status failed;
} covey_coap_composer;

/* Header and token. type and message_id are ignored by _stream and _inner. */
covey_coap_composer covey_coap_compose(covey_writer *out,
                                       const covey_coap_message *header);
covey_coap_composer covey_coap_compose_inner(covey_writer *out, uint8_t code);
covey_coap_composer covey_coap_compose_stream(covey_writer *out,
                                              const covey_coap_message *head);
void covey_coap_put_option(covey_coap_composer *c, uint16_t number,
                           covey_bytes value);
/* Shortest form of RFC 7252 Section 3.2: zero is the empty value. */
void covey_coap_put_uint(covey_coap_composer *c, uint16_t number,
                         uint32_t value);
/* Marker and payload; nothing if the payload is absent or empty. */
void covey_coap_put_payload(covey_coap_composer *c, covey_bytes payload);
/* COVEY_E_ROOM, COVEY_E_ARGUMENT (options out of order, token too long,
 * anything after the payload, Empty message with more than a header). */
COVEY_MUST_USE covey_status covey_coap_finish(covey_coap_composer *c);

#endif
