/* SPDX-License-Identifier: BSD-2-Clause */
#include "link_conf.h"

#include "link_secure.h"

#include <covey/coap.h>

#include <schc_link.h>
#include <string.h>
#include <system_address.h>
#include <tls_conf.h>

enum {
    SOME_MESSAGE = 1152 /* RFC 7252 Section 4.6 */
};

bool link_conf_address(conf_reader *c, const conf_value *v, bool group,
                       uint16_t port, covey_address *out)
{
    const conf_wanted wanted = { 1, ADDRESS_TEXT_MAX, false, c->manual };
    const char *text = NULL;
    size_t len = 0;

    if (!conf_text(c, v, &wanted, &text, &len)) {
        return false;
    }
    if (strlen(text) != len || !address_parse_port(text, port, out) ||
        covey_address_is_group(out) != group) {
        conf_error(c, v, c->manual,
                   "expected %s such as %s, or with a port %s, found '%s'",
                   group ? "a multicast address" : "an address of ours",
                   group ? "224.0.1.187" : "127.0.0.1",
                   group ? "[ff05::fd]:5683" : "[::1]:5683", text);
        return false;
    }
    return true;
}

bool link_conf_udp(conf_reader *c, const conf_value *item, void *out)
{
    struct link_listen *listen = out;

    return link_conf_address(c, item, false, COVEY_COAP_PORT,
                             &listen->address);
}

bool link_conf_tcp(conf_reader *c, const conf_value *item, void *out)
{
    struct link_listen *listen = out;

    listen->transport = LINK_TCP;
    return link_conf_address(c, item, false, COVEY_COAP_PORT,
                             &listen->address);
}

/* What its files say, apart from each other and together. */
static void look_at_tls(conf_reader *c, const conf_value *item,
                        const tls_setup_options *options)
{
    char error[TLS_SETUP_ERROR_MAX];
    tls_setup *setup = link_secure_new(options, c->check, error);

    if (setup == NULL) {
        conf_error(c, item, "RFC 8323 Section 8.2", "%s", error);
    }
    tls_setup_close(setup);
}

bool link_conf_tls(conf_reader *c, const conf_value *item, void *out)
{
    struct link_listen *listen = out;
    tls_setup_options *options = conf_alloc(c, sizeof *options);
    conf_value address;

    listen->transport = LINK_TLS;
    listen->tls_options = options;
    if (options == NULL || !tls_conf_read(c, item, options, &address)) {
        return false;
    }
    if (c->check != NULL) {
        look_at_tls(c, item, options);
    }
    return link_conf_address(c, &address, false, COVEY_COAPS_PORT,
                             &listen->address);
}

/* --- thin links ---------------------------------------------------------- */

static bool read_range(conf_reader *c, const conf_value *v,
                       struct link_schc *out)
{
    const conf_wanted wanted = { 1, 15, false, c->manual };
    const char *ids = NULL;
    size_t len = 0;

    if (conf_is_missing(v)) {
        return true;
    }
    if (!conf_text(c, v, &wanted, &ids, &len)) {
        return false;
    }
    if (strlen(ids) != len ||
        !schc_link_range(ids, &out->message_id_first, &out->message_id_bits)) {
        conf_error(c, v, c->manual,
                   "expected Message IDs with leading bits in common such as "
                   "0-255, found '%s'",
                   ids);
        return false;
    }
    return true;
}

static void look_at_rules(conf_reader *c, const conf_value *v,
                          const struct link_schc *schc)
{
    const schc_link_options options = { .rules = schc->rules,
                                        .sends = schc->sends,
                                        .message_max = SOME_MESSAGE };
    schc_link *thin = schc_link_open(&options, c->messages);

    if (thin == NULL) {
        conf_error(c, v, "covey-rules(5)", "the rules in %s cannot be used",
                   schc->rules);
    }
    schc_link_close(thin);
}

bool link_conf_thin(conf_reader *c, const conf_value *item,
                    const conf_value *v, struct link_schc *out)
{
    static const char *const ways[] = { "up", "down" };
    const conf_names of_way = { ways, 2, c->manual };
    unsigned way = 0;

    if (!conf_is_missing(&v[LINK_CONF_SENDS]) &&
        !conf_word(c, &v[LINK_CONF_SENDS], &of_way, &way)) {
        return false;
    }
    out->sends = way == 0 ? COVEY_SCHC_UP : COVEY_SCHC_DOWN;
    if (!read_range(c, &v[LINK_CONF_IDS], out) ||
        !conf_required(c, item, &v[LINK_CONF_RULES], "rules",
                       "covey-rules(5)") ||
        !conf_path(c, &v[LINK_CONF_RULES], &out->rules)) {
        return false;
    }
    if (c->check != NULL) {
        look_at_rules(c, &v[LINK_CONF_RULES], out);
    }
    return true;
}

bool link_conf_schc(conf_reader *c, const conf_value *item, void *out)
{
    static const char *const words[] = { LINK_CONF_THIN_KEYS, "address" };
    static const conf_names of_schc = { words, LINK_CONF_THIN + 1,
                                        "a SCHC link" };
    struct link_schc *schc = conf_alloc(c, sizeof *schc);
    struct link_listen *listen = out;
    conf_value v[LINK_CONF_THIN + 1] = { { NULL, NULL } };

    if (schc == NULL || !conf_keys(c, item, &of_schc, v)) {
        return false;
    }
    memset(schc, 0, sizeof *schc);
    listen->schc = schc;
    return conf_required(c, item, &v[LINK_CONF_THIN], "address", c->manual) &&
           link_conf_address(c, &v[LINK_CONF_THIN], false, COVEY_COAP_PORT,
                             &listen->address) &&
           link_conf_thin(c, item, v, schc);
}

/* --- lists --------------------------------------------------------------- */

size_t link_conf_add(conf_reader *c, const conf_value *list,
                     conf_read_item *read, struct link_listen **all,
                     size_t count)
{
    const size_t size = sizeof **all;
    struct link_listen *more = NULL;
    struct link_listen *both;
    size_t added;

    if (conf_is_missing(list)) {
        return count;
    }
    added = conf_list(c, list, LINK_CONF_MAX, size, read, &more);
    both = conf_alloc(c, (count + added + 1) * size);
    if (both == NULL || added == 0) {
        return count;
    }
    if (count > 0) {
        memcpy(both, *all, count * size);
    }
    memcpy(both + count, more, added * size);
    *all = both;
    return count + added;
}
