# SPDX-License-Identifier: BSD-2-Clause
"""covey-server with resources that answer later (RFC 7252 Section 5.2.2)."""
import socket
import sys
import time
import unittest

import server_kit as kit
from server_kit import ACK, CON, NON, RST, code_of, message, path
from tcp_kit import Connection, frame

PROGRAM = ""
GET, PUT = 1, 3
ECHO, OBSERVE, BLOCK2 = 252, 6, 23
DELAY = 1  # longer than a request waits for its acknowledgement
RESOURCES = """tcp: ['127.0.0.1:0']
resources:
- {path: /slow, type: value, value: warm, delay: 1000, observable: true}
- {path: /soon, type: value, value: tepid, delay: 100, observable: true}
- {path: /never, type: static, value: cold, delay: 600000}
- {path: /large, type: large, size: 2000, delay: 50}
"""
SLOW, SOON = path("slow"), path("soon")


class Later(unittest.TestCase):
    MORE = "amplification: 0\n"

    @classmethod
    def setUpClass(cls):
        cls.server = kit.Server(PROGRAM, RESOURCES + cls.MORE)

    @classmethod
    def tearDownClass(cls):
        status, said = cls.server.stop()
        assert status == 0, said

    def client(self):
        return self.server.client()

    def expect(self, s, kind, code, body=b""):
        got = s.recv(2000)
        self.assertEqual((kind, code), code_of(got))
        self.assertTrue(got.endswith(body), got)
        return got

    def acknowledge(self, s, datagram, kind=ACK):
        s.send(bytes([0x40 | kind << 4, 0]) + datagram[2:4])

    def silent(self, s, seconds):
        s.settimeout(seconds)
        with self.assertRaises(socket.timeout):
            self.fail(s.recv(2000))
        s.settimeout(60)


class Slow(Later):
    def test_what_is_soon_enough_is_the_acknowledgement(self):
        with self.client() as s:
            request = message(GET, SOON)
            s.send(request)
            got = self.expect(s, "ACK", "2.05", b"tepid")
            self.assertEqual(request[2:4], got[2:4])

    def test_non_confirmable_is_answered_so(self):
        with self.client() as s:
            s.send(message(GET, SOON, NON))
            self.expect(s, "NON", "2.05", b"tepid")

    def test_each_block_takes_its_time(self):
        with self.client() as s:
            for block in range(2):
                s.send(message(GET, path("large") +
                               [(BLOCK2, bytes([block << 4 | 6]))]))
                got = self.expect(s, "ACK", "2.05")
                self.assertEqual(block, kit.option(got, BLOCK2)[0] >> 4)

    def test_acknowledgement_comes_first_and_then_the_answer(self):
        """One has forgotten both, one acknowledges, one that observes
        resets."""
        with self.client() as silent, self.client() as other, \
                self.client() as third:
            began = time.monotonic()
            request = message(GET, SLOW, token=b"tok")
            silent.send(request)
            other.send(message(GET, SLOW))
            third.send(message(GET, [(OBSERVE, b"")] + SLOW))
            empty = self.expect(silent, "ACK", "0.00")
            self.assertEqual(request[2:4], empty[2:])
            silent.send(request)
            self.assertEqual(empty, self.expect(silent, "ACK", "0.00"))
            got = self.expect(silent, "CON", "2.05", b"warm")
            # The server counts in milliseconds.
            self.assertGreater(time.monotonic() - began, DELAY - 0.05)
            self.assertEqual(b"tok", got[4:7])
            for s, kind in ((other, ACK), (third, RST)):
                self.expect(s, "ACK", "0.00")
                self.acknowledge(s, self.expect(s, "CON", "2.05", b"warm"),
                                 kind)
            self.assertEqual(got, self.expect(silent, "CON", "2.05"))
            self.acknowledge(silent, got)
            silent.send(request)
            self.assertEqual(empty, self.expect(silent, "ACK", "0.00"))
            self.server.ask(message(PUT, SLOW, payload=b"warm"))
            self.silent(other, 0.5)
            self.silent(third, 0.5)

    def test_observation_begins_with_its_answer(self):
        with self.client() as s:
            s.send(message(GET, [(OBSERVE, b"")] + SLOW))
            self.expect(s, "ACK", "0.00")
            got = self.expect(s, "CON", "2.05", b"warm")
            self.assertIsNotNone(kit.option(got, OBSERVE))
            self.acknowledge(s, got)
            for text in (b"hot", b"warm"):
                self.server.ask(message(PUT, SLOW, payload=text))
                told = s.recv(2000)  # CON, if the one before waits for an ACK
                self.assertIsNotNone(kit.option(told, OBSERVE))
                self.assertTrue(told.endswith(text), told)
                self.acknowledge(s, told, ACK if text == b"hot" else RST)

    def test_reset_of_its_answer_ends_an_observation(self):
        with self.client() as s:
            s.send(message(GET, [(OBSERVE, b"")] + SOON, NON))
            got = self.expect(s, "NON", "2.05", b"tepid")
            self.acknowledge(s, got, RST)
            # What comes in one batch is answered before a Reset is told.
            s.send(message(GET, path("nothing"), NON))
            self.expect(s, "NON", "4.04")
            self.server.ask(message(PUT, SOON, payload=b"tepid"))
            self.silent(s, 0.3)

    def test_others_are_answered_meanwhile(self):
        """And what has not begun is taken back."""
        with self.client() as s:
            s.send(message(GET, [(OBSERVE, b"")] + SLOW, NON, token=b"t"))
            s.send(message(GET, [(OBSERVE, b"\1")] + SLOW, NON, token=b"t"))
            s.send(message(PUT, SLOW, NON, token=b"u", payload=b"hot"))
            self.expect(s, "NON", "2.04")
            got = self.expect(s, "NON", "2.05", b"hot")  # as it is then
            self.assertIsNone(kit.option(got, OBSERVE))
            s.send(message(PUT, SLOW, NON, payload=b"warm"))
            self.expect(s, "NON", "2.04")
            self.silent(s, 0.3)

    def test_over_a_connection(self):
        with Connection(self.server.ports[2]) as c:
            began = time.monotonic()
            self.assertEqual("2.05", code_of(c.ask(GET, SOON, b"t"))[1])
            self.assertGreater(time.monotonic() - began, 0.05)

    def test_connection_may_end_meanwhile(self):
        with Connection(self.server.ports[2]) as c:
            c.send(frame(GET, SOON, b"t"))
            self.assertEqual("4.04",
                             code_of(c.ask(GET, path("no"), b"u"))[1])
        with self.client() as s:  # until its time has come, and longer
            s.send(message(GET, SOON, NON))
            self.expect(s, "NON", "2.05", b"tepid")


class Full(Later):
    def test_address_waits_for_so_many(self):
        with self.client() as s:
            for i in range(256):
                s.send(message(GET, path("never"), NON,
                               token=i.to_bytes(2, "big")))
                if i % 32 == 31:  # the socket has room for all
                    s.send(message(GET, path("nothing"), NON))
                    self.expect(s, "NON", "4.04")
            s.send(message(GET, path("never"), NON, token=b"more"))
            self.expect(s, "NON", "4.29")
            with self.client() as other:  # another port of it
                other.send(message(GET, SOON, NON))
                self.expect(other, "NON", "4.29")
            # Its place is free for who takes one back.
            s.send(message(GET, path("nothing"), NON, token=b"\0\0"))
            self.expect(s, "NON", "4.04")
            s.send(message(GET, SOON, NON))
            self.expect(s, "NON", "2.05", b"tepid")


class Unknown(Later):
    MORE = ""

    def test_who_waits_has_shown_where_he_is(self):
        with self.client() as s:
            s.send(message(GET, SOON))
            value = kit.option(self.expect(s, "ACK", "4.01"), ECHO)
            s.send(message(GET, SOON + [(ECHO, value)]))
            self.expect(s, "ACK", "2.05", b"tepid")
            s.send(message(GET, SOON))  # now he is known
            self.expect(s, "ACK", "2.05", b"tepid")


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
