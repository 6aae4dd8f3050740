# SPDX-License-Identifier: BSD-2-Clause
"""covey get to multicast groups of libcoap servers, each in a network
namespace of its own behind one bridge: IPv4 and IPv6."""
import json
import time
import unittest

import namespace_kit as net
import request_kit as kit

SERVERS = (1, 2, 3)
CLIENT = 254


def covey(*args):
    process = net.inside(CLIENT, kit.COVEY, *args, stdout=net.subprocess.PIPE)
    out, err = process.communicate(timeout=60)
    return process.returncode, out.decode(), err.decode()


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
        time.sleep(2)  # until addresses and memberships are settled

    def test_ipv4_lists_every_server(self):
        status, out, err = covey("get", "coap://224.0.1.187/time")
        self.assertEqual((0, ""), (status, err))
        lines = out.splitlines()
        self.assertEqual({f"10.77.0.{i}:5683" for i in SERVERS},
                         {line.split()[0] for line in lines})
        self.assertEqual(len(SERVERS), len(lines))
        for line in lines:
            self.assertRegex(line, r" +\d+ ms  2\.05 Content  \".*\"$")
            self.assertLess(int(line.split()[1]), 6000)

    def test_ipv6_as_json(self):
        status, out, _ = covey("get", "--json", "--interface", f"v{CLIENT}",
                               "coap://[ff05::fd]:5685/time")
        self.assertEqual(0, status)
        self.assertEqual({f"[fd77::{i}]:5685" for i in SERVERS},
                         {json.loads(line)["origin"]
                          for line in out.splitlines()})

    def test_discover(self):
        status, out, _ = covey("discover",
                               "coap://224.0.1.187/.well-known/core?rt=ticks")
        self.assertEqual(0, status)
        self.assertEqual(len(SERVERS), out.count("    /time "))

    def test_collected_as_long_as_asked(self):
        began = time.monotonic()
        covey("get", "--collect", "0.5", "coap://224.0.1.187/time")
        self.assertLess(time.monotonic() - began, 3)

    def test_errors_are_not_answered(self):
        """RFC 7252 Section 8.2."""
        status, out, err = covey("get", "coap://224.0.1.187/nothing-here")
        self.assertEqual((4, ""), (status, out))
        self.assertIn("no answer", err)

    def test_network_without_a_way(self):
        status, _, err = covey("get", "coap://192.0.2.1/")
        self.assertEqual(4, status)
        self.assertIn("192.0.2.1:5683: ", err)

    def test_neighbour_that_is_not_there(self):
        status, _, err = covey("get", "coap://10.77.0.99/")
        self.assertEqual(4, status)
        self.assertIn("10.77.0.99:5683", err)


if __name__ == "__main__":
    net.enter("coap-server-notls")
    unittest.main()
