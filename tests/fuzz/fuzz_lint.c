/* SPDX-License-Identifier: BSD-2-Clause */
/* A list of groups or an inventory of keys, as the first byte says. What is
 * found has a line that the file has, and no key is in what is said. */
#include <apps/covey-audit/lint.h>

#include <crypto/scripted/scripted.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned lines;
static size_t found;

static void check(bool good)
{
    if (!good) {
        abort();
    }
}

/* --- what the program has for them --------------------------------------- */

bool lint_open(lint *l, const char *path)
{
    l->file = path;
    return true;
}

void lint_found(lint *l, unsigned which, unsigned line, const char *format,
                ...)
{
    char text[400];
    va_list args;

    va_start(args, format);
    check(vsnprintf(text, sizeof text, format, args) > 0);
    va_end(args);
    check(which < LINT_COUNT && line <= lines);
    check(l->file != NULL);
    found++;
}

bool audit_digest(const covey_crypto *crypto, covey_bytes bytes, char *hex)
{
    uint8_t digest[32];
    covey_writer w = covey_writer_of(digest, sizeof digest);
    covey_hash h;

    check(crypto->hash_begin(crypto->provider, COVEY_SHA_256, &h) == COVEY_OK);
    check(crypto->hash_update(crypto->provider, &h, bytes) == COVEY_OK);
    check(crypto->hash_finish(crypto->provider, &h, &w) == COVEY_OK);
    for (size_t i = 0; i < sizeof digest; i++) {
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    }
    return true;
}

/* ------------------------------------------------------------------------- */

static void look(bool group, char *text, size_t len, covey_crypto *crypto)
{
    char name[] = "-";
    char *files[] = { name };
    const audit_args args = { .files = files, .file_count = 1 };
    lint l = { .args = &args,
               .crypto = *crypto,
               .text = text,
               .text_len = len,
               .now = 1764450000 };

    found = 0;
    if (group) {
        lint_group(&l);
    } else {
        lint_psk(&l);
    }
    /* what could not be read has nothing to say */
    check(!l.failed || group || found == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static covey_scripted script;
    covey_crypto crypto;

    if (size == 0) {
        return 0;
    }
    char *text = malloc(size);
    check(text != NULL);
    memcpy(text, data + 1, size - 1);
    lines = 1;
    for (size_t i = 0; i + 1 < size; i++) {
        lines += text[i] == '\n' || text[i] == '\r' ? 1 : 0;
    }
    covey_scripted_open(&script, NULL, &crypto);
    look(data[0] == 'g', text, size - 1, &crypto);
    check(script.live == 0);
    free(text);
    return 0;
}
