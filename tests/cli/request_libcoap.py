# SPDX-License-Identifier: BSD-2-Clause
"""covey get and its kin against libcoap's server, over IPv4 and IPv6."""
import json
import os
import subprocess
import tempfile
import time
import unittest

import lossy_relay
import request_kit as kit


class Server:
    HOST = ""
    SCHEME = "coap"

    @classmethod
    def setUpClass(cls):
        cls.server = kit.Libcoap(cls.HOST, "-d", "50", scheme=cls.SCHEME)
        cls.addClassCleanup(cls.server.end)

    def run_at(self, verb, path, *args, **more):
        return kit.run(verb, self.server.uri + path, *args, **more)

    def test_get(self):
        status, out, err = self.run_at("get", "/")
        self.assertEqual((0, ""), (status, err))
        self.assertIn(b"libcoap", out)

    def test_get_non_confirmable(self):
        status, out, err = self.run_at("get", "/", "--non")
        self.assertEqual((0, ""), (status, err))
        self.assertIn(b"libcoap", out)

    def test_resource_from_its_making_to_its_end(self):
        path = "/made-here"
        self.assertEqual((0, b"", "2.01 Created\n"),
                         self.run_at("put", path, "one"))
        self.assertEqual((0, b"one", ""), self.run_at("get", path))
        self.assertEqual((0, b"", "2.04 Changed\n"),
                         self.run_at("put", path, "-", stdin=b"two\0"))
        self.assertEqual((0, b"two\0", ""), self.run_at("get", path))
        self.assertEqual((0, b"", "2.02 Deleted\n"),
                         self.run_at("delete", path))
        status, out, err = self.run_at("get", path)
        self.assertEqual((1, b""), (status, out))
        self.assertIn("4.04 Not Found", err)

    def test_post_tells_where_it_was_made(self):
        status, _, err = self.run_at("post", "/posted", "body")
        self.assertEqual((0, "2.01 Created /posted\n"), (status, err))

    def test_separate_response(self):
        began = time.monotonic()
        status, out, _ = self.run_at("get", "/async?1")
        self.assertEqual((0, b"done"), (status, out))
        self.assertGreater(time.monotonic() - began, 0.9)

    def test_observe(self):
        status, out, err = self.run_at("observe", "/time", "--count", "3")
        self.assertEqual((0, ""), (status, err))
        self.assertEqual(3, len(out.splitlines()))
        # two that a busy server is late with may tell the same second
        self.assertLess(1, len(set(out.splitlines())))

    def test_observe_for_some_time(self):
        began = time.monotonic()
        status, out, _ = self.run_at("observe", "/time", "--for", "2.5")
        self.assertLess(2.4, time.monotonic() - began)
        self.assertEqual(0, status)
        self.assertIn(len(out.splitlines()), (1, 2, 3, 4))

    def test_observe_what_cannot_be(self):
        status, out, err = self.run_at("observe", "/")
        self.assertEqual(0, status)
        self.assertIn(b"libcoap", out)
        self.assertIn("not observable", err)

    def test_a_mebibyte_there_and_back(self):
        body = os.urandom(1 << 20)
        with tempfile.NamedTemporaryFile() as file:
            file.write(body)
            file.flush()
            status, _, err = self.run_at("put", "/large", "@" + file.name)
        self.assertEqual((0, "2.01 Created\n"), (status, err))
        status, out, err = self.run_at("get", "/large")
        self.assertEqual((0, ""), (status, err))
        self.assertEqual(body, out)

    def test_one_block_by_hand(self):
        self.assertEqual(0, self.run_at("put", "/by-hand", "x" * 100)[0])
        status, out, _ = self.run_at("get", "/by-hand", "-O", "Block2=1/0/1")
        self.assertEqual((0, b"x" * 32), (status, out))

    def test_unknown_critical_option(self):
        status, _, err = self.run_at("get", "/", "-O", "9999=00")
        self.assertEqual(1, status)
        self.assertIn("4.02 Bad Option", err)

    def test_large_options(self):
        query = "&".join(letter * 250 for letter in "abcd")
        status, out, _ = self.run_at("get", "/?" + query)
        self.assertEqual(0, status)
        self.assertIn(b"libcoap", out)

    def test_ping(self):
        status, out, _ = self.run_at("ping", "")
        self.assertEqual(0, status)
        self.assertRegex(out.decode(), r"answers, \d+ ms\n$")

    def test_discover(self):
        status, out, _ = self.run_at("discover", "")
        self.assertEqual(0, status)
        self.assertIn('/time if="clock" rt="ticks"', out.decode())

    def test_discover_with_a_filter_as_json(self):
        status, out, _ = self.run_at("discover", "/.well-known/core?rt=ticks",
                                     "--json")
        self.assertEqual(0, status)
        links = json.loads(out)["links"]
        self.assertEqual(["/time"], [link["target"] for link in links])
        self.assertIn('rt="ticks"', links[0]["attributes"])


class Datagrams(Server):
    SHOWN = ""

    def test_observe_with_loss(self):
        """The registration is lost once and so is each Confirmable
        notification, of the others every second one."""
        relay = lossy_relay.Relay(self, self.server.port, lossy_relay.Half(),
                                  self.HOST)
        status, out, err = kit.run(
            "observe", "--count", "3",
            f"coap://{self.SHOWN}:{relay.port}/time", timeout=60)
        self.assertEqual((0, ""), (status, err))
        seen = out.splitlines()
        self.assertEqual(3, len(seen))
        self.assertLess(1, len(set(seen)))
        self.assertEqual(sorted(seen), seen)
        self.assertGreater(len(relay.lost), 1)


class OverIPv4(Datagrams, unittest.TestCase):
    HOST = SHOWN = "127.0.0.1"

    def test_progress_is_shown_on_a_terminal(self):
        """Elsewhere standard error stays empty, see above."""
        self.assertEqual(0, self.run_at("put", "/shown", "x" * 3000)[0])
        mine, theirs = os.openpty()
        self.addCleanup(os.close, mine)
        got = subprocess.run([kit.COVEY, "get", self.server.uri + "/shown"],
                             stdout=subprocess.PIPE, stderr=theirs,
                             check=True, timeout=30)
        os.close(theirs)
        self.assertEqual(b"x" * 3000, got.stdout)
        self.assertRegex(os.read(mine, 4096),
                         rb"^\r\[#*\.*\] +\d+ % of 3000 bytes\r")

    def test_host_of_a_name(self):
        uri = f"coap://localhost:{self.server.port}/"
        status, out, _ = kit.run("get", uri)
        self.assertEqual(0, status)
        self.assertIn(b"libcoap", out)


class OverIPv6(Datagrams, unittest.TestCase):
    HOST, SHOWN = "::1", "[::1]"


if __name__ == "__main__":
    if kit.Libcoap.PROGRAM is None:
        raise SystemExit("coap-server-notls is missing (libcoap3-bin)")
    unittest.main()
