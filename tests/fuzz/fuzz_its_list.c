/* SPDX-License-Identifier: BSD-2-Clause */
/* A list: the first byte says under which PSID it came. What is accepted has
 * as many entries as it says, all of them inside, each found again. */
#include <covey/its_list.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void oracle(bool ok)
{
    if (!ok) {
        abort();
    }
}

static void check_trust(const covey_its_list *list)
{
    covey_bytes left = list->entries;
    covey_its_entry e;
    covey_its_cert c;
    uint32_t n = 0;

    while (covey_its_entry_next(&left, &e)) {
        if (e.certificate.ptr) {
            oracle(covey_its_cert_decode(&c, e.certificate, NULL) == COVEY_OK);
        }
        oracle(e.ids.len % COVEY_ITS_ID8 == 0);
        n++;
    }
    oracle(n == list->count && left.len == 0);
}

static void check_revocation(const covey_its_list *list)
{
    size_t n = list->kind == COVEY_ITS_LIST_ETSI_CRL ? COVEY_ITS_ID8 : 10;
    covey_its_digest d = { .len = 32 };

    oracle(list->entries.len == (size_t)list->count * list->stride);
    if (list->count > 0) {
        const uint8_t *last =
            list->entries.ptr + list->entries.len - list->stride;
        memcpy(d.bytes + 32 - n, last + (list->stride == 15 ? 1 : 0), n);
        oracle(covey_its_list_has(list, &d));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint64_t psids[] = { COVEY_ITS_PSID_CRL,
                                      COVEY_ITS_PSID_ETSI_CRL,
                                      COVEY_ITS_PSID_CTL, 36 };
    covey_its_finding why = { .reason = COVEY_ITS_FINE };
    covey_its_list list;

    if (size == 0) {
        return 0;
    }
    if (covey_its_list_decode(&list, covey_bytes_of(data + 1, size - 1),
                              psids[data[0] % 4], &why) != COVEY_OK) {
        oracle(why.reason != COVEY_ITS_FINE && why.in_data);
        return 0;
    }
    if (list.kind == COVEY_ITS_LIST_ECTL || list.kind == COVEY_ITS_LIST_CTL) {
        check_trust(&list);
    } else {
        check_revocation(&list);
    }
    return 0;
}
