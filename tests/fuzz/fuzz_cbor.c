/* SPDX-License-Identifier: BSD-2-Clause */
/* One CBOR item at the front of the input. What is passed over whole can also
 * be walked step by step to the same end; what is deterministic is well
 * formed and comes back from the writer; no prefix of an item is an item. */
#include <covey/cbor.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void oracle(bool ok)
{
    if (!ok) {
        abort();
    }
}

/* A map or array being walked. */
struct level {
    size_t left;
    bool map;
    covey_bytes last;
};

struct walk {
    covey_cbor_reader *r;
    covey_writer *w;
    size_t depth;
    struct level levels[COVEY_CBOR_DEPTH];
};

static void enter(struct walk *k, bool map)
{
    struct level *in = &k->levels[k->depth];

    oracle(k->depth < COVEY_CBOR_DEPTH);
    in->left = map ? covey_cbor_get_map(k->r) : covey_cbor_get_array(k->r);
    in->map = map;
    in->last = covey_bytes_of(NULL, 0);
    k->depth++;
    if (in->left == COVEY_CBOR_INDEFINITE) {
        oracle(k->r->mode == COVEY_CBOR_WELL_FORMED);
    } else if (map) {
        covey_cbor_put_map(k->w, in->left);
        in->left *= 2;
    } else {
        covey_cbor_put_array(k->w, in->left);
    }
}

static void copy_int(struct walk *k)
{
    covey_cbor_reader before = *k->r;
    int64_t value = covey_cbor_get_int(k->r);

    if (k->r->in.failed == COVEY_E_RANGE) { /* -2^63 - 1 and below, 2^63 */
        *k->r = before;
        covey_write_bytes(k->w, covey_cbor_get_item(k->r));
    } else {
        covey_cbor_put_int(k->w, value);
    }
}

/* One head with its tags, and what follows it if it is a string. */
static void step(struct walk *k)
{
    covey_cbor_reader before;

    while (covey_cbor_peek(k->r) == COVEY_CBOR_TAG) {
        covey_cbor_put_tag(k->w, covey_cbor_get_tag(k->r));
    }
    before = *k->r;
    switch (covey_cbor_peek(k->r)) {
    case COVEY_CBOR_UINT:
    case COVEY_CBOR_NINT:
        copy_int(k);
        break;
    case COVEY_CBOR_BYTES:
        covey_cbor_put_bytes(k->w, covey_cbor_get_bytes(k->r));
        break;
    case COVEY_CBOR_TEXT:
        covey_cbor_put_text(k->w, covey_cbor_get_text(k->r));
        break;
    case COVEY_CBOR_ARRAY:
        enter(k, false);
        break;
    case COVEY_CBOR_MAP:
        enter(k, true);
        break;
    case COVEY_CBOR_SIMPLE:
        covey_cbor_put_simple(k->w, covey_cbor_get_simple(k->r));
        break;
    case COVEY_CBOR_FLOAT:
        covey_cbor_skip(k->r);
        break;
    case COVEY_CBOR_TAG:
    case COVEY_CBOR_BREAK:
    case COVEY_CBOR_END:
        abort();
    }
    if (k->r->in.failed == COVEY_E_UNSUPPORTED) { /* in chunks */
        oracle(k->r->mode == COVEY_CBOR_WELL_FORMED);
        *k->r = before;
        covey_cbor_skip(k->r);
    }
    oracle(k->r->in.failed == COVEY_OK);
}

static void walk(covey_cbor_reader *r, covey_writer *w)
{
    struct walk k;

    k.r = r;
    k.w = w;
    k.depth = 0;
    do {
        step(&k);
        while (k.depth > 0) {
            struct level *in = &k.levels[k.depth - 1];
            bool key = in->map && in->left % 2 == 0;

            if (covey_cbor_more(r, &in->left)) {
                if (key && r->mode == COVEY_CBOR_DETERMINISTIC) {
                    covey_cbor_key_ascends(r, &in->last);
                    oracle(r->in.failed == COVEY_OK);
                }
                break;
            }
            k.depth--;
        }
    } while (k.depth > 0);
}

/* The length of the item, 0 if there is none. */
static size_t check(covey_bytes input, covey_cbor_mode mode)
{
    static uint8_t storage[1 << 16];
    covey_writer w = covey_writer_of(storage, sizeof storage);
    covey_cbor_reader r = covey_cbor_reader_of(input, mode);
    covey_bytes item = covey_cbor_get_item(&r);

    oracle(r.in.pos <= input.len);
    oracle((item.ptr != NULL) == (r.in.failed == COVEY_OK));
    if (item.ptr == NULL) {
        return 0;
    }
    oracle(item.len == r.in.pos && item.len > 0);
    r = covey_cbor_reader_of(input, mode);
    walk(&r, &w);
    oracle(r.in.pos == item.len);
    if (mode == COVEY_CBOR_DETERMINISTIC && w.failed == COVEY_OK) {
        oracle(covey_bytes_equal(covey_written(&w), item));
    }
    r = covey_cbor_reader_of(covey_bytes_of(item.ptr, item.len - 1), mode);
    covey_cbor_skip(&r);
    oracle(r.in.failed == COVEY_E_SHORT);
    return item.len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    covey_bytes input = covey_bytes_of(data, size);
    size_t deterministic = check(input, COVEY_CBOR_DETERMINISTIC);
    size_t well_formed = check(input, COVEY_CBOR_WELL_FORMED);

    oracle(deterministic == 0 || deterministic == well_formed);
    return 0;
}
