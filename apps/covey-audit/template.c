/* SPDX-License-Identifier: BSD-2-Clause */
/* covey-audit mandate new: all members of a mandate, an amendment or a
 * withdrawal, to be filled in. What must not stay as it is fails when it is
 * signed: an empty key is no key, a window in the past permits nothing. */
#include "audit.h"

#include <string.h>

static const char head[] = "{\"id\": \"MND-2026-001\",\n"
                           " \"version\": 1,\n";

static const char french[] =
    " \"lang\": \"fr\",\n"
    " \"principal\": {\"role\": \"propriétaire\",\n"
    "   \"legal\": \"personne morale\", \"natural\": \"personne physique\",\n"
    "   \"key\": \"ed25519:\"},\n"
    " \"auditor\": {\"legal\": \"personne morale\",\n"
    "   \"natural\": \"personne physique\", \"key\": \"ed25519:\",\n"
    "   \"source\": [\"192.0.2.1\"], \"vantage\": \"internal\"},\n"
    " \"third_parties\": [],\n"
    " \"contract\": \"référence du contrat\",\n"
    " \"nda\": \"référence de l'accord de confidentialité\",\n"
    " \"liability_clause\": \"clause limitative de responsabilité, hors dol "
    "et faute lourde\",\n"
    " \"legitimate_reason\": \"motif légitime (art. 323-3-1 C. pén.)\",\n"
    " \"mode\": \"black\",\n"
    " \"jurisdictions\": [\"FR\"],\n";

static const char english[] =
    " \"lang\": \"en\",\n"
    " \"principal\": {\"role\": \"owner\",\n"
    "   \"legal\": \"legal person\", \"natural\": \"natural person\",\n"
    "   \"key\": \"ed25519:\"},\n"
    " \"auditor\": {\"legal\": \"legal person\",\n"
    "   \"natural\": \"natural person\", \"key\": \"ed25519:\",\n"
    "   \"source\": [\"192.0.2.1\"], \"vantage\": \"internal\"},\n"
    " \"third_parties\": [],\n"
    " \"contract\": \"reference of the contract\",\n"
    " \"nda\": \"reference of the non-disclosure agreement\",\n"
    " \"liability_clause\": \"article of the contract that limits liability, "
    "but for intent and gross negligence\",\n"
    " \"legitimate_reason\": \"legitimate reason\",\n"
    " \"mode\": \"black\",\n"
    " \"jurisdictions\": [\"FR\"],\n";

static const char middle[] =
    " \"window\": [{\"from\": \"2026-01-01T20:00:00Z\",\n"
    "             \"to\": \"2026-01-01T23:00:00Z\"}],\n"
    " \"scope\": [{\"clause\": \"S1\", \"net\": \"192.0.2.2\",\n"
    "            \"proto\": \"udp\", \"ports\": \"5683-5684\"}],\n"
    " \"exclude\": [],\n"
    " \"techniques\": [\"public\", \"services.coap\", \"vuln\"],\n"
    " \"limits\": {\"pps\": 2, \"bytes_s\": 200, \"packets_per_target\": 60,\n"
    "            \"parallel\": 1, \"stop_if_silent_s\": 10}";

static const char tail_french[] =
    ",\n"
    " \"data\": {\"capture\": \"headers\", \"retention_days\": 90,\n"
    "          \"recipients\": [\"destinataire du rapport\"],\n"
    "          \"tlp\": \"AMBER\"},\n"
    " \"contacts\": [{\"name\": \"à prévenir d'un accès fortuit ou d'un "
    "arrêt\",\n"
    "               \"tel\": \"+33 1 00 00 00 00\"}],\n"
    " \"radio\": [],\n"
    " \"credentials\": []}\n";

static const char tail_english[] =
    ",\n"
    " \"data\": {\"capture\": \"headers\", \"retention_days\": 90,\n"
    "          \"recipients\": [\"who gets the report\"],\n"
    "          \"tlp\": \"AMBER\"},\n"
    " \"contacts\": [{\"name\": \"who is told of a fortuitous access or a "
    "stop\",\n"
    "               \"tel\": \"+44 20 0000 0000\"}],\n"
    " \"radio\": [],\n"
    " \"credentials\": []}\n";

static const char amendment_french[] =
    "{\"amends\": \"MND-2026-001\",\n"
    " \"reason\": \"ce qui est retiré, et pourquoi\",\n";

static const char amendment_english[] =
    "{\"amends\": \"MND-2026-001\",\n"
    " \"reason\": \"what is taken away, and why\",\n";

static const char withdrawal_french[] =
    "{\"withdraws\": \"MND-2026-001\",\n"
    " \"by\": \"personne physique, pour la personne morale\",\n"
    " \"reason\": \"retrait d'habilitation : tout acte cesse dès "
    "réception\"}\n";

static const char withdrawal_english[] =
    "{\"withdraws\": \"MND-2026-001\",\n"
    " \"by\": \"natural person, for the legal person\",\n"
    " \"reason\": \"authorisation withdrawn: every act ends on receipt\"}\n";

static bool is(const char *text, const char *word)
{
    return text != NULL && strcmp(text, word) == 0;
}

static void print_mandate(bool is_french)
{
    fputs(head, stdout);
    fputs(is_french ? french : english, stdout);
    fputs(middle, stdout);
    fputs(is_french ? tail_french : tail_english, stdout);
}

static void print_amendment(bool is_french)
{
    fputs(is_french ? amendment_french : amendment_english, stdout);
    fputs(middle, stdout);
    fputs("}\n", stdout);
}

int cmd_mandate_new(int argc, char **argv)
{
    static const audit_usage usage = {
        "mandate new", "--lang ",
        "[--lang fr|en] [mandate|amendment|withdrawal]"
    };
    audit_args a;
    const int status = audit_args_read(argc, argv, &usage, &a);

    if (status != AUDIT_DONE || a.help) {
        return status;
    }
    if (!audit_language_is_known(&a, usage.verb)) {
        return AUDIT_USAGE;
    }
    const bool is_french = !is(a.language, "en");
    const char *kind = a.file_count > 0 ? a.files[0] : "mandate";
    if (a.file_count > 1) {
        return audit_fail("mandate new", AUDIT_USAGE,
                          "unexpected argument '%s'", a.files[1]);
    }
    if (is(kind, "mandate")) {
        print_mandate(is_french);
    } else if (is(kind, "amendment")) {
        print_amendment(is_french);
    } else if (is(kind, "withdrawal")) {
        fputs(is_french ? withdrawal_french : withdrawal_english, stdout);
    } else {
        return audit_fail("mandate new", AUDIT_USAGE,
                          "expected mandate, amendment or withdrawal, found "
                          "'%s'",
                          kind);
    }
    return AUDIT_DONE;
}
