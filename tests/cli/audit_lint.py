#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""covey-audit lint: each lint with an innocent file and with guilty ones."""
import hashlib
import json
import os
import re
import unittest
from pathlib import Path

from audit_kit import AUDIT, DONE, FINDINGS, IO, USAGE, Case, run

ROOT = Path(__file__).resolve().parents[2]
MEMBERS = {"finding", "title", "rating", "weakness", "layer", "reference",
           "remedy", "remedy_kind", "detail", "evidence"}


class Lint(Case):
    kind = ""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.count = 0

    def file(self, document):
        type(self).count += 1
        return self.write(f"{self.kind}-{self.count}.json", document)

    def lint(self, *files, status=None, options=()):
        done = run("lint", self.kind, "--json", *options, *files)
        result = json.loads(done.stdout)
        found = [f["finding"] for f in result["findings"]]
        if status is None:
            status = FINDINGS if found else DONE
        self.assertEqual(done.returncode, status, done.stderr)
        for f in result["findings"]:
            self.assertEqual(set(f), MEMBERS)
            self.assertEqual(set(f["rating"]), set("DICPR"))
        return found, result

    def finds(self, document, *expected, options=()):
        found, result = self.lint(self.file(document), options=options)
        self.assertEqual(found, list(expected))
        return result["findings"]


def field(name, **members):
    return {"field-id": name, **members}


def fixed(name, value, bits):
    return field(name, **{
        "field-length": bits,
        "target-value": [{"index": 0, "value": value}],
        "matching-operator": "mo-equal", "comp-decomp-action": "cda-not-sent"})


def sent(name, length):
    return field(name, **{"field-length": length,
                          "matching-operator": "mo-ignore",
                          "comp-decomp-action": "cda-value-sent"})


def text(name, value):
    return field(name, **{
        "target-value": [{"index": 0, "covey:text": value}],
        "field-length": "var", "matching-operator": "mo-equal",
        "comp-decomp-action": "cda-not-sent"})


def lossy(name, length, value=None):
    f = field(name, **{"field-length": length,
                       "matching-operator": "mo-ignore",
                       "comp-decomp-action": "cda-not-sent"})
    f["target-value"] = [{"index": 0, "value": "00" if value is None
                          else value}]
    return f


def header(token=None):
    return [fixed("fid-coap-version", "1", 2), sent("fid-coap-type", 2),
            sent("fid-coap-tkl", 4), sent("fid-coap-code", 8),
            sent("fid-coap-mid", 16),
            token or sent("fid-coap-token", "tkl")]


def rules(*options, token=None, more=()):
    return {"covey:profile": "8824-update-09", "rules": [
        {"rule-id-value": 1, "rule-id-length": 3,
         "rule-nature": "nature-compression",
         "entry": header(token) + list(options)},
        {"rule-id-value": 0, "rule-id-length": 3,
         "rule-nature": "nature-no-compression"}, *more]}


def fragmentation(**members):
    rule = {"rule-id-value": 5, "rule-id-length": 3,
            "rule-nature": "nature-fragmentation",
            "fragmentation-mode": "fragmentation-mode-ack-on-error",
            "fcn-size": 6, "inactivity-timer": {"ticks-numbers": 600},
            "retransmission-timer": {"ticks-numbers": 60},
            "max-ack-requests": 4}
    rule.update(members)
    return rules(more=[{k: v for k, v in rule.items() if v is not None}])


def osc(name):
    return "fid-coap-option-oscore-" + name


class Schc(Lint):
    kind = "schc"

    def test_the_rules_that_are_shipped_are_innocent(self):
        for path in sorted((ROOT / "share/rules").glob("*.json")):
            found, result = self.lint(path)
            self.assertEqual(found, [], path)
            self.assertEqual(
                result["files"],
                [{"name": str(path), "sha256":
                  hashlib.sha256(path.read_bytes()).hexdigest()}])

    def test_what_security_needs_has_to_come_back(self):
        self.finds(rules(token=lossy("fid-coap-token", "tkl")),
                   "SC-01.lossy")
        for name in ("fid-coap-option-echo", "fid-coap-option-request-tag"):
            found = self.finds(rules(lossy(name, "var")), "SC-01.lossy")
            self.assertIn(name, found[0]["detail"])
            self.assertEqual(found[0]["rating"]["I"], 3)
        for name in ("piv", "kid", "kidctx"):
            parts = {n: sent(osc(n), "var")
                     for n in ("flags", "piv", "kidctx", "kid")}
            parts["flags"] = sent(osc("flags"), "var")
            parts["piv"] = sent(osc("piv"), "osc.piv")
            parts[name] = lossy(osc(name), parts[name]["field-length"])
            found, _ = self.lint(self.file(rules(*parts.values())))
            self.assertIn("SC-01.lossy", found, name)

    def test_other_fields_may_be_lossy(self):
        self.finds(rules(lossy("fid-coap-option-max-age", "var", "3c")))

    def test_secrets_in_target_values(self):
        for value in ("psk=0", "Token=abc", "password=x",
                      "x=9f86d081884c7d659a2feaa0c55ad015", "api_key=1"):
            self.finds(rules(text("fid-coap-option-uri-query", value)),
                       "SC-01.secret")
        self.finds(rules(text("fid-coap-option-uri-path",
                              "/a/9f86d081884c7d659a2feaa0c55ad015")),
                   "SC-01.secret")

    def test_identifiers_in_target_values(self):
        for value in ("ep=meter-1", "IMEI=35", "vin=W",
                      "x=123e4567-e89b-12d3-a456-426614174000"):
            self.finds(rules(text("fid-coap-option-uri-query", value)),
                       "SC-01.identifier")
        for iid, expected in (("021122fffe334455", ["SC-01.identifier"]),
                              ("0000000000000001", [])):
            found, _ = self.lint(self.file(
                {"rules": [{"rule-id-value": 1, "rule-id-length": 3,
                            "rule-nature": "nature-compression",
                            "entry": [fixed("fid-ipv6-deviid", iid, 64)]},
                           rules()["rules"][1]]}))
            self.assertEqual([f for f in found if "identifier" in f],
                             expected)

    def test_words_that_only_look_alike(self):
        for value in ("key", "token=", "d=1", "page=2026-11-29T00:00:00Z",
                      "monkey=1", "aaaaaaaaaaaaaaaaaaaaaaaa"):
            self.finds(rules(text("fid-coap-option-uri-query", value)))

    def test_no_way_out(self):
        r = rules()
        del r["rules"][1]
        self.finds(r, "SC-01.no-compression")

    def test_ambiguous_rule_ids(self):
        r = rules()
        r["rules"][1]["rule-id-length"] = 2
        found = self.finds(r, "SC-01.ambiguous")
        self.assertGreater(found[0]["evidence"]["line"], 0)

    def test_expansion(self):
        query = [text("fid-coap-option-uri-query", f"{c}=" + c * 90)
                 for c in "abc"]
        for i, q in enumerate(query):
            q["field-position"] = i + 1
        self.finds(rules(*query[:2]))
        found = self.finds(rules(*query), "SC-01.expansion")
        self.assertRegex(found[0]["detail"], r"2\d\d bytes of header from")

    def test_one_set_for_two_tenants(self):
        one = self.file(rules())
        same = self.file(json.dumps(rules(), indent=3))
        other = self.file(rules(text("fid-coap-option-uri-path", "/t")))
        found, result = self.lint(one, other, same)
        self.assertEqual(found, ["SC-01.shared"])
        self.assertIn(str(one), result["findings"][0]["detail"])
        self.assertEqual(result["findings"][0]["evidence"]["file"], str(same))
        self.assertEqual(self.lint(one, other)[0], [])

    def test_fragmentation(self):
        self.finds(fragmentation())
        no_ack = "fragmentation-mode-no-ack"
        self.finds(fragmentation(**{"fragmentation-mode": no_ack,
                                    "retransmission-timer": None,
                                    "max-ack-requests": None}))
        for member, value, expected in (
                ("inactivity-timer", None, "SC-01.reassembly-timer"),
                ("inactivity-timer", {"ticks-numbers": 0},
                 "SC-01.reassembly-timer"),
                ("inactivity-timer", 5, "SC-01.reassembly-timer"),
                ("retransmission-timer", None, "SC-01.fragment-retries"),
                ("max-ack-requests", None, "SC-01.fragment-retries"),
                ("max-ack-requests", 0, "SC-01.fragment-retries"),
                ("max-interleaved-frames", 60, "SC-01.reassembly-room")):
            found = self.finds(fragmentation(**{member: value}), expected)
            self.assertGreater(found[0]["evidence"]["line"], 0)

    def test_a_rule_against_its_profile(self):
        self.finds(rules(lossy("fid-coap-option-if-none-match", "var")),
                   "SC-01.profile")

    def test_what_is_no_rule_set(self):
        for document in ("", "{", "[]", '{"rules": 1}', "\0", "a: b"):
            found, _ = self.lint(self.file(document))
            self.assertEqual(set(found), {"SC-01.unusable"}, document)


class Verb(Lint):
    kind = "schc"

    def test_text_says_place_rating_and_remedy(self):
        path = self.file(rules(lossy("fid-coap-option-echo", "var")))
        done = run("lint", "schc", path)
        self.assertEqual(done.returncode, FINDINGS)
        self.assertRegex(done.stdout, re.escape(str(path)) + r":\d+: "
                         r"SC-01\.lossy D2 I3 C0 P1 R0 .*\(RFC 8724.*\)\n"
                         r"    send the value .*\n1 file, 1 finding\n")

    def test_into_adds_and_never_overwrites(self):
        folder = self.path("evidence")
        folder.mkdir()
        good = self.file(rules())
        for name in ("lint-1.json", "lint-2.json"):
            done = run("lint", "schc", "--into", folder, good)
            self.assertEqual((done.returncode, done.stderr), (DONE, ""))
            kept = json.loads((folder / name).read_text())
            self.assertEqual(kept["lint"], "schc")
            self.assertEqual((folder / name).stat().st_mode & 0o777, 0o600)
        self.assertEqual(len(os.listdir(folder)), 2)
        done = run("lint", "schc", "--into", folder / "none", good)
        self.assertEqual(done.returncode, IO)

    def test_usage(self):
        for arguments in ((), ("schc",), ("shcc", "x"), ("schc", "--x", "y"),
                          ("--json", "schc")):
            self.assertEqual(run("lint", *arguments).returncode, USAGE)

    def test_a_file_that_cannot_be_read_is_no_innocent_one(self):
        good = self.file(rules())
        found, result = self.lint(self.path("missing"), good, status=IO)
        self.assertEqual(found, [])
        self.assertFalse(result["complete"])
        self.assertEqual(len(result["files"]), 1)


def act(number, target, state=None, protocol="tcp", **service):
    """Two lines of a record."""
    result = {"kind": "result", "act": number}
    if state is not None:
        result["state"] = state
    if service:
        result["services"] = [{"target": target, "protocol": protocol,
                               **service}]
    return [{"kind": "intent", "act": number, "target": target,
             "protocol": protocol}, result]


class Policy(Lint):
    kind = "policy"
    POLICY = """
classes:
- class: lamp
  hosts: [192.0.2.0/28, "2001:db8::/64"]
  open:
  - {proto: udp, ports: 5683-5684, service: coap}
  - {proto: tcp, ports: 22, service: ssh, least: 9.2}
- class: gateway
  hosts: [192.0.2.16]
  open: [{proto: tcp, ports: "80,443"}]
"""

    def record(self, *acts):
        lines = [{"kind": "begin"}, *[line for a in acts for line in a]]
        return self.file("".join(json.dumps(line) + "\n" for line in lines))

    def judged(self, *acts, policy=None, status=None):
        found, result = self.lint(self.file(policy or self.POLICY),
                                  self.record(*acts), status=status)
        return [(f, r["evidence"]["line"])
                for f, r in zip(found, result["findings"])], result

    def test_what_may_be_open(self):
        found, _ = self.judged(
            act(0, "192.0.2.1:5683", "open", "udp"),
            act(1, "[2001:db8::7]:22", "open"),
            act(2, "192.0.2.16:443", "open"),
            act(3, "192.0.2.1:23", "closed"),
            act(4, "192.0.2.1:23", "filtered"),
            act(5, "192.0.2.1:22", service="ssh",
                banner="SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10"))
        self.assertEqual(found, [])

    def test_what_may_not(self):
        found, result = self.judged(
            act(0, "192.0.2.1:23", "open"),
            act(1, "192.0.2.1:23", "open"),  # the look at its health
            act(2, "192.0.2.1:22", "open", "udp"),
            act(3, "192.0.2.16:22", "open"),
            act(4, "198.51.100.1:80", "open"))
        self.assertEqual(found, [("SY-01.open", 3), ("SY-01.open", 7),
                                 ("SY-01.open", 9), ("SY-01.open", 11)])
        details = [f["detail"] for f in result["findings"]]
        self.assertIn("tcp 192.0.2.1:23 is open, and not in the class lamp",
                      details)
        self.assertIn("no class of the policy has this host", details[3])

    def test_services_and_versions(self):
        found, result = self.judged(
            act(0, "192.0.2.1:5683", protocol="udp", service="unknown"),
            act(1, "192.0.2.1:22", service="ssh",
                banner="SSH-2.0-OpenSSH_8.4p1 Debian-5"),
            act(2, "192.0.2.2:22", service="ssh", banner="SSH-2.0-own"),
            act(3, "192.0.2.3:22", service="http"),
            act(4, "192.0.2.16:80", service="telnet"))
        self.assertEqual([f for f, _ in found],
                         ["SY-01.service", "SY-01.old", "SY-01.no-version",
                          "SY-01.service"])
        self.assertIn("openssh 8.4p1, at least 9.2 wanted",
                      result["findings"][1]["detail"])

    def test_a_class_for_all(self):
        found, _ = self.judged(act(0, "192.0.2.1:23", "open"), policy=(
            "classes: [{class: any, open: [{proto: tcp, ports: 1-1000}]}]"))
        self.assertEqual(found, [])

    def test_policies_that_are_refused(self):
        for text in ("classes: 1", "{}", "classes: [{class: a}]",
                     "classes: [{open: []}]",
                     "classes: [{class: a, open: [{proto: sctp, ports: 1}]}]",
                     "classes: [{class: a, open: [{proto: tcp, ports: 0}]}]",
                     "classes: [{class: a, open: [{proto: tcp}]}]",
                     "classes: [{class: a, hosts: [lamp], open: []}]",
                     "classes: [{class: a, open: [], more: 1}]", "[", ""):
            with self.subTest(text=text):
                self.lint(self.file(text), self.record(), status=IO)

    def test_records_that_cannot_be_read(self):
        policy = self.file(self.POLICY)
        self.lint(policy, self.file("x\n"), status=IO)
        self.lint(policy, "/nowhere", status=IO)
        self.lint(policy, status=IO)


if __name__ == "__main__":
    assert os.path.isfile(AUDIT)
    unittest.main()
