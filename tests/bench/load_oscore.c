/* SPDX-License-Identifier: BSD-2-Clause */
#include "load_oscore.h"

#include <context.h>
#include <crypto/openssl/openssl.h>

#include <stdlib.h>

enum {
    BYTES = 512,
    CONTENT = 0x45
};

static covey_status open_context(struct load_oscore *o)
{
    /* The first ones have been used to show that we are there. */
    const covey_oscore_start start = { .state = { o->proxy ? 1000 : 0, 0 } };
    const covey_oscore_state all = { COVEY_OSCORE_SSN_END,
                                     COVEY_OSCORE_WINDOW_LOST };
    covey_status st = covey_openssl_open(&o->crypto);

    if (st == COVEY_OK) {
        st = covey_oscore_setup(&o->context, &o->crypto,
                                &o->file->oscore.parameters, &start);
    }
    return st == COVEY_OK ? covey_oscore_stored(&o->context, &all) : st;
}

bool load_oscore_open(struct load_oscore *o, const char *file, size_t slots,
                      bool proxy)
{
    covey_status st;

    o->proxy = proxy;

    o->file = context_load(file, stderr);
    if (o->file == NULL || o->file->type != CONTEXT_OSCORE) {
        fprintf(stderr, "coap_load: %s: no context of OSCORE\n", file);
        return false;
    }
    o->exchanges = calloc(slots, sizeof o->exchanges[0]);
    st = o->exchanges == NULL ? COVEY_E_ROOM : open_context(o);
    if (st != COVEY_OK) {
        fprintf(stderr, "coap_load: %s: %s\n", file, covey_status_text(st));
    }
    return st == COVEY_OK;
}

void load_oscore_close(struct load_oscore *o)
{
    covey_oscore_drop(&o->context);
    context_free(o->file);
    free(o->exchanges);
}

static covey_oscore_work work_of(const struct load_oscore *o, uint8_t *scratch)
{
    return (covey_oscore_work){
        .scratch = scratch,
        .scratch_cap = scratch != NULL ? BYTES : 0,
        .inner = o->proxy ? covey_oscore_proxy_inner : NULL,
        .inner_count = o->proxy ? covey_oscore_proxy_inner_count : 0,
    };
}

bool load_oscore_seal(struct load_oscore *o, size_t slot,
                      const covey_coap_message *request, covey_writer *out)
{
    const covey_oscore_work work = work_of(o, NULL);
    const bool sealed =
        covey_oscore_protect_request(&o->context, &o->exchanges[slot], request,
                                     &work, out) == COVEY_OK;

    o->exchanges[slot].many = o->proxy;
    return sealed;
}

bool load_oscore_opens(struct load_oscore *o, size_t slot,
                       covey_coap_message *message, covey_writer plain)
{
    uint8_t scratch[BYTES];
    const covey_oscore_work work = work_of(o, scratch);
    const covey_coap_message sealed = *message;
    covey_oscore_received received;

    return covey_oscore_unprotect_response(
               &o->context, &o->exchanges[slot], &sealed, &work, &plain,
               &received) == COVEY_UNPROTECT_FRESH &&
           covey_coap_parse(message, covey_written(&plain)) == COVEY_OK &&
           message->code == CONTENT;
}
