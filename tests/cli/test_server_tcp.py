# SPDX-License-Identifier: BSD-2-Clause
"""covey-server on connections (RFC 8323): raw ones, and libcoap's client."""
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

import server_kit as kit
from tcp_kit import ABORT, CSM, PING, PONG, RELEASE, Connection, frame

PROGRAM = ""
CLIENT = shutil.which("coap-client-notls")
MIB = 1 << 20
CONFIG = """tcp: ['127.0.0.1:0', '[::1]:0']
resources:
- {path: /x, type: static, value: hello}
- {path: /v, type: value, value: 'off', max: 1048576, observable: true,
   content_format: application/octet-stream, methods: [get, put]}
- {path: /large, type: large, size: 1048576}
- {path: /door, type: value, value: closed, policy: oscore}
- {path: /d, type: value, value: '', methods: [get, put, post, delete]}
- {path: /slow, type: value, value: warm, delay: 600}
"""
GET, PUT = 1, 3
OBSERVE, BLOCK2, BLOCK1 = 6, 23, 27
BIG = [(2, b"\x02\x00\x00"), (4, b"")]  # Max-Message-Size 131072, block-wise


def payload(datagram):
    """Behind the marker, if the options have no byte like it."""
    return datagram.split(b"\xff", 1)[1] if b"\xff" in datagram else b""


class Raw(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = kit.Server(PROGRAM, CONFIG)

    @classmethod
    def tearDownClass(cls):
        status, said = cls.server.stop()
        assert status == 0, said

    def connect(self, capabilities=()):
        return Connection(self.server.ports[2], capabilities)

    def assert_alive(self):
        with self.connect() as c:
            self.assertEqual(b"hello",
                             payload(c.ask(GET, kit.path("x"), b"t")))

    def test_says_what_it_takes(self):
        with self.connect() as c:
            self.assertEqual(CSM, c.csm[1])
            self.assertEqual(b"\x80\x00", kit.option(c.csm, 2))
            self.assertEqual(b"", kit.option(c.csm, 4))
            self.assertEqual(b"\x20", kit.option(c.csm, 6))

    def test_answers_at_every_cut(self):
        whole = frame(CSM, BIG) + frame(PING, token=b"ping") + frame(
            GET, kit.path("x"), b"t")
        for at in range(1, len(whole)):
            with self.connect(None) as c:
                c.send(whole[:at])
                c.send(whole[at:])
                self.assertEqual((PONG, b"ping"), (lambda m: (m[1], m[4:]))(
                    c.read()))
                got = c.read()
                self.assertEqual(("CON", "2.05"), kit.code_of(got))
                self.assertEqual(b"hello", payload(got))

    def test_many_requests_in_one_piece(self):
        with self.connect() as c:
            c.send(b"".join(frame(GET, kit.path("x"), bytes([i]))
                            for i in range(200)))
            for i in range(200):
                self.assertEqual(i, c.read()[4])

    def test_a_client_that_does_not_read_is_not_listened_to(self):
        with self.connect(BIG) as c:
            request = frame(GET, kit.path("large") + [(15, b"q" * 250)] * 4,
                            b"t")
            c.socket.settimeout(1)
            asked = 0
            with self.assertRaises(socket.timeout):
                while asked < 200000:
                    c.socket.sendall(request * 100)
                    asked += 100
            c.socket.settimeout(60)
            for _ in range(50):
                self.assertEqual(("CON", "2.05"), kit.code_of(c.read()))
        self.assert_alive()

    def test_several_blocks_in_a_message_only_where_that_was_said(self):
        with self.connect() as c:
            got = c.ask(GET, kit.path("large"), b"t")
            self.assertEqual(b"\x0e", kit.option(got, BLOCK2))
            self.assertEqual(1024, len(payload(got)))
        with self.connect(BIG) as c:
            got = c.ask(GET, kit.path("large"), b"t")
            self.assertEqual(b"\x0f", kit.option(got, BLOCK2))
            self.assertEqual(16384, len(payload(got)))
            got = c.ask(GET, kit.path("large") + [(BLOCK2, b"\x01\x07")],
                        b"t")
            self.assertEqual(b"\x01\x0f", kit.option(got, BLOCK2))

    def test_no_such_block_in_datagrams(self):
        got = self.server.ask(kit.message(
            PUT, kit.path("v") + [(BLOCK1, b"\x0f")], payload=b"x" * 2048))
        self.assertEqual(("ACK", "4.00"), kit.code_of(got))

    def test_observers_of_a_connection_go_with_it(self):
        for _ in range(3):
            with self.connect() as watcher, self.connect() as other:
                got = watcher.ask(GET, [(OBSERVE, b"")] + kit.path("v"), b"o")
                self.assertIsNotNone(kit.option(got, OBSERVE))
                for text in (b"on", b"off"):
                    self.assertEqual("2.04", kit.code_of(other.ask(
                        PUT, kit.path("v"), b"p", payload=text))[1])
                    told = watcher.read()
                    self.assertEqual(b"o", told[4:5])
                    self.assertEqual(text, payload(told))
                    self.assertIsNotNone(kit.option(told, OBSERVE))

    def test_observation_is_taken_back(self):
        with self.connect() as c:
            c.ask(GET, [(OBSERVE, b"")] + kit.path("v"), b"o")
            got = c.ask(GET, [(OBSERVE, b"\x01")] + kit.path("v"), b"o")
            self.assertIsNone(kit.option(got, OBSERVE))
            got = c.ask(PUT, kit.path("v"), b"p", payload=b"quiet")
            self.assertEqual(b"p", got[4:5])
            self.assertEqual((PONG, b""), (lambda m: (m[1], m[4:]))(
                c.ask(PING)))

    def test_needs_oscore(self):
        with self.connect() as c:
            self.assertEqual("4.01", kit.code_of(
                c.ask(GET, kit.path("door"), b"t"))[1])

    def test_long_tokens(self):
        with self.connect() as c:
            for size, code in ((8, "2.05"), (12, "2.05")):
                got = c.ask(GET, kit.path("x"), bytes(size))
                self.assertEqual(code, kit.code_of(got)[1])

    def test_release_is_followed_by_the_end(self):
        with self.connect() as c:
            c.send(frame(GET, kit.path("x"), b"t") + frame(RELEASE))
            self.assertEqual(b"hello", payload(c.read()))
            self.assertIsNone(c.read())

    def test_ends_with_abort(self):
        for why, data in (
                ("TKL 15", b"\x0f"),
                ("critical option in a Ping", frame(PING, [(1, b"")])),
                ("critical option in a later CSM", frame(CSM, [(9, b"")])),
                ("critical option in a Pong", frame(PONG, [(3, b"")])),
                ("critical option in a Release", frame(RELEASE, [(5, b"")])),
                ("unknown signal", frame(0xe6)),
                ("too long", b"\xf0\x00\x00\x00\x00\x01"),
                ("long, and nothing of it", b"\xe0\xff\xff\x01")):
            with self.subTest(why), self.connect() as c:
                c.send(data)
                self.assertEqual(ABORT, c.read()[1])
                self.assertIsNone(c.read())
        self.assert_alive()

    def test_ends_without_a_csm(self):
        with self.connect(None) as c:
            c.send(frame(GET, kit.path("x"), b"t"))
            self.assertEqual(ABORT, c.read()[1])
            self.assertIsNone(c.read())

    def test_abort_gets_none_back(self):
        with self.connect() as c:
            c.send(frame(ABORT))
            self.assertIsNone(c.read())

    def test_survives_ends_in_the_middle(self):
        whole = frame(PUT, kit.path("v"), b"t", b"x" * 300)
        for at in range(0, len(whole), 13):
            with self.connect() as c:
                c.send(whole[:at])
        self.assert_alive()

    def test_garbage(self):
        for seed in range(60):
            with self.connect(None if seed % 2 else BIG) as c:
                try:
                    c.send(os.urandom(64 * (seed + 1)))
                    c.socket.shutdown(socket.SHUT_WR)
                    while c.read() is not None:
                        pass
                except (OSError, IndexError):
                    pass  # it has ended it with bytes unread
        self.assert_alive()

    def test_says_goodbye(self):
        server = kit.Server(PROGRAM, CONFIG)
        with Connection(server.ports[2]) as c:
            self.assertEqual(b"hello",
                             payload(c.ask(GET, kit.path("x"), b"t")))
            self.assertEqual(0, server.stop()[0])
            self.assertEqual(RELEASE, c.read()[1])
            self.assertIsNone(c.read())


class Libcoap(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if CLIENT is None:
            raise AssertionError("coap-client-notls is not installed "
                                 "(libcoap3-bin)")
        cls.server = kit.Server(PROGRAM, CONFIG)

    @classmethod
    def tearDownClass(cls):
        status, said = cls.server.stop()
        assert status == 0, said

    def client(self, *args, family=4, path="x"):
        host = "127.0.0.1" if family == 4 else "[::1]"
        port = self.server.ports[2 if family == 4 else 3]
        got = subprocess.run(
            [CLIENT, "-B", "60", *args, f"coap+tcp://{host}:{port}/{path}"],
            capture_output=True, check=True, timeout=120)
        body = got.stdout
        return body[:-1] if body.endswith(b"\n") else body, got.stderr

    def get(self, path="x", *args, family=4):
        return self.client("-m", "get", *args, family=family, path=path)[0]

    def test_get(self):
        for family in (4, 6):
            self.assertEqual(b"hello", self.get(family=family))

    def test_put_post_delete(self):
        for family in (4, 6):
            for method in ("put", "post"):
                self.client("-m", method, "-e", method, family=family,
                            path="d")
                self.assertEqual(method.encode(), self.get("d"))
            self.client("-m", "delete", family=family, path="d")
            self.assertEqual((b"", b"4.04\n"),
                             self.client("-m", "get", path="d"))

    def test_answer_that_comes_later(self):
        self.assertEqual(b"warm", self.get("slow"))

    def test_links(self):
        for family in (4, 6):
            links = self.get(".well-known/core?href=/l*", family=family)
            self.assertEqual(b"</large>;sz=1048576;ct=42", links[:25])
            self.assertNotIn(b"</x>", links)

    def test_a_mebibyte_both_ways(self):
        body = os.urandom(MIB)
        for family in (4, 6):
            with tempfile.NamedTemporaryFile() as file:
                file.write(body)
                file.flush()
                self.client("-m", "put", "-f", file.name, family=family,
                            path="v")
            self.assertEqual(body, self.client("-m", "get", path="v",
                                               family=family)[0])
            self.assertEqual(MIB, len(self.get("large", family=family)))

    def test_small_blocks(self):
        self.assertEqual(MIB, len(self.get("large", "-b", "64")))

    def test_observe(self):
        self.client("-m", "put", "-e", "off", path="v")
        with subprocess.Popen(
                [CLIENT, "-s", "60", "-m", "get",
                 f"coap+tcp://127.0.0.1:{self.server.ports[2]}/v"],
                stdout=subprocess.PIPE) as observer:
            self.assertEqual(b"off", observer.stdout.read(3))
            for text in ("one", "two"):
                self.client("-m", "put", "-e", text, path="v")
            said = b""
            while b"two" not in said:
                more = observer.stdout.read1(4096)
                self.assertNotEqual(b"", more, said)
                said += more
            observer.send_signal(signal.SIGINT)
            observer.communicate(timeout=60)

    def test_large_and_critical_options(self):
        query = "&".join(letter * 250 for letter in "abcd")
        for family in (4, 6):
            self.assertEqual(b"hello", self.get("x?" + query, family=family))
        self.assertEqual(b"4.02\n",
                         self.client("-m", "get", "-O", "9999,x")[1])
        self.assertEqual(b"hello", self.get("x", "-O", "9998,x"))


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
