/* SPDX-License-Identifier: BSD-2-Clause */
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind {
    FLAG,
    TEXT,
    U16,
    HEX16,
    U64,
    UINT,
    GROUP,
    YES,     /* asked for, and so anyhow */
    IGNORED, /* with a value that is nothing to us */
    NO       /* known, and not done */
};

#define AT(field) offsetof(struct shim_options, field)

static const struct row {
    const char *name;
    enum kind kind;
    size_t at;
} rows[] = {
    { "server", FLAG, AT(server) },
    { "ipv6", FLAG, AT(ipv6) },
    { "port", U16, AT(port) },
    { "shim-id", U64, AT(id) },
    { "resume-count", UINT, AT(resume_count) },
    { "key-file", TEXT, AT(key_file) },
    { "cert-file", TEXT, AT(cert_file) },
    { "trust-cert", TEXT, AT(trust_cert) },
    { "host-name", TEXT, AT(host_name) },
    { "expect-server-name", TEXT, AT(expect_server_name) },
    { "advertise-alpn", TEXT, AT(advertise_alpn) },
    { "select-alpn", TEXT, AT(select_alpn) },
    { "expect-alpn", TEXT, AT(expect_alpn) },
    { "verify-peer", FLAG, AT(verify_peer) },
    { "require-any-client-certificate", FLAG, AT(require_certificate) },
    { "verify-fail", FLAG, AT(verify_fail) },
    { "shim-writes-first", FLAG, AT(writes_first) },
    { "shim-shuts-down", FLAG, AT(shuts_down) },
    { "check-close-notify", FLAG, AT(check_close) },
    { "key-update", FLAG, AT(key_update) },
    { "expect-session-miss", FLAG, AT(expect_miss) },
    { "expect-no-session", FLAG, AT(expect_miss) },
    { "expect-session-hit", FLAG, AT(expect_hit) },
    { "expect-hrr", FLAG, AT(expect_retry) },
    { "expect-no-hrr", FLAG, AT(expect_no_retry) },
    { "expect-version", HEX16, AT(expect_version) },
    { "expect-curve-id", U16, AT(expect_group) },
    { "curves", GROUP, AT(groups) },
    { "export-keying-material", UINT, AT(export_len) },
    { "export-label", TEXT, AT(export_label) },
    { "export-context", TEXT, AT(export_context) },
    { "use-export-context", FLAG, AT(use_context) },
    { "no-tls1", YES, 0 },
    { "no-tls11", YES, 0 },
    { "no-tls12", YES, 0 },
    { "no-tls13", NO, 0 },
    { "handshaker-path", IGNORED, 0 },
    { "read-size", IGNORED, 0 },
};

/* -min-version and -max-version: 1.3 has to be among them. */
static bool version(const char *name, const char *value, bool *good)
{
    unsigned long v = strtoul(value, NULL, 16);
    bool least = strcmp(name, "min-version") == 0;

    if (!least && strcmp(name, "max-version") != 0) {
        return false;
    }
    *good = v == 0x0304 || (v < 0x0304) == least;
    return true;
}

static void set(const struct row *r, struct shim_options *o, const char *value)
{
    uint8_t *at = (uint8_t *)o + r->at;
    unsigned long long n = strtoull(value, NULL, r->kind == HEX16 ? 16 : 10);
    const bool yes = true;
    const uint16_t u16 = (uint16_t)n;
    const unsigned u = (unsigned)n;
    const uint64_t u64 = n;

    switch (r->kind) {
    case FLAG:
        memcpy(at, &yes, sizeof yes);
        break;
    case TEXT:
        memcpy(at, &value, sizeof value);
        break;
    case U16:
    case HEX16:
        memcpy(at, &u16, sizeof u16);
        break;
    case U64:
        memcpy(at, &u64, sizeof u64);
        break;
    case UINT:
        memcpy(at, &u, sizeof u);
        break;
    case GROUP:
        if (o->group_count < SHIM_GROUPS) {
            o->groups[o->group_count++] = u16;
        }
        break;
    case YES:
    case IGNORED:
    case NO:
        break;
    }
}

static const struct row *find(const char *name)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].name, name) == 0) {
            return &rows[i];
        }
    }
    return NULL;
}

/* Takes off the prefix that says for which connections an option is; whether
 * this is one of them. */
static bool concerns(const char **name, unsigned nth)
{
    static const char initial[] = "on-initial-";
    static const char resume[] = "on-resume-";

    if (strncmp(*name, initial, sizeof initial - 1) == 0) {
        *name += sizeof initial - 1;
        return nth == 0;
    }
    if (strncmp(*name, resume, sizeof resume - 1) == 0) {
        *name += sizeof resume - 1;
        return nth > 0;
    }
    return true;
}

static bool not_done(const char *option, int *status)
{
    fprintf(stderr, "not done here: %s\n", option);
    *status = SHIM_NOT_DONE;
    return false;
}

static bool takes_value(enum kind kind)
{
    return kind != FLAG && kind != YES && kind != NO;
}

bool shim_options_read(int argc, char **argv, unsigned nth,
                       struct shim_options *out, int *status)
{
    memset(out, 0, sizeof *out);
    for (int i = 1; i < argc; i++) {
        const char *name = argv[i][0] == '-' ? argv[i] + 1 : argv[i];
        bool ours = concerns(&name, nth);
        const struct row *r = find(name);
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        bool good = true;
        if (r == NULL && version(name, value, &good)) {
            i++;
        } else if (r == NULL || r->kind == NO) {
            good = false;
        } else {
            i += takes_value(r->kind);
        }
        if (!good) {
            return not_done(name, status);
        }
        if (r != NULL && ours) {
            set(r, out, value);
        }
    }
    return true;
}
