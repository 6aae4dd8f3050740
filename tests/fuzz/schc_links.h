/* SPDX-License-Identifier: BSD-2-Clause */
/* The links that the fuzz targets of SCHC try: rules with every field length,
 * matching operator and action, for each stack. The first byte of an input
 * says which link and which direction. */
#ifndef COVEY_TESTS_FUZZ_SCHC_LINKS_H
#define COVEY_TESTS_FUZZ_SCHC_LINKS_H

#include <covey/schc.h>

#include "../unit/schc/fields.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */
#define HOST_TV E(32, 'h', 'o', 's', 't'), E(24, 's', 'r', 'v')
static const covey_schc_field link_coap[] = {
    COAP_FDS
};
static const covey_schc_field link_request[] = {
    VERSION_FD, { AT(COAP_TYPE, BI), FIX(2), MAPPED, TV(E(2, 0), E(2, 0x40)) },
    { AT(COAP_TKL, BI), FIX(12), SENT },
    { AT(COAP_CODE_CLASS, BI), FIX(3), EQUAL, TV(E(3, 0)) },
    { AT(COAP_CODE_DETAIL, BI), FIX(5), SENT },
    { AT(COAP_MID, BI), FIX(16), LSB(4), TV(E(16, 0, 0)) }, TOKEN_FD,
    { OPT(URI_HOST, BI), MAPPED, TV(HOST_TV) },
    { OPT_BITS(ETAG, BI), LSB(3), TV(E(8, 0)) },
    { OPT(IF_NONE_MATCH, UP), EQUAL, NIL },
    { OPT_AT(URI_PATH, 1, BI), .segments = 2, MAPPED,
      TV(E(32, '/', 'a', '/', 'b'), E(32, '/', 'c', '/', 'd')) },
    { OPT_AT(URI_PATH, 3, BI), LSB(8), TV(E(8, 'x')) },
    { OPT_AT(URI_QUERY, 0, DOWN), SENT }, { OPT_AT(URI_QUERY, 0, DOWN), SENT },
    { OPT(REQUEST_TAG, BI), SENT },
};
static const covey_schc_field link_token[] = {
    VERSION_FD, TYPE_FD, { AT(COAP_TKL, BI), FIX(20), SENT }, CODE_FD, MID_FD,
    { AT(COAP_TOKEN, BI), FL(TKL), LSB(5), TV(E(8, 0x80)) },
};
static const covey_schc_field link_inner[] = {
    CODE_FD, { OPT(OBSERVE, UP), SENT }, { OPT_BITS(ECHO, DOWN), SENT },
};
static const covey_schc_field link_path[] = {
    CODE_FD, { OPT_AT(URI_PATH, 0, BI), SENT },
    { OPT_AT(URI_PATH, 0, BI), SENT },
};
static const covey_schc_field link_payload[] = {
    CODE_FD, { .id = COVEY_SCHC_PAYLOAD, .position = 1, .direction = BI,
               FL(VAR), SENT },
};
static const covey_schc_field link_oscore[] = {
    COAP_FDS, FLAGS_FD, { PART(PIV, OSC_PIV, BI), SENT },
    { PART(KID_CTX, VAR, BI), SENT }, { PART(KID, VAR, BI), SENT },
};
static const covey_schc_field link_kudos[] = {
    COAP_FDS, FLAGS_FD, { PART(PIV, OSC_PIV, BI), LSB(4), TV(E(8, 0)) },
    { PART(KID_CTX, VAR, BI), EQUAL, NIL }, X_FD,
    { PART(NONCE, OSC_X_M, BI), SENT }, Y_FD,
    { PART(OLD_NONCE, OSC_Y_W, BI), SENT }, { PART(KID, VAR, BI), SENT },
    { OPT(EDHOC, UP), EQUAL, NIL },
};
#define LINK_IPV6_FDS \
    { AT(IPV6_VERSION, BI), FIX(4), EQUAL, TV(E(4, 0x60)) }, \
    { AT(IPV6_DS, BI), FIX(6), EQUAL, TV(E(6, 0)) }, \
    { AT(IPV6_ECN, BI), FIX(2), SENT }, \
    { AT(IPV6_FLOW_LABEL, BI), FIX(20), LSB(12), TV(E(20, 0, 0, 0)) }, \
    { AT(IPV6_PAYLOAD_LENGTH, BI), FIX(16), PAIR(IGNORE, COMPUTE) }, \
    { AT(IPV6_NEXT_HEADER, BI), FIX(8), EQUAL, TV(E(8, 17)) }, \
    { AT(IPV6_HOP_LIMIT, BI), FIX(8), MAPPED, TV(E(8, 64), E(8, 255)) }, \
    { AT(IPV6_DEV_PREFIX, BI), FIX(64), EQUAL, \
      TV(E(64, 0xfe, 0x80, 0, 0, 0, 0, 0, 0)) }, \
    { AT(IPV6_DEV_IID, BI), FIX(64), PAIR(IGNORE, DEV_IID) }, \
    { AT(IPV6_APP_PREFIX, BI), FIX(64), SENT }, \
    { AT(IPV6_APP_IID, BI), FIX(64), PAIR(IGNORE, APP_IID) }
#define LINK_UDP_FDS \
    { AT(UDP_DEV_PORT, BI), FIX(16), EQUAL, TV(E(16, 0x16, 0x33)) }, \
    { AT(UDP_APP_PORT, BI), FIX(16), LSB(12), TV(E(16, 0x16, 0x30)) }, \
    { AT(UDP_LENGTH, BI), FIX(16), PAIR(IGNORE, COMPUTE) }
#define LINK_SUM_FD { AT(UDP_CHECKSUM, BI), FIX(16), PAIR(IGNORE, COMPUTE) }
static const covey_schc_field link_ipv6[] = {
    LINK_IPV6_FDS, LINK_UDP_FDS, LINK_SUM_FD
};
static const covey_schc_field link_all[] = {
    LINK_IPV6_FDS, LINK_UDP_FDS, LINK_SUM_FD, COAP_FDS
};
static const covey_schc_field link_udp[] = {
    LINK_UDP_FDS, { AT(UDP_CHECKSUM, BI), FIX(16), SENT }, COAP_FDS
};

#define LINK_RULE(id_, bits_, fields_) \
    { .id = (id_), .id_bits = (bits_), .fields = (fields_), \
      .field_count = sizeof(fields_) / sizeof(fields_)[0] }
#define LINK_RAW(id_, bits_) \
    { .id = (id_), .id_bits = (bits_), .nature = COVEY_SCHC_NO_COMPRESSION }
#define LINK_COUNT 5u
static covey_schc_rule link_rules[LINK_COUNT][4] = {
    { LINK_RULE(0, 1, link_coap), LINK_RULE(2, 2, link_request),
      LINK_RULE(6, 3, link_token), LINK_RAW(0x700, 11) },
    { LINK_RULE(0, 1, link_inner), LINK_RULE(2, 2, link_path),
      LINK_RULE(6, 3, link_payload), LINK_RAW(0x700, 11) },
    { LINK_RULE(0, 1, link_oscore), LINK_RULE(2, 2, link_kudos),
      LINK_RULE(6, 3, link_coap), LINK_RAW(0x700, 11) },
    { LINK_RULE(0, 1, link_all), LINK_RULE(2, 2, link_ipv6),
      LINK_RULE(6, 3, link_request), LINK_RAW(0x700, 11) },
    { LINK_RULE(0, 1, link_udp), LINK_RULE(2, 2, link_token),
      LINK_RULE(6, 3, link_kudos), LINK_RAW(0x700, 11) },
};
/* clang-format on */

static const covey_schc_stack link_stacks[LINK_COUNT] = {
    COVEY_SCHC_STACK_COAP,     COVEY_SCHC_STACK_COAP_INNER,
    COVEY_SCHC_STACK_COAP,     COVEY_SCHC_STACK_IPV6_UDP_COAP,
    COVEY_SCHC_STACK_UDP_COAP,
};

/* Ends the run, whatever NDEBUG says. */
#define EXPECT(condition)                                                     \
    do {                                                                      \
        if (!(condition)) {                                                   \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);   \
            abort();                                                          \
        }                                                                     \
    } while (0)

/* Opens the link that the first byte names: bits 0 to 2 the rules, 3 the
 * direction, 4 the selection, 5 the layout of KUDOS, 6 and 7 what peers
 * differ in. */
static inline covey_schc_direction
link_open(uint8_t choice, covey_schc_rules *set, covey_schc_context *ctx)
{
    static const uint8_t iid[2][8] = { { 0, 0, 0, 0, 0, 0, 0, 1 },
                                       { 0, 0, 0, 0, 0, 0, 0, 2 } };
    unsigned which = (choice & 7u) % LINK_COUNT;

    memset(set, 0, sizeof *set);
    memset(ctx, 0, sizeof *ctx);
    for (unsigned i = 0; i < 4; i++) {
        covey_schc_rule *rule = &link_rules[which][i];
        rule->layers = covey_schc_rule_layers(rule);
    }
    set->rules = link_rules[which];
    set->count = 4;
    set->select = choice >> 4 & 1;
    set->kudos = choice >> 5 & 1;
    set->one_entry_index_bits = choice >> 6 & 1;
    set->lsb_size_whole = choice >> 7 & 1;
    ctx->rules = set;
    ctx->stack = link_stacks[which];
    ctx->dev_iid = iid[0];
    ctx->app_iid = iid[1];
    EXPECT(covey_schc_check(set).fault == COVEY_SCHC_SOUND);
    return choice & 8 ? COVEY_SCHC_DOWN : COVEY_SCHC_UP;
}

#endif
