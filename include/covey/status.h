/* SPDX-License-Identifier: BSD-2-Clause */
/* Results of every function of the core. Zero is success; the class of a
 * failure says who is at fault and so what a caller may do about it. */
#ifndef COVEY_STATUS_H
#define COVEY_STATUS_H

#if defined(__GNUC__)
#define COVEY_MUST_USE __attribute__((warn_unused_result))
#else
#define COVEY_MUST_USE
#endif

/* The class is the status divided by 16. */
typedef enum covey_status_class {
    COVEY_CLASS_OK = 0,
    COVEY_CLASS_WIRE = 1,  /* the bytes of a peer: drop them, count them */
    COVEY_CLASS_SEC = 2,   /* authentication, replay, permission */
    COVEY_CLASS_ROOM = 3,  /* the caller's storage is too small */
    COVEY_CLASS_STATE = 4, /* not in this state, not with this configuration */
    COVEY_CLASS_HOST = 5   /* provider, store or operating system */
} covey_status_class;

typedef enum covey_status {
    COVEY_OK = 0,

    COVEY_E_SHORT = 0x11,       /* ends before the format says it may */
    COVEY_E_FORMAT = 0x12,      /* violates the format */
    COVEY_E_RANGE = 0x13,       /* well formed, but a value is not allowed */
    COVEY_E_UNSUPPORTED = 0x14, /* well formed, but not implemented here */

    COVEY_E_AUTH = 0x21, /* a tag or a signature is wrong */

    COVEY_E_ROOM = 0x31, /* output, scratch or table of the caller is full */

    COVEY_E_RULE = 0x41,     /* a SCHC rule is not usable as it stands */
    COVEY_E_NO_RULE = 0x42,  /* no SCHC rule fits, or none has this RuleID */
    COVEY_E_ARGUMENT = 0x43, /* the caller's arguments contradict each other */
    COVEY_E_NOT_STORED = 0x44, /* state has to be stored durably first */
    COVEY_E_EXHAUSTED = 0x45,  /* no sequence number is left */
    COVEY_E_NO_CONTEXT = 0x46, /* no security context fits */
    COVEY_E_STATE = 0x47,      /* not now, or not any more */

    COVEY_E_CRYPTO = 0x51 /* the crypto provider failed */
} covey_status;

/* The enumerator's name without its prefix, such as "E_FORMAT"; never NULL.
 * An unknown value gives "E_UNKNOWN". Static storage. */
const char *covey_status_name(covey_status status);

/* What went wrong in a few English words; never NULL. Static storage. */
const char *covey_status_text(covey_status status);

covey_status_class covey_status_class_of(covey_status status);

#endif
