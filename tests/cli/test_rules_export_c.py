# SPDX-License-Identifier: BSD-2-Clause
"""A rule set that was exported as C and compiled: it includes nothing but
covey/schc.h, defines one symbol and needs none, and its tables are those of
the rule file. That it compiles without a warning is what the build shows."""
import os
import subprocess
import sys
import tempfile


def output(*args):
    return subprocess.run(args, stdout=subprocess.PIPE,
                          check=True).stdout.decode()


def written(tool, *args):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "out")
        subprocess.run([tool, "json", *args, path], check=True)
        with open(path, encoding="utf-8") as text:
            return text.read()


def main():
    tool, compiled, source, objects, rules = sys.argv[1:6]
    with open(source, encoding="ascii") as text:
        included = [line for line in text if line.startswith("#")]
    assert included == ["#include <covey/schc.h>\n"], included
    exported = [o for o in objects.split(";")
                if os.path.basename(source) in o]
    assert len(exported) == 1, objects
    symbols = [line.split() for line in
               output("nm", "-g", exported[0]).splitlines()]
    ours = [s for s in symbols if not s[-1].startswith(("__asan", "__ubsan",
                                                        "__sanitizer",
                                                        "__odr_asan",
                                                        "__msan", "__gcov"))]
    assert [s[-1] for s in ours] == ["exported_rules"], symbols
    loaded = written(tool, rules)
    assert "rule-id-value" in loaded
    assert written(compiled) == loaded, "the compiled tables differ"


if __name__ == "__main__":
    main()
