/* SPDX-License-Identifier: BSD-2-Clause */
/* The verbs of covey(1). Each is a function like main, with argv[0] its own
 * name, returning one of the exit codes below (covey(1), EXIT STATUS). */
#ifndef COVEY_APP_CMD_H
#define COVEY_APP_CMD_H

enum {
    EXIT_DONE = 0,     /* done */
    EXIT_NEGATIVE = 1, /* a negative answer: mismatch, finding, failed check */
    EXIT_USAGE = 2,    /* the command line */
    EXIT_REFUSED = 3,  /* by policy or authorisation */
    EXIT_IO = 4        /* input, output or a peer */
};

int cmd_audit(int argc, char **argv);    /* cmd_other.c: covey-audit */
int cmd_coap(int argc, char **argv);     /* cmd_coap.c */
int cmd_ctl(int argc, char **argv);      /* cmd_other.c: covey-ctl */
int cmd_group(int argc, char **argv);    /* cmd_group.c */
int cmd_its(int argc, char **argv);      /* cmd_its.c */
int cmd_oscore(int argc, char **argv);   /* cmd_oscore.c */
int cmd_request(int argc, char **argv);  /* cmd_request.c: ten verbs */
int cmd_schc(int argc, char **argv);     /* cmd_schc.c */
int cmd_selftest(int argc, char **argv); /* cmd_selftest.c */
int cmd_tls(int argc, char **argv);      /* cmd_tls.c */

#endif
