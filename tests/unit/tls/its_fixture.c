/* SPDX-License-Identifier: BSD-2-Clause */
#include "its_fixture.h"

struct made its_root;
struct made its_aa;
struct made its_at[2]; /* client's, server's */
covey_its_signer its_signers[2];
static covey_its_known slots[2][4];
static covey_its_store its_stores[2];
covey_tls_its its_taken[2];
covey_bytes its_entries[2][4];
static const uint8_t types[] = { COVEY_TLS_1609DOT2 };
const covey_tls_its_rule its_rules[] = { { .psid = 38 } };

static void open_side(struct side *s, int i)
{
    const covey_crypto *c = s->config.crypto;
    covey_its_finding why;

    make_cert(&its_at[i], &make_at, &its_aa, (uint8_t)(3 + i), c);
    covey_its_store_init(&its_stores[i], slots[i], COUNT_OF(slots[i]));
    CHECK_STATUS(COVEY_OK, covey_its_store_anchor(&its_stores[i], c,
                                                  its_root.cert.whole, NULL));
    CHECK_STATUS(COVEY_OK,
                 covey_its_signer_open(
                     &its_signers[i], c, its_at[i].cert.whole,
                     covey_bytes_of(its_at[i].secret, 32), NULL, &why));
    its_taken[i] = (covey_tls_its){ .store = &its_stores[i],
                                    .leap_seconds = COVEY_ITS_LEAP_SECONDS,
                                    .rules = its_rules,
                                    .rule_count = 1 };
    its_entries[i][0] = its_at[i].cert.whole;
    its_entries[i][1] = its_aa.cert.whole;
    s->credentials[2] = (covey_tls_credential){ .type = COVEY_TLS_1609DOT2,
                                                .entries = its_entries[i],
                                                .entry_count = 2,
                                                .signer = &its_signers[i],
                                                .psid = 38 };
    s->config.credentials = &s->credentials[2];
    s->config.credential_count = 1;
    s->config.peer_types = types;
    s->config.peer_type_count = 1;
    s->config.its = &its_taken[i];
    s->memory_len = COVEY_TLS_MEMORY_ITS;
}

int its_begin(void **state)
{
    (void)fixture_begin(state);
    make_cert(&its_root, &make_root, NULL, 1, p.client.config.crypto);
    make_cert(&its_aa, &make_aa, &its_root, 2, p.client.config.crypto);
    open_side(&p.client, 0);
    open_side(&p.server, 1);
    p.server.config.require_client = true;
    p.now.unix_s =
        covey_its_unix_of(MAKE_START + 172800, COVEY_ITS_LEAP_SECONDS);
    return 0;
}

int its_end(void **state)
{
    pair_stop(&p);
    for (int i = 0; i < 2; i++) {
        covey_its_signer_drop(&its_signers[i], p.client.config.crypto);
        covey_its_store_clear(&its_stores[i], p.client.config.crypto);
    }
    return fixture_end(state);
}
