# SPDX-License-Identifier: BSD-2-Clause
"""covey get and its kin with answers and URIs that broke other
clients: each is refused or passed over, and the true answer still taken."""
import json
import unittest

import request_kit as kit

LONG = b"x" * 65000


def own(m, rest, type_=kit.ACK, dotted="2.05", tkl=None):
    """An answer to m, with what comes behind its token as it is."""
    mid = m.mid if type_ == kit.ACK else 0x7777
    tkl = len(m.token) if tkl is None else tkl
    return (bytes([0x40 | type_ << 4 | tkl, kit.code(dotted)]) +
            mid.to_bytes(2, "big") + m.token + rest)


# What comes behind the token of an answer that is none.
FORMATS = {
    "marker without payload": b"\xff",
    "delta 15": b"\xf0",
    "length 15": b"\x0f",
    "delta 13 cut off": b"\xd0",
    "delta 14 cut off": b"\xe0\x00",
    "length 13 cut off": b"\x0d",
    "length 14 cut off": b"\x0e\x00",
    "option past the end": b"\xb5ab",
    "length 65535 + 269": b"\xbe\xff\xff" + bytes(20),
    "number past 16 bits": b"\xe0\xff\xff\xe0\xff\xff",
    "number 65536": b"\xe0\xfe\xf3",
    "an option twice, the second at number + 65536":
        b"\xd1\x0a\x0e" + b"\xe1\xfe\xe3\x0e",
}
# Functions of the request.
HEADERS = {
    "nothing": lambda m: b"",
    "3 bytes": lambda m: own(m, b"")[:3],
    "version 0": lambda m: bytes([own(m, b"")[0] & 0x3f]) + own(m, b"")[1:],
    "version 2": lambda m: bytes([own(m, b"")[0] ^ 0xc0]) + own(m, b"")[1:],
    "TKL 13 in 4 bytes": lambda m: own(m, b"", tkl=13)[:4],
    "TKL 14 in 5 bytes": lambda m: own(m, b"", tkl=14)[:4] + b"\x00",
    "TKL 14 beyond the end": lambda m: own(m, b"", tkl=14)[:4] + b"\xff\xff",
    "TKL 15": lambda m: own(m, b"", tkl=15),
    "token cut off": lambda m: own(m, b"")[:-1],
    "class 1": lambda m: own(m, b"", dotted="1.00"),
    "class 6": lambda m: own(m, b"", dotted="6.00"),
    "signal": lambda m: own(m, b"", dotted="7.02"),
    "request in the acknowledgement": lambda m: own(m, b"", dotted="0.01"),
    "acknowledgement with a byte behind":
        lambda m: b"\x60\x00" + m.mid.to_bytes(2, "big") + b"\x00",
    "acknowledgement of another":
        lambda m: own(m, b"")[:2] + b"\x77\x77" + own(m, b"")[4:],
    "Reset with a payload":
        lambda m: b"\x70\x00" + m.mid.to_bytes(2, "big") + b"\xffx",
    "Reset with a token": lambda m:
        bytes([0x70 | len(m.token), 0]) + m.mid.to_bytes(2, "big") + m.token,
    "Reset of another": lambda m: b"\x70\x00\x77\x77",
    "empty NON": lambda m: b"\x50\x00" + m.mid.to_bytes(2, "big"),
    "NON without a code, but its token":
        lambda m: own(m, b"", kit.NON, "0.00"),
}


class Answers(unittest.TestCase):
    """What is malformed comes first, the answer behind it."""

    def passes(self, made):
        """What the client sent back before it ended."""
        def answer(peer, m):
            if m.code == kit.GET:
                peer.send(made(m))
                peer.reply(m, "2.05", payload=b"true")
        peer = kit.Peer(self, answer)
        self.assertEqual((0, b"true", ""), kit.run("get", peer.uri))
        return peer

    def test_headers(self):
        for name, made in HEADERS.items():
            with self.subTest(name):
                self.assertEqual(1, len(self.passes(made).received))

    def test_options(self):
        for name, rest in FORMATS.items():
            for type_ in (kit.ACK, kit.NON):
                with self.subTest(name, type=type_):
                    self.passes(lambda m, r=rest, t=type_: own(m, r, t))

    def test_confirmable_ones_are_rejected(self):
        """RFC 7252 Section 4.2: the true answer waits for the Reset."""
        for name, rest in FORMATS.items():
            def answer(peer, m, r=rest):
                if m.code == kit.GET:
                    peer.send(own(m, r, kit.CON))
                elif (m.type, m.mid) == (kit.RST, 0x7777):
                    peer.reply(peer.requests()[0], "2.05", payload=b"true")
            with self.subTest(name):
                peer = kit.Peer(self, answer)
                self.assertEqual((0, b"true", ""), kit.run("get", peer.uri))

    def test_fills_a_datagram(self):
        """Also 5.08 (RFC 8768), whose diagnostics are a list to search."""
        for dotted, status in (("2.05", 0), ("5.08", 1)):
            with self.subTest(dotted):
                peer = kit.Peer(self, lambda p, m, d=dotted: p.reply(
                    m, d, [(16, b"\x01")], LONG))
                got, out, err = kit.run("get", peer.uri)
                self.assertEqual(status, got, err[:200])
                if status == 0:
                    self.assertEqual(LONG, out)
                else:
                    self.assertIn("5.08 Hop Limit Reached", err)

    def test_blocks_that_are_none(self):
        for name, value in (("SZX 7", b"\x0f"), ("4 bytes", bytes(4)),
                            ("last of all", b"\xff\xff\xf6")):
            with self.subTest(name):
                peer = kit.Peer(self, lambda p, m, v=value: p.reply(
                    m, "2.05", [(kit.BLOCK2, v)], b"x" * 16))
                status, _, err = kit.run("get", peer.uri)
                self.assertIn(status, (1, 4))
                self.assertNotEqual("", err)

    def test_elective_ones_out_of_range_are_passed_over(self):
        for number, value in ((kit.ETAG, b""), (kit.ETAG, bytes(9)),
                              (kit.FORMAT, bytes(3)), (kit.OBSERVE, bytes(4)),
                              (kit.MAX_AGE, bytes(5)), (28, bytes(5))):
            with self.subTest(number=number, length=len(value)):
                peer = kit.Peer(self, lambda p, m, o=(number, value): p.reply(
                    m, "2.05", [o], b"true"))
                self.assertEqual((0, b"true", ""), kit.run("get", peer.uri))

    def test_all_that_a_client_shows(self):
        """--explain and --json take apart what came, also what is none."""
        for name, made in HEADERS.items():
            with self.subTest(name):
                def answer(peer, m, f=made):
                    peer.send(f(m))
                    peer.reply(m, "2.05", payload=b"true")
                peer = kit.Peer(self, answer)
                status, out, err = kit.run("get", "--explain", "--json",
                                           peer.uri)
                self.assertEqual((0, ""), (status, err))
                last = json.loads(out.splitlines()[-1])
                self.assertEqual(("answer", "true"),
                                 (last["what"], last["payload"]["text"]))

    def test_acknowledgement_with_another_token(self):
        """It answers nothing, and acknowledges nothing either."""
        def answer(peer, m):
            if m.code == kit.GET:
                peer.send(own(m, b"\x00", tkl=len(m.token) + 1))
                peer.separate(m, "2.05", payload=b"true", type_=kit.NON)
        peer = kit.Peer(self, answer)
        self.assertEqual((0, b"true", ""), kit.run("get", peer.uri))

    def test_observer(self):
        """Notifications that are none do not end an observation."""
        def answer(peer, m):
            if m.code != kit.GET:
                return
            peer.reply(m, "2.05", [(kit.OBSERVE, b"\x01")], b"1")
            for rest in FORMATS.values():
                peer.send(own(m, rest, kit.NON))
            peer.separate(m, "2.05", [(kit.OBSERVE, b"\x02")], b"2", kit.NON)
        peer = kit.Peer(self, answer)
        self.assertEqual((0, b"1\n2\n", ""),
                         kit.run("observe", "--count", "2", peer.uri))

    def test_ping(self):
        """Only a Reset with its number and nothing else is a pong."""
        def answer(peer, m):
            mid = m.mid.to_bytes(2, "big")
            for bad in (b"", b"\x70", b"\x70\x00" + mid + b"\x00",
                        b"\x71\x00" + mid + b"\x00", b"\x70\x45" + mid,
                        b"\x70\x00\x77\x77"):
                peer.send(bad)
        peer = kit.Peer(self, answer)
        status, _, err = kit.run("ping", "--timeout", "0.3", peer.uri)
        self.assertEqual(4, status)
        self.assertIn("no answer", err)


class Words(unittest.TestCase):
    """URIs that users hand over."""

    def test_uris(self):
        long = "a" * 256
        for uri in ("coap://h/%A", "coap://h/%", "coap://h/a?%4",
                    f"coap://{long}/", f"coap://h/{long}", f"coap://h/?{long}",
                    "coap://[::1", "coap://h:65536/", "coap://%00/"):
            for verb in ("get", "ping", "discover"):
                with self.subTest(uri[:40], verb=verb):
                    status, out, err = kit.run(verb, uri)
                    self.assertEqual((2, b""), (status, out))
                    self.assertNotEqual("", err)

    def test_hosts_that_are_longer_than_a_name(self):
        for length in (33, 64, 254, 255):
            with self.subTest(length):
                status, _, err = kit.run("get", f"coap://{'a' * length}/")
                self.assertEqual(4, status)
                self.assertIn("host 'a", err)

    def test_hosts_for_a_proxy(self):
        """They are its affair, as far as Proxy-Uri reaches: 1034 bytes."""
        peer = kit.Peer(self, lambda p, m: p.reply(m, "5.05"))
        for length in (255, 256, 1026, 1027, 2000):
            with self.subTest(length):
                status, _, err = kit.run("get", "--proxy", peer.uri,
                                         f"coap://{'a' * length}/")
                self.assertEqual(1 if length <= 1026 else 2, status, err)


if __name__ == "__main__":
    unittest.main()
