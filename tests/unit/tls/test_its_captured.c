/* SPDX-License-Identifier: BSD-2-Clause */
/* The handshake of the one open implementation of RFC 8902 that there is, step
 * by step, in place: ../shared/vectors/its/qfree-rfc8902. Transcript, both
 * chains, both CertificateVerify, both Finished, the traffic secrets. */
#include "kit.h"

#include "tls_internal.h"

#include "crypto/openssl/openssl.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    ABSENT = 77,
    TEXT_MAX = 4096
};

static covey_crypto crypto;
static char folder[TEXT_MAX];
static json_t *capture;
static covey_its_known slots[4];
static covey_its_store store;
static const covey_tls_its_rule rules[] = { { .psid = 623 } };
static covey_tls_its its = { .store = &store,
                             .leap_seconds = COVEY_ITS_LEAP_SECONDS,
                             .rules = rules,
                             .rule_count = 1 };
static covey_tls_config config = { .crypto = &crypto, .its = &its };
static uint8_t memory[4096];
static covey_tls t;
static uint8_t message[4096];

static covey_bytes load(const char *name, uint8_t *to, size_t cap)
{
    char path[TEXT_MAX + 100];
    FILE *f;

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    f = fopen(path, "rb");
    assert_non_null(f);
    size_t len = fread(to, 1, cap, f);
    fclose(f);
    return covey_bytes_of(to, len);
}

static covey_bytes secret(const char *name, uint8_t *to)
{
    const char *hex = json_string_value(
        json_object_get(json_object_get(capture, "keylog"), name));

    assert_non_null(hex);
    return kit_hex(hex, to, COVEY_TLS_SECRET_MAX);
}

/* The key log has the secrets that Finished is made with. */
static void begin(void)
{
    static uint8_t anchor[600];

    covey_its_store_init(&store, slots, COUNT_OF(slots));
    CHECK_STATUS(COVEY_OK, covey_its_store_anchor(
                               &store, &crypto,
                               load("root.oer", anchor, sizeof anchor), NULL));
    CHECK_STATUS(
        COVEY_OK,
        covey_tls_server(&t, &config, covey_writer_of(memory, sizeof memory)));
    t.suite = COVEY_TLS_AES_256_GCM_SHA384;
    t.peer_type = COVEY_TLS_1609DOT2;
    CHECK_STATUS(COVEY_OK, covey__tls_transcript_begin(&t, COVEY_SHA_384));
    (void)secret("CLIENT_HANDSHAKE_TRAFFIC_SECRET",
                 t.handshake_secret[CLIENT]);
    (void)secret("SERVER_HANDSHAKE_TRAFFIC_SECRET",
                 t.handshake_secret[SERVER]);
}

/* Who sends decides whose context string is verified. */
static void take_certificate(covey_bytes body, covey_time now)
{
    static uint8_t aa[600];
    covey_bytes found[COVEY_TLS_ENTRIES_MAX];
    size_t count = 0;

    CHECK_STATUS(COVEY_OK, covey__tls_entries(&t, body, found, &count));
    assert_int_equal(count, 1);
    found[1] = load("aa.oer", aa, sizeof aa);
    CHECK_STATUS(COVEY_OK, covey__tls_its_certificate(&t, now, found, 2, 0));
}

/* The capture's own time, which CertificateVerify says. */
static covey_time time_of(covey_bytes body)
{
    covey_its_signed data;
    covey_time now = { 1, 0, true };

    CHECK_STATUS(COVEY_OK, covey_its_signed_decode(&data, body, NULL));
    now.unix_s =
        covey_its_unix_of((uint32_t)(data.header.generation_time / 1000000),
                          COVEY_ITS_LEAP_SECONDS);
    return now;
}

static void take_finished(covey_bytes body, enum tls_side side)
{
    uint8_t right[COVEY_TLS_HASH_MAX];

    CHECK_STATUS(COVEY_OK, covey__tls_verify_data(&t, side, right));
    CHECK_SPAN(covey_bytes_of(right, 48), body);
}

static const char *field(const json_t *row, const char *name)
{
    return json_string_value(json_object_get(row, name));
}

static void take_verify(covey_bytes body)
{
    static uint8_t kept[1000];
    covey_bytes copy = covey_bytes_of(kept, body.len);

    memcpy(kept, body.ptr, body.len);
    CHECK_STATUS(COVEY_OK, covey__tls_its_verify(&t, time_of(copy), copy));
    assert_int_equal(t.peer.psid, 623);
}

static void verifies_the_captured_handshake_step_by_step(void **state)
{
    static uint8_t certificate[1000];
    covey_bytes pending = { NULL, 0 };
    size_t steps = 0;
    size_t i;
    json_t *row;

    (void)state;
    begin();
    json_array_foreach(json_object_get(capture, "messages"), i, row)
    {
        covey_bytes m = kit_hex(field(row, "hex"), message, sizeof message);
        covey_bytes body = covey_bytes_of(m.ptr + 4, m.len - 4);
        enum tls_side side =
            strcmp(field(row, "side"), "client") == 0 ? CLIENT : SERVER;
        t.is_server = side == CLIENT; /* we are the other one */
        kit_case(field(row, "msg"));
        if (m.ptr[0] == CERTIFICATE) {
            memcpy(certificate, body.ptr, body.len);
            pending = covey_bytes_of(certificate, body.len);
        } else if (m.ptr[0] == CERTIFICATE_VERIFY) {
            take_certificate(pending, time_of(body));
            take_verify(body);
            steps++;
        } else if (m.ptr[0] == FINISHED) {
            take_finished(body, side);
            steps++;
        }
        CHECK_STATUS(COVEY_OK, covey__tls_transcript_add(&t, m));
    }
    kit_case(NULL);
    assert_int_equal(steps, 4);
    covey_tls_drop(&t);
    covey_its_store_clear(&store, &crypto);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verifies_the_captured_handshake_step_by_step),
    };
    const char *shared = getenv("COVEY_SHARED");
    char path[TEXT_MAX + 100];
    int failed = 0;

    (void)snprintf(folder, sizeof folder, "%s/vectors/its/qfree-rfc8902",
                   shared != NULL ? shared : "../shared");
    (void)snprintf(path, sizeof path, "%s/rfc8902_qfree_handshake.json",
                   folder);
    capture = json_load_file(path, 0, NULL);
    if (capture == NULL) {
        fprintf(stderr, "%s is absent: nothing was tested\n", path);
        return ABSENT;
    }
    if (covey_openssl_open(&crypto) != COVEY_OK) {
        return 1;
    }
    failed = KIT_RUN(tests);
    covey_openssl_close(&crypto);
    json_decref(capture);
    return failed;
}
