/* SPDX-License-Identifier: BSD-2-Clause */
/* covey its verify, sign and verify-data. */
#include "cmd.h"
#include "its_show.h"
#include "its_trusted.h"
#include "its_verbs.h"

#include <hex.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <text.h>

static void report(const its_args *args, const covey_its_peer *peer)
{
    char end[ITS_TIME_TEXT];
    covey_bytes id = covey_its_hashed_id(&peer->digest, COVEY_ITS_ID8);
    json_t *o = NULL;

    its_time_text(peer->end, end);
    if (!args->json) {
        fputs("valid: HashedId8 ", stdout);
        hex_print(stdout, id);
        printf(", %u certificates, until %s\n", peer->length, end);
        return;
    }
    o = json_object();
    (void)json_object_set_new(o, "valid", json_true());
    (void)json_object_set_new(o, "hashedId8", its_json_hex(id));
    (void)json_object_set_new(o, "length", json_integer(peer->length));
    (void)json_object_set_new(o, "until", json_string(end));
    its_print(args, o);
}

static int verify(const its_args *args, its_trust *t, covey_bytes bytes)
{
    covey_its_finding why = { .reason = COVEY_ITS_FINE };
    covey_its_peer peer;
    covey_its_verdict verdict =
        its_trust_chain(t, &peer, bytes, its_time_now(args), &why);

    if (verdict != COVEY_ITS_VALID) {
        return its_trusted_refuse(args, args->operands.path[0], verdict, &why);
    }
    report(args, &peer);
    covey_its_peer_drop(&peer, t->crypto);
    return EXIT_DONE;
}

int its_verb_verify(const its_args *args, const covey_crypto *crypto)
{
    return its_trusted_run(args, crypto, verify);
}

/* SHA-256 of a file, which is taken as it is. */
static int digest_file(const its_args *args, const char *path,
                       const covey_crypto *crypto, uint8_t digest[32])
{
    FILE *file = fopen(path, "rb");
    size_t len = 0;
    char *text = file != NULL ? text_slurp(file, SIZE_MAX, &len) : NULL;
    covey_writer w = covey_writer_of(digest, 32);
    covey_hash h;
    covey_status st = COVEY_E_CRYPTO;

    if (file != NULL) {
        fclose(file);
    }
    if (text == NULL) {
        return its_fail(args, EXIT_IO, "%s: cannot be read", path);
    }
    st = crypto->hash_begin(crypto->provider, COVEY_SHA_256, &h);
    if (st == COVEY_OK) {
        st = crypto->hash_update(crypto->provider, &h,
                                 covey_bytes_of((const uint8_t *)text, len));
    }
    if (st == COVEY_OK) {
        st = crypto->hash_finish(crypto->provider, &h, &w);
    }
    free(text);
    return st == COVEY_OK
               ? EXIT_DONE
               : its_fail(args, EXIT_IO, "%s", covey_status_text(st));
}

/* Bytes of a run of `sign`. */
struct signing {
    uint8_t *cert;
    uint8_t *key;
    uint8_t *issuer;
    char *data;
    size_t cert_len;
    size_t key_len;
    size_t issuer_len;
    size_t data_len;
    uint8_t digest[32];
    covey_its_known known;
    covey_its_store store;
};

static int load_all(const its_args *args, struct signing *s,
                    const covey_crypto *crypto)
{
    int status =
        its_load(args, args->operands.path[0], &s->cert, &s->cert_len);

    if (status == EXIT_DONE) {
        status = its_load_key(args, args->key, &s->key, &s->key_len);
    }
    if (status == EXIT_DONE && args->issuer != NULL) {
        status = its_load(args, args->issuer, &s->issuer, &s->issuer_len);
        if (status == EXIT_DONE &&
            covey_its_store_anchor(&s->store, crypto,
                                   covey_bytes_of(s->issuer, s->issuer_len),
                                   NULL) != COVEY_OK) {
            status = its_fail(args, EXIT_NEGATIVE,
                              "%s: no certificate that can be an issuer",
                              args->issuer);
        }
    }
    if (status == EXIT_DONE && args->external != NULL) {
        return digest_file(args, args->external, crypto, s->digest);
    }
    if (status == EXIT_DONE) {
        const char *path = args->operands.path[1];
        FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
        s->data =
            file != NULL ? text_slurp(file, SIZE_MAX, &s->data_len) : NULL;
        if (file != NULL && file != stdin) {
            fclose(file);
        }
        if (s->data == NULL) {
            status = its_fail(args, EXIT_IO, "%s: cannot be read", path);
        }
    }
    return status;
}

static int put(const its_args *args, covey_bytes bytes)
{
    if (args->out != NULL) {
        return its_save(args, args->out, bytes, false);
    }
    hex_print(stdout, bytes);
    putchar('\n');
    return EXIT_DONE;
}

static int sign_with(const its_args *args, struct signing *s,
                     covey_its_signer *signer, const covey_crypto *crypto)
{
    covey_its_statement what = { .psid = args->psid,
                                 .generation_time = its_time_now(args),
                                 .pdu_type = args->pdu,
                                 .certificate = args->certificate };
    size_t room = s->data_len + s->cert_len + 400;
    uint8_t *out = malloc(room);
    covey_writer w = covey_writer_of(out, room);
    covey_its_permission p;
    covey_status st;
    int status;

    if (out == NULL) {
        return its_fail(args, EXIT_IO, "out of memory");
    }
    if (args->external != NULL) {
        what.external = covey_bytes_of(s->digest, sizeof s->digest);
    } else {
        what.data = covey_bytes_of((const uint8_t *)s->data, s->data_len);
    }
    if (!covey_its_permission_find(&signer->cert, args->psid, &p)) {
        free(out);
        return its_fail(args, EXIT_REFUSED,
                        "the certificate has no permission for PSID %" PRIu64
                        " (1609.2 5.2.3)",
                        args->psid);
    }
    st = covey_its_sign(&w, signer, &what, crypto);
    status = st == COVEY_OK
                 ? put(args, covey_written(&w))
                 : its_fail(args, EXIT_IO, "%s", covey_status_text(st));
    free(out);
    return status;
}

int its_verb_sign(const its_args *args, const covey_crypto *crypto)
{
    struct signing *s = NULL;
    covey_its_finding why = { .reason = COVEY_ITS_FINE };
    covey_its_signer signer;
    covey_status st;
    int status;

    if (args->key == NULL || !args->has_psid ||
        (args->external != NULL) == (args->operands.count == 2)) {
        return its_fail(args, EXIT_USAGE,
                        "wants --key and --psid, and either DATA or "
                        "--external");
    }
    s = calloc(1, sizeof *s);
    if (s == NULL) {
        return its_fail(args, EXIT_IO, "out of memory");
    }
    covey_its_store_init(&s->store, &s->known, 1);
    status = load_all(args, s, crypto);
    if (status == EXIT_DONE) {
        st = covey_its_signer_open(
            &signer, crypto, covey_bytes_of(s->cert, s->cert_len),
            covey_bytes_of(s->key, s->key_len),
            args->issuer != NULL ? &s->known : NULL, &why);
        if (st == COVEY_OK) {
            status = sign_with(args, s, &signer, crypto);
            covey_its_signer_drop(&signer, crypto);
        } else {
            status = its_trusted_refuse(args, args->operands.path[0],
                                        COVEY_ITS_REFUSED, &why);
        }
    }
    covey_its_store_clear(&s->store, crypto);
    if (s->key != NULL) {
        covey_wipe(s->key, s->key_len);
    }
    free(s->cert);
    free(s->key);
    free(s->issuer);
    free(s->data);
    free(s);
    return status;
}

/* Prints what the data says, after it was found right. */
static int accept(const its_args *args, const covey_its_peer *peer,
                  const covey_its_signed *d)
{
    covey_bytes within = { NULL, 0 };

    report(args, peer);
    if (args->out != NULL && d->data.ptr != NULL &&
        covey_its_unsecured(&within, d->data) == COVEY_OK) {
        return its_save(args, args->out, within, false);
    }
    return EXIT_DONE;
}

static int verify_data(const its_args *args, its_trust *t, covey_bytes bytes)
{
    uint8_t digest[32];
    covey_its_expect expect = { .psid = args->psid,
                                .any_psid = !args->has_psid,
                                .pdu_type = args->pdu,
                                .now = its_time_now(args),
                                .window = args->window * UINT64_C(1000000) };
    covey_its_finding why = { .reason = COVEY_ITS_FINE };
    covey_its_verdict verdict = COVEY_ITS_REFUSED;
    covey_its_peer peer = { .length = 0 };
    covey_its_signed d;
    int status = EXIT_DONE;

    if (args->external != NULL) {
        status = digest_file(args, args->external, t->crypto, digest);
        expect.external = covey_bytes_of(digest, sizeof digest);
    }
    if (status != EXIT_DONE) {
        return status;
    }
    if (covey_its_signed_decode(&d, bytes, &why) == COVEY_OK) {
        verdict = its_trust_data(t, &peer, &d, &expect, &why);
    }
    status =
        verdict == COVEY_ITS_VALID
            ? accept(args, &peer, &d)
            : its_trusted_refuse(args, args->operands.path[0], verdict, &why);
    covey_its_peer_drop(&peer, t->crypto);
    return status;
}

int its_verb_verify_data(const its_args *args, const covey_crypto *crypto)
{
    return its_trusted_run(args, crypto, verify_data);
}
