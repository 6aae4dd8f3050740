#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What is no mandate: each is refused by name, and with exit status 3."""
import base64
import json
import os
import unittest

from audit_kit import Case, IO, REFUSED, USAGE, run


def put(member, value):
    def change(m):
        m[member] = value
    return change


def put_in(member, inner, value):
    def change(m):
        m[member][inner] = value
    return change


def clause(**members):
    def change(m):
        m["scope"] = [{"clause": "S1", "net": "192.0.2.2", **members}]
    return change


def drop(member):
    def change(m):
        del m[member]
    return change


def drop_in(member, inner):
    def change(m):
        del m[member][inner]
    return change


def radio(**members):
    return put("radio", [{"clause": "S1", "bits_s": 5470,
                          "duty_permille": 10, **members}])


# What is changed, and what the message says.
CONTENT = [
    (put("purpose", "x"), "'purpose' is no key of a mandate"),
    (put("version", 2), "version: expected a number of 1 to 1"),
    (put("lang", "de"), "lang: expected one of fr, en"),
    (put("mode", "grey"), "mode: expected one of black, white, account"),
    (put("id", ""), "id: expected a text of 1 to 200 bytes"),
    (put("id", "a\x1b[2Jb"), "id: expected a text of one line"),
    (put("techniques", ["exploit"]), "the mandate is invalid"),
    (put("techniques", ["services.coap", "bruteforce"]), "AUD-056"),
    (put("techniques", ["pivot.lan"]), "the mandate is invalid"),
    (put("techniques", ["telnet"]), "'telnet' is no technique"),
    (put("techniques", "vuln"), "techniques: expected a list"),
    (put("scope", []), "expected at least one clause"),
    (clause(net="lamp.example"), "names are not taken"),
    (clause(net="192.0.2.2/24"), "no bits behind"),
    (clause(net="0.0.0.0/0"), "one family, hosts or one group"),
    (clause(net="::/0"), "one family, hosts or one group"),
    (clause(net="fe80::1"), "an interface for link-local addresses"),
    (clause(net="224.0.1.187"), "hosts or one group"),
    (clause(net="192.0.2.2/33"), "names are not taken"),
    (clause(ports="5684-5683"), "one family"),
    (clause(ports="http"), "ports: expected a port"),
    (clause(ports="70000"), "ports: expected a port"),
    (clause(proto="sctp"), "proto: expected one of any, udp, tcp"),
    (clause(group="224.0.1.187"), "expected either net or group"),
    (clause(rate=3), "'rate' is no key of a clause"),
    (put("scope", [{"clause": "S1", "group": "224.0.1.187"}]),
     "'max_responders' is missing"),
    (put("scope", [{"clause": "S1", "net": "192.0.2.2"},
                   {"clause": "S1", "net": "192.0.2.3"}]),
     "the clause 'S1' comes twice"),
    (put("window", [{"from": "2025-11-29T20:00:00Z",
                     "to": "2025-11-29T20:00:00Z"}]),
     "a time after the beginning"),
    (put("window", [{"from": "2025-02-29T20:00:00Z",
                     "to": "2025-11-29T20:00:00Z"}]), "a time in UTC"),
    (put("window", [{"from": "2025-11-29 20:00", "to": "2026-01-01"}]),
     "a time in UTC"),
    (put("window", [{"from": "2025-11-29T20:00:00+01:00",
                     "to": "2025-11-29T22:00:00Z"}]), "a time in UTC"),
    (put("window", []), "expected at least one window"),
    (put_in("limits", "pps", 0), "pps: expected a number of 1"),
    (put_in("limits", "burst", 9), "'burst' is no key of limits"),
    (put_in("data", "tlp", "BLUE"), "tlp: expected one of"),
    (put_in("data", "capture", "all"), "capture: expected one of"),
    (put_in("auditor", "vantage", "space"), "vantage: expected one of"),
    (put_in("auditor", "source", ["scanner.example"]), "names are not taken"),
    (put_in("auditor", "key", "rsa:00"), "expected ed25519: or p256:"),
    (put("credentials", [{"id": "c", "kind": "oscore", "target": "S1"}]),
     "for the mode 'account' only"),
    (put("contacts", [{"name": "a", "tel": "1",
                       "stop_phrase_sha256": "00"}]), "stop_phrase_sha256"),
    (put("nda", "none"), "'nda_reason' is missing (AUD-052)"),
    (put("nda_reason", "trust"), "a reason goes with nda 'none' only"),
    (put("nda", ""), "nda: expected a text of 1 to 200 bytes"),
    (put("contract", ""), "contract: expected a text of 1 to 200 bytes"),
    (put("legitimate_reason", ""), "legitimate_reason: expected a text"),
    (put("jurisdictions", []), "jurisdictions: expected at least one"),
    (put("jurisdictions", ["fr"]), "expected two capital letters"),
    (put("jurisdictions", ["FRA"]), "expected two capital letters"),
    (put("contacts", []), "contacts: expected at least one"),
    (put("contacts", [{"name": "a"}]), "'tel' is missing"),
    (put_in("data", "recipients", []), "recipients: expected at least one"),
    (put_in("data", "retention_days", 0), "retention_days: expected"),
    (drop_in("data", "retention_days"), "'retention_days' is missing"),
    (drop_in("data", "tlp"), "'tlp' is missing (AUD-075)"),
    (drop_in("auditor", "vantage"), "'vantage' is missing (AUD-022)"),
    (put_in("auditor", "source", []), "source: expected at least one"),
    (put("third_parties", [{"role": "hosting", "legal": "H SA"}]),
     "'natural' is missing (AUD-038)"),
    (radio(clause="S9"), "no clause 'S9' for the radio link (AUD-081)"),
    (radio(duty_permille=0), "duty_permille: expected a number of 1 to 1000"),
    (radio(duty_permille=1001), "duty_permille: expected"),
    (radio(bits_s=0), "bits_s: expected a number of 1"),
    (radio(power=1), "'power' is no key of a radio link"),
    # 5,470 bit/s for one percent of the time
    (radio(), "clause S1: expected limits of up to 6 bytes_s"),
] + [(drop(name), f"'{name}' is missing") for name in (
    "id", "version", "lang", "principal", "auditor", "contract", "nda",
    "liability_clause", "legitimate_reason", "mode", "jurisdictions",
    "window", "scope", "techniques", "limits", "data", "contacts")]


class Content(Case):
    def test_a_fault_is_named_before_anybody_signs(self):
        for change, message in CONTENT:
            m = self.mandate()
            change(m)
            with self.subTest(message):
                done = run("mandate", "sign", "--key",
                           self.path("owner.pem"),
                           self.write("bad.json", m))
                self.refused(done, message)
                self.assertEqual(done.stdout, "")

    def test_persons_legal_and_natural_are_named(self):
        for party in ("principal", "auditor"):
            for person in ("legal", "natural"):
                m = self.mandate()
                del m[party][person]
                self.refused(run("mandate", "sign", "--key",
                                 self.path("owner.pem"),
                                 self.write("bad.json", m)),
                             f"'{person}' is missing (AUD-038)")

    def test_nobody_authorises_himself(self):
        m = self.mandate()
        m["auditor"]["key"] = m["principal"]["key"]
        self.refused(run("mandate", "sign", "--key", self.path("owner.pem"),
                         self.write("bad.json", m)),
                     "nobody authorises himself")

    def test_a_member_that_comes_twice(self):
        text = json.dumps(self.mandate())
        twice = text[:-1] + ', "techniques": ["os"]}'
        self.refused(run("mandate", "sign", "--key", self.path("owner.pem"),
                         self.write("bad.json", twice)),
                     "'techniques' comes twice")

    def test_yaml_is_no_json(self):
        for text in ("id: MND-1\n", "{id: MND-1}", "[]", "", "{} {}"):
            self.refused(run("mandate", "sign", "--key",
                             self.path("owner.pem"),
                             self.write("bad.json", text)), "bad.json:")


class Signatures(Case):
    def envelope(self):
        return json.loads(self.signed().read_text())

    def check(self, envelope, *texts):
        self.refused(self.verify(self.write("spoilt.dsse", envelope)), *texts)

    def test_one_signature_is_not_enough(self):
        for who, missing in (("owner", "M. A"), ("auditor", "Mme M")):
            path = self.sign("half", self.mandate(), who)
            self.refused(self.verify(path), f"no valid signature of {missing}")

    def test_a_strangers_signature_is_none(self):
        path = self.sign("strange", self.mandate(), "stranger", "auditor")
        self.refused(self.verify(path), "no valid signature of Mme M")

    def test_an_edited_byte(self):
        envelope = self.envelope()
        body = bytearray(base64.b64decode(envelope["payload"]))
        at = body.index(b"192.0.2.0/28") + 9
        body[at:at + 3] = b"/24"
        envelope["payload"] = base64.b64encode(body).decode()
        self.check(envelope, "no valid signature of Mme M",
                   "no valid signature of M. A")

    def test_every_bit_of_a_signature(self):
        envelope = self.envelope()
        good = base64.b64decode(envelope["signatures"][0]["sig"])
        for bit in range(0, 512, 37):
            sig = bytearray(good)
            sig[bit // 8] ^= 1 << bit % 8
            envelope["signatures"][0]["sig"] = base64.b64encode(sig).decode()
            self.check(envelope, "no valid signature of Mme M")

    def test_signed_as_another_kind(self):
        envelope = self.envelope()
        envelope["payloadType"] = envelope["payloadType"].replace(
            "mandate", "amendment")
        self.check(envelope, "expected a mandate, found another document")

    def test_envelopes_that_are_none(self):
        good = self.envelope()
        cases = [
            ({"payload": "", "payloadType": good["payloadType"]},
             "'signatures' is missing"),
            ({**good, "extra": 1}, "'extra' is no key of a DSSE envelope"),
            ({**good, "payloadType": "text/plain"}, "payloadType: expected"),
            ({**good, "payload": good["payload"][:-1]}, "expected base64"),
            ({**good, "payload": "!" + good["payload"][1:]},
             "expected base64"),
            ({**good, "signatures": [{"keyid": self.keys["owner"],
                                      "sig": "AA=="}]},
             "expected a signature of 64 bytes, found 1"),
            ({**good, "signatures": [{"keyid": self.keys["owner"],
                                      "sig": "AB=="}]}, "expected base64"),
            ({**good, "signatures": [{"keyid": "hmac:00", "sig": "AA=="}]},
             "expected ed25519: or p256:"),
            ({**good, "signatures": []}, "no valid signature of Mme M"),
            ({**good, "signatures": good["signatures"] * 9},
             "expected up to 16 entries, found 18"),
        ]
        for envelope, message in cases:
            with self.subTest(message):
                self.check(envelope, message)

    def test_a_bare_payload_is_no_envelope(self):
        self.refused(self.verify(self.write("bare.json", self.mandate())),
                     "expected a DSSE envelope")


class Owners(Case):
    def test_networks_that_nobody_was_pinned_to(self):
        for net in ("198.51.100.1", "192.0.3.0/28", "2001:db9::1",
                    "192.0.0.0/20"):
            def change(m, net=net):
                m["scope"] = [{"clause": "S7", "net": net}]
            with self.subTest(net):
                self.refused(self.verify(self.signed(change)),
                             "clause S7: the principal's key is pinned to no")

    def test_another_owners_networks(self):
        m = self.mandate()
        m["principal"]["key"] = self.keys["stranger"]
        path = self.sign("other", m, "stranger", "auditor")
        self.refused(self.verify(path), "clause S1: the principal's key")

    def test_owners_files_that_are_none(self):
        path = self.signed()
        for text, message in (("owners: 3\n", "expected a list"),
                              ("owner: []\n", "is no key of a file"),
                              ("owners: [{key: x, prefixes: []}]\n",
                               "expected ed25519:"),
                              ("owners: [{prefixes: []}]\n",
                               "'key' is missing")):
            owners = self.write("owners-bad.yaml", text)
            self.refused(run("mandate", "verify", "--owners", owners, path),
                         message)


class Additions(Case):
    def add(self, document, *signers):
        return self.verify(self.signed(),
                           self.sign("added", document, *signers))

    def test_an_amendment_that_widens(self):
        m = self.mandate()
        wider = [
            ({"scope": [{"clause": "A1", "net": "192.0.2.0/27",
                         "proto": "udp", "ports": "5683"}]},
             "clause A1 is wider than the mandate"),
            ({"scope": [{"clause": "A1", "net": "192.0.2.2"}]},
             "clause A1 is wider"),
            ({"techniques": ["services.tls"]},
             "technique services.tls is not in the mandate"),
            ({"window": [{"from": "2025-11-29T20:00:00Z",
                          "to": "2025-11-29T23:00:01Z"}]},
             "window 1 is wider"),
            ({"limits": {**m["limits"], "pps": 3}}, "limit 1 is wider"),
        ]
        for change, message in wider:
            with self.subTest(message):
                self.refused(self.add({**self.amendment(), **change},
                                      "owner", "auditor"), message)

    def test_an_amendment_that_one_has_signed(self):
        self.refused(self.add(self.amendment(), "owner"),
                     "no valid signature of M. A")

    def test_for_another_mandate(self):
        self.refused(self.add({**self.amendment(), "amends": "MND-9"},
                              "owner", "auditor"), "it is for the mandate")
        self.refused(self.add({"withdraws": "MND-9", "by": "Mme M"},
                              "owner"), "it is for the mandate")

    def test_a_withdrawal_by_a_stranger(self):
        self.refused(self.add({"withdraws": "MND-2025-004", "by": "X"},
                              "stranger"), "no valid signature of any party")

    def test_a_mandate_is_no_addition(self):
        path = self.signed()
        self.refused(self.verify(path, path), "found a mandate")


class Keys(Case):
    def test_a_key_that_others_may_read(self):
        path = self.path("open.pem")
        path.write_bytes(self.path("owner.pem").read_bytes())
        os.chmod(path, 0o644)
        done = run("key", path)
        self.assertEqual(done.returncode, IO)
        self.assertIn("others may use this private key (mode 0644)",
                      done.stderr)

    def test_what_is_no_key(self):
        path = self.write("no.pem", "-----BEGIN NOTHING-----\n")
        os.chmod(path, 0o600)
        done = run("key", path)
        self.assertEqual(done.returncode, IO)
        self.assertIn("expected a private key of Ed25519 or P-256",
                      done.stderr)

    def test_a_failed_signing_leaves_the_file_as_it_was(self):
        path = self.signed()
        before = path.read_bytes()
        bad = self.write("bad.json", "{}")
        done = run("mandate", "sign", "--key", self.path("owner.pem"), "-o",
                   path, bad)
        self.assertEqual(done.returncode, REFUSED)
        self.assertEqual(path.read_bytes(), before)
        self.assertFalse(self.path("mandate.dsse.new").exists())


class CommandLine(Case):
    def test_usage(self):
        for arguments in ((), ("scan",), ("mandate",), ("mandate", "steal"),
                          ("mandate", "sign"), ("mandate", "sign", "--key"),
                          ("mandate", "verify", "x"), ("mandate", "show"),
                          ("mandate", "new", "--lang", "de"),
                          ("mandate", "new", "licence"),
                          ("mandate", "new", "mandate", "x"), ("key",),
                          ("key", "--force", "x"), ("decide", "x"),
                          ("decide", "--owners", "o", "m")):
            done = run(*arguments)
            self.assertEqual(done.returncode, USAGE, arguments)
            self.assertNotEqual(done.stderr, "")

    def test_files_that_are_not_there(self):
        self.assertEqual(self.verify(self.path("nowhere")).returncode, IO)
        self.assertEqual(run("mandate", "verify", "--owners",
                             self.path("nowhere"),
                             self.signed()).returncode, IO)

    def test_help(self):
        for verb in (["mandate", "sign"], ["mandate", "verify"], ["key"],
                     ["mandate", "show"], ["mandate", "new"], ["decide"]):
            done = run(*verb, "--help")
            self.assertEqual(done.returncode, 0)
            self.assertIn("usage: covey-audit " + " ".join(verb),
                          done.stdout)


if __name__ == "__main__":
    unittest.main()
