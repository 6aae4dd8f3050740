/* SPDX-License-Identifier: BSD-2-Clause */
/* A provider that fails at any of its calls: nothing is sent then, nothing is
 * found, nothing is left behind. */
#include "fake_probe.h"

#include "make.h"

#include <apps/covey-audit/cert.h>
#include <apps/covey-audit/credential.h>
#include <crypto/scripted/scripted.h>

#include "kit.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static fake f;
static covey_scripted scripted;
static covey_crypto crypto;

static bool nothing(fake *t, fake_packet *out)
{
    (void)t;
    (void)out;
    return false;
}

/* --- certificates of ITS ------------------------------------------------- */

static struct made root;
static struct made other;
static struct made aa;
static struct made at;
static uint8_t facts[FACTS_MAX];

static void make_chain(const struct made *anchor)
{
    covey_writer w = covey_writer_of(facts, sizeof facts);
    const uint8_t psid[] = { 0, 0, 0, 38 };

    covey_scripted_open(&scripted, NULL, &crypto);
    make_cert(&root, &make_root, NULL, 1, &crypto);
    make_cert(&other, &make_root, NULL, 9, &crypto);
    make_cert(&aa, &make_aa, &root, 2, &crypto);
    make_cert(&at, &make_at, &aa, 3, &crypto);
    fact_put(&w, FACT_ITS, anchor->cert.whole);
    fact_put(&w, FACT_PSID, covey_bytes_of(psid, sizeof psid));
    fake_open(&f, nothing, NULL);
    f.p.crypto = &crypto;
    f.p.facts = covey_written(&w);
    f.p.unix_s =
        covey_its_unix_of(MAKE_START + 172800, COVEY_ITS_LEAP_SECONDS);
}

static void judge(void)
{
    const covey_bytes chain[] = { at.cert.whole, aa.cert.whole };

    f.finding_count = 0;
    cert_judge_its(&f.p, chain, COUNT_OF(chain));
}

static void a_chain_is_held_against_its_anchor(void **state)
{
    (void)state;
    make_chain(&root);
    judge();
    assert_false(fake_has(&f, FINDING_CERT_CHAIN));
    assert_false(fake_has(&f, FINDING_CERT_PERMISSION));
    make_chain(&other);
    judge();
    assert_true(fake_has(&f, FINDING_CERT_CHAIN));
    f.p.unix_s += INT64_C(40) * 365 * 86400;
    judge();
    assert_true(fake_has(&f, FINDING_CERT_EXPIRED));
    f.p.unix_s = 0;
    judge();
    assert_true(fake_has(&f, FINDING_CERT_EARLY));
}

/* A chain that cannot be verified is no chain that is wrong. */
static void says_nothing_of_a_chain_without_a_provider(void **state)
{
    int n = 0;

    (void)state;
    make_chain(&root);
    do {
        const int live = scripted.live;
        covey_scripted_rewind(&scripted, n);
        judge();
        assert_false(fake_has(&f, FINDING_CERT_CHAIN));
        assert_int_equal(scripted.live, live);
        n++;
    } while (scripted.calls >= n);
    assert_true(n > 3);
}

static void judges_places_and_countries(void **state)
{
    static const char *const regions[] = {
        "80 1dcd6500 05f5e100 0064", /* a circle: 50, 10, 100 m */
        "83 0101 80 00fa",           /* France */
    };
    uint8_t country[] = { 0, 0, 0, 250 };
    uint8_t place[] = { 0x1d, 0xcd, 0x65, 0x00, 0x05, 0xf5, 0xe1, 0x00 };
    struct make_spec spec = make_at;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(regions); i++) {
        for (int off = 0; off < 2; off++) {
            make_chain(&root);
            spec.region = regions[i];
            make_cert(&at, &spec, &aa, 3, &crypto);
            country[3] = (uint8_t)(250 - off);
            place[0] = (uint8_t)(0x1d - off);
            covey_writer w = covey_writer_of(facts, sizeof facts);
            fact_put(&w, FACT_COUNTRY, covey_bytes_of(country, 4));
            fact_put(&w, FACT_POSITION, covey_bytes_of(place, 8));
            f.p.facts = covey_written(&w);
            judge();
            assert_int_equal(off != 0, fake_has(&f, FINDING_CERT_REGION));
        }
    }
}

static void refuses_what_is_no_certificate(void **state)
{
    const covey_bytes chain[] = { SPAN("no certificate") };

    (void)state;
    make_chain(&root);
    f.finding_count = 0;
    cert_judge_its(&f.p, chain, 1);
    assert_true(fake_has(&f, FINDING_CERT_CHAIN));
    for (size_t n = 0; n < at.cert.whole.len; n++) {
        const covey_bytes cut[] = { { at.cert.whole.ptr, n } };
        f.finding_count = 0;
        cert_judge_its(&f.p, cut, 1);
        assert_true(fake_has(&f, FINDING_CERT_CHAIN));
    }
    f.finding_count = 0;
    cert_judge_its(&f.p, chain, 0);
    assert_int_equal(0, f.finding_count);
}

/* --- a credential -------------------------------------------------------- */

static char folder[] = "/tmp/covey-credential-XXXXXX";
static char path[80];

static void write_context(void)
{
    static const char text[] =
        "type: oscore\nmaster_secret: 0102030405060708090a0b0c0d0e0f10\n"
        "sender_id: '02'\nrecipient_id: '01'\n";

    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/context.yaml", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    chmod(path, 0600);
}

static void drop_folder(void)
{
    DIR *d = opendir(folder);
    const struct dirent *e;

    assert_non_null(d);
    while ((e = readdir(d)) != NULL) {
        (void)unlinkat(dirfd(d), e->d_name, 0);
    }
    closedir(d);
    assert_int_equal(0, rmdir(folder));
}

static bool protect(credential *c, covey_writer *out)
{
    static const uint8_t get[] = { 0x50, 0x01, 0x12, 0x34, 0xb1, 'v' };
    covey_coap_message m;

    CHECK_STATUS(COVEY_OK,
                 covey_coap_parse(&m, covey_bytes_of(get, sizeof get)));
    return credential_protect(c, &m, out);
}

static void no_number_is_used_twice_and_none_without_a_provider(void **state)
{
    FILE *messages = tmpfile();
    uint8_t first[100];
    uint8_t second[100];
    covey_writer w = covey_writer_of(first, sizeof first);
    bool done = false;

    (void)state;
    write_context();
    covey_scripted_open(&scripted, NULL, &crypto);
    for (int n = 0; !done; n++) {
        covey_scripted_rewind(&scripted, n);
        credential *c = credential_open(&crypto, path, folder, messages);
        w = covey_writer_of(first, sizeof first);
        done = c != NULL && protect(c, &w);
        assert_true(done || w.pos == 0);
        credential_close(c);
        assert_int_equal(0, scripted.live);
        assert_true(n < 100);
    }
    covey_scripted_rewind(&scripted, COVEY_SCRIPTED_NEVER);
    /* another run begins behind it, whatever became of that one */
    credential *c = credential_open(&crypto, path, folder, messages);
    assert_non_null(c);
    covey_writer again = covey_writer_of(second, sizeof second);
    assert_true(protect(c, &again));
    assert_true(w.pos != again.pos || memcmp(first, second, w.pos) != 0);
    /* and has so many and no more */
    int more = 0;
    while (protect(c, &again)) {
        again = covey_writer_of(second, sizeof second);
        more++;
    }
    assert_int_equal(3, more);
    credential_close(c);
    fclose(messages);
    drop_folder();
}

/* With TLS 1.3 it is the engine's provider. */
static void no_handshake_without_a_provider(void **state)
{
    int n = 0;

    (void)state;
    covey_scripted_open(&scripted, NULL, &crypto);
    do {
        covey_scripted_rewind(&scripted, n);
        fake_open(&f, nothing, NULL);
        f.p.crypto = &crypto;
        const enum audit_outcome outcome = check_tls_1_3(&f.p);
        assert_int_equal(0, f.finding_count);
        assert_false(f.seen);
        assert_true(f.sent == 1 || outcome != OUTCOME_DONE);
        assert_int_equal(0, scripted.live);
        n++;
    } while (scripted.calls >= n);
    assert_int_equal(1, f.sent);
    assert_true(n > 3);
    fake_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chain_is_held_against_its_anchor),
        cmocka_unit_test(says_nothing_of_a_chain_without_a_provider),
        cmocka_unit_test(judges_places_and_countries),
        cmocka_unit_test(refuses_what_is_no_certificate),
        cmocka_unit_test(no_number_is_used_twice_and_none_without_a_provider),
        cmocka_unit_test(no_handshake_without_a_provider),
    };

    return KIT_RUN(tests);
}
