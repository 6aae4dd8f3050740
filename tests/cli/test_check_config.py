# SPDX-License-Identifier: BSD-2-Clause
"""--check-config of the three daemons: what they would refuse in files that a
configuration names is named, with the line that names it; and nothing is
opened or made, not even a store."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import gm_kit
import group_kit
import server_kit
import tls_kit
from server_kit import CONTEXT

GM, SERVER, PROXY, FLEET, RULES = sys.argv[1:6]
del sys.argv[1:]
BOTH = group_kit.with_checker()
ADDRESS = "{address: '127.0.0.1:0', "
GOOD = {
    GM: """listen: ['127.0.0.1:0']
store: gm.db
store_key: store.key
enrolment: nodes.yaml
identities:
- credential: file:manager.ccs
  private_key: file:manager.key
groups: [{name: lights}]
""",
    SERVER: f"""listen: ['127.0.0.1:0']
store: server.db
contexts:
- file: context.yaml
- {{file: member.yaml, address: 224.0.1.187}}
- file: managed.yaml
schc: [{ADDRESS}rules: rules.json}}]
dtls:
- address: '127.0.0.1:0'
  certificate: p256.pem
  private_key: p256.key
  ca: ca.pem
  clients: may-show
tls:
- address: '127.0.0.1:0'
  identities: [{{cert: p256.pem, key: p256.key}}]
  trust: ca.pem
resources: []
""",
    PROXY: f"""tcp: ['127.0.0.1:0']
dtls: [{ADDRESS}certificate: p256.pem, private_key: p256.key}}]
onward: {{rules: rules.json}}
clients:
- context: context.yaml
  state: client.state
  groups:
  - address: 224.0.1.187
    senders: checker.yaml
""",
}
MANAGED = """type: member
manager: coap://127.0.0.1:5690
group: lights
node: lamp
roles: monitor
association: context.yaml
"""
# Whose, what is put where, and what is said about which line of it.
FILES = (
    (GM, "store.key", None, 3, "store_key: .*store.key: No such file"),
    (GM, "store.key", "00", 3, "64 hexadecimal digits"),
    (GM, "nodes.yaml", None, 4, "the nodes in .*nodes.yaml cannot be used"),
    (GM, "nodes.yaml", "nodes: 1\n", 4, "cannot be used"),
    (GM, "lamp.yaml", None, 4, "cannot be used"),
    (GM, "nodes.yaml", "nodes: [{name: a, context: lamp.yaml}, {name: b, "
     "context: lamp.yaml}]\n", 4, "cannot be used"),
    (GM, "manager.ccs", None, 6, "credential: .*manager.ccs: No such"),
    (GM, "manager.key", None, 7, "private_key: .*manager.key: No such"),
    (GM, "manager.key", "11" * 32, 7, "not that of the credential"),
    (SERVER, "context.yaml", None, 4, "context.yaml cannot be used"),
    (SERVER, "context.yaml", "type: oscore\n", 4, "cannot be used"),
    (SERVER, "member.yaml", CONTEXT, 5, "it has an address"),
    (SERVER, "member.yaml", "CHECKER", 5, "checker of signatures"),
    (SERVER, "managed.yaml", MANAGED.replace("context", "other"), 6,
     "managed.yaml cannot be used"),
    (SERVER, "rules.json", None, 7, "rules.json cannot be used"),
    (SERVER, "rules.json", "{}", 7, "rules.json cannot be used"),
    (SERVER, "p256.pem", None, 10, "certificate: .*p256.pem: No such"),
    (SERVER, "p256.pem", "nothing", 9, "p256.pem: PEM lib"),
    (SERVER, "p256.key", None, 11, "p256.key: No such"),
    (SERVER, "p256.key", "OTHER", 9, "p256.key: key values mismatch"),
    (SERVER, "p256.key", "OTHER", 15, "is not the key of the certificate"),
    (SERVER, "p256.pem", "nothing", 15, "there is no certificate in it"),
    (SERVER, "ca.pem", None, 17, "trust: .*ca.pem: No such"),
    (SERVER, "ca.pem", "FOLDER", 12, "ca.pem: Is a directory"),
    (PROXY, "p256.pem", None, 2, "p256.pem: No such"),
    (PROXY, "rules.json", None, 3, "rules.json cannot be used"),
    (PROXY, "context.yaml", None, 5, "context.yaml cannot be used"),
    (PROXY, "context.yaml", "CHECKER", 5, "in no group"),
    (PROXY, "checker.yaml", None, 9, "context of a checker"),
    (PROXY, "checker.yaml", CONTEXT, 9, "context of a checker"),
)


class Files(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.kept = tempfile.TemporaryDirectory()
        cls.source = cls.kept.name
        tls_kit.authority(cls.source)
        for name in ("p256", "other"):
            tls_kit.certificate(cls.source, "p256", name=name)
        identity = gm_kit.identity(FLEET).split("'")
        for name, text in (
                ("store.key", "00" * 32), ("lamp.yaml", CONTEXT),
                ("nodes.yaml", "nodes: [{name: a, context: lamp.yaml}]"),
                ("manager.ccs", identity[1]), ("manager.key", identity[3]),
                ("context.yaml", CONTEXT), ("managed.yaml", MANAGED),
                ("member.yaml", json.dumps(group_kit.context(BOTH,
                                                             "client"))),
                ("checker.yaml", json.dumps(group_kit.checker(BOTH)))):
            server_kit.write(cls.source, name, text)
        shutil.copy(RULES, os.path.join(cls.source, "rules.json"))

    @classmethod
    def tearDownClass(cls):
        cls.kept.cleanup()

    def setUp(self):
        own = tempfile.TemporaryDirectory()
        self.addCleanup(own.cleanup)
        self.folder = os.path.join(own.name, "etc")
        shutil.copytree(self.source, self.folder)

    def check(self, program):
        server_kit.write(self.folder, "d.yaml", GOOD[program])
        before = sorted(os.listdir(self.folder))
        got = subprocess.run(
            [program, "--config", os.path.join(self.folder, "d.yaml"),
             "--check-config"], text=True, capture_output=True, check=False,
            timeout=30)
        self.assertEqual(before, sorted(os.listdir(self.folder)))
        return got

    def test_what_is_good(self):
        for program in GOOD:
            got = self.check(program)
            self.assertEqual((0, ""), (got.returncode, got.stderr))

    def replace(self, name, text):
        path = os.path.join(self.folder, name)
        os.remove(path)
        if text == "FOLDER":
            os.mkdir(path)
        elif text in ("OTHER", "CHECKER"):
            shutil.copy(os.path.join(self.folder, {
                "OTHER": "other.key", "CHECKER": "checker.yaml"}[text]), path)
        elif text is not None:
            server_kit.write(self.folder, name, text)

    def test_what_is_wrong_or_missing(self):
        for program, name, text, line, why in FILES:
            with self.subTest(program=os.path.basename(program), name=name,
                              text=text):
                shutil.rmtree(self.folder)
                shutil.copytree(self.source, self.folder)
                self.replace(name, text)
                got = self.check(program)
                self.assertEqual(1, got.returncode, got.stderr)
                self.assertRegex(got.stderr,
                                 rf"(?m)d\.yaml:{line}:\d+: error: .*{why}")

    def test_secrets_of_others(self):
        for program, name, line in ((GM, "store.key", 3),
                                    (GM, "manager.key", 7),
                                    (SERVER, "p256.key", 11),
                                    (SERVER, "p256.key", 15)):
            with self.subTest(name=name, line=line):
                os.chmod(os.path.join(self.folder, name), 0o644)
                got = self.check(program)
                self.assertEqual(1, got.returncode)
                self.assertIn(f"d.yaml:{line}:", got.stderr)
                self.assertNotIn("00000000", got.stderr)


if __name__ == "__main__":
    unittest.main()
