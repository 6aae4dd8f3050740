/* SPDX-License-Identifier: BSD-2-Clause */
/* The rule loader. What it accepts must be sound, must come back from its
 * own JSON, must go out as C, and must be usable: rules work on a packet
 * without harm, and a packet that compresses comes back. */
#include <rules.h>

#include <stdlib.h>
#include <string.h>

/* An IPv6/UDP/CoAP packet with OSCORE and two Uri-Path options. */
static const uint8_t packet[] = {
    0x60, 0x00, 0x00, 0x00, 0x00, 0x1d, 0x11, 0x40, 0x20, 0x01, 0x0d, 0xb8,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01,
    0x20, 0x01, 0x0d, 0xb8, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x02, 0x16, 0x33, 0x16, 0x33, 0x00, 0x1d, 0x00, 0x00,
    0x42, 0x01, 0x12, 0x34, 0xaa, 0xbb, 0x93, 0x09, 0x05, 0x61, 0x21, 0x61,
    0x02, 0x62, 0x63, 0xff, 0x01, 0x02, 0x03, 0x04, 0x05,
};

static void check(bool good)
{
    if (!good) {
        abort();
    }
}

static void use(const rules_file *file, covey_schc_stack stack, size_t skip,
                covey_schc_direction direction)
{
    static uint8_t schc[sizeof packet + 4096];
    static uint8_t back[sizeof packet + 70000];
    const covey_schc_rules *set = rules_get(file);
    const covey_schc_context ctx = { .rules = set,
                                     .stack = stack,
                                     .dev_iid = packet + 16,
                                     .app_iid = packet + 32 };
    const covey_bytes in = { packet + skip, sizeof packet - skip };
    covey_bit_writer out = covey_bit_writer_of(schc, sizeof schc);
    covey_writer restored = covey_writer_of(back, sizeof back);
    covey_schc_outcome o;
    covey_status st;

    if (covey_schc_compress(&ctx, direction, in, &out, &o) == COVEY_OK) {
        st = covey_schc_decompress(&ctx, direction, covey_bits_written(&out),
                                   &restored, NULL);
        check(set->rules[o.rule].lossy ||
              (st == COVEY_OK &&
               covey_bytes_equal(covey_written(&restored), in)));
    }
    for (uint16_t i = 0; i < set->count && i < 8; i++) {
        covey_schc_why_not(&ctx, direction, in, i);
    }
    restored = covey_writer_of(back, sizeof back);
    st = covey_schc_decompress(&ctx, direction, in, &restored, NULL);
    (void)st;
}

static void export(const rules_file *file, const rules_options *options)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    rules_report report;
    rules_file *again;

    check(out != NULL);
    check(rules_export_c(rules_get(file), "fuzz_rules", out));
    fclose(out);
    free(text);
    out = open_memstream(&text, &len);
    check(out != NULL);
    check(rules_export_json(rules_get(file), rules_profile(file), out));
    fclose(out);
    again = rules_load_text(text, len, options, &report);
    check(again != NULL);
    check(rules_get(again)->count == rules_get(file)->count);
    rules_report_free(&report);
    rules_free(again);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rules_options options = rules_default_options();
    rules_report report;
    rules_file *file;

    options.check_profile = size % 2 == 0;
    options.allow_lossy = size % 3 == 0;
    file = rules_load_text((const char *)data, size, &options, &report);
    check((file == NULL) == (report.errors > 0));
    check(report.count <= 100);
    rules_report_free(&report);
    if (file != NULL) {
        check(covey_schc_check(rules_get(file)).fault == COVEY_SCHC_SOUND);
        export(file, &options);
        use(file, COVEY_SCHC_STACK_IPV6_UDP_COAP, 0, COVEY_SCHC_UP);
        use(file, COVEY_SCHC_STACK_COAP, 48, COVEY_SCHC_DOWN);
        use(file, rules_stack(file), 0, COVEY_SCHC_UP);
        rules_free(file);
    }
    return 0;
}
