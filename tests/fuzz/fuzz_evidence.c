/* SPDX-License-Identifier: BSD-2-Clause */
/* A record and its checkpoints, both from outside; a line "#" alone is between
 * them. A record that is called whole has its lines in order and a checkpoint
 * of the right key for each; with a byte changed it is whole no more. */
#include <shell/evidence/evidence.h>

#include <crypto/scripted/scripted.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    NOTES_MAX = 8
};

static const char run[] = "0123456789abcdef0123456789abcdef";

static void check(bool good)
{
    if (!good) {
        abort();
    }
}

/* Every key of the toy verifies what was signed with its own private half. */
static mandate_key the_key(const covey_crypto *crypto, covey_key *own)
{
    const uint8_t raw[32] = { 7 };
    mandate_key key = { .curve = COVEY_ED25519, .len = 32 };
    covey_writer w = covey_writer_of(key.bytes, 32);

    check(crypto->private_key(crypto->provider, COVEY_ED25519,
                              covey_bytes_of(raw, sizeof raw),
                              own) == COVEY_OK);
    check(crypto->public_of(crypto->provider, own, &w) == COVEY_OK);
    return key;
}

static void see(void *user, uint64_t index, const evidence_record *r)
{
    uint64_t *seen = user;

    check(index >= *seen);
    check(r->line.len > 0 && r->line.len <= EVIDENCE_LINE_MAX);
    check(r->line.ptr[0] == '{' && r->line.ptr[r->line.len - 1] == '}');
    check(r->ms >= 0);
    *seen = index + 1;
}

static size_t read_notes(covey_bytes text, evidence_note *notes)
{
    size_t count = 0;

    while (text.len > 0 && count < NOTES_MAX) {
        const size_t n = evidence_note_read(text, &notes[count]);
        if (n == 0) {
            break;
        }
        check(n <= text.len && notes[count].signature_count > 0);
        count++;
        text = covey_bytes_of(text.ptr + n, text.len - n);
    }
    return count;
}

static evidence_fault judge(const covey_crypto *crypto, covey_bytes log_text,
                            const evidence_notes *notes,
                            const mandate_key *key, uint64_t *count)
{
    char *text = malloc(log_text.len + 1);
    uint64_t seen = 0;
    evidence_log log;
    evidence_fault f;

    check(text != NULL);
    memcpy(text, log_text.ptr, log_text.len);
    text[log_text.len] = '\n';
    /* a stream of no bytes cannot be opened */
    FILE *in = log_text.len > 0 ? fmemopen(text, log_text.len, "rb")
                                : fopen("/dev/null", "rb");
    check(in != NULL);
    check(evidence_scan(in, crypto, see, &seen, &log, stderr));
    check(seen <= log.count);
    check(evidence_find_fault(crypto, &log, notes, key, &f));
    check(f.kind == EVIDENCE_WHOLE || f.from <= f.record);
    *count = log.count;
    fclose(in);
    free(text);
    evidence_log_free(&log);
    return f;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static covey_scripted script;
    evidence_note notes[NOTES_MAX];
    covey_crypto crypto;
    covey_key own;
    size_t at = 0;
    uint64_t count = 0;

    covey_scripted_open(&script, NULL, &crypto);
    const mandate_key key = the_key(&crypto, &own);
    while (at + 3 <= size && memcmp(data + at, "\n#\n", 3) != 0) {
        at++;
    }
    const size_t end = at + 3 <= size ? at + 1 : size;
    const size_t from = at + 3 <= size ? at + 3 : size;
    const evidence_notes all = {
        .notes = notes,
        .count = read_notes(covey_bytes_of(data + from, size - from), notes),
        .run = run
    };
    const covey_bytes log = covey_bytes_of(data, end);
    const evidence_fault f = judge(&crypto, log, &all, &key, &count);
    if (f.kind == EVIDENCE_WHOLE && count > 0) {
        check(all.count > 0 && all.notes[all.count - 1].head.size == count);
        uint8_t *changed = malloc(end);
        check(changed != NULL);
        memcpy(changed, data, end);
        changed[size % end] ^= 1;
        check(judge(&crypto, covey_bytes_of(changed, end), &all, &key, &count)
                  .kind != EVIDENCE_WHOLE);
        free(changed);
    }
    crypto.key_drop(crypto.provider, &own);
    check(script.live == 0);
    return 0;
}
