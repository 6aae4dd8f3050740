/* SPDX-License-Identifier: BSD-2-Clause */
/* Answers of a Group Manager as people read them. */
#ifndef COVEY_APP_GROUP_ADMIN_SHOW_H
#define COVEY_APP_GROUP_ADMIN_SHOW_H

#include <covey/coap.h>

enum {
    GROUP_MANY = 100 /* members, seed 002 Section 3 */
};

/* Answers that went well. */
void group_show_list(const covey_coap_message *m);
void group_show_config(const covey_coap_message *m);
void group_show_members(const covey_coap_message *m);
/* The same as one line of JSON. */
void group_show_list_json(const covey_coap_message *m);
void group_show_config_json(const covey_coap_message *m);
void group_show_members_json(const covey_coap_message *m);
/* On standard error, if there are more than the seed wants. */
void group_warn_many(size_t count);

#endif
