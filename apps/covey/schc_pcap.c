/* SPDX-License-Identifier: BSD-2-Clause */
/* `covey schc pcap`: every CoAP packet of a capture is compressed, then
 * decompressed, and the two compared. */
#include "cmd.h"
#include "schc_codec.h"
#include "schc_device.h"
#include "schc_report.h"
#include "schc_verbs.h"
#include "schc_view.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    INDEX_FROM = 17, /* rules; below that a walk is as fast */
    PROGRESS_WIDTH = 32,
    PROGRESS_STEP = 512 /* packets between two looks */
};

/* A run over one capture. */
typedef struct run {
    schc_session session;
    schc_flow flow;
    schc_sides sides;
    schc_tally tally;
    covey_schc_index *index; /* NULL: few rules */
    void *index_memory;
    uint8_t schc[COVEY_SCHC_PACKET_MAX + 1024];
    uint8_t back[COVEY_SCHC_PACKET_MAX];
    bool bar;
} run;

static void show_progress(const run *r, size_t done, size_t total)
{
    size_t filled = total ? done * PROGRESS_WIDTH / total : PROGRESS_WIDTH;
    char bar[PROGRESS_WIDTH + 1];

    if (!r->bar || (done % PROGRESS_STEP != 0 && done != total)) {
        return;
    }
    memset(bar, '-', PROGRESS_WIDTH);
    memset(bar, '#', filled);
    bar[PROGRESS_WIDTH] = '\0';
    fprintf(stderr, "\r[%s] %zu of %zu packets", bar, done, total);
    if (done == total) {
        fputs("\r\033[K", stderr);
    }
}

static bool build_index(run *r)
{
    size_t size;

    if (r->session.rules.count < INDEX_FROM) {
        return true;
    }
    size = covey_schc_index_size(&r->session.rules);
    r->index_memory = malloc(size);
    if (r->index_memory == NULL) {
        return false;
    }
    r->index =
        covey_schc_index_build(&r->session.rules, r->index_memory, size);
    return r->index != NULL;
}

static covey_status compress(const run *r, covey_schc_direction direction,
                             covey_bytes packet, covey_bit_writer *w,
                             covey_schc_outcome *outcome)
{
    const covey_schc_context *ctx = &r->session.ctx;

    return r->index ? covey_schc_index_compress(r->index, ctx, direction,
                                                packet, w, outcome)
                    : covey_schc_compress(ctx, direction, packet, w, outcome);
}

static covey_status decompress(const run *r, covey_schc_direction direction,
                               covey_bytes schc, covey_writer *w)
{
    const covey_schc_context *ctx = &r->session.ctx;

    return r->index ? covey_schc_index_decompress(r->index, ctx, direction,
                                                  schc, w, NULL)
                    : covey_schc_decompress(ctx, direction, schc, w, NULL);
}

static size_t first_difference(covey_bytes a, covey_bytes b)
{
    size_t at = 0;

    while (at < a.len && at < b.len && a.ptr[at] == b.ptr[at]) {
        at++;
    }
    return at;
}

/* The proof: what comes back is what went in. */
static void verify(run *r, covey_schc_direction direction, covey_bytes packet,
                   covey_bytes schc, schc_failure *f)
{
    covey_writer w = covey_writer_of(r->back, sizeof r->back);
    covey_status st = decompress(r, direction, schc, &w);
    covey_bytes back = covey_written(&w);

    if (r->session.rules.rules[f->rule].lossy && st == COVEY_OK) {
        r->tally.lossy++;
        return;
    }
    if (st == COVEY_OK && covey_bytes_equal(packet, back)) {
        r->tally.verified++;
        return;
    }
    f->len = packet.len;
    f->back_len = st == COVEY_OK ? back.len : 0;
    f->at = st == COVEY_OK ? first_difference(packet, back) : 0;
    schc_tally_failure(&r->tally, f);
}

static void judge(run *r, const schc_packet *p)
{
    const covey_schc_rules *rules = &r->session.rules;
    covey_bytes packet = schc_device_packet(&r->flow, p, r->session.ctx.stack);
    covey_bit_writer w = covey_bit_writer_of(r->schc, sizeof r->schc);
    covey_schc_outcome outcome = { 0 };
    covey_schc_direction direction;
    schc_result result = { 0 };

    if (packet.ptr == NULL) {
        r->tally.not_ipv6++;
        return;
    }
    if (!schc_device_direction(&r->session, &r->sides, p, &direction)) {
        r->tally.strangers++;
        return;
    }
    result.status = compress(r, direction, packet, &w, &outcome);
    if (result.status == COVEY_OK) {
        schc_failure f = { .number = p->number, .rule = outcome.rule };

        result.compressed =
            rules->rules[outcome.rule].nature == COVEY_SCHC_COMPRESSION;
        result.header_bits = outcome.payload;
        result.bits = w.pos;
        verify(r, direction, packet, covey_bits_written(&w), &f);
    }
    schc_tally_add(&r->tally, direction, schc_flow_coap(&r->flow, p),
                   packet.len, &result);
    if (!result.compressed) {
        schc_tally_reason(&r->tally, &r->session.ctx, direction, packet,
                          p->number);
    }
}

static void judge_all(run *r)
{
    bool udp = (r->session.ctx.stack &
                (COVEY_SCHC_LAYER_UDP | COVEY_SCHC_LAYER_IPV6)) != 0;

    if (r->session.args->offload) {
        r->tally.offloaded = schc_flow_complete(&r->flow);
    } else {
        for (size_t i = 0; udp && i < r->flow.count; i++) {
            r->tally.offloaded +=
                r->flow.packets[i].coap &&
                schc_flow_offloaded(&r->flow, &r->flow.packets[i]);
        }
    }
    r->sides = schc_device_sides(&r->session, &r->flow);
    for (size_t i = 0; i < r->flow.count; i++) {
        if (r->flow.packets[i].coap) {
            judge(r, &r->flow.packets[i]);
        }
        show_progress(r, i + 1, r->flow.count);
    }
    schc_tally_sort(&r->tally);
}

/* The packet of one frame, as `covey schc explain` draws it. */
static int explain_packet(run *r, const schc_args *args, covey_bytes packet)
{
    const schc_args *before = r->session.args;
    schc_view v;
    int rc;

    r->session.args = args; /* with the direction of this packet */
    rc = schc_view_compress(&v, &r->session, packet);
    if (rc == EXIT_DONE) {
        if (args->html == NULL) {
            printf("\nframe %lu\n", (unsigned long)args->explain);
        }
        rc = schc_codec_explain(&r->session, &v);
        schc_view_free(&v);
    }
    r->session.args = before;
    return rc;
}

static int explain_frame(run *r)
{
    schc_args args = *r->session.args;

    for (size_t i = 0; i < r->flow.count; i++) {
        const schc_packet *p = &r->flow.packets[i];
        covey_bytes packet =
            schc_device_packet(&r->flow, p, r->session.ctx.stack);

        if (p->number == args.explain && p->coap && packet.ptr != NULL &&
            schc_device_direction(&r->session, &r->sides, p,
                                  &args.direction)) {
            return explain_packet(r, &args, packet);
        }
    }
    fprintf(stderr,
            "covey schc pcap: frame %lu is no CoAP packet to or from the "
            "device\n",
            (unsigned long)args.explain);
    return EXIT_NEGATIVE;
}

static int report(run *r)
{
    schc_report what = { &r->session, &r->flow, &r->sides, &r->tally };
    const schc_args *args = r->session.args;
    int rc = EXIT_DONE;

    if (args->json) {
        rc = schc_report_json(&what);
    } else {
        schc_report_text(&what, stdout);
        if (args->explain != 0) {
            rc = explain_frame(r);
        }
    }
    if (rc == EXIT_DONE && *r->flow.broken != '\0') {
        fprintf(stderr, "covey schc pcap: %s: stopped after frame %lu: %s\n",
                args->operand, (unsigned long)r->flow.frames, r->flow.broken);
        rc = EXIT_IO;
    }
    /* Nothing compressed is nothing proved. */
    if (r->tally.failed > 0 || (rc == EXIT_DONE && r->flow.coap == 0)) {
        rc = EXIT_NEGATIVE;
    }
    return rc != EXIT_DONE ? rc : schc_output_close(stdout, NULL);
}

static int run_capture(run *r, const schc_args *args)
{
    int rc = schc_session_open(&r->session, args);

    if (rc != EXIT_DONE) {
        return rc;
    }
    if (r->session.ctx.stack == COVEY_SCHC_STACK_COAP_INNER) {
        fputs("covey schc pcap: stack coap-inner is encrypted on the wire; "
              "give another --stack\n",
              stderr);
        rc = EXIT_USAGE;
    } else {
        rc = schc_flow_read(&r->flow, args->operand, args->port);
    }
    if (rc == EXIT_DONE) {
        if (build_index(r)) {
            judge_all(r);
            rc = report(r);
        } else {
            fputs("covey schc pcap: out of memory\n", stderr);
            rc = EXIT_IO;
        }
        schc_flow_free(&r->flow);
    }
    free(r->index_memory);
    schc_session_close(&r->session);
    return rc;
}

int schc_verb_pcap(const schc_args *args)
{
    run *r;
    int rc;

    if (args->json && args->explain != 0) {
        fputs("covey schc pcap: --json and --explain: choose one\n", stderr);
        return EXIT_USAGE;
    }
    if (args->html != NULL && args->explain == 0) {
        fputs("covey schc pcap: --html draws one packet: say which with "
              "--explain\n",
              stderr);
        return EXIT_USAGE;
    }
    r = calloc(1, sizeof *r);
    if (r == NULL) {
        fputs("covey schc pcap: out of memory\n", stderr);
        return EXIT_IO;
    }
    r->bar = isatty(STDERR_FILENO) == 1;
    rc = run_capture(r, args);
    free(r);
    return rc;
}
