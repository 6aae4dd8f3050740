/* SPDX-License-Identifier: BSD-2-Clause */
/* Values of options. The first byte chooses one of two layouts of KUDOS (the
 * third is always tried) and the number for the check; the rest is the value.
 */
#include "coap_oracle.h"

#include <covey/coap_options.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_oscore(covey_bytes value, covey_kudos_layout kudos)
{
    uint16_t len[COVEY_OSCORE_PARTS];
    covey_oscore_option o;
    covey_oscore_option again;
    uint8_t room[255];
    covey_writer w = covey_writer_of(room, sizeof room);
    covey_status st = covey_oscore_option_split(len, value, kudos);
    size_t sum = 0;

    oracle(covey_oscore_option_parse(&o, value, kudos) == st);
    if (st != COVEY_OK) {
        return;
    }
    for (size_t i = 0; i < COVEY_OSCORE_PARTS; i++) {
        sum += len[i];
    }
    oracle(sum == value.len);
    oracle(covey_oscore_option_encode(&w, &o, kudos) == COVEY_OK);
    /* A second flag byte of zero says nothing and is not written. */
    if (len[COVEY_OSCORE_PART_FLAGS] < 2 || value.ptr[1] != 0) {
        oracle(w.pos == value.len);
        oracle(w.pos == 0 || memcmp(room, value.ptr, w.pos) == 0);
    }
    oracle(covey_oscore_option_parse(&again, covey_written(&w), kudos) ==
           COVEY_OK);
    oracle(covey_bytes_equal(o.kid, again.kid) &&
           covey_bytes_equal(o.partial_iv, again.partial_iv) &&
           covey_bytes_equal(o.kid_context, again.kid_context) &&
           covey_bytes_equal(o.nonce, again.nonce));
}

static void check_numbers(covey_bytes value)
{
    uint8_t buf[4];
    covey_bytes out;
    covey_block block;
    uint32_t v;
    uint32_t again;

    oracle((covey_option_uint(value, &v) == COVEY_OK) == (value.len <= 4));
    if (value.len <= 4) {
        out = covey_option_uint_encode(v, buf);
        oracle(out.len <= value.len);
        oracle(covey_option_uint(out, &again) == COVEY_OK && again == v);
    }
    oracle((covey_block_parse(value, &block) == COVEY_OK) == (value.len <= 3));
    if (value.len <= 3) {
        oracle(covey_block_encode(&block, buf, &out) == COVEY_OK);
        oracle(covey_option_uint(out, &again) == COVEY_OK && again == v);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t count;
    const covey_option_def *defs = covey_option_all(&count);
    covey_bytes value;

    if (size == 0) {
        return 0;
    }
    value = covey_bytes_of(data + 1, size - 1);
    check_oscore(value, data[0] & 1 ? COVEY_KUDOS_14 : COVEY_KUDOS_SEED);
    check_oscore(value, COVEY_KUDOS_CONVERGENT);
    check_numbers(value);
    const covey_option_def *def = &defs[data[0] / 2 % count];
    oracle((covey_option_check(def->number, value, false) == COVEY_OK) ==
           (value.len >= def->min && value.len <= def->max));
    return 0;
}
