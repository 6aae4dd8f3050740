/* SPDX-License-Identifier: BSD-2-Clause */
/* Who asks, and under which token: how what is kept of requests is found. */
#ifndef COVEY_SERVE_ASKER_H
#define COVEY_SERVE_ASKER_H

#include <covey/endpoint.h>

/* Of the peer and its token. */
static inline uint32_t asker_hash(const covey_path *path, covey_bytes token,
                                  uint64_t key)
{
    for (size_t i = 0; i < token.len; i++) {
        key = (key ^ token.ptr[i]) * UINT64_C(1099511628211);
    }
    return covey_path_hash(path, key);
}

static inline covey_bytes asker_token(const covey_endpoint_request *r)
{
    return covey_bytes_of(r->token, r->token_len);
}

/* Who has no keys takes nothing back that is protected. */
static inline bool asker_secured(const covey_endpoint_request *r)
{
    return r->security.protector != NULL;
}

#endif
