# SPDX-License-Identifier: BSD-2-Clause
"""covey get over DTLS 1.2 against libcoap's servers with OpenSSL and GnuTLS:
pre-shared keys and X.509, what must be refused, and networks that lose, repeat
and invent datagrams."""
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import unittest

import ports
import request_kit as kit

SERVERS = {name: shutil.which(f"coap-server-{name}")
           for name in ("openssl", "gnutls")}
KEY = b"a key of both"


def openssl(*args):
    subprocess.run(["openssl", *args], check=True, capture_output=True)


class Folder:
    """Keys and certificates; made once."""

    def __init__(self):
        self.own = tempfile.TemporaryDirectory()
        curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                 "-nodes"]
        for name in ("ca", "other"):
            openssl("req", "-x509", *curve, "-keyout", self.at(name + ".key"),
                    "-out", self.at(name + ".pem"), "-subj", f"/CN={name}",
                    "-days", "30")
        self.write("names", b"subjectAltName=DNS:localhost,IP:127.0.0.1")
        for name in ("server", "client"):
            openssl("req", *curve, "-keyout", self.at(name + ".key"), "-out",
                    self.at(name + ".csr"), "-subj", f"/CN={name}")
            openssl("x509", "-req", "-in", self.at(name + ".csr"), "-CA",
                    self.at("ca.pem"), "-CAkey", self.at("ca.key"),
                    "-CAcreateserial", "-out", self.at(name + ".pem"),
                    "-days", "30", "-extfile", self.at("names"))
        self.write("psk", KEY)
        self.write("wrong", b"another key")
        self.write("open", KEY, 0o644)

    def at(self, name):
        return os.path.join(self.own.name, name)

    def write(self, name, data, mode=0o600):
        with open(self.at(name), "wb") as file:
            file.write(data)
        os.chmod(self.at(name), mode)


class Server:
    """Its port of DTLS is the one after that of UDP."""

    def __init__(self, test, name, *args):
        port = ports.free(2)
        self.port = port + 1
        self.process = subprocess.Popen(
            [SERVERS[name], "-A", "127.0.0.1", "-p", str(port), "-d", "9",
             *args], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        test.addCleanup(self.end)
        kit.await_pong(f"coap://127.0.0.1:{port}", self.process)

    def end(self):
        self.process.terminate()
        self.process.wait()


class Relay:
    """Between client and server; `change` says what arrives instead of a
    datagram: (from the client?, number, datagram) -> list."""

    def __init__(self, test, port, change):
        self.front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.front.bind(("127.0.0.1", 0))
        self.back = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.back.connect(("127.0.0.1", port))
        self.port = self.front.getsockname()[1]
        self.client = None
        self.change = change
        self.ending = False
        self.threads = [threading.Thread(target=self.carry, args=(way,))
                        for way in (True, False)]
        for s in (self.front, self.back):
            s.settimeout(0.1)
        for thread in self.threads:
            thread.start()
        test.addCleanup(self.end)

    def carry(self, to_server):
        count = 0
        while not self.ending:
            try:
                if to_server:
                    data, self.client = self.front.recvfrom(65535)
                else:
                    data = self.back.recv(65535)
            except (socket.timeout, ConnectionRefusedError):
                continue
            for out in self.change(to_server, count, data):
                if to_server:
                    self.back.send(out)
                else:
                    self.front.sendto(out, self.client)
            count += 1

    def end(self):
        self.ending = True
        for thread in self.threads:
            thread.join()
        self.front.close()
        self.back.close()


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Folder()
        cls.addClassCleanup(cls.folder.own.cleanup)

    def with_key(self, name="psk"):
        return ["--psk-identity", "me", "--psk-file", self.folder.at(name)]

    def psk_server(self, name):
        return Server(self, name, "-k", KEY.decode(), "-h", "hint")

    def x509_server(self, name, *args):
        return Server(self, name, "-c", self.folder.at("server.pem"), "-j",
                      self.folder.at("server.key"), *args)

    def get(self, port, *args, host="127.0.0.1", path="", verb="get"):
        return kit.run(verb, f"coaps://{host}:{port}/{path}", *args)

    def assert_got(self, got):
        self.assertEqual((0, ""), (got[0], got[2]))
        self.assertIn(b"libcoap", got[1])

    def assert_ended(self, got, words=""):
        self.assertEqual((4, b""), got[:2])
        self.assertIn("the connection with 127.0.0.1", got[2])
        self.assertIn(words, got[2])


class WithKey(Case):
    def test_exchanges(self):
        for name in SERVERS:
            with self.subTest(name):
                port = self.psk_server(name).port
                self.assert_got(self.get(port, *self.with_key()))
                self.assertEqual(0, self.get(port, *self.with_key(),
                                             verb="ping")[0])
                status, out, _ = self.get(port, *self.with_key(), "--count",
                                          "2", path="time", verb="observe")
                self.assertEqual(0, status)
                self.assertEqual(2, len(out.splitlines()))

    def test_blocks(self):
        port = self.psk_server("openssl").port
        body = os.urandom(100000)
        with tempfile.NamedTemporaryFile() as file:
            file.write(body)
            file.flush()
            self.assertEqual(0, self.get(port, *self.with_key(),
                                         "@" + file.name, path="b",
                                         verb="put")[0])
        self.assertEqual((0, body, ""), self.get(port, *self.with_key(),
                                                 path="b"))

    def test_wrong_key(self):
        for name in SERVERS:
            with self.subTest(name):
                got = self.get(self.psk_server(name).port, "--timeout", "1",
                               *self.with_key("wrong"))
                self.assertEqual((4, b""), got[:2])

    def test_no_key_for_a_server_that_wants_one(self):
        self.assert_ended(self.get(self.psk_server("openssl").port, "--ca",
                                   self.folder.at("ca.pem")))

    def test_key_that_others_may_read(self):
        status, _, err = self.get(1, *self.with_key("open"))
        self.assertEqual(3, status)
        self.assertIn("others may use this secret", err)
        self.assertNotIn(KEY.decode(), err)

    def test_key_that_is_none(self):
        for name, data in (("empty", b""), ("long", bytes(257))):
            self.folder.write(name, data)
            status, _, err = self.get(1, *self.with_key(name))
            self.assertEqual(4, status)
            self.assertIn("a key of 1 to 256 bytes", err)
        self.assertEqual(4, self.get(1, *self.with_key("missing"))[0])

    def test_request_that_fits_into_no_datagram(self):
        port = self.psk_server("openssl").port
        status, out, err = self.get(port, *self.with_key(),
                                    path="/".join(["a" * 200] * 7))
        self.assertEqual((2, b""), (status, out))
        self.assertIn("longer than", err)

    def test_command_lines(self):
        for args in (["--psk-identity", "me"], ["--psk-file", "f"],
                     ["--cert", "f"], ["--key", "f"],
                     self.with_key() + ["--ca", "f"]):
            self.assertEqual(2, self.get(1, *args)[0])
        self.assertEqual(2, self.get(1, *self.with_key(),
                                     host="224.0.1.187")[0])


class WithCertificates(Case):
    def test_by_address_and_by_name(self):
        for name in SERVERS:
            with self.subTest(name):
                port = self.x509_server(name, "-n").port
                ca = ["--ca", self.folder.at("ca.pem")]
                self.assert_got(self.get(port, *ca))
                self.assert_got(self.get(port, *ca, host="localhost"))

    def test_certificate_of_ours(self):
        port = self.x509_server("openssl", "-C",
                                self.folder.at("ca.pem")).port
        ca = ["--ca", self.folder.at("ca.pem")]
        self.assert_got(self.get(port, *ca, "--cert",
                                 self.folder.at("client.pem"), "--key",
                                 self.folder.at("client.key")))

    def test_wrong_anchor(self):
        for name in SERVERS:
            with self.subTest(name):
                self.assert_ended(
                    self.get(self.x509_server(name, "-n").port, "--ca",
                             self.folder.at("other.pem")), "certificate")

    def test_wrong_name(self):
        port = self.x509_server("openssl", "-n").port
        relay = kit.run("get", f"coaps://127.0.0.2:{port}/", "--timeout", "1",
                        "--ca", self.folder.at("ca.pem"))
        self.assertEqual(4, relay[0])  # nobody is there
        openssl("x509", "-req", "-in", self.folder.at("server.csr"), "-CA",
                self.folder.at("ca.pem"), "-CAkey", self.folder.at("ca.key"),
                "-CAcreateserial", "-out", self.folder.at("nameless.pem"),
                "-days", "30")
        server = Server(self, "openssl", "-c", self.folder.at("nameless.pem"),
                        "-j", self.folder.at("server.key"), "-n")
        for host in ("127.0.0.1", "localhost"):
            self.assert_ended(self.get(server.port, "--ca",
                                       self.folder.at("ca.pem"), host=host),
                              "mismatch")

    def test_files_that_are_missing(self):
        status, _, err = self.get(1, "--ca", self.folder.at("missing"))
        self.assertEqual(4, status)
        self.assertIn("missing", err)


class Networks(Case):
    def through(self, change, *args):
        server = self.psk_server("openssl")
        return self.get(Relay(self, server.port, change).port,
                        *self.with_key(), *args)

    def test_everything_comes_twice(self):
        self.assert_got(self.through(lambda _, n, data: [data, data]))

    def test_garbage_and_damaged_copies_in_between(self):
        def change(_, n, data):
            damaged = data[:-1] + bytes([data[-1] ^ 1])
            return [os.urandom(60), b"\x17", damaged[:20], data,
                    bytes([23]) + data[1:]] + ([damaged] if n > 4 else [])
        self.assert_got(self.through(change))

    def test_first_datagrams_are_lost(self):
        self.assert_got(self.through(lambda _, n, data: [data] if n else []))

    def test_nobody_answers(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind(("127.0.0.1", 0))
            got = self.get(s.getsockname()[1], *self.with_key(), "--timeout",
                           "0.5")
        self.assertEqual((4, b""), got[:2])
        self.assertIn("no answer", got[2])

    def test_says_that_it_ends(self):
        last = []

        def change(to_server, _, data):
            if to_server:
                last.append(data)
            return [data]
        self.assert_got(self.through(change))
        until = time.monotonic() + 60
        while last[-1][0] != 21:  # an alert
            self.assertLess(time.monotonic(), until, "no close_notify")
            time.sleep(0.05)


if __name__ == "__main__":
    if None in SERVERS.values() or shutil.which("openssl") is None:
        raise SystemExit("libcoap3-bin or openssl is missing")
    unittest.main()
