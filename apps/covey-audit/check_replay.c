/* SPDX-License-Identifier: BSD-2-Clause */
/* CO-10: one protected GET, sent twice. The second one has a Message ID and a
 * token of its own, since RFC 7252 Section 4.5 has who sees a message twice
 * answer as before; what is protected is the same to the last bit. */
#include "credential.h"
#include "probe.h"

#include <string.h>

enum {
    REQUEST_MAX = 1200,
    CONTENT = COVEY_COAP_CODE(2, 5)
};

#define LEN(b) (int)((b).len < 100 ? (b).len : 100)
#define TXT(b) (const char *)(b).ptr

/* A resource for OSCORE, if one is listed. */
static covey_bytes path_of(const probe *p)
{
    covey_bytes path;

    return coap_secured_link(p->kept, &path) ? path
                                             : probe_text("/.well-known/core");
}

/* What is to be sent twice: option and payload of `sealed`, and the outer code
 * that RFC 8613 Section 4.2 has for it. */
static bool protect(probe *p, covey_bytes path, covey_bytes echo,
                    covey_writer *sealed, coap_ask *ask)
{
    uint8_t bytes[REQUEST_MAX];
    covey_writer w = covey_writer_of(bytes, sizeof bytes);
    const coap_ask inside = { .path = path, .echo = echo };
    covey_coap_message m;

    if (!coap_write(&inside, &w) ||
        covey_coap_parse(&m, covey_written(&w)) != COVEY_OK ||
        !credential_protect(p->credential, &m, sealed) ||
        covey_coap_parse(&m, covey_written(sealed)) != COVEY_OK ||
        !covey_option_get(&m, COVEY_OPTION_OSCORE, &ask->oscore)) {
        return false;
    }
    ask->post = true;
    ask->payload = m.payload;
    return true;
}

typedef struct answer {
    probe_result result;
    bool opened;
    covey_coap_message inner;
    uint8_t outer;
} answer;

static answer ask_for(probe *p, const coap_ask *ask)
{
    coap_reply r;
    answer a = { .result = coap_get(p, ask, &r) };

    if (a.result == PROBE_ANSWER) {
        a.outer = r.m.code;
        a.opened = credential_open_answer(p->credential, &r.m, &a.inner);
    }
    return a;
}

static void tell(probe *p, const char *which, const answer *a)
{
    if (a->result == PROBE_SILENT) {
        probe_note(p, which, "not answered");
    } else if (a->opened) {
        probe_note(p, which, "%u.%02u, protected", a->inner.code >> 5,
                   a->inner.code & 31u);
    } else if (a->result == PROBE_ANSWER) {
        probe_note(p, which, "%u.%02u, not protected", a->outer >> 5,
                   a->outer & 31u);
    }
}

enum audit_outcome check_replay(probe *p)
{
    static uint8_t storage[2][REQUEST_MAX + COVEY_GROUP_OVERHEAD_MAX];
    const covey_bytes path = path_of(p);
    covey_writer sealed = covey_writer_of(storage[0], sizeof storage[0]);
    coap_ask ask = { .path = probe_text("") };
    covey_bytes echo = covey_bytes_of(NULL, 0);

    if (p->credential == NULL || !protect(p, path, echo, &sealed, &ask)) {
        return OUTCOME_FAILED;
    }
    answer a = ask_for(p, &ask);
    tell(p, "first", &a);
    /* one who has just started asks whether this is fresh */
    if (a.opened && a.inner.code == COVEY_COAP_CODE(4, 1) &&
        covey_option_get(&a.inner, COVEY_OPTION_ECHO, &echo)) {
        sealed = covey_writer_of(storage[1], sizeof storage[1]);
        if (!protect(p, path, echo, &sealed, &ask)) {
            return OUTCOME_FAILED;
        }
        a = ask_for(p, &ask);
        tell(p, "with Echo", &a);
    }
    if (a.result != PROBE_ANSWER || !a.opened || a.inner.code != CONTENT) {
        return probe_outcome(a.result);
    }
    a = ask_for(p, &ask);
    tell(p, "second", &a);
    if (a.opened && a.inner.code == CONTENT) {
        probe_finding(p, FINDING_REPLAYED, "%.*s: 2.05 to the same request",
                      LEN(path), TXT(path));
    }
    /* silence is what is asked for */
    return a.result == PROBE_SILENT ? OUTCOME_DONE : probe_outcome(a.result);
}
