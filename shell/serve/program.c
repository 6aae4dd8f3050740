/* SPDX-License-Identifier: BSD-2-Clause */
#include "program.h"

#include "engine.h"

#include <covey/coap_options.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    /* Only what GET answers is read in blocks: other methods would be called
     * again for each. */
    ONE_MESSAGE = 1024
};

struct serve_call {
    const struct resource_request *request;
    struct resource *resource;
    uint8_t method;
    uint8_t code; /* 0: nothing said yet */
    bool replied; /* the resource holds what goes out */
    bool later;   /* it has a place to wait */
    bool refused; /* there was none */
};

covey_bytes serve_body(const serve_call *call)
{
    return call->request->body;
}

const covey_coap_message *serve_request(const serve_call *call)
{
    return call->request->message;
}

static bool reads(const serve_call *call)
{
    return (call->method & (METHOD_GET | METHOD_FETCH)) != 0;
}

static size_t room_of(const serve_call *call)
{
    const size_t cap = call->resource->cap;

    return call->method == METHOD_GET || cap < ONE_MESSAGE ? cap : ONE_MESSAGE;
}

/* `len` bytes have been written into the resource, or would have been. */
static void replied(serve_call *call, size_t len)
{
    call->replied = len <= room_of(call);
    call->resource->len = call->replied ? len : 0;
    call->code = !call->replied ? CODE(5, 0)
                 : reads(call)  ? CODE(2, 5)
                                : CODE(2, 4);
}

void serve_reply(serve_call *call, covey_bytes body)
{
    if (body.len > 0 && body.len <= room_of(call)) {
        memcpy(call->resource->bytes, body.ptr, body.len);
    }
    replied(call, body.len);
}

void serve_text(serve_call *call, const char *format, ...)
{
    va_list args;
    int len;

    /* One byte more is there for the end. */
    va_start(args, format);
    len = vsnprintf((char *)call->resource->bytes, call->resource->cap + 1,
                    format, args);
    va_end(args);
    replied(call, len < 0 ? SIZE_MAX : (size_t)len);
}

void serve_code(serve_call *call, uint8_t code)
{
    call->replied = false;
    call->code = code;
}

uint64_t serve_later(serve_call *call)
{
    const struct resource_request *rq = call->request;
    const uint64_t name =
        rq->find_place != NULL ? rq->find_place(rq->user) : 0;

    call->later = name != 0;
    call->refused = name == 0;
    return name;
}

/* True: it is to wait. Who wanted that for nothing and says nothing else has
 * said 5.03; where it is to be asked again that is the server's to say. */
static bool waits(serve_call *c, struct resource_answer *a)
{
    const bool nothing = c->refused && c->code == 0;

    if (c->later || (nothing && c->request->find_place != NULL)) {
        a->later = c->resource;
        return true;
    }
    c->code = nothing ? CODE(5, 3) : c->code;
    return false;
}

static serve_call call(struct resource *r, const struct resource_request *rq,
                       uint8_t method)
{
    const struct program *p = rq->program != NULL ? rq->program : r->program;
    serve_call c = { .request = rq,
                     .resource = r,
                     .method = (uint8_t)(1 << method) };

    r->len = 0;
    p->methods[method](&c, p->user);
    return c;
}

static void put_body(const struct resource *r, struct resource_answer *a)
{
    a->body.kind = BODY_BYTES;
    a->body.bytes = covey_bytes_of(r->bytes, r->len);
    a->body.size = r->len;
    a->format = r->format;
}

/* Of a call that should have said what it has read. */
static uint8_t failure(const serve_call *c)
{
    return c->code == 0 || c->code >> 5 == 2 ? CODE(5, 0) : c->code;
}

/* Of one that had something to do. */
static uint8_t outcome(const serve_call *c)
{
    return c->code != 0                 ? c->code
           : c->method == METHOD_DELETE ? CODE(2, 2)
                                        : CODE(2, 4);
}

uint8_t program_get(struct resource *r, const struct resource_request *rq,
                    struct resource_answer *a)
{
    serve_call c = call(r, rq, 1);

    if (waits(&c, a)) {
        return 0;
    }
    if (!c.replied) {
        return failure(&c);
    }
    put_body(r, a);
    resource_tag(r);
    tag_write(r->tag, a);
    return 0;
}

void program_change(struct resource *r, const struct resource_request *rq,
                    struct resource_answer *a)
{
    const uint8_t method = rq->message->code;
    covey_block block;

    if (covey_option_sound_block(rq->message, COVEY_OPTION_BLOCK2, &block) &&
        block.num != 0) {
        a->code = CODE(4, 0);
        return;
    }
    serve_call c = call(r, rq, method);
    if (waits(&c, a)) {
        return;
    }
    a->code = !reads(&c) ? outcome(&c) : c.replied ? c.code : failure(&c);
    a->changed = !reads(&c) && a->code >> 5 == 2 ? r : NULL;
    if (c.replied) {
        put_body(r, a);
    }
}
