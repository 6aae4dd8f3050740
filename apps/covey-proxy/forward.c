/* SPDX-License-Identifier: BSD-2-Clause */
/* What clients send, in the order of seed 003 Section 5.2: who it is, what is
 * wanted, whether it may be, then on it goes. */
#include "proxy.h"

#include <net/if.h>
#include <string.h>

#define CODE(class_, detail) ((uint8_t)COVEY_COAP_CODE(class_, detail))

enum {
    ECHO_AGE = 60000 /* of a value, ms */
};

/* A request on its way through the steps below. */
struct passing {
    struct proxy *p;
    struct link *near;
    bool known; /* ask.from.client is who it is */
    bool resolved;
    const covey_address *addresses; /* of the name, if resolved */
    size_t address_count;
    covey_upload upload; /* to a group: its whole body */
    const covey_endpoint_in *in;
    covey_ms now;
    covey_proxy_ask ask;
    covey_proxy_target target;
    const covey_proxy_rule *rule;
    bool group;
    bool chained;           /* on to another proxy */
    covey_proxy_wait after; /* what that one is told */
    uint8_t hop_limit;
    /* The observation that this request ends, under the same token. */
    struct link *ended_at;
    covey_exchange_ref ended;
};

/* --- what is refused ----------------------------------------------------- */

static bool say(struct passing *f, const struct answer *answer)
{
    metrics_refused(f->p, answer->code, &f->in->request.path.peer,
                    answer->text != NULL ? answer->text : "");
    answer_send(f->near, f->now, &f->in->request, answer);
    return false;
}

static bool refuse(struct passing *f, uint8_t code, const char *text)
{
    const struct answer answer = { .code = code, .text = text };

    return say(f, &answer);
}

/* --- steps: false if the request has had its answer ---------------------- */

/* The client's number; a security context makes it another client than the
 * same path without. Nothing but its address vouches for one of this host. */
static void identify(struct passing *f)
{
    struct proxy *p = f->p;
    covey_proxy_from *from = &f->ask.from;
    const covey_security *s = &f->in->request.security;

    if (s->protector != NULL) {
        f->known = clients_number(&p->secured, s->context, &from->client);
        from->association = (uint64_t)from->client + 1;
    } else if (from->path.transport == COVEY_DTLS) {
        f->known = proxy_config_peer(
            p->config, link_peer(f->near, &from->path), &from->client);
    } else if (from->path.transport == COVEY_TLS) {
        f->known = proxy_config_its(
            p->config, link_tls_peer(f->near, &from->path), &from->client);
    } else if (covey_address_is_loopback(&f->near->local)) {
        f->known =
            proxy_config_client(p->config, &from->path.peer, &from->client);
    }
}

/* The same request once more (it had no answer yet), or an end. */
static bool is_news(struct passing *f)
{
    struct proxy *p = f->p;
    const covey_coap_message *m = &f->in->message;
    covey_proxy_ref ref;
    const bool known = covey_proxy_find(&p->decisions, &f->ask.from, &ref);
    const bool waits = parked_has(p, &f->ask.from);

    if (covey_proxy_is_stop(m) || (f->in->duplicate && (known || waits))) {
        covey_endpoint_acknowledge(&f->near->endpoint, &f->in->request);
        if (!f->in->duplicate) {
            p->counters.stopped += known || waits;
            parked_drop(p, &f->ask.from);
        }
        if (known && !f->in->duplicate) {
            homeward_end(p, ref);
        }
        return false;
    }
    return true;
}

/* An observation that this request ends. */
static bool is_no_end(struct passing *f)
{
    struct proxy *p = f->p;
    const covey_coap_message *m = &f->in->message;
    covey_proxy_ref ref;
    uint32_t observe;
    const bool known = covey_proxy_find(&p->decisions, &f->ask.from, &ref);

    if (covey_option_sound_uint(m, COVEY_OPTION_OBSERVE, &observe) &&
        observe == 1 && known &&
        covey_proxy_exchange(&p->decisions, ref, &f->ended)) {
        f->ended_at = proxy_far(p, ref);
        covey_proxy_close(&p->decisions, ref);
    }
    return true;
}

/* Of the addresses of a name the first that this client may ask. */
static bool choose(struct passing *f)
{
    const struct proxy_config *c = f->p->config;

    for (size_t i = 0; i < f->address_count; i++) {
        covey_address a = f->addresses[i];
        const covey_proxy_rule *rule;
        covey_proxy_normalise(&a);
        const bool allowed =
            covey_proxy_allow(c->rules, c->rule_count, f->ask.from.client, &a,
                              &rule) == COVEY_PROXY_ALLOWED;
        if (i == 0 || allowed) {
            f->target.address = a;
        }
        if (allowed) {
            break;
        }
    }
    return f->address_count > 0 ||
           refuse(f, CODE(5, 2), "the name has no address");
}

/* Its name is looked up, and until then others go on. */
static bool park(struct passing *f)
{
    const uint8_t code = parked_add(f->near, f->in, &f->ask.from, &f->target);

    if (code != 0) {
        return refuse(f, code, "the name cannot be looked up");
    }
    covey_endpoint_acknowledge(&f->near->endpoint, &f->in->request);
    return false;
}

static bool read_target(struct passing *f, covey_writer *storage)
{
    const covey_coap_message *m = &f->in->message;
    covey_bytes value;

    if (covey_proxy_screen_request(m) != 0) {
        return refuse(f, CODE(4, 2),
                      "a proxy must understand every unsafe "
                      "option (RFC 7252 Section 5.7.1)");
    }
    const covey_status st = covey_proxy_target_read(&f->target, m, storage);
    if (st == COVEY_E_UNSUPPORTED) {
        return refuse(f, CODE(5, 5), "only coap is spoken");
    }
    if (st != COVEY_OK) {
        return refuse(f, CODE(4, 0), "no URI that could be asked");
    }
    if (!f->target.forward) {
        if (covey_option_get(m, COVEY_OPTION_OSCORE, &value)) {
            return refuse(f, CODE(4, 1), "one layer of OSCORE is for us");
        }
        answer_locally(f->near, f->now, f->in, m);
        return false;
    }
    if (f->target.scheme != COVEY_SCHEME_COAP) {
        return refuse(f, CODE(5, 5), "only coap is spoken");
    }
    if (f->target.name.ptr != NULL) {
        return f->resolved ? choose(f) : park(f);
    }
    return true;
}

static bool read_zone(struct passing *f)
{
    char name[IF_NAMESIZE];
    const covey_bytes zone = f->target.zone;

    if (zone.ptr == NULL) {
        return true;
    }
    if (zone.len < sizeof name) {
        memcpy(name, zone.ptr, zone.len);
        name[zone.len] = '\0';
        f->target.address.zone = if_nametoindex(name);
    }
    return f->target.address.zone != 0 ||
           refuse(f, CODE(4, 0), "there is no such zone");
}

/* Where it came, or another address that datagrams come to. */
static bool is_own(const struct passing *f)
{
    const struct proxy *p = f->p;
    covey_address as_addressed = f->in->request.path.local;
    bool own = false;

    as_addressed.port = f->near->local.port; /* it may be bound to all */
    for (size_t i = 0; i < p->near_count; i++) {
        own = own ||
              (p->config->listen[i].transport == LINK_UDP &&
               covey_address_equal(&p->near[i].local, &f->target.address));
    }
    return own || covey_address_equal(&as_addressed, &f->target.address);
}

/* Proxy-Uri may name the proxy itself (RFC 7252 Section 5.7.2). */
static bool is_for_others(struct passing *f)
{
    uint8_t buf[PROXY_DATAGRAM];
    covey_writer w = covey_writer_of(buf, sizeof buf);
    covey_coap_composer c = covey_coap_compose_inner(&w, f->in->message.code);
    const covey_proxy_onward how = { .target = &f->target };
    covey_coap_message m;

    if (!is_own(f)) {
        return true;
    }
    covey_proxy_put_request(&c, &f->in->message, &how);
    if (covey_coap_finish(&c) != COVEY_OK ||
        covey_coap_parse_inner(&m, covey_written(&w)) != COVEY_OK) {
        return refuse(f, CODE(4, 0), "no URI that could be asked");
    }
    answer_locally(f->near, f->now, f->in, &m);
    return false;
}

static bool is_allowed(struct passing *f)
{
    const struct proxy_config *c = f->p->config;
    covey_proxy_verdict v;

    v = covey_proxy_allow(c->rules, c->rule_count, f->ask.from.client,
                          &f->target.address, &f->rule);
    switch (v) {
    case COVEY_PROXY_ALLOWED:
        return true;
    case COVEY_PROXY_FORBIDDEN:
        return refuse(f, CODE(4, 1), "not allowed for this client");
    case COVEY_PROXY_IMPOSSIBLE:
        return refuse(f, CODE(5, 2), "nobody can be at this address");
    case COVEY_PROXY_NO_GROUPS:
        return refuse(f, CODE(5, 1), "nothing is forwarded to groups");
    }
    return false;
}

/* The whole body of a request to a group, which goes in one datagram, however
 * it comes: Block1 to groups is not defined (RFC 7959 Section 2.8). One server
 * gets the blocks as they are. */
static bool is_whole(struct passing *f)
{
    const covey_proxy_from *from = &f->ask.from;
    const bool stream = from->path.transport == COVEY_TCP;
    covey_upload *u = &f->upload;
    covey_block block;
    uint8_t code;

    if (covey_option_sound_block(&f->in->message, COVEY_OPTION_BLOCK1,
                                 &block) &&
        block.szx == COVEY_SZX_BERT && (!stream || !f->group)) {
        return refuse(f, stream ? CODE(4, 13) : CODE(4, 0),
                      "one block goes into a datagram");
    }
    if (!f->group) {
        return true;
    }
    code =
        covey_uploads_receive(&f->p->uploads, f->now, &from->path,
                              (uint32_t)from->association, &f->in->message, u);
    if (code == 0) {
        return true;
    }
    const struct answer more = { .code = code,
                                 .block1 = u->has_block1 ? &u->block1 : NULL,
                                 .size1 = u->size1,
                                 .text = "" };
    if (code >> 5 != 2) {
        return say(f, &more);
    }
    answer_send(f->near, f->now, &f->in->request, &more);
    return false;
}

/* What comes back from another proxy has a way to go: T'' is less than T'. */
static bool fits_chain(struct passing *f)
{
    f->after = f->ask.wait;
    if (!f->chained ||
        covey_proxy_wait_onward(&f->after, (uint32_t)f->p->config->margin)) {
        return true;
    }
    const struct answer longer = {
        .code = CODE(5, 5),
        .text = "answers need longer to come back over other proxies",
        .want_timeout = true,
        .timeout = f->after.seconds
    };
    return say(f, &longer);
}

/* T', without which nothing goes to a group; and how far it may go. */
static bool read_terms(struct passing *f)
{
    struct proxy *p = f->p;
    const uint32_t most = (uint32_t)p->config->collect;
    uint8_t code;

    f->group = f->rule->group;
    f->chained = f->rule->via.family != COVEY_FAMILY_NONE;
    if (f->group) {
        static const struct answer missing = {
            .code = CODE(4, 0),
            .text = "a request to a group says how long its answers are "
                    "collected",
            .want_timeout = true
        };
        if (covey_proxy_wait_read(&f->in->message, &f->ask.wait) != COVEY_OK ||
            f->ask.wait.profile == COVEY_PROXY_NONE) {
            return say(f, &missing);
        }
        if (f->ask.wait.seconds > most) {
            f->ask.wait.seconds = most;
        }
        f->ask.group = &f->target.address;
        if (!fits_chain(f)) {
            return false;
        }
        if (f->target.address.zone == 0) {
            f->target.address.zone = f->rule->address.zone;
        }
    }
    code = covey_hop_limit(&f->in->message, (uint8_t)p->config->hop_limit,
                           &f->hop_limit);
    if (code != 0) {
        return refuse(f, code,
                      code == CODE(5, 8) ? "covey-proxy" : "Hop-Limit");
    }
    return is_whole(f);
}

static bool is_admitted(struct passing *f, covey_proxy_ref *ref)
{
    struct proxy *p = f->p;
    covey_ms retry = 0;

    switch (covey_proxy_admit(&p->decisions, f->now, &f->ask, ref, &retry)) {
    case COVEY_PROXY_ADMITTED:
        return true;
    case COVEY_PROXY_TOKEN_IN_USE:
        homeward_end(p, *ref);
        return refuse(f, CODE(4, 0), "this token is still in use");
    case COVEY_PROXY_TOO_MANY:
        return refuse(f, CODE(4, 29), "too many requests");
    case COVEY_PROXY_GROUP_BUSY: {
        const struct answer busy = {
            .code = CODE(5, 3),
            .text = "another request collects from this group",
            .max_age = (uint32_t)(retry / 1000 + 1)
        };
        return say(f, &busy);
    }
    case COVEY_PROXY_FULL:
        return refuse(f, CODE(5, 3), "too many requests at all");
    }
    return false;
}

/* Who signed it, if that is asked for. A wrong one has been counted against
 * its client all the same: to check is work. */
static bool is_from_member(struct passing *f, covey_proxy_ref ref)
{
    struct proxy *p = f->p;
    struct senders *s = p->senders[f->rule - p->config->rules];

    if (s == NULL || senders_check(s, &f->in->message)) {
        return true;
    }
    covey_proxy_close(&p->decisions, ref);
    return refuse(f, CODE(4, 1), "no new request that a member has signed");
}

/* --- onward -------------------------------------------------------------- */

static covey_path way_of(const struct passing *f)
{
    if (f->chained) {
        return (covey_path){ .peer = f->rule->via };
    }
    return (covey_path){ .peer = f->target.address,
                         .interface = f->rule->interface,
                         .group = f->group };
}

static void send_on(struct passing *f, covey_proxy_ref ref)
{
    struct proxy *p = f->p;
    struct link *far = proxy_far(p, ref);
    const uint32_t wait = f->ask.wait.seconds * 1000;
    const covey_message_parameters t = covey_message_defaults();
    covey_endpoint_call call = {
        .path = way_of(f),
        .type = f->group && !f->chained ? COVEY_COAP_NON
                                        : (covey_coap_type)f->in->request.type,
        .code = f->in->message.code,
        .patience = f->group ? (wait > 0 ? wait : 1)
                             : (uint32_t)covey_message_max_transmit_wait(&t),
        .server_limit = UINT16_MAX, /* those of all are counted */
        .many = f->group && f->chained,
        .user = proxy_user(ref),
        .instead = f->ended
    };
    const covey_proxy_onward how = { .target = &f->target,
                                     .hop_limit = f->hop_limit,
                                     .whole = f->group,
                                     .payload = f->upload.body,
                                     .chain = f->chained ? &f->after : NULL };
    covey_writer w;
    covey_draft draft;
    covey_endpoint_sent sent;
    covey_status st;

    if (far != f->ended_at) {
        call.instead.serial = 0; /* another target */
    }
    w = link_departure(far);
    covey_endpoint_request_begin(&far->endpoint, &draft, &call, &w);
    covey_proxy_put_request(&draft.composer, &f->in->message, &how);
    st = covey_endpoint_request_send(&far->endpoint, f->now, &draft, &call,
                                     &sent);
    if (st != COVEY_OK) {
        covey_proxy_close(&p->decisions, ref);
        if (covey_status_class_of(st) == COVEY_CLASS_ROOM) {
            refuse(f, CODE(4, 13), "it does not fit a datagram");
        } else {
            refuse(f, CODE(5, 3), "it cannot be sent now");
        }
        return;
    }
    if (call.instead.serial != 0) {
        f->ended.serial = 0; /* it goes on as this one */
    }
    covey_proxy_bind(&p->decisions, ref, sent.exchange);
    link_commit(far, &sent, &w);
    p->counters.requests++;
    p->counters.group_requests += f->group;
    show_request(p->show, f->now, ref,
                 &(struct show_asked){ &f->in->request.path, &call.path,
                                       &f->in->message });
    if (f->group && wait == 0) {
        homeward_end(p, ref); /* nobody wants to hear of it */
    }
}

/* What the request was to end, and has not. */
static void end_rest(const struct passing *f)
{
    if (f->ended.serial != 0) {
        covey_endpoint_cancel(&f->ended_at->endpoint, f->ended);
    }
}

static void pass(struct passing *f)
{
    struct proxy *p = f->p;
    const covey_endpoint_request *request = &f->in->request;
    uint8_t host[COVEY_PROXY_HOST_MAX];
    covey_writer storage = covey_writer_of(host, sizeof host);
    covey_proxy_ref ref;

    f->ask.from = (covey_proxy_from){
        .path = request->path,
        .token = covey_bytes_of(request->token, request->token_len),
    };
    identify(f);
    if (!f->known) {
        refuse(f, CODE(4, 1), "who are you?");
        return;
    }
    if (!is_news(f) || !read_target(f, &storage) || !is_no_end(f) ||
        !read_zone(f) || !is_for_others(f) || !is_allowed(f) ||
        !read_terms(f) || !is_admitted(f, &ref) || !is_from_member(f, ref)) {
        end_rest(f);
        return;
    }
    p->asked[ref.row] = (struct asked){
        .heard = (uint32_t)(f->now / 1000),
        .near = (uint8_t)(f->near - p->near),
        .far = way_of(f).peer.family == COVEY_FAMILY_IPV6,
        .scheme = (uint8_t)f->target.scheme,
        .group_port = f->target.address.port,
        .chained = f->chained,
    };
    covey_endpoint_keep(&p->asked[ref.row].request, request);
    if (f->group) {
        /* Answers may be a long time coming. */
        covey_endpoint_acknowledge(&f->near->endpoint, request);
    }
    send_on(f, ref);
    end_rest(f);
}

void forward(struct link *near, covey_ms now, const covey_endpoint_in *in)
{
    struct passing f = {
        .p = proxy_of(near), .near = near, .in = in, .now = now
    };

    pass(&f);
}

void forward_resolved(struct link *near, covey_ms now,
                      const covey_endpoint_in *in,
                      const covey_address *addresses, size_t count)
{
    struct passing f = { .p = proxy_of(near),
                         .near = near,
                         .in = in,
                         .now = now,
                         .resolved = true,
                         .addresses = addresses,
                         .address_count = count };

    pass(&f);
}

/* RFC 8613 Appendix B.1.2. After a restart it is not known what has been
 * received before: the client repeats its request with what it is told. */
void forward_challenge(struct link *near, covey_ms now, covey_endpoint_in *in)
{
    struct proxy *p = proxy_of(near);
    uint8_t value[COVEY_ECHO_LEN];
    const struct answer again = {
        .code = CODE(4, 1),
        .echo = covey_bytes_of(value, sizeof value),
        .text = "",
    };

    if (covey_echo_is_fresh(&p->echo, now, &in->request.path, 0, &in->message,
                            ECHO_AGE)) {
        if (covey_endpoint_recover(&near->endpoint, now, in) == COVEY_OK) {
            forward(near, now, in);
        }
    } else if (covey_echo_challenge(&p->echo, now, &in->request.path, 0,
                                    ECHO_AGE, value) == COVEY_OK) {
        answer_send(near, now, &in->request, &again);
    }
}

void forward_event(struct proxy *p, const covey_endpoint_report *event)
{
    /* Who rejects an answer, or takes none any more, wants no other. */
    if (event->what == COVEY_ENDPOINT_REPLY_RESET ||
        event->what == COVEY_ENDPOINT_REPLY_TIMED_OUT) {
        p->counters.stopped++;
        homeward_end(p, proxy_ref(event->user));
    }
}
