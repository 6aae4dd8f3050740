# SPDX-License-Identifier: BSD-2-Clause
"""covey-proxy on loopback: targets with names, bodies in blocks, chains of
proxies, and many clients at once."""
import resource
import socket
import sys
import unittest

import ports
import proxy_kit as p
import server_kit as kit
from proxy_kit import CONFIG, Base, group


class Names(Base):
    # Where the name is ::1, too, that is none that may be asked.
    config = CONFIG.replace(", '::1'", "")

    def ask_by_name(self, host, kind=kit.CON, mid=1, **more):
        self.client.send(kit.message(1, [(
            p.PROXY_URI, f"coap://{host}:{self.servers.port}/x".encode())],
            kind, mid, **more))

    def test_a_name_is_looked_up(self):
        """REQ-P-20: and the server hears it."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
            server.bind(("127.0.0.1", self.servers.port))
            server.settimeout(60)
            self.ask_by_name("LocalHost")
            self.assertEqual(b"\x60\0\0\x01", self.client.recv(99))
            request, proxy = server.recvfrom(999)
            _, _, token, options, _ = p.read(request)
            self.assertEqual(([b"localhost"], [b"x"]),
                             (options[3], options[11]))
            server.sendto(kit.message(0x45, [], kit.NON, 5, token, b"yes"),
                          proxy)
            kind, code, token, _, payload = p.read(self.client.recv(999))
            self.assertEqual((kit.CON, 0x45, b"\x71", b"yes"),
                             (kind, code, token, payload))

    def test_addresses_of_names_are_judged(self):
        """The very address decides, whatever it is called."""
        self.servers.close()
        self.servers = p.Servers(5, self.servers.port)
        host = "0340.0.0x01.187"  # 224.0.1.187, as some read it
        self.client.send(kit.message(1, [(p.TIMEOUT, b"\x05"), (
            p.PROXY_URI, f"coap://{host}:{self.servers.port}/x".encode())],
            kit.NON, 2))
        request, proxy = self.servers.hear()
        self.servers.answer(0, request, proxy)
        self.assertEqual(0x45, p.read(self.client.recv(999))[1])
        for n, host in enumerate(("0xc0.0.2.1", "3221225985")):
            self.ask_by_name(host, kit.NON, 10 + n, token=bytes([n]))
            self.assertEqual(0x81, p.read(self.client.recv(999))[1])

    def test_many_names_at_once(self):
        """Some wait, the others are told so; nobody else waits."""
        for n in range(40):
            self.ask_by_name("a" * 63 + f".b{n}" * 30 + "x" * 70, kit.NON, n,
                             token=bytes([n]))
        codes = [p.read(self.client.recv(999))[1] for _ in range(40)]
        self.assertLessEqual(set(codes), {0xa2, 0x9d})
        self.assertEqual(1, self.proxy.metrics()["refused"] // 40)


class Blocks(Base):
    def block(self, num, more, payload, szx=2, **options):
        value = num << 4 | more << 3 | szx
        size = (value.bit_length() + 7) // 8
        return group(self.servers, options=[(27, value.to_bytes(size, "big"))],
                     payload=payload, **options)

    def test_a_body_is_put_together(self):
        """REQ-BLK-02: and goes once."""
        body = bytes(range(150))
        for n in range(3):
            part = body[n * 64:n * 64 + 64]
            self.client.send(self.block(n, n < 2, part, mid=n, kind=kit.CON))
            if n < 2:
                kind, code, _, options, _ = p.read(self.client.recv(999))
                self.assertEqual((kit.ACK, 0x5f), (kind, code))
                self.assertEqual([bytes([n << 4 | 8 | 2]) if n else b"\x0a"],
                                 options[27])
                self.assertTrue(self.servers.hears_nothing(0.05))
        self.assertEqual(b"\x60\0\0\x02", self.client.recv(99))
        request, proxy = self.servers.hear()
        _, _, _, options, payload = p.read(request)
        self.assertEqual(body, payload)
        self.assertNotIn(27, options)
        self.servers.answer(0, request, proxy)
        self.assertEqual(0x45, p.read(self.client.recv(999))[1])
        self.assertTrue(self.servers.hears_nothing(0.05))

    def test_blocks_of_each_server(self):
        """REQ-BLK-01: the first block of all, then the rest of each."""
        self.client.send(group(self.servers, options=[(23, b"\x02")]))
        request, proxy = self.servers.hear()
        self.assertEqual([b"\x02"], p.read(request)[3][23])
        bodies = [bytes([65 + n]) * 64 + b"rest" for n in range(3)]
        for n in range(3):
            self.servers.answer(n, request, proxy, mid=n, options=[
                (23, b"\x0a")], payload=bodies[n][:64])
        got = {}
        for _ in range(3):
            options, payload = p.read(self.client.recv(999))[3:]
            self.assertEqual([b"\x0a"], options[23])
            got[options[p.REPLY_FROM][0]] = payload
        for n in range(3):
            # As in Reply-From: the address and the port of the server.
            cri = (b"\x82\x20\x82\x44" + bytes([127, 0, 0, n + 2]) + b"\x19" +
                   self.servers.port.to_bytes(2, "big"))
            self.client.send(kit.message(1, [(23, b"\x12"), (
                235, b"\x83" + cri[1:] + b"\x81\x61a")], kit.NON, 60 + n,
                bytes([n])))
            request, proxy = self.servers.own[n].recvfrom(999)
            _, _, token, options, _ = p.read(request)
            self.assertEqual(([b"\x12"], [b"a"]), (options[23], options[11]))
            self.servers.own[n].sendto(kit.message(
                0x45, [(23, b"\x12")], kit.NON, 60 + n, token,
                bodies[n][64:]), proxy)
            self.assertEqual(bodies[n], got[cri] +
                             p.read(self.client.recv(999))[4])

    def test_a_body_that_does_not_fit(self):
        """REQ-BLK-02."""
        for n in range(5):
            self.client.send(self.block(n, True, b"x" * 1024, 6, mid=n))
            code = p.read(self.client.recv(2000))[1]
            self.assertEqual(0x5f if n < 4 else 0x8d, code)
        self.assertTrue(self.servers.hears_nothing(0.05))

    def test_blocks_of_two_clients_are_not_mixed(self):
        with self.proxy.client() as other:
            for c, body in ((self.client, b"a"), (other, b"b")):
                c.send(self.block(0, True, body * 64, mid=1))
                self.assertEqual(0x5f, p.read(c.recv(999))[1])
            for c, body in ((self.client, b"a"), (other, b"b")):
                c.send(self.block(1, False, body, mid=2))
                self.assertEqual(body * 65, p.read(self.servers.hear()[0])[4])


class Chain(Base):
    """Two proxies, the first of which knows only the second."""
    config = CONFIG.replace("limits: {", "limits: {margin: 3, nstart: 9, ")

    def setUp(self):
        # Ports that nobody else gets while a proxy is away.
        self.head = (f"listen: ['127.0.0.1:{ports.free()}', '[::1]:0']\n"
                     "insecure: true\n")
        super().setUp()
        self.first = self.proxy_via(self.proxy.ports[0])
        self.client.close()
        self.client = self.first.client()

    def proxy_via(self, port, listen=0):
        text = self.config % self.servers.port
        return p.Proxy(p.PROGRAM, text.replace(
            "  groups:", f"  via: '127.0.0.1:{port}'\n  groups:"),
            head=f"listen: ['127.0.0.1:{listen}']\ninsecure: true\n")

    def tearDown(self):
        self.assertEqual(0, self.first.stop()[0])
        super().tearDown()

    def test_answers_come_back_over_both(self):
        """REQ-CHAIN-01, REQ-CHAIN-02."""
        for seed in (False, True):
            self.client.send(group(self.servers, seed=seed, mid=seed))
            request, proxy = self.servers.hear()
            self.assertEqual({11: [b"a"], 16: [b"\x0f"]}, p.read(request)[3])
            for i in range(5):
                self.servers.answer(i, request, proxy, mid=10 * seed + i)
            name = p.FORWARDING if seed else p.REPLY_FROM
            heard = [p.read(self.client.recv(999)) for _ in range(5)]
            self.assertEqual({(b"\x71", 0x45)}, {(m[2], m[1]) for m in heard})
            self.assertEqual(5, len({m[3][name][0] for m in heard}))
            self.client.send(kit.message(1, [(2, b"")], kit.NON, 50 + seed,
                                         b"\x71"))
            p.wait_until(lambda s=seed: self.first.metrics()["stopped"] ==
                         s + 1)

    def test_time_for_the_way_back(self):
        """REQ-CHAIN-01: 5.05 says how long it has to be; so long it works,
        and 0 stays 0."""
        options, text = self.refused("5.05", group(self.servers, b"\x03"))
        self.assertEqual([b"\x04"], options[p.TIMEOUT])
        self.assertTrue(text)
        self.client.send(group(self.servers, options[p.TIMEOUT][0], mid=7))
        request, proxy = self.servers.hear()
        self.servers.answer(0, request, proxy)
        self.assertEqual(0x45, p.read(self.client.recv(999))[1])
        self.client.send(group(self.servers, b"", mid=8, token=b"0"))
        request, proxy = self.servers.hear()
        self.servers.answer(0, request, proxy, mid=9)
        p.wait_until(lambda: self.proxy.metrics()["unwanted"] == 1)

    def test_one_server_over_both(self):
        server = self.servers.own[0]
        self.client.send(kit.message(1, [(
            p.PROXY_URI, f"coap://127.0.0.2:{self.servers.port}/x".encode())]))
        request, proxy = server.recvfrom(999)
        token = p.read(request)[2]
        server.sendto(kit.message(0x45, [], kit.NON, 3, token, b"one"), proxy)
        self.assertEqual(b"one", p.read(self.client.recv(999))[4])

    def test_errors_of_the_other_pass(self):
        """Its word, not ours: no origin is put in."""
        self.client.send(group(self.servers, options=[(9998, b"")]))
        self.assertEqual(0x82, p.read(self.client.recv(999))[1])
        self.proxy.stop()
        self.proxy = p.Proxy(p.PROGRAM, "clients: []\n", head="listen: "
                             f"['127.0.0.1:{self.proxy.ports[0]}']\n"
                             "insecure: true\n")
        self.client.send(group(self.servers, mid=5))
        _, code, _, options, _ = p.read(self.client.recv(999))
        self.assertEqual((0x81, {}), (code, options))

    def test_a_loop_ends(self):
        """REQ-P-27: 5.08 comes back, and nothing goes on for ever."""
        port = self.proxy.ports[0]
        self.proxy.stop()
        self.proxy = self.proxy_via(self.first.ports[0], port)
        self.client.send(group(self.servers, b"\x3c", options=[
            (16, b"\x04")]))
        self.assertEqual(0xa8, p.read(self.client.recv(999))[1])
        counted = self.first.metrics()["requests"]
        self.assertEqual(2, counted)
        self.assertTrue(self.servers.hears_nothing())


class Many(unittest.TestCase):
    def test_five_thousand_clients_at_once(self):
        """REQ-P-21: all are served, with 64 descriptors. One socket sends
        from many addresses."""
        servers = p.Servers(1)
        proxy = p.Proxy(p.PROGRAM, f"""clients:
- from: 127.0.0.0/8
  groups: [{{address: '224.0.1.187:{servers.port}', interface: lo}}]
limits: {{requests: 8192, requests_per_client: 8192, rate: 0,
          requests_per_group: 8192}}
""", lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)),
                        head="listen: ['127.0.0.1:0']\ninsecure: true\n")
        to = ("127.0.0.1", proxy.ports[0])
        info = (socket.IPPROTO_IP, 8)  # IP_PKTINFO
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as clients:
            clients.setsockopt(*info, 1)
            clients.bind(("0.0.0.0", 0))
            clients.settimeout(60)
            asked = []
            for n in range(5000):
                own = bytes([127, 1 + n // 62500, n // 250 % 250,
                             1 + n % 250])
                clients.sendmsg([group(servers, b"\x3c", mid=n)],
                                [(*info, bytes(4) + own + bytes(4))], 0, to)
                asked.append((own, servers.hear()))
            for n, (own, (request, to)) in enumerate(asked):
                servers.answer(0, request, to, payload=own, mid=n)
                datagram, more, _, _ = clients.recvmsg(999, 64)
                self.assertEqual(own, p.read(datagram)[4])
                self.assertEqual(own, more[0][2][8:12])
        self.assertEqual(5000, proxy.metrics()["answers"])
        servers.close()
        self.assertEqual(0, proxy.stop()[0])

    def test_five_thousand_clients(self):
        """REQ-P-21: no client costs a descriptor."""
        proxy = p.Proxy(p.PROGRAM, "clients: []\n", lambda: resource.setrlimit(
            resource.RLIMIT_NOFILE, (64, 64)))
        for n in range(5000):
            with proxy.client() as c:
                c.send(kit.message(1, [(p.PROXY_URI, b"coap://192.0.2.1/")],
                                   kit.NON, n))
                self.assertEqual(0x81, c.recv(99)[1])
        self.assertEqual(0, proxy.stop()[0])


if __name__ == "__main__":
    p.PROGRAM = sys.argv.pop(1)
    unittest.main()
