/* SPDX-License-Identifier: BSD-2-Clause */
/* Rules in the JSON of OpenSCHC, as its family of implementations shares
 * them. What differs from RFC 9363: short names, target values as numbers,
 * texts and addresses, and a size before an LSB residue that counts the whole
 * value. Fields that covey does not compress (ICMPv6, and the headers that an
 * ICMPv6 error quotes, position 2) are refused by name. */
#include "internal.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

enum {
    O_FID,
    O_FL,
    O_FP,
    O_DI,
    O_TV,
    O_MO,
    O_ARG,
    O_ARG2,
    O_CDA,
    O_COUNT
};
static const char *const entry_members[O_COUNT] = {
    "FID", "FL", "FP", "DI", "TV", "MO", "MO.VAL", "MO_VAL", "CDA",
};
static const rules_names entry_names = { entry_members, O_COUNT, false };

static const char dialect[] = "OpenSCHC rule format";

/* clang-format off */
static const struct {
    const char *name;
    const char *identity;
} names[] = {
    { "IPV6.VER",        "fid-ipv6-version" },
    { "IPV6.TC",         "fid-ipv6-trafficclass" },
    { "IPV6.FL",         "fid-ipv6-flowlabel" },
    { "IPV6.LEN",        "fid-ipv6-payload-length" },
    { "IPV6.NXT",        "fid-ipv6-nextheader" },
    { "IPV6.HOP_LMT",    "fid-ipv6-hoplimit" },
    { "IPV6.DEV_PREFIX", "fid-ipv6-devprefix" },
    { "IPV6.DEV_IID",    "fid-ipv6-deviid" },
    { "IPV6.APP_PREFIX", "fid-ipv6-appprefix" },
    { "IPV6.APP_IID",    "fid-ipv6-appiid" },
    { "UDP.DEV_PORT",    "fid-udp-dev-port" },
    { "UDP.APP_PORT",    "fid-udp-app-port" },
    { "UDP.LEN",         "fid-udp-length" },
    { "UDP.CKSUM",       "fid-udp-checksum" },
    { "COAP.VER",        "fid-coap-version" },
    { "COAP.TYPE",       "fid-coap-type" },
    { "COAP.TKL",        "fid-coap-tkl" },
    { "COAP.CODE",       "fid-coap-code" },
    { "COAP.MID",        "fid-coap-mid" },
    { "COAP.TOKEN",      "fid-coap-token" },
    { "COAP.CONT-FORMAT", "fid-coap-option-content-format" },
    { "COAP.NO-RESP",    "fid-coap-option-no-response" },
    { "COAP.LOC-PATH",   "fid-coap-option-location-path" },
    { "COAP.LOC-QUERY",  "fid-coap-option-location-query" },
};
/* clang-format on */

/* COAP.option(N), or COAP. and the registered name of an option. */
static bool find_option(const char *text, covey_schc_field *f)
{
    const covey_option_def *def;

    if (strncasecmp(text, "COAP.", 5) != 0) {
        return false;
    }
    if (covey_schc_field_by_name(text, &f->id, &f->option) == COVEY_OK) {
        return f->id == COVEY_SCHC_OPTION;
    }
    def = covey_option_by_name(text + 5);
    f->id = COVEY_SCHC_OPTION;
    f->option = def ? def->number : 0;
    return def != NULL;
}

static bool find_field(const char *text, covey_schc_field *f)
{
    for (size_t i = 0; i < COUNT(names); i++) {
        if (strcasecmp(text, names[i].name) == 0) {
            return covey_schc_field_by_name(names[i].identity, &f->id,
                                            &f->option) == COVEY_OK;
        }
    }
    if (strcasecmp(text, "PAYLOAD") == 0 ||
        strcasecmp(text, "UDP.PAYLOAD") == 0 ||
        strcasecmp(text, "COAP.PAYLOAD") == 0) {
        f->id = COVEY_SCHC_PAYLOAD;
        return true;
    }
    return find_option(text, f);
}

static bool read_id(rules_loader *l, struct fy_node *entry,
                    struct fy_node *node, covey_schc_field *f)
{
    const char *text = node ? rules_json_string(node) : NULL;

    if (text == NULL) {
        rules_error(l, node ? node : entry, dialect,
                    "expected \"FID\" with the name of a field");
        return false;
    }
    if (strncasecmp(text, "ICMPV6.", 7) == 0 ||
        strcasecmp(text, "UNUSED") == 0) {
        rules_error(l, node, "draft-ietf-schc-icmpv6-compression",
                    "not supported: field \"%.40s\" of ICMPv6", text);
        return false;
    }
    if (!find_field(text, f)) {
        rules_error(l, node, dialect, "no field is called \"%.40s\"", text);
        return false;
    }
    return true;
}

static bool read_length(rules_loader *l, struct fy_node *entry,
                        struct fy_node *node, covey_schc_field *f)
{
    const char *text = node ? rules_json_string(node) : NULL;
    uint64_t bits = 0;

    if (node != NULL && rules_json_unsigned(node, UINT16_MAX, &bits)) {
        f->length = COVEY_SCHC_FL_FIXED;
        f->bits = (uint16_t)bits;
        return true;
    }
    if (text != NULL && rules_term_length(text, &f->length)) {
        return true;
    }
    rules_error(l, node ? node : entry, dialect,
                "expected \"FL\": a number of bits, \"var\", \"var_bit\" or "
                "\"tkl\"");
    return false;
}

static bool read_position(rules_loader *l, struct fy_node *node,
                          covey_schc_field *f)
{
    uint64_t position = 1;

    if (node != NULL && !rules_json_unsigned(node, UINT8_MAX, &position)) {
        rules_error(l, node, dialect, "expected a position up to 255");
        return false;
    }
    if (position > 1 && f->id != COVEY_SCHC_OPTION) {
        rules_error(l, node, "draft-ietf-schc-icmpv6-compression",
                    "not supported: position 2 of a header field, the packet "
                    "that an ICMPv6 error quotes");
        return false;
    }
    f->position = (uint8_t)position;
    return true;
}

static bool read_direction(rules_loader *l, struct fy_node *node,
                           covey_schc_field *f)
{
    const char *text = node ? rules_json_string(node) : "BI";

    if (text != NULL && rules_term_direction(text, &f->direction)) {
        return true;
    }
    rules_error(l, node, dialect, "expected UP, DW or BI");
    return false;
}

static bool read_mo(rules_loader *l, struct fy_node *entry,
                    struct fy_node *const *m, covey_schc_field *f)
{
    const char *text = m[O_MO] ? rules_json_string(m[O_MO]) : NULL;
    struct fy_node *arg = m[O_ARG] ? m[O_ARG] : m[O_ARG2];
    uint64_t bits = 0;

    if (text == NULL || !rules_term_mo(text, &f->mo)) {
        rules_error(l, m[O_MO] ? m[O_MO] : entry, dialect,
                    "expected \"MO\": equal, ignore, MSB or match-mapping");
        return false;
    }
    if (f->mo == COVEY_SCHC_MO_MSB &&
        (arg == NULL || !rules_json_unsigned(arg, UINT16_MAX, &bits))) {
        rules_error(l, arg ? arg : entry, dialect,
                    "MSB needs \"MO.VAL\", a number of bits");
        return false;
    }
    f->msb = (uint16_t)bits;
    return true;
}

static bool read_cda(rules_loader *l, struct fy_node *entry,
                     struct fy_node *node, covey_schc_field *f)
{
    const char *text = node ? rules_json_string(node) : NULL;
    const char *computes;

    if (text != NULL && rules_term_cda(text, &f->cda, &computes)) {
        return true;
    }
    rules_error(l, node ? node : entry, dialect,
                "expected \"CDA\": not-sent, value-sent, mapping-sent, LSB, "
                "compute-length, compute-checksum, DEVIID or APPIID");
    return false;
}

/* An IPv6 address or prefix as text; the half that the field is. */
static bool address(rules_loader *l, struct fy_node *node, const char *text,
                    bool iid, covey_schc_value *out)
{
    char host[INET6_ADDRSTRLEN];
    uint8_t bytes[16];
    const char *slash = strchr(text, '/');
    const size_t len = slash ? (size_t)(slash - text) : strlen(text);

    if (len < sizeof host && (slash == NULL || strcmp(slash, "/64") == 0)) {
        memcpy(host, text, len);
        host[len] = '\0';
        if (inet_pton(AF_INET6, host, bytes) == 1) {
            return rules_store(
                l, node, covey_bytes_of(bytes + (iid ? 8 : 0), 8), 64, out);
        }
    }
    rules_error(l, node, dialect,
                iid ? "expected an interface identifier such as \"::1\""
                    : "expected a prefix such as \"2001:db8::/64\"");
    return false;
}

static bool is_prefix(uint8_t id)
{
    return id == COVEY_SCHC_IPV6_DEV_PREFIX ||
           id == COVEY_SCHC_IPV6_APP_PREFIX;
}

static bool is_iid(uint8_t id)
{
    return id == COVEY_SCHC_IPV6_DEV_IID || id == COVEY_SCHC_IPV6_APP_IID;
}

/* A number has the bits of its field, or the fewest bytes; a text its
 * bytes. */
static bool read_value(rules_loader *l, struct fy_node *node,
                       const covey_schc_field *f, covey_schc_value *out)
{
    const bool fixed = f->length == COVEY_SCHC_FL_FIXED;
    const covey_bytes text = rules_json_bytes(node);
    uint8_t buf[8];
    uint64_t n = 0;
    covey_bytes integer;

    if (rules_json_unsigned(node, UINT64_MAX, &n)) {
        integer = rules_minimal(n, 1, buf);
        return rules_store(l, node, integer,
                           fixed ? f->bits : (uint32_t)integer.len * 8, out);
    }
    if (text.ptr == NULL || text.len > UINT16_MAX / 8) {
        rules_error(l, node, dialect,
                    "expected an integer or a text of up to 8191 bytes");
        return false;
    }
    if ((is_prefix(f->id) || is_iid(f->id)) && rules_json_string(node)) {
        return address(l, node, rules_json_string(node), is_iid(f->id), out);
    }
    return rules_store(l, node, text, fixed ? f->bits : (uint32_t)text.len * 8,
                       out);
}

static bool read_target(rules_loader *l, struct fy_node *node,
                        covey_schc_field *f)
{
    const bool list = node && rules_json_kind_of(node) == RULES_JSON_ARRAY;
    const size_t count = list ? rules_json_count(node) : 1;
    covey_schc_value *values;
    void *at = NULL;
    struct fy_node *item = node;
    const char *key;

    /* This dialect writes a value where none is used. */
    if (node == NULL || rules_json_kind_of(node) == RULES_JSON_NULL ||
        (f->mo == COVEY_SCHC_MO_IGNORE && f->cda != COVEY_SCHC_CDA_NOT_SENT)) {
        return true;
    }
    if (count > UINT16_MAX) {
        rules_error(l, node, dialect, "at most 65535 target values");
        return false;
    }
    values = rules_alloc(l, count, sizeof *values);
    for (size_t i = 0; values != NULL && i < count; i++) {
        if (list) {
            rules_json_next(node, &at, &key, &item);
        }
        if (!read_value(l, item, f, &values[i])) {
            return false;
        }
    }
    f->values = values;
    f->value_count = values ? (uint16_t)count : 0;
    return values != NULL;
}

static bool read_field(rules_loader *l, struct fy_node *entry,
                       covey_schc_field *f)
{
    struct fy_node *m[O_COUNT] = { NULL };
    bool good;

    if (!rules_members(l, entry, "a field descriptor", &entry_names, m)) {
        return false;
    }
    if (!read_id(l, entry, m[O_FID], f)) {
        return false;
    }
    good = read_length(l, entry, m[O_FL], f);
    good = read_position(l, m[O_FP], f) && good;
    good = read_direction(l, m[O_DI], f) && good;
    good = read_mo(l, entry, m, f) && good;
    good = read_cda(l, entry, m[O_CDA], f) && good;
    return good && read_target(l, m[O_TV], f) && rules_group(l, entry, f);
}

void rules_openschc(rules_loader *l, struct fy_node *object, uint16_t rule)
{
    enum {
        ID,
        LENGTH,
        COMPRESSION,
        NO_COMPRESSION,
        FRAGMENTATION,
        MEMBERS
    };
    static const char *const members[MEMBERS] = {
        "RuleID",        "RuleIDLength",  "Compression",
        "NoCompression", "Fragmentation",
    };
    const rules_names rule_names = { members, MEMBERS, false };
    struct fy_node *m[MEMBERS] = { NULL };
    covey_schc_rule *r = &l->file->table[rule];

    if (!rules_members(l, object, "a rule", &rule_names, m)) {
        return;
    }
    l->file->rules.lsb_size_whole = true;
    r->lossy = l->lossy || l->options->allow_lossy;
    rules_id(l, object, m[ID], m[LENGTH], r);
    if (m[FRAGMENTATION] != NULL) {
        rules_error(l, m[FRAGMENTATION], "RFC 8724 Section 8",
                    "fragmentation rules are not supported yet");
    } else if (m[NO_COMPRESSION] != NULL && m[COMPRESSION] == NULL) {
        r->nature = COVEY_SCHC_NO_COMPRESSION;
    } else {
        r->nature = COVEY_SCHC_COMPRESSION;
        rules_fields(l, m[COMPRESSION], rule, read_field);
    }
}
