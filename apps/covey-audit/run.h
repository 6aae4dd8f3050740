/* SPDX-License-Identifier: BSD-2-Clause */
/* A run: the acts of a mandate, done by the broker, which is the only one that
 * has sockets. */
#ifndef COVEY_AUDIT_RUN_H
#define COVEY_AUDIT_RUN_H

#include "audit.h"
#include "checks.h"
#include "guard.h"
#include "inventory.h"

#include <evidence.h>
#include <frames.h>

/* What is known of a host, over all its acts. */
typedef struct audit_target {
    covey_address host; /* without port */
    covey_audit_counters done;
    bool asked; /* for its health */
    bool alive;
    bool open;      /* CO-01 found something */
    bool certified; /* it has shown its certificate over TLS */
    size_t kept_len;
    uint8_t kept[WIRE_KEPT_MAX];
} audit_target;

enum {
    AUDIT_PARKED = 32
};

typedef struct audit_run {
    const audit_args *args;
    const covey_crypto *crypto;
    const mandate_terms *terms;
    covey_audit_mandate gate;
    covey_audit_limits limits; /* of all documents together */
    evidence *log;
    pcapng *capture;
    const inventory *inventory; /* NULL: none was given */
    FILE *plan; /* acts are told here and not done; NULL: they are done */
    audit_guard guard;
    covey_audit_pace pace;
    covey_ms quiet; /* a second after the last packet */
    audit_target **targets;
    size_t target_count;
    /* Sockets that are done with: they cannot send any more, and take late
     * answers, which the kernel would meet with ICMP otherwise. */
    int parked[AUDIT_PARKED];
    size_t parked_count;
    uint64_t acts; /* the number of the next one */
    uint64_t allowed;
    uint64_t refused;
    uint64_t untested;
    uint64_t findings;
    uint64_t packets;
} audit_run;

/* One act that may be done. */
typedef struct audit_act {
    const audit_check *check;
    audit_target *target;
    covey_audit_act what;
    uint64_t number;
    int64_t decided; /* seconds since 1970, when the gate was asked */
    covey_audit_verdict verdict;
} audit_act;

/* --- act.c --------------------------------------------------------------- */

/* Asks the gate and writes down what it says. */
void audit_act_judge(audit_run *r, audit_act *a);
/* Does what the gate has allowed: intent, packets, result. */
enum audit_outcome audit_act_do(audit_run *r, const audit_act *a);

/* --- broker.c ------------------------------------------------------------ */

typedef struct broker {
    audit_run *run;
    const audit_act *act;
    int sock;
    int canary;
    int worker; /* the socket to it */
    int pid;
    covey_ms deadline; /* of this act */
    covey_address local;
    covey_address canary_local;
    covey_address canary_peer; /* who asked it */
    covey_address *peers;      /* of a group: who has answered */
    uint32_t peer_count;
    bool connected; /* a stream, which is to be counted when it is closed */
    bool closed;    /* the target has said that nobody is there */
    /* what comes into the result */
    uint32_t packets;
    uint64_t bytes;
    uint32_t answers;
    uint64_t answer_bytes;
    uint32_t strangers; /* answers from beyond the scope, not looked at */
    covey_hash digest;  /* of the answers */
    json_t *findings;
    json_t *notes;
    enum audit_outcome outcome;
    uint8_t buffer[WIRE_MAX];
} broker;

/* Opens the sockets and starts the worker; false with b->outcome. */
bool broker_open(broker *b);
void broker_close(broker *b);
/* Serves the worker until the act has ended. */
void broker_serve(broker *b);

/* --- packets.c: sockets and what goes through them ----------------------- */

bool packets_open(broker *b);
bool packets_port(broker *b); /* another one */
void packets_close(broker *b);
void packets_end(audit_run *r); /* of all acts */
/* Sends when pace, budget and right allow it; false: they do not. */
bool packets_send(broker *b, covey_bytes packet);
bool packets_reply(broker *b, covey_bytes packet);
/* A packet into b->buffer from `at` on; its length. 0: nothing that counts.
 * *who is WIRE_CANARY or the number of the peer. */
size_t packets_take(broker *b, bool canary, size_t at, uint16_t *who);

/* --- streams.c: connections ---------------------------------------------- */

bool streams_open(broker *b);
void streams_close(broker *b);
bool streams_send(broker *b, covey_bytes packet);
size_t streams_take(broker *b, size_t at);

/* Whether a packet may leave now, after all waiting: the last look. Shared by
 * both, packets.c. */
bool packets_may_send(broker *b);
/* A socket at an address of the auditor; type as for socket(2). */
int packets_socket(const broker *b, int type, covey_address *local);

/* --- record.c ------------------------------------------------------------ */

/* Appends a line and takes the value over; false stops the run. */
bool audit_record(audit_run *r, json_t *line, bool durable);
/* What every line about an act has. */
json_t *audit_record_act(const audit_run *r, const audit_act *a,
                         const char *kind);
/* A finding with the row of its table. */
json_t *audit_record_finding(unsigned which, const char *detail);
bool audit_record_begin(audit_run *r, const char *run, json_t *files);
bool audit_record_end(audit_run *r, int status);

#endif
