/* SPDX-License-Identifier: BSD-2-Clause */
/* covey-audit mandate new: all members of a mandate, to be filled in. What
 * must not stay as it is fails when it is signed: keys of zeros are no keys,
 * a window in the past permits nothing. */
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
    " \"liability_clause\": \"clause limitative de responsabilité\",\n"
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
    " \"liability_clause\": \"limitation of liability\",\n"
    " \"legitimate_reason\": \"legitimate reason\",\n"
    " \"mode\": \"black\",\n"
    " \"jurisdictions\": [\"FR\"],\n";

static const char tail[] =
    " \"window\": [{\"from\": \"2026-01-01T20:00:00Z\",\n"
    "             \"to\": \"2026-01-01T23:00:00Z\"}],\n"
    " \"scope\": [{\"clause\": \"S1\", \"net\": \"192.0.2.2\",\n"
    "            \"proto\": \"udp\", \"ports\": \"5683-5684\"}],\n"
    " \"exclude\": [],\n"
    " \"techniques\": [\"public\", \"services.coap\", \"vuln\"],\n"
    " \"limits\": {\"pps\": 2, \"bytes_s\": 200, \"packets_per_target\": 60,\n"
    "            \"parallel\": 1, \"stop_if_silent_s\": 10},\n"
    " \"data\": {\"capture\": \"headers\", \"retention_days\": 90,\n"
    "          \"recipients\": [], \"tlp\": \"AMBER\"},\n"
    " \"contacts\": [],\n"
    " \"credentials\": []}\n";

int cmd_mandate_new(int argc, char **argv)
{
    static const audit_usage usage = { "mandate new", "--lang ",
                                       "[--lang fr|en]" };
    audit_args a;
    const int status = audit_args_read(argc, argv, &usage, &a);

    if (status != AUDIT_DONE || a.help) {
        return status;
    }
    if (a.file_count != 0) {
        return audit_fail("mandate new", AUDIT_USAGE,
                          "unexpected argument '%s'", a.files[0]);
    }
    if (a.language != NULL && strcmp(a.language, "fr") != 0 &&
        strcmp(a.language, "en") != 0) {
        return audit_fail("mandate new", AUDIT_USAGE,
                          "--lang: expected fr or en, found '%s'", a.language);
    }
    const bool is_french = a.language == NULL || strcmp(a.language, "fr") == 0;
    fputs(head, stdout);
    fputs(is_french ? french : english, stdout);
    fputs(tail, stdout);
    return AUDIT_DONE;
}
