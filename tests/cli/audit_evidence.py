#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The record of a run: changed in every way that somebody might, and proved to
a third party with the recipe of docs/guide/audit-proof.md."""
import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import unittest
from pathlib import Path

from audit_kit import AUDIT, DONE, FINDINGS, USAGE, run
from audit_lab import EVIDENCE, Lab, set_up_namespaces

GUIDE = Path(__file__).resolve().parents[2] / "docs/guide/audit-proof.md"


def merkle(leaves):
    """RFC 9162 Section 2.1.1."""
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while 2 * half < len(leaves):
        half *= 2
    return hashlib.sha256(b"\x01" + merkle(leaves[:half]) +
                          merkle(leaves[half:])).digest()


def raw(der):
    """r and s of 32 bytes each out of what openssl writes."""
    numbers, at = [], 2
    while at < len(der):
        n = der[at + 1]
        numbers.append(der[at + 2:at + 2 + n].lstrip(b"\0").rjust(32, b"\0"))
        at += 2 + n
    return b"".join(numbers)


class Record(Lab):
    """One run; each test gets a copy of what it left."""

    kept = None

    def setUp(self):
        super().setUp()
        if Record.kept is None:
            self.fake("bypass")
            assert self.run_audit(self.signed()) == FINDINGS, self.err
            Record.kept = self.path("kept")
            shutil.copytree(self.evidence, Record.kept)
        else:
            shutil.copytree(Record.kept, self.evidence)
        self.log = self.evidence / "acts.log"
        self.notes = self.evidence / "checkpoints"
        self.text = self.log.read_bytes().splitlines(keepends=True)

    def verify(self, *options):
        return run("verify", "--json", *options, self.evidence)

    def whole(self, *options):
        done = self.verify(*options)
        self.assertEqual((done.returncode, done.stderr), (DONE, ""))
        return json.loads(done.stdout)

    def broken(self, record, what, *options):
        done = self.verify(*options)
        self.assertEqual(done.returncode, EVIDENCE, done.stdout)
        said = json.loads(done.stdout)
        self.assertEqual(said["record"], record, said)
        self.assertIn(what, said["fault"])
        self.assertIn(f"record {record}", done.stderr)

    def write_lines(self, lines):
        self.log.write_bytes(b"".join(lines))

    def test_it_is_whole_and_each_act_had_its_right(self):
        said = self.whole("--owners", self.path("owners.yaml"))
        self.assertEqual(said["records"], len(self.text))

    def test_a_flip(self):
        for n in (0, 3, len(self.text) - 1):
            lines = list(self.text)
            lines[n] = lines[n].replace(b'"kind"', b'"kinD"')
            self.write_lines(lines)
            self.broken(n, "")

    def test_a_line_less(self):
        self.write_lines(self.text[:5] + self.text[6:])
        self.broken(5, "missing")

    def test_the_end_cut_off(self):
        self.write_lines(self.text[:-2])
        self.broken(len(self.text) - 2, "missing")
        self.write_lines(self.text[:-1] + [self.text[-1][:-9]])
        self.broken(len(self.text) - 1, "cut")

    def test_two_lines_exchanged(self):
        lines = list(self.text)
        lines[4], lines[5] = lines[5], lines[4]
        self.write_lines(lines)
        self.broken(4, "stands in its place")

    def test_another_key(self):
        # what the stranger signs is right in itself
        note = self.notes.read_text().splitlines()
        body = self.path("body")
        body.write_text("\n".join(note[:3]) + "\n")
        sig = self.path("sig")
        subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey",
                        self.path("stranger.pem"), "-in", body, "-out", sig],
                       check=True)
        raw = base64.b64decode(note[4].split()[2])[:4] + sig.read_bytes()
        note[4] = " ".join(note[4].split()[:2] +
                           [base64.b64encode(raw).decode()])
        self.notes.write_text("\n".join(note) + "\n")
        self.broken(len(self.text) - 1, "not signed by the auditor")

    def write_anew(self, change):
        """As an auditor can, who has the key: another record, all hashes and
        the signature right."""
        leaves, lines, before = [], [], "0" * 64
        for n, line in enumerate(self.text):
            text = re.sub(r'"prev":"[0-9a-f]{64}"', f'"prev":"{before}"',
                          change(n, line.decode().rstrip("\n")))
            leaf = hashlib.sha256(b"\0" + text.encode()).digest()
            before = leaf.hex()
            leaves.append(leaf)
            lines.append(text.encode() + b"\n")
        self.write_lines(lines)
        note = self.notes.read_text().split("\n\n")
        head = note[0].split("\n")[0]
        dash, name, signature = note[1].split("\n")[0].split(" ")
        body = f"{head}\n{len(leaves)}\n" + \
            base64.b64encode(merkle(leaves)).decode() + "\n"
        signed = subprocess.run(
            ["openssl", "dgst", "-sha256", "-sign", self.path("auditor.pem")],
            input=body.encode(), capture_output=True, check=True).stdout
        whole = base64.b64decode(signature)[:4] + raw(signed)
        self.notes.write_text(f"{body}\n{dash} {name} "
                              f"{base64.b64encode(whole).decode()}\n")

    def test_an_auditor_who_writes_it_anew_is_judged(self):
        self.write_anew(lambda n, line: line)
        self.whole()
        # a health probe, which waits for no stage, and a check
        first, second = [n for n, line in enumerate(self.text)
                         if b'"intent"' in line][:2]
        for at, old, new, fault in (
                (first, '"clause":"S1"', '"clause":"S2"', "the gate says"),
                (first, "10.77.0.2:", "10.77.0.3:", "the gate says EXCLUDED"),
                (first, '"packets":2,', '"packets":99,',
                 "the gate says NOT_EXPRESSIBLE"),
                (second, '"packets":4,', '"packets":99,',
                 "the gate says BUDGET"),
                (first + 1, '"packets":1,', '"packets":3,', "more packets"),
                (0, '"stages":["services"]', '"stages":["ports","services"]',
                 "the gate says STAGE_ORDER")):
            with self.subTest(new=new):
                self.assertIn(old, self.text[at].decode())
                self.write_anew(lambda n, line, a=at, o=old, w=new:
                                line.replace(o, w) if n == a else line)
                self.broken(at if at > 0 else second, fault)

    def test_no_checkpoint(self):
        self.notes.write_text("")
        self.broken(0, "not covered")

    def test_another_mandate_or_owner(self):
        with open(self.evidence / "owners", "a", encoding="utf-8") as file:
            file.write(" ")
        self.broken(0, "the file owners is another one")
        shutil.copy(Record.kept / "owners", self.evidence / "owners")
        with open(self.evidence / "plan", "a", encoding="utf-8") as file:
            file.write("one more\n")
        self.broken(0, "the file plan is another one")
        (self.evidence / "mandate.dsse").write_bytes(
            self.sign("other", dict(self.mandate(), nda="other"), "owner",
                      "auditor").read_bytes())
        self.broken(0, "another")

    def test_a_mandate_that_was_not_signed_is_refused(self):
        path = self.evidence / "mandate.dsse"
        path.write_text(path.read_text().replace('"sig":"', '"sig":"AAAA'))
        self.assertEqual(self.verify().returncode, 3)

    def test_it_is_judged_by_the_folder_it_names(self):
        self.assertEqual(run("verify").returncode, USAGE)
        self.assertEqual(run("verify", self.path("nothing")).returncode, 4)

    def prove(self, record):
        done = run("prove", "--record", record, "-o", self.path("act"),
                   self.evidence)
        self.assertEqual((done.returncode, done.stderr), (DONE, ""))

    def recipe(self, public):
        script = self.path("audit-proof.sh")
        script.write_text(re.search(r"^```sh\n(.*?)^```$",
                                    GUIDE.read_text(encoding="utf-8"),
                                    re.M | re.S).group(1))
        return subprocess.run(["sh", script, self.path("act"), public],
                              check=False, capture_output=True, text=True,
                              timeout=60)

    def public(self, who):
        path = self.path(f"{who}.pub")
        subprocess.run(["openssl", "pkey", "-in", self.path(f"{who}.pem"),
                        "-pubout", "-out", path], check=True)
        return path

    def test_a_third_party_verifies_one_act_with_openssl(self):
        for record in (0, 4, len(self.text) - 1):
            self.prove(record)
            self.assertEqual(self.path("act.line").read_bytes() + b"\n",
                             self.text[record])
            done = self.recipe(self.public("auditor"))
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_and_refuses_what_was_changed(self):
        self.prove(4)
        self.assertNotEqual(
            self.recipe(self.public("stranger")).returncode, 0)
        line = self.path("act.line")
        good = line.read_bytes()
        line.write_bytes(good.replace(b"CO-", b"CX-"))
        self.assertIn("not in the tree",
                      self.recipe(self.public("auditor")).stdout)
        line.write_bytes(good)
        proof = self.path("act.proof")
        proof.write_text(proof.read_text().replace("index 4", "index 5"))
        self.assertNotEqual(
            self.recipe(self.public("auditor")).returncode, 0)

    def test_what_is_not_whole_is_not_proved(self):
        self.write_lines(self.text[:-1])
        for verb in (("prove", "--record", 1, "-o", self.path("x")),
                     ("cosign", "--key", self.path("owner.pem"))):
            self.assertEqual(run(*verb, self.evidence).returncode, EVIDENCE)
        self.assertEqual(run("prove", "--record", 999, "-o", self.path("x"),
                             Record.kept).returncode, USAGE)

    def test_the_client_cosigns_and_holds_the_auditor_to_it(self):
        done = run("cosign", "--key", self.path("owner.pem"), self.evidence)
        self.assertEqual((done.returncode, done.stderr), (DONE, ""))
        kept = self.path("kept.checkpoint")
        kept.write_text(done.stdout, encoding="utf-8")
        said = run("verify", "--checkpoint", kept, self.evidence)
        self.assertEqual(said.returncode, DONE, said.stderr)
        self.assertIn("cosigned by Mme M (propriétaire) at ", said.stdout)
        # an older one, of another run with the same key
        self.tearDown()
        super().setUp()
        self.fake("plain")
        self.run_audit(self.signed())
        self.log = self.evidence / "acts.log"
        self.assertEqual(run("verify", "--checkpoint", kept,
                             self.evidence).returncode, EVIDENCE)


if __name__ == "__main__":
    set_up_namespaces()
    assert os.path.isfile(AUDIT)
    unittest.main()
