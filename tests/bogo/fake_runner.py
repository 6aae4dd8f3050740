# SPDX-License-Identifier: BSD-2-Clause
"""A small stand-in for the runner of BoringSSL's tests: it listens, starts the
shim with the options that the real one would use, and speaks TLS 1.3 with it
by Python's own library."""
import os
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import unittest

SHIM = sys.argv.pop(1)
ID = 0x0123456789abcdef


def openssl(*args):
    subprocess.run(["openssl", *args], cwd=FOLDER, check=True,
                   capture_output=True)


def setUpModule():
    global FOLDER, KEEP
    KEEP = tempfile.TemporaryDirectory()
    FOLDER = KEEP.name
    for name in ("a", "b"):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key",
                "-out", f"{name}.pem", "-subj", f"/CN={name}", "-days", "3",
                "-addext", "keyUsage=digitalSignature,keyCertSign")
    openssl("genpkey", "-algorithm", "RSA", "-out", "rsa.key")


def tearDownModule():
    KEEP.cleanup()


class Runner(unittest.TestCase):
    def start(self, *options, family=socket.AF_INET):
        self.listener = socket.socket(family)
        self.addCleanup(self.listener.close)
        self.listener.bind(("::1" if family == socket.AF_INET6
                            else "127.0.0.1", 0))
        self.listener.listen()
        self.listener.settimeout(60)
        self.shim = subprocess.Popen(
            [SHIM, "-port", str(self.listener.getsockname()[1]), "-shim-id",
             str(ID), *options], cwd=FOLDER, stderr=subprocess.PIPE)
        self.addCleanup(self.shim.communicate)
        self.addCleanup(self.shim.kill)

    def accept(self):
        c, _ = self.listener.accept()
        self.addCleanup(c.close)
        c.settimeout(60)
        c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        said = b""
        while len(said) < 8:
            said += c.recv(8 - len(said))
        self.assertEqual(said, struct.pack("<Q", ID))
        return c

    def context(self, server):
        """For the runner's end."""
        c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server
                           else ssl.PROTOCOL_TLS_CLIENT)
        c.minimum_version = ssl.TLSVersion.TLSv1_3
        if server:
            c.load_cert_chain(f"{FOLDER}/a.pem", f"{FOLDER}/a.key")
        else:
            c.check_hostname = False
            c.load_verify_locations(f"{FOLDER}/b.pem")
        return c

    def talk(self, tls, data=b"hello"):
        tls.sendall(data)
        got = b""
        while len(got) < len(data):
            got += tls.recv(65536)
        self.assertEqual(got, bytes(x ^ 0xff for x in data))

    def ended(self, status=0, words=b""):
        _, err = self.shim.communicate(timeout=60)
        self.assertEqual(self.shim.returncode, status, err)
        self.assertIn(words, err)


CERT = ["-cert-file", "b.pem", "-key-file", "b.key"]


class Client(Runner):
    def serve(self, context, *options, close=True, **more):
        self.start(*options, **more)
        tls = context.wrap_socket(self.accept(), server_side=True)
        self.talk(tls)
        if close:
            tls.unwrap().close()
        return tls

    def test_echoes(self):
        self.serve(self.context(True))
        self.ended()
        self.serve(self.context(True), "-ipv6", family=socket.AF_INET6)
        self.ended()

    def test_verifies(self):
        self.serve(self.context(True), "-trust-cert", "a.pem")
        self.ended()
        for options in (["-trust-cert", "b.pem"], ["-verify-fail"]):
            with self.assertRaises((ssl.SSLError, ConnectionError)):
                self.serve(self.context(True), *options)
            self.ended(1, b"sent alert")

    def test_checks_close_notify(self):
        self.serve(self.context(True), "-check-close-notify")
        self.ended()
        tls = self.serve(self.context(True), "-check-close-notify",
                         close=False)
        tls.shutdown(socket.SHUT_RDWR)
        self.ended(1, b"no close_notify")

    def test_agrees_on_a_protocol(self):
        context = self.context(True)
        context.set_alpn_protocols(["bar"])
        tls = self.serve(context, "-advertise-alpn", "\x03foo\x03bar",
                         "-expect-alpn", "bar", close=False)
        self.assertEqual(tls.selected_alpn_protocol(), "bar")
        tls.unwrap().close()
        self.ended()

    def test_resumes(self):
        context = self.context(True)
        self.start("-resume-count", "2", "-on-initial-expect-session-miss",
                   "-on-resume-expect-session-hit")
        for nth in range(3):
            tls = context.wrap_socket(self.accept(), server_side=True)
            self.assertEqual(tls.session_reused, nth > 0)
            self.talk(tls)
            tls.unwrap().close()
        self.ended()

    def test_shows_a_certificate(self):
        context = self.context(True)
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(f"{FOLDER}/b.pem")
        tls = self.serve(context, *CERT, close=False)
        self.assertTrue(tls.getpeercert())
        tls.unwrap().close()
        self.ended()

    def test_says_who_it_wants(self):
        context = self.context(True)
        names = []
        context.sni_callback = lambda s, name, c: names.append(name)
        self.serve(context, "-host-name", "example.com")
        self.ended()
        self.assertEqual(names, ["example.com"])

    def test_uses_one_group(self):
        context = self.context(True)
        context.set_ecdh_curve("secp384r1")
        self.serve(context, "-curves", "29", "-curves", "24", "-expect-hrr",
                   "-expect-curve-id", "24")
        self.ended()

    def test_sends_keying_material(self):
        self.start("-export-keying-material", "64", "-export-label", "a")
        tls = self.context(True).wrap_socket(self.accept(), server_side=True)
        self.assertEqual(len(tls.recv(64)), 64)
        tls.unwrap().close()
        self.ended()


class Server(Runner):
    def call(self, context, *options, name=None):
        self.start("-server", *CERT, *options)
        return context.wrap_socket(self.accept(), server_hostname=name)

    def test_echoes(self):
        tls = self.call(self.context(False), "-shim-writes-first")
        self.assertEqual(tls.recv(5), b"hello")
        self.talk(tls, bytes(range(256)) * 300)
        tls.unwrap().close()
        self.ended()

    def test_updates_keys(self):
        tls = self.call(self.context(False), "-key-update")
        self.talk(tls)
        tls.unwrap().close()
        self.ended()

    def test_shuts_down(self):
        tls = self.call(self.context(False), "-shim-shuts-down")
        self.assertEqual(tls.recv(1), b"")
        tls.unwrap().close()
        self.ended()

    def test_selects_a_protocol_and_sees_the_name(self):
        context = self.context(False)
        context.set_alpn_protocols(["foo", "bar"])
        tls = self.call(context, "-select-alpn", "bar", "-expect-server-name",
                        "example.com", name="example.com")
        self.assertEqual(tls.selected_alpn_protocol(), "bar")
        tls.unwrap().close()
        self.ended()
        tls = self.call(self.context(False), "-expect-server-name",
                        "other.com", name="example.com")
        tls.close()
        self.ended(1, b"another server name")

    def test_requires_a_certificate(self):
        tls = self.call(self.context(False),
                        "-require-any-client-certificate")
        tls.close()
        self.ended(1, b"certificate_required")
        context = self.context(False)
        context.load_cert_chain(f"{FOLDER}/a.pem", f"{FOLDER}/a.key")
        tls = self.call(context, "-require-any-client-certificate",
                        "-verify-peer")
        self.talk(tls)
        tls.unwrap().close()
        self.ended()

    def test_refuses_garbage(self):
        self.start("-server", *CERT)
        c = self.accept()
        c.sendall(b"GET / HTTP/1.0\r\n\r\n")
        self.ended(1, b"sent alert")


class Options(Runner):
    def test_what_is_not_done(self):
        for options in (["-quic"], ["-async"], ["-max-version", "0303"],
                        ["-no-tls13"], ["-on-resume-enable-early-data"],
                        ["-server", "-cert-file", "b.pem", "-key-file",
                         "rsa.key"]):
            got = subprocess.run([SHIM, "-port", "1", *options], check=False,
                                 cwd=FOLDER, stderr=subprocess.DEVNULL)
            self.assertEqual(got.returncode, 89, options)

    def test_versions_that_have_ours(self):
        self.start("-min-version", "0303", "-max-version", "0304",
                   "-expect-version", "0304", "-no-tls12", "-handshaker-path",
                   "x")
        tls = self.context(True).wrap_socket(self.accept(), server_side=True)
        self.talk(tls)
        tls.unwrap().close()
        self.ended()

    def test_without_a_handshaker(self):
        got = subprocess.run([SHIM, "-is-handshaker-supported"], check=True,
                             stdout=subprocess.PIPE)
        self.assertEqual(got.stdout, b"No\n")

    def test_nobody_there(self):
        got = subprocess.run([SHIM, "-port", "1"], check=False,
                             stderr=subprocess.PIPE)
        self.assertEqual(got.returncode, 1)


if __name__ == "__main__":
    os.umask(0o077)
    unittest.main()
