/* SPDX-License-Identifier: BSD-2-Clause */
/* Words for operators, actions, lengths and directions: the identities of
 * RFC 9363 with or without their module and prefix, and the short words of
 * the drafts and of OpenSCHC. */
#include "internal.h"

#include <string.h>
#include <strings.h>

/* Past "module:" and then past "mo-" or the like. */
static const char *bare(const char *text, const char *prefix)
{
    const char *colon = strchr(text, ':');
    const size_t n = strlen(prefix);

    text = colon ? colon + 1 : text;
    return strncasecmp(text, prefix, n) == 0 ? text + n : text;
}

bool rules_term_mo(const char *text, uint8_t *mo)
{
    const char *word = bare(text, "mo-");

    for (unsigned i = 0; i <= COVEY_SCHC_MO_MATCH_MAPPING; i++) {
        const char *name = covey_schc_mo_name((covey_schc_mo)i);
        if (strcasecmp(word, name + 3) == 0) {
            *mo = (uint8_t)i;
            return true;
        }
    }
    return false;
}

bool rules_term_cda(const char *text, uint8_t *cda, const char **computes)
{
    const char *word = bare(text, "cda-");

    *computes = NULL;
    if (strncasecmp(word, "compute-", 8) == 0) {
        word += 8;
        *computes = strcasecmp(word, "length") == 0     ? "length"
                    : strcasecmp(word, "checksum") == 0 ? "checksum"
                                                        : NULL;
        *cda = COVEY_SCHC_CDA_COMPUTE;
        return *computes != NULL;
    }
    for (unsigned i = 0; i <= COVEY_SCHC_CDA_APP_IID; i++) {
        const char *name = covey_schc_cda_name((covey_schc_cda)i);
        if (strcasecmp(word, name + 4) == 0) {
            *cda = (uint8_t)i;
            return true;
        }
    }
    return false;
}

/* clang-format off */
static const struct {
    const char *word;
    uint8_t length;
} lengths[] = {
    /* RFC 9363 */
    { "variable",                     COVEY_SCHC_FL_VAR },
    { "token-length",                 COVEY_SCHC_FL_TKL },
    /* draft-ietf-schc-8824-update-09; the WG's later model has the plural */
    { "variable-bit",                 COVEY_SCHC_FL_VAR_BIT },
    { "variable-bits",                COVEY_SCHC_FL_VAR_BIT },
    { "oscore-piv-length",            COVEY_SCHC_FL_OSC_PIV },
    /* draft-ietf-core-oscore-key-update */
    { "oscore-oscore-nonce-length",   COVEY_SCHC_FL_OSC_X_M },
    { "oscore-nonce-length",          COVEY_SCHC_FL_OSC_X_M },
    { "oscore-oscore-oldnonce-length", COVEY_SCHC_FL_OSC_Y_W },
    { "oscore-oscore-old-nonce-length", COVEY_SCHC_FL_OSC_Y_W },
    { "oscore-oldnonce-length",       COVEY_SCHC_FL_OSC_Y_W },
    { "oscore-old-nonce-length",      COVEY_SCHC_FL_OSC_Y_W },
    /* the words of the documents' tables */
    { "var",                          COVEY_SCHC_FL_VAR },
    { "var_bit",                      COVEY_SCHC_FL_VAR_BIT },
    { "var_bits",                     COVEY_SCHC_FL_VAR_BIT },
    { "tkl",                          COVEY_SCHC_FL_TKL },
    { "osc.piv",                      COVEY_SCHC_FL_OSC_PIV },
    { "osc.x.m",                      COVEY_SCHC_FL_OSC_X_M },
    { "osc.y.w",                      COVEY_SCHC_FL_OSC_Y_W },
};
/* clang-format on */

bool rules_term_length(const char *text, uint8_t *length)
{
    const char *word = bare(text, "fl-");

    for (size_t i = 0; i < COUNT(lengths); i++) {
        if (strcasecmp(word, lengths[i].word) == 0) {
            *length = lengths[i].length;
            return true;
        }
    }
    return false;
}

/* clang-format off */
static const struct {
    const char *word;
    uint8_t direction;
} directions[] = {
    { "up",            COVEY_SCHC_DI_UP },
    { "down",          COVEY_SCHC_DI_DOWN },
    { "dw",            COVEY_SCHC_DI_DOWN },
    { "dn",            COVEY_SCHC_DI_DOWN },
    { "bidirectional", COVEY_SCHC_DI_BIDIRECTIONAL },
    { "bi",            COVEY_SCHC_DI_BIDIRECTIONAL },
};
/* clang-format on */

bool rules_term_direction(const char *text, uint8_t *direction)
{
    const char *word = bare(text, "di-");

    for (size_t i = 0; i < COUNT(directions); i++) {
        if (strcasecmp(word, directions[i].word) == 0) {
            *direction = directions[i].direction;
            return true;
        }
    }
    return false;
}

const char *rules_nearest_field(const char *word)
{
    const char *names[COVEY_SCHC_FIELD_IDS + 64];
    char unused[COVEY_SCHC_NAME_MAX];
    size_t options = 0;
    const covey_option_def *defs = covey_option_all(&options);
    size_t n = 0;
    const char *colon = strchr(word, ':');

    for (unsigned id = 0; id < COVEY_SCHC_FIELD_IDS; id++) {
        if (id != COVEY_SCHC_OPTION) {
            names[n++] = covey_schc_field_name((uint8_t)id, 0, unused);
        }
    }
    for (size_t i = 0; i < options && n < COUNT(names); i++) {
        const char *name =
            covey_schc_field_name(COVEY_SCHC_OPTION, defs[i].number, unused);
        if (name != unused) { /* has an identity */
            names[n++] = name;
        }
    }
    return rules_nearest(colon ? colon + 1 : word, names, n);
}
