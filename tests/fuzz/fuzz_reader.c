/* SPDX-License-Identifier: BSD-2-Clause */
/* Files that an audit takes over: the first byte says of which kind, the rest
 * is the file. Whatever is in it, the lines are printable ASCII with tabs
 * between fields, of a kind and a number of fields that the importer knows,
 * and the last of them says whether all was read. */
#include <apps/covey-audit/reader.h>
#include <crypto/openssl/openssl.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
    if (!good) {
        abort();
    }
}

static void check_line(const char *line, size_t len)
{
    static const struct {
        const char *word;
        unsigned fields;
    } rows[] = { { "scan", 4 },    { "port", 10 },   { "system", 4 },
                 { "rest", 3 },    { "flow", 7 },    { "secret", 5 },
                 { "other", 1 },   { "outside", 4 }, { "field", 2 },
                 { "expires", 1 }, { "signed", 0 },  { "fault", 1 },
                 { "end", 2 } };
    unsigned fields = 0;
    size_t field = 0;

    check(len <= READER_LINE_MAX);
    for (size_t i = 0; i < len; i++) {
        check(line[i] == '\t' || (line[i] >= ' ' && line[i] <= '~'));
        fields += line[i] == '\t' ? 1 : 0;
        field = line[i] == '\t' ? 0 : field + 1;
        check(field <= READER_FIELD_MAX);
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const size_t word = strlen(rows[i].word);
        if (len >= word && memcmp(line, rows[i].word, word) == 0 &&
            (len == word || line[word] == '\t')) {
            check(fields == rows[i].fields);
            return;
        }
    }
    check(false);
}

static void check_lines(const char *text, size_t len)
{
    const char *last = text;

    check(len > 0 && text[len - 1] == '\n');
    for (size_t at = 0; at < len;) {
        const char *end = memchr(text + at, '\n', len - at);
        last = text + at;
        check_line(last, (size_t)(end - last));
        at = (size_t)(end - text) + 1;
    }
    check(strncmp(last, "end\tcomplete\t", 13) == 0 ||
          strncmp(last, "end\tpartial\t", 12) == 0 ||
          (strncmp(last, "end\tnone\t", 9) == 0 && last == text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const kinds[] = { "nmap", "pcap", "shadowserver",
                                         "security.txt" };
    static covey_crypto crypto;
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    reader r = { .out = out, .crypto = &crypto };

    check(out != NULL && reader_find("zip") == NULL);
    if (crypto.hash_begin == NULL) {
        check(covey_openssl_open(&crypto) == COVEY_OK);
    }
    if (size > 0) {
        const reader_kind *kind = reader_find(kinds[data[0] % 4]);
        kind->parse(&r, covey_bytes_of(data + 1, size - 1));
    }
    check(fclose(out) == 0);
    if (size > 0) {
        check_lines(text, len);
    }
    free(text);
    return 0;
}
