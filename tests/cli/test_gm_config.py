# SPDX-License-Identifier: BSD-2-Clause
"""The files that the manual pages of covey-gm show are good, the first
configuration is served, and what is wrong in a file is named."""
import os
import subprocess
import sys
import tempfile
import unittest

import gm_kit as kit

GM, FLEET, PAGES = sys.argv[1:4]
del sys.argv[1:]

BASE = "store: gm.db\nidentities: [%s]\n"
REFUSED = (
    ("", "nothing in it"),
    ("identities: []\n", "'store' is missing"),
    (BASE + "listen: [224.0.1.187]\n", "an address of ours"),
    (BASE + "listen: [nowhere]\n", "an address of ours"),
    (BASE + "groups: [{}]\n", "'name' is missing"),
    (BASE + "groups: [{name: g, curve: P-521}]\n", "P-521"),
    (BASE + "groups: [{name: g, modes: [both]}]\n", "both"),
    (BASE + "groups: [{name: %s}]\n" % ("n" * 49), "1 to 48 bytes"),
    (BASE + "gid_prefix: 00112233\n", "0 to 3"),
    (BASE + "commit_window: 1001\n", "0 to 1000"),
    (BASE + "limits: {members: 0}\n", "1 to 1048576"),
    (BASE + "limits: {lamps: 1}\n", "lamps"),
    (BASE + "tell: {pause: x}\n", "found 'x'"),
    (BASE + "status: 'evil.example'\n", "an address of ours"),
    (BASE + "status: ['127.0.0.1']\n", "status: expected"),
    (BASE + "hear: [{address: 192.0.2.1}]\n", "an address of a group"),
    (BASE + "events: 0\n", "1 to 4294967295"),
    (BASE + "hear: [{interface: lo}]\n", "'address' is missing"),
    (BASE + "hear: [{address: 224.0.1.187, port: 1}]\n", "port"),
    (BASE + "listen: [0.0.0.0]\nhear: [{address: 224.0.1.187}]\n",
     "the same port 5683"),
    (BASE + "anything: 1\n", "anything"),
    ("store: gm.db\nidentities: [{credential: a0, private_key: 00}]\n",
     "no public key"),
    ("store: gm.db\nidentities: [{credential: a0}]\n",
     "'private_key' is missing"),
)
CONTEXT = ("type: oscore\nmaster_secret: 000102030405060708090a0b0c0d0e0f\n"
           "sender_id: 4d\nrecipient_id: %s\n")
GROUP = ("type: group\ngid: 00\ncurve: Ed25519\ngm_credential: a0\n"
         "group_encryption: 10\nsignature: EdDSA\nmaster_secret: 00\n")
NODES = (
    ("{}", "'nodes' is missing"),
    ("nodes: {}", "expected a list"),
    ("nodes: [{name: a}]", "'context' is missing"),
    ("nodes: [{context: a.yaml}]", "'name' is missing"),
    ("nodes: [{name: a/b, context: a.yaml}]", "expected a name"),
    ("nodes: [{name: .a, context: a.yaml}]", "expected a name"),
    ("nodes: [{name: a, context: none.yaml}]", "cannot be used"),
    ("nodes: [{name: a, context: group.yaml}]", "of type oscore"),
    ("nodes: [{name: a, context: a.yaml, may: [{group: g}]}]",
     "'roles' is missing"),
    ("nodes: [{name: a, context: a.yaml, may: [{group: g, roles: boss}]}]",
     "boss"),
    ("nodes: [{name: a, context: a.yaml, administers: [{group: g}]}]",
     "'permissions' is missing"),
    ("nodes: [{name: a, context: a.yaml}, {name: a, context: b.yaml}]",
     "two nodes"),
    ("nodes: [{name: a, context: a.yaml}, {name: b, context: a.yaml}]",
     "another node has this ID"),
)


def documents(page):
    with open(os.path.join(PAGES, page), encoding="utf-8") as file:
        blocks = file.read().split(".Bd -literal")[1:]
    return [b.split("\n", 1)[1].split(".Ed\n")[0] for b in blocks]


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600),
              "w", encoding="utf-8") as file:
        file.write(text)
    return path


def identity_files(folder):
    line = kit.identity(FLEET)
    write(folder, "manager.ccs", line.split("'")[1])
    write(folder, "manager.key", line.split("'")[3])


class Files(unittest.TestCase):
    def setUp(self):
        self.own = tempfile.TemporaryDirectory()
        self.folder = self.own.name

    def tearDown(self):
        self.own.cleanup()

    def check(self, text, *more):
        path = write(self.folder, "gm.yaml", text)
        return subprocess.run([GM, "--config", path, *more], text=True,
                              capture_output=True, check=False, timeout=60)

    def test_configurations_of_the_page_are_good(self):
        identity_files(self.folder)
        write(self.folder, "nodes.yaml", "nodes: []")
        write(self.folder, "store.key", "00" * 32)
        texts = documents("covey-gm.conf.5")
        self.assertEqual(2, len(texts))
        for text in texts:
            got = self.check(text, "--check-config")
            self.assertEqual((0, ""), (got.returncode, got.stderr))

    def test_the_first_one_is_served_with_the_nodes_of_the_other_page(self):
        identity_files(self.folder)
        write(self.folder, "nodes.yaml", documents("covey-enrol.5")[0])
        for i, name in enumerate(("lamp-1", "switch", "operator")):
            write(self.folder, name + ".yaml", CONTEXT % f"0{i}")
        path = write(self.folder, "gm.yaml", "listen: ['127.0.0.1:0']\n" +
                     documents("covey-gm.conf.5")[0])
        gm = kit.Process(GM, "--config", path)
        gm.lines.wait(r" gm\.create group=lights ")
        gm.lines.wait(r" daemon\.ready ")
        self.assertEqual(0, gm.stop())

    def test_what_is_wrong_is_named(self):
        for text, why in REFUSED:
            with self.subTest(why=why):
                if "%s" in text:
                    text = text % kit.identity(FLEET)
                got = self.check(text, "--check-config")
                self.assertEqual(1, got.returncode)
                self.assertIn(why, got.stderr)

    def test_nodes_that_are_wrong_are_named(self):
        write(self.folder, "a.yaml", CONTEXT % "00")
        write(self.folder, "b.yaml", CONTEXT % "01")
        write(self.folder, "group.yaml", GROUP)
        for text, why in NODES:
            with self.subTest(why=why):
                write(self.folder, "nodes.yaml", text + "\n")
                got = self.check(BASE % kit.identity(FLEET) +
                                 "enrolment: nodes.yaml\n")
                self.assertEqual(1, got.returncode)
                self.assertIn(why, got.stderr)


if __name__ == "__main__":
    unittest.main()
