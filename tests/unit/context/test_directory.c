/* SPDX-License-Identifier: BSD-2-Clause */
/* Members of a group from a directory: which files are taken, and that a
 * certificate is taken only if it is the member's. */
#include "context_text.h"

#include "x509_make.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <openssl/pem.h>

static char folder[] = "directory-test-XXXXXX";

/* --- files -------------------------------------------------------------- */

static const char *path_of(const char *name)
{
    static char path[2][400];
    static unsigned turn;

    turn ^= 1u;
    snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
    return path[turn];
}

static void put(const char *name, covey_bytes content, mode_t mode)
{
    FILE *out = fopen(path_of(name), "wb");

    assert_non_null(out);
    assert_int_equal(content.len, fwrite(content.ptr, 1, content.len, out));
    assert_int_equal(0, fclose(out));
    assert_int_equal(0, chmod(path_of(name), mode));
}

static void put_text(const char *name, const char *text)
{
    put(name, covey_bytes_of((const uint8_t *)text, strlen(text)), 0600);
}

static void put_hex(const char *name, const char *hex)
{
    uint8_t storage[300];

    put(name, kit_hex(hex, storage, sizeof storage), 0644);
}

static void put_pem(const char *name, const made *const *certificates,
                    size_t count)
{
    FILE *out = fopen(path_of(name), "wb");

    assert_non_null(out);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(1, PEM_write_X509(out, certificates[i]->cert));
    }
    assert_int_equal(0, fclose(out));
}

static void put_der(const char *name, const made *const *certificates,
                    size_t count)
{
    FILE *out = fopen(path_of(name), "wb");

    assert_non_null(out);
    for (size_t i = 0; i < count; i++) {
        const made *m = certificates[i];
        assert_int_equal(m->len, fwrite(m->der, 1, m->len, out));
    }
    assert_int_equal(0, fclose(out));
}

/* Everything that a test left behind. */
static void empty(void)
{
    char command[100];

    snprintf(command, sizeof command, "rm -rf %s/d %s/c %s/a.pem", folder,
             folder, folder);
    assert_int_equal(0, system(command)); /* NOLINT(cert-env33-c) */
    assert_int_equal(0, mkdir(path_of("d"), 0755));
}

static struct load load(const char *text)
{
    struct load l = { NULL, "" };
    FILE *out = fmemopen(l.messages, sizeof l.messages, "w");

    assert_non_null(out);
    put_text("c", text);
    l.file = context_load(path_of("c"), out);
    fclose(out);
    return l;
}

static void refuses(const char *text, const char *message)
{
    const struct load l = load(text);

    if (l.file != NULL || strstr(l.messages, message) == NULL) {
        print_error("printed: %s\nwanted: %s\n", l.messages, message);
    }
    assert_null(l.file);
    assert_non_null(strstr(l.messages, message));
}

static void accepts(const char *text, size_t members)
{
    const struct load l = load(text);

    assert_string_equal("", l.messages);
    assert_non_null(l.file);
    assert_int_equal(members, l.file->group.member_count);
    context_free(l.file);
}

/* --- certificates ------------------------------------------------------- */

static made root;
static made middle;
static made leaf;
static made expired;
static made other_curve;
static made no_usage;

static const plan plain = { .usage = "digitalSignature",
                            .aki = "keyid:always",
                            .serial = "52",
                            .key = EVP_PKEY_ED25519 };

static void make_certificates(void)
{
    const plan ca = { .name = "ca",
                      .key = EVP_PKEY_ED25519,
                      .basic = "critical,CA:TRUE",
                      .usage = "keyCertSign" };
    const plan sub = { .name = "sub",
                       .basic = "critical,CA:TRUE,pathlen:0",
                       .aki = "keyid:always" };
    const plan nothing = { .serial = NULL };
    const plan curve = { .key = NID_X9_62_prime256v1 };
    const plan usage = { .usage = "keyAgreement" };
    const int64_t now = (int64_t)time(NULL);
    const plan past = { .from = now - 1000, .to = now - 10 };
    plan root_plan = ca;
    plan leaf_plan = plain;

    root_plan.from = leaf_plan.from = now - 1000;
    root_plan.to = leaf_plan.to = now + 1000;
    make(&root, &nothing, &root_plan, NULL);
    make(&middle, &sub, &root_plan, &root);
    make(&leaf, &nothing, &leaf_plan, &middle);
    make(&expired, &past, &leaf_plan, &middle);
    make(&other_curve, &curve, &leaf_plan, &middle);
    make(&no_usage, &usage, &leaf_plan, &middle);
}

static int begin(void **state)
{
    (void)state;
    umask(022);
    make_certificates();
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int finish(void **state)
{
    made *const all[] = { &root,    &middle,      &leaf,
                          &expired, &other_curve, &no_usage };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        unmake(all[i]);
    }
    empty();
    rmdir(path_of("d"));
    unlink(path_of("c"));
    return rmdir(folder);
}

#define CHAIN(first)                                                          \
    (const made *const[])                                                     \
    {                                                                         \
        (first), &middle                                                      \
    }
#define DIRECTORY GROUP "member_directory: d\n"
#define ANCHORED  DIRECTORY "anchors: a.pem\n"

static void put_anchor(void)
{
    put_pem("a.pem", (const made *const[]){ &root }, 1);
}

/* --- what is taken ------------------------------------------------------ */

static void takes_members_in_the_order_of_names(void **state)
{
    (void)state;
    empty();
    put_anchor();
    put_hex("d/77.ccs", CCS_ED25519);
    put_der("d/52.der", CHAIN(&leaf), 2);
    put_hex("d/53.ccs", CCS_ED25519);
    put_hex("d/.53.ccs.swp", "00");
    const struct load m =
        load(ANCHORED "members:\n- {id: '', credential: " CCS_ED25519 "}\n");
    assert_string_equal("", m.messages);
    const context_group *g = &m.file->group;
    assert_int_equal(4, g->member_count);
    CHECK_HEX("", g->members[0].id);
    CHECK_HEX("52", g->members[1].id);
    CHECK_SPAN(der_of(&leaf), g->members[1].credential);
    assert_int_equal(32, g->members[1].public_key.len);
    CHECK_HEX("53", g->members[2].id);
    CHECK_HEX(CCS_ED25519, g->members[2].credential);
    CHECK_HEX(KEY32, g->members[2].public_key);
    assert_true(g->members[2].number == COVEY_GROUP_NUMBER_UNKNOWN);
    CHECK_HEX("77", g->members[3].id);
    context_free(m.file);
}

static void takes_a_chain_in_pem(void **state)
{
    (void)state;
    empty();
    put_anchor();
    put_pem("d/52.pem", CHAIN(&leaf), 2);
    const struct load l = load(ANCHORED);
    assert_string_equal("", l.messages);
    CHECK_SPAN(der_of(&leaf), l.file->group.members[0].credential);
    context_free(l.file);
}

static void takes_an_empty_directory(void **state)
{
    (void)state;
    empty();
    accepts(DIRECTORY, 0);
}

static void takes_the_own_file_only_if_it_is_the_same(void **state)
{
    (void)state;
    empty();
    put_hex("d/25.ccs", CCS_ED25519);
    accepts(MEMBER "member_directory: d\n", 0);
    put_hex("d/25.ccs", "a20200"
                        "08a101a401010327200621"
                        "5820" KEY32);
    refuses(MEMBER "member_directory: d\n",
            "member_directory: 25.ccs: expected the own 'credential', since "
            "this is the own Sender ID (RFC 10021 Section 2.4)");
}

/* --- chains that are refused -------------------------------------------- */

struct chain {
    const char *why;
    const char *name;
    const made *certificates[9];
    size_t count;
    const char *message;
};

/* clang-format off */
static const struct chain chains[] = {
    { "no certificate", "52.der", { NULL }, 0,
      "52.der: expected 1 to 8 certificates in DER: found none" },
    { "no intermediate", "52.der", { &leaf }, 1,
      "52.der: certificate 1 of 1: its issuer is neither in the chain nor an "
      "anchor (RFC 5280 Section 6.1.3)" },
    { "the other way round", "52.der", { &middle, &leaf }, 2,
      "52.der: certificate 1 of 2: its key usage lacks digitalSignature" },
    { "expired", "52.der", { &expired, &middle }, 2,
      "52.der: certificate 1 of 2: it has expired (RFC 5280 Section 6.1.3)" },
    { "expired, in PEM", "52.pem", { &expired, &middle }, 2,
      "52.pem: certificate 1 of 2: it has expired" },
    { "not for signatures", "52.der", { &no_usage, &middle }, 2,
      "its key usage lacks digitalSignature (RFC 5280 Section 4.2.1.3)" },
    { "of another member", "53.der", { &leaf, &middle }, 2,
      "53.der: certificate 1 of 2: its subject has another Sender ID: 52 "
      "(seed 002 Section 7.3)" },
    { "another curve", "52.der", { &other_curve, &middle }, 2,
      "52.der: expected a key on the group's curve Ed25519, found P-256" },
    { "nine certificates", "52.der",
      { &leaf, &middle, &middle, &middle, &middle, &middle, &middle, &middle,
        &middle }, 9, "52.der: expected 1 to 8 certificates in DER" },
    { "nine certificates in PEM", "52.pem",
      { &leaf, &middle, &middle, &middle, &middle, &middle, &middle, &middle,
        &middle }, 9, "52.pem: expected 1 to 8 certificates in PEM" },
};
/* clang-format on */

static void refuses_chains(void **state)
{
    char name[20];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(chains); i++) {
        const struct chain *c = &chains[i];
        kit_case(c->why);
        empty();
        put_anchor();
        snprintf(name, sizeof name, "d/%s", c->name);
        if (strstr(c->name, ".pem") != NULL) {
            put_pem(name, c->certificates, c->count);
        } else {
            put_der(name, c->certificates, c->count);
        }
        refuses(ANCHORED, c->message);
    }
    kit_case(NULL);
}

static void refuses_other_anchors(void **state)
{
    (void)state;
    empty();
    put_der("d/52.der", CHAIN(&leaf), 2);
    refuses(DIRECTORY, "52.der: an X.509 certificate needs 'anchors'");
    refuses(ANCHORED, "anchors: No such file or directory");
    put_text("a.pem", "");
    refuses(ANCHORED, "anchors: expected 1 to 64 certificates in PEM: found "
                      "none (RFC 7468 Section 5)");
    put_text("a.pem", "-----BEGIN CERTIFICATE-----\n");
    refuses(ANCHORED, "expected 1 to 64 certificates in PEM: malformed");
    put_pem("a.pem", (const made *const[]){ &other_curve }, 1);
    refuses(ANCHORED, "52.der: certificate 2 of 2: its issuer is neither");
    put_anchor();
    assert_int_equal(0, chmod(path_of("a.pem"), 0666));
    refuses(ANCHORED, "anchors: expected a file that others cannot write, "
                      "found mode 0666");
    refuses(GROUP "anchors: a.pem\n",
            "anchors: expected 'member_directory' beside it");
}

static void refuses_bytes_behind_a_chain(void **state)
{
    (void)state;
    empty();
    put_anchor();
    put_der("d/52.der", CHAIN(&leaf), 2);
    FILE *out = fopen(path_of("d/52.der"), "ab");
    assert_non_null(out);
    fputc('\n', out);
    fclose(out);
    refuses(ANCHORED, "52.der: expected 1 to 8 certificates in DER");
}

/* --- files that are refused --------------------------------------------- */

struct file {
    const char *why;
    const char *name;
    const char *hex;
    const char *message;
};

/* clang-format off */
static const struct file files[] = {
    { "another suffix", "52.txt", "00",
      "52.txt: expected a name with .ccs, .cwt, .der or .pem at its end" },
    { "no suffix", "52", CCS_ED25519, "52: expected a name with .ccs" },
    { "a backup", "52.ccs~", CCS_ED25519, "52.ccs~: expected a name with" },
    { "a suffix in upper case", "52.CCS", CCS_ED25519, "52.CCS: expected a" },
    { "an ID in upper case", "5A.ccs", CCS_ED25519,
      "5A.ccs: expected a Sender ID of 1 to 7 bytes in lower-case hex as the "
      "name (covey-context(5))" },
    { "half a byte", "5.ccs", CCS_ED25519, "5.ccs: expected a Sender ID" },
    { "no hex", "lamp.ccs", CCS_ED25519, "lamp.ccs: expected a Sender ID" },
    { "an ID that is too long", "0102030405060708.ccs", CCS_ED25519,
      "0102030405060708.ccs: expected a Sender ID" },
    { "a name that would be obeyed", "\033[1m.ccs", CCS_ED25519,
      "?[1m.ccs: expected a Sender ID" },
    { "nothing", "52.ccs", "", "52.ccs: expected the bytes of a CCS, untagged" },
    { "hex digits", "52.ccs", "61313038",
      "52.ccs: expected the bytes of a CCS, untagged" },
    { "a claims set as a CWT", "52.cwt", CCS_ED25519,
      "52.cwt: expected the bytes of a CWT" },
    { "another curve", "52.ccs", CCS_X25519,
      "52.ccs: expected a key on the group's curve Ed25519, found X25519" },
    { "no key", "52.ccs", "a10200",
      "52.ccs: no public key can be taken from this " },
    { "half a claims set", "52.ccs", "a108",
      "52.ccs: no public key can be taken from this " },
};
/* clang-format on */

static void refuses_files(void **state)
{
    char name[40];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        kit_case(files[i].why);
        empty();
        snprintf(name, sizeof name, "d/%s", files[i].name);
        put_hex(name, files[i].hex);
        refuses(DIRECTORY, files[i].message);
    }
    kit_case(NULL);
}

static void refuses_an_id_twice(void **state)
{
    (void)state;
    empty();
    put_anchor();
    put_hex("d/52.ccs", CCS_ED25519);
    refuses(DIRECTORY "members:\n- {id: 52, credential: " CCS_ED25519 "}\n",
            "52.ccs: expected an ID that no other member has");
    put_der("d/52.der", CHAIN(&leaf), 2);
    refuses(ANCHORED, "52.der: expected an ID that no other member has");
}

static void refuses_what_others_can_write(void **state)
{
    (void)state;
    empty();
    put_hex("d/52.ccs", CCS_ED25519);
    assert_int_equal(0, chmod(path_of("d/52.ccs"), 0646));
    refuses(DIRECTORY, "52.ccs: expected a file that others cannot write, "
                       "found mode 0646");
    assert_int_equal(0, chmod(path_of("d/52.ccs"), 0644));
    accepts(DIRECTORY, 1);
    assert_int_equal(0, chmod(path_of("d"), 0777));
    refuses(DIRECTORY, "member_directory: expected a directory that others "
                       "cannot write, found mode 0777");
}

/* Nobody writes into the pipe. */
static void refuses_what_is_no_file(void **state)
{
    (void)state;
    empty();
    assert_int_equal(0, mkfifo(path_of("d/52.ccs"), 0600));
    refuses(DIRECTORY, "52.ccs: expected a file");
    empty();
    assert_int_equal(0, mkdir(path_of("d/52.ccs"), 0700));
    refuses(DIRECTORY, "52.ccs: expected a file");
    empty();
    assert_int_equal(0, symlink("none", path_of("d/52.ccs")));
    refuses(DIRECTORY, "52.ccs: No such file or directory");
}

static void refuses_what_is_no_directory(void **state)
{
    (void)state;
    empty();
    refuses(GROUP "member_directory: none\n",
            "member_directory: No such file or directory");
    refuses(GROUP "member_directory: c\n",
            "member_directory: Not a directory");
    refuses(GROUP "member_directory: [d]\n", "found a list");
    static const char memory[] = DIRECTORY;
    const struct load l = load_text(memory, sizeof memory - 1);
    assert_null(l.file);
    assert_non_null(
        strstr(l.messages, "member_directory: another file is not taken"));
}

static void refuses_more_than_it_has_room_for(void **state)
{
    static uint8_t large[65537];
    char name[40];

    (void)state;
    empty();
    put("d/52.ccs", covey_bytes_of(large, sizeof large), 0600);
    refuses(DIRECTORY, "52.ccs: expected up to 65536 bytes");
    empty();
    for (unsigned i = 0; i < 1024; i++) {
        snprintf(name, sizeof name, "d/%06x.ccs", i);
        put_hex(name, CCS_ED25519);
    }
    accepts(DIRECTORY, 1024);
    refuses(DIRECTORY "members:\n- {id: 52, credential: " CCS_ED25519 "}\n",
            "expected up to 1024 members, found 1025");
    put_hex("d/52.ccs", CCS_ED25519);
    refuses(DIRECTORY, "member_directory: expected up to 1024 files");
}

static void refuses_a_long_credential(void **state)
{
    static uint8_t large[5000];
    covey_writer w = covey_writer_of(large, sizeof large);
    uint8_t key[100];

    (void)state;
    empty();
    covey_write_bytes(&w, SPAN("\xa2\x02\x59\x10\x00"));
    (void)covey_write_reserve(&w, 0x1000);
    covey_bytes rest = kit_hex(CCS_ED25519, key, sizeof key);
    covey_write_bytes(&w, covey_bytes_of(rest.ptr + 1, rest.len - 1));
    put("d/52.ccs", covey_written(&w), 0600);
    refuses(DIRECTORY, "52.ccs: expected a credential of up to 4096 bytes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_members_in_the_order_of_names),
        cmocka_unit_test(takes_a_chain_in_pem),
        cmocka_unit_test(takes_an_empty_directory),
        cmocka_unit_test(takes_the_own_file_only_if_it_is_the_same),
        cmocka_unit_test(refuses_chains),
        cmocka_unit_test(refuses_other_anchors),
        cmocka_unit_test(refuses_bytes_behind_a_chain),
        cmocka_unit_test(refuses_files),
        cmocka_unit_test(refuses_an_id_twice),
        cmocka_unit_test(refuses_what_others_can_write),
        cmocka_unit_test(refuses_what_is_no_file),
        cmocka_unit_test(refuses_what_is_no_directory),
        cmocka_unit_test(refuses_more_than_it_has_room_for),
        cmocka_unit_test(refuses_a_long_credential),
    };
    return cmocka_run_group_tests(tests, begin, finish);
}
