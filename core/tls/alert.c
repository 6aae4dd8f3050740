/* SPDX-License-Identifier: BSD-2-Clause */
/* How connections end (RFC 8446 Section 6): alerts, theirs and ours, and what
 * is wiped then. */
#include "tls_internal.h"

/* The status that a caller sees for an alert of ours. */
static covey_status status_of(covey_tls_alert alert)
{
    /* clang-format off */
    static const struct {
        uint8_t alert;
        covey_status status;
    } rows[] = {
        { COVEY_TLS_BAD_RECORD_MAC,          COVEY_E_AUTH },
        { COVEY_TLS_DECRYPT_ERROR,           COVEY_E_AUTH },
        { COVEY_TLS_BAD_CERTIFICATE,         COVEY_E_AUTH },
        { COVEY_TLS_CERTIFICATE_REVOKED,     COVEY_E_AUTH },
        { COVEY_TLS_CERTIFICATE_EXPIRED,     COVEY_E_AUTH },
        { COVEY_TLS_CERTIFICATE_UNKNOWN,     COVEY_E_AUTH },
        { COVEY_TLS_UNKNOWN_CA,              COVEY_E_AUTH },
        { COVEY_TLS_ACCESS_DENIED,           COVEY_E_AUTH },
        { COVEY_TLS_CERTIFICATE_REQUIRED,    COVEY_E_AUTH },
        { COVEY_TLS_DECODE_ERROR,            COVEY_E_FORMAT },
        { COVEY_TLS_UNEXPECTED_MESSAGE,      COVEY_E_FORMAT },
        { COVEY_TLS_HANDSHAKE_FAILURE,       COVEY_E_UNSUPPORTED },
        { COVEY_TLS_UNSUPPORTED_CERTIFICATE, COVEY_E_UNSUPPORTED },
        { COVEY_TLS_PROTOCOL_VERSION,        COVEY_E_UNSUPPORTED },
        { COVEY_TLS_NO_APPLICATION_PROTOCOL, COVEY_E_UNSUPPORTED },
        { COVEY_TLS_INTERNAL_ERROR,          COVEY_E_CRYPTO },
    };
    /* clang-format on */

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].alert == alert) {
            return rows[i].status;
        }
    }
    return COVEY_E_RANGE;
}

void covey__tls_forget(covey_tls *t)
{
    const covey_crypto *c = t->config->crypto;

    covey__tls_shares_drop(t);
    covey__tls_transcript_drop(t);
    covey__tls_half_drop(c, &t->in);
    covey__tls_its_drop(t);
    if (t->peer_key_kind) {
        c->key_drop(c->provider, &t->peer_key);
        t->peer_key_kind = 0;
    }
    covey_wipe(t->shared, sizeof t->shared);
    covey_wipe(t->chain, sizeof t->chain);
    covey_wipe(t->handshake_secret, sizeof t->handshake_secret);
    covey_wipe(t->traffic_secret, sizeof t->traffic_secret);
    covey_wipe(t->exporter, sizeof t->exporter);
    covey_wipe(t->resumption, sizeof t->resumption);
    covey_wipe(&t->ticket, sizeof t->ticket);
    covey_wipe(t->memory, t->memory_cap);
    t->in_len = t->in_pos = t->pinned = t->out_len = t->out_pos = 0;
    t->queue = 0;
    t->logged = 0;
    t->waiting = WAITING_FOR_NOTHING;
}

static void end(covey_tls *t, unsigned alert, bool from_peer)
{
    covey__tls_forget(t);
    t->state = ENDED;
    t->alert = (uint8_t)alert;
    t->alert_from_peer = from_peer;
    t->alert_pending = !from_peer;
    t->happened |= HAPPENED(COVEY_TLS_FAILED);
}

covey_status covey__tls_fail(covey_tls *t, covey_tls_alert alert,
                             const char *why, const char *source)
{
    if (t->state != ENDED) {
        t->why = why;
        t->source = source;
        end(t, alert, false);
    }
    return status_of(alert);
}

covey_status covey__tls_host(covey_tls *t, covey_status st)
{
    if (st != COVEY_OK) {
        (void)covey__tls_fail(t, COVEY_TLS_INTERNAL_ERROR,
                              st == COVEY_E_ROOM
                                  ? "the handshake's memory is too small"
                                  : "the provider failed",
                              "RFC 8446 Section 6.2");
    }
    return st;
}

/* level u8 | description u8. The level means nothing any more: all but
 * close_notify and user_canceled end it (Section 6). */
covey_status covey__tls_on_alert(covey_tls *t, covey_bytes body)
{
    if (body.len != 2) {
        return covey__tls_fail(t, COVEY_TLS_DECODE_ERROR,
                               "an alert has two bytes", "RFC 8446 Section 6");
    }
    if (body.ptr[1] == COVEY_TLS_USER_CANCELED) {
        return COVEY_OK;
    }
    if (body.ptr[1] == COVEY_TLS_CLOSE_NOTIFY && t->state == CONNECTED) {
        t->peer_closed = true;
        t->happened |= HAPPENED(COVEY_TLS_PEER_CLOSED);
        return COVEY_OK;
    }
    end(t, body.ptr[1], true);
    return COVEY_OK;
}
