/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared by the files of the rule checker: lint.c walks, lint_demands.c holds
 * what documents demand, lint_notes.c what is allowed but hardly meant,
 * lint_reach.c compares rules with each other.
 *
 * A check is one row of a table: whom it concerns, a predicate that is true
 * if there is something to say, and what to say. Predicates look at one place
 * in a rule set and store nothing. */
#ifndef COVEY_CORE_SCHC_LINT_INTERNAL_H
#define COVEY_CORE_SCHC_LINT_INTERNAL_H

#include "schc_internal.h"

#define COVEY__LINT_SEED BIT(COVEY_SCHC_PROFILE_SEED)
#define COVEY__LINT_09   BIT(COVEY_SCHC_PROFILE_09)
#define COVEY__LINT_BOTH (COVEY__LINT_SEED | COVEY__LINT_09)

/* Instead of a field id: any field, the rule as such, the set as such. For
 * checks of a rule `number` is the argument of the predicate. */
enum {
    COVEY__LINT_FIELD = COVEY_SCHC_FIELD_IDS,
    COVEY__LINT_RULE,
    COVEY__LINT_SET
};

/* What a predicate looks at, and may point to. */
struct covey__lint_place {
    const covey_schc_rules *set;
    const covey_schc_rule *rule;   /* of a set check: not used */
    const covey_schc_field *field; /* of a field check */
    uint16_t number;               /* of the row */
    uint16_t at_rule;
    uint16_t at_field;
    uint16_t other; /* a rule; set by predicates that compare rules */
};

struct covey__lint_check {
    uint8_t profiles;
    uint8_t severity;
    uint8_t id;      /* field id, or one of the above */
    uint16_t number; /* option number if id is COVEY_SCHC_OPTION */
    bool (*applies)(struct covey__lint_place *p);
    const char *text;
    const char *document;
    const char *section;
};

extern const struct covey__lint_check covey__lint_demands[];
extern const uint32_t covey__lint_demand_count;
extern const struct covey__lint_check covey__lint_notes[];
extern const uint32_t covey__lint_note_count;

/* --- what several predicates ask --- */

/* TV not set, ignore, value-sent. */
bool covey__lint_sent(const covey_schc_field *f);
/* One TV, equal, not-sent. */
bool covey__lint_fixed(const covey_schc_field *f);
/* Does the matching operator let this value pass? */
bool covey__lint_admits(const covey_schc_field *f, uint32_t value,
                        unsigned bits);
/* The descriptor of a header field or OSCORE subfield in one direction, or
 * NULL. */
const covey_schc_field *covey__lint_find(const covey_schc_rule *rule,
                                         uint8_t id, unsigned direction);

/* The layers that a rule is meant for. Of CoAP itself and the plaintext of
 * OSCORE it can only be one: the latter, if no field says otherwise. */
unsigned covey__lint_layers(const covey_schc_rule *rule);
/* Has it every header field that a packet of this direction has? */
bool covey__lint_complete(const covey_schc_rule *rule, unsigned direction);

/* --- lint_reach.c --- */

/* No packet gets to this rule: an earlier one takes all that it could. */
bool covey__lint_unreachable(struct covey__lint_place *p);
/* The RuleID without its last bit would still be told from all others. */
bool covey__lint_long_rule_id(struct covey__lint_place *p);

#endif
