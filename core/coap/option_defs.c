/* SPDX-License-Identifier: BSD-2-Clause */
/* The one table of CoAP options. Only this file carries their names, so that
 * a device that needs none does not link them.
 *
 * Sources: RFC 7252 Section 5.10, Table 4; RFC 7641 Section 2; RFC 7959
 * Sections 2.1 and 4; RFC 7967 Section 2; RFC 8613 Section 2; RFC 8768 Section
 * 3; RFC 9175 Sections 2.2.1 and 3.2.1; RFC 9177 Section 4.1; RFC 9668 Section
 * 3.1; drafts as named in the rows. OSCORE classes: RFC 8613 Figure 5 and the
 * documents of the younger options. */
#include <covey/coap_options.h>

#define EMPTY  COVEY_FORMAT_EMPTY
#define OPAQUE COVEY_FORMAT_OPAQUE
#define UINT   COVEY_FORMAT_UINT
#define STRING COVEY_FORMAT_STRING
#define BLOCK  COVEY_FORMAT_BLOCK
#define OSCORE COVEY_FORMAT_OSCORE
#define E      COVEY_CLASS_E
#define U      COVEY_CLASS_U
#define EU     COVEY_CLASS_EU

#define HREF   "draft-ietf-core-href"
#define ABBREV "draft-ietf-core-uri-path-abbrev"
#define PROXY  "draft-ietf-core-groupcomm-proxy"
#define SEED   "draft-tiloca-core-groupcomm-proxy"

/* Ascending by number. */
/* clang-format off */
static const covey_option_def defs[] = {
    /* no. name                  format  min  max  repeat class spec */
    {   1, "If-Match",            OPAQUE, 0,    8, true,  E,  "RFC 7252" },
    {   2, "Multicast-Timeout",   UINT,   0,    4, false, U,  PROXY },
    {   3, "Uri-Host",            STRING, 1,  255, false, U,  "RFC 7252" },
    {   4, "ETag",                OPAQUE, 1,    8, true,  E,  "RFC 7252" },
    {   5, "If-None-Match",       EMPTY,  0,    0, false, E,  "RFC 7252" },
    {   6, "Observe",             UINT,   0,    3, false, EU, "RFC 7641" },
    {   7, "Uri-Port",            UINT,   0,    2, false, U,  "RFC 7252" },
    {   8, "Location-Path",       STRING, 0,  255, true,  E,  "RFC 7252" },
    {   9, "OSCORE",              OSCORE, 0,  255, false, U,  "RFC 8613" },
    {  11, "Uri-Path",            STRING, 0,  255, true,  E,  "RFC 7252" },
    {  12, "Content-Format",      UINT,   0,    2, false, E,  "RFC 7252" },
    {  13, "Uri-Path-Abbrev",     UINT,   0,    4, false, E,  ABBREV },
    {  14, "Max-Age",             UINT,   0,    4, false, EU, "RFC 7252" },
    {  15, "Uri-Query",           STRING, 0,  255, true,  E,  "RFC 7252" },
    {  16, "Hop-Limit",           UINT,   1,    1, false, U,  "RFC 8768" },
    {  17, "Accept",              UINT,   0,    2, false, E,  "RFC 7252" },
    {  19, "Q-Block1",            BLOCK,  0,    3, false, EU, "RFC 9177" },
    {  20, "Location-Query",      STRING, 0,  255, true,  E,  "RFC 7252" },
    {  21, "EDHOC",               EMPTY,  0,    0, false, U,  "RFC 9668" },
    {  23, "Block2",              BLOCK,  0,    3, false, EU, "RFC 7959" },
    {  24, "Group-ETag",          OPAQUE, 1,    8, true,  E,  PROXY },
    {  27, "Block1",              BLOCK,  0,    3, false, EU, "RFC 7959" },
    {  28, "Size2",               UINT,   0,    4, false, EU, "RFC 7959" },
    {  31, "Q-Block2",            BLOCK,  0,    3, true,  EU, "RFC 9177" },
    {  35, "Proxy-Uri",           STRING, 1, 1034, false, U,  "RFC 7252" },
    {  39, "Proxy-Scheme",        STRING, 1,  255, false, U,  "RFC 7252" },
    {  60, "Size1",               UINT,   0,    4, false, EU, "RFC 7252" },
    { 235, "Proxy-Cri",           OPAQUE, 1, 1023, false, U,  HREF },
    { 239, "Proxy-Scheme-Number", UINT,   0,    3, false, U,  HREF },
    { 248, "Reply-From",          OPAQUE, 5, 1034, false, U,  PROXY },
    { 252, "Echo",                OPAQUE, 1,   40, false, EU, "RFC 9175" },
    { 258, "No-Response",         UINT,   0,    1, false, EU, "RFC 7967" },
    { 292, "Request-Tag",         OPAQUE, 0,    8, true,  EU, "RFC 9175" },
    /* Its draft has 8 to 20 bytes, which IPv6 with a port exceeds. */
    { 65002, "Multicast-Signaling", UINT,  1,    5, false, U,  SEED },
    { 65004, "Response-Forwarding", STRING, 1, 255, false, E,  SEED },
};
/* clang-format on */

#define DEF_COUNT (sizeof defs / sizeof defs[0])

const covey_option_def *covey_option_find(uint16_t number)
{
    for (size_t i = 0; i < DEF_COUNT && defs[i].number <= number; i++) {
        if (defs[i].number == number) {
            return &defs[i];
        }
    }
    return NULL;
}

static char lower(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return (char)(c - 'A' + 'a');
    }
    return c;
}

static bool same_name(const char *a, const char *b)
{
    while (*a != '\0' && lower(*a) == lower(*b)) {
        a++;
        b++;
    }
    return *a == *b;
}

const covey_option_def *covey_option_by_name(const char *name)
{
    for (size_t i = 0; i < DEF_COUNT; i++) {
        if (same_name(defs[i].name, name)) {
            return &defs[i];
        }
    }
    return NULL;
}

const covey_option_def *covey_option_all(size_t *count)
{
    *count = DEF_COUNT;
    return defs;
}
