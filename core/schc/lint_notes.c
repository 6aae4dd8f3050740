/* SPDX-License-Identifier: BSD-2-Clause */
/* Rules that are allowed and work, but hardly do what was meant: descriptors
 * that cost bits for nothing, and rules that no packet can ever match. */
#include "lint_internal.h"

/* --- one descriptor: costs more than it has to --- */

static bool known_but_sent(struct covey__lint_place *p)
{
    return p->field->cda == COVEY_SCHC_CDA_VALUE_SENT &&
           p->field->mo == COVEY_SCHC_MO_EQUAL;
}

static bool listed_but_sent(struct covey__lint_place *p)
{
    return p->field->cda == COVEY_SCHC_CDA_VALUE_SENT &&
           p->field->mo == COVEY_SCHC_MO_MATCH_MAPPING;
}

static bool compared_but_sent(struct covey__lint_place *p)
{
    return p->field->cda == COVEY_SCHC_CDA_VALUE_SENT &&
           p->field->mo == COVEY_SCHC_MO_MSB;
}

static bool unused_target(struct covey__lint_place *p)
{
    return p->field->value_count > 0 && p->field->mo == COVEY_SCHC_MO_IGNORE &&
           p->field->cda != COVEY_SCHC_CDA_NOT_SENT;
}

static bool msb_of_nothing(struct covey__lint_place *p)
{
    return p->field->mo == COVEY_SCHC_MO_MSB && p->field->msb == 0;
}

static bool msb_of_everything(struct covey__lint_place *p)
{
    const covey_schc_field *f = p->field;

    return f->mo == COVEY_SCHC_MO_MSB && f->length == COVEY_SCHC_FL_FIXED &&
           f->msb == f->bits;
}

static bool single_entry(struct covey__lint_place *p)
{
    return p->field->mo == COVEY_SCHC_MO_MATCH_MAPPING &&
           p->field->value_count == 1;
}

static bool same_value(const covey_schc_value *a, const covey_schc_value *b)
{
    return a->bits == b->bits &&
           covey_bits_equal(a->bytes, 0, b->bytes, 0, a->bits);
}

static bool duplicate_entry(struct covey__lint_place *p)
{
    const covey_schc_field *f = p->field;

    for (uint16_t i = 1; i < f->value_count; i++) {
        for (uint16_t j = 0; j < i; j++) {
            if (same_value(&f->values[i], &f->values[j])) {
                return true;
            }
        }
    }
    return false;
}

/* 5, 9, 17, ... entries: one less would take a bit less. For 3 that is too
 * common a list (CON, NON, ACK) to speak of. */
static bool entry_too_many(struct covey__lint_place *p)
{
    unsigned n = p->field->value_count - 1u;

    return p->field->mo == COVEY_SCHC_MO_MATCH_MAPPING && n >= 4 &&
           (n & (n - 1)) == 0;
}

static bool lossy(struct covey__lint_place *p)
{
    return p->rule->lossy && p->field->cda == COVEY_SCHC_CDA_NOT_SENT &&
           p->field->mo != COVEY_SCHC_MO_EQUAL;
}

static bool never_lossless(struct covey__lint_place *p)
{
    return !p->rule->lossy && p->field->cda == COVEY_SCHC_CDA_NOT_SENT &&
           p->field->mo != COVEY_SCHC_MO_EQUAL;
}

/* --- one descriptor: what the data model cannot say --- */

static bool longer_than_the_model(struct covey__lint_place *p)
{
    return p->field->length == COVEY_SCHC_FL_FIXED && p->field->bits > 255;
}

static bool without_identity(struct covey__lint_place *p)
{
    char buf[COVEY_SCHC_NAME_MAX];

    return p->field->id == COVEY_SCHC_OPTION &&
           p->field->option != COVEY_OPTION_OSCORE &&
           covey_schc_field_name(p->field->id, p->field->option, buf) == buf;
}

/* --- one descriptor: no packet has such a field --- */

/* Kinds of messages, by class of the code (RFC 7252 Section 3). */
enum {
    EMPTY = 1,
    REQUEST = 2,
    RESPONSE = 4,
    SIGNAL = 8,
    ANY_KIND = 15
};

static unsigned kind_of(unsigned class, bool zero_detail)
{
    if (class == 0) {
        return zero_detail ? EMPTY : REQUEST;
    }
    return class == 7 ? SIGNAL : RESPONSE;
}

static unsigned kinds_of_values(const covey_schc_field *f, bool whole)
{
    unsigned kinds = 0;

    if (f->mo != COVEY_SCHC_MO_EQUAL && f->mo != COVEY_SCHC_MO_MATCH_MAPPING) {
        return ANY_KIND;
    }
    for (uint16_t i = 0; i < f->value_count; i++) {
        uint32_t code = covey_bits_load(f->values[i].bytes, 0, whole ? 8 : 3);
        kinds |= whole ? kind_of(code >> 5, code == COVEY_COAP_EMPTY)
                       : kind_of(code, true) | kind_of(code, false);
    }
    return kinds;
}

/* What messages a rule is for in one direction, as far as its code tells. */
static unsigned kinds(const covey_schc_rule *rule, unsigned direction)
{
    const covey_schc_field *code =
        covey__lint_find(rule, COVEY_SCHC_COAP_CODE, direction);
    const covey_schc_field *class =
        covey__lint_find(rule, COVEY_SCHC_COAP_CODE_CLASS, direction);

    if (code) {
        return kinds_of_values(code, true);
    }
    return class ? kinds_of_values(class, false) : ANY_KIND;
}

/* Options that only requests, or only responses, have a use for: RFC 7252
 * Table 4 and Section 5.10; RFC 7967, 8768, 9175, 9668, draft-ietf-core-href
 * for the later ones. */
static unsigned option_kinds(uint16_t number)
{
    switch (number) {
    case COVEY_OPTION_IF_MATCH:
    case COVEY_OPTION_URI_HOST:
    case COVEY_OPTION_IF_NONE_MATCH:
    case COVEY_OPTION_URI_PORT:
    case COVEY_OPTION_URI_PATH:
    case COVEY_OPTION_URI_PATH_ABBREV:
    case COVEY_OPTION_URI_QUERY:
    case COVEY_OPTION_HOP_LIMIT:
    case COVEY_OPTION_ACCEPT:
    case COVEY_OPTION_EDHOC:
    case COVEY_OPTION_PROXY_URI:
    case COVEY_OPTION_PROXY_SCHEME:
    case COVEY_OPTION_PROXY_CRI:
    case COVEY_OPTION_PROXY_SCHEME_NUMBER:
    case COVEY_OPTION_NO_RESPONSE:
    case COVEY_OPTION_REQUEST_TAG:
        return REQUEST | SIGNAL;
    case COVEY_OPTION_LOCATION_PATH:
    case COVEY_OPTION_LOCATION_QUERY:
    case COVEY_OPTION_MAX_AGE:
        return RESPONSE | SIGNAL;
    default:
        return REQUEST | RESPONSE | SIGNAL;
    }
}

static bool wrong_kind(struct covey__lint_place *p)
{
    const covey_schc_field *f = p->field;
    unsigned allowed = f->id >= COVEY_SCHC_OPTION
                           ? option_kinds(f->option)
                           : REQUEST | RESPONSE | SIGNAL;

    if (f->id < COVEY_SCHC_OPTION) {
        return false;
    }
    for (unsigned d = COVEY_SCHC_UP; d <= COVEY_SCHC_DOWN; d++) {
        if ((f->direction & d) && (kinds(p->rule, d) & allowed)) {
            return false;
        }
    }
    return true;
}

/* A second instance without a first. A group counts as many as it covers. */
static bool gap_before(struct covey__lint_place *p)
{
    const covey_schc_field *f = p->field;
    unsigned directions = f->direction;

    if (f->id != COVEY_SCHC_OPTION || f->position <= 1) {
        return false;
    }
    for (uint16_t i = 0; i < p->rule->field_count; i++) {
        const covey_schc_field *g = &p->rule->fields[i];
        unsigned next = g->position + (g->segments ? g->segments : 1u);
        if (g->id == COVEY_SCHC_OPTION && g->option == f->option &&
            next == f->position) {
            directions &= ~(unsigned)g->direction;
        }
    }
    return directions != 0;
}

static bool outside_layout(struct covey__lint_place *p)
{
    return p->set->kudos == COVEY_KUDOS_SEED &&
           !(covey__lint_fixed(p->field) && p->field->values[0].bits == 0);
}

/* The flags of OSCORE say how long piv is and whether there are kid_ctx and
 * kid (RFC 8613 Section 6.1). */
static bool flags_refuse(const covey_schc_field *flags,
                         const covey_schc_field *f)
{
    uint16_t bits = f->values[0].bits;
    unsigned value = 0;

    if (flags->values[0].bits >= 8) {
        value = flags->values[0].bytes[0];
    }
    if (f->id == COVEY_SCHC_OSCORE_PIV) {
        return bits != (value & COVEY_OSCORE_FLAG_N) * 8;
    }
    if (f->id == COVEY_SCHC_OSCORE_KID_CTX) {
        return (bits > 0) != ((value & COVEY_OSCORE_FLAG_H) != 0);
    }
    return bits > 0 && !(value & COVEY_OSCORE_FLAG_K);
}

static bool contradicts_flags(struct covey__lint_place *p)
{
    const covey_schc_field *f = p->field;

    for (unsigned d = COVEY_SCHC_UP; d <= COVEY_SCHC_DOWN; d++) {
        const covey_schc_field *flags =
            covey__lint_find(p->rule, COVEY_SCHC_OSCORE_FLAGS, d);
        if ((f->direction & d) &&
            (!flags || !covey__lint_fixed(flags) || !covey__lint_fixed(f) ||
             !flags_refuse(flags, f))) {
            return false;
        }
    }
    return true;
}

/* --- one rule --- */

/* A field that each packet of these layers has. In one direction its absence
 * only says that the rule is not for that direction. */
static bool lacks_field(struct covey__lint_place *p)
{
    const covey_schc_rule *rule = p->rule;
    unsigned lacking = COVEY_SCHC_DI_BIDIRECTIONAL;

    if (rule->nature != COVEY_SCHC_COMPRESSION ||
        !(covey__schc_required(covey__lint_layers(rule)) &
          covey__schc_covers((uint8_t)p->number))) {
        return false;
    }
    for (uint16_t i = 0; i < rule->field_count; i++) {
        const covey_schc_field *f = &rule->fields[i];
        if (f->id < COVEY_SCHC_OPTION &&
            (covey__schc_covers(f->id) &
             covey__schc_covers((uint8_t)p->number))) {
            lacking &= ~(unsigned)f->direction;
        }
    }
    return lacking == COVEY_SCHC_DI_BIDIRECTIONAL;
}

static bool lacks_udp(struct covey__lint_place *p)
{
    return p->rule->nature == COVEY_SCHC_COMPRESSION &&
           (p->rule->layers & COVEY_SCHC_LAYER_IPV6) &&
           !(p->rule->layers & COVEY_SCHC_LAYER_UDP) &&
           (covey__lint_layers(p->rule) & COVEY_SCHC_LAYER_COAP);
}

static bool lacks_token(struct covey__lint_place *p)
{
    for (unsigned d = COVEY_SCHC_UP; d <= COVEY_SCHC_DOWN; d++) {
        const covey_schc_field *tkl =
            covey__lint_find(p->rule, COVEY_SCHC_COAP_TKL, d);
        if (tkl && !covey__lint_find(p->rule, COVEY_SCHC_COAP_TOKEN, d) &&
            !(covey__lint_fixed(tkl) && covey__lint_admits(tkl, 0, 4))) {
            return true;
        }
    }
    return false;
}

/* 8824-update-09 Section 6.4 wants each subfield described, the absent ones
 * as empty. */
static bool lacks_subfield(struct covey__lint_place *p)
{
    for (unsigned d = COVEY_SCHC_UP; d <= COVEY_SCHC_DOWN; d++) {
        if (covey__lint_find(p->rule, COVEY_SCHC_OSCORE_FLAGS, d) &&
            !covey__lint_find(p->rule, (uint8_t)p->number, d)) {
            return true;
        }
    }
    return false;
}

static bool needlessly_lossy(struct covey__lint_place *p)
{
    for (uint16_t i = 0; i < p->rule->field_count; i++) {
        const covey_schc_field *f = &p->rule->fields[i];
        if (f->cda == COVEY_SCHC_CDA_NOT_SENT &&
            f->mo != COVEY_SCHC_MO_EQUAL) {
            return false;
        }
    }
    return p->rule->lossy;
}

static bool second_no_compression(struct covey__lint_place *p)
{
    for (uint16_t i = 0; i < p->at_rule; i++) {
        if (p->rule->nature == COVEY_SCHC_NO_COMPRESSION &&
            p->set->rules[i].nature == COVEY_SCHC_NO_COMPRESSION) {
            p->other = i;
            return true;
        }
    }
    return false;
}

/* --- the set --- */

static bool no_way_out(struct covey__lint_place *p)
{
    for (uint16_t i = 0; i < p->set->count; i++) {
        if (p->set->rules[i].nature == COVEY_SCHC_NO_COMPRESSION) {
            return false;
        }
    }
    return true;
}

static const char rfc8724[] = "RFC 8724";
static const char rfc9363[] = "RFC 9363";
static const char update[] = "draft-ietf-schc-8824-update-09";

/* clang-format off */
#define FIELD(predicate, text, document, section) \
    { COVEY__LINT_BOTH, COVEY_SCHC_NOTE, COVEY__LINT_FIELD, 0, \
      predicate, text, document, section }
#define ONE(id, option, predicate, text, document, section) \
    { COVEY__LINT_BOTH, COVEY_SCHC_NOTE, id, option, \
      predicate, text, document, section }
#define RULE(number, predicate, text, document, section) \
    { COVEY__LINT_BOTH, COVEY_SCHC_NOTE, COVEY__LINT_RULE, number, \
      predicate, text, document, section }
#define LACKS(id, name) \
    RULE(id, lacks_field, "no descriptor for fid-" name \
         ", which every packet has: the rule never matches", rfc8724, "7.2")
#define PART(id, name) \
    RULE(id, lacks_subfield, "no descriptor for the OSCORE subfield " name \
         "; an absent one is described as empty, equal, not-sent", \
         update, "6.4")

const struct covey__lint_check covey__lint_notes[] = {
    FIELD(known_but_sent,
          "the value is known from the rule and is sent all the same: "
          "not-sent would do", rfc8724, "7.4.3"),
    FIELD(listed_but_sent,
          "the value is in the list and is sent all the same: mapping-sent "
          "would do", rfc8724, "7.4.5"),
    FIELD(compared_but_sent,
          "the leading bits are known and are sent all the same: LSB would "
          "do", rfc8724, "7.4.6"),
    FIELD(unused_target, "the target value is never looked at",
          rfc8724, "7.3"),
    FIELD(msb_of_nothing, "MSB of 0 bits compares nothing: the same as "
          "ignore with value-sent", rfc8724, "7.3"),
    FIELD(msb_of_everything, "MSB of the whole field leaves no bits to send: "
          "the same as equal with not-sent", rfc8724, "7.3"),
    FIELD(single_entry, "a list of one entry: equal with not-sent says the "
          "same, and peers disagree on the size of its index",
          rfc8724, "7.4.5"),
    FIELD(duplicate_entry, "the list has the same value twice",
          rfc8724, "7.4.5"),
    FIELD(entry_too_many, "one entry less would make the index a bit "
          "shorter", rfc8724, "7.4.5"),
    FIELD(lossy, "the value does not come back: lossy", rfc8724, "7.4.3"),
    FIELD(never_lossless, "the value would not come back and the rule is not "
          "lossy: it never matches", rfc8724, "7.4.3"),
    FIELD(longer_than_the_model, "field-length is a uint8: longer fields "
          "have a variable length there", rfc9363, "6"),
    FIELD(without_identity, "the option has no identity, so a peer may not "
          "know this rule's field", rfc9363, "6"),
    FIELD(wrong_kind, "no message with this rule's code has this option: "
          "the rule never matches", "RFC 7252", "5.10"),
    FIELD(gap_before, "a later instance of an option whose earlier one has "
          "no descriptor: the rule never matches", rfc8724, "7.2"),
    ONE(COVEY_SCHC_OSCORE_Y, COVEY_OPTION_OSCORE, outside_layout,
        "y exists only in the layout of kudos-14",
        "draft-ietf-core-oscore-key-update-14", "ietf-schc-coap-kudos"),
    ONE(COVEY_SCHC_OSCORE_OLD_NONCE, COVEY_OPTION_OSCORE, outside_layout,
        "old_nonce exists only in the layout of kudos-14",
        "draft-ietf-core-oscore-key-update-14", "ietf-schc-coap-kudos"),
    ONE(COVEY_SCHC_OSCORE_PIV, COVEY_OPTION_OSCORE, contradicts_flags,
        "the flags say another length (n): the rule never matches",
        "RFC 8613", "6.1"),
    ONE(COVEY_SCHC_OSCORE_KID_CTX, COVEY_OPTION_OSCORE, contradicts_flags,
        "the flags (h) contradict: the rule never matches",
        "RFC 8613", "6.1"),
    ONE(COVEY_SCHC_OSCORE_KID, COVEY_OPTION_OSCORE, contradicts_flags,
        "the flags (k) say that there is none: the rule never matches",
        "RFC 8613", "6.1"),

    LACKS(COVEY_SCHC_IPV6_VERSION, "ipv6-version"),
    LACKS(COVEY_SCHC_IPV6_DS, "ipv6-trafficclass, or its part DS"),
    LACKS(COVEY_SCHC_IPV6_ECN, "ipv6-trafficclass, or its part ECN"),
    LACKS(COVEY_SCHC_IPV6_FLOW_LABEL, "ipv6-flowlabel"),
    LACKS(COVEY_SCHC_IPV6_PAYLOAD_LENGTH, "ipv6-payload-length"),
    LACKS(COVEY_SCHC_IPV6_NEXT_HEADER, "ipv6-nextheader"),
    LACKS(COVEY_SCHC_IPV6_HOP_LIMIT, "ipv6-hoplimit"),
    LACKS(COVEY_SCHC_IPV6_DEV_PREFIX, "ipv6-devprefix"),
    LACKS(COVEY_SCHC_IPV6_DEV_IID, "ipv6-deviid"),
    LACKS(COVEY_SCHC_IPV6_APP_PREFIX, "ipv6-appprefix"),
    LACKS(COVEY_SCHC_IPV6_APP_IID, "ipv6-appiid"),
    LACKS(COVEY_SCHC_UDP_DEV_PORT, "udp-dev-port"),
    LACKS(COVEY_SCHC_UDP_APP_PORT, "udp-app-port"),
    LACKS(COVEY_SCHC_UDP_LENGTH, "udp-length"),
    LACKS(COVEY_SCHC_UDP_CHECKSUM, "udp-checksum"),
    LACKS(COVEY_SCHC_COAP_VERSION, "coap-version"),
    LACKS(COVEY_SCHC_COAP_TYPE, "coap-type"),
    LACKS(COVEY_SCHC_COAP_TKL, "coap-tkl"),
    LACKS(COVEY_SCHC_COAP_CODE_CLASS, "coap-code, or its part class"),
    LACKS(COVEY_SCHC_COAP_CODE_DETAIL, "coap-code, or its part detail"),
    LACKS(COVEY_SCHC_COAP_MID, "coap-mid"),
    RULE(0, lacks_udp, "IPv6 and CoAP, but nothing of UDP between them: the "
         "rule never matches", rfc8724, "7.2"),
    RULE(0, lacks_token, "the token's length may be above 0, but there is no "
         "descriptor for the token", update, "4.6"),
    PART(COVEY_SCHC_OSCORE_PIV, "piv"),
    PART(COVEY_SCHC_OSCORE_KID_CTX, "kid_ctx"),
    PART(COVEY_SCHC_OSCORE_KID, "kid"),
    RULE(0, needlessly_lossy, "lossy is permitted, but no descriptor is",
         rfc8724, "7.4.3"),
    RULE(0, second_no_compression, "an earlier no-compression rule is always "
         "taken instead", rfc8724, "6"),
    RULE(0, covey__lint_long_rule_id, "the RuleID could do without its last "
         "bit and still be told from all others", rfc8724, "6"),
    RULE(0, covey__lint_unreachable, "an earlier rule takes every packet that "
         "this one could: it is never used", rfc8724, "7.2"),
    { COVEY__LINT_BOTH, COVEY_SCHC_NOTE, COVEY__LINT_SET, 0, no_way_out,
      "no no-compression rule: a packet that no rule fits cannot be sent",
      rfc8724, "6" },
};
/* clang-format on */

const uint32_t covey__lint_note_count =
    sizeof covey__lint_notes / sizeof covey__lint_notes[0];
