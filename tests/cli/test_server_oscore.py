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
CONFIG = """contexts:
- {file: context.yaml, state: state}
resources:
- {path: /open, type: static, value: hello}
- {path: /n, type: counter, policy: oscore}
- {path: /role, type: static, value: x, policy: oscore, roles: requester}
- {path: /large, type: large, size: 3000, policy: oscore}
"""
GET, POST = 1, 2


class Oscore(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.write("context.yaml",
                   SECRET + "sender_id: 01\nrecipient_id: 02\n")
        self.client = self.write("client.yaml", SECRET +
                                 "sender_id: 02\nrecipient_id: 01\n")
        self.server = kit.Server(PROGRAM, CONFIG, self.folder)
        self.addCleanup(lambda: self.server.stop(signal.SIGKILL))

    def write(self, name, text):
        whole = os.path.join(self.folder, name)
        with open(os.open(whole, os.O_CREAT | os.O_WRONLY, 0o600), "w",
                  encoding="utf-8") as file:
            file.write(text)
        return whole

    def covey(self, verb, *args):
        got = subprocess.run([COVEY, "oscore", verb, *args], text=True,
                             capture_output=True, check=True, timeout=20)
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

    def test_nothing_is_accepted_twice_across_a_crash(self):
        seen = [self.protect(message(POST, path("n"), mid=mid), mid)
                for mid in range(70)]
        for request in seen:
            self.assertEqual(("ACK", "2.04"),
                             code_of(self.server.ask(request)))
        self.server.stop(signal.SIGKILL)
        self.server = kit.Server(PROGRAM, CONFIG, self.folder)
        for request in seen:
            self.assertEqual(("ACK", "4.01"),
                             code_of(self.server.ask(request)))
        code, inner = self.ask(message(GET, path("n")), 1000)
        self.assertEqual(("2.05", b"0"), (code, inner[-1:]))

    def test_state_file_has_one_owner(self):
        config = os.path.join(self.folder, "second.yaml")
        with open(config, "w", encoding="utf-8") as file:
            file.write(kit.LISTEN + CONFIG)
        with subprocess.Popen([PROGRAM, "--config", config],
                              stderr=subprocess.PIPE) as second:
            # it waits for the first one to end
            with self.assertRaises(subprocess.TimeoutExpired):
                second.wait(1)
            second.kill()


if __name__ == "__main__":
    unittest.main()
