/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "route.h"

#include "netlink.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/veth.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define NAME_CHARACTERS                                                       \
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"

static bool fail(FILE *messages, const char *what)
{
    fprintf(messages, "covey-fence: %s: %s\n", what, strerror(errno));
    return false;
}

static size_t length_of(const covey_address *a)
{
    return a->family == COVEY_FAMILY_IPV4 ? 4 : 16;
}

static uint8_t system_family(const covey_address *a)
{
    return a->family == COVEY_FAMILY_IPV4 ? AF_INET : AF_INET6;
}

/* --- which way ----------------------------------------------------------- */

static bool read_device(fence_route *r, FILE *messages)
{
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct ifreq ask = { 0 };
    char name[IF_NAMESIZE] = "";

    if (if_indextoname(r->index, name) != NULL && fd >= 0) {
        memcpy(ask.ifr_name, name, sizeof ask.ifr_name);
    }
    const bool good = fd >= 0 && ioctl(fd, SIOCGIFHWADDR, &ask) == 0;
    if (fd >= 0) {
        close(fd);
    }
    if (!good) {
        return fail(messages, "the device to the target");
    }
    if (ask.ifr_hwaddr.sa_family != ARPHRD_ETHER ||
        name[strspn(name, NAME_CHARACTERS)] != '\0') {
        fputs("covey-fence: the device to the target: no Ethernet with a "
              "plain name\n",
              messages);
        return false;
    }
    memcpy(r->device, name, sizeof r->device);
    memcpy(r->mac, ask.ifr_hwaddr.sa_data, sizeof r->mac);
    return true;
}

static void take(const netlink *n, uint16_t type, const covey_address *like,
                 covey_address *out)
{
    const void *found =
        netlink_find(n, sizeof(struct rtmsg), type, length_of(like));

    if (found != NULL) {
        out->family = like->family;
        memcpy(out->ip, found, length_of(like));
    }
}

bool route_find(const covey_address *target, fence_route *out, FILE *messages)
{
    const struct rtmsg fixed = { .rtm_family = system_family(target),
                                 .rtm_dst_len =
                                     (uint8_t)(length_of(target) * 8) };
    netlink n;

    memset(out, 0, sizeof *out);
    netlink_begin(&n, RTM_GETROUTE, 0, &fixed, sizeof fixed);
    netlink_add(&n, RTA_DST, target->ip, length_of(target));
    if (target->zone != 0) {
        netlink_add(&n, RTA_OIF, &target->zone, sizeof target->zone);
    }
    if (!netlink_ask(&n)) {
        return fail(messages, "no route to the target");
    }
    const void *index = netlink_find(&n, sizeof fixed, RTA_OIF, sizeof(int));
    if (index == NULL) {
        errno = ENETUNREACH;
        return fail(messages, "no route to the target");
    }
    memcpy(&out->index, index, sizeof out->index);
    out->hop = *target;
    out->hop.zone = 0;
    take(&n, RTA_GATEWAY, target, &out->hop);
    take(&n, RTA_PREFSRC, target, &out->source);
    return read_device(out, messages);
}

/* --- the cable ----------------------------------------------------------- */

bool cable_lay(const char *name, pid_t inside, const uint8_t mac[6],
               FILE *messages)
{
    const struct ifinfomsg fixed = { .ifi_flags = IFF_UP,
                                     .ifi_change = IFF_UP };
    const struct ifinfomsg other = { 0 };
    const uint32_t pid = (uint32_t)inside;
    netlink n;

    netlink_begin(&n, RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL,
                  &fixed, sizeof fixed);
    netlink_add(&n, IFLA_IFNAME, name, strlen(name) + 1);
    const size_t info = netlink_open(&n, IFLA_LINKINFO);
    netlink_add(&n, IFLA_INFO_KIND, "veth", 4);
    const size_t data = netlink_open(&n, IFLA_INFO_DATA);
    const size_t peer = netlink_open(&n, VETH_INFO_PEER);
    netlink_put(&n, &other, sizeof other);
    netlink_add(&n, IFLA_IFNAME, CABLE_INSIDE, sizeof CABLE_INSIDE);
    netlink_add(&n, IFLA_ADDRESS, mac, 6);
    netlink_add(&n, IFLA_NET_NS_PID, &pid, sizeof pid);
    netlink_close(&n, peer);
    netlink_close(&n, data);
    netlink_close(&n, info);
    return netlink_ask(&n) || fail(messages, "the cable to the tool");
}

/* Without an address that the kernel makes up and tells everybody. */
static bool bring_up(uint32_t index)
{
    const struct ifinfomsg fixed = { .ifi_index = (int)index,
                                     .ifi_flags = IFF_UP,
                                     .ifi_change = IFF_UP };
    const uint8_t none = IN6_ADDR_GEN_MODE_NONE;
    netlink n;

    netlink_begin(&n, RTM_NEWLINK, NLM_F_ACK, &fixed, sizeof fixed);
    const size_t spec = netlink_open(&n, IFLA_AF_SPEC);
    const size_t six = netlink_open(&n, AF_INET6);
    netlink_add(&n, IFLA_INET6_ADDR_GEN_MODE, &none, sizeof none);
    netlink_close(&n, six);
    netlink_close(&n, spec);
    return netlink_ask(&n);
}

static bool add_address(uint32_t index, const covey_address *a)
{
    const struct ifaddrmsg fixed = { .ifa_family = system_family(a),
                                     .ifa_prefixlen =
                                         (uint8_t)(length_of(a) * 8),
                                     .ifa_flags = IFA_F_NODAD,
                                     .ifa_index = index };
    netlink n;

    netlink_begin(&n, RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE, &fixed,
                  sizeof fixed);
    netlink_add(&n, IFA_LOCAL, a->ip, length_of(a));
    netlink_add(&n, IFA_ADDRESS, a->ip, length_of(a));
    return netlink_ask(&n);
}

/* To one host; directly if `hop` is that host. */
static bool add_route(uint32_t index, const covey_address *to,
                      const covey_address *hop)
{
    const bool direct = covey_address_equal(to, hop);
    const struct rtmsg fixed = {
        .rtm_family = system_family(to),
        .rtm_dst_len = (uint8_t)(length_of(to) * 8),
        .rtm_table = RT_TABLE_MAIN,
        .rtm_protocol = RTPROT_STATIC,
        .rtm_scope = direct ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE,
        .rtm_type = RTN_UNICAST,
        /* the router may be in another network than the address */
        .rtm_flags = direct ? 0 : RTNH_F_ONLINK
    };
    netlink n;

    netlink_begin(&n, RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE, &fixed,
                  sizeof fixed);
    netlink_add(&n, RTA_DST, to->ip, length_of(to));
    netlink_add(&n, RTA_OIF, &index, sizeof index);
    if (!direct) {
        netlink_add(&n, RTA_GATEWAY, hop->ip, length_of(hop));
    }
    return netlink_ask(&n);
}

bool cable_connect(const fence_route *r, const covey_address *target,
                   FILE *messages)
{
    const uint32_t index = if_nametoindex(CABLE_INSIDE);
    const uint32_t lo = if_nametoindex("lo");
    covey_address to = *target;

    to.zone = 0;
    return (index != 0 && bring_up(lo) && bring_up(index) &&
            add_address(index, &r->source) &&
            add_route(index, &to, &r->hop)) ||
           fail(messages, "the tool's end of the cable");
}
