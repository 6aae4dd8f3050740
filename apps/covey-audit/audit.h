/* SPDX-License-Identifier: BSD-2-Clause */
/* The verbs of covey-audit(1). Each is a function like main, with argv[0] its
 * own name, returning one of the exit codes below. */
#ifndef COVEY_AUDIT_APP_H
#define COVEY_AUDIT_APP_H

#include <mandate.h>

#include <jansson.h>
#include <system_address.h>

enum {
    AUDIT_DONE = 0,
    AUDIT_FINDINGS = 1,
    AUDIT_USAGE = 2,
    AUDIT_REFUSED = 3, /* no valid authorisation, or not for this act */
    AUDIT_IO = 4,
    AUDIT_STOPPED = 5,  /* by withdrawal or expiry */
    AUDIT_SAFETY = 6,   /* a target fell silent */
    AUDIT_EVIDENCE = 7, /* the record cannot be written, or is not whole */
    AUDIT_NO_FENCE = 8
};

int cmd_decide(int argc, char **argv);         /* decide.c */
int cmd_import(int argc, char **argv);         /* import.c */
int cmd_key(int argc, char **argv);            /* key.c */
int cmd_lint(int argc, char **argv);           /* lint.c */
int cmd_mandate_new(int argc, char **argv);    /* template.c */
int cmd_mandate_show(int argc, char **argv);   /* show.c */
int cmd_mandate_sign(int argc, char **argv);   /* mandate.c */
int cmd_mandate_verify(int argc, char **argv); /* mandate.c */
int cmd_plan(int argc, char **argv);           /* plan.c */
int cmd_prove(int argc, char **argv);          /* prove.c */
int cmd_cosign(int argc, char **argv);         /* prove.c */
int cmd_reader(int argc, char **argv);         /* reader.c */
int cmd_report(int argc, char **argv);         /* report.c */
int cmd_revoke(int argc, char **argv);         /* state.c */
int cmd_run(int argc, char **argv);            /* run.c */
int cmd_stop(int argc, char **argv);           /* state.c */
int cmd_verify(int argc, char **argv);         /* verify.c */
int cmd_vuln(int argc, char **argv);           /* vuln.c */
int cmd_worker(int argc, char **argv);         /* worker.c */

/* --- shared, mandate.c --------------------------------------------------- */

/* What the verbs have in common: options, then files. */
typedef struct audit_args {
    const char *owners; /* --owners FILE */
    const char *key;    /* --key FILE */
    const char *output; /* -o FILE */
    const char *language;
    const char *technique;
    const char *target;
    const char *protocol;
    const char *at;
    const char *packets;
    const char *duration;
    const char *evidence; /* --evidence FOLDER */
    const char *state;    /* --state FOLDER */
    const char *checks;   /* --check ID,... */
    const char *stages;   /* --stage NAME,... */
    const char *ports;    /* --ports N-N,... */
    const char *facts;    /* --public FOLDER */
    const char *record;   /* --record N */
    const char *kept;     /* --checkpoint FILE */
    const char *tool;     /* --tool FILE */
    const char *fence;    /* --fence PROGRAM */
    const char *into;     /* --into FOLDER */
    const char *lints;    /* --lint KIND=FILE,... */
    const char *format;   /* --format NAME */
    const char *service;  /* --service TEXT */
    const char *services; /* --services FILE */
    const char *inventory;
    const char *credential;
    bool dry;
    bool json;
    bool help;
    char *const *files;
    int file_count;
} audit_args;

/* A verb's command line. */
typedef struct audit_usage {
    const char *verb;  /* "mandate sign" */
    const char *taken; /* names of its options, each with a space behind */
    const char *text;  /* behind "usage: covey-audit VERB" */
} audit_usage;

/* AUDIT_DONE, with a->help if the help was printed; or AUDIT_USAGE with a
 * message. */
int audit_args_read(int argc, char **argv, const audit_usage *u,
                    audit_args *a);

/* Whether --lang, if it was given, is fr or en; otherwise a message. */
bool audit_language_is_known(const audit_args *a, const char *verb);

/* A decimal number that is all of the text, up to `max`. */
bool audit_number(const char *text, uint64_t max, uint64_t *out);

/* One line on standard error; returns `status`. */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
int audit_fail(const char *verb, int status, const char *format, ...);

/* SHA-256 in hex: 65 bytes of room. */
bool audit_digest(const covey_crypto *crypto, covey_bytes bytes, char *hex);

/* On a line of its own; takes the value over. */
void audit_print_json(json_t *value);

/* What a verb does with the mandate of its command line. */
typedef int audit_use(const audit_args *a, const mandate *m, void *user);

/* Reads the mandate and what is added to it, with the owners if any are given,
 * and hands it to `use`; its result, or AUDIT_IO or AUDIT_REFUSED with
 * messages. */
int audit_with_mandate(const audit_args *a, const char *verb, audit_use *use,
                       void *user);

/* --- lint.c -------------------------------------------------------------- */

/* What was found without a run: printed if the command line says JSON, and
 * written to the next `kind`-N.json in --into. AUDIT_DONE, or AUDIT_IO with a
 * message. */
int audit_result_tell(const audit_args *a, const char *kind, json_t *result);

/* --- mandate_json.c ------------------------------------------------------ */

enum {
    AUDIT_NET_TEXT_MAX = ADDRESS_TEXT_MAX + 4
};

/* "192.0.2.0/24". */
const char *audit_net_text(const covey_audit_range *r,
                           char out[AUDIT_NET_TEXT_MAX]);
const char *audit_mode_text(covey_audit_mode mode);
const char *audit_protocol_text(uint8_t protocol);
json_t *audit_strings(const char *const *all, size_t count);
/* All that the documents say. */
json_t *audit_mandate_json(const mandate *m);

/* --- hosts.c ------------------------------------------------------------- */

enum {
    AUDIT_HOSTS_MAX = 1024 /* of a clause */
};

/* How many hosts a clause has; 0: too many to be listed. */
uint32_t audit_host_count(const covey_audit_range *r);
covey_address audit_host_at(const covey_audit_range *r, uint32_t n);
bool audit_host_is(const covey_audit_range *r, uint32_t n);

/* Whether all documents have this address and port in their scope, whatever
 * else they permit, and by which clause. */
bool audit_in_scope(const covey_audit_mandate *m, uint8_t protocol,
                    const covey_address *target, size_t *clause);
/* Whether it lies in the network of the clause. */
bool audit_host_in(const covey_audit_range *r, const covey_address *host);

#endif
