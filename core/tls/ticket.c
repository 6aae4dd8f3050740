/* SPDX-License-Identifier: BSD-2-Clause */
/* NewSessionTicket (RFC 8446 Section 4.6.1). A server's ticket is the number
 * of a row that it keeps: nothing secret leaves it, and the row serves once.
 * No ticket outlives the certificate that the peer showed (RFC 8902 Section
 * 7.2). */
#include "tls_internal.h"

enum {
    LIFETIME_MAX = 604800,
    LIFETIME_USUAL = 7200
};

void covey_tls_tickets_drop(covey_tls_tickets *tickets)
{
    covey_wipe(tickets->rows, tickets->count * sizeof tickets->rows[0]);
    tickets->next = 0;
}

/* Seconds that are left of what the peer showed; 0: no ticket. */
static uint32_t lifetime_of(const covey_tls *t, covey_time now,
                            uint32_t wanted)
{
    int64_t left = 0;

    if (wanted > LIFETIME_MAX) {
        wanted = LIFETIME_MAX;
    }
    if (!t->peer.authenticated || t->peer.valid_until == INT64_MAX) {
        return wanted;
    }
    if (!now.unix_known || t->peer.valid_until <= now.unix_s) {
        return 0;
    }
    left = t->peer.valid_until - now.unix_s;
    return left < wanted ? (uint32_t)left : wanted;
}

/* PSK of a ticket (Section 4.6.1). */
static covey_status secret_of(const covey_tls *t, covey_bytes nonce,
                              uint8_t *out)
{
    const struct tls_suite *s = tls_suite_of(t);

    return covey__tls_derive(t->config->crypto, s, t->resumption, "resumption",
                             nonce, tls_room_of(out, s->hash_len));
}

static covey_status fill_random(const covey_tls *t, uint8_t *to, size_t len)
{
    covey_writer w = covey_writer_of(to, len);

    return t->config->crypto->random(t->config->crypto->provider, &w);
}

static covey_status new_row(covey_tls *t, covey_time now, uint32_t lifetime,
                            covey_tls_ticket *row)
{
    covey_status st = fill_random(t, row->id, sizeof row->id);

    if (st == COVEY_OK) {
        st = secret_of(t, covey_bytes_of(&t->tickets_sent, 1), row->secret);
    }
    row->suite = t->suite;
    row->expires = now.mono + (covey_ms)lifetime * 1000;
    row->peer = t->peer;
    return st;
}

covey_status covey__tls_make_ticket(covey_tls *t, covey_time now,
                                    covey_writer *w)
{
    covey_tls_tickets *all = t->config->tickets;
    uint32_t wanted = t->config->ticket_lifetime_s;
    uint32_t lifetime = lifetime_of(t, now, wanted ? wanted : LIFETIME_USUAL);
    uint8_t age_add[4];
    covey_tls_ticket row = { { 0 }, { 0 }, 0, 0, { 0 } };
    covey_status st = fill_random(t, age_add, sizeof age_add);

    if (st == COVEY_OK) {
        st = new_row(t, now, lifetime, &row);
    }
    covey_write_u32(w, lifetime);
    covey_write_bytes(w, covey_bytes_of(age_add, sizeof age_add));
    covey_write_u8(w, 1);
    covey_write_u8(w, t->tickets_sent);
    covey_write_u16(w, sizeof row.id);
    covey_write_bytes(w, covey_bytes_of(row.id, sizeof row.id));
    covey_write_u16(w, 0); /* extensions: no early_data */
    if (st == COVEY_OK) {
        st = w->failed;
    }
    if (st == COVEY_OK) {
        all->rows[all->next] = row;
        all->next = (all->next + 1) % all->count;
        t->tickets_sent++;
        if (t->tickets_sent < t->config->ticket_count) {
            t->queue |= SEND_TICKET;
        }
    }
    covey_wipe(&row, sizeof row);
    return st;
}

bool covey__tls_may_ticket(const covey_tls *t, covey_time now)
{
    return t->config->tickets && t->config->tickets->count > 0 &&
           t->peer_resumes && lifetime_of(t, now, LIFETIME_USUAL) > 0;
}

covey_status covey__tls_on_ticket(covey_tls *t, covey_time now,
                                  covey_bytes body)
{
    covey_reader r = covey_reader_of(body);
    uint32_t lifetime = covey_read_u32(&r);
    uint32_t age_add = covey_read_u32(&r);
    covey_bytes nonce = covey__tls_vector(&r, 1);
    covey_bytes ticket = covey__tls_vector(&r, 2);
    covey_bytes list = covey__tls_vector(&r, 2);
    struct tls_extensions ext;
    covey_status st = COVEY_OK;

    if (!covey_read_done(&r) || ticket.len == 0) {
        return covey__tls_fail(t, COVEY_TLS_DECODE_ERROR,
                               "a NewSessionTicket is malformed",
                               "RFC 8446 Section 4.6.1");
    }
    st = covey__tls_extensions_read(t, list, IN_TICKET, &ext);
    lifetime = lifetime_of(t, now, lifetime);
    if (st != COVEY_OK || lifetime == 0) {
        return st;
    }
    t->ticket = (covey_tls_session){ .ticket = ticket,
                                     .suite = t->suite,
                                     .age_add = age_add,
                                     .received = now.mono,
                                     .peer = t->peer };
    t->ticket.expires = now.mono + (covey_ms)lifetime * 1000;
    st = secret_of(t, nonce, t->ticket.secret);
    if (st != COVEY_OK) {
        return covey__tls_host(t, st);
    }
    t->happened |= HAPPENED(COVEY_TLS_TICKET);
    return COVEY_OK;
}
