/* SPDX-License-Identifier: BSD-2-Clause */
/* What `covey schc pcap` and `covey schc compress` say when a packet does not
 * come back. The engine gives every packet back, so the linker puts a
 * decompressor in its place that does not. */
#include <kit.h>

#include <cmd.h>
#include <covey/schc.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* How the decompressor goes wrong. */
static enum {
    SOUND,
    FLIPS_BYTE_3,
    LOSES_THE_END,
    FAILS
} fault;

/* The names are those of the linker's --wrap. */
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,
   readability-identifier-naming) */
covey_status __real_covey_schc_decompress(const covey_schc_context *ctx,
                                          covey_schc_direction direction,
                                          covey_bytes schc, covey_writer *out,
                                          covey_schc_outcome *outcome);
covey_status __wrap_covey_schc_decompress(const covey_schc_context *ctx,
                                          covey_schc_direction direction,
                                          covey_bytes schc, covey_writer *out,
                                          covey_schc_outcome *outcome);

covey_status __wrap_covey_schc_decompress(const covey_schc_context *ctx,
                                          covey_schc_direction direction,
                                          covey_bytes schc, covey_writer *out,
                                          covey_schc_outcome *outcome)
{
    covey_status st =
        __real_covey_schc_decompress(ctx, direction, schc, out, outcome);

    if (fault == FLIPS_BYTE_3) {
        out->base[3] ^= 1;
    } else if (fault == LOSES_THE_END) {
        out->pos--;
    }
    return fault == FAILS ? COVEY_E_FORMAT : st;
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,
   readability-identifier-naming) */

#define RULES "share/rules/coap-sensor.json"
/* CON GET /temperature */
#define MESSAGE "410112347abb74656d7065726174757265"

/* Raw IPv4 and UDP around that message, without checksums. */
/* clang-format off */
static const char frame[] =
    "4500002d 00010000 4011 0000 c0000220 c0000203"
    "9c40 1633 0019 0000" MESSAGE;
static const char head[] =
    "a1b2c3d4 0002 0004 00000000 00000000 00040000 000000e4";
static const char record[] = "00000001 00000000 0000002d 0000002d";
/* clang-format on */

static char capture_path[] = "/tmp/covey-pcap-XXXXXX";
static char output[8192];

static void put_hex(FILE *out, const char *hex)
{
    uint8_t storage[128];
    covey_bytes bytes = kit_hex(hex, storage, sizeof storage);

    assert_int_equal(fwrite(bytes.ptr, 1, bytes.len, out), bytes.len);
}

static int write_capture(void **state)
{
    int fd = mkstemp(capture_path);
    FILE *out = fd >= 0 ? fdopen(fd, "wb") : NULL;

    (void)state;
    if (out == NULL) {
        return -1;
    }
    put_hex(out, head);
    for (int i = 0; i < 23; i++) {
        put_hex(out, record);
        put_hex(out, frame);
    }
    return fclose(out);
}

static int remove_capture(void **state)
{
    (void)state;
    return unlink(capture_path);
}

/* Runs `covey schc ...` with both streams into `output`. */
static int run(int argc, char **argv)
{
    FILE *file = tmpfile();
    int out = dup(STDOUT_FILENO);
    int err = dup(STDERR_FILENO);
    int rc;
    size_t len;

    assert_non_null(file);
    fflush(stdout);
    assert_true(dup2(fileno(file), STDOUT_FILENO) >= 0);
    assert_true(dup2(fileno(file), STDERR_FILENO) >= 0);
    rc = cmd_schc(argc, argv);
    fflush(stdout);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    close(out);
    close(err);
    rewind(file);
    len = fread(output, 1, sizeof output - 1, file);
    output[len] = '\0';
    fclose(file);
    return rc;
}

static int run_pcap(char *option)
{
    char *argv[] = { "schc",     "pcap",      capture_path, "--rules", RULES,
                     "--device", "192.0.2.3", option,       NULL };

    return run(option ? 8 : 7, argv);
}

static void check_says(const char *text)
{
    if (strstr(output, text) == NULL) {
        fail_msg("not said: %s\n%s", text, output);
    }
}

static void proves_every_packet_of_a_sound_engine(void **state)
{
    (void)state;
    fault = SOUND;
    assert_int_equal(run_pcap(NULL), EXIT_DONE);
    check_says("23 packets came back bit for bit\n");
    assert_null(strstr(output, "DID NOT"));
}

static void lists_packets_that_differ(void **state)
{
    (void)state;
    fault = FLIPS_BYTE_3;
    assert_int_equal(run_pcap(NULL), EXIT_NEGATIVE);
    check_says("0 packets came back bit for bit; 23 DID NOT\n");
    check_says("  frame 1, rule 0/2: differs from byte 3 on; 17 bytes went "
               "in, 17 came back\n");
    check_says("  frame 20, rule 0/2: differs from byte 3 on");
    assert_null(strstr(output, "  frame 21,"));
    check_says("  and 3 more\n");
}

static void lists_packets_that_come_back_short(void **state)
{
    (void)state;
    fault = LOSES_THE_END;
    assert_int_equal(run_pcap(NULL), EXIT_NEGATIVE);
    check_says("differs from byte 16 on; 17 bytes went in, 16 came back");
}

static void lists_packets_that_do_not_come_back(void **state)
{
    (void)state;
    fault = FAILS;
    assert_int_equal(run_pcap(NULL), EXIT_NEGATIVE);
    check_says("  frame 1, rule 0/2: does not decompress\n");
}

static void says_so_in_json_too(void **state)
{
    (void)state;
    fault = FLIPS_BYTE_3;
    assert_int_equal(run_pcap("--json"), EXIT_NEGATIVE);
    check_says("\"failed\": 23");
    check_says("\"verified\": 0");
    check_says("\"first_difference\": 3");
}

static void never_prints_a_packet_that_would_not_come_back(void **state)
{
    char *argv[] = { "schc", "compress", "--rules", RULES,
                     "-d",   "down",     MESSAGE,   NULL };

    (void)state;
    for (fault = FLIPS_BYTE_3; fault <= FAILS; fault++) {
        assert_int_equal(run(7, argv), EXIT_NEGATIVE);
        assert_null(strstr(output, "022468f4"));
        check_says("covey schc: ");
    }
    fault = SOUND;
    assert_int_equal(run(7, argv), EXIT_DONE);
    check_says("022468f400\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(proves_every_packet_of_a_sound_engine),
        cmocka_unit_test(lists_packets_that_differ),
        cmocka_unit_test(lists_packets_that_come_back_short),
        cmocka_unit_test(lists_packets_that_do_not_come_back),
        cmocka_unit_test(says_so_in_json_too),
        cmocka_unit_test(never_prints_a_packet_that_would_not_come_back),
    };

    return cmocka_run_group_tests(tests, write_capture, remove_capture);
}
