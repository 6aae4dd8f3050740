/* SPDX-License-Identifier: BSD-2-Clause */
/* A server's block-wise input: the data are requests behind one another, each
 * a length byte and an OSCORE plaintext. Whatever Block1 and Block2 say, only
 * bytes of the buffer are written and only bytes of the body given out. */
#include "coap_oracle.h"

#include <covey/transfer.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void upload(covey_assembly *a, const covey_coap_message *m)
{
    const uint32_t before = a->len;
    covey_block block;
    covey_assembly_result r;

    if (!covey_option_sound_block(m, COVEY_OPTION_BLOCK1, &block)) {
        return;
    }
    r = covey_assembly_add(a, &block, m->payload);
    if (r == COVEY_ASSEMBLY_MORE || r == COVEY_ASSEMBLY_DONE) {
        oracle(a->len <= a->cap && m->payload.len <= a->len);
        oracle(block.num == 0 || a->len == before + m->payload.len);
        oracle(m->payload.len == 0 ||
               memcmp(a->buffer + a->len - m->payload.len, m->payload.ptr,
                      m->payload.len) == 0);
    } else {
        oracle(a->len == before);
    }
}

static void download(const covey_coap_message *m, uint8_t szx)
{
    const covey_serve serve = { 3000, 2048, szx, false };
    covey_slice s;
    const uint8_t code = covey_serve_block(&s, m, &serve);

    if (code == 0) {
        oracle(s.len > 0 && s.len <= 2048 && s.offset < 3000 &&
               s.len <= 3000 - s.offset && s.block.szx <= szx);
        oracle(s.block.more == (s.offset + s.len < 3000));
    } else {
        oracle(code == COVEY_COAP_CODE(4, 0));
    }
}

/* The same through the table, from one of two peers. */
static void collect(covey_uploads *u, const covey_coap_message *m, size_t at)
{
    covey_path path;
    covey_upload got;
    uint8_t code;

    memset(&path, 0, sizeof path);
    path.connection = 1 + (uint32_t)(at % 2);
    code = covey_uploads_receive(u, at, &path, 0, m, &got);
    oracle(code == 0 || got.body.ptr == NULL);
    oracle(!got.has_block1 || got.body.len <= u->slot);
    oracle(code == 0 || code == COVEY_COAP_CODE(2, 31) || code >> 5 >= 4);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    covey_upload_row rows[2] = { 0 };
    uint8_t *storage = malloc(2 * 200);
    covey_uploads uploads = { rows, storage, 2, 200, 99, 7, 1 };
    uint8_t *buffer = malloc(300);
    covey_assembly a = { buffer, 300, 0, 0 };
    covey_coap_message m;
    size_t at = 0;

    oracle(buffer != NULL && storage != NULL);
    while (at < size) {
        size_t len = data[at++];
        len = len < size - at ? len : size - at;
        if (covey_coap_parse_inner(&m, covey_bytes_of(data + at, len)) ==
            COVEY_OK) {
            upload(&a, &m);
            collect(&uploads, &m, at);
            download(&m, (uint8_t)(at % 8));
        }
        at += len;
    }
    free(buffer);
    free(storage);
    return 0;
}
