# SPDX-License-Identifier: BSD-2-Clause
"""An auditor in one network namespace, targets in others, and a count of every
packet that leaves the auditor."""
import datetime
import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import namespace_kit
from audit_kit import AUDIT, Case

HERE = Path(__file__).resolve().parent
AUDITOR, TARGET, OTHER = "10.77.0.1", "10.77.0.2", "10.77.0.3"
GROUP = "224.0.1.187"
STOPPED, SAFETY, EVIDENCE = 5, 6, 7
COVEY_SERVER = os.environ.get("COVEY_SERVER", "covey-server")


def after(seconds):
    now = datetime.datetime.now(datetime.timezone.utc)
    return (now + datetime.timedelta(seconds=seconds)).strftime(
        "%Y-%m-%dT%H:%M:%SZ")


def set_up_namespaces(hosts=(1, 2, 3)):
    namespace_kit.enter("coap-server-notls", "openssl")
    namespace_kit.build_network(hosts)


# What resolves addresses in IPv6, and joins groups.
NEIGHBOURS = (133, 134, 135, 136, 137, 143)


class Sniffer:
    """All IP packets between the auditor and the others, and at each of
    them."""

    def __init__(self, auditor=AUDITOR):
        self.auditor = auditor
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", "switch", sys.executable, "-B",
             HERE / "audit_sniff.py", "p1", "p2", "p3"], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "ready\n"
        self.packets = []
        self.settled = 0
        self.changed = threading.Condition()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            packet = json.loads(line)
            with self.changed:
                if packet is None:
                    self.settled += 1
                else:
                    self.packets.append(packet)
                self.changed.notify_all()

    def settle(self):
        """Until all that was on its way is among the packets."""
        wanted = self.settled + 1
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        with self.changed:
            assert self.changed.wait_for(lambda: self.settled >= wanted, 60)

    def is_ours(self, p):
        return p[1] == self.auditor and not (p[3] == 58 and
                                             p[6] in NEIGHBOURS)

    def sent(self, protocol=None, at="p1"):
        """What the auditor has sent: [time, from, to, protocol, ...]."""
        with self.changed:
            return [p for p in self.packets if self.is_ours(p) and
                    p[7] == at and (protocol is None or p[3] == protocol)]

    def anywhere(self):
        """What has come from the auditor, at any host; also to find one."""
        with self.changed:
            return [p for p in self.packets if p[1] == self.auditor]

    def await_sent(self, count, seconds=60):
        with self.changed:
            assert self.changed.wait_for(
                lambda: sum(self.is_ours(p) and p[7] == "p1"
                            for p in self.packets) >= count,
                seconds), f"fewer than {count} packets"

    def stop(self):
        self.process.stdin.close()
        self.process.wait(timeout=60)
        self.reader.join(timeout=60)
        self.process.stdout.close()


class Lab(Case):
    """Each test has a mandate of its own and an empty folder of evidence."""

    def setUp(self):
        super().setUp()
        self.write("owners.yaml", {"owners": [
            {"key": self.keys["owner"],
             "prefixes": ["10.77.0.0/24", GROUP]}]})
        self.evidence = self.path(f"evidence-{self.id()}")
        self.state = self.path(f"state-{self.id()}")
        self.running = []
        self.window = {"from": after(-60), "to": after(900)}
        self.sniffer = Sniffer()

    def tearDown(self):
        for process in self.running:
            process.kill()
            process.communicate()
        self.sniffer.stop()
        shutil.rmtree(self.evidence, ignore_errors=True)

    def mandate(self):
        m = super().mandate()
        m["id"] = f"MND {self.id()}"
        m["window"] = [self.window]
        m["auditor"]["source"] = [AUDITOR]
        m["scope"] = [{"clause": "S1", "net": TARGET, "proto": "udp",
                       "ports": "5683-5684"}]
        m["exclude"] = [{"net": OTHER}]
        m["techniques"] = ["services.coap"]
        m["limits"] = {"pps": 100, "bytes_s": 20000, "packets_per_target": 60,
                       "parallel": 1, "stop_if_silent_s": 1}
        return m

    def command(self, *arguments):
        return ["ip", "netns", "exec", "n1", AUDIT, "run", "--owners",
                self.path("owners.yaml"), "--key", self.path("auditor.pem"),
                "--evidence", self.evidence, "--state", self.state,
                *arguments]

    def start(self, *arguments):
        process = subprocess.Popen(self.command(*arguments),
                                   stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        self.running.append(process)
        return process

    def end(self, process):
        """Its exit status; what it said is kept."""
        self.out, self.err = process.communicate(timeout=300)
        self.running.remove(process)
        self.sniffer.settle()
        return process.returncode

    def run_audit(self, *arguments):
        return self.end(self.start(*arguments))

    def fake(self, manner, host=2):
        server = namespace_kit.inside(
            host, sys.executable, "-B", HERE / "audit_fake.py",
            f"10.77.0.{host}", manner, stdout=subprocess.PIPE, text=True)
        self.running.append(server)
        self.assertEqual(server.stdout.readline(), "ready\n")
        return server

    def libcoap(self, *options, host=2, client=None):
        """coap-server of libcoap, once it answers."""
        server = namespace_kit.inside(host, "coap-server-notls", *options)
        self.running.append(server)
        self.await_coap(client or f"10.77.0.{host}", "/", b"libcoap", host)
        return server

    def directory(self):
        """coap-rd of libcoap, a resource directory, once it answers."""
        self.running.append(namespace_kit.inside(2, "coap-rd-notls"))
        self.await_coap(TARGET, "/.well-known/core", b"core.rd", 2)

    def put(self, path, text):
        """Into the server of libcoap, by a client that is not counted."""
        done = subprocess.run(
            ["ip", "netns", "exec", "n2", "coap-client-notls", "-m", "put",
             "-e", text, f"coap://{TARGET}{path}"], capture_output=True,
            check=False)
        self.assertEqual((done.returncode, done.stderr), (0, b""))

    def await_coap(self, address, path, word, host):
        for _ in range(100):
            asked = subprocess.run(
                ["ip", "netns", "exec", f"n{host}", "coap-client-notls", "-B",
                 "1", f"coap://{address}{path}"], capture_output=True,
                check=False)
            if word in asked.stdout:
                return
        raise AssertionError("libcoap does not answer")

    def covey(self, text, host=2):
        """covey-server with resources."""
        path = self.write("server.yaml",
                          f"listen: [10.77.0.{host}]\n{text}")
        server = namespace_kit.inside(host, COVEY_SERVER, "--config", path,
                                      text=True)
        self.running.append(server)
        for line in server.stderr:
            if " daemon.ready " in line:
                return server
        raise AssertionError("covey-server does not start")

    # --- the record ---

    def lines(self):
        text = (self.evidence / "acts.log").read_text(encoding="ascii")
        return [json.loads(line) for line in text.splitlines()]

    def results(self, check):
        return [r for r in self.lines()
                if r["kind"] == "result" and r["check"] == check]

    def findings(self):
        return {f["finding"] for r in self.lines() if r["kind"] == "result"
                for f in r["findings"]}
