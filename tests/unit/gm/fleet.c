/* SPDX-License-Identifier: BSD-2-Clause */
#include "fleet.h"

#include <covey/coap_options.h>
#include <covey/keying.h>
#include <crypto/openssl/openssl.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <system_address.h>
#include <time.h>

enum {
    SZX = 6,
    PATIENCE = 20000,
    ACK_TIMEOUT = 200, /* ms: nobody is far away */
    SECRET = 16
};

static const char control_path[] = "gm";

/* --- what follows from a number ------------------------------------------ */

static void put_secret(unsigned number, uint8_t out[SECRET])
{
    memcpy(out, "covey fleet ....", SECRET);
    for (unsigned i = 0; i < 4; i++) {
        out[SECRET - 1 - i] = (uint8_t)(number >> 8 * i);
    }
}

static void put_id(unsigned number, uint8_t out[2])
{
    out[0] = (uint8_t)(number >> 8);
    out[1] = (uint8_t)number;
}

store_enrolment fleet_enrolment(unsigned number, const char *group)
{
    static const uint8_t all[] = { 0x81, 0x82, 0xf5, 0x18, 0x3f };
    static const uint8_t manager[] = { 'M' };
    static uint8_t secret[SECRET];
    static uint8_t id[2];
    static uint8_t scope[80];
    static char name[12];
    covey_writer w = covey_writer_of(scope, sizeof scope);
    store_enrolment e = { .aead = COVEY_AES_CCM_16_64_128,
                          .hkdf = COVEY_HMAC_256_256,
                          .sender_id = covey_bytes_of(manager, 1) };

    put_secret(number, secret);
    put_id(number, id);
    covey_cbor_put_array(&w, 1);
    covey_keying_put_scope(&w, covey_bytes_text(group), COVEY_KEYING_ROLES);
    (void)snprintf(name, sizeof name, number == 0 ? "op" : "n%u", number);
    e.name = covey_bytes_text(name);
    e.recipient_id = covey_bytes_of(id, sizeof id);
    e.master_secret = covey_bytes_of(secret, sizeof secret);
    e.scope =
        number == 0 ? covey_bytes_of(all, sizeof all) : covey_written(&w);
    return e;
}

/* Numbers that no run before this one has used. */
static uint64_t first_number(void)
{
    return ((uint64_t)time(NULL) << 9) & (COVEY_OSCORE_SSN_END - 1);
}

static bool open_association(struct fleet_node *n)
{
    const store_enrolment e = fleet_enrolment(n->number, "g");
    const covey_oscore_parameters p = {
        .aead = e.aead,
        .hkdf = e.hkdf,
        .master_secret = e.master_secret,
        .sender_id = e.recipient_id,
        .recipient_id = e.sender_id,
    };
    const covey_oscore_start start = { .state = { first_number(), 0 },
                                       .window_in_memory = true,
                                       .ahead = 1 << 20 };

    return covey_oscore_setup(&n->association, &n->fleet->crypto, &p,
                              &start) == COVEY_OK;
}

bool fleet_identity(const covey_crypto *crypto, unsigned number,
                    covey_key *key, covey_writer *raw, covey_writer *cred)
{
    uint8_t secret[32] = { 0x47 };
    uint8_t point[COVEY_PUBLIC_MAX];
    covey_writer p = covey_writer_of(point, sizeof point);
    covey_cose_key cose = { .kty = COVEY_KTY_OKP, .curve = COVEY_ED25519 };

    put_secret(number, secret + 8);
    covey_write_bytes(raw, covey_bytes_of(secret, sizeof secret));
    if (crypto->private_key(crypto->provider, COVEY_ED25519,
                            covey_bytes_of(secret, sizeof secret),
                            key) != COVEY_OK ||
        crypto->public_of(crypto->provider, key, &p) != COVEY_OK) {
        return false;
    }
    cose.x = covey_written(&p);
    covey_cbor_put_map(cred, 1);
    covey_cbor_put_int(cred, 8);
    covey_cbor_put_map(cred, 1);
    covey_cbor_put_int(cred, 1);
    covey_cose_key_put(cred, &cose);
    return cred->failed == COVEY_OK;
}

static bool open_key(struct fleet_node *n)
{
    uint8_t storage[32];
    covey_writer raw = covey_writer_of(storage, sizeof storage);
    covey_writer out = covey_writer_of(n->cred, sizeof n->cred);
    const bool made =
        fleet_identity(&n->fleet->crypto, n->number, &n->key, &raw, &out);

    n->credential = covey_written(&out);
    return made;
}

/* --- asking -------------------------------------------------------------- */

static void put_request(covey_coap_composer *c, const struct fleet_node *n,
                        const covey_fetch_request *parts, covey_bytes echo)
{
    uint8_t buf[3];
    covey_bytes value;

    for (size_t i = 0; i < n->request.segment_count; i++) {
        covey_coap_put_option(c, COVEY_OPTION_URI_PATH, n->request.segment[i]);
    }
    if (n->request.format != UINT16_MAX) {
        covey_coap_put_uint(c, COVEY_OPTION_CONTENT_FORMAT, n->request.format);
    }
    if (parts->has_block2 &&
        covey_block_encode(&parts->block2, buf, &value) == COVEY_OK) {
        covey_coap_put_option(c, COVEY_OPTION_BLOCK2, value);
    }
    if (parts->has_block1 &&
        covey_block_encode(&parts->block1, buf, &value) == COVEY_OK) {
        covey_coap_put_option(c, COVEY_OPTION_BLOCK1, value);
    }
    if (echo.ptr != NULL) {
        covey_coap_put_option(c, COVEY_OPTION_ECHO, echo);
    }
    covey_coap_put_payload(c, parts->payload);
}

static bool send_part(struct fleet_node *n, covey_bytes echo)
{
    const covey_endpoint_call call = {
        .path = { .peer = n->fleet->manager },
        .type = COVEY_COAP_CON,
        .code = n->request.code,
        .protector = n->protectors[0],
        .context = &n->association,
        .patience = PATIENCE,
    };
    covey_endpoint *e = peer_endpoint(n->peer);
    covey_writer w = peer_departure(n->peer);
    covey_fetch_request parts;
    covey_endpoint_sent sent;
    covey_draft draft;

    if (covey_fetch_next(&n->fetch, &parts) != COVEY_OK) {
        return false;
    }
    covey_endpoint_request_begin(e, &draft, &call, &w);
    put_request(&draft.composer, n, &parts, echo);
    if (covey_endpoint_request_send(e, loop_now().mono, &draft, &call,
                                    &sent) != COVEY_OK) {
        return false;
    }
    if (w.pos <= sizeof n->last) {
        memcpy(n->last, w.base, w.pos);
        n->last_len = w.pos;
    }
    peer_commit(n->peer, &sent, &w);
    n->busy = true;
    return true;
}

/* n->request is set, with its payload in n->body. */
static bool begin(struct fleet_node *n)
{
    covey_fetch_config config = { .buffer = n->answer,
                                  .cap = FLEET_BODY,
                                  .szx = SZX };

    if (n->body_len > 0) {
        config.body = covey_bytes_of(n->body, n->body_len);
    }
    n->repeated = false;
    return covey_fetch_init(&n->fetch, &config) == COVEY_OK &&
           send_part(n, covey_bytes_of(NULL, 0));
}

static void tell_events(struct fleet_node *n)
{
    const struct fleet_handlers *on = &n->fleet->on;
    covey_member_event event;

    while (covey_member_event_next(&n->member, &event)) {
        if (on->event != NULL) {
            on->event(on->user, n, &event);
        }
    }
}

static void set_alarm(struct fleet *f)
{
    covey_ms at = COVEY_NEVER;

    for (unsigned i = 1; i <= f->count; i++) {
        if (!f->nodes[i].busy) {
            at = covey_earlier(at, covey_member_deadline(&f->nodes[i].member));
        }
    }
    loop_alarm_set(f->alarm, at);
}

/* Sends what nodes want to send. */
static void pump(struct fleet_node *n)
{
    covey_writer out = covey_writer_of(n->body, sizeof n->body);
    covey_status st;

    if (!n->busy && covey_member_transmit(&n->member, loop_now(), &n->request,
                                          &out, &st)) {
        n->asks = false;
        n->body_len = out.pos;
        if (!begin(n)) {
            covey_member_lost(&n->member);
        }
    }
    peer_flush(n->peer, loop_now());
}

static void finish(struct fleet_node *n, uint8_t code, covey_bytes payload)
{
    const struct fleet_handlers *on = &n->fleet->on;

    n->busy = false;
    if (n->asks) {
        if (on->answer != NULL) {
            on->answer(on->user, n, code, payload);
        }
    } else if (code == 0) {
        covey_member_lost(&n->member);
    } else {
        if (on->keys != NULL && code >> 5 == 2 && payload.len > 0) {
            on->keys(on->user, n, payload);
        }
        (void)!covey_member_receive(&n->member, loop_now(), code, payload);
        tell_events(n);
    }
    pump(n);
}

static void on_response(void *user, peer *p, covey_time now,
                        const covey_endpoint_in *in)
{
    struct fleet_node *n = user;
    covey_bytes echo;

    (void)p;
    (void)now;
    if (covey_echo_repeat(&in->message, n->repeated, &echo)) {
        n->repeated = true;
        if (!send_part(n, echo)) {
            finish(n, 0, echo);
        }
        return;
    }
    n->code = in->message.code;
    switch (covey_fetch_response(&n->fetch, &in->message)) {
    case COVEY_FETCH_NEXT:
        if (send_part(n, covey_bytes_of(NULL, 0))) {
            return;
        }
        break;
    case COVEY_FETCH_DONE:
        finish(n, n->code, covey_fetch_body(&n->fetch));
        return;
    case COVEY_FETCH_FAILED:
        break;
    }
    finish(n, 0, covey_bytes_of(NULL, 0));
}

static void on_report(void *user, peer *p, covey_time now,
                      const covey_endpoint_report *report)
{
    struct fleet_node *n = user;

    (void)p;
    (void)now;
    if (report->what != COVEY_ENDPOINT_ANSWERED && n->busy) {
        finish(n, 0, covey_bytes_of(NULL, 0));
    }
}

/* --- being told ---------------------------------------------------------- */

static uint8_t take_news(struct fleet_node *n, covey_time now,
                         const covey_endpoint_in *in)
{
    const struct fleet_handlers *on = &n->fleet->on;

    if (in->message.code == COVEY_COAP_CODE(0, 4)) {
        covey_member_evicted(&n->member);
        return COVEY_COAP_CODE(2, 2);
    }
    if (in->message.code != COVEY_COAP_CODE(0, 2)) {
        return COVEY_COAP_CODE(4, 5);
    }
    if (on->keys != NULL) {
        on->keys(on->user, n, in->message.payload);
    }
    return covey_member_news(&n->member, now, in->message.payload);
}

static void on_request(void *user, peer *p, covey_time now,
                       covey_endpoint_in *in)
{
    struct fleet_node *n = user;
    covey_endpoint *e = peer_endpoint(p);
    covey_endpoint_sent sent;
    covey_draft draft;
    covey_writer w;
    uint8_t code = COVEY_COAP_CODE(4, 1);

    if (n->deaf) {
        return;
    }
    if (in->request.security.protector != NULL) {
        code = take_news(n, now, in);
    }
    w = peer_departure(p);
    covey_endpoint_reply_begin(e, &draft, &in->request, code, &w);
    if (covey_endpoint_reply_send(e, now.mono, &draft, NULL, &sent) ==
        COVEY_OK) {
        peer_commit(p, &sent, &w);
    }
    tell_events(n);
    pump(n);
}

/* --- opening ------------------------------------------------------------- */

static covey_oscore_context *find(void *user, covey_bytes kid,
                                  covey_bytes kid_context)
{
    struct fleet_node *n = user;

    (void)kid_context;
    return covey_bytes_equal(kid, covey_bytes_text("M")) ? &n->association
                                                         : NULL;
}

/* A test that is killed begins with other numbers. */
static covey_status keep(void *user, const covey_oscore_context *context,
                         const covey_oscore_state *state)
{
    (void)user;
    (void)context;
    (void)state;
    return COVEY_OK;
}

static covey_status fill(void *user, covey_writer *out)
{
    const covey_crypto *crypto = user;

    return crypto->random(crypto->provider, out);
}

static bool open_peer(struct fleet_node *n)
{
    struct fleet *f = n->fleet;
    peer_options options = {
        .local = f->manager,
        .protectors = n->protectors,
        .protector_count = 1,
        .random = { fill, &f->crypto },
        .requests = 4,
        .duplicates = 32,
        .outstanding = 16,
        .ack_timeout = ACK_TIMEOUT,
        .on = { .request = on_request,
                .response = on_response,
                .report = on_report,
                .user = n },
    };
    char error[PEER_ERROR_MAX];
    char text[ADDRESS_TEXT_MAX];

    options.local.port = 0;
    n->oscore.find = find;
    n->oscore.store = keep;
    n->oscore.user = n;
    covey_oscore_protector_init(&n->oscore);
    n->protectors[0] = &n->oscore.protector;
    n->peer = peer_open(f->loop, &options, error);
    if (n->peer == NULL) {
        fprintf(stderr, "fleet: %s\n", error);
        return false;
    }
    const covey_address local = peer_local(n->peer);
    (void)snprintf(n->control, sizeof n->control, "coap://%s/%s",
                   address_text(&local, text), control_path);
    return true;
}

static void on_due(void *user)
{
    struct fleet *f = user;
    const covey_ms now = loop_now().mono;

    for (unsigned i = 1; i <= f->count; i++) {
        if (!f->nodes[i].busy &&
            covey_member_deadline(&f->nodes[i].member) <= now) {
            pump(&f->nodes[i]);
        }
    }
    set_alarm(f);
}

bool fleet_open(struct fleet *f, loop *l, const covey_address *manager,
                unsigned count)
{
    f->loop = l;
    f->manager = *manager;
    f->count = count;
    f->alarm = loop_alarm_new(l, on_due, f);
    f->nodes = calloc((size_t)count + 1, sizeof *f->nodes);
    if (f->alarm == NULL || f->nodes == NULL ||
        covey_openssl_open(&f->crypto) != COVEY_OK) {
        return false;
    }
    for (unsigned i = 0; i <= count; i++) {
        struct fleet_node *n = &f->nodes[i];
        n->fleet = f;
        n->number = i;
        (void)snprintf(n->name, sizeof n->name, i == 0 ? "op" : "n%u", i);
        n->answer = malloc(FLEET_BODY);
        if (n->answer == NULL || !open_association(n) || !open_key(n) ||
            !open_peer(n)) {
            return false;
        }
    }
    return true;
}

void fleet_close(struct fleet *f)
{
    for (unsigned i = 0; f->nodes != NULL && i <= f->count; i++) {
        struct fleet_node *n = &f->nodes[i];
        peer_close(n->peer);
        covey_member_drop(&n->member);
        covey_oscore_drop(&n->association);
        f->crypto.key_drop(f->crypto.provider, &n->key);
        free(n->answer);
    }
    free(f->nodes);
    if (f->alarm != NULL) {
        loop_alarm_end(f->alarm);
    }
    covey_openssl_close(&f->crypto);
}

/* --- what nodes do ------------------------------------------------------- */

void fleet_join(struct fleet_node *n, const char *group, uint8_t roles)
{
    const covey_member_config config = {
        .crypto = &n->fleet->crypto,
        .group = covey_bytes_text(group),
        .node = covey_bytes_text(n->name),
        .roles = roles,
        .credential = n->credential,
        .private_key = &n->key,
        .control_uri =
            covey_bytes_text(n->fleet->paths ? control_path : n->control),
        .creds = n->fleet->creds,
    };
    const covey_member_memory memory = {
        .group = &n->group,
        .start = { .recipients = n->recipients, .recipient_max = FLEET_PEERS },
        .peers = n->peers,
        .credentials = n->creds,
        .credential_max = FLEET_CRED,
    };

    covey_member_drop(&n->member);
    if (covey_member_init(&n->member, &config, &memory) == COVEY_OK) {
        covey_member_join(&n->member);
        pump(n);
    }
    set_alarm(n->fleet);
}

void fleet_leave(struct fleet_node *n)
{
    covey_member_leave(&n->member);
    pump(n);
}

bool fleet_ask(struct fleet_node *n, uint8_t code, const char *path,
               uint16_t format, covey_bytes payload)
{
    covey_member_request *r = &n->request;
    const uint8_t *at = (const uint8_t *)path;

    if (n->busy || payload.len > sizeof n->body) {
        return false;
    }
    memset(r, 0, sizeof *r);
    r->code = code;
    r->format = format;
    while (*at != '\0' && r->segment_count < 5) {
        const size_t len = strcspn((const char *)at, "/");
        r->segment[r->segment_count++] = covey_bytes_of(at, len);
        at += len + (at[len] == '/' ? 1 : 0);
    }
    n->body_len = payload.len;
    if (payload.len > 0) {
        memcpy(n->body, payload.ptr, payload.len);
    }
    n->asks = true;
    const bool sent = begin(n);
    peer_flush(n->peer, loop_now());
    return sent;
}
