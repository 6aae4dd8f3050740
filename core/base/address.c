/* SPDX-License-Identifier: BSD-2-Clause */
#include <covey/address.h>

#include <string.h>

bool covey_address_equal(const covey_address *a, const covey_address *b)
{
    return a->family == b->family && a->port == b->port &&
           a->zone == b->zone && memcmp(a->ip, b->ip, sizeof a->ip) == 0;
}

bool covey_address_is_group(const covey_address *a)
{
    switch (a->family) {
    case COVEY_FAMILY_IPV4:
        return (a->ip[0] & 0xf0u) == 0xe0u; /* RFC 5771 */
    case COVEY_FAMILY_IPV6:
        return a->ip[0] == 0xffu; /* RFC 4291 Section 2.7 */
    default:
        return false;
    }
}

bool covey_address_is_loopback(const covey_address *a)
{
    static const uint8_t one[16] = { [15] = 1 };

    switch (a->family) {
    case COVEY_FAMILY_IPV4:
        return a->ip[0] == 127; /* RFC 1122 Section 3.2.1.3 */
    case COVEY_FAMILY_IPV6:
        return memcmp(a->ip, one, sizeof one) == 0;
    default:
        return false;
    }
}

bool covey_path_same_peer(const covey_path *a, const covey_path *b)
{
    return a->transport == b->transport && a->connection == b->connection &&
           (a->connection != 0 || covey_address_equal(&a->peer, &b->peer));
}

covey_peer covey_peer_of(const covey_path *path)
{
    covey_peer peer = { .zone = path->peer.zone,
                        .connection = path->connection,
                        .port = path->peer.port,
                        .family = path->peer.family,
                        .transport = path->transport };

    memcpy(peer.ip, path->peer.ip, sizeof peer.ip);
    return peer;
}

covey_path covey_peer_path(const covey_peer *peer)
{
    covey_path path;

    memset(&path, 0, sizeof path);
    memcpy(path.peer.ip, peer->ip, sizeof peer->ip);
    path.peer.zone = peer->zone;
    path.peer.port = peer->port;
    path.peer.family = peer->family;
    path.connection = peer->connection;
    path.transport = peer->transport;
    return path;
}

bool covey_peer_is(const covey_peer *peer, const covey_path *path)
{
    const covey_address *a = &path->peer;

    return peer->transport == path->transport &&
           peer->connection == path->connection &&
           (peer->connection != 0 ||
            (peer->port == a->port && peer->family == a->family &&
             peer->zone == a->zone &&
             memcmp(peer->ip, a->ip, sizeof peer->ip) == 0));
}

/* The finalizer of MurmurHash3: each bit of the input moves half of the
 * output. */
static uint64_t mix(uint64_t h)
{
    h ^= h >> 33;
    h *= UINT64_C(0xff51afd7ed558ccd);
    h ^= h >> 33;
    h *= UINT64_C(0xc4ceb9fe1a85ec53);
    return h ^ h >> 33;
}

uint32_t covey_path_hash(const covey_path *path, uint64_t key)
{
    const covey_address *a = &path->peer;
    uint64_t words[2];
    uint64_t h = key ^ path->transport;

    if (path->connection != 0) {
        return (uint32_t)mix(h ^ path->connection);
    }
    memcpy(words, a->ip, sizeof words);
    h = mix(h ^ words[0]);
    h = mix(h ^ words[1]);
    return (uint32_t)mix(h ^ ((uint64_t)a->zone << 16 | a->port));
}
