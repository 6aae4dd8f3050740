#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Which service is at an open port (SV-01): listened to, or sent one
ClientHello. Packets are counted on the wire."""
import re
import subprocess
import sys
import time
import unittest

import namespace_kit
from audit_kit import DONE, FINDINGS, run
from audit_lab import Lab, STOPPED, TARGET, set_up_namespaces

SERVE = """
import select, socket
def bound(kind, port):
    s = socket.socket(socket.AF_INET, kind)
    s.bind(("10.77.0.2", port))
    return s
says = {2001: b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10\\r\\n",
        2002: b""}
listen = {bound(socket.SOCK_STREAM, port): port for port in says}
for s in listen:
    s.listen()
echo = bound(socket.SOCK_DGRAM, 2005)
print("ready", flush=True)
open_ones = {}
while True:
    for s in select.select([*listen, *open_ones, echo], [], [])[0]:
        try:
            if s is echo:
                data, peer = s.recvfrom(2000)
                s.sendto(b"?" + data, peer)
            elif s in listen:
                c, _ = s.accept()
                open_ones[c] = listen[s]
                c.sendall(says[listen[s]])
            elif s.recv(2000) and open_ones[s] == 2002:
                s.sendall(b"HTTP/1.1 400 Bad Request\\r\\n\\r\\n")
        except OSError:
            open_ones.pop(s, None)
"""


class Services(Lab):
    def target(self):
        server = namespace_kit.inside(2, sys.executable, "-B", "-c", SERVE,
                                      stdout=subprocess.PIPE)
        self.running.append(server)
        self.assertEqual(server.stdout.readline(), b"ready\n")

    def tls(self):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
             "-subj", "/CN=target", "-keyout", self.path("server.pem"), "-out",
             self.path("server.crt")], check=True, capture_output=True)
        server = namespace_kit.inside(
            2, "openssl", "s_server", "-accept", f"{TARGET}:2000", "-key",
            self.path("server.pem"), "-cert", self.path("server.crt"),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.running.append(server)
        for line in server.stdout:
            if b"ACCEPT" in line:
                return
        raise AssertionError("openssl does not start")

    def test_each(self):
        self.target()
        self.tls()
        self.libcoap("-A", TARGET)

        def change(m):
            m["techniques"] = ["ports.tcp", "ports.udp", "services"]
            m["scope"] = [
                {"clause": "S1", "net": TARGET, "proto": "tcp",
                 "ports": "2000-2002"},
                {"clause": "S2", "net": TARGET, "proto": "udp",
                 "ports": "2005"},
                {"clause": "S3", "net": TARGET, "proto": "udp",
                 "ports": "5683"}]
            m["limits"].update(packets_per_target=500)
        self.assertEqual(self.run_audit(self.signed(change)), FINDINGS,
                         self.err)
        self.assertEqual([(f["finding"], f["detail"])
                          for r in self.results("SV-01")
                          for f in r["findings"]],
                         [("SV-01.clear", "http, without TLS")])
        found = {s["target"].split(":")[1]: s for r in self.results("SV-01")
                 for s in r["services"]}
        self.assertEqual({k: v["service"] for k, v in found.items()}, {
            "2000": "tls", "2001": "ssh", "2002": "http",
            "2005": "unknown", "5683": "coap"})
        self.assertEqual(found["2001"]["banner"],
                         "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10")
        self.assertEqual(len(self.sniffer.sent()),
                         self.lines()[-1]["packets"])
        for r in self.lines():
            if r["kind"] == "intent" and r["check"] == "SV-01":
                self.assertTrue(r["access"])
        policy = self.write("policy.yaml", "classes: [{class: lamp, open: ["
                            "{proto: udp, ports: 5683, service: coap},"
                            "{proto: tcp, ports: 2000-2001, service: tls}]}]")
        done = run("lint", "policy", "--into", self.evidence, policy,
                   self.evidence / "acts.log")
        self.assertEqual(done.returncode, FINDINGS, done.stderr)
        self.assertEqual(sorted(re.findall(r"SY-01[.][a-z]+", done.stdout)),
                         ["SY-01.open", "SY-01.open", "SY-01.service"])
        times = [p[0] for p in self.sniffer.sent()]
        for first in times:
            inside = [t for t in times if first <= t < first + 1]
            self.assertLessEqual(len(inside), 100)
        done = run("verify", self.evidence)
        self.assertEqual(done.returncode, DONE, done.stderr)

    def test_a_stop_while_nobody_speaks(self):
        """One reset ends the connection, and no ClientHello is sent."""
        self.target()

        def change(m):
            m["techniques"] = ["ports.tcp", "services"]
            m["scope"] = [{"clause": "S1", "net": TARGET, "proto": "tcp",
                           "ports": "2002"}]
            m["limits"].update(packets_per_target=100, stop_if_silent_s=20)
        process = self.start(self.signed(change))
        # two connections of the scan with a reset each, and another one
        self.sniffer.await_sent(5)
        done = run("stop", "--state", self.state, self.mandate()["id"])
        moment = time.time()
        self.assertEqual(done.returncode, DONE)
        self.assertEqual(self.end(process), STOPPED, self.err)
        time.sleep(0.3)
        late = [p for p in self.sniffer.sent() if p[0] > moment]
        self.assertLessEqual(len(late), 1)
        self.assertTrue(all(p[5] == 0 and p[6] & 4 for p in late), late)
        result, = self.results("SV-01")
        self.assertEqual((result["outcome"], result["bytes"]), ("stopped", 0))
        self.assertEqual(len(self.sniffer.sent()),
                         self.lines()[-1]["packets"])
        done = run("verify", self.evidence)
        self.assertEqual(done.returncode, DONE, done.stderr)

    def test_without_a_scan_nothing_is_known(self):
        self.assertEqual(self.run_audit(self.signed(
            lambda m: m.update(techniques=["services"]))), DONE)
        self.assertEqual({r["why"] for r in self.lines()
                          if r["kind"] == "not_tested"},
                         {"no port is known to be open"})
        self.assertEqual(self.sniffer.sent(), [])


if __name__ == "__main__":
    set_up_namespaces()
    unittest.main()
