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
#include <system_address.h>

/* What a scan says of a port or a protocol (AUD-067). */
enum sweep_state {
    SWEEP_NOTHING = 0, /* it has not been looked at */
    SWEEP_OPEN,
    SWEEP_CLOSED,
    SWEEP_OPEN_OR_FILTERED, /* UDP that says nothing */
    SWEEP_FILTERED,
    SWEEP_UNREACHABLE, /* so says a router, or nobody has this address */
    SWEEP_ANSWERS,     /* a protocol */
    SWEEP_SILENT,
    SWEEP_NOT_AVAILABLE, /* this system does not permit to ask */
    SWEEP_STATES
};

enum {
    SWEEP_ICMP = 1, /* IANA registry "Protocol Numbers" */
    SWEEP_ICMPV6 = 58
};

/* A port that is open. */
typedef struct audit_port {
    uint8_t protocol;
    uint16_t port;
} audit_port;

/* What is known of a host, over all its acts. */
typedef struct audit_target {
    covey_address host; /* without port */
    covey_audit_counters done;
    bool asked; /* for its health */
    bool alive;
    bool open; /* CO-01 found something */
    bool visited;
    enum sweep_state state;        /* what the last scan of it has seen */
    const audit_check *lamp_check; /* with which it has answered, or NULL */
    covey_address lamp;            /* and where */
    audit_port *ports;             /* that are open */
    size_t port_count;
    bool fortuitous;     /* it has shown more than was to be seen */
    bool certified;      /* it has shown its certificate over TLS */
    bool dtls;           /* it has answered with DTLS */
    uint32_t core_asked; /* bytes of CO-01's request and of its answer */
    uint32_t core_answered;
    size_t kept_len;
    uint8_t kept[WIRE_KEPT_MAX];
} audit_target;

enum {
    AUDIT_PARKED = 64,
    AUDIT_LOOK_EVERY = 32 /* ports between two looks at a host's health */
};

typedef struct audit_run {
    const audit_args *args;
    const covey_crypto *crypto;
    const mandate_terms *terms;
    covey_audit_mandate gate;
    covey_audit_limits limits; /* of all documents together */
    evidence *log;
    pcapng *capture;
    uint32_t asked;  /* techniques, as bits: of --stage, or of the mandate */
    uint32_t stages; /* of these */
    uint32_t ended;  /* of these, for all hosts */
    const json_t *files; /* names and hashes in the folder of the evidence */
    bool no_fence;       /* an external tool was wanted, and there is none */
    bool fence_failed;   /* and so is not tried again */
    struct sweep *sweeps[2];    /* sockets of a scan: of IPv4, of IPv6 */
    const inventory *inventory; /* NULL: none was given */
    const mandate_credential *credential; /* CO-10: or NULL */
    const char *credential_file;
    const char *state;                 /* the folder that has its numbers */
    const struct audit_tool *tool;     /* of --tool, or NULL */
    const struct looked_at *looked_at; /* vuln_record.c; or NULL */
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

typedef struct broker broker;

/* --- run.c --------------------------------------------------------------- */

struct audit_launch;

/* What every run begins and ends with; false with a message. */
bool audit_run_begin(audit_run *r, const struct audit_launch *launch,
                     const audit_args *a, const mandate *m);
/* The exit status. */
int audit_run_end(audit_run *r, const struct audit_launch *launch);

/* Each document limits, so the least of all counts. */
covey_audit_limits audit_run_limits(const covey_audit_mandate *gate);

/* Is `id` one of the names in "CO-01,CO-02"? */
bool audit_check_is_named(const char *list, const char *id);
/* Is each of these names that of a check? */
bool audit_checks_good(const char *list);

/* --- act.c --------------------------------------------------------------- */

/* What a check is at a host, with the check's port. */
audit_act audit_act_of(const audit_run *r, const audit_check *c,
                       audit_target *t);
/* Asks the gate and writes down what it says. */
void audit_act_judge(audit_run *r, audit_act *a);
/* Both; false: it was not allowed. */
bool audit_act_try(audit_run *r, audit_act *a, enum audit_outcome *outcome);
/* A line for what is left out. */
void audit_act_leave_out(audit_run *r, const audit_act *a, const char *why);

/* --- health.c ------------------------------------------------------------ */

/* Whether the host answers now; t->alive has it, too. */
bool audit_health_ask(audit_run *r, audit_target *t);
/* One that has answered answers again, or all ends. A probe that is refused,
 * since the budget is spent, is no silence. */
void audit_health_again(audit_run *r, audit_target *t);
/* Before an act that cannot look after its target itself: true if the host
 * answers, and so is to be asked again after it. Without a right, and a budget
 * for both probes and the act, there is none, and a line that says so. */
bool audit_health_before(audit_run *r, audit_target *t,
                         const covey_audit_act *between);
/* A probe into the plan; of those around an act the first. */
void audit_health_tell(audit_run *r, audit_target *t, const char *when);
bool audit_health_tell_around(audit_run *r, audit_target *t,
                              const covey_audit_act *between);

/* --- fortuitous.c -------------------------------------------------------- */

/* Looks whether an act has found what it was not to see. */
void audit_fortuitous(audit_run *r, const audit_act *a,
                      const json_t *findings);

/* --- stage.c ------------------------------------------------------------- */

/* "ports.tcp,services": techniques, or stages, which are those of their
 * techniques that are permitted, if any is; false: one is neither. */
bool audit_stage_read(const char *list, uint32_t permitted,
                      uint32_t *techniques);
/* The stages of techniques, as bits. */
uint32_t audit_stage_of(uint32_t techniques);
/* Those of them that a run does. */
uint32_t audit_stage_techniques(uint32_t techniques);
bool audit_stage_asked(const audit_run *r, covey_audit_technique t);
/* The stage is over at this host (NULL: everywhere), when so many packets had
 * been sent before it. */
void audit_stage_end(audit_run *r, audit_target *t, covey_audit_stage stage,
                     uint64_t packets);

/* --- public.c ------------------------------------------------------------ */

#define PUBLIC_ID "PB-01"

void public_run(audit_run *r);
void public_do(broker *b);

/* --- vuln_record.c ------------------------------------------------------- */

#define VULN_ID "VU-01"

void vuln_do(broker *b);

/* --- lint_run.c ---------------------------------------------------------- */

/* Is it a list of kinds and files, "schc=rules.json,psk=keys.json"? */
bool lint_list_good(const char *list);
/* Does those of --lint, before anything is sent. */
void lint_run(audit_run *r);

/* --- scan.c: the stages that only want an answer ------------------------- */

/* Is it a list of ports, "22,5683-5684"? */
bool scan_ports_good(const char *list);
/* Is the port in such a list? */
bool scan_ports_have(const char *list, uint16_t port);
void scan_protocols(audit_run *r, audit_target *t);
void scan_ports(audit_run *r, audit_target *t);
void scan_os(audit_run *r, audit_target *t);
/* Is it the id of one of these stages' checks? */
bool scan_has(const char *id);

/* --- broker.c ------------------------------------------------------------ */

struct broker {
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
    uint32_t seq;   /* of the capture of a stream */
    uint32_t ack;
    enum sweep_state state;
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
};

/* What every act needs; false with b->outcome. */
bool broker_begin(broker *b);
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
/* Waits until so many packets may leave together; false with b->outcome. */
bool packets_await_turn(broker *b, uint32_t packets, uint32_t bytes);
/* They have left. */
void packets_count(broker *b, uint32_t packets, uint32_t bytes);
/* Counts an answer. */
void packets_answer(broker *b, covey_bytes answer);
/* Into the capture; its time and comment are filled in. */
void packets_capture(broker *b, pcapng_packet *k);
/* A packet into b->buffer from `at` on; its length. 0: nothing that counts.
 * *who is WIRE_CANARY or the number of the peer. */
size_t packets_take(broker *b, bool canary, size_t at, uint16_t *who);

/* --- sweep.c: packets that only want an answer --------------------------- */

/* Does the act, without a worker, for nothing that comes back is read. */
void sweep_do(broker *b);
void sweep_end(audit_run *r); /* of all acts */
/* "open|filtered"; NULL for SWEEP_NOTHING. */
const char *sweep_state_text(enum sweep_state state);

/* --- streams.c: connections ---------------------------------------------- */

bool streams_open(broker *b);
void streams_close(broker *b);
bool streams_send(broker *b, covey_bytes packet);
size_t streams_take(broker *b, size_t at);
/* A segment for the capture. */
void streams_note(broker *b, bool ours, uint8_t flags, covey_bytes payload);

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
/* The target of an act, or "-" if it sends nothing. */
const char *audit_target_text(const covey_audit_act *act,
                              char out[ADDRESS_TEXT_MAX]);
/* "tcp", "icmpv6"; "" for others. */
const char *audit_protocol_name(uint8_t protocol);
/* COVEY_AUDIT_ANY_PROTOCOL for others. */
uint8_t audit_protocol_number(const char *name);

#endif
