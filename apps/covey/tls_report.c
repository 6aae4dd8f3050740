/* SPDX-License-Identifier: BSD-2-Clause */
#include "tls_report.h"

#include <hex.h>
#include <inttypes.h>

/* HashedId8 of a vehicle is a pseudonym: not printed unless asked for (RFC
 * 8902 Section 8). */
static void print_peer(const tls_args *args, const covey_tls_peer *peer,
                       FILE *to)
{
    const covey_bytes id = covey_bytes_of(peer->id, sizeof peer->id);

    if (peer->type != COVEY_TLS_1609DOT2) {
        fprintf(to, ", peer %s ",
                peer->type == COVEY_TLS_X509 ? "x509" : "rpk");
        hex_print(to, id);
        return;
    }
    fprintf(to, ", peer 1609dot2 psid %" PRIu64, peer->psid);
    if (peer->ssp_len > 0) {
        fputs(" ssp ", to);
        hex_print(to, covey_bytes_of(peer->ssp, peer->ssp_len));
    }
    if (args->show_id) {
        fputs(" id ", to);
        hex_print(to, id);
    }
}

void tls_report_connected(const tls_args *args, const covey_tls *t, FILE *to)
{
    covey_tls_info info;

    covey_tls_information(t, &info);
    fprintf(to, "connected: %s, %s", covey_tls_suite_name(info.suite),
            covey_tls_group_name(info.group));
    if (info.peer.authenticated) {
        print_peer(args, &info.peer, to);
    }
    if (info.alpn.ptr != NULL) {
        fprintf(to, ", %.*s", (int)info.alpn.len, (const char *)info.alpn.ptr);
    }
    fprintf(to, "%s%s\n", info.retried ? ", retried" : "",
            info.resumed    ? ", resumed"
            : info.used_psk ? ", psk"
                            : "");
}

bool tls_report_take(const tls_args *args, tls_setup *setup, covey_tls *t,
                     const covey_tls_report *r)
{
    tls_setup_answer(setup, t, r);
    if (r->kind == COVEY_TLS_CONNECTED) {
        tls_report_connected(args, t, stderr);
    }
    if (r->kind == COVEY_TLS_FAILED) {
        fputs("covey tls: ", stderr);
        tls_setup_explain(stderr, r);
        return false;
    }
    return true;
}
