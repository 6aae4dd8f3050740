/* SPDX-License-Identifier: BSD-2-Clause */
/* What arrives at a server and at a client. First byte even: a datagram as it
 * comes, without the keys. Odd: an authentic message with any plaintext; the
 * second byte says how many of the following are options of the original
 * message, the rest is the plaintext. */
#include "coap_oracle.h"

#include <covey/oscore.h>
#include <crypto/scripted/scripted.h>

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Two ends and a request on its way. */
struct ends {
    covey_oscore_context client;
    covey_oscore_context server;
    covey_oscore_exchange asked;
    covey_oscore_exchange heard;
    uint8_t *room; /* of cap bytes each: message, scratch, what comes out */
    size_t cap;
};

static void set_up(covey_oscore_context *c, bool client)
{
    const covey_bytes ids[2] = {
        covey_bytes_of((const uint8_t *)"s", 1),
        covey_bytes_of((const uint8_t *)"c", 1),
    };
    const covey_oscore_parameters p = {
        .aead = COVEY_AES_CCM_16_64_128,
        .hkdf = COVEY_HMAC_256_256,
        .master_secret = covey_bytes_of((const uint8_t *)"secret", 6),
        .sender_id = ids[client],
        .recipient_id = ids[!client],
    };
    const covey_oscore_start start = { .window_in_memory = true };
    covey_oscore_state next;

    oracle(covey_oscore_setup(c, &covey_toy, &p, &start) == COVEY_OK);
    oracle(covey_oscore_due(c, &next));
    oracle(covey_oscore_stored(c, &next) == COVEY_OK);
}

static bool same_bytes(const void *a, const void *b, size_t n)
{
    return memcmp(a, b, n) == 0;
}

/* Only what is authentic may leave a trace; `forged` counts. */
static void untouched(const covey_oscore_context *before,
                      const covey_oscore_context *after)
{
    covey_oscore_context now = *after;

    now.forged = before->forged;
    oracle(same_bytes(before, &now, sizeof now));
}

static covey_unprotect receive(struct ends *e, const covey_coap_message *m,
                               bool request, covey_oscore_received *r,
                               covey_writer *out)
{
    const covey_oscore_work work = { .scratch = e->room + e->cap,
                                     .scratch_cap = e->cap };

    *out = covey_writer_of(e->room + 2 * e->cap, e->cap);
    return request ? covey_oscore_unprotect_request(&e->server, &e->heard, m,
                                                    &work, out, r)
                   : covey_oscore_unprotect_response(&e->client, &e->asked, m,
                                                     &work, out, r);
}

static void strangers(struct ends *e, covey_bytes datagram)
{
    const struct ends before = *e;
    covey_coap_message m;
    covey_oscore_received r;
    covey_writer out;

    if (covey_coap_parse(&m, datagram) != COVEY_OK) {
        return;
    }
    for (int request = 0; request < 2; request++) {
        if (receive(e, &m, request, &r, &out) == COVEY_UNPROTECT_REFUSED) {
            oracle(r.fault != COVEY_OSCORE_NO_FAULT && out.pos == 0);
            untouched(&before.client, &e->client);
        } else {
            /* The toy can be forged; what is accepted is a message. */
            oracle(covey_coap_parse(&m, covey_written(&out)) == COVEY_OK);
            return;
        }
    }
}

/* Sealed as it is, opened, and compared with what is inside. */
static void authentic(struct ends *e, const covey_coap_message *original,
                      covey_bytes plaintext, bool request)
{
    const covey_oscore_work work = { .own_piv = plaintext.len % 2 != 0 };
    covey_writer sealed = covey_writer_of(e->room, e->cap);
    covey_coap_message m;
    covey_coap_message inner;
    covey_oscore_received r;
    covey_writer out;
    covey_status st =
        request ? covey_oscore_seal_request(&e->client, &e->asked, original,
                                            plaintext, &work, &sealed)
                : covey_oscore_seal_response(&e->server, &e->heard, original,
                                             plaintext, &work, &sealed);

    if (st != COVEY_OK) {
        return; /* Proxy-Uri is no URI, or the plaintext is empty */
    }
    oracle(covey_coap_parse(&m, covey_written(&sealed)) == COVEY_OK);
    if (receive(e, &m, request, &r, &out) == COVEY_UNPROTECT_REFUSED) {
        oracle(r.fault == COVEY_OSCORE_BAD_PLAINTEXT ||
               r.fault == COVEY_OSCORE_UNASKED);
        return;
    }
    oracle(covey_coap_parse_inner(&inner, plaintext) == COVEY_OK);
    oracle(covey_coap_parse(&m, covey_written(&out)) == COVEY_OK);
    oracle_walk(&m);
    oracle(m.code == inner.code);
    oracle(covey_bytes_equal(m.payload, inner.payload));
}

static void members(struct ends *e, covey_bytes data)
{
    const size_t n = data.len > 0 && data.ptr[0] < data.len ? data.ptr[0] : 0;
    const covey_bytes plaintext =
        data.len > n ? covey_bytes_of(data.ptr + 1 + n, data.len - 1 - n)
                     : data;
    uint8_t original[4 + 255] = { 0x40, 0x01, 0, 1 };
    covey_coap_message m;

    if (n > 0) {
        memcpy(original + 4, data.ptr + 1, n);
    }
    if (covey_coap_parse(&m, covey_bytes_of(original, 4 + n)) != COVEY_OK) {
        return;
    }
    authentic(e, &m, plaintext, true);
    m.code = COVEY_COAP_CODE(2, 5);
    authentic(e, &m, plaintext, false);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* Before their first use exchanges are all zeros, as a caller's. */
    struct ends e = { .cap = 2 * size + COVEY_OSCORE_OVERHEAD_MAX + 300 };

    if (size == 0) {
        return 0;
    }
    e.room = malloc(3 * e.cap);
    oracle(e.room != NULL);
    set_up(&e.client, true);
    set_up(&e.server, false);
    if (data[0] % 2 == 0) {
        strangers(&e, covey_bytes_of(data + 1, size - 1));
    } else {
        members(&e, covey_bytes_of(data + 1, size - 1));
    }
    covey_oscore_drop(&e.client);
    covey_oscore_drop(&e.server);
    free(e.room);
    return 0;
}
