#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The examples of covey-audit(1), and that its lists are the program's."""
import os
import re
import subprocess
import sys
import unittest
from pathlib import Path

from audit_kit import AUDIT

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/man/covey-audit.1"


def table(name):
    """The texts of a table of names in the core."""
    text = (ROOT / "core/audit" / name).read_text(encoding="utf-8")
    return set(re.findall(r'=\s+\{ "([A-Za-z.]+|[A-Z_]+)",', text))


class Page(unittest.TestCase):
    def test_examples(self):
        done = subprocess.run(
            [sys.executable, "-B", Path(__file__).with_name(
                "test_man_examples.py"), AUDIT, PAGE], check=False,
            capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_every_technique_is_listed(self):
        names = table("techniques.c")
        self.assertEqual(len(names), 14)
        words = set(re.split(r"[\s,]+", PAGE.read_text(encoding="utf-8")))
        self.assertEqual(names - words, set())

    def test_every_reason_is_listed(self):
        names = table("text.c") - {"ALLOWED"}
        self.assertEqual(len(names), 18)
        words = set(re.split(r"[\s,]+", PAGE.read_text(encoding="utf-8")))
        self.assertEqual(names - words, set())


if __name__ == "__main__":
    assert os.path.isfile(AUDIT)
    unittest.main()
