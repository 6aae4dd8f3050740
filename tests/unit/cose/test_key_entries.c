/* SPDX-License-Identifier: BSD-2-Clause */
/* Every combination of right, wrong and missing entries, in two orders,
 * against the rules of RFC 9053 Section 7 written down once more. */
#include <covey/cose.h>

#include "kit.h"

/* Values of an entry; NONE leaves it out. */
enum value {
    NONE,
    BYTES_32,
    BYTES_31,
    BYTES_48,
    EVEN,
    ODD,
    TEXT,
    NUMBER /* and above: the number that is added */
};

struct combination {
    int kty;
    int crv;
    int x;
    int y;
    int d;
};

static void put_value(covey_writer *w, int value)
{
    static const uint8_t zeros[48];

    switch ((enum value)value) {
    case BYTES_32:
        covey_cbor_put_bytes(w, covey_bytes_of(zeros, 32));
        break;
    case BYTES_31:
        covey_cbor_put_bytes(w, covey_bytes_of(zeros, 31));
        break;
    case BYTES_48:
        covey_cbor_put_bytes(w, covey_bytes_of(zeros, 48));
        break;
    case EVEN:
    case ODD:
        covey_cbor_put_bool(w, value == ODD);
        break;
    case TEXT:
        covey_cbor_put_text(w, SPAN("P-256"));
        break;
    case NONE:
    case NUMBER:
    default:
        covey_cbor_put_int(w, value - NUMBER);
        break;
    }
}

/* Labels in the order in which they are written. */
static covey_bytes encode(uint8_t *storage, size_t cap,
                          const struct combination *c, bool backwards)
{
    const int labels[] = { 1, -1, -2, -3, -4 };
    const int values[] = { c->kty, c->crv, c->x, c->y, c->d };
    covey_writer w = covey_writer_of(storage, cap);
    size_t count = 0;

    for (size_t i = 0; i < COUNT_OF(values); i++) {
        count += values[i] != NONE;
    }
    covey_cbor_put_map(&w, count);
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        size_t at = backwards ? COUNT_OF(values) - 1 - i : i;

        if (values[at] != NONE) {
            covey_cbor_put_int(&w, labels[at]);
            put_value(&w, values[at]);
        }
    }
    assert_int_equal(COVEY_OK, w.failed);
    return covey_written(&w);
}

static int length(int value)
{
    return value == BYTES_32 ? 32 : value == BYTES_31 ? 31 : 48;
}

/* What a curve says of its keys; NULL for those that are none of these. */
struct curve {
    int crv;
    int kty;
    int len;
};

static const struct curve *curve_of(int crv)
{
    static const struct curve curves[] = {
        { NUMBER + COVEY_P256, NUMBER + COVEY_KTY_EC2, 32 },
        { NUMBER + COVEY_P384, NUMBER + COVEY_KTY_EC2, 48 },
        { NUMBER + COVEY_ED25519, NUMBER + COVEY_KTY_OKP, 32 },
    };

    for (size_t i = 0; i < COUNT_OF(curves); i++) {
        if (curves[i].crv == crv) {
            return &curves[i];
        }
    }
    return NULL;
}

/* A byte string of another length than the curve has. */
static bool wrong_length(int value, const struct curve *curve)
{
    return (value == BYTES_31 || value == BYTES_32 || value == BYTES_48) &&
           length(value) != curve->len;
}

/* What the parser must say of entries whose types are right. */
static covey_status model(const struct combination *c)
{
    const struct curve *curve = curve_of(c->crv);
    bool ec2 = c->kty == NUMBER + COVEY_KTY_EC2;
    bool okp = c->kty == NUMBER + COVEY_KTY_OKP;

    if (c->crv == TEXT || (c->kty != NONE && !ec2 && !okp)) {
        return COVEY_E_UNSUPPORTED;
    }
    if (c->kty == NONE || c->crv == NONE || c->x == NONE ||
        (c->y != NONE) != ec2) {
        return COVEY_E_FORMAT;
    }
    if (curve == NULL) {
        return COVEY_E_UNSUPPORTED;
    }
    if (c->kty != curve->kty || wrong_length(c->x, curve) ||
        wrong_length(c->y, curve) || wrong_length(c->d, curve)) {
        return COVEY_E_RANGE;
    }
    return COVEY_OK;
}

static void check_key(const covey_cose_key *key, const struct combination *c)
{
    assert_int_equal(c->kty - NUMBER, key->kty);
    assert_int_equal(c->crv - NUMBER, key->curve);
    assert_int_equal(length(c->x), key->x.len);
    assert_int_equal(c->y == BYTES_32 || c->y == BYTES_48, key->y.ptr != NULL);
    assert_int_equal(c->y == ODD, key->y_odd);
    assert_int_equal(c->d != NONE, key->d.ptr != NULL);
}

/* Both orders give the same result; returns whether it was a key. */
static bool check(const struct combination *c)
{
    covey_status expected = model(c);

    for (int backwards = 0; backwards < 2; backwards++) {
        uint8_t storage[256];
        covey_cose_key key;
        covey_bytes cbor = encode(storage, sizeof storage, c, backwards);
        covey_status st = covey_cose_key_parse(&key, cbor);

        if (st != expected) {
            fail_msg("kty %d crv %d x %d y %d d %d: %s, not %s", c->kty,
                     c->crv, c->x, c->y, c->d, covey_status_name(st),
                     covey_status_name(expected));
        }
        if (st == COVEY_OK) {
            check_key(&key, c);
        }
    }
    return expected == COVEY_OK;
}

static void every_combination_as_the_rules_say(void **state)
{
    static const int ktys[] = { NONE,       TEXT,       NUMBER,
                                NUMBER + 1, NUMBER + 2, NUMBER + 4 };
    static const int crvs[] = { NONE,       TEXT,       NUMBER,    NUMBER + 1,
                                NUMBER + 2, NUMBER + 6, NUMBER + 8 };
    static const int xs[] = { NONE, BYTES_31, BYTES_32, BYTES_48 };
    static const int ys[] = { NONE, BYTES_31, BYTES_32, BYTES_48, EVEN, ODD };
    static const int ds[] = { NONE, BYTES_31, BYTES_32, BYTES_48 };
    const size_t total = COUNT_OF(ktys) * COUNT_OF(crvs) * COUNT_OF(xs) *
                         COUNT_OF(ys) * COUNT_OF(ds);
    unsigned keys = 0;

    (void)state;
    for (size_t i = 0; i < total; i++) {
        size_t n = i;
        struct combination c;

        c.kty = ktys[n % COUNT_OF(ktys)];
        n /= COUNT_OF(ktys);
        c.crv = crvs[n % COUNT_OF(crvs)];
        n /= COUNT_OF(crvs);
        c.x = xs[n % COUNT_OF(xs)];
        n /= COUNT_OF(xs);
        c.y = ys[n % COUNT_OF(ys)];
        n /= COUNT_OF(ys);
        c.d = ds[n];
        keys += check(&c);
    }
    /* Ed25519, and P-256 and P-384 with three forms of y; with and without d
     */
    assert_int_equal((1 + 3 + 3) * 2, keys);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_combination_as_the_rules_say),
    };
    return KIT_RUN(tests);
}
