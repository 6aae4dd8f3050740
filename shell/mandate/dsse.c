/* SPDX-License-Identifier: BSD-2-Clause */
/* The envelope: what is signed is the type and the payload's own bytes, so
 * that nothing has to be brought into a canonical form. */
#include "internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <text.h>

#define PAE_HEAD_MAX 160

enum {
    K_TYPE,
    K_PAYLOAD,
    K_SIGNATURES,
    K_COUNT
};
static const char *const keys[K_COUNT] = { "payloadType", "payload",
                                           "signatures" };
static const conf_names names = { keys, K_COUNT, "a DSSE envelope" };

enum {
    S_KEYID,
    S_SIG,
    S_COUNT
};
static const char *const signature_keys[S_COUNT] = { "keyid", "sig" };
static const conf_names signature_names = { signature_keys, S_COUNT,
                                            "a signature" };

static const char *const types[MANDATE_KINDS] = {
    [MANDATE_KIND_MANDATE] = "application/vnd.covey.audit-mandate+json",
    [MANDATE_KIND_AMENDMENT] = "application/vnd.covey.audit-amendment+json",
    [MANDATE_KIND_WITHDRAWAL] = "application/vnd.covey.audit-withdrawal+json",
};

/* --- reading ------------------------------------------------------------- */

static bool read_base64(conf_reader *c, const conf_value *v, uint8_t **out,
                        size_t *len)
{
    size_t text_len;
    const char *text = conf_scalar(c, v, &text_len, "base64");

    if (text == NULL) {
        return false;
    }
    *out = conf_alloc(c, text_len + 1);
    if (*out != NULL && !text_base64_read(text, text_len, *out, len)) {
        conf_error(c, v, "RFC 4648 Section 4", "expected base64");
        return false;
    }
    return *out != NULL;
}

static bool read_signature(conf_reader *c, const conf_value *item, void *out)
{
    dsse_signature *s = out;
    conf_value v[S_COUNT] = { { NULL, NULL } };
    uint8_t *bytes = NULL;
    size_t len = 0;

    if (!conf_keys(c, item, &signature_names, v) ||
        !conf_required(c, item, &v[S_KEYID], "keyid", MANDATE_MANUAL) ||
        !conf_required(c, item, &v[S_SIG], "sig", "DSSE 1.0.2")) {
        return false;
    }
    const char *text = conf_scalar(c, &v[S_KEYID], &len, "a key");
    if (text == NULL) {
        return false;
    }
    if (!mandate_key_parse(text, len, &s->key)) {
        conf_error(c, &v[S_KEYID], MANDATE_MANUAL,
                   "expected ed25519: or p256: and the key in hex");
        return false;
    }
    if (!read_base64(c, &v[S_SIG], &bytes, &len)) {
        return false;
    }
    if (len != sizeof s->bytes) {
        conf_error(c, &v[S_SIG], MANDATE_MANUAL,
                   "expected a signature of 64 bytes, found %zu", len);
        return false;
    }
    memcpy(s->bytes, bytes, len);
    return true;
}

static bool read_type(conf_reader *c, const conf_value *v, mandate_kind *kind)
{
    static const conf_names known = { types, MANDATE_KINDS, MANDATE_MANUAL };
    unsigned which = 0;

    if (!conf_word(c, v, &known, &which)) {
        return false;
    }
    *kind = (mandate_kind)which;
    return true;
}

bool dsse_read(conf_reader *c, const conf_value *root, dsse *out)
{
    conf_value v[K_COUNT] = { { NULL, NULL } };
    dsse d = { .kind = MANDATE_KIND_MANDATE };

    if (!conf_keys(c, root, &names, v)) {
        return false;
    }
    for (size_t i = 0; i < K_COUNT; i++) {
        if (!conf_required(c, root, &v[i], keys[i], "DSSE 1.0.2")) {
            return false;
        }
    }
    if (!read_type(c, &v[K_TYPE], &d.kind) ||
        !read_base64(c, &v[K_PAYLOAD], &d.payload, &d.payload_len)) {
        return false;
    }
    d.signature_count =
        conf_list(c, &v[K_SIGNATURES], MANDATE_SIGNATURES_MAX,
                  sizeof *d.signatures, read_signature, &d.signatures);
    *out = d;
    return c->errors == 0;
}

/* --- signatures ---------------------------------------------------------- */

/* The pre-authentication encoding: "DSSEv1 LEN TYPE LEN PAYLOAD", allocated.
 */
static uint8_t *encode(const dsse *d, size_t *len)
{
    char head[PAE_HEAD_MAX];
    const char *type = types[d->kind];
    const int n = snprintf(head, sizeof head, "DSSEv1 %zu %s %zu ",
                           strlen(type), type, d->payload_len);
    uint8_t *all = malloc((size_t)n + d->payload_len);

    if (all != NULL) {
        memcpy(all, head, (size_t)n);
        memcpy(all + n, d->payload, d->payload_len);
        *len = (size_t)n + d->payload_len;
    }
    return all;
}

bool dsse_signed_by(const dsse *d, const covey_crypto *crypto,
                    const mandate_key *key)
{
    size_t len = 0;
    uint8_t *tbs = encode(d, &len);
    bool good = false;

    for (size_t i = 0; tbs != NULL && i < d->signature_count && !good; i++) {
        good = mandate_key_equal(&d->signatures[i].key, key) &&
               mandate_key_verify(crypto, key, covey_bytes_of(tbs, len),
                                  d->signatures[i].bytes);
    }
    free(tbs);
    return good;
}

/* Room for one more; an older signature with the same key gives way. */
static dsse_signature *place(dsse *d, conf_reader *c, const mandate_key *key)
{
    for (size_t i = 0; i < d->signature_count; i++) {
        if (mandate_key_equal(&d->signatures[i].key, key)) {
            return &d->signatures[i];
        }
    }
    if (d->signature_count == MANDATE_SIGNATURES_MAX) {
        return NULL;
    }
    dsse_signature *all =
        conf_alloc(c, (d->signature_count + 1) * sizeof *all);
    if (all == NULL) {
        return NULL;
    }
    if (d->signature_count > 0) {
        memcpy(all, d->signatures, d->signature_count * sizeof *all);
    }
    d->signatures = all;
    all[d->signature_count].key = *key;
    return &all[d->signature_count++];
}

bool dsse_sign(dsse *d, conf_reader *c, const covey_crypto *crypto,
               covey_key *own, const mandate_key *key)
{
    size_t len = 0;
    uint8_t *tbs = encode(d, &len);
    uint8_t bytes[MANDATE_SIGNATURE];
    const bool good =
        tbs != NULL &&
        mandate_key_sign(crypto, own, key, covey_bytes_of(tbs, len), bytes);
    dsse_signature *s = good ? place(d, c, key) : NULL;

    if (s != NULL) {
        memcpy(s->bytes, bytes, sizeof bytes);
    }
    free(tbs);
    return s != NULL;
}

void dsse_print(const dsse *d, FILE *out)
{
    char key[MANDATE_KEY_TEXT_MAX];

    fprintf(out, "{\"payloadType\":\"%s\",\n \"payload\":\"", types[d->kind]);
    text_base64_print(out, covey_bytes_of(d->payload, d->payload_len));
    fputs("\",\n \"signatures\":[", out);
    for (size_t i = 0; i < d->signature_count; i++) {
        const dsse_signature *s = &d->signatures[i];
        fprintf(out, "%s\n  {\"keyid\":\"%s\",\n   \"sig\":\"",
                i > 0 ? "," : "", mandate_key_text(&s->key, key));
        text_base64_print(out, covey_bytes_of(s->bytes, sizeof s->bytes));
        fputs("\"}", out);
    }
    fputs("]}\n", out);
}
