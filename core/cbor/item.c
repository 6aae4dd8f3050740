/* SPDX-License-Identifier: BSD-2-Clause */
/* Passing over a whole item, however it is nested, with a stack of bounded
 * depth instead of recursion. */
#include <covey/cbor.h>

#include "cbor_internal.h"

#include <string.h>

/* An array, map, tag or string in chunks that has been entered. */
struct level {
    size_t left;     /* items to come; even where the key of a map is next */
    size_t key;      /* where the last key of a map begins */
    size_t previous; /* and the one before it, or NO_KEY */
    uint8_t major;
    bool open; /* of indefinite length */
};

#define NO_KEY SIZE_MAX
/* What is left in an open level: even, and never used up. */
#define MANY (SIZE_MAX - 1)

struct walk {
    covey_cbor_reader *r;
    size_t depth;
    struct level levels[COVEY_CBOR_DEPTH];
};

/* RFC 8949 Section 4.2.1: keys in bytewise order, none twice. A key ends
 * where its value begins. No item begins with another item, so two keys that
 * agree up to the end of the later one are the same, and bytes after a
 * shorter earlier one are not reached. */
static bool keys_ascend(const struct walk *w, const struct level *in,
                        size_t value)
{
    const uint8_t *base = w->r->in.base;

    return in->previous == NO_KEY ||
           memcmp(base + in->previous, base + in->key, value - in->key) < 0;
}

/* Counts an item in the level where it stands; false if it must not be
 * there. */
static bool count(struct walk *w, const struct cbor_head *h)
{
    struct level *in = &w->levels[w->depth - 1];

    if (in->major < MAJOR_ARRAY &&
        (h->major != in->major || h->info == INFO_INDEFINITE)) {
        /* Section 3.2.3: chunks are strings of the same type, not open. */
        covey__cbor_fail_at(w->r, h->at, COVEY_E_FORMAT);
        return false;
    }
    if (in->major == MAJOR_MAP && in->left % 2 == 0) {
        in->previous = in->key;
        in->key = h->at;
    } else if (in->major == MAJOR_MAP &&
               w->r->mode == COVEY_CBOR_DETERMINISTIC &&
               !keys_ascend(w, in, h->at)) {
        covey__cbor_fail_at(w->r, in->key, COVEY_E_FORMAT);
        return false;
    }
    in->left--;
    return true;
}

static void enter(struct walk *w, const struct cbor_head *h)
{
    struct level in = { MANY, NO_KEY, NO_KEY, (uint8_t)h->major, true };

    if (h->info != INFO_INDEFINITE) {
        in.open = false;
        in.left = h->major == MAJOR_TAG ? 1 : covey__cbor_count(w->r, h);
    }
    if (w->depth == COVEY_CBOR_DEPTH) {
        covey__cbor_fail_at(w->r, h->at, COVEY_E_UNSUPPORTED);
        return;
    }
    w->levels[w->depth++] = in;
}

/* The break that ends the innermost level; in a map not after a key. */
static void leave(struct walk *w, const struct cbor_head *h)
{
    struct level *in = w->depth > 0 ? &w->levels[w->depth - 1] : NULL;

    if (in == NULL || !in->open || (in->major == MAJOR_MAP && in->left % 2)) {
        covey__cbor_fail_at(w->r, h->at, COVEY_E_FORMAT);
        return;
    }
    in->left = 0;
}

static void step(struct walk *w)
{
    struct cbor_head h;

    if (!covey__cbor_head(w->r, &h)) {
        return;
    }
    if (h.major == MAJOR_OTHER && h.info == INFO_INDEFINITE) {
        leave(w, &h);
        return;
    }
    if (w->depth > 0 && !count(w, &h)) {
        return;
    }
    if (h.major >= MAJOR_ARRAY && h.major <= MAJOR_TAG) {
        enter(w, &h);
    } else if (h.major == MAJOR_BYTES || h.major == MAJOR_TEXT) {
        if (h.info == INFO_INDEFINITE) {
            enter(w, &h);
        } else {
            (void)covey__cbor_content(w->r, &h);
        }
    }
}

covey_bytes covey_cbor_get_item(covey_cbor_reader *r)
{
    covey_bytes item = { NULL, 0 };
    size_t start = r->in.pos;
    struct walk w;

    w.r = r;
    w.depth = 0;
    do {
        step(&w);
        if (w.r->in.failed != COVEY_OK) {
            return item;
        }
        while (w.depth > 0 && w.levels[w.depth - 1].left == 0) {
            w.depth--;
        }
    } while (w.depth > 0);
    return covey_bytes_of(r->in.base + start, r->in.pos - start);
}

void covey_cbor_skip(covey_cbor_reader *r)
{
    (void)covey_cbor_get_item(r);
}
