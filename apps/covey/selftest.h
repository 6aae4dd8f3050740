/* SPDX-License-Identifier: BSD-2-Clause */
/* The conformance runner: covey-selftest(1). A kind of vectors reads files
 * and records every case as passed or failed; nothing is ever passed over: a
 * case that is not understood has failed. */
#ifndef COVEY_APP_SELFTEST_H
#define COVEY_APP_SELFTEST_H

#include <stdbool.h>
#include <stddef.h>

typedef struct selftest_report selftest_report;

/* A case that passed. */
void selftest_pass(selftest_report *report, const char *file,
                   const char *name);
/* A case that failed; the texts are copied. */
void selftest_fail(selftest_report *report, const char *file, const char *name,
                   const char *expected, const char *got);
/* Something in a file that is no case. */
void selftest_note(selftest_report *report, const char *file,
                   const char *text);

selftest_report *selftest_report_new(bool json, bool verbose);
/* Prints what was kept back (--json) and the closing line; false if a case
 * failed, or none was run, or the output could not be written. */
bool selftest_report_close(selftest_report *report);

/* Kinds of vectors: run all cases of one file. */
void selftest_schc_file(selftest_report *report, const char *path);
void selftest_oscore_file(selftest_report *report, const char *path);

#endif
