/* SPDX-License-Identifier: BSD-2-Clause */
/* Links of a server that nobody knows. What is found lies in the document, in
 * its order and without overlap; walking ends. Written again from its parts, a
 * link is found with the same parts. */
#include <shell/text/weblink.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
    if (!good) {
        abort();
    }
}

static bool lies_in(covey_bytes part, covey_bytes whole)
{
    return part.ptr >= whole.ptr &&
           part.ptr + part.len <= whole.ptr + whole.len;
}

/* How many attributes there are. */
static size_t walk(covey_bytes attributes)
{
    const covey_bytes all = attributes;
    covey_bytes one;
    size_t count = 0;

    while (text_link_attribute(&attributes, &one)) {
        check(one.len > 0 && lies_in(one, all));
        check(attributes.len < all.len);
        count++;
    }
    return count;
}

static void check_again(const struct text_link *link)
{
    const size_t len = link->target.len + link->attributes.len + 2;
    uint8_t *text = calloc(1, len);
    covey_bytes left = covey_bytes_of(text, len);
    struct text_link again;

    check(text != NULL);
    text[0] = '<';
    memcpy(text + 1, link->target.ptr, link->target.len);
    text[1 + link->target.len] = '>';
    if (link->attributes.len > 0) {
        memcpy(text + 2 + link->target.len, link->attributes.ptr,
               link->attributes.len);
    }
    check(text_link_next(&left, &again));
    check(covey_bytes_equal(again.target, link->target));
    check(again.attributes.len == link->attributes.len);
    check(walk(again.attributes) == walk(link->attributes));
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* storage of exact size, so that the first byte beyond is seen */
    uint8_t *copy = calloc(1, size > 0 ? size : 1);
    covey_bytes left = covey_bytes_of(copy, size);
    struct text_link link;

    check(copy != NULL);
    if (size > 0) {
        memcpy(copy, data, size);
    }
    const covey_bytes all = left;
    for (size_t before = left.len + 1; text_link_next(&left, &link);
         before = left.len) {
        check(left.len < before);
        check(lies_in(link.target, all) && lies_in(link.attributes, all));
        walk(link.attributes);
        check_again(&link);
    }
    free(copy);
    return 0;
}
