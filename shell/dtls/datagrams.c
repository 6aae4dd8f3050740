/* SPDX-License-Identifier: BSD-2-Clause */
#include "datagrams.h"

#include "dtls.h"

#include <string.h>

static int on_write(BIO *bio, const char *bytes, int len)
{
    const struct datagrams *d = BIO_get_data(bio);

    if (len <= 0) {
        return 0;
    }
    d->depart(d->user, covey_bytes_of((const uint8_t *)bytes, (size_t)len));
    return len;
}

/* What does not fit is lost, as datagrams do. */
static int on_read(BIO *bio, char *bytes, int cap)
{
    struct datagrams *d = BIO_get_data(bio);
    size_t len = d->in.len;

    BIO_clear_retry_flags(bio);
    if (d->in.ptr == NULL || cap < 0) {
        BIO_set_retry_read(bio);
        return -1;
    }
    if (len > (size_t)cap) {
        len = (size_t)cap;
    }
    memcpy(bytes, d->in.ptr, len);
    d->in.ptr = NULL;
    return (int)len;
}

static long on_control(BIO *bio, int what, long number, void *pointer)
{
    (void)bio;
    (void)number;
    (void)pointer;
    switch (what) {
    case BIO_CTRL_FLUSH:
        return 1;
    case BIO_CTRL_DGRAM_QUERY_MTU:
    case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
        return DTLS_MTU;
    default:
        return 0;
    }
}

static int on_create(BIO *bio)
{
    BIO_set_init(bio, 1);
    return 1;
}

BIO_METHOD *datagrams_method(void)
{
    BIO_METHOD *m =
        BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "datagrams");

    if (m != NULL && BIO_meth_set_write(m, on_write) == 1 &&
        BIO_meth_set_read(m, on_read) == 1 &&
        BIO_meth_set_ctrl(m, on_control) == 1 &&
        BIO_meth_set_create(m, on_create) == 1) {
        return m;
    }
    BIO_meth_free(m);
    return NULL;
}

BIO *datagrams_bio(const BIO_METHOD *method, struct datagrams *d)
{
    BIO *bio = BIO_new(method);

    if (bio != NULL) {
        BIO_set_data(bio, d);
    }
    return bio;
}

covey_bytes datagrams_whole(covey_bytes datagram, size_t least,
                            uint32_t *later)
{
    covey_reader r = covey_reader_of(datagram);
    size_t whole = 0;

    *later = 0;
    while (r.pos < datagram.len) {
        const uint32_t type = covey_read_u8(&r);
        const uint32_t major = covey_read_u16(&r) >> 8;
        const uint32_t epoch = covey_read_u16(&r);
        (void)covey_read_bytes(&r, 6); /* sequence number */
        const uint32_t len = covey_read_u16(&r);
        (void)covey_read_bytes(&r, len);
        if (r.failed != COVEY_OK || major != 0xfe || type < 20 || type > 23 ||
            (epoch != 0 && len < least)) {
            break;
        }
        *later += epoch != 0;
        whole = r.pos;
    }
    return covey_bytes_of(whole > 0 ? datagram.ptr : NULL, whole);
}
