/* SPDX-License-Identifier: BSD-2-Clause */
/* covey-server(8). */
#include "contexts.h"
#include "show.h"

#include <crypto/openssl/openssl.h>
#include <daemon.h>
#include <errno.h>
#include <link_secure.h>
#include <server.h>

static int serve(const daemon_program *p, log_sink *log, loop *l,
                 struct server_config *config)
{
    struct contexts contexts;
    struct server server;
    int status = DAEMON_IO;

    if (contexts_open(&contexts, config, log)) {
        const struct server_setup setup = {
            .listen = config->listen,
            .listen_count = config->listen_count,
            .groups = config->groups,
            .group_count = config->group_count,
            .resources = &config->resources,
            .protectors = contexts.protectors,
            .protector_count = contexts.protector_count,
            .random = contexts_random(&contexts),
            .amplification = config->amplification,
            .leisure = config->leisure,
            .duplicates = config->duplicates,
            .observers = config->observers,
        };
        if (server_open(&server, &setup, log, l)) {
            struct show show;
            if (show_open(&show, config, p->version, &server, log, l)) {
                status = daemon_run(p, log, l);
            }
            show_close(&show);
        }
        server_close(&server);
    }
    contexts_close(&contexts);
    return status;
}

/* Certificates outlive the loop, which ends the last connections. */
static int with_links(const daemon_program *p, daemon_options *o,
                      struct server_config *config, const covey_crypto *crypto)
{
    loop *l = loop_new();
    int status = DAEMON_IO;

    if (l == NULL) {
        fprintf(stderr, "%s: no event loop: out of memory\n", p->name);
        return DAEMON_IO;
    }
    if (link_secure_open(config->listen, config->listen_count, crypto,
                         &o->log)) {
        status = serve(p, &o->log, l, config);
    }
    loop_free(l);
    link_secure_close(config->listen, config->listen_count);
    return status;
}

static int run(const daemon_program *p, daemon_options *o,
               struct server_config *config)
{
    covey_crypto crypto;
    int status;

    if (covey_openssl_open(&crypto) != COVEY_OK) {
        fprintf(stderr, "%s: no cryptographic provider\n", p->name);
        return DAEMON_IO;
    }
    status = with_links(p, o, config, &crypto);
    covey_openssl_close(&crypto);
    return status;
}

int main(int argc, char **argv)
{
    static const daemon_program program = { "covey-server", COVEY_VERSION,
                                            "serves resources over CoAP" };
    daemon_options o;
    int status;

    if (!daemon_options_read(&program, argc, argv, &o, &status)) {
        return status;
    }
    struct server_config *config = server_config_load(o.config, stderr);
    if (config == NULL) {
        return errno != 0 ? DAEMON_IO : DAEMON_REFUSED_CONFIG;
    }
    status = o.check_config ? DAEMON_DONE : run(&program, &o, config);
    server_config_free(config);
    return status;
}
