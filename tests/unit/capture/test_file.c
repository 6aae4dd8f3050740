/* SPDX-License-Identifier: BSD-2-Clause */
/* Files on disk: written here, read by shell/capture; then everything that is
 * no capture, or only the beginning of one. */
#include <kit.h>

#include <capture.h>

#include <pcap/dlt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* clang-format off */
#define PCAP_HEADER(link) \
    "a1b2c3d4 0002 0004 00000000 00000000 00040000 000000" link
#define RECORD(caplen, len) "00000001 00000000 000000" caplen "000000" len
#define V6 \
    "60000000 000c 11 40" \
    "20010db8000000000000000000000003" "20010db8000000000000000000000020" \
    "9088 1633 000c abcd 40011234"
#define PCAPNG_SECTION \
    "0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c"
#define PCAPNG_INTERFACE "00000001 00000014 0065 0000 00000000 00000014"
#define PCAPNG_PACKET \
    "00000006 00000054 00000000 00000000 00000001 00000034 00000034" V6 \
    "00000054"
/* clang-format on */

static char path[64];

static void write_hex(const char *hex)
{
    uint8_t storage[1024];
    covey_bytes bytes = kit_hex(hex, storage, sizeof storage);
    int fd;
    FILE *out;

    snprintf(path, sizeof path, "/tmp/covey-capture-XXXXXX");
    fd = mkstemp(path);
    assert_true(fd >= 0);
    out = fdopen(fd, "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(bytes.ptr, 1, bytes.len, out), bytes.len);
    assert_int_equal(fclose(out), 0);
}

static void reads_pcap_and_pcapng(void **state)
{
    static const char *const files[] = {
        PCAP_HEADER("65") RECORD("34", "34") V6,
        PCAPNG_SECTION PCAPNG_INTERFACE PCAPNG_PACKET,
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        char error[CAPTURE_ERROR_MAX] = "";
        capture_datagram d;
        capture_verdict verdict;
        capture_file *file;

        write_hex(files[i]);
        file = capture_open(path, error);
        assert_string_equal(error, "");
        assert_non_null(file);
        assert_int_equal(capture_next(file, &d, &verdict, error),
                         CAPTURE_FRAME);
        assert_int_equal(verdict, CAPTURE_UDP);
        CHECK_HEX("40011234", d.payload);
        assert_int_equal(capture_next(file, &d, &verdict, error), CAPTURE_END);
        capture_close(file);
        unlink(path);
    }
}

static void says_that_the_capture_kept_only_the_beginning(void **state)
{
    char error[CAPTURE_ERROR_MAX] = "";
    capture_datagram d;
    capture_verdict verdict;
    capture_file *file;

    (void)state;
    write_hex(PCAP_HEADER("65") RECORD("08", "34") "60000000000c1140");
    file = capture_open(path, error);
    assert_non_null(file);
    assert_int_equal(capture_next(file, &d, &verdict, error), CAPTURE_FRAME);
    assert_int_equal(verdict, CAPTURE_CUT);
    capture_close(file);
    unlink(path);
}

typedef struct file_case {
    const char *why;
    const char *hex;
    const char *says;
} file_case;

static void refuses_what_is_no_capture(void **state)
{
    static const file_case cases[] = {
        { "empty file", "", "trunc" },
        { "three bytes", "a1b2c3", "trunc" },
        { "text", "68656c6c6f20776f726c640a68656c6c6f20776f726c640a",
          "unknown file format" },
        { "half a file header", "a1b2c3d4 0002 0004", "trunc" },
        { "IEEE 802.11", PCAP_HEADER("69"), "802.11" },
        { "IEEE 802.15.4", PCAP_HEADER("c3"), "understood are Ethernet" },
        { "pcapng without an interface", PCAPNG_SECTION, "" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char error[CAPTURE_ERROR_MAX] = "";

        kit_case(cases[i].why);
        write_hex(cases[i].hex);
        assert_null(capture_open(path, error));
        assert_true(strncmp(error, path, strlen(path)) == 0);
        assert_non_null(strstr(error, cases[i].says));
        unlink(path);
    }
    kit_case(NULL);
}

static void names_a_file_that_is_not_there(void **state)
{
    char error[CAPTURE_ERROR_MAX] = "";

    (void)state;
    assert_null(capture_open("/nonexistent/a.pcap", error));
    assert_non_null(strstr(error, "No such file"));
    assert_true(strncmp(error, "/nonexistent", 12) == 0);
}

static void stops_where_the_file_ends_in_a_record(void **state)
{
    static const char *const files[] = {
        PCAP_HEADER("65") RECORD("34", "34") V6 "00000001 0000",
        PCAP_HEADER("65") RECORD("34", "34") V6 RECORD("34", "34") "6000",
        PCAPNG_SECTION PCAPNG_INTERFACE PCAPNG_PACKET "00000006 00000054 00",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        char error[CAPTURE_ERROR_MAX] = "";
        capture_datagram d;
        capture_verdict verdict;
        capture_file *file;

        write_hex(files[i]);
        file = capture_open(path, error);
        assert_non_null(file);
        assert_int_equal(capture_next(file, &d, &verdict, error),
                         CAPTURE_FRAME);
        assert_int_equal(capture_next(file, &d, &verdict, error),
                         CAPTURE_BROKEN);
        assert_true(strlen(error) > 0);
        capture_close(file);
        unlink(path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_pcap_and_pcapng),
        cmocka_unit_test(says_that_the_capture_kept_only_the_beginning),
        cmocka_unit_test(refuses_what_is_no_capture),
        cmocka_unit_test(names_a_file_that_is_not_there),
        cmocka_unit_test(stops_where_the_file_ends_in_a_record),
    };

    return KIT_RUN(tests);
}
