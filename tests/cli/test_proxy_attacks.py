# SPDX-License-Identifier: BSD-2-Clause
"""covey-proxy and those who mean harm: clients that want what they may not,
servers and strangers that answer what nobody asked, and somebody on the way.
What other proxies died of (libcoap 4.3.1, aiocoap) is in test_proxy.py and
here."""
import os
import resource
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import proxy_kit as p
import server_kit as kit

PROGRAM, COVEY = sys.argv[1:3]
del sys.argv[1:3]
OK = (p.TIMEOUT, b"\x05")
IP_PKTINFO = 8  # which Python does not know
CONFIG = """clients:
- from: 127.0.0.0/8
  groups: [{address: '224.0.1.187:%d', interface: lo}]
  servers: [127.0.0.2, 127.0.0.3]
limits: {requests: 64, requests_per_client: 32, requests_per_group: 8,
         answers: 16, rate: 0, nstart: 64}
"""


def member(group):
    """Hears what comes to this group on loopback."""
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((group, 5683))
    s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                 struct.pack("4sii", socket.inet_aton(group), 0,
                             socket.if_nametoindex("lo")))
    s.setblocking(False)
    return s


def resident(process):
    with open(f"/proc/{process.pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


class Base(unittest.TestCase):
    config = CONFIG

    def setUp(self):
        self.servers = p.Servers(3)
        self.addCleanup(self.servers.close)
        self.proxy = p.Proxy(PROGRAM, self.config % self.servers.port)
        self.client = self.proxy.client()
        self.addCleanup(self.client.close)
        self.n = 0

    def tearDown(self):
        status, said = self.proxy.stop()
        self.assertEqual(0, status, said)

    def message(self, *options, **more):
        self.n += 1
        return kit.message(1, sorted(options, key=lambda o: o[0]), kit.NON,
                           more.get("mid", self.n),
                           more.get("token", self.n.to_bytes(2, "big")))

    def ask(self, *options):
        self.client.send(self.message(*options))
        return p.read(self.client.recv(4096))

    def group(self):
        """A request that has reached the servers, and the proxy's address."""
        self.client.send(self.message(OK, (p.PROXY_URI,
                                           self.servers.uri("a"))))
        return self.servers.hear()

    def silent(self):
        """All that was sent has been worked off, and nothing has come."""
        self.proxy.metrics()
        self.client.setblocking(False)
        self.assertRaises(BlockingIOError, self.client.recv, 1)
        self.client.settimeout(60)


class Destinations(Base):
    """REQ-P-02, REQ-P-20: whatever it looks like, what counts is where a
    datagram would go."""
    FORBIDDEN = (
        b"coap://224.0.1.188/", b"COAP://224.0.1.188/",
        b"coap://224.0.1.188:5683/", b"coap://224.0.1.188:0005683/",
        b"coap://%32%32%34.0.1.188/", b"coap://[::ffff:224.0.1.188]/",
        b"coap://[::FFFF:E000:01BC]/", b"coap://[0:0:0:0:0:ffff:e000:1bc]/",
        b"coap://[::ffff:0:224.0.1.188]/", b"coap://[::224.0.1.188]/",
        b"coap://[64:ff9b::224.0.1.188]/", b"coap://[2002:e000:1bc::]/",
        b"coap://[::ffff:224.0.1.188%25lo]/", b"coap://224.0.1.188./",
        b"coap://3758096828/", b"coap://0xe0.0x0.0x1.0xbc/",
        b"coap://0340.0.1.274/", b"coap://224.1.188/",
        b"coap://224.0.1.187@224.0.1.188/", b"coap://224.0.1.188#@224.0.1.187",
        b"coap://224.0.1.188\\@224.0.1.187/", b"coap://[224.0.1.188]/",
        b"coap:224.0.1.188/", b"//224.0.1.188/", b" coap://224.0.1.188/",
        b"coap://224.0.1.188 /", b"coap://224.0.1.188/\0",
        b"coap+tcp://224.0.1.188/", b"coaps://224.0.1.188/",
        b"coap+ws://224.0.1.188/", b"http://224.0.1.188/",
        b"coap://[ff02::fd%25lo]/", b"coap://[ff05::fd]/",
        b"coap://[fe80::1%25lo]/", b"coap://[::1]/", b"coap://127.0.0.4/",
        b"coap://[::ffff:127.0.0.4]/", b"coap://0/", b"coap://127.1/",
        b"coap://224.0.1.187:5683/", b"coap://224.0.0.1/",
        b"coap://255.255.255.255/", b"coap://127.255.255.255/",
        b"coap://0.0.0.0/", b"coap://[::]/", b"coap://240.0.0.1/",
        b"coap://169.254.169.254/", b"coap://", b"coap:///", b"coap://:5683/",
        b"coap://[/", b"coap://]/", b"coap://[]/", b"coap://224.0.1.187:0/",
        b"coap://224.0.1.187:65536/", b"coap://224.0.1.187:-1/", b"",
        b"coap://" + b"9" * 200 + b"/", b"coap://" + b"a." * 127 + b"/",
        b"coap://" + b"%41" * 300 + b"/", b"coap://" + b"x" * 1000)
    REFUSALS = {"4.00", "4.01", "4.02", "5.01", "5.02", "5.05"}

    def test_no_spelling_leads_elsewhere(self):
        with member("224.0.1.188") as a, member("224.0.1.187") as b, \
                member("224.0.0.1") as c:
            for uri in self.FORBIDDEN:
                with self.subTest(uri=uri):
                    code = self.ask(OK, (p.PROXY_URI, uri))[1]
                    self.assertIn(f"{code >> 5}.{code & 31:02d}",
                                  self.REFUSALS)
            for uri in (b"coap://224.0.1.188/", b"coap://127.0.0.4/"):
                host = uri[7:-1]
                for scheme in (b"coap", b"COAP", b"coaps", b"http", b""):
                    code = self.ask(OK, (3, host), (p.PROXY_SCHEME,
                                                    scheme))[1]
                    self.assertIn(f"{code >> 5}.{code & 31:02d}",
                                  self.REFUSALS)
            for s in (a, b, c):
                self.assertRaises(BlockingIOError, s.recv, 1)
        self.assertTrue(self.servers.hears_nothing(0.05))

    def test_what_is_smuggled(self):
        """Options that two readers could take for two things."""
        uri = (p.PROXY_URI, self.servers.uri("a"))
        other = (p.PROXY_URI, b"coap://224.0.1.188/")
        for options in (
                (OK, uri, other), (OK, uri, uri), (OK, uri, (11, b"b")),
                (OK, uri, (15, b"q")), (OK, uri, (3, b"224.0.1.188")),
                (OK, uri, (7, b"\x16\x33")), (OK, uri, (39, b"coap")),
                (OK, (3, b"224.0.1.187"), (3, b"224.0.1.188"), (39, b"coap")),
                (OK, (3, b"224.0.1.187"), (39, b"coap"), (39, b"coap")),
                (OK, (3, b"224.0.1.187"), (7, b"\x01"), (7, b"\x02"),
                 (39, b"coap")),
                (OK, (39, b"coap")), (OK, (3, b""), (39, b"coap")),
                (OK, (3, b"a" * 256), (39, b"coap")),
                (OK, (7, b"\1\2\3"), (3, b"224.0.1.187"), (39, b"coap")),
                (OK, (39, b"coap"), (239, b"")), (OK, uri, (239, b"")),
                (OK, OK, uri), ((2, b"12345"), uri),
                (OK, (p.SIGNALING, b"\5"), uri), ((p.SIGNALING, b""), uri),
                ((p.SIGNALING, b"123456"), uri),
                (OK, uri, (9998, b"")), (OK, uri, (65003, b"")),
                (OK, uri, (258, b"12")), (OK, uri, (258, b""), (258, b"")),
                (OK, uri, (16, b"\1\2"))):
            with self.subTest(options=options):
                self.client.send(self.message(*options))
                code = p.read(self.client.recv(4096))[1]
                self.assertEqual(4, code >> 5, hex(code))
        self.assertTrue(self.servers.hears_nothing(0.05))

    def test_datagrams_that_are_no_messages(self):
        for data in (b"", b"\0", b"\x50\1", b"\x5d\1\0\1", b"\x5e\1\0\1\0",
                     b"\x58\1\0\1abc", b"\x50\1\0\1\xff", b"\x50\1\0\1\xf0",
                     b"\x50\1\0\1\x0f", b"\x50\1\0\1\xd0", b"\x50\1\0\1\xe0\0",
                     b"\x50\1\0\1\xe0\xff\xff\xe0\xff\xff",
                     b"\x50\1\0\1\xde\x16\xff\xffcoap", b"\x90\1\0\1",
                     b"\x50\x45\0\1\xff!", b"\x50\xe1\0\1", b"\x50\x20\0\1",
                     b"\xff" * 4000):
            self.client.send(data)
        self.assertEqual(0, self.proxy.metrics()["group_requests"])


class Answers(Base):
    """REQ-P-18, REQ-P-19."""

    def test_to_another_port(self):
        request, proxy = self.group()
        near = ("127.0.0.1", self.proxy.ports[0])
        self.servers.answer(0, request, near)
        self.servers.answer(1, request, proxy)
        kind, _, _, options, _ = p.read(self.client.recv(4096))
        self.assertIn(bytes([127, 0, 0, 3]), options[p.REPLY_FROM][0])
        self.silent()

    def test_with_other_tokens(self):
        request, proxy = self.group()
        for n in range(64):
            forged = bytearray(request)
            forged[4 + n // 8] ^= 1 << n % 8
            self.servers.answer(0, bytes(forged), proxy, mid=n)
        for length in (0, 1, 7):
            self.servers.own[0].sendto(
                kit.message(0x45, [], kit.NON, 99, request[4:4 + length]),
                proxy)
        self.silent()
        self.assertEqual(67, self.proxy.metrics()["unwanted"])

    def test_what_only_a_proxy_may_say(self):
        """An answer with an unsafe option that is not understood, or with
        those of a proxy, is none."""
        request, proxy = self.group()
        for options in ([(9998, b"")], [(p.PROXY_URI, b"coap://a")],
                        [(p.TIMEOUT, b"\1" * 5)], [(3, b"h")]):
            self.n += 1
            self.servers.answer(0, request, proxy, options=options,
                                mid=self.n)
        self.servers.answer(1, request, proxy)
        options = p.read(self.client.recv(4096))[3]
        self.assertEqual([p.REPLY_FROM], list(options))
        self.silent()

    def test_a_flood_leaves_the_memory_as_it_is(self):
        request, proxy = self.group()
        for n in range(3000):
            self.servers.answer(n % 3, request, proxy, mid=n)
        p.wait_until(lambda: self.proxy.metrics()["surplus"] > 0)
        before = resident(self.proxy.process)
        for n in range(20000):
            self.servers.answer(n % 3, request, proxy, mid=n)
            if n % 200 == 0:
                self.proxy.metrics()  # not faster than it is read
        self.assertEqual(16, self.proxy.metrics()["answers"])
        self.assertLess(resident(self.proxy.process) - before, 16 << 20)


class Clients(Base):
    def test_a_flood_of_requests(self):
        """No more than 32 of a client, 8 of a group; then they end."""
        codes = set()
        for n in range(200):
            self.client.send(self.message(
                (p.TIMEOUT, b"\1"), (p.PROXY_URI, self.servers.uri("a"))))
        for n in range(192):
            codes.add(p.read(self.client.recv(4096))[1])
        self.assertEqual({0xa3}, codes)  # 5.03
        p.wait_until(lambda: self.proxy.metrics()["group_requests"] == 8)

    def test_five_thousand_endpoints(self):
        """REQ-P-21: each is served with its own answer, by a proxy that may
        have 64 descriptors."""
        self.proxy.stop()
        self.proxy = p.Proxy(
            PROGRAM, (CONFIG % self.servers.port).replace("32", "64"),
            lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)))
        server = self.servers.own[0]
        uri = b"coap://127.0.0.2:%d/" % self.servers.port
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)
            s.bind(("0.0.0.0", 0))
            s.settimeout(60)
            for first in range(0, 5000, 50):
                self.fifty(s, server, uri, first)
        self.assertEqual(5000, self.proxy.metrics()["answers"])

    def fifty(self, s, server, uri, first):
        """From addresses of their own; all have the same token."""
        for n in range(first, first + 50):
            source = struct.pack("i4s4s", 0, bytes([127, 1, n >> 8, n & 255]),
                                 b"\0" * 4)
            s.sendmsg([kit.message(1, [(p.PROXY_URI, uri + b"%d" % n)],
                                   kit.NON, n, b"t")],
                      [(socket.IPPROTO_IP, IP_PKTINFO, source)], 0,
                      ("127.0.0.1", self.proxy.ports[0]))
        for n in range(50):
            request, proxy = server.recvfrom(4096)
            self.servers.answer(0, request, proxy, mid=first + n,
                                payload=p.read(request)[3][11][0])
        for n in range(50):
            data, more, _, _ = s.recvmsg(4096, 256)
            to = more[0][2][8:12]
            _, code, token, _, payload = p.read(data)
            self.assertEqual((0x45, b"t", b"%d" % (to[2] << 8 | to[3])),
                             (code, token, payload))

    def test_one_that_is_gone(self):
        """REQ-P-29: this host says that nobody is at its port any more."""
        with self.proxy.client() as client:
            client.send(self.message(OK, (p.PROXY_URI,
                                          self.servers.uri("a"))))
            request, proxy = self.servers.hear()
        self.servers.answer(0, request, proxy)
        p.wait_until(lambda: self.proxy.metrics()["stopped"] == 1)
        self.servers.answer(1, request, proxy)
        p.wait_until(lambda: self.proxy.metrics()["unwanted"] == 1)

    def test_a_replay(self):
        """REQ-P-07: what comes again under its Message ID goes on once."""
        request = self.message(OK, (p.PROXY_URI, self.servers.uri("a")))
        for _ in range(10):
            self.client.send(request)
        self.servers.hear()
        self.assertEqual(1, self.proxy.metrics()["group_requests"])
        self.assertTrue(self.servers.hears_nothing(0.05))


class Loop(Base):
    config = CONFIG.replace("127.0.0.2, 127.0.0.3", "127.0.0.0/8")

    def test_two_proxies_that_name_each_other(self):
        """REQ-P-27: a request that went on names nobody any more, so that the
        next proxy is its end; and it has one hop less."""
        second = p.Proxy(PROGRAM, self.config % self.servers.port)
        self.addCleanup(second.stop)
        uri = b"coap://127.0.0.1:%d/x" % second.ports[0]
        for hops in (b"\x02", b"\xff"):
            self.assertEqual(0x84, self.ask((16, hops), (p.PROXY_URI, uri))[1])
        self.assertEqual(0xa8, self.ask((16, b"\1"), (p.PROXY_URI, uri))[1])
        self.assertEqual(2, self.proxy.metrics()["requests"])
        self.assertEqual(0, second.metrics()["requests"])
        own = b"coap://127.0.0.1:%d/x" % self.proxy.ports[0]
        self.assertEqual(0x84, self.ask((p.PROXY_URI, own))[1])


class OnTheWay(unittest.TestCase):
    """Somebody between a client with OSCORE and its proxy: what is altered is
    dropped, what is added counts for nothing, what comes again goes on once.
    Seed 003 Sections 6.2 and 6.3."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        for name, ids in (("leg", ("01", "02")), ("client", ("02", "01"))):
            self.write(f"{name}.yaml", "type: oscore\nmaster_secret: "
                       "00112233445566778899aabbccddeeff\n"
                       f"sender_id: '{ids[0]}'\nrecipient_id: '{ids[1]}'\n")
        self.servers = p.Servers(3)
        self.addCleanup(self.servers.close)
        self.proxy = p.Proxy(PROGRAM, (
            "clients:\n- context: leg.yaml\n  state: proxy.state\n  groups: "
            f"[{{address: '224.0.1.187:{self.servers.port}', interface: lo}}]"
            "\nlimits: {requests_per_group: 8, rate: 0}\n"),
            head="listen: ['127.0.0.1:0']\n", folder=self.folder)
        self.addCleanup(lambda: self.proxy.stop(signal.SIGKILL))
        self.heard = []
        self.out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.out.connect(("127.0.0.1", self.proxy.ports[0]))
        self.way = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.way.bind(("127.0.0.1", 0))
        self.client = None
        self.ending = False
        self.request = self.answer = lambda data: [data]
        self.requests, self.answers = [], []
        for s, work in ((self.way, self.onward), (self.out, self.homeward),
                        (self.servers.group, self.serve)):
            s.settimeout(0.05)
            thread = threading.Thread(target=self.until_the_end,
                                      args=(s, work))
            thread.start()
            self.addCleanup(s.close)
            self.addCleanup(thread.join)
        self.addCleanup(self.end)

    def end(self):
        self.ending = True

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w",
                  encoding="ascii") as file:
            file.write(text)

    def until_the_end(self, s, work):
        while not self.ending:
            try:
                work(*s.recvfrom(4096))
            except OSError:
                pass

    def onward(self, data, client):
        self.client = client
        self.requests.append(data)
        for altered in self.request(data):
            self.out.send(altered)

    def homeward(self, data, _):
        self.answers.append(data)
        for altered in self.answer(data):
            self.way.sendto(altered, self.client)

    def serve(self, request, proxy):
        self.heard.append(p.read(request))
        for i in range(3):
            self.servers.answer(i, request, proxy, payload=b"%d" % i,
                                mid=int.from_bytes(os.urandom(2), "big"))

    def ask(self, *more, collect=1):
        got = subprocess.run(
            [COVEY, "get", "--non", "--proxy",
             f"coap://127.0.0.1:{self.way.getsockname()[1]}",
             "--proxy-context", os.path.join(self.folder, "client.yaml"),
             "--proxy-state", os.path.join(self.folder, "client.state"),
             "--collect", str(collect), "--margin", "0.2", *more,
             self.servers.uri("a").decode()], capture_output=True, text=True,
            check=False, timeout=60)
        self.said = got.stderr
        return got.stdout

    def test_what_is_added_outside(self):
        """Options that the client's layer has inside count there only."""
        def add(data):
            at = 4 + (data[0] & 15)
            # Multicast-Timeout of 0, in front of the OSCORE option.
            return [data[:at] + b"\x20" + bytes([data[at] - 0x20]) +
                    data[at + 1:]]
        self.request = add
        self.assertEqual(3, len(self.ask().splitlines()))
        self.assertEqual(1, len(self.heard))

    def test_what_is_altered(self):
        self.request = lambda data: [data[:-1] + bytes([data[-1] ^ 1])]
        self.assertEqual("", self.ask())
        self.assertEqual([], self.heard)
        self.request = lambda data: [data]
        self.answer = lambda data: [data[:-1] + bytes([data[-1] ^ 1])]
        self.answers.clear()
        self.assertEqual("", self.ask())
        self.assertEqual((1, 3), (len(self.heard), len(self.answers)))
        self.assertIn("no answer", self.said)

    def test_what_is_replayed(self):
        """REQ-SEC-07: a request under other Message IDs goes on once, and
        what the proxy then says in the clear ends nothing. REQ-SEC-03: an
        answer once more is none."""
        def again(data):
            return [data[:2] + os.urandom(2) + data[4:] for _ in range(5)]

        def replay(data):
            threading.Timer(0.4, lambda: [self.out.send(x)
                                          for x in again(data)]).start()
            return [data]
        self.request = replay
        self.answer = lambda data: [data, *again(data)]
        began = time.monotonic()
        self.assertEqual(3, len(self.ask().splitlines()))
        self.assertGreater(time.monotonic() - began, 1)
        self.assertEqual(1, len(self.heard))
        self.assertLess(3, len(self.answers))

    def test_without_protection_nobody_is_answered(self):
        """The option that the client would have protected is taken off with
        its protection: nothing is forwarded."""
        self.request = lambda data: [kit.message(
            1, [OK, (p.PROXY_URI, self.servers.uri("a"))], kit.NON, 7,
            data[4:4 + (data[0] & 15)])]
        self.assertEqual("", self.ask())
        self.assertEqual([], self.heard)
        self.assertIn("4.01", self.said)


if __name__ == "__main__":
    unittest.main()
