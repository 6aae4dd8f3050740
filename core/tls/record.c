/* SPDX-License-Identifier: BSD-2-Clause */
/* Records (RFC 8446 Section 5): heads, limits, protection.
 *
 *     type u8 | legacy_version u16 | length u16 | body
 *
 * The body of a protected record is sealed( content | type u8 | zeros ), with
 * the head as AAD and the IV, exclusive-or the sequence number, as nonce.
 * Which record may come when is not decided here. */
#include "tls_internal.h"

enum {
    LEGACY_VERSION = 0x0303,
    NONCE = 12
};

covey_status covey__tls_record_head(covey_bytes in, bool sealed,
                                    struct tls_record *out)
{
    covey_reader r = covey_reader_of(in);
    struct tls_record head = { covey_read_u8(&r), 0 };
    size_t most = COVEY_TLS_PLAIN_MAX + (sealed ? SEALED_OVER : 0);

    (void)covey_read_u16(&r); /* the version is ignored (Section 5.1) */
    head.len = covey_read_u16(&r);
    if (in.len > 0 && (head.type < CONTENT_CHANGE_CIPHER_SPEC ||
                       head.type > CONTENT_APPLICATION_DATA)) {
        return COVEY_E_FORMAT;
    }
    if (r.failed != COVEY_OK) {
        return COVEY_E_SHORT;
    }
    if (head.len > most) {
        return COVEY_E_RANGE;
    }
    *out = head;
    return COVEY_OK;
}

/* Section 5.3. */
static void nonce_of(const covey_tls_half *half, uint8_t *nonce)
{
    memcpy(nonce, half->iv, NONCE);
    for (size_t i = 0; i < 8; i++) {
        nonce[NONCE - 1 - i] ^= (uint8_t)(half->sequence >> 8 * i);
    }
}

static void write_head(covey_writer *out, uint8_t type, size_t len)
{
    covey_write_u8(out, type);
    covey_write_u16(out, LEGACY_VERSION);
    covey_write_u16(out, (uint16_t)len);
}

static covey_status plain_record(struct tls_record content, covey_bytes from,
                                 covey_writer *out)
{
    if (out->cap - out->pos < RECORD_HEAD + from.len) {
        return COVEY_E_ROOM;
    }
    write_head(out, content.type, from.len);
    if (from.len > 0) {
        memmove(out->base + out->pos, from.ptr, from.len);
        out->pos += from.len;
    }
    return COVEY_OK;
}

covey_status covey__tls_record_seal(const covey_crypto *crypto,
                                    covey_tls_half *half,
                                    struct tls_record content,
                                    covey_bytes from, size_t padding,
                                    covey_writer *out)
{
    size_t inner = from.len + 1 + padding;
    size_t sealed = inner + half->tag_len;
    uint8_t nonce[NONCE];
    covey_writer w = *out;
    covey_status st = COVEY_OK;

    if (!half->on) {
        return plain_record(content, from, out);
    }
    if (half->sequence == UINT64_MAX) {
        return COVEY_E_EXHAUSTED;
    }
    if (out->cap - out->pos < RECORD_HEAD + sealed) {
        return COVEY_E_ROOM;
    }
    uint8_t *body = out->base + out->pos + RECORD_HEAD;
    if (from.len > 0) {
        memmove(body, from.ptr, from.len);
    }
    body[from.len] = content.type;
    memset(body + from.len + 1, 0, padding);
    write_head(&w, CONTENT_APPLICATION_DATA, sealed);
    nonce_of(half, nonce);
    st = crypto->seal(crypto->provider, &half->key,
                      covey_bytes_of(nonce, NONCE),
                      covey_bytes_of(out->base + out->pos, RECORD_HEAD),
                      covey_bytes_of(body, inner), &w);
    if (st != COVEY_OK) {
        covey_wipe(body, inner);
        return st;
    }
    half->sequence++;
    *out = w;
    return COVEY_OK;
}

/* The type is the last byte that is not zero. Everything after the content is
 * taken back from the writer. */
static covey_status strip(covey_writer *out, size_t start, size_t limit,
                          uint8_t *type)
{
    size_t end = out->pos;

    while (end > start && out->base[end - 1] == 0) {
        end--;
    }
    if (end == start) {
        return COVEY_E_FORMAT;
    }
    *type = out->base[end - 1];
    out->pos = end - 1;
    return out->pos - start > limit ? COVEY_E_RANGE : COVEY_OK;
}

covey_status covey__tls_record_open(const covey_crypto *crypto,
                                    covey_tls_half *half, covey_bytes sealed,
                                    size_t limit, covey_writer *out,
                                    uint8_t *type)
{
    uint8_t nonce[NONCE];
    uint8_t head[RECORD_HEAD];
    covey_writer w = covey_writer_of(head, sizeof head);
    size_t start = out->pos;
    covey_status st = COVEY_OK;

    if (half->sequence == UINT64_MAX) {
        return COVEY_E_EXHAUSTED;
    }
    write_head(&w, CONTENT_APPLICATION_DATA, sealed.len);
    nonce_of(half, nonce);
    st = crypto->open(crypto->provider, &half->key,
                      covey_bytes_of(nonce, NONCE), covey_written(&w), sealed,
                      out);
    if (st != COVEY_OK) {
        return st;
    }
    half->sequence++;
    st = strip(out, start, limit, type);
    if (st != COVEY_OK) {
        covey_wipe(out->base + start, sealed.len - half->tag_len);
        out->pos = start;
    }
    return st;
}
