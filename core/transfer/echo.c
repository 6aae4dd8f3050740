/* SPDX-License-Identifier: BSD-2-Clause */
/* Echo, RFC 9175 Section 2. A peer may be in any of a few rows that follow
 * from its address, under a key that nobody knows: no chains, and a flood of
 * forged addresses pushes out others only by chance. */
#include <covey/transfer.h>

#include <string.h>

#define UNAUTHORIZED COVEY_COAP_CODE(4, 1)
/* Ethernet, IPv6 and UDP. */
#define BELOW 62u

covey_status covey_echo_init(covey_echo *e, covey_echo_row *rows,
                             uint32_t count, covey_random random)
{
    uint8_t key[8];
    covey_writer w = covey_writer_of(key, sizeof key);
    covey_status st;

    if (count == 0 || count % COVEY_ECHO_WAYS != 0) {
        return COVEY_E_ARGUMENT;
    }
    st = random.fill(random.user, &w);
    if (st != COVEY_OK) {
        return st;
    }
    memset(rows, 0, (size_t)count * sizeof *rows);
    e->rows = rows;
    e->count = count;
    e->random = random;
    memcpy(&e->key, key, sizeof key);
    return COVEY_OK;
}

/* The first of the rows in which this peer may be. */
static covey_echo_row *set_of(const covey_echo *e, const covey_path *path)
{
    const uint32_t sets = e->count / COVEY_ECHO_WAYS;
    const uint32_t set = covey_path_hash(path, e->key) % sets;

    return &e->rows[(size_t)set * COVEY_ECHO_WAYS];
}

static covey_echo_row *find(const covey_echo *e, const covey_path *path,
                            uint32_t epoch)
{
    covey_echo_row *row = set_of(e, path);

    for (unsigned i = 0; i < COVEY_ECHO_WAYS; i++) {
        if (row[i].used && row[i].epoch == epoch &&
            covey_path_same_peer(&row[i].path, path)) {
            return &row[i];
        }
    }
    return NULL;
}

/* A row for a new peer: an empty one, or that of the oldest value. */
static covey_echo_row *oldest(const covey_echo *e, const covey_path *path)
{
    covey_echo_row *row = set_of(e, path);
    covey_echo_row *best = row;

    for (unsigned i = 1; i < COVEY_ECHO_WAYS && best->used; i++) {
        if (!row[i].used || row[i].given < best->given) {
            best = &row[i];
        }
    }
    return best;
}

static bool is_recent(covey_ms then, covey_ms now, uint32_t age)
{
    return now - then <= age;
}

covey_status covey_echo_challenge(covey_echo *e, covey_ms now,
                                  const covey_path *path, uint32_t epoch,
                                  uint32_t age, uint8_t value[COVEY_ECHO_LEN])
{
    covey_echo_row *row = find(e, path, epoch);
    uint8_t fresh[COVEY_ECHO_LEN];
    covey_writer w = covey_writer_of(fresh, sizeof fresh);
    covey_status st;

    if (row == NULL || !is_recent(row->given, now, age)) {
        st = e->random.fill(e->random.user, &w);
        if (st != COVEY_OK) {
            return st;
        }
        if (row == NULL) {
            row = oldest(e, path);
            memset(row, 0, sizeof *row);
            row->path = *path;
            row->epoch = epoch;
            row->used = true;
        }
        row->given = now;
        memcpy(row->value, fresh, sizeof fresh);
    }
    memcpy(value, row->value, COVEY_ECHO_LEN);
    return COVEY_OK;
}

bool covey_echo_is_fresh(covey_echo *e, covey_ms now, const covey_path *path,
                         uint32_t epoch, const covey_coap_message *request,
                         uint32_t age)
{
    covey_echo_row *row = find(e, path, epoch);
    covey_bytes value;

    if (row == NULL || !is_recent(row->given, now, age) ||
        !covey_option_sound(request, COVEY_OPTION_ECHO, &value) ||
        value.len != COVEY_ECHO_LEN ||
        !covey_secret_equal(row->value, value.ptr, COVEY_ECHO_LEN)) {
        return false;
    }
    row->verified = now;
    row->is_verified = true;
    return true;
}

bool covey_echo_is_verified(const covey_echo *e, covey_ms now,
                            const covey_path *path, uint32_t age)
{
    const covey_echo_row *row = set_of(e, path);

    for (unsigned i = 0; i < COVEY_ECHO_WAYS; i++) {
        if (row[i].is_verified && is_recent(row[i].verified, now, age) &&
            covey_path_same_peer(&row[i].path, path)) {
            return true;
        }
    }
    return false;
}

size_t covey_echo_allowance(size_t request_len, uint32_t factor)
{
    /* No datagram is longer than 32 bits can say. */
    const uint64_t len = request_len < UINT32_MAX ? request_len : UINT32_MAX;
    const uint64_t all = (len + BELOW) * factor;

    if (all <= BELOW) {
        return 0;
    }
    return all - BELOW > SIZE_MAX ? SIZE_MAX : (size_t)(all - BELOW);
}

bool covey_echo_repeat(const covey_coap_message *response, bool repeated,
                       covey_bytes *value)
{
    return !repeated && response->code == UNAUTHORIZED &&
           covey_option_sound(response, COVEY_OPTION_ECHO, value);
}
