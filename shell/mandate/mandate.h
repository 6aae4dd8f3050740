/* SPDX-License-Identifier: BSD-2-Clause */
/* The documents of an authorised audit: a mandate, amendments to it and its
 * withdrawal. Each is JSON in a DSSE envelope (Dead Simple Signing Envelope,
 * version 1.0.2), so that the bytes that were signed are the bytes that are
 * read. covey-mandate(5) says what is in them, covey/audit.h decides on acts.
 *
 * Messages go to a stream, one per line, with the place and what was expected.
 * What is not understood is refused: a key that nobody knows could be the one
 * that takes a right away. */
#ifndef COVEY_SHELL_MANDATE_H
#define COVEY_SHELL_MANDATE_H

#include <covey/audit.h>

#include <stdio.h>

/* --- keys ---------------------------------------------------------------- */

enum {
    MANDATE_KEY_TEXT_MAX = 80, /* with its end */
    MANDATE_SIGNATURE = 64     /* bytes: of Ed25519, or r and s */
};

/* "ed25519:" and 32 bytes in hex, or "p256:" and a compressed point of 33. */
typedef struct mandate_key {
    int32_t curve; /* covey_curve; 0: none */
    uint8_t len;
    uint8_t bytes[33];
} mandate_key;

bool mandate_key_parse(const char *text, size_t len, mandate_key *key);
const char *mandate_key_text(const mandate_key *key,
                             char out[MANDATE_KEY_TEXT_MAX]);
bool mandate_key_equal(const mandate_key *a, const mandate_key *b);

/* A private key from a PEM file that nobody else can read; false with a
 * message. *own is to be dropped, *key is its public half. */
bool mandate_key_load(const char *path, const covey_crypto *crypto,
                      covey_key *own, mandate_key *key, FILE *messages);

/* `own` is the private half of `key`. */
bool mandate_key_sign(const covey_crypto *crypto, covey_key *own,
                      const mandate_key *key, covey_bytes tbs,
                      uint8_t signature[MANDATE_SIGNATURE]);
bool mandate_key_verify(const covey_crypto *crypto, const mandate_key *key,
                        covey_bytes tbs,
                        const uint8_t signature[MANDATE_SIGNATURE]);

/* --- mandates ------------------------------------------------------------ */

/* Legal and natural person (AUD-038). */
typedef struct mandate_party {
    const char *role; /* of principals and third parties */
    const char *legal;
    const char *natural;
    mandate_key key;
} mandate_party;

typedef struct mandate_contact {
    const char *name;
    const char *telephone;
} mandate_contact;

typedef struct mandate_data {
    const char *capture; /* "none", "headers", "payload" */
    const char *tlp;     /* "RED", "AMBER+STRICT", "AMBER", "GREEN", "CLEAR" */
    const char *const *recipients;
    size_t recipient_count;
    uint32_t retention_days;
} mandate_data;

typedef struct mandate_credential {
    const char *id;
    const char *kind;   /* "oscore", "group-oscore", "psk", "x509", "its" */
    const char *target; /* a clause */
} mandate_credential;

/* What regulation leaves of a radio link behind a clause: its bit rate and the
 * share of time that may be used, in tenths of a percent. */
typedef struct mandate_radio {
    const char *clause;
    uint32_t bits_s;
    uint32_t duty_permille;
} mandate_radio;

/* An amendment or a withdrawal that was added. */
typedef struct mandate_addition {
    bool withdraws;
    const char *by;     /* of a withdrawal; otherwise NULL */
    const char *reason; /* NULL: none was given */
} mandate_addition;

typedef struct mandate mandate;

/* What has been read; all of it lives as long as the mandate. */
typedef struct mandate_terms {
    const char *id;
    const char *language; /* "fr" or "en" */
    mandate_party principal;
    mandate_party auditor;
    const mandate_party *third_parties;
    size_t third_party_count;
    const covey_address *sources; /* of the auditor's packets */
    size_t source_count;
    const char *vantage; /* "internal" or "external" */
    /* With owners: how many of the sources lie in networks of the principal;
     * otherwise 0. */
    size_t source_inside;
    const char *contract;
    const char *nda;        /* "none" with a reason */
    const char *nda_reason; /* or NULL */
    const char *liability_clause;
    const char *legitimate_reason;
    const char *const *jurisdictions; /* ISO 3166-1 */
    size_t jurisdiction_count;
    mandate_data data;
    const mandate_contact *contacts;
    size_t contact_count;
    const mandate_credential *credentials;
    size_t credential_count;
    const mandate_radio *radio;
    size_t radio_count;
    uint32_t stop_if_silent_s;
    /* Of document 0, in its order: "S1", and as it was written. */
    const char *const *clauses;
    const covey_audit_range *ranges;
    const covey_audit_range *excluded;
} mandate_terms;

/* Who owns what, by an administrator's word: covey-mandate(5). */
typedef struct mandate_owners mandate_owners;

mandate_owners *mandate_owners_load(const char *path, FILE *messages);
void mandate_owners_free(mandate_owners *o);

/* The mandate in the envelope: its content, the signatures of principal,
 * auditor and all third parties, and that each clause lies within what the
 * principal's key is pinned to. NULL with messages; errno is 0 unless the file
 * could not be read. `owners` NULL: that is not looked after, which serves who
 * only wants to read it. */
mandate *mandate_load(const char *path, const covey_crypto *crypto,
                      const mandate_owners *owners, FILE *messages);
void mandate_free(mandate *m);

/* Adds what another envelope says: an amendment, signed by principal and
 * auditor, that only narrows; or a withdrawal, signed by any party. The rest
 * as mandate_load. Unchanged if it is refused. */
bool mandate_add(mandate *m, const char *path, const covey_crypto *crypto,
                 FILE *messages);

const mandate_terms *mandate_read(const mandate *m);
/* What was added, in its order. */
const mandate_addition *mandate_additions(const mandate *m, size_t *count);
/* For the gate; as long as the mandate is neither freed nor added to. */
covey_audit_mandate mandate_gate(const mandate *m);

/* --- signing ------------------------------------------------------------- */

/* Signs the payload in `path`, which is JSON of a mandate, an amendment or a
 * withdrawal that has no fault but missing signatures, or an envelope that has
 * some already, and writes the envelope to `out`. */
bool mandate_sign(const char *path, const covey_crypto *crypto, covey_key *own,
                  const mandate_key *key, FILE *out, FILE *messages);

#endif
