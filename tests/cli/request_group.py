# SPDX-License-Identifier: BSD-2-Clause
"""covey get to multicast groups of libcoap servers, each in a network
namespace of its own behind one bridge: IPv4 and IPv6."""
import json
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

import namespace_kit as net
import request_kit as kit

SERVERS = range(1, 21)
CLIENT = 254


# Most of them are collected for more than five seconds: all at once.
COMMANDS = {
    "ipv4": ("get", "coap://224.0.1.187/time"),
    "ipv6": ("get", "--json", "--interface", f"v{CLIENT}",
             "coap://[ff05::fd]:5685/time"),
    "discover": ("discover",
                 "coap://224.0.1.187/.well-known/core?rt=ticks"),
    "errors": ("get", "coap://224.0.1.187/nothing-here"),
    "no way": ("get", "coap://192.0.2.1/"),
    "no neighbour": ("get", "coap://10.77.0.99/"),
}


def covey(*args):
    process = net.inside(CLIENT, kit.COVEY, *args, stdout=net.subprocess.PIPE)
    out, err = process.communicate(timeout=60)
    return process.returncode, out.decode(), err.decode()


def await_answer(uri):
    for _ in range(50):
        if covey("get", "--timeout", "2", uri)[0] == 0:
            return
        time.sleep(0.05)
    raise AssertionError(f"{uri} does not answer")


class Groups(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        net.build_network((*SERVERS, CLIENT))
        for i in SERVERS:
            for args in (("-A", "0.0.0.0", "-g", "224.0.1.187"),
                         ("-A", "::", "-p", "5685", "-g", "ff05::fd")):
                server = net.inside(i, kit.Libcoap.PROGRAM, *args)
                cls.addClassCleanup(server.stderr.close)
                cls.addClassCleanup(server.wait)
                cls.addClassCleanup(server.terminate)
        for i in SERVERS:  # they are members before they answer
            await_answer(f"coap://10.77.0.{i}/")
            await_answer(f"coap://[fd77::{i}]:5685/")
        with ThreadPoolExecutor(len(COMMANDS)) as pool:
            asked = {name: pool.submit(covey, *args)
                     for name, args in COMMANDS.items()}
        cls.said = {name: one.result() for name, one in asked.items()}

    def test_ipv4_lists_every_server(self):
        status, out, err = self.said["ipv4"]
        self.assertEqual((0, ""), (status, err))
        lines = out.splitlines()
        self.assertEqual({f"10.77.0.{i}:5683" for i in SERVERS},
                         {line.split()[0] for line in lines})
        self.assertEqual(len(SERVERS), len(lines))
        for line in lines:
            self.assertRegex(line, r" +\d+ ms  2\.05 Content  \".*\"$")
            self.assertLess(int(line.split()[1]), 60000)

    def test_ipv6_as_json(self):
        status, out, _ = self.said["ipv6"]
        self.assertEqual(0, status)
        self.assertEqual({f"[fd77::{i}]:5685" for i in SERVERS},
                         {json.loads(line)["origin"]
                          for line in out.splitlines()})

    def test_discover(self):
        status, out, _ = self.said["discover"]
        self.assertEqual(0, status)
        self.assertEqual(len(SERVERS), out.count("    /time "))

    def test_collected_as_long_as_asked(self):
        for _ in range(5):  # a busy machine may be late, but not always
            began = time.monotonic()
            covey("get", "--collect", "0.5", "coap://224.0.1.187/time")
            took = time.monotonic() - began
            if took < 3:  # by itself it collects for more than five seconds
                return
        self.fail(f"{took} s")

    def test_errors_are_not_answered(self):
        """RFC 7252 Section 8.2."""
        status, out, err = self.said["errors"]
        self.assertEqual((4, ""), (status, out))
        self.assertIn("no answer", err)

    def test_network_without_a_way(self):
        status, _, err = self.said["no way"]
        self.assertEqual(4, status)
        self.assertIn("192.0.2.1:5683: ", err)

    def test_neighbour_that_is_not_there(self):
        status, _, err = self.said["no neighbour"]
        self.assertEqual(4, status)
        self.assertIn("10.77.0.99:5683", err)


if __name__ == "__main__":
    net.enter("coap-server-notls")
    unittest.main()
