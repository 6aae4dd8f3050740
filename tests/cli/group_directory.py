# SPDX-License-Identifier: BSD-2-Clause
"""Members from a directory: `covey group` finds the sender of a message among
files, with bare credentials and with chains of X.509 certificates."""
import subprocess
import unittest

from group_kit import Case, DONE, NEGATIVE, context, load

CASES = {case["id"]: case for case in load()["cases"]}
BOTH = CASES["alg-10-10-group-pairwise"]
CA = """basicConstraints=critical,CA:TRUE
keyUsage=critical,keyCertSign
subjectKeyIdentifier=hash
"""
LEAF = """keyUsage=critical,digitalSignature
authorityKeyIdentifier=keyid
"""


def openssl(*args):
    return subprocess.run(["openssl", *map(str, args)], check=True,
                          capture_output=True, timeout=60).stdout


class Directory(Case):
    """The server of an exchange, which finds the client in a directory."""

    def setUp(self):
        super().setUp()
        self.request, _ = BOTH["exchange"]
        self.directory = self.folder / "members"
        self.directory.mkdir(mode=0o755)
        self.document = context(BOTH, "server")
        del self.document["members"]
        self.document["member_directory"] = "members"

    def finds(self, message):
        """The sender, 25, by a file; nothing is said but that."""
        got = self.run_covey("unprotect", self.write(self.document), message)
        self.assertEqual((0, self.request["plain_message"] + "\n"),
                         (got.returncode, got.stdout), msg=got.stderr)
        self.assertRegex(got.stderr, r"\A.*: from 25 in group mode, number "
                         r"\d+: fresh\n\Z")

    def wrong(self, says):
        return self.refuses(NEGATIVE, says, "unprotect",
                            self.write(self.document),
                            self.request["protected"])

    def put(self, name, data):
        path = self.directory / name
        path.write_bytes(data)
        path.chmod(0o644)
        return path


class BareCredentials(Directory):
    def setUp(self):
        super().setUp()
        self.client = context(BOTH, "client")
        self.credential = bytes.fromhex(self.client["credential"])

    def test_finds_the_sender(self):
        self.put("25.ccs", self.credential)
        self.finds(self.request["protected"])

    def test_takes_the_own_file_along(self):
        self.put("25.ccs", self.credential)
        self.put("52.ccs", bytes.fromhex(self.document["credential"]))
        self.finds(self.request["protected"])

    def test_refuses_the_sender_under_another_name(self):
        self.put("77.ccs", self.credential)
        self.wrong("the sender is no member that the context file names")

    def test_names_file_and_reason(self):
        self.put("25.cwt", self.credential)
        self.put("readme.txt", b"")
        err = self.wrong("member_directory: 25.cwt: expected the bytes of a "
                         "CWT")
        self.assertIn("readme.txt: expected a name with .ccs", err)
        self.assertEqual(2, len(err.splitlines()))


class Certificates(Directory):
    """Both ends have certificates; the client's is in the directory."""

    def setUp(self):
        super().setUp()
        self.key("root")
        openssl("req", "-x509", "-new", "-key", self.pem("root", "key"),
                "-subj", "/CN=operator", "-days", "10", "-addext",
                "keyUsage=critical,keyCertSign", "-out",
                self.pem("root"))
        self.document["anchors"] = "root.pem"
        self.client = dict(self.document)
        self.issue("ca", "/CN=ca", "root", CA +
                   "authorityKeyIdentifier=keyid\n")
        self.own(self.document)
        self.own(self.client, sender_id="25")

    def pem(self, name, suffix="pem"):
        return self.folder / f"{name}.{suffix}"

    def key(self, name):
        openssl("genpkey", "-algorithm", "ed25519", "-out",
                self.pem(name, "key"))

    def issue(self, name, subject, issuer, extensions):
        self.key(name)
        self.pem(name, "ext").write_text(extensions, encoding="utf-8")
        openssl("req", "-new", "-key", self.pem(name, "key"), "-subj",
                subject, "-out", self.pem(name, "csr"))
        openssl("x509", "-req", "-in", self.pem(name, "csr"), "-CA",
                self.pem(issuer), "-CAkey", self.pem(issuer, "key"), "-days",
                "5", "-extfile", self.pem(name, "ext"), "-out",
                self.pem(name))

    def der(self, name):
        return openssl("x509", "-in", self.pem(name), "-outform", "DER")

    def own(self, document, sender_id="52"):
        """Puts a certificate and its key into a context."""
        name = "member" + sender_id
        self.issue(name, "/serialNumber=" + sender_id, "ca", LEAF)
        private = openssl("pkey", "-in", self.pem(name, "key"), "-outform",
                          "DER")[-32:]
        document.update(sender_id=sender_id, credential=self.der(name).hex(),
                        private_key=private.hex())

    def protected(self):
        sender = {**self.client, "sequence_number": 5, "members": []}
        del sender["member_directory"], sender["anchors"]
        return self.covey(DONE, "protect", self.write(sender),
                          self.request["plain_message"]).strip()

    def test_finds_the_sender_by_a_chain_in_der(self):
        self.put("25.der", self.der("member25") + self.der("ca"))
        self.finds(self.protected())

    def test_finds_the_sender_by_a_chain_in_pem(self):
        self.put("25.pem", self.pem("member25").read_bytes() +
                 self.pem("ca").read_bytes())
        self.finds(self.protected())

    def test_refuses_a_chain_that_ends_too_early(self):
        self.put("25.der", self.der("member25"))
        self.wrong("25.der: certificate 1 of 1: its issuer is neither in the "
                   "chain nor an anchor (RFC 5280 Section 6.1.3)")

    def test_refuses_the_certificate_of_another_member(self):
        self.put("26.der", self.der("member25") + self.der("ca"))
        self.wrong("26.der: certificate 1 of 2: its subject has another "
                   "Sender ID: 25")

    def test_refuses_certificates_without_anchors(self):
        self.put("25.der", self.der("member25") + self.der("ca"))
        del self.document["anchors"]
        self.wrong("25.der: an X.509 certificate needs 'anchors'")


if __name__ == "__main__":
    unittest.main()
