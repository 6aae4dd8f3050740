# SPDX-License-Identifier: BSD-2-Clause
"""What the tests of `covey group` share: exchanges of the vectors, context
files for their two ends, and running the program."""
import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COVEY = os.environ.get("COVEY", "covey")
VECTORS = ROOT / "tests/vectors/oscore/group_oscore_generated.json"

DONE, NEGATIVE, USAGE, REFUSED, IO = range(5)

CURVES = {"Ed25519": "Ed25519", "P-256": "P-256"}
# Names of algorithms in the vectors and in covey-context(5).
ALGORITHMS = {"alg_aead": "aead", "alg_group_enc": "group_encryption",
              "alg_signature": "signature",
              "alg_pairwise": "pairwise_agreement"}


def load():
    with open(VECTORS, encoding="utf-8") as file:
        return json.load(file)


def with_checker():
    """A case whose signatures others can check."""
    return next(c for c in load()["cases"]
                if c["derived"]["signature_encryption_key"] is not None)


def public_key(end, case):
    """As the context file has it: P-256 as an uncompressed point."""
    head = "04" if case["key_kind"] == "P-256" else ""
    return head + end["public_key"]


def common(case):
    group = case["group"]
    document = {"type": "group", "gid": group["gid"],
                "hkdf": str(group["hkdf"]), "curve": CURVES[case["key_kind"]],
                "gm_credential": group["gm_cred"]}
    for theirs, ours in ALGORITHMS.items():
        if group.get(theirs) is not None:
            document[ours] = str(group[theirs])
    return document


def member(case, role):
    end = case["endpoints"][role]
    entry = {"id": end["sender_id"], "credential": end["credential"]}
    if case["credential_format"].startswith("opaque"):
        entry["public_key"] = public_key(end, case)
    return entry


def context(case, role):
    """The context of one end; the other one is its only member."""
    own = case["endpoints"][role]
    other = {"client": "server", "server": "client"}[role]
    return {**common(case),
            "master_secret": case["group"]["master_secret"],
            "master_salt": case["group"]["master_salt"] or "",
            "sender_id": own["sender_id"], "credential": own["credential"],
            "private_key": own["private_key"],
            "sequence_number": own["initial_ssn"],
            "members": [member(case, other)]}


def checker(case):
    """What a signature checker has: both ends, and no Master Secret."""
    return {**common(case), "signature_encryption_key":
            case["derived"]["signature_encryption_key"],
            "members": [member(case, role) for role in case["endpoints"]]}


def flip(text, at):
    """Hex digits with one bit of byte `at` changed."""
    data = bytearray.fromhex(text)
    data[at] ^= 1
    return data.hex()


class Case(unittest.TestCase):
    maxDiff = 4000

    def setUp(self):
        self.folder = Path(self.enter(tempfile.TemporaryDirectory()))
        self.files = 0

    def enter(self, manager):
        value = manager.__enter__()
        self.addCleanup(manager.__exit__, None, None, None)
        return value

    def write(self, document):
        """A file that nobody else can read."""
        self.files += 1
        path = self.folder / f"{self.files}.json"
        text = document if isinstance(document, str) else json.dumps(document)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        return str(path)

    def run_covey(self, *args, stdin=None):
        return subprocess.run([COVEY, "group", *map(str, args)], text=True,
                              input=stdin or "", capture_output=True,
                              timeout=60, check=False)

    def covey(self, status, *args, stdin=None):
        """Standard output of a call that ends with this status and says
        nothing on standard error."""
        got = self.run_covey(*args, stdin=stdin)
        self.assertEqual((got.returncode, got.stderr), (status, ""),
                         msg=f"{args}\n{got.stdout}")
        return got.stdout

    def values(self, status, *args):
        got = self.run_covey(*args, "--json")
        self.assertEqual(got.returncode, status,
                         msg=f"{args}\n{got.stdout}{got.stderr}")
        self.assertEqual(got.stderr == "" or "warning" in got.stderr,
                         status == DONE, msg=got.stderr)
        return json.loads(got.stdout)

    def refuses(self, status, says, *args, stdin=None):
        got = self.run_covey(*args, stdin=stdin)
        self.assertEqual(got.returncode, status, msg=got.stdout + got.stderr)
        self.assertIn(says, got.stderr)
        self.assertNotIn("\x1b", got.stderr)
        return got.stderr
