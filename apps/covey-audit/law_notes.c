/* SPDX-License-Identifier: BSD-2-Clause */
/* The law of seed 004, and how far each correction was looked after.
 * In French and English. */
#include "law.h"

#include <stddef.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define NOTHING                                                               \
    {                                                                         \
        NULL, NULL                                                            \
    }
#define SEED "seed 004"
#define NOW  "2026-11"

enum {
    PUBLIC = 1 << COVEY_AUDIT_STAGE_PUBLIC,
    SCANS = 1 << COVEY_AUDIT_STAGE_PROTOCOLS | 1 << COVEY_AUDIT_STAGE_PORTS |
            1 << COVEY_AUDIT_STAGE_OS,
    SERVICES = 1 << COVEY_AUDIT_STAGE_SERVICES,
    LOOKUP = 1 << COVEY_AUDIT_STAGE_VULNERABILITIES,
    SENDS = SCANS | SERVICES,
    ALL = PUBLIC | SENDS | LOOKUP
};

/* clang-format off */
static const law_note notes[] = {
    { "FR-1", "FR", "AUD-030, AUD-031, AUD-032", SENDS,
      { "Loi Godfrain n° 88-19 du 5 janvier 1988, art. 323-1 à 323-7 C. pén. : l'accès et le maintien frauduleux dans un STAD sont punis de 2 ans et 30 000 €.",
        "Act no. 88-19 of 5 January 1988 (loi Godfrain), articles 323-1 to 323-7 of the penal code: fraudulent access to a data processing system, or remaining in it, carries 2 years and 30,000 euros." },
      { "Loi n° 2015-912, art. 4 : 2 ans et 60 000 €, et 3 ans et 100 000 € s'il y a eu dommage. La LOPMI (loi n° 2023-22 du 24 janvier 2023) a encore relevé ces peines ; les montants actuels (vraisemblablement 3 ans et 100 000 €) restent à vérifier.",
        "Act no. 2015-912, article 4: 2 years and 60,000 euros, and 3 years and 100,000 euros where damage was done. The LOPMI (act no. 2023-22 of 24 January 2023) has raised these again; today's figures (believed to be 3 years and 100,000 euros) are to be checked." },
      LAW_PARTLY, NOW, "C. pén. 323-1 (copies 2015, 2023); lexing.law" },
    { "FR-2", "FR", "AUD-033, AUD-034", SENDS,
      { "Entraver ou fausser le fonctionnement d'un STAD ; y introduire, modifier ou supprimer frauduleusement des données : 3 ans et 45 000 €.",
        "Hindering or distorting the operation of such a system; fraudulently introducing, changing or deleting data: 3 years and 45,000 euros." },
      { "Depuis la loi n° 2015-912 : 5 ans et 150 000 € ; extraire, détenir, reproduire ou transmettre des données y a été ajouté.",
        "Since act no. 2015-912: 5 years and 150,000 euros; to extract, hold, reproduce or transmit data has been added." },
      LAW_VERIFIED, NOW, "C. pén. 323-2, 323-3 (copie 2015)" },
    { "FR-3", "FR", "AUD-035, AUD-036, AUD-050", SENDS,
      { "L'intrusion est punie sur place comme à distance, même si le maintien suit un accès fortuit ; il faut la volonté d'entrer ou de rester et la conscience de l'irrégularité.",
        "Intrusion is punished on the spot as from afar, even where the remaining follows a fortuitous access; there has to be the will to enter or to remain, and to know that it is irregular." },
      NOTHING, LAW_NOTHING, NULL, SEED },
    { "FR-4", "FR", "AUD-037", SENDS,
      { "La tentative est punissable (art. 323-7).",
        "An attempt is punishable (article 323-7)." },
      NOTHING, LAW_NOTHING, NULL, SEED },
    { "FR-5", "FR", "AUD-038", ALL,
      { "Les personnes morales sont condamnables (art. 131-39) : le mandat nomme la personne morale et la personne physique des deux parties.",
        "Legal persons can be convicted (article 131-39): the mandate names the legal and the natural person of both parties." },
      NOTHING, LAW_NOTHING, NULL, SEED },
    { "FR-6", "FR", "AUD-039", SERVICES,
      { "Le recel de ce qui provient d'une fraude informatique (informations, identifiants) est condamnable.",
        "Receiving what comes from a computer fraud (information, identifiers) can be punished." },
      NOTHING, LAW_NOTHING, NULL, SEED },
    { "FR-7", "FR", "AUD-045, AUD-047", SENDS,
      { "Deux lignes s'opposent : pas d'infraction si le système n'est pas protégé et que son maître n'a pas montré sa volonté d'en limiter l'accès (Paris, 8 décembre 1997) ; la protection n'est pas une condition de l'incrimination (TGI Paris, 31e ch., 18 septembre 2008).",
        "Two lines are opposed: no offence where the system is not protected and its master has not shown his will to restrict access (Paris, 8 December 1997); protection is no condition of the offence (TGI Paris, 31st chamber, 18 September 2008)." },
      { "Une décision plus récente punit le maintien de qui a compris que l'accès n'est pas libre (« Bluetouff », Cass. crim. 20 mai 2015, n° 14-81.336) : cité de mémoire. Le programme ne s'appuie jamais sur l'absence de protection.",
        "A later decision punishes remaining once it is understood that access is not free (Bluetouff, Cass. crim. 20 May 2015, no. 14-81.336): quoted from memory. The program never relies on a lack of protection." },
      LAW_UNVERIFIED, NOW, SEED },
    { "FR-8", "FR", "AUD-048, AUD-049, AUD-060", ALL,
      { "L'habilitation rend le test licite (Grenoble 2002) ; son retrait rend le maintien illégal (Paris, 5 avril 1994).",
        "An authorisation makes the test lawful (Grenoble 2002); its withdrawal makes remaining illegal (Paris, 5 April 1994)." },
      NOTHING, LAW_NOTHING, NULL, SEED },
    { "FR-9", "FR", "AUD-055", ALL,
      { "La clause limitative ou évasive de responsabilité protège le prestataire, sous couvert de bonne foi (art. 1134 al. 3 C. civ.) et à défaut de dol ou de faute lourde.",
        "A clause that limits or excludes liability protects the provider, given good faith (article 1134 paragraph 3 of the civil code) and absent intent or gross negligence." },
      { "Depuis la réforme de 2016, la bonne foi est à l'art. 1104 C. civ. : de mémoire, à vérifier.",
        "Since the reform of 2016 good faith is in article 1104 of the civil code: from memory, to be checked." },
      LAW_UNVERIFIED, NOW, SEED },
    { "FR-10", "FR", "AUD-082, AUD-083", ALL,
      { "Art. 323-3-1 (loi n° 2004-575, art. 46) : détenir ou mettre à disposition, sans motif légitime, un outil conçu ou adapté pour ces infractions. La simple détention d'un logiciel de scan peut être visée ; sécuriser un réseau est un motif légitime.",
        "Article 323-3-1 (act no. 2004-575, article 46): to hold or make available, without legitimate reason, a tool made or adapted for these offences. The mere possession of scanning software may be meant; securing a network is a legitimate reason." },
      { "La loi n° 2013-1168, art. 25, a ajouté « notamment de recherche ou de sécurité informatique » au motif légitime.",
        "Act no. 2013-1168, article 25, has added research and computer security by name to the legitimate reasons." },
      LAW_VERIFIED, NOW, "C. pén. 323-3-1 (copie 2013)" },
    { "FR-11", "FR", "AUD-086, AUD-087", SCANS,
      { "Aucun précédent en droit français sur le scan de ports : la réponse viendra des juges.",
        "There is no French precedent on port scanning: the judges will answer." },
      { "Aucun précédent postérieur n'a été recherché ici ; la lecture la plus stricte est appliquée.",
        "No later precedent was looked for here; the stricter reading is applied." },
      LAW_UNVERIFIED, NOW, SEED },
    { "FR-12", "FR", "AUD-089, AUD-090, AUD-092", PUBLIC,
      { "L'écoute, même passive, exige une autorisation : art. 226-15 C. pén., de mauvaise foi, 1 an et 45 000 € ; installer un appareil conçu pour intercepter est puni de même.",
        "Listening, even passive, needs an authorisation: article 226-15 of the penal code, in bad faith, 1 year and 45,000 euros; installing a device made to intercept is punished alike." },
      NOTHING, LAW_NOTHING, NULL, SEED },
    { "FR-13", "FR", "AUD-091", SENDS,
      { "L'écoute active, qui ajoute ou modifie des paquets, relève de la loi Godfrain.",
        "Active listening, which adds or changes packets, falls under the loi Godfrain." },
      NOTHING, LAW_NOTHING, NULL, SEED },
    { "FR-14", "FR", "AUD-027, AUD-028, AUD-029", ALL,
      { "S'appliquent aussi : le droit commun (« par tout support »), la signature électronique, le droit du producteur de bases de données, le droit d'auteur des logiciels, la protection des données personnelles, la LCEN, le contournement de mesures techniques.",
        "These apply as well: general law (by whatever means), electronic signatures, the right of database producers, copyright in software, protection of personal data, the LCEN, the circumvention of technical measures." },
      NOTHING, LAW_NOTHING, NULL, SEED },
    { "FR-15", "FR", "AUD-108", SERVICES,
      { "La cryptologie, libre jusqu'à 40 puis 128 bits en 1999, l'est sans limite depuis 2004 (LCEN, art. 30).",
        "Cryptography, free up to 40 and in 1999 up to 128 bits, has been free without limit since 2004 (LCEN, article 30)." },
      { "Le seuil de 128 bits pour les suites faibles est une règle de ce programme, d'après la RFC 9325 et l'EN 303 645, 5.5-1.",
        "The threshold of 128 bits for weak suites is a rule of this program, after RFC 9325 and EN 303 645, 5.5-1." },
      LAW_VERIFIED, NOW, "RFC 9325" },
    { "US-1", "US", "AUD-098", SCANS,
      { "Un scan n'est pas sanctionné quand il ne donne pas accès au réseau et ne met pas les données en danger (Moulton v. VC3, N.D. Ga., 7 novembre 2000).",
        "A scan is not punished where it gives no access to the network and data are not in danger (Moulton v. VC3, N.D. Ga., 7 November 2000)." },
      NOTHING, LAW_NOTHING, NULL, "2000 WL 3331091" },
    { "US-2", "US", "AUD-099", SENDS,
      { "La pénétration est sanctionnée avec une utilisation non autorisée, ou un dommage et l'intention de commettre un délit.",
        "Penetration is punished with unauthorised use, or with damage and the intent to commit an offence." },
      NOTHING, LAW_NOTHING, NULL, SEED },
    { "US-3", "US", "AUD-096", SERVICES,
      { "Le commerce de mots de passe et d'informations d'accès est une infraction autonome : rien de tel n'est exporté.",
        "Trade in passwords and similar access information is an offence of its own: nothing of the kind is exported." },
      NOTHING, LAW_NOTHING, NULL, SEED },
    { "IL-1", "IL", "AUD-100", SCANS,
      { "Relaxe de l'auteur d'un scan du site du Mossad (Avi Mizrahi, 29 février 2004) : qui vérifie des vulnérabilités sans malice ni dommage agit dans l'intérêt public.",
        "Acquittal of a man who had scanned the site of the Mossad (Avi Mizrahi, 29 February 2004): who checks for vulnerabilities without malice or damage acts in the public interest." },
      NOTHING, LAW_NOTHING, NULL, SEED },
    { "EU-1", "EU", "AUD-101", SENDS,
      { "L'approche européenne est plus stricte : la pénétration est un crime indépendamment de tout dommage.",
        "The European approach is stricter: penetration is a crime whatever the damage." },
      NOTHING, LAW_NOTHING, NULL, SEED },
    { "EU-2", "EU", "AUD-097", SENDS,
      { "Convention de Budapest sur la cybercriminalité (2001), 42 États dont les États-Unis, le Japon, « l'Afrique » et le Canada ; en France, décret du 23 mai 2006.",
        "Budapest convention on cybercrime (2001), 42 states with the United States, Japan, \"Africa\" and Canada; in France, decree of 23 May 2006." },
      { "Il s'agit de l'Afrique du Sud ; 64 États l'avaient ratifiée en septembre 2019 et d'autres depuis : liste sur coe.int. La convention n'est pas un texte de l'Union.",
        "South Africa is meant; 64 states had ratified it by September 2019 and others since: list at coe.int. The convention is no text of the Union." },
      LAW_PARTLY, NOW, "coe.int, STE 185" },
    { "FI-1", "FI", "AUD-102", SENDS,
      { "La Cour suprême confirme la condamnation d'un jeune de 17 ans pour le balayage des ports d'une banque : 1 an de prison et amende, 12 000 € pour les frais d'enquête.",
        "The Supreme Court upholds the conviction of a youth of 17 for sweeping the ports of a bank: 1 year of prison and a fine, 12,000 euros for the costs of the inquiry." },
      { "Décision KKO 2003:36 : tentative d'intrusion par un balayage de toutes les adresses qui n'avait pas passé le pare-feu. La peine donnée par l'exposé n'a pas été retrouvée ; à vérifier. Un simple scan a donc été condamné.",
        "Decision KKO 2003:36: attempted intrusion, by a sweep of all addresses that had not passed the firewall. The sentence that the slides give was not found; to be checked. So a mere scan has been convicted." },
      LAW_PARTLY, NOW, "KKO 2003:36 (fredman-mansson.fi, minilex.fi)" },
    { "GB-1", "GB", "AUD-103", SENDS,
      { "Le Police and Justice Act 2006 punit la fourniture d'outils susceptibles de servir à une violation du Computer Misuse Act 1990 : 6 mois à 5 ans et amende ; un élément intentionnel est requis.",
        "The Police and Justice Act 2006 punishes supplying tools likely to be used against the Computer Misuse Act 1990: 6 months to 5 years and a fine; an element of intent is required." },
      { "PJA 2006, s. 35 : l'accès non autorisé, jusqu'à 2 ans sur acte d'accusation (12 mois en procédure sommaire, 6 en Écosse). Les outils relèvent de la s. 37, qui crée la s. 3A du CMA ; son maximum n'a pas été vérifié.",
        "PJA 2006, s. 35: unauthorised access, up to 2 years on indictment (12 months summary, 6 in Scotland). Tools are in s. 37, which makes s. 3A of the CMA; its maximum was not checked." },
      LAW_PARTLY, NOW, "legislation.gov.uk, PJA 2006 s. 35; cps.gov.uk" },
    { "DE-1", "DE", "AUD-104", ALL,
      { "§ 202c StGB : posséder, créer ou diffuser un logiciel qui pourrait servir au piratage est puni de 12 mois et amende ; des projets de recherche ont été abandonnés.",
        "Section 202c StGB: to possess, make or spread software that could serve for hacking carries 12 months and a fine; research projects were given up." },
      { "Le texte est plus étroit : un programme dont le but est une telle infraction. Un an à l'époque, deux ans depuis.",
        "The text is narrower: a program whose purpose is such an offence. One year then, two years since." },
      LAW_VERIFIED, NOW, "2 BvR 2233/07; it-recht-onlinekommentar.de" },
    { "DE-2", "DE", "AUD-105", ALL,
      { "Cour constitutionnelle fédérale, 18 mai 2009 : seul est visé le logiciel développé avec une intention illégale.",
        "Federal Constitutional Court, 18 May 2009: only software that was made with illegal intent is meant." },
      { "La Cour n'a pas admis les recours. Pouvoir servir aux deux fins ne suffit pas ; le but doit s'être montré objectivement. Qui agit pour le compte et avec l'accord de l'ayant droit n'agit pas sans autorisation : le plus fort appui étranger au mandat signé.",
        "The court did not accept the complaints for decision. To be of use for both is not enough; the purpose must have shown itself. Who acts on behalf and with the consent of those entitled does not act without authorisation: the strongest support abroad for a signed mandate." },
      LAW_VERIFIED, NOW, "2 BvR 2233/07" },
};

static const law_stage stages[COVEY_AUDIT_STAGES] = {
    { COVEY_AUDIT_STAGE_PUBLIC, "AUD-064, AUD-046",
      { "Récupération de données publiques : pas de difficulté notable.",
        "Collecting public data: no notable difficulty." },
      { "Aucun paquet vers les cibles : tout vient de fichiers fournis. L'écoute passive de tiers est un droit à part.",
        "No packet to the targets: all of it is from files. Listening to others is a right of its own." } },
    { COVEY_AUDIT_STAGE_PROTOCOLS, "AUD-065, AUD-066",
      { "Scan protocolaire, niveau 4 : existence et non usage des protocoles ; faible risque de DoS ; pas d'accès au SI.",
        "Protocol scan, layer 4: whether protocols exist, not how they are used; low risk of denial of service; no access." },
      NOTHING },
    { COVEY_AUDIT_STAGE_PORTS, "AUD-067, AUD-068",
      { "Scan de ports, « niveau 7 » : ouvert, fermé ou filtré, sans confirmer l'application ; faible risque de DoS ; pas d'accès.",
        "Port scan, \"layer 7\": open, closed or filtered, without confirming the application; low risk of denial of service; no access." },
      { "Une sonde SYN ou UDP agit au niveau 4. Un port ouvert n'est pas un service identifié.",
        "A probe with SYN or UDP works at layer 4. An open port is no identified service." } },
    { COVEY_AUDIT_STAGE_OS, "AUD-069",
      { "Identification du système : pas une requête habituelle, « une dizaine de paquets Nmap » ; information seule, pas d'accès.",
        "Identification of the system: no usual request, \"about ten packets of Nmap\"; information only, no access." },
      { "Mesuré ici avec nmap 7.93 : 32 paquets (--max-os-tries 1), 146 par défaut sans correspondance.",
        "Measured here with nmap 7.93: 32 packets (--max-os-tries 1), 146 by default without a match." } },
    { COVEY_AUDIT_STAGE_SERVICES, "AUD-070",
      { "Identification des services, niveau 7 : transfert de données, donc un accès ; risque de DoS.",
        "Identification of services, layer 7: data are transferred, so it is an access; risk of denial of service." },
      NOTHING },
    { COVEY_AUDIT_STAGE_VULNERABILITIES, "AUD-071, AUD-088",
      { "Comparaison des systèmes et versions avec une base de vulnérabilités : pas un accès, pas d'illégalité.",
        "Comparing systems and versions with a base of vulnerabilities: no access, nothing illegal." },
      { "Hors ligne : aucun paquet. L'exploitation, illégale sans autorisation, n'existe pas dans ce programme.",
        "Offline: not one packet. Exploitation, illegal without authorisation, does not exist in this program." } },
};
/* clang-format on */

const law_note *law_notes(size_t *count)
{
    *count = COUNT(notes);
    return notes;
}

const law_stage *law_stages(size_t *count)
{
    *count = COUNT(stages);
    return stages;
}

bool law_knows(const char *country)
{
    for (size_t i = 0; i < COUNT(notes); i++) {
        if (strcmp(notes[i].country, country) == 0) {
            return true;
        }
    }
    return false;
}

const char *law_say(const law_text *text, bool is_french)
{
    return is_french ? text->fr : text->en;
}
