/* SPDX-License-Identifier: BSD-2-Clause */
/* covey its crl: a revocation list of TS 102 941, signed by the CA that issued
 * what it revokes. */
#include "cmd.h"
#include "its_trusted.h"
#include "its_verbs.h"

#include <hex.h>
#include <stdlib.h>
#include <string.h>

enum {
    DAY = 86400,
    HEAD = 16,
    ROOM = 1024
};

/* The HashedId8 of each file, after a check that it is the signer's to revoke.
 */
static int put_entries(const its_args *args, const covey_its_signer *signer,
                       covey_writer *w, const covey_crypto *crypto)
{
    int status = EXIT_DONE;

    for (size_t i = 1; i < args->operands.count && status == EXIT_DONE; i++) {
        const char *path = args->operands.path[i];
        uint8_t *bytes = NULL;
        size_t len = 0;
        covey_its_cert c;
        covey_its_digest d;

        status = its_load(args, path, &bytes, &len);
        if (status == EXIT_DONE &&
            (covey_its_cert_decode(&c, covey_bytes_of(bytes, len), NULL) !=
                 COVEY_OK ||
             covey_its_digest_of(&d, &c, crypto) != COVEY_OK)) {
            status = its_fail(args, EXIT_NEGATIVE, "%s: no certificate", path);
        }
        if (status == EXIT_DONE &&
            !covey_bytes_equal(c.issuer, covey_its_hashed_id(&signer->digest,
                                                             COVEY_ITS_ID8))) {
            status = its_fail(args, EXIT_REFUSED,
                              "%s: issued by another (TS 102 941 6.3)", path);
        }
        if (status == EXIT_DONE) {
            covey_write_bytes(w, covey_its_hashed_id(&d, COVEY_ITS_ID8));
        }
        free(bytes);
    }
    return status;
}

/* EtsiTs102941Data with a ToBeSignedCrl. */
static int sign_list(const its_args *args, covey_its_signer *signer,
                     const covey_crypto *crypto)
{
    static const uint8_t head[] = { 0x01, 0x84, 0x00, 0x01, 0x01 };
    uint8_t content[HEAD + COVEY_ITS_ID8 * ITS_FILES_MAX];
    uint8_t out[ROOM + sizeof content];
    covey_writer w = covey_writer_of(content, sizeof content);
    covey_writer o = covey_writer_of(out, sizeof out);
    uint64_t now = its_time_now(args);
    uint64_t next =
        args->next != 0 ? args->next : now + UINT64_C(7000000) * DAY;
    covey_its_statement what = { .psid = COVEY_ITS_PSID_ETSI_CRL,
                                 .generation_time = now };
    covey_status st;
    int status;

    covey_write_bytes(&w, covey_bytes_of(head, sizeof head));
    covey_write_u32(&w, (uint32_t)(now / 1000000));
    covey_write_u32(&w, (uint32_t)(next / 1000000));
    covey_write_u8(&w, 1);
    covey_write_u8(&w, (uint8_t)(args->operands.count - 1));
    status = put_entries(args, signer, &w, crypto);
    if (status != EXIT_DONE) {
        return status;
    }
    what.data = covey_written(&w);
    st = covey_its_sign(&o, signer, &what, crypto);
    if (st != COVEY_OK) {
        return its_fail(args, EXIT_IO, "%s", covey_status_text(st));
    }
    if (args->out != NULL) {
        return its_save(args, args->out, covey_written(&o), false);
    }
    hex_print(stdout, covey_written(&o));
    putchar('\n');
    return EXIT_DONE;
}

int its_verb_crl(const its_args *args, const covey_crypto *crypto)
{
    covey_its_finding why = { .reason = COVEY_ITS_FINE };
    covey_its_permission p;
    covey_its_signer signer = { .digest = { .len = 0 } };
    uint8_t *cert = NULL;
    uint8_t *key = NULL;
    size_t cert_len = 0;
    size_t key_len = 0;
    int status;

    if (args->key == NULL) {
        return its_fail(args, EXIT_USAGE, "wants --key");
    }
    status = its_load(args, args->operands.path[0], &cert, &cert_len);
    if (status == EXIT_DONE) {
        status = its_load_key(args, args->key, &key, &key_len);
    }
    if (status == EXIT_DONE &&
        covey_its_signer_open(&signer, crypto, covey_bytes_of(cert, cert_len),
                              covey_bytes_of(key, key_len), NULL,
                              &why) != COVEY_OK) {
        status = its_trusted_refuse(args, args->operands.path[0],
                                    COVEY_ITS_REFUSED, &why);
    }
    if (status == EXIT_DONE &&
        !covey_its_permission_find(&signer.cert, COVEY_ITS_PSID_ETSI_CRL,
                                   &p)) {
        status = its_fail(args, EXIT_REFUSED,
                          "the certificate has no permission for PSID 622");
    }
    if (status == EXIT_DONE) {
        status = sign_list(args, &signer, crypto);
    }
    covey_its_signer_drop(&signer, crypto);
    if (key != NULL) {
        covey_wipe(key, key_len);
    }
    free(key);
    free(cert);
    return status;
}
