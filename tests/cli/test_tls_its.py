# SPDX-License-Identifier: BSD-2-Clause
"""covey tls with certificates of ITS (RFC 8902): ours with ours, since nobody
else in Debian speaks it, in every mix of seed 001 Section 6, and each way to
be refused."""
import contextlib
import tempfile
import unittest

import its_kit
import tls_kit as kit


def setUpModule():
    global FOLDER, KEEP
    KEEP = tempfile.TemporaryDirectory()
    FOLDER = KEEP.name
    kit.authority(FOLDER)
    kit.certificate(FOLDER, "p256")
    its_kit.pki(FOLDER)
    its_kit.repository(FOLDER, "aa")


def tearDownModule():
    KEEP.cleanup()


def ticket(name, psid=36, chain=("aa",)):
    """Options of who has this certificate."""
    behind = [a for c in chain for a in ("--chain", f"{c}.oer")]
    return ["--cert-type", "1609dot2", "--cert", f"{name}.oer", "--key",
            f"{name}.key", "--psid", str(psid), *behind]


X509 = ["--cert-type", "x509", "--cert", "p256.pem", "--key", "p256.key"]
RAW = ["--cert-type", "rpk", "--key", "p256.key"]
ROOT = ["--trust", "root.oer"]


def policy(text):
    with open(f"{FOLDER}/policy.yaml", "w", encoding="ascii") as f:
        f.write(text)
    return ["--policy", "policy.yaml"]


def server(*args):
    return kit.our_server(FOLDER, *args)


class Its(unittest.TestCase):
    def talk(self, s, *args):
        rc, out, err = kit.our_client(FOLDER, s.port, *args, data=b"hello\n")
        self.assertEqual((rc, out), (0, b"hello\n"), err)
        return err

    def refused(self, s, alert, *args):
        """By whom, the client has to say."""
        rc, _, err = kit.our_client(FOLDER, s.port, *args)
        self.assertEqual(rc, 1, err)
        self.assertIn(alert, err)
        return err


class Mixes(Its):
    """Seed 001 Section 6, and what else two directions can be."""

    def test_both_with_certificates_of_its(self):
        with server(*ticket("rsu"), *ROOT, "--verify") as s:
            err = self.talk(s, *ticket("car"), *ROOT)
            self.assertIn("peer 1609dot2 psid 36 ssp 010080", err)
            s.wait_for(b"peer 1609dot2 psid 36 ssp 01ffc0")

    def test_its_client_and_x509_server(self):
        with server(*X509, *ROOT, "--verify", "--peer-type", "1609dot2",
                    *policy("permissions: [ { psid: 36 } ]")) as s:
            err = self.talk(s, *ticket("car"), "--peer-type",
                            "1609dot2,x509,rpk", "--trust", "ca.pem", *ROOT)
            self.assertIn("peer x509", err)
            s.wait_for(b"peer 1609dot2 psid 36")

    def test_its_client_and_raw_key_server(self):
        with server(*RAW, *ROOT, "--verify", "--peer-type", "1609dot2",
                    *policy("permissions: [ { psid: 36 } ]")) as s:
            err = self.talk(s, *ticket("car"), "--peer-type",
                            "1609dot2,x509,rpk", "--trust-key",
                            "p256.pub.der")
            self.assertIn("peer rpk", err)

    def test_x509_client_and_its_server(self):
        with server(*ticket("rsu"), "--verify", "--peer-type", "x509",
                    "--trust", "ca.pem") as s:
            err = self.talk(s, *X509, "--peer-type", "1609dot2", *ROOT,
                            *policy("permissions: [ { psid: 36 } ]"))
            self.assertIn("peer 1609dot2", err)
            s.wait_for(b"peer x509")

    def test_a_server_with_all_types_serves_each(self):
        with server(*ticket("rsu"), *X509, *RAW, "--peer-type",
                    "1609dot2,x509,rpk", *ROOT) as s:
            for name, trust in (("1609dot2", ROOT),
                                ("x509", ["--trust", "ca.pem"]),
                                ("rpk", ["--trust-key", "p256.pub.der"])):
                more = policy("permissions: [ { psid: 36 } ]")
                err = self.talk(s, "--peer-type", name, *trust, *more)
                self.assertIn(f"peer {name}", err)

    def test_nothing_in_common(self):
        with server(*X509) as s:
            self.refused(s, "the peer sent the alert unsupported_certificate",
                         *ticket("car"), *ROOT)


class Demands(Its):
    def test_ids_are_printed_only_on_request(self):
        known = its_kit.its(FOLDER, "id", "rsu.oer").split()[0]
        with server(*ticket("rsu"), *ROOT) as s:
            err = self.talk(s, *ticket("car"), *ROOT)
            self.assertNotIn(known, err)
            err = self.talk(s, *ticket("car"), *ROOT, "--show-id")
            self.assertIn(f"id {known}", err)

    def test_an_issuer_comes_from_the_repository(self):
        with server(*ticket("rsu", chain=()), *ROOT) as s:
            err = self.refused(s, "unknown_ca", *ticket("car"), *ROOT)
            self.assertIn("the issuer is not known", err)
            self.assertIn("HashedId8", err)
            self.refused(s, "unknown_ca", *ticket("car"), *ROOT,
                         "--repository", "empty")
            self.talk(s, *ticket("car"), *ROOT, "--repository", "repository")

    def test_a_server_knows_an_issuer_once_it_has_seen_it(self):
        with server(*ticket("rsu"), *ROOT, "--verify") as s:
            self.refused(s, "unknown_ca", *ticket("car", chain=()), *ROOT)
            self.talk(s, *ticket("car"), *ROOT)
            self.talk(s, *ticket("car", chain=()), *ROOT)

    def test_strangers_are_refused(self):
        with server(*ticket("stranger", psid=36, chain=()), *ROOT) as s:
            self.refused(s, "unknown_ca", *ticket("car"), *ROOT)

    def test_the_policy_decides_about_psid_and_ssp(self):
        cases = (("[ { psid: 36 } ]", True),
                 ("[ { psid: 623 } ]", False),
                 ("[ { psid: 36, ssp: '010080', mask: 'ff0080' } ]", True),
                 ("[ { psid: 36, ssp: '010040', mask: 'ff0040' } ]", False),
                 ("[ { psid: 36, ssp: '010080' } ]", True),
                 ("[ { psid: 36, ssp: '0100c0' } ]", False),
                 ("[ { psid: 36, ssp: '0100c0' }, { psid: 36, ssp: '01', "
                  "mask: 'ff' } ]", True))
        with server(*ticket("rsu"), *ROOT) as s:
            for rules, good in cases:
                with self.subTest(rules):
                    args = [*ticket("car"), *ROOT,
                            *policy(f"permissions: {rules}")]
                    if good:
                        self.talk(s, *args)
                    else:
                        self.refused(s, "access_denied", *args)
            self.talk(s, *ticket("car"), *ROOT)
        with server(*ticket("rsu", psid=623), *ROOT) as s:
            self.refused(s, "access_denied", *ticket("car"), *ROOT)

    def test_a_wrong_policy_says_where(self):
        for text, words in (("permissions: [ { ssp: '01' } ]", "psid"),
                            ("permissions: [ { psid: 36, mask: '01' } ]",
                             "ssp"),
                            ("permissions: [ { psid: 36, ssp: '03', "
                             "mask: '01' } ]", "outside of the mask"),
                            ("permissions: [ { psid: 36, ssp: '03', "
                             "mask: '0101' } ]", "as long as"),
                            ("permits: []", "permits")):
            rc, _, err = kit.our_client(FOLDER, 1, *ROOT, "--peer-type",
                                        "1609dot2", *policy(text))
            self.assertEqual(rc, 4, err)
            self.assertIn("policy.yaml:", err)
            self.assertIn(words, err)

    def test_a_revoked_ticket_is_refused(self):
        its_kit.its(FOLDER, "crl", "--key", "root.key", "--out", "crl",
                    "root.oer", "aa.oer")
        with server(*ticket("rsu"), *ROOT) as s:
            self.refused(s, "certificate_revoked", *ticket("car"), *ROOT,
                         "--crl", "crl")

    def test_a_session_ends_with_the_certificate(self):
        with server(*ticket("rsu"), *ROOT, "--verify") as s:
            with self.connect_briefly(s) as c:
                c.write(b"before\n")
                c.wait_for(b"before\n")
                s.wait_for(b"certificate_expired")
                self.assertEqual(c.wait()[0], 1)
                self.assertIn(b"the peer sent the alert certificate_expired",
                              c.output)
            self.refused(s, "certificate_expired", *ticket(self.brief), *ROOT)

    def connect_briefly(self, s):
        """With a certificate that ends soon, but not before."""
        for life in (4, 12, 36):  # a busy machine may be too late
            self.brief = f"brief{life}"
            its_kit.ends_in(FOLDER, self.brief, life)
            with contextlib.suppress(AssertionError):
                return kit.Program(
                    [kit.COVEY, "tls", "client", *ticket(self.brief), *ROOT,
                     f"localhost:{s.port}"], b"connected", FOLDER)
        raise AssertionError("it never connects")

    def test_resumption_keeps_the_permissions(self):
        with server(*ticket("rsu"), *ROOT, "--verify") as s:
            err = self.talk(s, *ticket("car"), *ROOT, "--resume")
            self.assertIn("resumed", err)
            s.wait_for(b"psid 36 ssp 01ffc0, resumed")

    def test_all_suites_and_the_whole_certificate(self):
        with server(*ticket("rsu"), *ROOT, "--verify", "--whole",
                    "--suites", ",".join(
                        ("AES_128_CCM_8_SHA256", "AES_128_CCM_SHA256",
                         "AES_256_GCM_SHA384"))) as s:
            for suite in ("AES_128_CCM_8_SHA256", "AES_256_GCM_SHA384"):
                self.talk(s, *ticket("car"), *ROOT, "--suites", suite)


class CommandLine(unittest.TestCase):
    def test_says_what_is_missing(self):
        for args, text in (
                (["client", *ticket("car")[:-2], "1"], "--trust"),
                (["client", "--cert-type", "1609dot2", "--cert", "x",
                  "--key", "y", *ROOT, "1"], "--psid"),
                (["client", "--peer-type", "1609dot2", *ROOT, "1"],
                 "--policy"),
                (["server", "--cert-type", "1609dot2", "--key", "y", "1"],
                 "--cert")):
            got = kit.subprocess.run([kit.COVEY, "tls", *args], check=False,
                                     stderr=kit.subprocess.PIPE)
            self.assertEqual(got.returncode, 2, args)
            self.assertIn(text, got.stderr.decode())

    def test_refuses_its_own_wrong_certificates(self):
        for args, text in ((ticket("car", psid=99), "no permission"),
                           (["--cert-type", "1609dot2", "--cert", "car.oer",
                             "--key", "aa.key", "--psid", "36"],
                            "another certificate"),
                           (["--cert-type", "1609dot2", "--cert", "p256.pem",
                             "--key", "car.key", "--psid", "36"],
                            "neither binary")):
            rc, _, err = kit.our_client(FOLDER, 1, *args, *ROOT)
            self.assertEqual(rc, 4, err)
            self.assertIn(text, err)
        kit.os.chmod(f"{FOLDER}/stranger.key", 0o644)
        rc, _, err = kit.our_client(FOLDER, 1, *ticket("stranger"), *ROOT)
        kit.os.chmod(f"{FOLDER}/stranger.key", 0o600)
        self.assertEqual(rc, 3, err)


if __name__ == "__main__":
    unittest.main()
