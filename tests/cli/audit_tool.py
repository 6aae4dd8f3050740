#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""covey-audit run --tool: nmap behind a fence, under a mandate. Every packet
of the auditor's host is looked at on the wire."""
import hashlib
import json
import os
import shutil
import sys
import time
import unittest
from pathlib import Path

import namespace_kit
from audit_kit import DONE, FINDINGS, IO, REFUSED, USAGE, run
from audit_lab import (AUDITOR, Lab, OTHER, SAFETY, STOPPED, TARGET, Sniffer,
                       set_up_namespaces)

FENCE = os.environ.get("COVEY_FENCE", "covey-fence")
NO_FENCE = 8
SHARE = Path(__file__).resolve().parents[2] / "share" / "audit"
SLOW = ["-Pn", "-sS", "-p", "1-10", "--max-retries", "0", "--scan-delay",
        "50ms", "{target}"]


class Tool(Lab):
    def mandate(self):
        m = super().mandate()
        m["scope"] = [{"clause": "S1", "net": TARGET, "proto": "tcp",
                       "ports": "1-10"}]
        m["techniques"] = ["ports.tcp"]
        m["limits"].update(pps=40, bytes_s=20000, packets_per_target=500)
        return m

    def describe(self, **changes):
        tool = {"name": "some ports", "program": "/usr/bin/nmap",
                "technique": "ports.tcp", "packets": 100, "seconds": 30,
                "output": "nmap", "arguments": SLOW}
        tool.update(changes)
        return self.write("tool.json", {k: v for k, v in tool.items()
                                        if v is not None})

    def begin(self, signed, *options, fence=FENCE):
        # --ports: what the own scan does is left out here
        return self.start("--tool", self.path("tool.json"), "--fence", fence,
                          "--check", "EX-01", *options, signed)

    def scan(self, change=None, **more):
        return self.end(self.begin(self.signed(change), **more))

    def kinds(self, kind):
        return [x for x in self.lines() if x["kind"] == kind]

    def result(self):
        found, = self.results("EX-01")
        return found

    def verified(self):
        done = run("verify", self.evidence)
        self.assertEqual(done.returncode, DONE, done.stderr)

    def test_ports_behind_a_fence(self):
        self.describe(arguments=[*SLOW[:3], "1-14", *SLOW[4:]])
        self.assertEqual(self.scan(), DONE, self.err)
        states = {x["target"]: x["state"] for x in self.kinds("seen")}
        for port in range(1, 11):
            self.assertIn(states[f"{TARGET}:{port}"], ("closed", "filtered"))
        for port in range(11, 15):
            self.assertEqual(states[f"{TARGET}:{port}"],
                             "not tested (out of mandate)")
        self.assertIn("closed", states.values())
        intent, = self.kinds("intent")
        words = intent["tool"]["arguments"]
        for word in ("-n", "--max-os-tries", "-oX", "--max-rate"):
            self.assertIn(word, words)
        self.assertEqual(
            intent["tool"]["sha256"],
            hashlib.sha256(Path("/usr/bin/nmap").read_bytes()).hexdigest())
        result = self.result()
        kept = (self.evidence / result["output"]).read_bytes()
        self.assertEqual(result["output_sha256"],
                         hashlib.sha256(kept).hexdigest())
        self.assertEqual(result["ended"], "exit 0")
        self.assertGreater(result["fence"]["scope"], 0)
        self.assertTrue(self.kinds("imported")[0]["complete"])
        self.verified()
        # from here on the network's own word
        self.assertEqual({(p[2], p[3]) for p in self.sniffer.sent()},
                         {(TARGET, 6)})
        self.assertEqual(len(self.sniffer.sent()), result["packets"])

    def test_an_operating_system(self):
        shutil.copy(SHARE / "nmap-os.json", self.path("tool.json"))
        def system(m):
            m["scope"] = [{"clause": "S1", "net": TARGET}]
            m["techniques"] = ["os"]
        self.assertEqual(self.scan(system), DONE, self.err)
        self.assertLessEqual(self.result()["packets"], 60)
        self.assertEqual(self.kinds("stage")[0]["stage"], "os")
        self.assertEqual({p[2] for p in self.sniffer.sent()}, {TARGET})
        self.verified()

    def test_without_the_right_nothing_is_done(self):
        self.describe(technique="services")
        self.assertEqual(self.scan(), REFUSED, self.err)
        self.assertEqual(self.kinds("intent"), [])
        self.assertEqual(self.kinds("refused")[0]["verdict"], "NO_RIGHT")
        self.assertEqual(self.sniffer.sent(), [])

    def test_an_act_that_would_cost_too_much(self):
        self.describe()
        self.assertEqual(self.scan(lambda m: m["limits"].update(
            packets_per_target=50)), REFUSED)
        self.assertEqual(self.kinds("refused")[0]["verdict"], "BUDGET")
        self.assertEqual(self.sniffer.sent(), [])

    def test_a_withdrawal_ends_it_at_once(self):
        for bound in (0.05, 0.05, 0.1, 0.2, 0.5):  # on a busy machine
            signed = self.signed()
            self.describe(arguments=[*SLOW[:3], "1-200", *SLOW[4:]])
            process = self.begin(signed)
            self.sniffer.await_sent(5)
            done = run("stop", "--state", self.state, self.mandate()["id"])
            moment = time.time()
            self.assertEqual(done.returncode, DONE)
            self.assertEqual(self.end(process), STOPPED, self.err)
            time.sleep(max(0.3, 2 * bound))
            self.sniffer.settle()
            late = self.sniffer.sent()[-1][0] - moment
            self.assertEqual(self.result()["outcome"], "stopped")
            self.assertFalse(self.kinds("imported")[0]["complete"])
            self.verified()
            count = len(self.sniffer.sent())
            shutil.rmtree(self.evidence)
            self.assertEqual(self.end(self.begin(signed)), REFUSED)
            self.assertEqual(len(self.sniffer.sent()), count)
            shutil.rmtree(self.state)
            if late <= bound:
                return
            self.sniffer.stop()
            self.sniffer = Sniffer()
        self.fail(f"{late} seconds late")

    def test_who_is_killed_takes_the_tool_along(self):
        self.describe(arguments=[*SLOW[:3], "1-200", *SLOW[4:]])
        process = self.begin(self.signed())
        self.sniffer.await_sent(5)
        process.kill()
        self.end(process)
        time.sleep(0.3)
        count = len(self.sniffer.sent())
        time.sleep(0.3)
        self.assertEqual(len(self.sniffer.sent()), count)

    def test_without_a_fence_no_tool_is_started(self):
        self.describe()
        for fence in ("/nonexistent", "/bin/true", "/bin/false"):
            shutil.rmtree(self.evidence, ignore_errors=True)
            self.assertEqual(self.scan(fence=fence), NO_FENCE, self.err)
            self.assertEqual(self.result()["outcome"], "failed")
            self.verified()
        for change in ({"program": "/nonexistent/nmap"},
                       {"program": "/nonexistent", "output": "text"}):
            shutil.rmtree(self.evidence)
            self.describe(**change)
            self.assertEqual(self.scan(), NO_FENCE)
            self.assertEqual(self.kinds("intent"), [])
        self.assertEqual(self.sniffer.sent(), [])

    def test_a_tool_that_means_harm(self):
        code = ("import socket\ns = socket.socket(socket.AF_INET, "
                "socket.SOCK_DGRAM)\n"
                f"for host in ({TARGET!r}, {OTHER!r}):\n"
                "    for port in (5, 50):\n        try:\n"
                "            s.sendto(b'x', (host, port))\n"
                "        except OSError as e:\n            print(e)\n")
        self.describe(program=sys.executable, output="text",
                      arguments=["-c", code, "{target}"])
        self.assertEqual(self.scan(), DONE, self.err)
        self.assertEqual(self.sniffer.sent(), [])
        self.assertIn("unreachable", (
            self.evidence / self.result()["output"]).read_text().lower())
        self.verified()

    def scan_coap(self, budget=500):
        """With a scanner that asks once, by CoAP."""
        code = ("import socket\ns = socket.socket(socket.AF_INET, "
                "socket.SOCK_DGRAM)\n"
                "s.sendto(bytes([0x50, 1, 0, 1]), "
                f"({TARGET!r}, 5683))\n")
        self.describe(program=sys.executable, output="text",
                      technique="services", arguments=["-c", code, "{target}"])
        def change(m):
            m["scope"] = [{"clause": "S1", "net": TARGET, "proto": "udp",
                           "ports": "5683"}]
            m["techniques"] = ["services", "services.coap"]
            m["limits"]["packets_per_target"] = budget
        return self.scan(change)

    def checks_done(self):
        return [(x["check"], x["outcome"]) for x in self.kinds("result")]

    def test_a_host_is_probed_before_and_after(self):
        self.fake("plain")
        self.assertEqual(self.scan_coap(), DONE, self.err)
        self.assertEqual(self.checks_done(), [
            ("HP-01", "done"), ("EX-01", "done"), ("HP-01", "done")])
        self.verified()
        self.assertEqual(len(self.sniffer.sent()), sum(
            x["packets"] for x in self.kinds("result")))

    def test_a_scanner_of_an_earlier_stage_is_probed_around_as_well(self):
        self.fake("plain")

        def earlier(m):
            m["scope"] = [{"clause": "S1", "net": TARGET}]
            m["techniques"] = ["os", "services.coap"]
        self.describe(program=sys.executable, output="text", technique="os",
                      arguments=["-c", "pass", "{target}"])
        process = self.start("--tool", self.path("tool.json"), "--fence",
                             FENCE, "--check", "EX-01,CO-01",
                             self.signed(earlier))
        self.assertIn(self.end(process), (DONE, FINDINGS), self.err)
        self.assertEqual(self.checks_done(), [
            ("HP-01", "done"), ("EX-01", "done"), ("HP-01", "done"),
            ("CO-01", "done"), ("HP-01", "done")])
        self.assertEqual([x["stage"] for x in self.kinds("stage")],
                         ["os", "services"])
        self.verified()
        self.assertEqual(len(self.sniffer.sent()), sum(
            x["packets"] for x in self.kinds("result")))
        # without its mark it would be an act of a later stage
        log = self.evidence / "acts.log"
        log.write_text(log.read_text().replace(',"health":true', ""))
        self.assertEqual(run("verify", self.evidence).returncode, 7)

    def test_a_host_that_a_scanner_silences(self):
        self.fake("falls-silent")
        self.assertEqual(self.scan_coap(), SAFETY, self.err)
        self.assertEqual(self.checks_done(), [
            ("HP-01", "done"), ("EX-01", "done"), ("HP-01", "silent")])
        self.assertEqual(self.kinds("stop")[0]["why"], "silence")
        self.verified()
        self.assertEqual(len(self.sniffer.sent()), sum(
            x["packets"] for x in self.kinds("result")))

    def test_a_budget_for_the_scanner_only(self):
        self.fake("plain")
        self.assertEqual(self.scan_coap(103), DONE, self.err)
        self.assertEqual(self.checks_done(), [("EX-01", "done")])
        self.assertEqual([(x["check"], x["why"]) for x in self.kinds(
            "not_tested")], [("HP-01", "no room for the health probe")])
        self.verified()

    def test_descriptions_that_are_none(self):
        signed = self.signed()
        for change in (
                {"shell": "sh"}, {"name": None}, {"name": "a\nb"},
                {"program": "nmap"}, {"program": 5}, {"technique": "exploit"},
                {"technique": "services.coap"}, {"packets": 0},
                {"packets": 200001}, {"seconds": None}, {"output": "xml"},
                {"output": "text"}, {"arguments": []}, {"arguments": "x"},
                {"arguments": ["-sS"]}, {"arguments": ["{target}"] * 2},
                {"arguments": ["{target}", "-sS"]},
                {"arguments": ["x"] * 60 + ["{target}"]},
                *({"arguments": [*words.split(), "{target}"]} for words in (
                    "-D 10.0.0.1", "-S 10.0.0.1", "-f", "--mtu 8", "-sI x",
                    "-b x", "--proxies x", "--script vuln", "-sC", "-A",
                    "-iL /etc/passwd", "-iR 9", "-oN x", "-oX x", "--resume x",
                    "--datadir x", "--spoof-mac 0", "-g 53", "--ip-options R",
                    "--data x", "--badsum", "--min-rate 9999", "-T5",
                    "-p", "-p x", "-p -O", "10.77.0.3", "--dns-servers x",
                    "--privileged", "--send-ip", "-e eth0"))):
            with self.subTest(change=change):
                self.describe(**change)
                self.assertEqual(self.end(self.begin(signed)), USAGE)
        for text in ("", "{", "[]", '{"name": "a", "name": "b"}'):
            self.write("tool.json", text)
            self.assertEqual(self.end(self.begin(signed)), USAGE)
        self.path("tool.json").unlink()
        self.assertEqual(self.end(self.begin(signed)), IO)
        self.assertFalse(self.evidence.exists())
        self.assertEqual(self.sniffer.sent(), [])

    def test_the_plan_tells_it(self):
        self.describe()
        self.assertEqual(self.end(self.start(
            "--dry-run", "--tool", self.path("tool.json"), "--check",
            "EX-01", self.signed())), DONE, self.err)
        self.assertIn(f"EX-01 {TARGET}", self.out)
        self.assertIn("up to 100 packets, by some ports", self.out)
        self.assertIn("HP-01 10.77.0.2:5683, not tested: no right", self.out)

    def test_the_plan_tells_the_probes_around_it(self):
        self.describe(technique="services")

        def change(m):
            m["scope"] = [{"clause": "S1", "net": TARGET}]
            m["techniques"] = ["services", "services.coap"]
        self.assertEqual(self.end(self.start(
            "--dry-run", "--tool", self.path("tool.json"), "--check",
            "EX-01", self.signed(change))), DONE, self.err)
        lines = self.out.splitlines()[:-1]
        self.assertEqual([line.split(":5683")[0].split(":0")[0]
                          for line in lines],
                         [f"HP-01 {TARGET}", f"EX-01 {TARGET}",
                          f"HP-01 {TARGET}"])
        self.assertIn("before it", lines[0])
        self.assertIn("after it", lines[2])


if __name__ == "__main__":
    namespace_kit.enter("nmap", "openssl")
    set_up_namespaces()
    unittest.main()
