/* SPDX-License-Identifier: BSD-2-Clause */
/* The first words of TLS 1.2 and DTLS 1.2 and of the versions before them: a
 * ClientHello that offers what is asked for and nothing else, and the first
 * record that answers it. A whole library could not offer what it should not
 * speak. No keys, no certificates, no state. */
#ifndef COVEY_AUDIT_HELLO_H
#define COVEY_AUDIT_HELLO_H

#include <covey/bytes.h>

enum {
    HELLO_MAX = 512,
    HELLO_NAME_MAX = 255,
    HELLO_COOKIE_MAX = 255,
    HELLO_TLS_1_0 = 0x0301,
    HELLO_TLS_1_1 = 0x0302,
    HELLO_TLS_1_2 = 0x0303,
    HELLO_DTLS_1_0 = 0xfeff,
    HELLO_DTLS_1_2 = 0xfefd
};

typedef struct hello_offer {
    bool dtls;
    uint16_t version; /* the highest that is offered */
    const uint16_t *suites;
    size_t suite_count;
    covey_bytes cookie;   /* DTLS: of a HelloVerifyRequest, or absent */
    uint16_t message_seq; /* DTLS: 1 with a cookie */
    covey_bytes name;     /* of the server (RFC 6066), or absent */
} hello_offer;

/* One record with a ClientHello (RFC 5246 Section 7.4.1.2, RFC 6347 Section
 * 4.2). False if there is no room. */
bool hello_write(covey_writer *out, const hello_offer *o,
                 const uint8_t random[32]);

/* A fatal alert that ends the handshake, so that the server forgets it. */
bool hello_write_alert(covey_writer *out, const hello_offer *o);

typedef enum hello_kind {
    HELLO_MORE = 0, /* not all of it is there yet */
    HELLO_SERVER,   /* ServerHello: version and suite */
    HELLO_VERIFY,   /* HelloVerifyRequest: cookie */
    HELLO_ALERT,    /* alert: its description */
    HELLO_OTHER     /* something else, which is not TLS or not now */
} hello_kind;

typedef struct hello_answer {
    hello_kind kind;
    uint16_t version;
    uint16_t suite;
    uint8_t alert;
    covey_bytes cookie; /* of the input */
} hello_answer;

/* What a record at the beginning of `in` is; a datagram, or what has come of a
 * stream so far. */
hello_answer hello_read(covey_bytes in, bool dtls);

#endif
