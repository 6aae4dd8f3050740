# SPDX-License-Identifier: BSD-2-Clause
"""Twenty covey-servers, each on a host of its own, asked at once: over IPv4,
IPv6 and a thin link, by covey get and by libcoap."""
import json
import os
import re
import sys
import tempfile
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

import namespace_kit as net

PROGRAM, COVEY, RULES = sys.argv[1:4]
LIBCOAP = "coap-client-notls"
SERVERS = range(1, 21)
CLIENT = 254
LEISURE = 5000  # ms, RFC 7252 Section 4.8
CONFIG = """listen: [0.0.0.0, '::']
schc:
- {{address: '0.0.0.0:5690', rules: '{rules}'}}
groups:
- address: 224.0.1.187
- address: 224.0.1.187:5690
- {{address: 'ff05::fd', interface: v{i}}}
duplicates: 256
resources:
- {{path: /temperature, type: static, value: n{i}, etag: false}}
- {{path: /large, type: large, size: 3000}}
"""


def covey(*args):
    return net.inside(CLIENT, COVEY, "get", "--interface", f"v{CLIENT}",
                      *args, stdout=net.subprocess.PIPE)


# What is asked at the same time, since each takes until the leisure is over.
ASKED = {
    "ipv4": lambda: covey("--json", "coap://224.0.1.187/temperature"),
    "ipv6": lambda: covey("--json", "coap://[ff05::fd]/temperature"),
    "thin": lambda: covey("--json", "--explain", "--schc", RULES,
                          "coap://224.0.1.187:5690/temperature"),
    "large": lambda: covey("--json", "coap://224.0.1.187/large"),
    "block": lambda: covey("--json", "-O", "Block2=0/0/6",
                           "coap://224.0.1.187/large"),
    "nothing": lambda: covey("--json", "coap://224.0.1.187/nothing-here"),
    "insist": lambda: covey("-O", "No-Response=0",
                            "coap://224.0.1.187/nothing-here"),
    "decline": lambda: covey("-O", "No-Response=2",
                             "coap://224.0.1.187/temperature"),
    "libcoap": lambda: net.inside(
        CLIENT, LIBCOAP, "-N", "-B", "10", "-m", "get",
        "coap://224.0.1.187/temperature", stdout=net.subprocess.PIPE),
}


class Twenty(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        net.build_network((*SERVERS, CLIENT))
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        servers = []
        for i in SERVERS:
            path = os.path.join(folder.name, f"{i}.yaml")
            with open(path, "w", encoding="utf-8") as file:
                file.write(CONFIG.format(i=i, rules=RULES))
            server = net.inside(i, PROGRAM, "--config", path)
            cls.addClassCleanup(server.stderr.close)
            cls.addClassCleanup(server.wait)
            cls.addClassCleanup(server.terminate)
            servers.append(server)
        for server in servers:
            said = iter(server.stderr.readline, b"")
            assert any(b"daemon.ready" in line for line in said)
        cls.reach_all()
        running = {name: start() for name, start in ASKED.items()}
        # Together: whose pipe is full stops to listen.
        with ThreadPoolExecutor(len(running)) as pool:
            cls.got = dict(zip(running, pool.map(cls.end, running.values())))

    @staticmethod
    def end(process):
        return (*process.communicate(timeout=120), process.returncode)

    @classmethod
    def reach_all(cls):
        """Until the bridge forwards to everybody."""
        for host in [f"10.77.0.{i}" for i in SERVERS] + ["[fd77::20]"]:
            for _ in range(60):
                process = covey("--timeout", "2", f"coap://{host}/temperature")
                process.communicate(timeout=120)
                if process.returncode == 0:
                    break
                time.sleep(0.1)
            else:
                raise AssertionError(f"{host} cannot be reached")

    def answers(self, name):
        """{origin: answer} of covey get."""
        out, err, status = self.got[name]
        self.assertEqual(0, status, err)
        rows = [json.loads(line) for line in out.splitlines()]
        rows = [row for row in rows if "origin" in row]
        self.assertEqual(len(SERVERS), len(rows))
        for row in rows:
            self.assertLess(row["delay_ms"], 60000)
        return {row["origin"]: row for row in rows}

    def check_names(self, name, origin):
        """Each server answers from its own address, with its own name."""
        bodies = {where: bytes.fromhex(m["payload"]["hex"]).decode()
                  for where, m in self.answers(name).items()}
        self.assertEqual({origin.format(i): f"n{i}" for i in SERVERS}, bodies)

    def test_ipv4(self):
        """REQ-V-03: each answers from an address of its own."""
        self.check_names("ipv4", "10.77.0.{}:5683")

    def test_ipv6(self):
        self.check_names("ipv6", "[fd77::{}]:5683")

    def test_thin_link(self):
        self.check_names("thin", "10.77.0.{}:5690")
        packets = [json.loads(line)["schc"]["packet"]
                   for line in self.got["thin"][0].splitlines()
                   if b'"schc"' in line]
        self.assertEqual(1 + len(SERVERS), len(packets))

    def test_libcoap(self):
        out, err, status = self.got["libcoap"]
        self.assertEqual(0, status, err)
        names = re.findall(r"n\d+", out.decode())
        self.assertEqual(sorted(f"n{i}" for i in SERVERS), sorted(names))

    def test_nobody_is_made_to_send_much(self):
        """RFC 9175 Section 2.6: short blocks to who was not seen before."""
        for m in self.answers("block").values():
            self.assertLessEqual(len(m["payload"]["hex"]) // 2, 128)

    def test_large_answers_are_whole(self):
        """RFC 7959 Section 2.8: the rest is asked of each server alone."""
        whole = b"".join(b"%08d\n" % at for at in range(0, 3000, 9))[:3000]
        bodies = {where: bytes.fromhex(m["payload"]["hex"])
                  for where, m in self.answers("large").items()}
        self.assertEqual({f"10.77.0.{i}:5683": whole for i in SERVERS},
                         bodies)

    def test_errors_are_not_answered(self):
        """REQ-V-02: RFC 7252 Section 8.2. REQ-V-05: nobody who may be
        anybody gets more answers by No-Response, and everybody fewer."""
        for name in ("nothing", "insist", "decline"):
            out, err, status = self.got[name]
            self.assertEqual((4, b""), (status, out))
            self.assertIn(b"no answer", err)

    def test_delays_are_uniform_within_the_leisure(self):
        """REQ-V-01: Kolmogorov and Smirnov, at a level that chance does not
        reach in a lifetime; and how late the machine may be."""
        delays = sorted(m["delay_ms"] / LEISURE for name in ("ipv4", "ipv6",
                                                             "thin")
                        for m in self.answers(name).values())
        n = len(delays)
        self.assertEqual(3 * len(SERVERS), n)
        apart = max(max((i + 1) / n - x, x - i / n)
                    for i, x in enumerate(delays))
        self.assertLess(apart * n ** 0.5, 2.7, delays)
        self.assertLess(delays[-1], 5)


if __name__ == "__main__":
    net.enter(LIBCOAP)
    unittest.main(argv=sys.argv[:1])
