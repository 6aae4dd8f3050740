/* SPDX-License-Identifier: BSD-2-Clause */
/* What the proxy itself says. */
#include "proxy.h"

#include <string.h>

#define CODE(class_, detail) ((uint8_t)COVEY_COAP_CODE(class_, detail))

enum {
    LINK_FORMAT = 40
};

void answer_send(struct link *near, covey_ms now,
                 const covey_endpoint_request *request,
                 const struct answer *answer)
{
    covey_writer w = link_departure(near);
    covey_draft draft;
    covey_endpoint_sent sent;
    uint8_t buf[3];
    covey_bytes value;

    covey_endpoint_reply_begin(&near->endpoint, &draft, request, answer->code,
                               &w);
    if (answer->want_timeout) {
        covey_coap_put_uint(&draft.composer, COVEY_OPTION_MULTICAST_TIMEOUT,
                            answer->timeout);
    }
    if (answer->content) {
        covey_coap_put_uint(&draft.composer, COVEY_OPTION_CONTENT_FORMAT,
                            answer->format);
    }
    if (answer->max_age > 0) {
        covey_coap_put_uint(&draft.composer, COVEY_OPTION_MAX_AGE,
                            answer->max_age);
    }
    if (answer->block1 != NULL &&
        covey_block_encode(answer->block1, buf, &value) == COVEY_OK) {
        covey_coap_put_option(&draft.composer, COVEY_OPTION_BLOCK1, value);
    }
    if (answer->size1 > 0) {
        covey_coap_put_uint(&draft.composer, COVEY_OPTION_SIZE1,
                            answer->size1);
    }
    if (answer->echo.ptr != NULL) {
        covey_coap_put_option(&draft.composer, COVEY_OPTION_ECHO,
                              answer->echo);
    }
    covey_coap_put_payload(
        &draft.composer,
        covey_bytes_of((const uint8_t *)answer->text, strlen(answer->text)));
    if (covey_endpoint_reply_send(&near->endpoint, now, &draft, NULL, &sent) ==
        COVEY_OK) {
        link_commit(near, &sent, &w);
    }
}

/* The path as one text, "/a/b"; false if it is longer than anything here. */
static bool is_path(const covey_coap_message *m, const char *path)
{
    covey_coap_option_iter it = covey_coap_options_of(m);
    covey_coap_option o;

    while (covey_coap_option_next(&it, &o)) {
        if (o.number != COVEY_OPTION_URI_PATH) {
            continue;
        }
        if (*path != '/' || strlen(path + 1) < o.value.len ||
            memcmp(path + 1, o.value.ptr, o.value.len) != 0) {
            return false;
        }
        path += 1 + o.value.len;
    }
    return *path == '\0';
}

void answer_locally(struct link *near, covey_ms now,
                    const covey_endpoint_in *in, const covey_coap_message *m)
{
    static const uint16_t known[] = {
        COVEY_OPTION_URI_HOST, COVEY_OPTION_URI_PORT, COVEY_OPTION_URI_PATH,
        COVEY_OPTION_URI_QUERY, COVEY_OPTION_BLOCK2
    };
    char metrics[METRICS_MAX];
    uint16_t number;
    struct answer answer = { .code = CODE(4, 4), .text = "" };

    if (covey_option_screen(m, known, sizeof known / sizeof known[0],
                            &number) != COVEY_OK) {
        answer.code = CODE(4, 2);
    } else if (is_path(m, "/metrics") || is_path(m, "/.well-known/core")) {
        answer.code = CODE(4, 5);
        if (m->code == CODE(0, 1)) {
            answer.code = CODE(2, 5);
            answer.content = true;
            if (is_path(m, "/metrics")) {
                metrics_write(proxy_of(near), metrics);
                answer.text = metrics;
            } else {
                answer.format = LINK_FORMAT;
                answer.text = "</metrics>;ct=0";
            }
        }
    }
    answer_send(near, now, &in->request, &answer);
}
