/* SPDX-License-Identifier: BSD-2-Clause */
/* What a peer that has the keys can do: every byte of every message of mutual
 * handshakes with X.509 and with certificates of ITS changed behind the record
 * layer, and every message cut at every byte. Whoever it was sent to notices,
 * with an alert that goes with the message. */
#include "its_fixture.h"
#include "tls_internal.h"

enum {
    STREAM = 8192,
    DER_MAX = 400
};

/* What a side has opened of the handshake, and the fault in it. */
struct tap {
    struct side *side; /* that receives */
    covey_crypto crypto;
    uint8_t seen[STREAM]; /* of a handshake without fault */
    size_t seen_len;
    size_t len; /* of this one, so far */
    bool learning;
    size_t at; /* the byte that is changed; STREAM: none */
    uint8_t flip;
    bool cut; /* instead: its message ends before it */
};

static struct tap taps[2]; /* client's, server's */

/* The message that a byte is in. */
struct place {
    unsigned type;
    size_t start; /* of its head of four bytes */
    size_t end;
};

static struct place place_of(const struct tap *t, size_t at)
{
    struct place m = { 0 };

    while (m.end <= at) {
        const uint8_t *head = t->seen + m.end;
        m.start = m.end;
        m.type = head[0];
        m.end += 4 + ((size_t)head[2] << 8 | head[3]);
    }
    return m;
}

/* The message that `at` is in ends before it and says so. */
static size_t shorten(const struct tap *t, uint8_t *bytes, size_t len)
{
    const struct place m = place_of(t, t->at);
    uint8_t *head = bytes + (m.start - t->len);
    const size_t body = t->at - m.start - 4;
    const size_t gone = m.end - t->at;

    head[2] = (uint8_t)(body >> 8);
    head[3] = (uint8_t)body;
    memmove(head + 4 + body, head + 4 + body + gone,
            len - (size_t)(head - bytes) - 4 - body - gone);
    return len - gone;
}

static void tamper(struct tap *t, uint8_t *bytes, size_t *len)
{
    const size_t n = *len;

    if (t->learning) {
        assert_true(t->len + n <= STREAM);
        memcpy(t->seen + t->len, bytes, n);
        t->seen_len = t->len + n;
    }
    if (t->at >= t->len && t->at < t->len + n) {
        if (t->cut) {
            *len = shorten(t, bytes, n);
        } else {
            bytes[t->at - t->len] ^= t->flip;
        }
    }
    t->len += n;
}

static covey_status open_tapped(struct tap *t, covey_key *key,
                                covey_bytes nonce, covey_bytes aad,
                                covey_bytes sealed, covey_writer *out)
{
    const covey_crypto *inner = fixture_crypto();
    uint8_t *bytes = out->base + out->pos;
    covey_status st =
        inner->open(inner->provider, key, nonce, aad, sealed, out);
    size_t len = st == COVEY_OK ? sealed.len - 16 - 1 : 0;

    if (len > 0 && bytes[len] == CONTENT_HANDSHAKE && !t->side->connected) {
        const size_t before = len;
        tamper(t, bytes, &len);
        bytes[len] = CONTENT_HANDSHAKE;
        out->pos -= before - len;
    }
    return st;
}

static covey_status open_client(void *provider, covey_key *key,
                                covey_bytes nonce, covey_bytes aad,
                                covey_bytes sealed, covey_writer *out)
{
    (void)provider;
    return open_tapped(&taps[0], key, nonce, aad, sealed, out);
}

static covey_status open_server(void *provider, covey_key *key,
                                covey_bytes nonce, covey_bytes aad,
                                covey_bytes sealed, covey_writer *out)
{
    (void)provider;
    return open_tapped(&taps[1], key, nonce, aad, sealed, out);
}

static void tap_both(void)
{
    struct side *sides[] = { &p.client, &p.server };

    for (int i = 0; i < 2; i++) {
        taps[i] = (struct tap){ .side = sides[i],
                                .crypto = *fixture_crypto(),
                                .at = STREAM,
                                .learning = true };
        taps[i].crypto.open = i == 0 ? open_client : open_server;
        sides[i]->config.crypto = &taps[i].crypto;
    }
    p.server.config.require_client = true;
    connect_pair();
    assert_true(taps[0].seen_len > 200 && taps[1].seen_len > 200);
    taps[0].learning = taps[1].learning = false;
}

static void untap(void)
{
    pair_stop(&p);
    p.client.config.crypto = p.server.config.crypto = fixture_crypto();
}

/* --- what is expected ---------------------------------------------------- */

#define BIT(alert) (UINT64_C(1) << ((alert) % 64))

/* RFC 8446 Section 6.2: which alerts go with a message that is wrong. What
 * cannot be told from the message itself shows in the signature or the MAC
 * over all of them. */
static const struct {
    uint8_t type;
    uint64_t alerts;
} fitting[] = {
    { ENCRYPTED_EXTENSIONS,
      BIT(COVEY_TLS_DECODE_ERROR) | BIT(COVEY_TLS_ILLEGAL_PARAMETER) |
          BIT(COVEY_TLS_UNSUPPORTED_EXTENSION) |
          BIT(COVEY_TLS_UNSUPPORTED_CERTIFICATE) |
          BIT(COVEY_TLS_BAD_CERTIFICATE) | BIT(COVEY_TLS_DECRYPT_ERROR) },
    { CERTIFICATE_REQUEST,
      BIT(COVEY_TLS_DECODE_ERROR) | BIT(COVEY_TLS_ILLEGAL_PARAMETER) |
          BIT(COVEY_TLS_MISSING_EXTENSION) | BIT(COVEY_TLS_DECRYPT_ERROR) },
    { CERTIFICATE,
      BIT(COVEY_TLS_DECODE_ERROR) | BIT(COVEY_TLS_ILLEGAL_PARAMETER) |
          BIT(COVEY_TLS_UNSUPPORTED_EXTENSION) |
          BIT(COVEY_TLS_BAD_CERTIFICATE) |
          BIT(COVEY_TLS_UNSUPPORTED_CERTIFICATE) |
          BIT(COVEY_TLS_CERTIFICATE_EXPIRED) | BIT(COVEY_TLS_UNKNOWN_CA) |
          BIT(COVEY_TLS_CERTIFICATE_UNKNOWN) |
          BIT(COVEY_TLS_CERTIFICATE_REQUIRED) | BIT(COVEY_TLS_DECRYPT_ERROR) },
    { CERTIFICATE_VERIFY,
      BIT(COVEY_TLS_DECODE_ERROR) | BIT(COVEY_TLS_ILLEGAL_PARAMETER) |
          BIT(COVEY_TLS_DECRYPT_ERROR) | BIT(COVEY_TLS_ACCESS_DENIED) |
          BIT(COVEY_TLS_CERTIFICATE_UNKNOWN) },
    { FINISHED, BIT(COVEY_TLS_DECODE_ERROR) | BIT(COVEY_TLS_DECRYPT_ERROR) },
};

static bool fits(unsigned type, unsigned alert)
{
    for (size_t i = 0; i < COUNT_OF(fitting); i++) {
        if (fitting[i].type == type) {
            return (fitting[i].alerts & BIT(alert)) != 0;
        }
    }
    return false;
}

/* Of a signature with P-256 in 1609.2 only x of r counts, whatever form it is
 * in (1609.2 6.3.30): the octet of the form may be another. */
static bool means_nothing(const struct tap *t)
{
    const struct place m = place_of(t, t->at);

    return m.type == CERTIFICATE_VERIFY && t->seen[m.start + 4] == 3 &&
           m.end - t->at == 65;
}

static void judge(const struct tap *t)
{
    const struct place m = place_of(t, t->at);
    const struct side *s = t->side;
    const size_t in = t->at - m.start;

    if (!t->cut && means_nothing(t)) {
        assert_true(s->connected || s->failed);
        return;
    }
    assert_false(p.client.connected && p.server.connected &&
                 !p.client.failed && !p.server.failed);
    if (!s->failed) {
        assert_true(in < 4); /* it waits for a message that is longer */
        return;
    }
    if (s->from_peer || !(fits(m.type, s->alert) || (in < 4 && !t->cut))) {
        print_message("message %u, byte %zu of %zu, flip %02x%s: %s %s\n",
                      m.type, in, m.end - m.start, t->flip,
                      t->cut ? " cut" : "", covey_tls_alert_name(s->alert),
                      s->why ? s->why : "");
        fail();
    }
    assert_int_not_equal(s->alert, COVEY_TLS_INTERNAL_ERROR);
}

static void run(struct tap *t)
{
    taps[0].len = taps[1].len = 0;
    covey_scripted_rewind(&scripted, COVEY_SCRIPTED_NEVER);
    pair_stop(&p);
    pair_start(&p);
    pair_run(&p);
    judge(t);
}

static void attack_both(void)
{
    tap_both();
    for (int i = 0; i < 2; i++) {
        struct tap *t = &taps[i];
        for (t->at = 0; t->at < t->seen_len; t->at++) {
            for (unsigned bit = 0; bit < 8; bit++) {
                t->flip = (uint8_t)(1u << bit);
                run(t);
            }
            if (t->at >= place_of(t, t->at).start + 4) {
                t->cut = true;
                run(t);
                t->cut = false;
            }
        }
        t->at = STREAM;
    }
    connect_pair(); /* nothing of all that has stayed */
    untap();
}

static void its_messages(void **state)
{
    (void)state;
    attack_both();
}

/* --- X.509 --------------------------------------------------------------- */

static uint8_t der[2][DER_MAX];
static covey_bytes chain[2];

/* A certificate of which only the key is more than a shape: nobody but the
 * verdict looks at the rest. */
static void make_x509(int i, covey_bytes spki)
{
    static const uint8_t before[] = {
        0xa0, 0x03, 0x02, 0x01, 0x02,             /* version 3 */
        0x02, 0x01, 0x07,                         /* serial number */
        0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, /* ecdsa-with-SHA256 */
        0xce, 0x3d, 0x04, 0x03, 0x02,             /**/
        0x30, 0x00,                               /* issuer */
        0x30, 0x1e, 0x17, 0x0d, '2',  '6',  '0',  /* validity */
        '1',  '0',  '1',  '0',  '0',  '0',  '0',  '0',  '0',
        'Z',  0x17, 0x0d, '3',  '6',  '0',  '1',  '0',  '1',
        '0',  '0',  '0',  '0',  '0',  '0',  'Z',  0x30, 0x00 /* subject */
    };
    static const uint8_t behind[] = { 0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86,
                                      0x48, 0xce, 0x3d, 0x04, 0x03, 0x02,
                                      0x03, 0x03, 0x00, 0xaa, 0xbb };
    const size_t tbs = sizeof before + spki.len;
    covey_writer w = covey_writer_of(der[i], DER_MAX);

    assert_true(tbs > 127 && tbs + 3 + sizeof behind < 256);
    covey_write_u16(&w, 0x3081);
    covey_write_u8(&w, (uint8_t)(tbs + 3 + sizeof behind));
    covey_write_u16(&w, 0x3081);
    covey_write_u8(&w, (uint8_t)tbs);
    covey_write_bytes(&w, covey_bytes_of(before, sizeof before));
    covey_write_bytes(&w, spki);
    covey_write_bytes(&w, covey_bytes_of(behind, sizeof behind));
    chain[i] = covey_written(&w);
}

/* As libcrypto would: any other certificate is a bad one. */
static uint8_t judge_x509(const struct side *s, const covey_tls_report *r)
{
    return covey_bytes_equal(r->entries[0], chain[s == &p.client ? 1 : 0])
               ? 0
               : COVEY_TLS_BAD_CERTIFICATE;
}

static void x509_messages(void **state)
{
    static const uint8_t types[] = { COVEY_TLS_X509 };
    struct side *sides[] = { &p.client, &p.server };

    (void)state;
    for (int i = 0; i < 2; i++) {
        make_x509(i, sides[i]->entries[0]);
        sides[i]->entries[0] = chain[i];
        sides[i]->credentials[0].type = COVEY_TLS_X509;
        sides[i]->config.credential_count = 1;
        sides[i]->config.peer_types = types;
        sides[i]->judge = judge_x509;
    }
    attack_both();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ITS(its_messages),
        TEST(x509_messages),
    };

    return KIT_RUN(tests);
}
