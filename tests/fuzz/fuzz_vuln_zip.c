/* SPDX-License-Identifier: BSD-2-Clause */
/* An archive of a base. However it is made: it is refused with a message, or
 * what it has was counted, and no service has an answer that there is not. */
#include "check.h"

#include <vuln.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const vuln_service service = { .label = "ssh",
                                      .distribution = "Debian:12",
                                      .package = "openssh",
                                      .version = "1:9.2p1-2" };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *messages = NULL;
    size_t len = 0;
    vuln_base base = { .date = "" };
    vuln_lookup l = { .services = &service,
                      .service_count = 1,
                      .messages = open_memstream(&messages, &len) };

    CHECK(l.messages != NULL);
    const bool good =
        vuln_zip_read(&l, "all.zip", covey_bytes_of(data, size), &base);
    CHECK(fclose(l.messages) == 0);
    CHECK(good && l.refused == 0 ? len == 0 : len > 0);
    for (size_t i = 0; i < len; i++) {
        CHECK(messages[i] == '\n' ||
              (messages[i] >= ' ' && messages[i] <= '~'));
    }
    for (size_t i = 0; i < l.match_count; i++) {
        CHECK(l.matches[i].service == 0);
    }
    vuln_close(&l);
    free(messages);
    return 0;
}
