#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""usage: planted.py [NAME...]

Shows that every gate of the house finds the fault it exists for. Copies the
smallest useful part of the tree, expects the gate to pass on it, plants one
fault, and expects the gate to fail with the message that names the fault.
Without a name: all.
"""
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from plants import PLANTS, prepare

ROOT = Path(__file__).resolve().parents[2]
PARTS = [".clang-format", ".clang-tidy", ".reuse", "LICENSES/BSD-2-Clause.txt",
         "LICENSE",
         "core/base", "docs/api", "include/covey/status.h",
         "include/covey/bytes.h", "include/covey/bits.h",
         "include/covey/address.h", "include/covey/time.h",
         "include/covey/timers.h", "include/covey/chunks.h",
         "include/covey/slots.h", "tools"]


def copy_parts(to):
    for part in PARTS:
        source, target = ROOT / part, to / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns(
                "__pycache__"))
        else:
            shutil.copy2(source, target)
    # Only the part of the list of sources that was copied.
    lines = (ROOT / "core" / "SOURCES").read_text().splitlines(True)
    (to / "core" / "SOURCES").write_text(
        "".join(line for line in lines if line.startswith("base ")))


def run_gate(tree, command):
    done = subprocess.run(command, cwd=tree, text=True, check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def show(plant):
    """The reason why this plant is not a proof, or None."""
    with tempfile.TemporaryDirectory(prefix="covey-gate-") as name:
        tree = Path(name).resolve()
        copy_parts(tree)
        prepare(tree, plant)
        status, text = run_gate(tree, plant.command)
        if status != 0:
            return f"fails without a fault:\n{text}"
        plant.fault(tree)
        prepare(tree, plant)
        status, text = run_gate(tree, plant.command)
        if status == 0:
            return f"passes with the fault:\n{text}"
        if plant.message not in text:
            return f"fails, but does not say '{plant.message}':\n{text}"
    return None


def main():
    wanted = sys.argv[1:]
    chosen = [p for p in PLANTS if not wanted or p.gate in wanted]
    failed = 0
    for plant in chosen:
        reason = show(plant)
        failed += reason is not None
        print(f"{'FAIL' if reason else 'ok'}   {plant.gate}: {plant.name}",
              flush=True)
        if reason:
            print(reason)
    print(f"{len(chosen) - failed} passed, {failed} failed")
    return 1 if failed or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
