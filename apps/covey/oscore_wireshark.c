/* SPDX-License-Identifier: BSD-2-Clause */
/* covey oscore wireshark: the context as records of the table "Security
 * Contexts" of Wireshark's OSCORE preferences, in the form of its file
 * oscore_contexts. One record for requests in either direction, because
 * Wireshark takes the first column for the ID of the client. */
#include "cmd.h"
#include "oscore_verbs.h"

#include <hex.h>
#include <stdio.h>

/* Wireshark has room for an ID Context of so many bytes. */
#define ID_CONTEXT_MAX 64u

static void print_field(covey_bytes bytes)
{
    putchar('"');
    hex_print(stdout, bytes);
    fputs("\",", stdout);
}

static void print_record(const covey_oscore_parameters *p, covey_bytes client,
                         covey_bytes server)
{
    print_field(client);
    print_field(server);
    print_field(p->master_secret);
    print_field(p->master_salt);
    print_field(p->id_context);
    puts("\"AES-CCM-16-64-128 (CCM*)\"");
}

int oscore_verb_wireshark(struct oscore_session *s)
{
    const covey_oscore_parameters *p = s->parameters;

    if (p->aead != COVEY_AES_CCM_16_64_128 || p->hkdf != COVEY_HMAC_256_256) {
        return oscore_fail(s->args, EXIT_NEGATIVE,
                           "Wireshark decrypts AES-CCM-16-64-128 with HKDF "
                           "SHA-256 only");
    }
    if (p->id_context.ptr != NULL &&
        (p->id_context.len == 0 || p->id_context.len > ID_CONTEXT_MAX)) {
        return oscore_fail(s->args, EXIT_NEGATIVE,
                           "Wireshark takes an ID Context of 1 to %u bytes, "
                           "or none",
                           ID_CONTEXT_MAX);
    }
    print_record(p, p->sender_id, p->recipient_id);
    print_record(p, p->recipient_id, p->sender_id);
    return EXIT_DONE;
}
