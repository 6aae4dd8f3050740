/* SPDX-License-Identifier: BSD-2-Clause */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

tls_setup_result tls_setup__fail(tls_setup *s, const char *file,
                                 const char *what)
{
    snprintf(s->error, TLS_SETUP_ERROR_MAX, "%s: %s", file, what);
    return TLS_SETUP_FAILED;
}

tls_setup_result tls_setup__read(tls_setup *s, const char *path, bool secret,
                                 uint8_t **bytes, size_t *len)
{
    switch (its_file_read_raw(path, secret, bytes, len, s->error)) {
    case ITS_FILE_READ:
        return TLS_SETUP_DONE;
    case ITS_FILE_FAILED:
        break;
    case ITS_FILE_SHARED:
        return TLS_SETUP_REFUSED;
    }
    return TLS_SETUP_FAILED;
}

static tls_setup_result read_psk(tls_setup *s, const tls_setup_options *o)
{
    if (o->psk.len == 0) {
        return TLS_SETUP_DONE;
    }
    s->psk_identity = strdup(o->psk_identity);
    if (s->psk_identity == NULL || o->psk.len > sizeof s->psk_secret) {
        return tls_setup__fail(s, o->psk_identity, "too long a secret");
    }
    memcpy(s->psk_secret, o->psk.ptr, o->psk.len);
    s->psk = (covey_tls_psk){
        .identity = covey_bytes_of((const uint8_t *)s->psk_identity,
                                   strlen(s->psk_identity)),
        .secret = covey_bytes_of(s->psk_secret, o->psk.len),
        .hash = COVEY_SHA_256,
    };
    s->config.psks = &s->psk;
    s->config.psk_count = 1;
    return TLS_SETUP_DONE;
}

static void configure(tls_setup *s, const tls_setup_options *o)
{
    memcpy(s->peer_types, o->peer_types, sizeof s->peer_types);
    s->tickets = (covey_tls_tickets){ s->rows, TICKETS, 0 };
    s->alpn =
        o->alpn != NULL ? covey_bytes_text(o->alpn) : covey_bytes_of(NULL, 0);
    s->config = (covey_tls_config){
        .crypto = s->crypto,
        .credentials = s->credentials,
        .peer_types = s->peer_types,
        .peer_type_count = o->peer_type_count,
        .tickets = &s->tickets,
        .compatible = true,
        .request_client = o->request_client,
        .require_client = o->require_client,
        .types_in_server_hello = o->types_in_server_hello,
        .alpn = &s->alpn,
        .alpn_count = o->alpn != NULL,
        .alpn_required = o->alpn != NULL,
        .key_log = o->key_log != NULL,
    };
}

/* Whoever reads it reads the connections: its owner's alone. */
static FILE *open_key_log(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    FILE *file = fd >= 0 ? fdopen(fd, "a") : NULL;

    if (file == NULL && fd >= 0) {
        close(fd);
    }
    return file;
}

static tls_setup_result load(tls_setup *s, const tls_setup_options *o)
{
    tls_setup_result result = TLS_SETUP_DONE;

    configure(s, o);
    for (size_t i = 0; i < o->own_count && result == TLS_SETUP_DONE; i++) {
        result = tls_setup__identity(s, i, &o->own[i]);
        s->own_count = i + 1;
    }
    s->config.credential_count = s->own_count;
    if (result == TLS_SETUP_DONE) {
        result = tls_setup__trust(s, o);
    }
    if (result == TLS_SETUP_DONE) {
        result = tls_setup__policy(s, o);
    }
    if (result == TLS_SETUP_DONE) {
        result = read_psk(s, o);
    }
    if (result == TLS_SETUP_DONE && o->key_log != NULL) {
        s->key_log = open_key_log(o->key_log);
        if (s->key_log == NULL) {
            result = tls_setup__fail(s, o->key_log, strerror(errno));
        }
    }
    return result;
}

tls_setup *tls_setup_open(const covey_crypto *crypto,
                          const tls_setup_options *options,
                          tls_setup_result *result,
                          char error[TLS_SETUP_ERROR_MAX])
{
    tls_setup *s = calloc(1, sizeof *s);

    *result = TLS_SETUP_FAILED;
    if (s == NULL) {
        snprintf(error, TLS_SETUP_ERROR_MAX, "out of memory");
        return NULL;
    }
    s->crypto = crypto;
    s->server = options->server;
    s->trust_anybody = options->trust_anybody;
    s->name = options->name;
    s->repository = options->repository;
    s->error = error;
    its_trust_open(&s->its, crypto);
    *result = load(s, options);
    s->error = NULL;
    if (*result == TLS_SETUP_DONE) {
        return s;
    }
    tls_setup_close(s);
    return NULL;
}

void tls_setup_close(tls_setup *s)
{
    if (s == NULL) {
        return;
    }
    for (size_t i = 0; i < s->own_count; i++) {
        tls_setup__forget(s, &s->own[i]);
    }
    for (size_t i = 0; i < s->trust_key_count; i++) {
        free(s->trust_key[i]);
    }
    if (s->key_log != NULL) {
        fclose(s->key_log);
    }
    its_trust_close(&s->its);
    free(s->anchor_der);
    free(s->psk_identity);
    covey_wipe(s, sizeof *s);
    free(s);
}

covey_tls_config *tls_setup_config(tls_setup *s)
{
    return &s->config;
}
