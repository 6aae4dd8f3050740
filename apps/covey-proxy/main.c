/* SPDX-License-Identifier: BSD-2-Clause */
/* covey-proxy(8). */
#include "proxy.h"

#include <crypto/openssl/openssl.h>
#include <daemon_check.h>
#include <errno.h>
#include <link_secure.h>
#include <signal.h>

static int serve(const daemon_program *program, log_sink *log,
                 struct proxy_config *config, const covey_crypto *crypto)
{
    struct proxy proxy;
    loop *l = loop_new();
    int status = DAEMON_IO;

    if (l == NULL) {
        fprintf(stderr, "%s: no event loop: out of memory\n", program->name);
        return DAEMON_IO;
    }
    if (link_secure_open(config->listen, config->listen_count, crypto, log)) {
        if (proxy_open(&proxy, config, crypto, log, l) &&
            loop_on_signal(l, SIGUSR1, metrics_tell, &proxy) &&
            show_open(&proxy.show, config, program->version, &proxy, log, l)) {
            status = daemon_run(program, log, l);
            metrics_tell(&proxy);
            show_close(proxy.show);
        }
        proxy_close(&proxy);
    }
    loop_free(l);
    link_secure_close(config->listen, config->listen_count);
    return status;
}

static int run(const daemon_program *program, log_sink *log,
               struct proxy_config *config)
{
    covey_crypto crypto;
    const covey_status st = covey_openssl_open(&crypto);
    int status;

    if (st != COVEY_OK) {
        fprintf(stderr, "%s: no cryptographic provider: %s\n", program->name,
                covey_status_text(st));
        return DAEMON_IO;
    }
    status = serve(program, log, config, &crypto);
    covey_openssl_close(&crypto);
    return status;
}

int main(int argc, char **argv)
{
    static const daemon_program program = {
        "covey-proxy", COVEY_VERSION,
        "forwards CoAP requests, to groups with every answer"
    };
    daemon_options o;
    int status;

    if (!daemon_options_read(&program, argc, argv, &o, &status)) {
        return status;
    }
    if (o.check_config) {
        return daemon_check(&program, &o, &proxy_config_kind);
    }
    struct proxy_config *config = proxy_config_load(o.config, stderr);
    if (config == NULL) {
        return errno != 0 ? DAEMON_IO : DAEMON_REFUSED_CONFIG;
    }
    status = run(&program, &o.log, config);
    proxy_config_free(config);
    return status;
}
