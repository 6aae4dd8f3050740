/* SPDX-License-Identifier: BSD-2-Clause */
/* covey-audit mandate show: what was signed, for a person; mandate_json.c has
 * it for a program. That the signatures are right is checked, who owns the
 * networks is not. */
#include "audit.h"

#include <system_address.h>
#include <text.h>

#include <inttypes.h>
#include <string.h>

/* --- for a person -------------------------------------------------------- */

static void print_party(const char *what, const mandate_party *p)
{
    char key[MANDATE_KEY_TEXT_MAX];

    printf("%-14s %s, %s (%s)\n               %s\n", what, p->natural,
           p->legal, p->role, mandate_key_text(&p->key, key));
}

static void print_scope(const mandate_terms *t, const covey_audit_document *d)
{
    char net[AUDIT_NET_TEXT_MAX];

    for (size_t i = 0; i < d->scope_count; i++) {
        const covey_audit_range *r = &t->ranges[i];
        printf("scope          %s: %s %s, ports %u-%u", t->clauses[i],
               audit_protocol_text(r->protocol), audit_net_text(r, net),
               r->first, r->last);
        if (r->responders != 0) {
            printf(", up to %u answers", r->responders);
        }
        putchar('\n');
    }
    for (size_t i = 0; i < d->exclude_count; i++) {
        const covey_audit_range *r = &t->excluded[i];
        printf("excluded       %s %s, ports %u-%u\n",
               audit_protocol_text(r->protocol), audit_net_text(r, net),
               r->first, r->last);
    }
}

static void print_rights(const mandate_terms *t, const covey_audit_document *d)
{
    static const char *const modes[] = { "black (boîte noire)",
                                         "white (boîte blanche)",
                                         "account (compte utilisateur)" };
    char from[TEXT_TIME_MAX];
    char to[TEXT_TIME_MAX];

    for (size_t i = 0; i < d->window_count; i++) {
        printf("window         %s to %s\n",
               text_time(d->windows[i].from, from),
               text_time(d->windows[i].to, to));
    }
    printf("mode           %s\ntechniques    ", modes[d->mode]);
    for (int i = 0; i < COVEY_AUDIT_TECHNIQUES; i++) {
        if ((d->techniques >> i & 1) != 0) {
            printf(" %s",
                   covey_audit_technique_get((covey_audit_technique)i)->name);
        }
    }
    printf("\nlimits         %" PRIu32 " packets/s, %" PRIu32
           " bytes/s, %" PRIu32 " packets per target, %" PRIu32
           " acts at a time\n",
           d->limits.packets_s, d->limits.bytes_s,
           d->limits.packets_per_target, d->limits.parallel);
    printf("               stop if a target is silent for %" PRIu32 " s\n",
           t->stop_if_silent_s);
}

static void print_radio(const mandate_terms *t)
{
    for (size_t i = 0; i < t->radio_count; i++) {
        const mandate_radio *r = &t->radio[i];
        printf("radio          %s: %" PRIu32 " bit/s, duty cycle %" PRIu32
               ".%" PRIu32 " %%\n",
               r->clause, r->bits_s, r->duty_permille / 10,
               r->duty_permille % 10);
    }
}

static void print_all(const mandate_terms *t, const covey_audit_mandate *gate)
{
    const covey_audit_document *d = &gate->documents[0];

    printf("mandate        %s%s\n", t->id,
           gate->withdrawn ? " - WITHDRAWN" : "");
    print_party("principal", &t->principal);
    print_party("auditor", &t->auditor);
    for (size_t i = 0; i < t->third_party_count; i++) {
        print_party("third party", &t->third_parties[i]);
    }
    printf("contract       %s; NDA %s", t->contract, t->nda);
    if (t->nda_reason != NULL) {
        printf(" (%s)", t->nda_reason);
    }
    printf("; %s\n", t->liability_clause);
    printf("reason         %s\n", t->legitimate_reason);
    printf("jurisdictions ");
    for (size_t i = 0; i < t->jurisdiction_count; i++) {
        printf(" %s", t->jurisdictions[i]);
    }
    printf("\nvantage        %s\n", t->vantage);
    print_scope(t, d);
    print_rights(t, d);
    print_radio(t);
    printf("data           capture %s, kept %" PRIu32 " days, TLP:%s\n",
           t->data.capture, t->data.retention_days, t->data.tlp);
    printf("amendments     %zu\n", gate->count - 1);
}

static int show(const audit_args *a, const mandate *m, void *user)
{
    const covey_audit_mandate gate = mandate_gate(m);

    (void)user;
    if (a->json) {
        audit_print_json(audit_mandate_json(m));
    } else {
        print_all(mandate_read(m), &gate);
    }
    return AUDIT_DONE;
}

int cmd_mandate_show(int argc, char **argv)
{
    static const audit_usage usage = {
        "mandate show", "--json ", "[--json] MANDATE [AMENDMENT|WITHDRAWAL...]"
    };
    audit_args a;
    const int status = audit_args_read(argc, argv, &usage, &a);

    if (status != AUDIT_DONE || a.help) {
        return status;
    }
    if (a.file_count < 1) {
        return audit_fail("mandate show", AUDIT_USAGE,
                          "expected a mandate, and what was added to it");
    }
    return audit_with_mandate(&a, usage.verb, show, NULL);
}
