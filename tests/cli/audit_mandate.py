#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""covey-audit mandate: signing, showing, amending, withdrawing; and that
others can check what was signed without us."""
import base64
import json
import subprocess
import unittest

from audit_kit import Case, DONE, REFUSED, USAGE, payload_of, run


class Mandate(Case):
    def test_what_both_signed_is_right(self):
        done = self.verify(self.signed())
        self.assertEqual((done.returncode, done.stderr), (DONE, ""))
        self.assertIn("MND-2025-004: signatures and owners are right",
                      done.stdout)

    def test_the_bytes_that_were_written_are_the_bytes_that_are_signed(self):
        path = self.signed()
        written = self.path("mandate.json").read_bytes()
        self.assertEqual(payload_of(path), written)

    def test_openssl_verifies_a_signature_from_the_published_recipe(self):
        envelope = json.loads(self.signed().read_text())
        kind = envelope["payloadType"].encode()
        body = base64.b64decode(envelope["payload"])
        tbs = self.path("tbs")
        tbs.write_bytes(b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(body),
                                                 body))
        public = self.path("owner.pub")
        subprocess.run(["openssl", "pkey", "-in", self.path("owner.pem"),
                        "-pubout", "-out", public], check=True)
        sig = self.path("sig")
        by_key = {s["keyid"]: s["sig"] for s in envelope["signatures"]}
        sig.write_bytes(base64.b64decode(by_key[self.keys["owner"]]))
        done = subprocess.run(
            ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey",
             public, "-sigfile", sig, "-in", tbs], check=False,
            capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_signing_again_replaces_the_older_signature(self):
        path = self.signed()
        again = run("mandate", "sign", "--key", self.path("owner.pem"), path)
        self.assertEqual(again.returncode, DONE)
        self.assertEqual(len(json.loads(again.stdout)["signatures"]), 2)

    def test_a_third_party_that_is_named_has_to_sign(self):
        def with_host(m):
            m["third_parties"] = [{"role": "hosting", "legal": "H SA",
                                   "natural": "M. H",
                                   "key": self.keys["host"]}]
        path = self.signed(with_host)
        self.refused(self.verify(path), "no valid signature of M. H")
        run("mandate", "sign", "--key", self.path("host.pem"), "-o", path,
            path)
        self.assertEqual(self.verify(path).returncode, DONE)

    def test_show_says_what_is_permitted(self):
        path = self.signed()
        text = run("mandate", "show", path).stdout
        for words in ("S1: udp 192.0.2.0/28, ports 5683-5684",
                      "S2: udp 224.0.1.187/32, ports 5683-5683, up to 20",
                      "S3: tcp 2001:db8::/64, ports 0-65535",
                      "excluded       any 192.0.2.9/32",
                      "2025-11-29T20:00:00Z to 2025-11-29T23:00:00Z",
                      "white (boîte blanche)",
                      "public services.coap services.coap.multicast vuln",
                      "2 packets/s, 200 bytes/s, 60 packets per target",
                      "contact        Mme M, +33 1 00 00 00 00",
                      "recipients     Mme M\n"):
            self.assertIn(words, text)
        text = run("mandate", "show", "--lang", "fr", path).stdout
        for words in ("mandant        Mme M, Ville (propriétaire)",
                      "à prévenir     Mme M, +33 1 00 00 00 00",
                      "C-118; accord de confidentialité NDA-77; art. 9",
                      "motif légitime audit\n", "position       interne\n",
                      "périmètre      S2: udp 224.0.1.187/32, ports "
                      "5683-5683, jusqu'à 20 réponses",
                      "exclu          tous 192.0.2.9/32",
                      "période        2025-11-29T20:00:00Z à 2025",
                      "mode           boîte blanche\n",
                      "2 paquets/s, 200 octets/s, 60 paquets par cible",
                      "conservées 90 jours, TLP:AMBER",
                      "destinataires  Mme M\n", "avenants       0\n"):
            self.assertIn(words, text)
        done = run("mandate", "show", "--lang", "de", path)
        self.assertEqual(done.returncode, USAGE)
        self.assertIn("--lang: expected fr or en", done.stderr)
        shown = json.loads(run("mandate", "show", "--json", path).stdout)
        m = self.mandate()
        self.assertEqual(shown["id"], m["id"])
        self.assertEqual(shown["techniques"], m["techniques"])
        self.assertEqual(shown["window"], m["window"])
        self.assertEqual(shown["principal"], m["principal"])
        self.assertEqual([s["net"] for s in shown["scope"]],
                         ["192.0.2.0/28", "224.0.1.187/32", "2001:db8::/64"])

    def test_templates_have_every_member_and_no_key(self):
        for language in ("fr", "en"):
            text = run("mandate", "new", "--lang", language).stdout
            document = json.loads(text)
            self.assertEqual(document["lang"], language)
            missing = set(self.mandate()) - set(document)
            self.assertEqual(missing, set())
            self.refused(run("mandate", "sign", "--key",
                             self.path("owner.pem"),
                             self.write("new.json", text)),
                         "expected ed25519: or p256:")

    def test_a_filled_in_template_verifies(self):
        m = json.loads(run("mandate", "new", "--lang", "en").stdout)
        m["principal"]["key"] = self.keys["owner"]
        m["auditor"]["key"] = self.keys["auditor"]
        path = self.sign("filled", m, "owner", "auditor")
        self.assertEqual(self.verify(path).returncode, DONE)

    def test_a_filled_in_amendment_and_withdrawal_are_taken(self):
        for language in ("fr", "en"):
            m = json.loads(run("mandate", "new", "--lang", language).stdout)
            m["principal"]["key"] = self.keys["owner"]
            m["auditor"]["key"] = self.keys["auditor"]
            path = self.sign("filled", m, "owner", "auditor")
            for kind in ("amendment", "withdrawal"):
                text = run("mandate", "new", "--lang", language, kind).stdout
                added = self.sign(kind, text, "owner", "auditor")
                self.assertEqual(self.verify(path, added).returncode,
                                 DONE if kind == "amendment" else REFUSED)
                self.assertIn("WITHDRAWN" if kind == "withdrawal"
                              else "amendments     1",
                              run("mandate", "show", path, added).stdout)

    def test_an_agreement_that_there_is_none_has_a_reason(self):
        def without(m):
            m["nda"] = "none"
            m["nda_reason"] = "Mme M and M. A are one house"
        path = self.signed(without)
        self.assertEqual(self.verify(path).returncode, DONE)
        self.assertIn("NDA none (Mme M and M. A are one house)",
                      run("mandate", "show", path).stdout)

    def test_a_radio_link_bounds_the_pace(self):
        def slow(m):
            m["limits"]["bytes_s"] = 6
            m["radio"] = [{"clause": "S1", "bits_s": 5470,
                           "duty_permille": 10}]
        path = self.signed(slow)
        self.assertEqual(self.verify(path).returncode, DONE)
        self.assertIn("radio          S1: 5470 bit/s, duty cycle 1.0 %",
                      run("mandate", "show", path).stdout)

    def test_an_amendment_takes_away(self):
        path = self.signed()
        added = self.sign("amendment", self.amendment(), "owner", "auditor")
        done = self.verify(path, added)
        self.assertEqual((done.returncode, done.stderr), (DONE, ""))
        self.assertIn("1 amendments", done.stdout)
        self.assertEqual(
            self.decide("services.coap", "192.0.2.3:5683", path).returncode,
            DONE)
        self.assertEqual(
            self.decide("services.coap", "192.0.2.3:5683", path,
                        added).returncode, REFUSED)

    def test_any_party_withdraws(self):
        path = self.signed()
        notice = {"withdraws": "MND-2025-004", "by": "Mme M",
                  "reason": "incident"}
        for who in ("owner", "auditor"):
            end = self.sign(f"end-{who}", notice, who)
            done = self.verify(path, end)
            self.assertEqual(done.returncode, REFUSED)
            self.assertIn("withdrawn", done.stdout)
            decided = self.decide("services.coap", "192.0.2.2:5683", path, end)
            self.assertEqual(decided.returncode, REFUSED)
            self.assertEqual(json.loads(decided.stdout)["reason"],
                             "WITHDRAWN")


if __name__ == "__main__":
    unittest.main()
