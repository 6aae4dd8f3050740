/* SPDX-License-Identifier: BSD-2-Clause */
/* What the kinds of resources give and take. */
#include "engine.h"
#include "program.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    LINE = 9 /* of the pattern: eight digits and an end */
};

/* --- ETags --------------------------------------------------------------- */

/* FNV-1a, of everything that a representation is made of: another one has
 * another ETag, also after a restart. */
void resource_tag(struct resource *r)
{
    uint64_t h = UINT64_C(14695981039346656037) ^ (uint32_t)r->format;

    h = (h ^ r->size) * UINT64_C(1099511628211);
    for (size_t i = 0; i < r->len; i++) {
        h = (h ^ r->bytes[i]) * UINT64_C(1099511628211);
    }
    r->tag = h;
}

void tag_write(uint64_t tag, struct resource_answer *a)
{
    for (unsigned i = 0; i < RESOURCE_ETAG; i++) {
        a->etag[i] = (uint8_t)(tag >> (56 - 8 * i));
    }
    a->has_etag = true;
}

/* --- GET ----------------------------------------------------------------- */

static uint64_t count_of(const struct resource *r, covey_ms now)
{
    return r->period == 0 ? r->count : r->count + (now - r->since) / r->period;
}

static void put_text(struct resource_answer *a, int len)
{
    a->body.kind = BODY_TEXT;
    a->body.size = len > 0 ? (uint64_t)len : 0;
}

static void get_counter(const struct resource *r, covey_time now,
                        struct resource_answer *a)
{
    put_text(a, snprintf(a->body.text, sizeof a->body.text, "%" PRIu64,
                         count_of(r, now.mono)));
    if (r->period != 0) {
        a->max_age = (uint32_t)((r->period + 999) / 1000);
    }
}

/* RFC 3339, UTC. */
static bool get_time(covey_time now, struct resource_answer *a)
{
    const time_t seconds = (time_t)now.unix_s;
    struct tm utc;

    if (!now.unix_known || gmtime_r(&seconds, &utc) == NULL) {
        return false;
    }
    put_text(a, (int)strftime(a->body.text, sizeof a->body.text,
                              "%Y-%m-%dT%H:%M:%SZ", &utc));
    a->max_age = 1;
    return true;
}

uint8_t kind_get(struct resource *r, const struct resource_request *rq,
                 struct resource_answer *a)
{
    a->format = r->format;
    switch (r->kind) {
    case RESOURCE_STATIC:
    case RESOURCE_VALUE:
    case RESOURCE_LINKS:
        a->body.kind = BODY_BYTES;
        a->body.bytes = covey_bytes_of(r->bytes, r->len);
        a->body.size = r->len;
        if (r->tagged) {
            tag_write(r->tag, a);
        }
        break;
    case RESOURCE_COUNTER:
        get_counter(r, rq->now, a);
        break;
    case RESOURCE_TIME:
        if (!get_time(rq->now, a)) {
            return CODE(5, 3);
        }
        break;
    case RESOURCE_LARGE:
        a->body.kind = BODY_PATTERN;
        a->body.size = r->size;
        tag_write(r->tag, a);
        break;
    case RESOURCE_DIRECTORY: /* folder.c */
        break;
    case RESOURCE_PROGRAM:
        return program_get(r, rq, a);
    }
    return 0;
}

/* --- POST, PUT, DELETE --------------------------------------------------- */

static void change_value(struct resource *r, const struct resource_request *rq,
                         struct resource_answer *a)
{
    if (rq->message->code == CODE(0, 4)) {
        a->code = CODE(2, 2);
        a->changed = r->deleted ? NULL : r;
        r->deleted = true;
        r->len = 0;
        return;
    }
    if (rq->body.len > 0) {
        memcpy(r->bytes, rq->body.ptr, rq->body.len);
    }
    r->len = rq->body.len;
    a->code = r->deleted ? CODE(2, 1) : CODE(2, 4);
    a->changed = r;
    r->deleted = false;
    resource_tag(r);
}

void kind_change(struct resource *r, const struct resource_request *rq,
                 struct resource_answer *a)
{
    const bool takes =
        r->kind == RESOURCE_VALUE || r->kind == RESOURCE_PROGRAM;

    if (takes && rq->body.len > r->cap) {
        a->code = CODE(4, 13);
        a->size1 = (uint32_t)r->cap;
    } else if (r->kind == RESOURCE_VALUE) {
        change_value(r, rq, a);
    } else if (r->kind == RESOURCE_PROGRAM) {
        program_change(r, rq, a);
    } else { /* a counter; others have no method that changes them */
        r->count++;
        a->code = CODE(2, 4);
        a->changed = r;
    }
}

covey_ms resource_next_change(const struct resource *r, covey_time now)
{
    if (r->kind == RESOURCE_TIME) {
        return now.mono + 1000;
    }
    if (r->kind == RESOURCE_COUNTER && r->period != 0) {
        return now.mono + r->period - (now.mono - r->since) % r->period;
    }
    return COVEY_NEVER;
}

/* --- reading ------------------------------------------------------------- */

/* Any part of the pattern: line n is the place where it begins, 9 n. */
static void read_pattern(uint64_t offset, uint8_t *out, size_t len)
{
    char line[24];
    uint64_t begins = offset - offset % LINE;
    size_t skip = (size_t)(offset % LINE);

    while (len > 0) {
        snprintf(line, sizeof line, "%08" PRIu64 "\n", begins % 100000000);
        const size_t part = LINE - skip < len ? LINE - skip : len;
        memcpy(out, line + skip, part);
        out += part;
        len -= part;
        begins += LINE;
        skip = 0;
    }
}

static size_t read_file(int file, uint64_t offset, uint8_t *out, size_t len)
{
    size_t done = 0;

    while (done < len) {
        const ssize_t n =
            pread(file, out + done, len - done, (off_t)(offset + done));
        if (n <= 0) {
            break;
        }
        done += (size_t)n;
    }
    return done;
}

size_t resource_read(const struct resource_body *body, uint64_t offset,
                     uint8_t *out, size_t len)
{
    if (offset >= body->size) {
        return 0;
    }
    if (len > body->size - offset) {
        len = (size_t)(body->size - offset);
    }
    switch (body->kind) {
    case BODY_NONE:
        return 0;
    case BODY_BYTES:
        memcpy(out, body->bytes.ptr + offset, len);
        return len;
    case BODY_TEXT:
        memcpy(out, body->text + offset, len);
        return len;
    case BODY_PATTERN:
        read_pattern(offset, out, len);
        return len;
    case BODY_FILE:
        return read_file(body->file, offset, out, len);
    }
    return 0;
}
