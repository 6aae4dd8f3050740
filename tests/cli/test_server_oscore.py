# SPDX-License-Identifier: BSD-2-Clause
"""covey-server and OSCORE: who may what, and what a crash must not change.
The client is covey oscore, message by message."""
import os
import signal
import subprocess
import sys
import tempfile
import unittest

import server_kit as kit
from server_kit import code_of, message, path

PROGRAM, COVEY = sys.argv[1:3]
del sys.argv[1:]
SECRET = "type: oscore\nmaster_secret: 0102030405060708090a0b0c0d0e0f10\n"
CONFIG = """store: STORE
contexts:
- {file: context.yaml}
resources:
- {path: /open, type: static, value: hello}
- {path: /n, type: counter, policy: oscore, observable: true}
- {path: /role, type: static, value: x, policy: oscore, roles: requester}
- {path: /large, type: large, size: 3000, policy: oscore}
- {path: /slow, type: value, value: warm, policy: oscore, delay: 700}
"""
GET, POST = 1, 2
OBSERVE, OSCORE, ECHO = 6, 9, 252


def partial_iv(datagram):
    """Of the OSCORE option; None: there is none."""
    at, number = 4 + (datagram[0] & 15), 0
    while at < len(datagram) and datagram[at] != 0xff:
        delta, length = datagram[at] >> 4, datagram[at] & 15
        at += 1
        if delta == 13:
            delta, at = 13 + datagram[at], at + 1
        if length == 13:
            length, at = 13 + datagram[at], at + 1
        number += delta
        value, at = datagram[at:at + length], at + length
        if number == OSCORE and value:
            return int.from_bytes(value[1:1 + (value[0] & 7)], "big")
    return None


class Oscore(unittest.TestCase):
    store = "state.db"

    def setUp(self):
        self.config = CONFIG.replace("STORE", self.store)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.write("context.yaml",
                   SECRET + "sender_id: 01\nrecipient_id: 02\n")
        self.client = self.write("client.yaml", SECRET +
                                 "sender_id: 02\nrecipient_id: 01\n")
        self.server = kit.Server(PROGRAM, self.config, self.folder)
        self.addCleanup(lambda: self.server.stop(signal.SIGKILL))

    def write(self, name, text):
        whole = os.path.join(self.folder, name)
        with open(os.open(whole, os.O_CREAT | os.O_WRONLY, 0o600), "w",
                  encoding="utf-8") as file:
            file.write(text)
        return whole

    def covey(self, verb, *args):
        got = subprocess.run([COVEY, "oscore", verb, *args], text=True,
                             capture_output=True, check=True, timeout=60)
        return bytes.fromhex(got.stdout.strip())

    def protect(self, plain, number):
        return self.covey("protect", "--number", str(number), self.client,
                          plain.hex())

    def ask(self, plain, number):
        """The code of the answer inside, and the answer."""
        request = self.protect(plain, number)
        answer = self.server.ask(request)
        inner = self.covey("unprotect", "--request", request.hex(),
                           self.client, answer.hex())
        return code_of(inner)[1], inner

    def test_only_protected_requests_are_served(self):
        plain = message(GET, path("n"))
        self.assertEqual(("ACK", "4.01"), code_of(self.server.ask(plain)))
        code, inner = self.ask(plain, 0)
        self.assertEqual(("2.05", b"0"), (code, inner[-1:]))
        self.assertEqual("2.05", self.ask(message(GET, path("open")), 1)[0])
        self.assertEqual("4.03", self.ask(message(GET, path("role")), 2)[0])
        self.assertEqual("4.04", self.ask(message(GET, path("none")), 3)[0])

    def test_blocks_are_inside(self):
        code, inner = self.ask(message(GET, path("large")), 0)
        self.assertEqual("2.05", code)
        self.assertEqual(b"00000000\n", inner.split(b"\xff", 1)[1][:9])
        self.assertEqual(1024, len(inner.split(b"\xff", 1)[1]))

    def test_answer_may_come_later(self):
        """A duplicate of what waits is no replay."""
        request = self.protect(message(GET, path("slow")), 0)
        with self.server.client() as s:
            s.send(request)
            s.send(request)
            empty = s.recv(4096)
            self.assertEqual((("ACK", "0.00"), request[2:4]),
                             (code_of(empty), empty[2:]))
            s.send(request)
            self.assertEqual(empty, s.recv(4096))
            answer = s.recv(4096)
            self.assertEqual(("CON", "2.04"), code_of(answer))
            inner = self.covey("unprotect", "--request", request.hex(),
                               self.client, answer.hex())
            self.assertEqual(("2.05", b"warm"),
                             (code_of(inner)[1], inner[-4:]))

    def test_covey_waits_for_an_answer(self):
        got = subprocess.run(
            [COVEY, "get", "--context", self.client, "--state",
             os.path.join(self.folder, "client.state"),
             self.server.uri("slow", 6)], capture_output=True, timeout=20,
            check=False)
        self.assertEqual((0, b"warm"), (got.returncode, got.stdout.strip()),
                         got.stderr)

    def test_forgery_is_refused(self):
        request = bytearray(self.protect(message(POST, path("n")), 0))
        request[-1] ^= 1
        self.assertEqual(("ACK", "4.00"),
                         code_of(self.server.ask(bytes(request))))

    def test_replay_is_refused(self):
        request = self.protect(message(POST, path("n"), mid=1), 0)
        self.assertEqual(("ACK", "2.04"), code_of(self.server.ask(request)))
        again = request[:2] + b"\x99\x99" + request[4:]
        self.assertEqual(("ACK", "4.01"), code_of(self.server.ask(again)))

    def crash(self):
        self.server.stop(signal.SIGKILL)
        self.server = kit.Server(PROGRAM, self.config, self.folder)

    def ask_from(self, client, plain, number):
        """As ask, from one address: the code inside, Echo, and the body."""
        request = self.protect(plain, number)
        client.send(request)
        inner = self.covey("unprotect", "--request", request.hex(),
                           self.client, client.recv(4096).hex())
        return (code_of(inner)[1], kit.option(inner, ECHO),
                inner.partition(b"\xff")[2])

    def challenged(self, request):
        """That what may be a replay is answered with Echo, and nothing
        else."""
        inner = self.covey("unprotect", "--request", request.hex(),
                           self.client, self.server.ask(request).hex())
        self.assertEqual("4.01", code_of(inner)[1])
        self.assertIsNotNone(kit.option(inner, ECHO))

    def test_nothing_is_accepted_twice_across_a_crash(self):
        seen = [self.protect(message(POST, path("n"), mid=mid), mid)
                for mid in range(70)]
        for request in seen:
            self.assertEqual(("ACK", "2.04"),
                             code_of(self.server.ask(request)))
        self.crash()
        for request in seen:
            self.challenged(request)
        with self.server.client() as client:
            get = message(GET, path("n"))
            code, echo, _ = self.ask_from(client, get, 70)
            self.assertEqual("4.01", code)
            get = message(GET, path("n") + [(ECHO, echo)])
            self.assertEqual("2.05 b'0'", "{} {}".format(
                *self.ask_from(client, get, 71)[::2]))
            # One challenge is enough.
            get = message(GET, path("n"))
            self.assertEqual("2.05", self.ask_from(client, get, 72)[0])
        for mid, request in enumerate(seen):
            again = request[:2] + (7000 + mid).to_bytes(2, "big") + request[4:]
            self.assertEqual(("ACK", "4.01"),
                             code_of(self.server.ask(again)))

    def test_echo_of_another_life_is_not_taken(self):
        self.assertEqual("2.04", self.ask(message(POST, path("n")), 0)[0])
        self.crash()
        with self.server.client() as client:
            echo = self.ask_from(client, message(POST, path("n")), 1)[1]
        answered = self.protect(
            message(POST, path("n") + [(ECHO, echo)], mid=2), 2)
        self.crash()
        self.challenged(answered)
        self.challenged(self.protect(
            message(POST, path("n") + [(ECHO, bytes(len(echo)))]), 3))

    def test_what_is_beyond_the_reserve_needs_no_challenge(self):
        self.server.stop()
        self.config = self.config.replace("context.yaml",
                                          "context.yaml, ahead: 100")
        self.server = kit.Server(PROGRAM, self.config, self.folder)
        self.assertEqual("2.04", self.ask(message(POST, path("n")), 0)[0])
        self.crash()
        self.challenged(self.protect(message(POST, path("n"), mid=2), 99))
        code, inner = self.ask(message(GET, path("n"), mid=3), 200)
        self.assertEqual(("2.05", b"0"), (code, inner[-1:]))

    def test_covey_goes_on_after_a_crash(self):
        state = os.path.join(self.folder, "client.state")
        for value in (0, 0, 0):
            got = subprocess.run(
                [COVEY, "get", "--context", self.client, "--state", state,
                 self.server.uri("n")], capture_output=True, timeout=60,
                check=False)
            self.assertEqual((0, f"{value}".encode()),
                             (got.returncode, got.stdout.strip()), got.stderr)
            self.crash()

    def observed(self, number, count):
        """The Partial IVs of so many notifications, after a registration and
        as many POSTs under the numbers that follow."""
        seen = []
        with self.server.client() as observer:
            observer.send(self.protect(
                message(GET, [(OBSERVE, b"")] + path("n"), mid=number & 0xffff),
                number))
            observer.recv(4096)
            for more in range(number + 1, number + 1 + count):
                self.assertEqual("2.04", code_of(self.server.ask(self.protect(
                    message(POST, path("n"), mid=more & 0xffff),
                    more)))[1])
                seen.append(partial_iv(observer.recv(4096)))
        return seen

    def test_no_number_is_used_twice_across_a_crash(self):
        seen = []
        for number in (0, 1000000, 2000000):
            seen += self.observed(number, 5)
            self.crash()
        self.assertNotIn(None, seen)
        self.assertEqual(15, len(set(seen)), seen)

    def test_orderly_stop_gives_numbers_back(self):
        seen = self.observed(0, 2)
        self.assertEqual(0, self.server.stop()[0])
        self.server = kit.Server(PROGRAM, self.config, self.folder)
        self.assertEqual(seen[-1] + 1, self.observed(3, 1)[0])

    def refused(self, config):
        """What a second server says."""
        name = os.path.join(self.folder, "second.yaml")
        with open(name, "w", encoding="utf-8") as file:
            file.write(kit.LISTEN + config)
        got = subprocess.run([PROGRAM, "--config", name], text=True,
                             capture_output=True, check=False, timeout=60)
        self.assertEqual(4, got.returncode)
        return got.stderr

    def test_context_has_one_owner(self):
        self.assertIn("in use by another process", self.refused(self.config))
        self.assertEqual("2.05", self.ask(message(GET, path("n")), 0)[0])

    def test_context_is_not_configured_twice(self):
        self.write("again.yaml",
                   SECRET + "sender_id: 01\nrecipient_id: 03\n")
        said = self.refused(CONFIG.replace("STORE", "other.db").replace(
            "- {file: context.yaml}",
            "- {file: context.yaml}\n- {file: again.yaml}"))
        self.assertIn("in use by this process already", said)


if __name__ == "__main__":
    unittest.main()
