# SPDX-License-Identifier: BSD-2-Clause
"""covey get under OSCORE over TCP and inside DTLS, against covey-server: the
same context whatever carries it, and no number used twice."""
import os
import signal
import tempfile
import unittest

import request_kit as kit
import server_kit

PROGRAM = os.environ["COVEY_SERVER"]
SECRET = "type: oscore\nmaster_secret: 0102030405060708090a0b0c0d0e0f10\n"
CONFIG = """tcp: ['127.0.0.1:0', '[::1]:0']
dtls: [{address: '127.0.0.1:0', keys: [{identity: me, file: psk}]}]
store: state.db
duplicates: 1000
contexts: [{file: context.yaml}]
resources:
- {path: /v, type: value, value: 'off', max: 100000, policy: oscore}
- {path: /large, type: large, size: 100000, policy: oscore}
- {path: /n, type: counter, period: 1, observable: true, policy: oscore}
"""


class Secure(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.write("context.yaml",
                   SECRET + "sender_id: 01\nrecipient_id: 02\n")
        client = self.write("client.yaml",
                            SECRET + "sender_id: 02\nrecipient_id: 01\n")
        self.key = ["--psk-identity", "me", "--psk-file",
                    self.write("psk", "a key of both")]
        self.secure = ["--context", client, "--state",
                       os.path.join(self.folder, "state")]
        self.server = server_kit.Server(PROGRAM, CONFIG, self.folder)
        self.addCleanup(lambda: self.server.stop(signal.SIGKILL))
        ports = self.server.ports
        self.ways = {
            "UDP": [f"coap://127.0.0.1:{ports[0]}/"],
            "TCP": [f"coap+tcp://127.0.0.1:{ports[2]}/"],
            "TCP on IPv6": [f"coap+tcp://[::1]:{ports[3]}/"],
            "DTLS": [f"coaps://127.0.0.1:{ports[4]}/", *self.key],
        }

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w",
                  encoding="utf-8") as file:
            file.write(text)
        return path

    def ask(self, way, verb, path, *args, secure=True):
        uri, *more = self.ways[way]
        return kit.run(verb, *more, *(self.secure if secure else []),
                       uri + path, *args)

    def test_one_way_after_the_other(self):
        for i, way in enumerate(self.ways):
            with self.subTest(way):
                value = f"{i}"
                self.assertEqual(0, self.ask(way, "put", "v", value)[0])
                for other in self.ways:
                    self.assertEqual((0, value.encode(), ""),
                                     self.ask(other, "get", "v"))

    def test_blocks_both_ways(self):
        body = os.urandom(50000)
        path = os.path.join(self.folder, "body")
        with open(path, "wb") as file:
            file.write(body)
        for way in ("TCP", "DTLS"):
            with self.subTest(way):
                self.assertEqual(0, self.ask(way, "put", "v", "@" + path)[0])
                self.assertEqual((0, body, ""), self.ask(way, "get", "v"))
                status, out, _ = self.ask(way, "get", "large")
                self.assertEqual((0, 100000), (status, len(out)))

    def test_observes(self):
        for way in ("TCP", "DTLS"):
            with self.subTest(way):
                status, out, _ = self.ask(way, "observe", "n", "--count", "2")
                self.assertEqual((0, 2), (status, len(out.splitlines())))

    def test_a_connection_or_a_session_is_no_context(self):
        for way in self.ways:
            with self.subTest(way):
                status, out, err = self.ask(way, "get", "v", secure=False)
                self.assertEqual((1, b""), (status, out))
                self.assertIn("4.01", err)

    def test_goes_on_after_a_crash(self):
        self.assertEqual(0, self.ask("TCP", "put", "v", "1")[0])
        self.server.stop(signal.SIGKILL)
        self.server = server_kit.Server(PROGRAM, CONFIG, self.folder)
        self.ways["TCP"] = [f"coap+tcp://127.0.0.1:{self.server.ports[2]}/"]
        self.assertEqual((0, b"off", ""), self.ask("TCP", "get", "v"))


if __name__ == "__main__":
    unittest.main()
