/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether who shows a certificate has its key: anybody can show one. In TLS
 * 1.2 it signs its part of the key exchange and both randoms (RFC 5246 Section
 * 7.4.3). Where RSA decrypts the key exchange instead, only a handshake that
 * is finished would show it, which an audit does not do. */
#include "cert.h"

#include <covey/x509.h>

enum {
    NAMED_CURVE = 3, /* RFC 8422 Section 5.4 */
    PARAMETERS_MAX = 4 + 255
};

void cert_tell_proof(probe *p, const char *by)
{
    probe_note(p, "key", "proved by %s", by);
}

void cert_tell_doubt(probe *p, const char *why)
{
    probe_note(p, "key", "not proved: %s", why);
    p->proviso = "its key is not proved";
}

void cert_tell_fraud(probe *p, const char *what)
{
    probe_finding(p, FINDING_CERT_UNPROVED, "%s", what);
    p->proviso = "its key is not proved";
}

/* ServerECDHParams and what they are signed with (Section 5.4). */
typedef struct exchange {
    covey_bytes parameters;
    uint16_t scheme;
    covey_bytes signature;
} exchange;

static bool read_exchange(covey_bytes body, exchange *out)
{
    covey_reader r = covey_reader_of(body);
    const uint8_t kind = covey_read_u8(&r);

    covey_read_u16(&r);
    covey_read_bytes(&r, covey_read_u8(&r));
    out->parameters = covey_bytes_of(body.ptr, r.pos);
    out->scheme = covey_read_u16(&r);
    out->signature = covey_read_bytes(&r, covey_read_u16(&r));
    return covey_read_done(&r) && kind == NAMED_CURVE;
}

void cert_judge_exchange(probe *p, const flight *f,
                         const uint8_t client_random[FLIGHT_RANDOM])
{
    uint8_t storage[2 * FLIGHT_RANDOM + PARAMETERS_MAX];
    covey_writer tbs = covey_writer_of(storage, sizeof storage);
    exchange e;

    if (f->exchange.ptr == NULL) {
        cert_tell_doubt(p, f->state == FLIGHT_CERTIFICATES
                               ? "no ServerKeyExchange, RSA decrypts here"
                               : "no ServerKeyExchange has come");
        return;
    }
    if (!read_exchange(f->exchange, &e)) {
        cert_tell_doubt(p, "a ServerKeyExchange of another kind");
        return;
    }
    covey_write_bytes(&tbs, covey_bytes_of(client_random, FLIGHT_RANDOM));
    covey_write_bytes(&tbs, covey_bytes_of(f->random, FLIGHT_RANDOM));
    covey_write_bytes(&tbs, e.parameters);
    const covey_status st = covey_x509_verify(
        f->entries[0], e.scheme, covey_written(&tbs), e.signature);
    if (st == COVEY_OK) {
        cert_tell_proof(p, "ServerKeyExchange");
    } else if (st == COVEY_E_AUTH) {
        cert_tell_fraud(p, "the signature of ServerKeyExchange is wrong");
    } else {
        cert_tell_doubt(p, "it cannot have signed ServerKeyExchange so");
    }
}
