# SPDX-License-Identifier: BSD-2-Clause
"""covey tls against openssl s_server and s_client, in both roles."""
import tempfile
import unittest

import ports
import tls_kit as kit

SUITES = {"TLS_AES_128_GCM_SHA256": "", "TLS_AES_256_GCM_SHA384": "",
          "TLS_CHACHA20_POLY1305_SHA256": "", "TLS_AES_128_CCM_SHA256": "",
          "TLS_AES_128_CCM_8_SHA256": ":@SECLEVEL=0"}
GROUPS = {"x25519": "X25519", "secp256r1": "P-256", "secp384r1": "P-384"}
PSK = "00112233445566778899aabbccddeeff"


def setUpModule():
    global FOLDER, KEEP
    KEEP = tempfile.TemporaryDirectory()
    FOLDER = KEEP.name
    kit.authority(FOLDER)
    kit.authority(FOLDER, "other")
    for kind in kit.KINDS:
        kit.certificate(FOLDER, kind)


def tearDownModule():
    KEEP.cleanup()


def s_server(*args, cert="p256"):
    own = [] if cert is None else ["-cert", f"{cert}.pem", "-key",
                                   f"{cert}.key"]
    return kit.listener(FOLDER, b"ACCEPT", "openssl", "s_server", "-accept",
                        "127.0.0.1:PORT", "-tls1_3", *own, *args)


def s_client(port, *args, ready=b"Verify return code"):
    return kit.Program(["openssl", "s_client", "-connect",
                        f"127.0.0.1:{port}", "-CAfile", "ca.pem", *args],
                       ready, FOLDER)


def server(*args, cert="p256"):
    return kit.our_server(FOLDER, "--cert", f"{cert}.pem", "--key",
                          f"{cert}.key", *args)


def client(port, *args, data=b"hello\n"):
    return kit.our_client(FOLDER, port, "--trust", "ca.pem", *args, data=data)


class Client(unittest.TestCase):
    """Ours, with openssl s_server -rev: it sends lines back reversed."""

    def talk(self, port, *args):
        rc, out, err = client(port, *args)
        self.assertEqual((rc, out), (0, b"olleh\n"), err)
        return err

    def test_verifies_every_kind_of_signature(self):
        for kind in kit.KINDS:
            with self.subTest(kind), s_server("-rev", cert=kind) as s:
                err = self.talk(s.port)
                self.assertIn("peer x509", err)

    def test_speaks_every_suite_with_every_group(self):
        all_suites = ":".join(SUITES)
        with s_server("-rev", "-ciphersuites", all_suites, "-cipher",
                      "DEFAULT:@SECLEVEL=0") as s:
            for suite in SUITES:
                for group in GROUPS:
                    with self.subTest(suite=suite, group=group):
                        err = self.talk(s.port, "--suites", suite, "--groups",
                                        group)
                        self.assertIn(f"{suite}, {group}", err)

    def test_sends_another_key_when_asked(self):
        with s_server("-rev", "-groups", "P-384") as s:
            self.assertIn("secp384r1, peer", self.talk(s.port))
            self.assertIn("retried", self.talk(s.port, "--plain"))

    def test_resumes(self):
        with s_server("-rev") as s:
            err = self.talk(s.port, "--resume")
            self.assertEqual(err.count("connected"), 2)
            self.assertIn("resumed", err.split("\n")[1])

    def test_updates_keys(self):
        with s_server("-rev") as s:
            self.talk(s.port, "--key-update")

    def test_authenticates_itself(self):
        with s_server("-rev", "-Verify", "2", "-verify_return_error",
                      "-CAfile", "ca.pem") as s:
            for kind in ("p256", "p384", "ed25519"):
                self.talk(s.port, "--cert", f"{kind}.pem", "--key",
                          f"{kind}.key")
            rc, _, err = client(s.port)
            self.assertEqual(rc, 1, err)
            self.assertIn("certificate_required", err)

    def test_uses_a_psk(self):
        with s_server("-rev", "-psk", PSK, "-psk_identity", "lamp",
                      "-nocert", cert=None) as s:
            self.assertIn("psk", self.talk(s.port, "--psk", PSK,
                                           "--psk-identity", "lamp"))

    def test_keeps_records_short(self):
        with s_server("-rev", "-split_send_frag", "512") as s:
            self.talk(s.port, "--padding", "64")

    def test_refuses_who_is_not_trusted(self):
        with s_server("-rev") as s:
            rc, _, err = kit.our_client(FOLDER, s.port, "--trust",
                                        "other.pem")
            self.assertEqual(rc, 1)
            self.assertIn("unknown_ca", err)
            rc, _, err = client(s.port, "--name", "elsewhere.example")
            self.assertEqual(rc, 1)
            self.assertIn("another name", err)

    def test_refuses_certificates_for_other_ends(self):
        kit.certificate(FOLDER, "p256", name="for-clients",
                        more="extendedKeyUsage=clientAuth\n")
        with s_server("-rev", cert="for-clients") as s:
            rc, _, err = client(s.port)
            self.assertEqual(rc, 1)
            self.assertIn("unsupported_certificate", err)

    def test_says_that_nobody_is_there(self):
        rc, _, err = client(ports.free())
        self.assertEqual(rc, 4)
        self.assertIn("refused", err)


class Server(unittest.TestCase):
    """Ours, which echoes, with openssl s_client."""

    def talk(self, port, *args):
        with s_client(port, *args) as c:
            c.write(b"a line\n")
            c.wait_for(b"\na line\n")
            return c.output

    def test_is_verified_with_every_kind_of_key(self):
        for kind in ("p256", "p384", "ed25519"):
            with self.subTest(kind), server(cert=kind) as s:
                out = self.talk(s.port, "-verify_return_error")
                self.assertIn(b"Verify return code: 0", out)

    def test_speaks_every_suite_with_every_group(self):
        with server("--suites", ",".join(SUITES)) as s:
            for suite, level in SUITES.items():
                for group in GROUPS.values():
                    with self.subTest(suite=suite, group=group):
                        out = self.talk(s.port, "-ciphersuites", suite,
                                        "-groups", group, "-cipher",
                                        "DEFAULT" + level)
                        self.assertIn(suite.encode(), out)

    def test_asks_for_another_key(self):
        with server("--groups", "secp384r1", "--cookie") as s:
            self.talk(s.port, "-groups", "X25519:P-384")
            s.wait_for(b"retried")

    def test_resumes_a_ticket_once(self):
        with server() as s:
            self.talk(s.port, "-sess_out", "session")
            with s_client(s.port, "-sess_in", "session",
                          ready=b"Reused, TLSv1.3"):
                s.wait_for(b"resumed")
            with s_client(s.port, "-sess_in", "session",
                          ready=b"New, TLSv1.3"):
                pass

    def test_updates_keys_when_asked_and_asks(self):
        with server("--key-update") as s:
            with s_client(s.port) as c:
                for command in (b"K\n", b"k\n"):
                    c.output = b""
                    c.write(command)
                    c.wait_for(b"KEYUPDATE\n")
                    c.write(b"after " + command)
                    c.wait_for(b"\nafter " + command)

    def test_asks_for_a_certificate(self):
        with server("--verify", "--trust", "ca.pem") as s:
            for kind in kit.KINDS:
                self.talk(s.port, "-cert", f"{kind}.pem", "-key",
                          f"{kind}.key")
                s.wait_for(b"peer x509")
            with s_client(s.port) as c:
                c.wait_for(b"alert certificate required")

    def test_uses_a_psk(self):
        with kit.our_server(FOLDER, "--psk", PSK, "--psk-identity",
                            "lamp") as s:
            self.talk(s.port, "-psk", PSK, "-psk_identity", "lamp")
            s.wait_for(b"psk")

    def test_takes_data_of_many_records(self):
        data = b"0123456789abcde\n" * 20000
        with server() as s:
            rc, out, err = client(s.port, data=data)
            self.assertEqual((rc, out), (0, data), err)

    def test_agrees_on_a_protocol(self):
        with server("--alpn", "coap") as s:
            out = self.talk(s.port, "-alpn", "h2,coap")
            self.assertIn(b"ALPN protocol: coap", out)

    def test_refuses_other_protocols(self):
        with server("--alpn", "coap") as s:
            rc, _, err = client(s.port, "--alpn", "h2")
            self.assertEqual(rc, 1, err)
            self.assertIn("no_application_protocol", err)

    def test_answers_a_browser(self):
        with server("--www", "--accept", "1") as s:
            with s_client(s.port) as c:
                c.write(b"GET / HTTP/1.0\n")
                c.wait_for(b"connected: TLS_")
            self.assertEqual(s.wait()[0], 0)

    def test_refuses_older_versions(self):
        with server() as s:
            with s_client(s.port, "-tls1_2", ready=b"alert"):
                s.wait_for(b"protocol_version")


class CommandLine(unittest.TestCase):
    def test_refuses_a_key_that_others_may_read(self):
        kit.certificate(FOLDER, "p256", name="open")
        kit.os.chmod(f"{FOLDER}/open.key", 0o640)
        with self.assertRaisesRegex(AssertionError, "expected a file with 0600"):
            server(cert="open")

    def test_keeps_the_key_log_to_its_owner(self):
        with server() as s:
            rc, _, err = client(s.port, "--keylog", "secrets")
            self.assertEqual(rc, 0, err)
        mode = kit.os.stat(f"{FOLDER}/secrets").st_mode
        self.assertEqual(mode & 0o777, 0o600)

    def test_refuses_a_raw_key_that_is_none(self):
        rc, _, err = client(1, "--peer-type", "rpk", "--trust-key", "ca.pem")
        self.assertEqual(rc, 4, err)
        self.assertIn("ca.pem: is no public key in DER", err)

    def test_says_what_is_missing(self):
        for args, text in ((["tls"], "usage"), (["tls", "x"], "unknown verb"),
                           (["tls", "client", "1"], "--trust"),
                           (["tls", "server", "1"], "--key"),
                           (["tls", "client", "--psk", "00", "1"],
                            "--psk-identity"),
                           (["tls", "client", "--no-verify", "x"], "port")):
            got = kit.subprocess.run([kit.COVEY, *args], check=False,
                                     stderr=kit.subprocess.PIPE)
            self.assertEqual(got.returncode, 2, args)
            self.assertIn(text, got.stderr.decode())


if __name__ == "__main__":
    unittest.main()
