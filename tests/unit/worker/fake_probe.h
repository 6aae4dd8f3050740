/* SPDX-License-Identifier: BSD-2-Clause */
/* A broker that is none: what the checks of covey-audit ask of theirs is
 * answered from a script. Randomness is all the same byte, so that answers can
 * be written beforehand; time passes with what comes, and with silence. */
#ifndef COVEY_TEST_FAKE_PROBE_H
#define COVEY_TEST_FAKE_PROBE_H

#include <apps/covey-audit/probe.h>

enum {
    FAKE_RANDOM = 0xa5, /* each byte of it */
    FAKE_FINDINGS = 64,
    FAKE_TEXT = 400
};

typedef struct fake_packet {
    bool canary; /* somebody asks the canary */
    covey_bytes bytes;
} fake_packet;

typedef struct fake {
    probe p;
    /* The next packet of the target; false: silence. */
    bool (*next)(struct fake *f, fake_packet *out);
    void *user;
    uint8_t *packet; /* that came last */
    bool refuses;    /* nothing may be sent */
    unsigned sent;
    size_t sent_len;
    uint8_t last[WIRE_MAX]; /* what was sent last */
    unsigned awaited;
    uint64_t now; /* ms */
    bool seen;    /* a certificate */
    bool dtls;
    size_t size_asked; /* of CO-01 */
    size_t size_answered;
    unsigned finding_count;
    enum audit_finding findings[FAKE_FINDINGS];
    char text[FAKE_TEXT]; /* of the last finding */
    unsigned notes;
    char note[FAKE_TEXT]; /* the last one */
    size_t kept;          /* bytes */
} fake;

/* Everything but what is set here is zeroed. */
void fake_open(fake *f, bool (*next)(struct fake *f, fake_packet *out),
               void *user);
void fake_close(fake *f);
bool fake_has(const fake *f, enum audit_finding wanted);

#endif
