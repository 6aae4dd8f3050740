#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The checks of TLS and DTLS against openssl and libcoap, each with and without
its fault, and against what is neither. Packets are counted on the wire."""
import os
import subprocess
import sys
import time
import unittest

import namespace_kit
from audit_kit import AUDIT, DONE, FINDINGS, run
from audit_lab import HERE, Lab, STOPPED, TARGET, set_up_namespaces

WEAK = ("-cipher", "ALL:eNULL:@SECLEVEL=0")
BACK = 'import socket\ns = socket.socket(socket.AF_INET, {kind})\n' \
       's.bind(("10.77.0.2", 5684))\n'
# Programs ask for a cookie: openssl, gnutls-serv and those of libcoap have no
# option against it. The library does so only if the program sets it up; this
# one has not.
LIBSSL = """
import ctypes
ssl, crypto = ctypes.CDLL("libssl.so.3"), ctypes.CDLL("libcrypto.so.3")
def made(function, *arguments):
    function.restype = ctypes.c_void_p
    return ctypes.c_void_p(function(*arguments))
context = made(ssl.SSL_CTX_new, made(ssl.DTLS_server_method))
assert ssl.SSL_CTX_use_certificate_chain_file(context, b"{cert}") == 1
assert ssl.SSL_CTX_use_PrivateKey_file(context, b"{key}", 1) == 1
print("ready", flush=True)
s.connect(s.recvfrom(1, socket.MSG_PEEK)[1])
session = made(ssl.SSL_new, context)
ssl.SSL_set_options(session, ctypes.c_uint64(1 << 12))  # NO_QUERY_MTU
ssl.SSL_ctrl(session, 17, ctypes.c_long(1400), None)  # SET_MTU
pipe = made(crypto.BIO_new_socket, s.fileno(), 0)
ssl.SSL_set_bio(session, pipe, pipe)
ssl.SSL_accept(session)
"""


class Tls(Lab):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
             "-subj", "/CN=target", "-keyout", cls.path("server.pem"), "-out",
             cls.path("server.crt")], check=True, capture_output=True)

    def openssl(self, *options):
        """openssl s_server, once it listens; its input stays open."""
        server = namespace_kit.inside(
            2, "openssl", "s_server", "-accept", f"{TARGET}:5684", "-key",
            self.path("server.pem"), "-cert", self.path("server.crt"),
            *options, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.running.append(server)
        for line in server.stdout:
            if b"ACCEPT" in line:
                return server
        raise AssertionError(server.stderr.read())

    def audit(self, check, protocol, limits=()):
        def change(m):
            m["techniques"] = ["services.coap", "services.tls"]
            m["scope"] = [{"clause": "S1", "net": TARGET, "proto": protocol,
                           "ports": "5683-5684"}]
            m["limits"].update(limits)
        status = self.run_audit("--check", check, self.signed(change))
        self.assertIn(status, (DONE, FINDINGS), self.err)
        done = run("verify", self.evidence)
        self.assertEqual(done.returncode, DONE, done.stderr)
        sent = self.sniffer.sent(6) + self.sniffer.sent(17)
        self.assertEqual(len(sent), self.lines()[-1]["packets"])
        return self.findings()

    def each(self, cases, protocol):
        for check, options, expected, packets in cases:
            with self.subTest(check=check, options=options):
                self.tearDown()
                self.setUp()
                self.openssl(*options)
                self.assertEqual(self.audit(check, protocol), expected)
                if packets is not None:
                    self.assertEqual(len(self.sniffer.sent()), packets)

    def test_dtls(self):
        self.each((
            ("TL-04", ("-dtls", "-listen"), set(), 1),
            ("TL-01", ("-dtls1", "-cipher", "ALL:@SECLEVEL=0", "-listen"),
             {"TL-01.version"}, 3),
            ("TL-01", ("-dtls1_2", "-listen"), set(), 2),
            ("TL-02", ("-dtls1_2", *WEAK, "-listen"), {"TL-02.weak"}, 3),
            ("TL-02", ("-dtls1_2", "-cipher", "ECDHE", "-listen"), set(), 2),
        ), "udp")

    def test_a_dtls_server_without_cookies(self):
        self.python(BACK.format(kind="socket.SOCK_DGRAM") + LIBSSL.format(
            cert=self.path("server.crt"), key=self.path("server.pem")))
        self.assertEqual(self.audit("TL-04", "udp"), {"TL-04.cookie"})
        # with an alert, so that nothing is left there
        self.assertEqual(len(self.sniffer.sent()), 2)

    def test_tls(self):
        self.each((
            ("TL-01", ("-tls1_1", "-cipher", "ALL:@SECLEVEL=0"),
             {"TL-01.version"}, None),
            ("TL-01", ("-tls1_2",), set(), None),
            ("TL-02", ("-tls1_2", *WEAK), {"TL-02.weak"}, None),
            ("TL-02", ("-tls1_2", "-cipher", "ECDHE"), set(), None),
            ("TL-02", ("-tls1_3",), set(), None),
        ), "tcp")

    def test_a_suite_is_named(self):
        self.openssl("-tls1_2", "-cipher", "AES128-SHA:@SECLEVEL=0")
        self.audit("TL-02", "tcp")
        finding = self.results("TL-02")[0]["findings"][0]
        self.assertEqual(finding["detail"], "002f RSA_WITH_AES_128_CBC_SHA")

    def test_a_connection_is_reset_once_and_leaves_nothing(self):
        self.openssl("-tls1_2", "-cipher", "ECDHE")
        self.audit("TL-02", "tcp")
        sent = self.sniffer.sent(6)
        self.assertLessEqual(len(sent), 8)
        self.assertLessEqual(sum(p[6] & 4 != 0 for p in sent), 1)
        self.assertEqual(sum(p[6] & 1 for p in sent), 0)  # FIN

    def test_the_capture_has_what_was_said(self):
        """Put together again: handshake, ClientHello, answer, reset."""
        self.openssl("-tls1_2", *WEAK)

        def change(m):
            m["techniques"] = ["services.tls"]
            m["scope"] = [{"clause": "S1", "net": TARGET, "proto": "tcp",
                           "ports": "5684"}]
            m["data"]["capture"] = "payload"
        self.run_audit("--check", "TL-02", self.signed(change))
        shown = subprocess.run(
            ["tshark", "-r", self.evidence / "packets.pcapng", "-o",
             "tcp.check_checksum:FALSE", "-d", "tcp.port==5684,tls", "-T",
             "fields", "-e", "tcp.flags", "-e", "tcp.seq", "-e",
             "tls.handshake.type", "-e", "frame.comment"],
            check=True, capture_output=True, text=True).stdout.splitlines()
        rows = [line.split("\t") for line in shown]
        self.assertEqual([int(r[0], 16) for r in rows[:4]],
                         [0x02, 0x12, 0x18, 0x18])
        self.assertEqual(int(rows[-1][0], 16), 0x14)
        self.assertEqual(rows[2][2], "1")
        self.assertTrue(rows[3][2].startswith("2"), rows)
        for r in rows:
            self.assertIn("act=000000 check=TL-02 mandate=MND", r[3])

    def test_a_burst_needs_its_rate(self):
        self.openssl("-tls1_2")
        self.audit("TL-01,TL-02", "tcp", {"pps": 7})
        self.assertEqual(self.sniffer.sent(), [])
        self.assertEqual({r["outcome"] for r in self.results("TL-01")},
                         {"denied"})

    def test_the_rate_holds_over_two_connections(self):
        self.openssl("-tls1_2")
        self.audit("TL-01,TL-02", "tcp", {"pps": 8})
        times = [p[0] for p in self.sniffer.sent()]
        syns = [p[0] for p in self.sniffer.sent(6) if p[6] == 2]
        self.assertEqual(len(syns), 2)
        self.assertGreaterEqual(syns[1] - syns[0], 1)
        for first in times:
            inside = [t for t in times if first <= t < first + 1]
            self.assertLessEqual(len(inside), 8)

    def test_nobody_is_there(self):
        self.assertEqual(self.audit("TL-01,TL-02", "tcp"), set())
        self.assertEqual({r["outcome"] for r in self.results("TL-01")},
                         {"closed"})
        self.tearDown()
        self.setUp()
        self.assertEqual(self.audit("TL-04", "udp"), set())
        self.assertEqual(self.results("TL-04")[0]["outcome"], "closed")

    def test_a_server_that_accepts_and_says_nothing(self):
        self.python(BACK.format(kind="socket.SOCK_STREAM") +
                    "s.listen()\nprint('ready', flush=True)\n"
                    "c = s.accept()[0]\n"
                    "import time\ntime.sleep(60)\n")
        self.assertEqual(self.audit("TL-02", "tcp"), set())
        self.assertEqual(self.results("TL-02")[0]["outcome"], "silent")

    def test_a_server_that_drips(self):
        self.python(BACK.format(kind="socket.SOCK_STREAM") +
                    "s.listen()\nprint('ready', flush=True)\n"
                    "c = s.accept()[0]\nimport time\n"
                    "for b in bytes.fromhex('160303004a020000460303') + "
                    "bytes(600):\n"
                    "    c.send(bytes([b]))\n    time.sleep(0.4)\n")
        self.assertEqual(self.audit("TL-02", "tcp"), set())
        self.assertIn(self.results("TL-02")[0]["outcome"],
                      ("silent", "closed"))

    def test_what_is_no_dtls(self):
        self.python(BACK.format(kind="socket.SOCK_DGRAM") +
                    "print('ready', flush=True)\nimport os\n"
                    "while True:\n    _, peer = s.recvfrom(2000)\n"
                    "    s.sendto(b'\\x16' + os.urandom(900), peer)\n")
        self.assertEqual(self.audit("TL-04,TL-01,TL-02", "udp"), set())

    def python(self, program):
        server = namespace_kit.inside(2, sys.executable, "-B", "-c", program,
                                      stdout=subprocess.PIPE)
        self.running.append(server)
        self.assertEqual(server.stdout.readline(), b"ready\n")

    def test_open_beside_dtls(self):
        self.openssl("-dtls", "-listen")
        self.libcoap("-A", TARGET)
        found = self.audit("CO-01,CO-11", "udp")
        self.assertEqual(found, {"CO-01.open", "CO-11.nosec"})

    def test_open_without_dtls(self):
        self.covey("resources:\n- {path: /a, type: static, value: x}\n")
        found = self.audit("CO-01,CO-11", "udp")
        self.assertEqual(found, {"CO-01.open"})

    def test_withdrawn_while_a_connection_is_open(self):
        self.python(BACK.format(kind="socket.SOCK_STREAM") +
                    "s.listen()\nprint('ready', flush=True)\n"
                    "c = s.accept()[0]\n"
                    "import time\ntime.sleep(60)\n")

        def change(m):
            m["techniques"] = ["services.tls"]
            m["scope"] = [{"clause": "S1", "net": TARGET, "proto": "tcp",
                           "ports": "5684"}]
            m["limits"]["stop_if_silent_s"] = 20
        process = self.start(self.signed(change))
        self.sniffer.await_sent(2)  # SYN, ClientHello
        done = run("stop", "--state", self.state, self.mandate()["id"])
        moment = time.time()
        self.assertEqual(done.returncode, DONE)
        self.assertEqual(self.end(process), STOPPED)
        time.sleep(0.3)
        late = [p for p in self.sniffer.sent() if p[0] > moment]
        # no content, and one reset for the one connection
        self.assertLessEqual(len(late), 1)
        self.assertTrue(all(p[5] == 0 and p[6] & 4 for p in late), late)


if __name__ == "__main__":
    set_up_namespaces()
    assert os.path.isfile(AUDIT) and HERE
    unittest.main()
