#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""covey-proxy beside a bare relay that passes datagrams on in the same batches,
and beside libcoap's proxy.

The proxy runs on the first core; clients and servers are one program on the
second one (proxy_load), which also sees that no Message ID comes twice: then
it ends, and so does this. All are measured in turn, round after round, each
time with ports and server addresses that are fresh, and the median of the
rounds counts. Beside answers per second there are answers per second of the
proxy's processor time, which does not depend on who else is busy.

group: 50 members answer each request at once. group-4: 4 requests under way.
one: requests to single servers, Non-confirmable. oscore: the client's leg of
the group is protected (AES-CCM-16-64-128). Added delay counts from when a
server writes its answer until the client reads it.

Memory: what the resident memory of covey-proxy grows by, for each request to
a group that is under way."""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import bench_kit as kit
from bench_kit import ports
from bench_kit import number as shown

HOST, GROUP, MEMBERS = "127.0.0.1", "224.0.1.187", 50
LIVE = 4096  # requests under way at most
# (what is asked, requests under way)
CASES = {"group": ("group", 16), "group-4": ("group", 4), "one": ("one", 64)}
PROGRAMS = {"group": ("relay", "covey", "oscore"),
            "group-4": ("relay", "covey"),
            "one": ("relay", "covey", "libcoap")}


def configuration(folder, port, target, limit):
    """Nothing is limited but the requests under way."""
    path = Path(folder) / f"proxy-{port}.yaml"
    reach = (f"  groups: [{{address: '{GROUP}:{target}', interface: lo}}]\n"
             "  servers: [127.0.0.0/8]\n")
    path.write_text(
        f"listen: ['{HOST}:{port}']\ninsecure: true\nclients:\n"
        f"- from: 127.0.0.1\n{reach}"
        f"- context: {kit.contexts(folder, port)}\n"
        f"  state: {folder}/proxy-{port}.state\n  ahead: 65536\n{reach}"
        f"limits: {{requests: {limit}, requests_per_client: {limit}, "
        f"requests_per_group: {limit}, rate: 0, nstart: 1000}}\n")
    return str(path)


class Run:
    """One port of the proxy, one network of servers 127.X.0.2 and on."""
    count = 0

    def __init__(self, args, folder):
        self.args, self.folder = args, folder
        Run.count += 1
        self.network = Run.count % 250 + 1
        self.port, self.target = ports.free(), ports.free()
        self.bench = args.build / "tests/bench"

    def covey(self, limit=LIVE):
        return [str(self.args.build / "apps/covey-proxy/covey-proxy"),
                "--config", configuration(self.folder, self.port, self.target,
                                          limit)]

    def command(self, name, what):
        """None: not installed."""
        if name == "relay":
            where, count = ((GROUP, 1) if what == "group" else
                            (f"127.{self.network}.0.2", MEMBERS))
            return [str(self.bench / "udp_relay"), HOST, str(self.port),
                    where, str(self.target), str(count)]
        if name == "libcoap":
            program = shutil.which("coap-server-notls")
            return program and [program, "-A", HOST, "-p", str(self.port),
                                "-v", "0", "-P", ",bench"]
        return self.covey()

    def load(self, what, *more):
        where = GROUP if what == "group" else f"127.{self.network}.0.2"
        return kit.pinned(1, [
            str(self.bench / "proxy_load"), HOST, str(self.port), where,
            str(self.target), "--network", str(self.network), "--servers",
            str(MEMBERS), *more])

    def recover(self):
        """The proxy asks a client for Echo first, as after each restart."""
        subprocess.run(
            [str(self.args.build / "apps/covey/covey"), "get", "--proxy",
             f"coap://{HOST}:{self.port}", "--proxy-context",
             kit.client_context(self.folder, self.port), "--proxy-number",
             "0", "--collect", "1", "--margin", "0.1",
             f"coap://{GROUP}:{self.target}/x"], check=False,
            capture_output=True, timeout=30)

    def measure(self, name, what, window):
        command = self.command(name, what)
        if not command:
            return None
        more = ["--window", str(window), "--ports",
                str(self.args.ports if what == "group" else 64),
                "--milliseconds", str(self.args.milliseconds)]
        with kit.Program(command, self.port) as program:
            if name == "oscore":
                self.recover()
                more += ["--oscore",
                         kit.client_context(self.folder, self.port)]
            before = program.cpu()
            load = subprocess.run(self.load(what, *more), check=False,
                                  capture_output=True, text=True, timeout=60)
            used = program.cpu() - before
        if load.returncode != 0:
            sys.exit(f"bench_proxy: {name}: {load.stdout}{load.stderr}")
        result = json.loads(load.stdout)
        if result["refused"] > result["answers"]:
            sys.exit(f"bench_proxy: not answered as asked: {command}")
        result["per_cpu_second"] = (result["answers"] / used if used > 0
                                    else None)
        return result

    def filled(self, count, limit):
        """Resident memory after so many requests, of which `limit` are under
        way: what is remembered of messages is the same."""
        with kit.Program(self.covey(limit), self.port) as program:
            with subprocess.Popen(
                    self.load("group", "--fill", str(count), "--collect",
                              "300"), stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE) as load:
                load.stdout.readline()
                used = program.memory()
                load.communicate(b"\n")
        return used


def memory(args, folder):
    """Bytes for each request under way."""
    few, many = args.fill // 8, args.fill
    grown = (Run(args, folder).filled(many, many) -
             Run(args, folder).filled(many, few))
    return grown / (many - few)


def run(args, folder):
    rounds = {}
    for _ in range(args.rounds):
        for case, (what, window) in CASES.items():
            for name in PROGRAMS[case]:
                got = Run(args, folder).measure(name, what, window)
                rounds.setdefault((case, name), []).append(got)
    keys = ("per_second", "per_cpu_second", "p50_us", "p99_us", "lost",
            "refused", "reused")
    results = {}
    for (case, name), rows in rounds.items():
        results.setdefault(case, {})[name] = (
            {k: kit.median(rows, k) for k in keys} if rows[0] else None)
    return results


def ratio(m, base, key):
    if m[key] is None or not base[key]:
        return "-"
    return f"{m[key] / base[key]:.0%}"


def print_text(results, live):
    print(f"{'':8} {'proxy':8} {'answers/s':>9} {'of bare':>7} "
          f"{'per CPU s':>9} {'of bare':>7} {'p50 us':>7} {'p99 us':>7} "
          f"{'lost':>6}")
    for case, rows in results.items():
        for name, m in rows.items():
            if m is None:
                print(f"{case:8} {name:8} not installed")
                continue
            base = rows["relay"]
            print(f"{case:8} {name:8} {shown(m['per_second']):>9} "
                  f"{ratio(m, base, 'per_second'):>7} "
                  f"{shown(m['per_cpu_second']):>9} "
                  f"{ratio(m, base, 'per_cpu_second'):>7} "
                  f"{shown(m['p50_us']):>7} {shown(m['p99_us']):>7} "
                  f"{shown(m['lost']):>6}")
    print(f"memory for each request under way: {shown(live)} bytes")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, required=True,
                        help="the build folder (preset release)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--milliseconds", type=int, default=2000)
    parser.add_argument("--ports", type=int, default=256,
                        help="of clients of the group")
    parser.add_argument("--fill", type=int, default=32768,
                        help="requests under way, for the memory of one")
    parser.add_argument("--realtime", action="store_true",
                        help="before all other programs, for the delays")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    if args.realtime:
        kit.prefix += kit.REALTIME
    with tempfile.TemporaryDirectory() as folder:
        results = run(args, folder)
        live = memory(args, folder)
    if args.json:
        print(json.dumps({"benchmarks": results, "live_bytes": live,
                          "cores": os.cpu_count()}))
    else:
        print_text(results, live)


main()
