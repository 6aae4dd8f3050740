/* SPDX-License-Identifier: BSD-2-Clause */
/* The payload: who permits whom, why, and what follows from it. */
#include "internal.h"

#include <string.h>

/* A required text. */
static const char *read_line(conf_reader *c, const conf_value *parent,
                             const conf_value *v, const char *name,
                             const char *source)
{
    return conf_required(c, parent, v, name, source) ? mandate_line(c, v)
                                                     : NULL;
}

static const char *read_choice(conf_reader *c, const conf_value *parent,
                               const conf_value *v, const char *name,
                               const conf_names *words)
{
    unsigned which = 0;

    if (!conf_required(c, parent, v, name, words->what) ||
        !conf_word(c, v, words, &which)) {
        return NULL;
    }
    return words->names[which];
}

/* --- parties ------------------------------------------------------------- */

static bool read_key(conf_reader *c, const conf_value *parent,
                     const conf_value *v, mandate_key *out)
{
    size_t len = 0;

    if (!conf_required(c, parent, v, "key", "AUD-051")) {
        return false;
    }
    const char *text = conf_scalar(c, v, &len, "a key");
    if (text != NULL && !mandate_key_parse(text, len, out)) {
        conf_error(c, v, MANDATE_MANUAL,
                   "expected ed25519: or p256: and the key in hex");
        return false;
    }
    return text != NULL;
}

static bool read_party(conf_reader *c, const conf_value *item, void *out)
{
    static const char *const words[] = { "role", "legal", "natural", "key" };
    static const conf_names known = { words, COUNT(words), "a party" };
    mandate_party *p = out;
    conf_value v[COUNT(words)] = { { NULL, NULL } };

    if (!conf_keys(c, item, &known, v)) {
        return false;
    }
    p->role = read_line(c, item, &v[0], "role", "AUD-054");
    p->legal = read_line(c, item, &v[1], "legal", "AUD-038");
    p->natural = read_line(c, item, &v[2], "natural", "AUD-038");
    return read_key(c, item, &v[3], &p->key) && p->role != NULL &&
           p->legal != NULL && p->natural != NULL;
}

/* A list that has to have something in it. */
static size_t read_some(conf_reader *c, const conf_value *list, size_t size,
                        conf_read_item *read, void *rows)
{
    const unsigned before = c->errors;
    const size_t count =
        conf_list(c, list, MANDATE_LIST_MAX, size, read, rows);

    if (count == 0 && c->errors == before) {
        conf_error(c, list, MANDATE_MANUAL, "expected at least one");
    }
    return count;
}

static bool read_source(conf_reader *c, const conf_value *item, void *out)
{
    covey_audit_range range = { .prefix = 0 };

    if (!scope_prefix(c, item, &range)) {
        return false;
    }
    memcpy(out, &range.net, sizeof range.net);
    return true;
}

static void read_auditor(conf_reader *c, const conf_value *v, mandate_terms *t)
{
    static const char *const words[] = { "legal", "natural", "key", "source",
                                         "vantage" };
    static const conf_names known = { words, COUNT(words), "the auditor" };
    static const char *const places[] = { "internal", "external" };
    static const conf_names vantages = { places, COUNT(places), "AUD-022" };
    conf_value m[COUNT(words)] = { { NULL, NULL } };
    covey_address *sources = NULL;

    if (!conf_keys(c, v, &known, m)) {
        return;
    }
    t->auditor.role = "auditor";
    t->auditor.legal = read_line(c, v, &m[0], "legal", "AUD-038");
    t->auditor.natural = read_line(c, v, &m[1], "natural", "AUD-038");
    read_key(c, v, &m[2], &t->auditor.key);
    if (conf_required(c, v, &m[3], "source", "AUD-022")) {
        t->source_count =
            read_some(c, &m[3], sizeof *sources, read_source, &sources);
        t->sources = sources;
    }
    t->vantage = read_choice(c, v, &m[4], "vantage", &vantages);
}

/* --- what comes with it -------------------------------------------------- */

static bool read_word(conf_reader *c, const conf_value *item, void *out)
{
    const char *text = mandate_line(c, item);

    memcpy(out, &text, sizeof text);
    return text != NULL;
}

/* ISO 3166-1 alpha-2, or EU. */
static bool read_country(conf_reader *c, const conf_value *item, void *out)
{
    const char *text = mandate_line(c, item);

    if (text == NULL) {
        return false;
    }
    if (strlen(text) != 2 || text[0] < 'A' || text[0] > 'Z' || text[1] < 'A' ||
        text[1] > 'Z') {
        conf_error(c, item, "AUD-106",
                   "expected two capital letters of ISO 3166-1, found '%s'",
                   text);
        return false;
    }
    memcpy(out, &text, sizeof text);
    return true;
}

static void read_data(conf_reader *c, const conf_value *v, mandate_data *out)
{
    static const char *const words[] = { "capture", "retention_days",
                                         "recipients", "tlp" };
    static const conf_names known = { words, COUNT(words), "data" };
    static const char *const depths[] = { "none", "headers", "payload" };
    static const conf_names captures = { depths, COUNT(depths), "AUD-089" };
    static const char *const colours[] = { "RED", "AMBER+STRICT", "AMBER",
                                           "GREEN", "CLEAR" };
    static const conf_names tlps = { colours, COUNT(colours), "AUD-075" };
    conf_value m[COUNT(words)] = { { NULL, NULL } };
    const char **recipients = NULL;
    uint64_t days = 0;

    if (!conf_keys(c, v, &known, m)) {
        return;
    }
    out->capture = read_choice(c, v, &m[0], "capture", &captures);
    if (conf_required(c, v, &m[1], "retention_days", "AUD-114") &&
        conf_number(c, &m[1], 1, 36500, "AUD-114", &days)) {
        out->retention_days = (uint32_t)days;
    }
    if (conf_required(c, v, &m[2], "recipients", "AUD-075")) {
        out->recipient_count =
            read_some(c, &m[2], sizeof *recipients, read_word, &recipients);
        out->recipients = recipients;
    }
    out->tlp = read_choice(c, v, &m[3], "tlp", &tlps);
}

static bool read_contact(conf_reader *c, const conf_value *item, void *out)
{
    static const char *const words[] = { "name", "tel", "stop_phrase_sha256" };
    static const conf_names known = { words, COUNT(words), "a contact" };
    static const conf_wanted digest = { 32, 32, false, "FIPS 180-4" };
    mandate_contact *contact = out;
    conf_value v[COUNT(words)] = { { NULL, NULL } };
    covey_bytes bytes;

    if (!conf_keys(c, item, &known, v)) {
        return false;
    }
    contact->name = read_line(c, item, &v[0], "name", "AUD-054");
    contact->telephone = read_line(c, item, &v[1], "tel", "AUD-054");
    /* Between people: it is checked, and not asked for. */
    if (!conf_is_missing(&v[2]) && !conf_bytes(c, &v[2], &digest, &bytes)) {
        return false;
    }
    return contact->name != NULL && contact->telephone != NULL;
}

static bool read_credential(conf_reader *c, const conf_value *item, void *out)
{
    static const char *const words[] = { "id", "kind", "target" };
    static const conf_names known = { words, COUNT(words), "a credential" };
    static const char *const kinds[] = { "oscore", "group-oscore", "psk",
                                         "x509", "its" };
    static const conf_names all = { kinds, COUNT(kinds), MANDATE_MANUAL };
    mandate_credential *credential = out;
    conf_value v[COUNT(words)] = { { NULL, NULL } };

    if (!conf_keys(c, item, &known, v)) {
        return false;
    }
    credential->id = read_line(c, item, &v[0], "id", "AUD-021");
    credential->kind = read_choice(c, item, &v[1], "kind", &all);
    credential->target = read_line(c, item, &v[2], "target", "AUD-021");
    return credential->id != NULL && credential->kind != NULL &&
           credential->target != NULL;
}

static bool is_clause(const mandate_reading *m, const char *name)
{
    for (size_t i = 0; m->terms.clauses != NULL && i < m->document.scope_count;
         i++) {
        if (strcmp(m->terms.clauses[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static void check_credentials(conf_reader *c, const conf_value *v,
                              const mandate_reading *m)
{
    const mandate_terms *t = &m->terms;

    if (t->credential_count > 0 && m->document.mode != COVEY_AUDIT_ACCOUNT) {
        conf_error(c, v, "AUD-021",
                   "credentials are for the mode 'account' only");
    }
    for (size_t i = 0; i < t->credential_count; i++) {
        if (!is_clause(m, t->credentials[i].target)) {
            conf_error(c, v, "AUD-021", "no clause '%s' for the credential",
                       t->credentials[i].target);
        }
    }
}

static bool read_radio(conf_reader *c, const conf_value *item, void *out)
{
    static const char *const words[] = { "clause", "bits_s", "duty_permille" };
    static const conf_names known = { words, COUNT(words), "a radio link" };
    mandate_radio *radio = out;
    conf_value v[COUNT(words)] = { { NULL, NULL } };
    uint64_t bits = 0;
    uint64_t duty = 0;

    if (!conf_keys(c, item, &known, v) ||
        !conf_required(c, item, &v[1], "bits_s", "AUD-081") ||
        !conf_number(c, &v[1], 1, UINT32_MAX, "AUD-081", &bits) ||
        !conf_required(c, item, &v[2], "duty_permille", "AUD-081") ||
        !conf_number(c, &v[2], 1, 1000, "AUD-081", &duty)) {
        return false;
    }
    radio->clause = read_line(c, item, &v[0], "clause", "AUD-081");
    radio->bits_s = (uint32_t)bits;
    radio->duty_permille = (uint32_t)duty;
    return radio->clause != NULL;
}

/* What the mandate lets through has to fit into what the radio may send, since
 * each probe that reaches a device goes over it. */
static void check_radio(conf_reader *c, const conf_value *v,
                        const mandate_reading *m)
{
    for (size_t i = 0; i < m->terms.radio_count; i++) {
        const mandate_radio *r = &m->terms.radio[i];
        const uint64_t bytes = (uint64_t)r->bits_s * r->duty_permille / 8000;

        if (!is_clause(m, r->clause)) {
            conf_error(c, v, "AUD-081", "no clause '%s' for the radio link",
                       r->clause);
        } else if (m->document.limits.bytes_s > bytes) {
            conf_error(c, v, "AUD-081",
                       "clause %s: expected limits of up to %llu bytes_s, "
                       "which its duty cycle leaves",
                       r->clause, (unsigned long long)bytes);
        }
    }
}

/* --- the mandate --------------------------------------------------------- */

enum {
    M_ID,
    M_VERSION,
    M_LANG,
    M_PRINCIPAL,
    M_AUDITOR,
    M_THIRD_PARTIES,
    M_CONTRACT,
    M_NDA,
    M_NDA_REASON,
    M_LIABILITY,
    M_REASON,
    M_MODE,
    M_JURISDICTIONS,
    M_WINDOW,
    M_SCOPE,
    M_EXCLUDE,
    M_TECHNIQUES,
    M_LIMITS,
    M_DATA,
    M_CONTACTS,
    M_CREDENTIALS,
    M_RADIO,
    M_COUNT
};
static const struct member {
    const char *name;
    const char *source; /* NULL: may be missing */
} members[M_COUNT] = {
    { "id", "AUD-061" },
    { "version", MANDATE_MANUAL },
    { "lang", "AUD-111" },
    { "principal", "AUD-051" },
    { "auditor", "AUD-009" },
    { "third_parties", NULL },
    { "contract", "AUD-052" },
    { "nda", "AUD-052" },
    { "nda_reason", NULL },
    { "liability_clause", "AUD-055" },
    { "legitimate_reason", "AUD-082" },
    { "mode", "AUD-019" },
    { "jurisdictions", "AUD-106" },
    { "window", "AUD-062" },
    { "scope", "AUD-053" },
    { "exclude", NULL },
    { "techniques", "AUD-063" },
    { "limits", "AUD-081" },
    { "data", "AUD-114" },
    { "contacts", "AUD-054" },
    { "credentials", NULL },
    { "radio", NULL },
};

static bool sort_members(conf_reader *c, const conf_value *root,
                         conf_value v[M_COUNT])
{
    const char *words[M_COUNT];
    const conf_names known = { words, M_COUNT, "a mandate" };
    bool all = true;

    for (size_t i = 0; i < M_COUNT; i++) {
        words[i] = members[i].name;
    }
    if (!conf_keys(c, root, &known, v)) {
        return false;
    }
    for (size_t i = 0; i < M_COUNT; i++) {
        if (members[i].source != NULL &&
            !conf_required(c, root, &v[i], members[i].name,
                           members[i].source)) {
            all = false;
        }
    }
    return all;
}

/* A reference, or "none" and why. */
static void read_nda(conf_reader *c, const conf_value *root,
                     const conf_value v[M_COUNT], mandate_terms *t)
{
    t->nda = read_line(c, root, &v[M_NDA], "nda", "AUD-052");
    const bool none = t->nda != NULL && strcmp(t->nda, "none") == 0;

    if (none) {
        t->nda_reason =
            read_line(c, root, &v[M_NDA_REASON], "nda_reason", "AUD-052");
    } else if (!conf_is_missing(&v[M_NDA_REASON])) {
        conf_error(c, &v[M_NDA_REASON], "AUD-052",
                   "a reason goes with nda 'none' only");
    }
}

static void read_head(conf_reader *c, const conf_value *root,
                      const conf_value v[M_COUNT], mandate_reading *out)
{
    static const char *const tongues[] = { "fr", "en" };
    static const conf_names languages = { tongues, 2, "AUD-111" };
    static const char *const modes[] = { "black", "white", "account" };
    static const conf_names mode_names = { modes, 3, "AUD-019" };
    mandate_terms *t = &out->terms;
    uint64_t version = 0;
    unsigned mode = 0;

    t->id = read_line(c, root, &v[M_ID], "id", "AUD-061");
    conf_number(c, &v[M_VERSION], 1, 1, MANDATE_MANUAL, &version);
    t->language = read_choice(c, root, &v[M_LANG], "lang", &languages);
    t->contract = read_line(c, root, &v[M_CONTRACT], "contract", "AUD-052");
    read_nda(c, root, v, t);
    t->liability_clause =
        read_line(c, root, &v[M_LIABILITY], "liability_clause", "AUD-055");
    t->legitimate_reason =
        read_line(c, root, &v[M_REASON], "legitimate_reason", "AUD-082");
    if (conf_word(c, &v[M_MODE], &mode_names, &mode)) {
        out->document.mode = (covey_audit_mode)mode;
    }
}

static void read_parties(conf_reader *c, const conf_value v[M_COUNT],
                         mandate_terms *t)
{
    mandate_party *parties = NULL;

    read_party(c, &v[M_PRINCIPAL], &t->principal);
    read_auditor(c, &v[M_AUDITOR], t);
    if (mandate_key_equal(&t->principal.key, &t->auditor.key)) {
        conf_error(c, &v[M_AUDITOR], "AUD-051",
                   "expected another key than the principal's: nobody "
                   "authorises himself");
    }
    if (!conf_is_missing(&v[M_THIRD_PARTIES])) {
        t->third_party_count =
            conf_list(c, &v[M_THIRD_PARTIES], MANDATE_PARTIES_MAX,
                      sizeof *parties, read_party, &parties);
        t->third_parties = parties;
    }
}

static void read_tail(conf_reader *c, const conf_value v[M_COUNT],
                      mandate_reading *out)
{
    mandate_terms *t = &out->terms;
    const char **countries = NULL;
    mandate_contact *contacts = NULL;
    mandate_credential *credentials = NULL;

    t->jurisdiction_count = read_some(
        c, &v[M_JURISDICTIONS], sizeof *countries, read_country, &countries);
    t->jurisdictions = countries;
    read_data(c, &v[M_DATA], &t->data);
    t->contact_count = read_some(c, &v[M_CONTACTS], sizeof *contacts,
                                 read_contact, &contacts);
    t->contacts = contacts;
    if (!conf_is_missing(&v[M_CREDENTIALS])) {
        t->credential_count =
            conf_list(c, &v[M_CREDENTIALS], MANDATE_LIST_MAX,
                      sizeof *credentials, read_credential, &credentials);
        t->credentials = credentials;
        check_credentials(c, &v[M_CREDENTIALS], out);
    }
    if (!conf_is_missing(&v[M_RADIO])) {
        mandate_radio *radio = NULL;
        t->radio_count = conf_list(c, &v[M_RADIO], MANDATE_LIST_MAX,
                                   sizeof *radio, read_radio, &radio);
        t->radio = radio;
        check_radio(c, &v[M_RADIO], out);
    }
}

static void read_mandate(conf_reader *c, const conf_value *root,
                         mandate_reading *out)
{
    conf_value v[M_COUNT] = { { NULL, NULL } };

    if (!sort_members(c, root, v)) {
        return;
    }
    const scope_values scope = { &v[M_SCOPE], &v[M_EXCLUDE], &v[M_WINDOW],
                                 &v[M_TECHNIQUES], &v[M_LIMITS] };

    read_head(c, root, v, out);
    read_parties(c, v, &out->terms);
    scope_read(c, &scope, &out->document, &out->terms);
    read_tail(c, v, out);
}

/* --- amendments and withdrawals ------------------------------------------ */

static void read_amendment(conf_reader *c, const conf_value *root,
                           mandate_reading *out)
{
    static const char *const words[] = { "amends", "reason",  "window",
                                         "scope",  "exclude", "techniques",
                                         "limits" };
    static const conf_names known = { words, COUNT(words), "an amendment" };
    conf_value v[COUNT(words)] = { { NULL, NULL } };

    if (!conf_keys(c, root, &known, v)) {
        return;
    }
    out->of = read_line(c, root, &v[0], "amends", "AUD-053");
    out->addition.reason = read_line(c, root, &v[1], "reason", "AUD-053");
    for (size_t i = 2; i < COUNT(words); i++) {
        if (i != 4 && !conf_required(c, root, &v[i], words[i], "AUD-053")) {
            return;
        }
    }
    const scope_values scope = { &v[3], &v[4], &v[2], &v[5], &v[6] };
    scope_read(c, &scope, &out->document, &out->terms);
}

static void read_withdrawal(conf_reader *c, const conf_value *root,
                            mandate_reading *out)
{
    static const char *const words[] = { "withdraws", "by", "reason" };
    static const conf_names known = { words, COUNT(words), "a withdrawal" };
    conf_value v[COUNT(words)] = { { NULL, NULL } };

    if (conf_keys(c, root, &known, v)) {
        out->of = read_line(c, root, &v[0], "withdraws", "AUD-060");
        out->addition.withdraws = true;
        out->addition.by = read_line(c, root, &v[1], "by", "AUD-050");
        if (!conf_is_missing(&v[2])) {
            out->addition.reason =
                read_line(c, root, &v[2], "reason", "AUD-050");
        }
    }
}

/* --- all of them --------------------------------------------------------- */

struct payload {
    conf_reader *c;
    mandate_reading *out;
};

static void read_root(void *user, const conf_value *root)
{
    struct payload *p = user;

    switch (p->out->kind) {
    case MANDATE_KIND_MANDATE:
        read_mandate(p->c, root, p->out);
        break;
    case MANDATE_KIND_AMENDMENT:
        read_amendment(p->c, root, p->out);
        break;
    case MANDATE_KIND_WITHDRAWAL:
    case MANDATE_KINDS:
        read_withdrawal(p->c, root, p->out);
        break;
    }
}

bool mandate_payload(conf_reader *c, const dsse *d, mandate_reading *out)
{
    struct payload p = { .c = c, .out = out };

    memset(out, 0, sizeof *out);
    out->kind = d->kind;
    return conf_load_text(c, (const char *)d->payload, d->payload_len, c->name,
                          read_root, &p);
}
