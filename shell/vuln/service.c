/* SPDX-License-Identifier: BSD-2-Clause */
/* From what a service says of itself to names that bases know. */
#include "internal.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

void vuln__copy(char *out, size_t cap, const char *from, size_t len)
{
    const size_t n = len < cap ? len : cap - 1;

    memcpy(out, from, n);
    out[n] = '\0';
}

/* --- CPE ----------------------------------------------------------------- */

/* One component: up to a colon that is not escaped, without its escapes;
 * "*" and "-" become empty. */
static bool component(const char **at, char *out, size_t cap)
{
    const char *p = *at;
    size_t n = 0;

    while (*p != '\0' && *p != ':') {
        if (*p == '\\' && p[1] != '\0') {
            p++;
        }
        if (n + 1 >= cap || *p < ' ' || *p > '~') {
            return false;
        }
        out[n++] = *p++;
    }
    out[n] = '\0';
    if (n == 1 && (out[0] == '*' || out[0] == '-')) {
        out[0] = '\0';
    }
    *at = *p == ':' ? p + 1 : p;
    return true;
}

bool vuln_cpe_read(const char *text, vuln_cpe *out)
{
    const char *at = strncmp(text, "cpe:2.3:", 8) == 0 ? text + 8
                     : strncmp(text, "cpe:/", 5) == 0  ? text + 5
                                                       : NULL;
    char part[4];
    char update[VULN_NAME_MAX];
    vuln_cpe cpe = { 0 };

    if (at == NULL || !component(&at, part, sizeof part) ||
        strlen(part) != 1 || strchr("aoh", part[0]) == NULL ||
        !component(&at, cpe.vendor, sizeof cpe.vendor) ||
        !component(&at, cpe.product, sizeof cpe.product) ||
        !component(&at, cpe.version, sizeof cpe.version) ||
        !component(&at, update, sizeof update) || cpe.product[0] == '\0') {
        return false;
    }
    const size_t len = strlen(cpe.version);
    if (len > 0) {
        vuln__copy(cpe.version + len, sizeof cpe.version - len, update,
                   strlen(update));
    }
    cpe.part = part[0];
    *out = cpe;
    return true;
}

/* --- banners ------------------------------------------------------------- */

static const struct known {
    const char *name; /* before a sign and the version */
    const char *vendor;
    const char *product;
    const char *package; /* Debian's source package */
} known[] = {
    { "OpenSSH", "openbsd", "openssh", "openssh" },
    { "dropbear", "dropbear_ssh_project", "dropbear_ssh", "dropbear" },
    { "nginx", "f5", "nginx", "nginx" },
    { "Apache", "apache", "http_server", "apache2" },
    { "lighttpd", "lighttpd", "lighttpd", "lighttpd" },
    { "Exim", "exim", "exim", "exim4" },
    { "mosquitto", "eclipse", "mosquitto", "mosquitto" },
    { "OpenSSL", "openssl", "openssl", "openssl" },
    { "libcoap", "libcoap", "libcoap", "libcoap3" },
    { "ProFTPD", "proftpd", "proftpd", "proftpd-dfsg" },
    { "vsFTPd", "vsftpd_project", "vsftpd", "vsftpd" },
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* How long a text of a version is that begins here. */
static size_t version_len(const char *text)
{
    return strspn(text, "0123456789abcdefghijklmnopqrstuvwxyz"
                        "ABCDEFGHIJKLMNOPQRSTUVWXYZ.+~-:");
}

static const char *find_version(const char *banner, const struct known **row)
{
    for (size_t i = 0; i < COUNT(known); i++) {
        const char *at = strstr(banner, known[i].name);
        const size_t len = strlen(known[i].name);
        if (at != NULL && at[len] != '\0' && strchr("_/ ", at[len]) != NULL &&
            is_digit(at[len + 1])) {
            *row = &known[i];
            return at + len + 1;
        }
    }
    return NULL;
}

/* "Debian:12" from a revision with "+deb12" or "~deb12". */
static void read_release(vuln_service *s, const char *revision)
{
    const char *at = strstr(revision, "deb");
    char release[8];

    if (s->distribution[0] != '\0') {
        return;
    }
    if (at == NULL || at == revision || strchr("+~", at[-1]) == NULL ||
        !is_digit(at[3])) {
        snprintf(s->distribution, sizeof s->distribution, "Debian");
        return;
    }
    vuln__copy(release, sizeof release, at + 3, strspn(at + 3, "0123456789"));
    snprintf(s->distribution, sizeof s->distribution, "Debian:%s", release);
}

/* "Debian-2+deb12u10" behind the upstream version. */
static void read_revision(vuln_service *s, const char *rest,
                          const char *package)
{
    static const char name[] = "Debian";
    const char *at = strstr(rest, name);
    char revision[VULN_NAME_MAX];

    if (at == NULL || s->version[0] != '\0') {
        return;
    }
    at += sizeof name - 1;
    at += *at == '-' || *at == ' ' ? 1 : 0;
    vuln__copy(revision, sizeof revision, at, version_len(at));
    if (!is_digit(revision[0])) {
        return;
    }
    snprintf(s->version, sizeof s->version, "%.60s-%s", s->cpe.version,
             revision);
    if (s->package[0] == '\0') {
        snprintf(s->package, sizeof s->package, "%s", package);
    }
    s->epochless = true;
    read_release(s, revision);
}

bool vuln_service_guess(vuln_service *s, const char *banner)
{
    const struct known *row = NULL;
    const char *at = find_version(banner, &row);

    if (at == NULL) {
        return false;
    }
    const size_t len = version_len(at);
    if (s->cpe.part == 0) {
        s->cpe.part = 'a';
        snprintf(s->cpe.vendor, sizeof s->cpe.vendor, "%s", row->vendor);
        snprintf(s->cpe.product, sizeof s->cpe.product, "%s", row->product);
    }
    if (s->cpe.version[0] == '\0') {
        vuln__copy(s->cpe.version, sizeof s->cpe.version, at, len);
    }
    read_revision(s, at + len, row->package);
    return true;
}
