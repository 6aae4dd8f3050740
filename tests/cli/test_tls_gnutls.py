# SPDX-License-Identifier: BSD-2-Clause
"""covey tls against gnutls-serv and gnutls-cli: X.509 and raw public keys, in
both roles; and what tshark decrypts with our key log."""
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import unittest

import its_kit
import tls_kit as kit

RAW = "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CTYPE-ALL:+CTYPE-RAWPK"


ALL = "NORMAL:-VERS-ALL:+VERS-TLS1.3"
SUITES = {"TLS_AES_128_GCM_SHA256": "AES-128-GCM",
          "TLS_AES_256_GCM_SHA384": "AES-256-GCM",
          "TLS_CHACHA20_POLY1305_SHA256": "CHACHA20-POLY1305",
          "TLS_AES_128_CCM_SHA256": "AES-128-CCM",
          "TLS_AES_128_CCM_8_SHA256": "AES-128-CCM-8"}
GROUPS = {"x25519": "GROUP-X25519", "secp256r1": "GROUP-SECP256R1",
          "secp384r1": "GROUP-SECP384R1"}


def setUpModule():
    global FOLDER, KEEP
    KEEP = tempfile.TemporaryDirectory()
    FOLDER = KEEP.name
    kit.authority(FOLDER)
    for kind in ("p256", "p384"):
        kit.certificate(FOLDER, kind)
    kit.certificate(FOLDER, "p256", name="peer")
    its_kit.pki(FOLDER)


def tearDownModule():
    KEEP.cleanup()


def ticket(name):
    return ["--cert-type", "1609dot2", "--cert", f"{name}.oer", "--key",
            f"{name}.key", "--psid", "36", "--chain", "aa.oer", "--trust",
            "root.oer"]


def serv(*args):
    return kit.listener(FOLDER, b"IPv4 0.0.0.0 port PORT...done",
                        "gnutls-serv", "--port", "PORT", "--echo", *args)


def cli(port, *args, ready=b"Handshake was completed"):
    return kit.Program(["gnutls-cli", "-p", str(port), *args, "127.0.0.1"],
                       ready, FOLDER)


class GnuTls(unittest.TestCase):
    def talk(self, c):
        c.write(b"a line\n")
        c.wait_for(b"a line\n")

    def test_our_client_takes_its_certificate(self):
        with serv("--x509certfile", "p384.pem", "--x509keyfile", "p384.key",
                  "--disable-client-cert") as s:
            rc, out, err = kit.our_client(FOLDER, s.port, "--trust", "ca.pem",
                                          data=b"hello\n")
            self.assertEqual((rc, out), (0, b"hello\n"), err)

    def test_it_takes_our_certificate(self):
        with kit.our_server(FOLDER, "--cert", "p256.pem", "--key",
                            "p256.key") as s:
            with cli(s.port, "--x509cafile", "ca.pem") as c:
                self.talk(c)

    def test_every_suite_and_group_in_both_roles(self):
        both = ALL + ":+AES-128-CCM:+AES-128-CCM-8"
        with serv("--x509certfile", "p256.pem", "--x509keyfile", "p256.key",
                  "--disable-client-cert", "--priority", both) as s:
            for suite in SUITES:
                for group in GROUPS:
                    rc, out, err = kit.our_client(
                        FOLDER, s.port, "--trust", "ca.pem", "--suites",
                        suite, "--groups", group, data=b"hello\n")
                    self.assertEqual((rc, out), (0, b"hello\n"), err)
                    self.assertIn(f"{suite}, {group}", err)
        with kit.our_server(FOLDER, "--cert", "p384.pem", "--key",
                            "p384.key", "--suites", ",".join(SUITES)) as s:
            for suite, cipher in SUITES.items():
                for group, name in GROUPS.items():
                    with cli(s.port, "--x509cafile", "ca.pem", "--priority",
                             f"{ALL}:-CIPHER-ALL:+{cipher}:-GROUP-ALL:"
                             f"+{name}") as c:
                        self.talk(c)
                    s.wait_for(f"{suite}, {group}".encode())

    def test_another_key_is_asked_for(self):
        with serv("--x509certfile", "p256.pem", "--x509keyfile", "p256.key",
                  "--disable-client-cert", "--priority",
                  f"{ALL}:-GROUP-ALL:+GROUP-SECP384R1") as s:
            rc, out, err = kit.our_client(FOLDER, s.port, "--trust", "ca.pem",
                                          data=b"hello\n")
            self.assertEqual((rc, out), (0, b"hello\n"), err)
            self.assertIn("retried", err)
        with kit.our_server(FOLDER, "--cert", "p256.pem", "--key", "p256.key",
                            "--groups", "secp384r1", "--cookie") as s:
            with cli(s.port, "--x509cafile", "ca.pem", "--single-key-share",
                     "--priority", f"{ALL}:-GROUP-ALL:+GROUP-X25519:"
                     "+GROUP-SECP384R1") as c:
                self.talk(c)
            s.wait_for(b"retried")

    def test_clients_show_certificates(self):
        with serv("--x509certfile", "p256.pem", "--x509keyfile", "p256.key",
                  "--x509cafile", "ca.pem", "--require-client-cert",
                  "--verify-client-cert") as s:
            rc, out, err = kit.our_client(
                FOLDER, s.port, "--trust", "ca.pem", "--cert", "peer.pem",
                "--key", "peer.key", data=b"hello\n")
            self.assertEqual((rc, out), (0, b"hello\n"), err)
        with kit.our_server(FOLDER, "--cert", "p256.pem", "--key", "p256.key",
                            "--verify", "--trust", "ca.pem") as s:
            with cli(s.port, "--x509cafile", "ca.pem", "--x509certfile",
                     "peer.pem", "--x509keyfile", "peer.key") as c:
                self.talk(c)
            s.wait_for(b"peer x509")

    def test_sessions_are_resumed(self):
        with serv("--x509certfile", "p256.pem", "--x509keyfile", "p256.key",
                  "--disable-client-cert") as s:
            rc, _, err = kit.our_client(FOLDER, s.port, "--trust", "ca.pem",
                                        "--resume", data=b"hello\n")
            self.assertEqual(rc, 0, err)
            self.assertIn("resumed", err)
        with kit.our_server(FOLDER, "--cert", "p256.pem", "--key",
                            "p256.key") as s:
            with cli(s.port, "--x509cafile", "ca.pem", "--resume",
                     "--waitresumption", ready=b"This is a resumed session"):
                s.wait_for(b"resumed")

    def test_keys_are_updated(self):
        with kit.our_server(FOLDER, "--cert", "p256.pem", "--key",
                            "p256.key") as s:
            with cli(s.port, "--x509cafile", "ca.pem",
                     "--inline-commands") as c:
                c.write(b"^rekey^\n")
                self.talk(c)

    def test_our_client_takes_its_raw_public_key(self):
        with serv("--rawpkkeyfile", "peer.key", "--rawpkfile",
                  "peer.pub.pem", "--priority", RAW,
                  "--disable-client-cert") as s:
            args = ["--peer-type", "rpk", "--trust-key", "peer.pub.der"]
            rc, out, err = kit.our_client(FOLDER, s.port, *args,
                                          data=b"hello\n")
            self.assertEqual((rc, out), (0, b"hello\n"), err)
            self.assertIn("peer rpk", err)
            args[-1] = "p256.pub.der"
            rc, _, err = kit.our_client(FOLDER, s.port, *args)
            self.assertEqual(rc, 1)
            self.assertIn("certificate_unknown", err)

    def test_raw_public_keys_on_both_sides(self):
        with kit.our_server(FOLDER, "--cert-type", "rpk", "--key", "p256.key",
                            "--peer-type", "rpk", "--trust-key",
                            "peer.pub.der", "--verify") as s:
            with cli(s.port, "--rawpkkeyfile", "peer.key", "--rawpkfile",
                     "peer.pub.pem", "--priority", RAW, "--no-ca-verification"
                     ) as c:
                self.talk(c)
            s.wait_for(b"peer rpk")


class Tshark(unittest.TestCase):
    """It captures on loopback, where it may, and decrypts."""

    def test_decrypts_with_our_key_log(self):
        with kit.our_server(FOLDER, "--cert", "p256.pem", "--key",
                            "p256.key") as s:
            with Capture(s.port) as capture:
                rc, _, err = kit.our_client(
                    FOLDER, s.port, "--trust", "ca.pem", "--keylog", "keys",
                    "--suites", "AES_256_GCM_SHA384", data=b"GET / secret\n")
                self.assertEqual(rc, 0, err)
            text = capture.fields("keys")
        self.assertIn("8,11,15,20", text)
        self.assertIn(b"GET / secret\n".hex(), text)


    def test_decrypts_handshakes_with_certificates_of_its(self):
        with kit.our_server(FOLDER, *ticket("rsu"), "--verify") as s:
            with Capture(s.port) as capture:
                rc, _, err = kit.our_client(
                    FOLDER, s.port, *ticket("car"), "--keylog", "its-keys",
                    data=b"GET / secret\n")
                self.assertEqual(rc, 0, err)
            text = capture.fields("its-keys")
        self.assertIn("8,13,11,15,20", text)
        self.assertIn("11,15,20", text)
        self.assertIn(b"GET / secret\n".hex(), text)

    def dissect(self, name):
        """As one packet of the link type that is given to the dissector."""
        with open(f"{FOLDER}/{name}", "rb") as f:
            data = f.read()
        with open(f"{FOLDER}/{name}.pcap", "wb") as f:
            f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535,
                                147))
            f.write(struct.pack("<IIII", 0, 0, len(data), len(data)) + data)
        return subprocess.run(
            ["tshark", "-r", f"{FOLDER}/{name}.pcap", "-V", "-o",
             'uat:user_dlts:"User 0 (DLT=147)","ieee1609dot2.data","0","",'
             '"0",""'], check=True, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE).stdout.decode()

    def test_dissects_what_we_sign(self):
        with open(f"{FOLDER}/text", "wb") as f:
            f.write(b"works ahead")
        sign = ["sign", "--key", "car.key", "--psid", "36", "--at",
                "2026-11-29T08:00:00Z"]
        its_kit.its(FOLDER, *sign, "--certificate", "--out", "whole",
                    "car.oer", "text")
        text = self.dissect("whole")
        for words in (b"works ahead".hex(), "psid-ca-basic-services (36)",
                      "generationTime: 2026-11-29 08:00:00.000000",
                      "bitmapSsp: 01ffc0", "rSig: x-only (0)"):
            self.assertIn(words, text)
        # What CertificateVerify has (RFC 8902 Section 5).
        its_kit.its(FOLDER, *sign, "--external", f"{FOLDER}/text",
                    "--pdu-type", "1", "--out", "verify", "car.oer")
        text = self.dissect("verify")
        for words in ("extDataHash: sha256HashedData", "signer: digest (0)",
                      "ecdsaNistP256Signature"):
            self.assertIn(words, text)
        self.assertNotIn("Malformed", text)


class Capture:
    """Everything to and from a port, while it lasts."""

    def __init__(self, port):
        self.file = f"{FOLDER}/{port}.pcap"
        self.port = port

    def __enter__(self):
        self.process = subprocess.Popen(
            ["tshark", "-q", "-i", "lo", "-w", self.file, "-f",
             f"tcp port {self.port}"], stderr=subprocess.PIPE)
        line = b""
        while b"Capturing" not in line:
            line = self.process.stderr.readline()
            if not line:
                raise AssertionError("tshark cannot capture")
        # It says so before it does; the file appears when it does.
        while not os.path.exists(self.file) or not os.path.getsize(self.file):
            time.sleep(0.05)
        return self

    def __exit__(self, *_):
        end = time.monotonic() + 60
        while time.monotonic() < end and self.ends() < 2:
            time.sleep(0.05)
        self.process.terminate()
        self.process.communicate(timeout=60)

    def ends(self):
        """How many records of 24 bytes, which close_notify has, are there."""
        with open(self.file, "rb") as f:
            return f.read().count(b"\x17\x03\x03\x00\x13")

    def fields(self, keys):
        return subprocess.run(
            ["tshark", "-r", self.file, "-o", f"tls.keylog_file:{FOLDER}/"
             f"{keys}", "-d", f"tcp.port=={self.port},tls", "-T", "fields",
             "-e", "tls.handshake.type", "-e", "data.data"],
            check=True, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE).stdout.decode()


if __name__ == "__main__":
    for program in ("gnutls-cli", "gnutls-serv", "tshark"):
        if shutil.which(program) is None:
            print(f"{program} is not installed: nothing was tested",
                  file=sys.stderr)
            sys.exit(77)
    # gnutls-serv listens on every address there is: it gets a network of its
    # own, where tshark may capture, too.
    if "COVEY_IN_NAMESPACE" not in os.environ:
        if subprocess.run(["unshare", "-rn", "true"], check=False).returncode:
            print("SKIPPED: this system allows no user namespaces")
            sys.exit(77)
        os.environ["COVEY_IN_NAMESPACE"] = "1"
        os.execvp("unshare", ["unshare", "-rn", "sh", "-c",
                              'ip link set lo up && exec "$@"', "sh",
                              sys.executable, "-B", *sys.argv])
    unittest.main()
