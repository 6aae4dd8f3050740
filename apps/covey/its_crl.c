/* SPDX-License-Identifier: BSD-2-Clause */
/* covey its crl: a revocation list of TS 102 941, signed by the CA that issued
 * what it revokes; or with --series one of IEEE 1609.2 by hashes, signed by
 * the CRACA that the certificates name or by one that it issued. */
#include "cmd.h"
#include "its_trusted.h"
#include "its_verbs.h"

#include <hex.h>
#include <stdlib.h>
#include <string.h>

enum {
    DAY = 86400,
    HEAD = 40,
    ROOM = 1024,
    ID3 = 3,
    ID10 = 10,
    ENTRY_MAX = 1 + ID10 + 4,
    SSP_TYPE = 2 /* of CrlSsp: 0 is the CRACA, 1 is issued by it */
};

/* A list that is being made. */
struct making {
    const its_args *args;
    const covey_crypto *crypto;
    covey_its_signer *signer;
    covey_bytes craca; /* of IEEE: its HashedId8 */
};

/* What a list of this kind may have: ETSI: what the signer issued (TS 102 941
 * 6.3); IEEE: what names its CRACA and its series (1609.2 6.4.8). */
static bool may_have(const struct making *m, const covey_its_cert *c)
{
    if (!m->args->has_series) {
        return covey_bytes_equal(
            c->issuer, covey_its_hashed_id(&m->signer->digest, COVEY_ITS_ID8));
    }
    return c->crl_series == m->args->series &&
           covey_bytes_equal(
               c->craca_id,
               covey_bytes_of(m->craca.ptr + m->craca.len - ID3, ID3));
}

/* HashedId8, or HashBasedRevocationInfo of 2022. */
static void put_entry(const struct making *m, const covey_its_cert *c,
                      const covey_its_digest *d, covey_writer *w)
{
    if (!m->args->has_series) {
        covey_write_bytes(w, covey_its_hashed_id(d, COVEY_ITS_ID8));
        return;
    }
    covey_write_u8(w, 0); /* no extension */
    covey_write_bytes(w, covey_its_hashed_id(d, ID10));
    covey_write_u32(w, c->end);
}

static int put_entries(const struct making *m, covey_writer *w)
{
    const its_args *args = m->args;
    int status = EXIT_DONE;

    covey_write_u8(w, 1);
    covey_write_u8(w, (uint8_t)(args->operands.count - 1));
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
             covey_its_digest_of(&d, &c, m->crypto) != COVEY_OK)) {
            status = its_fail(args, EXIT_NEGATIVE, "%s: no certificate", path);
        }
        if (status == EXIT_DONE && !may_have(m, &c)) {
            status = its_fail(args, EXIT_REFUSED, "%s: %s", path,
                              args->has_series
                                  ? "of another CRACA or series (1609.2 6.4.8)"
                                  : "issued by another (TS 102 941 6.3)");
        }
        if (status == EXIT_DONE) {
            put_entry(m, &c, &d, w);
        }
        free(bytes);
    }
    return status;
}

/* EtsiTs102941Data with a ToBeSignedCrl, or CrlContents with a fullHashCrl, up
 * to the entries. */
static void put_head(const struct making *m, uint64_t now, uint64_t next,
                     covey_writer *w)
{
    static const uint8_t etsi[] = { 0x01, 0x84, 0x00, 0x01, 0x01 };
    static const uint8_t ieee[] = { 0x00, 0x80, 0x00 }; /* no priority, full */
    const bool series = m->args->has_series;

    if (series) {
        covey_write_u8(w, 1);
        covey_write_u16(w, m->args->series);
        covey_write_bytes(w, m->craca);
    } else {
        covey_write_bytes(w, covey_bytes_of(etsi, sizeof etsi));
    }
    covey_write_u32(w, (uint32_t)(now / 1000000));
    covey_write_u32(w, (uint32_t)(next / 1000000));
    if (series) {
        covey_write_bytes(w, covey_bytes_of(ieee, sizeof ieee));
        covey_write_u32(w, m->args->serial);
    }
}

static int sign_list(const struct making *m)
{
    const its_args *args = m->args;
    uint8_t content[HEAD + ENTRY_MAX * ITS_FILES_MAX];
    uint8_t out[ROOM + sizeof content];
    covey_writer w = covey_writer_of(content, sizeof content);
    covey_writer o = covey_writer_of(out, sizeof out);
    uint64_t now = its_time_now(args);
    covey_its_statement what = { .psid = args->has_series
                                             ? COVEY_ITS_PSID_CRL
                                             : COVEY_ITS_PSID_ETSI_CRL,
                                 .generation_time = now };
    covey_status st;
    int status;

    put_head(m, now,
             args->next != 0 ? args->next : now + UINT64_C(7000000) * DAY, &w);
    status = put_entries(m, &w);
    if (status != EXIT_DONE) {
        return status;
    }
    what.data = covey_written(&w);
    st = covey_its_sign(&o, m->signer, &what, m->crypto);
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

/* What the signer may sign, and who the CRACA is by its SSP (clause 7.4). */
static int check_signer(struct making *m)
{
    const uint64_t psid =
        m->args->has_series ? COVEY_ITS_PSID_CRL : COVEY_ITS_PSID_ETSI_CRL;
    covey_its_permission p;

    if (!covey_its_permission_find(&m->signer->cert, psid, &p)) {
        return its_fail(m->args, EXIT_REFUSED,
                        "the certificate has no permission for PSID %u",
                        (unsigned)psid);
    }
    if (!m->args->has_series) {
        return EXIT_DONE;
    }
    m->craca = p.ssp.len > SSP_TYPE && p.ssp.ptr[SSP_TYPE] == 0
                   ? covey_its_hashed_id(&m->signer->digest, COVEY_ITS_ID8)
                   : m->signer->cert.issuer;
    return p.ssp.len > SSP_TYPE && m->craca.ptr != NULL
               ? EXIT_DONE
               : its_fail(m->args, EXIT_REFUSED,
                          "its SSP for PSID 256 is no CrlSsp (1609.2 7.4)");
}

int its_verb_crl(const its_args *args, const covey_crypto *crypto)
{
    covey_its_finding why = { .reason = COVEY_ITS_FINE };
    covey_its_signer signer = { .digest = { .len = 0 } };
    struct making m = { .args = args, .crypto = crypto, .signer = &signer };
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
    if (status == EXIT_DONE) {
        status = check_signer(&m);
    }
    if (status == EXIT_DONE) {
        status = sign_list(&m);
    }
    covey_its_signer_drop(&signer, crypto);
    if (key != NULL) {
        covey_wipe(key, key_len);
    }
    free(key);
    free(cert);
    return status;
}
