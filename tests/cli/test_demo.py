# SPDX-License-Identifier: BSD-2-Clause
"""The story of ./demo is true."""
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import namespace_kit

STORY, BUILD = sys.argv[1:3]
DEVICES = {f"[fd77::{i}]:5690" for i in (11, 12, 13, 14, 15, 21)}
LATE, OUT = "[fd77::22]:5690", "[fd77::15]:5690"


class Demo(unittest.TestCase):
    def test_arguments_are_judged_before_anything_is_built(self):
        demo = Path(STORY).parents[1] / "demo"
        for args, status in ((["--help"], 0), (["--nonsense"], 2),
                             (["--record"], 2)):
            done = subprocess.run([demo, *args], capture_output=True,
                                  text=True, check=False, timeout=60)
            self.assertEqual(status, done.returncode)
            said = done.stderr if status else done.stdout
            self.assertIn("usage: ./demo [--keep]", said)
            self.assertNotIn("== build", done.stderr)

    def test_story(self):
        with tempfile.TemporaryDirectory() as record, \
                tempfile.TemporaryDirectory() as own:
            done = subprocess.run(
                [sys.executable, "-B", STORY, BUILD, "--json", "--record",
                 record], capture_output=True, text=True, check=False,
                env={**os.environ, "TMPDIR": own},
                timeout=600)
            self.assertEqual(0, done.returncode, done.stdout + done.stderr)
            self.assertEqual(
                {"put.pcap", "its.pcap", "x509.pcap", "audit.pcap",
                 "keys.log", "road.json", "evidence", "report.html"},
                set(os.listdir(record)))
            self.assertTrue((Path(record) / "evidence" / "acts.log").exists())
            self.assertIn("CO-01", (Path(record) / "report.html")
                          .read_text("utf-8"))
            self.assertEqual([], os.listdir(own))
        told = [json.loads(line) for line in done.stdout.splitlines()]
        put, late, out = ([r for r in told if r["step"].startswith(step)]
                          for step in ("one PUT", "a sign", "a lamp"))
        self.assertEqual(DEVICES, self.origins(put))
        self.assertEqual(DEVICES | {LATE}, self.origins(late))
        self.assertEqual((DEVICES | {LATE}) - {OUT}, self.origins(out))
        self.assertIn("no answer from: lamp-5", [r["text"] for r in out])
        replays = [r for r in told if ": replay, RFC 10021 Section 5.3" in r["text"]]
        self.assertEqual(len(DEVICES), len(replays))
        self.assertIn("the proxy answers the stranger 4.01 Unauthorized",
                      [r["text"] for r in told])
        cost = next(r for r in told if "x509" in r)
        self.assertLess(cost["its"], cost["x509"] * 3 / 4)
        self.check_audit([r for r in told if r["step"].startswith("an audit")])

    def check_audit(self, rows):
        facts = {key: value for row in rows for key, value in row.items()}
        self.assertEqual("sign-2", facts["excluded"])
        self.assertEqual(facts["packets"], facts["wire"])
        self.assertGreater(facts["packets"], 10)
        self.assertLess(facts["packets"], facts["packets_allowed"])
        self.assertIn("sign-1", facts["cut_off"])
        self.assertEqual("CO-01.open", facts["finding"])
        self.assertIn("lamp-1", facts["hosts"])
        texts = " ".join(r["text"] for r in rows)
        self.assertIn("whole, and each act had its right", texts)
        self.assertIn("only a new one can go on", texts)

    def origins(self, rows):
        rows = [r for r in rows if "origin" in r]
        self.assertEqual({"2.04"}, {r["code"] for r in rows})
        origins = [r["origin"] for r in rows]
        self.assertEqual(len(origins), len(set(origins)))
        return set(origins)


if __name__ == "__main__":
    if not namespace_kit.allowed():
        sys.exit(77)
    del sys.argv[1:3]
    unittest.main()
