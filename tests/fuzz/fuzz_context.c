/* SPDX-License-Identifier: BSD-2-Clause */
/* The reader of context files. What it accepts the core must accept, too;
 * what it refuses it must explain in lines that a terminal can show. */
#include <context.h>

#include <stdio.h>
#include <stdlib.h>

static void check(bool good)
{
    if (!good) {
        abort();
    }
}

/* Every line names the text and says what is wrong. */
static void check_messages(const char *text, size_t len, bool refused)
{
    check(refused == (len > 0));
    for (size_t i = 0; i < len; i++) {
        const unsigned char c = (unsigned char)text[i];
        check(c == '\n' || (c >= 0x20 && c < 0x7f));
        if (i == 0 || text[i - 1] == '\n') {
            check(len - i > 3 && text[i] == 't' && text[i + 1] == ':');
        }
    }
    check(len == 0 || text[len - 1] == '\n');
}

static void check_span(covey_bytes b, size_t max)
{
    unsigned sum = 0;

    check(b.ptr != NULL && b.len <= max);
    for (size_t i = 0; i < b.len; i++) {
        sum += b.ptr[i]; /* readable */
    }
    check(sum <= b.len * 255);
}

static void check_group(const context_group *g)
{
    check(g->parameters.master_secret.len > 0 ||
          g->signature_encryption_key.len > 0);
    check_span(g->parameters.gid, 255);
    check_span(g->parameters.gm_cred, 4096);
    check((g->sender_id.ptr == NULL) == (g->private_key.ptr == NULL));
    check((g->sender_id.ptr == NULL) == (g->credential.ptr == NULL));
    for (size_t i = 0; i < g->member_count; i++) {
        check_span(g->members[i].id, COVEY_OSCORE_ID_MAX);
        check_span(g->members[i].credential, 4096);
        check_span(g->members[i].public_key, COVEY_PUBLIC_MAX);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = NULL;
    size_t len = 0;
    FILE *messages = open_memstream(&text, &len);

    check(messages != NULL);
    context_file *file =
        context_load_text((const char *)data, size, "t", messages);
    check(fclose(messages) == 0);
    check_messages(text, len, file == NULL);
    free(text);
    if (file == NULL) {
        return 0;
    }
    if (file->type == CONTEXT_OSCORE) {
        check(covey_oscore_check(&file->oscore.parameters) == COVEY_OK);
        check(file->oscore.sequence_number < COVEY_OSCORE_SSN_END);
    } else if (file->type == CONTEXT_GROUP) {
        check_group(&file->group);
    }
    context_free(file);
    return 0;
}
