/* SPDX-License-Identifier: BSD-2-Clause */
/* covey-audit mandate show: what was signed, for a person, all of it and in
 * his language; mandate_json.c has it for a program. That the signatures are
 * right is checked, who owns the networks is not. */
#include "audit.h"
#include "report.h"

#include <system_address.h>
#include <text.h>

#include <inttypes.h>
#include <string.h>

/* --- for a person -------------------------------------------------------- */

enum {
    LABEL = 15 /* columns */
};

typedef struct sheet {
    bool is_french;
} sheet;

static const char *say(const sheet *s, const char *en, const char *fr)
{
    return s->is_french ? fr : en;
}

/* The name of what follows; accents take two bytes and one column. */
static void label(const sheet *s, const char *en, const char *fr)
{
    const char *text = say(s, en, fr);
    int columns = 0;

    for (const char *at = text; *at != '\0'; at++) {
        columns += ((unsigned char)*at & 0xc0) != 0x80;
    }
    printf("%s%*s", text, columns < LABEL ? LABEL - columns : 1, "");
}

static void print_party(const sheet *s, const mandate_party *p)
{
    char key[MANDATE_KEY_TEXT_MAX];

    printf("%s, %s (%s)\n%*s%s\n", p->natural, p->legal,
           report_term("role", p->role, s->is_french), LABEL, "",
           mandate_key_text(&p->key, key));
}

static void print_parties(const sheet *s, const mandate_terms *t)
{
    label(s, "principal", "mandant");
    print_party(s, &t->principal);
    label(s, "auditor", "auditeur");
    print_party(s, &t->auditor);
    for (size_t i = 0; i < t->third_party_count; i++) {
        label(s, "third party", "tiers");
        print_party(s, &t->third_parties[i]);
    }
    for (size_t i = 0; i < t->contact_count; i++) {
        label(s, "contact", "à prévenir");
        printf("%s, %s\n", t->contacts[i].name, t->contacts[i].telephone);
    }
}

static void print_contract(const sheet *s, const mandate_terms *t)
{
    label(s, "contract", "contrat");
    printf("%s; %s %s", t->contract,
           say(s, "NDA", "accord de confidentialité"), t->nda);
    if (t->nda_reason != NULL) {
        printf(" (%s)", t->nda_reason);
    }
    printf("; %s\n", t->liability_clause);
    label(s, "reason", "motif légitime");
    printf("%s\n", t->legitimate_reason);
    label(s, "jurisdictions", "droits");
    for (size_t i = 0; i < t->jurisdiction_count; i++) {
        printf("%s%s", i > 0 ? " " : "", t->jurisdictions[i]);
    }
    putchar('\n');
    label(s, "vantage", "position");
    printf("%s\n", report_term("vantage", t->vantage, s->is_french));
}

static void print_range(const sheet *s, const covey_audit_range *r)
{
    char net[AUDIT_NET_TEXT_MAX];

    printf(
        "%s %s, ports %u-%u",
        report_term("proto", audit_protocol_text(r->protocol), s->is_french),
        audit_net_text(r, net), r->first, r->last);
    if (r->responders != 0) {
        printf(", %s %u %s", say(s, "up to", "jusqu'à"), r->responders,
               say(s, "answers", "réponses"));
    }
    putchar('\n');
}

static void print_scope(const sheet *s, const mandate_terms *t,
                        const covey_audit_document *d)
{
    for (size_t i = 0; i < d->scope_count; i++) {
        label(s, "scope", "périmètre");
        printf("%s: ", t->clauses[i]);
        print_range(s, &t->ranges[i]);
    }
    for (size_t i = 0; i < d->exclude_count; i++) {
        label(s, "excluded", "exclu");
        print_range(s, &t->excluded[i]);
    }
}

static void print_rights(const sheet *s, const covey_audit_document *d)
{
    static const char *const modes[] = { "black (boîte noire)",
                                         "white (boîte blanche)",
                                         "account (compte utilisateur)" };
    char from[TEXT_TIME_MAX];
    char to[TEXT_TIME_MAX];

    for (size_t i = 0; i < d->window_count; i++) {
        label(s, "window", "période");
        printf("%s %s %s\n", text_time(d->windows[i].from, from),
               say(s, "to", "à"), text_time(d->windows[i].to, to));
    }
    label(s, "mode", "mode");
    printf("%s\n", say(s, modes[d->mode],
                       report_term("mode", audit_mode_text(d->mode), true)));
    label(s, "techniques", "techniques");
    for (int i = 0, any = 0; i < COVEY_AUDIT_TECHNIQUES; i++) {
        if ((d->techniques >> i & 1) != 0) {
            printf("%s%s", any++ > 0 ? " " : "",
                   covey_audit_technique_get((covey_audit_technique)i)->name);
        }
    }
    putchar('\n');
}

static void print_limits(const sheet *s, const mandate_terms *t,
                         const covey_audit_document *d)
{
    label(s, "limits", "limites");
    printf("%" PRIu32 " %s, %" PRIu32 " %s, %" PRIu32 " %s, %" PRIu32 " %s\n",
           d->limits.packets_s, say(s, "packets/s", "paquets/s"),
           d->limits.bytes_s, say(s, "bytes/s", "octets/s"),
           d->limits.packets_per_target,
           say(s, "packets per target", "paquets par cible"),
           d->limits.parallel, say(s, "acts at a time", "actes à la fois"));
    printf("%*s%s %" PRIu32 " s\n", LABEL, "",
           say(s, "stop if a target is silent for",
               "arrêt si une cible se tait pendant"),
           t->stop_if_silent_s);
    for (size_t i = 0; i < t->radio_count; i++) {
        const mandate_radio *r = &t->radio[i];
        label(s, "radio", "radio");
        printf("%s: %" PRIu32 " bit/s, %s %" PRIu32 ".%" PRIu32 " %%\n",
               r->clause, r->bits_s, say(s, "duty cycle", "cycle utile"),
               r->duty_permille / 10, r->duty_permille % 10);
    }
}

static void print_data(const sheet *s, const mandate_terms *t)
{
    for (size_t i = 0; i < t->credential_count; i++) {
        const mandate_credential *c = &t->credentials[i];
        label(s, "credential", "identifiant");
        printf("%s (%s), %s\n", c->id, c->kind, c->target);
    }
    label(s, "data", "données");
    if (s->is_french) {
        printf("capture : %s ; conservées %" PRIu32 " jours, TLP:%s\n",
               report_term("capture", t->data.capture, true),
               t->data.retention_days, t->data.tlp);
    } else {
        printf("capture %s, kept %" PRIu32 " days, TLP:%s\n", t->data.capture,
               t->data.retention_days, t->data.tlp);
    }
    label(s, "recipients", "destinataires");
    for (size_t i = 0; i < t->data.recipient_count; i++) {
        printf("%s%s", i > 0 ? ", " : "", t->data.recipients[i]);
    }
    putchar('\n');
}

static void print_all(const sheet *s, const mandate_terms *t,
                      const covey_audit_mandate *gate)
{
    const covey_audit_document *d = &gate->documents[0];

    label(s, "mandate", "mandat");
    printf("%s%s\n", t->id,
           gate->withdrawn ? say(s, " - WITHDRAWN", " - RETIRÉ") : "");
    print_parties(s, t);
    print_contract(s, t);
    print_scope(s, t, d);
    print_rights(s, d);
    print_limits(s, t, d);
    print_data(s, t);
    label(s, "amendments", "avenants");
    printf("%zu\n", gate->count - 1);
}

static int show(const audit_args *a, const mandate *m, void *user)
{
    const covey_audit_mandate gate = mandate_gate(m);

    (void)user;
    if (a->json) {
        audit_print_json(audit_mandate_json(m));
    } else {
        const sheet s = { .is_french = a->language != NULL &&
                                       strcmp(a->language, "fr") == 0 };
        print_all(&s, mandate_read(m), &gate);
    }
    return AUDIT_DONE;
}

int cmd_mandate_show(int argc, char **argv)
{
    static const audit_usage usage = {
        "mandate show", "--json --lang ",
        "[--json] [--lang fr|en] MANDATE [AMENDMENT|WITHDRAWAL...]"
    };
    audit_args a;
    const int status = audit_args_read(argc, argv, &usage, &a);

    if (status != AUDIT_DONE || a.help) {
        return status;
    }
    if (!audit_language_is_known(&a, usage.verb)) {
        return AUDIT_USAGE;
    }
    if (a.file_count < 1) {
        return audit_fail("mandate show", AUDIT_USAGE,
                          "expected a mandate, and what was added to it");
    }
    return audit_with_mandate(&a, usage.verb, show, NULL);
}
