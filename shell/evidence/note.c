/* SPDX-License-Identifier: BSD-2-Clause */
/* Checkpoints as notes. One text for one checkpoint: what is read is what
 * would be written, so that nobody can change a byte of it. */
#include "evidence.h"

#include "internal.h"

#include <string.h>
#include <text.h>

#define DASH "\xe2\x80\x94 " /* C2SP signed-note: before each signature */

enum {
    ID_LEN = 4,
    TIME_LEN = 8,
    RAW_MAX = ID_LEN + TIME_LEN + MANDATE_SIGNATURE,
    NAME_MAX_LEN = 100,
    /* signature types of C2SP signed-note; P-256 has none, so its name follows
     */
    TYPE_ED25519 = 0x01,
    TYPE_COSIGNATURE = 0x04,
    TYPE_OTHER = 0xff
};

/* --- key ids ------------------------------------------------------------- */

/* The first four bytes of SHA-256(name | 0A | type | key). */
static bool key_id(const covey_crypto *crypto, covey_bytes name, bool cosigns,
                   const mandate_key *key, uint32_t *out)
{
    const bool edwards = key->curve == COVEY_ED25519;
    const uint8_t type[] = { '\n', !edwards  ? TYPE_OTHER
                                   : cosigns ? TYPE_COSIGNATURE
                                             : TYPE_ED25519 };
    const covey_bytes parts[] = { name, covey_bytes_of(type, sizeof type),
                                  covey_bytes_text(edwards ? ""
                                                   : cosigns
                                                       ? "p256 cosignature/v1"
                                                       : "p256"),
                                  covey_bytes_of(key->bytes, key->len) };
    covey_merkle_hash digest;

    if (!evidence__sha256(crypto, parts, 4, &digest)) {
        return false;
    }
    covey_reader r = covey_reader_of(covey_bytes_of(digest.bytes, ID_LEN));
    *out = covey_read_u32(&r);
    return true;
}

/* --- reading ------------------------------------------------------------- */

/* The next line of a text, without its end, which must be there. */
static bool next_line(covey_bytes text, size_t *at, covey_bytes *line)
{
    const uint8_t *from = text.ptr + *at;
    const uint8_t *end =
        *at < text.len ? memchr(from, '\n', text.len - *at) : NULL;

    if (end == NULL) {
        return false;
    }
    *line = covey_bytes_of(from, (size_t)(end - from));
    *at += line->len + 1;
    return true;
}

static bool read_base64(covey_bytes text, uint8_t *out, size_t cap,
                        size_t *len)
{
    return text.len / 4 * 3 <= cap &&
           text_base64_read((const char *)text.ptr, text.len, out, len);
}

static bool read_root(covey_bytes line, covey_merkle_hash *root)
{
    uint8_t raw[COVEY_MERKLE_HASH + 1];
    size_t len = 0;

    if (!read_base64(line, raw, sizeof raw, &len) ||
        len != sizeof root->bytes) {
        return false;
    }
    memcpy(root->bytes, raw, sizeof root->bytes);
    return true;
}

/* "— NAME BASE64": of the log, or with its time of somebody else. */
static bool read_signature(covey_bytes line, evidence_signature *s)
{
    const size_t dash = sizeof DASH - 1;
    uint8_t raw[RAW_MAX + 2];
    size_t len = 0;

    if (line.len <= dash || memcmp(line.ptr, DASH, dash) != 0) {
        return false;
    }
    const covey_bytes rest = covey_bytes_of(line.ptr + dash, line.len - dash);
    const uint8_t *space = memchr(rest.ptr, ' ', rest.len);
    if (space == NULL || space == rest.ptr ||
        space - rest.ptr > NAME_MAX_LEN) {
        return false;
    }
    s->name = covey_bytes_of(rest.ptr, (size_t)(space - rest.ptr));
    const covey_bytes text =
        covey_bytes_of(space + 1, rest.len - s->name.len - 1);
    if (!read_base64(text, raw, sizeof raw, &len) ||
        (len != RAW_MAX && len != RAW_MAX - TIME_LEN)) {
        return false;
    }
    covey_reader r = covey_reader_of(covey_bytes_of(raw, len));
    s->key_id = covey_read_u32(&r);
    s->cosigns = len == RAW_MAX;
    if (s->cosigns) {
        s->time = (uint64_t)covey_read_u32(&r) << 32;
        s->time |= covey_read_u32(&r);
    }
    const covey_bytes bytes = covey_read_rest(&r);
    memcpy(s->bytes, bytes.ptr, sizeof s->bytes);
    return true;
}

static bool is_origin(covey_bytes line)
{
    for (size_t i = 0; i < line.len; i++) {
        if (line.ptr[i] <= ' ' || line.ptr[i] > '~' || line.ptr[i] == '+') {
            return false;
        }
    }
    return line.len > 0 && line.len < EVIDENCE_ORIGIN_MAX;
}

size_t evidence_note_read(covey_bytes text, evidence_note *note)
{
    evidence_note n = { .signature_count = 0 };
    covey_bytes line;
    size_t at = 0;

    if (!next_line(text, &at, &n.origin) || !is_origin(n.origin) ||
        !next_line(text, &at, &line) ||
        !evidence__number(line, &n.head.size) ||
        !next_line(text, &at, &line) || !read_root(line, &n.head.root)) {
        return 0;
    }
    n.body = covey_bytes_of(text.ptr, at);
    if (!next_line(text, &at, &line) || line.len != 0) {
        return 0;
    }
    size_t end = at;
    while (next_line(text, &at, &line)) {
        if (line.len == 0) {
            end = at;
            break;
        }
        if (n.signature_count == EVIDENCE_SIGNATURES_MAX ||
            !read_signature(line, &n.signatures[n.signature_count++])) {
            return 0;
        }
        end = at;
    }
    if (n.signature_count == 0) {
        return 0;
    }
    *note = n;
    return end;
}

/* --- signatures ---------------------------------------------------------- */

/* What a cosignature is over (C2SP tlog-cosignature). */
static covey_bytes cosigned_text(const evidence_note *note, uint64_t when,
                                 char out[EVIDENCE_NOTE_MAX])
{
    const int n =
        snprintf(out, EVIDENCE_NOTE_MAX, "cosignature/v1\ntime %llu\n%.*s",
                 (unsigned long long)when, (int)note->body.len,
                 (const char *)note->body.ptr);

    return covey_bytes_of((const uint8_t *)out, (size_t)n);
}

bool evidence_note_signed(const evidence_note *note,
                          const covey_crypto *crypto, const mandate_key *key)
{
    for (size_t i = 0; i < note->signature_count; i++) {
        const evidence_signature *s = &note->signatures[i];
        uint32_t id = 0;
        if (!s->cosigns && covey_bytes_equal(s->name, note->origin) &&
            key_id(crypto, s->name, false, key, &id) && id == s->key_id &&
            mandate_key_verify(crypto, key, note->body, s->bytes)) {
            return true;
        }
    }
    return false;
}

bool evidence_note_cosigned(const evidence_note *note,
                            const covey_crypto *crypto, const mandate_key *key,
                            uint64_t *when)
{
    char text[EVIDENCE_NOTE_MAX];

    for (size_t i = 0; i < note->signature_count; i++) {
        const evidence_signature *s = &note->signatures[i];
        uint32_t id = 0;
        if (s->cosigns && key_id(crypto, s->name, true, key, &id) &&
            id == s->key_id &&
            mandate_key_verify(crypto, key, cosigned_text(note, s->time, text),
                               s->bytes)) {
            *when = s->time;
            return true;
        }
    }
    return false;
}

/* --- writing ------------------------------------------------------------- */

/* "— NAME BASE64\n" at `out`. */
static void write_signature(char *out, size_t cap, const char *name,
                            covey_bytes raw)
{
    char text[(RAW_MAX + 2) / 3 * 4 + 1];

    snprintf(out, cap, DASH "%s %s\n", name, text_base64(raw, text));
}

bool evidence_note_write(const char *origin, const covey_merkle_head *head,
                         const covey_crypto *crypto, covey_key *own,
                         const mandate_key *key, char out[EVIDENCE_NOTE_MAX])
{
    char root[COVEY_MERKLE_HASH * 2];
    uint8_t raw[ID_LEN + MANDATE_SIGNATURE];
    covey_writer w = covey_writer_of(raw, sizeof raw);
    uint32_t id = 0;
    const int body = snprintf(
        out, EVIDENCE_NOTE_MAX, "%s\n%llu\n%s\n", origin,
        (unsigned long long)head->size,
        text_base64(covey_bytes_of(head->root.bytes, sizeof head->root.bytes),
                    root));

    if (!key_id(crypto, covey_bytes_text(origin), false, key, &id)) {
        return false;
    }
    covey_write_u32(&w, id);
    if (!mandate_key_sign(crypto, own, key,
                          covey_bytes_of((const uint8_t *)out, (size_t)body),
                          raw + ID_LEN)) {
        return false;
    }
    out[body] = '\n';
    write_signature(out + body + 1, EVIDENCE_NOTE_MAX - (size_t)body - 1,
                    origin, covey_bytes_of(raw, sizeof raw));
    return true;
}

bool evidence_note_cosign(const evidence_note *note, uint64_t now,
                          const covey_crypto *crypto, covey_key *own,
                          const mandate_key *key, char out[EVIDENCE_NOTE_MAX])
{
    char name[MANDATE_KEY_TEXT_MAX];
    uint8_t raw[RAW_MAX];
    covey_writer w = covey_writer_of(raw, sizeof raw);
    uint32_t id = 0;

    mandate_key_text(key, name);
    if (!key_id(crypto, covey_bytes_text(name), true, key, &id)) {
        return false;
    }
    covey_write_u32(&w, id);
    covey_write_u32(&w, (uint32_t)(now >> 32));
    covey_write_u32(&w, (uint32_t)(now & UINT32_MAX));
    if (!mandate_key_sign(crypto, own, key, cosigned_text(note, now, out),
                          raw + w.pos)) {
        return false;
    }
    write_signature(out, EVIDENCE_NOTE_MAX, name,
                    covey_bytes_of(raw, sizeof raw));
    return true;
}
