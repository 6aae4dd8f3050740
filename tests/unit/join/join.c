/* SPDX-License-Identifier: BSD-2-Clause */
#include "join.h"

/* --- octets and vectors -------------------------------------------------- */

covey_bytes octets_span(const struct octets *o)
{
    return covey_bytes_of(o->bytes, o->len);
}

static void set_octets(struct octets *o, covey_bytes span)
{
    assert_true(span.len <= sizeof o->bytes);
    memmove(o->bytes, span.ptr, span.len);
    o->len = span.len;
}

/* Rules by their index in the file, which is their RuleID too. */
static const struct {
    const char *path;
    uint16_t inner;
    uint16_t outer;
    uint16_t outer_count;
} sections[] = {
    { "tests/vectors/schc/8824-update-09_section8.json", 0, 1, 1 },
    { "tests/vectors/schc/8824-update-09_section10_proxies.json", 2, 3, 2 },
};

static covey_schc_rules some(const covey_schc_rules *all, uint16_t first,
                             uint16_t count)
{
    covey_schc_rules set = *all;

    assert_true(first + count <= all->count);
    set.rules += first;
    set.count = count;
    return set;
}

void vectors_open(struct vectors *v, enum section section)
{
    const rules_options options = rules_default_options();
    const char *path = sections[section].path;
    rules_report report = { NULL, 0, 0 };

    v->doc = rules_json_read(path, &report);
    assert_non_null(v->doc);
    v->file = rules_load_node(rules_json_get(rules_json_root(v->doc), "rules"),
                              &options, &report);
    if (v->file == NULL) {
        rules_report_print(&report, path, stderr);
        fail();
    }
    rules_report_free(&report);
    v->inner = some(rules_get(v->file), sections[section].inner, 1);
    v->outer = some(rules_get(v->file), sections[section].outer,
                    sections[section].outer_count);
}

void vectors_close(struct vectors *v)
{
    rules_free(v->file);
    rules_json_free(v->doc);
}

static struct fy_node *find(const struct vectors *v, const char *name)
{
    struct fy_node *list = rules_json_get(rules_json_root(v->doc), "vectors");
    struct fy_node *vector = NULL;
    const char *key = NULL;
    void *at = NULL;

    while (rules_json_next(list, &at, &key, &vector)) {
        const char *own = rules_json_string(rules_json_get(vector, "name"));
        if (own != NULL && strcmp(own, name) == 0) {
            return vector;
        }
    }
    fail_msg("no vector %s", name);
    return NULL;
}

static const char *member_of(struct fy_node *object, const char *member)
{
    const char *hex = rules_json_string(rules_json_get(object, member));

    assert_non_null(hex);
    return hex;
}

const char *vectors_hex(const struct vectors *v, const char *name,
                        const char *member)
{
    return member_of(find(v, name), member);
}

const char *vectors_oscore(const struct vectors *v, const char *name,
                           const char *member)
{
    return member_of(rules_json_get(find(v, name), "oscore"), member);
}

/* --- SCHC ---------------------------------------------------------------- */

covey_status squeeze(const covey_schc_context *rules, covey_schc_direction way,
                     covey_bytes packet, struct octets *schc)
{
    uint8_t storage[JOIN_MAX];
    covey_bit_writer w = covey_bit_writer_of(storage, sizeof storage);
    const covey_status st = covey_schc_compress(rules, way, packet, &w, NULL);

    if (st == COVEY_OK) {
        set_octets(schc, covey_bits_written(&w));
    }
    return st;
}

covey_status expand(const covey_schc_context *rules, covey_schc_direction way,
                    covey_bytes schc, struct octets *packet)
{
    uint8_t storage[JOIN_MAX];
    covey_writer w = covey_writer_of(storage, sizeof storage);
    const covey_status st = covey_schc_decompress(rules, way, schc, &w, NULL);

    if (st == COVEY_OK) {
        set_octets(packet, covey_written(&w));
    }
    return st;
}

/* --- out ----------------------------------------------------------------- */

static covey_coap_message parsed(const struct octets *o)
{
    covey_coap_message m;

    CHECK_STATUS(COVEY_OK, covey_coap_parse(&m, octets_span(o)));
    return m;
}

static bool is_request(const covey_coap_message *m)
{
    return m->code < COVEY_COAP_CODE(1, 0);
}

void join_send_inner(struct end *from, covey_schc_direction way,
                     const char *message, covey_bytes inner, struct steps *s)
{
    const covey_oscore_work work = { .inner = NULL };
    covey_writer out = covey_writer_of(s->sealed.bytes, JOIN_MAX);
    covey_coap_message m;
    covey_status st;

    s->message.len =
        kit_hex(message, s->message.bytes, sizeof s->message.bytes).len;
    m = parsed(&s->message);
    st = is_request(&m)
             ? covey_oscore_seal_request(from->context, &from->exchange, &m,
                                         inner, &work, &out)
             : covey_oscore_seal_response(from->context, &from->exchange, &m,
                                          inner, &work, &out);
    CHECK_STATUS(COVEY_OK, st);
    s->sealed.len = out.pos;
    CHECK_STATUS(COVEY_OK, squeeze(&from->outer, way, octets_span(&s->sealed),
                                   &s->frame));
}

void join_send(struct end *from, covey_schc_direction way, const char *message,
               struct steps *s)
{
    const covey_oscore_work work = { .inner = NULL };
    covey_writer plain = covey_writer_of(s->plaintext.bytes, JOIN_MAX);
    covey_coap_message m;

    s->message.len =
        kit_hex(message, s->message.bytes, sizeof s->message.bytes).len;
    m = parsed(&s->message);
    CHECK_STATUS(COVEY_OK, covey_oscore_compose(&plain, &m, &work));
    s->plaintext.len = plain.pos;
    CHECK_STATUS(COVEY_OK, squeeze(&from->inner, way,
                                   octets_span(&s->plaintext), &s->inner));
    join_send_inner(from, way, message, octets_span(&s->inner), s);
}

/* --- in ------------------------------------------------------------------ */

static struct arrival stopped(enum stop stop, covey_status st)
{
    const struct arrival a = { .stop = stop, .status = st };

    return a;
}

static void open_sealed(struct end *to, const covey_coap_message *outer,
                        struct steps *s, struct arrival *a)
{
    covey_writer inner = covey_writer_of(s->inner.bytes, JOIN_MAX);
    const covey_unprotect said =
        is_request(outer)
            ? covey_oscore_open_request(to->context, &to->exchange, outer,
                                        &inner, &a->received)
            : covey_oscore_open_response(to->context, &to->exchange, outer,
                                         &inner, &a->received);

    s->inner.len = inner.pos;
    a->stop = said == COVEY_UNPROTECT_FRESH ? DELIVERED : AT_OPEN;
    a->status = a->received.status;
}

static void assemble(struct end *to, const covey_coap_message *outer,
                     struct steps *s, struct arrival *a)
{
    const covey_oscore_work work = { .inner = NULL };
    covey_writer out = covey_writer_of(s->message.bytes, JOIN_MAX);

    a->received.plaintext = octets_span(&s->plaintext);
    if (is_request(outer)) {
        a->status = covey_oscore_assemble_request(
            &to->exchange, outer, a->received.plaintext, &work, &out);
    } else if (covey_oscore_assemble_response(&to->exchange, outer,
                                              &a->received, &work,
                                              &out) != COVEY_UNPROTECT_FRESH) {
        a->status = a->received.status;
    }
    a->stop = a->status == COVEY_OK ? DELIVERED : AT_ASSEMBLE;
    s->message.len = out.pos;
}

struct arrival join_receive(struct end *to, covey_schc_direction way,
                            struct steps *s)
{
    covey_coap_message outer;
    struct arrival a = { .stop = DELIVERED };
    covey_status st =
        expand(&to->outer, way, octets_span(&s->frame), &s->sealed);

    if (st != COVEY_OK) {
        return stopped(AT_OUTER, st);
    }
    st = covey_coap_parse(&outer, octets_span(&s->sealed));
    if (st != COVEY_OK) {
        return stopped(AT_MESSAGE, st);
    }
    open_sealed(to, &outer, s, &a);
    if (a.stop != DELIVERED) {
        return a;
    }
    a.status = expand(&to->inner, way, octets_span(&s->inner), &s->plaintext);
    if (a.status != COVEY_OK) {
        a.stop = AT_INNER;
        return a;
    }
    assemble(to, &outer, s, &a);
    return a;
}

/* --- ends and a proxy ---------------------------------------------------- */

static void context_open(covey_oscore_context *c, const covey_crypto *crypto,
                         covey_bytes sender, covey_bytes recipient)
{
    const covey_oscore_parameters p = {
        .aead = COVEY_AES_CCM_16_64_128,
        .hkdf = COVEY_HMAC_256_256,
        .master_secret = SPAN("0123456789abcdef"),
        .sender_id = sender,
        .recipient_id = recipient,
    };
    /* The examples' requests have Partial IV 04. */
    const covey_oscore_start start = { .state = { .ssn = 4 },
                                       .window_in_memory = true };
    const covey_oscore_state next = { 1024, COVEY_OSCORE_WINDOW_LOST };

    CHECK_STATUS(COVEY_OK, covey_oscore_setup(c, crypto, &p, &start));
    CHECK_STATUS(COVEY_OK, covey_oscore_stored(c, &next));
}

void join_open(struct join_pair *p, const covey_crypto *crypto,
               const struct vectors *v, covey_bytes client_id)
{
    memset(p, 0, sizeof *p);
    context_open(&p->client, crypto, client_id, SPAN("s"));
    context_open(&p->server, crypto, SPAN("s"), client_id);
    p->near.context = &p->client;
    p->far.context = &p->server;
    p->near.inner.rules = &v->inner;
    p->near.inner.stack = COVEY_SCHC_STACK_COAP_INNER;
    p->near.outer.rules = &v->outer;
    p->near.outer.stack = COVEY_SCHC_STACK_COAP;
    p->far.inner = p->near.inner;
    p->far.outer = p->near.outer;
}

void join_close(struct join_pair *p)
{
    covey_oscore_drop(&p->client);
    covey_oscore_drop(&p->server);
}

void forward(const struct octets *in, uint16_t message_id, covey_bytes token,
             struct octets *out)
{
    const covey_coap_message m = parsed(in);
    covey_coap_message head = m;
    covey_writer w = covey_writer_of(out->bytes, JOIN_MAX);
    covey_coap_option_iter options = covey_coap_options_of(&m);
    covey_coap_composer c;
    covey_coap_option o;

    head.message_id = message_id;
    head.token = token;
    c = covey_coap_compose(&w, &head);
    while (covey_coap_option_next(&options, &o)) {
        if (o.number != COVEY_OPTION_PROXY_SCHEME) {
            covey_coap_put_option(&c, o.number, o.value);
        }
    }
    covey_coap_put_payload(&c, m.payload);
    CHECK_STATUS(COVEY_OK, covey_coap_finish(&c));
    out->len = w.pos;
}
