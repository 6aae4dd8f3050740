# SPDX-License-Identifier: BSD-2-Clause
"""CoAP over TLS (coaps+tcp, RFC 8323): covey-server and covey get with each
other - X.509, raw public keys, pre-shared keys, certificates of ITS - and
with libcoap's programs."""
import os
import shutil
import socket
import subprocess
import tempfile
import unittest

import its_kit
import ports
import request_kit
import server_kit
import tls_kit

COVEY = os.environ["COVEY"]
SERVER = os.environ["COVEY_SERVER"]
LIBCOAP = [name for name in ("openssl", "gnutls")
           if shutil.which(f"coap-server-{name}")]
PSK = "00112233445566778899aabbccddeeff"
RESOURCES = """resources:
- {path: /x, type: static, value: hello}
- {path: /v, type: value, value: 'off', max: 1048576, observable: true,
   content_format: application/octet-stream, methods: [get, put]}
- {path: /time, type: counter, observable: true, period: 1}
- {path: /road, type: static, value: closed, its: [{psid: 36}]}
- {path: /plan, type: static, value: secret, its: [{psid: 36, ssp: '01ff',
   mask: 'ffff'}]}
- {path: /one, type: static, value: yours, its: [{psid: 36, id: ID}]}
"""
PLACE = "tls:\n- address: 127.0.0.1:0\n"
ALL = PLACE + """  identities:
  - {type: 1609dot2, cert: rsu.oer, key: rsu.key, chain: [aa.oer], psid: 36}
  - {cert: p256.pem, key: p256.key}
  - {type: rpk, key: p256.key}
  peers: [1609dot2, x509, rpk]
  require: true
  trust: [root.oer, ca.pem]
  trust_keys: peer.pub.der
"""


def setUpModule():
    global FOLDER, KEEP
    KEEP = tempfile.TemporaryDirectory()
    FOLDER = KEEP.name
    tls_kit.authority(FOLDER)
    tls_kit.authority(FOLDER, "elsewhere")
    for name in ("p256", "peer"):
        tls_kit.certificate(FOLDER, "p256", name=name)
    its_kit.pki(FOLDER)
    with open(f"{FOLDER}/psk", "wb") as f:
        f.write(bytes.fromhex(PSK))
    os.chmod(f"{FOLDER}/psk", 0o600)


def tearDownModule():
    KEEP.cleanup()


def ticket(name, psid=36):
    return ["--cert-type", "1609dot2", "--cert", f"{name}.oer", "--key",
            f"{name}.key", "--chain", "aa.oer", "--psid", str(psid),
            "--trust", "root.oer"]


X509 = ["--cert", "peer.pem", "--key", "peer.key", "--ca", "ca.pem"]
RAW = ["--cert-type", "rpk", "--key", "peer.key", "--peer-type", "rpk",
       "--trust-key", "p256.pub.der"]
SECRET = ["--psk-identity", "lamp", "--psk-file", "psk"]


def covey(*args, stdin=None):
    got = subprocess.run([COVEY, *args], cwd=FOLDER, input=stdin, timeout=120,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         check=False)
    return got.returncode, got.stdout, got.stderr.decode()


class Server(unittest.TestCase):
    """With a place of TLS, which is the third address."""

    def server(self, place=ALL):
        known = its_kit.its(FOLDER, "id", "car.oer").split()[0]
        s = server_kit.Server(SERVER, place + RESOURCES.replace("ID", known),
                              FOLDER, ["--log-level", "info"])
        self.addCleanup(self.end, s)
        s.uri = f"coaps+tcp://localhost:{s.ports[2]}"
        return s

    @staticmethod
    def end(s):
        if s.process.poll() is None:
            s.stop()

    def ask(self, uri, *args, verb="get"):
        rc, out, err = covey(verb, *args, uri)
        self.assertEqual(rc, 0, err)
        return out

    def denied(self, code, uri, *args):
        rc, out, err = covey("get", *args, uri)
        self.assertEqual(rc, 1, out)
        self.assertIn(code, out.decode() + err)


class Ours(Server):
    def test_every_kind_of_credential(self):
        s = self.server()
        for args in (X509, RAW, ticket("car")):
            with self.subTest(args):
                self.assertEqual(self.ask(s.uri + "/x", *args), b"hello")

    def test_a_pre_shared_key(self):
        s = self.server(PLACE + f"  psk: {{identity: lamp, key: {PSK}}}\n")
        self.assertEqual(self.ask(s.uri + "/x", *SECRET), b"hello")
        with open(f"{FOLDER}/wrong", "wb") as f:
            f.write(b"another key")
        os.chmod(f"{FOLDER}/wrong", 0o600)
        rc, _, err = covey("get", "--psk-identity", "lamp", "--psk-file",
                           "wrong", s.uri + "/x")
        self.assertEqual(rc, 4)
        self.assertIn("alert", err)

    def test_bodies_of_many_records(self):
        s = self.server()
        data = bytes(range(256)) * 2000
        with open(f"{FOLDER}/body", "wb") as f:
            f.write(data)
        rc, _, err = covey("put", *X509, s.uri + "/v", "@body")
        self.assertEqual(rc, 0, err)
        self.assertEqual(self.ask(s.uri + "/v", *X509), data)

    def test_observing_and_ping(self):
        s = self.server()
        out = self.ask(s.uri + "/time", *X509, "--count", "2", verb="observe")
        self.assertGreaterEqual(len(out.split()), 2)
        self.ask(s.uri, *X509, verb="ping")

    def test_resources_for_certificates_of_its(self):
        s = self.server()
        self.denied("4.03", s.uri + "/road", *X509)
        self.assertEqual(self.ask(s.uri + "/road", *ticket("car")),
                         b"closed")
        self.assertEqual(self.ask(s.uri + "/road", *ticket("rsu")),
                         b"closed")
        self.assertEqual(self.ask(s.uri + "/plan", *ticket("car")),
                         b"secret")
        self.denied("4.03", s.uri + "/plan", *ticket("rsu"))
        self.assertEqual(self.ask(s.uri + "/one", *ticket("car")),
                         b"yours")
        self.denied("4.03", s.uri + "/one", *ticket("rsu"))
        self.denied("4.01", f"coap://127.0.0.1:{s.ports[0]}/road")

    def test_strangers_and_those_without_a_certificate(self):
        s = self.server()
        rc, _, err = covey("get", "--ca", "ca.pem", s.uri + "/x")
        self.assertEqual(rc, 4)
        self.assertIn("certificate_required", err)
        rc, _, err = covey("get", *X509[:-1], "elsewhere.pem", s.uri + "/x")
        self.assertEqual(rc, 4)
        self.assertIn("unknown_ca", err)
        rc, _, err = covey("get", *ticket("rsu", 623), s.uri + "/x")
        self.assertEqual(rc, 4)
        self.assertIn("access_denied", err)
        log = s.stop()[1]
        self.assertIn("tls.refused", log)
        self.assertIn("certificate_required", log)

    def test_an_observation_ends_with_the_certificate(self):
        s = self.server()
        for life in (4, 12, 36):  # a busy machine may begin too late
            name = f"brief{life}"
            its_kit.ends_in(FOLDER, name, life)
            rc, out, err = covey("observe", *ticket(name), s.uri + "/time")
            self.assertEqual(rc, 4, err)
            self.assertIn("certificate_expired", err)
            if out:
                break
        self.assertGreaterEqual(len(out.split()), 1)
        self.assertIn("certificate_expired", s.stop()[1])

    def test_who_speaks_no_tls_does_no_harm(self):
        s = self.server()
        rc, _, _ = covey("get", f"coap+tcp://127.0.0.1:{s.ports[2]}/x")
        self.assertEqual(rc, 4)
        self.assertEqual(self.ask(s.uri + "/x", *X509), b"hello")

    def test_who_wants_another_protocol_is_refused(self):
        s = self.server()
        done = subprocess.run(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{s.ports[2]}",
             "-tls1_3", "-alpn", "h2"], input="", capture_output=True,
            text=True, timeout=60, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("no application protocol", done.stderr)

    def ended(self, connection):
        """It has been closed from the other side."""
        connection.settimeout(60)
        try:
            while connection.recv(4096):
                pass
        except ConnectionResetError:
            pass

    def test_it_stops_in_the_midst_of_handshakes(self):
        s = self.server()
        with socket.create_connection(("127.0.0.1", s.ports[2]), 60) as c:
            with socket.create_connection(("127.0.0.1", s.ports[2]), 60) as d:
                d.sendall(b"\x16\x03\x01\x02\x00")
                with subprocess.Popen(
                        [COVEY, "observe", *X509, s.uri + "/time"],
                        cwd=FOLDER, stdout=subprocess.PIPE,
                        stderr=subprocess.PIPE) as o:
                    o.stdout.readline()
                    self.assertEqual(s.stop()[0], 0)
                    self.assertEqual(o.wait(60), 4)
                self.ended(d)
            self.ended(c)

    def test_configurations_that_are_wrong(self):
        for text, words in (
                ("tls: [{address: '127.0.0.1:0'}]", "identities"),
                ("tls: [{identities: []}]", "address"),
                (PLACE + "  identities: [{cert: p256.pem}]", "key"),
                (PLACE + "  identities: [{type: 1609dot2, cert: a, key: b}]",
                 "psid"),
                (PLACE + "  identities: [{type: dns, key: b}]", "x509"),
                (PLACE + "  psk: {identity: x, key: '00'}", "key"),
                (PLACE + "  identities: [{type: rpk, key: none.key}]",
                 "none.key")):
            with self.subTest(text):
                with self.assertRaisesRegex(RuntimeError, words):
                    self.server(text + "\n")

    def test_command_lines_that_are_wrong(self):
        for args, words in (([], "--trust"), (["--cert", "x"], "together"),
                            (["--psid", "x", "--ca", "y"], "number"),
                            ([*ticket("car")[:6], "--ca", "ca.pem"],
                             "--psid")):
            rc, _, err = covey("get", *args, "coaps+tcp://localhost:1/")
            self.assertEqual(rc, 2, err)
            self.assertIn(words, err)


class LibcoapClient(Server):
    """coap-client with OpenSSL; that with GnuTLS speaks TLS 1.2 only."""

    def client(self, uri, *args):
        return subprocess.run(
            ["coap-client-openssl", "-B", "60", "-w", *args, uri],
            cwd=FOLDER, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=120, check=False).stdout

    def test_certificates_on_both_sides(self):
        s = self.server()
        with open(f"{FOLDER}/both.pem", "wb") as f:
            for name in ("peer.pem", "peer.key"):
                with open(f"{FOLDER}/{name}", "rb") as part:
                    f.write(part.read())
        args = ["-c", "peer.pem", "-j", "peer.key", "-C", "ca.pem", "-R",
                "ca.pem"]
        self.assertIn(b"hello", self.client(s.uri + "/x", *args))
        self.client(s.uri + "/v", *args, "-m", "put", "-e", "on")
        self.assertIn(b"on", self.client(s.uri + "/v", *args))
        self.assertNotIn(b"closed", self.client(s.uri + "/road", *args))


class LibcoapServer(unittest.TestCase):
    def serve(self, *args):
        port = ports.free(2)
        process = subprocess.Popen(
            ["coap-server-openssl", "-A", "127.0.0.1", "-p", str(port),
             *args], cwd=FOLDER, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        request_kit.await_pong(f"coap://127.0.0.1:{port}", process)
        return f"coaps+tcp://localhost:{port + 1}"

    def test_certificates_on_both_sides(self):
        uri = self.serve("-c", "p256.pem", "-j", "p256.key", "-C", "ca.pem",
                         "-R", "ca.pem")
        rc, out, err = covey("get", *X509, uri + "/")
        self.assertEqual(rc, 0, err)
        self.assertIn(b"libcoap", out)
        rc, _, err = covey("get", "--ca", "elsewhere.pem", uri + "/")
        self.assertEqual(rc, 4)
        self.assertIn("unknown_ca", err)


if __name__ == "__main__":
    if "openssl" not in LIBCOAP:
        del LibcoapClient, LibcoapServer
        print("libcoap's programs are not installed: not tried")
    unittest.main()
