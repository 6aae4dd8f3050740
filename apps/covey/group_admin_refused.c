/* SPDX-License-Identifier: BSD-2-Clause */
#include "group_admin_refused.h"

#include "coap_app.h"
#include "request_report.h"

#include <covey/keying.h>

#include <stdio.h>
#include <string.h>

#define COUNT(a)  (sizeof(a) / sizeof(a)[0])
#define ANY_ERROR COVEY_KEYING_ERRORS

/* What may help: the first row that fits. */
/* clang-format off */
static const struct {
    const char *verb; /* NULL: any */
    uint8_t code;
    covey_keying_error error;
    const char *hint;
} hints[] = {
    { NULL, COVEY_COAP_CODE(4, 0), COVEY_KEYING_ACTIVE,
      "'covey group configure --active no' comes first" },
    { NULL, COVEY_COAP_CODE(5, 3), COVEY_KEYING_NO_NAME,
      "perhaps a group of this name is there already: 'covey group list'" },
    { NULL, COVEY_COAP_CODE(5, 3), COVEY_KEYING_BAD_CONFIG,
      "the manager needs a key for each curve that it serves: 'identities' in "
      "covey-gm.conf(5)" },
    { NULL, COVEY_COAP_CODE(4, 1), ANY_ERROR,
      "the manager knows nodes that are enrolled: covey-enrol(5)" },
    { NULL, COVEY_COAP_CODE(4, 3), ANY_ERROR,
      "'administers' of the node says what it may do: covey-enrol(5)" },
    { "evict", COVEY_COAP_CODE(4, 4), ANY_ERROR,
      "'covey group list' names groups, 'covey group members' who is in one" },
    { "list", COVEY_COAP_CODE(4, 4), ANY_ERROR,
      "is this a Group Manager that can be administered?" },
    { "create", COVEY_COAP_CODE(4, 4), ANY_ERROR,
      "is this a Group Manager that can be administered?" },
    { NULL, COVEY_COAP_CODE(4, 4), ANY_ERROR,
      "'covey group list' names the groups" },
    { NULL, COVEY_COAP_CODE(5, 3), ANY_ERROR,
      "it may be possible later; the log of the manager says more" },
};
/* clang-format on */

static const char *hint_of(const char *verb, uint8_t code,
                           covey_keying_error error)
{
    for (size_t i = 0; i < COUNT(hints); i++) {
        if (hints[i].code == code &&
            (hints[i].error == ANY_ERROR || hints[i].error == error) &&
            (hints[i].verb == NULL || strcmp(hints[i].verb, verb) == 0)) {
            return hints[i].hint;
        }
    }
    return NULL;
}

/* What the manager says, if it can be shown; else what its error means. */
static void print_title(const covey_coap_message *m, covey_keying_error error)
{
    const covey_bytes title = covey_keying_problem_title(m->payload);

    if (title.len > 0 && coap_is_printable(title)) {
        fprintf(stderr, ": %.*s", (int)title.len, (const char *)title.ptr);
    } else if (error != ANY_ERROR) {
        fprintf(stderr, ": %s", covey_keying_error_text(error));
    }
}

void group_explain_refusal(const struct group_asked *asked,
                           const covey_coap_message *m)
{
    covey_keying_error error = ANY_ERROR;
    char code[REQUEST_CODE_TEXT];
    const char *hint;

    if (covey_keying_problem_parse(&error, m->payload) != COVEY_OK) {
        error = ANY_ERROR;
    }
    fprintf(stderr, "covey group %s: %s says %s", asked->verb, asked->manager,
            request_code_text(m->code, code));
    print_title(m, error);
    if (asked->group[0] != '\0') {
        fprintf(stderr, " (group %s%s%s)", asked->group,
                asked->node[0] != '\0' ? ", node " : "", asked->node);
    }
    hint = hint_of(asked->verb, m->code, error);
    fprintf(stderr, "%s%s\n", hint != NULL ? "; " : "",
            hint != NULL ? hint : "");
}
