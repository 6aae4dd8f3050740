# SPDX-License-Identifier: BSD-2-Clause
"""What the gates share: where the tree is and which files are ours."""
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SKIP = {".git", "build", "node_modules", "__pycache__", "corpus", "vectors"}


def files(*suffixes, under=()):
    """Our files, sorted; with suffixes only those. Neither build output nor
    data (fuzz corpora, test vectors)."""
    found = []
    for start in under or (".",):
        for folder, subfolders, names in os.walk(ROOT / start):
            subfolders[:] = [s for s in subfolders if s not in SKIP]
            found += [Path(folder) / name for name in names]
    return sorted(p for p in found
                  if not p.is_symlink() and
                  (not suffixes or p.suffix in suffixes))


def c_files():
    return files(".c", ".h", under=("apps", "core", "crypto", "include",
                                    "ports", "shell", "tests"))


def scripts(interpreter):
    """Files that start with #! and name the interpreter."""
    found = []
    for path in files():
        with open(path, "rb") as f:
            first = f.readline(80)
        if first.startswith(b"#!") and interpreter.encode() in first:
            found.append(path)
    return found


def relative(path):
    return str(Path(path).relative_to(ROOT))


def report(name, count, faults):
    """Prints the faults and one closing line; the exit status."""
    for text in faults:
        print(text, file=sys.stderr)
    if count == 0:
        print(f"{name}: nothing was checked", file=sys.stderr)
    print(f"{name}: {count} checked, {len(faults)} faults")
    return 1 if faults or count == 0 else 0


def run(command, **options):
    """Runs a tool in the root; its whole output as text, and its status. A
    tool that is not there is a fault like any other."""
    try:
        done = subprocess.run([str(c) for c in command], cwd=ROOT, text=True,
                              stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, errors="replace",
                              check=False, **options)
    except FileNotFoundError:
        return f"{command[0]}: not installed (tools/deps gates)\n", 127
    return done.stdout, done.returncode
