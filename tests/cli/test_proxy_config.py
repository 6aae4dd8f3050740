# SPDX-License-Identifier: BSD-2-Clause
"""What covey-proxy.conf(5) shows is good; what it forbids is refused, with its
line."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import group_kit
import server_kit
import tls_kit

PROGRAM, PAGE, RULES = sys.argv[1:4]
del sys.argv[1:]
HEAD = "listen: [127.0.0.1]\ninsecure: true\n"


def setUpModule():
    """Files that configurations name."""
    global FOLDER
    FOLDER = tempfile.TemporaryDirectory()
    for name in ("c", "c.yaml", "switch.yaml"):
        server_kit.write(FOLDER.name, name, server_kit.CONTEXT)
    for name in ("r", "r.json"):
        shutil.copy(RULES, os.path.join(FOLDER.name, name))
    server_kit.write(FOLDER.name, "checker.yaml",
          json.dumps(group_kit.checker(group_kit.with_checker())))
    tls_kit.authority(FOLDER.name)
    tls_kit.certificate(FOLDER.name, "p256")


def tearDownModule():
    FOLDER.cleanup()


def check(text):
    got = subprocess.run([PROGRAM, "--config", "-", "--check-config"],
                         input=text, text=True, capture_output=True,
                         check=False, timeout=60, cwd=FOLDER.name)
    return got.returncode, got.stderr


class Config(unittest.TestCase):
    def test_page(self):
        with open(PAGE, encoding="utf-8") as page:
            blocks = page.read().split(".Bd -literal")[1:]
        self.assertEqual(1, len(blocks))
        text = blocks[0].split("\n", 1)[1].split(".Ed\n")[0]
        self.assertEqual((0, ""), check(text))

    def test_good(self):
        for text in ("", "clients: []\n", "clients: [{from: '::1'}]\n",
                     "limits: {rate: 0}\n", "shared: true\n",
                     "clients: [{from: ::1, groups: [{address: 224.0.1.187, "
                     "senders: checker.yaml}]}]\n",
                     "clients: [{from: '::1', via: '[::1]:5690'}]\n",
                     "clients: [{from: 127.0.0.0/8, groups: "
                     "[{address: '[ff05::fd]:5685'}]}]\n"):
            self.assertEqual((0, ""), check(HEAD + text))
        context = "clients: [{context: c.yaml, state: c.state, ahead: 1}]\n"
        for text in ("listen: [127.0.0.1]\n", "listen: [0.0.0.0, '::']\n",
                     "listen: ['192.0.2.1:5684']\ninsecure: false\n",
                     "tcp: ['192.0.2.1:5684', '[::1]:0']\n",
                     "dtls: [{address: 192.0.2.1, certificate: p256.pem, "
                     "private_key: p256.key}]\n",
                     "schc: [{address: 192.0.2.1, rules: r.json}]\n",
                     "tcp: ['::1']\nonward: {rules: r.json, sends: down, "
                     "token_length: 1, message_ids: 0-15}\n"):
            self.assertEqual((0, ""), check(text + context))

    def test_refused(self):
        good = "clients: [{from: 127.0.0.1, "
        cases = [
            ("listen: [127.0.0.1]\n", 1),
            ("insecure: true\n", 1),
            (HEAD + "shared: true\nclients: [{context: c.yaml, "
             "state: c.state}]\n", 3),
            (HEAD + "shared: 1\n", 3),
            ("tcp: [192.0.2.1]\ninsecure: true\n", 1),
            ("dtls: [{address: 192.0.2.1}]\n", 1),
            ("dtls: [{address: ::1, keys: [{identity: a, file: none}]}]\n",
             1),
            (HEAD + "clients: [{peer: lamp}]\n", 3),
            (HEAD + "clients: [{peer: 'psk:a', from: ::1}]\n", 3),
            (HEAD + "clients: [{peer: 'psk:a', context: c, state: s}]\n", 3),
            ("listen: [::1]\nclients: [{peer: 'psk:a'}]\n", 1),
            # Names are those of DTLS, certificates of ITS are shown over TLS.
            (HEAD + "clients: [{peer: 'psk:a'}]\n", 3),
            ("tls: [{address: ::1, psk: {identity: a, key: '" + 32 * "0" + "'}}]\n"
             "clients: [{peer: 'psk:a'}]\n", 2),
            ("dtls: [{address: ::1, certificate: p256.pem, private_key: "
             "p256.key}]\nclients: [{its: [{psid: 36}]}]\n", 2),
            ("schc: [{address: 192.0.2.1, rules: r}]\ninsecure: true\n", 1),
            (HEAD + "tcp: [{address: ::1}]\n", 3),
            (HEAD + "schc: [127.0.0.1]\n", 3),
            (HEAD + "schc: [{address: 127.0.0.1}]\n", 3),
            (HEAD + "schc: [{rules: r}]\n", 3),
            (HEAD + "schc: [{address: ::1, rules: r, sends: left}]\n", 3),
            (HEAD + "schc: [{address: ::1, rules: r, message_ids: 1-2}]\n",
             3),
            (HEAD + "onward: {sends: up}\n", 3),
            (HEAD + "onward: {rules: r, token_length: 0}\n", 3),
            (HEAD + "onward: {rules: r, token_length: 9}\n", 3),
            ("listen: []\ninsecure: true\n", 1),
            ("tcp: []\ndtls: []\n", 1),
            ("listen: [127.0.0.1]\ninsecure: false\n", 2),
            ("listen: [0.0.0.0]\ninsecure: true\n", 1),
            ("listen: ['::']\ninsecure: true\n", 1),
            ("listen: [192.0.2.1]\ninsecure: true\n", 1),
            ("listen: ['127.0.0.1:65536']\ninsecure: true\n", 1),
            ("listen: ['[::1']\ninsecure: true\n", 1),
            (HEAD + "no: 1\n", 3),
            ("listen: [224.0.1.187]\ninsecure: true\n", 1),
            ("listen: [192.0.2.1]\ninsecure: true\n"
             "clients: [{from: 192.0.2.9}]\n", 1),
            ("listen: [127.0.0.1]\nclients: [{context: c, state: s},\n"
             " {from: 127.0.0.1}]\n", 1),
            (HEAD + "clients: [{context: c}]\n", 3),
            (HEAD + "clients: [{context: c, state: s, from: ::1}]\n", 3),
            (HEAD + "clients: [{context: c, state: s, ahead: 0}]\n", 3),
            (HEAD + "clients: [{groups: []}]\n", 3),
            (HEAD + "clients: [{from: 192.0.2.0/33}]\n", 3),
            (HEAD + "clients: [{from: lamp}]\n", 3),
            (HEAD + "clients: [{from: 224.0.1.187}]\n", 3),
            (HEAD + good + "groups: [{interface: lo}]}]\n", 3),
            (HEAD + good + "groups: [{address: 192.0.2.1}]}]\n", 3),
            (HEAD + good + "groups: [{address: 224.0.1.187, "
             "interface: nosuch}]}]\n", 3),
            (HEAD + good + "servers: [224.0.0.0/4]}]\n", 3),
            (HEAD + good + "servers: ['ff05::/16']}]\n", 3),
            (HEAD + good + "via: 224.0.1.187}]\n", 3),
            (HEAD + good + "via: proxy}]\n", 3),
            (HEAD + good + "groups: [{address: 224.0.1.187, senders: []}]}]"
             "\n", 3),
            (HEAD + "limits: {margin: 0}\n", 3),
            (HEAD + "limits: {requests: 0}\n", 3),
            (HEAD + "limits: {rate: -1}\n", 3),
            (HEAD + "limits: {speed: 1}\n", 3),
        ]
        for text, line in cases:
            with self.subTest(text=text):
                status, said = check(text)
                self.assertEqual(1, status)
                self.assertIn(f"standard input:{line}:", said)

    def test_holds_nothing_of_groups_and_stores(self):
        """Who multicasts for strangers cannot have their keys."""
        names = subprocess.run(["nm", PROGRAM], text=True, check=True,
                               capture_output=True).stdout
        self.assertIn("covey_proxy_allow", names)
        for word in ("covey_manager_", "sqlite3_", " PQ"):
            self.assertNotIn(word, names)
        # Who checks signatures needs what is signed, which is no key.
        header = os.path.join(os.path.dirname(PAGE),
                              "../../include/covey/group_aad.h")
        with open(header, encoding="utf-8") as file:
            allowed = set(re.findall(r"covey_group_\w+(?=\()", file.read()))
        self.assertTrue(allowed)
        self.assertLessEqual(set(re.findall(r"covey_group_\w+", names)),
                             allowed)


if __name__ == "__main__":
    unittest.main()
