# SPDX-License-Identifier: BSD-2-Clause
"""covey selftest oscore: the vectors pass, each of them fails when any of its
values is spoilt, and what is not understood fails by its name."""
import copy
import json
import os
import subprocess
import sys
import tempfile
import unittest

COVEY = ""
FOLDER = ""
PRINTED = "rfc8613_appendix_c.json"
GENERATED = "oscore_generated.json"


def load(name):
    with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
        return json.load(file)


def run(*paths):
    """Exit status, failed lines by name, last line."""
    done = subprocess.run([COVEY, "selftest", "oscore", *paths],
                          stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=60, check=False)
    lines = done.stdout.splitlines()
    failed = {line.split(" ")[1]: line for line in lines[:-1]
              if line.startswith("FAIL ")}
    return done.returncode, failed, lines[-1]


def run_document(document):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "vectors.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(document, file)
        return run(path)


def spoil(text):
    """Other hex digits."""
    if not text:
        return "00"
    return f"{int(text[:2], 16) ^ 1:02x}" + text[2:]


def hex_members(node):
    """(object, key) of each member that holds hex digits, at any depth."""
    for key, value in node.items():
        if isinstance(value, dict):
            yield from hex_members(value)
        elif isinstance(value, str) and key not in ("id", "title"):
            yield node, key


class OscoreVectors(unittest.TestCase):
    def test_all_pass(self):
        for name, count in ((PRINTED, 11), (GENERATED, 39)):
            status, failed, last = run(os.path.join(FOLDER, name))
            self.assertEqual((0, {}, f"{count} passed, 0 failed"),
                             (status, failed, last))

    def spoil_each(self, document, name):
        """Every case once for each of its values, that one spoilt; what a
        case is found by stays in the file in its good form, too."""
        cases = document[name]
        for at, case in enumerate(cases):
            for number in range(len(list(hex_members(case)))):
                changed = copy.deepcopy(case)
                node, key = list(hex_members(changed))[number]
                node[key] = spoil(node[key])
                changed["id"] = "spoilt"
                spoilt = dict(document)
                spoilt[name] = cases[:at] + [changed] + cases[at + 1:]
                status, failed, last = run_document(spoilt)
                self.assertEqual(1, status, f"{case['id']} {key}")
                self.assertIn("spoilt", failed, f"{case['id']} {key}")
                self.assertTrue(last.endswith(" failed"))

    def test_spoilt_printed_ones_fail(self):
        self.spoil_each(load(PRINTED), "vectors")

    def test_spoilt_generated_ones_fail(self):
        document = load(GENERATED)
        wanted = ("alg-11", "ownpiv-256", "idctx", "observe", "ids-0-1")
        document["cases"] = [c for c in document["cases"]
                             if c["id"] in wanted]
        self.assertEqual(len(wanted), len(document["cases"]))
        self.spoil_each(document, "cases")

    def test_unknown_members_fail(self):
        document = load(GENERATED)
        document["cases"] = document["cases"][:1]
        for place in ("case", "request", "response"):
            changed = copy.deepcopy(document)
            case = changed["cases"][0]
            (case if place == "case" else case[place])["signature"] = "00"
            status, failed, last = run_document(changed)
            self.assertEqual((1, "0 passed, 1 failed"), (status, last))
            self.assertIn("not supported: \"signature\"",
                          failed[case["id"]])

    def test_missing_members_fail(self):
        for key in ("alg_aead", "hkdf", "client_id", "server_id",
                    "master_secret", "request"):
            document = load(GENERATED)
            document["cases"] = document["cases"][:1]
            del document["cases"][0][key]
            status, _, last = run_document(document)
            self.assertEqual((1, "0 passed, 1 failed"), (status, last), key)

    def test_unknown_kinds_fail_by_name(self):
        status, failed, last = run_document(
            {"cases": [{"id": "a", "mode": "group"}],
             "negative": [{"id": "b"}, {"id": "c"}]})
        self.assertEqual((1, "0 passed, 3 failed"), (status, last))
        self.assertEqual({"a", "b", "c"}, set(failed))

    def test_nothing_is_no_success(self):
        for document in ({}, {"cases": []}, {"title": "x"}, []):
            status, _, last = run_document(document)
            self.assertEqual(1, status)
            self.assertTrue(last.startswith("0 passed, "), last)

    def test_no_json_fails(self):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            file.write("{")
            file.flush()
            status, _, last = run(file.name)
        self.assertEqual((1, "0 passed, 1 failed"), (status, last))


if __name__ == "__main__":
    COVEY, FOLDER = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1])
