/* SPDX-License-Identifier: BSD-2-Clause */
#include "clan.h"

covey_bytes clan_id(const clan_member *m)
{
    return covey_bytes_of(&m->id, 1);
}

static covey_group *find(void *user, covey_bytes gid, const covey_path *path)
{
    clan_member *m = user;

    (void)path;
    return covey_bytes_equal(gid, m->group.gid) ? &m->group : NULL;
}

static clan_member *named(clan *c, covey_bytes id)
{
    for (unsigned i = 0; i < c->count; i++) {
        if (covey_bytes_equal(id, clan_id(&c->member[i]))) {
            return &c->member[i];
        }
    }
    return NULL;
}

static covey_status meet(void *user, const covey_group *g,
                         covey_group_member *member)
{
    clan_member *m = user;
    const clan_member *other = named(m->clan, member->id);

    assert_ptr_equal(g, &m->group);
    if (other == NULL || m->meets_nobody) {
        return COVEY_E_NO_CONTEXT;
    }
    m->meetings++;
    member->credential = covey_bytes_of(other->credential, CLAN_CREDENTIAL);
    member->public_key =
        covey_bytes_of(other->public_key, sizeof other->public_key);
    member->roles = other->roles;
    member->number = m->number[other - m->clan->member];
    return COVEY_OK;
}

static covey_status store(void *user, const covey_group *g,
                          const covey_group_record *record)
{
    clan_member *m = user;

    assert_ptr_equal(g, &m->group);
    if (m->store_fails) {
        return COVEY_E_NOT_STORED;
    }
    if (record->id.ptr == NULL) {
        m->ssn = record->number;
        m->windows_invalid = record->windows_invalid;
    } else {
        const clan_member *other = named(m->clan, record->id);
        assert_non_null(other);
        m->number[other - m->clan->member] = record->number;
    }
    m->stores++;
    return COVEY_OK;
}

static void make_keys(clan *c, clan_member *m, uint8_t id)
{
    uint8_t seed[32];
    covey_writer out = covey_writer_of(m->public_key, sizeof m->public_key);

    m->clan = c;
    m->id = id;
    m->recipient_max = CLAN_MAX;
    memset(seed, id, sizeof seed);
    memset(m->credential, id, sizeof m->credential);
    CHECK_STATUS(COVEY_OK,
                 c->crypto.private_key(c->crypto.provider, COVEY_ED25519,
                                       covey_bytes_of(seed, sizeof seed),
                                       &m->private_key));
    CHECK_STATUS(COVEY_OK, c->crypto.public_of(c->crypto.provider,
                                               &m->private_key, &out));
    for (unsigned i = 0; i < CLAN_MAX; i++) {
        m->number[i] = COVEY_GROUP_NUMBER_UNKNOWN;
    }
}

void clan_open(clan *c, unsigned count, uint64_t seed)
{
    const covey_group_parameters p = {
        .algorithms = { COVEY_AES_CCM_16_64_128, COVEY_AES_CCM_16_64_128,
                        COVEY_EDDSA, COVEY_ECDH_SS_HKDF_256 },
        .hkdf = COVEY_HMAC_256_256,
        .curve = COVEY_ED25519,
        .gid = SPAN("\xdd\x11\xee"),
        .master_secret = SPAN("0123456789abcdef"),
        .gm_cred = SPAN("the Group Manager's"),
    };

    memset(c, 0, sizeof *c);
    watch_open(&c->watch, &covey_toy, seed);
    covey_scripted_open(&c->script, &c->watch.crypto, &c->crypto);
    c->parameters = p;
    c->count = count;
    for (unsigned i = 0; i < count; i++) {
        make_keys(c, &c->member[i], (uint8_t)(i + 1));
    }
}

void clan_start(clan *c, unsigned who, uint64_t seed, covey_ms now)
{
    clan_member *m = &c->member[who];
    covey_group_protector *p = &m->protector;
    const covey_group_start start = {
        .sender_id = clan_id(m),
        .credential = covey_bytes_of(m->credential, sizeof m->credential),
        .private_key = &m->private_key,
        .recipients = m->table,
        .recipient_max = m->recipient_max,
        .ssn = m->ssn,
        .ahead = 16,
        .windows_invalid = m->windows_invalid,
        .late = m->late,
    };
    const covey_group_answers answers = { .rows = m->answers,
                                          .next = m->next,
                                          .each = CLAN_MAX,
                                          .count = CLAN_REQUESTS };

    CHECK_STATUS(COVEY_OK, covey_group_setup(&m->group, &c->crypto,
                                             &c->parameters, &start));
    p->find = find;
    p->meet = meet;
    p->store = store;
    p->user = m;
    p->answers = answers;
    p->scratch = m->scratch;
    p->scratch_len = sizeof m->scratch;
    covey_group_protector_init(p);
    m->stack.other = &p->protector;
    stack_start(&m->stack, &c->watch, NULL, NULL, seed, now);
}

void clan_stop(clan *c, unsigned who)
{
    covey_group_drop(&c->member[who].group);
}

bool clan_is_idle(const clan_member *m)
{
    unsigned idle = 0;

    for (uint16_t i = m->protector.answers.free; i != UINT16_MAX;
         i = m->next[i]) {
        idle++;
    }
    return idle == CLAN_REQUESTS;
}
