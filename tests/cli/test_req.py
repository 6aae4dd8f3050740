# SPDX-License-Identifier: BSD-2-Clause
"""The tables of requirements in docs/req: their form, and that every file
they point at is there. Each kind of fault is planted once, too."""
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEAD = ["id", "section", "level", "requirement", "status", "where"]
LEVELS = {"MUST", "MUST NOT", "SHALL", "SHALL NOT", "SHOULD", "SHOULD NOT",
          "RECOMMENDED", "MAY"}
STATES = {"done", "partly", "not"}


def check_row(cells, seen):
    name, section, level, text, status, where = cells
    if name in seen:
        yield f"{name} comes twice"
    if section not in name:
        yield f"{name} is not of section {section}"
    if level not in LEVELS or status not in STATES or not text:
        yield f"{name}: level, requirement or status"
    if (where == "-") != (status == "not"):
        yield f"{name}: '-' and nothing else goes with 'not'"
    for path in where.split("; "):
        if path != "-" and not (ROOT / path).is_file():
            yield f"{name}: no file {path}"


def check(text):
    """What is wrong with a table, and how many rows it has."""
    faults, seen = [], set()
    lines = text.splitlines()
    if not lines or lines[0].split("\t") != HEAD:
        return ["the first line names the columns: " + ", ".join(HEAD)], 0
    for number, line in enumerate(lines[1:], 2):
        cells = line.split("\t")
        if len(cells) != len(HEAD):
            faults.append(f"line {number}: {len(cells)} columns")
            continue
        faults += check_row(cells, seen)
        seen.add(cells[0])
    return faults, len(seen)


class Tables(unittest.TestCase):
    def test_tables_are_sound(self):
        tables = sorted((ROOT / "docs" / "req").glob("*.tsv"))
        self.assertTrue(tables)
        for path in tables:
            faults, rows = check(path.read_text(encoding="utf-8"))
            self.assertEqual(faults, [], msg=path.name)
            self.assertGreater(rows, 10)

    def test_planted_faults_are_found(self):
        head = "\t".join(HEAD) + "\n"
        good = "1-2-1\t2\tMUST\tsomething\tdone\tREADME.md\n"
        self.assertEqual(check(head + good), ([], 1))
        for fault in ("", good, head + "x\n", head + good + good,
                      head + good.replace("1-2-1", "1-3-1"),
                      head + good.replace("MUST", "must"),
                      head + good.replace("something", ""),
                      head + good.replace("done", "ready"),
                      head + good.replace("done", "not"),
                      head + good.replace("README.md", "-"),
                      head + good.replace("README.md", "README.md; core"),
                      head + good.replace("README", "README2")):
            self.assertTrue(check(fault)[0], msg=fault)


if __name__ == "__main__":
    unittest.main()
