/* SPDX-License-Identifier: BSD-2-Clause */
#include "refused.h"

#include "group_fault.h"
#include "oscore_fault.h"

#include <system_address.h>

static void tell(const log_sink *log, const covey_address *from,
                 const covey_opened *opened)
{
    char text[ADDRESS_TEXT_MAX];
    const bool group = opened->group || opened->fault > COVEY_OSCORE_OURS;
    const group_fault of_group =
        group_fault_of(opened->fault, true, opened->pairwise);
    const log_value values[] = {
        log_string("from", address_text(from, text)),
        log_string("why",
                   group ? of_group.name : oscore_fault_name(opened->fault)),
    };
    const log_event event = {
        .level = LOG_LEVEL_INFO,
        .name = "message.refused",
        .section =
            group ? of_group.section : oscore_fault_section(opened->fault),
        .values = values,
        .count = sizeof values / sizeof values[0],
    };

    log_write(log, &event);
}

void refused_message(refused_count *count, const log_sink *log,
                     const covey_address *from, const covey_opened *opened)
{
    if (opened->fault < sizeof count->of / sizeof count->of[0]) {
        count->of[opened->fault]++;
    }
    if (log_wants(log, LOG_LEVEL_INFO)) {
        tell(log, from, opened);
    }
}

void refused_add(refused_count *sum, const refused_count *one)
{
    for (size_t i = 0; i < sizeof sum->of / sizeof sum->of[0]; i++) {
        sum->of[i] += one->of[i];
    }
}

const char *refused_word(size_t fault)
{
    return fault > COVEY_OSCORE_OURS
               ? group_fault_of((covey_oscore_fault)fault, true, false).name
               : oscore_fault_name((covey_oscore_fault)fault);
}
