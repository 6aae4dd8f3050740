#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A Group Manager and its nodes over loopback: how many nodes join in a
second, and how long it takes after an eviction until all others hold the new
keys. covey-gm runs on the first core, the nodes (tests/unit/gm/fleet_main.c),
each with a socket and an association of its own, on the second.

All nodes begin at the same time: each asks for a challenge, proves that it has
its private key, and gets the keys; `joins/s` counts until the last one is in.
`per cpu s` is joins for each second of the manager's processor time. `secure`
has new keys for whoever joins (backward security), `plain` has not. The time of
an eviction begins with the request of the administrator.
"""
import argparse
import json
import os
import re
import resource
import signal
import statistics
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "bench"), str(TESTS / "cli"), str(TESTS / "unit/store"),
                str(TESTS / "unit/gm")]

import bench_kit  # noqa: E402
import gm_kit as kit  # noqa: E402
import with_postgres  # noqa: E402
from databases import schema  # noqa: E402


def pin(pid, core):
    if len(os.sched_getaffinity(0)) > 1:
        for task in os.listdir(f"/proc/{pid}/task"):
            os.sched_setaffinity(int(task), {core})


def wait_all(lines, pattern, nodes):
    """Until each of these nodes has said it."""
    missing = set(nodes)
    until = time.monotonic() + 120
    while missing:
        line = lines.next(until)
        if line is None:
            sys.exit(f"bench_gm: {len(missing)} nodes are missing")
        found = re.match(pattern, line)
        if found:
            missing.discard(int(found.group(1)))


def join(gm, fleet, nodes, window):
    began, used = time.monotonic(), bench_kit.cpu_seconds(gm.process.pid)
    for first in range(1, nodes + 1, window):
        last = min(nodes, first + window - 1)
        fleet.say("join", first, last, "g", 6)
        wait_all(fleet.lines, r"joined (\d+) ", range(first, last + 1))
    took = time.monotonic() - began
    return nodes / took, nodes / max(bench_kit.cpu_seconds(gm.process.pid) - used, 0.01)


def evict(fleet, node, rest):
    fleet.lines.rest(0.05)
    began = time.monotonic()
    fleet.say("ask", 0, 4, f"manage/g/members/n{node}", 65535, "-")
    wait_all(fleet.lines, r"rekeyed (\d+) ", rest)
    return time.monotonic() - began


def run(args, where, nodes, secure):
    text = (f"groups: [{{name: g, rekey_on_join: {str(secure).lower()}}}]\n"
            f"commit_window: {args.commit}\n"
            "tell: {at_a_time: 128}\n")
    kit.enrol(args.fleet, where, nodes)
    with tempfile.TemporaryDirectory(prefix="covey-bench-") as folder:
        gm = kit.Manager(args.gm, args.fleet, folder, where, text)
        fleet = kit.Fleet(args.fleet, gm.port, nodes)
        pin(gm.process.pid, 0)
        pin(fleet.process.pid, 1)
        rate, per_cpu = join(gm, fleet, nodes, args.window or nodes)
        gm.lines.rest(0.3)
        times = [evict(fleet, node, range(node + 1, nodes + 1))
                 for node in range(1, args.evictions + 1)]
        fleet.quit()
        if gm.stop() != 0:
            sys.exit("bench_gm: the manager did not stop in good order")
    return {"joins_per_second": rate, "joins_per_cpu_second": per_cpu,
            "evict_ms": 1000 * statistics.median(times)}


def all_runs(args, store, places):
    out = []
    for nodes in args.nodes:
        for secure in (False, True):
            rounds = [run(args, next(places), nodes, secure)
                      for _ in range(args.rounds)]
            row = {key: statistics.median(r[key] for r in rounds)
                   for key in rounds[0]}
            out.append({"store": store, "nodes": nodes, "secure": secure,
                        **row})
    return out


def files(folder):
    count = 0
    while True:
        count += 1
        yield os.path.join(folder, f"{count}.db")


def schemas(server):
    while True:
        yield schema(server)


def print_table(rows):
    print(f"{'':30}{'joins/s':>10}{'per cpu s':>11}{'evict ms':>10}"
          f"{'us/member':>11}")
    for r in rows:
        name = (f"{r['store']}, {r['nodes']} nodes, "
                f"{'secure' if r['secure'] else 'plain'}")
        print(f"{name:30}{r['joins_per_second']:10.0f}"
              f"{r['joins_per_cpu_second']:11.0f}{r['evict_ms']:10.1f}"
              f"{1000 * r['evict_ms'] / r['nodes']:11.1f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", type=Path, default=Path("build/release"))
    parser.add_argument("--nodes", type=int, nargs="+", default=[100, 1000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--evictions", type=int, default=5)
    parser.add_argument("--window", type=int, default=0,
                        help="nodes that join at a time; 0: all")
    parser.add_argument("--commit", type=int, default=5, help="ms")
    parser.add_argument("--no-postgres", action="store_true")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    args.gm = str(args.build / "apps/covey-gm/covey-gm")
    args.fleet = str(args.build / "tests/unit/gm/gm_fleet")
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    with tempfile.TemporaryDirectory(prefix="covey-bench-") as folder:
        rows = all_runs(args, "SQLite", files(folder))
    if not args.no_postgres:
        with with_postgres.postgres() as server:
            rows += all_runs(args, "PostgreSQL", schemas(server))
    if args.json:
        print(json.dumps({"benchmarks": rows}))
    else:
        print_table(rows)


if __name__ == "__main__":
    main()
