/* SPDX-License-Identifier: BSD-2-Clause */
/* TL-03: the certificates of a server, by one ClientHello, and whether it has
 * the key of the first: it has to sign in the same flight. Of TLS 1.2 and DTLS
 * 1.2 all that comes in the clear. With TLS 1.3 it is encrypted to who has
 * sent the ClientHello, so the engine of the core reads it; the handshake is
 * never finished, and nothing of ours is shown. */
#include "cert.h"
#include "dialogue.h"

#include <covey/tls.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* Suites with a certificate. */
static const uint16_t certified[] = {
    0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc0ac, 0xc0ae, 0xc023,
    0xc027, 0xc009, 0xc013, 0xc00a, 0xc014, 0x009c, 0x002f, 0x0035,
};

static covey_bytes name_of(const probe *p)
{
    covey_bytes left = p->facts;
    covey_bytes name;

    return fact_find(&left, FACT_NAME, &name) ? name : covey_bytes_of(NULL, 0);
}

/* --- 1.2 ----------------------------------------------------------------- */

static enum audit_outcome check_1_2(probe *p, bool dtls)
{
    static flight f;
    dialogue d = { .offer = { .dtls = dtls,
                              .version = dtls ? HELLO_DTLS_1_2 : HELLO_TLS_1_2,
                              .suites = certified,
                              .suite_count = COUNT(certified),
                              .name = name_of(p) },
                   .flight = &f };

    flight_begin(&f, dtls);
    dialogue_hold(p, &d, true);
    if (f.count > 0) {
        dialogue_tell(p, &d);
        probe_note(p, "certificates", "%zu, X.509", f.count);
        if (!dtls) {
            probe_seen(p, WIRE_SEEN_CERTIFICATE);
        }
        cert_judge_exchange(p, &f, d.random);
        cert_judge_x509(p, f.entries, f.count);
        return OUTCOME_DONE;
    }
    if (d.result == PROBE_ANSWER) {
        dialogue_tell(p, &d);
    }
    return dialogue_outcome(&d);
}

enum audit_outcome check_dtls_certificate(probe *p)
{
    return check_1_2(p, true);
}

enum audit_outcome check_tls_certificate(probe *p)
{
    return check_1_2(p, false);
}

/* --- 1.3 ----------------------------------------------------------------- */

static const uint8_t types[] = { COVEY_TLS_1609DOT2, COVEY_TLS_X509,
                                 COVEY_TLS_RAW_PUBLIC_KEY };

enum {
    RULES = 16, /* PSIDs of a certificate */
    KNOWN = 12
};

/* A client that only looks. */
typedef struct looker {
    probe *p;
    covey_tls_its its;
    covey_its_store store; /* the anchors of the inventory */
    covey_its_known room[KNOWN];
    covey_tls_its_rule rules[RULES]; /* what the certificate is for */
    covey_tls_config config;
    covey_tls tls;
    uint8_t memory[COVEY_TLS_MEMORY];
    /* what it has shown; type and spans are of its certificates */
    bool shown;
    uint8_t type;
    size_t count;
    covey_bytes entries[COVEY_TLS_ENTRIES_MAX];
    uint8_t storage[COVEY_TLS_MEMORY]; /* they came through as much */
    size_t in_len;
    uint8_t in[COVEY_TLS_RECORD_MAX];
    uint8_t out[COVEY_TLS_RECORD_MAX];
    bool ended;
} looker;

static covey_time now_of(const looker *l)
{
    return (covey_time){ .mono = probe_now(),
                         .unix_s = l->p->unix_s,
                         .unix_known = true };
}

static bool begin(looker *l, probe *p)
{
    memset(l, 0, sizeof *l);
    l->p = p;
    (void)cert_its_anchors(p, &l->store, l->room, COUNT(l->room));
    l->its = (covey_tls_its){ .store = &l->store,
                              .rules = l->rules,
                              .leap_seconds = COVEY_ITS_LEAP_SECONDS,
                              .ask_chain = true };
    l->config = (covey_tls_config){ .crypto = p->crypto,
                                    .share_count = 3,
                                    .peer_types = types,
                                    .peer_type_count = COUNT(types),
                                    .its = &l->its };
    return covey_tls_client(&l->tls, &l->config,
                            covey_writer_of(l->memory, sizeof l->memory),
                            name_of(p), NULL) == COVEY_OK;
}

/* Whatever the certificate of a station is for is taken: that is judged
 * apart. */
static void take_permissions(looker *l)
{
    covey_its_finding why = { .reason = COVEY_ITS_FINE };
    covey_its_cert cert;
    covey_its_permission one;

    if (covey_its_cert_decode(&cert, l->entries[0], &why) != COVEY_OK) {
        return;
    }
    covey_bytes left = cert.app_permissions;
    while (l->its.rule_count < RULES &&
           covey_its_permission_next(&left, &one)) {
        l->rules[l->its.rule_count++] =
            (covey_tls_its_rule){ .psid = one.psid };
    }
}

/* Keeps the certificates and goes on, so that the key is proved; whether they
 * are to be trusted is judged behind that. */
static void look_at(looker *l, const covey_tls_report *r)
{
    static const covey_tls_verdict go_on = { .valid_until = INT64_MAX };
    covey_writer w = covey_writer_of(l->storage, sizeof l->storage);

    l->shown = true;
    l->type = r->type;
    l->count = r->entry_count;
    for (size_t i = 0; i < r->entry_count; i++) {
        l->entries[i] = covey_bytes_of(w.base + w.pos, r->entries[i].len);
        covey_write_bytes(&w, r->entries[i]);
    }
    if (l->type == COVEY_TLS_1609DOT2 && l->count > 0) {
        take_permissions(l);
    }
    probe_seen(l->p, WIRE_SEEN_CERTIFICATE);
    (void)covey_tls_chain(&l->tls, &go_on);
}

static void judge_shown(looker *l)
{
    static const char *const names[] = {
        [COVEY_TLS_X509] = "X.509",
        [COVEY_TLS_RAW_PUBLIC_KEY] = "a raw public key",
        [COVEY_TLS_1609DOT2] = "ITS",
    };

    probe_note(l->p, "certificates", "%zu, %s", l->count,
               l->type < COUNT(names) && names[l->type] != NULL
                   ? names[l->type]
                   : "unknown");
    if (l->type == COVEY_TLS_X509) {
        cert_judge_x509(l->p, l->entries, l->count);
    } else if (l->type == COVEY_TLS_1609DOT2) {
        cert_judge_its(l->p, l->entries, l->count);
    }
}

/* CertificateVerify is refused with decrypt_error (RFC 8446 Section 4.4.3);
 * a chain of ITS that leads nowhere is refused before it. */
static void judge_proof(looker *l, const covey_tls_report *r)
{
    if (r->from_peer) {
        cert_tell_doubt(l->p, "an alert has ended the handshake");
    } else if (r->alert == COVEY_TLS_DECRYPT_ERROR) {
        cert_tell_fraud(l->p, r->why != NULL ? r->why : "a wrong signature");
    } else {
        cert_tell_doubt(l->p, r->why != NULL ? r->why
                                             : covey_tls_alert_name(r->alert));
    }
}

/* An ITS station speaks TLS 1.3 (RFC 8902); what else it speaks is found by
 * the other checks. */
static void judge_end(looker *l, const covey_tls_report *r)
{
    covey_bytes left = l->p->facts;
    covey_bytes psid;

    probe_note(l->p, "answer", "%s %s",
               r->from_peer ? "alert" : "not understood:",
               covey_tls_alert_name(r->alert));
    if (fact_find(&left, FACT_PSID, &psid)) {
        probe_finding(l->p, FINDING_ITS_VERSION, "no handshake of TLS 1.3: %s",
                      covey_tls_alert_name(r->alert));
    }
}

static void hear_event(looker *l, const covey_tls_report *r)
{
    if (r->kind == COVEY_TLS_ASK_CHAIN) {
        look_at(l, r);
    } else if (r->kind == COVEY_TLS_ASK_ISSUER) {
        (void)covey_tls_issuers(&l->tls, NULL, 0);
    } else if (r->kind == COVEY_TLS_CONNECTED) {
        l->ended = true;
        cert_tell_proof(l->p, "CertificateVerify");
    } else if (r->kind == COVEY_TLS_FAILED) {
        l->ended = true;
        if (l->shown) {
            judge_proof(l, r);
        } else {
            judge_end(l, r);
        }
    }
}

static void hear_events(looker *l)
{
    covey_tls_report r;

    while (!l->ended && covey_tls_event(&l->tls, &r)) {
        hear_event(l, &r);
    }
}

/* What the client would say next, its Finished, is made and thrown away: with
 * it the engine says whether the server's flight was right to its end. */
static void say_nothing(looker *l)
{
    bool any = l->shown && !l->ended;

    while (any) {
        covey_writer unsent = covey_writer_of(l->out, sizeof l->out);
        any = covey_tls_transmit(&l->tls, now_of(l), &unsent);
    }
    hear_events(l);
}

/* As many records as have come whole. */
static void read_records(looker *l)
{
    size_t taken = 1;

    while (!l->ended && taken > 0) {
        covey_writer plain = covey_writer_of(l->out, sizeof l->out);
        taken = 0;
        (void)!covey_tls_receive(&l->tls, now_of(l),
                                 covey_bytes_of(l->in, l->in_len), &taken,
                                 &plain);
        memmove(l->in, l->in + taken, l->in_len - taken);
        l->in_len -= taken;
        hear_events(l);
        say_nothing(l);
    }
}

static probe_result listen_to(looker *l)
{
    const uint64_t until = probe_now() + l->p->patience_ms;

    while (!l->ended) {
        const uint64_t now = probe_now();
        covey_bytes packet;
        uint16_t who;
        const probe_result result =
            now >= until
                ? PROBE_SILENT
                : probe_await(l->p, (uint32_t)(until - now), &packet, &who);
        if (result != PROBE_ANSWER) {
            return result;
        }
        while (!l->ended && packet.len > 0) {
            const size_t room = sizeof l->in - l->in_len;
            const size_t n = packet.len < room ? packet.len : room;
            if (n == 0) {
                return PROBE_ANSWER; /* a record that is no TLS */
            }
            memcpy(l->in + l->in_len, packet.ptr, n);
            l->in_len += n;
            packet = covey_bytes_of(packet.ptr + n, packet.len - n);
            read_records(l);
        }
    }
    return PROBE_ANSWER;
}

enum audit_outcome check_tls_1_3(probe *p)
{
    static looker l;
    probe_result result = PROBE_DENIED;
    covey_writer hello = covey_writer_of(l.out, sizeof l.out);

    if (p->crypto == NULL || !begin(&l, p)) {
        return OUTCOME_FAILED;
    }
    if (covey_tls_transmit(&l.tls, now_of(&l), &hello) &&
        probe_send(p, covey_written(&hello))) {
        result = listen_to(&l);
    }
    covey_tls_drop(&l.tls);
    covey_its_store_clear(&l.store, p->crypto);
    if (!l.shown) {
        return probe_outcome(result);
    }
    if (!l.ended) {
        cert_tell_doubt(p, "no CertificateVerify has come");
    }
    judge_shown(&l);
    return OUTCOME_DONE;
}
