/* SPDX-License-Identifier: BSD-2-Clause */
/* covey-server(8). */
#include "contexts.h"
#include "show.h"
#include "workers.h"

#include <crypto/openssl/openssl.h>
#include <daemon_check.h>
#include <errno.h>
#include <link_secure.h>
#include <server.h>

/* What all of it is made from, in whichever process. */
struct server_run {
    const daemon_program *program;
    log_sink *log;
    struct server_config *config;
    const covey_crypto *crypto;
    struct workers *workers; /* NULL: this process alone */
};

static int serve(const struct server_run *r, loop *l,
                 const struct server_crew *crew)
{
    const struct server_config *config = r->config;
    struct contexts contexts;
    struct server server;
    struct show show = {
        .server = &server,
        .contexts = &contexts,
        .workers = r->workers != NULL ? config->workers : 1,
        .counts = r->workers != NULL ? workers_counts(r->workers) : NULL,
        .relay = r->workers != NULL ? workers_relay(r->workers) : NULL,
    };
    int status = DAEMON_IO;

    if (contexts_open(&contexts, config, r->log, l)) {
        const struct server_setup setup = {
            .crew = crew,
            .listen = config->listen,
            .listen_count = config->listen_count,
            .groups = config->groups,
            .group_count = config->group_count,
            .resources = &r->config->resources,
            .protectors = contexts.protectors,
            .protector_count = contexts.protector_count,
            .random = contexts_random(&contexts),
            .amplification = config->amplification,
            .leisure = config->leisure,
            .duplicates = config->duplicates,
            .observers = config->observers,
            .unfragmented = config->unfragmented,
            .answered = config->status.family != COVEY_FAMILY_NONE ||
                                show.relay != NULL
                            ? show_answered
                            : NULL,
            .user = &show,
        };
        if (server_open(&server, &setup, r->log, l)) {
            if (show_open(&show, r->config, r->program->version, r->log, l)) {
                status = daemon_run(r->program, r->log, l);
            }
            show_close(&show);
        }
        server_close(&server);
    }
    contexts_close(&contexts);
    return status;
}

/* Certificates outlive the loop, which ends the last connections. */
static int with_links(const struct server_run *r,
                      const struct server_crew *crew)
{
    struct server_config *config = r->config;
    loop *l = loop_new();
    int status = DAEMON_IO;

    if (l == NULL) {
        fprintf(stderr, "%s: no event loop: out of memory\n",
                r->program->name);
        return DAEMON_IO;
    }
    if (link_secure_open(config->listen, config->listen_count, r->crypto,
                         r->log)) {
        status = serve(r, l, crew);
    }
    loop_free(l);
    link_secure_close(config->listen, config->listen_count);
    return status;
}

static int work(void *user, unsigned which)
{
    const struct server_run *r = user;

    return with_links(r, workers_become(r->workers, which));
}

static int with_workers(struct server_run *r)
{
    const daemon_crew crew = { r->config->workers, work, r };
    int status = DAEMON_IO;

    r->workers = workers_new(r->config, r->log);
    if (r->workers != NULL) {
        status = daemon_run_crew(r->program, r->log, &crew);
    }
    workers_free(r->workers);
    return status;
}

static int run(const daemon_program *p, daemon_options *o,
               struct server_config *config)
{
    covey_crypto crypto;
    struct server_run r = { p, &o->log, config, &crypto, NULL };
    int status;

    if (covey_openssl_open(&crypto) != COVEY_OK) {
        fprintf(stderr, "%s: no cryptographic provider\n", p->name);
        return DAEMON_IO;
    }
    status = config->workers > 1 ? with_workers(&r) : with_links(&r, NULL);
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
    if (o.check_config) {
        return daemon_check(&program, &o, &server_config_kind);
    }
    struct server_config *config = server_config_load(o.config, stderr);
    if (config == NULL) {
        return errno != 0 ? DAEMON_IO : DAEMON_REFUSED_CONFIG;
    }
    status = run(&program, &o, config);
    server_config_free(config);
    return status;
}
