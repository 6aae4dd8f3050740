/* SPDX-License-Identifier: BSD-2-Clause */
/* Secrets at rest: as they are, or encrypted with a key that lies elsewhere.
 * A stored secret begins with its kind:
 *     00 | secret
 *     01 | nonce (12) | AES-256-GCM ciphertext and tag
 * The associated data says where it belongs, so that who can write into the
 * database cannot exchange one for another:
 *     column, 00, version (8), row */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    KIND_PLAIN = 0,
    KIND_SEALED = 1,
    NONCE_LEN = 12,
    TEXT_CAP = 256,
    PLACE_MAX = 512,
    CHECK_LEN = 16
};

/* --- the key file -------------------------------------------------------- */

static int digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = strchr(digits, c);

    return c != '\0' && at != NULL ? (int)(at - digits) : -1;
}

/* 64 digits and nothing else but white space at the end. */
static bool parse_key(const char *text, size_t len, uint8_t key[STORE_KEY_LEN])
{
    while (len > 0 && strchr(" \t\r\n", text[len - 1]) != NULL) {
        len--;
    }
    if (len != (size_t)2 * STORE_KEY_LEN) {
        return false;
    }
    for (size_t i = 0; i < STORE_KEY_LEN; i++) {
        const int high = digit(text[2 * i]);
        const int low = digit(text[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        key[i] = (uint8_t)(high * 16 + low);
    }
    return true;
}

static store_result read_key(store *s, const char *path,
                             uint8_t key[STORE_KEY_LEN])
{
    char text[TEXT_CAP];
    struct stat st = { 0 };
    store_result r = STORE_OK;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t len =
        fd >= 0 && fstat(fd, &st) == 0 ? read(fd, text, sizeof text) : -1;

    if (len < 0) {
        r = store__fail(s, STORE_BROKEN, "%s: %s", path, strerror(errno));
    } else if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        r = store__fail(s, STORE_BROKEN,
                        "%s: others may read or write it, expected mode 0600",
                        path);
    } else if (!parse_key(text, (size_t)len, key)) {
        r = store__fail(s, STORE_BROKEN,
                        "%s: expected a key of 64 hexadecimal digits", path);
    }
    if (fd >= 0) {
        close(fd);
    }
    covey_wipe(text, sizeof text);
    return r;
}

bool store_key_check(const char *path, char *why, size_t cap)
{
    store s = { .open = false };
    uint8_t key[STORE_KEY_LEN];
    const bool good = read_key(&s, path, key) == STORE_OK;

    covey_wipe(key, sizeof key);
    if (!good) {
        (void)snprintf(why, cap, "%s", s.why);
    }
    return good;
}

/* --- which key a store has ----------------------------------------------- */

/* What of the key is in the store, to recognise it. */
static covey_status check_value(const covey_crypto *crypto, covey_bytes key,
                                uint8_t out[CHECK_LEN])
{
    covey_writer w = covey_writer_of(out, CHECK_LEN);

    return crypto->hkdf(crypto->provider, COVEY_HMAC_256_256,
                        covey_bytes_of(NULL, 0), key,
                        covey_bytes_text("covey store key check"), &w);
}

static store_result compare_key(store *s, covey_bytes check, bool fresh)
{
    uint8_t stored[CHECK_LEN];
    size_t len;
    store_result r = STORE_OK;

    if (fresh) {
        return check.len == 0 ? STORE_OK : store__info_put(s, "key", check);
    }
    r = store__info_get(s, "key", stored, sizeof stored, &len);
    if (r == STORE_NONE && check.len > 0) {
        return store__fail(s, STORE_REFUSED,
                           "its secrets are not encrypted: no key is wanted");
    }
    if (r == STORE_OK && check.len == 0) {
        return store__fail(s, STORE_REFUSED,
                           "its secrets are encrypted: a key is wanted");
    }
    if (r == STORE_OK &&
        !covey_bytes_equal(check, covey_bytes_of(stored, len))) {
        return store__fail(s, STORE_REFUSED,
                           "its secrets are encrypted with another key");
    }
    return r == STORE_NONE ? STORE_OK : r;
}

store_result store__key_open(store *s, const char *key_file, bool fresh)
{
    uint8_t key[STORE_KEY_LEN] = { 0 };
    uint8_t check[CHECK_LEN];
    const covey_bytes raw = covey_bytes_of(key, sizeof key);
    covey_status st;
    store_result r;

    /* A copy is made of sealed secrets, without any key. */
    if (s->copying) {
        return STORE_OK;
    }
    if (key_file == NULL) {
        return compare_key(s, covey_bytes_of(NULL, 0), fresh);
    }
    if (s->crypto == NULL) {
        return store__fail(s, STORE_BROKEN, "a key without a provider");
    }
    r = read_key(s, key_file, key);
    if (r != STORE_OK) {
        return r;
    }
    st = check_value(s->crypto, raw, check);
    if (st == COVEY_OK) {
        st = s->crypto->cipher_key(s->crypto->provider, COVEY_A256GCM, raw,
                                   &s->key);
    }
    covey_wipe(key, sizeof key);
    if (st != COVEY_OK) {
        return store__fail(s, STORE_BROKEN, "%s", covey_status_text(st));
    }
    s->has_key = true;
    return compare_key(s, covey_bytes_of(check, sizeof check), fresh);
}

void store__key_close(store *s)
{
    if (s->has_key) {
        s->crypto->key_drop(s->crypto->provider, &s->key);
        s->has_key = false;
    }
}

/* --- secrets ------------------------------------------------------------- */

static covey_bytes place_bytes(const store_place *place,
                               uint8_t buf[PLACE_MAX], covey_writer *w)
{
    *w = covey_writer_of(buf, PLACE_MAX);
    covey_write_bytes(w, covey_bytes_text(place->column));
    covey_write_u8(w, 0);
    covey_write_u32(w, (uint32_t)(place->version >> 32));
    covey_write_u32(w, (uint32_t)place->version);
    covey_write_bytes(w, place->row);
    return covey_written(w);
}

static covey_status seal(store *s, const store_place *place,
                         covey_bytes secret, covey_writer *out)
{
    uint8_t nonce[NONCE_LEN];
    uint8_t buf[PLACE_MAX];
    covey_writer w = covey_writer_of(nonce, sizeof nonce);
    covey_status st = s->crypto->random(s->crypto->provider, &w);

    if (st != COVEY_OK) {
        return st;
    }
    const covey_bytes aad = place_bytes(place, buf, &w);
    covey_write_u8(out, KIND_SEALED);
    covey_write_bytes(out, covey_bytes_of(nonce, sizeof nonce));
    if (w.failed != COVEY_OK || out->failed != COVEY_OK) {
        return COVEY_E_ROOM;
    }
    return s->crypto->seal(s->crypto->provider, &s->key,
                           covey_bytes_of(nonce, sizeof nonce), aad, secret,
                           out);
}

store_result store__seal(store *s, const store_place *place,
                         covey_bytes secret, covey_writer *out)
{
    covey_status st;

    if (s->has_key) {
        st = seal(s, place, secret, out);
    } else {
        covey_write_u8(out, KIND_PLAIN);
        covey_write_bytes(out, secret);
        st = out->failed;
    }
    return st == COVEY_OK ? STORE_OK
                          : store__fail(s, STORE_BROKEN, "%s: %s",
                                        place->column, covey_status_text(st));
}

store_result store__unseal(store *s, const store_place *place,
                           covey_bytes sealed, covey_writer *out)
{
    covey_reader r = covey_reader_of(sealed);
    const uint8_t kind = covey_read_u8(&r);
    covey_status st = COVEY_E_FORMAT;

    if (r.failed != COVEY_OK ||
        kind != (s->has_key ? KIND_SEALED : KIND_PLAIN)) {
        st = COVEY_E_FORMAT;
    } else if (kind == KIND_PLAIN) {
        covey_write_bytes(out, covey_read_rest(&r));
        st = out->failed;
    } else {
        uint8_t buf[PLACE_MAX];
        covey_writer w;
        const covey_bytes nonce = covey_read_bytes(&r, NONCE_LEN);
        const covey_bytes text = covey_read_rest(&r);
        const covey_bytes aad = place_bytes(place, buf, &w);
        st = r.failed != COVEY_OK || w.failed != COVEY_OK
                 ? COVEY_E_FORMAT
                 : s->crypto->open(s->crypto->provider, &s->key, nonce, aad,
                                   text, out);
    }
    return st == COVEY_OK ? STORE_OK
                          : store__fail(s, STORE_BROKEN, "%s: %s",
                                        place->column, covey_status_text(st));
}
