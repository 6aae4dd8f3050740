# SPDX-License-Identifier: BSD-2-Clause
"""Runs the examples of manual pages: in every literal block, a line that
begins with "$ " is a command, what follows is what it prints."""
import os
import subprocess
import sys


def examples(path):
    """(line number, command, expected output) of one page."""
    found = []
    literal = False
    with open(path, encoding="utf-8") as page:
        for number, line in enumerate(page, 1):
            if line.startswith(".Bd -literal"):
                literal = True
            elif line.startswith(".Ed"):
                literal = False
            elif literal and line.startswith("$ "):
                found.append((number, line[2:-1].replace("\\e", "\\"), ""))
            elif literal and found:
                at, command, output = found[-1]
                found[-1] = (at, command, output + line.replace("\\e", "\\"))
    return found


def main():
    program, *pages = sys.argv[1:]
    env = {**os.environ,
           "PATH": os.path.dirname(program) + ":" + os.environ["PATH"]}
    failed = 0
    for path in pages:
        found = examples(path)
        if not found:
            sys.exit(f"{path}: no example")
        for number, command, expected in found:
            got = subprocess.run(["sh", "-c", command], env=env, check=False,
                                 stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT).stdout.decode()
            if got != expected:
                failed += 1
                print(f"{path}:{number}: {command}\nexpected:\n{expected}"
                      f"got:\n{got}")
        print(f"{path}: {len(found)} examples")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
