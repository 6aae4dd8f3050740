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
            self.assertEqual(act["packets"], 40)
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
            m["limits"]["packets_per_target"] = 54
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
                          found["seconds"]), (40, 8000, 40))

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
