/* SPDX-License-Identifier: BSD-2-Clause */
/* How the standards spell fields, lengths, operators, actions and stacks, and
 * what mismatches and faults mean in English. The compressor needs none of
 * it: a device whose rules are constant tables links no name.
 *
 * Identities of RFC 9363, of draft-ietf-schc-8824-update-09 (module
 * ietf-schc-coap) and, for the KUDOS subfields, of the module
 * ietf-schc-coap-kudos of draft-ietf-core-oscore-key-update. */
#include <covey/schc.h>

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

#define FID        "fid-"
#define FID_OPTION "fid-coap-option-"
#define FID_OSCORE "fid-coap-option-oscore-"

struct field_name {
    uint8_t id;
    uint8_t bits; /* 0: varies */
    uint16_t option;
    const char *name;
};

/* clang-format off */
static const struct field_name fields[] = {
    { COVEY_SCHC_IPV6_VERSION,         4, 0, FID "ipv6-version" },
    { COVEY_SCHC_IPV6_TRAFFIC_CLASS,   8, 0, FID "ipv6-trafficclass" },
    { COVEY_SCHC_IPV6_DS,              6, 0, FID "ipv6-trafficclass-ds" },
    { COVEY_SCHC_IPV6_ECN,             2, 0, FID "ipv6-trafficclass-ecn" },
    { COVEY_SCHC_IPV6_FLOW_LABEL,     20, 0, FID "ipv6-flowlabel" },
    { COVEY_SCHC_IPV6_PAYLOAD_LENGTH, 16, 0, FID "ipv6-payload-length" },
    { COVEY_SCHC_IPV6_NEXT_HEADER,     8, 0, FID "ipv6-nextheader" },
    { COVEY_SCHC_IPV6_HOP_LIMIT,       8, 0, FID "ipv6-hoplimit" },
    { COVEY_SCHC_IPV6_DEV_PREFIX,     64, 0, FID "ipv6-devprefix" },
    { COVEY_SCHC_IPV6_DEV_IID,        64, 0, FID "ipv6-deviid" },
    { COVEY_SCHC_IPV6_APP_PREFIX,     64, 0, FID "ipv6-appprefix" },
    { COVEY_SCHC_IPV6_APP_IID,        64, 0, FID "ipv6-appiid" },
    { COVEY_SCHC_UDP_DEV_PORT,        16, 0, FID "udp-dev-port" },
    { COVEY_SCHC_UDP_APP_PORT,        16, 0, FID "udp-app-port" },
    { COVEY_SCHC_UDP_LENGTH,          16, 0, FID "udp-length" },
    { COVEY_SCHC_UDP_CHECKSUM,        16, 0, FID "udp-checksum" },
    { COVEY_SCHC_COAP_VERSION,         2, 0, FID "coap-version" },
    { COVEY_SCHC_COAP_TYPE,            2, 0, FID "coap-type" },
    /* 4, 12 or 20 bits with the extensions of RFC 8974; the common case */
    { COVEY_SCHC_COAP_TKL,             4, 0, FID "coap-tkl" },
    { COVEY_SCHC_COAP_CODE,            8, 0, FID "coap-code" },
    { COVEY_SCHC_COAP_CODE_CLASS,      3, 0, FID "coap-code-class" },
    { COVEY_SCHC_COAP_CODE_DETAIL,     5, 0, FID "coap-code-detail" },
    { COVEY_SCHC_COAP_MID,            16, 0, FID "coap-mid" },
    { COVEY_SCHC_COAP_TOKEN,           0, 0, FID "coap-token" },
    { COVEY_SCHC_PAYLOAD,              0, 0, FID "payload" },
#define PART(id, name) { id, 0, COVEY_OPTION_OSCORE, FID_OSCORE name }
    PART(COVEY_SCHC_OSCORE_FLAGS, "flags"),
    PART(COVEY_SCHC_OSCORE_PIV, "piv"),
    PART(COVEY_SCHC_OSCORE_KID_CTX, "kidctx"),
    PART(COVEY_SCHC_OSCORE_X, "x"),
    PART(COVEY_SCHC_OSCORE_NONCE, "nonce"),
    PART(COVEY_SCHC_OSCORE_Y, "y"),
    PART(COVEY_SCHC_OSCORE_OLD_NONCE, "oldnonce"),
    PART(COVEY_SCHC_OSCORE_KID, "kid"),
#undef PART
#define OPTION(number, name) { COVEY_SCHC_OPTION, 0, number, FID_OPTION name }
    OPTION(COVEY_OPTION_IF_MATCH, "if-match"),
    OPTION(COVEY_OPTION_URI_HOST, "uri-host"),
    OPTION(COVEY_OPTION_ETAG, "etag"),
    OPTION(COVEY_OPTION_IF_NONE_MATCH, "if-none-match"),
    OPTION(COVEY_OPTION_OBSERVE, "observe"),
    OPTION(COVEY_OPTION_URI_PORT, "uri-port"),
    OPTION(COVEY_OPTION_LOCATION_PATH, "location-path"),
    OPTION(COVEY_OPTION_URI_PATH, "uri-path"),
    OPTION(COVEY_OPTION_CONTENT_FORMAT, "content-format"),
    OPTION(COVEY_OPTION_MAX_AGE, "max-age"),
    OPTION(COVEY_OPTION_URI_QUERY, "uri-query"),
    OPTION(COVEY_OPTION_HOP_LIMIT, "hop-limit"),
    OPTION(COVEY_OPTION_ACCEPT, "accept"),
    OPTION(COVEY_OPTION_Q_BLOCK1, "q-block1"),
    OPTION(COVEY_OPTION_LOCATION_QUERY, "location-query"),
    OPTION(COVEY_OPTION_EDHOC, "edhoc"),
    OPTION(COVEY_OPTION_BLOCK2, "block2"),
    OPTION(COVEY_OPTION_BLOCK1, "block1"),
    OPTION(COVEY_OPTION_SIZE2, "size2"),
    OPTION(COVEY_OPTION_Q_BLOCK2, "q-block2"),
    OPTION(COVEY_OPTION_PROXY_URI, "proxy-uri"),
    OPTION(COVEY_OPTION_PROXY_SCHEME, "proxy-scheme"),
    OPTION(COVEY_OPTION_SIZE1, "size1"),
    OPTION(COVEY_OPTION_PROXY_CRI, "proxy-cri"),
    OPTION(COVEY_OPTION_PROXY_SCHEME_NUMBER, "proxy-scheme-number"),
    OPTION(COVEY_OPTION_ECHO, "echo"),
    OPTION(COVEY_OPTION_NO_RESPONSE, "no-response"),
    OPTION(COVEY_OPTION_REQUEST_TAG, "request-tag"),
#undef OPTION
};
/* clang-format on */

/* "coap-option(N)", shortest decimal form. */
static const char *numbered(uint16_t option, char buf[COVEY_SCHC_NAME_MAX])
{
    static const char head[] = "coap-option(";
    size_t pos = sizeof head - 1;
    unsigned scale = 10000;

    memcpy(buf, head, pos);
    while (scale > 1 && option / scale == 0) {
        scale /= 10;
    }
    for (; scale > 0; scale /= 10) {
        buf[pos++] = (char)('0' + option / scale % 10);
    }
    buf[pos++] = ')';
    buf[pos] = '\0';
    return buf;
}

const char *covey_schc_field_name(uint8_t id, uint16_t option,
                                  char buf[COVEY_SCHC_NAME_MAX])
{
    for (size_t i = 0; i < COUNT(fields); i++) {
        if (fields[i].id == id &&
            (id != COVEY_SCHC_OPTION || fields[i].option == option)) {
            return fields[i].name;
        }
    }
    return id == COVEY_SCHC_OPTION ? numbered(option, buf) : "unknown-field";
}

uint16_t covey_schc_field_bits(uint8_t id)
{
    for (size_t i = 0; i < COUNT(fields); i++) {
        if (fields[i].id == id) {
            return fields[i].bits;
        }
    }
    return 0;
}

/* Names are compared without regard to case and separators: the documents
 * write payload-length, devprefix, CoAP.Code.Class and OSCORE_kidctx. */
static char folded(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static const char *past_separators(const char *s)
{
    while (*s == '-' || *s == '_' || *s == '.' || *s == ' ') {
        s++;
    }
    return s;
}

/* What follows `prefix` (small letters and digits) in s; s itself if it does
 * not begin with it. */
static const char *without(const char *s, const char *prefix)
{
    const char *at = s;

    for (; *prefix; prefix++, at++) {
        at = past_separators(at);
        if (folded(*at) != *prefix) {
            return s;
        }
    }
    return past_separators(at);
}

static bool same(const char *a, const char *b)
{
    for (;; a++, b++) {
        a = past_separators(a);
        b = past_separators(b);
        if (folded(*a) != folded(*b)) {
            return false;
        }
        if (*a == '\0') {
            return true;
        }
    }
}

static const struct field_name *find(const char *name)
{
    const char *bare = without(without(name, "coap"), "option");
    const size_t option_len = sizeof FID_OPTION - 1;

    for (size_t i = 0; i < COUNT(fields); i++) {
        if (same(name, fields[i].name + sizeof FID - 1) ||
            (fields[i].option && same(bare, fields[i].name + option_len))) {
            return &fields[i];
        }
    }
    return NULL;
}

/* The subfield Y in "CoAP.option(9).Y" of draft-ietf-schc-8824-update-09. */
static const struct field_name *find_subfield(const char *name)
{
    for (size_t i = 0; i < COUNT(fields); i++) {
        if (fields[i].option == COVEY_OPTION_OSCORE &&
            same(name, fields[i].name + sizeof FID_OSCORE - 1)) {
            return &fields[i];
        }
    }
    return NULL;
}

/* "N)" with 1 to 65535; what follows the parenthesis, or NULL. */
static const char *option_number(const char *s, uint16_t *option)
{
    uint32_t n = 0;

    for (; *s >= '0' && *s <= '9'; s++) {
        n = n * 10 + (uint32_t)(*s - '0');
        if (n > COVEY_COAP_OPTION_NUMBER_MAX) {
            return NULL;
        }
    }
    *option = (uint16_t)n;
    return *s == ')' && n > 0 ? s + 1 : NULL;
}

/* What follows the YANG module, if there is one: "ietf-schc:fid-...". */
static const char *past_module(const char *name)
{
    for (const char *s = name; *s; s++) {
        if (*s == ':') {
            return s + 1;
        }
    }
    return name;
}

covey_status covey_schc_field_by_name(const char *name, uint8_t *id,
                                      uint16_t *option)
{
    const char *text = without(past_module(name), "fid");
    const char *number = without(without(text, "coap"), "option");
    const struct field_name *found;
    uint16_t n = 0;

    if (*number == '(') {
        number = option_number(number + 1, &n);
        if (number == NULL) {
            return COVEY_E_UNSUPPORTED;
        }
        if (*number == '\0') {
            *id = COVEY_SCHC_OPTION;
            *option = n;
            return COVEY_OK;
        }
        found = n == COVEY_OPTION_OSCORE ? find_subfield(number) : NULL;
    } else {
        found = find(text);
    }
    if (found == NULL) {
        return COVEY_E_UNSUPPORTED;
    }
    *id = found->id;
    *option = found->option;
    return COVEY_OK;
}

/* The entry of a table that is indexed by the enumeration. */
static const char *at(const char *const *table, size_t count, size_t i,
                      const char *otherwise)
{
    return i < count && table[i] ? table[i] : otherwise;
}

const char *covey_schc_mo_name(covey_schc_mo mo)
{
    static const char *const names[] = {
        [COVEY_SCHC_MO_EQUAL] = "mo-equal",
        [COVEY_SCHC_MO_IGNORE] = "mo-ignore",
        [COVEY_SCHC_MO_MSB] = "mo-msb",
        [COVEY_SCHC_MO_MATCH_MAPPING] = "mo-match-mapping",
    };
    return at(names, COUNT(names), mo, "mo-unknown");
}

const char *covey_schc_cda_name(covey_schc_cda cda)
{
    static const char *const names[] = {
        [COVEY_SCHC_CDA_NOT_SENT] = "cda-not-sent",
        [COVEY_SCHC_CDA_VALUE_SENT] = "cda-value-sent",
        [COVEY_SCHC_CDA_MAPPING_SENT] = "cda-mapping-sent",
        [COVEY_SCHC_CDA_LSB] = "cda-lsb",
        [COVEY_SCHC_CDA_COMPUTE] = "cda-compute",
        [COVEY_SCHC_CDA_DEV_IID] = "cda-deviid",
        [COVEY_SCHC_CDA_APP_IID] = "cda-appiid",
    };
    return at(names, COUNT(names), cda, "cda-unknown");
}

const char *covey_schc_length_name(covey_schc_length fl)
{
    /* RFC 9363 gives a fixed length as a number and has no identity for it,
     * nor for one that is not set. */
    static const char *const names[] = {
        [COVEY_SCHC_FL_FIXED] = "fl-fixed",
        [COVEY_SCHC_FL_VAR] = "fl-variable",
        [COVEY_SCHC_FL_VAR_BIT] = "fl-variable-bit",
        [COVEY_SCHC_FL_TARGET] = "fl-not-set",
        [COVEY_SCHC_FL_TKL] = "fl-token-length",
        [COVEY_SCHC_FL_OSC_PIV] = "fl-oscore-piv-length",
        [COVEY_SCHC_FL_OSC_X_M] = "fl-oscore-oscore-nonce-length",
        [COVEY_SCHC_FL_OSC_Y_W] = "fl-oscore-oscore-oldnonce-length",
    };
    return at(names, COUNT(names), fl, "fl-unknown");
}

const char *covey_schc_direction_name(unsigned di)
{
    static const char *const names[] = {
        [COVEY_SCHC_DI_UP] = "di-up",
        [COVEY_SCHC_DI_DOWN] = "di-down",
        [COVEY_SCHC_DI_BIDIRECTIONAL] = "di-bidirectional",
    };
    return at(names, COUNT(names), di, "di-unknown");
}

static const char *const stacks[] = {
    [COVEY_SCHC_STACK_IPV6] = "ipv6",
    [COVEY_SCHC_STACK_IPV6_UDP] = "ipv6-udp",
    [COVEY_SCHC_STACK_IPV6_UDP_COAP] = "ipv6-udp-coap",
    [COVEY_SCHC_STACK_UDP_COAP] = "udp-coap",
    [COVEY_SCHC_STACK_COAP] = "coap",
    [COVEY_SCHC_STACK_COAP_INNER] = "coap-inner",
};

const char *covey_schc_stack_name(covey_schc_stack s)
{
    return at(stacks, COUNT(stacks), s, "unknown-stack");
}

static bool identical(const char *a, const char *b)
{
    for (; *a && *a == *b; a++, b++) {
    }
    return *a == *b;
}

covey_status covey_schc_stack_by_name(const char *name, covey_schc_stack *out)
{
    for (size_t i = 0; i < COUNT(stacks); i++) {
        if (stacks[i] && identical(stacks[i], name)) {
            *out = (covey_schc_stack)i;
            return COVEY_OK;
        }
    }
    return COVEY_E_UNSUPPORTED;
}

const char *covey_schc_mismatch_text(covey_schc_mismatch why)
{
    static const char *const texts[] = {
        [COVEY_SCHC_MATCHES] = "matches",
        [COVEY_SCHC_X_LAYER] =
            "the packet has no such header, or it is malformed",
        [COVEY_SCHC_X_ABSENT] =
            "the packet has no such field, or no further one",
        [COVEY_SCHC_X_LENGTH] =
            "the field is not as long as the rule's field length says",
        [COVEY_SCHC_X_VALUE] =
            "the value is none that the matching operator accepts",
        [COVEY_SCHC_X_COMPUTE] =
            "the value is not the one that the other end would compute",
        [COVEY_SCHC_X_IID] =
            "the interface identifier is not the one the link layer gives",
        [COVEY_SCHC_X_LOSSY] =
            "the value would not come back, and the rule is not lossy",
        [COVEY_SCHC_X_SIZE] = "the size of the residue cannot be expressed",
        [COVEY_SCHC_X_TWICE] =
            "another descriptor of the rule already stands for this field",
        [COVEY_SCHC_X_UNCOVERED] =
            "the packet has this field, the rule has no descriptor for it",
        [COVEY_SCHC_X_RULE] = "the descriptor is not usable",
        [COVEY_SCHC_X_NATURE] = "this is not a compression rule",
    };
    return at(texts, COUNT(texts), why, "unknown reason");
}

const char *covey_schc_fault_text(covey_schc_fault fault)
{
    static const char *const texts[] = {
        [COVEY_SCHC_SOUND] = "sound",
        [COVEY_SCHC_F_RULE_ID] =
            "a RuleID has 1 to 32 bits, and its value must fit in them",
        [COVEY_SCHC_F_COLLISION] =
            "one RuleID is a prefix of another, a receiver could not tell "
            "them apart",
        [COVEY_SCHC_F_EMPTY] = "a compression rule needs field descriptors",
        [COVEY_SCHC_F_FIELD] = "unknown field, or option number 0",
        [COVEY_SCHC_F_DIRECTION] =
            "the direction is neither up, nor down, nor bidirectional",
        [COVEY_SCHC_F_POSITION] =
            "a field that occurs once has position 1, and no position may "
            "follow a position 0 of the same field",
        [COVEY_SCHC_F_TWICE] =
            "same field, position and direction as an earlier descriptor",
        [COVEY_SCHC_F_LENGTH] = "this field length does not suit the field",
        [COVEY_SCHC_F_TARGET] =
            "target value missing, longer than the field, or more than one",
        [COVEY_SCHC_F_MO_CDA] =
            "this matching operator does not go with this action",
        [COVEY_SCHC_F_MSB] =
            "the argument of MSB exceeds the target value or the field, or "
            "is no multiple of 8 where the length counts bytes",
        [COVEY_SCHC_F_COMPUTE] = "only lengths and checksums are computed",
        [COVEY_SCHC_F_IID] =
            "DevIID and AppIID belong to the interface identifier of their "
            "own side",
        [COVEY_SCHC_F_SEGMENTS] =
            "only Uri-Path values are grouped, and all values of a list must "
            "have the same number of segments",
        [COVEY_SCHC_F_ORDER] =
            "the field that this length function reads is missing or comes "
            "later",
        [COVEY_SCHC_F_LAYERS] =
            "the rule's layers are not those that its fields name",
    };
    return at(texts, COUNT(texts), fault, "unknown fault");
}
