/* SPDX-License-Identifier: BSD-2-Clause */
/* What documents demand of rules with MUST and SHOULD.
 *
 * Two profiles. That of the seed is RFC 8824 as draft-tiloca-schc-8824-
 * update-00 updates it, and in addition whatever its successor, draft-ietf-
 * schc-8824-update-09, demands of every rule: so what the seed's profile
 * accepts, the successor's accepts too. Each row names the document that
 * says so. "Sent" below is the phrase of these documents: TV not set, MO
 * ignore, CDA value-sent. */
#include "lint_internal.h"

static bool is_mapped(const covey_schc_field *f)
{
    return f->mo == COVEY_SCHC_MO_MATCH_MAPPING &&
           f->cda == COVEY_SCHC_CDA_MAPPING_SENT;
}

static bool not_sent(struct covey__lint_place *p)
{
    return !covey__lint_sent(p->field);
}

static bool not_elided(struct covey__lint_place *p)
{
    return !covey__lint_fixed(p->field);
}

static bool not_empty(struct covey__lint_place *p)
{
    return !covey__lint_fixed(p->field) || p->field->values[0].bits != 0;
}

static bool not_sent_nor_sixteen(struct covey__lint_place *p)
{
    const covey_schc_field *f = p->field;

    return not_sent(p) && !(covey__lint_fixed(f) && f->values[0].bits == 8 &&
                            f->values[0].bytes[0] == 16);
}

static bool not_sent_nor_lsb(struct covey__lint_place *p)
{
    return not_sent(p) && !(p->field->mo == COVEY_SCHC_MO_MSB &&
                            p->field->cda == COVEY_SCHC_CDA_LSB);
}

static bool not_sent_nor_mapped(struct covey__lint_place *p)
{
    return not_sent(p) && !is_mapped(p->field);
}

static bool not_sent_mapped_nor_elided(struct covey__lint_place *p)
{
    return not_sent_nor_mapped(p) && not_elided(p);
}

/* A subfield may also be absent: then it is described as empty. */
static bool not_sent_nor_empty(struct covey__lint_place *p)
{
    return not_sent(p) && not_empty(p);
}

/* A residue whose length the decompressor does not get from the field that
 * already holds it. */
static bool sent_without_function(struct covey__lint_place *p)
{
    const covey_schc_field *f = p->field;

    return (f->cda == COVEY_SCHC_CDA_VALUE_SENT ||
            f->cda == COVEY_SCHC_CDA_LSB) &&
           f->length < COVEY_SCHC_FL_TKL;
}

static bool counts_bits(struct covey__lint_place *p)
{
    return p->field->length == COVEY_SCHC_FL_VAR_BIT;
}

static bool splits_a_byte(struct covey__lint_place *p)
{
    return p->field->mo == COVEY_SCHC_MO_MSB && p->field->msb % 8 != 0;
}

static bool whole(struct covey__lint_place *p)
{
    (void)p;
    return true;
}

/* Where a field stands in a message, in steps that do not depend on the
 * direction: addresses and ports of device and application share one. */
static uint32_t rank(const covey_schc_field *f)
{
    if (f->id >= COVEY_SCHC_OPTION) {
        uint32_t part = f->id - (uint32_t)COVEY_SCHC_OPTION;
        uint32_t instance = part ? part : f->position;
        return BIT(8) + ((uint32_t)f->option << 8) + instance;
    }
    if (f->id == COVEY_SCHC_PAYLOAD) {
        return UINT32_MAX;
    }
    if (f->id >= COVEY_SCHC_IPV6_DEV_PREFIX &&
        f->id <= COVEY_SCHC_IPV6_APP_IID) {
        return COVEY_SCHC_IPV6_DEV_PREFIX;
    }
    return f->id == COVEY_SCHC_UDP_APP_PORT ? COVEY_SCHC_UDP_DEV_PORT : f->id;
}

/* The nearest descriptor before this one that shares a direction with it and
 * stands for something later in the message; NULL if all is in order. */
static const covey_schc_field *later_before(const struct covey__lint_place *p)
{
    unsigned directions = p->field->direction;

    for (uint16_t i = p->at_field; i > 0 && directions != 0; i--) {
        const covey_schc_field *f = &p->rule->fields[i - 1];
        if ((f->direction & directions) && rank(f) > rank(p->field)) {
            return f;
        }
        directions &= ~(unsigned)f->direction;
    }
    return NULL;
}

static bool header_after_option(struct covey__lint_place *p)
{
    const covey_schc_field *f = later_before(p);

    return f && p->field->id < COVEY_SCHC_PAYLOAD &&
           f->id >= COVEY_SCHC_OPTION;
}

static bool header_out_of_order(struct covey__lint_place *p)
{
    const covey_schc_field *f = later_before(p);

    return f && p->field->id < COVEY_SCHC_PAYLOAD && f->id < COVEY_SCHC_OPTION;
}

static bool option_out_of_order(struct covey__lint_place *p)
{
    const covey_schc_field *f = later_before(p);

    return f && p->field->id >= COVEY_SCHC_OPTION &&
           f->option != p->field->option;
}

static bool instance_out_of_order(struct covey__lint_place *p)
{
    const covey_schc_field *f = later_before(p);

    return f && p->field->id == COVEY_SCHC_OPTION &&
           f->option == p->field->option;
}

static bool subfield_out_of_order(struct covey__lint_place *p)
{
    const covey_schc_field *f = later_before(p);

    return f && p->field->id > COVEY_SCHC_OPTION &&
           f->option == p->field->option;
}

/* In requests the option says only register, 0, or deregister, 1 (RFC 7641
 * Section 2): both are known beforehand. */
static bool observe_number_not_sent(struct covey__lint_place *p)
{
    const covey_schc_field *f = p->field;
    bool request = covey__lint_fixed(f) || is_mapped(f);

    for (uint16_t i = 0; request && i < f->value_count; i++) {
        const covey_schc_value *v = &f->values[i];
        request = v->bits == 0 || (v->bits == 8 && v->bytes[0] <= 1);
    }
    return not_sent(p) && !request;
}

/* Could a Reset pass, RFC 7252 Section 4.3: type 3, code 0.00, no options? */
static bool takes_reset(const covey_schc_rule *rule, unsigned direction)
{
    const covey_schc_field *type =
        covey__lint_find(rule, COVEY_SCHC_COAP_TYPE, direction);
    const covey_schc_field *code =
        covey__lint_find(rule, COVEY_SCHC_COAP_CODE, direction);
    const covey_schc_field *class =
        covey__lint_find(rule, COVEY_SCHC_COAP_CODE_CLASS, direction);

    for (uint16_t i = 0; i < rule->field_count; i++) {
        if (rule->fields[i].id >= COVEY_SCHC_OPTION &&
            (rule->fields[i].direction & direction)) {
            return false;
        }
    }
    return type && covey__lint_admits(type, COVEY_COAP_RST, 2) &&
           ((code && covey__lint_admits(code, COVEY_COAP_EMPTY, 8)) ||
            (class && covey__lint_admits(class, 0, 3)));
}

/* Who observes refuses a notification with a Reset: one rule should have
 * room for it. Only where message types are compressed at all. */
static bool observe_without_reset(struct covey__lint_place *p)
{
    bool observes = false;

    for (uint16_t r = 0; r < p->set->count; r++) {
        const covey_schc_rule *rule = &p->set->rules[r];
        if (takes_reset(rule, COVEY_SCHC_UP) ||
            takes_reset(rule, COVEY_SCHC_DOWN)) {
            return false;
        }
        for (uint16_t i = 0; i < rule->field_count && !observes; i++) {
            if (rule->fields[i].id == COVEY_SCHC_OPTION &&
                rule->fields[i].option == COVEY_OPTION_OBSERVE &&
                (rule->layers & COVEY_SCHC_LAYER_COAP) &&
                covey__lint_find(rule, COVEY_SCHC_COAP_TYPE,
                                 COVEY_SCHC_DI_BIDIRECTIONAL)) {
                observes = true;
                p->at_rule = r;
                p->at_field = i;
            }
        }
    }
    p->other = p->at_rule;
    return observes;
}

static const char sent[] =
    "the value has to be sent: target value not set, ignore, value-sent";
static const char empty[] =
    "the option is always empty: target value of no bytes, equal, not-sent";
static const char three_ways[] =
    "sent (no target value, ignore, value-sent), or match-mapping, or equal "
    "with not-sent";
static const char seed[] = "draft-tiloca-schc-8824-update-00";
static const char update[] = "draft-ietf-schc-8824-update-09";
static const char rfc8824[] = "RFC 8824";
static const char kudos[] = "draft-ietf-core-oscore-key-update-14";

/* clang-format off */
#define SEED COVEY__LINT_SEED
#define U09  COVEY__LINT_09
#define BOTH COVEY__LINT_BOTH
#define MUST   COVEY_SCHC_MUST
#define SHOULD COVEY_SCHC_SHOULD
#define NOTE   COVEY_SCHC_NOTE
#define OPTION(name) COVEY_SCHC_OPTION, COVEY_OPTION_##name
#define HEADER(name) COVEY_SCHC_COAP_##name, 0
#define OSCORE(name) COVEY_SCHC_OSCORE_##name, COVEY_OPTION_OSCORE
#define ANY COVEY__LINT_FIELD, 0

const struct covey__lint_check covey__lint_demands[] = {
    /* the header */
    { BOTH, MUST, HEADER(VERSION), not_elided,
      "the version is always 1 and is elided: equal, not-sent",
      update, "4.1" },
    { BOTH, NOTE, HEADER(TKL), not_sent_mapped_nor_elided, three_ways,
      update, "4.3" },
    { SEED, MUST, HEADER(TOKEN), sent_without_function,
      "the token's residue has no size of its own: field length is the "
      "function tkl (fl-token-length)", rfc8824, "4.5" },
    { U09, MUST, HEADER(TOKEN), sent_without_function,
      "the token's residue has no size of its own: field length is the "
      "function tkl (fl-token-length)", update, "4.6" },

    /* order */
    { BOTH, MUST, ANY, header_after_option,
      "descriptors of header fields stand before those of options",
      update, "5.1" },
    { BOTH, MUST, ANY, header_out_of_order,
      "descriptors of header fields stand in the order of the message",
      update, "4" },
    { BOTH, MUST, ANY, option_out_of_order,
      "descriptors of options stand in the order of option numbers",
      update, "5.1" },
    { BOTH, MUST, ANY, instance_out_of_order,
      "descriptors of one option stand in the order of its instances",
      update, "5.1" },
    { BOTH, MUST, ANY, subfield_out_of_order,
      "OSCORE subfields stand in the order of the option value: flags, piv, "
      "kid_ctx, x, nonce, y, old_nonce, kid", update, "6.4" },

    /* options of RFC 7252 */
    { SEED, MUST, OPTION(IF_MATCH), not_sent, sent, rfc8824, "5.5" },
    { SEED, MUST, OPTION(ETAG), not_sent, sent, rfc8824, "5.5" },
    { U09, NOTE, OPTION(IF_MATCH), not_sent_nor_mapped,
      "sent, or match-mapping over values that the server is known to use",
      update, "5.8" },
    { U09, NOTE, OPTION(ETAG), not_sent_nor_mapped,
      "sent, or match-mapping over values that the server is known to use",
      update, "5.8" },
    { BOTH, MUST, OPTION(IF_NONE_MATCH), not_empty, empty, update, "5.9" },
    { SEED, MUST, OPTION(LOCATION_PATH), not_sent, sent, rfc8824, "5.5" },
    { SEED, MUST, OPTION(LOCATION_QUERY), not_sent, sent, rfc8824, "5.5" },
    { U09, MUST, OPTION(LOCATION_PATH), not_sent, sent, update, "5.7" },
    { U09, MUST, OPTION(LOCATION_QUERY), not_sent, sent, update, "5.7" },
    { SEED, MUST, OPTION(URI_PATH), counts_bits,
      "a variable length counts bytes (fl-variable)", rfc8824, "5.3" },
    { SEED, MUST, OPTION(URI_QUERY), counts_bits,
      "a variable length counts bytes (fl-variable)", rfc8824, "5.3" },
    { SEED, MUST, OPTION(URI_PATH), splits_a_byte,
      "the argument of MSB is a multiple of 8", rfc8824, "5.3" },
    { SEED, MUST, OPTION(URI_QUERY), splits_a_byte,
      "the argument of MSB is a multiple of 8", rfc8824, "5.3" },
    { U09, MUST, OPTION(URI_PATH), counts_bits,
      "a variable length counts bytes (fl-variable)", update, "5.4" },
    { U09, MUST, OPTION(URI_QUERY), counts_bits,
      "a variable length counts bytes (fl-variable)", update, "5.4" },
    { U09, MUST, OPTION(URI_PATH), splits_a_byte,
      "the argument of MSB is a multiple of 8", update, "5.4" },
    { U09, MUST, OPTION(URI_QUERY), splits_a_byte,
      "the argument of MSB is a multiple of 8", update, "5.4" },
    { SEED, NOTE, OPTION(SIZE1), not_sent_mapped_nor_elided, three_ways,
      seed, "2.1" },
    { SEED, NOTE, OPTION(SIZE2), not_sent_mapped_nor_elided, three_ways,
      seed, "2.1" },
    { SEED, NOTE, OPTION(PROXY_URI), not_sent_mapped_nor_elided, three_ways,
      seed, "2.1" },
    { SEED, NOTE, OPTION(PROXY_SCHEME), not_sent_mapped_nor_elided,
      three_ways, seed, "2.1" },
    { U09, NOTE, OPTION(SIZE1), not_sent_mapped_nor_elided, three_ways,
      update, "5.5" },
    { U09, NOTE, OPTION(SIZE2), not_sent_mapped_nor_elided, three_ways,
      update, "5.5" },
    { U09, NOTE, OPTION(PROXY_URI), not_sent_mapped_nor_elided, three_ways,
      update, "5.5" },
    { U09, NOTE, OPTION(PROXY_SCHEME), not_sent_mapped_nor_elided,
      three_ways, update, "5.5" },
    { BOTH, NOTE, OPTION(PROXY_CRI), not_sent_mapped_nor_elided, three_ways,
      update, "5.6" },
    { BOTH, NOTE, OPTION(PROXY_SCHEME_NUMBER), not_sent_mapped_nor_elided,
      three_ways, update, "5.6" },

    /* options that came later */
    { SEED, MUST, OPTION(HOP_LIMIT), not_sent, sent, seed, "2.2" },
    { U09, SHOULD, OPTION(HOP_LIMIT), not_sent_nor_sixteen,
      "sent, or the default of 16 with equal, not-sent", update, "5.10" },
    { SEED, MUST, OPTION(ECHO), not_sent, sent, seed, "2.3" },
    { U09, SHOULD, OPTION(ECHO), not_sent_nor_lsb,
      "sent, or MSB with LSB where the server counts", update, "5.11" },
    { SEED, MUST, OPTION(REQUEST_TAG), not_sent, sent, seed, "2.4" },
    { U09, NOTE, OPTION(REQUEST_TAG), not_sent_nor_mapped,
      "sent, or match-mapping over tags that the client is known to use",
      update, "5.12" },
    { SEED, MUST, OPTION(EDHOC), not_empty, empty, seed, "2.5" },
    { U09, MUST, OPTION(EDHOC), not_empty, empty, update, "5.13" },
    { SEED, MUST, OPTION(BLOCK1), not_sent, sent, seed, "3.1" },
    { SEED, MUST, OPTION(BLOCK2), not_sent, sent, seed, "3.1" },
    { SEED, MUST, OPTION(Q_BLOCK1), not_sent, sent, seed, "3.1" },
    { SEED, MUST, OPTION(Q_BLOCK2), not_sent, sent, seed, "3.1" },
    { U09, MUST, OPTION(BLOCK1), not_sent, sent, update, "6.1" },
    { U09, MUST, OPTION(BLOCK2), not_sent, sent, update, "6.1" },
    { U09, MUST, OPTION(Q_BLOCK1), not_sent, sent, update, "6.1" },
    { U09, MUST, OPTION(Q_BLOCK2), not_sent, sent, update, "6.1" },
    { BOTH, NOTE, OPTION(OBSERVE), observe_number_not_sent,
      "the number of a notification has to be sent: target value not set, "
      "ignore, value-sent", update, "6.2" },
    { BOTH, SHOULD, COVEY__LINT_SET, 0, observe_without_reset,
      "notifications are compressed, but no rule takes the Reset that "
      "refuses one", update, "6.2" },
    { BOTH, NOTE, OPTION(NO_RESPONSE), not_sent_mapped_nor_elided,
      three_ways, update, "6.3" },

    /* OSCORE and KUDOS */
    { BOTH, SHOULD, OPTION(OSCORE), whole,
      "the OSCORE option is split into its subfields", update, "6.4" },
    { BOTH, MUST, OSCORE(PIV), sent_without_function,
      "the Partial IV's residue has no size of its own: field length is the "
      "function osc.piv (fl-oscore-piv-length)", update, "6.4" },
    { BOTH, NOTE, OSCORE(X), not_sent_mapped_nor_elided, three_ways,
      seed, "3.2" },
    { BOTH, MUST, OSCORE(NONCE), sent_without_function,
      "the nonce's residue has no size of its own: field length is the "
      "function osc.x.m (fl-oscore-oscore-nonce-length)", seed, "3.2" },
    { BOTH, MUST, OSCORE(NONCE), not_sent_nor_empty,
      "the nonce is sent (no target value, ignore, value-sent), or absent "
      "(empty, equal, not-sent)", seed, "3.2" },
    { BOTH, MUST, OSCORE(OLD_NONCE), sent_without_function,
      "the old nonce's residue has no size of its own: field length is the "
      "function osc.y.w (fl-oscore-oscore-oldnonce-length)",
      kudos, "ietf-schc-coap-kudos" },
    { BOTH, MUST, OSCORE(OLD_NONCE), not_sent_nor_empty,
      "the old nonce is sent (no target value, ignore, value-sent), or "
      "absent (empty, equal, not-sent)", kudos, "ietf-schc-coap-kudos" },
};
/* clang-format on */

const uint32_t covey__lint_demand_count =
    sizeof covey__lint_demands / sizeof covey__lint_demands[0];
