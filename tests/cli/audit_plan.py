#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""covey-audit plan: what a mandate amounts to."""
import json
import unittest

from audit_kit import Case, DONE, IN_WINDOW, REFUSED, USAGE, run


class Plan(Case):
    def plan(self, *files, options=()):
        return run("plan", "--owners", self.path("owners.yaml"), "--json",
                   *options, *files)

    def test_every_host_and_no_other(self):
        done = self.plan(self.signed())
        found = json.loads(done.stdout)
        coap = {a["target"]: a for a in found["acts"]
                if a["technique"] == "services.coap"}
        # a network of 16 without its ends
        self.assertEqual(set(coap), {f"192.0.2.{n}:5683"
                                     for n in range(1, 15)})
        for target, act in coap.items():
            excluded = target == "192.0.2.9:5683"
            self.assertEqual(act["reason"],
                             "EXCLUDED" if excluded else "ALLOWED")
            self.assertEqual(act["clause"], "-" if excluded else "S1")
            self.assertEqual((act["planned"], act["packets"]), (12, 30))
            self.assertTrue(act["access"])
        self.assertEqual(found["refused"], 1)
        self.assertEqual(done.returncode, REFUSED)
        self.assertIn("clause S3 has more than 1024 hosts", done.stderr)

    def test_a_group_is_asked_once(self):
        found = json.loads(self.plan(self.signed()).stdout)
        group = [a for a in found["acts"]
                 if a["technique"] == "services.coap.multicast"]
        self.assertEqual([(a["target"], a["packets"], a["clause"])
                          for a in group], [("224.0.1.187:5683", 1, "S2")])

    def test_reading_costs_nothing_and_comes_with_its_stage(self):
        found = json.loads(self.plan(self.signed()).stdout)
        reading = [a for a in found["acts"] if a["target"] == "-"]
        self.assertEqual({a["technique"] for a in reading},
                         {"public", "vuln"})
        self.assertEqual({a["packets"] for a in reading}, {0})
        self.assertEqual(found["packets"],
                         sum(a["packets"] for a in found["acts"]
                             if a["reason"] == "ALLOWED"))

    def test_the_budget_of_a_host_is_used_up(self):
        def change(m):
            m["scope"] = [{"clause": "S1", "net": "192.0.2.2",
                           "proto": "udp"}]
            m["exclude"] = []
            m["techniques"] = ["services.coap", "services.coap.observe",
                               "services.tls"]
            m["limits"]["packets_per_target"] = 41
        found = json.loads(self.plan(self.signed(change)).stdout)
        self.assertEqual([(a["technique"], a["reason"])
                          for a in found["acts"]],
                         [("services.coap", "ALLOWED"),
                          ("services.coap.observe", "ALLOWED"),
                          ("services.tls", "BUDGET")])

    def test_sums_are_at_the_pace_of_the_mandate(self):
        def change(m):
            m["scope"] = [{"clause": "S1", "net": "192.0.2.2"}]
            m["exclude"] = []
            m["techniques"] = ["services.coap"]
        done = self.plan(self.signed(change))
        found = json.loads(done.stdout)
        self.assertEqual(done.returncode, DONE)
        self.assertEqual((found["packets"], found["bytes"],
                          found["seconds"]), (30, 6000, 30))
        self.assertEqual(found["planned"], 12)

    def test_packets_are_those_of_the_table_of_techniques(self):
        """docs/design/016-audit-run.md says where a line differs, and why."""
        def change(m):
            m["scope"] = [
                {"clause": "S1", "net": "192.0.2.2", "proto": "udp"},
                {"clause": "S2", "net": "192.0.2.2", "proto": "tcp",
                 "ports": "5684"},
                {"clause": "S3", "group": "224.0.1.187", "proto": "udp",
                 "ports": "5683", "max_responders": 20}]
            m["exclude"] = []
            m["mode"] = "account"
            m["credentials"] = [{"id": "c", "kind": "oscore", "target": "S1"}]
            m["techniques"] = [
                "protocols", "os", "services.coap", "services.coap.observe",
                "services.coap.proxy", "services.coap.replay",
                "services.coap.multicast", "services.tls"]
            m["limits"]["packets_per_target"] = 500
        done = self.plan(self.signed(change))
        self.assertEqual(
            [(a["technique"], a["planned"], a["packets"], a.get("what"))
             for a in json.loads(done.stdout)["acts"]],
            [("protocols", 6, 6, None), ("os", 32, 32, "external scanner"),
             ("services.coap", 2, 4, "health probes"),
             ("services.coap", 12, 30, None),
             ("services.coap.observe", 8, 11, None),
             ("services.coap.proxy", 2, 4, None),
             ("services.coap.replay", 3, 7, None),
             ("services.tls", 8, 13, None),
             ("services.tls", 12, 36, None),
             ("services.coap.multicast", 1, 1, None)])

    def test_a_technique_alone_has_its_probes_too(self):
        def change(m):
            m["scope"] = [{"clause": "S1", "net": "192.0.2.2",
                           "proto": "udp"}]
            m["exclude"] = []
            m["techniques"] = ["services.coap", "services.coap.observe"]
        found = json.loads(self.plan(self.signed(change), options=(
            "--stage", "services.coap.observe")).stdout)
        self.assertEqual([(a["technique"], a["planned"], a["packets"])
                          for a in found["acts"]],
                         [("services.coap.observe", 8, 11),
                          ("services.coap", 2, 4)])

    def test_an_external_scanner(self):
        tool = self.write("tool.json", {
            "name": "some ports", "program": "/usr/bin/nmap",
            "technique": "ports.tcp", "packets": 100, "seconds": 30,
            "output": "nmap", "arguments": ["-sS", "{target}"]})

        def change(m):
            m["scope"] = [{"clause": "S1", "net": "192.0.2.2"}]
            m["exclude"] = []
            m["techniques"] = ["ports.tcp", "services.coap"]
            m["limits"]["packets_per_target"] = 1000000
        path = self.signed(change)
        for options in (("--tool", tool),
                        ("--tool", tool, "--stage", "ports.tcp")):
            found = json.loads(self.plan(path, options=options).stdout)
            self.assertIn(("ports.tcp", 100, 100, "some ports"),
                          [(a["technique"], a["planned"], a["packets"],
                            a.get("what")) for a in found["acts"]])
            self.assertIn((2, 4, "health probes"),
                          [(a["planned"], a["packets"], a.get("what"))
                           for a in found["acts"]])
        done = self.plan(self.signed(
            lambda m: m.update(techniques=["services.coap"])),
            options=("--tool", tool))
        self.assertIn("NO_RIGHT", {a["reason"] for a in
                                   json.loads(done.stdout)["acts"]})
        self.assertEqual(self.plan(path, options=(
            "--tool", self.write("bad.json", {}))).returncode, USAGE)

    def test_only_some_stages(self):
        def change(m):
            m["scope"] = [{"clause": "S1", "net": "192.0.2.2",
                           "ports": "20-29"}]
            m["exclude"] = []
            m["techniques"] = ["services.coap", "services.tls", "ports.tcp",
                               "ports.udp", "services"]
        path = self.signed(change)
        found = json.loads(self.plan(path, options=(
            "--stage", "ports,services")).stdout)
        self.assertEqual([(a["technique"], a["packets"], a["reason"])
                          for a in found["acts"]],
                         [("ports.tcp", 44, "ALLOWED"),
                          ("ports.udp", 24, "BUDGET"),
                          ("services", 100, "BUDGET"),
                          ("services", 40, "BUDGET")])
        done = self.plan(path, options=("--stage", "protocols"))
        self.assertEqual(done.returncode, REFUSED)
        self.assertEqual({a["reason"] for a in
                          json.loads(done.stdout)["acts"]}, {"NO_RIGHT"})
        self.assertEqual(self.plan(path, options=(
            "--stage", "exploit")).returncode, USAGE)

    def test_a_host_of_two_clauses_has_one_budget(self):
        def change(m):
            m["scope"] = [
                {"clause": "S1", "net": "192.0.2.2", "proto": "udp"},
                {"clause": "S2", "net": "192.0.2.0/30", "proto": "tcp",
                 "ports": "5684"}]
            m["exclude"] = []
            m["techniques"] = ["protocols", "services.coap", "services.tls"]
        found = json.loads(self.plan(self.signed(change)).stdout)
        self.assertEqual([(a["technique"], a["target"], a["reason"])
                          for a in found["acts"]],
                         [("protocols", "192.0.2.2:0", "ALLOWED"),
                          ("services.coap", "192.0.2.2:5683", "ALLOWED"),
                          ("services.tls", "192.0.2.2:5684", "ALLOWED"),
                          ("protocols", "192.0.2.1:5684", "ALLOWED"),
                          ("services.tls", "192.0.2.1:5684", "ALLOWED"),
                          ("services.tls", "192.0.2.2:5684", "BUDGET")])

    def test_a_stage_is_what_the_mandate_has_of_it(self):
        for stage in ("services", "services.coap"):
            found = json.loads(self.plan(self.signed(), options=(
                "--stage", stage)).stdout)
            self.assertNotIn("NO_RIGHT",
                             {a["reason"] for a in found["acts"]})
            self.assertIn("services.coap",
                          {a["technique"] for a in found["acts"]})

    def test_what_has_no_port_needs_none_of_a_clause(self):
        def change(m):
            m["scope"] = [{"clause": "S1", "net": "192.0.2.2",
                           "proto": "udp", "ports": "20-29"}]
            m["exclude"] = []
            m["techniques"] = ["protocols", "os"]
        done = self.plan(self.signed(change))
        self.assertEqual(done.returncode, DONE)
        self.assertEqual([(a["technique"], a["packets"], a["reason"])
                          for a in json.loads(done.stdout)["acts"]],
                         [("protocols", 6, "ALLOWED"), ("os", 32, "ALLOWED")])

    def test_outside_the_window_nothing_is_left(self):
        found = json.loads(self.plan(self.signed(), options=(
            "--at", IN_WINDOW + 7200)).stdout)
        self.assertEqual(found["allowed"], 0)
        self.assertEqual({a["reason"] for a in found["acts"]}, {"EXPIRED"})

    def test_a_withdrawn_mandate_plans_nothing(self):
        path = self.signed()
        end = self.sign("end", {"withdraws": "MND-2025-004", "by": "M. A"},
                        "auditor")
        found = json.loads(self.plan(path, end).stdout)
        self.assertEqual({a["reason"] for a in found["acts"]}, {"WITHDRAWN"})

    def test_a_person_reads_a_table(self):
        done = run("plan", "--owners", self.path("owners.yaml"),
                   self.signed())
        lines = done.stdout.splitlines()
        self.assertTrue(lines[0].startswith("stage"))
        self.assertIn("192.0.2.9:5683", done.stdout)
        self.assertIn("refused: EXCLUDED", done.stdout)
        self.assertIn("packets", lines[-1])

    def test_usage(self):
        for arguments in (("m",), ("--owners", "o"),
                          ("--owners", "o", "--at", "noon", "m")):
            self.assertEqual(run("plan", *arguments).returncode, USAGE)


if __name__ == "__main__":
    unittest.main()
