/* SPDX-License-Identifier: BSD-2-Clause */
/* Enrolment files, covey-enrol(5): which nodes there are for a Group Manager,
 * each with its OSCORE association and with what it may do. Read by covey-gm
 * when it starts and by `covey ctl enrol`; either way it becomes rows of the
 * store, which alone count. */
#ifndef COVEY_SHELL_ENROL_H
#define COVEY_SHELL_ENROL_H

#include <groups.h>
#include <stdio.h>

typedef struct enrol_file enrol_file;

/* "-" is standard input. NULL if there is an error, which has been told; errno
 * is 0 if what is in the file was refused. */
enrol_file *enrol_load(const char *path, FILE *messages);
/* The same from memory; contexts in other files are refused. */
enrol_file *enrol_load_text(const char *text, size_t len, const char *name,
                            FILE *messages);
/* Wipes and frees. NULL is allowed. */
void enrol_free(enrol_file *f);

size_t enrol_count(const enrol_file *f);
/* Lives as long as the file. */
const store_enrolment *enrol_row(const enrol_file *f, size_t i);

/* All of it as one change; a node that is there is replaced. As store_enrol;
 * *row, unless it went well, is the row that was refused. Others that have the
 * store open are woken. */
store_result enrol_put(store *s, const enrol_file *f, size_t *row);

#endif
