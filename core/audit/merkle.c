/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 9162 Section 2.1, without recursion: a tree is the list of its complete
 * subtrees, one per bit of its size, the largest on the left. Its root folds
 * them from the right. */
#include <covey/audit.h>

#include <string.h>

enum {
    LEAF = 0x00, /* RFC 9162 Section 2.1.1: so that no node is a leaf */
    NODE = 0x01
};

/* --- hashes -------------------------------------------------------------- */

static covey_status hash(const covey_crypto *crypto, const covey_bytes *parts,
                         size_t count, covey_merkle_hash *out)
{
    return covey_crypto_sha256(crypto, parts, count, out->bytes);
}

covey_status covey_merkle_leaf(const covey_crypto *crypto, covey_bytes entry,
                               covey_merkle_hash *leaf)
{
    static const uint8_t prefix = LEAF;
    const covey_bytes parts[] = { covey_bytes_of(&prefix, 1), entry };

    return hash(crypto, parts, 2, leaf);
}

/* `out` may be one of the two. */
static covey_status join(const covey_crypto *crypto,
                         const covey_merkle_hash *left,
                         const covey_merkle_hash *right,
                         covey_merkle_hash *out)
{
    static const uint8_t prefix = NODE;
    const covey_bytes parts[] = {
        covey_bytes_of(&prefix, 1),
        covey_bytes_of(left->bytes, sizeof left->bytes),
        covey_bytes_of(right->bytes, sizeof right->bytes),
    };

    return hash(crypto, parts, 3, out);
}

static bool same(const covey_merkle_hash *a, const covey_merkle_hash *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

/* --- a growing tree ------------------------------------------------------ */

void covey_merkle_init(covey_merkle *t)
{
    memset(t, 0, sizeof *t);
}

/* As many complete subtrees end with this leaf as the size so far has ones at
 * its end; they become one. roots[i] has 2^i leaves. */
covey_status covey_merkle_add(covey_merkle *t, const covey_crypto *crypto,
                              const covey_merkle_hash *leaf)
{
    covey_merkle_hash node = *leaf;
    unsigned level = 0;

    if (t->size >> 63 != 0) {
        return COVEY_E_EXHAUSTED;
    }
    for (; (t->size >> level & 1) != 0; level++) {
        const covey_status st = join(crypto, &t->roots[level], &node, &node);
        if (st != COVEY_OK) {
            return st;
        }
    }
    t->roots[level] = node;
    t->size++;
    return COVEY_OK;
}

covey_status covey_merkle_root(const covey_merkle *t,
                               const covey_crypto *crypto,
                               covey_merkle_hash *root)
{
    covey_merkle_hash node;
    unsigned level = 0;

    if (t->size == 0) {
        return hash(crypto, NULL, 0, root);
    }
    while ((t->size >> level & 1) == 0) {
        level++;
    }
    node = t->roots[level];
    for (level++; level < COVEY_MERKLE_PROOF_MAX; level++) {
        if ((t->size >> level & 1) != 0) {
            const covey_status st =
                join(crypto, &t->roots[level], &node, &node);
            if (st != COVEY_OK) {
                return st;
            }
        }
    }
    *root = node;
    return COVEY_OK;
}

/* --- proofs -------------------------------------------------------------- */

/* Leaves from..to-1 of a tree. */
typedef struct part {
    uint64_t from;
    uint64_t to;
} part;

static covey_status root_of(const covey_crypto *crypto,
                            const covey_merkle_leaves *tree, part p,
                            covey_merkle_hash *root)
{
    covey_merkle t;
    covey_status st = COVEY_OK;

    covey_merkle_init(&t);
    for (uint64_t i = p.from; i < p.to && st == COVEY_OK; i++) {
        st = covey_merkle_add(&t, crypto, &tree->leaves[i]);
    }
    return st == COVEY_OK ? covey_merkle_root(&t, crypto, root) : st;
}

/* The largest power of two below n, n > 1. */
static uint64_t split(uint64_t n)
{
    uint64_t k = 1;

    while (k < n - k) {
        k *= 2;
    }
    return k;
}

/* Proofs are found from the root down and listed from the leaf up. */
static void reverse(covey_merkle_proof *p)
{
    for (uint32_t i = 0; i < p->count / 2; i++) {
        const covey_merkle_hash node = p->nodes[i];
        p->nodes[i] = p->nodes[p->count - 1 - i];
        p->nodes[p->count - 1 - i] = node;
    }
}

covey_status covey_merkle_prove_inclusion(const covey_crypto *crypto,
                                          const covey_merkle_leaves *tree,
                                          uint64_t index,
                                          covey_merkle_proof *proof)
{
    part here = { 0, tree->count };
    covey_merkle_proof p;

    if (index >= tree->count) {
        return COVEY_E_ARGUMENT;
    }
    p.count = 0;
    while (here.to - here.from > 1) {
        const uint64_t middle = here.from + split(here.to - here.from);
        const part left = { here.from, middle };
        const part right = { middle, here.to };
        const bool is_left = index < middle;
        const covey_status st =
            root_of(crypto, tree, is_left ? right : left, &p.nodes[p.count]);
        if (st != COVEY_OK) {
            return st;
        }
        p.count++;
        here = is_left ? left : right;
    }
    reverse(&p);
    *proof = p;
    return COVEY_OK;
}

/* SUBPROOF of RFC 9162 Section 2.1.4.1. The old tree's root itself is left out
 * as long as `here` begins where it begins. */
covey_status covey_merkle_prove_consistency(const covey_crypto *crypto,
                                            const covey_merkle_leaves *tree,
                                            uint64_t size,
                                            covey_merkle_proof *proof)
{
    part here = { 0, tree->count };
    covey_merkle_proof p;
    covey_status st = COVEY_OK;

    if (size == 0 || size > tree->count) {
        return COVEY_E_ARGUMENT;
    }
    p.count = 0;
    while (size != here.to && st == COVEY_OK) {
        const uint64_t middle = here.from + split(here.to - here.from);
        const part left = { here.from, middle };
        const part right = { middle, here.to };
        const bool is_left = size <= middle;
        st =
            root_of(crypto, tree, is_left ? right : left, &p.nodes[p.count++]);
        here = is_left ? left : right;
    }
    if (here.from != 0 && st == COVEY_OK) {
        st = root_of(crypto, tree, here, &p.nodes[p.count++]);
    }
    if (st == COVEY_OK) {
        reverse(&p);
        *proof = p;
    }
    return st;
}

/* --- checks -------------------------------------------------------------- */

covey_status covey_merkle_check_inclusion(const covey_crypto *crypto,
                                          const covey_merkle_head *head,
                                          uint64_t index,
                                          const covey_merkle_hash *leaf,
                                          const covey_merkle_proof *proof)
{
    covey_merkle_hash node = *leaf;
    uint64_t fn = index;
    uint64_t sn = head->size - 1;

    if (index >= head->size || proof->count > COVEY_MERKLE_PROOF_MAX) {
        return COVEY_E_AUTH;
    }
    for (uint32_t i = 0; i < proof->count; i++) {
        const covey_merkle_hash *p = &proof->nodes[i];
        const bool right = (fn & 1) != 0 || fn == sn;
        if (sn == 0) {
            return COVEY_E_AUTH;
        }
        const covey_status st = right ? join(crypto, p, &node, &node)
                                      : join(crypto, &node, p, &node);
        if (st != COVEY_OK) {
            return st;
        }
        while (right && (fn & 1) == 0 && fn != 0) {
            fn >>= 1;
            sn >>= 1;
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && same(&node, &head->root) ? COVEY_OK : COVEY_E_AUTH;
}

/* The two roots that are built from one proof. */
typedef struct roots {
    covey_merkle_hash older;
    covey_merkle_hash newer;
    uint64_t fn;
    uint64_t sn;
} roots;

/* One node of the proof; step 6 of RFC 9162 Section 2.1.4.2. */
static covey_status climb(const covey_crypto *crypto, roots *r,
                          const covey_merkle_hash *node)
{
    covey_status st;

    if (r->sn == 0) {
        return COVEY_E_AUTH;
    }
    if ((r->fn & 1) != 0 || r->fn == r->sn) {
        st = join(crypto, node, &r->older, &r->older);
        if (st == COVEY_OK) {
            st = join(crypto, node, &r->newer, &r->newer);
        }
        while ((r->fn & 1) == 0 && r->fn != 0) {
            r->fn >>= 1;
            r->sn >>= 1;
        }
    } else {
        st = join(crypto, &r->newer, node, &r->newer);
    }
    r->fn >>= 1;
    r->sn >>= 1;
    return st;
}

covey_status covey_merkle_check_consistency(const covey_crypto *crypto,
                                            const covey_merkle_head *older,
                                            const covey_merkle_head *newer,
                                            const covey_merkle_proof *proof)
{
    roots r = { .fn = older->size - 1, .sn = newer->size - 1 };
    uint32_t i = 0;

    if (older->size == 0 || older->size > newer->size ||
        proof->count > COVEY_MERKLE_PROOF_MAX) {
        return COVEY_E_AUTH;
    }
    if (older->size == newer->size) {
        return proof->count == 0 && same(&older->root, &newer->root)
                   ? COVEY_OK
                   : COVEY_E_AUTH;
    }
    while ((r.fn & 1) != 0) {
        r.fn >>= 1;
        r.sn >>= 1;
    }
    /* a complete old tree is a node of the new one, and begins the proof */
    if (r.fn == 0) {
        r.older = older->root;
    } else if (proof->count > 0) {
        r.older = proof->nodes[i++];
    } else {
        return COVEY_E_AUTH;
    }
    r.newer = r.older;
    for (; i < proof->count; i++) {
        const covey_status st = climb(crypto, &r, &proof->nodes[i]);
        if (st != COVEY_OK) {
            return st;
        }
    }
    return r.sn == 0 && same(&r.older, &older->root) &&
                   same(&r.newer, &newer->root)
               ? COVEY_OK
               : COVEY_E_AUTH;
}
