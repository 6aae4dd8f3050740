# SPDX-License-Identifier: BSD-2-Clause
"""The faults: one row each, the gate that must find it and what it says."""
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, List

BITS = "core/base/bits.c"
FLAGS = ["-std=c11", "-ffreestanding", "-Iinclude", "-O1", "-Wall"]


@dataclass
class Plant:
    gate: str
    name: str
    command: List[str]
    fault: Callable[[Path], None]
    message: str


def append(path, text):
    def fault(tree):
        with open(tree / path, "a", encoding="utf-8") as f:
            f.write(text)
    return fault


def replace(path, old, new):
    def fault(tree):
        text = (tree / path).read_text(encoding="utf-8")
        assert old in text, f"{path} has no '{old}'"
        (tree / path).write_text(text.replace(old, new, 1), encoding="utf-8")
    return fault


def create(path, text):
    def fault(tree):
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_text(text, encoding="utf-8")
    return fault


def both(*faults):
    def fault(tree):
        for one in faults:
            one(tree)
    return fault


def archive(tree):
    """libcovey_core.a of the copied part."""
    objects = []
    for source in sorted((tree / "core").rglob("*.c")):
        target = tree / "build" / (source.stem + ".o")
        subprocess.run(["gcc", *FLAGS, "-c", source, "-o", target], cwd=tree,
                       check=True)
        objects.append(target)
    path = tree / "build" / "libcovey_core.a"
    path.unlink(missing_ok=True)
    subprocess.run(["ar", "rcs", path, *objects], cwd=tree, check=True)


def database(tree):
    """compile_commands.json of the copied part."""
    rows = [{"directory": str(tree), "file": str(source),
             "command": " ".join(["gcc", *FLAGS, "-o", "/dev/null", "-c",
                                  str(source)])}
            for source in sorted((tree / "core").rglob("*.c"))]
    (tree / "build" / "compile_commands.json").write_text(json.dumps(rows))


def coverage(lines, branches):
    """What gcovr says: one thousand lines and branches of one file."""
    return json.dumps({
        "line_total": 1000, "line_covered": int(lines * 10),
        "branch_total": 1000, "branch_covered": int(branches * 10),
        "files": []})


PAGE = """.Dd January 1, 2026
.Dt SAMPLE 1
.Os
.Sh NAME
.Nm sample
.Nd a page
.Sh DESCRIPTION
Text.
"""
SCRIPT = "#!/bin/sh\n# SPDX-License-Identifier: BSD-2-Clause\n"
LONG_FUNCTION = ("\nint covey_long(int a);\nint covey_long(int a)\n{\n" +
                 "    a++;\n" * 80 + "    return a;\n}\n")
KNOTTY_FUNCTION = ("\nint covey_knot(int a);\nint covey_knot(int a)\n{\n" +
                   "".join(f"    if (a == {i}) {{\n        a += {i};\n"
                           "    }\n" for i in range(15)) +
                   "    return a;\n}\n")
SIZES = {"linked": {"schc": {"text": 6000}, "protection": {"text": 13000}},
         "data": 0, "bss": 0,
         "ram": {"oscore_context": 152, "group_context": 248,
                 "group_recipient": 104}}


def sizes(cpu="cortex-m0plus", **changed):
    """What size-report measured, with other figures for one processor."""
    figures = {each: SIZES for each in ("cortex-m0plus", "cortex-m4")}
    figures[cpu] = {**SIZES, **changed}
    return create("build/s.json", json.dumps(figures))


def prepare(tree, plant):
    """What a gate needs besides the sources."""
    (tree / "build").mkdir(exist_ok=True)
    if plant.gate == "symbols":
        archive(tree)
    elif plant.gate in ("tidy", "cppcheck"):
        database(tree)
    elif plant.gate == "man" and not (tree / "docs/man").exists():
        create("docs/man/sample.1", PAGE)(tree)
    elif plant.gate == "shell" and not (tree / "sample").exists():
        create("sample", SCRIPT + "echo \"$1\"\n")(tree)
    elif plant.gate == "coverage" and not (tree / "build/c.json").exists():
        create("build/c.json", coverage(97.0, 92.0))(tree)
        create("tools/coverage-floor.txt", "lines 97.1\nbranches 92.1\n")(
            tree)
    elif plant.gate == "size" and not (tree / "build/s.json").exists():
        sizes()(tree)


INCLUDES = ["tools/check-includes"]
SYMBOLS = ["tools/check-symbols", "build/libcovey_core.a"]
LIMITS = ["tools/check-limits"]
TEXT = ["tools/check-text"]
SHELL = ["tools/check-shell"]
TIDY = ["tools/check-tidy", "build"]
COVERAGE = ["tools/check-coverage", "build/c.json"]
SIZE = ["tools/size-report", "--gate", "build/s.json"]

PLANTS = [
    Plant("includes", "the heap in the core", INCLUDES,
          replace(BITS, "#include <string.h>",
                  "#include <stdlib.h>\n#include <string.h>"),
          "bits.c:12: <stdlib.h> is not for the core"),
    Plant("includes", "the clock in a public header", INCLUDES,
          replace("include/covey/bits.h", "#include <covey/bytes.h>",
                  "#include <covey/bytes.h>\n#include <time.h>"),
          "<time.h> is not for the core"),
    Plant("includes", "a module that DEPS does not name", INCLUDES,
          both(create("core/coap/DEPS", "base\n"),
               create("include/covey/coap.h", "#include <covey/bits.h>\n"),
               replace(BITS, "#include <string.h>",
                       "#include <covey/coap.h>\n#include <string.h>")),
          "base may not include covey/coap.h"),
    Plant("includes", "a way out of the folder", INCLUDES,
          both(create("core/coap/DEPS", "base\n"),
               create("core/coap/own.h", ""),
               replace(BITS, "#include <string.h>",
                       "#include \"../coap/own.h\"\n#include <string.h>")),
          '"../coap/own.h" is not a header of core/base'),
    Plant("includes", "an app that includes another", INCLUDES,
          both(create("apps/one/one.h", ""),
               create("apps/two/two.c", "#include \"../one/one.h\"\n")),
          '"../one/one.h" leaves its folder'),
    Plant("includes", "a shell that includes a test", INCLUDES,
          both(create("tests/kit/kit.h", ""),
               create("shell/x/x.c", "#include \"tests/kit/kit.h\"\n")),
          '"tests/kit/kit.h" leaves its folder'),
    Plant("includes", "a database in a program", INCLUDES,
          create("apps/one/one.c", "#include <sqlite3.h>\n"),
          "<sqlite3.h> is for shell/store"),
    Plant("includes", "a provider that knows a protocol", INCLUDES,
          create("crypto/one/one.c", "#include <covey/bits.h>\n"),
          "a provider may not include covey/bits.h"),
    Plant("includes", "own header not first", INCLUDES,
          both(create("shell/x/x.h", ""),
               create("shell/x/x.c",
                      "#include <stdio.h>\n#include \"x.h\"\n")),
          'own header "x.h" must come first'),
    Plant("includes", "a source that is not listed", INCLUDES,
          create("core/base/extra.c", ""), "base/extra.c is not listed"),
    Plant("deps-acyclic", "two modules that need each other", INCLUDES,
          both(create("core/coap/DEPS", "base\n"),
               create("core/base/DEPS", "coap\n")),
          "cycle: "),
    Plant("symbols", "a call of malloc", SYMBOLS,
          append(BITS, "\nvoid *malloc(size_t n);\n"
                 "void *covey_take(size_t n);\n"
                 "void *covey_take(size_t n)\n{\n    return malloc(n);\n}\n"),
          "bits.o: needs malloc from outside"),
    Plant("symbols", "a global without the prefix", SYMBOLS,
          append(BITS, "\nint helper(void);\n"
                 "int helper(void)\n{\n    return 1;\n}\n"),
          "bits.o: global helper lacks the prefix covey_"),
    Plant("symbols", "a counter in .bss", SYMBOLS,
          append(BITS, "\nint covey_count(void);\n"
                 "int covey_count(void)\n{\n"
                 "    static int count;\n    return ++count;\n}\n"),
          "bits.o: 4 writable bytes in .bss"),
    Plant("symbols", "a writable table", SYMBOLS,
          append(BITS, "\nint covey_next(int i);\n"
                 "int covey_next(int i)\n{\n"
                 "    static int row[2] = { 1, 2 };\n"
                 "    return row[i]++;\n}\n"),
          "bits.o: 8 writable bytes in .data"),
    Plant("format", "two spaces", ["tools/check-format"],
          replace(BITS, "unsigned shift = off & 7;", "unsigned  shift = off & 7;"),
          "code should be clang-formatted"),
    Plant("format", "a wrong key", ["tools/check-format"],
          replace(".clang-format", "TabWidth", "TabWitdh"),
          "unknown key 'TabWitdh'"),
    Plant("limits", "a function of 85 lines", LIMITS,
          append(BITS, LONG_FUNCTION), "covey_long has lines 84, 80"),
    Plant("limits", "a function of complexity 16", LIMITS,
          append(BITS, KNOTTY_FUNCTION),
          "covey_knot has complexity 16, 15 is allowed"),
    Plant("limits", "a file of more than 600 lines", LIMITS,
          append(BITS, "/* */\n" * 600), "the file has lines"),
    Plant("limits", "an exception that nothing needs", LIMITS,
          append("tools/limits.txt",
                 f"{BITS} covey_bits_load lines 90 long ago\n"),
          "is within the budget; remove the exception"),
    Plant("limits", "an exception without a reason", LIMITS,
          append("tools/limits.txt", f"{BITS} covey_bits_load lines 90\n"),
          "expected path, function, lines|complexity, number, reason"),
    Plant("text", "a // comment", TEXT, append(BITS, "// why\n"),
          "// comment; use /* */"),
    Plant("text", "no licence", TEXT,
          create("core/base/extra.c", "int covey_x;\n"),
          "extra.c:1: no SPDX-License-Identifier"),
    Plant("text", "space at the end", TEXT, append(BITS, "/* */ \n"),
          "space at the end of the line"),
    Plant("text", "a tab", TEXT, append(BITS, "\tint x;\n"), ": tab"),
    Plant("text", "80 columns", TEXT, append(BITS, f"/*{'-' * 76}*/\n"),
          "80 columns, 79 are allowed"),
    Plant("text", "no newline at the end", TEXT, append(BITS, "/* */"),
          "no newline at the end"),
    Plant("text", "work without an issue", TEXT,
          append(BITS, "/* TO" + "DO later */\n"),
          "without the number of an issue"),
    Plant("man", "an unknown macro", ["tools/check-man"],
          append("docs/man/sample.1", ".Xy z\n"), "skipping unknown macro"),
    Plant("man", "a wrong title", ["tools/check-man"],
          replace("docs/man/sample.1", "SAMPLE", "SIMPLE"),
          "no line '.Dt SAMPLE 1'"),
    Plant("shell", "an unquoted variable", SHELL,
          append("sample", "rm $1\n"), "Double quote"),
    Plant("spelling", "a misspelt word", ["tools/check-spelling"],
          append(BITS, "/* rec" + "ieve */\n"), "==> receive"),
    Plant("licence", "a file nobody holds", ["tools/check-licence"],
          both(create(".reuse/dep5",
                      "Format: https://www.debian.org/doc/packaging-manuals/"
                      "copyright-format/1.0/\n"),
               create("core/base/extra.c", "int x;\n")),
          "extra.c"),
    Plant("tidy", "an if without braces", TIDY,
          append(BITS, "\nint covey_sign(int a);\nint covey_sign(int a)\n"
                 "{\n    if (a < 0)\n        return -1;\n    return 1;\n}\n"),
          "readability-braces-around-statements"),
    Plant("tidy", "seven parameters", TIDY,
          append(BITS, "\nint covey_sum(int a, int b, int c, int d, int e, "
                 "int f, int g);\n"
                 "int covey_sum(int a, int b, int c, int d, int e, int f, "
                 "int g)\n{\n    return a + b + c + d + e + f + g;\n}\n"),
          "readability-function-size"),
    Plant("tidy", "a null pointer that is used", TIDY,
          append(BITS, "\nint covey_get(const int *a);\n"
                 "int covey_get(const int *a)\n{\n"
                 "    if (a == NULL) {\n        return *a;\n    }\n"
                 "    return 1;\n}\n"),
          "clang-analyzer-core.NullDereference"),
    Plant("cppcheck", "an index beyond the array",
          ["tools/check-cppcheck", "build"],
          append(BITS, "\nint covey_pick(void);\nint covey_pick(void)\n"
                 "{\n    int row[4] = { 0 };\n    return row[4];\n}\n"),
          "arrayIndexOutOfBounds"),
    Plant("api", "a parameter that is not there", ["tools/check-api"],
          replace("include/covey/bits.h", "/* n (0 to 32) bits,",
                  "/* @param nobody is here. n (0 to 32) bits,"),
          "argument 'nobody'"),
    Plant("coverage", "half a point fewer lines", COVERAGE,
          create("build/c.json", coverage(96.6, 92.0)),
          "lines fell to 96.6 %"),
    Plant("coverage", "half a point fewer branches", COVERAGE,
          create("build/c.json", coverage(97.0, 91.6)),
          "branches fell to 91.6 %"),
    Plant("coverage", "nothing was run", COVERAGE,
          create("build/c.json", json.dumps(
              {"line_total": 0, "line_covered": 0, "branch_total": 0,
               "branch_covered": 0, "files": []})),
          "no lines were measured"),
    Plant("size", "more than 6,400 bytes of text", SIZE,
          sizes(linked={**SIZES["linked"], "schc": {"text": 6401}}),
          "6401 bytes of text, 6400 are allowed"),
    Plant("size", "protection of more than 14,000 bytes", SIZE,
          sizes("cortex-m4",
                linked={**SIZES["linked"], "protection": {"text": 14001}}),
          "Cortex-M4: OSCORE beside Group OSCORE takes 14001 bytes of text, "
          "14000 are allowed"),
    Plant("size", "a context of more than 400 bytes", SIZE,
          sizes(ram={**SIZES["ram"], "group_context": 401}),
          "group_context takes 401 bytes of RAM, 400 are allowed"),
    Plant("size", "a recipient of more than 200 bytes", SIZE,
          sizes(ram={**SIZES["ram"], "group_recipient": 201}),
          "group_recipient takes 201 bytes of RAM, 200 are allowed"),
    Plant("size", "a byte of bss", SIZE, sizes(bss=1),
          "1 bytes of data and bss"),
]
