# SPDX-License-Identifier: BSD-2-Clause
"""covey-proxy on loopback: servers of a group that answer from addresses of
their own, both generations of options, and what it refuses."""
import signal
import socket
import sys
import unittest

import proxy_kit as p
import server_kit as kit
from proxy_kit import CONFIG, Base, group
from status_kit import PLACE, Page

class Groups(Base):
    def test_every_answer_comes_back_with_its_origin(self):
        """REQ-P-06, -07, -08, -09, -22, -23, -24; REQ-OPT-05, -07."""
        for seed in (False, True):
            for token in (b"\x71", b""):
                self.client.send(group(self.servers, seed=seed, token=token,
                                       mid=0x1000 + seed * 2 + len(token)))
                request, proxy = self.servers.hear()
                kind, code, inner, options, _ = p.read(request)
                self.assertEqual((kit.NON, 1), (kind, code))
                self.assertEqual({11: [b"a"], 16: [b"\x10"]}, options)
                self.assertNotEqual(token, inner)
                for i in (*range(5), 0):
                    self.servers.answer(i, request, proxy, 0x84 if i == 3 else
                                        0x45, [(14, b"\x3c")],
                                        mid=len(token) * 100 + 17 * seed + i)
                self.servers.answer(0, request, proxy, payload=b"again",
                                    mid=7777 + seed * 2 + len(token))
                origins = []
                for _ in range(6):
                    kind, code, got, options, _ = p.read(
                        self.client.recv(4096))
                    self.assertEqual((kit.NON, token), (kind, got))
                    self.assertEqual([b"\x3c"] if len(options) > 1 else None,
                                     options.get(14))
                    origins.append(options[p.FORWARDING if seed else
                                           p.REPLY_FROM][0])
                self.assertEqual(5, len(set(origins)))
                self.client.send(kit.message(1, [(2, b"")], kit.NON,
                                             self.servers.port & 0xfff0 |
                                             seed * 2 | len(token), token))
                port = self.servers.port.to_bytes(2, "big")
                for i in range(5):
                    ip = bytes([127, 0, 0, i + 2])
                    # The seed leaves off the port of the group URI.
                    self.assertIn(
                        f"coap://127.0.0.{i + 2}".encode() if seed else
                        b"\x82\x20\x82\x44" + ip + b"\x19" + port, origins)
        self.assertTrue(self.servers.hears_nothing())

    def test_confirmable_is_acknowledged_at_once(self):
        self.client.send(group(self.servers, kind=kit.CON, mid=0x4321))
        self.assertEqual(b"\x60\x00\x43\x21", self.client.recv(99))
        request, proxy = self.servers.hear()
        self.client.send(group(self.servers, kind=kit.CON, mid=0x4321))
        self.assertEqual(b"\x60\x00\x43\x21", self.client.recv(99))
        self.assertTrue(self.servers.hears_nothing())  # REQ-P-07
        self.servers.answer(0, request, proxy)
        self.assertEqual(kit.CON, p.read(self.client.recv(999))[0])

    def test_late_answers_are_dropped(self):
        """REQ-P-10."""
        self.client.send(group(self.servers, b"\x01"))
        request, proxy = self.servers.hear()
        self.servers.answer(0, request, proxy)
        self.client.recv(999)
        with self.proxy.client() as other:
            other.settimeout(1.5)
            self.assertRaises(socket.timeout, other.recv, 1)
        self.servers.answer(1, request, proxy)
        p.wait_until(lambda: self.proxy.metrics()["unwanted"] == 1)
        self.assertEqual(1, self.proxy.metrics()["answers"])

    def test_nothing_is_wanted(self):
        """REQ-P-11."""
        self.client.send(group(self.servers, b""))
        request, proxy = self.servers.hear()
        self.servers.answer(0, request, proxy)
        p.wait_until(lambda: self.proxy.metrics()["unwanted"] == 1)
        self.assertEqual(0, self.proxy.metrics()["answers"])

    def stopped(self, stop):
        self.client.send(group(self.servers))
        request, proxy = self.servers.hear()
        self.servers.answer(0, request, proxy)
        answer = self.client.recv(999)
        self.client.send(stop(answer))
        p.wait_until(lambda: self.proxy.metrics()["stopped"] == 1)
        self.servers.answer(1, request, proxy)
        p.wait_until(lambda: self.proxy.metrics()["unwanted"] == 1)

    def test_reset_stops(self):
        """REQ-P-12."""
        self.stopped(lambda a: b"\x70\x00" + a[2:4])

    def test_early_stop(self):
        """REQ-P-13."""
        self.stopped(lambda a: kit.message(1, [(2, b"")], kit.NON, 9, b"\x71"))

    def test_early_stop_of_others_is_nothing(self):
        """REQ-P-13."""
        self.client.send(group(self.servers))
        request, proxy = self.servers.hear()
        with self.proxy.client() as other:
            other.send(kit.message(1, [(2, b"")], kit.CON, 9, b"\x71"))
            self.assertEqual(b"\x60\0\0\x09", other.recv(99))
        self.servers.answer(0, request, proxy)
        self.assertEqual(0x45, p.read(self.client.recv(999))[1])

    def test_token_in_use(self):
        """REQ-P-14."""
        self.client.send(group(self.servers, mid=1))
        request, proxy = self.servers.hear()
        self.refused("4.00", group(self.servers, mid=2))
        self.servers.answer(0, request, proxy)
        p.wait_until(lambda: self.proxy.metrics()["unwanted"] == 1)

    def test_clients_and_targets_are_kept_apart(self):
        """REQ-P-15, -16, -17."""
        with self.proxy.client() as other:
            clients = [self.client, other]
            asked = []
            for i, c in enumerate(clients):
                c.send(group(self.servers, path=f"{i}"))
                asked.append(self.servers.hear())
            for i in (1, 0):
                self.servers.answer(i, *asked[i], payload=b"%d" % i)
            for i, c in enumerate(clients):
                self.assertEqual(b"%d" % i, p.read(c.recv(999))[4])
        self.client.send(group(self.servers, mid=9, token=b"2", path="again"))
        self.assertEqual([b"again"], p.read(self.servers.hear()[0])[3][11])

    def test_floods_and_forgeries(self):
        """REQ-P-18, REQ-P-19."""
        self.client.send(group(self.servers))
        request, proxy = self.servers.hear()
        for n in range(40):
            self.servers.answer(n % 5, request, proxy, mid=n)
        p.wait_until(lambda: self.proxy.metrics()["surplus"] == 24)
        forged = request[:4] + bytes(x ^ 1 for x in request[4:12])
        for n in range(40):
            self.servers.answer(n % 5, forged, proxy, mid=100 + n)
        p.wait_until(lambda: self.proxy.metrics()["unwanted"] == 40)
        self.assertEqual(16, self.proxy.metrics()["answers"])

    def test_answers_to_another_port(self):
        """REQ-P-18: the token is right, the port is not."""
        self.client.send(group(self.servers))
        request, proxy = self.servers.hear()
        for to in (("127.0.0.1", self.proxy.ports[0]), proxy):
            self.servers.answer(0, request, to, mid=to[1] & 0xff)
        self.assertEqual(0x45, p.read(self.client.recv(999))[1])
        self.assertEqual((1, 1), tuple(self.proxy.metrics()[k] for k in (
            "unwanted", "answers")))

    def test_a_server_does_not_speak_for_the_proxy(self):
        self.client.send(group(self.servers))
        request, proxy = self.servers.hear()
        self.servers.answer(0, request, proxy, options=[
            (p.REPLY_FROM, b"\x82\x20\x81\x44\x01\x02\x03\x04"),
            (p.FORWARDING, b"coap://1.2.3.4")])
        options = p.read(self.client.recv(999))[3]
        self.assertEqual([p.REPLY_FROM], list(options))
        self.assertNotIn(b"\x01\x02\x03\x04", options[p.REPLY_FROM][0])

    def test_end_to_end_protection_passes(self):
        """REQ-SEC-05."""
        value = b"\x39\x01\x02gid" + b"k"
        self.client.send(kit.message(2, [
            (9, value), (p.PROXY_URI, self.servers.uri("")),
            (p.SIGNALING, b"\x14")], kit.NON, payload=b"cipher"))
        request, proxy = self.servers.hear()
        kind, code, _, options, payload = p.read(request)
        self.assertEqual((2, [value], b"cipher"), (code, options[9], payload))
        self.servers.answer(0, request, proxy, 0x44, [(9, b"\x08s")], b"more")
        _, code, _, options, payload = p.read(self.client.recv(999))
        self.assertEqual((0x44, [b"\x08s"], b"more"),
                         (code, options[9], payload))

    def test_observed_beyond_the_timeout(self):
        """REQ-OBS-01, REQ-OBS-02."""
        self.client.send(group(self.servers, b"\x01", options=[(6, b"")]))
        request, proxy = self.servers.hear()
        self.assertIn(6, p.read(request)[3])
        self.servers.answer(0, request, proxy, options=[(6, b"\x01")])
        self.client.recv(999)
        with self.proxy.client() as other:
            other.settimeout(1.5)
            self.assertRaises(socket.timeout, other.recv, 1)
        self.servers.answer(0, request, proxy, options=[(6, b"\x02")], mid=5)
        notified = self.client.recv(999)
        kind, _, _, options, _ = p.read(notified)
        self.assertIn(p.REPLY_FROM, options)
        # Is there still somebody? (RFC 7641 Section 4.5)
        self.assertEqual(kit.CON, kind)
        self.client.send(b"\x60\0" + notified[2:4])
        self.servers.answer(0, request, proxy, 0x84, mid=6)
        self.assertIn(p.REPLY_FROM, p.read(self.client.recv(999))[3])

    def test_what_is_refused(self):
        """REQ-P-02, -03, -05, -20, -27; REQ-OPT-03, -04; REQ-BLK-02."""
        uri, port = self.servers.uri("a"), self.servers.port
        ok = (p.TIMEOUT, b"\x05")
        cases = [
            ("4.00", [(p.PROXY_URI, uri)]),
            ("4.02", [(2, b"12345"), (p.PROXY_URI, uri)]),
            ("4.02", [ok, ok, (p.PROXY_URI, uri)]),
            ("4.02", [ok, (p.PROXY_URI, uri), (p.SIGNALING, b"\x05")]),
            ("4.02", [ok, (p.PROXY_URI, uri), (9998, b"")]),
            ("4.00", [ok, (p.PROXY_URI, uri), (235, b"\x81\x20")]),
            ("4.00", [ok, (235, b"\x81\x20")]),
            ("5.05", [ok, (235, b"\x82\x22\x81\x44\xe0\0\x01\xbb")]),
            ("4.01", [ok, (235, b"\x82\x20\x81\x44\xe0\0\x01\xbc")]),
            ("5.02", [ok, (235, b"\x82\x20\x81\x44\0\0\0\0")]),
            ("4.00", [ok, (11, b"b"), (p.PROXY_URI, uri)]),
            ("4.00", [ok, (p.PROXY_URI, uri), (p.PROXY_SCHEME, b"coap")]),
            ("5.05", [ok, (p.PROXY_URI, b"http://224.0.1.187/")]),
            ("5.05", [ok, (p.PROXY_URI, b"coaps://224.0.1.187/")]),
            ("4.01", [ok, (p.PROXY_URI, b"coap://224.0.1.188:%d/" % port)]),
            ("4.01", [ok, (p.PROXY_URI, b"coap://224.0.1.187:1/")]),
            ("4.01", [ok, (p.PROXY_URI, b"coap://[::ffff:224.0.1.188]/")]),
            ("4.01", [ok, (p.PROXY_URI, b"coap://[ff02::fd%25lo]/")]),
            ("4.00", [ok, (p.PROXY_URI, b"coap://[ff02::fd%25nosuch]/")]),
            ("4.01", [ok, (p.PROXY_URI, b"coap://192.0.2.1/")]),
            # The system knows this spelling; the address is not allowed.
            ("4.01", [ok, (p.PROXY_URI, b"coap://0xe0.0.1.187/")]),
            # Names that cannot be: nobody has to be asked.
            ("5.02", [ok, (p.PROXY_URI, b"coap://" + b"a" * 64 + b"/")]),
            ("5.02", [ok, (p.PROXY_URI, b"coap://" + b"a" * 200)]),
            ("5.02", [ok, (3, b"-" * 255), (p.PROXY_SCHEME, b"coap")]),
            ("4.00", [ok, (p.PROXY_URI, b"coap://" + b"a" * 300)]),
            ("4.00", [ok, (p.PROXY_URI, b"coap://" + b"a" * 1000)]),
            ("4.00", [ok, (3, b"a" * 255), (39, b"coap")][:1] +
             [(p.PROXY_URI, b"coap:///")]),
            ("5.02", [ok, (p.PROXY_URI, b"coap://127.0.0.1:0/")]),
            ("5.02", [ok, (p.PROXY_URI, b"coap://255.255.255.255/")]),
            ("5.02", [ok, (p.PROXY_URI, b"coap://0.0.0.0/")]),
            ("5.02", [ok, (p.PROXY_URI, b"coap://[::]/")]),
            ("5.08", [ok, (16, b"\x01"), (p.PROXY_URI, uri)]),
            ("4.00", [ok, (16, b"\x00"), (p.PROXY_URI, uri)]),
            ("4.08", [ok, (27, b"\x10"), (p.PROXY_URI, uri)]),
            ("4.00", [ok, (27, b"\x0f"), (p.PROXY_URI, uri)]),
        ]
        for n, (code, options) in enumerate(cases):
            with self.subTest(options=options):
                self.refused(code, kit.message(1, options, kit.NON, n,
                                               bytes([n])))
        options, payload = self.refused("4.00", kit.message(
            1, [(p.PROXY_URI, uri)], kit.NON, 99, b"z"))
        self.assertEqual({2: [b""]}, options)
        self.assertTrue(payload)
        # And a CRI says it, too (REQ-REQ-04).
        self.client.send(kit.message(1, [ok, (
            235, b"\x83\x20\x82\x44\xe0\0\x01\xbb\x19" +
            port.to_bytes(2, "big") + b"\x82\x61c\x62ri")], kit.NON,
            token=b"c"))
        options = p.read(self.servers.hear()[0])[3]
        self.assertEqual({11: [b"c", b"ri"], 16: [b"\x10"]}, options)
        # Another spelling of what is allowed is allowed, too.
        self.client.send(kit.message(1, [ok, (
            p.PROXY_URI, b"coap://[::FFFF:e000:1bb]:%d/s" % port)], kit.NON))
        self.assertEqual([b"s"], p.read(self.servers.hear()[0])[3][11])

    def test_counts_by_reason(self):
        """Also in the log, on SIGUSR1 and in the end."""
        for n, uri in enumerate([b"coap://192.0.2.1/", b"http://x/",
                                 b"coap://192.0.2.2/", b"coap://0.0.0.0/"]):
            self.ask(kit.message(1, [(p.PROXY_URI, uri)], mid=n))
        counted = self.proxy.metrics()
        self.assertEqual(
            {"refused": 4, "refused_4_01": 2, "refused_5_02": 1,
             "refused_5_05": 1, "requests": 0},
            {k: v for k, v in counted.items() if v or k == "requests"})
        self.proxy.process.send_signal(signal.SIGUSR1)
        line = self.proxy.process.stderr.readline()
        self.assertRegex(line, r" proxy\.counters requests=0 .* refused=4 ")
        status, said = self.proxy.stop()
        self.assertEqual(0, status)
        self.assertIn(line.split(" ", 2)[2], said)
        self.proxy = p.Proxy(p.PROGRAM, self.config % self.servers.port)

    def test_local_resources(self):
        """REQ-P-28."""
        own = b"coap://127.0.0.1:%d/metrics" % self.proxy.ports[0]
        for options in ([(11, b"metrics")], [(p.PROXY_URI, own)]):
            self.assertIn(b"\nanswers 0\n",
                          self.ask(kit.message(1, options, mid=len(
                              options[0][1])))[4])
        self.assertEqual(b"</metrics>;ct=0", self.ask(kit.message(
            1, [(11, b".well-known"), (11, b"core")], mid=3))[4])
        self.refused("4.04", kit.message(1, [(11, b"x")], mid=4))
        self.refused("4.05", kit.message(3, [(11, b"metrics")], mid=5))


class Unicast(Base):
    def test_each_target_gets_its_own(self):
        """REQ-P-16, REQ-P-25."""
        for n, s in enumerate(self.servers.own[:2]):
            ip = s.getsockname()[0]
            self.client.send(kit.message(
                3, [(3, ip.encode()), (7, self.servers.port.to_bytes(2, "big")),
                    (11, b"p"), (15, b"q"), (p.PROXY_SCHEME, b"coap")],
                kit.CON, n, bytes([n]), b"body"))
            request, proxy = s.recvfrom(4096)
            _, code, token, options, payload = p.read(request)
            self.assertEqual((3, [b"p"], [b"q"], b"body"),
                             (code, options[11], options[15], payload))
            s.sendto(b"\x60" + bytes([0x44]) + request[2:4] + b"", proxy) \
                if not token else s.sendto(
                    bytes([0x60 | len(token), 0x44]) + request[2:4] + token,
                    proxy)
            self.assertEqual((kit.ACK, 0x44, bytes([n])),
                             p.read(self.client.recv(999))[:3])

    def test_closed_port(self):
        """REQ-P-20: the proxy lives, and says so in the end."""
        self.client.send(kit.message(1, [(
            p.PROXY_URI, b"coap://127.0.0.9:9/")], kit.NON))
        self.assertIn("answers", self.proxy.metrics())


class Nobody(Base):
    config = "clients: []\n"

    def test_who_is_not_known(self):
        """REQ-P-01."""
        self.refused("4.01", group(self.servers))


class NoGroups(Base):
    config = "clients: [{from: 127.0.0.1, servers: [0.0.0.0/0]}]\n"

    def test_groups_are_off(self):
        """REQ-P-04."""
        self.refused("5.01", group(self.servers))


class Bounds(Base):
    config = CONFIG.replace("requests_per_group: 8", "requests_per_client: 3")

    def test_nstart_of_a_group(self):
        """REQ-P-26."""
        self.client.send(group(self.servers, mid=1, token=b"a"))
        self.servers.hear()
        options, _ = self.refused("5.03", group(self.servers, mid=2,
                                                token=b"b"))
        self.assertIn(options[14][0][0], range(18, 22))

    def test_requests_of_a_client(self):
        for n in range(4):
            self.client.send(kit.message(1, [(
                p.PROXY_URI, b"coap://127.0.0.2:%d/" % self.servers.port)],
                kit.NON, n, bytes([n])))
        self.assertEqual(0x9d, p.read(self.client.recv(999))[1])


class Shown(Base):
    """covey-status(7): who asks and answers, as far as it can be seen."""
    config = CONFIG + "status: '127.0.0.1:0'\n"

    def test_groups_and_members_of_protected_messages(self):
        page = Page(self, int(PLACE.search(self.proxy.said).group(1)))
        # Flags, Partial IV, kid context "AB", kid: RFC 8613 Section 6.1.
        self.client.send(group(self.servers, payload=b"x" * 20, options=[
            (9, b"\x39\x00\x02AB\x05")]))
        request, proxy = self.servers.hear()
        self.servers.answer(1, request, proxy, 0x44, [(9, b"\x08\x07")],
                            b"y" * 20)
        self.client.recv(4096)
        self.servers.answer(2, request, proxy)
        self.client.recv(4096)
        last = page.check_figures()["requests"][0]
        self.assertEqual(("4142", "05", 2),
                         (last["gid"], last["member"], last["count"]))
        origins = [f"127.0.0.{i}:{self.servers.port}" for i in (3, 4)]
        self.assertEqual(
            [(origins[0], "2.04", "07"), (origins[1], "2.05", None)],
            [(a["origin"], a["code"], a.get("member"))
             for a in last["answers"]])

    def test_refusals_name_their_section(self):
        page = Page(self, int(PLACE.search(self.proxy.said).group(1)))
        self.refused("4.01", kit.message(1, [(
            p.PROXY_URI, b"coap://192.0.2.1/")]))
        (event,) = page.events("request.refused")
        self.assertEqual(("4.01", "not allowed for this client",
                          "draft-tiloca-core-groupcomm-proxy-01"),
                         (event["code"], event["why"], event["section"]))
        self.assertTrue(event["from"].startswith("127.0.0.1:"))


if __name__ == "__main__":
    p.PROGRAM = sys.argv.pop(1)
    unittest.main()
