/* SPDX-License-Identifier: BSD-2-Clause */
#include "tls_report.h"

static const char *type_name(unsigned type)
{
    return type == COVEY_TLS_X509             ? "x509"
           : type == COVEY_TLS_RAW_PUBLIC_KEY ? "rpk"
                                              : "1609dot2";
}

static void print_hex(FILE *to, covey_bytes bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        fprintf(to, "%02x", bytes.ptr[i]);
    }
}

void tls_report_connected(const covey_tls *t, FILE *to)
{
    covey_tls_info info;

    covey_tls_information(t, &info);
    fprintf(to, "connected: %s, %s", covey_tls_suite_name(info.suite),
            covey_tls_group_name(info.group));
    if (info.peer.authenticated) {
        fprintf(to, ", peer %s ", type_name(info.peer.type));
        print_hex(to, covey_bytes_of(info.peer.id, sizeof info.peer.id));
    }
    if (info.alpn.ptr != NULL) {
        fprintf(to, ", %.*s", (int)info.alpn.len, (const char *)info.alpn.ptr);
    }
    fprintf(to, "%s%s\n", info.retried ? ", retried" : "",
            info.resumed    ? ", resumed"
            : info.used_psk ? ", psk"
                            : "");
}

void tls_report_failed(const covey_tls_report *r)
{
    fprintf(stderr, "covey tls: %s alert %s",
            r->from_peer ? "the peer sent the" : "sent the",
            covey_tls_alert_name(r->alert));
    if (r->why != NULL) {
        fprintf(stderr, ": %s (%s)", r->why, r->source);
    }
    fputc('\n', stderr);
}

/* The format that Wireshark reads. */
static void log_key(FILE *to, const covey_tls_report *r)
{
    fprintf(to, "%s ", r->name);
    print_hex(to, r->client_random);
    fputc(' ', to);
    print_hex(to, r->secret);
    fputc('\n', to);
    fflush(to);
}

bool tls_report_take(tls_setup *s, covey_tls *t, const covey_tls_report *r)
{
    if (r->kind == COVEY_TLS_KEY_LOG && s->key_log != NULL) {
        log_key(s->key_log, r);
    }
    if (r->kind == COVEY_TLS_ASK_CHAIN) {
        const covey_tls_verdict v = tls_setup_judge(s, r);
        (void)covey_tls_chain(t, &v);
    }
    if (r->kind == COVEY_TLS_CONNECTED) {
        tls_report_connected(t, stderr);
    }
    if (r->kind == COVEY_TLS_FAILED) {
        tls_report_failed(r);
        return false;
    }
    return true;
}
