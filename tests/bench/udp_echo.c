/* SPDX-License-Identifier: BSD-2-Clause */
/* Sends every datagram back where it came from, in the same batches as the
 * programs: what the system allows, for comparison with a CoAP server.
 *
 * usage: udp_echo ADDRESS PORT        until it is killed */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <system_address.h>
#include <udp.h>

static void bounce(udp_socket *s, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        covey_path path;
        const covey_bytes bytes = udp_datagram(s, i, &path);
        covey_writer w = udp_departure(s);
        covey_write_bytes(&w, bytes);
        udp_commit(s, &path, &w);
    }
}

int main(int argc, char **argv)
{
    char error[UDP_ERROR_MAX];
    udp_options o = { .datagram_max = 2048, .receive_buffer = 4u << 20 };
    struct pollfd p = { .events = POLLIN };
    udp_socket *s;

    if (argc != 3 ||
        !address_parse(argv[1], (uint16_t)strtoul(argv[2], NULL, 10),
                       &o.local)) {
        fputs("usage: udp_echo ADDRESS PORT\n", stderr);
        return 2;
    }
    s = udp_open(&o, error);
    if (s == NULL) {
        fprintf(stderr, "udp_echo: %s\n", error);
        return 4;
    }
    p.fd = udp_fd(s);
    for (;;) {
        const size_t n = udp_receive(s);
        bounce(s, n);
        p.events = POLLIN;
        if (!udp_flush(s)) {
            p.events |= POLLOUT;
        }
        if (n == 0 || (p.events & POLLOUT) != 0) {
            (void)poll(&p, 1, -1);
        }
        while ((p.events & POLLOUT) != 0 && !udp_flush(s)) {
            (void)poll(&p, 1, -1);
        }
    }
}
