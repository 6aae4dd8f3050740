#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The report of a run: the same ids and figures in both languages and all
forms, nothing that a target or a mandate says but as text, and no report of a
record that is not whole."""
import collections
import hashlib
import html.parser
import json
import os
import re
import shutil
import subprocess
import sys
import unittest

import namespace_kit
from audit_kit import AUDIT, DONE, FINDINGS, REFUSED, USAGE, run
from audit_lab import (EVIDENCE, OTHER, SAFETY, TARGET, Lab,
                       set_up_namespaces)

# A-3, F-1, N-2, L-ports, J-01, FR-10, AUD-048, hashes
IDS = re.compile(r"\b(?:[AFN]-\d+|L-[a-z]+|J-\d+|[A-Z]{2}-\d+|AUD-\d{3}"
                 r"|[0-9a-f]{64})\b")
HOSTILE = "<script>alert(1)</script> [x](javascript:1) | *b* `c` www.x.y " \
          "http://evil.example a@b \u202egnp"
VOID = {"meta", "br", "wbr"}


class Page(html.parser.HTMLParser):
    """What a browser would make of it: text by place, and what it loads."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.ids, self.links = [], [], [], []
        self.text, self.attributes = [], collections.Counter()
        self.feed(text)
        assert self.open == [], self.open

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)
        self.tags.append(tag)
        for name, value in attrs:
            self.attributes[name] += 1
            if name == "id":
                self.ids.append(value)
            if name == "href":
                self.links.append(value)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.text.append(data)


class Report(Lab):
    """One run with a finding, a refused act, and what was not tested; against
    a server, under a mandate, that say what a browser might obey."""

    kept = None
    reports = {}

    def mandate(self):
        m = super().mandate()
        m["legitimate_reason"] = HOSTILE
        m["jurisdictions"] = ["FR", "DE", "XX"]
        m["techniques"] = ["services.coap", "services.coap.observe"]
        m["limits"]["packets_per_target"] = 9
        return m

    def setUp(self):
        if Report.kept is None:
            super().setUp()
            self.fake("hostile-links")
            self.run_audit(self.signed())
            Report.err = self.err
            Report.kept = self.path("kept")
            shutil.copytree(self.evidence, Report.kept)
            super().tearDown()
        self.evidence = self.path("evidence")
        shutil.copytree(Report.kept, self.evidence)

    def tearDown(self):
        shutil.rmtree(self.evidence)

    def report(self, language, form):
        """Of the run as it was."""
        if (language, form) not in self.reports:
            self.reports[language, form] = self.report_anew(language, form)
        return self.reports[language, form]

    def report_anew(self, language, form):
        done = run("report", "--lang", language, "--format", form,
                   self.evidence)
        self.assertEqual((done.returncode, done.stderr), (DONE, ""))
        self.assertNotIn("no such word", done.stdout)
        return done.stdout

    def data(self, language="en"):
        return json.loads(self.report(language, "json"))

    @staticmethod
    def plain(value):
        """Everything but the texts that are translated."""
        if isinstance(value, dict):
            return {k: Report.plain(v) for k, v in value.items()
                    if k not in ("language", "title", "remedy", "text",
                                 "conclusion", "seed", "correction", "name",
                                 "decision", "held", "consequence")}
        if isinstance(value, list):
            return [Report.plain(v) for v in value]
        return value

    def test_the_two_reports_of_one_run_have_the_same_ids_and_figures(self):
        french, english = self.data("fr"), self.data("en")
        self.assertEqual(self.plain(french), self.plain(english))
        self.assertNotEqual(french, english)
        for part in ("acts", "refused", "not_tested", "findings"):
            self.assertEqual(french["figures"][part], len(french[part]))
            self.assertGreater(len(french[part]), 0, part)
        ids = {}
        for language in ("fr", "en"):
            for form in ("html", "md"):
                text = self.report(language, form)
                if form == "html":
                    text = " ".join(Page(text).text)
                ids[language, form] = collections.Counter(
                    IDS.findall(text.replace("\\", "")))
                for name in ("acts", "packets", "bytes", "findings"):
                    self.assertRegex(text, rf"\b{french['figures'][name]}\b")
        self.assertEqual(ids["fr", "html"], ids["en", "html"])
        self.assertEqual(ids["fr", "md"], ids["en", "md"])
        self.assertEqual(set(ids["fr", "html"]), set(ids["fr", "md"]))
        for part in ("acts", "refused", "not_tested", "findings"):
            for one in french[part]:
                self.assertIn(one["id"], ids["fr", "md"])

    def test_what_a_check_is_called_and_what_it_has_sent(self):
        for language, title in (("fr", "amplification d'une demande CoAP"),
                                ("en", "amplification of a request of CoAP")):
            data = self.data(language)
            checks = {c["check"]: c for c in data["checks"]}
            self.assertEqual(set(checks), {a["check"] for a in data["acts"]})
            self.assertEqual(checks["CO-02"]["title"], title)
            for name in ("acts", "packets"):
                self.assertEqual(sum(c[name] for c in checks.values()),
                                 data["figures"][name])
            self.assertIn(title, self.report(language, "md").replace(
                "&#39;", "'"))

    def test_an_advisory_has_the_findings_and_nothing_else(self):
        for language in ("fr", "en"):
            advisory = json.loads(self.report(language, "csaf"))
            names = {p["product_id"]: p["name"] for p in
                     advisory["product_tree"]["full_product_names"]}
            told = sorted(
                (v["ids"][0]["text"], v["title"], v["notes"][0]["text"],
                 v["remediations"][0]["details"],
                 names[v["product_status"]["known_affected"][0]])
                for v in advisory["vulnerabilities"])
            self.assertEqual(told, sorted(
                (f["finding"], f["title"], f["detail"], f["remedy"],
                 f["target"]) for f in self.data(language)["findings"]))
            self.assertGreater(len(told), 1)
            self.assertEqual(set(advisory),
                             {"document", "vulnerabilities", "product_tree"})
            text = json.dumps(advisory["document"])
            for secret in ("C-118", "NDA-77", "Mme M", "+33 1 00 00 00 00"):
                self.assertNotIn(secret, text)

    def test_what_the_audit_began_with_is_there_with_its_hash(self):
        files = {f["name"]: f["sha256"] for f in self.data()["run"]["files"]}
        self.assertLessEqual({"mandate.dsse", "owners", "plan"}, set(files))
        self.assertEqual(files["mandate.dsse"], hashlib.sha256(
            (self.evidence / "mandate.dsse").read_bytes()).hexdigest())
        text = self.report("fr", "md")
        for name, digest in files.items():
            self.assertIn(f"| {name} | {digest} |", text)

    def test_a_mandate_is_said_in_words(self):
        text = self.report("fr", "md")
        self.assertIn("M. A, Audit SARL (auditeur)", text)
        self.assertIn("| S1 | autorisé | 10.77.0.2/32 | udp | 5683-5684 | - |",
                      text)
        self.assertIn("| - | exclu | 10.77.0.3/32 | tous | tous | - |", text)

    def test_figures_are_those_of_the_record(self):
        data, lines = self.data(), self.lines()
        end = lines[-1]
        for name in ("acts", "refused", "findings", "packets"):
            self.assertEqual(data["figures"][name], end[name], name)
        results = [r for r in lines if r["kind"] == "result"]
        for name in ("bytes", "answers", "answer_bytes"):
            self.assertEqual(data["figures"][name],
                             sum(r[name] for r in results))
        self.assertEqual(data["evidence"]["records"], len(lines))
        checkpoint = (self.evidence / "checkpoints").read_text().split("\n\n")
        self.assertEqual(data["evidence"]["size"], len(lines))
        self.assertGreater(len(checkpoint), 1)

    def test_an_act_has_its_clause_and_its_law(self):
        data = self.data()
        stages = {s["id"]: s for s in data["law"]["stages"]}
        notes = {n["id"]: n for n in data["law"]["notes"]}
        for act in data["acts"]:
            self.assertEqual((act["clause"], act["document"]), ("S1", 0))
            self.assertEqual(act["verdict"], "ALLOWED")
            law = stages[act["law"]]
            self.assertIn("FR-1", law["notes"])
            self.assertTrue(all(notes[n]["country"] in ("FR", "DE")
                                for n in law["notes"]))
            self.assertIn("outcome", act)

    def test_a_finding_has_its_proof_and_its_remedy(self):
        data = self.data()
        acts = {a["id"] for a in data["acts"]}
        lines = (self.evidence / "acts.log").read_bytes().splitlines()
        for finding in data["findings"]:
            self.assertIn(finding["act"], acts)
            self.assertIn(finding["finding"].encode(),
                          lines[finding["record"]])
            self.assertRegex(finding["leaf"], "^[0-9a-f]{64}$")
            self.assertEqual(set(finding["rating"]), set("DICPR"))
            for name in ("weakness", "layer", "reference", "remedy",
                         "remedy_kind", "heading", "detail"):
                self.assertTrue(finding[name], name)

    def test_what_was_seen_by_chance_is_told_and_to_whom(self):
        data = self.data()
        (seen,) = data["fortuitous"]
        self.assertEqual((seen["finding"], seen["contact"]),
                         ("CO-08.bypass", "Mme M"))
        self.assertIn("tell Mme M, +33 1 00 00 00 00 (AUD-035)", self.err)
        # the host is left alone
        after = [a for a in data["acts"] if a["record"] > seen["record"]]
        self.assertEqual({a["check"] for a in after}, {"HP-01"})
        self.assertIn("after a fortuitous access nothing is pursued",
                      {n["text"] for n in data["not_tested"]})
        page = " ".join(Page(self.report("fr", "html")).text)
        self.assertIn(f"A-{seen['act']}, CO-08.bypass", page)
        self.assertIn("à prévenir : Mme M, +33 1 00 00 00 00", page)

    def test_what_was_not_tested_says_why(self):
        data = self.data()
        why = {(n["check"], n["target"]): n["why"]
               for n in data["not_tested"]}
        self.assertEqual(why["services.tls", ""], "no_right")
        self.assertEqual(why["", f"{OTHER}/32"], "excluded")
        self.assertIn("BUDGET", {r["reason"] for r in data["refused"]})

    def test_nothing_but_text_comes_from_others(self):
        for language in ("fr", "en"):
            text = self.report(language, "html")
            page = Page(text)
            self.assertNotIn("script", page.tags)
            self.assertFalse({"src", "onload", "onerror", "style", "action"} &
                             set(page.attributes))
            self.assertTrue(all(link[0] == "#" for link in page.links))
            self.assertEqual({link[1:] for link in page.links} -
                             set(page.ids), set())
            self.assertEqual(len(page.ids), len(set(page.ids)))
            self.assertNotIn("http://", re.sub(r"&[^;]+;", "", text).replace(
                "http://evil.example", ""))
            self.assertIn("script>alert(1)", "".join(page.text))
            self.assertIn("default-src 'none'", text)
            markdown = self.report(language, "md")
            self.assertNotIn("<script", markdown)
            self.assertIsNone(re.search(r"[^\\]\]\(javascript", markdown))
            self.assertIsNone(re.search(r"http://|www\.|[^\\]`", markdown))
            for form in (text, markdown, self.report(language, "json")):
                self.assertIsNone(re.search(
                    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e"
                    "\u2060-\u206f]", form))

    def test_tables_of_markdown_have_their_columns(self):
        for line in self.report("fr", "md").splitlines():
            if line.startswith("|---"):
                self.assertEqual(line.count("|"), columns)
            elif line.startswith("|"):
                columns = len(re.findall(r"(?<!\\)\|", line))

    def test_a_country_without_a_note_is_no_silence(self):
        self.assertEqual(self.data()["law"]["unknown"], ["XX"])
        self.assertIn("XX: no note for this country",
                      self.report("en", "md"))

    def test_the_law_of_the_seed_and_its_corrections(self):
        law = self.data()["law"]
        notes = collections.Counter(n["country"] for n in law["notes"])
        self.assertEqual(set(notes), {"FR", "US", "IL", "EU", "FI", "GB",
                                      "DE"})
        self.assertEqual(len(law["stages"]), 6)
        self.assertEqual(sum(d["required"] for d in law["devices"]), 5)
        self.assertEqual(len(law["devices"]), 10)
        self.assertTrue(all(c["consequence"] for c in law["cases"]))
        for note in law["notes"]:
            self.assertEqual(bool(note["correction"]),
                             note["status"] != "nothing", note["id"])
            self.assertEqual(bool(note["correction"]), bool(note["as_of"]))
            self.assertTrue(note["source"] and note["items"])
        for form in ("html", "md"):
            self.assertIn("is not legal advice", self.report("en", form))
            self.assertIn("n'est pas un avis juridique",
                          self.report("fr", form).replace("&#39;", "'"))

    def test_it_opens_with_object_and_conclusion(self):
        data = self.data()
        (target,) = data["targets"]
        self.assertEqual(target["worst"], max(target["rating"].values()))
        self.assertEqual(target["conclusion"],
                         ["nothing was found by these checks",
                          "minor weaknesses", "to be corrected",
                          "security is insufficient"][target["worst"]])
        text = self.report("en", "md")
        for words in ("unauthenticated, off-path, architecture supplied",
                      "internal", "10.77.0.1/32",
                      "C-118", "NDA-77", "art. 9", "Mme M, Ville",
                      "An open port is no identified service",
                      "a mute UDP port is open or filtered",
                      "exploitation, pivoting, guessing, spoofing",
                      "is a STAD", "A scan is an access", "A scan is no access",
                      "every packet needs an authorisation",
                      "only 5 % of attacks", "Shadowserver",
                      "kept as SHA-256 hashes only",
                      "Nothing is published without their consent"):
            self.assertIn(words, text)

    def test_remedies_are_told_by_when_they_work_and_where_they_go(self):
        text = self.report("fr", "md")
        part = text[text.index("## Suites à donner"):]
        part = part[:part.index("<a id=")]
        self.assertEqual(part.count("| [F-"),
                         len(self.data()["findings"]))
        self.assertIn("prévention, en amont", part)
        self.assertIn("charte informatique", part)

    def test_the_marking_and_the_time_of_deletion(self):
        data = self.data()
        self.assertEqual(data["tlp"], "AMBER")
        self.assertIn('<p class="tlp AMBER">TLP:AMBER</p>',
                      self.report("fr", "html"))
        self.assertIn("**TLP:AMBER**", self.report("fr", "md"))
        self.assertIn(data["run"]["delete_after"], self.report("fr", "md"))

    def test_what_was_found_in_files_is_there_with_its_hash(self):
        rules = self.write("rules.json", "{}")
        self.assertEqual(run("lint", "schc", "--into", self.evidence,
                             rules).returncode, FINDINGS)
        data = json.loads(self.report_anew("fr", "json"))
        (finding,) = [f for f in data["findings"] if "record" not in f]
        self.assertEqual(finding["finding"], "SC-01.unusable")
        self.assertIn("inutilisable", finding["title"])
        self.assertEqual(finding["result"], "lint-1.json")
        self.assertEqual(
            data["files"][0]["sha256"],
            hashlib.sha256((self.evidence /
                            "lint-1.json").read_bytes()).hexdigest())
        self.assertEqual(data["evidence"]["records"], len(self.lines()))
        for form in ("html", "md"):
            self.assertIn(data["files"][0]["sha256"],
                          self.report_anew("en", form))
        (self.evidence / "vuln-1.json").write_text(json.dumps({
            "program": "covey-audit", "findings": [], "vuln": [
                {"service": "ssh", "id": "CVE-2024-6387", "source": "OSV",
                 "answer": "fixed by distribution", "why": "2+deb12u3"}],
            "bases": [{"name": "debian.zip", "date": "2026-01-01",
                       "sha256": "ab" * 32, "records": 7}]}))
        text = self.report_anew("fr", "md")
        self.assertIn("| vuln-1.json | debian.zip | 2026-01-01 | " + "ab" * 32,
                      text)
        self.assertIn("| CVE-2024-6387 | corrigé par la distribution | OSV |",
                      text)
        (self.evidence / "lint-1.json").write_text("no JSON")
        done = run("report", self.evidence)
        self.assertEqual(done.returncode, EVIDENCE)
        self.assertIn("lint-1.json: error: no result", done.stderr)

    def test_the_same_report_each_time(self):
        for form in ("html", "md", "json"):
            self.assertEqual(self.report("fr", form),
                             self.report_anew("fr", form))

    def test_the_language_is_the_mandates_unless_asked_for(self):
        done = run("report", self.evidence)
        self.assertEqual(done.stdout, self.report("fr", "html"))

    def test_no_report_of_what_is_not_whole(self):
        log = self.evidence / "acts.log"
        log.write_bytes(log.read_bytes().replace(b'"packets":1', b'"packets":0',
                                                 1))
        done = run("report", self.evidence)
        self.assertEqual((done.returncode, done.stdout), (EVIDENCE, ""))
        self.assertIn("record ", done.stderr)

    def test_usage(self):
        for arguments in ((), ("a", "b"), ("--lang", "de", self.evidence),
                          ("--format", "pdf", self.evidence)):
            self.assertEqual(run("report", *arguments).returncode, USAGE)
        self.assertEqual(run("report", self.path("nothing")).returncode, 4)
        self.assertIn("--format html|md|json",
                      run("report", "--help").stdout)


# A service that speaks first.
SHOUTS = f"""
import socket
s = socket.create_server(("{TARGET}", 6001))
print("ready", flush=True)
while True:
    c = s.accept()[0]
    c.sendall(b"SSH-2.0-<b>|\\r\\n")
"""


class Stopped(Lab):
    def test_the_black_box_has_no_inventory(self):
        def black(m):
            m["mode"] = "black"
        known = self.write("inventory.json", {"hosts": []})
        self.assertEqual(self.run_audit("--inventory", known,
                                        self.signed(black)), REFUSED)
        self.assertIn("(AUD-019)", self.err)
        self.assertEqual(self.sniffer.sent(), [])

    def test_what_a_port_says_of_itself_is_text(self):
        def ports(m):
            m["scope"] = [{"clause": "S2", "net": TARGET, "proto": "tcp",
                           "ports": "6000-6002"}]
            m["techniques"] = ["ports.tcp", "services"]
        server = namespace_kit.inside(2, sys.executable, "-c", SHOUTS,
                                      stdout=subprocess.PIPE, text=True)
        self.running.append(server)
        self.assertEqual(server.stdout.readline(), "ready\n")
        self.run_audit(self.signed(ports))
        text = run("report", "--format", "md", self.evidence).stdout
        self.assertIn("| fermé | 2 | 6000, 6002 |", text)
        self.assertIn("| ouvert | 1 | 6001 |", text)
        self.assertIn("| SSH-2.0-&lt;b&gt;\\| |", text)

    def test_scans_are_summed_up_and_what_a_stop_left_undone_is_told(self):
        def wider(m):
            m["scope"].append({"clause": "S2", "net": TARGET, "proto": "tcp",
                               "ports": "6000-6003"})
            m["techniques"] = ["ports.tcp", "services.coap"]
        self.fake("falls-silent")
        self.assertEqual(self.run_audit(self.signed(wider)), SAFETY)
        done = run("report", "--lang", "en", "--format", "json",
                   self.evidence)
        data = json.loads(done.stdout)
        (ports,) = data["states"]
        self.assertEqual(ports, {"check": "PT-01", "target": TARGET,
                                 "protocol": "tcp", "state": "closed",
                                 "count": 4, "ports": ["6000-6003"]})
        self.assertEqual(data["run"]["stop"], "silence")
        self.assertEqual(len(data["stops"]), 1)
        undone = {n["check"] for n in data["not_tested"]
                  if n["why"] == "stopped"}
        self.assertIn("CO-02", undone)
        self.assertNotIn("PT-01", undone)
        told = {(n.get("ports"), n["text"]) for n in data["not_tested"]}
        self.assertIn(("1-5999", "out of mandate"), told)
        page = run("report", "--lang", "fr", "--format", "md",
                   self.evidence).stdout
        self.assertIn("| PT-01 | tcp | fermé | 4 | 6000-6003 |", page)
        self.assertIn("une cible ne répondait plus", page)


if __name__ == "__main__":
    set_up_namespaces()
    assert os.path.isfile(AUDIT)
    unittest.main()
