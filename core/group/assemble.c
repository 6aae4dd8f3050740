/* SPDX-License-Identifier: BSD-2-Clause */
/* The original message again, and what its exchange knows from then on. */
#include "group_internal.h"

covey_status covey_group_assemble_request(covey_group_exchange *exchange,
                                          const covey_coap_message *outer,
                                          covey_bytes plaintext,
                                          const covey_group_work *work,
                                          covey_writer *out)
{
    return covey_oscore_assemble_request(&exchange->request, outer, plaintext,
                                         &work->message, out);
}

covey_unprotect covey_group_assemble_response(covey_group *g,
                                              covey_group_exchange *exchange,
                                              const covey_coap_message *outer,
                                              covey_group_received *received,
                                              const covey_group_work *work,
                                              covey_writer *out)
{
    covey_group_answer *answer;
    covey_oscore_exchange *place = &exchange->request;
    const covey_oscore_exchange *begun = place;
    covey_oscore_exchange s;
    /* Again: other responses may have been assembled since it was opened. */
    covey_unprotect result = covey__group_check_order(g, exchange, received);

    if (result != COVEY_UNPROTECT_FRESH) {
        return result;
    }
    answer = received->answer;
    /* A server's first answer goes on from the request, the others from the
     * place where they are noted. */
    if (answer != NULL) {
        place = &answer->state;
    }
    if (covey__group_is_known(exchange, answer)) {
        begun = place;
    }
    s = *begun;
    /* Section 2.6.3.2: Response Numbers begin anew under a new Gid. */
    if (s.epoch != g->epoch) {
        s.epoch = g->epoch;
        s.notified = false;
    }
    result = covey_oscore_assemble_response(&s, outer, &received->base,
                                            &work->message, out);
    if (result != COVEY_UNPROTECT_FRESH) {
        return result;
    }
    *place = s;
    if (place != begun) {
        exchange->answer_count++;
        answer->id_len = received->from->id_len;
        covey_oscore_copy(answer->id,
                          covey__group_recipient_id(received->from));
    }
    return result;
}

/* The plaintext has the front of the scratch, the rest is for the others. */
static void split(const covey_group_work *work, size_t len,
                  covey_group_work *rest, covey_writer *plaintext)
{
    covey_oscore_work *m = &rest->message;

    *rest = *work;
    if (len > m->scratch_cap) {
        len = m->scratch_cap;
    }
    *plaintext = covey_writer_of(m->scratch, len);
    if (len > 0) { /* NULL + 0 has no meaning in C */
        m->scratch += len;
        m->scratch_cap -= len;
    }
}

static void end(const covey_writer *plaintext, covey_group_received *r)
{
    covey_wipe(plaintext->base, plaintext->pos);
    r->base.plaintext = covey_bytes_of(NULL, 0);
}

covey_unprotect covey_group_unprotect_request(covey_group *g,
                                              covey_group_exchange *exchange,
                                              const covey_coap_message *outer,
                                              const covey_group_work *work,
                                              covey_writer *out,
                                              covey_group_received *received)
{
    covey_writer plaintext;
    covey_group_work rest;
    covey_unprotect result;

    split(work, outer->payload.len, &rest, &plaintext);
    result = covey_group_open_request(g, exchange, outer, &rest, &plaintext,
                                      received);
    if (result != COVEY_UNPROTECT_REFUSED) {
        covey_status st = covey_group_assemble_request(
            exchange, outer, received->base.plaintext, work, out);
        if (st != COVEY_OK) {
            received->base.fault = st == COVEY_E_ROOM
                                       ? COVEY_OSCORE_OURS
                                       : COVEY_OSCORE_BAD_PLAINTEXT;
            received->base.status = st;
            result = COVEY_UNPROTECT_REFUSED;
        }
    }
    end(&plaintext, received);
    return result;
}

covey_unprotect covey_group_unprotect_response(covey_group *g,
                                               covey_group_exchange *exchange,
                                               const covey_coap_message *outer,
                                               const covey_group_work *work,
                                               covey_writer *out,
                                               covey_group_received *received)
{
    covey_writer plaintext;
    covey_group_work rest;
    covey_unprotect result;

    split(work, outer->payload.len, &rest, &plaintext);
    result = covey_group_open_response(g, exchange, outer, &rest, &plaintext,
                                       received);
    if (result != COVEY_UNPROTECT_REFUSED) {
        result = covey_group_assemble_response(g, exchange, outer, received,
                                               work, out);
    }
    end(&plaintext, received);
    return result;
}
