/* SPDX-License-Identifier: BSD-2-Clause */
/* A place where connections of TLS are accepted, in the configuration of a
 * daemon: covey-server.conf(5), "TLS". Files are only named by it; they are
 * read by tls_setup_open. */
#ifndef COVEY_SHELL_TLS_CONF_H
#define COVEY_SHELL_TLS_CONF_H

#include <conf.h>
#include <tls_setup.h>

/* Reads a mapping into the options of a server; what they point to lives as
 * long as the memory of the reader. *address is the value of the key of that
 * name, for the caller to read. False: there was an error. */
bool tls_conf_read(conf_reader *c, const conf_value *item,
                   tls_setup_options *out, conf_value *address);

#endif
