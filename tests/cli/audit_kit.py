# SPDX-License-Identifier: BSD-2-Clause
"""What the tests of covey-audit share: keys, a mandate that is right, and the
program."""
import base64
import copy
import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

AUDIT = os.environ.get("COVEY_AUDIT", "covey-audit")
DONE, FINDINGS, USAGE, REFUSED, IO = range(5)
IN_WINDOW = 1764450000  # 2025-11-29T21:00:00Z


def run(*arguments):
    return subprocess.run([AUDIT, *map(str, arguments)], check=False,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=300)


def generate(path, *options):
    subprocess.run(["openssl", "genpkey", "-out", path, *options], check=True,
                   capture_output=True)
    os.chmod(path, 0o600)


class Case(unittest.TestCase):
    """A folder with keys of four people, a mandate and an owners' file."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.keys = {}
        for name in ("owner", "auditor", "host", "stranger"):
            kind = (["-algorithm", "EC", "-pkeyopt",
                     "ec_paramgen_curve:P-256"] if name == "auditor" else
                    ["-algorithm", "ed25519"])
            generate(cls.path(f"{name}.pem"), *kind)
            found = run("key", cls.path(f"{name}.pem"))
            assert found.returncode == DONE, found.stderr
            cls.keys[name] = found.stdout.strip()
        owners = {"owners": [{"name": "city", "key": cls.keys["owner"],
                              "prefixes": ["192.0.2.0/24", "224.0.1.187",
                                           "2001:db8::/32"]}]}
        cls.write("owners.yaml", owners)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def path(cls, name):
        return Path(cls.folder.name, name)

    @classmethod
    def write(cls, name, document):
        text = document if isinstance(document, str) else \
            json.dumps(document, ensure_ascii=False)
        cls.path(name).write_text(text, encoding="utf-8")
        return cls.path(name)

    def mandate(self):
        """Of the owner for the auditor; may be changed."""
        return {
            "id": "MND-2025-004", "version": 1, "lang": "fr",
            "principal": {"role": "propriétaire", "legal": "Ville",
                          "natural": "Mme M", "key": self.keys["owner"]},
            "auditor": {"legal": "Audit SARL", "natural": "M. A",
                        "key": self.keys["auditor"],
                        "source": ["192.0.2.1"], "vantage": "internal"},
            "contract": "C-118", "nda": "NDA-77",
            "liability_clause": "art. 9", "legitimate_reason": "audit",
            "mode": "white", "jurisdictions": ["FR", "DE"],
            "window": [{"from": "2025-11-29T20:00:00Z",
                        "to": "2025-11-29T23:00:00Z"}],
            "scope": [
                {"clause": "S1", "net": "192.0.2.0/28", "proto": "udp",
                 "ports": "5683-5684"},
                {"clause": "S2", "group": "224.0.1.187", "proto": "udp",
                 "ports": "5683", "max_responders": 20},
                {"clause": "S3", "net": "2001:db8::/64", "proto": "tcp"}],
            "exclude": [{"net": "192.0.2.9"}],
            "techniques": ["public", "services.coap",
                           "services.coap.multicast", "vuln"],
            "limits": {"pps": 2, "bytes_s": 200, "packets_per_target": 60,
                       "parallel": 1, "stop_if_silent_s": 10},
            "data": {"capture": "headers", "retention_days": 90,
                     "recipients": ["Mme M"], "tlp": "AMBER"},
            "contacts": [{"name": "Mme M", "tel": "+33 1 00 00 00 00"}],
        }

    def amendment(self):
        m = self.mandate()
        return {"amends": m["id"], "reason": "fewer hosts",
                "window": m["window"],
                "scope": [{"clause": "A1", "net": "192.0.2.2",
                           "proto": "udp", "ports": "5683"}],
                "techniques": ["services.coap"], "limits": m["limits"]}

    def sign(self, name, document, *signers):
        """An envelope, signed by these in turn."""
        path = self.write(f"{name}.json", document)
        for who in signers:
            done = run("mandate", "sign", "--key", self.path(f"{who}.pem"),
                       "-o", self.path(f"{name}.dsse"), path)
            self.assertEqual((done.returncode, done.stderr), (DONE, ""))
            path = self.path(f"{name}.dsse")
        return path

    def signed(self, change=None):
        m = self.mandate()
        if change is not None:
            change(m)
        return self.sign("mandate", m, "owner", "auditor")

    def verify(self, *files):
        return run("mandate", "verify", "--owners", self.path("owners.yaml"),
                   *files)

    def decide(self, technique, target, *files, at=IN_WINDOW, options=()):
        return run("decide", "--owners", self.path("owners.yaml"),
                   "--technique", technique, "--target", target, "--at", at,
                   "--json", *options, *files)

    def refused(self, done, *texts):
        self.assertEqual(done.returncode, REFUSED, done.stdout + done.stderr)
        for text in texts:
            self.assertIn(text, done.stderr)


def payload_of(envelope):
    return base64.b64decode(json.loads(envelope.read_text())["payload"])


def spoil(value, **members):
    changed = copy.deepcopy(value)
    changed.update(members)
    return changed
