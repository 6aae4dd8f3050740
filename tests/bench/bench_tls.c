/* SPDX-License-Identifier: BSD-2-Clause */
/* TLS in memory, both ends in one thread: full mutual handshakes with ITS
 * certificates beside those of OpenSSL and GnuTLS with X.509 (P-256, leaf
 * only), and data in records of 16 kB beside libcrypto alone. */
#include "bench.h"
#include "gnutls_pair.h"
#include "make.h"

#include "crypto/openssl/openssl.h"

#include <covey/tls.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BULK = 16384,
    WIRE = 1 << 16
};

static void must(int good, const char *what)
{
    if (!good) {
        fprintf(stderr, "bench_tls: %s failed\n", what);
        exit(1);
    }
}

/* --- ours ---------------------------------------------------------------- */

struct end {
    covey_tls t;
    covey_tls_config config;
    covey_tls_credential credential;
    covey_tls_its its;
    covey_its_store store;
    covey_its_known known[4];
    covey_its_signer signer;
    covey_bytes entry;
    struct made at;
    uint8_t memory[COVEY_TLS_MEMORY_ITS];
    uint8_t out[WIRE];
};

static covey_crypto crypto;
static struct made root;
static struct made aa;
static struct end ends[2];
static covey_time now = { 1, 0, true };
static uint8_t plain[COVEY_TLS_RECORD_MAX];
static size_t on_the_wire;
static const uint8_t types[] = { COVEY_TLS_1609DOT2 };
static const covey_tls_its_rule rules[] = { { .psid = 38 } };

/* The store knows the AA: it was verified before. */
static void know_aa(struct end *e)
{
    const covey_its_chain chain = { .end_entity = e->at.cert.whole,
                                    .others = &aa.cert.whole,
                                    .other_count = 1,
                                    .keep = true };
    covey_its_peer peer;
    covey_its_finding why;

    must(covey_its_chain_verify(&peer, &e->store, &crypto, &chain, MAKE_NOW,
                                &why) == COVEY_ITS_VALID,
         "chain");
    covey_its_peer_drop(&peer, &crypto);
}

static void set_up_end(struct end *e, uint8_t seed)
{
    covey_its_finding why;

    make_cert(&e->at, &make_at, &aa, seed, &crypto);
    covey_its_store_init(&e->store, e->known, 4);
    must(covey_its_store_anchor(&e->store, &crypto, root.cert.whole, NULL) ==
             COVEY_OK,
         "anchor");
    know_aa(e);
    must(covey_its_signer_open(&e->signer, &crypto, e->at.cert.whole,
                               covey_bytes_of(e->at.secret, 32), NULL,
                               &why) == COVEY_OK,
         "signer");
    e->entry = e->at.cert.whole;
    e->its =
        (covey_tls_its){ &e->store, COVEY_ITS_LEAP_SECONDS, 0, rules, 1, false,
                         false };
    e->credential = (covey_tls_credential){ .type = COVEY_TLS_1609DOT2,
                                            .entries = &e->entry,
                                            .entry_count = 1,
                                            .signer = &e->signer,
                                            .psid = 38 };
    e->config = (covey_tls_config){ .crypto = &crypto,
                                    .credentials = &e->credential,
                                    .credential_count = 1,
                                    .peer_types = types,
                                    .peer_type_count = 1,
                                    .require_client = true,
                                    .its = &e->its };
}

static void move(struct end *from, struct end *to)
{
    covey_writer w = covey_writer_of(from->out, WIRE);
    covey_tls_report r;
    size_t taken = 1;
    size_t done = 0;

    while (covey_tls_transmit(&from->t, now, &w)) {
    }
    on_the_wire += w.pos;
    while (taken > 0) {
        covey_writer p = covey_writer_of(plain, sizeof plain);
        must(covey_tls_receive(&to->t, now,
                               covey_bytes_of(w.base + done, w.pos - done),
                               &taken, &p) == COVEY_OK,
             "handshake");
        done += taken;
        while (covey_tls_event(&to->t, &r)) {
        }
    }
}

static void connect_ends(void)
{
    must(covey_tls_client(
             &ends[0].t, &ends[0].config,
             covey_writer_of(ends[0].memory, sizeof ends[0].memory),
             covey_bytes_of(NULL, 0), NULL) == COVEY_OK,
         "client");
    must(covey_tls_server(&ends[1].t, &ends[1].config,
                          covey_writer_of(ends[1].memory,
                                          sizeof ends[1].memory)) == COVEY_OK,
         "server");
    on_the_wire = 0;
    move(&ends[0], &ends[1]);
    move(&ends[1], &ends[0]);
    move(&ends[0], &ends[1]);
    covey_tls_info info;
    covey_tls_information(&ends[1].t, &info);
    must(info.peer.authenticated && info.peer.psid == 38, "handshake");
}

static void drop_ends(void)
{
    covey_tls_drop(&ends[0].t);
    covey_tls_drop(&ends[1].t);
}

static uint32_t its_handshake(void *state, uint32_t times)
{
    (void)state;
    for (uint32_t i = 0; i < times; i++) {
        drop_ends();
        connect_ends();
    }
    return times;
}

static uint32_t our_bulk(void *state, uint32_t times)
{
    static uint8_t out[COVEY_TLS_RECORD_MAX];

    (void)state;
    for (uint32_t i = 0; i < times; i++) {
        covey_writer w = covey_writer_of(out, sizeof out);
        size_t taken = 0;
        must(covey_tls_send(&ends[0].t, now, covey_bytes_of(plain, BULK),
                            &taken, &w) == COVEY_OK,
             "send");
        if (taken == 0) { /* new keys */
            must(covey_tls_transmit(&ends[0].t, now, &w), "update");
        }
    }
    return times;
}

/* --- OpenSSL ------------------------------------------------------------- */

static SSL_CTX *contexts[2];

static SSL_CTX *context(EVP_PKEY *key, X509 *cert, bool server)
{
    SSL_CTX *ctx =
        SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());

    must(ctx != NULL &&
             SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) == 1 &&
             SSL_CTX_use_certificate(ctx, cert) == 1 &&
             SSL_CTX_use_PrivateKey(ctx, key) == 1 &&
             SSL_CTX_set_ciphersuites(ctx, "TLS_AES_128_GCM_SHA256") == 1 &&
             SSL_CTX_set1_groups_list(ctx, "X25519") == 1 &&
             SSL_CTX_set_num_tickets(ctx, 0) == 1 &&
             X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), cert) == 1,
         "SSL_CTX");
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                       NULL);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    return ctx;
}

/* One self-signed certificate for both, trusted: a leaf and nothing else. */
static void set_up_gnutls(EVP_PKEY *key, X509 *cert)
{
    BIO *c = BIO_new(BIO_s_mem());
    BIO *k = BIO_new(BIO_s_mem());
    char *cert_pem = NULL;
    char *key_pem = NULL;

    must(c != NULL && k != NULL && PEM_write_bio_X509(c, cert) == 1 &&
             PEM_write_bio_PrivateKey(k, key, NULL, NULL, 0, NULL, NULL) == 1,
         "PEM");
    const long cert_len = BIO_get_mem_data(c, &cert_pem);
    const long key_len = BIO_get_mem_data(k, &key_pem);
    must(
        gnutls_pair_open(cert_pem, (size_t)cert_len, key_pem, (size_t)key_len),
        "GnuTLS");
    BIO_free(c);
    BIO_free(k);
}

static void set_up_others(void)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = X509_new();

    must(key != NULL && cert != NULL &&
             ASN1_INTEGER_set(X509_get_serialNumber(cert), 1) == 1 &&
             X509_gmtime_adj(X509_getm_notBefore(cert), -3600) != NULL &&
             X509_gmtime_adj(X509_getm_notAfter(cert), 86400) != NULL &&
             X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN",
                                        MBSTRING_ASC, (const uint8_t *)"bench",
                                        -1, -1, 0) == 1 &&
             X509_set_issuer_name(cert, X509_get_subject_name(cert)) == 1 &&
             X509_set_pubkey(cert, key) == 1 &&
             X509_sign(cert, key, EVP_sha256()) > 0,
         "certificate");
    contexts[0] = context(key, cert, false);
    contexts[1] = context(key, cert, true);
    set_up_gnutls(key, cert);
    X509_free(cert);
    EVP_PKEY_free(key);
}

static uint32_t openssl_handshake(void *state, uint32_t times)
{
    (void)state;
    for (uint32_t i = 0; i < times; i++) {
        SSL *c = SSL_new(contexts[0]);
        SSL *s = SSL_new(contexts[1]);
        BIO *to_server = BIO_new(BIO_s_mem());
        BIO *to_client = BIO_new(BIO_s_mem());
        BIO_up_ref(to_server);
        BIO_up_ref(to_client);
        SSL_set_bio(c, to_client, to_server);
        SSL_set_bio(s, to_server, to_client);
        SSL_set_connect_state(c);
        SSL_set_accept_state(s);
        (void)SSL_do_handshake(c);
        (void)SSL_do_handshake(s);
        must(SSL_do_handshake(c) == 1 && SSL_do_handshake(s) == 1,
             "OpenSSL's handshake");
        SSL_free(c);
        SSL_free(s);
    }
    return times;
}

static uint32_t bare_bulk(void *state, uint32_t times)
{
    static uint8_t out[BULK + 16];
    EVP_CIPHER_CTX *ctx = state;
    uint8_t nonce[12] = { 0 };
    int n = 0;

    for (uint32_t i = 0; i < times; i++) {
        memcpy(nonce, &i, sizeof i);
        must(EVP_EncryptInit_ex(ctx, NULL, NULL, NULL, nonce) == 1 &&
                 EVP_EncryptUpdate(ctx, NULL, &n, nonce, 5) == 1 &&
                 EVP_EncryptUpdate(ctx, out, &n, plain, BULK) == 1 &&
                 EVP_EncryptFinal_ex(ctx, out + n, &n) == 1 &&
                 EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, 16,
                                     out + BULK) == 1,
             "AES-GCM");
    }
    return times;
}

int main(int argc, char **argv)
{
    static const uint8_t key[16] = { 1 };
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    char note[200];
    int status = 0;

    must(covey_openssl_open(&crypto) == COVEY_OK, "libcrypto");
    make_cert(&root, &make_root, NULL, 1, &crypto);
    make_cert(&aa, &make_aa, &root, 2, &crypto);
    now.unix_s =
        covey_its_unix_of(MAKE_START + 172800, COVEY_ITS_LEAP_SECONDS);
    set_up_end(&ends[0], 3);
    set_up_end(&ends[1], 4);
    set_up_others();
    must(ctx != NULL &&
             EVP_EncryptInit_ex(ctx, EVP_aes_128_gcm(), NULL, key, NULL) == 1,
         "AES-GCM");
    connect_ends();
    (void)snprintf(note, sizeof note,
                   "mutual handshakes without tickets, AA known; %zu bytes on "
                   "the wire with ITS certificates",
                   on_the_wire);
    const bench_case cases[] = {
        { "mutual X.509, OpenSSL", openssl_handshake, NULL, -1, 0 },
        { "mutual X.509, GnuTLS", gnutls_pair_handshake, NULL, 0, 0 },
        { "mutual 1609Dot2", its_handshake, NULL, 0, 0 },
        { "AES-128-GCM, 16 kB, libcrypto", bare_bulk, ctx, -1, BULK },
        { "send, 16 kB", our_bulk, NULL, 3, BULK },
    };
    status =
        bench_main(argc, argv, cases, sizeof cases / sizeof cases[0], note);
    drop_ends();
    for (int i = 0; i < 2; i++) {
        covey_its_signer_drop(&ends[i].signer, &crypto);
        covey_its_store_clear(&ends[i].store, &crypto);
        SSL_CTX_free(contexts[i]);
    }
    gnutls_pair_close();
    EVP_CIPHER_CTX_free(ctx);
    covey_openssl_close(&crypto);
    return status;
}
