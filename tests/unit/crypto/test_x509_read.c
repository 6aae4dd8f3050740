/* SPDX-License-Identifier: BSD-2-Clause */
/* Certificates out of files. */
#include "x509_make.h"

#include <covey/x509.h>

#include <openssl/err.h>
#include <openssl/pem.h>

/* --- DER: only the outer structure counts ------------------------------- */

struct row {
    const char *why;
    const char *hex;
    covey_status status;
    size_t count;
};

/* clang-format off */
static const struct row rows[] = {
    { "nothing", "", COVEY_OK, 0 },
    { "an empty one", "3000", COVEY_OK, 1 },
    { "two", "30020000 300101", COVEY_OK, 2 },
    { "as many as there may be", "3000 3000 3000", COVEY_OK, 3 },
    { "one more", "3000 3000 3000 3000", COVEY_E_ROOM, 0 },
    { "a length of one byte", "308103 010203", COVEY_OK, 1 },
    { "a length of two bytes", "30820003 010203", COVEY_OK, 1 },
    { "no length", "30", COVEY_E_SHORT, 0 },
    { "half a length", "308200", COVEY_E_SHORT, 0 },
    { "too short", "300100 3001", COVEY_E_SHORT, 0 },
    { "too short by the length", "3082ffff 00", COVEY_E_SHORT, 0 },
    { "no SEQUENCE", "0400", COVEY_E_FORMAT, 0 },
    { "a line end behind it", "3000 0a00", COVEY_E_FORMAT, 0 },
    { "a byte behind it", "3000 30", COVEY_E_SHORT, 0 },
    { "an indefinite length", "3080 0000", COVEY_E_FORMAT, 0 },
    { "a length of three bytes", "3083000001 00", COVEY_E_FORMAT, 0 },
    { "a reserved length", "30ff", COVEY_E_FORMAT, 0 },
};
/* clang-format on */

static void divides_der(void **state)
{
    uint8_t storage[100];
    covey_bytes parts[3];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const covey_bytes in = kit_hex(rows[i].hex, storage, sizeof storage);
        size_t count = 77;
        kit_case(rows[i].why);
        CHECK_STATUS(rows[i].status,
                     covey_x509_read_der(in, parts, COUNT_OF(parts), &count));
        const bool good = rows[i].status == COVEY_OK;
        assert_int_equal(good ? rows[i].count : 77, count);
        size_t sum = 0;
        for (size_t k = 0; good && k < count; k++) {
            assert_ptr_equal(in.ptr + sum, parts[k].ptr);
            sum += parts[k].len;
        }
        assert_int_equal(good ? in.len : 0, sum);
    }
    kit_case(NULL);
}

/* --- PEM ---------------------------------------------------------------- */

struct fixture {
    made one;
    made two;
    char text[8000];
};

static void append_text(struct fixture *f, covey_bytes text)
{
    const size_t at = strlen(f->text);

    assert_in_range(text.len, 0, sizeof f->text - 1 - at);
    memcpy(f->text + at, text.ptr, text.len);
    f->text[at + text.len] = '\0';
}

static void append(struct fixture *f, BIO *from)
{
    char *data = NULL;
    const long len = BIO_get_mem_data(from, &data);

    append_text(f, covey_bytes_of((const uint8_t *)data, (size_t)len));
    BIO_free(from);
}

static void append_certificate(struct fixture *f, X509 *cert)
{
    BIO *out = BIO_new(BIO_s_mem());

    assert_int_equal(1, PEM_write_bio_X509(out, cert));
    append(f, out);
}

static void append_key(struct fixture *f, EVP_PKEY *key)
{
    BIO *out = BIO_new(BIO_s_mem());

    assert_int_equal(
        1, PEM_write_bio_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL));
    append(f, out);
}

static struct fixture *begin(void)
{
    static const plan ca = {
        .name = "ca", .from = 1, .to = 1900000000, .key = EVP_PKEY_ED25519
    };
    static struct fixture f;

    memset(&f, 0, sizeof f);
    make(&f.one, &ca, &ca, NULL);
    make(&f.two, &ca, &ca, &f.one);
    return &f;
}

static void end(struct fixture *f)
{
    unmake(&f->one);
    unmake(&f->two);
}

static covey_status read_text(const char *text, covey_writer *w,
                              covey_bytes *parts, size_t max, size_t *count)
{
    const covey_status st = covey_x509_read_pem(
        covey_bytes_of((const uint8_t *)text, strlen(text)), w, parts, max,
        count);

    assert_int_equal(0, ERR_peek_error());
    return st;
}

static void refuses(const char *text, covey_status expected)
{
    uint8_t storage[4000];
    covey_writer w = covey_writer_of(storage, sizeof storage);
    covey_bytes parts[2];
    size_t count = 77;

    CHECK_STATUS(expected, read_text(text, &w, parts, 2, &count));
    assert_int_equal(77, count);
}

static void reads_pem_between_other_text(void **state)
{
    struct fixture *f = begin();
    uint8_t storage[4000];
    covey_writer w = covey_writer_of(storage, sizeof storage);
    covey_bytes parts[2];
    size_t count = 77;

    (void)state;
    append_text(f, SPAN("subject=CN = ca\n"));
    append_certificate(f, f->one.cert);
    append_text(f, SPAN("\r\nthe other one:\r\n"));
    append_certificate(f, f->two.cert);
    append_text(f, SPAN("the end\n"));
    CHECK_STATUS(COVEY_OK, read_text(f->text, &w, parts, 2, &count));
    assert_int_equal(2, count);
    CHECK_SPAN(der_of(&f->one), parts[0]);
    CHECK_SPAN(der_of(&f->two), parts[1]);
    end(f);
}

static void finds_nothing_where_nothing_is(void **state)
{
    static const char *const texts[] = { "", "\n", "words\nand words\n" };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        covey_writer w = covey_writer_of(NULL, 0);
        size_t count = 77;
        CHECK_STATUS(COVEY_OK, read_text(texts[i], &w, NULL, 0, &count));
        assert_int_equal(0, count);
    }
}

static void refuses_private_keys(void **state)
{
    struct fixture *f = begin();

    (void)state;
    append_certificate(f, f->one.cert);
    append_key(f, f->one.key);
    refuses(f->text, COVEY_E_FORMAT);
    end(f);
}

static void refuses_damaged_pem(void **state)
{
    struct fixture *f = begin();
    char *at;

    (void)state;
    append_certificate(f, f->one.cert);
    at = strchr(f->text, '\n') + 5;
    *at = '!';
    refuses(f->text, COVEY_E_FORMAT);
    *at = 'A';
    *strstr(f->text, "-----END") = '\0';
    refuses(f->text, COVEY_E_FORMAT);
    refuses("-----BEGIN CERTIFICATE-----\n", COVEY_E_FORMAT);
    refuses("-----BEGIN CERTIFICATE-----\nAAAA\n-----END X-----\n",
            COVEY_E_FORMAT);
    refuses("-----BEGIN CERTIFICATE-----\nProc-Type: 4,CLEAR\n\nAAAA\n"
            "-----END CERTIFICATE-----\n",
            COVEY_E_FORMAT);
    end(f);
}

static void refuses_what_does_not_fit(void **state)
{
    struct fixture *f = begin();
    uint8_t storage[4000];
    covey_bytes parts[1];
    size_t count = 77;

    (void)state;
    append_certificate(f, f->one.cert);
    for (size_t cap = 0; cap < f->one.len; cap += 50) {
        covey_writer w = covey_writer_of(storage, cap);
        CHECK_STATUS(COVEY_E_ROOM, read_text(f->text, &w, parts, 1, &count));
    }
    append_certificate(f, f->two.cert);
    covey_writer w = covey_writer_of(storage, sizeof storage);
    CHECK_STATUS(COVEY_E_ROOM, read_text(f->text, &w, parts, 1, &count));
    assert_int_equal(77, count);
    end(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(divides_der),
        cmocka_unit_test(reads_pem_between_other_text),
        cmocka_unit_test(finds_nothing_where_nothing_is),
        cmocka_unit_test(refuses_private_keys),
        cmocka_unit_test(refuses_damaged_pem),
        cmocka_unit_test(refuses_what_does_not_fit),
    };
    return KIT_RUN(tests);
}
