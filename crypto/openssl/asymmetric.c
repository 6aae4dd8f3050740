/* SPDX-License-Identifier: BSD-2-Clause */
/* What all curves have in common: which there are, lengths, room, and that a
 * handle is of the right kind. The work is done in okp.c, ec2.c and
 * rsa.c. */
#include "internal.h"

#include <openssl/err.h>

struct curve_row {
    int32_t curve;
    int32_t signs; /* the algorithm, or 0 */
    const struct family *family;
    uint8_t private_len; /* also of a shared secret */
    uint8_t public_len;  /* as public_of writes it */
    uint8_t signature_len;
};

/* RSA has private keys and fixed lengths nowhere here. */
/* clang-format off */
static const struct curve_row curves[] = {
    { COVEY_ED25519,         COVEY_EDDSA,  &family_ed25519, 32, 32, 64 },
    { COVEY_X25519,          0,            &family_x25519,  32, 32,  0 },
    { COVEY_P256,            COVEY_ES256,  &family_ec2,     32, 65, 64 },
    { COVEY_P384,            COVEY_ES384,  &family_ec2,     48, 97, 96 },
    { COVEY_BRAINPOOLP256R1, COVEY_ESB256, &family_ec2,     32, 65, 64 },
    { COVEY_BRAINPOOLP384R1, COVEY_ESB384, &family_ec2,     48, 97, 96 },
    { COVEY_RSA,             COVEY_PS256,  &family_rsa,      0,  0,  0 },
};
/* clang-format on */

static const struct curve_row *curve_find(int32_t curve)
{
    for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++) {
        if (curves[i].curve == curve) {
            return &curves[i];
        }
    }
    return NULL;
}

/* The curve of a handle that holds an asymmetric key, or NULL. */
static const struct curve_row *curve_of(const covey_key *key)
{
    enum handle_kind kind = handle_kind_of(key->opaque[0]);

    return kind == HANDLE_PUBLIC || kind == HANDLE_PRIVATE
               ? curve_find(handle_id_of(key->opaque[0]))
               : NULL;
}

static bool is_private(const covey_key *key)
{
    return handle_kind_of(key->opaque[0]) == HANDLE_PRIVATE;
}

/* libcrypto keeps the error also of what it got over. */
static covey_status quiet(covey_status st)
{
    ERR_clear_error();
    return st;
}

/* Keeps the handle only if it could be filled. */
static covey_status made(covey_status st, covey_key *key)
{
    (void)quiet(st);
    if (st != COVEY_OK) {
        covey_wipe(key, sizeof *key);
    }
    return st;
}

covey_status private_key(void *provider, int32_t curve, covey_bytes raw,
                         covey_key *key)
{
    const struct curve_row *row = curve_find(curve);

    memset(key, 0, sizeof *key);
    if (!row || row->private_len == 0) {
        return COVEY_E_UNSUPPORTED;
    }
    if (raw.len != row->private_len) {
        return COVEY_E_RANGE;
    }
    key->opaque[0] = handle_word(HANDLE_PRIVATE, curve);
    return made(row->family->make_private(provider, raw.ptr, key), key);
}

covey_status public_key(void *provider, int32_t curve, covey_bytes encoded,
                        covey_key *key)
{
    const struct curve_row *row = curve_find(curve);

    memset(key, 0, sizeof *key);
    if (!row) {
        return COVEY_E_UNSUPPORTED;
    }
    key->opaque[0] = handle_word(HANDLE_PUBLIC, curve);
    return made(row->family->make_public(provider, encoded, key), key);
}

covey_status public_of(void *provider, const covey_key *key, covey_writer *out)
{
    const struct curve_row *row = curve_of(key);
    covey_status st = COVEY_OK;

    if (!row) {
        return COVEY_E_ARGUMENT;
    }
    if (row->public_len == 0) {
        return COVEY_E_UNSUPPORTED;
    }
    st = has_room(out, row->public_len);
    if (st == COVEY_OK) {
        st = quiet(row->family->public_bytes(provider, key, writer_at(out)));
    }
    if (st == COVEY_OK) {
        out->pos += row->public_len;
    }
    return st;
}

/* COVEY_OK if this key goes with this signature algorithm. */
static covey_status signs(const struct curve_row *row, int32_t alg)
{
    int32_t kind =
        alg == COVEY_PS384 || alg == COVEY_PS512 ? COVEY_PS256 : alg;
    bool known = false;

    for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++) {
        known = known || (curves[i].signs != 0 && curves[i].signs == kind);
    }
    if (!known) {
        return COVEY_E_UNSUPPORTED;
    }
    return row && row->signs == kind ? COVEY_OK : COVEY_E_ARGUMENT;
}

covey_status key_sign(void *provider, covey_key *key, int32_t alg,
                      covey_bytes tbs, covey_writer *out)
{
    const struct curve_row *row = curve_of(key);
    covey_status st = signs(row, alg);

    if (st != COVEY_OK) {
        return st;
    }
    if (!is_private(key)) {
        return COVEY_E_ARGUMENT;
    }
    st = has_room(out, row->signature_len);
    if (st == COVEY_OK) {
        st = quiet(row->family->sign(provider, key, tbs, writer_at(out)));
    }
    if (st == COVEY_OK) {
        out->pos += row->signature_len;
    }
    return st;
}

covey_status key_verify(void *provider, covey_key *key, int32_t alg,
                        covey_bytes tbs, covey_bytes signature)
{
    const struct curve_row *row = curve_of(key);
    covey_status st = signs(row, alg);

    if (st != COVEY_OK) {
        return st;
    }
    if (row->signature_len > 0 && signature.len != row->signature_len) {
        return COVEY_E_AUTH;
    }
    return quiet(row->family->verify(provider, key, alg, tbs, signature));
}

covey_status key_agree(void *provider, covey_key *own, const covey_key *peer,
                       covey_writer *out)
{
    const struct curve_row *row = curve_of(own);
    covey_status st = COVEY_OK;

    if (!row || !is_private(own) || curve_of(peer) != row) {
        return COVEY_E_ARGUMENT;
    }
    st = has_room(out, row->private_len);
    if (st == COVEY_OK) {
        st = quiet(row->family->agree(provider, own, peer, writer_at(out)));
    }
    if (st == COVEY_OK) {
        out->pos += row->private_len;
    }
    return st;
}

void key_drop(void *provider, covey_key *key)
{
    const struct curve_row *row = curve_of(key);

    (void)provider;
    if (row) {
        row->family->drop(key);
    } else if (handle_kind_of(key->opaque[0]) == HANDLE_CIPHER) {
        cipher_drop(key);
    }
    covey_wipe(key, sizeof *key);
}
