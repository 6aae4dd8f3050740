/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of CPE, and what banners say. */
#include "kit.h"

#include <vuln.h>

struct name {
    const char *why;
    const char *text;
    const char *expected; /* "part vendor product version", NULL: refused */
};

/* clang-format off */
static const struct name names[] = {
    { "2.3", "cpe:2.3:a:openbsd:openssh:9.2:p1:*:*:*:*:*:*",
      "a openbsd openssh 9.2p1" },
    { "2.2", "cpe:/a:openbsd:openssh:9.2p1", "a openbsd openssh 9.2p1" },
    { "without a version", "cpe:/a:nginx:nginx", "a nginx nginx " },
    { "any version", "cpe:2.3:o:linux:linux_kernel:*:*:*:*:*:*:*:*",
      "o linux linux_kernel " },
    { "no version", "cpe:2.3:h:x:y:-:*:*:*:*:*:*:*", "h x y " },
    { "a colon that is escaped", "cpe:2.3:a:a\\:b:c\\+\\+:1:*:*:*:*:*:*:*",
      "a a:b c++ 1" },
    { "an update without a version", "cpe:2.3:a:a:b:*:p1:*:*:*:*:*:*",
      "a a b " },
    { "nothing", "", NULL },
    { "another scheme", "cpf:/a:b:c", NULL },
    { "no part", "cpe:/:b:c", NULL },
    { "an unknown part", "cpe:/x:b:c", NULL },
    { "a part of two letters", "cpe:/ao:b:c", NULL },
    { "a part that is any", "cpe:2.3:*:b:c", NULL },
    { "no product", "cpe:/a:b", NULL },
    { "any product", "cpe:2.3:a:b:*:1", NULL },
    { "a control character", "cpe:/a:b:c\033", NULL },
    { "a product that is too long",
      "cpe:/a:b:ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
      "cccc", NULL },
};

struct banner {
    const char *why;
    const char *text;
    const char *expected; /* "product version|distribution package version",
                             NULL: nothing is known */
};

static const struct banner banners[] = {
    { "of OpenSSH in Debian", "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10",
      "openssh 9.2p1|Debian:12 openssh 9.2p1-2+deb12u10" },
    { "as a scanner writes it", "OpenSSH 9.2p1 Debian 2+deb12u10",
      "openssh 9.2p1|Debian:12 openssh 9.2p1-2+deb12u10" },
    { "of a release that it does not name", "SSH-2.0-OpenSSH_9.2p1 Debian-2",
      "openssh 9.2p1|Debian openssh 9.2p1-2" },
    { "of a back-port", "SSH-2.0-OpenSSH_9.8p1 Debian-1~deb12u1",
      "openssh 9.8p1|Debian:12 openssh 9.8p1-1~deb12u1" },
    { "without a distribution", "SSH-2.0-OpenSSH_9.6", "openssh 9.6|  " },
    { "with one and no revision", "SSH-2.0-OpenSSH_9.6 Debian",
      "openssh 9.6|  " },
    { "of a web server", "Server: Apache/2.4.57 (Debian)",
      "http_server 2.4.57|  " },
    { "of another", "nginx/1.22.1", "nginx 1.22.1|  " },
    { "without a version", "Server: nginx", NULL },
    { "a name in another one", "xnginxy/1", NULL },
    { "a name at the end", "OpenSSH_", NULL },
    { "an unknown one", "FooServer/1.0", NULL },
    { "nothing", "", NULL },
};
/* clang-format on */

static void cpe_names_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char text[400];
        vuln_cpe cpe = { 0 };
        kit_case(names[i].why);
        assert_int_equal(names[i].expected != NULL,
                         vuln_cpe_read(names[i].text, &cpe));
        snprintf(text, sizeof text, "%c %s %s %s", cpe.part, cpe.vendor,
                 cpe.product, cpe.version);
        if (names[i].expected != NULL) {
            assert_string_equal(names[i].expected, text);
        }
    }
}

static void banners_say_product_and_revision(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof banners / sizeof banners[0]; i++) {
        char text[600];
        vuln_service s = { 0 };
        kit_case(banners[i].why);
        assert_int_equal(banners[i].expected != NULL,
                         vuln_service_guess(&s, banners[i].text));
        snprintf(text, sizeof text, "%s %s|%s %s %s", s.cpe.product,
                 s.cpe.version, s.distribution, s.package, s.version);
        if (banners[i].expected != NULL) {
            assert_string_equal(banners[i].expected, text);
            assert_int_equal(s.version[0] != '\0', s.epochless);
        }
    }
}

static void what_is_known_already_stays(void **state)
{
    vuln_service s = { .distribution = "Debian:11",
                       .package = "openssh-fork",
                       .version = "1:9.2p1-9" };

    (void)state;
    assert_true(
        vuln_service_guess(&s, "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10"));
    assert_string_equal("Debian:11", s.distribution);
    assert_string_equal("openssh-fork", s.package);
    assert_string_equal("1:9.2p1-9", s.version);
    assert_false(s.epochless);
}

/* Everything that a target may say, of any length. */
static void long_banners_are_cut(void **state)
{
    char text[4096] = "OpenSSH_";
    vuln_service s = { 0 };

    (void)state;
    memset(text + 8, '9', sizeof text - 9);
    memcpy(text + 3000, " Debian-", 8);
    assert_true(vuln_service_guess(&s, text));
    assert_int_equal(VULN_VERSION_MAX - 1, strlen(s.cpe.version));
    assert_true(strlen(s.version) < VULN_VERSION_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cpe_names_are_read),
        cmocka_unit_test(banners_say_product_and_revision),
        cmocka_unit_test(what_is_known_already_stays),
        cmocka_unit_test(long_banners_are_cut),
    };
    return KIT_RUN(tests);
}
