# SPDX-License-Identifier: BSD-2-Clause
"""covey get and covey-server with OSCORE, and between them a proxy that cuts
their messages into blocks of its own (RFC 8613 Section 4.1.3.4.2)."""
import os
import signal
import tempfile
import unittest

import request_kit as kit
import server_kit
from cutting_proxy import CuttingProxy

PROGRAM = os.environ["COVEY_SERVER"]
SECRET = "type: oscore\nmaster_secret: 0102030405060708090a0b0c0d0e0f10\n"
CONFIG = """store: state.db
contexts:
- {file: 1.yaml}
- {file: 2.yaml}
resources:
- {path: /t, type: time, policy: oscore, observable: true}
- {path: /large, type: large, size: 3000, policy: oscore}
- {path: /body, type: value, value: x, max: 4000, policy: oscore}
"""


class Cut(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        for n in "12":
            self.write(f"{n}.yaml", SECRET +
                       f"sender_id: 0{n}\nrecipient_id: 1{n}\n")
            self.write(f"client{n}.yaml", SECRET +
                       f"sender_id: 1{n}\nrecipient_id: 0{n}\n")

    def write(self, name, text):
        return server_kit.write(self.folder, name, text)

    def serve(self, szx, more="", spoil=None):
        server = server_kit.Server(PROGRAM, CONFIG + more, self.folder)
        self.addCleanup(lambda: server.stop(signal.SIGKILL))
        return CuttingProxy(self, server.ports[0], szx, spoil)

    def args(self, verb, uri, *more, who=1):
        return (verb, "--context",
                os.path.join(self.folder, f"client{who}.yaml"), "--state",
                os.path.join(self.folder, f"state{who}"), uri, *more)

    def ask(self, verb, uri, *more):
        return kit.run(*self.args(verb, uri, *more))

    def body(self):
        return self.write("body", "".join(f"{i:08}" for i in range(400)))

    def test_there_and_back(self):
        proxy = self.serve(2)
        body = self.body()
        self.assertEqual((0, b"", "2.04 Changed\n"),
                         self.ask("put", proxy.uri("body"), "@" + body))
        self.assertGreater(proxy.up, 3200 // 64)
        down = proxy.down
        with open(body, "rb") as file:
            self.assertEqual((0, file.read(), ""),
                             self.ask("get", proxy.uri("body")))
        self.assertGreater(proxy.down - down, 3200 // 64)

    def test_non_confirmable(self):
        proxy = self.serve(4)
        status, out, err = self.ask("get", proxy.uri("large"), "--non")
        self.assertEqual((0, 3000, ""), (status, len(out), err))

    def test_an_observation_is_kept(self):
        proxy = self.serve(0)
        status, out, err = self.ask("observe", proxy.uri("t"), "--count", "2")
        self.assertEqual(0, status, err)
        self.assertEqual(2, len(out.split()), out)
        self.assertGreaterEqual(proxy.down, 4)

    def test_two_clients_at_once(self):
        proxy = self.serve(1)
        both = [kit.start(*self.args("get", proxy.uri("large"), who=who))
                for who in (1, 2)]
        for client in both:
            out, err = client.communicate(timeout=60)
            self.assertEqual((0, 3000), (client.returncode, len(out)), err)

    def test_longer_than_the_server_takes(self):
        proxy = self.serve(2, "unfragmented: 256\n")
        status, _, err = self.ask("put", proxy.uri("body"),
                                  "@" + self.body())
        self.assertEqual(1, status)
        self.assertIn("4.13", err)
        status, out, _ = self.ask("get", proxy.uri("large"))
        self.assertEqual((0, 3000), (status, len(out)))

    def test_nothing_is_put_together(self):
        proxy = self.serve(2, "unfragmented: 0\n")
        status, _, err = self.ask("put", proxy.uri("body"),
                                  "@" + self.body())
        self.assertEqual(1, status)
        self.assertIn("not protected", err)

    def test_what_is_changed_does_not_open(self):
        proxy = self.serve(2, spoil=lambda part: b"\x00" * len(part))
        status, out, err = self.ask("get", proxy.uri("large"))
        self.assertEqual((1, b""), (status, out))
        self.assertIn("do not make a message", err)


if __name__ == "__main__":
    unittest.main()
