#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""CO-10: covey-server keeps its replay window; behind a cache in front of it,
which answers what it has seen before, it does not seem to."""
import json
import os
import shutil
import subprocess
import sys
import unittest

import namespace_kit
from audit_kit import DONE, FINDINGS, REFUSED, USAGE, run
from audit_lab import COVEY_SERVER, Lab, Sniffer, set_up_namespaces
from group_network import Member
from server_kit import RST

# Answers the same OSCORE message as before, without asking again.
CACHE = f"""
import socket, sys
sys.path.insert(0, {os.path.dirname(__file__)!r})
from server_kit import message, option
front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
front.bind((sys.argv[1], 5683))
back = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
back.settimeout(2)
kept = {{}}
print("ready", flush=True)
while True:
    asked, peer = front.recvfrom(2048)
    if asked[1] == 0:
        front.sendto(bytes([0x40 | {RST} << 4, 0]) + asked[2:4], peer)
        continue
    token = asked[4:4 + (asked[0] & 15)]
    key = asked[4 + (asked[0] & 15):] if option(asked, 9) else asked
    if key not in kept:
        back.sendto(asked, ("127.0.0.1", 5700))
        kept[key] = back.recv(2048)
    answer = kept[key]
    front.sendto(bytes([0x50 | len(token)]) + answer[1:2] + asked[2:4] + token
                 + answer[4 + (answer[0] & 15):], peer)
"""
SECRET = "type: oscore\nmaster_secret: 0102030405060708090a0b0c0d0e0f10\n"
RESOURCES = """
resources:
- {path: /open, type: static, value: hello}
- {path: /v, type: static, value: hello, policy: POLICY}
"""


class Replay(Lab):
    def mandate(self):
        m = super().mandate()
        m["mode"] = "account"
        m["techniques"] = ["services.coap", "services.coap.replay"]
        m["credentials"] = [{"id": "osc-1", "kind": "oscore", "target": "S2"},
                            {"id": "psk-1", "kind": "psk", "target": "S2"}]
        m["scope"][0]["clause"] = "S2"
        return m

    def secret(self, name, text):
        path = self.write(name, text)
        path.chmod(0o600)
        return path

    def server(self, host, listen, policy, context):
        """covey-server with a context, at this address."""
        config = self.write(
            f"server{host}.yaml", f"listen: ['{listen}']\n"
            f"store: {self.path(f'{host}.db')}\n"
            f"contexts: [{{file: {context}}}]\nduplicates: 100\n"
            + RESOURCES.replace("POLICY", policy))
        server = namespace_kit.inside(host, COVEY_SERVER, "--config", config,
                                      text=True)
        self.running.append(server)
        for line in server.stderr:
            if " daemon.ready " in line:
                return
        raise AssertionError("covey-server does not start")

    def cache(self, host):
        front = namespace_kit.inside(host, sys.executable, "-B", "-c", CACHE,
                                     f"10.77.0.{host}",
                                     stdout=subprocess.PIPE)
        self.running.append(front)
        self.assertEqual(front.stdout.readline(), b"ready\n")

    def oscore(self):
        """Contexts of the server and of the auditor."""
        return (self.secret("server.yaml",
                            SECRET + "sender_id: 01\nrecipient_id: 02\n"),
                self.secret("own.yaml",
                            SECRET + "sender_id: 02\nrecipient_id: 01\n"))

    def numbers(self):
        return [p for p in self.state.iterdir()
                if p.name.startswith("numbers-") and not p.suffix]

    def audit(self, own, sent, credential="osc-1"):
        path = self.signed()
        status = self.run_audit("--check", "CO-01,CO-08,CO-09,CO-10",
                                "--credential",
                                f"{credential}={own}", path)
        self.assertIn(status, (DONE, FINDINGS), self.err)
        done = run("verify", self.evidence)
        self.assertEqual(done.returncode, DONE, done.stderr)
        result = self.results("CO-10")[0]
        self.assertEqual(result["packets"], sent, result["notes"])
        self.assertEqual(len(self.sniffer.sent(17)),
                         self.lines()[-1]["packets"])
        for name in os.listdir(self.evidence):
            self.assertNotIn(b"0102030405060708090a0b0c0d0e0f10",
                             (self.evidence / name).read_bytes())
        return self.findings() - {"CO-01.open"}

    def test_oscore(self):
        theirs, own = self.oscore()
        self.server(2, "10.77.0.2", "oscore", theirs)
        self.assertEqual(self.audit(own, 2), set())
        self.assertEqual(self.results("CO-08")[0]["notes"],
                         ["plain /v 4.01"])
        self.assertEqual(self.results("CO-09")[0]["notes"], ["answer 4.01"])
        self.assertIn("second 4.01, not protected",
                      self.results("CO-10")[0]["notes"])
        # the numbers go on where they ended, and a server that has been
        # killed asks for Echo first (RFC 8613 Appendix B.1.2)
        kept = self.numbers()[0]
        first = kept.read_bytes()
        self.running[0].kill()
        self.running.pop(0).communicate()
        os.rename(self.evidence, f"{self.evidence}-first")
        self.sniffer.stop()
        self.sniffer = Sniffer()
        self.server(2, "10.77.0.2", "oscore", theirs)
        self.assertEqual(self.audit(own, 3), set())
        self.assertEqual(
            [n.split(",")[0] for n in self.results("CO-10")[0]["notes"]],
            ["credential osc-1", "first 4.01", "with Echo 2.05", "second 4.01"])
        self.assertNotEqual(kept.read_bytes(), first)

    def test_a_cache_in_front(self):
        theirs, own = self.oscore()
        self.server(2, "127.0.0.1:5700", "oscore", theirs)
        self.cache(2)
        self.assertEqual(self.audit(own, 2), {"CO-10.replay"})
        self.assertIn("second 2.05, protected",
                      self.results("CO-10")[0]["notes"])

    def test_group_oscore(self):
        here, there = Member("05"), Member("0a")
        theirs = self.secret("group.json", json.dumps(there.context([here])))
        own = self.secret("own.json", json.dumps(here.context([there])))
        for sent, listen, expected in (
                (2, "10.77.0.2", set()),
                (2, "127.0.0.1:5700", {"CO-10.replay"})):
            with self.subTest(listen=listen):
                self.tearDown()
                self.setUp()
                self.path("2.db").unlink(missing_ok=True)
                self.server(2, listen, "group", theirs)
                if listen != "10.77.0.2":
                    self.cache(2)
                self.assertEqual(self.audit(own, sent), expected)
                self.assertEqual(self.results("CO-08")[0]["notes"],
                                 ["plain /v 4.01"])
                self.assertEqual([p.stat().st_size > 0
                                  for p in self.numbers()], [True])

    def test_what_is_not_permitted(self):
        _, own = self.oscore()
        path = self.signed()
        for value, status, words in (
                ("osc-2=x", REFUSED, "the mandate has none 'osc-2'"),
                ("psk-1=x", REFUSED, "of kind oscore"),
                ("osc-1", USAGE, "ID=FILE"), ("=x", USAGE, "ID=FILE")):
            with self.subTest(value=value):
                self.assertEqual(
                    self.run_audit("--credential", value, path), status)
                self.assertIn(words, self.err)
                shutil.rmtree(self.evidence,
                                            ignore_errors=True)
        self.fake("plain")
        # none is given, and the probes are all that is sent
        self.assertEqual(self.run_audit("--check", "CO-10", self.signed()),
                         DONE)
        self.assertEqual([r["why"] for r in self.lines()
                          if r["kind"] == "not_tested"],
                         ["no credential was given for this clause"])
        self.assertEqual(self.results("CO-10"), [])


if __name__ == "__main__":
    set_up_namespaces()
    unittest.main()
