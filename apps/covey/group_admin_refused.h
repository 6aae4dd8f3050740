/* SPDX-License-Identifier: BSD-2-Clause */
/* Why a Group Manager has refused what an administrator asked for. */
#ifndef COVEY_APP_GROUP_ADMIN_REFUSED_H
#define COVEY_APP_GROUP_ADMIN_REFUSED_H

#include <covey/coap.h>

struct group_asked {
    const char *verb;
    const char *manager;
    const char *group; /* "": none */
    const char *node;
};

/* One line on standard error: code and title (RFC 9290), of what, from whom,
 * and what may help. */
void group_explain_refusal(const struct group_asked *asked,
                           const covey_coap_message *m);

#endif
