#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""GET of a small resource over loopback: servers beside a bare echo.

Every server runs on the first core and the loader on the second. All are
asked in turn, round after round, with fresh ports each time, and the median
of the rounds counts: the machine is shared, and only what was measured in the
same run can be compared. Beside requests per second there are requests per
second of the server's processor time, which does not depend on who else is
busy. A server that is not installed is named as such.
"""
import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HOST = "127.0.0.1"


def pinned(core, command):
    """The command on one core, if there is more than one."""
    if (os.cpu_count() or 1) > 1 and shutil.which("taskset"):
        return ["taskset", "-c", str(core), *command]
    return command


def configuration(folder, port):
    """One small resource at one address."""
    path = Path(folder) / f"server-{port}.yaml"
    path.write_text(f"listen: ['{HOST}:{port}']\n"
                    "resources:\n"
                    "- {path: /x, type: static, value: 22.3 C in room 5}\n")
    return str(path)


def servers(build, port, folder):
    """{name: (command, resource) or None}"""
    found = {"echo": ([str(build / "tests/bench/udp_echo"), HOST, str(port)],
                      "x"),
             "covey": ([str(build / "apps/covey-server/covey-server"),
                        "--config", configuration(folder, port)], "x")}
    libcoap = shutil.which("coap-server-notls")
    found["libcoap"] = libcoap and (
        [libcoap, "-A", HOST, "-p", str(port), "-v", "0"], "time")
    return found


def cpu_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(build, command, resource, args, port):
    server = subprocess.Popen(pinned(0, command), stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    try:
        time.sleep(0.3)
        if server.poll() is not None:
            sys.exit(f"bench_server: ended at once: {' '.join(command)}")
        before = cpu_seconds(server.pid)
        load = subprocess.run(
            pinned(1, [str(build / "tests/bench/coap_load"), HOST, str(port),
                       resource, "--window", str(args.window), "--ports",
                       str(args.ports), "--milliseconds",
                       str(args.milliseconds)]),
            capture_output=True, text=True, check=True, timeout=60)
        used = cpu_seconds(server.pid) - before
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(5)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
    result = json.loads(load.stdout)
    result["per_cpu_second"] = result["answers"] / used if used > 0 else None
    return result


def median(rounds, key):
    values = [r[key] for r in rounds if r[key] is not None]
    return statistics.median(values) if values else None


def run(args, folder):
    results = {}
    for number in range(args.rounds):
        # A port of its own for each run: nothing old is waiting there.
        for i, name in enumerate(servers(args.build, 0, folder)):
            port = args.port + (number * 8 + i) % 1000
            found = servers(args.build, port, folder)[name]
            rows = results.setdefault(name, [])
            if found:
                rows.append(measure(args.build, *found, args, port))
    keys = ("per_second", "per_cpu_second", "p50_us", "p99_us", "lost")
    return {name: {k: median(rows, k) for k in keys} if rows else None
            for name, rows in results.items()}


def number(value):
    return "-" if value is None else f"{value:,.0f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, required=True,
                        help="the build folder (preset release)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--milliseconds", type=int, default=2000)
    parser.add_argument("--window", type=int, default=1024)
    parser.add_argument("--ports", type=int, default=64)
    parser.add_argument("--port", type=int, default=21000)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        medians = run(args, folder)
    if args.json:
        print(json.dumps({"benchmarks": medians}))
        return
    echo = medians["echo"]["per_second"]
    print(f"{'server':10} {'requests/s':>12} {'of echo':>8} "
          f"{'per CPU s':>12} {'p50 us':>8} {'p99 us':>8} {'lost':>6}")
    for name, m in medians.items():
        if m is None:
            print(f"{name:10} not installed")
            continue
        print(f"{name:10} {number(m['per_second']):>12} "
              f"{m['per_second'] / echo:>8.0%} "
              f"{number(m['per_cpu_second']):>12} {number(m['p50_us']):>8} "
              f"{number(m['p99_us']):>8} {number(m['lost']):>6}")


main()
