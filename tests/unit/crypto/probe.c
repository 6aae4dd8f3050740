/* SPDX-License-Identifier: BSD-2-Clause */
/* The provider for hosts on a pipe, for test_independent.py: one line in, one
 * line out. A line is an operation, a number, and byte strings in hex ("-" is
 * the empty one); the answer is hex, or the name of the status. */
#include "crypto/openssl/openssl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    LINE = 9000,
    FIELDS = 5,
    BYTES = 2048
};

static covey_crypto crypto;

struct request {
    char op[16];
    int32_t number;
    covey_bytes arg[FIELDS];
    uint8_t storage[FIELDS][BYTES];
};

static int digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) : -1;
}

static bool hex(const char *text, uint8_t *storage, covey_bytes *out)
{
    size_t len = strlen(text);

    *out = covey_bytes_of(storage, len / 2);
    if (strcmp(text, "-") == 0) {
        return true; /* one character: no bytes */
    }
    if (len % 2 != 0 || len / 2 > BYTES) {
        return false;
    }
    for (size_t i = 0; i < len / 2; i++) {
        int high = digit(text[2 * i]);
        int low = digit(text[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        storage[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static bool parse(char *line, struct request *r)
{
    const char *op = strtok(line, " \n");
    const char *number = strtok(NULL, " \n");
    const char *text = NULL;

    memset(r->arg, 0, sizeof r->arg);
    if (!op || !number || strlen(op) >= sizeof r->op) {
        return false;
    }
    memcpy(r->op, op, strlen(op) + 1);
    r->number = (int32_t)strtol(number, NULL, 10);
    for (size_t i = 0; i < FIELDS && (text = strtok(NULL, " \n")); i++) {
        if (!hex(text, r->storage[i], &r->arg[i])) {
            return false;
        }
    }
    return true;
}

/* hkdf ALG salt ikm info len(1 byte) | hmac ALG key data | hash ALG data */
static covey_status derive(struct request *r, covey_writer *out)
{
    covey_hash h;
    covey_status st = COVEY_OK;

    if (strcmp(r->op, "hkdf") == 0) {
        out->cap = r->arg[3].len > 0 ? r->arg[3].ptr[0] : 0;
        return crypto.hkdf(crypto.provider, r->number, r->arg[0], r->arg[1],
                           r->arg[2], out);
    }
    if (strcmp(r->op, "hmac") == 0) {
        return crypto.hmac(crypto.provider, r->number, r->arg[0], r->arg[1],
                           out);
    }
    st = crypto.hash_begin(crypto.provider, r->number, &h);
    if (st == COVEY_OK) {
        st = crypto.hash_update(crypto.provider, &h, r->arg[0]);
        if (st == COVEY_OK) {
            st = crypto.hash_finish(crypto.provider, &h, out);
        }
        crypto.hash_drop(crypto.provider, &h);
    }
    return st;
}

/* seal ALG key nonce aad plaintext | open ALG key nonce aad sealed */
static covey_status encrypt(struct request *r, covey_writer *out)
{
    covey_key key;
    covey_status st =
        crypto.cipher_key(crypto.provider, r->number, r->arg[0], &key);

    if (st == COVEY_OK) {
        st = (strcmp(r->op, "seal") == 0 ? crypto.seal : crypto.open)(
            crypto.provider, &key, r->arg[1], r->arg[2], r->arg[3], out);
        crypto.key_drop(crypto.provider, &key);
    }
    return st;
}

/* public CURVE private | agree CURVE private public */
static covey_status with_private(struct request *r, covey_writer *out)
{
    covey_key own;
    covey_key peer = { { 0 } };
    covey_status st =
        crypto.private_key(crypto.provider, r->number, r->arg[0], &own);

    if (st != COVEY_OK) {
        return st;
    }
    if (strcmp(r->op, "public") == 0) {
        st = crypto.public_of(crypto.provider, &own, out);
    } else {
        st = crypto.public_key(crypto.provider, r->number, r->arg[1], &peer);
        if (st == COVEY_OK) {
            st = crypto.agree(crypto.provider, &own, &peer, out);
        }
    }
    crypto.key_drop(crypto.provider, &own);
    crypto.key_drop(crypto.provider, &peer);
    return st;
}

/* sign ALG private tbs | verify ALG public tbs signature */
static covey_status signatures(struct request *r, covey_writer *out)
{
    int32_t curve = r->number == COVEY_EDDSA ? COVEY_ED25519 : COVEY_P256;
    bool signs = strcmp(r->op, "sign") == 0;
    covey_key key = { { 0 } };
    covey_status st = (signs ? crypto.private_key : crypto.public_key)(
        crypto.provider, curve, r->arg[0], &key);

    if (st == COVEY_OK) {
        st = signs ? crypto.sign(crypto.provider, &key, r->number, r->arg[1],
                                 out)
                   : crypto.verify(crypto.provider, &key, r->number, r->arg[1],
                                   r->arg[2]);
        crypto.key_drop(crypto.provider, &key);
    }
    return st;
}

static const struct {
    const char *op;
    covey_status (*run)(struct request *r, covey_writer *out);
} operations[] = {
    { "hkdf", derive },         { "hmac", derive },
    { "hash", derive },         { "seal", encrypt },
    { "open", encrypt },        { "sign", signatures },
    { "public", with_private }, { "verify", signatures },
    { "agree", with_private },
};

static void answer(struct request *r)
{
    static uint8_t storage[BYTES + COVEY_TAG_MAX];
    covey_writer out = covey_writer_of(storage, sizeof storage);
    covey_status st = COVEY_E_ARGUMENT;

    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        if (strcmp(operations[i].op, r->op) == 0) {
            st = operations[i].run(r, &out);
        }
    }
    if (st != COVEY_OK) {
        printf("%s\n", covey_status_name(st));
        return;
    }
    for (size_t i = 0; i < out.pos; i++) {
        printf("%02x", storage[i]);
    }
    puts(out.pos > 0 ? "" : "-");
}

int main(void)
{
    static char line[LINE];
    static struct request request;

    if (covey_openssl_open(&crypto) != COVEY_OK) {
        return 1;
    }
    while (fgets(line, sizeof line, stdin)) {
        if (parse(line, &request)) {
            answer(&request);
        } else {
            puts("malformed request");
        }
        fflush(stdout);
    }
    covey_openssl_close(&crypto);
    return 0;
}
