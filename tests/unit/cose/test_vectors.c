/* SPDX-License-Identifier: BSD-2-Clause */
/* The vectors beside the repository (../shared or $COVEY_SHARED): every
 * credential has the public key that stands beside it, every AAD and every
 * string that is signed comes out byte for byte, and all CBOR in them is
 * deterministic and comes back from the writer. Without them nothing is
 * tested here, which is said. */
#include <covey/cose.h>

#include "kit.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

static json_t *load(const char *name)
{
    const char *shared = getenv("COVEY_SHARED");
    char path[512];
    json_error_t error;
    json_t *file;

    snprintf(path, sizeof path, "%s/vectors/oscore/%s",
             shared ? shared : "../shared", name);
    file = json_load_file(path, 0, &error);
    if (file == NULL) {
        print_error("NOT TESTED, no vectors: %s: %s\n", path, error.text);
    }
    return file;
}

static bool has(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name)) != NULL;
}

/* The bytes of a member, in a buffer of their own until the next test. */
static covey_bytes member(const json_t *object, const char *name)
{
    static uint8_t pool[1 << 20];
    static size_t used;
    const char *hex = json_string_value(json_object_get(object, name));
    covey_bytes bytes;

    if (hex == NULL) {
        fail_msg("no member %s", name);
    }
    if (sizeof pool - used < 70000) {
        used = 0;
    }
    bytes = kit_hex(hex, pool + used, sizeof pool - used);
    used += bytes.len;
    return bytes;
}

/* Reads one item and writes it again. */
static void copy(covey_cbor_reader *r, covey_writer *w)
{
    size_t left[COVEY_CBOR_DEPTH];
    size_t depth = 0;

    do {
        covey_cbor_type type = covey_cbor_peek(r);

        if (type == COVEY_CBOR_UINT || type == COVEY_CBOR_NINT) {
            covey_cbor_put_int(w, covey_cbor_get_int(r));
        } else if (type == COVEY_CBOR_BYTES) {
            covey_cbor_put_bytes(w, covey_cbor_get_bytes(r));
        } else if (type == COVEY_CBOR_TEXT) {
            covey_cbor_put_text(w, covey_cbor_get_text(r));
        } else if (type == COVEY_CBOR_ARRAY) {
            left[depth] = covey_cbor_get_array(r);
            covey_cbor_put_array(w, left[depth++]);
        } else if (type == COVEY_CBOR_MAP) {
            left[depth] = 2 * covey_cbor_get_map(r);
            covey_cbor_put_map(w, left[depth++] / 2);
        } else if (type == COVEY_CBOR_SIMPLE) {
            covey_cbor_put_simple(w, covey_cbor_get_simple(r));
        } else {
            fail_msg("type %d where none of that kind should be", (int)type);
        }
        while (depth > 0 && !covey_cbor_more(r, &left[depth - 1])) {
            depth--;
        }
    } while (depth > 0);
}

static void check_comes_back(covey_bytes cbor)
{
    static uint8_t storage[70000];
    covey_writer w = covey_writer_of(storage, sizeof storage);
    covey_cbor_reader r = covey_cbor_reader_of(cbor, COVEY_CBOR_DETERMINISTIC);

    covey_cbor_skip(&r);
    assert_true(covey_cbor_done(&r));
    r = covey_cbor_reader_of(cbor, COVEY_CBOR_DETERMINISTIC);
    copy(&r, &w);
    assert_true(covey_cbor_done(&r));
    CHECK_SPAN(cbor, covey_written(&w));
}

/* How many of each were compared. */
struct tally {
    unsigned credentials;
    unsigned opaque;
    unsigned aads;
    unsigned countersigned;
    unsigned cbor;
};

static void check_message(const json_t *m, struct tally *t)
{
    static const char *const cbor[] = { "external_aad", "aad",
                                        "countersign_tbs", "keystream_info" };
    static uint8_t storage[70000];
    covey_bytes external_aad = member(m, "external_aad");
    covey_writer w = covey_writer_of(storage, sizeof storage);

    if (has(m, "aad")) { /* A128CTR has none */
        covey_cose_put_enc_structure(&w, external_aad);
        CHECK_SPAN(member(m, "aad"), covey_written(&w));
        t->aads++;
    }
    if (has(m, "countersign_tbs")) {
        covey_bytes ciphertext = member(m, "ciphertext");

        w = covey_writer_of(storage, sizeof storage);
        covey_cose_put_countersign_structure(&w, external_aad, ciphertext);
        CHECK_SPAN(member(m, "countersign_tbs"), covey_written(&w));
        assert_int_equal(covey_cose_countersign_structure_size(
                             external_aad.len, ciphertext.len),
                         w.pos);
        t->countersigned++;
    }
    for (size_t i = 0; i < COUNT_OF(cbor); i++) {
        if (has(m, cbor[i])) {
            check_comes_back(member(m, cbor[i]));
            t->cbor++;
        }
    }
}

/* A public key in the vectors is raw: 32 bytes, or x and y. */
static void check_credential(covey_bytes credential, covey_bytes expected,
                             struct tally *t)
{
    uint8_t room[COVEY_PUBLIC_MAX];
    covey_writer w = covey_writer_of(room, sizeof room);
    covey_cose_key key;
    covey_bytes got;

    CHECK_STATUS(COVEY_OK, covey_cose_credential_key(&key, credential));
    covey_cose_key_put_public(&w, &key);
    got = covey_written(&w);
    if (key.kty == COVEY_KTY_EC2) {
        got = covey_bytes_of(got.ptr + 1, got.len - 1);
    }
    CHECK_SPAN(expected, got);
    t->credentials++;
}

/* Its first bytes are those of a certificate, the rest is random: such a
 * credential can be used only with a key that comes by other means. */
static void check_opaque(covey_bytes credential, struct tally *t)
{
    covey_cose_key key;

    assert_int_equal(COVEY_CREDENTIAL_X509,
                     covey_cose_credential_kind_of(credential));
    assert_int_not_equal(COVEY_OK,
                         covey_cose_credential_key(&key, credential));
    t->opaque++;
}

static void check_case(const json_t *c, struct tally *t)
{
    const char *format =
        json_string_value(json_object_get(c, "credential_format"));
    json_t *endpoints = json_object_get(c, "endpoints");
    json_t *endpoint;
    json_t *message;
    const char *name;
    size_t i;

    kit_case(json_string_value(json_object_get(c, "id")));
    json_object_foreach(endpoints, name, endpoint)
    {
        covey_bytes credential = member(endpoint, "credential");

        if (strcmp(format, "opaque_x509_like") == 0) {
            check_opaque(credential, t);
        } else {
            check_credential(credential, member(endpoint, "public_key"), t);
            check_comes_back(credential);
        }
    }
    json_array_foreach(json_object_get(c, "exchange"), i, message)
    {
        check_message(message, t);
    }
}

static void generated_group_messages_agree(void **state)
{
    json_t *file = load("group_oscore_generated.json");
    struct tally t = { 0 };
    json_t *c;
    size_t i;

    (void)state;
    if (file == NULL) {
        return;
    }
    json_array_foreach(json_object_get(file, "cases"), i, c)
    {
        check_case(c, &t);
    }
    kit_case(NULL);
    print_message("%u credentials, %u opaque, %u AADs, %u to be signed, %u "
                  "CBOR items\n",
                  t.credentials, t.opaque, t.aads, t.countersigned, t.cbor);
    assert_true(t.credentials >= 204 && t.opaque == 4);
    assert_true(t.aads >= 198 && t.countersigned >= 110);
    json_decref(file);
}

/* Public keys of the credentials that are printed in drafts and tests; the
 * server's is computed from its private key elsewhere. */
static void published_credentials_have_their_keys(void **state)
{
    static const char *const keys[] = {
        /* cacheable-oscore: Group Manager, server */
        "cde3efd3bc3f99c9c9ee210415c6cba55061b5046e963b8a58c9143a61166472",
        "77ec358c1d344e41ee0e87b8383d23a2099acd39bdf989ce45b52e887463389b",
    };
    json_t *file = load("group_oscore_published.json");
    struct tally t = { 0 };
    json_t *v;
    size_t i;

    (void)state;
    if (file == NULL) {
        return;
    }
    json_array_foreach(json_object_get(file, "vectors"), i, v)
    {
        uint8_t key[32];
        json_t *group = json_object_get(v, "group");
        json_t *server = json_object_get(v, "server");

        kit_case(json_string_value(json_object_get(v, "id")));
        if (has(group, "gm_cred") && member(group, "gm_cred").len > 0) {
            check_credential(member(group, "gm_cred"),
                             kit_hex(keys[0], key, sizeof key), &t);
        }
        if (server != NULL && has(server, "credential")) {
            check_credential(member(server, "credential"),
                             kit_hex(keys[1], key, sizeof key), &t);
        }
    }
    kit_case(NULL);
    assert_true(t.credentials >= 3);
    json_decref(file);
}

static void aads_of_plain_oscore_come_back(void **state)
{
    json_t *file = load("oscore_generated.json");
    unsigned count = 0;
    json_t *c;
    size_t i;

    (void)state;
    if (file == NULL) {
        return;
    }
    json_array_foreach(json_object_get(file, "cases"), i, c)
    {
        static uint8_t storage[1024];
        covey_bytes aad = member(json_object_get(c, "request"), "aad");
        covey_cbor_reader r =
            covey_cbor_reader_of(aad, COVEY_CBOR_DETERMINISTIC);
        covey_writer w = covey_writer_of(storage, sizeof storage);

        kit_case(json_string_value(json_object_get(c, "id")));
        check_comes_back(aad);
        assert_int_equal(3, covey_cbor_get_array(&r));
        CHECK_SPAN(SPAN("Encrypt0"), covey_cbor_get_text(&r));
        CHECK_HEX("", covey_cbor_get_bytes(&r));
        covey_cose_put_enc_structure(&w, covey_cbor_get_bytes(&r));
        assert_true(covey_cbor_done(&r));
        CHECK_SPAN(aad, covey_written(&w));
        count++;
    }
    kit_case(NULL);
    assert_true(count >= 39);
    json_decref(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(generated_group_messages_agree),
        cmocka_unit_test(published_credentials_have_their_keys),
        cmocka_unit_test(aads_of_plain_oscore_come_back),
    };
    return KIT_RUN(tests);
}
