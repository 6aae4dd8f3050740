# SPDX-License-Identifier: BSD-2-Clause
"""covey-server with libcoap's client, over IPv4 and IPv6 loopback."""
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import lossy_relay
import server_kit as kit

PROGRAM = ""
CLIENT = shutil.which("coap-client-notls")
MIB = 1 << 20
CONFIG = """resources:
- {path: /x, type: static, value: hello, rt: greeting, title: A greeting}
- {path: /v, type: value, value: 'off', max: 1048576, observable: true,
   content_format: application/octet-stream,
   methods: [get, put, post, delete]}
- {path: /large, type: large, size: 1048576}
- {path: /time, type: time, observable: true}
- {path: /slow, type: value, value: warm, delay: 700, observable: true}
"""


def pattern(size):
    return b"".join(b"%08d\n" % at for at in range(0, size, 9))[:size]


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
        """Body, without the line end that the client adds, and messages."""
        got = subprocess.run([CLIENT, "-B", "60", *args,
                              self.server.uri(path, family)],
                             capture_output=True, check=True, timeout=120)
        body = got.stdout
        return body[:-1] if body.endswith(b"\n") else body, got.stderr

    def get(self, path="x", *args, family=4):
        return self.client("-m", "get", *args, family=family, path=path)[0]

    def test_get(self):
        for family in (4, 6):
            self.assertEqual(b"hello", self.get(family=family))
            self.assertEqual(b"hello", self.get("x", "-N", family=family))

    def test_separate_response(self):
        for family, kind in ((4, ()), (6, ()), (6, ("-N",))):
            began = time.monotonic()
            said = self.client("-m", "get", "-v", "7", *kind, family=family,
                               path="slow")[0]
            self.assertGreaterEqual(time.monotonic() - began, 0.7)
            self.assertIn(b"\nwarm", said)
            # Each acknowledges what is Confirmable of the other.
            self.assertEqual(0 if kind else 2, said.count(b"t:ACK c:0.00"))

    def test_put_post_delete(self):
        for family in (4, 6):
            for method in ("put", "post"):
                text = f"{method}{family}"
                self.client("-m", method, "-e", text, family=family, path="v")
                self.assertEqual(text.encode(), self.get("v"))
            self.client("-m", "delete", family=family, path="v")
            self.assertEqual((b"", b"4.04\n"),
                             self.client("-m", "get", path="v"))
            self.client("-m", "put", "-e", "back", path="v")
            self.assertEqual(b"back", self.get("v"))

    def test_blocks_both_ways(self):
        for family in (4, 6):
            for size in ("1024", "64"):
                self.assertEqual(pattern(MIB), self.get("large", "-b", size,
                                                        family=family))

    def test_upload_of_a_mebibyte(self):
        body = os.urandom(MIB)
        with tempfile.NamedTemporaryFile() as file:
            file.write(body)
            file.flush()
            for family in (4, 6):
                self.client("-m", "delete", path="v")
                self.client("-m", "put", "-b", "1024", "-f", file.name,
                            family=family, path="v")
                got = subprocess.run(
                    [CLIENT, "-m", "get", "-o", "/dev/stdout",
                     self.server.uri("v", family)],
                    capture_output=True, check=True, timeout=60).stdout
                self.assertEqual(body, got[:MIB])

    def test_upload_that_is_too_large(self):
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"x" * (MIB + 1))
            file.flush()
            said = self.client("-m", "put", "-b", "1024", "-f", file.name,
                               path="v")[1]
        self.assertIn(b"4.13", said)

    def read(self, observer, text):
        """Until this has come, without line ends."""
        got = b""
        while got.replace(b"\n", b"") != text:
            self.assertTrue(select.select([observer.stdout], [], [], 30)[0],
                            got)
            more = os.read(observer.stdout.fileno(), 4096)
            self.assertNotEqual(b"", more, got)
            got += more

    def test_observe(self):
        for family in (4, 6):
            self.put("one")
            with subprocess.Popen([CLIENT, "-s", "60", "-m", "get",
                                   self.server.uri("v", family)],
                                  stdout=subprocess.PIPE) as observer:
                self.addCleanup(observer.kill)
                self.read(observer, b"one")
                for text in ("two", "three"):
                    self.put(text)
                    self.read(observer, text.encode())
                observer.send_signal(signal.SIGINT)
                observer.communicate(timeout=60)

    def put(self, text):
        """Faster than with libcoap."""
        kind, code = kit.code_of(self.server.ask(kit.message(
            3, kit.path("v"), payload=text.encode())))
        self.assertEqual(("ACK", "2.04"), (kind, code))

    def test_observe_with_loss(self):
        """Half of the notifications are lost; the last is Confirmable, so it
        comes nevertheless, and none comes after a newer one."""
        for host, shown, port in zip(("127.0.0.1", "::1"),
                                     ("127.0.0.1", "[::1]"),
                                     self.server.ports):
            with self.subTest(host):
                relay = lossy_relay.Relay(self, port, lossy_relay.Half(), host)
                self.observe_through(relay, f"coap://{shown}:{relay.port}/v")

    def observe_through(self, relay, uri):
        def sent(kind, to_server):
            return [d for d in relay.sent(to_server)
                    if lossy_relay.kind_of(d) == kind]
        self.put("000")
        with subprocess.Popen([CLIENT, "-s", "60", "-m", "get", uri],
                              stdout=subprocess.PIPE) as observer:
            # After a challenge with Echo.
            self.wait_for(lambda: any(kit.option(d, 6) is not None
                                      for d in relay.sent(False)))
            last = 0
            while not sent(kit.CON, False):
                last += 1
                self.put(f"{last:03}")
                time.sleep(0.01)
                self.assertLess(last, 40)
            got = b""
            while not got.replace(b"\n", b"").endswith(b"%03d" % last):
                self.assertTrue(select.select([observer.stdout], [], [], 60)[0],
                                got)
                more = os.read(observer.stdout.fileno(), 4096)
                self.assertNotEqual(b"", more, got)
                got += more
            self.wait_for(lambda: sent(kit.ACK, True))
            observer.send_signal(signal.SIGINT)
            got += observer.communicate(timeout=60)[0]
        got = got.replace(b"\n", b"")
        seen = [int(got[at:at + 3]) for at in range(0, len(got), 3)]
        self.assertEqual(sorted(set(seen)), seen)
        self.assertEqual((0, last), (seen[0], seen[-1]))
        self.assertGreater(len(relay.lost), last // 2)
        self.assertGreater(len(seen), last // 3)

    def wait_for(self, condition):
        for _ in range(200):
            if condition():
                return
            time.sleep(0.1)
        self.fail("nothing has come")

    def test_clock_tells_by_itself(self):
        got = subprocess.run([CLIENT, "-s", "5", "-m", "get",
                              self.server.uri("time")],
                             capture_output=True, check=True,
                             timeout=60).stdout
        self.assertGreaterEqual(got.count(b"Z"), 3)

    def test_links(self):
        links = self.get(".well-known/core")
        self.assertIn(b'</x>;rt="greeting";title="A greeting"', links)
        self.assertIn(b"</v>;obs;ct=42", links)
        self.assertEqual(b"</large>;sz=1048576;ct=42",
                         self.get(".well-known/core?href=/l*"))

    def test_large_options(self):
        query = "&".join(letter * 250 for letter in "abcd")
        for family in (4, 6):
            self.assertEqual(b"hello", self.get("x?" + query, family=family))

    def test_critical_options(self):
        said = self.client("-m", "get", "-O", "9999,x")[1]
        self.assertEqual(b"4.02\n", said)
        self.assertEqual(b"hello", self.get("x", "-O", "9998,x"))

    def test_accept(self):
        said = self.client("-m", "get", "-A", "60")[1]
        self.assertEqual(b"4.06\n", said)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
