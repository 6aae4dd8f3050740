/* SPDX-License-Identifier: BSD-2-Clause */
/* covey-gm(8). */
#include "gm.h"
#include "show.h"

#include <crypto/openssl/openssl.h>
#include <daemon_check.h>
#include <enrol.h>

#include <errno.h>
#include <stdlib.h>

enum {
    WHY_MAX = 512
};

/* What the enrolment file says goes into the store: 0, or an exit status. */
static int enrol(const daemon_program *p, const struct gm_config *config,
                 const covey_crypto *crypto)
{
    const store_options options = { config->store, config->store_key, crypto };
    char why[WHY_MAX];
    size_t row = 0;
    store_result r;
    int status = DAEMON_DONE;

    if (config->enrolment == NULL) {
        return DAEMON_DONE;
    }
    enrol_file *f = enrol_load(config->enrolment, stderr);
    if (f == NULL) {
        return errno != 0 ? DAEMON_IO : DAEMON_REFUSED_CONFIG;
    }
    store *s = store_open(&options, why, sizeof why);
    if (s == NULL) {
        fprintf(stderr, "%s: %s\n", p->name, why);
        status = DAEMON_IO;
    } else if ((r = enrol_put(s, f, &row)) != STORE_OK) {
        const covey_bytes name = enrol_row(f, row)->name;
        fprintf(stderr, "%s: %s: %.*s: %s\n", p->name, config->enrolment,
                (int)name.len, (const char *)name.ptr, store_error(s));
        status = r == STORE_TAKEN || r == STORE_REFUSED ? DAEMON_REFUSED_CONFIG
                                                        : DAEMON_IO;
    }
    store_close(s);
    enrol_free(f);
    return status;
}

static int with_page(const daemon_program *p, log_sink *log,
                     const struct gm_config *config,
                     const covey_crypto *crypto, struct gm *gm, loop *l)
{
    struct show *show;
    int status = DAEMON_IO;

    if (show_open(&show, gm, config, p->version, log, l)) {
        if (gm_open(gm, config, crypto, log, l)) {
            gm->show = show;
            (void)show_follow(show, loop_now().mono);
            status = daemon_run(p, log, l);
        }
        gm_close(gm);
    }
    show_close(show);
    return status;
}

static int serve(const daemon_program *p, log_sink *log,
                 const struct gm_config *config, const covey_crypto *crypto)
{
    struct gm *gm = calloc(1, sizeof *gm);
    loop *l = loop_new();
    int status = DAEMON_IO;

    if (gm == NULL || l == NULL) {
        fprintf(stderr, "%s: out of memory\n", p->name);
    } else {
        status = with_page(p, log, config, crypto, gm, l);
    }
    if (l != NULL) {
        loop_free(l);
    }
    free(gm);
    return status;
}

static int run(const daemon_program *p, log_sink *log,
               const struct gm_config *config)
{
    covey_crypto crypto;
    const covey_status st = covey_openssl_open(&crypto);
    int status;

    if (st != COVEY_OK) {
        fprintf(stderr, "%s: no cryptographic provider: %s\n", p->name,
                covey_status_text(st));
        return DAEMON_IO;
    }
    status = enrol(p, config, &crypto);
    if (status == DAEMON_DONE) {
        status = serve(p, log, config, &crypto);
    }
    covey_openssl_close(&crypto);
    return status;
}

int main(int argc, char **argv)
{
    static const daemon_program program = {
        "covey-gm", COVEY_VERSION,
        "decides who belongs to OSCORE groups, with which keys"
    };
    daemon_options o;
    int status;

    if (!daemon_options_read(&program, argc, argv, &o, &status)) {
        return status;
    }
    if (o.check_config) {
        return daemon_check(&program, &o, &gm_config_kind);
    }
    struct gm_config *config = gm_config_load(o.config, stderr);
    if (config == NULL) {
        return errno != 0 ? DAEMON_IO : DAEMON_REFUSED_CONFIG;
    }
    status = run(&program, &o.log, config);
    gm_config_free(config);
    return status;
}
