#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""usage: make_cases.py COVEY CASES.txt FOLDER

Writes C for the microcontroller: each rule file as exported by the host's
covey (rules_<name>.c), and each packet with what the host's covey compresses
it to (cases.c)."""
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STACKS = {name: "COVEY_SCHC_STACK_" + name.upper().replace("-", "_")
          for name in ("coap", "coap-inner", "udp-coap", "ipv6", "ipv6-udp",
                       "ipv6-udp-coap")}


def covey(program, *arguments):
    return subprocess.run([program, "schc", *arguments], check=True,
                          text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE).stdout


def read_cases(path):
    """(name, rule file, stack, direction, packet)"""
    for line in path.read_text(encoding="utf-8").splitlines():
        words = line.split(None, 4)
        if words and not line.startswith("#"):
            yield (*words[:4], bytes.fromhex(words[4]))


def array(name, data):
    rows = [", ".join(f"0x{b:02x}" for b in data[i:i + 12])
            for i in range(0, len(data), 12)]
    return (f"static const uint8_t {name}[] = {{\n    " +
            ",\n    ".join(rows) + "\n};\n")


def main():
    program, cases, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    text, rows, exported = ['#include "cases.h"\n'], [], set()
    for number, (name, rules, stack, direction, packet) in enumerate(
            read_cases(cases)):
        path = str(ROOT / "share" / "rules" / rules)
        symbol = "rules_" + Path(rules).stem.replace("-", "_")
        if symbol not in exported:
            exported.add(symbol)
            (out / f"{symbol}.c").write_text(covey(
                program, "rules", "export-c", "--rules", path, "--symbol",
                symbol), encoding="utf-8")
            text.append(f"extern const covey_schc_rules {symbol};\n")
        compressed = bytes.fromhex(covey(
            program, "compress", "--rules", path, "--direction", direction,
            "--stack", stack, packet.hex()))
        text.append(array(f"packet_{number}", packet))
        text.append(array(f"compressed_{number}", compressed))
        rows.append(
            f'    {{ "{name}", &{symbol}, {STACKS[stack]},\n'
            f"      COVEY_SCHC_{direction.upper()},\n"
            f"      {{ packet_{number}, sizeof packet_{number} }},\n"
            f"      {{ compressed_{number}, sizeof compressed_{number} }} }},")
    text.append("const target_case target_cases[] = {\n" + "\n".join(rows) +
                "\n};\n")
    text.append("const size_t target_case_count = "
                "sizeof target_cases / sizeof target_cases[0];\n")
    (out / "cases.c").write_text("\n".join(text), encoding="utf-8")


if __name__ == "__main__":
    main()
