# SPDX-License-Identifier: BSD-2-Clause
"""covey get under OSCORE. The peer is covey oscore, which opens what comes
and protects what goes, so that both ends are checked by other tests."""
import json
import os
import re
import subprocess
import tempfile
import unittest

import coap_compose as compose
import request_kit as kit

KEYS = "type: oscore\nmaster_secret: 0102030405060708090a0b0c0d0e0f10\n"


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.client = self.write("client",
                                 KEYS + "sender_id: 01\nrecipient_id: 02\n")
        self.server = self.write("server",
                                 KEYS + "sender_id: 02\nrecipient_id: 01\n")
        self.state = os.path.join(self.folder, "state")

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w",
                  encoding="utf-8") as file:
            file.write(text)
        return path

    def oscore(self, verb, *args):
        got = subprocess.run([kit.COVEY, "oscore", verb, *args], check=True,
                             stdout=subprocess.PIPE)
        return bytes.fromhex(got.stdout.decode())

    def open(self, m):
        """The plain request."""
        return kit.Message(self.oscore("unprotect", self.server,
                                       m.bytes.hex()))

    def sealed(self, m, dotted, options=(), payload=b"", piv=None):
        """A protected response to a protected request."""
        plain = compose.datagram(kit.ACK, kit.code(dotted), m.mid, m.token,
                                 kit.ordered(options), payload)
        more = ["--own-piv", "--number", str(piv)] if piv is not None else []
        return self.oscore("protect", *more, "--request", m.bytes.hex(),
                           self.server, plain.hex())

    def sequence_number(self):
        with open(self.state, encoding="utf-8") as file:
            return int(re.search(r"sequence_number (\d+)", file.read())[1])

    def piv(self, m):
        value = m.all(9)[0]
        return int.from_bytes(value[1:1 + (value[0] & 7)], "big")

    def get(self, uri, *args):
        return kit.run("get", "--context", self.client, "--state", self.state,
                       *args, uri)


class Requests(Case):
    def echoing(self):
        """Answers with path and payload of the request, protected."""
        self.stored = []

        def answer(peer, m):
            self.stored.append(self.sequence_number())
            plain = self.open(m)
            peer.send(self.sealed(m, "2.05", payload=plain.all(kit.PATH)[0] +
                                  b"|" + plain.payload))
        return kit.Peer(self, answer)

    def test_get(self):
        peer = self.echoing()
        self.assertEqual((0, b"temp|", ""), self.get(peer.uri + "/temp"))
        outer = peer.received[0]
        self.assertEqual([], outer.all(kit.PATH))
        self.assertEqual(kit.POST, outer.code)

    def test_put(self):
        peer = self.echoing()
        self.assertEqual((0, b"x|hello", ""), kit.run(
            "put", "--context", self.client, "--state", self.state,
            peer.uri + "/x", "hello"))

    def test_numbers_are_stored_first_and_never_used_again(self):
        peer = self.echoing()
        for _ in range(3):
            self.assertEqual(0, self.get(peer.uri + "/a")[0])
        numbers = [self.piv(m) for m in peer.received]
        self.assertEqual([0, 1, 2], numbers)
        for number, stored in zip(numbers, self.stored):
            self.assertGreater(stored, number)
        self.assertEqual(3, self.sequence_number())

    def test_numbers_shared_with_covey_oscore(self):
        peer = self.echoing()
        self.get(peer.uri + "/a")
        protected = self.oscore("protect", "--state", self.state, self.client,
                                "40010000b161")
        self.assertEqual(1, self.piv(kit.Message(protected)))
        self.get(peer.uri + "/a")
        self.assertEqual(2, self.piv(peer.received[1]))

    def test_nothing_leaves_that_cannot_be_stored(self):
        peer = self.echoing()
        self.state = os.path.join(self.folder, "none", "state")
        status, out, _ = self.get(peer.uri + "/a")
        self.assertEqual((4, b"", []), (status, out, peer.received))

    def test_nothing_leaves_when_the_folder_takes_nothing(self):
        peer = self.echoing()
        os.mkdir(self.state + ".new")
        status, out, err = self.get(peer.uri + "/a")
        self.assertEqual((4, b"", []), (status, out, peer.received))
        self.assertIn("state", err)

    def test_a_number_by_hand(self):
        def answer(peer, m):
            peer.send(self.sealed(m, "2.04"))
        peer = kit.Peer(self, answer)
        status, _, err = kit.run("get", "--context", self.client, "--number",
                                 "77", peer.uri)
        self.assertEqual((0, 77), (status, self.piv(peer.received[0])))
        self.assertIn("next sequence number: 78", err)

    def test_which_number(self):
        status, _, err = kit.run("get", "--context", self.client,
                                 "coap://127.0.0.1/")
        self.assertEqual(2, status)
        self.assertIn("which sequence number", err)

    def test_no_number_is_left(self):
        """The last one is spent, and the server asks once more."""
        peer = kit.Peer(self, lambda p, m: p.send(
            self.sealed(m, "4.01", [(kit.ECHO, b"again")])))
        status, _, err = kit.run("get", "--context", self.client, "--number",
                                 str((1 << 40) - 1), peer.uri)
        self.assertEqual((3, 1), (status, len(peer.received)), err)
        self.assertIn("no sequence number is left", err)

    def test_not_for_groups(self):
        status, _, err = self.get("coap://224.0.1.187/")
        self.assertEqual(2, status)
        self.assertIn("not to a group", err)

    def test_large_bodies(self):
        body = bytes(i % 253 for i in range(2500))

        def answer(peer, m):
            plain = self.open(m)
            num, more, szx = plain.block(kit.BLOCK1)
            self.assertEqual(body[1024 * num:1024 * num + 1024],
                             plain.payload)
            peer.send(self.sealed(
                m, "2.31" if more else "2.04",
                [(kit.BLOCK1, kit.block(num, more, szx))]))
        peer = kit.Peer(self, answer)
        path = self.write("body", "")
        with open(path, "wb") as file:
            file.write(body)
        status, _, err = kit.run("put", "--context", self.client, "--state",
                                 self.state, peer.uri + "/x", "@" + path)
        self.assertEqual((0, "2.04 Changed\n"), (status, err))
        self.assertEqual([0, 1, 2], [self.piv(m) for m in peer.received])

    def test_explain_shows_both_sides(self):
        peer = self.echoing()
        status, out, err = self.get(peer.uri + "/temp", "--explain")
        self.assertEqual((0, b"temp|"), (status, out))
        self.assertEqual(2, err.count("framing:    inner"))
        self.assertEqual(2, err.count("framing:    datagram"))
        self.assertIn('Uri-Path = "temp"', err)
        self.assertIn("9 OSCORE", err)

    def test_json_says_that_it_was_protected(self):
        peer = self.echoing()
        _, out, _ = self.get(peer.uri + "/a", "--json")
        self.assertTrue(json.loads(out)["protected"])


class Answers(Case):
    def test_challenge_of_a_server_that_lost_its_window(self):
        def answer(peer, m):
            if self.open(m).all(kit.ECHO) == [b"proof"]:
                peer.send(self.sealed(m, "2.05", payload=b"in"))
            else:
                peer.send(self.sealed(m, "4.01", [(kit.ECHO, b"proof")]))
        peer = kit.Peer(self, answer)
        self.assertEqual((0, b"in", ""), self.get(peer.uri))
        self.assertEqual([0, 1], [self.piv(m) for m in peer.received])

    def test_error_without_protection_is_told_with_doubt(self):
        peer = kit.Peer(self, lambda p, m: p.reply(m, "4.01"))
        status, out, err = self.get(peer.uri)
        self.assertEqual((1, b""), (status, out))
        self.assertIn("nobody vouches", err)

    def test_content_without_protection_is_no_answer(self):
        peer = kit.Peer(self, lambda p, m: p.reply(m, "2.05",
                                                   payload=b"forged"))
        status, out, err = self.get(peer.uri, "--timeout", "1")
        self.assertEqual((4, b""), (status, out))
        self.assertIn("no answer", err)

    def test_forged_answer_before_the_true_one(self):
        def answer(peer, m):
            true = self.sealed(m, "2.05", payload=b"true")
            forged = bytearray(true)
            forged[-1] ^= 1
            forged[0] = forged[0] & 0xcf | kit.NON << 4
            peer.send(bytes(forged))
            peer.send(true)
        peer = kit.Peer(self, answer)
        self.assertEqual((0, b"true", ""), self.get(peer.uri))

    def test_answer_of_another_context(self):
        other = KEYS.replace("0102", "f102") + "sender_id: 02\n" \
            "recipient_id: 01\n"
        right = self.server

        def answer(peer, m):
            plain = self.open(m)
            self.assertEqual(kit.GET, plain.code)
            self.server = self.write("other", other)
            plain = compose.datagram(kit.ACK, kit.code("2.05"), m.mid,
                                     m.token, [], b"other")
            peer.send(self.oscore("protect", "--request-piv",
                                  "%02x" % self.piv(m), self.server,
                                  plain.hex()))
            self.server = right
        peer = kit.Peer(self, answer)
        status, out, _ = self.get(peer.uri, "--timeout", "1")
        self.assertEqual((4, b""), (status, out))

    def test_observation(self):
        def answer(peer, m):
            if not m.all(9):
                return
            for i in range(3):
                note = bytearray(self.sealed(
                    m, "2.05", [(kit.OBSERVE, b"")], b"%d" % i, piv=10 + i))
                if i > 0:
                    note[0] = note[0] & 0xcf | kit.NON << 4
                    note[2:4] = peer.next_mid().to_bytes(2, "big")
                peer.send(bytes(note))
        peer = kit.Peer(self, answer)
        status, out, err = kit.run(
            "observe", "--count", "3", "--context", self.client, "--state",
            self.state, peer.uri + "/o")
        self.assertEqual((0, b"0\n1\n2\n", ""), (status, out, err))

    def test_observation_that_begins_without_a_number(self):
        """The first response has the request's nonce, and the first number of
        a server is 0."""
        def answer(peer, m):
            if not m.all(9):
                return
            note = [(kit.OBSERVE, b"")]
            peer.send(self.sealed(m, "2.05", note, b"a"))
            second = bytearray(self.sealed(m, "2.05", note, b"b", piv=0))
            second[0] = second[0] & 0xcf | kit.NON << 4
            peer.send(bytes(second))
        peer = kit.Peer(self, answer)
        status, out, err = kit.run(
            "observe", "--count", "2", "--context", self.client, "--state",
            self.state, peer.uri + "/o")
        self.assertEqual((0, b"a\nb\n", ""), (status, out, err))


if __name__ == "__main__":
    unittest.main()
