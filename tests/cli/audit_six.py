#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A whole audit over IPv6, and hosts of IPv6 that are shut out. Packets are
counted on the wire at every host."""
import subprocess
import unittest

from audit_kit import DONE, FINDINGS, REFUSED, run
from audit_lab import Lab, Sniffer, set_up_namespaces

AUDITOR, TARGET, OTHER = "fd77::1", "fd77::2", "fd77::3"
UDP, TCP, ICMPV6 = 17, 6, 58
# what asks for the address of OTHER
SOLICITED = "ff02::1:ff00:3"


class Six(Lab):
    def setUp(self):
        super().setUp()
        self.sniffer.stop()
        self.sniffer = Sniffer(AUDITOR)
        self.write("owners.yaml", {"owners": [
            {"key": self.keys["owner"], "prefixes": ["fd77::/64"]}]})

    def mandate(self):
        m = super().mandate()
        m["auditor"]["source"] = [AUDITOR]
        m["scope"] = [{"clause": "S1", "net": "fd77::2/127"}]
        m["exclude"] = [{"net": OTHER}]
        m["techniques"] = ["protocols", "ports.tcp", "ports.udp",
                           "services.coap", "services.tls"]
        m["limits"]["packets_per_target"] = 200
        return m

    def nobody_else(self):
        """Not even asked for its address."""
        self.assertEqual([p for p in self.sniffer.anywhere()
                          if p[2] in (OTHER, SOLICITED)], [])
        self.assertEqual([p for p in self.sniffer.sent(at="p3")], [])

    def test_all_stages(self):
        self.libcoap("-A", TARGET, client="[fd77::2]")
        subprocess.run(["ip", "netns", "exec", "n1", "sysctl", "-qw",
                        "net.ipv4.ping_group_range=0 0"], check=True)
        self.assertEqual(self.run_audit("--ports", "5682-5683",
                                        self.signed()), REFUSED,
                         self.lines()[-6:])
        self.assertEqual({p[2] for p in self.sniffer.sent()}, {TARGET})
        self.assertEqual({p[3] for p in self.sniffer.sent()},
                         {UDP, TCP, ICMPV6})
        self.assertEqual(len(self.sniffer.sent()),
                         self.lines()[-1]["packets"])
        states = {r.get("state") for r in self.lines()
                  if r["kind"] == "result"}
        self.assertEqual(states - {None}, {"answers", "closed", "open"})
        self.assertIn("CO-01.open", self.findings())
        self.assertEqual({r["verdict"] for r in self.lines()
                          if r["kind"] == "refused"}, {"EXCLUDED"})
        self.nobody_else()
        done = run("verify", self.evidence)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_what_is_shut_out(self):
        for change in (
                {"exclude": [{"net": "fd77::/64"}]},
                {"scope": [{"clause": "S1", "net": TARGET, "proto": "udp",
                            "ports": "5683"}],
                 "exclude": [{"net": TARGET, "ports": "5683"}]}):
            with self.subTest(change=change):
                subprocess.run(["rm", "-rf", self.evidence], check=True)
                self.assertEqual(self.run_audit(self.signed(
                    lambda m, c=change: m.update(c))), REFUSED)
                self.assertEqual(self.sniffer.sent(), [])
                self.nobody_else()

    def test_a_network_of_somebody_else(self):
        self.assertEqual(self.run_audit(self.signed(
            lambda m: m["scope"][0].update(net="fd78::2"))), REFUSED)
        self.assertEqual(self.sniffer.anywhere(), [])

    def test_a_host_of_the_other_family(self):
        """A source of IPv6 alone reaches nothing of IPv4."""
        self.write("owners.yaml", {"owners": [
            {"key": self.keys["owner"],
             "prefixes": ["fd77::/64", "10.77.0.0/24"]}]})
        self.assertEqual(self.run_audit("--stage", "services.coap", self.signed(
            lambda m: m.update(scope=[{"clause": "S1", "net": "10.77.0.2"}],
                               exclude=[]))), DONE)
        self.assertIn("no source address of this family",
                      {x.get("why") for x in self.lines()})
        self.assertEqual([p for p in self.sniffer.packets
                          if p[1] == "10.77.0.1"], [])


if __name__ == "__main__":
    set_up_namespaces()
    assert FINDINGS
    unittest.main()
