/* SPDX-License-Identifier: BSD-2-Clause */
/* The configuration of the server. What it accepts can be asked for every one
 * of its resources; what it refuses it explains in lines that a terminal can
 * show. */
#include "conf_oracle.h"

#include <config.h>
#include <covey/coap_options.h>

#include <stdlib.h>
#include <string.h>

/* The first that may use it; names are not written to. */
static dtls_peer client_of(const struct resource_policy *p)
{
    dtls_peer peer = { .count = p->client_count > 0 };

    if (peer.count > 0) {
        peer.names[0] = (char *)(uintptr_t)p->clients[0];
    }
    return peer;
}

/* A request for the path that a resource says it has. */
static void ask(struct resources *all, const struct resource *r, uint8_t code)
{
    uint8_t bytes[2 * RESOURCE_KEY_MAX];
    uint8_t part[64];
    covey_writer w = covey_writer_of(bytes, sizeof bytes);
    const covey_coap_message head = { .code = code };
    covey_coap_composer c = covey_coap_compose(&w, &head);
    covey_coap_message m;
    struct resource_answer a;

    for (size_t at = 0; at < r->key.len; at += 1u + r->key.ptr[at]) {
        covey_coap_put_option(
            &c, COVEY_OPTION_URI_PATH,
            covey_bytes_of(r->key.ptr + at + 1, r->key.ptr[at]));
    }
    check(covey_coap_finish(&c) == COVEY_OK);
    check(covey_coap_parse(&m, covey_written(&w)) == COVEY_OK);
    const dtls_peer peer = client_of(&r->policy);
    const struct resource_request rq = { .message = &m,
                                         .body = covey_bytes_of(part, 0),
                                         .secured = true,
                                         .member = true,
                                         .roles = r->policy.roles,
                                         .peer = &peer,
                                         .now = { 1, 1, true } };
    resources_answer(all, &rq, &a);
    const bool allowed = (r->methods >> code & 1) != 0;
    check(allowed == (a.code != COVEY_COAP_CODE(4, 5)));
    check(!allowed || a.code >> 5 == 2 || a.code == COVEY_COAP_CODE(4, 4));
    check(a.body.size == 0 ||
          resource_read(&a.body, a.body.size - 1, part, sizeof part) == 1);
    resource_end(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = NULL;
    size_t len = 0;
    FILE *messages = open_memstream(&text, &len);

    check(messages != NULL);
    struct server_config *config =
        server_config_load_text((const char *)data, size, "t", messages);
    check(fclose(messages) == 0);
    check_messages(text, len, config == NULL);
    free(text);
    if (config == NULL) {
        return 0;
    }
    struct resources *all = &config->resources;
    for (size_t i = 0; i < all->count; i++) {
        check(i == 0 ||
              resource_compare(all->rows + i - 1, all->rows + i) < 0);
        for (uint8_t code = 1; code < 8; code++) {
            ask(all, &all->rows[i], code);
        }
    }
    server_config_free(config);
    return 0;
}
