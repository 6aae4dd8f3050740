/* SPDX-License-Identifier: BSD-2-Clause */
/* How long a key may be used, draft-ietf-core-oscore-key-limits Section 2.1.1.
 * With tags of eight bytes a forgery succeeds sooner, so that fewer attempts
 * and shorter messages are let pass. */
#include <covey/oscore.h>

#define Q            (UINT32_C(1) << 20)
#define V            (UINT32_C(1) << 20)
#define V_SHORT_TAG  (UINT32_C(1) << 14)
#define L            (UINT32_C(1) << 10)
#define L_SHORT_TAG  (UINT32_C(1) << 8)
#define SHORT_TAG    8u
#define BLOCK_AES    16u
#define BLOCK_CHACHA 64u

covey_oscore_key_limits covey_oscore_limits(int32_t aead)
{
    const covey_alg *a = covey_aead_find(aead);
    covey_oscore_key_limits limits = { 0, 0, 0 };
    bool is_short;

    if (a == NULL || a->kind != COVEY_ALG_AEAD) {
        return limits;
    }
    is_short = a->out_len <= SHORT_TAG;
    limits.encrypted = Q;
    limits.forged = is_short ? V_SHORT_TAG : V;
    limits.message_len =
        (is_short ? L_SHORT_TAG : L) *
        (aead == COVEY_CHACHA20_POLY1305 ? BLOCK_CHACHA : BLOCK_AES);
    return limits;
}
