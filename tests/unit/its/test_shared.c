/* SPDX-License-Identifier: BSD-2-Clause */
/* The certificates beside the repository (../shared or $COVEY_SHARED), used
 * where they are: each decodes, comes back byte for byte, has the HashedId8
 * that the list says, and its signature is right or wrong as it says. Without
 * them nothing is tested here, which is said. */
#include <covey/its_list.h>

#include "kit.h"
#include "shared_wrong.h"

#include "crypto/openssl/openssl.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    CERTS_MAX = 128
};

static struct sample {
    char name[128];
    uint8_t bytes[COVEY_ITS_CERT_MAX];
    covey_its_cert cert;
    covey_its_digest digest;
} samples[CERTS_MAX];
static size_t sample_count;
static covey_crypto crypto;

static bool is_wrong(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        size_t len = strlen(wrong[i]);
        const char *base = strrchr(name, '/') + 1;
        if (strncmp(base, wrong[i], len) == 0 && base[len] == '.') {
            return true;
        }
    }
    return false;
}

static const char *folder(void)
{
    static char path[400];
    const char *shared = getenv("COVEY_SHARED");

    snprintf(path, sizeof path, "%s/vectors/its",
             shared ? shared : "../shared");
    return path;
}

static covey_bytes load(const char *name, uint8_t *storage, size_t cap)
{
    char path[600];
    FILE *f = NULL;
    size_t n;

    snprintf(path, sizeof path, "%s/%s", folder(), name);
    f = fopen(path, "rb");
    if (f == NULL) {
        fail_msg("%s is in the list, but not there", path);
        return covey_bytes_of(NULL, 0);
    }
    n = fread(storage, 1, cap, f);
    fclose(f);
    return covey_bytes_of(storage, n);
}

static void check(struct sample *s, const json_t *row)
{
    uint8_t storage[COVEY_ITS_CERT_MAX];
    covey_writer w = covey_writer_of(storage, sizeof storage);
    covey_bytes bytes = load(s->name, s->bytes, sizeof s->bytes);

    kit_case(s->name);
    assert_int_equal(bytes.len,
                     json_integer_value(json_object_get(row, "bytes")));
    CHECK_STATUS(COVEY_OK, covey_its_cert_decode(&s->cert, bytes, NULL));
    CHECK_STATUS(COVEY_OK, covey_its_cert_encode(&w, &s->cert));
    CHECK_SPAN(bytes, covey_written(&w));
    w = covey_writer_of(storage, sizeof storage);
    CHECK_STATUS(COVEY_OK, covey_its_tbs_encode(&w, &s->cert));
    CHECK_SPAN(s->cert.tbs, covey_written(&w));
    assert_int_equal(json_is_true(json_object_get(row, "canonical")) ||
                         s->cert.verify_key.point.form !=
                             COVEY_ITS_UNCOMPRESSED,
                     covey_its_cert_is_canonical(&s->cert) ||
                         s->cert.signature.r.form != COVEY_ITS_X_ONLY);
    CHECK_STATUS(COVEY_OK, covey_its_digest_of(&s->digest, &s->cert, &crypto));
    CHECK_HEX(json_string_value(json_object_get(row, "hashedId8")),
              covey_its_hashed_id(&s->digest, COVEY_ITS_ID8));
    /* The hash of the canonical form itself. */
    w = covey_writer_of(storage, sizeof storage);
    CHECK_STATUS(COVEY_OK, covey_its_cert_canonical(&w, &s->cert));
    covey_its_cert canonical;
    covey_its_digest again;
    CHECK_STATUS(COVEY_OK,
                 covey_its_cert_decode(&canonical, covey_written(&w), NULL));
    assert_true(covey_its_cert_is_canonical(&canonical));
    CHECK_STATUS(COVEY_OK, covey_its_digest_of(&again, &canonical, &crypto));
    assert_memory_equal(&again, &s->digest, sizeof again);
}

static void decodes_and_encodes_every_certificate_of_the_list(void **state)
{
    char path[600];
    json_error_t error;
    json_t *list;
    json_t *row;
    size_t i;

    (void)state;
    snprintf(path, sizeof path, "%s/MANIFEST.json", folder());
    list = json_load_file(path, 0, &error);
    if (list == NULL) {
        print_error("NOT TESTED, no vectors: %s: %s\n", path, error.text);
        return;
    }
    json_array_foreach(json_object_get(list, "files"), i, row)
    {
        if (json_object_get(row, "hashedId8") && sample_count < CERTS_MAX) {
            struct sample *s = &samples[sample_count++];
            snprintf(s->name, sizeof s->name, "%s",
                     json_string_value(json_object_get(row, "file")));
            check(s, row);
        }
    }
    kit_case(NULL);
    assert_true(sample_count > 70);
    json_decref(list);
}

static const struct sample *issuer_of(const struct sample *s)
{
    if (s->cert.issuer_kind == COVEY_ITS_ISSUER_SELF) {
        return s;
    }
    for (size_t i = 0; i < sample_count; i++) {
        if (covey_bytes_equal(
                s->cert.issuer,
                covey_its_hashed_id(&samples[i].digest, COVEY_ITS_ID8))) {
            return &samples[i];
        }
    }
    return NULL;
}

static covey_key import(const covey_its_public *p)
{
    uint8_t point[COVEY_PUBLIC_MAX];
    covey_writer w = covey_writer_of(point, sizeof point);
    covey_key key;

    covey_write_u8(&w, (uint8_t)p->point.form);
    covey_write_bytes(&w, p->point.x);
    covey_write_bytes(&w, p->point.y);
    CHECK_STATUS(COVEY_OK,
                 crypto.public_key(crypto.provider, covey_its_curve(p->alg),
                                   covey_written(&w), &key));
    return key;
}

static bool verifies(const struct sample *s, const struct sample *issuer)
{
    bool self = issuer == s;
    uint8_t input[96];
    uint8_t signature[96];
    covey_writer w = covey_writer_of(input, sizeof input);
    covey_writer sig = covey_writer_of(signature, sizeof signature);
    covey_key key = import(&issuer->cert.verify_key);
    covey_status st = covey_its_cert_input(
        &w, &s->cert, self ? NULL : &issuer->digest, &crypto);

    covey_write_bytes(&sig, s->cert.signature.r.x);
    covey_write_bytes(&sig, s->cert.signature.s);
    if (st == COVEY_OK) {
        st = crypto.verify(crypto.provider, &key,
                           covey_its_signs(issuer->cert.verify_key.alg),
                           covey_written(&w), covey_written(&sig));
    }
    crypto.key_drop(crypto.provider, &key);
    return st == COVEY_OK;
}

static void verifies_signatures_as_the_list_says(void **state)
{
    size_t right = 0;
    size_t broken = 0;

    (void)state;
    for (size_t i = 0; i < sample_count; i++) {
        const struct sample *s = &samples[i];
        const struct sample *issuer = issuer_of(s);
        bool etsi = strncmp(s->name, "etsi", 4) == 0;
        if (s->cert.implicit || issuer == NULL) {
            assert_true(!etsi || issuer == NULL);
            continue;
        }
        kit_case(s->name);
        assert_int_equal(verifies(s, issuer), !is_wrong(s->name));
        right += etsi && !is_wrong(s->name);
        broken += etsi && is_wrong(s->name);
    }
    kit_case(NULL);
    if (sample_count > 0) {
        print_message("%zu of %zu certificates of the ETSI set verify\n",
                      right, right + broken);
        assert_int_equal(broken, COUNT_OF(wrong));
    }
}

/* --- signed data and chains of the set --------------------------------- */

static covey_its_known slots[16];
static covey_its_store store;
static uint8_t file[16384];

static bool there(void)
{
    char path[600];
    FILE *f = NULL;

    snprintf(path, sizeof path, "%s/MANIFEST.json", folder());
    f = fopen(path, "rb");
    if (f == NULL) {
        print_error("NOT TESTED, no vectors: %s\n", path);
        return false;
    }
    fclose(f);
    return true;
}

static void trust(const char *name)
{
    covey_its_finding why;
    uint8_t bytes[COVEY_ITS_KNOWN_MAX];

    covey_its_store_init(&store, slots, COUNT_OF(slots));
    CHECK_STATUS(COVEY_OK,
                 covey_its_store_anchor(
                     &store, &crypto, load(name, bytes, sizeof bytes), &why));
}

static covey_its_verdict chain(covey_its_peer *peer, covey_bytes end,
                               covey_bytes other, uint64_t now,
                               covey_its_finding *why)
{
    covey_its_chain c = { .end_entity = end,
                          .others = &other,
                          .other_count = other.ptr != NULL,
                          .keep = true };
    return covey_its_chain_verify(peer, &store, &crypto, &c, now, why);
}

/* The chain of the captured handshake, and the CertificateVerify that its
 * README publishes, as bytes. */
static void verifies_the_chain_of_the_captured_handshake(void **state)
{
    static uint8_t aa[512];
    static uint8_t at[512];
    covey_its_finding why;
    covey_its_peer peer;
    uint64_t now;

    (void)state;
    if (!there()) {
        return;
    }
    trust("qfree-rfc8902/root.oer");
    covey_bytes a = load("qfree-rfc8902/aa.oer", aa, sizeof aa);
    covey_bytes t = load("qfree-rfc8902/client_at.oer", at, sizeof at);
    covey_its_cert c;
    CHECK_STATUS(COVEY_OK, covey_its_cert_decode(&c, t, NULL));
    now = (c.start + UINT64_C(3600)) * 1000000;
    assert_int_equal(chain(&peer, t, covey_bytes_of(NULL, 0), now, &why),
                     COVEY_ITS_MISSING);
    covey_its_verdict verdict = chain(&peer, t, a, now, &why);
    if (verdict != COVEY_ITS_VALID) {
        print_error("certificate %d: %s\n", why.cert,
                    covey_its_reason_text(why.reason));
    }
    assert_int_equal(verdict, COVEY_ITS_VALID);
    covey_its_peer_drop(&peer, &crypto);
    t = load("qfree-rfc8902/server_at.oer", at, sizeof at);
    assert_int_equal(chain(&peer, t, covey_bytes_of(NULL, 0), now, &why),
                     COVEY_ITS_VALID);
    assert_int_equal(peer.length, 3);
    covey_its_peer_drop(&peer, &crypto);
    covey_its_store_clear(&store, &crypto);
}

/* A message is taken as what its signer says, without a chain: only the
 * signature is looked at. */
static covey_its_verdict verify_alone(covey_bytes message,
                                      const covey_its_expect *expect,
                                      covey_its_finding *why)
{
    covey_its_signed d;
    covey_its_peer peer = { .length = 1 };
    covey_reader r;
    covey_its_verdict verdict;

    CHECK_STATUS(COVEY_OK, covey_its_signed_decode(&d, message, why));
    assert_int_equal(d.signer_kind, COVEY_ITS_SIGNER_CERTIFICATE);
    r = covey_reader_of(d.signer);
    CHECK_STATUS(COVEY_OK, covey_its_cert_read(&peer.cert, &r, why));
    CHECK_STATUS(COVEY_OK,
                 covey_its_digest_of(&peer.digest, &peer.cert, &crypto));
    peer.start = peer.cert.start;
    peer.end = peer.cert.end;
    verdict = covey_its_signed_verify(&peer, &d, expect, &crypto, why);
    covey_its_peer_drop(&peer, &crypto);
    return verdict;
}

static void verifies_messages_from_the_road(void **state)
{
    static const struct {
        const char *name;
        size_t skip;
    } messages[] = {
        { "captured-messages/cam_vw_golf8_certificate_signer.bin", 0 },
        { "captured-messages/geonet_shb_secured_v3_message_certificate.bin",
          4 },
    };

    (void)state;
    for (size_t i = 0; there() && i < COUNT_OF(messages); i++) {
        covey_bytes m = load(messages[i].name, file, sizeof file);
        covey_its_expect e = { .psid = 36 };
        covey_its_finding why;
        covey_its_signed d;

        m.ptr += messages[i].skip;
        m.len -= messages[i].skip;
        kit_case(messages[i].name);
        CHECK_STATUS(COVEY_OK, covey_its_signed_decode(&d, m, NULL));
        e.now = d.header.generation_time;
        assert_int_equal(verify_alone(m, &e, &why), COVEY_ITS_VALID);
        file[messages[i].skip + 20] ^= 1;
        assert_int_equal(verify_alone(m, &e, &why), COVEY_ITS_REFUSED);
        assert_int_equal(why.reason, COVEY_ITS_R_SIGNATURE);
    }
    kit_case(NULL);
    if (there()) {
        covey_its_signed d;
        CHECK_STATUS(COVEY_OK,
                     covey_its_signed_decode(
                         &d,
                         load("captured-messages/cam_digest_signer.bin", file,
                              sizeof file),
                         NULL));
        assert_int_equal(d.signer_kind, COVEY_ITS_SIGNER_DIGEST);
    }
}

static void verifies_the_published_certificate_verify(void **state)
{
    covey_its_finding why;
    covey_its_signed d;
    covey_bytes m;

    (void)state;
    if (!there()) {
        return;
    }
    m = load("qfree-rfc8902/"
             "qfree_published_CertificateVerify_ieee1609dot2data.bin",
             file, sizeof file);
    CHECK_STATUS(COVEY_OK, covey_its_signed_decode(&d, m, NULL));
    covey_its_expect e = { .now = d.header.generation_time,
                           .window = 1,
                           .psid = 623,
                           .pdu_type = COVEY_ITS_PDU_TLS_HANDSHAKE,
                           .only = true,
                           .external = d.external };
    assert_int_equal(verify_alone(m, &e, &why), COVEY_ITS_VALID);
    e.pdu_type = COVEY_ITS_PDU_NONE;
    assert_int_equal(verify_alone(m, &e, &why), COVEY_ITS_REFUSED);
    assert_int_equal(why.reason, COVEY_ITS_R_PDU_TYPE);
}

static void verifies_the_ectl_of_the_eu(void **state)
{
    static uint8_t tlm[512];
    covey_its_finding why;
    covey_its_signed d;
    covey_its_peer peer;
    covey_its_list list;
    covey_its_entry e;
    covey_bytes content;
    covey_bytes left;
    int counts[7] = { 0 };

    (void)state;
    if (!there()) {
        return;
    }
    trust("eu-c-its-l2/EU-TLM_L2_E7A4B2B045E7ACF9.oer");
    CHECK_STATUS(COVEY_OK, covey_its_signed_decode(
                               &d,
                               load("eu-c-its-l2/ECTL_L2_CE4CF6C19BFED720.oer",
                                    file, sizeof file),
                               &why));
    covey_bytes c =
        load("eu-c-its-l2/EU-TLM_L2_E7A4B2B045E7ACF9.oer", tlm, sizeof tlm);
    covey_its_expect expect = { .now = d.header.generation_time,
                                .psid = COVEY_ITS_PSID_CTL };
    assert_int_equal(
        chain(&peer, c, covey_bytes_of(NULL, 0), expect.now, &why),
        COVEY_ITS_VALID);
    assert_int_equal(
        covey_its_signed_verify(&peer, &d, &expect, &crypto, &why),
        COVEY_ITS_VALID);
    CHECK_STATUS(COVEY_OK, covey_its_unsecured(&content, d.data));
    CHECK_STATUS(COVEY_OK,
                 covey_its_list_decode(&list, content, d.header.psid, &why));
    assert_int_equal(list.kind, COVEY_ITS_LIST_ECTL);
    assert_true(list.full);
    assert_int_equal(list.count, 5);
    assert_true(covey_its_list_signer(&list, &peer, &why));
    left = list.entries;
    while (covey_its_entry_next(&left, &e)) {
        counts[e.kind]++;
        if (e.kind == COVEY_ITS_ADD_RCA) {
            CHECK_STATUS(COVEY_OK, covey_its_store_anchor(
                                       &store, &crypto, e.certificate, &why));
        }
    }
    assert_int_equal(left.len, 0);
    assert_int_equal(counts[COVEY_ITS_ADD_RCA], 2);
    assert_int_equal(counts[COVEY_ITS_ADD_TLM], 1);
    covey_its_peer_drop(&peer, &crypto);
    covey_its_store_clear(&store, &crypto);
}

static void refuses_data_that_is_150_deep(void **state)
{
    covey_its_finding why;
    covey_its_signed d;

    (void)state;
    if (there()) {
        CHECK_STATUS(
            COVEY_E_UNSUPPORTED,
            covey_its_signed_decode(
                &d,
                load("invalid/ECTL_recursion_depth150.oer", file, sizeof file),
                &why));
        assert_int_equal(why.reason, COVEY_ITS_R_DEPTH);
    }
}

static covey_bytes member(const json_t *o, const char *name, uint8_t *storage,
                          size_t cap)
{
    return kit_hex(json_string_value(json_object_get(o, name)), storage, cap);
}

/* An implicit certificate of an independent model: issuer, key, signature. */
static void reconstructs_the_key_of_the_independent_model(void **state)
{
    static uint8_t b[6][600];
    char path[600];
    json_error_t error;
    covey_its_finding why;
    covey_its_peer peer;
    covey_its_signed d;
    covey_its_cert c;
    json_t *o = NULL;

    (void)state;
    snprintf(path, sizeof path,
             "%s/ecqv-and-crypto/own_implicit_1609dot2.json", folder());
    if (!there()) {
        return;
    }
    o = json_load_file(path, 0, &error);
    assert_non_null(o);
    covey_its_store_init(&store, slots, COUNT_OF(slots));
    CHECK_STATUS(COVEY_OK,
                 covey_its_store_anchor(
                     &store, &crypto,
                     member(o, "issuer_cert", b[0], sizeof b[0]), &why));
    covey_bytes cert = member(o, "implicit_cert", b[1], sizeof b[1]);
    covey_bytes message = member(o, "signed_spdu", b[2], sizeof b[2]);
    CHECK_STATUS(COVEY_OK, covey_its_cert_decode(&c, cert, NULL));
    CHECK_STATUS(COVEY_OK, covey_its_signed_decode(&d, message, &why));
    /* the private half */
    static uint8_t priv[32];
    covey_writer w = covey_writer_of(priv, sizeof priv);
    CHECK_STATUS(COVEY_OK,
                 crypto.ecqv_private(
                     crypto.provider, COVEY_P256,
                     member(o, "hash_e", b[3], sizeof b[3]),
                     member(o, "request_private_kU", b[4], sizeof b[4]),
                     member(o, "private_reconstruction_r", b[5], sizeof b[5]),
                     &w));
    CHECK_HEX(json_string_value(json_object_get(o, "private_dU")),
              covey_written(&w));
    covey_its_signer signer;
    CHECK_STATUS(COVEY_OK,
                 covey_its_signer_open(&signer, &crypto, cert,
                                       covey_written(&w), &slots[0], &why));
    /* Its AA began later than the message: only the signature is looked at. */
    covey_its_expect e = { .now = d.header.generation_time, .psid = 623 };
    peer = (covey_its_peer){ .cert = c,
                             .digest = signer.digest,
                             .key = signer.key,
                             .start = c.start,
                             .end = c.end };
    CHECK_HEX(json_string_value(json_object_get(o, "hashedid8")),
              covey_its_hashed_id(&peer.digest, 8));
    assert_int_equal(covey_its_signed_verify(&peer, &d, &e, &crypto, &why),
                     COVEY_ITS_VALID);
    covey_its_peer_drop(&peer, &crypto); /* the key went over to it */
    priv[31] ^= 1;
    CHECK_STATUS(COVEY_E_ARGUMENT,
                 covey_its_signer_open(&signer, &crypto, cert,
                                       covey_written(&w), &slots[0], &why));
    covey_its_store_clear(&store, &crypto);
    json_decref(o);
}

/* Chains of the ETSI set to its roots: what verifies, and what is refused for
 * the reasons that the set was made for. */
static void judges_the_chains_of_the_etsi_set(void **state)
{
    size_t valid = 0;
    size_t refused = 0;

    (void)state;
    covey_its_store_init(&store, slots, COUNT_OF(slots));
    for (size_t i = 0; i < sample_count; i++) {
        if (strstr(samples[i].name, "_RCA.oer")) {
            CHECK_STATUS(COVEY_OK,
                         covey_its_store_anchor(&store, &crypto,
                                                samples[i].cert.whole, NULL));
        }
    }
    for (size_t i = 0; i < sample_count; i++) {
        const struct sample *sample = &samples[i];
        const struct sample *up = issuer_of(sample);
        covey_its_finding why;
        covey_its_peer peer;
        uint64_t now = (sample->cert.start + UINT64_C(1)) * 1000000;
        covey_its_verdict verdict;

        if (strncmp(sample->name, "etsi", 4) != 0 || up == NULL) {
            continue;
        }
        verdict = chain(&peer, sample->cert.whole, up->cert.whole, now, &why);
        if (verdict == COVEY_ITS_VALID) {
            assert_false(is_wrong(sample->name));
            covey_its_peer_drop(&peer, &crypto);
            valid++;
        } else {
            assert_true(!is_wrong(sample->name) ||
                        why.reason == COVEY_ITS_R_SIGNATURE ||
                        why.reason == COVEY_ITS_R_HASH ||
                        why.reason == COVEY_ITS_R_SSP);
            refused++;
        }
    }
    if (sample_count > 0) {
        assert_int_equal(valid, 28);
        assert_int_equal(refused, 33);
    }
    covey_its_store_clear(&store, &crypto);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_and_encodes_every_certificate_of_the_list),
        cmocka_unit_test(verifies_signatures_as_the_list_says),
        cmocka_unit_test(verifies_the_chain_of_the_captured_handshake),
        cmocka_unit_test(verifies_messages_from_the_road),
        cmocka_unit_test(verifies_the_published_certificate_verify),
        cmocka_unit_test(verifies_the_ectl_of_the_eu),
        cmocka_unit_test(refuses_data_that_is_150_deep),
        cmocka_unit_test(reconstructs_the_key_of_the_independent_model),
        cmocka_unit_test(judges_the_chains_of_the_etsi_set),
    };
    int failed;

    if (covey_openssl_open(&crypto) != COVEY_OK) {
        return 1;
    }
    failed = KIT_RUN(tests);
    covey_openssl_close(&crypto);
    return failed;
}
