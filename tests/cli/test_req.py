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


def check_audit(text):
    """AUD-001 to AUD-118 in their order; what is done names its test or its
    page, and what is not says why."""
    rows = [line.split("\t") for line in text.splitlines()[1:]]
    if [r[0] for r in rows] != [f"AUD-{n:03}" for n in range(1, 119)]:
        yield "118 rows, in their order"
    for name, _, _, said, status, where in rows:
        if status == "done" and not any(w.startswith(("tests/", "docs/"))
                                        for w in where.split("; ")):
            yield f"{name}: neither a test nor a page"
        if (status != "done") != (" - open: " in said):
            yield f"{name}: ' - open: ' and why goes with what is not done"


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

    def test_the_audits_table_says_what_is_open(self):
        text = (ROOT / "docs/req/audit.tsv").read_text(encoding="utf-8")
        self.assertEqual(list(check_audit(text)), [])
        for old, new in (("AUD-118\t", "AUD-119\t"),
                         (" - open: ", " "),
                         ("tests/cli/audit_report.py", "README.md"),
                         ("\tpartly\t", "\tdone\t")):
            self.assertIn(old, text)
            self.assertTrue(list(check_audit(text.replace(old, new))), old)

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
