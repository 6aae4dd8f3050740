#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The stages of an audit before that of services: public information,
protocols, ports, the system. Packets are counted on the wire."""
import os
import subprocess
import sys
import unittest

import namespace_kit
from audit_kit import DONE, REFUSED, USAGE, run
from audit_lab import AUDITOR, Lab, OTHER, TARGET, set_up_namespaces

NO_FENCE = 8
UDP, TCP, ICMP = 17, 6, 1
SERVE = """
import socket, time
def bound(kind, port):
    s = socket.socket(socket.AF_INET, kind)
    s.bind(("{host}", port))
    return s
talks = bound(socket.SOCK_STREAM, 2000)
talks.listen()
u = bound(socket.SOCK_DGRAM, 2001)
print("ready", flush=True)
while True:
    data, peer = u.recvfrom(2000)
    u.sendto(b"yes", peer)
"""


# Hears every SYN before the firewall does, and answers the first one late.
LATE = """
import socket, struct, time
def total(data):
    n = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while n >> 16:
        n = (n & 0xffff) + (n >> 16)
    return ~n & 0xffff
heard = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                      socket.htons(0x0800))
heard.bind(("v2", 0))
says = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP)
print("ready", flush=True)
while True:
    ip = heard.recv(2000)[14:]
    if ip[9] == 6 and ip[33] == 2 and ip[16:20] == bytes([10, 77, 0, 2]):
        break
source, port, seq = struct.unpack("!HHI", ip[20:28])
time.sleep(2.2)
for flags in (0x12, 0x18):
    head = struct.pack("!HHIIBBHHH", port, source, 7, seq + 1, 0x50, flags,
                       9999, 0, 0)
    pseudo = ip[16:20] + ip[12:16] + struct.pack("!HH", 6, len(head))
    head = head[:16] + struct.pack("!H", total(pseudo + head)) + head[18:]
    says.sendto(head, ("10.77.0.1", 0))
print("said", flush=True)
time.sleep(60)
"""


class Stages(Lab):
    def target(self, host=2):
        server = namespace_kit.inside(
            host, sys.executable, "-B", "-c",
            SERVE.format(host=f"10.77.0.{host}"), stdout=subprocess.PIPE)
        self.running.append(server)
        self.assertEqual(server.stdout.readline(), b"ready\n")

    def scope(self, *clauses, techniques, **limits):
        def change(m):
            m["techniques"] = list(techniques)
            m["exclude"] = []
            m["scope"] = [
                {"clause": f"S{i + 1}", "net": net, "proto": proto,
                 **({} if ports is None else {"ports": ports})}
                for i, (net, proto, ports) in enumerate(clauses)]
            m["limits"].update({"packets_per_target": 500, **limits})
        return self.signed(change)

    def states(self):
        """By check and target: its state."""
        about = {r["act"]: r for r in self.lines() if r["kind"] == "intent"}
        return {(r["check"], about[r["act"]]["protocol"],
                 about[r["act"]]["target"]): r["state"]
                for r in self.lines() if r["kind"] == "result"}

    def whole(self, packets=True):
        """The record is, and it says how much there was on the wire."""
        done = run("verify", self.evidence)
        self.assertEqual(done.returncode, DONE, done.stderr)
        if packets:
            self.assertEqual(len(self.sniffer.sent()),
                             self.lines()[-1]["packets"])
        for r in self.lines():
            if r["kind"] == "result":
                intent = next(i for i in self.lines() if i["kind"] == "intent"
                              and i["act"] == r["act"])
                self.assertLessEqual(r["packets"], intent["packets"])


class Ports(Stages):
    def test_tcp(self):
        self.target()
        path = self.scope((TARGET, "tcp", "1999-2000"),
                          techniques=["ports.tcp"])
        self.assertEqual(self.run_audit(path), DONE, self.err)
        self.assertEqual(self.states(), {
            ("PT-01", "tcp", f"{TARGET}:1999"): "closed",
            ("PT-01", "tcp", f"{TARGET}:2000"): "open"})
        # SYN; SYN and reset; a look at the health: SYN and reset
        flags = [p[6] for p in self.sniffer.sent()]
        self.assertEqual([f & 0x17 for f in flags], [2, 2, 20, 2, 20])
        self.whole()
        left = [(r["ports"], r["why"]) for r in self.lines()
                if r["kind"] == "not_tested"]
        self.assertEqual(left, [("1-1998", "out of mandate"),
                                ("2001-65535", "out of mandate")])

    def test_udp(self):
        self.target()
        path = self.scope((TARGET, "udp", "2000-2001"),
                          techniques=["ports.udp"])
        self.assertEqual(self.run_audit(path), DONE, self.err)
        self.assertEqual(self.states(), {
            ("PU-01", "udp", f"{TARGET}:2000"): "closed",
            ("PU-01", "udp", f"{TARGET}:2001"): "open"})
        self.assertEqual({p[3] for p in self.sniffer.sent()}, {UDP})
        self.whole()

    def test_what_a_firewall_does(self):
        self.target()
        for rule in ("tcp dport 3000 drop", "udp dport 3000 drop",
                     "tcp dport 3001 reject",
                     "tcp dport 3002 reject with icmp type host-prohibited",
                     "udp dport 3002 reject with icmp type admin-prohibited",
                     "udp dport 3003 reject with icmp type host-unreachable",
                     "tcp dport 3003 reject with icmp type net-unreachable",
                     "tcp dport 3004 reject with tcp reset"):
            self.filter(rule)
        path = self.scope((TARGET, "any", "3000-3004"), pps=30, techniques=[
            "protocols", "ports.tcp", "ports.udp"])
        self.assertEqual(self.run_audit(path), DONE, self.err)
        found = {(k[1], k[2].split(":")[1]): v
                 for k, v in self.states().items() if k[0] != "PR-01"}
        self.assertEqual(found, {
            ("tcp", "3000"): "filtered", ("tcp", "3001"): "filtered",
            ("tcp", "3002"): "filtered", ("tcp", "3003"): "unreachable",
            ("tcp", "3004"): "closed", ("udp", "3000"): "open|filtered",
            ("udp", "3001"): "closed", ("udp", "3002"): "filtered",
            ("udp", "3003"): "unreachable", ("udp", "3004"): "closed"})
        self.whole()
        self.assertLessEqual(sum(r["packets"] for r in self.lines() if
                                 r["kind"] == "intent" and
                                 r["technique"] == "protocols"), 6)
        times = [p[0] for p in self.sniffer.sent()]
        for first in times:
            inside = [t for t in times if first <= t < first + 1]
            self.assertLessEqual(len(inside), 30)

    def filter(self, rule):
        for command in ("add table inet lab", "add chain inet lab in "
                        "{ type filter hook input priority 0 ; }",
                        f"add rule inet lab in {rule}"):
            subprocess.run(["ip", "netns", "exec", "n2", "nft", command],
                           check=True)
        self.addCleanup(subprocess.run, [
            "ip", "netns", "exec", "n2", "nft", "delete", "table", "inet",
            "lab"], check=False, stderr=subprocess.DEVNULL)

    @unittest.skipUnless(os.environ.get("COVEY_AUDIT_SLEEPS"),
                         "./check --long waits for it")
    def test_what_comes_late_is_met_with_nothing(self):
        """The kernel would send a reset where no socket is any more."""
        self.filter("tcp dport 3000-3001 drop")
        late = namespace_kit.inside(2, sys.executable, "-B", "-c", LATE,
                                    stdout=subprocess.PIPE)
        self.running.append(late)
        self.assertEqual(late.stdout.readline(), b"ready\n")
        self.assertEqual(self.run_audit(self.scope(
            (TARGET, "tcp", "3000-3001"), techniques=["ports.tcp"])), DONE)
        self.assertEqual(late.stdout.readline(), b"said\n")
        self.assertEqual([p[6] for p in self.sniffer.packets
                          if p[1] == TARGET and p[7] == "p1"], [0x12, 0x18])
        self.assertEqual([p[6] & 0x17 for p in self.sniffer.sent()], [2] * 4)
        self.assertEqual(set(self.states().values()), {"filtered"})
        self.whole()

    def test_closed_ports_that_are_answered_once_a_second(self):
        path = self.scope((TARGET, "udp", "3000-3006"),
                          techniques=["ports.udp"])
        self.assertEqual(self.run_audit(path), DONE, self.err)
        self.assertEqual(set(self.states().values()), {"closed"})
        self.whole()

    def test_what_is_shut_out_gets_nothing(self):
        self.target()
        self.target(3)

        def change(m):
            m["techniques"] = ["ports.tcp", "ports.udp"]
            m["scope"] = [{"clause": "S1", "net": "10.77.0.2/31",
                           "ports": "2000-2001"}]
            m["exclude"] = [{"net": OTHER}, {"net": TARGET, "proto": "tcp",
                                             "ports": "2001"}]
        self.assertEqual(self.run_audit(self.signed(change)), REFUSED)
        self.assertEqual({p[2] for p in self.sniffer.sent()}, {TARGET})
        self.assertEqual({r["target"] for r in self.lines()
                          if r["kind"] == "intent"},
                         {f"{TARGET}:2000", f"{TARGET}:2001"})
        self.assertEqual({(r["target"], r["protocol"]) for r in self.lines()
                          if r["kind"] == "refused"},
                         {(f"{OTHER}:1", "tcp"), (f"{OTHER}:1", "udp"),
                          (f"{TARGET}:2001", "tcp")})
        self.assertIn(("2001-2001", "tcp"),
                      [(r["ports"], r["protocol"]) for r in self.lines()
                       if r["kind"] == "not_tested"])
        self.whole()

    def test_ports_that_are_asked_for(self):
        self.target()
        path = self.scope((TARGET, "udp", "2000-2010"),
                          techniques=["ports.udp"])
        self.assertEqual(self.run_audit("--ports", "2001", path), DONE)
        self.assertEqual(list(self.states().values()), ["open"])
        self.assertIn(("2002-2010", "not asked for"),
                      [(r["ports"], r["why"]) for r in self.lines()
                       if r["kind"] == "not_tested"])
        self.tearDown()
        self.setUp()
        self.target()
        self.assertEqual(self.run_audit("--ports", "2001,53", self.scope(
            (TARGET, "udp", "2001"), techniques=["ports.udp"])), REFUSED)
        self.assertEqual([r["target"] for r in self.lines()
                          if r["kind"] == "refused"], [f"{TARGET}:53"])
        self.whole()

    def test_a_right_that_is_not_there(self):
        path = self.scope((TARGET, "udp", "2000-2001"),
                          techniques=["services.coap"])
        self.assertEqual(self.run_audit("--stage", "ports", path), REFUSED)
        self.assertEqual(self.sniffer.sent(), [])
        self.assertEqual({r["verdict"] for r in self.lines()
                          if r["kind"] == "refused"}, {"NO_RIGHT"})

    def test_the_budget_of_a_target(self):
        path = self.scope((TARGET, "tcp", "3000-3020"),
                          techniques=["ports.tcp"], packets_per_target=10)
        self.assertEqual(self.run_audit(path), REFUSED)
        self.assertLessEqual(len(self.sniffer.sent()), 10)
        self.assertIn("the port before was refused",
                      [r.get("why") for r in self.lines()])
        self.whole()

    def test_connections_need_their_rate(self):
        self.target()
        for limits in ({"pps": 2}, {"bytes_s": 239}):
            with self.subTest(limits=limits):
                subprocess.run(["rm", "-rf", self.evidence], check=True)
                self.run_audit(self.scope(
                    (TARGET, "tcp", "2000"), techniques=["ports.tcp"],
                    **limits))
                self.assertEqual(self.sniffer.sent(), [])
                self.assertEqual([r["outcome"]
                                  for r in self.results("PT-01")], ["denied"])


class Before(Stages):
    def pings(self):
        subprocess.run(["ip", "netns", "exec", "n1", "sysctl", "-qw",
                        "net.ipv4.ping_group_range=0 0"], check=True)

    def test_a_protocol_scan(self):
        """Before the other tests, which permit echo requests for good."""
        self.target()
        path = self.scope((TARGET, "any", None), techniques=["protocols"])
        expected = {("PR-01", "icmp", f"{TARGET}:0"): "not available",
                    ("PR-01", "udp", f"{TARGET}:5683"): "answers",
                    ("PR-01", "tcp", f"{TARGET}:65535"): "answers"}
        self.assertEqual(self.run_audit(path), DONE)
        self.assertEqual(self.states(), expected)
        self.assertEqual([p[3] for p in self.sniffer.sent()], [UDP, TCP])
        self.whole()
        self.tearDown()
        self.setUp()
        self.pings()
        self.assertEqual(self.run_audit(path), DONE)
        expected["PR-01", "icmp", f"{TARGET}:0"] = "answers"
        self.assertEqual(self.states(), expected)
        self.assertEqual([p[3] for p in self.sniffer.sent()],
                         [ICMP, UDP, TCP])
        self.whole()

    def test_protocols_within_the_clauses(self):
        self.assertEqual(self.run_audit(self.scope(
            (TARGET, "udp", "3000-3001"), techniques=["protocols"])), DONE)
        self.assertEqual(self.states(), {
            ("PR-01", "udp", f"{TARGET}:3001"): "answers"})
        self.assertEqual([(r["protocol"], r["why"]) for r in self.lines()
                          if r["kind"] == "not_tested"],
                         [("icmp", "out of mandate"),
                          ("tcp", "out of mandate")])
        self.whole()

    def test_the_system_needs_a_fence(self):
        self.assertEqual(self.run_audit(self.scope(
            (TARGET, "any", None), techniques=["os"])), NO_FENCE)
        self.assertEqual(self.sniffer.sent(), [])
        self.assertEqual([(r["check"], r["why"]) for r in self.lines()
                          if r["kind"] == "not_tested"],
                         [("OS-01", "no external scanner behind a fence")])
        self.whole()

    def test_public_information(self):
        folder = self.path("facts")
        folder.mkdir(exist_ok=True)
        (folder / "security.txt").write_text("Contact: mailto:a@b\n")
        (folder / ".hidden").write_text("x")
        path = self.scope((TARGET, "udp", "5683"), techniques=["public"])
        self.assertEqual(self.run_audit("--public", folder, path), DONE,
                         self.err)
        self.assertEqual(self.sniffer.sent(), [])
        result = self.results("PB-01")[0]
        self.assertEqual(len(result["notes"]), 1)
        self.assertTrue(result["notes"][0].startswith("security.txt "))
        self.assertEqual((result["packets"], result["outcome"]), (0, "done"))
        self.whole()
        (self.evidence / "public-security.txt").write_text("other")
        self.assertEqual(run("verify", self.evidence).returncode, 7)

    def test_public_information_needs_its_right(self):
        path = self.scope((TARGET, "udp", "5683"),
                          techniques=["services.coap"])
        self.assertEqual(self.run_audit("--public", self.path("."), path),
                         REFUSED)
        self.assertEqual(self.sniffer.sent(), [])


class Order(Stages):
    def test_stages_come_in_their_order(self):
        self.target()
        self.fake("plain")
        # two clauses, the later one for the earlier stage
        path = self.scope((TARGET, "udp", "5683"), (TARGET, "tcp", "2000"),
                          techniques=["services.coap", "ports.tcp",
                                      "ports.udp", "public"])
        self.run_audit(path)
        stages = [r["stage"] for r in self.lines() if r["kind"] == "intent"]
        self.assertEqual(stages, sorted(stages))  # ports, services
        self.assertEqual(set(stages), {"ports", "services"})
        self.assertEqual([(r["stage"], r["target"]) for r in self.lines()
                          if r["kind"] == "stage"],
                         [("public", "-"), ("ports", f"{TARGET}:0"),
                          ("services", f"{TARGET}:0")])
        self.whole()

    def test_only_some_stages(self):
        self.target()
        path = self.scope((TARGET, "any", "2000-2001"), techniques=[
            "ports.tcp", "ports.udp", "services.coap"])
        self.assertEqual(self.run_audit("--stage", "ports.tcp", path), DONE)
        self.assertEqual({r["technique"] for r in self.lines()
                          if r["kind"] == "intent"}, {"ports.tcp"})
        self.assertEqual(self.lines()[0]["stages"], ["ports"])
        self.whole()

    def test_usage(self):
        for more in (("--stage", "ports.sctp"), ("--stage", "vulnerabilities"),
                     ("--stage", ""), ("--ports", "0"), ("--ports", "5-4"),
                     ("--ports", "1,"), ("--ports", "65536"),
                     ("--ports", "http")):
            with self.subTest(more=more):
                self.assertEqual(self.run_audit(*more, "m"), USAGE)
        self.assertFalse(self.evidence.exists())

    def test_many_ports_of_many_hosts_are_planned_at_once(self):
        path = self.scope(("10.77.0.0/25", "any", None),
                          techniques=["ports.tcp", "ports.udp"],
                          packets_per_target=1000000)
        began = os.times()
        self.assertEqual(self.run_audit("--dry-run", path), DONE, self.err)
        self.assertEqual(self.out.count("ports 1-65535"), 2 * 126)
        ended = os.times()
        self.assertLess(ended.children_user - began.children_user, 2)

    def test_an_amendment_has_edges_of_its_own(self):
        path = self.scope((TARGET, "tcp", "2000-2003"),
                          techniques=["ports.tcp"])
        change = self.amendment()
        change.update(
            amends=self.mandate()["id"], window=self.mandate()["window"],
            techniques=["ports.tcp"],
            limits={**self.mandate()["limits"], "packets_per_target": 500},
            scope=[{"clause": "A1", "net": TARGET, "proto": "tcp",
                    "ports": "2001-2002"}])
        added = self.sign("amendment", change, "owner", "auditor")
        self.assertEqual(self.run_audit(path, added), DONE, self.err)
        self.assertEqual({k[2].split(":")[1] for k in self.states()},
                         {"2001", "2002"})
        self.whole()

    def test_a_dry_run_says_it(self):
        path = self.scope((TARGET, "any", "2000-2001"), techniques=[
            "protocols", "ports.tcp", "ports.udp", "services.coap"])
        self.assertEqual(self.run_audit("--dry-run", path), DONE, self.err)
        for text in (f"PT-01 {TARGET}:0 ports 2000-2001, up to 8 packets, "
                     "and 4 behind each 32 ports and at the end if one "
                     "answers: clause S1", "PR-01 UDP"):
            self.assertIn(text, self.out)
        self.assertEqual(self.sniffer.sent(), [])


if __name__ == "__main__":
    set_up_namespaces()
    assert AUDITOR
    unittest.main()
