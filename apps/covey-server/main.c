/* SPDX-License-Identifier: BSD-2-Clause */
/* covey-server(8). */
#include "server.h"

#include <daemon.h>

#include <errno.h>

static int run(const daemon_program *p, const daemon_options *o,
               struct server_config *config)
{
    struct server server;
    loop *l = loop_new();
    int status = DAEMON_IO;

    if (l == NULL) {
        fprintf(stderr, "%s: no event loop: out of memory\n", p->name);
        return DAEMON_IO;
    }
    if (server_open(&server, config, &o->log, l)) {
        status = daemon_run(p, &o->log, l);
    }
    server_close(&server);
    loop_free(l);
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
