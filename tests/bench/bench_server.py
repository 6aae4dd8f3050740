#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""GET of a small resource over loopback: servers beside a bare echo.

Every server runs on the first core and the loader on the second. All are
asked in turn, round after round, with fresh ports each time, and the median
of the rounds counts: the machine is shared, and only what was measured in the
same run can be compared. Beside requests per second there are requests per
second of the server's processor time, which does not depend on who else is
busy. A server that is not installed is named as such.

covey-half is covey-server again, asked at half of the rate that it had just
reached. oscore is covey-server with OSCORE (AES-CCM-16-64-128): all requests
of one context, whose keys are made for the run, its state in SQLite; numbers
are reserved as many at a time as it does by itself, and 64 in oscore-64.

With --workers covey-server is one process, and two, and the same with OSCORE,
where half of the messages come to the one that has not the context. Nobody has
a core of his own then: there may be more processes than cores.
"""
import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import bench_kit as kit
from bench_kit import ports
from bench_kit import number as shown

HOST = "127.0.0.1"


def configuration(folder, port, oscore, ahead, workers):
    """One small resource at one address, no answer of which is withheld."""
    path = Path(folder) / f"server-{port}.yaml"
    text = (f"listen: ['{HOST}:{port}']\n"
            f"workers: {workers}\n"
            "amplification: 0\n"
            "resources:\n"
            "- {path: /x, type: static, value: 22.3 C in room 5,\n"
            f"   policy: {'oscore' if oscore else 'open'}}}\n")
    if oscore:
        text += (f"store: server-{port}.db\n"
                 f"contexts: [{{file: {kit.contexts(folder, port)}{ahead}}}]\n")
    path.write_text(text)
    return str(path)


NAMES = ("echo", "covey", "covey-half", "libcoap", "oscore", "oscore-64")
WORKERS = ("echo", "covey", "covey-2", "oscore", "oscore-2")


def server(name, build, port, folder):
    """(command, resource, more arguments of the loader), or None."""
    if name == "echo":
        return [str(build / "tests/bench/udp_echo"), HOST, str(port)], "x", []
    if name == "libcoap":
        libcoap = shutil.which("coap-server-notls")
        return libcoap and ([libcoap, "-A", HOST, "-p", str(port), "-v", "0"],
                            "time", [])
    oscore = name.startswith("oscore")
    ahead = ", ahead: 64" if name == "oscore-64" else ""
    command = [str(build / "apps/covey-server/covey-server"), "--config",
               configuration(folder, port, oscore, ahead,
                             2 if name.endswith("-2") else 1)]
    more = ["--oscore", kit.client_context(folder, port)] if oscore else []
    return command, "x", more


def measure(found, args, port, rate):
    command, resource, more = found
    loader = [str(args.build / "tests/bench/coap_load"), HOST, str(port),
              resource, "--window", str(args.window), "--ports",
              str(args.ports), "--milliseconds", str(args.milliseconds),
              *more, *(["--rate", str(rate)] if rate else [])]
    with kit.Program(command, port, args.workers) as program:
        before = program.cpu()
        load = subprocess.run([*kit.prefix, *loader] if args.workers
                              else kit.pinned(1, loader), capture_output=True,
                              text=True, check=True, timeout=60)
        used = program.cpu() - before
    result = json.loads(load.stdout)
    if result["refused"] > result["answers"]:
        sys.exit(f"bench_server: not answered as asked: {' '.join(command)}")
    result["per_cpu_second"] = result["answers"] / used if used > 0 else None
    return result


def run(args, folder):
    results = {}
    for _ in range(args.rounds):
        # A port of its own for each run: nothing old is waiting there.
        for name in WORKERS if args.workers else NAMES:
            port = ports.free()
            found = server(name, args.build, port, folder)
            rows = results.setdefault(name, [])
            rate = (int(results["covey"][-1]["per_second"] / 2)
                    if name == "covey-half" else 0)
            if found:
                rows.append(measure(found, args, port, rate))
    keys = ("per_second", "per_cpu_second", "p50_us", "p99_us", "lost",
            "refused")
    return {name: {k: kit.median(rows, k) for k in keys} if rows else None
            for name, rows in results.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, required=True,
                        help="the build folder (preset release)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--milliseconds", type=int, default=2000)
    parser.add_argument("--window", type=int, default=1024)
    parser.add_argument("--ports", type=int, default=64)
    parser.add_argument("--folder", help="where the state of OSCORE is kept: "
                        "it is written through to what is below")
    parser.add_argument("--workers", action="store_true",
                        help="one process and two, without cores of their own")
    parser.add_argument("--realtime", action="store_true",
                        help="before all other programs, on a busy machine")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    if args.realtime:
        kit.prefix += kit.REALTIME
    with tempfile.TemporaryDirectory(dir=args.folder) as folder:
        medians = run(args, folder)
    if args.json:
        print(json.dumps({"benchmarks": medians}))
        return
    echo = medians["echo"]["per_second"]
    print(f"{'server':12} {'requests/s':>10} {'of echo':>8} "
          f"{'per CPU s':>10} {'p50 us':>7} {'p99 us':>7} {'lost':>6} "
          f"{'refused':>7}")
    for name, m in medians.items():
        if m is None:
            print(f"{name:12} not installed")
            continue
        print(f"{name:12} {shown(m['per_second']):>10} "
              f"{m['per_second'] / echo:>8.0%} "
              f"{shown(m['per_cpu_second']):>10} {shown(m['p50_us']):>7} "
              f"{shown(m['p99_us']):>7} {shown(m['lost']):>6} "
              f"{shown(m['refused']):>7}")


main()
