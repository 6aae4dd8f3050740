/* SPDX-License-Identifier: BSD-2-Clause */
/* Three lines: versions that have an order, and names that fit into their
 * room. */
#include <vuln.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
    if (!good) {
        abort();
    }
}

static int sign(int n)
{
    return (n > 0) - (n < 0);
}

static void check_order(char *const v[3],
                        int (*compare)(const char *, const char *))
{
    for (int i = 0; i < 3; i++) {
        const char *a = v[i];
        const char *b = v[(i + 1) % 3];
        const char *c = v[(i + 2) % 3];
        check(compare(a, a) == 0);
        check(sign(compare(a, b)) == -sign(compare(b, a)));
        check(compare(a, b) > 0 || compare(b, c) > 0 || compare(a, c) <= 0);
    }
}

static void check_names(const char *text)
{
    vuln_service s = { 0 };
    vuln_cpe cpe = { 0 };

    if (vuln_cpe_read(text, &cpe)) {
        check(strchr("aoh", cpe.part) != NULL && cpe.product[0] != '\0');
    } else {
        check(cpe.part == 0);
    }
    if (vuln_service_guess(&s, text)) {
        check(s.cpe.part == 'a' && s.cpe.version[0] != '\0');
        check(s.epochless == (s.version[0] != '\0'));
        check(strlen(s.version) < sizeof s.version);
        check(s.epochless == (strncmp(s.distribution, "Debian", 6) == 0));
    } else {
        check(s.cpe.part == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    char empty[1] = "";
    char *v[3] = { empty, empty, empty };
    char *at = text;

    check(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    for (int i = 0; i < 3 && at != NULL; i++) {
        v[i] = at;
        at = strchr(at, '\n');
        if (at != NULL) {
            *at++ = '\0';
        }
    }
    check_order(v, vuln_dpkg_compare);
    check_order(v, vuln_plain_compare);
    for (int i = 0; i < 3; i++) {
        check_names(v[i]);
    }
    free(text);
    return 0;
}
