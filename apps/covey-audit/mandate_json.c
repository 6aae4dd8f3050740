/* SPDX-License-Identifier: BSD-2-Clause */
/* A mandate with what was added to it, as data: for 'mandate show --json' and
 * for the report. Credentials are named, they are not in a mandate. */
#include "audit.h"

#include <string.h>
#include <text.h>

/* --- texts --------------------------------------------------------------- */

const char *audit_net_text(const covey_audit_range *r,
                           char out[AUDIT_NET_TEXT_MAX])
{
    char text[ADDRESS_TEXT_MAX];
    const bool six = r->net.family == COVEY_FAMILY_IPV6;

    address_text(&r->net, text);
    char *end = strrchr(text, six ? ']' : ':');
    if (end != NULL) {
        *end = '\0';
    }
    snprintf(out, AUDIT_NET_TEXT_MAX, "%s/%u", text + (six ? 1 : 0),
             (unsigned)r->prefix);
    return out;
}

const char *audit_mode_text(covey_audit_mode mode)
{
    static const char *const modes[] = { "black", "white", "account" };

    return modes[mode];
}

const char *audit_protocol_text(uint8_t protocol)
{
    switch (protocol) {
    case COVEY_AUDIT_TCP:
        return "tcp";
    case COVEY_AUDIT_UDP:
        return "udp";
    case COVEY_AUDIT_ANY_PROTOCOL:
        return "any";
    case 1:
        return "icmp";
    case 58:
        return "icmpv6";
    default:
        return "other";
    }
}

json_t *audit_strings(const char *const *all, size_t count)
{
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++) {
        json_array_append_new(list, json_string(all[i]));
    }
    return list;
}

/* --- people -------------------------------------------------------------- */

static json_t *party_json(const mandate_party *p)
{
    char key[MANDATE_KEY_TEXT_MAX];

    return json_pack("{s:s, s:s, s:s, s:s}", "role", p->role, "legal",
                     p->legal, "natural", p->natural, "key",
                     mandate_key_text(&p->key, key));
}

static json_t *auditor_json(const mandate_terms *t)
{
    json_t *sources = json_array();
    char net[AUDIT_NET_TEXT_MAX];

    for (size_t i = 0; i < t->source_count; i++) {
        const bool six = t->sources[i].family == COVEY_FAMILY_IPV6;
        const covey_audit_range one = { .net = t->sources[i],
                                        .prefix = six ? 128 : 32 };
        json_array_append_new(sources, json_string(audit_net_text(&one, net)));
    }
    json_t *all = party_json(&t->auditor);
    json_object_set_new(all, "source", sources);
    json_object_set_new(all, "vantage", json_string(t->vantage));
    return all;
}

static json_t *third_json(const mandate_terms *t)
{
    json_t *all = json_array();

    for (size_t i = 0; i < t->third_party_count; i++) {
        json_array_append_new(all, party_json(&t->third_parties[i]));
    }
    return all;
}

static json_t *contacts_json(const mandate_terms *t)
{
    json_t *all = json_array();

    for (size_t i = 0; i < t->contact_count; i++) {
        json_array_append_new(all, json_pack("{s:s, s:s}", "name",
                                             t->contacts[i].name, "tel",
                                             t->contacts[i].telephone));
    }
    return all;
}

/* --- what is permitted --------------------------------------------------- */

static json_t *range_json(const covey_audit_range *r, const char *clause)
{
    char net[AUDIT_NET_TEXT_MAX];

    return json_pack("{s:s, s:s, s:s, s:[i,i], s:i}", "clause", clause, "net",
                     audit_net_text(r, net), "proto",
                     audit_protocol_text(r->protocol), "ports", (int)r->first,
                     (int)r->last, "max_responders", (int)r->responders);
}

static json_t *scope_json(const mandate_terms *t,
                          const covey_audit_document *d)
{
    json_t *all = json_array();

    for (size_t i = 0; i < d->scope_count; i++) {
        json_array_append_new(all, range_json(&t->ranges[i], t->clauses[i]));
    }
    return all;
}

static json_t *excluded_json(const mandate_terms *t,
                             const covey_audit_document *d)
{
    json_t *all = json_array();

    for (size_t i = 0; i < d->exclude_count; i++) {
        json_array_append_new(all, range_json(&t->excluded[i], ""));
    }
    return all;
}

static json_t *rights_json(const covey_audit_document *d)
{
    json_t *all = json_array();

    for (int i = 0; i < COVEY_AUDIT_TECHNIQUES; i++) {
        if ((d->techniques >> i & 1) != 0) {
            json_array_append_new(
                all,
                json_string(covey_audit_technique_get((covey_audit_technique)i)
                                ->name));
        }
    }
    return all;
}

static json_t *windows_json(const covey_audit_document *d)
{
    json_t *all = json_array();
    char from[TEXT_TIME_MAX];
    char to[TEXT_TIME_MAX];

    for (size_t i = 0; i < d->window_count; i++) {
        json_array_append_new(
            all, json_pack("{s:s, s:s}", "from",
                           text_time(d->windows[i].from, from), "to",
                           text_time(d->windows[i].to, to)));
    }
    return all;
}

static json_t *limits_json(const mandate_terms *t,
                           const covey_audit_document *d)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I}", "pps",
                     (json_int_t)d->limits.packets_s, "bytes_s",
                     (json_int_t)d->limits.bytes_s, "packets_per_target",
                     (json_int_t)d->limits.packets_per_target, "parallel",
                     (json_int_t)d->limits.parallel, "stop_if_silent_s",
                     (json_int_t)t->stop_if_silent_s);
}

static json_t *radio_json(const mandate_terms *t)
{
    json_t *all = json_array();

    for (size_t i = 0; i < t->radio_count; i++) {
        const mandate_radio *r = &t->radio[i];
        json_array_append_new(
            all, json_pack("{s:s, s:I, s:I}", "clause", r->clause, "bits_s",
                           (json_int_t)r->bits_s, "duty_permille",
                           (json_int_t)r->duty_permille));
    }
    return all;
}

static json_t *credentials_json(const mandate_terms *t)
{
    json_t *all = json_array();

    for (size_t i = 0; i < t->credential_count; i++) {
        const mandate_credential *c = &t->credentials[i];
        json_array_append_new(all,
                              json_pack("{s:s, s:s, s:s}", "id", c->id, "kind",
                                        c->kind, "target", c->target));
    }
    return all;
}

static json_t *additions_json(const mandate *m)
{
    size_t count = 0;
    const mandate_addition *a = mandate_additions(m, &count);
    json_t *all = json_array();

    for (size_t i = 0; i < count; i++) {
        json_array_append_new(
            all, json_pack("{s:s, s:s, s:s}", "kind",
                           a[i].withdraws ? "withdrawal" : "amendment", "by",
                           a[i].by != NULL ? a[i].by : "", "reason",
                           a[i].reason != NULL ? a[i].reason : ""));
    }
    return all;
}

/* --- all of it ----------------------------------------------------------- */

static json_t *data_json(const mandate_data *d)
{
    return json_pack("{s:s, s:I, s:s, s:o}", "capture", d->capture,
                     "retention_days", (json_int_t)d->retention_days, "tlp",
                     d->tlp, "recipients",
                     audit_strings(d->recipients, d->recipient_count));
}

json_t *audit_mandate_json(const mandate *m)
{
    const mandate_terms *t = mandate_read(m);
    const covey_audit_mandate gate = mandate_gate(m);
    const covey_audit_document *d = &gate.documents[0];
    json_t *all = json_pack(
        "{s:s, s:b, s:I, s:o, s:o, s:s, s:s, s:s, s:o, s:o, s:o}", "id", t->id,
        "withdrawn", (int)gate.withdrawn, "amendments",
        (json_int_t)gate.count - 1, "principal", party_json(&t->principal),
        "auditor", auditor_json(t), "contract", t->contract, "nda", t->nda,
        "legitimate_reason", t->legitimate_reason, "scope", scope_json(t, d),
        "techniques", rights_json(d), "window", windows_json(d));
    json_t *more = json_pack(
        "{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
        "lang", t->language, "mode", audit_mode_text(d->mode),
        "liability_clause", t->liability_clause, "nda_reason",
        t->nda_reason != NULL ? t->nda_reason : "", "third_parties",
        third_json(t), "jurisdictions",
        audit_strings(t->jurisdictions, t->jurisdiction_count), "exclude",
        excluded_json(t, d), "limits", limits_json(t, d), "radio",
        radio_json(t), "data", data_json(&t->data), "contacts",
        contacts_json(t), "credentials", credentials_json(t), "additions",
        additions_json(m));

    json_object_update(all, more);
    json_decref(more);
    return all;
}
