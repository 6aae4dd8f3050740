/* SPDX-License-Identifier: BSD-2-Clause */
/* A silent server beside the manager (seed 002 Section 7.2, last method): it
 * listens where members send to their whole group, checks who has signed what
 * (RFC 10021 Section 7.5), and notes the sequence numbers, which late joiners
 * are told. Nothing is decrypted and nothing answered. A message costs a
 * signature only if its number would be news; who repeats old ones, or makes
 * up Sender IDs, costs nothing. */
#include "gm.h"

#include <covey/cose.h>
#include <covey/sigcheck.h>

#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <system_address.h>
#include <udp.h>

enum {
    GM_CRED_MAX = 4096 /* as identities have it (config.c) */
};

/* A socket for each address; it is bound to it, so that nothing else comes. */
struct gm_ear {
    struct gm *gm;
    covey_address address;
    udp_socket *udp;
    loop_watch *watch;
};

/* --- checking ------------------------------------------------------------ */

static void note(struct gm *g, const covey_manager_member *who,
                 const covey_oscore_option *o, uint64_t number)
{
    char name[COVEY_MANAGER_NODE_MAX + 1] = "";

    memcpy(name, who->name, who->name_len);
    const log_value values[] = { log_number("serial", who->serial),
                                 log_string("node", name),
                                 log_number("number", number) };
    const log_event event = { .level = LOG_LEVEL_DEBUG,
                              .name = "gm.heard",
                              .values = values,
                              .count = sizeof values / sizeof values[0] };
    covey_manager_heard(&g->manager, o->kid_context, o->kid, number);
    log_write(g->log, &event);
}

static covey_status open_key(const struct gm *g, covey_bytes credential,
                             covey_curve curve, covey_key *out)
{
    uint8_t storage[COVEY_PUBLIC_MAX];
    covey_writer w = covey_writer_of(storage, sizeof storage);
    covey_cose_key key;
    covey_status st = covey_cose_credential_key(&key, credential);

    if (st == COVEY_OK && key.curve != curve) {
        st = COVEY_E_UNSUPPORTED;
    }
    if (st == COVEY_OK) {
        covey_cose_key_put_public(&w, &key);
        st = w.failed;
    }
    return st == COVEY_OK
               ? g->crypto->public_key(g->crypto->provider, (int32_t)curve,
                                       covey_written(&w), out)
               : st;
}

static covey_status check(const struct gm *g, const covey_manager_member *who,
                          const covey_group_parameters *p,
                          const covey_coap_message *m)
{
    covey_key key;
    covey_group_keys keys;
    covey_sigcheck checker = { .crypto = g->crypto,
                               .algorithms = p->algorithms,
                               .hkdf = p->hkdf,
                               .curve = (int32_t)p->curve,
                               .gid = p->gid,
                               .gm_cred = p->gm_cred };
    const covey_sigcheck_signer signer = {
        covey_bytes_of(who->id, who->id_len), who->credential, &key
    };
    covey_sigcheck_request noted;
    covey_status st = open_key(g, who->credential, p->curve, &key);

    if (st != COVEY_OK) {
        return st;
    }
    st = covey_group_derive(&keys, p, g->crypto);
    if (st == COVEY_OK) {
        checker.sek = covey_bytes_of(keys.sek, keys.sek_len);
        st = covey_sigcheck_note(&checker, m, &noted);
    }
    if (st == COVEY_OK) {
        st = covey_sigcheck_check(&checker, m, &signer, &noted,
                                  g->hear_scratch, g->hear_scratch_len);
    }
    covey_wipe(&keys, sizeof keys);
    g->crypto->key_drop(g->crypto->provider, &key);
    return st;
}

static void take(struct gm *g, covey_bytes datagram)
{
    uint8_t gid[COVEY_MANAGER_GID_MAX];
    covey_group_parameters p;
    covey_coap_message m;
    covey_oscore_option o;
    covey_bytes value;
    uint64_t number;

    if (covey_coap_parse(&m, datagram) != COVEY_OK || m.code == 0 ||
        m.code >> 5 != 0 ||
        covey_oscore_value_find(&o, &value, &m) != COVEY_OK || !o.group ||
        o.kid.ptr == NULL || o.kid_context.ptr == NULL ||
        covey_oscore_piv_number(o.partial_iv, &number) != COVEY_OK) {
        return;
    }
    const covey_manager_member *who =
        covey_manager_hears(&g->manager, o.kid_context, o.kid, number);
    if (who != NULL &&
        covey_manager_parameters(&g->manager, who->serial, gid, &p) ==
            COVEY_OK &&
        check(g, who, &p, &m) == COVEY_OK) {
        note(g, who, &o, number);
    }
}

/* One batch, and then others have their turn. */
static void on_ready(void *user, int events)
{
    const struct gm_ear *ear = user;
    struct gm *g = ear->gm;
    const size_t count = udp_receive(ear->udp);
    covey_path path;

    (void)events;
    for (size_t i = 0; i < count && !g->stale; i++) {
        take(g, udp_datagram(ear->udp, i, &path));
    }
}

/* --- opening ------------------------------------------------------------- */

/* Where this address is listened to already, or a new place. */
static struct gm_ear *ear_at(struct gm *g, const covey_address *address)
{
    size_t i = 0;

    while (i < g->ear_count &&
           !covey_address_equal(&g->ears[i].address, address)) {
        i++;
    }
    return &g->ears[i];
}

static bool open_ear(struct gm *g, struct gm_ear *ear,
                     const covey_address *address, char why[UDP_ERROR_MAX])
{
    const udp_options options = { .local = *address,
                                  .datagram_max = PEER_DATAGRAM_MAX };

    ear->gm = g;
    ear->address = *address;
    ear->udp = udp_open(&options, why);
    if (ear->udp == NULL) {
        return false;
    }
    g->ear_count++;
    ear->watch =
        loop_watch_new(g->loop, udp_fd(ear->udp), LOOP_READ, on_ready, ear);
    return ear->watch != NULL;
}

static bool listen_to(struct gm *g, const struct gm_hear *from,
                      char why[UDP_ERROR_MAX])
{
    const uint32_t interface =
        from->interface != NULL ? if_nametoindex(from->interface) : 0;
    covey_address address = from->address;

    if (from->interface != NULL && interface == 0) {
        (void)strncpy(why, "there is no such interface", UDP_ERROR_MAX);
        return false;
    }
    /* An address of the link alone is bound with its link. */
    if (address.family == COVEY_FAMILY_IPV6 && (address.ip[1] & 0x0f) <= 2) {
        address.zone = interface;
    }
    struct gm_ear *ear = ear_at(g, &address);
    (void)strncpy(why, "out of memory", UDP_ERROR_MAX);
    return (ear->udp != NULL || open_ear(g, ear, &address, why)) &&
           udp_join(ear->udp, &from->address, interface, why);
}

bool hear_open(struct gm *g)
{
    const struct gm_config *c = g->config;
    char text[ADDRESS_TEXT_MAX];
    char why[UDP_ERROR_MAX];

    g->hear_scratch_len =
        COVEY_SIGCHECK_SCRATCH(PEER_DATAGRAM_MAX, c->credential_max,
                               GM_CRED_MAX, COVEY_MANAGER_GID_MAX);
    g->hear_scratch = malloc(g->hear_scratch_len);
    g->ears = calloc(c->hear_count + 1, sizeof *g->ears);
    if (g->hear_scratch == NULL || g->ears == NULL) {
        return false;
    }
    for (size_t i = 0; i < c->hear_count; i++) {
        const char *address = address_text(&c->hear[i].address, text);
        if (!listen_to(g, &c->hear[i], why)) {
            gm_tell_log(g, LOG_LEVEL_ERROR, "gm.hear", address, why);
            return false;
        }
        gm_tell_log(g, LOG_LEVEL_NOTICE, "gm.hear", address, "ready");
    }
    return true;
}

void hear_close(struct gm *g)
{
    for (size_t i = 0; i < g->ear_count; i++) {
        loop_watch_end(g->ears[i].watch);
        udp_close(g->ears[i].udp);
    }
    free(g->ears);
    free(g->hear_scratch);
}
