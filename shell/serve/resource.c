/* SPDX-License-Identifier: BSD-2-Clause */
/* The order of decisions: options, path, policy, method, formats, conditions;
 * then the method itself. */
#include "resource.h"

#include "engine.h"
#include "shared.h"

#include <covey/coap_options.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- the table ----------------------------------------------------------- */

static int compare_keys(covey_bytes a, covey_bytes b)
{
    const size_t least = a.len < b.len ? a.len : b.len;
    const int order = memcmp(a.ptr, b.ptr, least);

    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

int resource_compare(const void *a, const void *b)
{
    const struct resource *x = a;
    const struct resource *y = b;

    return compare_keys(x->key, y->key);
}

void resources_start(struct resources *all, covey_ms now)
{
    for (size_t i = 0; i < all->count; i++) {
        all->rows[i].since = now;
    }
}

static struct resource *find(const struct resources *all, covey_bytes key)
{
    const struct resource wanted = { .key = key };

    return all->count == 0 ? NULL
                           : bsearch(&wanted, all->rows, all->count,
                                     sizeof *all->rows, resource_compare);
}

/* The resource of this path, or the directory that it leads into; *used says
 * how much of the key names it. */
static struct resource *find_path(const struct resources *all,
                                  const struct wish *w, size_t *used)
{
    struct resource *r = find(all, covey_bytes_of(w->key, w->key_len));
    size_t ends[RESOURCE_KEY_MAX];
    size_t count = 0;

    *used = w->key_len;
    if (r != NULL) {
        return r;
    }
    for (size_t at = 0; at < w->key_len; at += (size_t)w->key[at] + 1) {
        ends[count++] = at;
    }
    while (count > 0) {
        *used = ends[--count];
        r = find(all, covey_bytes_of(w->key, *used));
        if (r != NULL) {
            return r->kind == RESOURCE_DIRECTORY ? r : NULL;
        }
    }
    return NULL;
}

/* --- decisions ----------------------------------------------------------- */

static bool is_client(const struct resource_policy *p, const dtls_peer *peer)
{
    bool found = p->client_count == 0;

    for (size_t i = 0; i < p->client_count && !found; i++) {
        found = dtls_peer_is(peer, p->clients[i]);
    }
    return found;
}

/* What a connection says about its other end. */
static uint8_t check_peer(const struct resource_policy *p,
                          const struct resource_request *rq)
{
    if ((p->dtls && rq->peer == NULL) ||
        (p->its_count > 0 && rq->tls == NULL)) {
        return CODE(4, 1);
    }
    if (!is_client(p, rq->peer) ||
        (p->its_count > 0 && !tls_permits(p->its, p->its_count, rq->tls))) {
        return CODE(4, 3);
    }
    return 0;
}

static uint8_t check_policy(const struct resource *r,
                            const struct resource_request *rq)
{
    const uint8_t code = rq->message->code;
    const uint8_t refused = check_peer(&r->policy, rq);

    if ((r->policy.secured && !rq->secured) ||
        (r->policy.group && !rq->member)) {
        return CODE(4, 1);
    }
    if (refused != 0) {
        return refused;
    }
    /* Somebody on the way may have turned it here: then it does no harm. */
    if (r->policy.secured && rq->suspicious && code != CODE(0, 1) &&
        code != CODE(0, 5)) {
        return CODE(4, 3);
    }
    if (r->policy.roles != 0 && (r->policy.roles & rq->roles) == 0) {
        return CODE(4, 3);
    }
    return 0;
}

static uint8_t check_method(const struct resource *r, uint8_t code)
{
    return code < 8 && (r->methods >> code & 1) != 0 ? 0 : CODE(4, 5);
}

/* RFC 7252 Sections 5.10.3 (Content-Format) and 5.10.4 (Accept); the answers
 * to changes have no representation that Accept could be about, and the bodies
 * of FETCH, PATCH and iPATCH are none of the resource (RFC 8132). */
static uint8_t check_formats(const struct wish *w, uint8_t code,
                             int32_t format)
{
    const unsigned method = 1u << code;

    if ((method & (METHOD_GET | METHOD_FETCH)) != 0 && w->accepts &&
        format != w->accept) {
        return CODE(4, 6);
    }
    if ((method & (METHOD_PUT | METHOD_POST | METHOD_DELETE)) != 0 &&
        w->has_format && format != w->format) {
        return CODE(4, 15);
    }
    return 0;
}

/* RFC 7252 Section 5.10.8. */
static uint8_t check_conditions(const struct wish *w,
                                const covey_coap_message *m, bool exists,
                                covey_bytes etag)
{
    if (w->if_none_match && exists) {
        return CODE(4, 12);
    }
    if (w->if_match &&
        (!exists || !wish_has_tag(m, COVEY_OPTION_IF_MATCH, etag))) {
        return CODE(4, 12);
    }
    return 0;
}

static covey_bytes etag_of(const struct resource_answer *a)
{
    const covey_bytes none = { NULL, 0 };

    return a->has_etag ? covey_bytes_of(a->etag, sizeof a->etag) : none;
}

/* Replaces everything that the answer had. */
static void refuse(struct resource_answer *a, uint8_t code)
{
    resource_end(a);
    a->code = code;
    a->format = RESOURCE_NO_FORMAT;
    a->has_etag = false;
    a->max_age = RESOURCE_MAX_AGE;
    a->observed = NULL;
}

static void get(struct resource *r, const struct wish *w, covey_bytes rest,
                const struct resource_request *rq, struct resource_answer *a)
{
    const bool exists =
        r->kind == RESOURCE_DIRECTORY ? folder_open(r, rest, a) : !r->deleted;
    uint8_t code = 0;

    if (exists && r->kind != RESOURCE_DIRECTORY) {
        code = kind_get(r, rq, a);
    }
    if (a->later != NULL) {
        return;
    }
    code = code == 0 ? check_conditions(w, rq->message, exists, etag_of(a))
                     : code;
    code = code == 0 && !exists ? CODE(4, 4) : code;
    code = code == 0 ? check_formats(w, CODE(0, 1), a->format) : code;
    if (code != 0) {
        refuse(a, code);
        return;
    }
    a->observed = r->observable ? r : NULL;
    a->code = CODE(2, 5);
    if (w->etags && a->has_etag &&
        wish_has_tag(rq->message, COVEY_OPTION_ETAG, etag_of(a))) {
        resource_end(a);
        a->code = CODE(2, 3); /* RFC 7252 Section 5.10.6.2 */
        a->format = RESOURCE_NO_FORMAT;
    }
}

static void change(struct resource *r, const struct wish *w,
                   const struct resource_request *rq,
                   struct resource_answer *a)
{
    uint8_t code = check_formats(w, rq->message->code, r->format);

    if (r->kind == RESOURCE_VALUE && r->tagged && !r->deleted) {
        tag_write(r->tag, a);
    }
    code = code == 0
               ? check_conditions(w, rq->message, !r->deleted, etag_of(a))
               : code;
    a->has_etag = false;
    if (code == 0) {
        kind_change(r, rq, a);
    } else {
        a->code = code;
    }
}

static void clear(struct resource_answer *a)
{
    a->reject = a->has_etag = false;
    a->observed = a->changed = a->later = NULL;
    a->wait = 0;
    a->format = RESOURCE_NO_FORMAT;
    a->max_age = RESOURCE_MAX_AGE;
    a->size1 = 0;
    a->body.kind = BODY_NONE;
    a->body.size = 0;
}

/* Everything that the body and the state of the resource do not matter for.
 * NULL: a->code says why not. */
static struct resource *admit(const struct resources *all,
                              const struct resource_request *rq,
                              struct wish *w, size_t *used,
                              struct resource_answer *a)
{
    struct resource *r;

    clear(a);
    a->code = wish_read(w, rq->message);
    if (a->code != 0) {
        a->reject = a->code == CODE(4, 2);
        return NULL;
    }
    r = find_path(all, w, used);
    a->code = r == NULL ? CODE(4, 4) : rq->late ? 0 : check_policy(r, rq);
    if (a->code == 0) {
        a->code = check_method(r, rq->message->code);
    }
    return a->code == 0 ? r : NULL;
}

struct resource *resources_admit(const struct resources *all,
                                 const struct resource_request *rq,
                                 struct resource_answer *a)
{
    struct wish w;
    size_t used;

    return admit(all, rq, &w, &used, a);
}

void resources_answer(struct resources *all, const struct resource_request *rq,
                      struct resource_answer *a)
{
    struct wish w;
    size_t used = 0;
    struct resource *r = admit(all, rq, &w, &used, a);

    if (r == NULL) {
        return;
    }
    if (r->delay != 0 && !rq->late && rq->message->code == CODE(0, 1)) {
        a->later = r;
        a->wait = r->delay;
        return;
    }
    if (r->kind == RESOURCE_LINKS) {
        links_write(all, r, rq->message);
    }
    if (rq->message->code == CODE(0, 1)) {
        get(r, &w, covey_bytes_of(w.key + used, w.key_len - used), rq, a);
    } else {
        shared_change(all->shared, r);
        change(r, &w, rq, a);
        if (a->changed != NULL) {
            shared_changed(all->shared, r);
        }
    }
}

void resource_represent(struct resource *r, covey_time now,
                        struct resource_answer *a)
{
    const struct resource_request rq = { .now = now };
    uint8_t code;

    clear(a);
    code = r->deleted ? CODE(4, 4) : kind_get(r, &rq, a);
    if (code != 0) {
        refuse(a, code);
    } else {
        a->code = CODE(2, 5);
    }
}

void resource_end(struct resource_answer *a)
{
    if (a->body.kind == BODY_FILE) {
        close(a->body.file);
    }
    a->body.kind = BODY_NONE;
    a->body.size = 0;
}
