/* SPDX-License-Identifier: BSD-2-Clause */
/* A whole check of covey-audit, whatever its target answers. First its id, as
 * "CO-01", and a byte: 01 takes the first packet as the list that CO-01 kept,
 * 02 gives it an inventory, 10 and 20 are the second and third check of this
 * id. Then packets: length (2 bytes, the first bit: to the
 * canary) and bytes. Tokens and Message IDs are a5. A check sends no more than
 * its row says, and ends. */
#include <fake_probe.h>

#include <crypto/scripted/scripted.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    ID = 5 /* letters of "CO-01" */
};

static fake f;

static void check(bool good)
{
    if (!good) {
        abort();
    }
}

static const audit_check *find(const audit_check *all, size_t count,
                               const uint8_t *id)
{
    unsigned skip = id[ID] >> 4;

    for (size_t i = 0; i < count; i++) {
        if (memcmp(all[i].id, id, ID) == 0 && skip-- == 0) {
            return &all[i];
        }
    }
    return NULL;
}

static bool next(fake *t, fake_packet *out)
{
    covey_bytes *left = t->user;
    covey_reader r = covey_reader_of(*left);
    const uint16_t head = covey_read_u16(&r);

    out->canary = (head & 0x8000) != 0;
    out->bytes = covey_read_bytes(&r, head & 0x7fff);
    *left = covey_read_rest(&r);
    return r.failed == COVEY_OK;
}

static covey_bytes facts_of(uint8_t *storage, size_t cap)
{
    static const uint8_t psid[] = { 0, 0, 0, 36 };
    static const uint8_t place[] = { 0x1d, 0xcd, 0x65, 0, 5, 0xf5, 0xe1, 0 };
    covey_writer w = covey_writer_of(storage, cap);

    fact_put(&w, FACT_NAME, covey_bytes_text("lamp.example"));
    fact_put(&w, FACT_RESOURCE, covey_bytes_text("/a"));
    fact_put(&w, FACT_PSID, covey_bytes_of(psid, sizeof psid));
    fact_put(&w, FACT_SSP, covey_bytes_of(psid, 1));
    fact_put(&w, FACT_POSITION, covey_bytes_of(place, sizeof place));
    fact_put(&w, FACT_COUNTRY, covey_bytes_of(psid, sizeof psid));
    return covey_written(&w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static covey_scripted scripted;
    static covey_crypto crypto;
    uint8_t storage[200];
    size_t count = 0;
    const audit_check *all = audit_checks(&count);
    fake_packet first = { .canary = false };

    if (size <= ID) {
        return 0;
    }
    const audit_check *c = find(all, count, data);
    covey_bytes left = covey_bytes_of(data + ID + 1, size - ID - 1);
    if (c == NULL) {
        return 0;
    }
    covey_scripted_open(&scripted, NULL, &crypto);
    fake_open(&f, next, &left);
    f.p.crypto = &crypto;
    if ((data[ID] & 1) != 0 && next(&f, &first) &&
        first.bytes.len <= WIRE_KEPT_MAX) {
        f.p.kept = first.bytes;
    }
    if ((data[ID] & 2) != 0) {
        f.p.facts = facts_of(storage, sizeof storage);
    }
    const enum audit_outcome outcome = c->run(&f.p);
    check((unsigned)outcome < OUTCOMES);
    check(f.sent <= c->packets);
    check(f.kept <= WIRE_KEPT_MAX);
    check(scripted.live == 0);
    fake_close(&f);
    return 0;
}
