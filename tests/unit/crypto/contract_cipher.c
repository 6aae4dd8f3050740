/* SPDX-License-Identifier: BSD-2-Clause */
#include "contract.h"

static const int32_t algs[] = { 1,      2,      3,      10,     11,    12,
                                13,     24,     30,     31,     32,    33,
                                -65534, -65533, -65532, -65537, -65538 };

enum {
    LONGEST = 300,
    ROOM = LONGEST + COVEY_TAG_MAX
};

static const uint8_t key_bytes[COVEY_KEY_MAX + 1] =
    "thirty-two bytes of a key, and 1";
static const uint8_t nonce_bytes[COVEY_NONCE_MAX + 1] = "nonce of 13 b";
static const uint8_t aad_bytes[] = "a header of thirty-odd bytes, say";

/* One message under one algorithm. */
struct message {
    covey_key key;
    covey_bytes nonce;
    covey_bytes aad;
    size_t tag_len;
    size_t sealed_len;
    uint8_t plain[LONGEST];
    uint8_t sealed[ROOM];
};

static covey_key key_for(int32_t alg)
{
    covey_key key;
    const covey_alg *a = covey_aead_find(alg);

    kit_case(covey_alg_name(alg));
    CHECK_STATUS(COVEY_OK, crypto.cipher_key(
                               crypto.provider, alg,
                               covey_bytes_of(key_bytes, a->key_len), &key));
    return key;
}

static void seal_into(struct message *m, size_t len)
{
    covey_writer w = covey_writer_of(m->sealed, len + m->tag_len);

    CHECK_STATUS(COVEY_OK,
                 crypto.seal(crypto.provider, &m->key, m->nonce, m->aad,
                             covey_bytes_of(m->plain, len), &w));
    m->sealed_len = len + m->tag_len;
    assert_int_equal(w.pos, m->sealed_len);
    CHECK_STATUS(COVEY_OK, w.failed);
}

static void begin(struct message *m, int32_t alg, size_t len)
{
    const covey_alg *a = covey_aead_find(alg);

    memset(m, 0, sizeof *m);
    m->key = key_for(alg);
    m->nonce = covey_bytes_of(nonce_bytes, a->nonce_len);
    if (a->kind != COVEY_ALG_CIPHER) {
        m->aad = covey_bytes_of(aad_bytes, sizeof aad_bytes);
    }
    m->tag_len = a->out_len;
    for (size_t i = 0; i < LONGEST; i++) {
        m->plain[i] = (uint8_t)(i * 7 + 1);
    }
    seal_into(m, len);
}

static void end(struct message *m)
{
    crypto.key_drop(crypto.provider, &m->key);
    kit_case(NULL);
}

/* Opens into storage that held something else; the status. */
static covey_status open_sealed(struct message *m, covey_bytes sealed)
{
    uint8_t opened[ROOM];
    covey_writer w = covey_writer_of(opened, sizeof opened);
    size_t len = sealed.len - m->tag_len;
    covey_status st = COVEY_OK;

    memset(opened, 0xa5, sizeof opened);
    st = crypto.open(crypto.provider, &m->key, m->nonce, m->aad, sealed, &w);
    if (st == COVEY_OK) {
        CHECK_SPAN(covey_bytes_of(m->plain, len), covey_written(&w));
    } else {
        assert_int_equal(w.pos, 0);
        /* Of the plaintext there must be nothing; a byte may be alike. */
        if (len >= 8 && len <= LONGEST) {
            assert_memory_not_equal(opened, m->plain, len);
        }
    }
    return st;
}

static covey_bytes whole(const struct message *m)
{
    return covey_bytes_of(m->sealed, m->sealed_len);
}

void opens_what_it_sealed_at_many_lengths(void **state)
{
    struct message m;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(algs); i++) {
        begin(&m, algs[i], 0);
        for (size_t len = 0; len <= LONGEST; len += len < 70 ? 1 : 23) {
            seal_into(&m, len);
            CHECK_STATUS(COVEY_OK, open_sealed(&m, whole(&m)));
            if (len >= 8) {
                assert_memory_not_equal(m.sealed, m.plain, len);
            }
        }
        if (m.aad.len > 0) {
            m.aad = covey_bytes_of(NULL, 0);
            seal_into(&m, 65);
            CHECK_STATUS(COVEY_OK, open_sealed(&m, whole(&m)));
            m.aad = covey_bytes_of(aad_bytes, 0); /* present and empty */
            CHECK_STATUS(COVEY_OK, open_sealed(&m, whole(&m)));
        }
        end(&m);
    }
}

/* Sealing over the plaintext gives the same bytes as beside it, and opening
 * over the ciphertext gives the plaintext; bytes before and after stay. */
void seals_and_opens_in_place(void **state)
{
    enum {
        BEFORE = 5,
        LEN = 65
    };
    struct message m;
    uint8_t storage[BEFORE + ROOM];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(algs); i++) {
        covey_writer w = covey_writer_of(storage, sizeof storage);
        begin(&m, algs[i], LEN);
        memset(storage, 0xee, sizeof storage);
        w.pos = BEFORE;
        memcpy(storage + BEFORE, m.plain, LEN);
        CHECK_STATUS(COVEY_OK,
                     crypto.seal(crypto.provider, &m.key, m.nonce, m.aad,
                                 covey_bytes_of(storage + BEFORE, LEN), &w));
        CHECK_SPAN(whole(&m),
                   covey_bytes_of(storage + BEFORE, w.pos - BEFORE));
        assert_int_equal(storage[BEFORE - 1], 0xee);
        assert_int_equal(storage[w.pos], 0xee);
        w.pos = BEFORE;
        CHECK_STATUS(
            COVEY_OK,
            crypto.open(crypto.provider, &m.key, m.nonce, m.aad,
                        covey_bytes_of(storage + BEFORE, m.sealed_len), &w));
        CHECK_SPAN(covey_bytes_of(m.plain, LEN),
                   covey_bytes_of(storage + BEFORE, w.pos - BEFORE));
        end(&m);
    }
}

static void flip(uint8_t *bytes, size_t bit)
{
    bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
}

/* Of ciphertext and tag, of the nonce, of the AAD, for a message with text
 * and for one without. */
static void refuse_all_flips(struct message *m)
{
    uint8_t sealed[ROOM];
    uint8_t nonce[COVEY_NONCE_MAX];
    uint8_t aad[sizeof aad_bytes];
    const covey_bytes good_nonce = m->nonce;
    const covey_bytes good_aad = m->aad;

    memcpy(sealed, m->sealed, m->sealed_len);
    for (size_t bit = 0; bit < m->sealed_len * 8; bit++) {
        flip(sealed, bit);
        CHECK_STATUS(COVEY_E_AUTH,
                     open_sealed(m, covey_bytes_of(sealed, m->sealed_len)));
        flip(sealed, bit);
    }
    memcpy(nonce, good_nonce.ptr, good_nonce.len);
    m->nonce = covey_bytes_of(nonce, good_nonce.len);
    for (size_t bit = 0; bit < good_nonce.len * 8; bit++) {
        flip(nonce, bit);
        CHECK_STATUS(COVEY_E_AUTH, open_sealed(m, whole(m)));
        flip(nonce, bit);
    }
    m->nonce = good_nonce;
    memcpy(aad, good_aad.ptr, good_aad.len);
    m->aad = covey_bytes_of(aad, good_aad.len);
    for (size_t bit = 0; bit < good_aad.len * 8; bit++) {
        flip(aad, bit);
        CHECK_STATUS(COVEY_E_AUTH, open_sealed(m, whole(m)));
        flip(aad, bit);
    }
    m->aad = covey_bytes_of(aad, good_aad.len - 1);
    CHECK_STATUS(COVEY_E_AUTH, open_sealed(m, whole(m)));
    m->aad = good_aad;
    CHECK_STATUS(COVEY_OK, open_sealed(m, whole(m)));
}

void refuses_every_flipped_bit(void **state)
{
    struct message m;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(algs); i++) {
        if (covey_aead_find(algs[i])->out_len == 0) {
            continue; /* CTR has nothing to refuse by */
        }
        begin(&m, algs[i], 29);
        refuse_all_flips(&m);
        seal_into(&m, 0);
        refuse_all_flips(&m);
        end(&m);
    }
}

void refuses_what_is_shorter_than_a_tag(void **state)
{
    struct message m;
    uint8_t opened[ROOM];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(algs); i++) {
        begin(&m, algs[i], 29);
        for (size_t len = 0; len < m.sealed_len && m.tag_len > 0; len++) {
            covey_writer w = covey_writer_of(opened, sizeof opened);
            CHECK_STATUS(COVEY_E_AUTH,
                         crypto.open(crypto.provider, &m.key, m.nonce, m.aad,
                                     covey_bytes_of(m.sealed, len), &w));
            assert_int_equal(w.pos, 0);
        }
        end(&m);
    }
}

void uses_one_key_for_many_messages_both_ways(void **state)
{
    struct message m;
    uint8_t first[ROOM];
    uint8_t nonce[COVEY_NONCE_MAX];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(algs); i++) {
        begin(&m, algs[i], 65);
        memcpy(first, m.sealed, sizeof first);
        for (uint32_t n = 1; n < 500; n++) {
            const covey_bytes kept = m.nonce;
            memcpy(nonce, kept.ptr, kept.len);
            nonce[kept.len - 1] ^= (uint8_t)n;
            nonce[kept.len - 2] ^= (uint8_t)(n >> 8);
            m.nonce = covey_bytes_of(nonce, kept.len);
            seal_into(&m, n % 90);
            CHECK_STATUS(COVEY_OK, open_sealed(&m, whole(&m)));
            m.nonce = kept;
        }
        seal_into(&m, 65); /* the first nonce again: the same bytes */
        assert_memory_equal(first, m.sealed, m.sealed_len);
        end(&m);
    }
}

void goes_on_after_a_forgery(void **state)
{
    struct message m;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(algs); i++) {
        begin(&m, algs[i], 40);
        if (m.tag_len > 0) {
            m.sealed[3] ^= 1;
            CHECK_STATUS(COVEY_E_AUTH, open_sealed(&m, whole(&m)));
            m.sealed[3] ^= 1;
        }
        CHECK_STATUS(COVEY_OK, open_sealed(&m, whole(&m)));
        end(&m);
    }
}

void refuses_keys_of_wrong_length(void **state)
{
    static const uint8_t raw[COVEY_KEY_MAX + 2];
    covey_key key;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(algs); i++) {
        for (size_t len = 0; len <= sizeof raw; len++) {
            bool right = len == covey_aead_find(algs[i])->key_len;
            memset(&key, 0xff, sizeof key);
            CHECK_STATUS(right ? COVEY_OK : COVEY_E_RANGE,
                         crypto.cipher_key(crypto.provider, algs[i],
                                           covey_bytes_of(raw, len), &key));
            crypto.key_drop(crypto.provider, &key); /* empty is allowed */
        }
    }
}

void refuses_nonces_of_wrong_length(void **state)
{
    static const uint8_t nonce[17];
    struct message m;
    uint8_t out[ROOM];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(algs); i++) {
        begin(&m, algs[i], 8);
        for (size_t len = 0; len <= sizeof nonce; len++) {
            covey_writer w = covey_writer_of(out, sizeof out);
            if (len == m.nonce.len) {
                continue;
            }
            CHECK_STATUS(COVEY_E_RANGE,
                         crypto.seal(crypto.provider, &m.key,
                                     covey_bytes_of(nonce, len), m.aad,
                                     covey_bytes_of(m.plain, 8), &w));
            CHECK_STATUS(COVEY_E_RANGE, crypto.open(crypto.provider, &m.key,
                                                    covey_bytes_of(nonce, len),
                                                    m.aad, whole(&m), &w));
            assert_int_equal(w.pos, 0);
        }
        end(&m);
    }
}

void refuses_aad_with_ctr(void **state)
{
    struct message m;
    uint8_t out[ROOM];

    (void)state;
    for (int32_t alg = COVEY_A128CTR; alg <= COVEY_A256CTR; alg++) {
        covey_writer w = covey_writer_of(out, sizeof out);
        begin(&m, alg, 8);
        CHECK_STATUS(COVEY_E_ARGUMENT,
                     crypto.seal(crypto.provider, &m.key, m.nonce,
                                 covey_bytes_of(aad_bytes, 1),
                                 covey_bytes_of(m.plain, 8), &w));
        CHECK_STATUS(COVEY_E_ARGUMENT,
                     crypto.open(crypto.provider, &m.key, m.nonce,
                                 covey_bytes_of(aad_bytes, 1), whole(&m), &w));
        assert_int_equal(w.pos, 0);
        end(&m);
    }
}

/* With 13 bytes of nonce two are left for the length. */
void refuses_more_than_ccm_can_count(void **state)
{
    static uint8_t storage[65536 + COVEY_TAG_MAX];
    struct message m;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(algs); i++) {
        begin(&m, algs[i], 1);
        for (size_t len = 65535; len <= 65536; len++) {
            covey_writer w = covey_writer_of(storage, sizeof storage);
            bool fits = m.nonce.len != 13 || len == 65535;
            CHECK_STATUS(fits ? COVEY_OK : COVEY_E_RANGE,
                         crypto.seal(crypto.provider, &m.key, m.nonce, m.aad,
                                     covey_bytes_of(storage, len), &w));
            w.pos = 0;
            CHECK_STATUS(fits ? COVEY_OK : COVEY_E_RANGE,
                         crypto.open(crypto.provider, &m.key, m.nonce, m.aad,
                                     covey_bytes_of(storage, len + m.tag_len),
                                     &w));
        }
        end(&m);
    }
}

void refuses_to_seal_without_room(void **state)
{
    struct message m;
    uint8_t out[ROOM];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(algs); i++) {
        begin(&m, algs[i], 20);
        for (size_t cap = 0; cap < m.sealed_len; cap++) {
            covey_writer w = covey_writer_of(out, cap);
            memset(out, 0xa5, sizeof out);
            CHECK_STATUS(COVEY_E_ROOM,
                         crypto.seal(crypto.provider, &m.key, m.nonce, m.aad,
                                     covey_bytes_of(m.plain, 20), &w));
            CHECK_STATUS(cap < 20 ? COVEY_E_ROOM : COVEY_OK,
                         crypto.open(crypto.provider, &m.key, m.nonce, m.aad,
                                     whole(&m), &w));
            assert_int_equal(w.pos, cap < 20 ? 0 : 20);
            assert_int_equal(out[cap], 0xa5);
        }
        covey_writer failed = { out, sizeof out, 0, COVEY_E_SHORT };
        CHECK_STATUS(COVEY_E_SHORT,
                     crypto.seal(crypto.provider, &m.key, m.nonce, m.aad,
                                 covey_bytes_of(m.plain, 20), &failed));
        CHECK_STATUS(COVEY_E_SHORT,
                     crypto.open(crypto.provider, &m.key, m.nonce, m.aad,
                                 whole(&m), &failed));
        end(&m);
    }
}

void encrypts_with_algorithms_for_encryption_only(void **state)
{
    static const int32_t others[] = { 0,   4,   5,   -7,     -8,       -16,
                                      -27, 9,   25,  -65531, -65535,   -65530,
                                      26,  100, -10, 14,     INT32_MAX };
    covey_key key;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        CHECK_STATUS(COVEY_E_UNSUPPORTED,
                     crypto.cipher_key(crypto.provider, others[i],
                                       covey_bytes_of(key_bytes, 16), &key));
    }
}
