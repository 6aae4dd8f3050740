/* SPDX-License-Identifier: BSD-2-Clause */
/* Every input of up to three bytes, in both modes, against a model that
 * recurses and looks at nothing but the grammar of RFC 8949 Appendix C. */
#include <covey/cbor.h>

#include "kit.h"

struct model {
    const uint8_t *p;
    size_t len;
    size_t pos;
    bool deterministic;
};

static bool item(struct model *m, bool *is_break);

static bool byte(struct model *m, uint64_t *value)
{
    if (m->pos == m->len) {
        return false;
    }
    *value = *value << 8 | m->p[m->pos++];
    return true;
}

/* The bytes of an argument, 1 << n of them; shortest if that is asked for. */
static bool argument(struct model *m, unsigned n, uint64_t *value)
{
    static const uint64_t least[] = { 24, 1u << 8, 1u << 16,
                                      (uint64_t)1 << 32 };

    *value = 0;
    for (unsigned i = 0; i < 1u << n; i++) {
        if (!byte(m, value)) {
            return false;
        }
    }
    return !m->deterministic || *value >= least[n];
}

static bool items(struct model *m, uint64_t count)
{
    bool is_break = false;

    for (uint64_t i = 0; i < count; i++) {
        if (!item(m, &is_break) || is_break) {
            return false;
        }
    }
    return true;
}

static bool pairs(struct model *m, uint64_t count)
{
    size_t last = 0;
    size_t last_len = 0;

    for (uint64_t i = 0; i < count; i++) {
        size_t key = m->pos;
        size_t len;

        if (!items(m, 1)) {
            return false;
        }
        len = m->pos - key;
        if (m->deterministic && i > 0) {
            size_t common = len < last_len ? len : last_len;
            int order = memcmp(m->p + last, m->p + key, common);

            if (order > 0 || (order == 0 && last_len >= len)) {
                return false;
            }
        }
        if (!items(m, 1)) {
            return false;
        }
        last = key;
        last_len = len;
    }
    return true;
}

/* Until the break. */
static bool open_items(struct model *m, unsigned major)
{
    bool is_break = false;

    for (unsigned count = 0;; count++) {
        unsigned first = m->pos < m->len ? m->p[m->pos] : 0xff;

        if (major < 4 && first != 0xff &&
            (first >> 5 != major || (first & 0x1f) == 31)) {
            return false;
        }
        if (!item(m, &is_break)) {
            return false;
        }
        if (is_break) {
            return major != 5 || count % 2 == 0;
        }
    }
}

static bool definite(struct model *m, unsigned major, uint64_t value)
{
    switch (major) {
    case 2:
    case 3:
        if (value > m->len - m->pos) {
            return false;
        }
        m->pos += (size_t)value;
        return true;
    case 4:
        return items(m, value);
    case 5:
        return pairs(m, value);
    case 6:
        return items(m, 1);
    default:
        return true;
    }
}

static bool simple(struct model *m, unsigned info, bool *is_break)
{
    uint64_t value = 0;

    if (info < 24) {
        return true;
    }
    if (info == 24) {
        return byte(m, &value) && value >= 32;
    }
    *is_break = info == 31;
    if (m->deterministic || *is_break) {
        return !m->deterministic;
    }
    return info < 28 && argument(m, info - 24, &value);
}

static bool item(struct model *m, bool *is_break)
{
    uint64_t first = 0;
    uint64_t value;
    unsigned major;
    unsigned info;

    if (!byte(m, &first)) {
        return false;
    }
    major = (unsigned)first >> 5;
    info = (unsigned)first & 0x1f;
    if (major == 7) {
        return simple(m, info, is_break);
    }
    value = info;
    if (info >= 24 && info < 28 && !argument(m, info - 24, &value)) {
        return false;
    }
    if (info == 31) {
        return !m->deterministic && major >= 2 && major <= 5 &&
               open_items(m, major);
    }
    return info < 28 && definite(m, major, value);
}

static void compare(const uint8_t *p, size_t len, covey_cbor_mode mode)
{
    struct model m = { p, len, 0, mode == COVEY_CBOR_DETERMINISTIC };
    covey_cbor_reader r = covey_cbor_reader_of(covey_bytes_of(p, len), mode);
    bool is_break = false;
    bool sound = item(&m, &is_break) && !is_break;
    covey_bytes got = covey_cbor_get_item(&r);

    if (sound != (got.ptr != NULL) || (sound && got.len != m.pos) ||
        sound != (r.in.failed == COVEY_OK)) {
        fail_msg("mode %d, %zu bytes %02x %02x %02x: model %d, %zu bytes; "
                 "reader %s, %zu bytes",
                 (int)mode, len, p[0], p[1], p[2], sound, m.pos,
                 covey_status_name(r.in.failed), got.len);
    }
}

static void agrees_with_the_model(void **state)
{
    (void)state;
    for (size_t len = 0; len <= 3; len++) {
        for (uint32_t n = 0; n < (uint32_t)1 << 8 * len; n++) {
            uint8_t bytes[3] = { 0 };

            for (size_t i = 0; i < len; i++) {
                bytes[i] = (uint8_t)(n >> 8 * (len - 1 - i));
            }
            compare(bytes, len, COVEY_CBOR_DETERMINISTIC);
            compare(bytes, len, COVEY_CBOR_WELL_FORMED);
        }
    }
}

/* Longer ones, made of the bytes that open and close things. */
static void agrees_on_longer_structures(void **state)
{
    static const uint8_t alphabet[] = { 0x00, 0x01, 0x18, 0x19, 0x20, 0x40,
                                        0x41, 0x42, 0x5f, 0x61, 0x7f, 0x80,
                                        0x81, 0x82, 0x9f, 0xa0, 0xa1, 0xa2,
                                        0xa3, 0xbf, 0xc1, 0xd8, 0xf6, 0xf8,
                                        0xf9, 0xff, 0x58, 0xb8, 0x98, 0x17 };
    kit_random random = { 4711 };

    (void)state;
    for (unsigned i = 0; i < 1000000; i++) {
        uint8_t bytes[12];
        size_t len = 4 + kit_next(&random) % 9;

        for (size_t k = 0; k < len; k++) {
            bytes[k] = alphabet[kit_next(&random) % sizeof alphabet];
        }
        compare(bytes, len, (covey_cbor_mode)(i % 2));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_model),
        cmocka_unit_test(agrees_on_longer_structures),
    };
    return KIT_RUN(tests);
}
