/* SPDX-License-Identifier: BSD-2-Clause */
/* Findings in French, and the document that their remedies belong into: what
 * keeps a service alive into the continuity plan (PCA), keys and what has to
 * be restored into the rescue plan (PSI), configuration into the charter, what
 * others have to deliver into their contracts (AUD-016, AUD-017).
 * In French and English. */
#include "report.h"

#include <string.h>

#define COUNT(a)  (sizeof(a) / sizeof(a)[0])
#define PCA       "heading.pca"
#define PSI       "heading.psi"
#define CHARTER   "heading.charter"
#define CONTRACTS "heading.contract"

/* clang-format off */
static const report_finding findings[] = {
    { "CO-01.open", "les ressources sont listées à tout le monde",
      "ne lister que ce que chacun peut savoir ; le reste par OSCORE ou DTLS", CHARTER, false },
    { "CO-01.management", "une ressource d'administration est listée à tout le monde",
      "la retirer de la liste ouverte et la protéger par OSCORE", CHARTER, false },
    { "CO-02.amplifies", "répond bien plus qu'il ne lui est demandé",
      "demander Echo avant toute longue réponse à un inconnu, ou de petits blocs", PCA, false },
    { "CO-03.answers", "des membres répondent à la demande de groupe d'un inconnu",
      "protéger les demandes de groupe par Group OSCORE, ne répondre à aucune autre", PCA, false },
    { "CO-03.amplifies", "un paquet à un groupe en provoque beaucoup de grands",
      "protéger les demandes de groupe par Group OSCORE, ne répondre à aucune autre", PCA, false },
    { "CO-03.reset", "un membre rejette une demande de groupe par un reset",
      "ignorer ce qui vient à un groupe et ne peut être servi", CONTRACTS, false },
    { "CO-04.amplifies", "beaucoup de notifications sans confirmation",
      "intercaler plus tôt des notifications à confirmer", PCA, false },
    { "CO-04.message-ids", "les Message ID des notifications sont prévisibles",
      "commencer les Message ID au hasard pour chaque pair", CONTRACTS, false },
    { "CO-05.open", "un mandataire ouvert à tous",
      "ne relayer que pour des clients authentifiés, sinon répondre 5.05", CHARTER, true },
    { "CO-06.amplifies", "un mandataire donne de longues réponses à des inconnus",
      "demander Echo au client avant de relayer une longue réponse", PCA, false },
    { "CO-07.separate", "Echo vient dans une réponse séparée",
      "envoyer la valeur Echo dans le premier paquet de réponse", CONTRACTS, false },
    { "CO-07.shared", "deux clients reçoivent la même valeur Echo",
      "lier la valeur Echo à l'adresse du client", CONTRACTS, false },
    { "CO-08.bypass", "une ressource réservée à OSCORE répond sans lui",
      "répondre 4.01 à ce qui n'est pas protégé", PSI, true },
    { "CO-09.tells", "une erreur OSCORE en dit plus que nécessaire",
      "répondre 4.01 avec la phrase de la norme ou sans contenu", CONTRACTS, false },
    { "CO-10.replay", "la même demande protégée reçoit deux réponses",
      "conserver la fenêtre anti-rejeu, même après un redémarrage (annexe B.1)", PSI, false },
    { "CO-11.nosec", "le même hôte est ouvert à côté de son port DTLS",
      "fermer le port 5683, ou n'y laisser que ce qui est public", CHARTER, true },
    { "CO-12.nosec", "un groupe de sécurité nommé NoSec",
      "donner à chaque groupe un groupe de sécurité à lui", PSI, false },
    { "CO-12.manager", "un gestionnaire de groupe joignable sans OSCORE",
      "ne servir ses ressources que par OSCORE ou DTLS", PSI, false },
    { "SC-01.unusable", "le jeu de règles est inutilisable",
      "le corriger : les deux bouts doivent avoir les mêmes règles saines", CHARTER, false },
    { "SC-01.ambiguous", "un paquet peut être pris pour celui d'une autre règle",
      "donner à chaque règle un RuleID qui n'en commence aucun autre", CHARTER, false },
    { "SC-01.lossy", "un champ dont la sécurité a besoin ne revient pas",
      "envoyer la valeur (ignore, value-sent) ou la comparer (equal)", PCA, false },
    { "SC-01.secret", "une valeur cible qui ressemble à un secret",
      "l'ôter des règles, le remplacer sur les appareils et l'envoyer protégé par OSCORE", PSI, false },
    { "SC-01.identifier", "une valeur cible qui désigne un appareil ou une personne",
      "la prendre de la liaison (DevIID) ou employer un identifiant opaque", CHARTER, false },
    { "SC-01.no-compression", "un paquet qu'aucune règle ne prévoit ne peut être envoyé",
      "ajouter une règle sans compression, ou filtrer avant le compresseur", PCA, false },
    { "SC-01.expansion", "quelques bits deviennent un très grand en-tête",
      "raccourcir les valeurs cibles et borner ce que produit le décompresseur", PCA, false },
    { "SC-01.shared", "deux parties ont le même jeu de règles",
      "donner à chaque locataire un contexte à lui", CONTRACTS, false },
    { "SC-01.reassembly-timer", "un paquet dont un fragment manque est gardé pour toujours",
      "armer le temporisateur d'inactivité", PCA, false },
    { "SC-01.fragment-retries", "des fragments sont redemandés sans fin",
      "armer le temporisateur de retransmission et MAX_ACK_REQUESTS", PCA, false },
    { "SC-01.reassembly-room", "le réassemblage peut prendre plus de mémoire qu'un appareil n'en a",
      "réduire maximum-packet-size ou max-interleaved-frames", PCA, false },
    { "SC-01.profile", "une règle contredit le document qu'elle suit",
      "faire ce que dit « covey schc lint »", CHARTER, false },
    { "SC-02.open", "des règles ou une configuration lisibles par tous",
      "ne les servir que par OSCORE ou DTLS", CHARTER, true },
    { "TL-01.version", "une version ancienne de TLS ou DTLS",
      "désactiver les versions antérieures à 1.2", CHARTER, false },
    { "TL-01.its", "une station ITS sans TLS 1.3",
      "servir avec TLS 1.3 et le certificat de la station", CHARTER, false },
    { "TL-02.weak", "accepte une suite cryptographique faible",
      "ne garder que des suites à confidentialité persistante et 128 bits ou plus", CHARTER, false },
    { "TL-03.expired", "le certificat a expiré",
      "le renouveler, et surveiller les dates de tous les certificats", PCA, false },
    { "TL-03.early", "le certificat n'est pas encore valable",
      "régler les horloges de l'appareil et de son autorité", PCA, false },
    { "TL-03.soon", "le certificat finit dans les trente jours",
      "le renouveler à temps, sans intervention humaine si possible", PCA, false },
    { "TL-03.self-signed", "un certificat autosigné qui n'est pas une ancre",
      "le faire émettre par sa propre autorité, ou l'épingler chez chaque client", CHARTER, false },
    { "TL-03.chain", "aucune chaîne vers une ancre de l'inventaire",
      "envoyer les certificats des émetteurs, jusqu'à la racine", CHARTER, false },
    { "TL-03.name", "un certificat pour un autre hôte",
      "nommer l'hôte, ou son adresse, en subjectAltName", CHARTER, false },
    { "TL-03.weak", "un certificat à clé faible",
      "faire une nouvelle clé : P-256, ou RSA de 3072 bits", PSI, false },
    { "TL-03.hash", "un certificat signé sur SHA-1 ou MD5",
      "le faire émettre à nouveau, avec SHA-256", PSI, false },
    { "TL-03.kind", "un certificat d'une autre sorte que dans l'inventaire",
      "lui donner le certificat qu'il devait avoir", CHARTER, false },
    { "TL-03.region", "un certificat ITS pour un autre lieu",
      "en faire émettre un pour l'endroit de la station", CONTRACTS, false },
    { "TL-03.permission", "un certificat ITS pour un autre service",
      "en faire émettre un avec PSID et SSP du service", CONTRACTS, false },
    { "TL-03.algorithm", "un certificat ITS d'un autre algorithme",
      "employer P-256 ou P-384, ou Brainpool de mêmes longueurs", CONTRACTS, false },
    { "TL-03.ticket", "le ticket d'un véhicule comme identité d'un serveur",
      "employer un certificat qui nomme la station", CHARTER, false },
    { "TL-04.cookie", "un serveur DTLS répond à une adresse usurpée",
      "envoyer HelloVerifyRequest avant toute autre chose", PCA, false },
    { "IN-01.unlisted", "une ressource absente de l'inventaire",
      "chercher à quoi elle sert ; la retirer, ou l'inscrire à l'inventaire", CHARTER, false },
    { "IN-01.missing", "une ressource de l'inventaire qui n'est pas listée",
      "corriger l'inventaire, ou l'appareil", CHARTER, false },
    { "PB-01.outside", "répond en CoAP à tout Internet",
      "n'être joignable de personne au-dehors, ou ne répondre que par DTLS ou OSCORE", CHARTER, false },
    { "PC-01.secret", "un secret est envoyé en clair",
      "protéger la demande par OSCORE ou DTLS, et changer le secret", PSI, false },
    { "PO-01.contact", "personne à qui signaler une faiblesse",
      "publier un security.txt avec un contact et une date de fin", CONTRACTS, false },
    { "VU-01.affected", "une version dont une vulnérabilité est connue",
      "installer la version qui la corrige, ou retirer le service", PCA, false },
    { "VU-01.cannot-tell", "une version qui a peut-être une vulnérabilité connue",
      "demander à qui l'a construite si elle y est corrigée (VEX)", CONTRACTS, false },
};
/* clang-format on */

const report_finding *report_finding_get(const char *id)
{
    for (size_t i = 0; i < COUNT(findings); i++) {
        if (strcmp(findings[i].id, id) == 0) {
            return &findings[i];
        }
    }
    return NULL;
}
