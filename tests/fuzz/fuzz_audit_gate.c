/* SPDX-License-Identifier: BSD-2-Clause */
/* Documents and an act from bytes; the gate allows what its model allows. In
 * this order: act, time, counters, then one document or two. */
#include <gate_model.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static covey_address read_address(covey_reader *r)
{
    covey_address a = { .family = covey_read_u8(r) };
    const size_t len = a.family == COVEY_FAMILY_IPV4 ? 4 : 16;
    const covey_bytes ip = covey_read_bytes(r, len);

    for (size_t i = 0; i < ip.len; i++) {
        a.ip[i] = ip.ptr[i];
    }
    a.zone = covey_read_u8(r);
    a.port = covey_read_u16(r);
    return a;
}

static covey_audit_range read_range(covey_reader *r)
{
    covey_audit_range range = { .net = read_address(r) };

    range.prefix = covey_read_u8(r);
    range.protocol = covey_read_u8(r);
    range.first = range.net.port;
    range.last = covey_read_u16(r);
    range.responders = covey_read_u8(r);
    range.net.port = 0;
    return range;
}

static void read_document(covey_reader *r, model_document *d)
{
    const uint8_t counts = covey_read_u8(r);

    d->scope_count = counts % (MODEL_CLAUSES + 1);
    d->exclude_count = counts / 8u % (MODEL_CLAUSES + 1);
    for (size_t i = 0; i < d->scope_count; i++) {
        d->scope[i] = read_range(r);
    }
    for (size_t i = 0; i < d->exclude_count; i++) {
        d->exclude[i] = read_range(r);
    }
    d->window_count = counts / 64u % (MODEL_WINDOWS + 1);
    for (size_t i = 0; i < d->window_count; i++) {
        d->windows[i].from = covey_read_u8(r);
        d->windows[i].to = covey_read_u8(r);
    }
    d->techniques = covey_read_u32(r);
    d->mode = (covey_audit_mode)(covey_read_u8(r) % 3);
    d->limits.packets_per_target = covey_read_u8(r);
    d->limits.parallel = covey_read_u8(r);
}

static void check(const model_mandate *m, const covey_audit_act *act,
                  const covey_time *now, const covey_audit_counters *done)
{
    const covey_audit_verdict v =
        covey_audit_decide(&m->mandate, act, now, done);
    size_t which;

    if ((v.reason == COVEY_AUDIT_ALLOWED) != model_allows(m, act, now, done)) {
        abort();
    }
    if (v.reason == COVEY_AUDIT_ALLOWED &&
        v.until < now->unix_s + act->duration) {
        abort();
    }
    /* what only narrows never allows more: said of the amendment alone */
    if (m->count == 2 &&
        covey_audit_widens(&m->ready[0], &m->ready[1], &which) ==
            COVEY_AUDIT_NARROWS &&
        m->ready[1].exclude_count == 0 && m->ready[0].exclude_count == 0) {
        const covey_audit_mandate alone = { .documents = &m->ready[1],
                                            .count = 1,
                                            .withdrawn = m->withdrawn };
        if (covey_audit_decide(&alone, act, now, done).reason ==
                COVEY_AUDIT_ALLOWED &&
            v.reason != COVEY_AUDIT_ALLOWED) {
            abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    covey_reader r = covey_reader_of(covey_bytes_of(data, size));
    model_mandate m = { .count = 0 };
    covey_audit_act act = { .technique =
                                (covey_audit_technique)covey_read_u8(&r) };

    act.target = read_address(&r);
    act.protocol = covey_read_u8(&r);
    act.packets = covey_read_u8(&r);
    act.duration = covey_read_u8(&r);
    const uint8_t flags = covey_read_u8(&r);
    act.health = (flags & 16) != 0;
    const covey_time now = { .unix_s = covey_read_u8(&r),
                             .unix_known = (flags & 1) == 0 };
    const covey_audit_counters done = { .packets = covey_read_u8(&r),
                                        .parallel = covey_read_u8(&r),
                                        .stages = covey_read_u8(&r),
                                        .silent = (flags & 2) != 0 };
    m.withdrawn = (flags & 4) != 0;
    m.count = 1u + (flags >> 3 & 1u);
    for (size_t i = 0; i < m.count; i++) {
        read_document(&r, &m.documents[i]);
    }
    model_prepare(&m);
    check(&m, &act, &now, &done);
    return 0;
}
