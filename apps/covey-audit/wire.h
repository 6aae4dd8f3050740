/* SPDX-License-Identifier: BSD-2-Clause */
/* What the broker and its worker say to each other: packets of a local socket,
 * a byte that says what it is and then its content. The worker asks, the
 * broker answers; it does what the mandate permits and no more, whatever it is
 * asked for. */
#ifndef COVEY_AUDIT_WIRE_H
#define COVEY_AUDIT_WIRE_H

enum {
    WIRE_MAX = 66000,     /* a datagram and what is before it */
    WIRE_HELLO_MAX = 800, /* the one message that a stream carries */
    WIRE_KEPT_MAX = 8192, /* what one check leaves for the next */
    WIRE_DETAIL_MAX = 400 /* text of a finding or of a note */
};

enum wire_type {
    /* To the worker, once: number of the check (1 byte), patience in ms (4),
     * seconds since 1970 (4), family and IP of the target (1 + 16), length of
     * the canary's address (1) and the address as text, length of the facts
     * about the target (4) and the facts (fact.h), what the others have left:
     * whether it speaks DTLS (1), the sizes of WIRE_SIZE (4 + 4), the bytes of
     * WIRE_KEEP. */
    WIRE_BEGIN = 'B',
    /* From the worker, each answered. */
    WIRE_SEND = 'S',  /* to the target: DONE, or DENIED */
    WIRE_PORT = 'P',  /* from another port from now on: DONE, or DENIED */
    WIRE_REPLY = 'A', /* from the canary to who asked it: DONE, or DENIED */
    WIRE_AWAIT = 'W', /* ms (4): DATA, SILENT or REFUSED */
    /* Not answered. */
    WIRE_FINDING = 'F', /* number (1), detail */
    WIRE_NOTE = 'N',    /* "name value" */
    WIRE_KEEP = 'K',    /* for later checks of this target */
    WIRE_SIZE = 'Z',    /* of a request (4) and of its answer (4) */
    WIRE_SEEN = 'C',    /* what (1): nothing else is sent for it */
    WIRE_END = 'E',     /* outcome (1) */
    /* The answers. */
    WIRE_DONE = 'O',
    WIRE_DENIED = 'X', /* no right, or no budget: end */
    WIRE_DATA = 'D',   /* who (2): number of the peer; the bytes */
    WIRE_SILENT = 'T',
    WIRE_REFUSED = 'R' /* the port is closed, or the stream has ended */
};

/* What a target has shown. */
enum wire_seen {
    WIRE_SEEN_CERTIFICATE = 0,
    WIRE_SEEN_DTLS
};

enum {
    WIRE_CANARY = 0xffff /* the peer: somebody asked the canary */
};

/* How an act ended. */
enum audit_outcome {
    OUTCOME_DONE = 0,
    OUTCOME_SILENT,  /* no answer where there was to be one */
    OUTCOME_CLOSED,  /* nobody is at this port */
    OUTCOME_DENIED,  /* the broker said no to one of its packets */
    OUTCOME_FAILED,  /* the worker ended without a result */
    OUTCOME_STOPPED, /* the audit was stopped meanwhile */
    OUTCOMES
};

#endif
