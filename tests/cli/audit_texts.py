# SPDX-License-Identifier: BSD-2-Clause
"""Each finding of covey-audit has a row in report_findings.c: its title and
remedy in French, and where the remedy belongs. Nor is there a word that no
source asks for."""
import re
import unittest
from pathlib import Path

AUDIT = Path(__file__).resolve().parents[2] / "apps/covey-audit"
FINDING = re.compile(r'"([A-Z]{2}-\d\d\.[a-z0-9-]+)"')


def text(name):
    return (AUDIT / name).read_text(encoding="utf-8")


class Findings(unittest.TestCase):
    def test_each_has_its_texts(self):
        found = {i for path in AUDIT.glob("*.c")
                 if path.name != "report_findings.c"
                 for i in FINDING.findall(path.read_text(encoding="utf-8"))}
        told = FINDING.findall(text("report_findings.c"))
        self.assertGreater(len(told), 20)
        self.assertEqual(len(told), len(set(told)))
        self.assertEqual(found - set(told), set(),
                         "rows are missing in apps/covey-audit/"
                         "report_findings.c: id, title and remedy in French, "
                         "document, fortuitous access")

    def test_each_check_has_a_title(self):
        checks = set(re.findall(r'^    \{ "([A-Z]{2}-\d\d)",',
                                text("checks.c"), re.M)) | {
            i for name in ("scan.c", "run.h")
            for i in re.findall(r'"([A-Z]{2}-\d\d)"', text(name))}
        self.assertGreater(len(checks), 20)
        self.assertEqual(checks, set(re.findall(
            r'^    \{ "check[.]([^"]+)",', text("report_words.c"), re.M)))

    def test_each_word_is_used(self):
        sources = "".join(p.read_text(encoding="utf-8")
                          for p in AUDIT.glob("report*.c")
                          if p.name != "report_words.c")
        for word in re.findall(r'^    \{ "([a-z_]+)",', text("report_words.c"),
                               re.M):
            self.assertIn(f'"{word}"', sources)


if __name__ == "__main__":
    unittest.main()
