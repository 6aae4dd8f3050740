/* SPDX-License-Identifier: BSD-2-Clause */
/* The one table of CoAP options, and the values that have a structure of
 * their own: unsigned integers, blocks, OSCORE, and URIs spread over options.
 * Numbers from the IANA registry "CoAP Option Numbers", and from drafts where
 * the comment says so. */
#ifndef COVEY_COAP_OPTIONS_H
#define COVEY_COAP_OPTIONS_H

#include <covey/coap.h>

enum {
    COVEY_OPTION_IF_MATCH = 1, /* RFC 7252 */
    /* draft-ietf-core-groupcomm-proxy, its suggestions: 2, 24, 248. */
    COVEY_OPTION_MULTICAST_TIMEOUT = 2,
    COVEY_OPTION_URI_HOST = 3,        /* RFC 7252 */
    COVEY_OPTION_ETAG = 4,            /* RFC 7252 */
    COVEY_OPTION_IF_NONE_MATCH = 5,   /* RFC 7252 */
    COVEY_OPTION_OBSERVE = 6,         /* RFC 7641 */
    COVEY_OPTION_URI_PORT = 7,        /* RFC 7252 */
    COVEY_OPTION_LOCATION_PATH = 8,   /* RFC 7252 */
    COVEY_OPTION_OSCORE = 9,          /* RFC 8613 */
    COVEY_OPTION_URI_PATH = 11,       /* RFC 7252 */
    COVEY_OPTION_CONTENT_FORMAT = 12, /* RFC 7252 */
    /* draft-ietf-core-uri-path-abbrev */
    COVEY_OPTION_URI_PATH_ABBREV = 13,
    COVEY_OPTION_MAX_AGE = 14,              /* RFC 7252 */
    COVEY_OPTION_URI_QUERY = 15,            /* RFC 7252 */
    COVEY_OPTION_HOP_LIMIT = 16,            /* RFC 8768 */
    COVEY_OPTION_ACCEPT = 17,               /* RFC 7252 */
    COVEY_OPTION_Q_BLOCK1 = 19,             /* RFC 9177 */
    COVEY_OPTION_LOCATION_QUERY = 20,       /* RFC 7252 */
    COVEY_OPTION_EDHOC = 21,                /* RFC 9668 */
    COVEY_OPTION_BLOCK2 = 23,               /* RFC 7959 */
    COVEY_OPTION_GROUP_ETAG = 24,           /* see 2 */
    COVEY_OPTION_BLOCK1 = 27,               /* RFC 7959 */
    COVEY_OPTION_SIZE2 = 28,                /* RFC 7959 */
    COVEY_OPTION_Q_BLOCK2 = 31,             /* RFC 9177 */
    COVEY_OPTION_PROXY_URI = 35,            /* RFC 7252 */
    COVEY_OPTION_PROXY_SCHEME = 39,         /* RFC 7252 */
    COVEY_OPTION_SIZE1 = 60,                /* RFC 7252 */
    COVEY_OPTION_PROXY_CRI = 235,           /* draft-ietf-core-href */
    COVEY_OPTION_PROXY_SCHEME_NUMBER = 239, /* draft-ietf-core-href */
    COVEY_OPTION_REPLY_FROM = 248,          /* see 2 */
    COVEY_OPTION_ECHO = 252,                /* RFC 9175 */
    COVEY_OPTION_NO_RESPONSE = 258,         /* RFC 7967 */
    COVEY_OPTION_REQUEST_TAG = 292,         /* RFC 9175 */
    /* draft-tiloca-core-groupcomm-proxy-01 has no numbers: from the range for
     * experiments, with the properties that it asks for. */
    COVEY_OPTION_MULTICAST_SIGNALING = 65002,
    COVEY_OPTION_RESPONSE_FORWARDING = 65004
};

/* Format of a value, RFC 7252 Section 3.2. */
typedef enum covey_option_format {
    COVEY_FORMAT_EMPTY,
    COVEY_FORMAT_OPAQUE,
    COVEY_FORMAT_UINT,
    COVEY_FORMAT_STRING,
    COVEY_FORMAT_BLOCK, /* a uint with structure, RFC 7959 Section 2.2 */
    COVEY_FORMAT_OSCORE /* opaque with structure, RFC 8613 Section 6.1 */
} covey_option_format;

/* Class for OSCORE, RFC 8613 Section 4.1. */
typedef enum covey_option_class {
    COVEY_CLASS_E, /* inner: encrypted and integrity protected */
    COVEY_CLASS_U, /* outer: unprotected */
    COVEY_CLASS_EU /* both occur, RFC 8613 Section 4.1.3 says when */
} covey_option_class;

typedef struct covey_option_def {
    uint16_t number;
    const char *name; /* as registered, "Uri-Path" */
    covey_option_format format;
    uint16_t min; /* bytes */
    uint16_t max; /* bytes */
    bool repeatable;
    covey_option_class oscore_class;
    const char *spec; /* "RFC 7252" */
} covey_option_def;

/* The definition of this number, or NULL if the number is not in the table. */
const covey_option_def *covey_option_find(uint16_t number);
/* By registered name, without regard to case; NULL if unknown. */
const covey_option_def *covey_option_by_name(const char *name);
/* All definitions in ascending order of their numbers. */
const covey_option_def *covey_option_all(size_t *count);

/* Properties that lie in the number itself, RFC 7252 Section 5.4.6. */
static inline bool covey_option_critical(uint16_t number)
{
    return (number & 1) != 0;
}
static inline bool covey_option_unsafe(uint16_t number)
{
    return (number & 2) != 0;
}
static inline bool covey_option_no_cache_key(uint16_t number)
{
    return (number & 0x1e) == 0x1c;
}

/* The first option of a message with this number; false if there is none. */
bool covey_option_get(const covey_coap_message *m, uint16_t number,
                      covey_bytes *value);

/* Length and repeatability of an option as received (RFC 7252 Sections 5.4.1,
 * 5.4.3, 5.4.5). `seen_before` says that the same number came already.
 * COVEY_E_RANGE: outside the bounds, or repeated without permission; the
 * option is then treated like an unrecognised one.
 * COVEY_E_UNSUPPORTED: not in the table. */
COVEY_MUST_USE covey_status covey_option_check(uint16_t number,
                                               covey_bytes value,
                                               bool seen_before);

/* RFC 7252 Section 3.2. Leading zero bytes are accepted.
 * COVEY_E_RANGE: more than four bytes. */
COVEY_MUST_USE covey_status covey_option_uint(covey_bytes value,
                                              uint32_t *out);
/* The shortest form of `value` in buf; the span is into buf, of 0 to 4
 * bytes. */
covey_bytes covey_option_uint_encode(uint32_t value, uint8_t buf[4]);

/* The value of the first option of this number whose length is as defined;
 * others are as if they were not there (Section 5.4.3). */
bool covey_option_sound(const covey_coap_message *m, uint16_t number,
                        covey_bytes *value);
/* The same, read as an unsigned integer. */
bool covey_option_sound_uint(const covey_coap_message *m, uint16_t number,
                             uint32_t *value);

/* Whether the receiver may act on a message (Section 5.4.1): every critical
 * option is one of `count` that it understands, of a length as defined, and
 * repeated only if it may be. Numbers that are not in the table have no
 * bounds. COVEY_E_UNSUPPORTED: *number is the first that is not understood,
 * which makes a request 4.02 and a response rejected. */
COVEY_MUST_USE covey_status covey_option_screen(const covey_coap_message *m,
                                                const uint16_t *understood,
                                                size_t count,
                                                uint16_t *number);

/* Block1, Block2, Q-Block1, Q-Block2: RFC 7959 Section 2.2; SZX 7 is BERT,
 * streams only (RFC 8323 Section 6). */
typedef struct covey_block {
    uint32_t num; /* 0 to 2^20 - 1 */
    bool more;
    uint8_t szx; /* 0 to 7 */
} covey_block;

/* COVEY_E_RANGE: more than three bytes. SZX 7 is for the caller to judge. */
COVEY_MUST_USE covey_status covey_block_parse(covey_bytes value,
                                              covey_block *out);
/* As covey_option_sound, read as a block. */
bool covey_option_sound_block(const covey_coap_message *m, uint16_t number,
                              covey_block *value);
/* COVEY_E_ARGUMENT: num or szx too large. The span is into buf. */
COVEY_MUST_USE covey_status covey_block_encode(const covey_block *block,
                                               uint8_t buf[3],
                                               covey_bytes *out);
/* As covey_coap_put_option; nothing if num or szx is too large. */
void covey_coap_put_block(covey_coap_composer *c, uint16_t number,
                          const covey_block *block);
/* Bytes in a block: 16 << szx; 1024 for BERT's 7. */
uint32_t covey_block_size(uint8_t szx);

/* Flag bits of the OSCORE option. First byte: RFC 8613 Section 6.1, bit
 * 0x20 RFC 10021 (Group OSCORE). Second byte: draft-ietf-core-oscore-
 * key-update (KUDOS). */
enum {
    COVEY_OSCORE_FLAG_EXTENDED = 0x80, /* a second flag byte follows */
    COVEY_OSCORE_FLAG_GROUP = 0x20,
    COVEY_OSCORE_FLAG_H = 0x10,
    COVEY_OSCORE_FLAG_K = 0x08,
    COVEY_OSCORE_FLAG_N = 0x07,
    COVEY_OSCORE_FLAG2_D = 0x01 /* x and nonce are present */
};

/* How the KUDOS subfields are laid out; the texts differ. */
typedef enum covey_kudos_layout {
    /* draft-tiloca-schc-8824-update-00: m has three bits, no y. */
    COVEY_KUDOS_SEED = 0,
    /* As SCHC profile kudos-14 has it: m has four bits; bit 0x40 of x
     * announces y and old_nonce. */
    COVEY_KUDOS_14 = 1,
    /* draft-ietf-core-oscore-key-update in its later versions: m has four
     * bits; bit 0x40 of x says that the message is convergent. There is no y.
     */
    COVEY_KUDOS_CONVERGENT = 2
} covey_kudos_layout;

/* The parts of an OSCORE option value, in the order of the wire; each is a
 * span of the value, empty if the part is not there. kid_ctx includes its
 * size byte s, as SCHC wants it. */
typedef enum covey_oscore_part {
    COVEY_OSCORE_PART_FLAGS,
    COVEY_OSCORE_PART_PIV,
    COVEY_OSCORE_PART_KID_CTX,
    COVEY_OSCORE_PART_X,
    COVEY_OSCORE_PART_NONCE,
    COVEY_OSCORE_PART_Y,
    COVEY_OSCORE_PART_OLD_NONCE,
    COVEY_OSCORE_PART_KID,
    COVEY_OSCORE_PARTS
} covey_oscore_part;

/* Splits a value into its parts; len[p] is the length of part p in bytes and
 * the parts follow one another.
 * COVEY_E_SHORT: a part does not fit. COVEY_E_FORMAT: first byte 00, reserved
 * bit 0x40, n of 6 or 7, bytes left over although there is no kid.
 * COVEY_E_RANGE: longer than 255 bytes. COVEY_E_UNSUPPORTED: unknown bits in
 * the second flag byte. Reserved bits of x and y are not judged here. */
COVEY_MUST_USE covey_status
covey_oscore_option_split(uint16_t len[COVEY_OSCORE_PARTS], covey_bytes value,
                          covey_kudos_layout kudos);

typedef struct covey_oscore_option {
    bool group;              /* group mode of Group OSCORE */
    covey_bytes partial_iv;  /* absent, or 1 to 5 bytes */
    covey_bytes kid_context; /* absent, or 0 to 255 bytes without the size */
    covey_bytes kid;         /* absent, or 0 and more bytes */
    bool kudos;              /* x and nonce are there */
    uint8_t x;
    covey_bytes nonce;
    bool has_y; /* y and old_nonce are there */
    uint8_t y;
    covey_bytes old_nonce;
} covey_oscore_option;

/* Errors as of _split. Spans point into the value. */
COVEY_MUST_USE covey_status covey_oscore_option_parse(
    covey_oscore_option *out, covey_bytes value, covey_kudos_layout kudos);
/* All parts absent gives the empty value (RFC 8613 Section 6.1).
 * COVEY_E_ARGUMENT: Partial IV of 0 or more than 5 bytes, a value of more than
 * 255, or nonce lengths that x and y contradict. COVEY_E_ROOM. */
COVEY_MUST_USE covey_status covey_oscore_option_encode(
    covey_writer *out, const covey_oscore_option *option,
    covey_kudos_layout kudos);

/* The value as OSCORE and Group OSCORE themselves write and read it: without
 * KUDOS, and longer than 255 bytes where a kid context of up to 255 makes it
 * so. The failure, if any, sticks in the writer. */
void covey_oscore_value_put(covey_writer *w, const covey_oscore_option *o);
/* COVEY_E_SHORT, COVEY_E_FORMAT as of _split; COVEY_E_UNSUPPORTED: a reserved
 * bit, or a second flag byte. */
COVEY_MUST_USE covey_status covey_oscore_value_get(covey_oscore_option *out,
                                                   covey_bytes value);
/* Finds the OSCORE option of a protected message and takes its value apart.
 * COVEY_E_FORMAT: no such option, or two, or no payload (RFC 8613 Section 2).
 */
COVEY_MUST_USE covey_status
covey_oscore_value_find(covey_oscore_option *out, covey_bytes *value,
                        const covey_coap_message *outer);

/* A URI of RFC 7252 Section 6 and RFC 8323 Section 8, taken apart. Spans point
 * into the text; host, path and query are still percent-encoded. */
typedef struct covey_uri {
    covey_bytes scheme;   /* "coap", "coaps", "coap+tcp" or "coaps+tcp" */
    covey_bytes host;     /* without the brackets of an IPv6 literal */
    bool host_is_literal; /* IPv6 or IPv4 address: not sent as Uri-Host */
    uint16_t port;        /* the scheme's default if the text has none */
    bool port_given;
    covey_bytes path;  /* with its leading slash, or empty */
    covey_bytes query; /* without '?'; absent if there is none */
} covey_uri;

/* RFC 7252 Section 6.4 steps 1 to 5. Characters are checked against RFC 3986;
 * the inside of brackets only for the characters of an IPv6 address and the
 * zone of RFC 6874.
 * COVEY_E_FORMAT: not an absolute URI, a fragment, user information, no host,
 *   an unclosed bracket, a bad percent-encoding, a bad port, a dot segment
 *   ("." or "..", which no Uri-Path may be: references are resolved before).
 * COVEY_E_UNSUPPORTED: another scheme. */
COVEY_MUST_USE covey_status covey_uri_parse(covey_uri *out, covey_bytes text);

/* Walks the values for Uri-Path or Uri-Query in order. */
typedef struct covey_uri_segments {
    covey_bytes left; /* absent at the end */
    char separator;
} covey_uri_segments;

/* RFC 7252 Section 6.4 step 8: a path of "" or "/" has no segments. */
covey_uri_segments covey_uri_path_segments(const covey_uri *uri);
/* Step 9: an empty query has one empty argument, an absent one none. */
covey_uri_segments covey_uri_query_segments(const covey_uri *uri);
/* The next one, percent-decoded to the end of the writer; *value points into
 * the writer's storage. false at the end, or if the writer has failed. */
bool covey_uri_next_segment(covey_uri_segments *it, covey_writer *storage,
                            covey_bytes *value);
/* The value for Uri-Host: lower case, then percent-decoded (Section 6.4 step
 * 5). COVEY_E_ROOM. */
COVEY_MUST_USE covey_status covey_uri_host(const covey_uri *uri,
                                           covey_writer *storage,
                                           covey_bytes *value);

/* RFC 7252 Section 6.5: the URI that a request's options stand for. The scheme
 * is that of `defaults`, its host and port are used where the options have
 * none. Proxy-Uri and Proxy-Scheme are not looked at.
 * COVEY_E_ROOM, COVEY_E_RANGE: an option repeated or out of bounds, a Uri-Host
 * that is no host, a dot segment. */
COVEY_MUST_USE covey_status covey_uri_compose(covey_writer *out,
                                              const covey_coap_message *m,
                                              const covey_uri *defaults);

#endif
