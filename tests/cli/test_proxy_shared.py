# SPDX-License-Identifier: BSD-2-Clause
"""Two covey-proxies at the same addresses, as docs/guide/fleet.md has them:
the kernel deals out the clients, answers come back to the one that asked, and
when one is killed the other one takes over."""
import signal
import sys
import unittest

import proxy_kit as p
import server_kit as kit
from proxy_kit import CONFIG, Proxy, Servers, group
from tcp_kit import Connection, frame

CLIENTS = 24
MANY = CONFIG.replace("requests_per_group: 8", "requests_per_group: 256")


class Shared(unittest.TestCase):
    def setUp(self):
        self.servers = Servers(2)
        self.first = self.proxy(0, 0)
        self.second = self.proxy(*self.first.ports)
        self.number = 0

    def tearDown(self):
        self.servers.close()
        for each in (self.first, self.second):
            each.stop()

    def proxy(self, udp, tcp):
        head = (f"listen: ['127.0.0.1:{udp}']\ntcp: ['127.0.0.1:{tcp}']\n"
                "insecure: true\nshared: true\n")
        return Proxy(p.PROGRAM, MANY % self.servers.port, head=head)

    def reach(self, send, receive):
        """A request of a client to the group and both answers; the port of
        the proxy that has asked for it."""
        self.number += 1
        send(self.number)
        request, proxy = self.servers.hear()
        for i in range(2):
            self.servers.answer(i, request, proxy, mid=self.number)
        origins = {p.read(receive())[3][p.REPLY_FROM][0] for _ in range(2)}
        self.assertEqual(2, len(origins))
        return proxy[1]

    def by_udp(self, client):
        return self.reach(
            lambda n: client.send(group(self.servers, mid=n,
                                        token=bytes([n]))),
            lambda: client.recv(999))

    def by_tcp(self):
        with Connection(self.first.ports[1]) as c:
            options = sorted([(p.TIMEOUT, b"\x14"),
                              (p.PROXY_URI, self.servers.uri("a"))])
            return self.reach(lambda n: c.send(frame(1, options,
                                                     bytes([n]))), c.read)

    def test_clients_are_dealt_out_and_a_death_is_survived(self):
        clients = [self.first.client() for _ in range(CLIENTS)]
        self.assertEqual(2, len({self.by_udp(c) for c in clients}))
        self.assertEqual(2, len({self.by_tcp() for _ in range(CLIENTS)}))
        # Who is dealt to one of them stays there.
        self.assertEqual(1, len({self.by_udp(clients[0]) for _ in range(3)}))
        self.first.stop(signal.SIGKILL)
        self.assertEqual(1, len({self.by_udp(c) for c in clients} |
                                {self.by_tcp() for _ in range(4)}))
        # It comes back.
        self.first = self.proxy(*self.second.ports)
        self.assertEqual(2, len({self.by_udp(c) for c in clients}))
        for c in clients:
            c.close()

    def test_without_shared_the_address_is_taken(self):
        with self.assertRaisesRegex(RuntimeError, "in use"):
            Proxy(p.PROGRAM, MANY % self.servers.port, head="listen: "
                  f"['127.0.0.1:{self.first.ports[0]}']\ninsecure: true\n")


if __name__ == "__main__":
    p.PROGRAM = sys.argv.pop(1)
    unittest.main()
