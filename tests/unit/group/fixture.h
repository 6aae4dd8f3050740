/* SPDX-License-Identifier: BSD-2-Clause */
/* A group of three with a provider that is a toy, fails when told, and lets
 * no nonce be used twice with a key; and messages written as hex. */
#ifndef COVEY_TEST_GROUP_FIXTURE_H
#define COVEY_TEST_GROUP_FIXTURE_H

#include "kit.h"

#include <covey/group.h>

#include <crypto/scripted/scripted.h>

#define MESSAGE_MAX    512u
#define CREDENTIAL_LEN 40u
#define TABLE_MAX      4u

#define GET      "40010001 b174"
#define OBSERVE  "40010001 60 5174"
#define CONTENT  "60450001 ff3231"
#define NOTIFIED "60450001 6109 ff3231"

enum {
    ALICE, /* asks */
    BOB,   /* these answer */
    CAROL,
    MEMBERS
};

struct member {
    covey_group group;
    covey_group_recipient table[TABLE_MAX];
    covey_key private_key;
    uint8_t public_key[32];
    uint8_t credential[CREDENTIAL_LEN];
    uint8_t id;
};

/* A protected message; the parsed form points into its bytes. */
struct wire {
    uint8_t bytes[MESSAGE_MAX];
    size_t len;
    covey_coap_message m;
};

struct world {
    covey_scripted script; /* first: what the provider is given */
    covey_crypto crypto;
    covey_crypto inner; /* without the look at nonces */
    struct member member[MEMBERS];
    /* Of the next call, to be tuned. */
    covey_group_work work;
    size_t cap; /* room for what comes out */
    covey_writer out;
    covey_group_received r;
    covey_group_answer answers[MEMBERS];
    uint8_t input[MESSAGE_MAX];
    uint8_t output[MESSAGE_MAX];
    uint8_t scratch[COVEY_GROUP_SCRATCH(MESSAGE_MAX, CREDENTIAL_LEN, 3)];
};

/* Both modes, AES-CCM in pairwise mode and `group_enc` in group mode, tables
 * of two, all know each other, everything stored. */
struct world *world_open(int32_t group_enc);
/* The members' keys only. */
struct world *world_open_empty(void);
/* Drops all, and nothing is left in the provider. */
void world_close(struct world *w);
covey_group_parameters world_parameters(int32_t group_enc);
covey_group_start world_start(struct member *m);
void world_join(struct world *w, size_t who, const covey_group_parameters *p,
                const covey_group_start *start);

covey_bytes id_of(const struct member *m);
covey_group_member row_of(const struct member *m);
covey_group_recipient *peer_of(const struct world *w, size_t who,
                               size_t other);
void know(struct world *w, size_t who, size_t other);
/* Confirms what is due, as if storage were always quick. */
void store(covey_group *g);

/* The next messages go to this one alone, or, with itself, to all. */
void address(struct world *w, size_t from, size_t to);
covey_coap_message message_of(struct world *w, const char *hex);
void wire_parse(struct wire *wire);
/* A datagram as it is. */
void wire_of(struct wire *wire, const char *hex);

covey_status ask(struct world *w, size_t who, covey_group_exchange *x,
                 const char *hex, struct wire *wire);
covey_status answer(struct world *w, size_t who, covey_group_exchange *x,
                    const char *hex, struct wire *wire);
covey_unprotect hear(struct world *w, size_t who, covey_group_exchange *x,
                     const struct wire *wire);
covey_unprotect take(struct world *w, size_t who, covey_group_exchange *x,
                     const struct wire *wire);
/* The same, with what must come of it. */
void check_heard(struct world *w, size_t who, covey_group_exchange *x,
                 const struct wire *wire);
void check_taken(struct world *w, size_t who, covey_group_exchange *x,
                 const struct wire *wire);
void check_not_heard(struct world *w, size_t who, const struct wire *wire,
                     covey_oscore_fault fault);
void check_not_taken(struct world *w, size_t who,
                     const covey_group_exchange *x, const struct wire *wire,
                     covey_oscore_fault fault);

/* A member at one moment. */
struct snapshot {
    covey_group group;
    covey_group_recipient table[TABLE_MAX];
};
void snapshot_take(struct snapshot *s, const struct member *m);
/* Nothing has changed but `forged` messages more, and keys that were derived
 * meanwhile. */
void check_unchanged(const struct snapshot *before, const struct member *m,
                     uint32_t forged);

/* The number of messages that were encrypted since the world began. */
size_t nonces_used(void);

#endif
