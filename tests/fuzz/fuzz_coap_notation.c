/* SPDX-License-Identifier: BSD-2-Clause */
/* The notations of covey-coap(1). The first byte chooses:
 * 0 to 2: the rest is a message in that framing. If the core takes it, text
 *   and JSON must bring back its bytes; if not, the explanation must point
 *   into it.
 * else: the rest is text (odd) or JSON (even) as a person may have written. */
#include "coap_app.h"
#include "coap_oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static covey_status parse(enum coap_framing framing, covey_bytes b,
                          covey_coap_message *m, size_t *used)
{
    *used = b.len;
    if (framing == COAP_STREAM) {
        return covey_coap_parse_stream(m, b, used);
    }
    return framing == COAP_INNER ? covey_coap_parse_inner(m, b)
                                 : covey_coap_parse(m, b);
}

/* Reads one document; composes it if it can be read. */
static bool read_back(const char *text, size_t len, bool json, uint8_t **bytes,
                      size_t *count)
{
    struct coap_draft d;
    struct app_error error;
    size_t at = 0;
    unsigned line = 0;

    coap_draft_init(&d, COAP_DATAGRAM);
    bool ok = json ? coap_json_read(&d, text, len, &at, &error)
                   : coap_text_read(&d, text, &at, &line, &error);
    ok = ok && coap_draft_compose(&d, bytes, count, &error);
    coap_draft_free(&d);
    return ok;
}

static void check_message(enum coap_framing framing, covey_bytes b)
{
    struct coap_printer how = { framing, COVEY_KUDOS_14, b.len, 0 };
    covey_coap_message m;
    size_t used;

    if (parse(framing, b, &m, &used) != COVEY_OK) {
        bool complete;
        struct coap_fault f = coap_fault_find(framing, b, &complete);
        oracle(f.at <= b.len && f.expected != NULL && f.section != NULL);
        return;
    }
    how.code = m.code;
    for (int json = 0; json < 2; json++) {
        char *text = NULL;
        size_t len = 0;
        uint8_t *bytes;
        size_t count;
        FILE *file = open_memstream(&text, &len);

        oracle(file != NULL);
        if (json) {
            coap_json_print(file, &how, &m);
        } else {
            coap_text_print(file, &how, &m);
        }
        fclose(file);
        oracle(read_back(text, len, json != 0, &bytes, &count));
        oracle(count == used && memcmp(bytes, b.ptr, used) == 0);
        free(bytes);
        free(text);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    if (data[0] <= COAP_INNER) {
        check_message((enum coap_framing)data[0],
                      covey_bytes_of(data + 1, size - 1));
        return 0;
    }
    char *text = malloc(size);
    uint8_t *bytes;
    size_t count;
    oracle(text != NULL);
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    if (read_back(text, size - 1, data[0] % 2 == 0, &bytes, &count)) {
        free(bytes);
    }
    free(text);
    return 0;
}
