#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What one of many costs: time, instructions, lines of memory.

Runs bench_outstanding twice: by itself, for times, and under callgrind, which
counts what does not depend on the machine's mood: instructions, and the lines
that are not in a first cache of 32 kB and a last one of 1 MiB. Each figure is
followed by its ratio to that of a thousand. The work is constant if the
instructions are; what time grows by beyond that is memory, as that of the rows
"memory of", which touch as much of it and do nothing else.
"""
import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

COUNT = 2000
CACHES = ["--cache-sim=yes", "--I1=65536,4,64", "--D1=32768,8,64",
          "--LL=1048576,16,64"]


def timed(program, rounds, milliseconds):
    out = subprocess.run([program, "--json", "--rounds", str(rounds),
                          "--milliseconds", str(milliseconds)],
                         capture_output=True, text=True, check=True).stdout
    return {b["name"]: b["median_ns"] for b in json.loads(out)["benchmarks"]}


def part(text):
    """The case that a part of callgrind's output is about, and its sums."""
    name = re.search(r"Trigger: Client Request: (.*)$", text, re.M)
    events = re.search(r"^events: (.*)$", text, re.M)
    totals = re.search(r"^(?:totals|summary): (.*)$", text, re.M)
    if not (name and events and totals):
        return None
    return name.group(1), dict(zip(events.group(1).split(),
                                   map(int, totals.group(1).split())))


def counted(program):
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "callgrind.out"
        done = subprocess.run(
            ["valgrind", "--tool=callgrind", *CACHES, "--instr-atstart=no",
             f"--callgrind-out-file={out}", program, "--count", str(COUNT)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            check=False)
        if done.returncode != 0:
            sys.exit(f"bench_outstanding: callgrind ended with "
                     f"{done.returncode}:\n{done.stdout}")
        parts = (part(p.read_text()) for p in Path(folder).iterdir())
        found = dict(p for p in parts if p)
    return {name: {"instructions": sums["Ir"] / COUNT,
                   "lines": (sums["DLmr"] + sums["DLmw"]) / COUNT}
            for name, sums in found.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, required=True,
                        help="the build folder (preset release)")
    parser.add_argument("--rounds", type=int, default=31)
    parser.add_argument("--milliseconds", type=int, default=5)
    parser.add_argument("--most", type=float, metavar="RATIO",
                        help="fail if instructions grow by more than this")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    program = str(args.build / "tests/bench/bench_outstanding")
    times = timed(program, args.rounds, args.milliseconds)
    counts = counted(program)
    if set(times) != set(counts):
        sys.exit("bench_outstanding: not all cases were counted")
    rows = []
    first = {}
    for name, ns in times.items():
        row = {"ns": ns, **counts[name]}
        base = first.setdefault(name.rpartition(",")[0], row)
        rows.append({"name": name, **row, "times_ns": ns / base["ns"],
                     "times_instructions":
                     row["instructions"] / base["instructions"]})
    if args.json:
        print(json.dumps({"benchmarks": rows}))
    else:
        show(rows)
    grown = [r["name"] for r in rows
             if args.most and r["times_instructions"] > args.most]
    if grown:
        sys.exit(f"bench_outstanding: more than {args.most} times the "
                 f"instructions of a thousand: {', '.join(grown)}")


def show(rows):
    print(f"{'':34} {'ns':>8} {'x':>5} {'instructions':>13} {'x':>6} "
          f"{'lines':>6}")
    for r in rows:
        print(f"{r['name']:34} {r['ns']:>8.1f} {r['times_ns']:>5.2f} "
              f"{r['instructions']:>13,.0f} {r['times_instructions']:>6.3f} "
              f"{r['lines']:>6.1f}")


main()
