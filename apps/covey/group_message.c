/* SPDX-License-Identifier: BSD-2-Clause */
#include "group_message.h"

#include "cmd.h"
#include "coap_app.h"

#include <hex.h>
#include <stdlib.h>
#include <string.h>

static int malformed(const group_message *m, const group_args *args,
                     covey_status st)
{
    bool complete;
    const struct coap_fault f = coap_fault_find(
        COAP_DATAGRAM, covey_bytes_of(m->bytes, m->len), &complete);

    return group_fail(args, EXIT_NEGATIVE, "byte %zu: expected %s (%s) [%s]",
                      f.at, f.expected, f.section, covey_status_name(st));
}

covey_status group_message_parse(group_message *m)
{
    covey_status st =
        covey_coap_parse(&m->coap, covey_bytes_of(m->bytes, m->len));

    if (st != COVEY_OK) {
        return st;
    }
    m->request = m->coap.code >> 5 == 0;
    if (covey_oscore_value_find(&m->option, &m->value, &m->coap) != COVEY_OK) {
        memset(&m->option, 0, sizeof m->option);
        m->value = covey_bytes_of(NULL, 0);
    }
    return COVEY_OK;
}

static int read_hex(group_message *m, const group_args *args, const char *hex)
{
    char error[200];
    covey_status st;

    memset(m, 0, sizeof *m);
    if (!hex_read(hex, &m->bytes, &m->len, error, sizeof error)) {
        return group_fail(args, ferror(stdin) ? EXIT_IO : EXIT_USAGE, "%s",
                          error);
    }
    st = group_message_parse(m);
    return st == COVEY_OK ? EXIT_DONE : malformed(m, args, st);
}

/* With all that responses are bound to. */
static int read_request(group_message *m, const group_args *args)
{
    int rc = read_hex(m, args, args->request);

    if (rc == EXIT_DONE && (!m->request || m->option.kid.ptr == NULL ||
                            m->option.partial_iv.ptr == NULL ||
                            m->option.kid_context.ptr == NULL ||
                            m->option.kid.len > COVEY_OSCORE_ID_MAX)) {
        rc = group_fail(args, EXIT_NEGATIVE,
                        "--request: expected a request with an OSCORE option "
                        "that has Partial IV, kid context and kid (RFC 10021 "
                        "Section 3.2)");
    }
    return rc;
}

int group_message_read(group_message *m, group_message *request,
                       const group_args *args)
{
    int rc = read_hex(m, args, args->operand);

    if (rc != EXIT_DONE) {
        return rc;
    }
    if (!m->request && args->request == NULL) {
        return group_fail(args, EXIT_USAGE,
                          "this is a response: --request HEX is missing");
    }
    if (m->request && args->request != NULL) {
        return group_fail(args, EXIT_USAGE,
                          "this is a request: --request is for responses");
    }
    return m->request ? EXIT_DONE : read_request(request, args);
}

void group_message_free(group_message *m)
{
    free(m->bytes);
    memset(m, 0, sizeof *m);
}

bool group_message_exchange(group_session *s, const group_message *request,
                            bool client, covey_group_exchange *exchange)
{
    const covey_oscore_option *o = &request->option;
    group_party peer = { o->kid, { NULL, 0 }, { NULL, 0 } };
    covey_group_exchange x = {
        .group = &s->group,
        .gid = o->kid_context,
        /* A request under another Gid came under the context before. */
        .epoch =
            s->group.epoch -
            !covey_bytes_equal(o->kid_context, s->context->parameters.gid),
        .pairwise = !o->group,
        .client = client,
        /* It went to the Sender ID that the context file has. */
        .own_ids = s->group.own_ids,
    };

    covey_oscore_exchange_begin(&x.request, o->kid, o->partial_iv);
    covey_oscore_note_observe(&x.request, &request->coap);
    x.request.many = o->group;
    if (client && x.pairwise && !group_session_to(s, &peer)) {
        return false;
    }
    x.peer_len = (uint8_t)peer.id.len;
    memcpy(x.peer, peer.id.ptr, peer.id.len);
    *exchange = x;
    return true;
}
