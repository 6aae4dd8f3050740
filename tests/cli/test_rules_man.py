# SPDX-License-Identifier: BSD-2-Clause
"""The rule file that covey-rules(5) shows is one."""
import os
import subprocess
import sys
import tempfile


def main():
    tool, page = sys.argv[1:3]
    with open(page, encoding="utf-8") as text:
        lines = text.read().split("\n")
    begin = next(i for i, line in enumerate(lines)
                 if line.startswith(".Bd -literal"))
    end = lines.index(".Ed", begin)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "rules.json")
        with open(path, "w", encoding="utf-8") as out:
            out.write("\n".join(lines[begin + 1:end]))
        subprocess.run([tool, "json", path, os.path.join(folder, "out")],
                       check=True)


if __name__ == "__main__":
    main()
