/* SPDX-License-Identifier: BSD-2-Clause */
/* The only sockets of an audit that reach a target. Every packet passes
 * packets_send: budget, pace, withdrawal, window and record are asked before
 * each of them. */
#include "run.h"

#include <errno.h>
#include <string.h>
#include <system_address.h>
#include <unistd.h>

enum {
    IP4_UDP = 28,
    IP6_UDP = 48,
    SECOND_MS = 1000
};

static bool is_group(const broker *b)
{
    return b->act->check->technique == COVEY_AUDIT_MULTICAST;
}

/* --- opening ------------------------------------------------------------- */

/* At the first of the auditor's addresses that is of this family and of this
 * host (AUD-022); its address with port. */
int packets_socket(const broker *b, int type, covey_address *local)
{
    const mandate_terms *t = b->run->terms;
    const uint8_t family = b->act->what.target.family;

    for (size_t i = 0; i < t->source_count; i++) {
        system_address at;
        if (t->sources[i].family != family) {
            continue;
        }
        socklen_t len = address_to_system(&t->sources[i], &at);
        const int fd =
            socket(at.any.sa_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd >= 0 && bind(fd, &at.any, len) == 0) {
            len = sizeof at;
            if (getsockname(fd, &at.any, &len) == 0) {
                *local = address_from_system(&at);
                return fd;
            }
        }
        if (fd >= 0) {
            close(fd);
        }
    }
    return -1;
}

/* A group is sent to by the interface of the source. */
static bool aim_at_group(const broker *b)
{
    const covey_address *to = &b->act->what.target;
    system_address at;

    if (to->family == COVEY_FAMILY_IPV6) {
        const int index = (int)to->zone;
        return index == 0 ||
               setsockopt(b->sock, IPPROTO_IPV6, IPV6_MULTICAST_IF, &index,
                          sizeof index) == 0;
    }
    address_to_system(&b->local, &at);
    return setsockopt(b->sock, IPPROTO_IP, IP_MULTICAST_IF, &at.v4.sin_addr,
                      sizeof at.v4.sin_addr) == 0;
}

static bool aim(broker *b)
{
    system_address to;
    const socklen_t len = address_to_system(&b->act->what.target, &to);

    return is_group(b) ? aim_at_group(b) : connect(b->sock, &to.any, len) == 0;
}

/* The oldest of too many gives way. */
static void park(audit_run *r, int fd)
{
    const int least = 1;
    int *slot = &r->parked[r->parked_count % AUDIT_PARKED];

    if (fd < 0) {
        return;
    }
    shutdown(fd, SHUT_WR);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &least, sizeof least);
    if (r->parked_count >= AUDIT_PARKED) {
        close(*slot);
    }
    *slot = fd;
    r->parked_count++;
}

void packets_end(audit_run *r)
{
    for (size_t i = 0; i < r->parked_count && i < AUDIT_PARKED; i++) {
        close(r->parked[i]);
    }
    r->parked_count = 0;
}

static bool is_stream(const broker *b)
{
    return b->act->what.protocol == COVEY_AUDIT_TCP;
}

/* What comes to the port from anywhere but the target goes here, unread: the
 * kernel would meet it with ICMP, a packet to whoever the target has chosen.
 * The port is shared from now on and not before, so that nobody else is given
 * the same one. */
static int behind(const broker *b)
{
    const int yes = 1;
    system_address at;
    const socklen_t len = address_to_system(&b->local, &at);
    const int fd =
        socket(at.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd >= 0 &&
        (setsockopt(b->sock, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) !=
             0 ||
         setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
         bind(fd, &at.any, len) != 0)) {
        close(fd);
        return -1;
    }
    return fd;
}

bool packets_port(broker *b)
{
    if (is_stream(b)) {
        return false;
    }
    park(b->run, b->sock);
    b->sock = packets_socket(b, SOCK_DGRAM, &b->local);
    if (b->sock < 0 || !aim(b)) {
        return false;
    }
    if (is_group(b)) {
        return true; /* it takes answers of all */
    }
    const int others = behind(b);
    park(b->run, others);
    return others >= 0;
}

bool packets_open(broker *b)
{
    if (is_stream(b)) {
        return streams_open(b);
    }
    if (b->act->check->canary) {
        b->canary = packets_socket(b, SOCK_DGRAM, &b->canary_local);
        if (b->canary < 0) {
            return false;
        }
    }
    return packets_port(b);
}

void packets_close(broker *b)
{
    if (is_stream(b)) {
        streams_close(b);
        return;
    }
    park(b->run, b->sock);
    park(b->run, b->canary);
    b->sock = -1;
    b->canary = -1;
}

/* --- sending ------------------------------------------------------------- */

static uint32_t headers_of(const covey_address *to)
{
    return to->family == COVEY_FAMILY_IPV6 ? IP6_UDP : IP4_UDP;
}

void packets_capture(broker *b, pcapng_packet *k)
{
    char comment[300];

    snprintf(comment, sizeof comment, "act=%06llu check=%s mandate=%.200s",
             (unsigned long long)b->act->number, b->act->check->id,
             b->run->terms->id);
    k->ms = guard_unix_ms(&b->run->guard);
    k->comment = comment;
    if (b->run->capture != NULL && !pcapng_write(b->run->capture, k)) {
        guard_stop(&b->run->guard, STOP_EVIDENCE);
    }
    k->comment = NULL;
}

static void capture(broker *b, const covey_address *from,
                    const covey_address *to, covey_bytes payload)
{
    pcapng_packet k = { .from = *from, .to = *to, .payload = payload };

    packets_capture(b, &k);
}

/* The last look before a packet: nothing is waited for any more behind it. */
bool packets_may_send(broker *b)
{
    audit_run *r = b->run;
    const covey_time now = { .mono = guard_now(),
                             .unix_s = guard_unix_ms(&r->guard) / 1000,
                             .unix_known = true };
    covey_audit_act rest = b->act->what;

    rest.duration = 0;
    return guard_check(&r->guard) == STOP_NONE && evidence_good(r->log) &&
           covey_audit_decide(&r->gate, &rest, &now, &b->act->target->done)
                   .reason == COVEY_AUDIT_ALLOWED;
}

/* So long so many packets keep the next one back. */
static covey_ms packets_distance(const audit_run *r, uint32_t packets)
{
    const uint32_t rate = r->limits.packets_s;

    return ((covey_ms)packets * SECOND_MS + rate - 1) / (rate > 0 ? rate : 1);
}

static covey_ms distance_before(const audit_run *r, uint32_t packets,
                                uint32_t bytes)
{
    const covey_ms by_packets = packets_distance(r, packets - 1);
    const covey_ms rest = (covey_ms)bytes * (packets - 1) / packets;
    const covey_ms rate = r->limits.bytes_s;
    const covey_ms by_bytes = (rest * SECOND_MS + rate - 1) / rate;

    return by_packets > by_bytes ? by_packets : by_bytes;
}

/* Packets that come together need the distance of all but one before the
 * first, so that no second that ends among them has more than it may. */
bool packets_await_turn(broker *b, uint32_t packets, uint32_t bytes)
{
    audit_run *r = b->run;
    const covey_ms free =
        covey_audit_pace_at(&r->pace, &r->limits, guard_now(), bytes);
    const covey_ms at =
        free == COVEY_NEVER ? free : free + distance_before(r, packets, bytes);

    if (b->packets + packets > b->act->what.packets || at > b->deadline ||
        packets > r->limits.packets_s) {
        b->outcome = OUTCOME_DENIED;
        return false;
    }
    if (guard_wait(&r->guard, -1, -1, at) != GUARD_TIMEOUT ||
        !packets_may_send(b)) {
        b->outcome = OUTCOME_STOPPED;
        return false;
    }
    return true;
}

void packets_count(broker *b, uint32_t packets, uint32_t bytes)
{
    audit_run *r = b->run;

    covey_audit_pace_sent(&r->pace, &r->limits,
                          guard_now_up() + packets_distance(r, packets - 1),
                          bytes);
    r->quiet = guard_now_up() + SECOND_MS;
    b->packets += packets;
    b->bytes += bytes;
    r->packets += packets;
}

bool packets_send(broker *b, covey_bytes packet)
{
    const covey_address *to = &b->act->what.target;
    const uint32_t bytes = (uint32_t)packet.len + headers_of(to);
    system_address at;
    const socklen_t len = address_to_system(to, &at);

    if (is_stream(b)) {
        return streams_send(b, packet);
    }
    if (!packets_await_turn(b, 1, bytes)) {
        return false;
    }
    const ssize_t n =
        is_group(b) ? sendto(b->sock, packet.ptr, packet.len, 0, &at.any, len)
                    : send(b->sock, packet.ptr, packet.len, 0);
    if (n < 0) {
        /* an answer by ICMP to what was sent before: this was not sent */
        b->closed = errno == ECONNREFUSED;
        b->outcome = OUTCOME_FAILED;
        return b->closed;
    }
    packets_count(b, 1, bytes);
    capture(b, &b->local, to, packet);
    return true;
}

/* To who asked the canary, if that is the target itself or another host of the
 * scope. */
bool packets_reply(broker *b, covey_bytes packet)
{
    const covey_address *to = &b->canary_peer;
    const uint32_t bytes = (uint32_t)packet.len + headers_of(to);
    const covey_address *target = &b->act->what.target;
    system_address at;
    const socklen_t len = address_to_system(to, &at);

    if (b->canary < 0 || to->family != target->family ||
        memcmp(to->ip, target->ip, sizeof to->ip) != 0 ||
        !packets_await_turn(b, 1, bytes)) {
        return false;
    }
    if (sendto(b->canary, packet.ptr, packet.len, 0, &at.any, len) < 0) {
        return false;
    }
    packets_count(b, 1, bytes);
    capture(b, &b->canary_local, to, packet);
    return true;
}

/* --- receiving ----------------------------------------------------------- */

/* Of a group anybody may answer; only hosts of the scope are looked at. The
 * gate would refuse a host where a group is asked last of all, so every other
 * reason means that it is not in scope. */
static bool is_in_scope(const broker *b, const covey_address *from)
{
    audit_run *r = b->run;
    const covey_time now = { .unix_s = guard_unix_ms(&r->guard) / 1000,
                             .unix_known = true };
    covey_audit_act act = b->act->what;

    act.target = *from;
    act.duration = 0;
    return covey_audit_decide(&r->gate, &act, &now, &b->act->target->done)
               .reason == COVEY_AUDIT_WRONG_KIND;
}

/* The number of a peer; false if there are more than may answer. */
static bool number_peer(broker *b, const covey_address *from, uint16_t *who)
{
    uint32_t n = 0;

    while (n < b->peer_count && !covey_address_equal(&b->peers[n], from)) {
        n++;
    }
    if (n == b->peer_count) {
        if (n >= b->act->verdict.responders) {
            return false;
        }
        b->peers[b->peer_count++] = *from;
    }
    *who = (uint16_t)n;
    return true;
}

static bool accept_peer(broker *b, bool canary, const covey_address *from,
                        uint16_t *who)
{
    if (canary) {
        b->canary_peer = *from;
        *who = WIRE_CANARY;
        return true;
    }
    if (!is_group(b)) {
        *who = 0;
        return true;
    }
    if (!is_in_scope(b, from)) {
        b->strangers++;
        return false;
    }
    return number_peer(b, from, who);
}

void packets_answer(broker *b, covey_bytes answer)
{
    const covey_crypto *c = b->run->crypto;

    b->answers++;
    b->answer_bytes += answer.len;
    if (c->hash_update(c->provider, &b->digest, answer) != COVEY_OK) {
        guard_stop(&b->run->guard, STOP_EVIDENCE);
    }
}

size_t packets_take(broker *b, bool canary, size_t at, uint16_t *who)
{
    system_address peer;
    socklen_t len = sizeof peer;

    if (is_stream(b)) {
        *who = 0;
        return streams_take(b, at);
    }
    const ssize_t n = recvfrom(canary ? b->canary : b->sock, b->buffer + at,
                               sizeof b->buffer - at, 0, &peer.any, &len);

    if (n < 0) {
        b->closed = b->closed || errno == ECONNREFUSED;
        return 0;
    }
    const covey_address from = address_from_system(&peer);
    const covey_bytes packet = covey_bytes_of(b->buffer + at, (size_t)n);
    if (!accept_peer(b, canary, &from, who)) {
        return 0;
    }
    capture(b, &from, canary ? &b->canary_local : &b->local, packet);
    packets_answer(b, packet);
    return packet.len;
}
