#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""covey-audit run in network namespaces: without a right nothing leaves, and
with one no more than it permits, no faster, and not for longer. Packets are
counted on the wire, not by the program."""
import hashlib
import json
import os
import shutil
import subprocess
import unittest

from audit_kit import AUDIT, DONE, FINDINGS, IO, REFUSED, USAGE, run
from audit_lab import (AUDITOR, EVIDENCE, GROUP, Lab, OTHER, SAFETY, TARGET,
                       after, set_up_namespaces)


class NoRight(Lab):
    """Exit status 3 and not one packet."""

    def nothing(self, *files, status=REFUSED):
        self.assertEqual(self.run_audit(*files), status,
                         self.out + self.err)
        self.assertEqual(self.sniffer.anywhere(), [])

    def test_no_mandate(self):
        self.nothing()
        self.assertIn("AUD-051", self.err)

    def test_no_such_mandate(self):
        self.nothing("missing.dsse", status=IO)

    def test_without_options_it_is_not_understood(self):
        self.assertEqual(run("run", "x").returncode, USAGE)

    def test_signatures(self):
        for signers in ((), ("owner",), ("auditor",), ("stranger", "auditor"),
                        ("owner", "stranger")):
            with self.subTest(signers=signers):
                self.nothing(self.sign("m", self.mandate(), *signers))

    def test_an_edited_byte(self):
        path = self.signed()
        text = path.read_text()
        at = text.index('"payload":"') + 400
        other = "A" if text[at] != "A" else "B"
        path.write_text(text[:at] + other + text[at + 1:])
        self.nothing(path)

    def test_a_signature_that_is_spoilt(self):
        path = self.signed()
        envelope = json.loads(path.read_text())
        sig = envelope["signatures"][0]["sig"]
        envelope["signatures"][0]["sig"] = \
            ("A" if sig[0] != "A" else "B") + sig[1:]
        path.write_text(json.dumps(envelope))
        self.nothing(path)

    def test_a_member_that_comes_twice(self):
        path = self.signed()
        path.write_text('{"payloadType":"x",' + path.read_text()[1:])
        self.nothing(path)

    def test_a_network_of_somebody_else(self):
        self.write("owners.yaml", {"owners": [
            {"key": self.keys["owner"], "prefixes": ["10.78.0.0/24"]}]})
        self.nothing(self.signed())

    def test_another_auditor(self):
        path = self.signed()
        self.nothing("--key", self.path("stranger.pem"), path)
        self.assertIn("not the auditor's", self.err)

    def test_windows(self):
        for window in ({"from": after(-900), "to": after(-1)},
                       {"from": after(600), "to": after(900)},
                       {"from": after(-1), "to": after(1)}):
            with self.subTest(window=window):
                subprocess.run(["rm", "-rf", self.evidence], check=True)
                self.nothing(self.signed(
                    lambda m: m.update(window=[window])))
                self.assertIn(self.lines()[1]["verdict"],
                              ("EXPIRED", "TOO_EARLY", "TOO_LONG"))

    def test_a_vantage_that_is_not_so(self):
        self.nothing(self.signed(
            lambda m: m["auditor"].update(vantage="external")))
        self.assertIn("AUD-022", self.err)
        self.write("owners.yaml", {"owners": [
            {"key": self.keys["owner"], "prefixes": ["10.77.0.2/31"]}]})
        self.nothing(self.signed())

    def test_withdrawn(self):
        path = self.signed()
        notice = self.sign("end", {"withdraws": self.mandate()["id"],
                                   "by": "Mme M"}, "owner")
        self.nothing(path, notice)

    def test_stopped_or_revoked_before(self):
        path = self.signed()
        done = run("stop", "--state", self.state, self.mandate()["id"])
        self.assertEqual(done.returncode, DONE, done.stderr)
        self.nothing(path)
        other = self.signed(lambda m: m.update(id="another"))
        notice = self.sign("end", {"withdraws": "another", "by": "Mme M"},
                           "auditor")
        done = run("revoke", "--state", self.state, other, notice)
        self.assertEqual(done.returncode, DONE, done.stderr)
        self.nothing(other)

    def test_revoke_needs_a_signature(self):
        path = self.signed()
        notice = self.sign("end", {"withdraws": self.mandate()["id"],
                                   "by": "x"}, "stranger")
        done = run("revoke", "--state", self.state, path, notice)
        self.assertEqual(done.returncode, REFUSED)
        self.assertEqual(run("revoke", path).returncode, USAGE)
        self.assertEqual(run("stop").returncode, USAGE)

    def test_what_is_out_of_scope(self):
        def elsewhere(m):
            m["scope"] = [{"clause": "S1", "net": "10.77.0.2/31",
                           "proto": "udp", "ports": "5683"}]
            m["exclude"] = [{"net": "10.77.0.2/31"}]
        self.nothing(self.signed(elsewhere))
        self.assertEqual({r["verdict"] for r in self.lines()
                          if r["kind"] == "refused"}, {"EXCLUDED"})

    def test_a_group_that_is_shut_out(self):
        self.nothing(self.signed(lambda m: m.update(
            scope=[{"clause": "S1", "group": GROUP, "proto": "udp",
                    "ports": "5683", "max_responders": 5}],
            exclude=[{"net": GROUP}],
            techniques=["services.coap.multicast"])))
        self.assertEqual({r["verdict"] for r in self.lines()
                          if r["kind"] == "refused"}, {"EXCLUDED"})

    def test_ports_protocols_and_techniques_that_are_not_there(self):
        def port(m):
            m["scope"][0]["ports"] = "1-5682"

        def protocol(m):
            m["scope"][0]["proto"] = "tcp"

        def technique(m):
            m["techniques"] = ["public", "vuln"]
        for change, status in ((port, REFUSED), (protocol, REFUSED),
                               (technique, DONE)):
            with self.subTest(change=change.__name__):
                subprocess.run(["rm", "-rf", self.evidence], check=True)
                self.nothing(self.signed(change), status=status)

    def test_a_source_that_is_not_here(self):
        self.run_audit(self.signed(
            lambda m: m["auditor"].update(source=["10.77.0.9"])))
        self.assertEqual(self.sniffer.sent(), [])

    def test_a_dry_run(self):
        path = self.signed()
        done = run("run", "--dry-run", "--owners", self.path("owners.yaml"),
                   "--state", self.state, path)
        self.assertEqual(done.returncode, DONE, done.stderr)
        self.assertIn(f"CO-01 {TARGET}:5683, packets 2, at most 4: clause S1",
                      done.stdout)
        self.assertEqual(self.sniffer.sent(), [])
        self.assertFalse(self.evidence.exists())

    def test_evidence_that_cannot_be_written(self):
        self.evidence.mkdir()
        self.nothing(self.signed(), status=7)


class Full(Lab):
    """A disk without room: exit status 7, and what cannot be written down is
    not sent."""

    def room(self, size):
        disk = self.path(f"disk-{self.id()}")
        disk.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none",
                        disk], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", disk], check=True)
        self.evidence = disk / "evidence"

    def ports(self, m):
        m["techniques"] = ["ports.tcp"]
        m["scope"][0].update(proto="tcp", ports="3000-3050")
        m["limits"].update(packets_per_target=1000, pps=1000)

    def test_from_the_beginning(self):
        self.room("4k")
        self.assertEqual(self.run_audit(self.signed(self.ports)), EVIDENCE)
        self.assertEqual(self.sniffer.anywhere(), [])

    def test_after_a_while(self):
        self.room("40k")
        self.assertEqual(self.run_audit(self.signed(self.ports)), EVIDENCE,
                         self.err)
        text = (self.evidence / "acts.log").read_text(encoding="ascii")
        lines = [json.loads(line) for line in text.splitlines(True)
                 if line.endswith("\n")]
        intents = [r for r in lines if r["kind"] == "intent"]
        self.assertGreater(len(intents), 3)
        asked = {int(r["target"].split(":")[1]) for r in intents}
        self.assertLessEqual(len(self.sniffer.sent()), 2 * len(intents))
        self.assertLess(max(asked), 3050)
        self.assertEqual(run("verify", self.evidence).returncode, EVIDENCE)


class WithRight(Lab):
    def test_from_outside(self):
        self.write("owners.yaml", {"owners": [
            {"key": self.keys["owner"], "prefixes": ["10.77.0.2/31"]}]})
        self.fake("plain")
        self.run_audit("--check", "CO-01", self.signed(
            lambda m: m["auditor"].update(vantage="external")))
        self.assertEqual(self.results("CO-01")[0]["outcome"], "done")
        begin = self.lines()[0]
        self.assertEqual((begin["vantage"], begin["sources"]),
                         ("external", [f"{AUDITOR}:0"]))

    def wide(self, m):
        m["scope"] = [{"clause": "S1", "net": "10.77.0.2/31", "proto": "udp",
                       "ports": "5683"}]

    def test_all_that_is_sent_is_in_the_record(self):
        self.fake("plain")
        status = self.run_audit(self.signed(self.wide))
        self.assertEqual(status, REFUSED, self.err)  # the host left out
        sent = self.sniffer.sent()
        self.assertEqual({p[2] for p in sent}, {TARGET})
        # what the plan says beforehand of a host that answers
        self.assertLessEqual(len(sent), 12)
        plan = (self.evidence / "plan").read_text(encoding="ascii")
        self.assertIn(f"CO-01 {TARGET}:5683, packets 2, at most 4: clause S1\n",
                      plan)
        self.assertIn(f"CO-01 {OTHER}:5683, packets 2, at most 4: refused: "
                      "EXCLUDED\n", plan)
        self.assertEqual(plan.count(f"HP-01 {TARGET}:5683, packets 1, at "
                                    "most 2, "), 2)
        self.assertIn("plan", [f["name"] for f in self.lines()[0]["files"]])
        self.assertEqual(len(sent), self.lines()[-1]["packets"])
        self.assertEqual(len(sent), sum(r["packets"] for r in self.lines()
                                        if r["kind"] == "result"))
        self.assertEqual(sum(p[4] for p in sent),
                         sum(r["bytes"] for r in self.lines()
                             if r["kind"] == "result"))
        for r in self.lines():
            if r["kind"] == "intent":
                self.assertEqual(r["clause"], "S1")
        self.assertTrue(any(r["kind"] == "refused" and
                            r["target"] == f"{OTHER}:5683"
                            for r in self.lines()))

    def test_what_needs_no_packet_comes_first(self):
        self.fake("plain")
        keys = self.write("keys.json", {"psks": [
            {"device": "lamp-2", "text": "secretPSK"}]})
        rules = self.path("nowhere")
        self.run_audit("--check", "CO-01", "--lint",
                       f"psk={keys},schc={rules}", self.signed())
        kinds = [r["kind"] for r in self.lines()]
        self.assertEqual(kinds[:6], ["begin", "lint", "lint", "lint", "lint",
                                     "intent"])
        first, default, clear, broken = self.lines()[1:5]
        self.assertEqual((first["lint"], first["found"], first["complete"],
                          first["file"]["sha256"]),
                         ("psk", 2, True, hashlib.sha256(
                             keys.read_bytes()).hexdigest()))
        self.assertEqual([x["findings"][0]["finding"]
                          for x in (default, clear)],
                         ["TL-05.default", "TL-05.clear"])
        self.assertFalse(broken["complete"])
        self.assertIn("nowhere: error: ", self.err)
        self.assertIn("TL-05.default", self.out)
        plan = (self.evidence / "plan").read_text(encoding="ascii")
        self.assertTrue(plan.startswith(f"lint psk {keys}, nothing is sent\n"))
        self.assertEqual(self.lines()[-1]["findings"], 3)
        self.assertEqual(run("verify", self.evidence).returncode, DONE)
        data = json.loads(run("report", "--format", "json",
                              self.evidence).stdout)
        self.assertEqual({f["finding"] for f in data["findings"]},
                         {"TL-05.default", "TL-05.clear", "CO-01.open"})
        self.assertEqual({f["target"] for f in data["findings"]},
                         {str(keys), f"{TARGET}:5683"})
        for wrong in ("", "psk", "psk=", f"none={keys}", f"psk={keys},",
                      f"psk={keys},x", f"policy={keys}"):
            self.assertEqual(self.run_audit("--lint", wrong, self.signed()),
                             USAGE, wrong)
        self.assertEqual(self.run_audit("--lint", f"psk={keys}", self.signed(
            lambda m: m.update(mode="black"))), REFUSED)

    def test_no_second_has_more_packets_than_it_may(self):
        self.fake("plain")
        self.run_audit("--check", "CO-01,CO-02,CO-09", self.signed(
            lambda m: m["limits"].update(pps=5)))
        times = [p[0] for p in self.sniffer.sent()]
        self.assertGreater(len(times), 4)
        for first in times:
            inside = [t for t in times if first <= t < first + 1]
            self.assertLessEqual(len(inside), 5)

    def test_no_second_has_more_bytes_than_it_may(self):
        self.fake("plain")
        self.run_audit("--check", "CO-01,CO-02", self.signed(
            lambda m: m["limits"].update(bytes_s=100)))
        sent = self.sniffer.sent()
        self.assertGreater(len(sent), 3)
        for first in sent:
            inside = [p[4] for p in sent if first[0] <= p[0] < first[0] + 1]
            # and those of the one that was on its way
            self.assertLessEqual(sum(inside) - inside[-1], 100)

    def test_the_budget_of_a_target(self):
        self.fake("plain")
        self.assertEqual(self.run_audit(self.signed(
            lambda m: m["limits"].update(packets_per_target=6))), REFUSED)
        self.assertLessEqual(len(self.sniffer.sent()), 6)
        self.assertIn("BUDGET", {r["verdict"] for r in self.lines()
                                 if r["kind"] == "refused"})

    def test_a_budget_that_is_spent_is_no_silence(self):
        self.fake("plain")
        for budget in (3, 4, 5):
            shutil.rmtree(self.evidence, ignore_errors=True)
            path = self.signed(
                lambda m: m["limits"].update(packets_per_target=budget))
            self.assertNotEqual(
                self.run_audit("--check", "CO-01,CO-09", path), SAFETY)
            self.assertLessEqual(self.lines()[-1]["packets"], budget)

    def test_what_is_asked_for_without_a_right_is_refused(self):
        for asked in (["--check", "CO-03"], ["--check", "PT-01"],
                      ["--stage", "services.coap.observe"],
                      ["--stage", "os"], ["--stage", "ports"]):
            shutil.rmtree(self.evidence, ignore_errors=True)
            self.assertEqual(self.run_audit(*asked, self.signed()), REFUSED,
                             asked)
            self.assertEqual(self.sniffer.sent(), [])

    def test_a_check_that_there_is_not(self):
        for checks in ("CO-99", "CO-01,", "", "co-01"):
            self.assertEqual(self.run_audit("--check", checks, self.signed()),
                             USAGE)
            self.assertFalse(self.evidence.exists())

    def test_a_plan_knows_what_its_stages_wait_for(self):
        def change(m):
            m["techniques"] = ["protocols", "ports.udp", "services.coap"]
        self.assertEqual(self.run_audit("--dry-run", self.signed(change)),
                         DONE)
        self.assertNotIn("STAGE_ORDER", self.out)

    def test_an_amendment_narrows(self):
        self.fake("plain")
        path = self.signed(self.wide)
        change = self.amendment()
        change.update(amends=self.mandate()["id"],
                      window=self.mandate()["window"],
                      limits=self.mandate()["limits"],
                      scope=[{"clause": "A1", "net": OTHER, "proto": "udp",
                              "ports": "5683"}])
        added = self.sign("amendment", change, "owner", "auditor")
        self.assertEqual(self.run_audit(path, added), REFUSED)
        self.assertEqual(self.sniffer.sent(), [])
        done = run("verify", self.evidence)
        self.assertEqual(done.returncode, DONE, done.stderr)

    def test_who_is_not_there_is_not_tested(self):
        self.assertEqual(self.run_audit(self.signed()), DONE)
        self.assertEqual(len(self.sniffer.sent(17)), 1)
        self.assertEqual(self.lines()[-1]["not_tested"], 8)

    def test_a_target_that_falls_silent_ends_it(self):
        self.fake("falls-silent")
        self.assertEqual(self.run_audit(self.signed()), SAFETY)
        # a probe, a question, and two probes that were not answered
        self.assertEqual(len(self.sniffer.sent()), 4)
        self.assertEqual(self.lines()[-2]["why"], "silence")

    def test_the_capture_names_the_acts(self):
        self.fake("plain")
        self.run_audit("--check", "CO-01", self.signed())
        shown = subprocess.run(
            ["tshark", "-r", self.evidence / "packets.pcapng", "-T", "fields",
             "-e", "ip.src", "-e", "ip.dst", "-e", "frame.comment"],
            check=True, capture_output=True, text=True).stdout.splitlines()
        self.assertEqual(len(shown), 6)
        self.assertEqual(shown[2].split("\t")[:2], [AUDITOR, TARGET])
        self.assertIn("act=000001 check=CO-01 mandate=MND", shown[2])
        # headers only, with the mandate's word
        size = (self.evidence / "packets.pcapng").stat().st_size
        self.assertLess(size, 6 * 240 + 60)


if __name__ == "__main__":
    set_up_namespaces()
    assert os.path.isfile(AUDIT) and FINDINGS == 1
    unittest.main()
