/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab.h"

#include <crypto/openssl/openssl.h>

#include <stdlib.h>
#include <unistd.h>

lab the_lab;
static lab pristine; /* its texts, as they were read */

static void make_party(int32_t curve, uint8_t seed, lab_party *p)
{
    const covey_crypto *c = &the_lab.crypto;
    uint8_t raw[32] = { seed };
    uint8_t encoded[COVEY_PUBLIC_MAX];
    covey_writer w = covey_writer_of(encoded, sizeof encoded);

    CHECK_STATUS(COVEY_OK,
                 c->private_key(c->provider, curve,
                                covey_bytes_of(raw, sizeof raw), &p->own));
    CHECK_STATUS(COVEY_OK, c->public_of(c->provider, &p->own, &w));
    p->key.curve = curve;
    p->key.len = curve == COVEY_ED25519 ? 32 : 33;
    if (curve == COVEY_ED25519) {
        memcpy(p->key.bytes, encoded, 32);
    } else {
        p->key.bytes[0] = (uint8_t)(2 | (encoded[64] & 1));
        memcpy(p->key.bytes + 1, encoded + 1, 32);
    }
}

int lab_set_up(void **state)
{
    (void)state;
    CHECK_STATUS(COVEY_OK, covey_openssl_open(&the_lab.crypto));
    make_party(COVEY_P256, 1, &the_lab.auditor);
    make_party(COVEY_ED25519, 2, &the_lab.client);
    strcpy(the_lab.base, "/tmp/covey-evidence-XXXXXX");
    if (mkdtemp(the_lab.base) == NULL) {
        return -1;
    }
    snprintf(the_lab.folder, sizeof the_lab.folder, "%s/run", the_lab.base);
    return 0;
}

int lab_tear_down(void **state)
{
    const covey_crypto *c = &the_lab.crypto;

    (void)state;
    lab_remove();
    c->key_drop(c->provider, &the_lab.auditor.own);
    c->key_drop(c->provider, &the_lab.client.own);
    covey_openssl_close(&the_lab.crypto);
    return rmdir(the_lab.base);
}

static FILE *open_file(const char *name)
{
    char path[128];

    snprintf(path, sizeof path, "%s/%s", the_lab.folder, name);
    return fopen(path, "rb");
}

static size_t slurp(const char *name, char *text)
{
    FILE *in = open_file(name);

    assert_non_null(in);
    const size_t len = fread(text, 1, LAB_TEXT_MAX - 1, in);
    fclose(in);
    text[len] = '\0';
    return len;
}

void lab_read(void)
{
    the_lab.log_len = slurp(EVIDENCE_LOG, the_lab.log);
    the_lab.notes_len = slurp(EVIDENCE_CHECKPOINTS, the_lab.notes);
    pristine = the_lab;
}

void lab_again(void)
{
    memcpy(the_lab.log, pristine.log, sizeof the_lab.log);
    the_lab.log_len = pristine.log_len;
    memcpy(the_lab.notes, pristine.notes, sizeof the_lab.notes);
    the_lab.notes_len = pristine.notes_len;
}

void lab_remove(void)
{
    static const char *const names[] = { EVIDENCE_LOG, EVIDENCE_CHECKPOINTS };
    char path[128];

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        snprintf(path, sizeof path, "%s/%s", the_lab.folder, names[i]);
        remove(path);
    }
    rmdir(the_lab.folder);
}

void lab_write(uint32_t count, uint32_t every)
{
    const evidence_options o = { .folder = the_lab.folder,
                                 .run = LAB_RUN,
                                 .crypto = &the_lab.crypto,
                                 .own = &the_lab.auditor.own,
                                 .key = &the_lab.auditor.key,
                                 .every = every };

    lab_remove();
    evidence *e = evidence_create(&o, stderr);
    assert_non_null(e);
    for (uint32_t i = 0; i < count; i++) {
        char object[64];
        uint64_t seq = 0;
        snprintf(object, sizeof object, "{\"kind\":\"test\",\"n\":%u}", i);
        assert_true(evidence_append(
            e, covey_bytes_of((const uint8_t *)object, strlen(object)),
            1764450000000 + i, i % 2 == 0, &seq));
        assert_int_equal(i, seq);
    }
    assert_true(evidence_checkpoint(e));
    evidence_close(e);
    lab_read();
}

static size_t read_notes(evidence_note *notes)
{
    covey_bytes rest =
        covey_bytes_of((const uint8_t *)the_lab.notes, the_lab.notes_len);
    size_t count = 0;

    while (rest.len > 0) {
        assert_true(count < LAB_NOTES_MAX);
        const size_t n = evidence_note_read(rest, &notes[count++]);
        assert_true(n > 0);
        rest = covey_bytes_of(rest.ptr + n, rest.len - n);
    }
    return count;
}

evidence_fault lab_fault(const char *kept_text)
{
    static evidence_note notes[LAB_NOTES_MAX];
    evidence_note kept;
    evidence_notes all = { .notes = notes,
                           .count = read_notes(notes),
                           .run = LAB_RUN };
    evidence_fault f;
    evidence_log log;
    /* a stream of no bytes cannot be opened */
    FILE *in = the_lab.log_len > 0
                   ? fmemopen(the_lab.log, the_lab.log_len, "rb")
                   : fopen("/dev/null", "rb");

    assert_non_null(in);
    if (kept_text != NULL) {
        assert_true(
            evidence_note_read(
                covey_bytes_of((const uint8_t *)kept_text, strlen(kept_text)),
                &kept) > 0);
        all.kept = &kept;
    }
    assert_true(evidence_scan(in, &the_lab.crypto, NULL, NULL, &log, stderr));
    assert_true(evidence_find_fault(&the_lab.crypto, &log, &all,
                                    &the_lab.auditor.key, &f));
    evidence_log_free(&log);
    fclose(in);
    return f;
}

char *lab_line(size_t n)
{
    char *at = the_lab.log;

    for (; n > 0; n--) {
        at = strchr(at, '\n') + 1;
    }
    return at;
}
