# SPDX-License-Identifier: BSD-2-Clause
"""covey schc lint and the rules verbs."""
import json
import os
import shlex
import subprocess
import unittest

from schc_kit import (Case, DONE, IO, NEGATIVE, ROOT, coap_rules, compression,
                      fixed, ip_rules)


def rule_list(doc):
    return doc["ietf-schc:schc"]["rule"]


class Lint(Case):
    def lint(self, code, doc, *more):
        path = self.write("rules.json", doc)
        return self.covey(code, "lint", "--rules", path, *more)

    def test_finds_no_fault_in_a_good_file(self):
        out = self.lint(DONE, coap_rules())
        self.assertIn("3 rules, draft-tiloca-schc-8824-update-00: 0 faults",
                      out)

    def test_shipped_rules_have_no_fault(self):
        files = sorted((ROOT / "share" / "rules").glob("*.json"))
        self.assertTrue(files)
        for path in files:
            self.covey(DONE, "lint", "--rules", path)

    def test_names_a_must_with_line_and_section(self):
        doc = coap_rules()
        rule_list(doc)[1]["entry"].append(
            fixed("coap-option-block2", "fl-variable", "06"))
        out = self.lint(NEGATIVE, doc)
        self.assertRegex(out, r"rules\.json:\d+: MUST: rule 2/3: "
                              r"coap-option-block2: .*Section")
        self.assertIn("1 fault,", out)

    def test_shows_every_must_not_only_the_first(self):
        doc = coap_rules()
        for rule in rule_list(doc)[:2]:
            rule["entry"].append(fixed("coap-option-block2", "fl-variable",
                                       "06"))
        self.assertIn("2 faults", self.lint(NEGATIVE, doc))

    def test_profiles_differ(self):
        doc = coap_rules()
        rule_list(doc)[0]["entry"].append(
            fixed("coap-option-hop-limit", 8, "10"))
        self.lint(NEGATIVE, doc)
        out = self.lint(DONE, doc, "--profile", "8824-update-09")
        self.assertIn("draft-ietf-schc-8824-update-09", out)

    def test_finds_collisions(self):
        doc = coap_rules()
        rule_list(doc)[1]["rule-id-value"] = 1
        out = self.lint(NEGATIVE, doc)
        self.assertIn("error", out)
        self.assertIn("prefix", out)

    def test_json_lists_findings(self):
        doc = coap_rules()
        rule_list(doc)[1]["entry"].append(
            fixed("coap-option-block2", "fl-variable", "06"))
        out = json.loads(self.lint(NEGATIVE, doc, "--json"))
        self.assertEqual(out["faults"], 1)
        musts = [f for f in out["findings"] if f["severity"] == "MUST"]
        self.assertEqual(len(musts), 1)
        self.assertEqual(musts[0]["rule"], "2/3")
        self.assertGreater(musts[0]["line"], 0)
        self.assertTrue(musts[0]["source"])

    def test_json_of_a_broken_file(self):
        out = json.loads(self.lint(NEGATIVE, '{"rule": [', "--json"))
        self.assertIsNone(out["profile"])
        self.assertEqual(out["findings"][0]["severity"], "error")

    def test_refuses_a_file_that_is_not_there(self):
        self.refuses(IO, "No such file", "lint", "--rules", "/nonexistent")

    def test_other_verbs_refuse_what_a_profile_forbids(self):
        doc = coap_rules()
        rule_list(doc)[1]["entry"].append(
            fixed("coap-option-block2", "fl-variable", "06"))
        path = self.write("rules.json", doc)
        text = self.refuses(NEGATIVE, "block2", "rules", "show", "--rules",
                            path)
        self.assertRegex(text, r":\d+:\d+: error")
        self.covey(DONE, "rules", "show", "--no-profile", "--rules", path)

    def test_lossy_rules_need_a_word(self):
        doc = coap_rules()
        rule_list(doc)[0]["entry"][4] = {
            "field-id": "fid-coap-mid", "field-length": 16,
            "field-position": 1, "direction-indicator": "di-bidirectional",
            "matching-operator": "mo-ignore",
            "target-value": [{"index": 0, "value": "0000"}],
            "comp-decomp-action": "cda-not-sent"}
        path = self.write("rules.json", doc)
        base = ("compress", "-d", "up", "--rules", path)
        packet = "410101427ab474656d700161"
        out = json.loads(self.covey(DONE, *base, "--json", packet))
        self.assertEqual(out["rule"]["id"], 7)
        self.assertIn("lossy", self.covey(DONE, "why-not", *base[1:],
                                          "--lossy", "allow", packet)
                      + self.covey(NEGATIVE, "why-not", *base[1:], packet))
        out = json.loads(self.covey(DONE, *base, "--lossy", "allow", "--json",
                                    packet))
        self.assertTrue(out["lossy"])
        self.assertEqual(out["rule"]["id"], 1)


class Rules(Case):
    def setUp(self):
        super().setUp()
        self.coap = self.write("coap.json", coap_rules())
        self.ip = self.write("ip.json", ip_rules())

    def test_shows_rules_as_a_table(self):
        out = self.covey(DONE, "rules", "show", "--rules", self.ip)
        self.assertIn("3 rules, stack ipv6-udp-coap, first that matches", out)
        self.assertRegex(out, r"coap-mid +16 +1 +bi +msb\(8\) +lsb +256")
        self.assertRegex(out, r"coap-token +tkl +1 +bi +ignore +value-sent")
        self.assertRegex(out, r"ipv6-devprefix .* 2001:db8:a::/64")
        self.assertRegex(out, r"coap-code .* 2\.05 Content, 4\.04 Not Found")
        self.assertRegex(out, r"rule 7/3 +\(line \d+\) +no compression")

    def test_json_comes_back_the_same(self):
        for path in (self.coap, self.ip):
            once = self.covey(DONE, "rules", "export-json", "--rules", path)
            copy = self.write("copy.json", once)
            again = self.covey(DONE, "rules", "export-json", "--rules", copy)
            self.assertEqual(once, again)
            tables = [self.covey(DONE, "rules", "show", "--rules", p)
                      for p in (path, copy)]
            rows = [[line for line in t.splitlines()
                     if line.startswith("  ")] for t in tables]
            self.assertEqual(*rows)

    def test_c_compiles(self):
        path = self.folder / "rules.c"
        self.covey(DONE, "rules", "export-c", "--rules", self.ip, "--symbol",
                   "my_rules", "-o", path)
        text = path.read_text(encoding="utf-8")
        self.assertIn("my_rules", text)
        done = subprocess.run(
            [*shlex.split(os.environ.get("CC", "cc")), "-std=c11", "-Wall",
             "-Wextra", "-Werror", "-fsyntax-only", f"-I{ROOT / 'include'}",
             str(path)], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_refuses_bad_command_lines(self):
        base = ("rules", "export-c", "--rules", self.coap)
        for name in ("", "1a", "a-b", "a b", "ä"):
            self.usage("a C identifier", *base, f"--symbol={name}")
        self.usage("unexpected argument", "rules", "show", "--rules",
                   self.coap, "more")
        self.usage("--json", "rules", "show", "--rules", self.coap, "--json")
        self.refuses(IO, "No such file", *base, "-o", "/nonexistent/x.c")
        self.refuses(IO, "No space", *base, "-o", "/dev/full")
        self.refuses(IO, "No such file", "rules", "show", "--rules", "/none")

    def test_refuses_every_broken_beginning_of_a_file(self):
        text = json.dumps(coap_rules())
        for end in range(0, len(text), 97):
            path = self.write("cut.json", text[:end])
            self.refuses(NEGATIVE, "error", "rules", "show", "--rules", path)

    def test_tells_rules_of_equal_value_apart(self):
        doc = coap_rules()
        rule_list(doc)[1]["rule-id-value"] = 1
        rule_list(doc)[1]["rule-id-length"] = 2
        rule_list(doc).append(compression(0, 4, rule_list(doc)[0]["entry"]))
        path = self.write("rules.json", doc)
        base = ("compress", "--rules", path, "-d", "up",
                "410101427ab474656d700161", "--json", "--rule")
        self.assertIn("two rules", self.refuses(2, "1", *base, "1"))
        out = json.loads(self.covey(DONE, *base, "1/3"))
        self.assertEqual(out["rule"]["bits"], 3)


if __name__ == "__main__":
    unittest.main()
