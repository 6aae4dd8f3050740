/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "filter.h"

#include <nftables/libnftables.h>
#include <stdlib.h>
#include <string.h>

struct filter {
    struct nft_ctx *nft;
    rules_names names;
};

typedef void printer(FILE *out, void *user);

/* What `print` writes, done in one transaction. */
static bool run(filter *f, printer *print, void *user, FILE *messages)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    if (out == NULL) {
        return false;
    }
    print(out, user);
    const bool good =
        fclose(out) == 0 && nft_run_cmd_from_buffer(f->nft, text) == 0;
    if (!good && messages != NULL) {
        fprintf(messages, "covey-fence: the filter: %s\n",
                nft_ctx_get_error_buffer(f->nft));
    }
    free(text);
    return good;
}

struct all {
    const fence_order *order;
    const fence_route *route;
    const rules_names *names;
};

static void print_all(FILE *out, void *user)
{
    const struct all *a = user;

    rules_print(out, a->order, a->route, a->names);
}

static void print_close(FILE *out, void *user)
{
    const filter *f = user;

    rules_print_close(out, &f->names);
}

static void print_list(FILE *out, void *user)
{
    const filter *f = user;

    fprintf(out, "list counters table netdev %s", f->names.table);
}

filter *filter_load(const fence_order *o, const fence_route *r,
                    const rules_names *names, FILE *messages)
{
    struct all a = { o, r, names };
    filter *f = calloc(1, sizeof *f);

    if (f == NULL) {
        return NULL;
    }
    f->names = *names;
    f->nft = nft_ctx_new(NFT_CTX_DEFAULT);
    if (f->nft == NULL || nft_ctx_buffer_output(f->nft) != 0 ||
        nft_ctx_buffer_error(f->nft) != 0 ||
        !run(f, print_all, &a, messages)) {
        filter_free(f);
        return NULL;
    }
    return f;
}

bool filter_close(filter *f)
{
    return run(f, print_close, f, NULL);
}

/* "counter NAME {" and then "packets N bytes N". */
static bool find_count(const char *text, const char *name, filter_count *out)
{
    char words[40];
    char *end = NULL;

    snprintf(words, sizeof words, "counter %s {", name);
    const char *at = strstr(text, words);
    at = at != NULL ? strstr(at, "packets ") : NULL;
    if (at == NULL) {
        return false;
    }
    out->packets = strtoull(at + strlen("packets "), &end, 10);
    if (strncmp(end, " bytes ", 7) != 0) {
        return false;
    }
    out->bytes = strtoull(end + 7, &end, 10);
    return *end == '\n';
}

bool filter_counts(filter *f, filter_count counts[COUNTERS])
{
    /* what was read before is in the buffer no more */
    if (!run(f, print_list, f, NULL)) {
        return false;
    }
    const char *text = nft_ctx_get_output_buffer(f->nft);
    for (size_t i = 0; i < COUNTERS; i++) {
        if (text == NULL || !find_count(text, rules_counters[i], &counts[i])) {
            return false;
        }
    }
    return true;
}

void filter_free(filter *f)
{
    if (f != NULL && f->nft != NULL) {
        nft_ctx_free(f->nft);
    }
    free(f);
}
