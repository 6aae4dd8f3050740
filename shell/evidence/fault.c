/* SPDX-License-Identifier: BSD-2-Clause */
/* Which record is not what it was. The numbers and the chain of hashes say
 * where, the tree says whether; the chain alone could be written anew by who
 * changes a line, the tree's checkpoints could not. */
#include "evidence.h"

#include "internal.h"

#include <string.h>

typedef struct search {
    const covey_crypto *crypto;
    const evidence_log *log;
    const evidence_notes *notes;
    const mandate_key *key;
    evidence_fault *out;
    bool broken; /* the provider failed */
} search;

static bool fault(search *s, evidence_kind kind, uint64_t record)
{
    s->out->kind = kind;
    s->out->record = record;
    s->out->from = record;
    return true;
}

static bool same(const covey_merkle_hash *a, const covey_merkle_hash *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

/* --- the order of the lines ---------------------------------------------- */

static bool comes_later(const evidence_log *l, uint64_t i)
{
    for (uint64_t j = i + 1; j < l->count; j++) {
        if (l->seqs[j] == i) {
            return true;
        }
    }
    return false;
}

/* Line i does not say that it is the i-th. */
static evidence_kind misplaced(const evidence_log *l, uint64_t i)
{
    if (l->seqs[i] == UINT64_MAX) {
        return l->cut && i + 1 == l->count ? EVIDENCE_CUT : EVIDENCE_CHANGED;
    }
    if (comes_later(l, i)) {
        return EVIDENCE_MOVED;
    }
    return i + 1 < l->count && l->seqs[i + 1] == i + 1 ? EVIDENCE_CHANGED
                                                       : EVIDENCE_MISSING;
}

/* The root of the first `size` lines, with line `i` as its successor knows it.
 */
static bool root_with(search *s, uint64_t size, uint64_t i,
                      covey_merkle_hash *root)
{
    covey_merkle t;
    bool good = true;

    covey_merkle_init(&t);
    for (uint64_t n = 0; n < size && good; n++) {
        good = covey_merkle_add(&t, s->crypto,
                                n == i ? &s->log->prevs[i + 1]
                                       : &s->log->leaves[n]) == COVEY_OK;
    }
    good = good && covey_merkle_root(&t, s->crypto, root) == COVEY_OK;
    s->broken = s->broken || !good;
    return good;
}

/* Line i says another hash of the line before it than that has: one of the two
 * was changed. The line behind i knows i; if there is none, the checkpoint. */
static uint64_t blame(search *s, uint64_t i)
{
    const evidence_log *l = s->log;
    covey_merkle_hash root;

    if (i + 1 < l->count) {
        return same(&l->prevs[i + 1], &l->leaves[i]) ? i - 1 : i;
    }
    for (size_t n = 0; n < s->notes->count; n++) {
        const covey_merkle_head *h = &s->notes->notes[n].head;
        if (h->size == l->count && root_with(s, h->size, i - 1, &root) &&
            same(&root, &h->root)) {
            return i - 1;
        }
    }
    return i;
}

static bool find_in_chain(search *s)
{
    const evidence_log *l = s->log;
    static const covey_merkle_hash none = { { 0 } };

    for (uint64_t i = 0; i < l->count; i++) {
        if (l->seqs[i] != i) {
            return fault(s, misplaced(l, i), i);
        }
        if (!same(&l->prevs[i], i == 0 ? &none : &l->leaves[i - 1])) {
            return fault(s, EVIDENCE_CHANGED, i == 0 ? 0 : blame(s, i));
        }
    }
    return l->cut && fault(s, EVIDENCE_CUT, l->count - 1);
}

/* --- checkpoints --------------------------------------------------------- */

static bool is_ours(const search *s, const evidence_note *n)
{
    char origin[EVIDENCE_ORIGIN_MAX];

    snprintf(origin, sizeof origin, EVIDENCE_ORIGIN "%s", s->notes->run);
    return covey_bytes_equal(n->origin, covey_bytes_text(origin)) &&
           evidence_note_signed(n, s->crypto, s->key);
}

/* The record that a checkpoint is about. */
static uint64_t last_of(const evidence_note *n)
{
    return n->head.size == 0 ? 0 : n->head.size - 1;
}

static bool find_forged(search *s)
{
    uint64_t size = 0;

    for (size_t i = 0; i < s->notes->count; i++) {
        const evidence_note *n = &s->notes->notes[i];
        if (!is_ours(s, n) || n->head.size <= size) {
            return fault(s, EVIDENCE_FORGED, last_of(n));
        }
        size = n->head.size;
    }
    return false;
}

/* One checkpoint after the other against the lines. */
static bool find_rewritten(search *s)
{
    covey_merkle t;
    uint64_t from = 0;

    covey_merkle_init(&t);
    for (size_t i = 0; i < s->notes->count; i++) {
        const covey_merkle_head *h = &s->notes->notes[i].head;
        covey_merkle_hash root;
        if (h->size > s->log->count) {
            return fault(s, EVIDENCE_MISSING, s->log->count);
        }
        while (t.size < h->size) {
            if (covey_merkle_add(&t, s->crypto, &s->log->leaves[t.size]) !=
                COVEY_OK) {
                s->broken = true;
                return false;
            }
        }
        if (covey_merkle_root(&t, s->crypto, &root) != COVEY_OK) {
            s->broken = true;
            return false;
        }
        if (!same(&root, &h->root)) {
            fault(s, EVIDENCE_REWRITTEN, h->size - 1);
            s->out->from = from;
            return true;
        }
        from = h->size;
    }
    return from < s->log->count && fault(s, EVIDENCE_UNSIGNED, from);
}

/* Who kept a checkpoint holds the end against it. */
static bool find_older(search *s)
{
    const evidence_note *kept = s->notes->kept;
    covey_merkle_hash root;

    if (kept == NULL) {
        return false;
    }
    if (!is_ours(s, kept)) {
        return fault(s, EVIDENCE_FORGED, last_of(kept));
    }
    if (kept->head.size > s->log->count) {
        return fault(s, EVIDENCE_MISSING, s->log->count);
    }
    return root_with(s, kept->head.size, UINT64_MAX, &root) &&
           !same(&root, &kept->head.root) &&
           fault(s, EVIDENCE_OLDER, last_of(kept));
}

bool evidence_find_fault(const covey_crypto *crypto, const evidence_log *log,
                         const evidence_notes *notes, const mandate_key *key,
                         evidence_fault *out)
{
    search s = {
        .crypto = crypto, .log = log, .notes = notes, .key = key, .out = out
    };

    memset(out, 0, sizeof *out);
    if (!find_in_chain(&s) && !find_forged(&s) && !find_rewritten(&s)) {
        find_older(&s);
    }
    return !s.broken;
}

const char *evidence_kind_text(evidence_kind kind)
{
    static const char *const texts[EVIDENCE_KINDS] = {
        [EVIDENCE_WHOLE] = "whole",
        [EVIDENCE_CHANGED] = "changed",
        [EVIDENCE_MISSING] = "missing",
        [EVIDENCE_MOVED] = "another record stands in its place",
        [EVIDENCE_CUT] = "cut off",
        [EVIDENCE_REWRITTEN] = "not what was signed",
        [EVIDENCE_FORGED] = "its checkpoint is not signed by the auditor",
        [EVIDENCE_UNSIGNED] = "not covered by a checkpoint",
        [EVIDENCE_OLDER] = "not what the kept checkpoint covers",
    };

    return (unsigned)kind < EVIDENCE_KINDS ? texts[kind] : "unknown";
}
