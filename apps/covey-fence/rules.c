/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two chains of the host's netdev hooks are all that joins the tool's network
 * to the auditor's: what the tool sends comes in at the host's end of its
 * cable and is handed on to the auditor's device, and what the target answers
 * is handed back. There is no route, no bridge and no address at the host's
 * end, so a filter that was not loaded lets nothing through.
 *
 *     tool --- cable ---> [send side] ------> device ---> target
 *     tool <-- cable ---- [back side] <------ device <--- target
 *
 * The limits are buckets: of packets with room for one, so that they keep a
 * distance; of bytes with room for one frame; and the budget is a bucket that
 * starts full and gets its next packet in a day, after the end of any order.
 * The distance is a sixtieth longer than it has to be, so that no second has
 * one packet too many when its first one comes late. */
#include "rules.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <system_address.h>

enum {
    FRAME_MAX = 1514,
    ASK_BURST = 3,
    STATIONS_MAX = 16
};

const char *const rules_counters[COUNTERS] = {
    [COUNTER_PASSED] = "passed",   [COUNTER_NEIGHBOUR] = "neighbour",
    [COUNTER_ANSWERS] = "answers", [COUNTER_SCOPE] = "scope",
    [COUNTER_SOURCE] = "source",   [COUNTER_OTHER] = "other",
    [COUNTER_HELD] = "held",       [COUNTER_SPENT] = "spent",
    [COUNTER_CANARY] = "canary",   [COUNTER_DEAD] = "dead",
};

/* What differs between the two families. */
typedef struct words {
    const char *name;     /* "ip" */
    const char *protocol; /* the field that says what is inside */
    const char *type;     /* of Ethernet */
    const char *canary;
    char target[ADDRESS_TEXT_MAX];
    char source[ADDRESS_TEXT_MAX];
    char hop[ADDRESS_TEXT_MAX];
    char hop_number[35]; /* the same as a number */
    char mac[18];
} words;

/* Without brackets, port or zone. */
static void print_plain(const covey_address *a, char out[ADDRESS_TEXT_MAX])
{
    system_address s;
    covey_address plain = *a;

    plain.zone = 0;
    address_to_system(&plain, &s);
    out[0] = '\0';
    if (a->family == COVEY_FAMILY_IPV4) {
        inet_ntop(AF_INET, &s.v4.sin_addr, out, ADDRESS_TEXT_MAX);
    } else {
        inet_ntop(AF_INET6, &s.v6.sin6_addr, out, ADDRESS_TEXT_MAX);
    }
}

static words words_of(const fence_order *o, const fence_route *r)
{
    const bool six = o->target.family == COVEY_FAMILY_IPV6;
    words w = { .name = six ? "ip6" : "ip",
                .protocol = six ? "nexthdr" : "protocol",
                .type = six ? "0x86dd" : "0x0800",
                .canary = six ? ORDER_CANARY6 : ORDER_CANARY4 };

    print_plain(&o->target, w.target);
    print_plain(&r->source, w.source);
    print_plain(&r->hop, w.hop);
    snprintf(w.hop_number, sizeof w.hop_number, "0x");
    for (size_t i = 0; i < 16; i++) {
        snprintf(w.hop_number + 2 + 2 * i, 3, "%02x", r->hop.ip[i]);
    }
    snprintf(w.mac, sizeof w.mac, "%02x:%02x:%02x:%02x:%02x:%02x", r->mac[0],
             r->mac[1], r->mac[2], r->mac[3], r->mac[4], r->mac[5]);
    return w;
}

/* --- sets ---------------------------------------------------------------- */

/* Address, protocol and ports, or address and protocol. */
static void print_set(FILE *out, const fence_order *o, const words *w,
                      bool ports)
{
    const char *comma = "";

    fprintf(out, " set %s {\n  typeof %s daddr . %s %s%s\n",
            ports ? "ports" : "whole", w->name, w->name, w->protocol,
            ports ? " . th dport\n  flags interval" : "");
    for (uint32_t i = 0; i < o->permit_count; i++) {
        const order_permit *p = &o->permits[i];
        if (order_has_ports(p->protocol) != ports) {
            continue;
        }
        fprintf(out, "%s%s . %u", comma[0] == '\0' ? "  elements = { " : comma,
                w->target, (unsigned)p->protocol);
        if (ports) {
            fprintf(out, " . %u-%u", (unsigned)p->first, (unsigned)p->last);
        }
        comma = ",\n   ";
    }
    fprintf(out, "%s }\n", comma[0] == '\0' ? "" : " }\n");
}

static void print_state(FILE *out, const fence_order *o, const words *w)
{
    for (size_t i = 0; i < COUNTERS; i++) {
        fprintf(out, " counter %s { }\n", rules_counters[i]);
    }
    fprintf(out,
            " limit pace { rate over %" PRIu64 "/minute burst 1 packets; }\n"
            " limit load { rate over %" PRIu32
            " bytes/second burst %d bytes; }\n"
            " limit budget { rate over 1/day burst %" PRIu32 " packets; }\n"
            " limit asking { rate over 1/second burst %d packets; }\n",
            (uint64_t)o->packets_s * 59, o->bytes_s, FRAME_MAX, o->budget,
            ASK_BURST);
    fprintf(out,
            " set stations {\n  typeof ether saddr\n  size %d\n"
            "  flags dynamic,timeout\n  timeout 1d\n }\n",
            STATIONS_MAX);
    print_set(out, o, w, true);
    print_set(out, o, w, false);
}

/* --- chains -------------------------------------------------------------- */

/* The last steps of what may pass. Who has an address is asked at a pace of
 * its own: it comes right before the packet that it is for. */
static void print_exits(FILE *out, const fence_route *r)
{
    fprintf(out,
            " chain pass {\n"
            "  limit name \"pace\" counter name \"held\" drop\n"
            "  limit name \"load\" counter name \"held\" drop\n"
            "  limit name \"budget\" counter name \"spent\" drop\n"
            "  counter name \"passed\" fwd to \"%s\"\n }\n"
            " chain ask {\n"
            "  limit name \"asking\" counter name \"held\" drop\n"
            "  counter name \"neighbour\" fwd to \"%s\"\n }\n",
            r->device, r->device);
}

/* Who has the target, or the router before it? Nobody else is asked, and only
 * with the own address. */
static void print_asking(FILE *out, const words *w, bool six)
{
    if (!six) {
        fprintf(out,
                "  @ll,96,16 0x0806 arp operation { request, reply } arp "
                "saddr ip %s arp daddr ip %s goto ask\n",
                w->source, w->hop);
        return;
    }
    /* nft 1.0.6 has no word for the target of a solicitation */
    fputs("  @ll,96,16 0x86dd ip6 nexthdr icmpv6 ip6 hoplimit 255 icmpv6 type "
          "nd-neighbor-solicit @th,64,128 ",
          out);
    fprintf(out, "%s ip6 saddr %s goto ask\n", w->hop_number, w->source);
    fprintf(out,
            "  @ll,96,16 0x86dd ip6 nexthdr icmpv6 ip6 hoplimit 255 icmpv6 "
            "type nd-neighbor-advert ip6 daddr %s ip6 saddr %s goto ask\n",
            w->hop, w->source);
}

static void print_send(FILE *out, const rules_names *names, const words *w,
                       bool six)
{
    fprintf(out,
            " chain send {\n  type filter hook ingress device \"%s\" priority "
            "0; policy drop;\n",
            names->device);
    fprintf(out, "  %s daddr %s counter name \"canary\"\n", w->name,
            w->canary);
    fprintf(out, "  ether saddr != %s counter name \"source\" drop\n", w->mac);
    print_asking(out, w, six);
    /* tagged frames, too, are of another type here */
    fprintf(out, "  @ll,96,16 != %s counter name \"other\" drop\n", w->type);
    fprintf(out, "  %s saddr != %s counter name \"source\" drop\n", w->name,
            w->source);
    fprintf(out, "  %s daddr %s counter name \"dead\" drop\n", w->name,
            w->canary);
    /* no detour by options, no pieces without ports, no frame for others */
    if (!six) {
        fputs("  ip hdrlength != 5 counter name \"scope\" drop\n"
              "  ip frag-off & 0x3fff != 0 counter name \"scope\" drop\n",
              out);
    }
    fputs("  ether daddr != @stations counter name \"scope\" drop\n", out);
    fprintf(out, "  %s daddr . %s %s . th dport @ports goto pass\n", w->name,
            w->name, w->protocol);
    fprintf(out, "  %s daddr . %s %s @whole goto pass\n", w->name, w->name,
            w->protocol);
    fputs("  counter name \"scope\" drop\n }\n", out);
}

/* The host still hears who has which address; what the target sends to the
 * auditor is the tool's alone meanwhile, so that the host does not answer what
 * it has not asked. */
static void print_back(FILE *out, const rules_names *names,
                       const fence_route *r, const words *w, bool six)
{
    fprintf(out,
            " chain back {\n  type filter hook ingress device \"%s\" priority "
            "0; policy accept;\n",
            r->device);
    if (six) {
        fprintf(out,
                "  ip6 saddr %s icmpv6 type { nd-neighbor-solicit, "
                "nd-neighbor-advert } update @stations { ether saddr } dup to "
                "\"%s\" accept\n",
                w->hop, names->device);
    } else {
        fprintf(out,
                "  arp saddr ip %s update @stations { ether saddr } dup to "
                "\"%s\" accept\n",
                w->hop, names->device);
    }
    fprintf(out,
            "  %s saddr %s %s daddr %s counter name \"answers\" fwd to "
            "\"%s\"\n }\n",
            w->name, w->target, w->name, w->source, names->device);
}

void rules_print(FILE *out, const fence_order *o, const fence_route *r,
                 const rules_names *names)
{
    const bool six = o->target.family == COVEY_FAMILY_IPV6;
    const words w = words_of(o, r);

    /* gone with the process that made it, however that ends */
    fprintf(out, "table netdev %s {\n flags owner\n", names->table);
    print_state(out, o, &w);
    print_exits(out, r);
    print_send(out, names, &w, six);
    print_back(out, names, r, &w, six);
    fputs("}\n", out);
}

void rules_print_close(FILE *out, const rules_names *names)
{
    fprintf(out, "flush chain netdev %s send\nflush chain netdev %s back\n",
            names->table, names->table);
}
