# SPDX-License-Identifier: BSD-2-Clause
"""covey-server over DTLS 1.2: covey get, libcoap's clients with OpenSSL and
GnuTLS, and openssl's own; who may what; networks and clients that misbehave;
configurations that must be refused."""
import os
import shutil
import socket
import subprocess
import unittest

import ports
import request_kit as kit
import server_kit
from request_dtls import Folder, KEY, Relay

PROGRAM = os.environ["COVEY_SERVER"]
CLIENTS = {name: shutil.which(f"coap-client-{name}")
           for name in ("openssl", "gnutls")}
KEYS = "keys: [{identity: me, file: psk}, {identity: you, file: wrong}]"
OURS = "certificate: server.pem, private_key: server.key"
V4, V6, STRICT = 2, 3, 4  # of server.ports
CONFIG = f"""dtls:
- {{address: '127.0.0.1:0', {KEYS}, {OURS}, ca: ca.pem, clients: may-show}}
- {{address: '[::1]:0', {KEYS}}}
- {{address: '127.0.0.1:0', {OURS}, ca: ca.pem, clients: must-show}}
duplicates: 1000
resources:
- {{path: /open, type: static, value: anybody}}
- {{path: /inside, type: static, value: inside, policy: dtls}}
- path: /mine
  type: value
  value: mine
  max: 200000
  observable: true
  policy: dtls
  clients: ['psk:me', 'subject:CN=client', 'dns:lamp.example']
- {{path: /named, type: static, value: named, policy: dtls,
   clients: ['dns:localhost']}}
- {{path: /large, type: large, size: 100000}}
- {{path: /visits, type: counter, period: 1, observable: true, policy: dtls}}
"""


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Folder()
        cls.addClassCleanup(cls.folder.own.cleanup)
        cls.server = server_kit.Server(PROGRAM, CONFIG, cls.folder.own.name)
        cls.addClassCleanup(lambda: cls.server.stop())

    def at(self, *names):
        """Options and names of files."""
        return [n if n.startswith("-") else self.folder.at(n) for n in names]

    def with_key(self, identity="me", name="psk"):
        return ["--psk-identity", identity, *self.at("--psk-file", name)]

    def uri(self, path, which=V4, port=None):
        host = "[::1]" if which == V6 else "127.0.0.1"
        return f"coaps://{host}:{port or self.server.ports[which]}/{path}"

    def get(self, path, *args, which=V4, verb="get", port=None):
        return kit.run(verb, self.uri(path, which, port), *args)

    def assert_got(self, expected, got):
        self.assertEqual((0, expected, ""), got)


class WithKey(Case):
    def test_both_families(self):
        for which in (V4, V6):
            self.assert_got(b"mine", self.get("mine", *self.with_key(),
                                              which=which))
            self.assertEqual(0, self.get("", *self.with_key(), which=which,
                                         verb="ping")[0])

    def test_who_may_what(self):
        me, you = self.with_key(), self.with_key("you", "wrong")
        self.assert_got(b"anybody", self.get("open", *you))
        self.assert_got(b"inside", self.get("inside", *you))
        self.assertIn("4.03", self.get("mine", *you)[2])
        self.assertIn("4.03", self.get("named", *me)[2])
        for path in ("inside", "mine"):
            self.assertIn("4.01", kit.run("get", self.server.uri(path))[2])

    def test_blocks_both_ways(self):
        body = os.urandom(100000)
        self.folder.write("body", body)
        self.assertEqual(0, self.get("mine", *self.with_key(),
                                     "@" + self.folder.at("body"),
                                     verb="put")[0])
        self.assert_got(body, self.get("mine", *self.with_key()))
        self.assertEqual(0, self.get("mine", *self.with_key(), "mine",
                                     verb="put")[0])
        status, out, _ = self.get("large", *self.with_key())
        self.assertEqual((0, 100000), (status, len(out)))

    def test_observes(self):
        status, out, _ = self.get("visits", *self.with_key(), "--count", "2",
                                  verb="observe")
        self.assertEqual((0, 2), (status, len(out.splitlines())))

    def test_wrong_key_and_unknown_identity(self):
        for args in (self.with_key("me", "wrong"), self.with_key("them")):
            got = self.get("open", "--timeout", "0.5", *args)
            self.assertEqual((4, b""), got[:2])

    def test_end_of_the_server_is_told(self):
        own = server_kit.Server(
            PROGRAM, f"dtls: [{{address: '127.0.0.1:0', {KEYS}}}]\n"
            "resources: [{path: /t, type: time, observable: true}]\n",
            self.folder.own.name)
        process = kit.start("observe", self.uri("t", port=own.ports[2]),
                            *self.with_key())
        process.stdout.readline()
        self.assertEqual(0, own.stop()[0])
        _, err = process.communicate(timeout=60)
        self.assertEqual(4, process.returncode)
        self.assertIn("the peer has ended it", err.decode())


class WithCertificates(Case):
    def test_server_only(self):
        ca = self.at("--ca", "ca.pem")
        self.assert_got(b"inside", self.get("inside", *ca))
        self.assertIn("4.03", self.get("mine", *ca)[2])
        status, _, err = self.get("open", *ca, which=STRICT)
        self.assertEqual(4, status)
        self.assertIn("handshake failure", err)

    def test_of_both(self):
        args = self.at("--ca", "ca.pem", "--cert", "client.pem", "--key",
                       "client.key")
        for which in (V4, STRICT):
            self.assert_got(b"named", self.get("named", *args, which=which))
            self.assert_got(b"mine", self.get("mine", *args, which=which))

    def test_of_another_anchor(self):
        status, _, err = self.get("open", *self.at(
            "--ca", "ca.pem", "--cert", "other.pem", "--key", "other.key"))
        self.assertEqual(4, status)
        self.assertIn("alert", err)


class Libcoap(Case):
    def ask(self, name, path, *args, which=V4, patience=120):
        got = subprocess.run([CLIENTS[name], "-B", "60", "-m", "get", *args,
                              self.uri(path, which)], capture_output=True,
                             timeout=patience, check=False)
        return got.stdout.strip() or got.stderr.strip()

    def test_key(self):
        args = ["-u", "me", "-k", KEY.decode()]
        for name in CLIENTS:
            for which in (V4, V6):
                with self.subTest(name, which=which):
                    self.assertEqual(b"mine", self.ask(name, "mine", *args,
                                                       which=which))
            with self.subTest(name):
                self.assertEqual(100000, len(self.ask(name, "large",
                                                          *args)))

    def test_certificates(self):
        args = self.at("-c", "client.pem", "-j", "client.key", "-R", "ca.pem")
        for name in CLIENTS:
            with self.subTest(name):
                self.assertEqual(b"named", self.ask(name, "named", *args,
                                                    which=STRICT))

    def test_wrong_key(self):
        with self.assertRaises(subprocess.TimeoutExpired):
            self.ask("openssl", "open", "-u", "me", "-k", "none of these",
                     patience=0.5)


class Openssl(Case):
    """What s_client sends is one record, and what comes is printed."""
    ASK = server_kit.message(1, server_kit.path("open"))

    def start(self, *args, port=None, version="-dtls1_2"):
        return subprocess.Popen(
            ["openssl", "s_client", "-quiet", version, *args, "-connect",
             f"127.0.0.1:{port or self.server.ports[V4]}"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL)

    def ask(self, process):
        process.stdin.write(self.ASK)
        process.stdin.flush()
        return process.stdout.read1(2048)

    def end(self, process):
        process.kill()
        process.communicate(timeout=60)

    def check(self, *args, version="-dtls1_2", good=True):
        process = self.start(*args, version=version)
        try:
            got = self.ask(process)
        except BrokenPipeError:
            got = b""
        self.end(process)
        self.assertEqual(good, got.endswith(b"anybody"))

    def psk(self, suite):
        return ["-psk_identity", "me", "-psk", KEY.hex(), "-cipher",
                suite + ":@SECLEVEL=0"]

    def test_mandatory_suites(self):
        self.check(*self.psk("PSK-AES128-CCM8"))
        self.check("-cipher", "ECDHE-ECDSA-AES128-CCM8:@SECLEVEL=0")

    def test_suites_that_are_not_offered(self):
        for suite in ("PSK-AES128-CBC-SHA256", "PSK-NULL-SHA256"):
            self.check(*self.psk(suite), good=False)
        self.check("-cipher", "ECDHE-ECDSA-AES128-SHA256:@SECLEVEL=0",
                   good=False)

    def test_older_versions(self):
        self.check("-cipher", "ALL:@SECLEVEL=0", version="-dtls1",
                   good=False)

    def test_anew_from_the_same_port(self):
        port = ports.free()
        for _ in range(3):
            process = self.start(*self.psk("PSK-AES128-CCM"), "-bind",
                                 f"127.0.0.1:{port}")
            got = self.ask(process)
            self.end(process)  # without a word
            self.assertTrue(got.endswith(b"anybody"))


class Networks(Case):
    def through(self, change):
        port = Relay(self, self.server.ports[V4], change).port
        self.assert_got(b"mine", self.get("mine", *self.with_key(),
                                          port=port))

    def test_everything_comes_twice(self):
        self.through(lambda _, n, data: [data, data])

    def test_garbage_and_damaged_copies_in_between(self):
        def change(_, n, data):
            damaged = data[:-1] + bytes([data[-1] ^ 1])
            return [os.urandom(60), b"\x17", damaged[:20], data,
                    bytes([23]) + data[1:]] + ([damaged] if n > 4 else [])
        self.through(change)

    def test_flight_of_the_server_is_lost(self):
        def change(to_server, n, data):
            return [data] if to_server or n != 1 else []
        self.through(change)

    def test_flood_of_hellos(self):
        def hello(i):
            body = (b"\xfe\xfd" + i.to_bytes(32, "big") + b"\0\0" +
                    b"\0\x02\xc0\xae" + b"\x01\0")
            size = len(body).to_bytes(3, "big")
            body = b"\x01" + size + bytes(5) + size + body
            return (b"\x16\xfe\xfd" + bytes(8) +
                    len(body).to_bytes(2, "big") + body)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(60)
            for i in range(3000):
                s.sendto(hello(i), ("127.0.0.1", self.server.ports[V4]))
                if i == 0:
                    answer = s.recv(2048)
        self.assertEqual(3, answer[13])  # hello_verify_request
        self.assertLessEqual(len(answer), len(hello(0)))
        self.assert_got(b"mine", self.get("mine", *self.with_key()))


class Refused(Case):
    def assert_refused(self, dtls, words, resource=""):
        text = (f"dtls: [{dtls}]\nresources: [{{path: /a, type: time"
                f"{resource}}}]\n")
        path = self.folder.at("refused.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        got = subprocess.run([PROGRAM, "--config", path, "--check-config"],
                             capture_output=True, text=True, check=False,
                             timeout=60)
        self.assertEqual(1, got.returncode)
        self.assertIn(words, got.stderr)
        self.assertNotIn(KEY.decode(), got.stderr)

    def test_secrets_of_others(self):
        self.assert_refused(
            "{address: 127.0.0.1, keys: [{identity: a, file: open}]}",
            "others may use this secret: chmod 600")
        os.chmod(self.folder.at("other.key"), 0o640)
        self.assert_refused(
            "{address: 127.0.0.1, certificate: other.pem, "
            "private_key: other.key}", "others may use this secret")
        os.chmod(self.folder.at("other.key"), 0o600)

    def test_files(self):
        self.folder.write("empty", b"")
        for name, words in (("empty", "a key of 1 to 256 bytes"),
                            ("missing", "No such file")):
            self.assert_refused(
                f"{{address: 127.0.0.1, keys: [{{identity: a, file: {name}}}]"
                "}", words)

    def test_what_belongs_together(self):
        for dtls, words in (
                ("{address: 127.0.0.1}", "'keys', 'certificate' or both"),
                (f"{{{KEYS}}}", "'address' is missing"),
                (f"{{address: 224.0.1.187, {KEYS}}}", "an address of ours"),
                ("{address: 127.0.0.1, keys: [{identity: a, file: psk}, "
                 "{identity: a, file: wrong}]}",
                 "two keys have the identity a"),
                ("{address: 127.0.0.1, keys: [{identity: a}]}",
                 "'file' is missing"),
                ("{address: 127.0.0.1, keys: [{identity: \"a\\x01\", "
                 "file: psk}]}", "no control characters"),
                (f"{{address: 127.0.0.1, {KEYS}, ca: ca.pem}}",
                 "ca: expected 'certificate' beside it"),
                ("{address: 127.0.0.1, certificate: server.pem}",
                 "'private_key' is missing"),
                (f"{{address: 127.0.0.1, {OURS}, clients: must-show}}",
                 "'ca' belongs to"),
                (f"{{address: 127.0.0.1, {OURS}, ca: ca.pem}}",
                 "'ca' belongs to"),
                (f"{{address: 127.0.0.1, {KEYS}, sessions: 0}}",
                 "sessions: expected")):
            with self.subTest(dtls):
                self.assert_refused(dtls, words)

    def test_policies(self):
        good = f"{{address: 127.0.0.1, {KEYS}}}"
        for policy, words in (
                ("clients: ['psk:me']", "'policy: dtls' beside it"),
                ("policy: dtls, clients: []", "at least one client"),
                ("policy: dtls, clients: [me]", "a name such as psk:lamp"),
                ("policy: dtls, clients: ['psk:']", "a name such as"),
                ("policy: dtls, roles: requester", "'policy: oscore'")):
            with self.subTest(policy):
                self.assert_refused(good, words, ", " + policy)

    def test_certificate_that_is_none(self):
        path = self.folder.at("refused.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write("listen: ['127.0.0.1:0']\ndtls: [{address: "
                       "'127.0.0.1:0', certificate: psk, private_key: "
                       "server.key}]\nresources: []\n")
        got = subprocess.run([PROGRAM, "--config", path], text=True,
                             capture_output=True, check=False, timeout=60)
        self.assertEqual(4, got.returncode)
        self.assertIn("dtls.open", got.stderr)


if __name__ == "__main__":
    if None in CLIENTS.values() or shutil.which("openssl") is None:
        raise SystemExit("libcoap3-bin or openssl is missing")
    unittest.main()
