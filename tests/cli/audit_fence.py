#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""covey-fence: what nmap in each of its modes, and a tool that means harm, get
through. Every frame that comes from an auditor's host is looked at on the wire.
Hosts: 2 is the target, 3 is forbidden, the others are auditors, one per mode,
so that all run at once."""
import collections
import json
import os
import select
import socket
import struct
import subprocess
import sys
import threading
import time
import unittest
from pathlib import Path

import namespace_kit

HERE = Path(__file__).resolve()
FENCE = os.environ.get("COVEY_FENCE", "covey-fence")
TARGET, FORBIDDEN = "10.77.0.2", "10.77.0.3"
TARGET6, FORBIDDEN6 = "fd77::2", "fd77::3"
DONE, USAGE, CLOSED, NO_FENCE = 0, 2, 5, 8
RATE = 40
SECONDS = 240  # a machine that is ten times slower needs them
PORTS = range(1, 11)
MODES = [
    "-sS", "-sA", "-sF", "-sX", "-sN", "-sM", "-sW", "-sT", "-sU", "-sO",
    "-O -sS", "-sV -sS", "-f -sS", "-sS --send-ip", "-sS -S 10.77.0.77",
    "-sS -D 10.77.0.77,ME", "-sS --spoof-mac 02:00:00:00:00:77",
    "-sS --badsum --ttl 3 -g 53", "-sn -PE -PP -PM", "-sn -PR --traceroute",
    "-sY", "-6 -sS", "-6 -sU",
]
PATIENT = ("-sS", "-sT", "-6 -sS")  # they have the time they need
AUDITORS = range(4, 4 + len(MODES))
SIX = [host for host, mode in zip(AUDITORS, MODES) if mode.startswith("-6")]
FAST, GREEDY = 4 + len(MODES), 5 + len(MODES)  # two more, which only flood
NAMES = ("target", "source", "rate", "budget", "seconds", "permit")


def order(host=1, six=False, **changes):
    """Its text; None leaves a line out."""
    lines = {"target": TARGET6 if six else TARGET,
             "source": f"fd77::{host}" if six else f"10.77.0.{host}",
             "rate": f"{RATE} 100000", "budget": "2000", "seconds": str(SECONDS),
             "permit": ["6 1-10", "17 1-10"]}
    lines.update(changes)
    text = "covey-fence 1\n"
    for name in NAMES:
        value = lines[name]
        for one in value if isinstance(value, list) else [value]:
            text += f"{name} {one}\n" if one is not None else ""
    return text + "end\n"


class Fence:
    def __init__(self, text, *command, host=1, around=()):
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", f"n{host}", *around, FENCE, "--errors",
             "2", "--", *command], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.process.stdin.write(text)
        self.process.stdin.flush()

    def started(self):
        line = self.process.stdout.readline()
        assert line.startswith("started "), self.process.communicate()[1]

    def end(self):
        """Its status; the counters are read."""
        out, self.err = self.process.communicate(timeout=300)
        self.lines = out.splitlines()
        words = [line.split() for line in self.lines
                 if line.startswith("counter ")]
        self.counters = {w[1]: int(w[2]) for w in words}
        return self.process.returncode

    def wait(self):
        """The same, without closing it."""
        self.process.stdin, stdin = None, self.process.stdin
        status = self.end()
        stdin.close()
        return status


# --- the wire ---------------------------------------------------------------

def describe(frame):
    """[what, from, to, protocol, port]."""
    kind, at = frame[12:14], 14
    if kind == b"\x08\x06":
        return ["arp", socket.inet_ntoa(frame[28:32]),
                socket.inet_ntoa(frame[38:42]), 0, 0]
    if kind == b"\x08\x00":
        ip = frame[at:]
        ends = [socket.inet_ntoa(ip[12:16]), socket.inet_ntoa(ip[16:20])]
        protocol, rest = ip[9], ip[(ip[0] & 15) * 4:]
        odd = ip[0] != 0x45 or ip[6] & 0x3f or ip[7]
    elif kind == b"\x86\xdd":
        ip = frame[at:]
        ends = [socket.inet_ntop(socket.AF_INET6, ip[n:n + 16])
                for n in (8, 24)]
        protocol, rest, odd = ip[6], ip[40:], False
        if protocol == 58 and rest[0] == 136:
            return ["nd", *ends, 58, 0]
        if protocol == 58 and rest[0] == 135:  # who is asked for
            return ["nd", ends[0],
                    socket.inet_ntop(socket.AF_INET6, rest[8:24]), 58, 0]
    else:
        return ["other", kind.hex(), "", 0, 0]
    port = int.from_bytes(rest[2:4], "big") if protocol in (6, 17) else 0
    return ["odd" if odd else "ip", *ends, protocol, port]


def sniff():
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    s.setsockopt(socket.SOL_SOCKET, 35, 1)  # SO_TIMESTAMPNS
    s.setsockopt(263, 8, 1)  # SOL_PACKET, PACKET_AUXDATA: tags of VLANs
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 23)
    print("ready", flush=True)
    while True:
        if sys.stdin in select.select([s, sys.stdin], [], [])[0]:
            return
        frame, extra, _, address = s.recvmsg(2048, 256)
        if address[2] == socket.PACKET_OUTGOING or address[0][0] != "p":
            continue
        found, moment = describe(frame), 0
        for level, kind, data in extra:
            if level == socket.SOL_SOCKET:
                second, nano = struct.unpack("@qq", data[:16])
                moment = second + nano / 1e9
            elif struct.unpack("@I", data[:4])[0] & 16:
                found[0] = "tagged"
        print(json.dumps([int(address[0][1:]), moment, *found]), flush=True)


class Wire:
    def __init__(self):
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", "switch", sys.executable, "-B", HERE,
             "sniff"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True)
        assert self.process.stdout.readline() == "ready\n"
        self.frames = collections.defaultdict(list)
        self.changed = threading.Condition()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            host, *frame = json.loads(line)
            with self.changed:
                self.frames[host].append(frame)
                self.changed.notify_all()

    def count(self, host):
        with self.changed:
            return len(self.frames[host])

    def await_frames(self, host, count):
        with self.changed:
            assert self.changed.wait_for(
                lambda: len(self.frames[host]) >= count, 60)

    def await_protocol(self, host, protocol):
        """What came before it has been read by then."""
        with self.changed:
            assert self.changed.wait_for(
                lambda: any(f[4] == protocol for f in self.frames[host]), 60)

    def stop(self):
        time.sleep(0.1)
        self.process.stdin.close()
        self.process.wait(timeout=60)
        self.reader.join(timeout=60)
        self.process.stdout.close()


class Case(unittest.TestCase):
    def setUp(self):
        self.wire = Wire()
        self.addCleanup(self.wire.stop)

    def check_frames(self, host, fence, rate=RATE):
        """What left an auditor's host is what the order permits."""
        self.wire.await_frames(host, fence.counters["passed"] +
                               fence.counters["neighbour"])
        frames = self.wire.frames[host]
        if host in SIX:  # the auditor's own kernel and its neighbours
            frames = [f for f in frames if f[2] != "::" and
                      "fe80" not in (f[2][:4], f[3][:4])]
        sources = (f"10.77.0.{host}", f"fd77::{host}")
        for _, what, source, target, protocol, port in frames:
            frame = (what, source, target, protocol, port)
            self.assertIn(what, ("arp", "nd", "ip"), frame)
            self.assertIn(source, sources, frame)
            self.assertIn(target, (TARGET, TARGET6), frame)
            if what == "ip":
                self.assertIn(protocol, (6, 17), frame)
                self.assertIn(port, PORTS, frame)
        times = sorted(f[0] for f in frames if f[1] == "ip")
        for first, beyond in zip(times, times[rate:]):
            self.assertGreaterEqual(beyond - first, 1)


class Nmap(Case):
    def test_no_mode_gets_a_packet_past_the_fence(self):
        fences = []
        fast = Fence(order(FAST, rate="20 100000"), *helper("flood"),
                     host=FAST)
        greedy = Fence(order(GREEDY, rate="1000 1000000", budget="7"),
                       *helper("flood", 300), host=GREEDY)
        for host, mode in zip(AUDITORS, MODES):
            six = mode.startswith("-6")
            patience = f"{SECONDS}s" if mode in PATIENT else "1500ms"
            words = ["-n", "--privileged", "--max-retries", "2", "--max-rate",
                     str(RATE), "--host-timeout", patience, "-Pn",
                     *mode.split()]
            words += [] if "-sn" in words else \
                ["-p", "1,2,6,17,132"] if "-sO" in words else \
                ["-p", "1-20,U:1-20"] if "-sU" in words else ["-p", "1-20"]
            words += [TARGET6] if six else [TARGET]
            if mode not in PATIENT:
                words.append(FORBIDDEN6 if six else FORBIDDEN)
            fences.append(Fence(order(host, six), "nmap", *words, host=host))
        for host, mode, fence in zip(AUDITORS, MODES, fences):
            with self.subTest(mode=mode):
                self.assertEqual(fence.wait(), DONE, fence.err)
                self.assertEqual(fence.counters["dead"], 1)
                self.check_frames(host, fence)
        # what has to work has worked
        for mode in PATIENT:
            fence = fences[MODES.index(mode)]
            self.assertGreater(fence.counters["answers"], 0, mode)
        fence = fences[MODES.index("-sS -S 10.77.0.77")]
        self.assertEqual(fence.counters["passed"], 0)
        self.check_rate(fast)
        self.check_budget(greedy)

    def check_rate(self, fence):
        self.wire.await_frames(FAST, 50)
        self.assertEqual(fence.end(), CLOSED, fence.err)
        self.assertIn("ended closed", fence.lines)
        self.check_frames(FAST, fence, 20)

    def check_budget(self, fence):
        self.assertEqual(fence.wait(), DONE, fence.err)
        self.check_frames(GREEDY, fence, 7)
        packets = [f for f in self.wire.frames[GREEDY] if f[1] == "ip"]
        self.assertEqual(len(packets), 7)
        self.assertGreater(fence.counters["spent"], 0)


# --- a tool that means harm -------------------------------------------------

def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total & 0xffff) + (total >> 16)
    return ~((total & 0xffff) + (total >> 16)) & 0xffff


def ipv4(source, target, protocol=17, port=5, options=b"", fragment=0):
    body = struct.pack("!HHHH", 4000, port, 8, 0)
    head = struct.pack("!BBHHHBBH4s4s", 0x45 + len(options) // 4, 0,
                       28 + len(options), 1, fragment, 64, protocol, 0,
                       socket.inet_aton(source), socket.inet_aton(target))
    head += options
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + body


def harm(host):
    """Raw frames, whatever a host's own rules would say; one of them is what
    the order permits. Beforehand the target is found the proper way."""
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    s.bind(("fence0", 0))
    asks = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    asks.sendto(b"", (TARGET, 5))
    mac = s.getsockname()[4]
    while True:
        frame = s.recv(2048)
        if frame[12:14] == b"\x08\x06" and frame[6:12] != mac:
            station = frame[6:12]
            break
    own = f"10.77.0.{host}"
    good = ipv4(own, TARGET)
    route = bytes([131, 7, 4, *socket.inet_aton(FORBIDDEN), 0])
    six = struct.pack("!IHBB16s16s", 6 << 28, 8, 17, 64,
                      socket.inet_pton(socket.AF_INET6, f"fd77::{host}"),
                      socket.inet_pton(socket.AF_INET6, TARGET6)) + good[20:]
    arp = struct.pack("!HHBBH6s4s6s4s", 1, 2048, 6, 4, 1, mac,
                      socket.inet_aton(own), bytes(6),
                      socket.inet_aton(FORBIDDEN))
    frames = [(station, mac, 0x0800, good)]
    frames += [(station, mac, 0x0800, ipv4(*what)) for what in (
        (own, FORBIDDEN), (own, TARGET, 17, 11), (own, TARGET, 1),
        (own, TARGET, 4), (own, TARGET, 47), ("10.77.0.77", TARGET),
        (own, "10.77.0.255"), (own, "224.0.1.187"), (own, "192.0.0.8"),
        (own, TARGET, 17, 5, route), (own, TARGET, 17, 5, b"", 0x2000),
        (own, TARGET, 17, 5, b"", 4))]
    frames += [(b"\xff" * 6, mac, 0x0800, good),
               (b"\x02\0\0\0\0\x77", mac, 0x0800, good),
               (station, b"\x02\0\0\0\0\x77", 0x0800, good),
               (station, mac, 0x8100, b"\0\x05\x08\0" + good),
               (station, mac, 0x88a8, b"\0\x05\x08\0" + good),
               (station, mac, 0x86dd, six), (station, mac, 0x88b5, good),
               (b"\xff" * 6, mac, 0x0806, arp)]
    for frame in frames:
        time.sleep(0.03)
        s.send(frame[0] + frame[1] + frame[2].to_bytes(2, "big") + frame[3])
    print(len(frames), file=sys.stderr)


def flood(count):
    """More than any order permits; without end if the count is 0."""
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    while True:
        count -= 1
        if count == 0:
            return
        time.sleep(0.0005)
        try:
            s.sendto(b"", (TARGET, 5))
        except OSError:
            pass


def helper(name, number=0):
    return [sys.executable, "-B", HERE, name, str(number)]


class Harm(Case):
    def test_raw_frames(self):
        fence = Fence(order(), *helper("harm", 1))
        self.assertEqual(fence.wait(), DONE, fence.err)
        self.assertNotEqual(fence.err.strip(), "", "the tool did nothing")
        self.check_frames(1, fence)
        frames = self.wire.frames[1]
        self.assertEqual(sum(f[1] == "ip" for f in frames), 2, frames)
        self.assertEqual(fence.counters["passed"], 2)
        self.assertEqual(fence.counters["dead"], 2)


class Ends(Case):
    def begin(self):
        fence = Fence(order(rate="1000 1000000"), *helper("flood"))
        fence.started()
        self.wire.await_frames(1, 20)
        return fence

    def lateness(self, moment):
        """Of the tool's last datagram, in seconds. Behind it the host's own
        segments are on the wire."""
        self.wire.await_protocol(1, 6)
        return max(f[0] for f in self.wire.frames[1] if f[4] == 17) - moment

    def host_is_as_before(self):
        """Its own answers come back, and nothing is left."""
        code = ("import socket\ns = socket.socket()\ns.settimeout(60)\n"
                f"print(s.connect_ex(({TARGET!r}, 5)))\n")
        for _ in range(200):  # a device goes a moment after its namespace
            done = subprocess.run(
                ["ip", "netns", "exec", "n1", "ip", "-br", "link"],
                capture_output=True, text=True, check=True)
            if "cvf" not in done.stdout:
                break
            time.sleep(0.1)
        self.assertNotIn("cvf", done.stdout)
        done = subprocess.run(["ip", "netns", "exec", "n1", sys.executable,
                               "-c", code], capture_output=True, text=True,
                              check=True)
        self.assertEqual(done.stdout, "111\n")  # ECONNREFUSED

    def check_end(self, end):
        """Within 50 ms; on a busy machine within more of them. What does not
        end is later than any of these bounds."""
        for bound in (0.05, 0.05, 0.1, 0.2, 0.5):
            fence = self.begin()
            moment = time.time()
            end(fence)
            ended = time.time()
            self.host_is_as_before()
            late = self.lateness(moment)
            # whoever has seen it end gets nothing more, however late that is
            self.assertLessEqual(late, ended - moment)
            if late <= bound:
                return
            self.wire.frames[1].clear()
        self.fail(f"{late} seconds late")

    def test_standard_input_ends(self):
        def end(fence):
            fence.process.stdin.close()
            fence.process.stdin = None
            self.assertEqual(fence.end(), CLOSED, fence.err)
        self.check_end(end)

    def test_it_is_killed(self):
        def end(fence):
            fence.process.kill()
            fence.end()
        self.check_end(end)


class None_(Case):
    """No fence, no tool."""

    def refused(self, text, status, *words, around=(), host=1):
        fence = Fence(text, "sh", "-c", "echo started >&2", around=around,
                      host=host)
        self.assertEqual(fence.wait(), status, fence.err)
        self.assertNotIn("started\n", fence.err)
        for word in words:
            self.assertIn(word, fence.err)
        self.assertEqual(self.wire.frames[host], [])

    def test_without_the_right_to_build_one(self):
        self.refused(order(), NO_FENCE, around=(
            "setpriv", "--bounding-set=-net_admin"))
        self.refused(order(), NO_FENCE, "of its own", around=(
            "setpriv", "--bounding-set=-sys_admin"))

    def test_where_no_route_or_another_source_is(self):
        self.refused(order(target="203.0.113.9"), NO_FENCE, "no route")
        self.refused(order(target="127.0.0.1"), NO_FENCE, "no Ethernet")
        self.refused(order(source="10.77.0.9"), NO_FENCE, "source")

    def test_a_program_that_is_not_there(self):
        fence = Fence(order(), "/nonexistent")
        self.assertEqual(fence.wait(), NO_FENCE)
        self.assertIn("cannot be started", fence.err)

    def test_orders_that_are_none(self):
        for changes in (
                {"target": None}, {"target": "10.77.0.2/24"},
                {"target": "224.0.1.187"}, {"target": "255.255.255.255"},
                {"target": "ff02::1"}, {"target": "192.0.0.8"},
                {"target": [TARGET, TARGET]}, {"target": "localhost"},
                {"source": None}, {"source": "224.0.0.1"}, {"rate": None},
                {"rate": "0 1"}, {"rate": "1 0"}, {"rate": "1001 1"},
                {"rate": "01 1"}, {"rate": "5"}, {"rate": ["1 1", "1 1"]},
                {"budget": None}, {"budget": "0"}, {"budget": "200001"},
                {"budget": "-1"}, {"seconds": None}, {"seconds": "86400"},
                {"seconds": "1 "}, {"permit": None}, {"permit": "6"},
                {"permit": "6 5"}, {"permit": "6 9-1"}, {"permit": "4"},
                {"permit": "47"}, {"permit": "6 1-65536"}, {"permit": "1 0-9"},
                {"permit": ["17 1-2", "6 1-2"]}, {"permit": ["1", "1"]},
                {"permit": ["6 1-5", "6 5-9"]}, {"permit": ["6 1-5", "6 6-9"]},
                {"permit": "6 1-9\nrun x"},
                {"permit": "6  1-9"}, {"permit": "6 1-9 x"},
                {"permit": "x" * 200}):
            with self.subTest(changes=changes):
                self.refused(order(**changes), USAGE, "order:")

    def test_an_order_without_its_end(self):
        text = order()
        for cut in (0, 1, len(text) - 1):
            fence = Fence(text[:cut], "true")
            self.assertEqual(fence.end(), USAGE)


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] in ("sniff", "harm", "flood"):
        {"sniff": sniff, "harm": lambda: harm(sys.argv[2]),
         "flood": lambda: flood(int(sys.argv[2]))}[sys.argv[1]]()
        sys.exit()
    namespace_kit.enter("nmap")
    namespace_kit.build_network([1, 2, 3, *AUDITORS, FAST, GREEDY])
    for auditor in (1, FAST, GREEDY, *AUDITORS):
        if auditor not in SIX:  # nothing of its own on the wire
            subprocess.run(
                ["ip", "netns", "exec", f"n{auditor}", "sh", "-c",
                 "echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6"],
                check=True)
    unittest.main()
