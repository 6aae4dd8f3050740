# SPDX-License-Identifier: BSD-2-Clause
"""Runs covey selftest on a document and reads what it says."""
import json
import os
import subprocess
import tempfile


class Result:
    """Names of the cases that passed and of those that failed, with what the
    runner said about each."""

    def __init__(self, process):
        self.status = process.returncode
        self.lines = process.stdout.decode().splitlines()
        self.stderr = process.stderr.decode()
        self.passed = [line[5:line.rindex(" (")] for line in self.lines
                       if line.startswith("pass ")]
        self.failed = {line[5:line.index(" (")]: line for line in self.lines
                       if line.startswith("FAIL ")}
        self.notes = [line for line in self.lines if line.startswith("note: ")]
        self.last = self.lines[-1] if self.lines else ""

    def consistent(self):
        """The closing line and the exit status agree with the cases."""
        counts = f"{len(self.passed)} passed, {len(self.failed)} failed"
        good = bool(self.passed) and not self.failed
        return self.last == counts and self.status == (0 if good else 1)


def run(covey, *paths, kind="schc"):
    return Result(subprocess.run([covey, "selftest", kind, "-v", *paths],
                                 stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, check=False))


def run_document(covey, document):
    """`document` is a str or something for json.dumps."""
    text = document if isinstance(document, str) else json.dumps(document)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "vectors.json")
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        return run(covey, path)


def load(folder, name):
    with open(os.path.join(folder, name), encoding="utf-8") as text:
        return json.load(text)
