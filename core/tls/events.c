/* SPDX-License-Identifier: BSD-2-Clause */
/* What a connection asks and tells, and what it can be asked. */
#include "tls_internal.h"

static bool tell_log(covey_tls *t, covey_tls_report *r)
{
    const struct {
        uint32_t bit;
        const char *name;
        const uint8_t *secret;
    } rows[] = {
        { LOG_CLIENT_HANDSHAKE, "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
          t->handshake_secret[CLIENT] },
        { LOG_SERVER_HANDSHAKE, "SERVER_HANDSHAKE_TRAFFIC_SECRET",
          t->handshake_secret[SERVER] },
        { LOG_CLIENT_TRAFFIC, "CLIENT_TRAFFIC_SECRET_0",
          t->traffic_secret[CLIENT] },
        { LOG_SERVER_TRAFFIC, "SERVER_TRAFFIC_SECRET_0",
          t->traffic_secret[SERVER] },
        { LOG_EXPORTER, "EXPORTER_SECRET", t->exporter },
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if ((t->logged & rows[i].bit) != 0) {
            t->logged &= ~rows[i].bit;
            r->kind = COVEY_TLS_KEY_LOG;
            r->name = rows[i].name;
            r->client_random = covey_bytes_of(t->client_random, 32);
            r->secret =
                covey_bytes_of(rows[i].secret, tls_suite_of(t)->hash_len);
            return true;
        }
    }
    return false;
}

static void tell_chain(covey_tls *t, covey_tls_report *r)
{
    const uint8_t *at = t->memory + t->in_pos;
    size_t len = (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];

    r->type = t->peer_type;
    (void)covey__tls_entries(t, covey_bytes_of(at + 4, len), r->entries,
                             &r->entry_count);
}

/* Behind what came and what waits to leave there is room for it: what is to be
 * signed is shorter than the message that it will be in. */
static void tell_signature(covey_tls *t, covey_tls_report *r)
{
    size_t used = t->in_len + t->out_len;
    covey_writer w = covey_writer_of(t->memory + used, t->memory_cap - used);

    if (t->credential->type == COVEY_TLS_1609DOT2) {
        (void)covey__tls_host(t, covey__tls_its_ask(t, &r->tbs));
        return;
    }
    r->scheme = t->credential->scheme;
    if (covey__tls_to_be_signed(t, tls_own_side(t), &w) == COVEY_OK) {
        r->tbs = covey_written(&w);
    }
}

static void tell(covey_tls *t, covey_tls_event_kind kind, covey_tls_report *r)
{
    r->kind = kind;
    if (kind == COVEY_TLS_ASK_CHAIN) {
        tell_chain(t, r);
    } else if (kind == COVEY_TLS_ASK_ISSUER) {
        r->issuer = covey_bytes_of(t->issuer, sizeof t->issuer);
    } else if (kind == COVEY_TLS_ASK_SIGNATURE) {
        tell_signature(t, r);
    } else if (kind == COVEY_TLS_TICKET) {
        r->session = t->ticket;
        covey_wipe(&t->ticket, sizeof t->ticket);
        t->told = true;
    } else if (kind == COVEY_TLS_FAILED) {
        r->alert = t->alert;
        r->from_peer = t->alert_from_peer;
        r->why = t->why;
        r->source = t->source;
        r->its = t->finding;
    }
}

bool covey_tls_event(covey_tls *t, covey_tls_report *report)
{
    memset(report, 0, sizeof *report);
    if (t->told) {
        t->told = false;
        (void)covey__tls_run(t, t->now);
    }
    if (tell_log(t, report)) {
        return true;
    }
    for (int kind = COVEY_TLS_ASK_CHAIN; kind <= COVEY_TLS_FAILED; kind++) {
        if ((t->happened & HAPPENED(kind)) != 0) {
            t->happened &= ~HAPPENED(kind);
            tell(t, (covey_tls_event_kind)kind, report);
            return true;
        }
    }
    return false;
}

covey_status covey_tls_chain(covey_tls *t, const covey_tls_verdict *verdict)
{
    if (t->waiting != WAITING_FOR_VERDICT) {
        return COVEY_E_STATE;
    }
    t->happened &= ~HAPPENED(COVEY_TLS_ASK_CHAIN);
    t->waiting = WAITING_FOR_NOTHING;
    t->verdict = *verdict;
    t->answered = true;
    return covey__tls_run(t, t->now);
}

covey_status covey_tls_issuers(covey_tls *t, const covey_bytes *certificates,
                               size_t count)
{
    covey_status st = COVEY_OK;

    if (t->waiting != WAITING_FOR_ISSUERS) {
        return COVEY_E_STATE;
    }
    if (count > COVEY_TLS_ENTRIES_MAX) {
        return COVEY_E_ARGUMENT;
    }
    t->happened &= ~HAPPENED(COVEY_TLS_ASK_ISSUER);
    t->waiting = WAITING_FOR_NOTHING;
    t->answered = true;
    t->issuers = certificates;
    t->issuer_count = count;
    st = covey__tls_run(t, t->now);
    t->issuers = NULL;
    t->issuer_count = 0;
    t->answered = false;
    return st;
}

covey_status covey_tls_signature(covey_tls *t, covey_bytes signature)
{
    if (t->waiting != WAITING_FOR_SIGNATURE) {
        return COVEY_E_STATE;
    }
    if (signature.len == 0 || signature.len > sizeof t->signature) {
        return covey__tls_host(t, COVEY_E_ARGUMENT);
    }
    t->happened &= ~HAPPENED(COVEY_TLS_ASK_SIGNATURE);
    t->waiting = WAITING_FOR_NOTHING;
    memcpy(t->signature, signature.ptr, signature.len);
    t->signature_len = (uint8_t)signature.len;
    return COVEY_OK;
}

covey_status covey_tls_export(const covey_tls *t, covey_bytes label,
                              covey_bytes context, covey_writer *out)
{
    const covey_crypto *c = t->config->crypto;
    const struct tls_suite *s = tls_suite_of(t);
    uint8_t secret[COVEY_TLS_SECRET_MAX];
    uint8_t digest[COVEY_TLS_HASH_MAX];
    covey_writer w;
    covey_status st = COVEY_E_STATE;

    if (t->state != CONNECTED) {
        return st;
    }
    st = covey__tls_hash_of(c, s, covey_bytes_of(NULL, 0), digest);
    if (st == COVEY_OK) {
        w = covey_writer_of(secret, s->hash_len);
        st = covey__tls_expand_label(c, s, t->exporter, label,
                                     covey_bytes_of(digest, s->hash_len), &w);
    }
    if (st == COVEY_OK) {
        st = covey__tls_hash_of(c, s, context, digest);
    }
    if (st == COVEY_OK) {
        st =
            covey__tls_expand_label(c, s, secret, covey_bytes_text("exporter"),
                                    covey_bytes_of(digest, s->hash_len), out);
    }
    covey_wipe(secret, sizeof secret);
    return st;
}

void covey_tls_information(const covey_tls *t, covey_tls_info *info)
{
    *info = (covey_tls_info){
        .suite = t->suite,
        .group = t->group,
        .own_type = t->own_type,
        .used_psk = t->used_psk,
        .resumed = t->resumed,
        .retried = t->retried,
        .peer = t->peer,
        .server_name = covey_bytes_of(t->name, t->name_len),
    };
    if (t->selected_alpn) {
        info->alpn = t->config->alpn[t->selected_alpn - 1];
    }
}
