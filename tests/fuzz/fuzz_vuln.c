/* SPDX-License-Identifier: BSD-2-Clause */
/* One file of a base, of whatever kind. It is refused with a message, or it
 * has answers, printable and about a service that there is; a space behind it
 * changes nothing, and no source says what is not its to say. */
#include <vuln.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const vuln_service services[] = {
    { .label = "ssh",
      .distribution = "Debian:12",
      .package = "openssh",
      .version = "9.2p1-2+deb12u10",
      .epochless = true,
      .cpe = { 'a', "openbsd", "openssh", "9.2p1" } },
    { .label = "c++", .cpe = { 'a', "", "c++", "1" } },
    { .label = "nginx",
      .distribution = "Debian",
      .package = "nginx",
      .version = "1.22.1-9" },
};

static void check(bool good)
{
    if (!good) {
        abort();
    }
}

static bool read_all(vuln_lookup *l, covey_bytes text, size_t *said)
{
    char *messages = NULL;
    size_t len = 0;
    vuln_base base = { 0 };

    memset(l, 0, sizeof *l);
    l->services = services;
    l->service_count = sizeof services / sizeof services[0];
    l->messages = open_memstream(&messages, &len);
    check(l->messages != NULL);
    const bool good = vuln_text_read(l, "f", text, &base);
    check(fclose(l->messages) == 0);
    check(good ? len == 0 : len > 10 && messages[len - 1] == '\n');
    check(base.date[0] == '\0' || strlen(base.date) == 20);
    free(messages);
    *said = len;
    return good;
}

static void check_match(const vuln_lookup *l, const vuln_match *m)
{
    check(m->service < l->service_count);
    check((unsigned)m->answer < VULN_ANSWERS);
    check((unsigned)m->source < VULN_SOURCES);
    check(m->source != VULN_NVD || m->answer == VULN_CANNOT_TELL);
    check(m->id[0] != '\0' && memchr(m->id, '\0', sizeof m->id) != NULL);
    check(memchr(m->why, '\0', sizeof m->why) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    vuln_lookup first;
    vuln_lookup second;
    size_t said = 0;
    uint8_t *more = malloc(size + 1);

    check(more != NULL);
    memcpy(more, data, size);
    more[size] = ' ';
    const bool good = read_all(&first, covey_bytes_of(data, size), &said);
    check(read_all(&second, covey_bytes_of(more, size + 1), &said) == good);
    check(first.match_count == second.match_count);
    for (size_t i = 0; i < first.match_count; i++) {
        check_match(&first, &first.matches[i]);
        check(memcmp(first.matches[i].id, second.matches[i].id,
                     sizeof first.matches[i].id) == 0);
        check(first.matches[i].answer == second.matches[i].answer);
    }
    vuln_close(&first);
    vuln_close(&second);
    free(more);
    return 0;
}
