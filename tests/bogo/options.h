/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of the runner, each with one hyphen. What is not here is not done:
 * then the shim ends with 89, which the runner counts as not implemented. */
#ifndef COVEY_BOGO_OPTIONS_H
#define COVEY_BOGO_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SHIM_NOT_DONE = 89,
    SHIM_GROUPS = 8
};

/* Of one connection: those of a test, of its first connection
 * (-on-initial-...) or of those that resume (-on-resume-...). */
struct shim_options {
    bool server;
    bool ipv6;
    uint16_t port;
    uint64_t id;
    unsigned resume_count;
    const char *key_file;
    const char *cert_file;
    const char *trust_cert;
    const char *host_name;
    const char *expect_server_name;
    const char *advertise_alpn; /* as on the wire: lengths and names */
    const char *select_alpn;
    const char *expect_alpn;
    bool verify_peer;
    bool require_certificate;
    bool verify_fail;
    bool writes_first;
    bool shuts_down;
    bool check_close;
    bool key_update;
    bool expect_miss; /* -expect-no-session is the same here */
    bool expect_hit;
    bool expect_retry;
    bool expect_no_retry;
    uint16_t expect_version;
    uint16_t expect_group;
    uint16_t groups[SHIM_GROUPS];
    size_t group_count;
    unsigned export_len;
    const char *export_label;
    const char *export_context;
    bool use_context;
};

/* Those of connection `nth`, from 0. False: one is not done here, or wrong;
 * *status is the exit status. */
bool shim_options_read(int argc, char **argv, unsigned nth,
                       struct shim_options *out, int *status);

#endif
