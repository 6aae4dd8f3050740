/* SPDX-License-Identifier: BSD-2-Clause */
#include "crew.h"

#include "server.h"

#include <covey/coap_options.h>

#include <stdlib.h>
#include <string.h>

enum letter {
    LETTER_DATAGRAM, /* the names of the client, and what it sent */
    LETTER_MESSAGE,  /* leaves over a session of the reader */
    LETTER_LOST,     /* a session of the writer has ended */
    LETTER_CHANGED
};

/* Between processes of one program: as it is in memory. */
struct head {
    uint8_t letter;
    uint16_t link;
    uint16_t names; /* bytes of names, each with a zero behind it */
    covey_path path;
};

static struct head head_of(enum letter letter, const struct link *k,
                           const covey_path *path)
{
    struct head h;

    memset(&h, 0, sizeof h);
    h.letter = (uint8_t)letter;
    h.link = (uint16_t)(k - server_of(k)->links);
    h.path = *path;
    return h;
}

/* What finds no room is lost, as datagrams are. */
static void write_letter(const struct server *s, unsigned to,
                         const struct head *h, covey_bytes body)
{
    (void)post_send(s->crew.of->post, to,
                    covey_bytes_of((const uint8_t *)h, sizeof *h), body);
}

/* --- which worker -------------------------------------------------------- */

/* How many bits of Message IDs tell the workers apart. */
static unsigned bits_of(const struct server_crew *c)
{
    unsigned bits = 0;

    while (1u << bits < c->count) {
        bits++;
    }
    return bits;
}

static bool divides(const struct server *s)
{
    return s->crew.of != NULL && s->crew.of->owner != NULL;
}

void crew_message_ids(const struct server *s, covey_message_parameters *m)
{
    if (divides(s)) {
        const unsigned bits = bits_of(s->crew.of);
        m->message_id_first = (uint16_t)(s->crew.of->me << (16 - bits));
        m->message_id_bits = (uint8_t)(16 - bits);
    }
}

/* Acknowledgements and Resets, by the Message ID; protected requests, by the
 * kid. Everything else is for whoever it comes to. */
static unsigned reader_of(const struct server_crew *c, covey_bytes datagram)
{
    covey_coap_message m;
    covey_oscore_option o;
    covey_bytes value;

    if (covey_coap_parse(&m, datagram) != COVEY_OK) {
        return c->me;
    }
    if (m.type == COVEY_COAP_ACK || m.type == COVEY_COAP_RST) {
        return (unsigned)m.message_id >> (16 - bits_of(c));
    }
    if (!covey_option_get(&m, COVEY_OPTION_OSCORE, &value) ||
        covey_oscore_option_parse(&o, value, COVEY_KUDOS_SEED) != COVEY_OK ||
        o.kid.ptr == NULL) {
        return c->me;
    }
    return c->owner(c->user, o.kid, o.kid_context);
}

static covey_bytes join(const dtls_peer *peer, covey_bytes datagram,
                        uint8_t *out, size_t cap, uint16_t *names)
{
    covey_writer w = covey_writer_of(out, cap);

    for (size_t i = 0; peer != NULL && i < peer->count; i++) {
        covey_write_bytes(&w, covey_bytes_of((const uint8_t *)peer->names[i],
                                             strlen(peer->names[i]) + 1));
    }
    *names = (uint16_t)w.pos;
    covey_write_bytes(&w, datagram);
    return w.failed == COVEY_OK ? covey_written(&w) : covey_bytes_of(out, 0);
}

static bool elsewhere(struct link *k, const covey_path *path,
                      covey_bytes datagram)
{
    const struct server *s = server_of(k);
    const struct server_crew *c = s->crew.of;
    struct head h = head_of(LETTER_DATAGRAM, k, path);
    uint8_t body[POST_MESSAGE_MAX - sizeof h];
    unsigned to;

    /* A thin link has Message IDs of its own, and is with the owner. */
    if (s->setup.listen[h.link].schc != NULL) {
        return false;
    }
    to = reader_of(c, datagram);
    if (to == c->me || to >= c->count) {
        return false;
    }
    write_letter(
        s, to, &h,
        join(link_peer(k, path), datagram, body, sizeof body, &h.names));
    return true;
}

static bool away(struct link *k, const covey_path *path, covey_bytes message)
{
    const struct server *s = server_of(k);
    const unsigned to = path->connection % s->crew.of->count;
    const struct head h = head_of(LETTER_MESSAGE, k, path);

    if (path->transport != COVEY_DTLS || to == s->crew.of->me) {
        return false;
    }
    write_letter(s, to, &h, message);
    return true;
}

/* --- what comes ---------------------------------------------------------- */

/* The client's names are back in a row. */
static dtls_peer split(const struct head *h, uint8_t *bytes)
{
    dtls_peer peer = { 0 };
    size_t at = 0;

    while (at < h->names && peer.count < DTLS_NAMES_MAX) {
        peer.names[peer.count++] = (char *)bytes + at;
        at += strlen((const char *)bytes + at) + 1;
    }
    return peer;
}

static void take_datagram(struct link *k, const struct head *h,
                          covey_bytes body)
{
    struct server *s = server_of(k);
    uint8_t copy[POST_MESSAGE_MAX];

    if (body.len < h->names) {
        return;
    }
    memcpy(copy, body.ptr, body.len);
    const dtls_peer guest = split(h, copy);
    s->crew.guest = h->path.transport == COVEY_DTLS ? &guest : NULL;
    link_deliver(k, loop_now(), &h->path,
                 covey_bytes_of(copy + h->names, body.len - h->names));
    s->crew.guest = NULL;
}

/* Since a letter may have been lost all resources are looked at. */
static void take_changes(struct server *s)
{
    const struct resources *all = s->setup.resources;

    for (size_t i = 0; i < all->count; i++) {
        const uint64_t version = shared_version(s->crew.of->shared, i);
        if (version != s->crew.seen[i]) {
            s->crew.seen[i] = version;
            notify(s, &all->rows[i], loop_now());
        }
    }
}

static void read_letter(struct link *k, const struct head *h, covey_bytes body)
{
    const covey_ms now = loop_now().mono;

    switch ((enum letter)h->letter) {
    case LETTER_DATAGRAM:
        take_datagram(k, h, body);
        break;
    case LETTER_MESSAGE:
        link_pass(k, now, &h->path, body);
        break;
    case LETTER_LOST:
        notify_forget(k, &h->path);
        covey_endpoint_lost(&k->endpoint, &h->path);
        link_settle(k, now);
        break;
    case LETTER_CHANGED:
        break;
    }
}

static void on_letter(void *user, unsigned from, covey_bytes message)
{
    struct server *s = user;
    covey_reader r = covey_reader_of(message);
    const covey_bytes bytes = covey_read_bytes(&r, sizeof(struct head));
    const covey_bytes body = covey_read_rest(&r);
    struct head h;

    (void)from;
    if (r.failed != COVEY_OK) {
        return;
    }
    memcpy(&h, bytes.ptr, sizeof h);
    if (h.link < s->link_count && s->links[h.link].kind != NULL) {
        read_letter(&s->links[h.link], &h, body);
    }
    take_changes(s);
}

/* --- what is told -------------------------------------------------------- */

static void tell_all(const struct server *s, const struct head *h)
{
    const covey_bytes nothing = { NULL, 0 };

    for (unsigned i = 0; i < s->crew.of->count; i++) {
        if (i != s->crew.of->me) {
            write_letter(s, i, h, nothing);
        }
    }
}

void crew_changed(struct server *s, const struct resource *r)
{
    const size_t which = (size_t)(r - s->setup.resources->rows);
    struct head h;

    if (s->crew.of == NULL) {
        return;
    }
    memset(&h, 0, sizeof h);
    h.letter = LETTER_CHANGED;
    s->crew.seen[which]++; /* this one our observers hear of anyway */
    tell_all(s, &h);
}

void crew_lost(struct link *k, const covey_path *path)
{
    const struct server *s = server_of(k);
    const struct head h = head_of(LETTER_LOST, k, path);

    if (divides(s) && path->transport == COVEY_DTLS) {
        tell_all(s, &h);
    }
}

const dtls_peer *crew_peer(const struct link *k, const covey_path *path)
{
    const struct server *s = server_of(k);

    return s->crew.guest != NULL ? s->crew.guest : link_peer(k, path);
}

struct shared *crew_shared(const struct server *s)
{
    return s->crew.of != NULL ? s->crew.of->shared : NULL;
}

/* --- opening and closing ------------------------------------------------- */

bool crew_has_link(const struct server *s, const struct link_listen *listen)
{
    return s->crew.of == NULL || s->crew.of->me == 0 || listen->socket != NULL;
}

bool crew_open(struct server *s)
{
    const size_t count = s->setup.resources->count;

    s->crew.of = s->setup.crew;
    if (s->crew.of == NULL) {
        return true;
    }
    s->owner.crew = s->crew.of->count;
    s->owner.me = s->crew.of->me;
    if (divides(s)) {
        s->owner.elsewhere = elsewhere;
        s->owner.away = away;
    }
    s->crew.seen = calloc(count + 1, sizeof *s->crew.seen);
    for (size_t i = 0; s->crew.seen != NULL && i < count; i++) {
        s->crew.seen[i] = shared_version(s->crew.of->shared, i);
    }
    return s->crew.seen != NULL &&
           post_open(s->crew.of->post, s->loop, s->crew.of->me, on_letter, s);
}

void crew_close(struct server *s)
{
    if (s->crew.of != NULL) {
        post_close(s->crew.of->post);
    }
    free(s->crew.seen);
}
