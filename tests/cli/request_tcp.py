# SPDX-License-Identifier: BSD-2-Clause
"""covey get and its kin over TCP (RFC 8323): libcoap's server, and peers that
do what they like."""
import json
import socket
import threading
import unittest

import ports
import request_kit as kit
from request_libcoap import Server

CSM, PING, PONG, RELEASE, ABORT = (bytes([0, c]) for c in range(0xe1, 0xe6))


class OverTcp4(Server, unittest.TestCase):
    HOST = "127.0.0.1"
    SCHEME = "coap+tcp"

    def test_several_blocks_in_a_message(self):
        status, _, err = self.run_at("put", "/bert", "x" * 100000,
                                     "--explain")
        self.assertEqual(0, status)
        self.assertIn("Block1", err)
        self.assertLess(err.count("# sent"), 6)


class OverTcp6(Server, unittest.TestCase):
    HOST = "::1"
    SCHEME = "coap+tcp"


class Peer:
    """Answers one connection; `script` gets its socket after the CSM of the
    client was read."""

    def __init__(self, test, script):
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen()
        self.listener.settimeout(60)
        self.uri = f"coap+tcp://127.0.0.1:{self.listener.getsockname()[1]}/x"
        self.script = script
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()
        test.addCleanup(self.end)

    def serve(self):
        c, _ = self.listener.accept()
        with c:
            c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            c.settimeout(60)
            self.read(c)
            self.script(self, c)

    def read(self, c):
        """Code, token and the rest of a short message."""
        head = c.recv(2, socket.MSG_WAITALL)
        length, tkl = head[0] >> 4, head[0] & 15
        if length == 13:
            length, code = 13 + head[1], c.recv(1)[0]
        else:
            code = head[1]
        body = c.recv(tkl + length, socket.MSG_WAITALL)
        return code, body[:tkl], body[tkl:]

    def end(self):
        self.thread.join()
        self.listener.close()


def response(token, payload, options=b""):
    body = options + b"\xff" + payload
    assert len(body) < 13
    return bytes([len(body) << 4 | len(token), 0x45]) + token + body


class Peers(unittest.TestCase):
    def ask(self, script, *args, verb="get"):
        return kit.run(verb, Peer(self, script).uri, *args)

    def test_answer_that_comes_byte_by_byte(self):
        def script(peer, c):
            c.sendall(CSM)
            for byte in response(peer.read(c)[1], b"slow"):
                c.sendall(bytes([byte]))
            c.recv(1)
        self.assertEqual((0, b"slow", ""), self.ask(script))

    def test_waits_for_the_csm(self):
        seen = []

        def script(peer, c):
            c.settimeout(0.3)
            try:
                seen.append(c.recv(1))
            except socket.timeout:
                seen.append("nothing")
            c.settimeout(60)
            c.sendall(CSM)
            c.sendall(response(peer.read(c)[1], b"late"))
            c.recv(1)
        self.assertEqual((0, b"late", ""), self.ask(script))
        self.assertEqual(["nothing"], seen)

    def test_answers_pings_meanwhile(self):
        seen = []

        def script(peer, c):
            c.sendall(CSM)
            token = peer.read(c)[1]
            c.sendall(b"\x03\xe2abc")
            seen.append(peer.read(c))
            c.sendall(response(token, b"x"))
            c.recv(1)
        self.assertEqual((0, b"x", ""), self.ask(script))
        self.assertEqual([(0xe3, b"abc", b"")], seen)

    def test_notifications_keep_their_order_without_numbers(self):
        def script(peer, c):
            c.sendall(CSM)
            token = peer.read(c)[1]
            for payload in (b"one", b"two", b"six"):
                c.sendall(response(token, payload, b"\x60"))
            c.recv(1)
        status, out, err = self.ask(script, "--count", "3", verb="observe")
        self.assertEqual((0, ""), (status, err))
        self.assertEqual(b"onetwosix", out.replace(b"\n", b""))

    def test_observation_ends_with_the_connection(self):
        def script(peer, c):
            c.sendall(CSM)
            c.sendall(response(peer.read(c)[1], b"one", b"\x60"))
        status, _, err = self.ask(script, verb="observe")
        self.assertEqual(4, status)
        self.assertIn("the peer has ended it", err)

    def test_release_without_an_end_is_an_end(self):
        def script(peer, c):
            c.sendall(CSM)
            peer.read(c)
            c.sendall(RELEASE)
            while c.recv(100):
                pass
        status, _, err = self.ask(script)
        self.assertEqual(4, status)
        self.assertIn("the connection with 127.0.0.1", err)

    def test_ends_that_are_told(self):
        for words, data in (("the peer aborts it", CSM + ABORT),
                            ("the peer has ended it", CSM),
                            ("does not say what it takes", PING),
                            ("no CoAP message", CSM + b"\x0f"),
                            ("not known", CSM + b"\x00\xe6"),
                            ("critical option", CSM + b"\x10\xe2\x10"),
                            ("longer than we take",
                             CSM + b"\xf0\x00\x00\x00\x00\x45")):
            def script(peer, c, data=data):
                c.sendall(data)
                c.shutdown(socket.SHUT_WR)
                while c.recv(100):
                    pass
            with self.subTest(words):
                status, out, err = self.ask(script)
                self.assertEqual((4, b""), (status, out))
                self.assertIn(words, err)

    def test_answer_with_the_end_right_behind_it(self):
        def script(peer, c):
            c.sendall(CSM)
            c.sendall(response(peer.read(c)[1], b"bye"))
        for _ in range(20):
            self.assertEqual((0, b"bye", ""), self.ask(script))

    def test_answer_under_another_token_is_none(self):
        def script(peer, c):
            c.sendall(CSM)
            peer.read(c)
            c.sendall(response(b"12345678", b"x"))
            while c.recv(100):
                pass
        status, out, err = self.ask(script, "--timeout", "0.5")
        self.assertEqual((4, b""), (status, out))
        self.assertIn("no answer", err)

    def test_shows_what_goes_over_the_wire(self):
        def script(peer, c):
            c.sendall(CSM)
            c.sendall(response(peer.read(c)[1], b"x"))
            c.recv(1)
        status, out, _ = self.ask(script, "--explain", "--json")
        self.assertEqual(0, status)
        seen = [json.loads(line) for line in out.splitlines()]
        self.assertEqual(["sent", "received", "sent", "received"],
                         [m["what"] for m in seen][:4])

    def test_nobody_is_there(self):
        port = ports.free()
        status, _, err = kit.run("get", f"coap+tcp://127.0.0.1:{port}/")
        self.assertEqual(4, status)
        self.assertIn("connection refused", err)

    def test_groups_have_no_connections(self):
        status, _, err = kit.run("get", "coap+tcp://224.0.1.187/")
        self.assertEqual(2, status)
        self.assertIn("not with a group", err)


if __name__ == "__main__":
    if kit.Libcoap.PROGRAM is None:
        raise SystemExit("coap-server-notls is missing (libcoap3-bin)")
    unittest.main()
