# SPDX-License-Identifier: BSD-2-Clause
"""covey-server, spoken to in datagrams: the codes that the standards want."""
import signal
import subprocess
import sys
import time
import unittest

import server_kit as kit
from server_kit import ACK, CON, NON, code_of, message, path

PROGRAM = ""
CONFIG = """resources:
- {path: /x, type: static, value: hello}
- {path: /v, type: value, value: 'off', max: 100, observable: true,
   methods: [get, put, delete]}
- {path: /n, type: counter, observable: true}
- {path: /large, type: large, size: 2000}
- {path: /locked, type: static, value: secret, policy: oscore}
"""
GET, POST, PUT, DELETE = range(1, 5)
X = path("x")

# What is sent, and what comes back.
CASES = {
    "control": (message(GET, X), ("ACK", "2.05")),
    "NON": (message(GET, X, NON), ("NON", "2.05")),
    "ping": (b"\x40\x00\x00\x01", ("RST", "0.00")),
    "empty with a token": (b"\x41\x00\x00\x01\x01", ("RST", "0.00")),
    "empty with a byte behind": (b"\x40\x00\x00\x01\x01", ("RST", "0.00")),
    # RFC 8974: lengths up to 12, then one or two bytes more for it.
    "TKL 9": (message(GET, X, token=b"123456789"), ("ACK", "2.05")),
    "TKL 12 of 11 bytes": (b"\x4c\x01\x00\x01" + bytes(11),
                           ("RST", "0.00")),
    "TKL 13 without a length": (b"\x4d\x01\x00\x01", ("RST", "0.00")),
    "TKL 14 with half a length": (b"\x4e\x01\x00\x01\x00",
                                  ("RST", "0.00")),
    "TKL 13, 20 bytes": (b"\x4d\x01\x00\x01\x07" + bytes(20) + b"\xb1x",
                         ("ACK", "2.05")),
    "TKL 13, 33 bytes": (b"\x4d\x01\x00\x01\x14" + bytes(33) + b"\xb1x",
                         ("ACK", "4.00")),
    "TKL 14, beyond the end": (b"\x4e\x01\x00\x01\xff\xff" + bytes(9),
                               ("RST", "0.00")),
    "TKL 8 of 3 bytes": (b"\x48\x01\x00\x01123", ("RST", "0.00")),
    "TKL 15": (b"\x4f\x01\x00\x01", ("RST", "0.00")),
    "long token and a long list": (
        b"\x4d\x01\x00\x01\x13" + bytes(32) +
        message(GET, path(".well-known", "core"), token=b"")[4:],
        ("ACK", "2.05")),
    "delta 15 that is no marker": (b"\x40\x01\x00\x01\xf0", ("RST", "0.00")),
    "length 15": (b"\x40\x01\x00\x01\x0f", ("RST", "0.00")),
    "delta 13 without its byte": (b"\x40\x01\x00\x01\xd0", ("RST", "0.00")),
    "delta 14 with half of it": (b"\x40\x01\x00\x01\xe0\x00",
                                 ("RST", "0.00")),
    "length 14 with half of it": (b"\x40\x01\x00\x01\xbe\x00",
                                  ("RST", "0.00")),
    "length 65804": (b"\x40\x01\x00\x01\xbe\xff\xff" + bytes(20),
                     ("RST", "0.00")),
    "number beyond 16 bits": (b"\x40\x01\x00\x01\xe0\xff\xff\xe0\xff\xff",
                              ("RST", "0.00")),
    "number 65536": (b"\x40\x01\x00\x01\xe0\xfe\xf3", ("RST", "0.00")),
    "marker without payload": (message(GET, X) + b"\xff", ("RST", "0.00")),
    "option beyond the end": (b"\x40\x01\x00\x01\xb5\x78", ("RST", "0.00")),
    "reserved code": (b"\x40\x20\x00\x01", ("RST", "0.00")),
    "code of a reserved class": (b"\x40\xc0\x00\x01", ("RST", "0.00")),
    "response that nobody asked for": (message(0x45, kind=CON),
                                       ("RST", "0.00")),
    "signalling code": (b"\x40\xff\x00\x01", ("RST", "0.00")),
    "unknown critical": (message(GET, X + [(9999, b"")]), ("ACK", "4.02")),
    "unknown critical, NON": (message(GET, X + [(9999, b"")], NON),
                              ("RST", "0.00")),
    "unknown elective": (message(GET, X + [(9998, b"")]), ("ACK", "2.05")),
    "Uri-Host twice": (message(GET, [(3, b"a"), (3, b"a")] + X),
                       ("ACK", "4.02")),
    "Uri-Host empty": (message(GET, [(3, b"")] + X), ("ACK", "4.02")),
    "Uri-Port of 3 bytes": (message(GET, [(7, b"123")] + X),
                            ("ACK", "4.02")),
    "Uri-Path of 256 bytes": (message(GET, [(11, b"a" * 256)]),
                              ("ACK", "4.02")),
    "200 segments": (message(GET, path(*["a"] * 200)), ("ACK", "4.04")),
    "dots": (message(GET, path("..")), ("ACK", "4.04")),
    "NUL in a segment": (message(GET, path("x\0")), ("ACK", "4.04")),
    "no UTF-8 in a segment": (message(GET, [(11, b"\xff\xfe")]),
                              ("ACK", "4.04")),
    "no path, but a payload": (message(GET, payload=b"x"), ("ACK", "4.04")),
    "Accept of 3 bytes": (message(GET, X + [(17, b"123")]), ("ACK", "4.02")),
    "If-None-Match with a value": (
        message(PUT, [(5, b"1")] + path("v"), payload=b"x"), ("ACK", "4.02")),
    "Accept of another": (message(GET, X + [(17, b"\xfd\xe8")]),
                          ("ACK", "4.06")),
    "unknown method": (message(0x1f, X), ("ACK", "4.05")),
    "Content-Format of another": (message(PUT, path("v") + [(12, b"\x3c")]),
                                  ("ACK", "4.15")),
    "If-None-Match": (message(PUT, [(5, b"")] + path("v"), payload=b"x"),
                      ("ACK", "4.12")),
    "If-Match of another": (message(PUT, [(1, b"\x01")] + path("v")),
                            ("ACK", "4.12")),
    "too large": (message(PUT, path("v"), payload=b"x" * 101),
                  ("ACK", "4.13")),
    "Proxy-Uri": (message(GET, X + [(35, b"coap://a/")]), ("ACK", "5.05")),
    "Proxy-Scheme": (message(GET, X + [(39, b"coap")]), ("ACK", "5.05")),
    "OSCORE without contexts": (message(POST, [(9, b"\x09\x00\x01")],
                                        payload=b"12345678"),
                                ("ACK", "4.02")),
    "not protected": (message(GET, path("locked")), ("ACK", "4.01")),
    "SZX 7": (message(GET, path("large") + [(23, b"\x07")]),
              ("ACK", "4.00")),
    "block beyond the end": (message(GET, path("large") + [(23, b"\xff")]),
                             ("ACK", "4.00")),
    "Block1 of a GET": (message(GET, X + [(27, b"\x08")], payload=b"x" * 16),
                        ("ACK", "4.00")),
    "Block1 in the middle": (message(PUT, path("v") + [(27, b"\x18")],
                                     payload=b"x" * 16), ("ACK", "4.08")),
    "Block1 to nowhere": (message(PUT, path("w") + [(27, b"\x08")],
                                  payload=b"x" * 16), ("ACK", "4.04")),
    "Observe of 4 bytes": (message(GET, [(6, b"1234")] + X),
                           ("ACK", "2.05")),
}
# Nothing comes back.
SILENT = {
    "empty": b"",
    "1 byte": b"\x40",
    "3 bytes": b"\x40\x01\x00",
    "empty NON": b"\x50\x00\x00\x01",
    "empty NON with a token": b"\x51\x00\x00\x01\x01",
    "empty NON with a byte behind": b"\x50\x00\x00\x01\x00",
    "NON, malformed": b"\x50\x01\x00\x01\xff",
    "version 0": b"\x00\x01\x00\x01",
    "version 2": b"\x80\x01\x00\x01",
    "version 3": b"\xc0\x01\x00\x01",
    "RST with a payload": b"\x70\x00\x00\x01\xffx",
    "ACK with a response": message(0x45, kind=ACK, payload=b"x"),
    "ACK with a request": message(GET, X, ACK),
    "ACK of nothing": b"\x60\x00\x00\x01",
    "No-Response": message(GET, X + [(258, b"\x1a")], NON),
}


def observe(s, name):
    """Registers, with the Echo that is asked for: the last answer."""
    s.send(message(GET, [(6, b"")] + path(name), mid=0xe0))
    echo = kit.option(s.recv(100), 252)
    s.send(message(GET, [(6, b"")] + path(name) + [(252, echo)], mid=0xe1))
    return s.recv(100)


class Answers(unittest.TestCase):
    def setUp(self):
        self.server = kit.Server(PROGRAM, CONFIG)

    def tearDown(self):
        status, said = self.server.stop()
        self.assertEqual(0, status, said)
        self.assertIn("daemon.stop", said)

    def test_answers(self):
        for name, (datagram, wanted) in CASES.items():
            with self.subTest(name):
                self.assertEqual(wanted, code_of(self.server.ask(datagram)))

    def test_silence(self):
        for name, datagram in SILENT.items():
            with self.subTest(name):
                self.assertIsNone(self.server.ask(datagram, 0.3))

    def test_duplicate_does_nothing_twice(self):
        post = message(POST, path("n"))
        with self.server.client() as s:
            answers = set()
            for _ in range(3):
                s.send(post)
                answers.add(s.recv(100))
        self.assertEqual(1, len(answers))
        self.assertEqual(b"1", self.server.ask(message(GET, path("n")))[-1:])

    def test_first_block_tells_the_size(self):
        got = self.server.ask(message(GET, path("large") + [(23, b"\x02")]))
        self.assertEqual(b"\x0a", kit.option(got, 23))
        self.assertEqual((2000).to_bytes(2, "big"), kit.option(got, 28))

    def test_observer_that_resets_is_forgotten(self):
        with self.server.client() as s:
            self.assertIsNotNone(kit.option(observe(s, "v"), 6))
            self.server.ask(message(PUT, path("v"), payload=b"on"))
            told = s.recv(100)
            self.assertEqual(("NON", "2.05"), code_of(told))
            self.assertEqual(b"\x71", told[4:5])
            self.assertEqual(b"on", told[-2:])
            s.send(b"\x70\x00" + told[2:4])
            # What comes in one batch is answered before a Reset is told.
            s.send(message(GET, path("nothing")))
            self.assertEqual(("ACK", "4.04"), code_of(s.recv(100)))
            self.server.ask(message(PUT, path("v"), payload=b"1"))
            s.settimeout(0.3)
            with self.assertRaises(TimeoutError):
                s.recv(100)

    def test_observation_ends_with_the_resource(self):
        with self.server.client() as s:
            observe(s, "v")
            self.server.ask(message(DELETE, path("v")))
            told = s.recv(100)
            self.assertEqual(("NON", "4.04"), code_of(told))
            self.assertIsNone(kit.option(told, 6))
            self.server.ask(message(PUT, path("v"), payload=b"on"))
            s.settimeout(0.3)
            with self.assertRaises(TimeoutError):
                s.recv(100)

    def test_observer_may_take_it_back(self):
        with self.server.client() as s:
            observe(s, "v")
            s.send(message(GET, [(6, b"\x01")] + path("v"), mid=2))
            self.assertIsNone(kit.option(s.recv(100), 6))
            self.server.ask(message(PUT, path("v"), payload=b"on"))
            s.settimeout(0.3)
            with self.assertRaises(TimeoutError):
                s.recv(100)

    def test_observer_is_asked_to_acknowledge_now_and_then(self):
        kinds = []
        with self.server.client() as s:
            observe(s, "n")
            for mid in range(40):
                self.server.ask(message(POST, path("n"), mid=mid))
                told = s.recv(100)
                kinds.append(told[0] >> 4 & 3)
                if kinds[-1] == CON:
                    s.send(b"\x60\x00" + told[2:4])
                    time.sleep(0.05)
        self.assertEqual(1, kinds.count(CON))


class Start(unittest.TestCase):
    def run_with(self, *args, text=""):
        return subprocess.run([PROGRAM, *args], input=text, text=True,
                              capture_output=True, check=False, timeout=60)

    def test_configuration_is_checked(self):
        got = self.run_with("--config", "-", "--check-config", text=CONFIG)
        self.assertEqual((0, "", ""), (got.returncode, got.stdout,
                                       got.stderr))
        got = self.run_with("--config", "-", "--check-config", text="port: 1")
        self.assertEqual(1, got.returncode)
        self.assertIn("standard input:1:1: error: 'port' is no key",
                      got.stderr)
        got = self.run_with("--config", "no-such-file")
        self.assertEqual(4, got.returncode)
        self.assertEqual(2, self.run_with().returncode)

    def test_address_that_is_taken_is_an_error(self):
        server = kit.Server(PROGRAM, CONFIG)
        try:
            got = self.run_with("--config", "-",
                                text=f"listen: ['127.0.0.1:{server.ports[0]}']"
                                     f"\n{CONFIG}")
            self.assertEqual(4, got.returncode)
            self.assertIn("error udp.open", got.stderr)
        finally:
            self.assertEqual(0, server.stop(signal.SIGINT)[0])


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
