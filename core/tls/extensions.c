/* SPDX-License-Identifier: BSD-2-Clause */
/* Extensions (RFC 8446 Section 4.2): which may stand where, and those that
 * are the same in both roles. */
#include "tls_internal.h"

struct row {
    uint16_t number;
    uint8_t places; /* of tls_place */
    int8_t index;   /* tls_extension; NONE: known, and nothing to us */
};

enum {
    NONE = -1,
    CH = IN_CLIENT_HELLO,
    SH = IN_SERVER_HELLO,
    HRR = IN_RETRY,
    EE = IN_ENCRYPTED_EXTENSIONS,
    CR = IN_CERTIFICATE_REQUEST,
    CT = IN_CERTIFICATE,
    NST = IN_TICKET,

    LIMIT_MIN = 64 /* RFC 8449 Section 4 */
};

/* The table of RFC 8446 Section 4.2, RFC 8449 and RFC 7250. */
/* clang-format off */
static const struct row rows[] = {
    {  0, CH | EE,       EXT_SERVER_NAME },
    {  1, CH | EE,       NONE }, /* max_fragment_length */
    {  5, CH | CR | CT,  NONE }, /* status_request */
    { 10, CH | EE,       EXT_SUPPORTED_GROUPS },
    { 13, CH | CR,       EXT_SIGNATURE_ALGORITHMS },
    { 14, CH | EE,       NONE }, /* use_srtp */
    { 15, CH | EE,       NONE }, /* heartbeat */
    { 16, CH | EE,       EXT_ALPN },
    { 18, CH | CR | CT,  NONE }, /* signed_certificate_timestamp */
    { 19, CH | EE,       EXT_CLIENT_CERTIFICATE_TYPE },
    { 20, CH | EE,       EXT_SERVER_CERTIFICATE_TYPE },
    { 21, CH,            NONE }, /* padding */
    { 28, CH | EE,       EXT_RECORD_SIZE_LIMIT },
    { 41, CH | SH,       EXT_PRE_SHARED_KEY },
    { 42, CH | EE | NST, EXT_EARLY_DATA },
    { 43, CH | SH | HRR, EXT_SUPPORTED_VERSIONS },
    { 44, CH | HRR,      EXT_COOKIE },
    { 45, CH,            EXT_PSK_MODES },
    { 47, CH | CR,       NONE }, /* certificate_authorities */
    { 48, CR,            NONE }, /* oid_filters */
    { 49, CH,            NONE }, /* post_handshake_auth */
    { 50, CH | CR,       NONE }, /* signature_algorithms_cert */
    { 51, CH | SH | HRR, EXT_KEY_SHARE },
};
/* clang-format on */

enum {
    ROWS = sizeof rows / sizeof rows[0]
};

static size_t row_of(unsigned number)
{
    size_t i = 0;

    while (i < ROWS && rows[i].number != number) {
        i++;
    }
    return i;
}

/* In answers there may be only what was asked for; a cookie is not asked for
 * (Section 4.2.2), and requests and tickets are no answers. */
static bool asked_for(const covey_tls *t, enum tls_place place, size_t row)
{
    if ((place & (SH | HRR | EE | CT)) == 0) {
        return true;
    }
    if (row == ROWS || rows[row].index == NONE) {
        return false;
    }
    return (place == IN_RETRY && rows[row].index == EXT_COOKIE) ||
           (t->offered >> rows[row].index & 1) != 0;
}

/* Where a row may stand; certificate types also in ServerHello for the one
 * who asked for that. */
static unsigned places_of(const covey_tls *t, const struct row *r)
{
    bool type = r->index == EXT_CLIENT_CERTIFICATE_TYPE ||
                r->index == EXT_SERVER_CERTIFICATE_TYPE;

    return r->places | (type && t->config->types_in_server_hello ? SH : 0u);
}

static covey_status admit(covey_tls *t, enum tls_place place, size_t row,
                          uint32_t *seen)
{
    if (row < ROWS && (places_of(t, &rows[row]) & place) == 0) {
        return covey__tls_fail(t, COVEY_TLS_ILLEGAL_PARAMETER,
                               "an extension stands in another message than "
                               "it may",
                               "RFC 8446 Section 4.2");
    }
    if (!asked_for(t, place, row)) {
        return covey__tls_fail(t, COVEY_TLS_UNSUPPORTED_EXTENSION,
                               "an extension answers what was not asked",
                               "RFC 8446 Section 4.2");
    }
    if (row < ROWS && (*seen >> row & 1) != 0) {
        return covey__tls_fail(t, COVEY_TLS_ILLEGAL_PARAMETER,
                               "an extension is there twice",
                               "RFC 8446 Section 4.2");
    }
    if (row < ROWS) {
        *seen |= UINT32_C(1) << row;
    }
    return COVEY_OK;
}

covey_status covey__tls_extensions_read(covey_tls *t, covey_bytes list,
                                        enum tls_place place,
                                        struct tls_extensions *out)
{
    covey_reader r = covey_reader_of(list);
    uint32_t seen = 0;

    memset(out, 0, sizeof *out);
    while (covey_read_left(&r) > 0) {
        size_t row = row_of(covey_read_u16(&r));
        covey_bytes value = covey__tls_vector(&r, 2);
        if (r.failed != COVEY_OK) {
            break;
        }
        if (place == IN_CLIENT_HELLO && out->value[EXT_PRE_SHARED_KEY].ptr) {
            return covey__tls_fail(t, COVEY_TLS_ILLEGAL_PARAMETER,
                                   "pre_shared_key is not the last extension",
                                   "RFC 8446 Section 4.2.11");
        }
        covey_status st = admit(t, place, row, &seen);
        if (st != COVEY_OK) {
            return st;
        }
        if (row < ROWS && rows[row].index != NONE) {
            out->value[rows[row].index] = value;
        }
    }
    if (!covey_read_done(&r)) {
        return covey__tls_fail(t, COVEY_TLS_DECODE_ERROR,
                               "a list of extensions ends too early",
                               "RFC 8446 Section 4.2");
    }
    return COVEY_OK;
}

size_t covey__tls_extension(covey_tls *t, covey_writer *w,
                            enum tls_extension which)
{
    size_t i = 0;

    while (rows[i].index != (int8_t)which) {
        i++;
    }
    t->offered |= UINT32_C(1) << which;
    covey_write_u16(w, rows[i].number);
    return covey__tls_begin(w, 2);
}

/* Absent if it is not a list of at least one. */
covey_bytes covey__tls_list_u16(covey_bytes value)
{
    covey_reader r = covey_reader_of(value);
    covey_bytes list = covey__tls_vector(&r, 2);

    return covey_read_done(&r) && list.len >= 2 && list.len % 2 == 0
               ? list
               : covey_bytes_of(NULL, 0);
}

bool covey__tls_has_u16(covey_bytes list, unsigned value)
{
    for (size_t i = 0; i + 1 < list.len; i += 2) {
        if (((unsigned)list.ptr[i] << 8 | list.ptr[i + 1]) == value) {
            return true;
        }
    }
    return false;
}

size_t covey__tls_suites(const covey_tls *t, const uint16_t **list)
{
    static const uint16_t usual[] = { COVEY_TLS_AES_128_GCM_SHA256,
                                      COVEY_TLS_AES_256_GCM_SHA384,
                                      COVEY_TLS_CHACHA20_POLY1305_SHA256 };

    *list = t->config->suite_count > 0 ? t->config->suites : usual;
    return t->config->suite_count > 0 ? t->config->suite_count
                                      : sizeof usual / sizeof usual[0];
}

size_t covey__tls_groups(const covey_tls *t, const uint16_t **list)
{
    static const uint16_t usual[] = { COVEY_TLS_X25519, COVEY_TLS_SECP256R1,
                                      COVEY_TLS_SECP384R1 };

    *list = t->config->group_count > 0 ? t->config->groups : usual;
    return t->config->group_count > 0 ? t->config->group_count
                                      : sizeof usual / sizeof usual[0];
}

void covey__tls_write_groups(covey_tls *t, covey_writer *w)
{
    const uint16_t *list = NULL;
    size_t count = covey__tls_groups(t, &list);
    size_t at = covey__tls_extension(t, w, EXT_SUPPORTED_GROUPS);

    covey_write_u16(w, (uint16_t)(2 * count));
    for (size_t i = 0; i < count; i++) {
        covey_write_u16(w, list[i]);
    }
    covey__tls_end(w, 2, at);
}

void covey__tls_write_schemes(covey_tls *t, covey_writer *w)
{
    size_t at = covey__tls_extension(t, w, EXT_SIGNATURE_ALGORITHMS);
    size_t list = covey__tls_begin(w, 2);

    for (size_t i = 0; covey__tls_scheme_at(i); i++) {
        covey_write_u16(w, covey__tls_scheme_at(i)->id);
    }
    covey__tls_end(w, 2, list);
    covey__tls_end(w, 2, at);
}

/* Which rows of our table of schemes the peer verifies. */
covey_status covey__tls_read_schemes(covey_tls *t, covey_bytes value)
{
    covey_bytes list = covey__tls_list_u16(value);

    if (!list.ptr) {
        return covey__tls_fail(t, COVEY_TLS_DECODE_ERROR,
                               "signature_algorithms is no list",
                               "RFC 8446 Section 4.2.3");
    }
    t->peer_schemes = 0;
    for (size_t i = 0; covey__tls_scheme_at(i); i++) {
        if (covey__tls_has_u16(list, covey__tls_scheme_at(i)->id)) {
            t->peer_schemes |= (uint16_t)(1u << i);
        }
    }
    return COVEY_OK;
}

/* The limit counts the byte of the type, too (RFC 8449 Section 4). */
void covey__tls_write_limit(covey_tls *t, covey_writer *w)
{
    if (t->config->record_size_limit >= LIMIT_MIN) {
        size_t at = covey__tls_extension(t, w, EXT_RECORD_SIZE_LIMIT);
        covey_write_u16(w, t->config->record_size_limit);
        covey__tls_end(w, 2, at);
    }
}

covey_status covey__tls_read_limit(covey_tls *t, covey_bytes value)
{
    covey_reader r = covey_reader_of(value);
    unsigned limit = covey_read_u16(&r);

    if (!value.ptr) {
        return COVEY_OK;
    }
    if (!covey_read_done(&r)) {
        return covey__tls_fail(t, COVEY_TLS_DECODE_ERROR,
                               "record_size_limit has two bytes",
                               "RFC 8449 Section 4");
    }
    if (limit < LIMIT_MIN ||
        (!t->is_server && limit > COVEY_TLS_PLAIN_MAX + 1)) {
        return covey__tls_fail(t, COVEY_TLS_ILLEGAL_PARAMETER,
                               "record_size_limit is out of range",
                               "RFC 8449 Section 4");
    }
    if (limit <= COVEY_TLS_PLAIN_MAX) {
        t->peer_limit = (uint16_t)(limit - 1);
    }
    if (t->config->record_size_limit >= LIMIT_MIN &&
        t->config->record_size_limit <= COVEY_TLS_PLAIN_MAX) {
        t->own_limit = (uint16_t)(t->config->record_size_limit - 1);
    }
    return COVEY_OK;
}

void covey__tls_write_alpn(covey_tls *t, covey_writer *w)
{
    const covey_tls_config *c = t->config;
    size_t first = t->selected_alpn ? t->selected_alpn - 1u : 0;
    size_t last = t->selected_alpn ? t->selected_alpn : c->alpn_count;
    size_t at = 0;
    size_t list = 0;

    if (first == last) {
        return;
    }
    at = covey__tls_extension(t, w, EXT_ALPN);
    list = covey__tls_begin(w, 2);
    for (size_t i = first; i < last; i++) {
        covey_write_u8(w, (uint8_t)c->alpn[i].len);
        covey_write_bytes(w, c->alpn[i]);
    }
    covey__tls_end(w, 2, list);
    covey__tls_end(w, 2, at);
}

/* Whether the names in a ProtocolNameList are well-formed (RFC 7301 Section
 * 3.1), how many, and whether one is this. */
static bool names(covey_bytes value, covey_bytes wanted, size_t *count,
                  bool *found)
{
    covey_reader r = covey_reader_of(value);
    covey_reader list = covey_reader_of(covey__tls_vector(&r, 2));

    *count = 0;
    while (covey_read_left(&list) > 0) {
        covey_bytes name = covey__tls_vector(&list, 1);
        if (name.len == 0) {
            return false;
        }
        *found = *found || covey_bytes_equal(name, wanted);
        ++*count;
    }
    return covey_read_done(&r) && covey_read_done(&list) && *count > 0;
}

static covey_status bad_alpn(covey_tls *t)
{
    return covey__tls_fail(t, COVEY_TLS_DECODE_ERROR,
                           "the list of application protocols is malformed",
                           "RFC 7301 Section 3.1");
}

covey_status covey__tls_choose_alpn(covey_tls *t, covey_bytes value)
{
    const covey_tls_config *c = t->config;
    size_t count = 0;
    bool found = false;

    t->selected_alpn = 0;
    if (!value.ptr) {
        return COVEY_OK;
    }
    if (!names(value, covey_bytes_of(NULL, 0), &count, &found)) {
        return bad_alpn(t);
    }
    for (size_t i = 0; i < c->alpn_count && !found; i++) {
        (void)names(value, c->alpn[i], &count, &found);
        t->selected_alpn = found ? (uint8_t)(i + 1) : 0;
    }
    if (!found && c->alpn_required) {
        return covey__tls_fail(t, COVEY_TLS_NO_APPLICATION_PROTOCOL,
                               "no application protocol in common",
                               "RFC 7301 Section 3.2");
    }
    return COVEY_OK;
}

covey_status covey__tls_take_alpn(covey_tls *t, covey_bytes value)
{
    const covey_tls_config *c = t->config;
    size_t count = 0;
    bool found = false;

    if (!value.ptr) {
        return COVEY_OK;
    }
    for (size_t i = 0; i < c->alpn_count && !found; i++) {
        if (!names(value, c->alpn[i], &count, &found) || count != 1) {
            return bad_alpn(t);
        }
        t->selected_alpn = found ? (uint8_t)(i + 1) : 0;
    }
    return found ? COVEY_OK
                 : covey__tls_fail(t, COVEY_TLS_ILLEGAL_PARAMETER,
                                   "an application protocol was chosen that "
                                   "was not offered",
                                   "RFC 7301 Section 3.1");
}
