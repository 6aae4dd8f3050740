/* SPDX-License-Identifier: BSD-2-Clause */
#include "status.h"

#include <system_address.h>

bool status_read(conf_reader *c, const conf_value *v, covey_address *out)
{
    static const conf_wanted wanted = { 1, ADDRESS_TEXT_MAX, false,
                                        "covey-status(7)" };
    const char *text = NULL;
    size_t len = 0;

    if (!conf_text(c, v, &wanted, &text, &len)) {
        return false;
    }
    if (!address_parse_port(text, STATUS_PORT, out)) {
        conf_error(c, v, wanted.source,
                   "expected an address of ours such as 127.0.0.1 or "
                   "[::1]:%d, found '%s'",
                   STATUS_PORT, text);
        return false;
    }
    return true;
}
