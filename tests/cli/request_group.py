# SPDX-License-Identifier: BSD-2-Clause
"""covey get to multicast groups of libcoap servers, each in a network
namespace of its own behind one bridge: IPv4 and IPv6. Needs neither root nor
a network: everything is in namespaces of this process."""
import json
import os
import shutil
import subprocess
import sys
import time
import unittest

import request_kit as kit

HERE = "COVEY_GROUP_TEST_INSIDE"
SERVERS = (1, 2, 3)
CLIENT = 254


def ip(*args):
    subprocess.run(["ip", *args], check=True)


def join_bridge(i):
    """Namespace n<i>, 10.77.0.<i> and fd77::<i>."""
    ip("netns", "add", f"n{i}")
    ip("link", "add", "name", f"v{i}", "netns", f"n{i}", "type", "veth",
       "peer", "name", f"p{i}", "netns", "switch")
    ip("-n", "switch", "link", "set", f"p{i}", "master", "bridge0", "up")
    inside = ("-n", f"n{i}")
    ip(*inside, "link", "set", "lo", "up")
    ip(*inside, "addr", "add", f"10.77.0.{i}/24", "dev", f"v{i}")
    ip(*inside, "addr", "add", f"fd77::{i}/64", "dev", f"v{i}", "nodad")
    ip(*inside, "link", "set", f"v{i}", "up")
    ip(*inside, "route", "add", "224.0.0.0/4", "dev", f"v{i}")


def build_network():
    subprocess.run(["mount", "-t", "tmpfs", "none", "/run"], check=True)
    os.mkdir("/run/netns")
    ip("netns", "add", "switch")
    ip("-n", "switch", "link", "add", "name", "bridge0", "type", "bridge",
       "mcast_snooping", "0")
    ip("-n", "switch", "link", "set", "bridge0", "up")
    for i in (*SERVERS, CLIENT):
        join_bridge(i)


def inside(i, *command, **more):
    return subprocess.Popen(["ip", "netns", "exec", f"n{i}", *command],
                            stderr=subprocess.PIPE, **more)


def covey(*args):
    process = inside(CLIENT, kit.COVEY, *args, stdout=subprocess.PIPE)
    out, err = process.communicate(timeout=60)
    return process.returncode, out.decode(), err.decode()


class Groups(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        build_network()
        for i in SERVERS:
            for args in (("-A", "0.0.0.0", "-g", "224.0.1.187"),
                         ("-A", "::", "-p", "5685", "-g", "ff05::fd")):
                server = inside(i, kit.Libcoap.PROGRAM, *args)
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


def main():
    if HERE in os.environ:
        unittest.main()
    for program in ("unshare", "ip", "coap-server-notls"):
        if shutil.which(program) is None:
            raise SystemExit(f"{program} is missing")
    probe = subprocess.run(["unshare", "-Urnm", "true"], check=False)
    if probe.returncode != 0:
        print("SKIPPED: this system allows no user namespaces")
        sys.exit(77)
    os.environ[HERE] = "1"
    os.execvp("unshare", ["unshare", "-Urnm", sys.executable, "-B",
                          *sys.argv])


if __name__ == "__main__":
    main()
