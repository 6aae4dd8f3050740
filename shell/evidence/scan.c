/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading a record. Nothing in it is believed: a line that is none of ours
 * keeps its place and is named later. */
#include "evidence.h"

#include "internal.h"

#include <stdlib.h>
#include <string.h>
#include <text.h>

bool evidence__number(covey_bytes text, uint64_t *out)
{
    uint64_t n = 0;

    if (text.len == 0 || text.len > 19 ||
        (text.len > 1 && text.ptr[0] == '0')) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9') {
            return false;
        }
        n = n * 10 + (uint64_t)(text.ptr[i] - '0');
    }
    *out = n;
    return true;
}

bool evidence__sha256(const covey_crypto *crypto, const covey_bytes *parts,
                      size_t count, covey_merkle_hash *out)
{
    return covey_crypto_sha256(crypto, parts, count, out->bytes) == COVEY_OK;
}

/* --- one line ------------------------------------------------------------ */

/* Steps over a text that has to stand here. */
static bool pass(covey_bytes line, size_t *at, const char *text)
{
    const size_t len = strlen(text);

    if (line.len - *at < len || memcmp(line.ptr + *at, text, len) != 0) {
        return false;
    }
    *at += len;
    return true;
}

static bool pass_number(covey_bytes line, size_t *at, uint64_t *out)
{
    const size_t from = *at;

    while (*at < line.len && line.ptr[*at] >= '0' && line.ptr[*at] <= '9') {
        (*at)++;
    }
    return evidence__number(covey_bytes_of(line.ptr + from, *at - from), out);
}

bool evidence_record_read(covey_bytes line, evidence_record *out)
{
    evidence_record r = { .line = line };
    const size_t digits = (size_t)2 * COVEY_MERKLE_HASH;
    uint64_t ms = 0;
    size_t at = 0;

    if (!pass(line, &at, "{\"seq\":") || !pass_number(line, &at, &r.seq) ||
        !pass(line, &at, ",\"prev\":\"") || line.len - at < digits ||
        !text_hex_read((const char *)line.ptr + at, digits, r.prev.bytes)) {
        return false;
    }
    at += digits;
    if (!pass(line, &at, "\",\"ms\":") || !pass_number(line, &at, &ms) ||
        !pass(line, &at, ",") || line.ptr[line.len - 1] != '}') {
        return false;
    }
    r.ms = (int64_t)ms;
    *out = r;
    return true;
}

/* --- all of them --------------------------------------------------------- */

static bool grow(evidence_log *l)
{
    const uint64_t room = l->room == 0 ? 256 : l->room * 2;
    covey_merkle_hash *leaves =
        realloc(l->leaves, (size_t)room * sizeof *leaves);

    if (leaves == NULL) {
        return false;
    }
    l->leaves = leaves;
    covey_merkle_hash *prevs = realloc(l->prevs, (size_t)room * sizeof *prevs);
    if (prevs == NULL) {
        return false;
    }
    l->prevs = prevs;
    uint64_t *seqs = realloc(l->seqs, (size_t)room * sizeof *seqs);
    if (seqs == NULL) {
        return false;
    }
    l->seqs = seqs;
    l->room = room;
    return true;
}

static bool take(evidence_log *l, const covey_crypto *crypto,
                 const evidence_record *r)
{
    if (l->count == EVIDENCE_RECORDS_MAX ||
        (l->count == l->room && !grow(l)) ||
        covey_merkle_leaf(crypto, r->line, &l->leaves[l->count]) != COVEY_OK) {
        return false;
    }
    l->prevs[l->count] = r->prev;
    l->seqs[l->count] = r->seq;
    l->count++;
    return true;
}

/* A line without its end, or as much of it as fits. */
static size_t read_line(FILE *in, uint8_t line[EVIDENCE_LINE_MAX], bool *ended)
{
    size_t len = 0;
    int c = 0;

    while (len < EVIDENCE_LINE_MAX && (c = getc(in)) != EOF && c != '\n') {
        line[len++] = (uint8_t)c;
    }
    *ended = c == '\n';
    return len;
}

bool evidence_scan(FILE *in, const covey_crypto *crypto, evidence_visit *visit,
                   void *user, evidence_log *out, FILE *messages)
{
    static const evidence_record nothing = { .seq = UINT64_MAX };
    uint8_t *line = malloc(EVIDENCE_LINE_MAX);
    bool good = line != NULL;
    bool ended = true;

    memset(out, 0, sizeof *out);
    while (good) {
        const size_t len = read_line(in, line, &ended);
        evidence_record r;
        if (len == 0 && !ended) {
            break;
        }
        const bool ours = evidence_record_read(covey_bytes_of(line, len), &r);
        if (!ours) {
            r = nothing;
            r.line = covey_bytes_of(line, len);
        }
        out->cut = !ended;
        good = take(out, crypto, &r);
        if (good && ours && visit != NULL) {
            visit(user, out->count - 1, &r);
        }
    }
    if (!good || ferror(in)) {
        fprintf(messages, "the record cannot be read to its end\n");
        good = false;
    }
    free(line);
    return good;
}

void evidence_log_free(evidence_log *l)
{
    free(l->leaves);
    free(l->prevs);
    free(l->seqs);
    memset(l, 0, sizeof *l);
}
