/* SPDX-License-Identifier: BSD-2-Clause */
/* Certificates out of files, in DER or PEM. */
#include <covey/x509.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <string.h>

enum {
    TAG_SEQUENCE = 0x30,
    LENGTH_OF_ONE = 0x81, /* X.690 Section 8.1.3.5: bytes of the length */
    LENGTH_OF_TWO = 0x82
};

/* How many bytes the element takes whose first bytes are these; the longest
 * certificate is 64 kB. */
static covey_status element(covey_reader r, size_t *len)
{
    const size_t from = r.pos;
    const uint8_t tag = covey_read_u8(&r);
    size_t n = covey_read_u8(&r);

    if (n == LENGTH_OF_ONE) {
        n = covey_read_u8(&r);
    } else if (n == LENGTH_OF_TWO) {
        n = covey_read_u16(&r);
    } else if (n >= 0x80) {
        return r.failed != COVEY_OK ? r.failed : COVEY_E_FORMAT;
    }
    (void)covey_read_bytes(&r, n);
    if (r.failed == COVEY_OK && tag != TAG_SEQUENCE) {
        return COVEY_E_FORMAT;
    }
    *len = r.pos - from;
    return r.failed;
}

covey_status covey_x509_read_der(covey_bytes file, covey_bytes *certificates,
                                 size_t max, size_t *count)
{
    covey_reader r = covey_reader_of(file);
    size_t n = 0;

    while (covey_read_left(&r) > 0) {
        size_t len = 0;
        const covey_status st = element(r, &len);
        if (st != COVEY_OK) {
            return st;
        }
        if (n == max) {
            return COVEY_E_ROOM;
        }
        certificates[n++] = covey_read_bytes(&r, len);
    }
    *count = n;
    return COVEY_OK;
}

/* A bare certificate: RFC 7468 Section 5.1, without the headers of RFC 1421.
 */
static covey_status keep(const char *name, const char *header,
                         covey_bytes data, covey_writer *der)
{
    if (strcmp(name, PEM_STRING_X509) != 0 || header[0] != '\0') {
        return COVEY_E_FORMAT;
    }
    covey_write_bytes(der, data);
    return der->failed;
}

/* The next block. *more: there was one. */
static covey_status next(BIO *in, covey_writer *der, bool *more)
{
    char *name = NULL;
    char *header = NULL;
    unsigned char *data = NULL;
    long len = 0;
    covey_status st = COVEY_OK;

    *more = PEM_read_bio(in, &name, &header, &data, &len) == 1;
    if (*more) {
        st = keep(name, header, covey_bytes_of(data, (size_t)len), der);
    } else if (ERR_GET_REASON(ERR_peek_last_error()) == ERR_R_MALLOC_FAILURE) {
        st = COVEY_E_CRYPTO;
    } else if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) {
        st = COVEY_E_FORMAT;
    }
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_clear_free(data, (size_t)len); /* it may be a private key */
    ERR_clear_error();
    return st;
}

static covey_status read_all(BIO *in, covey_writer *der,
                             covey_bytes *certificates, size_t max,
                             size_t *count)
{
    bool more = true;
    size_t n = 0;

    while (more) {
        const size_t from = der->pos;
        const covey_status st = next(in, der, &more);
        if (st != COVEY_OK) {
            return st;
        }
        if (more && n == max) {
            return COVEY_E_ROOM;
        }
        if (more) {
            certificates[n++] =
                covey_bytes_of(der->base + from, der->pos - from);
        }
    }
    *count = n;
    return COVEY_OK;
}

covey_status covey_x509_read_pem(covey_bytes text, covey_writer *der,
                                 covey_bytes *certificates, size_t max,
                                 size_t *count)
{
    if (text.len > INT32_MAX) {
        return COVEY_E_FORMAT;
    }
    BIO *in = BIO_new_mem_buf(text.len > 0 ? (const void *)text.ptr : "",
                              (int)text.len);
    if (in == NULL) {
        ERR_clear_error();
        return COVEY_E_CRYPTO;
    }
    const covey_status st = read_all(in, der, certificates, max, count);
    BIO_free(in);
    return st;
}
