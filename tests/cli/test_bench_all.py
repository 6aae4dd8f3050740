# SPDX-License-Identifier: BSD-2-Clause
"""tools/bench-all finds the commands of docs/performance.md, and puts what
they printed where the old figures were, and nowhere else."""
import importlib.machinery
import importlib.util
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
LOADER = importlib.machinery.SourceFileLoader(
    "bench_all", str(ROOT / "tools" / "bench-all"))
bench = importlib.util.module_from_spec(
    importlib.util.spec_from_loader("bench_all", LOADER))
sys.modules["bench_all"] = bench
LOADER.exec_module(bench)

PAGE = """# Figures

    tests/one [--json]

    old 1
    old 2

Sentences stay.

    tools/two > file
    tests/three

![a picture](x.svg)

    not a command

## Sizes

    tools/four

| a | b |
|---|---|
| 1 | 2 |

The end.
"""


class BenchAll(unittest.TestCase):
    def test_finds_commands(self):
        self.assertEqual(["tests/one", "tools/two > file\ntests/three",
                          "tools/four"],
                         [c.text for c in bench.commands(PAGE)])

    def test_replaces_figures_only(self):
        got = bench.replaced(PAGE, {"tests/one": "new\n",
                                    "tools/two > file\ntests/three": "no\n",
                                    "tools/four": "| c |\n|---|\n"})
        self.assertEqual(PAGE.replace("    old 1\n    old 2", "    new")
                         .replace("| a | b |\n|---|---|\n| 1 | 2 |",
                                  "| c |\n|---|"), got)

    def test_what_failed_keeps_its_figures(self):
        self.assertEqual(PAGE, bench.replaced(PAGE, {"tests/one": None}))

    def test_every_program_that_the_page_names_is_there(self):
        page = (ROOT / "docs" / "performance.md").read_text()
        found = list(bench.commands(page))
        self.assertGreater(len(found), 12)
        for command in found:
            program = command.text.split()[0]
            if program.startswith(("tests/", "tools/")):
                self.assertTrue((ROOT / program).is_file(), program)


if __name__ == "__main__":
    unittest.main()
